"""A sentence splitter trained on reviews that people cut into sentences: spaCy's `senter`.

Rules (`corpus.sentence_rules`) need no training and are some twenty times as fast. A trained splitter knows where they
let sentences start, and learns what the annotators of its corpora take for one stretch (whether a heading stands alone,
whether questions in a row are one). On reviews that were cut by other habits it does worse than the rules: its report
says how well it does on papers that it did not see, and how well the rules do on these.
"""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import spacy
from spacy.language import Language
from spacy.training import Example
from spacy.util import fix_random_seed, minibatch

from corpus import sentence_rules
from corpus.sentence_rules import skip_space
from corpus.sentences import SentenceError
from corpus.store import Snapshot
from corpus.trained_sentences import REPORT, TrainedSplitter, starts, tokens

FEWEST = 20  # papers
LABELLED = 0.9  # share of the segments of a review that people labelled: below it they may not be people's
EPOCHS, PATIENCE, BATCH = 30, 4, 8  # reviews a batch; epochs without a better F1 on development papers
#: Two words before and after, their forms and shapes, and where the rules let sentences start.
MODEL = {
    "@architectures": "spacy.Tagger.v2",
    "tok2vec": {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {
            "@architectures": "spacy.MultiHashEmbed.v2",
            "width": 16,
            "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE", "SPACY", "SENT_START"],
            "rows": [4000, 1000, 1000, 1000, 10, 10],
            "include_static_vectors": False,
        },
        "encode": {
            "@architectures": "spacy.MaxoutWindowEncoder.v2",
            "width": 16,
            "depth": 2,
            "window_size": 1,
            "maxout_pieces": 2,
        },
    },
}


class Moment(NamedTuple):
    """How far training is; `learning` has a row an epoch: epoch, layer (null), loss, F1 on development papers."""

    stage: str
    done: int
    of: int
    learning: list[dict[str, Any]]


class Cut(NamedTuple):
    """A review that people cut: its text and where its sentences start, in characters of ink; the first is left out."""

    corpus: str
    paper: str
    text: str
    starts: tuple[int, ...]


def train_sentences(
    db: Path,
    to: Path,
    *,
    corpora: Sequence[str] = (),
    seed: int = 0,
    progress: Callable[[Moment], None] | None = None,
) -> dict[str, Any]:
    """Trains a splitter on the reviews of a store that people cut and labelled, and writes it to the folder `to`.

    Papers are split: a fifth is held out for the report, an eighth of the rest decides when to stop. A splitter that
    was there is replaced; the folder is whole or not there. Returns the report (also `sentences.json` there), which has
    F1 of this splitter and of the rules on the held-out papers, for each corpus and all. SentenceError where fewer than
    20 papers are cut into sentences by people, or `to` is something else.
    """
    began = time.perf_counter()
    if to.exists() and not (to / REPORT).is_file() and (not to.is_dir() or any(to.iterdir())):
        raise SentenceError(f"{to}: this is there already and is no sentence splitter. Name another folder.")
    cuts, fingerprint = _read(db, corpora)
    training, development, held_out = _split(cuts, seed)
    nlp, learning = _learn(training, development, seed, progress or (lambda _: None))
    report: dict[str, Any] = {
        "name": to.name,
        "corpora": sorted({cut.corpus for cut in cuts}),
        "seed": seed,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "training": {**_size(training + development), "fingerprint": fingerprint},
        "held_out": _measure(held_out, TrainedSplitter(nlp, {}, "")),
        "learning": learning,
        "versions": _versions(),
    }
    report["training"]["seconds"] = round(time.perf_counter() - began, 1)
    _write(nlp, report, to)
    return report


def _read(db: Path, corpora: Sequence[str]) -> tuple[list[Cut], str]:
    """The reviews that people cut, and the fingerprint of the store; those with labels of models only are not among."""
    snapshot = Snapshot.open(db)
    try:
        known = {corpus for (corpus,) in snapshot.rows("SELECT DISTINCT corpus FROM papers")}
        if unknown := sorted(set(corpora) - known):
            raise SentenceError(f"{db}: there is no corpus {unknown[0]}, only {', '.join(sorted(known))}.")
        rows = snapshot.rows(
            "SELECT r.review_id, p.corpus, p.paper_key, s.text, "
            "EXISTS (FROM labels l WHERE l.segment_id = s.segment_id AND l.annotator NOT LIKE 'model:%') "
            "FROM segments s JOIN reviews r USING (review_id) JOIN papers p USING (paper_id) "
            "ORDER BY p.corpus, p.paper_key, r.review_key, r.review_id, s.position"
        )
        fingerprint = snapshot.fingerprint
    finally:
        snapshot.close()
    cuts = []
    for (_, corpus, paper), found in groupby(rows, key=lambda row: row[:3]):
        segments = [(text, labelled) for *_, text, labelled in found]
        inked = [labelled for text, labelled in segments if text.strip()]
        if (not corpora or corpus in corpora) and len(inked) > 1 and sum(inked) >= LABELLED * len(inked):
            cuts.append(_cut(corpus, paper, [text for text, _ in segments]))
    if (n := len({cut[:2] for cut in cuts})) < FEWEST:
        where = f" of {', '.join(corpora)}" if corpora else ""
        raise SentenceError(
            f"{db}: {n} papers{where} have reviews that people cut into sentences and labelled; it takes {FEWEST}."
        )
    return cuts, fingerprint


def _cut(corpus: str, paper: str, segments: Sequence[str]) -> Cut:
    text, starts = "".join(segments), []
    at, first = 0, skip_space(text, 0)
    for segment in segments:
        if segment.strip() and (start := skip_space(text, at)) > first:
            starts.append(start)
        at += len(segment)
    return Cut(corpus, paper, text, tuple(starts))


def _split(cuts: Sequence[Cut], seed: int) -> tuple[list[Cut], list[Cut], list[Cut]]:
    """By papers, at random: seven to learn from, one to know when to stop, two to measure on."""
    papers = sorted({cut[:2] for cut in cuts})
    random.Random(seed).shuffle(papers)  # noqa: S311
    tenth = len(papers) / 10
    held_out, development = set(papers[: round(2 * tenth)]), set(papers[round(2 * tenth) : round(3 * tenth)])
    parts: tuple[list[Cut], list[Cut], list[Cut]] = ([], [], [])
    for cut in cuts:
        parts[2 if cut[:2] in held_out else 1 if cut[:2] in development else 0].append(cut)
    return parts


def _learn(
    training: Sequence[Cut], development: Sequence[Cut], seed: int, progress: Callable[[Moment], None]
) -> tuple[Language, list[dict[str, Any]]]:
    """Trains until F1 on the development papers no longer grows; the best epoch stands."""
    fix_random_seed(seed)
    nlp = spacy.blank("en")
    senter: Any = nlp.add_pipe("senter", config={"model": MODEL, "overwrite": True})
    examples = [_example(nlp, cut) for cut in training]
    optimizer = nlp.initialize(lambda: examples)
    learning: list[dict[str, Any]] = []
    best, best_state, best_epoch = -1.0, b"", 0
    order = random.Random(seed)  # noqa: S311
    for epoch in range(EPOCHS):
        order.shuffle(examples)
        losses: dict[str, float] = {}
        for batch in minibatch(examples, BATCH):
            nlp.update(batch, sgd=optimizer, losses=losses, drop=0.1)
        with nlp.use_params(optimizer.averages):
            f1 = _score(development, partial(starts, nlp))["f1"]
            if f1 > best:
                best, best_state, best_epoch = f1, senter.to_bytes(), epoch
        learning.append({"epoch": epoch, "layer": None, "loss": round(losses["senter"], 2), "f1": round(f1, 4)})
        progress(Moment("learning", epoch + 1, EPOCHS, list(learning)))
        if epoch - best_epoch >= PATIENCE:
            break
    senter.from_bytes(best_state)
    return nlp, learning


def _example(nlp: Language, cut: Cut) -> Example:
    starts = {skip_space(cut.text, 0), *cut.starts}
    doc, offsets = tokens(nlp, cut.text)
    known, _ = tokens(nlp, cut.text)
    for token, offset in zip(known, offsets, strict=True):
        token.is_sent_start = offset in starts
    return Example(doc, known)


def _score(cuts: Sequence[Cut], split: Callable[[str], list[int]]) -> dict[str, float]:
    """Precision, recall and F1 of the starts of sentences but the first of each review; 0 where nothing is right."""
    hits = found = gold = 0
    for cut in cuts:
        starts = {start for start in split(cut.text) if start > skip_space(cut.text, 0)}
        hits, found, gold = hits + len(starts.intersection(cut.starts)), found + len(starts), gold + len(cut.starts)
    shares = {"precision": hits / max(1, found), "recall": hits / max(1, gold), "f1": 2 * hits / max(1, found + gold)}
    return {name: round(share, 4) for name, share in shares.items()}


def _measure(cuts: Sequence[Cut], splitter: TrainedSplitter) -> dict[str, Any]:
    """F1 of the splitter and of the rules, for all and each corpus, and their speed."""
    told: dict[str, Any] = {
        **_size(cuts),
        **_score(cuts, splitter),
        "rules_f1": _score(cuts, sentence_rules.starts)["f1"],
    }
    told["corpora"] = [
        {
            "corpus": corpus,
            **_size(some),
            **_score(some, splitter),
            "rules_f1": _score(some, sentence_rules.starts)["f1"],
        }
        for corpus in sorted({cut.corpus for cut in cuts})
        if (some := [cut for cut in cuts if cut.corpus == corpus])
    ]
    for name, split in (("mb_per_second", splitter), ("rules_mb_per_second", sentence_rules.starts)):
        began = time.perf_counter()
        for cut in cuts:
            split(cut.text)
        told[name] = round(sum(len(cut.text.encode()) for cut in cuts) / 1e6 / (time.perf_counter() - began), 2)
    return told


def _size(cuts: Sequence[Cut]) -> dict[str, int]:
    return {
        "n_papers": len({cut[:2] for cut in cuts}),
        "n_reviews": len(cuts),
        "n_sentences": sum(len(cut.starts) + 1 for cut in cuts),
    }


def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("reviewscope", "spacy", "thinc", "numpy")}


def _write(nlp: Language, report: Mapping[str, Any], to: Path) -> None:
    """A folder is whole or not there: it is written beside, then takes its place."""
    partial = to.with_name(f"{to.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        nlp.to_disk(partial)
        (partial / REPORT).write_text(json.dumps(report, indent=1), "utf-8")
        if to.exists():
            shutil.rmtree(to)
        partial.rename(to)
    except OSError as error:
        raise SentenceError(f"{to}: it cannot be written: {error.strerror or error}.") from error
