"""Answered schemes: by which schemes people labelled sentences, that a labeller can learn them from."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.provenance import by_model


def answered_schemes(frames: Frames) -> pl.LazyFrame:
    """One row per scheme and corpus in which people labelled sentences by it; sorted by these.

    n_papers, n_reviews, n_segments   with a label of a person on a sentence; the annotator's `none` and "cannot tell"
                                      are labels
    n_labels                          these labels
    """
    labels = frames.labels.filter(pl.col("segment_id").is_not_null() & ~by_model(frames.labels))
    return (
        labels.join(frames.papers.select("paper_id", "corpus"), on="paper_id")
        .group_by("scheme", "corpus")
        .agg(
            *(pl.col(f"{each}_id").n_unique().alias(f"n_{each}s") for each in ("paper", "review", "segment")),
            pl.len().alias("n_labels"),
        )
        .sort("scheme", "corpus")
    )
