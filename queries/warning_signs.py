"""Warning signs: what about a paper's reviews gives reason to look again, sign by sign."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.contradictions import contradictions
from queries.layers import of_layer
from queries.mismatch import mismatch
from queries.polarity import tallies
from queries.short_reviews import ENOUGH, short_reviews

#: The signs, in the order in which they are shown and weighed.
SIGNS = ("spread", "contradiction", "mismatch", "thin", "missing")

_PAPER = ("paper_id", "corpus", "paper_key", "title", "venue", "year", "decision")
_GROUP = ("corpus", "venue", "year")


def warning_signs(frames: Frames, *, layer: str = "aspect", whole: Frames | None = None) -> pl.LazyFrame:
    """One row per paper, sorted by corpus and paper_key; each sign is null where it cannot be measured.

    layer         the key of the layer, or `common` for the shared aspects
    whole         what is usual is looked for here instead of among `frames`: it does not hang on a selection
    paper_id, corpus, paper_key, title, venue, year, decision
                  as in papers
    n_reviews     reviews proper of the paper, of `whole`; in what follows too, no others count
    spread        standard deviation (n − 1) of its ratings; where fewer than two reviews give one, or no other paper of
                  its corpus, venue and year has any, of its reviews' net polarity in the layer. `spread_of` tells
                  which: `rating`, `net`
    spread_unit   what a spread is compared in: for ratings the standard deviation of those of its corpus, venue and
                  year in `whole`, for scales differ; else 1
    contradiction pairs of its reviews that take opposite sides on a code, added up over codes; of `n_pairs` that both
                  take a side (queries.contradictions)
    mismatch      greatest of its reviews' standardised residuals, whatever its sign (queries.mismatch): of ratings, for
                  papers without one of decisions. `mismatch_of` tells which: `rating`, `decision`
    thin          its reviews far shorter than their like (queries.short_reviews); null where their corpus has too few
                  for a fence
    missing       how many reviews fewer it has than is usual, 0 where it has as many or more; `usual` is the median of
                  the papers of its corpus and venue. Null where it is the only one
    """
    all_ = whole or frames
    reviews = frames.reviews.filter(pl.col("kind") == "review")
    joined = frames.papers.select(_PAPER)
    signs = (
        _ratings(reviews, all_),
        _polarities(frames, reviews, layer),
        _contradictions(frames, layer),
        _mismatches(frames, reviews, layer),
        _thin(frames, all_),
        _missing(all_),
    )
    for sign in signs:
        joined = joined.join(sign, on="paper_id", how="left")
    rated, judged = pl.col("by_rating").is_not_null(), pl.col("by_net").is_not_null()
    kind = pl.when(rated).then(pl.lit("rating")).when(judged).then(pl.lit("net"))
    unit = pl.when(rated).then("rating_unit").when(judged).then(1.0)
    return (
        joined.with_columns(
            pl.coalesce("by_rating", "by_net").alias("spread"),
            kind.alias("spread_of"),
            unit.alias("spread_unit"),
            pl.when(pl.col("can_be_thin")).then(pl.col("thin").fill_null(0)).alias("thin"),
            pl.col("n_reviews").fill_null(0),
        )
        .select(
            *(*_PAPER, "n_reviews", "spread", "spread_of", "spread_unit", "contradiction", "n_pairs"),
            *("mismatch", "mismatch_of", "thin", "missing", "usual"),
        )
        .sort("corpus", "paper_key", "paper_id")
    )


def _ratings(reviews: pl.LazyFrame, whole: Frames) -> pl.LazyFrame:
    """The spread of ratings by paper, and that of all ratings of its corpus, venue and year."""
    rating = pl.col("rating").cast(pl.Float64)
    rated = (pl.col("kind") == "review") & pl.col("rating").is_not_null()
    papers = whole.papers.select("paper_id", *_GROUP)
    units = (
        whole.reviews.filter(rated)
        .select("paper_id", rating)
        .join(papers, on="paper_id")
        .group_by(_GROUP)
        .agg(_spread("rating").alias("rating_unit"), pl.col("paper_id").n_unique().alias("n"))
        .filter(pl.col("n") > 1)
        .drop("n")
    )
    spreads = reviews.group_by("paper_id").agg(_spread("rating").alias("by_rating"))
    return spreads.join(papers, on="paper_id").join(units, on=_GROUP, how="inner", nulls_equal=True).drop(_GROUP)


def _polarities(frames: Frames, reviews: pl.LazyFrame, layer: str) -> pl.LazyFrame:
    """The spread of reviews' net polarities."""
    labels = of_layer(frames.labels, frames.codes, layer).join(reviews.select("review_id"), on="review_id", how="semi")
    nets = labels.group_by("paper_id", "review_id").agg(tallies())
    return nets.group_by("paper_id").agg(_spread("net").alias("by_net"))


def _spread(column: str) -> pl.Expr:
    """The standard deviation, to twelve digits: the last ones hang on the order in which rows are added up."""
    return pl.col(column).cast(pl.Float64).std().round(12)


def _contradictions(frames: Frames, layer: str) -> pl.LazyFrame:
    pairs = contradictions(frames, layer=layer)
    return pairs.group_by("paper_id").agg(
        pl.col("opposed").sum().cast(pl.UInt32).alias("contradiction"), pl.len().cast(pl.UInt32).alias("n_pairs")
    )


def _mismatches(frames: Frames, reviews: pl.LazyFrame, layer: str) -> pl.LazyFrame:
    """The greatest mismatch with ratings, for papers without it with the decision.

    Where all reviews have a rating no decision is modelled: that takes as long as all the rest.
    """
    unrated = reviews.select(pl.col("rating").is_null().any().alias("some"))
    asked = frames.papers.join(unrated, how="cross").filter("some").drop("some")
    rated = _greatest(mismatch(frames, layer=layer, of="rating"), "rating")
    decided = _greatest(mismatch(frames._replace(papers=asked), layer=layer, of="decision"), "decision")
    return pl.concat([rated, decided.join(rated, on="paper_id", how="anti")])


def _greatest(judged: pl.LazyFrame, of: str) -> pl.LazyFrame:
    greatest = pl.col("standardised").abs().max().alias("mismatch")
    return judged.group_by("paper_id").agg(greatest, pl.lit(of).alias("mismatch_of"))


def _thin(frames: Frames, whole: Frames) -> pl.LazyFrame:
    """Short reviews by paper, and whether its corpus has enough reviews to tell."""
    worded = whole.reviews.filter((pl.col("kind") == "review") & (pl.col("n_words") > 0))
    fenced = worded.group_by("corpus").agg((pl.len() >= ENOUGH).alias("can_be_thin"))
    short = short_reviews(frames, whole=whole).filter(pl.col("kind") == "review")
    counted = short.group_by("corpus", "paper_key").agg(pl.len().alias("thin"))
    return (
        frames.papers.select("paper_id", "corpus", "paper_key")
        .join(fenced, on="corpus", how="left")
        .join(counted, on=["corpus", "paper_key"], how="left")
        .select("paper_id", "can_be_thin", "thin")
    )


def _missing(whole: Frames) -> pl.LazyFrame:
    """How many reviews each paper has, and how many fewer than is usual."""
    numbers = whole.reviews.filter(pl.col("kind") == "review").group_by("paper_id").agg(pl.len().alias("n_reviews"))
    like = ("corpus", "venue")
    usual = pl.col("n_reviews").cast(pl.Float64).median().over(like)
    return (
        whole.papers.select("paper_id", *like)
        .join(numbers, on="paper_id", how="left")
        .with_columns(pl.col("n_reviews").fill_null(0))
        .with_columns(pl.when(pl.len().over(like) > 1).then(usual).alias("usual"))
        .with_columns((pl.col("usual") - pl.col("n_reviews")).clip(lower_bound=0).alias("missing"))
        .select("paper_id", "n_reviews", "usual", "missing")
    )
