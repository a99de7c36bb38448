"""Passages: the segments of a selection with what they are labelled and where they stand."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.conditions import spelling
from queries.provenance import guess

_LABELS = ("labels", "label_list", "guesses", "guess_list")


def passages(frames: Frames, *, offset: int = 0, n: int | None = None) -> pl.LazyFrame:
    """One row per segment, sorted by corpus, paper_key, place of the review, place in the review.

    offset, n     the stretch of these rows to give: n from the offset-th on, from 0; null for all. Texts and labels
                  are looked up for that stretch only
    corpus, paper_id, paper_key, title, venue, year, decision
                  of the paper
    review_id, review_key, reviewer, kind, rating
                  of the review
    segment_id, position, text
                  of the segment, position from 0
    labels        as filters spell them, each once, in the schemes' order: `MET-NEG EMP-NEG CRT MAJ`. A code without
                  polarity had none given. Null for a segment without labels
    label_list    the same as a list
    guesses       those of the labels that only a model gave; null where people gave all
    guess_list    for each of label_list whose guess it is: queries.provenance.guess
    review_labels, review_label_list, review_guesses, review_guess_list
                  likewise the labels on the whole review; null for a review without
    """
    paper = ("corpus", "paper_id", "paper_key", "title", "venue", "year", "decision")
    review = ("review_id", "review_key", "reviewer", "kind", "rating")
    reviews = (
        frames.reviews.select("paper_id", "position", *review)
        .join(frames.papers.select(paper), on="paper_id", how="inner")
        .sort("corpus", "paper_key", "paper_id", "position", "review_id")
        .drop("position")
        .with_row_index("place")
    )
    order = ("place", "position", "segment_id")
    rows = (
        frames.segments.select("segment_id", "review_id", "position")
        .join(reviews.select("review_id", "place"), on="review_id", how="inner")
        .sort(order)
        .slice(offset, n)
    )
    wanted = rows.select("segment_id")
    texts = frames.segments.select("segment_id", "text").join(wanted, on="segment_id", how="semi")
    labels = frames.labels.join(wanted, on="segment_id", how="semi")
    whole = frames.labels.filter(pl.col("segment_id").is_null()).join(rows, on="review_id", how="semi")
    on_reviews = _spelled(whole, "review_id").rename({name: f"review_{name}" for name in _LABELS})
    return (
        rows.join(reviews.drop("place"), on="review_id", how="left")
        .join(texts, on="segment_id", how="left")
        .join(_spelled(labels, "segment_id"), on="segment_id", how="left")
        .join(on_reviews, on="review_id", how="left")
        .sort(order)
        .select(*paper, *review, "segment_id", "position", "text", *_LABELS, *(f"review_{name}" for name in _LABELS))
    )


def _spelled(labels: pl.LazyFrame, by: str) -> pl.LazyFrame:
    """`by`, labels, label_list, guesses, guess_list. Each distinct label is spelled once and looked up from there."""
    key = ("scheme", "layer", "code", "polarity")
    spelled = labels.select(key).unique().with_columns(spelling().alias("label_list"))
    guessed = pl.col("label_list").filter(pl.col("guess").struct.field("model").is_not_null())
    return (
        labels.group_by(by, *key)
        .agg(guess(labels))
        .join(spelled, on=key, how="left", nulls_equal=True)
        .sort(by, *key, nulls_last=True)
        .group_by(by, maintain_order=True)
        .agg("label_list", pl.col("guess").alias("guess_list"), guessed.alias("guesses"))
        .with_columns(
            pl.col("label_list").list.join(" ").alias("labels"),
            pl.when(pl.col("guesses").list.len() > 0).then(pl.col("guesses").list.join(" ")).alias("guesses"),
        )
    )
