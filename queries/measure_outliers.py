"""Measure outliers: reviews that lie far from what is usual in their corpus, and those between two values."""

from __future__ import annotations

from typing import Literal

import polars as pl

from corpus.tables import Frames

#: Reviews of a corpus and kind below which no quartile is trusted.
ENOUGH = 20
#: Measures that are skewed to the right, with the scale on which fences are drawn: the logarithm, or that of 1 + x for
#: those that can be 0.
SCALES: dict[str, Literal["log", "log1p"]] = {
    **dict.fromkeys(("n_words", "n_sentences", "sentence_length"), "log"),
    **dict.fromkeys(("specificity", "courtesy", "hedges", "bluntness"), "log1p"),
}
_REVIEW = ("review_id", "corpus", "paper_key", "title", "review_key", "kind")


def measure_outliers(
    frames: Frames, measures: pl.LazyFrame, *, measure: str, usual: pl.LazyFrame | None = None, enough: int = ENOUGH
) -> pl.LazyFrame:
    """One row per review beyond a Tukey fence of its like, the furthest beyond first, then by corpus, keys.

    measures      rows of queries.review_measures: the reviews to look at
    measure       the column to look at; null in it is not measured
    usual         the rows that tell what is usual, so that it need not hang on a selection; null: `measures`
    enough        reviews of a corpus and kind that have the measure below which none is told
    review_id, corpus, paper_key, title, review_key, kind
    value         of the measure
    median        of its like, that is the reviews of its corpus and kind
    fence         the value that it is beyond
    high          whether it is above the upper fence; else it is below the lower
    beyond        by how many interquartile ranges, on the scale of the fences

    Fences are at Q1 - 1.5 (Q3 - Q1) and Q3 + 1.5 (Q3 - Q1) (Tukey 1977, Exploratory Data Analysis), for skewed measures
    on a logarithm (SCALES). Where half of the reviews have one value there is no range and none is told.
    """
    like = ["corpus", "kind"]
    value = pl.col(measure).cast(pl.Float64)
    rows = (measures if usual is None else usual).select(*like, value.alias("value")).drop_nulls("value")
    scaled = _scaled(measure)
    first, third = (scaled.quantile(at, "linear") for at in (0.25, 0.75))
    found = (
        rows.filter(_placed(measure))
        .group_by(like)
        .agg(
            pl.len().alias("n_like"),
            pl.col("value").median().alias("median"),
            first.alias("first"),
            third.alias("third"),
        )
        .filter((pl.col("n_like") >= enough) & (pl.col("third") > pl.col("first")))
    )
    wide = pl.col("third") - pl.col("first")
    low, high = pl.col("first") - 1.5 * wide, pl.col("third") + 1.5 * wide
    above = scaled > high
    return (
        measures.select("review_id", "paper_id", *like, value.alias("value"))
        .filter(_placed(measure))
        .join(found, on=like, how="inner")
        .filter(above | (scaled < low))
        .with_columns(
            _back(measure, pl.when(above).then(high).otherwise(low)).alias("fence"),
            above.alias("high"),
            (pl.when(above).then(scaled - high).otherwise(low - scaled) / wide).alias("beyond"),
        )
        .pipe(_named, frames)
        .select(*_REVIEW, "value", "median", "fence", "high", "beyond")
        .sort("beyond", "corpus", "paper_key", "review_key", "review_id", descending=[True, *[False] * 4])
    )


def measured_between(
    frames: Frames, measures: pl.LazyFrame, *, measure: str, least: float, below: float | None = None
) -> pl.LazyFrame:
    """One row per review with least <= value < below; sorted by value, corpus and keys.

    measures, measure
                  as for `measure_outliers`; a null `below` is no bound
    review_id, corpus, paper_key, title, review_key, kind, value
    """
    value = pl.col(measure).cast(pl.Float64)
    # As the bins of queries.measure_distribution: a value is in the bin that its rounded edge begins.
    slack = 1e-9 * max(1.0, abs(least))
    inside = (pl.col("value") >= least - slack) & (pl.lit(below is None) | (pl.col("value") < (below or 0.0) - slack))
    return (
        measures.select("review_id", "paper_id", "corpus", "kind", value.alias("value"))
        .filter(inside)
        .pipe(_named, frames)
        .select(*_REVIEW, "value")
        .sort("value", "corpus", "paper_key", "review_key", "review_id")
    )


def _named(rows: pl.LazyFrame, frames: Frames) -> pl.LazyFrame:
    papers = frames.papers.select("paper_id", "paper_key", "title")
    return rows.join(papers, on="paper_id", how="inner").join(
        frames.reviews.select("review_id", "review_key"), on="review_id", how="inner"
    )


def _scaled(measure: str) -> pl.Expr:
    value, scale = pl.col("value"), SCALES.get(measure)
    return value.log() if scale == "log" else value.log1p() if scale == "log1p" else value


def _back(measure: str, fence: pl.Expr) -> pl.Expr:
    scale = SCALES.get(measure)
    return fence.exp() if scale == "log" else fence.exp() - 1 if scale == "log1p" else fence


def _placed(measure: str) -> pl.Expr:
    """Whether a value has a place on the scale: zero words have none."""
    return pl.col("value") > 0 if SCALES.get(measure) == "log" else pl.col("value").is_not_null()
