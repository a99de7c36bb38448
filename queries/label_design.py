"""Label design: reviews by what their sentences are labelled with, the table that models of ratings and decisions use.

A predictor is a code with a polarity, as in `EMP, -1`. Codes that stand for no aspect (`none`, `CNT`) are none, but a
review in which nothing else was found is annotated all the same: it has zeros, while a review without any label in the
layer is not annotated and is left out.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import polars as pl

from corpus.tables import Frames
from queries.contradictions import NO_ASPECT
from queries.layers import of_layer

#: What a predictor measures of a review: its sentences with the label, whether it has any, or their share of all its
#: labelled sentences, in tens of percentage points.
Measure = Literal["sentences", "any", "share"]
MEASURES: tuple[Measure, ...] = ("sentences", "any", "share")


def label_design(frames: Frames, *, layer: str = "aspect") -> pl.LazyFrame:
    """One row per review, code and polarity that sentences of the review are labelled with.

    Sorted by paper (corpus, paper_key), review (position, review_key), code and polarity, null last. A review that has
    labels in the layer, but only of codes that stand for no aspect, has one row whose code is null.

    layer         the key of the layer, or `common` for the shared aspects
    paper_id, corpus, paper_key, venue, year, decision
                  as in papers
    review_id, review_key, position, rating, n_words
                  as in reviews; only reviews proper count, no rebuttals, meta-reviews or comments
    n             sentences of the review with any label in the layer
    code, polarity
                  as in labels; a null polarity is that of a layer without any, or of a label that was given none
    sentences     sentences with a label of that code and polarity, by whichever annotator; 0 where the code is null

    Labels on whole reviews are no sentences and are left out.
    """
    labels = (
        of_layer(frames.labels, frames.codes, layer)
        .filter(pl.col("segment_id").is_not_null())
        .select("review_id", "segment_id", "code", "polarity")
        .unique()
    )
    sized = labels.group_by("review_id").agg(pl.col("segment_id").n_unique().alias("n"))
    counted = (
        labels.filter(~pl.col("code").cast(pl.String).is_in(NO_ASPECT))
        .group_by("review_id", "code", "polarity")
        .agg(pl.len().alias("sentences"))
    )
    papers = frames.papers.select("paper_id", "corpus", "paper_key", "venue", "year", "decision")
    reviews = (
        frames.reviews.filter(pl.col("kind") == "review")
        .select("review_id", "paper_id", "review_key", "position", pl.col("rating").cast(pl.Float64), "n_words")
        .join(sized, on="review_id", how="inner")
        .join(papers, on="paper_id", how="inner")
        .sort("corpus", "paper_key", "paper_id", "position", "review_key", "review_id", nulls_last=True)
        .with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("place"))
    )
    return (
        reviews.join(counted, on="review_id", how="left")
        .with_columns(pl.col("sentences").fill_null(0))
        .sort("place", "code", "polarity", nulls_last=True)
        .select(
            *("paper_id", "corpus", "paper_key", "venue", "year", "decision"),
            *("review_id", "review_key", "position", "rating", "n_words", "n"),
            *("code", "polarity", "sentences"),
        )
    )


class Design(NamedTuple):
    """The rows of `label_design` as a matrix.

    reviews     one row per review, in order, with the columns that are the review's or its paper's
    predictors  one row per column of the matrix: code and polarity, in the schemes' order, null polarity last
    counts      reviews by predictors: sentences
    """

    reviews: pl.DataFrame
    predictors: pl.DataFrame
    counts: np.ndarray

    def measured(self, measure: Measure) -> np.ndarray:
        """The matrix with what `measure` takes of the counts."""
        if measure == "any":
            return (self.counts > 0).astype(float)
        if measure == "share":
            return 10 * self.counts / self.reviews["n"].to_numpy()[:, None]
        return self.counts

    @property
    def papers(self) -> np.ndarray:
        """For each review the place of its paper among the papers, from 0, in order."""
        ids = self.reviews["paper_id"]
        return (ids != ids.shift(1)).fill_null(True).cum_sum().to_numpy().astype(int) - 1


def matrix(rows: pl.DataFrame) -> Design:
    """The matrix of collected rows of `label_design`, of all reviews or of some."""
    own = rows.drop("code", "polarity", "sentences")
    reviews = own.unique("review_id", maintain_order=True)
    predictors = (
        rows.select("code", "polarity").filter(pl.col("code").is_not_null()).unique().sort(pl.all(), nulls_last=True)
    )
    counts = np.zeros((reviews.height, predictors.height))
    there = rows.filter(pl.col("code").is_not_null()).join(
        predictors.with_row_index("column"), on=["code", "polarity"], nulls_equal=True, maintain_order="left"
    )
    placed = there.select("review_id", "column", "sentences").join(
        reviews.select("review_id").with_row_index("row"), on="review_id", maintain_order="left"
    )
    counts[placed["row"].to_numpy(), placed["column"].to_numpy()] = placed["sentences"].to_numpy()
    return Design(reviews, predictors, counts)
