"""Opposed sentences: what the reviewers who contradict each other say, side by side."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.contradictions import contradictions, sides
from queries.layers import of_layer
from queries.provenance import guess

_CODE = ("scheme", "layer", "code")


def opposed_sentences(frames: Frames, *, layer: str = "aspect", code: str | None = None) -> pl.LazyFrame:
    """One row per code and sentence for which a review stands in a contradiction (queries.contradictions).

    layer         the key of the layer, or `common` for the shared aspects
    code          only contradictions on this one; null for all of the layer
    paper_id, corpus, paper_key, scheme, layer, code
    side          -1 or 1: which side the review takes on the code. Its sentences are those with a label of the code and
                  of that polarity; labels on whole reviews stand on no sentence
    net           net polarity of the review's labels of the code
    review_id, review_key, reviewer, kind, review_position
                  the review, and its place among the paper's
    segment_id, position, text
                  the sentence, and its place in the review, from 0
    model, confidence
                  of queries.provenance.guess: null where a person gave the label
    Sorted by corpus, paper_key, code in the schemes' order, side, review_position, position.
    """
    pairs = contradictions(frames, layer=layer).filter("opposed")
    if code is not None:
        pairs = pairs.filter(pl.col("code").cast(pl.String) == code)
    both = [pairs.select(pl.col(which).alias("review_id"), *_CODE) for which in ("first", "second")]
    taking = sides(frames, layer=layer).join(pl.concat(both).unique(), on=["review_id", *_CODE], how="semi")
    labels = of_layer(frames.labels, frames.codes, layer)
    said = labels.group_by("review_id", *_CODE, "segment_id", "polarity").agg(guess(labels)).unnest("guess")
    sentences = frames.segments.select("segment_id", pl.col("position").alias("place"), "text")
    reviews = frames.reviews.select("review_id", "reviewer", "kind")
    return (
        taking.rename({"position": "review_position"})
        .join(said, left_on=["review_id", *_CODE, "side"], right_on=["review_id", *_CODE, "polarity"], how="inner")
        .join(sentences, on="segment_id", how="inner")
        .join(reviews, on="review_id", how="inner")
        .rename({"place": "position"})
        .select(
            *("paper_id", "corpus", "paper_key", *_CODE, "side", "net"),
            *("review_id", "review_key", "reviewer", "kind", "review_position", "segment_id", "position", "text"),
            *("model", "confidence"),
        )
        .sort("corpus", "paper_key", *_CODE, "side", "review_position", "review_key", "review_id", "position")
    )
