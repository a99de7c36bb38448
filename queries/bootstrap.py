"""Bootstrap: intervals for ratios whose observations come in papers, which are drawn again (queries.resampling)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from queries.fitting import fitted
from queries.intervals import LEVEL
from queries.resampling import RESAMPLES, bounds, replicates


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
