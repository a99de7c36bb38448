"""Training a labeller: learn from labelled papers, tune on papers left out in turn, check on a fifth kept apart."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from spacy.language import Language
from spacy.training import Example
from spacy.vocab import Vocab

from corpus.judgements import settle
from corpus.labeller.answers import ENOUGH_PAPERS, POLARITIES, Answered, answered, digest
from corpus.labeller.answers import heads as learnable
from corpus.labeller.component import blended
from corpus.labeller.directory import Trained, free, save, version_of
from corpus.labeller.documents import document, tell
from corpus.labeller.errors import LabellerError
from corpus.labeller.figures import Checked, figures
from corpus.labeller.fitting import (
    EPOCHS,
    FOLDS,
    Labelled,
    answers,
    best_epochs,
    first_stage,
    fit_second,
    folds,
    labeller,
    second_inputs,
    shares,
)
from corpus.labeller.linear import Head, probabilities
from corpus.labeller.model import second_stage
from corpus.labeller.policy import learnt
from corpus.schemes import scheme as scheme_of
from corpus.store import Snapshot

_CHECKED = 5  # one paper in so many is kept apart for the report
_TELLING = 80  # characters from which on two reviews are not the same by chance
_SHORTEST = 0.005  # the share of labelled sentences that are shorter than any that is labelled


class Moment(NamedTuple):
    """How far training is: what it does, steps done of how many, and the learning curves so far (see the report)."""

    stage: str
    done: int
    of: int
    learning: list[dict[str, Any]]


Progress = Callable[[Moment], None]


def train(
    db: Path,
    scheme: str,
    to: Path,
    *,
    corpora: Sequence[str] = (),
    also: Sequence[str] = (),
    name: str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Trains a labeller on what people said in the store at `db`, saves it as the directory `to`, returns its report.

    corpora   whose papers are learnt from; none named: all
    also      further schemes whose labels are learnt beside, so that their guesses can help; it does not label by them
    name      of the model; else the scheme's
    seed      of the split of papers and of the order of sentences: the same seed and labels give the same model
    Raises LabellerError where there is too little to learn from or `to` is taken, StoreError where the store is none.
    """
    began = time.monotonic()
    name = free(to, name or scheme)
    settle(db)
    snapshot = Snapshot.open(db)
    found = answered(snapshot.frames, scheme, also, corpora)
    snapshot.close()
    heads = learnable(found, scheme, also)
    course = _Course(progress)
    reviews = documents(found)
    if (distinct := len({each.paper for each in reviews})) < ENOUGH_PAPERS:
        raise LabellerError(
            f"But for copies of one review, {distinct} papers are labelled here, and {ENOUGH_PAPERS} are needed."
        )
    own = _labelled_by(found, scheme)
    at = _folds(reviews, own, _CHECKED, seed, others=False)
    rest, apart = (
        [each for each, fold in zip(reviews, at, strict=True) if (fold == 0) == kept] for kept in (False, True)
    )
    tuned = _tuned(rest, heads, seed, course, own)
    checked, speed = _checked(tuned.nlp, apart, heads, found, at == 0)
    policy = learnt(tuned.found, tuned.gold, tuned.known, heads)
    final = first_stage(reviews, heads, epochs=tuned.epochs, seed=seed, each=course.epoch("Learning from all papers"))
    _second_from(tuned.nlp, final)
    labeller(final).cfg |= {"policy": policy.table(), "shortest": _shortest(found)}
    fingerprint = _fingerprint(found)
    version = version_of(fingerprint, scheme, tuple(also), seed)
    report: dict[str, Any] = {
        "name": name,
        "version": version,
        "annotator": f"model:{name}@{version}",
        "scheme": scheme,
        "title": scheme_of(scheme).title,
        "also": list(also),
        "corpora": sorted({paper.partition("/")[0] for paper in found.reviews["paper"]}),
        "seed": seed,
        "epochs": tuned.epochs,
        "second_stage": {f"{h.layer} {h.what}": share for h, share in zip(heads, tuned.blend, strict=True)},
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "training": {"fingerprint": fingerprint, **_sizes(reviews), "seconds": round(time.monotonic() - began, 1)},
        "held_out": {**_sizes(apart), "how": f"one paper in {_CHECKED}, chosen by seed {seed}"},
        **figures(checked, heads, policy),
        "learning": tuned.curves,
        "speed": {"segments_per_second": round(speed)},
    }
    trained = Trained(final, report, checked, [digest(texts) for texts in found.reviews["texts"]])
    course.tell("Writing")
    return save(to, trained)


def documents(found: Answered) -> list[Labelled]:
    """Every review as an example of spaCy's: the document without and with what people said."""
    vocab = Vocab()
    rows = found.answers.with_columns(
        pl.col("polarity").replace_strict(POLARITIES, default="null", return_dtype=pl.String).alias("sign")
    )
    said: dict[int, list[tuple[str, str, str, str]]] = {}
    for segment, *rest in rows.select("segment_id", "scheme", "layer", "code", "sign").iter_rows():
        said.setdefault(segment, []).append(tuple(rest))
    made = []
    papers = _joined(found)
    for row in found.reviews.iter_rows(named=True):
        bare, told = (document(vocab, row["texts"], row["fields"], row["kind"]) for _ in range(2))
        tell(told, ((at, *each) for at, segment in enumerate(row["segment_ids"]) for each in said.get(segment, ())))
        made.append(Labelled(Example(bare, told), papers[row["paper"]]))
    return made


def _joined(found: Answered) -> dict[str, str]:
    """A name for each paper, the same for papers that share a review: a copy must not be checked on its original."""
    names: dict[str, str] = {paper: paper for paper in found.reviews["paper"]}
    first: dict[str, str] = {}

    def root(paper: str) -> str:
        while names[paper] != paper:
            paper = names[paper]
        return paper

    for paper, texts in found.reviews.select("paper", "texts").iter_rows():
        if sum(map(len, texts)) >= _TELLING:
            names[root(paper)] = root(first.setdefault(digest(texts), paper))
    return {paper: root(paper) for paper in names}


def _labelled_by(found: Answered, scheme: str) -> set[str]:
    """The papers, as `documents` names them, with answers by a scheme."""
    there = found.reviews.select("paper", pl.col("segment_ids").alias("segment_id")).explode("segment_id")
    told = there.join(found.answers.filter(pl.col("scheme") == scheme), on="segment_id", how="semi")
    names = _joined(found)
    return {names[paper] for paper in told["paper"].unique()}


def _folds(reviews: Sequence[Labelled], own: Collection[str], n: int, seed: int, others: bool = True) -> np.ndarray:
    """The fold of each review: papers of the scheme are shared out among themselves, and so are those learnt beside.

    Without `others` these are in no fold: -1.
    """
    made = np.full(len(reviews), -1)
    ours = np.array([each.paper in own for each in reviews], bool)
    for part in (ours, ~ours) if others else (ours,):
        if part.any():
            made[part] = folds([each.paper for each, here in zip(reviews, part, strict=True) if here], n, seed)
    return made


class _Tuned(NamedTuple):
    nlp: Language
    epochs: int
    curves: list[dict[str, Any]]
    blend: list[float]
    found: np.ndarray
    gold: np.ndarray
    known: np.ndarray


def _tuned(rest: Sequence[Labelled], heads: Sequence[Head], seed: int, course: _Course, own: Collection[str]) -> _Tuned:
    """A model of the papers that are not kept apart, and its guesses on each of them while it was left out."""
    fold = _folds(rest, own, FOLDS, seed + 1)
    sizes = [each.n_segments for each in rest]
    row_fold = np.repeat(fold, sizes)
    gold, known = answers(rest, heads)
    first = np.zeros(gold.shape, np.float32)

    def part(of: int, out: bool) -> list[Labelled]:
        return [each for each, at in zip(rest, fold, strict=True) if (at == of) == out]

    epochs, curves = best_epochs(part(0, False), part(0, True), heads, seed=seed, each=course.curves)
    course.expect(FOLDS + 2, epochs)
    for of in range(FOLDS):
        each = course.epoch(f"Leaving out papers, part {of + 1} of {FOLDS}")
        nlp = first_stage(part(of, False), heads, epochs=epochs, seed=seed, each=each)
        first[row_fold == of] = labeller(nlp).raw([each.doc for each in part(of, True)])
    nlp = first_stage(
        rest, heads, epochs=epochs, seed=seed, each=course.epoch("Learning from the papers not kept apart")
    )
    inputs = second_inputs(rest, first)
    second = np.zeros(gold.shape, np.float32)
    for of in range(FOLDS):
        course.tell(f"Leaning on the sentences around, part {of + 1} of {FOLDS + 1}")
        rows = row_fold != of
        fit_second(nlp, inputs[rows], gold[rows], known[rows], heads, seed=seed)
        second[~rows] = probabilities(second_stage(labeller(nlp).model).predict(inputs[~rows]), heads)
    course.tell(f"Leaning on the sentences around, part {FOLDS + 1} of {FOLDS + 1}")
    fit_second(nlp, inputs, gold, known, heads, seed=seed)
    blend = shares(first, second, gold, known, heads)
    labeller(nlp).cfg["blend"] = blend
    return _Tuned(nlp, epochs, curves, blend, blended(first, second, heads, blend), gold, known)


def _second_from(tuned: Language, final: Language) -> None:
    """The second stage learnt from guesses on unseen sentences, which only the papers not kept apart have."""
    second_stage(labeller(final).model).from_bytes(second_stage(labeller(tuned).model).to_bytes())
    labeller(final).cfg["blend"] = labeller(tuned).cfg["blend"]


def _checked(
    nlp: Language, apart: Sequence[Labelled], heads: Sequence[Head], found: Answered, rows: np.ndarray
) -> tuple[Checked, float]:
    """What the model says of the papers kept apart, and how many sentences it looks at in a second."""
    reviews = found.reviews.filter(pl.Series(rows))
    sentences = reviews.select(pl.col("segment_ids").alias("segment_id"), "paper", "kind").explode("segment_id")
    told = found.answers.filter(pl.col("scheme") == heads[0].scheme).drop("scheme")
    told = told.join(sentences, on="segment_id", how="semi")
    gold, known = answers(apart, heads)
    began = time.perf_counter()
    raw = labeller(nlp).raw([each.doc for each in apart])
    return Checked(sentences, told, raw, gold, known), len(raw) / max(time.perf_counter() - began, 1e-9)


def _shortest(found: Answered) -> int:
    """Characters below which hardly a sentence was labelled."""
    rows = found.reviews.select("segment_ids", "texts").explode("segment_ids", "texts")
    labelled = rows.join(found.answers, left_on="segment_ids", right_on="segment_id", how="semi")
    lengths = labelled["texts"].str.strip_chars().str.len_chars()
    return int(lengths.quantile(_SHORTEST) or 0)


def _sizes(reviews: Sequence[Labelled]) -> dict[str, int]:
    n = sum(each.n_segments for each in reviews)
    return {"n_papers": len({each.paper for each in reviews}), "n_reviews": len(reviews), "n_segments": n}


def _fingerprint(found: Answered) -> str:
    """Of all that is learnt from, in whatever order it was read and whatever the numbers of its rows."""
    places = found.reviews.select(
        pl.Series("review", [digest(texts) for texts in found.reviews["texts"]]),
        "paper",
        pl.col("segment_ids").alias("segment_id"),
    ).explode("segment_id")
    places = places.with_columns(pl.int_range(pl.len()).over("paper", "review").alias("at"))
    rows = places.join(found.answers, on="segment_id").drop("segment_id").sort(pl.all(), nulls_last=True)
    return hashlib.sha256(rows.write_csv().encode()).hexdigest()


class _Course:
    """Counts the steps of a training and tells them on."""

    def __init__(self, progress: Progress | None):
        self._progress, self._done = progress, 0
        self._of = (FOLDS + 3) * EPOCHS + FOLDS + 2  # until it is known how many epochs serve best
        self._curves: list[dict[str, Any]] = []

    def expect(self, fits: int, epochs: int) -> None:
        self._of = self._done + fits * epochs + FOLDS + 2

    def curves(self, epoch: int, curves: list[dict[str, Any]]) -> None:
        self._curves = curves
        self.tell("Finding how long to learn")

    def epoch(self, stage: str) -> Callable[[int, Language, float], bool]:
        def each(_epoch: int, _nlp: Language, _loss: float) -> bool:
            self.tell(stage)
            return False

        return each

    def tell(self, stage: str) -> None:
        self._done += 1
        if self._progress:
            self._progress(Moment(stage, self._done, max(self._of, self._done + 1), list(self._curves)))
