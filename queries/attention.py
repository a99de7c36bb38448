"""Attention: which papers need a second look, by the signs that a reader weighs."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from queries.warning_signs import SIGNS

#: Weights as they are where nobody has said anything else.
EVEN: Mapping[str, float] = dict.fromkeys(SIGNS, 1.0)
#: Signs that are measured in two ways, which are not compared with each other.
_KINDS = {"spread": "spread_of", "mismatch": "mismatch_of"}


def attention(signs: pl.LazyFrame, *, weights: Mapping[str, float] = EVEN) -> pl.LazyFrame:
    """The rows of queries.warning_signs, those that need attention most first, then by corpus and paper_key.

    weights       of each sign, 0 or more, 0 where none is given: only their proportions matter
    rank          1 is the first; papers with the same score have the same rank, the least of their places. Null without
                  a score
    score         0 to 1: the mean of the scaled signs that could be measured, weighted; null where none with a weight
                  could
    n_signs       how many signs that is
    scaled_…      each sign as the share of the other papers whose sign is smaller, of those measured in the same way
                  (ratings' spread in its unit): 0 is the least of all, 1 greater than all others. Null where the sign
                  is, 0 where no other paper has it
    part_…        what the sign adds to the score: its weight times the scaled sign over the weights of the signs
                  measured. Null where the sign is or has no weight
    """
    heavy = {sign: float(weights.get(sign, 0)) for sign in SIGNS}
    scaled = [_scaled(sign).alias(f"scaled_{sign}") for sign in SIGNS]
    whole = pl.sum_horizontal(
        pl.when(pl.col(f"scaled_{sign}").is_not_null()).then(heavy[sign]).otherwise(0.0) for sign in SIGNS
    )
    parts = [
        pl.when(heavy[sign] > 0).then(heavy[sign] * pl.col(f"scaled_{sign}") / pl.col("_whole")).alias(f"part_{sign}")
        for sign in SIGNS
    ]
    names = [f"part_{sign}" for sign in SIGNS]
    score = pl.when(pl.col("_whole") > 0).then(pl.sum_horizontal(names))
    return (
        signs.with_columns(scaled)
        .with_columns(whole.alias("_whole"))
        .with_columns(parts)
        .with_columns(
            score.alias("score"),
            pl.sum_horizontal(pl.col(name).is_not_null() for name in names).cast(pl.UInt8).alias("n_signs"),
        )
        .with_columns(pl.col("score").round(9).rank("min", descending=True).cast(pl.UInt32).alias("rank"))
        .drop("_whole")
        .sort("rank", "corpus", "paper_key", "paper_id", nulls_last=True)
    )


def _scaled(sign: str) -> pl.Expr:
    """The share of the other papers with a smaller value."""
    value = pl.col(sign).cast(pl.Float64)
    if sign == "spread":
        value = value / pl.when(pl.col("spread_unit") > 0).then("spread_unit").otherwise(1.0)
    value = value.round(9)  # what rounding alone tells apart is equal
    below, there = value.rank("min") - 1, value.count()
    share = pl.when(value.is_null()).then(None).when(there > 1).then(below / (there - 1)).otherwise(0.0)
    return share.over(_KINDS[sign]) if sign in _KINDS else share
