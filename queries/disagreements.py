"""Disagreements: the sentences that two annotators labelled differently, or with two given codes."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.confusion import crossed

_UNIT = ("review_id", "segment_id", "first", "second")
_PAPER = ("corpus", "paper_key", "title")


def disagreements(
    frames: Frames,
    *,
    layer: str,
    first: str,
    second: str | None = None,
    question: str = "code",
    cell: tuple[str | None, str | None] | None = None,
) -> pl.LazyFrame:
    """One row per segment and pair of annotators; sorted by corpus, paper_key, review, place in it and annotators.

    layer, first, second, question
                  as for queries.confusion.crossed
    cell          the codes, as text, of a cell of queries.confusion, null for none: segments on which these two meet.
                  Null for all segments on which the annotators did not give the same
    corpus, paper_key, title, review_key, position, text
                  where the segment stands, and what it says
    first, second the annotators, as text
    first_answer, second_answer
                  all that each gave it, a list of text; null where none
    """
    met = crossed(frames, layer=layer, first=first, second=second, question=question)
    if cell is None:
        asked = pl.col("first_code").ne_missing(pl.col("second_code"))
    else:
        asked = pl.lit(True)
        for side, code in zip(("first_code", "second_code"), cell, strict=True):
            asked &= pl.col(side).cast(pl.String).eq_missing(pl.lit(code, dtype=pl.String))
    rows = met.filter(asked).select("paper_id", *_UNIT, "first_answer", "second_answer").unique(subset=_UNIT)
    reviews = frames.reviews.select("review_id", "review_key", pl.col("position").alias("place"))
    order = ("corpus", "paper_key", "place", "review_key", "position", "segment_id", "first", "second")
    return (
        rows.join(frames.segments.select("segment_id", "position", "text"), on="segment_id", how="inner")
        .join(reviews, on="review_id", how="inner")
        .join(frames.papers.select("paper_id", *_PAPER), on="paper_id", how="inner")
        .with_columns(pl.col("first_answer", "second_answer").cast(pl.List(pl.String)))
        .sort(order)
        .select(*_PAPER, "review_key", "position", "text", "first", "second", "first_answer", "second_answer")
    )
