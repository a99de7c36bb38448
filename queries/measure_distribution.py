"""Measure distribution: how a measure of reviews is spread within groups of them, and what its mean is worth."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from queries.bootstrap import bootstrap
from queries.intervals import thin

#: About as many bins as a histogram has; those of counts are never narrower than 1.
_BINS = 24
_COUNTS = ("n_words", "n_sentences")


def measure_distribution(measures: pl.LazyFrame, *, names: Sequence[str], by: str = "cohort") -> pl.LazyFrame:
    """One row per group and measure; sorted by the group, then in the order of `names`.

    measures      one row per review: `by`, paper_id and the measures; a review may be in several groups
    names         columns to describe; null in them is not measured
    measure       the name, an enum of `names`
    n, n_papers   reviews that have the measure, and their papers
    mean          over reviews; null where n is 0
    low, high     95 % interval of the mean, papers drawn again (queries.bootstrap); null with one paper
    median, first, third
                  quartiles, interpolated linearly
    least, most   smallest and greatest value
    thin          whether it rests on too little: see queries.intervals
    """
    kind = pl.Enum(list(names))
    row = [by, "measure"]
    long = (
        measures.select(by, "paper_id", *(pl.col(name).cast(pl.Float64) for name in names))
        .unpivot(on=list(names), index=[by, "paper_id"], variable_name="measure", value_name="value")
        .with_columns(pl.col("measure").cast(kind))
    )
    value = pl.col("value")
    spread = long.group_by(row).agg(
        value.count().alias("n"),
        value.median().alias("median"),
        *(value.quantile(at, "linear").alias(name) for name, at in (("first", 0.25), ("third", 0.75))),
        value.min().alias("least"),
        value.max().alias("most"),
    )
    papers = long.group_by(*row, "paper_id").agg(value.sum().alias("part"), value.count().alias("whole"))
    means = bootstrap(papers, by=row).select(*row, "n_papers", pl.col("value").alias("mean"), "low", "high")
    return (
        spread.join(means, on=row, how="left", nulls_equal=True)
        .with_columns(thin("n_papers", "n").alias("thin"))
        .select(*row, "n", "n_papers", "mean", "low", "high", "median", "first", "third", "least", "most", "thin")
        .sort(row, nulls_last=True)
    )


def measure_bins(measures: pl.LazyFrame, *, name: str, by: str = "cohort") -> pl.LazyFrame:
    """One row per group and bin that holds any of its reviews; sorted by both.

    measures, by  as in `measure_distribution`; `name` is the measure
    start, end    of the bin, which holds its start. Bins are alike in all groups, of a round width (1, 2 or 5 times a
                  power of ten). The last that is drawn begins at the 99th percentile and holds all beyond
    open          whether it is the last one, and holds values beyond its end
    n             reviews of the group
    share         n over the reviews of the group that have the measure, 0 to 1
    """
    values = measures.select(by, pl.col(name).cast(pl.Float64).alias("value")).drop_nulls("value")
    value = pl.col("value")
    width = (value.quantile(0.99, "higher") - value.min()) / _BINS
    power = pl.lit(10.0).pow(width.log10().floor())
    tens = width / power
    step = power * pl.when(tens <= 1.0001).then(1).when(tens <= 2.0001).then(2).when(tens <= 5.0001).then(5).otherwise(
        10
    )
    step = pl.when(width > 0).then(step).otherwise(1.0 if name in _COUNTS else 0.1)
    if name in _COUNTS:
        step = pl.max_horizontal(step, 1.0)
    binned = (
        values.with_columns(step.alias("step"), value.quantile(0.99, "higher").alias("top"), value.max().alias("most"))
        # A little is added, so that 0.3 is in the bin that begins at 3 × 0.1.
        .with_columns(
            (pl.col(each) / pl.col("step") + 1e-9).floor().alias(to)
            for each, to in (("value", "bin"), ("top", "last"), ("most", "furthest"))
        )
        .with_columns(pl.min_horizontal("bin", "last").alias("bin"))
    )
    return (
        binned.group_by(by, "bin")
        .agg(pl.len().alias("n"), pl.col("step", "last", "furthest").first())
        .with_columns(
            (pl.col("bin") * pl.col("step")).round(9).alias("start"),
            ((pl.col("bin") + 1) * pl.col("step")).round(9).alias("end"),
            ((pl.col("bin") == pl.col("last")) & (pl.col("furthest") > pl.col("last"))).alias("open"),
            (pl.col("n") / pl.col("n").sum().over(by)).alias("share"),
        )
        .select(by, "start", "end", "open", "n", "share")
        .sort(by, "start", nulls_last=True)
    )
