"""Out of fold: what the labels of a review lead one to expect, by a model that has seen no review of its paper.

Papers go into ten folds in turn, in the order of corpus and paper_key; what is expected of the reviews of a fold comes
from the reviews of the other nine (Stone 1974, https://doi.org/10.1111/j.2517-6161.1974.tb00994.x). Ratings come from a
linear, decisions from a logistic ridge regression on standardised predictors: for each label the square root of its
share of the review's labelled sentences, and the logarithm of the review's words. The root keeps a label that is rare,
but fills one review, from carrying that review away. A label in fewer than five of the nine folds' reviews is left out.

Scales of ratings differ, so a rating counts as its distance from the mean rating of its corpus, venue and year, in
standard deviations of theirs: mean and deviation too are those of the other nine folds.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import polars as pl

from queries.fitting import fitted
from queries.intervals import ENOUGH_OBSERVATIONS, ENOUGH_PAPERS
from queries.label_design import Design, matrix
from queries.regression import chances, least_squares, logistic

FOLDS = 10
#: Weight of the ridge: as much as that many further reviews in which labels tell nothing of the rating would weigh.
PENALTY = 30.0

Target = Literal["rating", "decision"]
_GROUP = ("corpus", "venue", "year")


def out_of_fold(design: pl.LazyFrame, *, of: Target = "rating") -> pl.LazyFrame:
    """One row per review of queries.label_design whose `of` is known, in its order.

    of            `rating`, or `decision`: whether the paper was accepted, of papers accepted or rejected
    paper_id, corpus, paper_key, venue, year, decision, review_id, review_key, position, n_words, n
                  as there
    fold          0 to 9
    given         the rating; 1 for accepted, 0 for rejected
    expected      rating, or probability of acceptance, from 0 to 1
    usual         what is expected without the labels: mean rating of corpus, venue and year, or share of acceptances
    scale         standard deviation of the ratings of corpus, venue and year; 1 for decisions

    `expected`, `usual` and `scale` are null, all three, with fewer than 30 papers, where the other folds hold one
    decision only, and for ratings where they hold no two different ones of the corpus, venue and year.
    """
    rows = _known(design, of)

    def fit(given: pl.DataFrame) -> pl.DataFrame:
        found = matrix(given)
        numbers = np.full((3, found.reviews.height), np.nan)
        for fold in _folds(found, of):
            held = found.papers % FOLDS == fold.number
            numbers[:, held] = fold.expected[:, held]
        numbers[:, np.isnan(numbers).any(axis=0)] = np.nan
        columns = zip(("expected", "usual", "scale"), numbers, strict=True)
        return found.reviews.with_columns(
            *(pl.Series(name, values, pl.Float64).fill_nan(None) for name, values in columns),
            pl.Series("given", _given(found, of), pl.Float64),
            pl.Series("fold", found.papers % FOLDS),
        )

    keeps = (
        *("paper_id", "corpus", "paper_key", "venue", "year", "decision"),
        *("review_id", "review_key", "position", "n_words", "n"),
    )
    adds = {"fold": pl.UInt8, **dict.fromkeys(("given", "expected", "usual", "scale"), pl.Float64)}
    return fitted(rows, fit, keeps=keeps, adds=adds)


def weights(design: pl.LazyFrame, *, of: Target = "rating") -> pl.LazyFrame:
    """One row per fold, code and polarity: what the root of its share is multiplied by where the fold is judged.

    fold, code, polarity
    weight        for ratings in standard deviations of those of corpus, venue and year, for decisions in log odds of
                  acceptance; 0 where the label is left out
    """

    def fit(given: pl.DataFrame) -> pl.DataFrame:
        found = matrix(given)
        each = [
            found.predictors.with_columns(
                pl.lit(fold.number).alias("fold"), pl.Series("weight", fold.slopes, pl.Float64)
            )
            for fold in _folds(found, of)
        ]
        empty = found.predictors.clear().with_columns(
            pl.lit(None, pl.Int32).alias("fold"), pl.lit(None, pl.Float64).alias("weight")
        )
        return pl.concat([empty, *each], how="vertical_relaxed")

    made = fitted(_known(design, of), fit, keeps=("code", "polarity"), adds={"fold": pl.UInt8, "weight": pl.Float64})
    return made.select("fold", "code", "polarity", "weight").sort("fold", "code", "polarity", nulls_last=True)


class _Fold(NamedTuple):
    """What the model for one fold says: of every review what is expected, usual and the scale; slopes of the labels."""

    number: int
    expected: np.ndarray
    slopes: np.ndarray


def _known(design: pl.LazyFrame, of: Target) -> pl.LazyFrame:
    if of == "rating":
        return design.filter(pl.col("rating").is_not_null())
    return design.filter(pl.col("decision").cast(pl.String).is_in(["accept", "reject"]))


def _given(design: Design, of: Target) -> np.ndarray:
    if of == "rating":
        return design.reviews["rating"].to_numpy().astype(float)
    return (design.reviews["decision"].cast(pl.String) == "accept").to_numpy().astype(float)


def _folds(design: Design, of: Target) -> list[_Fold]:
    """The models, one per fold; none with fewer than 30 papers or where the other folds cannot tell."""
    papers = design.papers
    if not len(papers) or papers.max() + 1 < ENOUGH_PAPERS:
        return []
    length = np.log(np.maximum(design.reviews["n_words"].fill_null(1).to_numpy(), 1))
    x = np.column_stack([np.sqrt(design.counts / design.reviews["n"].to_numpy()[:, None]), length])
    given = _given(design, of)
    groups = design.reviews.select(pl.struct(_GROUP).rank("dense"))[_GROUP[0]].to_numpy().astype(int) - 1
    made = []
    for number in range(FOLDS):
        learn = papers % FOLDS != number
        mean, spread = x[learn].mean(axis=0), x[learn].std(axis=0)
        there = (spread > 1e-12) & ((x[learn] != 0).sum(axis=0) >= ENOUGH_OBSERVATIONS)
        scaled = (x[:, there] - mean[there]) / spread[there]
        model = _rating if of == "rating" else _decision
        found = model(scaled, given, groups, learn)
        if found is not None:
            expected, slopes = found
            all_slopes = np.zeros(x.shape[1])
            all_slopes[there] = slopes / spread[there]
            made.append(_Fold(number, expected, all_slopes[:-1]))
    return made


def _rating(
    x: np.ndarray, given: np.ndarray, groups: np.ndarray, learn: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    usual, scale = (np.full(len(given), np.nan) for _ in range(2))
    for group in np.unique(groups):
        own = given[learn & (groups == group)]
        if len(own) and own.std() > 0:
            usual[groups == group], scale[groups == group] = own.mean(), own.std()
    learn = learn & ~np.isnan(usual)
    if not learn.any():
        return None
    start, slopes = least_squares(x[learn], (given[learn] - usual[learn]) / scale[learn], PENALTY)
    return np.vstack([usual + scale * (start + x @ slopes), usual, scale]), slopes


def _decision(
    x: np.ndarray, given: np.ndarray, _groups: np.ndarray, learn: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    found = logistic(x[learn], given[learn], PENALTY)
    if found is None:
        return None
    start, slopes = found
    each = np.ones(len(given))
    return np.vstack([chances(start + x @ slopes), given[learn].mean() * each, each]), slopes
