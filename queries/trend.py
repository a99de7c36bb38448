"""Trends: a measure of each code over years, venues, tracks, decisions or corpora."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from corpus.tables import Frames
from queries.bootstrap import bootstrap
from queries.intervals import thin
from queries.layers import of_layer
from queries.measures import Measure, measures
from queries.resampling import RESAMPLES

Over = Literal["year", "venue", "track", "decision", "corpus"]
#: What papers can be placed by: columns of theirs.
OVER: tuple[Over, ...] = ("year", "venue", "track", "decision", "corpus")


def trend(
    frames: Frames, *, layer: str, over: Over = "year", split: Over | None = None, measure: Measure = "negative",
    codes: Sequence[str] | None = None, most: int = 6, lines: int = 4, resamples: int = RESAMPLES,
) -> pl.LazyFrame:  # fmt: skip
    """One row per value of `over`, of `split`, and code; sorted by these, null last, codes in the order of the scheme.

    codes         which; null for the `most` frequent
    lines         of `split`, the values with the most papers that have labels in the layer, so many; the papers of
                  others are in no row
    at, split     the two values, as text; null: the paper has none. `split` is null where no split is asked for
    n             labels of the code
    n_reviews     reviews that mention it
    part, whole   what the measure divides, see queries.measures
    n_papers      papers with a whole above 0, of which the value is made
    value         the measure; null where nothing is judged, or nothing labelled
    low, high     its interval, papers drawn again (queries.bootstrap); null with fewer than two papers
    thin          whether it rests on under 30 papers or 5 observations, which are the whole: see queries.intervals

    A value without labels in the layer has no row. Raises ValueError for another `over` or measure.
    """
    where = placed(frames, layer=layer, over=over, split=split, lines=lines)
    counted = measures(frames, layer=layer, measure=measure, codes=codes, most=most).join(where, on="paper_id")
    row = ["at", "split", "code"]
    sums = counted.group_by(row).agg(pl.col("n", "n_reviews").sum())
    found = bootstrap(counted, by=row, resamples=resamples)
    whole = pl.col("part", "whole").cast(pl.Int64)
    return (
        found.join(sums, on=row, how="left", nulls_equal=True)
        .with_columns(whole, thin(n="whole").alias("thin"))
        .select(*row, "n", "n_reviews", "part", "whole", "n_papers", "value", "low", "high", "thin")
        .sort(row, nulls_last=True)
    )


def places(frames: Frames, *, layer: str, over: Over) -> pl.LazyFrame:
    """How many papers each value of `over` has: one row a value, the most papers first, then by the value, null last.

    value         as text; null: the paper has none
    n_papers      papers, labelled or not
    n_labelled    those with a label in the layer
    """
    labelled = of_layer(frames.labels, frames.codes, layer).select("paper_id").unique()
    papers = frames.papers.select("paper_id", pl.col(over).cast(pl.String).alias("value"))
    there = papers.join(labelled.with_columns(there=True), on="paper_id", how="left")
    return (
        there.group_by("value")
        .agg(pl.len().alias("n_papers"), pl.col("there").fill_null(False).sum().alias("n_labelled"))
        .sort(pl.col("value").is_null(), "n_papers", "value", descending=[False, True, False])
    )


def placed(frames: Frames, *, layer: str, over: Over, split: Over | None, lines: int) -> pl.LazyFrame:
    """Each paper with its values of `over` and `split` as at and split; of a split the papers of its `lines` only.

    Raises ValueError for another `over` or `split`.
    """
    for name in (over, split):
        if name is not None and name not in OVER:
            raise ValueError(f"“{name}” places no paper: use one of {', '.join(OVER)}.")
    second = pl.lit(None, dtype=pl.String) if split is None else pl.col(split).cast(pl.String)
    where = frames.papers.select("paper_id", pl.col(over).cast(pl.String).alias("at"), second.alias("split"))
    if split is None:
        return where
    kept = _ranked(frames, layer, split).head(lines).select(pl.col("value").alias("split"))
    return where.join(kept, on="split", how="semi", nulls_equal=True)


def _ranked(frames: Frames, layer: str, name: Over) -> pl.LazyFrame:
    """The values of a column of papers, the most papers with labels in the layer first, null left out."""
    labelled = of_layer(frames.labels, frames.codes, layer).select("paper_id")
    value = pl.col(name).cast(pl.String).alias("value")
    # Papers without labels have no row, so values that have no others must not take the place of a line.
    papers = frames.papers.join(labelled, on="paper_id", how="semi")
    counted = papers.filter(pl.col(name).is_not_null()).group_by(value).agg(pl.len().alias("n"))
    return counted.sort("n", "value", descending=[True, False])
