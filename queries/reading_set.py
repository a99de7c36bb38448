"""Reading set: the fewest sentences of a paper's reviews that say every point against it."""

from __future__ import annotations

from typing import Literal

import polars as pl

from corpus.tables import Frames
from queries.contradictions import NO_ASPECT
from queries.fitting import fitted
from queries.set_cover import fewest

#: What labels a sentence as weighty: layer and code, of whatever scheme.
MAJOR = ("significance", "MAJ")
_POINT = ("scheme", "layer", "code")
_ON = ("review_id", "segment_id", "annotator")


def reading_set(frames: Frames, *, cover: Literal["major", "negative"] = "major") -> pl.LazyFrame:
    """One row per sentence to be read; sorted by corpus, paper_key, and as the reviews stand.

    A point is a code that a reviewer judges negatively, on whichever sentences: the same objection of two reviewers is
    two points. Codes are those of every layer that labels sentences with a polarity, but for `none` and CNT. Of
    the choices of fewest sentences (queries.set_cover) that with the earliest in their reviews is taken, then the
    shortest.

    cover         `major`: only points on a sentence that the same annotator also labels MAJ; where a paper has none,
                  and with `negative`, every point
    paper_id, corpus, paper_key, review_id, segment_id, position
                  position of the segment in its review, from 0
    points        the points on the sentence: a list of structs of scheme, layer, code as text, in the schemes' order
    covered       what is covered of the paper: `major` or `negative`
    n_points      points of the paper that are covered
    n_sentences   sentences of the paper that say one of them
    n_other       its other negative points; 0 where all are covered
    exact         whether there are certainly no fewer sentences; where the search would have been too long, it is
                  a choice by greed
    """
    points = _points(frames)
    weighty = pl.col("major").any().over("paper_id") if cover == "major" else pl.lit(False)
    asked = points.with_columns(weighty.alias("weighty")).filter(~pl.col("weighty") | pl.col("major"))
    of_paper = points.group_by("paper_id").agg(_distinct().alias("n_all"))
    about = asked.group_by("paper_id").agg(
        _distinct().alias("n_points"),
        pl.col("segment_id").n_unique().alias("n_sentences"),
        pl.when(pl.col("weighty").first()).then(pl.lit("major")).otherwise(pl.lit("negative")).alias("covered"),
    )
    sentences = (
        asked.sort(_POINT)
        .group_by("paper_id", "review_id", "segment_id", "position", "n_chars", maintain_order=True)
        .agg(pl.struct(pl.col(_POINT).cast(pl.String)).alias("points"))
        .with_columns(pl.col("points").list.unique(maintain_order=True))
    )
    places = frames.reviews.select("review_id", "review_key", pl.col("position").alias("review_position"))
    keys = frames.papers.select("paper_id", "corpus", "paper_key")
    order = ("corpus", "paper_key", "review_position", "review_key", "review_id", "position", "segment_id")
    kept = ("paper_id", *order[:5], "segment_id", "position", "points")
    joined = sentences.join(places, on="review_id", how="inner").join(keys, on="paper_id", how="inner").sort(order)
    return (
        fitted(joined, _chosen, keeps=kept, adds={"exact": pl.Boolean})
        .join(about, on="paper_id", how="inner")
        .join(of_paper, on="paper_id", how="inner")
        .with_columns((pl.col("n_all") - pl.col("n_points")).alias("n_other"))
        .sort(order)
        .select(
            *("paper_id", "corpus", "paper_key", "review_id", "segment_id", "position", "points"),
            *("covered", "n_points", "n_sentences", "n_other", "exact"),
        )
    )


def _points(frames: Frames) -> pl.LazyFrame:
    """The negative labels on sentences of reviews; `major` where the same annotator labels the sentence MAJ."""
    layer, code = (pl.col(name).cast(pl.String) == value for name, value in zip(("layer", "code"), MAJOR, strict=True))
    major = frames.labels.filter(layer & code & pl.col("segment_id").is_not_null()).select(_ON).unique()
    reviews = frames.reviews.filter(pl.col("kind") == "review").select("review_id")
    sentences = frames.segments.select("segment_id", "position", pl.col("text").str.len_chars().alias("n_chars"))
    return (
        frames.labels.filter((pl.col("polarity") == -1) & ~pl.col("code").cast(pl.String).is_in(NO_ASPECT))
        .select("paper_id", *_ON, *_POINT)
        .join(reviews, on="review_id", how="semi")
        .join(sentences, on="segment_id", how="inner")
        .join(major.with_columns(pl.lit(True).alias("major")), on=_ON, how="left")
        .with_columns(pl.col("major").fill_null(False))
    )


def _distinct() -> pl.Expr:
    return pl.struct("review_id", *_POINT).n_unique()


def _chosen(rows: pl.DataFrame) -> pl.DataFrame:
    """The sentences that are taken, paper by paper, in the order of `rows`."""
    taken = []
    for paper in rows.partition_by("paper_id", maintain_order=True):
        sets = [
            frozenset((review, *point.values()) for point in points)
            for review, points in paper.select("review_id", "points").iter_rows()
        ]
        longest = float(paper["n_chars"].sum()) + 1
        costs = (paper["position"].cast(pl.Float64) + paper["n_chars"] / longest).to_list()
        places, exact = fewest(sets, costs)
        taken.append(paper[places].with_columns(pl.lit(exact).alias("exact")))
    return pl.concat(taken) if taken else rows.with_columns(pl.lit(True).alias("exact"))
