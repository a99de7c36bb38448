"""Profiles: what the labels of a paper say, code by code."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from queries.polarity import judged, tallies


def profile(labels: pl.LazyFrame, *, by: str | Sequence[str] = "paper_id") -> pl.LazyFrame:
    """One row per group, scheme, layer and code that has labels; sorted by these, enums in the schemes' order.

    by            the columns that make a group, such as paper_id, review_id or none at all: `()`
    n             labels
    positive, neutral, negative, net
                  see queries.polarity; null where no label of the row has a polarity
    share         n over the group's labels in that scheme and layer, 0 to 1; the codes `none` and CNT count as labels
    n_reviews     distinct reviews that mention the code
    n_segments    distinct segments that do; 0 where all labels are on whole reviews
    """
    group = [by] if isinstance(by, str) else list(by)
    row = [*group, "scheme", "layer", "code"]
    counted = labels.group_by(row).agg(
        pl.len().alias("n"),
        *tallies(),
        pl.col("review_id").n_unique().alias("n_reviews"),
        pl.col("segment_id").drop_nulls().n_unique().alias("n_segments"),
    )
    share = pl.col("n") / pl.col("n").sum().over([*group, "scheme", "layer"])
    return (
        counted.with_columns(*judged(), share.alias("share"))
        .select(*row, "n", "positive", "neutral", "negative", "share", "net", "n_reviews", "n_segments")
        .sort(row)
    )
