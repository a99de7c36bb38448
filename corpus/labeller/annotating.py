"""Labelling a store: a model's labels take the place of its earlier ones, those of people are never touched.

Guesses are kept beside the store, part by part, until all are made: what is interrupted goes on where it was, and the
store changes once, at the end, or not at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from filelock import FileLock, Timeout
from spacy.tokens import Doc
from spacy.vocab import Vocab

from corpus.judgements import settle
from corpus.labeller.answers import digest, sentences
from corpus.labeller.directory import Labeller, refuse_strangers
from corpus.labeller.documents import document
from corpus.labeller.errors import LabellerError
from corpus.labeller.figures import confusion, labels
from corpus.labeller.linear import CODES
from corpus.labeller.policy import NEVER, PRECISIONS
from corpus.relabelling import ModelRecord, Relabelled, fingerprint_of, relabel
from corpus.store import Snapshot

PRECISION = 0.7  # stated where nothing else is
_PART = 250  # reviews
_WAIT = 60  # seconds for another writer of the store to be done
_VOCABULARY = 200_000  # words a spaCy vocabulary may hold before it is made anew

#: Told how many reviews are done, and of how many.
Progress = Callable[[int, int], None]


class Annotated(NamedTuple):
    """What an annotation did.

    written     what became of the store
    n_reviews, n_segments   how many it was shown
    n_learnt    how many of the reviews it learnt from: there it is right more often than elsewhere
    shares      by layer: of the sentences that the layer is about, the share that got a label, 0 to 1; none where there
                are no such sentences
    """

    written: Relabelled
    n_reviews: int
    n_segments: int
    n_learnt: int
    shares: dict[str, float]


def annotate(
    db: Path,
    labeller: Labeller,
    *,
    within: Sequence[int] | pl.Series | None = None,
    of: str | None = None,
    precision: float | None = PRECISION,
    progress: Progress | None = None,
) -> Annotated:
    """Labels the sentences of the store at `db`.

    within      segment_ids, whose reviews are labelled as a whole; null: all
    of          fingerprint of the snapshot that they are numbered in
    precision   one of PRECISIONS: labels that are less likely right than that are not given; null: every question is
                answered, as serves F1 best
    Raises LabellerError where there is nothing to label, the precision is none of those, or labels of this model at
    another precision would stand beside the new ones; StoreError where the store cannot be written.
    """
    if precision is not None and precision not in PRECISIONS:
        raise LabellerError(f"A precision of {precision:g} cannot be stated: use one of {_listed()}.")
    if within is None:
        settle(db)
    fingerprint_of(db, of)
    snapshot = Snapshot.open(db)
    refuse_strangers(labeller)
    if within is not None:
        _check_precision(snapshot, labeller, precision)
    reviews = _reviews(snapshot, labeller, within)
    n_shown = _shown(snapshot, labeller, reviews)
    snapshot.close()
    if not reviews.height:
        kinds = " or ".join(_kinds(labeller))
        raise LabellerError(f"{db}: there is no sentence of a {kinds} to label in this selection.")
    # Whole reviews: a share of what a model says is a share of all that it was shown, and that is told by the review.
    chosen = reviews["segment_ids"].explode()
    with _alone(db):
        parts = _parts(_folder(db, labeller, reviews, precision), labeller, reviews, precision, progress)
        written = relabel(
            db,
            labeller.annotator,
            (pl.read_parquet(part) for part in parts),
            within=None if within is None else chosen,
            record=record(labeller, precision, n_shown),
            of=_unmoved(db, labeller, reviews),
            wait=_WAIT,
        )
        n_learnt = sum(digest(texts) in labeller.seen for texts in reviews["texts"])
        done = Annotated(written, reviews.height, len(chosen), n_learnt, _shares(parts, reviews, labeller))
        shutil.rmtree(_beside(db), ignore_errors=True)
    return done


def _unmoved(db: Path, labeller: Labeller, reviews: pl.DataFrame) -> str:
    """The fingerprint of the store as it is now; LabellerError where the reviews are not what they were.

    People may have judged meanwhile, which moves no sentence.
    """
    snapshot = Snapshot.open(db)
    now = _reviews(snapshot, labeller, reviews["segment_ids"].explode())
    fingerprint = snapshot.fingerprint
    snapshot.close()
    if _digest(now) != _digest(reviews):
        raise LabellerError(f"{db}: reviews have been read again meanwhile, and nothing was written. Try again.")
    return fingerprint


def _digest(reviews: pl.DataFrame) -> str:
    """Of what sentences are called and say."""
    told = hashlib.sha256()
    for row in reviews.select("review_id", "kind", "segment_ids", "texts").iter_rows():
        told.update(repr(row).encode())
    return told.hexdigest()


def _parts(
    folder: Path, labeller: Labeller, reviews: pl.DataFrame, precision: float | None, progress: Progress | None
) -> list[Path]:
    """Labels the reviews that are not labelled yet; the files that hold the labels."""
    parts = [folder / f"part-{start:08}.parquet" for start in range(0, reviews.height, _PART)]
    for number, part in enumerate(parts):
        if not _whole(part):
            made = _labelled(labeller, reviews[number * _PART : (number + 1) * _PART], precision)
            partial = part.with_suffix(".partial")
            made.write_parquet(partial)
            os.replace(partial, part)
        if progress:
            progress(min((number + 1) * _PART, reviews.height), reviews.height)
    return parts


def _whole(part: Path) -> bool:
    try:
        return part.exists() and bool(pl.read_parquet_schema(part))
    except (OSError, pl.exceptions.PolarsError):
        return False


def record(labeller: Labeller, precision: float | None, n_segments: int | None = None) -> ModelRecord:
    """What the store is told of a labeller: its report, and how well it knows each code on the papers kept apart.

    n_segments   how many it was shown
    """
    component, checked, report = labeller.component, labeller.checked, labeller.report
    found = component.policy.calibrated(checked.raw)
    given = labels(checked.sentences, found, component.heads, component.policy, precision)
    best = {(row["layer"], row["code"], row["polarity"]): row["f1"] for row in report["codes"]}
    codes = confusion(checked, given, component.heads).with_columns(
        pl.lit(labeller.scheme).alias("scheme"),
        pl.struct("layer", "code", "polarity")
        .map_elements(lambda row: best.get((row["layer"], row["code"], row["polarity"])), pl.Float64)
        .alias("best_f1"),
    )
    thresholds = pl.DataFrame(_thresholds(labeller, precision), schema=["layer", "code", "threshold"], orient="row")
    codes = codes.join(thresholds.cast({"layer": pl.String, "code": pl.String}), on=["layer", "code"], how="left")
    codes = codes.with_columns(pl.when(pl.col("polarity").is_null()).then("threshold").alias("threshold"))
    told = {key: report[key] for key in report if key != "learning"}
    made = datetime.fromisoformat(report["made_at"]).astimezone(UTC).replace(tzinfo=None)
    name, version = report["name"], report["version"]
    about = (labeller.annotator, labeller.scheme, name, version, made, precision, json.dumps(told))
    return ModelRecord(*about, codes, n_segments)


def _thresholds(labeller: Labeller, precision: float | None) -> Iterator[tuple[str, str, float]]:
    """The confidence above which each code is given; none for codes that exclude each other at the best F1."""
    policy = labeller.component.policy
    for head in labeller.component.heads:
        if head.what == CODES and head.scheme == labeller.scheme and not (precision is None and head.single):
            values = policy.best if precision is None else policy.precise[f"{precision:.2f}"]
            for at, name in enumerate(head.names):
                if values[head.start + at] < NEVER:
                    yield head.layer, name, float(values[head.start + at])


def _reviews(snapshot: Snapshot, labeller: Labeller, within: Sequence[int] | pl.Series | None) -> pl.DataFrame:
    """The reviews to look at, whole; kinds that the labeller knows."""
    found = sentences(snapshot.frames).filter(pl.col("kind").is_in(_kinds(labeller))).sort("review_id").collect()
    if within is None:
        return found
    chosen = pl.DataFrame({"segment_ids": pl.Series(within, dtype=pl.UInt32)})
    has = found.select("review_id", "segment_ids").explode("segment_ids").join(chosen, on="segment_ids", how="semi")
    return found.join(has, on="review_id", how="semi").sort("review_id")


def _kinds(labeller: Labeller) -> list[str]:
    """The kinds of reviews that it says something of."""
    own = (head for head in labeller.component.heads if head.scheme == labeller.scheme)
    return sorted({kind for head in own for kind in head.kinds})


def _shown(snapshot: Snapshot, labeller: Labeller, reviews: pl.DataFrame) -> int:
    """Sentences of these reviews and of those that it labelled before."""
    frames = snapshot.frames
    before = frames.labels.filter(pl.col("annotator").cast(pl.String) == labeller.annotator).select("review_id")
    every = pl.concat([before, reviews.lazy().select("review_id")]).unique()
    return frames.segments.join(every, on="review_id", how="semi").select(pl.len()).collect().item()


def documents(vocab: Vocab, reviews: pl.DataFrame) -> list[Doc]:
    """spaCy documents of reviews as `answers.sentences` gives them."""
    columns = ("texts", "fields", "kind")
    return [document(vocab, *row) for row in reviews.select(columns).iter_rows()]


def _labelled(labeller: Labeller, reviews: pl.DataFrame, precision: float | None) -> pl.DataFrame:
    component = labeller.component
    vocab = labeller.nlp.vocab
    if len(vocab.strings) > _VOCABULARY:  # spaCy keeps every word it ever met
        vocab = Vocab()
    found = np.concatenate(component.predict(documents(vocab, reviews)))
    rows = reviews.select(pl.col("segment_ids").alias("segment_id"), "kind").explode("segment_id")
    return labels(rows, found, component.heads, component.policy, precision)


def _shares(parts: Sequence[Path], reviews: pl.DataFrame, labeller: Labeller) -> dict[str, float]:
    given = pl.scan_parquet(list(parts)).group_by("layer").agg(pl.col("segment_id").n_unique()).collect()
    labelled = dict(given.rows())
    sizes = reviews.group_by("kind").agg(pl.col("segment_ids").list.len().sum())
    n = dict(sizes.rows())
    own = [head for head in labeller.component.heads if head.what == CODES and head.scheme == labeller.scheme]
    sizes_of = {head.layer: sum(n.get(kind, 0) for kind in head.kinds) for head in own}
    return {layer: labelled.get(layer, 0) / size for layer, size in sizes_of.items() if size}


def _check_precision(snapshot: Snapshot, labeller: Labeller, precision: float | None) -> None:
    there = snapshot.models().filter(pl.col("annotator") == labeller.annotator)
    if there.height:
        earlier = there["precision"][0]
        if (earlier is None) != (precision is None) or (earlier is not None and abs(earlier - (precision or 0)) > 1e-4):
            said = "the best F1" if earlier is None else f"a precision of {earlier:.2f}"
            raise LabellerError(
                f"{labeller.annotator} labelled at {said} here: label everything anew, or state the same."
            )


def _beside(db: Path) -> Path:
    return db.with_name(f"{db.name}.labelling")


@contextmanager
def _alone(db: Path) -> Iterator[None]:
    """Holds the right to keep guesses beside the store; LabellerError where another process has it."""
    try:
        with FileLock(f"{_beside(db)}.lock", timeout=0):
            yield
    except Timeout as error:
        raise LabellerError(f"{db}: another process is labelling it. Try again when it is done.") from error
    except BrokenPipeError:  # of whom its progress is told to
        raise
    except OSError as error:
        raise LabellerError(f"{_beside(db)}: it cannot be written: {error.strerror or error}.") from error


def _folder(db: Path, labeller: Labeller, reviews: pl.DataFrame, precision: float | None) -> Path:
    """Where the parts of this very annotation lie; those of others, which were not finished, are taken away."""
    told = json.dumps([labeller.annotator, _digest(reviews), precision, _PART])
    name = re.sub(r"[^\w.@-]", "-", labeller.annotator) + "-" + hashlib.sha256(told.encode()).hexdigest()[:16]
    folder = _beside(db) / name
    for other in _beside(db).iterdir() if _beside(db).is_dir() else ():
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _listed() -> str:
    return ", ".join(f"{precision:.2f}" for precision in PRECISIONS)
