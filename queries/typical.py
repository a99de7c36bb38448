"""Typical sentences: examples of each code, chosen by rule."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.provenance import guess

_CODE = ("scheme", "layer", "code")

#: One other code weighs more than any number of characters.
_FAR = 1e9


def typical(frames: Frames, *, n: int = 3) -> pl.LazyFrame:
    """Up to `n` rows per code that labels segments, in the schemes' order, then the most typical first.

    Of the segments with any text that a code labels, those with the fewest other codes of the layer come first, then
    those whose length is nearest the median of the code's segments, then by corpus, paper_key, place of the review and
    of the segment. The first of each paper is taken, then the first `n` of these: examples of one code are from
    different papers.

    scheme, layer, code
    rank          from 0
    corpus, paper_key, review_key, position, text
                  where the sentence stands, and the sentence
    polarity      of the label; null where none was given, and where annotators differ
    model, confidence
                  of queries.provenance.guess: null where a person gave the label
    n_others      other codes of the layer on the segment
    length        characters, white space around it aside; median is that of the code
    """
    labels = frames.labels.filter(pl.col("segment_id").is_not_null()).select(
        "segment_id", "paper_id", *_CODE, "polarity", "annotator", "confidence"
    )
    lengths = frames.segments.select("segment_id", pl.col("text").str.strip_chars().str.len_chars().alias("length"))
    uses = (
        labels.select("segment_id", "paper_id", *_CODE)
        .unique()
        .with_columns((pl.len().over("segment_id", "scheme", "layer") - 1).alias("n_others"))
        .join(lengths.filter(pl.col("length") > 0), on="segment_id")
        .with_columns(pl.col("length").median().over(_CODE).alias("median"))
        .with_columns((pl.col("n_others") * _FAR + (pl.col("length") - pl.col("median")).abs()).alias("off"))
        .cache()
    )
    order = ("off", "place", "position", "segment_id")
    chosen = (
        _near(uses, n)
        .join(_places(frames), on="segment_id")
        .sort(order)
        .unique([*_CODE, "paper_id"], keep="first", maintain_order=True)
        .group_by(_CODE, maintain_order=True)
        .head(n)
        .with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).over(_CODE).alias("rank"))
    )
    alike = pl.when(pl.col("polarity").n_unique() == 1).then(pl.col("polarity").first())
    polarity = (
        labels.join(chosen.select("segment_id"), on="segment_id", how="semi")
        .group_by("segment_id", *_CODE)
        .agg(alike.alias("polarity"), guess(labels))
        .unnest("guess")
    )
    return (
        chosen.join(polarity, on=["segment_id", *_CODE])
        .join(frames.reviews.select("review_id", "review_key"), on="review_id")
        .join(frames.papers.select("paper_id", "corpus", "paper_key"), on="paper_id")
        .join(frames.segments.select("segment_id", "text"), on="segment_id")
        .select(
            *(*_CODE, "rank", "corpus", "paper_key", "review_key", "position", "text"),
            *("polarity", "model", "confidence", "n_others", "length", "median"),
        )
        .sort(*_CODE, "rank")
    )


def _near(uses: pl.LazyFrame, n: int) -> pl.LazyFrame:
    """The rows of `uses` that can be among the first of `n` papers: those as near as the n-th nearest paper, or nearer.

    To put all of a million into order would take most of the time.
    """
    nearest = uses.group_by(*_CODE, "paper_id").agg(pl.col("off").min())
    reach = nearest.group_by(_CODE).agg(pl.col("off").bottom_k(n).max().alias("reach"))
    return uses.join(reach, on=_CODE).filter(pl.col("off") <= pl.col("reach"))


def _places(frames: Frames) -> pl.LazyFrame:
    """segment_id, review_id, position, place: of the review among all by corpus, paper_key and place."""
    order = ("corpus", "paper_key", "paper_id", "at", "review_id")
    reviews = (
        frames.reviews.select("review_id", "paper_id", pl.col("position").alias("at"))
        .join(frames.papers.select("paper_id", "corpus", "paper_key"), on="paper_id")
        .sort(order)
        .select("review_id")
        .with_row_index("place")
    )
    return frames.segments.select("segment_id", "review_id", "position").join(reviews, on="review_id")
