"""How labels are counted by polarity, the same in every query.

`positive`, `neutral` and `negative` count labels of polarity 1, 0 and -1; `net` is (positive - negative) over the three
together, from -1 to 1. All four are null where no label has a polarity: nothing was judged, which is not neutral.
"""

from __future__ import annotations

import polars as pl

COUNTS = ("positive", "neutral", "negative")


def tallies() -> list[pl.Expr]:
    """Aggregations of labels: the three counts, 0 where there is none, and `net`. `judged` turns zeros into nulls."""
    polarity = pl.col("polarity")
    by_sign = [(polarity == sign).sum().alias(name) for name, sign in zip(COUNTS, (1, 0, -1), strict=True)]
    return [*by_sign, polarity.mean().alias("net")]


def judged() -> list[pl.Expr]:
    """The three counts, null where `net` is."""
    return [pl.when(pl.col("net").is_not_null()).then(pl.col(name)).alias(name) for name in COUNTS]
