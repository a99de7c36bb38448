"""Choices: the values that filters can be set to, as they occur in a store."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames


def choices(frames: Frames) -> pl.LazyFrame:
    """One row per key of the filters and value; sorted by key, then by value as it is ordered in its own column.

    key      corpus, venue, year, decision, kind, scheme, annotator or rating
    value    as a string; `none` for papers without a decision; for rating the lowest and the highest
    place    place of the value among those of its key, from 0
    """
    papers, reviews, labels = frames.papers, frames.reviews, frames.labels
    ratings = reviews.select(pl.concat_list(pl.col("rating").min(), pl.col("rating").max()).alias("rating"))
    columns = (
        *(papers.select(pl.col(name).unique().drop_nulls().sort()) for name in ("corpus", "venue", "year")),
        papers.select(pl.col("decision").unique().sort(nulls_last=True).cast(pl.String).fill_null("none")),
        reviews.select(pl.col("kind").unique().drop_nulls().sort()),
        *(labels.select(pl.col(name).unique().sort()) for name in ("scheme", "annotator")),
        ratings.explode("rating", empty_as_null=False).drop_nulls().unique().sort("rating"),
    )
    keys = ("corpus", "venue", "year", "decision", "kind", "scheme", "annotator", "rating")
    rows = [
        column.select(pl.lit(key).alias("key"), pl.col(key).cast(pl.String).alias("value"))
        .with_row_index("place")
        .select("key", "value", "place")
        for key, column in zip(keys, columns, strict=True)
    ]
    return pl.concat(rows).sort("key", "place")
