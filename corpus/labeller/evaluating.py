"""Evaluating a labeller on labelled reviews that it did not learn from."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from corpus.judgements import settle
from corpus.labeller.answers import Answered, answered, digest
from corpus.labeller.directory import Labeller, load, refuse_strangers
from corpus.labeller.errors import LabellerError
from corpus.labeller.figures import Checked, figures
from corpus.labeller.fitting import answers
from corpus.labeller.training import documents
from corpus.store import Snapshot


def evaluate(directory: Path, db: Path, *, corpora: Sequence[str] = ()) -> dict[str, Any]:
    """How good the labeller in `directory` is on what people said in the store at `db`.

    Gives `layers`, `codes`, `calibration` and `coverage` as a report does, `evaluated` (n_papers, n_reviews,
    n_segments), `left_out` (reviews that it learnt from: they would flatter it) and `speed`.
    Raises LabellerError where there is no labeller, nobody labelled by its scheme, or it learnt from every review.
    """
    labeller = load(directory)
    settle(db)
    snapshot = Snapshot.open(db)
    refuse_strangers(labeller)
    found = answered(snapshot.frames, labeller.scheme, corpora=corpora)
    snapshot.close()
    known = pl.Series([digest(texts) in labeller.seen for texts in found.reviews["texts"]])
    fresh = found.reviews.filter(~known)
    if not fresh.height:
        raise LabellerError(
            f"{labeller.annotator} learnt from all {known.len():,} labelled reviews of {db}: its report, made on "
            "papers that were kept apart, says more. Evaluate it on reviews that it has not seen."
        )
    checked, seconds = check(labeller, found._replace(reviews=fresh))
    n = {"n_papers": fresh["paper"].n_unique(), "n_reviews": fresh.height, "n_segments": checked.sentences.height}
    told = {"annotator": labeller.annotator, "left_out": int(known.sum()), "evaluated": n}
    told |= {"speed": {"segments_per_second": round(n["n_segments"] / max(seconds, 1e-9))}}
    return told | figures(checked, labeller.component.heads, labeller.component.policy)


def check(labeller: Labeller, found: Answered) -> tuple[Checked, float]:
    """A labeller's guesses on reviews that people labelled, and the seconds that they took."""
    reviews = documents(found)
    gold, known = answers(reviews, labeller.component.heads)
    began = time.perf_counter()
    raw = labeller.component.raw([each.doc for each in reviews])
    seconds = time.perf_counter() - began
    sentences = found.reviews.select(pl.col("segment_ids").alias("segment_id"), "paper", "kind").explode("segment_id")
    told = found.answers.filter(pl.col("scheme") == labeller.scheme).drop("scheme")
    told = told.join(sentences, on="segment_id", how="semi")
    return Checked(sentences, told, raw.astype(np.float32), gold, known), seconds
