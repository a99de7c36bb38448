"""Bootstrap: intervals for ratios whose observations come in papers.

Reviews of one paper speak of the same work, so it is papers that are drawn again, with all that belongs to them: the
cluster bootstrap (Davison & Hinkley 1997, https://doi.org/10.1017/CBO9780511802843, section 3.8), with percentile
intervals. The seed is fixed: the same selection gives the same interval.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy import sparse

from queries.fitting import fitted
from queries.intervals import LEVEL

RESAMPLES = 1_000
#: Draws that are held at a time: papers times resamples.
_AT_ONCE = 20_000_000


def bootstrap(
    counts: pl.LazyFrame,
    *,
    by: Sequence[str],
    part: str = "part",
    whole: str = "whole",
    cluster: str = "paper_id",
    resamples: int = RESAMPLES,
    level: float = LEVEL,
    seed: int = 1,
) -> pl.LazyFrame:
    """One row per group, sorted by it: the ratio of two sums over its papers, with an interval.

    counts        one row per paper and group: `part` (may be negative) and `whole`, added up where there are several
    by            the columns that make a group; a paper may be in several groups, and is drawn in all of them at once
    part, whole   sums over the papers of the group
    n_papers      papers of the group with a whole above 0
    value         part / whole; null where the whole is 0
    low, high     percentile interval at `level`; null with fewer than two papers
    """
    columns = tuple(by)
    sums = counts.group_by(cluster, *columns).agg(
        pl.col(part).cast(pl.Float64).sum().alias("part"), pl.col(whole).cast(pl.Float64).sum().alias("whole")
    )

    def fit(rows: pl.DataFrame) -> pl.DataFrame:
        groups = (
            rows.select(columns).unique(maintain_order=True).sort(columns, nulls_last=True).with_row_index("_group")
        )
        placed = rows.join(groups, on=list(columns), nulls_equal=True) if columns else rows.with_columns(_group=0)
        found = placed.group_by("_group").agg(
            pl.col("part", "whole").sum(), pl.col(cluster).filter(pl.col("whole") > 0).n_unique().alias("n_papers")
        )
        low, high = bounds(
            replicates(
                placed[cluster].to_numpy(),
                placed["_group"].to_numpy(),
                placed["part"].to_numpy(),
                placed["whole"].to_numpy(),
                resamples=resamples,
                seed=seed,
            ),
            level,
        )
        several = pl.col("n_papers") > 1
        value = pl.when(pl.col("whole") > 0).then(pl.col("part") / pl.col("whole"))
        found = found.sort("_group").with_columns(value.alias("value"))
        found = found.with_columns(
            pl.when(several).then(pl.Series(each, dtype=pl.Float64).fill_nan(None)).alias(name)
            for name, each in (("low", low[: found.height]), ("high", high[: found.height]))
        )
        return found.join(groups, on="_group").sort("_group") if columns else found

    numbers = dict.fromkeys(("value", "low", "high"), pl.Float64)
    adds = {"part": pl.Float64, "whole": pl.Float64, "n_papers": pl.UInt32, **numbers}
    made = fitted(sums.sort(cluster, *columns, nulls_last=True), fit, keeps=columns, adds=adds)
    return made.sort(columns, nulls_last=True) if columns else made


def replicates(
    clusters: np.ndarray,
    groups: np.ndarray,
    part: np.ndarray,
    whole: np.ndarray,
    *,
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> np.ndarray:
    """The ratio of each group in each resample of the clusters: resamples × groups, nan where its whole is 0.

    The four arrays are one row each: its cluster, the number of its group from 0, and what it adds to the two sums. All
    groups are taken from the same draws, so that differences between columns have the right spread.
    """
    if not len(clusters):
        return np.full((resamples, 0), np.nan)
    _, place = np.unique(clusters, return_inverse=True)
    n, n_groups = int(place.max()) + 1, int(groups.max()) + 1
    shape = (n, n_groups)
    parts, wholes = (
        sparse.csr_array((np.asarray(each, dtype=float), (place, groups)), shape=shape) for each in (part, whole)
    )
    random = np.random.default_rng(seed)
    found = np.empty((resamples, n_groups))
    step = max(1, _AT_ONCE // n)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        drawn = random.multinomial(n, np.full(n, 1 / n), size=size).astype(float)
        below = drawn @ wholes
        with np.errstate(divide="ignore", invalid="ignore"):
            found[start : start + size] = np.where(below > 0, (drawn @ parts) / below, np.nan)
    return found


def bounds(found: np.ndarray, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """The percentile interval of each column, nan left out; nan where a column has nothing else."""
    tail = (1 - level) / 2
    low, high = np.full((2, found.shape[1]), np.nan)
    there = ~np.isnan(found).all(axis=0)
    if there.any():
        low[there], high[there] = np.nanquantile(found[:, there], [tail, 1 - tail], axis=0)
    return low, high
