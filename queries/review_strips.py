"""Review strips: the sentences of some reviews, one after the other, with their codes in one layer."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.layers import of_layer


def review_strips(
    frames: Frames, reviews: pl.LazyFrame, *, layer: str, whole: pl.LazyFrame | None = None
) -> pl.LazyFrame:
    """One row per segment of the reviews; sorted by review_id, position, segment_id.

    reviews       any frame with a column review_id
    layer         its key (queries.layers.of_layer)
    whole         the segments to show, where `frames` hold a part of each review only; by default those of `frames`
    review_id, segment_id, position, text
                  as in segments
    code_list, polarity_list
                  the different labels of the segment in the layer, by whichever annotator, in the schemes' order; null
                  where it has none
    """
    text = frames.segments if whole is None else whole
    order = ("review_id", "position", "segment_id")
    labels = (
        of_layer(frames.labels, frames.codes, layer)
        .join(reviews, on="review_id", how="semi")
        .filter(pl.col("segment_id").is_not_null())
        .select("segment_id", "code", "polarity")
        .unique()
        .sort("segment_id", "code", "polarity", nulls_last=True)
        .group_by("segment_id", maintain_order=True)
        .agg(pl.col("code").alias("code_list"), pl.col("polarity").alias("polarity_list"))
    )
    return (
        text.join(reviews, on="review_id", how="semi")
        .select(*order, "text")
        .join(labels, on="segment_id", how="left")
        .sort(order)
    )
