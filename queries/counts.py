"""Counts: how much there is."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.provenance import by_model


def counts(frames: Frames) -> pl.LazyFrame:
    """One row: n_papers, n_reviews, n_segments, n_labels, n_labelled_segments, n_model_labels, all 0 for empty frames.

    A segment is labelled if it has a label of its own; a label on its review as a whole does not make it so. Labels of
    a model are those whose annotator is spelled `model:…`; `models` lists these, as text, the one with most labels
    first.
    """
    rows = [frames.papers, frames.reviews, frames.segments, frames.labels]
    names = ["n_papers", "n_reviews", "n_segments", "n_labels"]
    sizes = [frame.select(pl.len().alias(name)) for frame, name in zip(rows, names, strict=True)]
    labelled = frames.labels.select(pl.col("segment_id").drop_nulls().n_unique().alias("n_labelled_segments"))
    by_annotator = frames.labels.group_by("annotator").agg(pl.len().alias("n"))
    guessed = by_annotator.filter(by_model(frames.labels)).sort("n", "annotator", descending=[True, False])
    models = pl.col("annotator").cast(pl.String).implode().alias("models")
    return pl.concat(
        [*sizes, labelled, guessed.select(pl.col("n").sum().alias("n_model_labels"), models)], how="horizontal"
    )
