"""Context: the whole reviews around some passages."""

from __future__ import annotations

import polars as pl


def context(segments: pl.LazyFrame, passages: pl.LazyFrame) -> pl.LazyFrame:
    """Every segment of the reviews that `passages` are from, sorted by review_id and position.

    review_id, position, text
                  as in segments, whatever selection `passages` were taken from
    """
    whole = segments.join(passages.select("review_id").unique(), on="review_id", how="semi")
    return whole.select("review_id", "position", "text").sort("review_id", "position")
