"""Peers: how many papers there are to compare one with."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.layers import of_layer


def peers(frames: Frames, *, paper_id: int, layer: str = "aspect") -> pl.LazyFrame:
    """One row: papers with a review that is labelled in a layer, the paper itself among them.

    layer         the key of the layer, or `common` for the shared aspects
    n_near        those of the paper's corpus, venue and year; 0 where its venue or year is unknown
    n_all         all of them
    """
    where = ("corpus", "venue", "year")
    reviews = frames.reviews.filter(pl.col("kind") == "review").select("review_id")
    labelled = (
        of_layer(frames.labels, frames.codes, layer)
        .select("paper_id", "review_id")
        .unique()
        .join(reviews, on="review_id", how="semi")
    )
    there = frames.papers.join(labelled, on="paper_id", how="semi")
    own = frames.papers.filter(pl.col("paper_id") == paper_id).select(where)
    near = there.join(own, on=where, how="semi").select(pl.len().alias("n_near"))
    return pl.concat([near, there.select(pl.len().alias("n_all"))], how="horizontal")
