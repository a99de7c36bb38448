"""Priors: how alike papers are on a code, estimated from many papers, to judge one of which little is known.

A paper's shares are taken as drawn from a Dirichlet distribution (a beta distribution for two outcomes) whose mean is
the corpus's share and whose weight says how alike papers are: it counts like so many observations. A shrunk share is
(x + weight · mean) / (n + weight). The weight comes from the spread of papers' shares around the mean, by the moment
estimator of the intraclass correlation with papers weighted by their observations (Kleinman 1973,
https://doi.org/10.1080/01621459.1973.10481332), summed over outcomes.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

#: The bounds of a weight. No estimate is so sure that papers are all alike, or that each is a case of its own.
LEAST, MOST = 0.1, 1_000.0
#: Fractions are summed as whole numbers of this part of one: so their sum is the same in whatever order.
_FINE = 2**30


def priors(counts: pl.LazyFrame, *, by: Sequence[str], outcomes: Sequence[str]) -> pl.LazyFrame:
    """One row per group, sorted by it: mean and weight of the prior of its units.

    counts        one row per group and unit (a paper, a review) with the number of each of the `outcomes`; rows in
                  which all are 0 do not count
    by            the columns that make a group; of enums the order is kept
    n_units       units
    n             observations
    prior_<outcome>
                  mean: the share of the outcome among all observations, with half an observation of each added, so that
                  nothing is impossible
    prior_weight  the observations that the mean weighs as much as, 0.1 to 1,000 but never more than n, which it rests
                  on; where units cannot tell (fewer than two with as many as two observations, or no variation at all)
                  as many as there are outcomes, as a uniform prior weighs
    """
    total = pl.sum_horizontal(pl.col(name).cast(pl.Float64) for name in outcomes)
    squares = pl.sum_horizontal(pl.col(name).cast(pl.Float64) ** 2 for name in outcomes)
    sums = (
        counts.with_columns(total.alias("_n"))
        .filter(pl.col("_n") > 0)
        .with_columns((squares / pl.col("_n") * _FINE).round().cast(pl.Int64).alias("_own"))
        .group_by(by)
        .agg(
            pl.len().cast(pl.UInt32).alias("n_units"),
            pl.col("_n").sum().alias("n"),
            (pl.col("_n") ** 2).sum().alias("_squared"),
            pl.col("_own").sum() / _FINE,
            (pl.col("_n") > 1).sum().alias("_several"),
            *(pl.col(name).cast(pl.Float64).sum().alias(f"prior_{name}") for name in outcomes),
        )
    )
    shares = [pl.col(f"prior_{name}") / pl.col("n") for name in outcomes]
    common = pl.sum_horizontal(share**2 for share in shares)
    impurity, free = 1 - common, pl.col("n_units").cast(pl.Float64) - 1
    between = pl.col("_own") - pl.col("n") * common
    below = impurity * (pl.col("n") - pl.col("_squared") / pl.col("n") - free)
    alike = ((between - impurity * free) / below).clip(1 / (MOST + 1), 1 / (LEAST + 1))
    weight = pl.min_horizontal(1 / alike - 1, "n")
    told = (pl.col("_several") > 1) & (impurity > 1e-12) & (below > 1e-12)
    smooth = [((pl.col(f"prior_{o}") + 0.5) / (pl.col("n") + len(outcomes) / 2)).alias(f"prior_{o}") for o in outcomes]
    return (
        sums.with_columns(
            *smooth,
            pl.when(told).then(weight).otherwise(float(len(outcomes))).alias("prior_weight"),
        )
        .select(*by, "n_units", pl.col("n").cast(pl.UInt32), *(f"prior_{name}" for name in outcomes), "prior_weight")
        .sort(by, nulls_last=True)
    )
