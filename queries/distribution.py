"""Distributions: how often each answer was given."""

from __future__ import annotations

import polars as pl


def distribution(labels: pl.LazyFrame) -> pl.LazyFrame:
    """One row per scheme, layer, code and polarity that occurs; sorted by these, enums in the schemes' order.

    polarity      -1, 0, 1; null, in the last row of a code, for labels whose polarity was not given
    n             labels
    share         n over the labels of that scheme and layer, 0 to 1; the codes `none` and CNT count as labels
    """
    row = ("scheme", "layer", "code", "polarity")
    share = pl.col("n") / pl.col("n").sum().over("scheme", "layer")
    counted = labels.group_by(row).agg(pl.len().alias("n"))
    return counted.with_columns(share.alias("share")).sort(row, nulls_last=True)
