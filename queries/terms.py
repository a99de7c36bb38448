"""Terms: what is counted when words are compared, and how often each stands in each paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from queries.tokens import words

#: Words, two neighbouring words of one segment, or words with their inflected forms as one.
Unit = Literal["word", "bigram", "lemma"]

#: Segments whose words are counted; of more, papers are drawn at random. About 8 million words.
MOST_SEGMENTS = 400_000


def terms(
    segments: pl.LazyFrame, *, unit: Unit = "word", lemmas: pl.LazyFrame | None = None, by: Sequence[str] = ()
) -> pl.LazyFrame:
    """One row per paper and term of the segments; the order of rows is not fixed.

    by            further columns of `segments` that keep rows apart
    lemmas        `word` and its `lemma`, each word once; a word that is not in it is its own lemma. Asked for by the
                  unit `lemma`, else passed over
    paper_id      as in segments
    term          in lower case; a bigram has a space in the middle, and does not cross the border of a segment
    n             how often it occurs in the paper
    n_reviews     reviews of the paper that have it

    Raises ValueError for the unit `lemma` without lemmas.
    """
    key = ["paper_id", *by]
    listed = segments.select(*key, "review_id", words().alias("term"))
    length = pl.col("term").list.len()
    if unit == "bigram":
        first, second = pl.col("term").list.head(length - 1), pl.col("term").list.slice(1)
        pairs = listed.filter(length > 1).with_columns(first.alias("term"), second.alias("_second"))
        two = pl.concat_str("term", "_second", separator=" ").alias("term")
        found = pairs.explode("term", "_second").with_columns(two)
    else:
        found = listed.filter(length > 0).explode("term")
    if unit == "lemma":
        if lemmas is None:
            raise ValueError("The unit lemma needs lemmas.")
        known = lemmas.select(pl.col("word").alias("term"), "lemma")
        found = found.join(known, on="term", how="left").with_columns(pl.coalesce("lemma", "term").alias("term"))
    return (
        found.group_by(*key, "review_id", "term")
        .agg(pl.len().alias("n"))
        .group_by(*key, "term")
        .agg(pl.col("n").sum(), pl.len().alias("n_reviews"))
    )


def vocabulary_of(segments: pl.LazyFrame) -> pl.LazyFrame:
    """One row per distinct word of the segments; sorted by it."""
    found = segments.select(words().alias("word"))
    return found.filter(pl.col("word").list.len() > 0).explode("word").unique().sort("word")


def sampled(segments: pl.LazyFrame, most: int = MOST_SEGMENTS) -> pl.LazyFrame:
    """The segments of papers drawn at random, so that about `most` are left; all where there are not more.

    Whole papers are drawn, all with the same chance and each whatever the others are; the same ids, the same papers.
    """
    drawn = (pl.col("paper_id").cast(pl.UInt64) * _MULTIPLIER % _MODULUS) / _MODULUS  # Knuth's multiplicative hash
    return segments.filter(drawn * pl.len() < most)


_MULTIPLIER, _MODULUS = 2_654_435_761, 2**32


def extent(target: pl.LazyFrame, reference: pl.LazyFrame) -> pl.LazyFrame:
    """One row: what two cohorts of segments hold, and what they share.

    segments_target, reviews_target, papers_target
                  segments, and the reviews and papers that they are of
    segments_reference, reviews_reference, papers_reference
                  the same of the other
    segments_both segments that are in both
    papers        papers of either
    """
    sides = [
        segments.select(
            pl.len().alias(f"segments_{name}"),
            pl.col("review_id").n_unique().alias(f"reviews_{name}"),
            pl.col("paper_id").n_unique().alias(f"papers_{name}"),
        )
        for name, segments in (("target", target), ("reference", reference))
    ]
    shared = target.join(reference.select("segment_id"), on="segment_id", how="semi")
    papers = pl.concat([target.select("paper_id"), reference.select("paper_id")])
    return pl.concat(
        [
            *sides,
            shared.select(pl.len().alias("segments_both")),
            papers.select(pl.col("paper_id").n_unique().alias("papers")),
        ],
        how="horizontal",
    )
