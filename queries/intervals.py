"""Intervals and the least that a number may rest on: the same in every query.

A share comes with a Wilson interval where its units may be taken as independent (segments of one paper); over papers,
whose reviews hang together, intervals come from queries.bootstrap.
"""

from __future__ import annotations

from statistics import NormalDist

import polars as pl

#: Below either, a number across papers is shown in grey and never drawn as a line.
ENOUGH_PAPERS = 30
ENOUGH_OBSERVATIONS = 5
LEVEL = 0.95


def thin(n_papers: str | pl.Expr = "n_papers", n: str | pl.Expr = "n") -> pl.Expr:
    """Whether a row rests on fewer than 30 papers or fewer than 5 observations; null counts as none."""
    papers, observations = (pl.col(each) if isinstance(each, str) else each for each in (n_papers, n))
    return (papers.fill_null(0) < ENOUGH_PAPERS) | (observations.fill_null(0) < ENOUGH_OBSERVATIONS)


def wilson(part: str | pl.Expr, whole: str | pl.Expr, *, level: float = LEVEL) -> tuple[pl.Expr, pl.Expr]:
    """The bounds `low` and `high` of the share part / whole, 0 to 1; null where the whole is 0.

    The score interval without correction for continuity (Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953).
    """
    k, n = ((pl.col(each) if isinstance(each, str) else each).cast(pl.Float64) for each in (part, whole))
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = k / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = (share * (1 - share) / n + z * z / (4 * n * n)).sqrt() * z / (1 + z * z / n)
    there = pl.when(n > 0)
    low, high = (centre - half).clip(0, 1), (centre + half).clip(0, 1)
    return there.then(low).alias("low"), there.then(high).alias("high")
