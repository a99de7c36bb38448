"""Codes per segment: how many codes of a layer annotators give one segment."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.layers import of_layer


def codes_per_segment(frames: Frames, *, layer: str) -> pl.LazyFrame:
    """One row per annotator with labels of the layer on segments; sorted by annotator.

    layer         its key (queries.layers.of_layer)
    annotator
    n_segments    segments that they labelled
    most          the most different codes that they gave one; where it is 1 all round, the layer asks for one code, and
                  two codes on a segment are two annotators who differ
    """
    return (
        of_layer(frames.labels, frames.codes, layer)
        .filter(pl.col("segment_id").is_not_null())
        .group_by("annotator", "segment_id")
        .agg(pl.col("code").n_unique().alias("n"))
        .group_by("annotator")
        .agg(pl.len().alias("n_segments"), pl.col("n").max().alias("most"))
        .sort("annotator", nulls_last=True)
    )
