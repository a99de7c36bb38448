"""Surroundings: sentences where they stand, with those before and after them and what is known of their papers."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from corpus.tables import Frames

_PAPER = ("corpus", "paper_id", "paper_key", "title", "venue", "year")
_REVIEW = ("review_id", "review_key", "reviewer", "kind", "rating")


def surroundings(frames: Frames, segments: Sequence[int], n: int = 2) -> pl.LazyFrame:
    """One row per segment of those named by id; sorted by segment_id. `frames` hold their whole reviews.

    corpus, paper_id, paper_key, title, venue, year
                  of the paper
    review_id, review_key, reviewer, kind, rating
                  of the review
    segment_id, position, field, text
                  of the segment
    start, end    code points in the review's text, which its segments joined are
    before, after texts of up to `n` segments before and after it in the same review, in reading order
    """
    wanted = pl.LazyFrame({"segment_id": list(segments)}, schema={"segment_id": pl.UInt32})
    columns = ("segment_id", "review_id", "position", "field", "text")
    of = frames.segments.join(wanted, on="segment_id", how="semi").select("review_id").unique()
    length = pl.col("text").str.len_chars()
    end = length.cum_sum().over("review_id", order_by="position")
    around = {
        "before": [pl.col("text").shift(by).over("review_id", order_by="position") for by in range(n, 0, -1)],
        "after": [pl.col("text").shift(-by).over("review_id", order_by="position") for by in range(1, n + 1)],
    }
    return (
        frames.segments.select(columns)
        .join(of, on="review_id", how="semi")
        .with_columns(
            end.alias("end"),
            *(pl.concat_list(texts).list.drop_nulls().alias(name) for name, texts in around.items()),
        )
        .with_columns((pl.col("end") - length).alias("start"))
        .join(wanted, on="segment_id", how="semi")
        .join(frames.reviews.select("paper_id", *_REVIEW), on="review_id")
        .join(frames.papers.select(_PAPER), on="paper_id")
        .sort("segment_id")
        .select(*_PAPER, *_REVIEW, "segment_id", "position", "field", "text", "start", "end", "before", "after")
    )
