"""Shape outliers: the reviews whose course departs most from that of their cohort."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy import special

from corpus.tables import Frames
from queries.fitting import fitted
from queries.shape import BINS, KINDS, course

#: Labelled sentences below which a review has no course to speak of.
LEAST = 6
_WHAT = ("code", "polarity")


def shape_outliers(
    frames: Frames,
    *,
    layer: str,
    polarity: bool = False,
    bins: int = BINS,
    kinds: Sequence[str] = KINDS,
    whole: pl.LazyFrame | None = None,
    least: int = LEAST,
    n: int = 10,
) -> pl.LazyFrame:
    """Up to `n` reviews, that which departs most first; ties by corpus, paper_key, place of the review.

    The mean course is queries.shape's value, of all reviews. A review's own is smoothed twice: over neighbouring bins,
    by weights 1, 2, 1, as the mean is too; and by one sentence of the mean course that is added to each bin, without
    which the shortest reviews would depart most, having one sentence to a bin or none.

    layer, polarity, bins, kinds, whole
                  see queries.shape.course
    least         labelled sentences that a review needs to be ranked
    corpus, paper_id, paper_key, title, venue, year, decision
                  of the paper
    review_id, review_key, reviewer, kind, rating
                  of the review
    n_labelled    labelled sentences
    distance      between the two courses: the Jensen-Shannon distance (Endres & Schindelin 2003,
                  https://doi.org/10.1109/TIT.2003.813506; square root of the divergence in bits), 0 for one course and
                  1 for courses with nothing in common, averaged over bins; rounded to nine decimals
    part, code, polarity
                  the third of the review, from 0, and what there is most too much of in it; as in queries.shape.course
    share, mean   its shares there: in the smoothed course of the review, and in the mean course, averaged over the bins
                  in which the review has labelled sentences
    n_ranked      reviews that have the labelled sentences to be ranked
    """
    masses = course(frames, layer=layer, polarity=polarity, bins=bins, kinds=kinds, whole=whole).cache()
    names = masses.select(_WHAT).unique().sort(_WHAT, nulls_last=True).with_row_index("at")
    placed = (
        masses.join(names, on=_WHAT, nulls_equal=True)
        .group_by("review_id", "bin", "at")
        .agg(pl.col("mass").sum())
        .join(masses.group_by("review_id").agg(pl.col("segment_id").n_unique().alias("n_labelled")), on="review_id")
        .join(_lengths(frames if whole is None else whole), on="review_id")
        .sort("review_id", "bin", "at")
    )
    adds = dict.fromkeys(("distance", "share", "mean"), pl.Float64) | dict.fromkeys(("at", "part"), pl.UInt32)
    found = fitted(placed, lambda rows: _fit(rows, bins, least), keeps=("review_id", "n_labelled"), adds=adds)
    paper = ("corpus", "paper_id", "paper_key", "title", "venue", "year", "decision")
    review = ("review_id", "review_key", "reviewer", "kind", "rating")
    return (
        found.with_columns(pl.len().alias("n_ranked"))
        .join(names, on="at")
        .join(frames.reviews.select("paper_id", "position", *review), on="review_id")
        .join(frames.papers.select(paper), on="paper_id")
        .sort("distance", "corpus", "paper_key", "position", "review_id", descending=[True, *[False] * 4])
        .head(n)
        .select(*paper, *review, "n_labelled", "distance", "part", *_WHAT, "share", "mean", "n_ranked")
    )


def _lengths(text: Frames | pl.LazyFrame) -> pl.LazyFrame:
    """review_id and its number of segments."""
    segments = text.segments if isinstance(text, Frames) else text
    return segments.group_by("review_id").agg(pl.len().cast(pl.Float64).alias("m"))


def _fit(rows: pl.DataFrame, bins: int, least: int) -> pl.DataFrame:
    """The distance of every review with enough sentences, and what makes it. `rows` are masses by review, bin, code."""
    reviews, place = np.unique(rows["review_id"].to_numpy(), return_inverse=True)
    at, bin_ = (rows[name].to_numpy().astype(int) for name in ("at", "bin"))
    n_codes = int(at.max(initial=-1)) + 1
    masses = np.zeros((len(reviews), bins, n_codes))
    masses[place, bin_, at] = rows["mass"].to_numpy()
    per_review = rows.group_by("review_id", maintain_order=True).agg(pl.col("n_labelled", "m").first())
    enough = (per_review["n_labelled"] >= least).to_numpy()
    if not enough.any():
        return rows.head(0).with_columns(pl.lit(0).alias(each) for each in ("part", "at", "distance", "share", "mean"))
    own = _smoothed(masses[enough])
    mean = _shares(_smoothed(masses.sum(axis=0)[None]))[0]
    sentences = per_review["m"].to_numpy()[enough][:, None, None] / bins  # that a full bin of each review holds
    with_one = own * sentences + mean
    weight = np.where(own.sum(axis=2) > 0, 1.0, 0.0)  # bins without a labelled sentence tell nothing
    shares = _shares(with_one)
    distance = (_distance(shares, mean) * weight).sum(axis=1) / weight.sum(axis=1)
    part, most, share, usual = _excess(shares, mean, weight)
    return per_review.filter(enough).with_columns(
        pl.Series("part", part, dtype=pl.UInt32),
        pl.Series("at", most, dtype=pl.UInt32),
        pl.Series("distance", distance.round(9)),
        pl.Series("share", share),
        pl.Series("mean", usual),
    )


def _excess(shares: np.ndarray, mean: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, ...]:
    """The third of each review and the code that exceeds its mean most there, and both shares."""
    bins = shares.shape[1]
    third = (3 * (np.arange(bins) + 0.5) / bins).astype(int)
    within = weight[:, None, :] * (third == np.arange(3)[:, None])  # reviews × thirds × bins
    n = within.sum(axis=2, keepdims=True)
    own, usual = (
        np.divide(np.matmul(within, each), n, out=np.zeros((len(shares), 3, shares.shape[2])), where=n > 0)
        for each in (shares, mean)
    )
    most = np.where(n > 0, own - usual, -1).round(9).reshape(len(shares), -1).argmax(axis=1)
    part, code = np.divmod(most, shares.shape[2])
    each = np.arange(len(shares))
    return part, code, own[each, part, code], usual[each, part, code]


def _smoothed(masses: np.ndarray) -> np.ndarray:
    """Masses (reviews, bins, codes) with half of what both neighbours have, over what these weights add up to."""
    padded = np.pad(masses, ((0, 0), (1, 1), (0, 0)))
    weights = np.pad(np.ones(masses.shape[1]), 1)
    added = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    return added / (weights[:-2] + 2 * weights[1:-1] + weights[2:])[:, None]


def _shares(masses: np.ndarray) -> np.ndarray:
    """Masses over their sum by bin; 0 where there is nothing."""
    whole = masses.sum(axis=2, keepdims=True)
    return np.divide(masses, whole, out=np.zeros_like(masses), where=whole > 0)


def _distance(shares: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """The Jensen-Shannon distance in each bin."""
    middle = (shares + mean) / 2
    divergence = (special.rel_entr(shares, middle) + special.rel_entr(np.broadcast_to(mean, shares.shape), middle)) / 2
    return np.sqrt(np.maximum(0, divergence.sum(axis=2) / np.log(2)))
