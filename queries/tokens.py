"""Tokens: the words of segments, as every query on wording counts them."""

from __future__ import annotations

import polars as pl

#: A run of letters and digits, with hyphens and apostrophes inside it.
WORD = r"[\p{L}\p{N}]+(?:['-][\p{L}\p{N}]+)*"


def words(text: str | pl.Expr = "text") -> pl.Expr:
    """The words of a text as a list, in order, in lower case; curly apostrophes are straight. No words: empty list."""
    column = pl.col(text) if isinstance(text, str) else text
    return column.str.to_lowercase().str.replace_all("[’ʼ‘]", "'").str.extract_all(WORD)


def tokens(segments: pl.LazyFrame) -> pl.LazyFrame:
    """One row per word of each segment; sorted by segment_id and place.

    paper_id, review_id, segment_id
                  as in segments
    place         of the word in the segment, from 0
    token         the word in lower case
    """
    listed = segments.select("paper_id", "review_id", "segment_id", words().alias("token"))
    places = pl.int_ranges(pl.col("token").list.len()).alias("place")
    return (
        listed.filter(pl.col("token").list.len() > 0)
        .with_columns(places)
        .explode("token", "place")
        .select("paper_id", "review_id", "segment_id", "place", "token")
        .sort("segment_id", "place")
    )
