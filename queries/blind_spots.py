"""Blind spots: what no reviewer of a paper speaks of although reviewers of other papers do."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from scipy import special

from corpus.schemes import COMMON, COMMON_ASPECTS
from corpus.tables import Frames
from queries.contradictions import NO_ASPECT
from queries.fitting import fitted
from queries.intervals import thin, wilson
from queries.layers import of_layer
from queries.priors import priors

_CODE = ("scheme", "layer", "code")


def blind_spots(frames: Frames, *, layer: str = "aspect", only: Sequence[int] | None = None) -> pl.LazyFrame:
    """One row per paper and code that none of its labelled reviews mentions, the most unusual silence first.

    layer         the key of the layer, or `common` for the shared aspects
    only          the papers to tell of; null for all. They are compared with all papers of `frames` in any case
    paper_id, corpus, paper_key, scheme, layer, code
    n_reviews     reviews of the paper that could have mentioned it: reviews (no rebuttals, meta-reviews, comments) with
                  a label of the layer, be it `none`; of the shared aspects, with a label of a layer that asks for it
    n_papers      other papers with such reviews
    n_with        those of them where a review mentions it, in whatever polarity
    share, low, high
                  n_with over n_papers with Wilson's interval, 0 to 1
    silence       how probable it is that as many reviews of a paper all pass the code over, 0 to 1: papers differ in
                  how many of their reviews mention it as a beta distribution says (queries.priors, this paper
                  included), so that it is B(a, b + n_reviews) / B(a, b), a beta-binomial probability
    thin          whether there are fewer than 30 other papers

    Codes that nobody mentions, and those that stand for no aspect, have no row; nor have papers without labels.
    Sorted by corpus, paper_key, silence, scheme, layer, code.
    """
    could = _could(frames, layer)
    counts = (
        could.join(_mentions(frames, layer), on=["paper_id", "code"], how="left")
        .with_columns(pl.col("with").fill_null(0))
        .with_columns((pl.col("n_reviews") - pl.col("with")).alias("without"))
    )
    prior = priors(counts, by=_CODE, outcomes=("with", "without"))
    papers = counts.group_by(_CODE).agg(pl.len().alias("n_papers"), (pl.col("with") > 0).sum().alias("n_with"))
    rows = counts if only is None else counts.filter(pl.col("paper_id").is_in(list(only)))
    found = (
        rows.filter(pl.col("with") == 0)
        .join(papers.filter(pl.col("n_with") > 0), on=_CODE, how="inner")
        .with_columns(pl.col("n_papers") - 1)
        .join(prior.select(*_CODE, "prior_with", "prior_without", "prior_weight"), on=_CODE, how="inner")
        .join(frames.papers.select("paper_id", "corpus", "paper_key"), on="paper_id", how="inner")
        .with_columns((pl.col("n_with") / pl.col("n_papers")).alias("share"), *wilson("n_with", "n_papers"))
        .with_columns(thin("n_papers", "n_papers").alias("thin"))
    )
    kept = (
        "paper_id",
        "corpus",
        "paper_key",
        *_CODE,
        "n_reviews",
        "n_papers",
        "n_with",
        "share",
        "low",
        "high",
        "thin",
    )
    made = fitted(found.sort("corpus", "paper_key", *_CODE), _silence, keeps=kept, adds={"silence": pl.Float64})
    return made.select(*kept[:-1], "silence", "thin").sort("corpus", "paper_key", "silence", *_CODE)


def _could(frames: Frames, layer: str) -> pl.LazyFrame:
    """One row per paper and code: how many of its reviews have a label in a layer that has the code."""
    codes = frames.codes.select(pl.col("scheme").alias("of"), pl.col("layer").alias("in"), *_CODE, "common")
    if layer == COMMON:
        shared = pl.lit(COMMON, dtype=pl.Enum([COMMON]))
        codes = codes.filter(pl.col("common").is_not_null()).with_columns(
            shared.alias("scheme"), shared.alias("layer"), pl.col("common").cast(pl.Enum(COMMON_ASPECTS)).alias("code")
        )
        labels = frames.labels.filter(pl.col("segment_id").is_not_null())
    else:
        labels = of_layer(frames.labels, frames.codes, layer)
    codes = codes.filter(~pl.col("code").cast(pl.String).is_in(NO_ASPECT)).drop("common").unique()
    asked = labels.select("paper_id", "review_id", pl.col("scheme").alias("of"), pl.col("layer").alias("in")).unique()
    return (
        asked.join(_reviews(frames), on="review_id", how="semi")
        .join(codes, on=["of", "in"], how="inner")
        .group_by("paper_id", *_CODE)
        .agg(pl.col("review_id").n_unique().alias("n_reviews"))
    )


def _mentions(frames: Frames, layer: str) -> pl.LazyFrame:
    """One row per paper and code that a review of it mentions: `with`, the number of these reviews."""
    return (
        of_layer(frames.labels, frames.codes, layer)
        .select("paper_id", "review_id", "code")
        .unique()
        .join(_reviews(frames), on="review_id", how="semi")
        .group_by("paper_id", "code")
        .agg(pl.len().alias("with"))
    )


def _reviews(frames: Frames) -> pl.LazyFrame:
    return frames.reviews.filter(pl.col("kind") == "review").select("review_id")


def _silence(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the probability that none of n reviews mentions the code."""
    a, b = ((rows["prior_weight"] * rows[f"prior_{name}"]).to_numpy() for name in ("with", "without"))
    silence = special.betaln(a, b + rows["n_reviews"].to_numpy()) - special.betaln(a, b)
    return rows.with_columns(pl.Series("silence", silence, dtype=pl.Float64).exp())
