"""Pair sentences: for two codes that stand on one sentence, one such sentence, chosen by rule."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.cooccurrence import numbered, uses

#: One other pair weighs more than any number of characters.
_FAR = 1e9


def pair_sentences(frames: Frames, *, rows: str, columns: str, polarity: bool = False) -> pl.LazyFrame:
    """One row per pair of codes that some segment has, of the pairs of queries.cooccurrence; sorted as these.

    Of the segments with any text that have both, that with the fewest other pairs is taken, then that
    whose length is nearest the median of them, then by corpus, paper_key, place of the review and of the segment: as
    queries.typical does for single codes.

    rows, columns, polarity
                  as for queries.cooccurrence
    first, first_polarity, second, second_polarity
                  the pair
    corpus, paper_key, title, review_key, position, text
                  where the sentence stands, and the sentence
    """
    same = rows == columns
    of_rows = uses(frames, rows, "segment_id", polarity)
    of_columns = of_rows if same else uses(frames, columns, "segment_id", polarity)
    first, names_first = numbered(of_rows, "i")
    second, names_second = numbered(of_columns, "j")
    both = first.join(second.drop("paper_id"), on="unit")
    if same:
        both = both.filter(pl.col("i") < pl.col("j"))
    lengths = frames.segments.select(
        pl.col("segment_id").alias("unit"), pl.col("text").str.strip_chars().str.len_chars().alias("length")
    )
    n_others = pl.len().over("unit")
    off = (pl.col("length") - pl.col("length").median().over("i", "j")).abs() + _FAR * pl.col("n_others")
    chosen = (
        both.with_columns(n_others.alias("n_others"))
        .join(lengths.filter(pl.col("length") > 0), on="unit")
        .with_columns(off.alias("off"))
        .filter(pl.col("off") == pl.col("off").min().over("i", "j"))
    )
    of_review = ("corpus", "paper_key", "title", "review_key")
    places = frames.reviews.select("review_id", "paper_id", "review_key", pl.col("position").alias("place")).join(
        frames.papers.select("paper_id", "corpus", "paper_key", "title"), on="paper_id"
    )
    segments = frames.segments.select(pl.col("segment_id").alias("unit"), "review_id", "position", "text")
    return (
        chosen.select("unit", "i", "j")
        .join(segments, on="unit")
        .join(places, on="review_id")
        .sort("i", "j", "corpus", "paper_key", "place", "position", "unit")
        .unique(["i", "j"], keep="first", maintain_order=True)
        .join(names_first.rename({"code": "first", "polarity": "first_polarity"}), on="i")
        .join(names_second.rename({"code": "second", "polarity": "second_polarity"}), on="j")
        .sort("i", "j")
        .select("first", "first_polarity", "second", "second_polarity", *of_review, "position", "text")
    )
