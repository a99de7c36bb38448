"""F1 intervals: how well a labeller knows each code, and between which bounds that lies."""

from __future__ import annotations

import polars as pl

from queries.intervals import ENOUGH_OBSERVATIONS, wilson
from queries.weak_codes import LEAST_F1


def f1_intervals(codes: pl.LazyFrame) -> pl.LazyFrame:
    """One row per code of a layer whatever its polarity; sorted by layer and code.

    codes         rows of a labeller's report: layer, code, polarity, n_segments, n_gold, n_model, n_both, precision,
                  recall, f1, threshold; those of no code and of single polarities are left out
    low, high     95 % interval of f1, 0 to 1; null where neither people nor the labeller gave the code
    weak          whether f1 is under LEAST_F1 or unknown: its labels are a hint, not a measurement
    thin          whether fewer than five held-out sentences have it

    F1 is 2J / (1 + J) for J = n_both / (n_gold + n_model - n_both), the share of sentences given the code by both among
    those given it by either. The bounds are those of Wilson's interval for J, put through the same formula, which never
    falls. Sentences are taken as independent, which those of a review are not: the true interval is wider. On F1 as a
    share that is estimated see Goutte & Gaussier (2005), https://doi.org/10.1007/978-3-540-31865-1_25.
    """
    either = pl.col("n_gold") + pl.col("n_model") - pl.col("n_both")
    low, high = (2 * bound / (1 + bound) for bound in wilson(pl.col("n_both"), either))
    return (
        codes.filter(pl.col("code").is_not_null() & pl.col("polarity").is_null())
        .with_columns(
            low.alias("low"),
            high.alias("high"),
            (pl.col("f1") < LEAST_F1).fill_null(True).alias("weak"),
            (pl.col("n_gold") < ENOUGH_OBSERVATIONS).alias("thin"),
        )
        .drop("polarity")
        .sort("layer", "code")
    )
