"""Mismatch drivers: the sentences whose labels make up what is expected of a review."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from corpus.tables import Frames
from queries.contradictions import NO_ASPECT
from queries.label_design import label_design
from queries.layers import of_layer
from queries.out_of_fold import Target, weights


def mismatch_drivers(
    frames: Frames, judged: pl.LazyFrame, *, layer: str = "aspect", of: Target = "rating", reviews: Sequence[int]
) -> pl.LazyFrame:
    """One row per sentence of these reviews that has a weight; by review_id, the heaviest first, then by position.

    judged        the rows of queries.mismatch for the same layer and `of`; reviews that have none there have none here
    reviews       ids of reviews
    review_id, segment_id, position, text
                  as in segments
    labels        its labels that weigh: a list of structs of code (text) and polarity, in the schemes' order
    pull          what the sentence adds to what is expected, through these labels: for ratings in points of the rating,
                  for decisions in log odds of acceptance

    What a label adds in the model that has not seen the paper (queries.out_of_fold) is parted evenly among the
    sentences of the review that have it. Over all its sentences pulls add up to what the labels add to the
    expectation, counted from a review without any.
    """
    design = label_design(frames, layer=layer)
    asked = judged.filter(pl.col("review_id").is_in(list(reviews))).select("review_id", "fold", "n", "scale")
    labels = (
        of_layer(frames.labels, frames.codes, layer)
        .filter(pl.col("segment_id").is_not_null() & pl.col("review_id").is_in(list(reviews)))
        .filter(~pl.col("code").cast(pl.String).is_in(NO_ASPECT))
        .select("review_id", "segment_id", "code", "polarity")
        .unique()
    )
    alike = pl.len().over("review_id", "code", "polarity")
    spelled = pl.struct(pl.col("code").cast(pl.String), "polarity")
    return (
        labels.join(asked, on="review_id", how="inner")
        .join(weights(design, of=of), on=["fold", "code", "polarity"], how="inner", nulls_equal=True)
        .with_columns((pl.col("weight") * pl.col("scale") * (alike / pl.col("n")).sqrt() / alike).alias("pull"))
        .sort("code", "polarity", nulls_last=True)
        .group_by("review_id", "segment_id", maintain_order=True)
        .agg(spelled.alias("labels"), pl.col("pull").sum())
        .join(frames.segments.select("segment_id", "position", "text"), on="segment_id", how="inner")
        .with_columns(pl.col("pull").abs().alias("_size"))
        .sort("review_id", "_size", "position", "segment_id", descending=[False, True, False, False])
        .select("review_id", "segment_id", "position", "text", "labels", "pull")
    )
