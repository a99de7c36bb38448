"""Located: the segments of a snapshot that are at given places of reviews."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames

#: What a place is named by.
PLACE = ("corpus", "paper_key", "review_key", "start", "end")


def located(frames: Frames, places: pl.LazyFrame) -> pl.LazyFrame:
    """One row per place of `places` at which a segment stands, and segment; sorted by segment_id.

    places   corpus, paper_key, review_key, and start and end in code points of the review's text, with whatever other
             columns, which are kept

    segment_id, then the columns of `places`
    """
    names = places.select("corpus", "paper_key", "review_key").unique()
    reviews = (
        frames.reviews.select("review_id", "paper_id", "review_key")
        .join(frames.papers.select("paper_id", "corpus", "paper_key"), on="paper_id")
        .join(names, on=["corpus", "paper_key", "review_key"], how="semi")
    )
    length = pl.col("text").str.len_chars()
    segments = (
        frames.segments.select("segment_id", "review_id", "position", "text")
        .join(reviews, on="review_id")
        .with_columns(length.cum_sum().over("review_id", order_by="position").cast(pl.Int64).alias("end"))
        .with_columns((pl.col("end") - length).alias("start"))
    )
    whole = places.with_columns(pl.col("start", "end").cast(pl.Int64))
    return segments.select("segment_id", *PLACE).join(whole, on=list(PLACE)).sort("segment_id")
