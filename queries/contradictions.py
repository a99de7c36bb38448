"""Contradictions: two reviews of one paper that take opposite sides on the same code."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.layers import of_layer
from queries.polarity import tallies

#: Codes by which an annotator says that there is nothing to judge, or that it cannot be told: no side is taken on them.
NO_ASPECT = ("none", "CNT")
_CODE = ("scheme", "layer", "code")


def sides(frames: Frames, *, layer: str = "aspect") -> pl.LazyFrame:
    """One row per review and code that it takes a side on; sorted by paper (corpus, key), code and review's position.

    layer         the key of the layer, or `common` for the shared aspects
    paper_id, corpus, paper_key, scheme, layer, code
    review_id, position, review_key
                  the review and its place among the paper's
    side          -1 or 1: the sign of positive less negative labels of the code, whatever the annotator
    net           see queries.polarity

    Only reviews count (no rebuttals, meta-reviews or comments), and no code that stands for no aspect. Where positive
    and negative labels are as many, or none of the code has a polarity, the review takes no side and has no row.
    """
    reviews = frames.reviews.filter(pl.col("kind") == "review").select("review_id", "position", "review_key")
    papers = frames.papers.select("paper_id", "corpus", "paper_key")
    labels = of_layer(frames.labels, frames.codes, layer).filter(~pl.col("code").cast(pl.String).is_in(NO_ASPECT))
    return (
        labels.group_by("paper_id", "review_id", *_CODE)
        .agg(tallies())
        .with_columns((pl.col("positive").cast(pl.Int64) - pl.col("negative")).sign().cast(pl.Int8).alias("side"))
        .filter(pl.col("side") != 0)
        .join(reviews, on="review_id", how="inner")
        .join(papers, on="paper_id", how="inner")
        .select("paper_id", "corpus", "paper_key", *_CODE, "review_id", "position", "review_key", "side", "net")
        .sort("corpus", "paper_key", *_CODE, "position", "review_key", "review_id")
    )


def contradictions(frames: Frames, *, layer: str = "aspect") -> pl.LazyFrame:
    """One row per paper, code and pair of its reviews that both take a side on the code; sorted as `sides` is.

    layer         as for `sides`, which tells what a side is
    paper_id, corpus, paper_key, scheme, layer, code
    first, second review_id of the two, first the one that stands first among the paper's reviews
    first_side, second_side
                  -1 or 1
    first_net, second_net
                  net polarity of each review's labels of the code, -1 to 1
    opposed       whether the sides differ: a contradiction
    """
    taken = sides(frames, layer=layer).with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("place"))
    others = taken.select("paper_id", *_CODE, pl.col("review_id", "side", "net", "place").name.prefix("other_"))
    return (
        taken.join(others, on=["paper_id", *_CODE], how="inner")
        .filter(pl.col("place") < pl.col("other_place"))
        .sort("place", "other_place")
        .select(
            *("paper_id", "corpus", "paper_key", *_CODE),
            pl.col("review_id").alias("first"),
            pl.col("other_review_id").alias("second"),
            pl.col("side").alias("first_side"),
            pl.col("other_side").alias("second_side"),
            pl.col("net").alias("first_net"),
            pl.col("other_net").alias("second_net"),
            (pl.col("side") != pl.col("other_side")).alias("opposed"),
        )
    )
