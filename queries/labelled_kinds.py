"""Labelled kinds: which kinds of reviews have labels in a layer."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.layers import of_layer


def labelled_kinds(frames: Frames, *, layer: str) -> pl.LazyFrame:
    """One row per kind of review with labels of the layer on segments; the most first, then in the order of kinds.

    layer         its key (queries.layers.of_layer)
    kind          review, meta_review, rebuttal, comment
    n_segments, n_reviews
                  labelled segments, and the reviews that they are of
    """
    labels = of_layer(frames.labels, frames.codes, layer).filter(pl.col("segment_id").is_not_null())
    return (
        labels.select("review_id", "segment_id")
        .join(frames.reviews.select("review_id", "kind"), on="review_id")
        .group_by("kind")
        .agg(
            pl.col("segment_id").n_unique().alias("n_segments"),
            pl.col("review_id").n_unique().alias("n_reviews"),
        )
        .sort("n_segments", "kind", descending=[True, False])
    )
