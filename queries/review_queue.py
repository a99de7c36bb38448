"""Review queue: the sentences that a person should judge next, in order."""

from __future__ import annotations

from typing import Literal, get_args

import polars as pl

from corpus.schemes import keyed_layers
from corpus.tables import Frames
from queries.provenance import by_model

Order = Literal["unsure", "odds", "sample", "open"]
#: The orders to choose from, see `review_queue`.
ORDERS: tuple[Order, ...] = get_args(Order)

#: Codes by which an annotator answers nothing: no answer that a model could be at odds with.
_NO_ANSWER = ("CNT",)
_PAIR = ("segment_id", "code", "polarity")


def review_queue(
    frames: Frames, layer: str, model: str, *, order: Order = "unsure", by: str | None = None, seed: int = 0
) -> pl.LazyFrame:
    """One row per sentence to judge in a layer, in the order in which to judge them.

    frames       the labels of everybody on the segments in question, people's and models'; `models` for thresholds
    layer, model key of the layer (corpus.schemes.keyed_layers), annotator of the model
    by           annotator who judges: what has labels of theirs in the layer is judged already and left out

    segment_id, review_id
    unsure       from 0 to 1, 1 where a label of the model's lies on its threshold, so that hardly less would have
                 turned it: one less the least margin of its labels. The margin of a probability p over its threshold
                 t (`threshold` of models for the code, .5 where that is not known) is (p - t) / (1 - t), below it
                 (t - p) / t; with t = .5 it is |2p - 1|. Null where the model gives no probabilities
    at_odds      from 0 to 1: the share of the distinct (code, polarity) that the model or a person gave which not both
                 gave (the Jaccard distance), averaged over the people who answered the layer on the sentence; null
                 where nobody did. “Cannot tell” (CNT) is no answer

    The orders; ties go by corpus, paper, review and place in it:
    unsure       the least sure first: uncertainty sampling (Lewis and Gale 1994, doi:10.1007/978-1-4471-2099-5_1)
    odds         only those at odds with people; the most at odds first, among equals those of which the model is most
                 sure, where an error in the labels is most likely (Northcutt et al. 2021, doi:10.1613/jair.1.12125)
    sample       at random, drawn by `seed` and what the sentences are called in their corpora, not by ids or labels: a
                 beginning of it is a sample of all
    open         sentences that the model left without a label in the layer though it labelled others of their reviews,
                 and that nobody answered; of those kinds of reviews only that it labels in the layer; at random

    In `unsure` and `sample` sentences that people answered come after all others: the model may have learned from
    them. Raises KeyError for a key that no scheme has.
    """
    scheme, asked = keyed_layers()[layer]
    in_layer = (pl.col("scheme") == scheme.name) & (pl.col("layer") == asked.name)
    on_segments = frames.labels.filter(pl.col("segment_id").is_not_null())
    labels = on_segments.filter(in_layer)
    given = labels.filter(pl.col("annotator").is_in([model]))
    people = labels.filter(~by_model(labels) & ~pl.col("code").cast(pl.String).is_in(_NO_ANSWER))
    people = people if by is None else people.filter(~pl.col("annotator").is_in([by]))
    places = _places(frames, seed)
    rows = _sure(given, frames.models.filter(in_layer & pl.col("annotator").is_in([model])))
    if order == "open":
        labelled = on_segments.filter((pl.col("scheme") == scheme.name) & pl.col("annotator").is_in([model]))
        kinds = given.join(places, on="segment_id").select("kind").unique()
        rows = (
            places.join(frames.segments.filter(pl.col("text").str.contains(r"\w")), on="segment_id", how="semi")
            .join(labelled.select("review_id"), on="review_id", how="semi")
            .join(kinds, on="kind", how="semi")
            .join(given, on="segment_id", how="anti")
            .select("segment_id", pl.lit(None, pl.Float64).alias("unsure"))
        )
    rows = rows.join(_odds(given, people), on="segment_id", how="left")
    if by is not None:
        rows = rows.join(labels.filter(pl.col("annotator").is_in([by])), on="segment_id", how="anti")
    if order == "odds":
        rows = rows.filter(pl.col("at_odds") > 0)
    if order == "open":
        rows = rows.join(people, on="segment_id", how="anti")
    keys, falling = _ORDER[order]
    there = rows.join(places, on="segment_id").with_columns(pl.col("at_odds").is_not_null().alias("answered"))
    return there.sort(
        *keys, "place", "position", descending=[*falling, False, False], nulls_last=True, maintain_order=True
    ).select("segment_id", "review_id", "unsure", "at_odds")


#: By which columns each order sorts, and which of them fall.
_ORDER: dict[Order, tuple[tuple[str, ...], tuple[bool, ...]]] = {
    "unsure": (("answered", "unsure"), (False, True)),
    "odds": (("at_odds", "unsure"), (True, False)),
    "sample": (("answered", "drawn"), (False, False)),
    "open": (("drawn",), (False,)),
}


def _places(frames: Frames, seed: int) -> pl.LazyFrame:
    """segment_id, review_id, kind, place of the review among all, position, and a number drawn for each segment."""
    name = pl.concat_str("corpus", "paper_key", "review_key", separator="\n")
    reviews = (
        frames.reviews.select("review_id", "paper_id", "review_key", "kind", pl.col("position").alias("at"))
        .join(frames.papers.select("paper_id", "corpus", "paper_key"), on="paper_id")
        .sort("corpus", "paper_key", "at", "review_key", "review_id")
        .with_row_index("place")
        .select("review_id", "kind", "place", name.hash(seed).alias("name"))
    )
    drawn = pl.struct("name", "position").hash(seed)
    return (
        frames.segments.select("segment_id", "review_id", "position")
        .join(reviews, on="review_id")
        .with_columns(drawn.alias("drawn"))
        .drop("name")
    )


def _sure(given: pl.LazyFrame, models: pl.LazyFrame) -> pl.LazyFrame:
    """segment_id and `unsure` of what the model labelled."""
    whole = models.filter(pl.col("code").is_not_null() & pl.col("polarity").is_null())
    p = pl.col("confidence").cast(pl.Float64)
    t = pl.col("threshold").cast(pl.Float64).fill_null(0.5).clip(1e-6, 1 - 1e-6)
    margin = pl.when(p >= t).then((p - t) / (1 - t)).otherwise((t - p) / t)
    return (
        given.join(whole.select("code", "threshold"), on="code", how="left")
        .group_by("segment_id")
        .agg((1 - margin.min()).alias("unsure"))
    )


def _odds(given: pl.LazyFrame, people: pl.LazyFrame) -> pl.LazyFrame:
    """segment_id and `at_odds` of what people answered and the model labelled."""
    model = given.select(_PAIR).unique()
    person = people.select(*_PAIR, "annotator").unique()
    n_model = model.group_by("segment_id").agg(pl.len().alias("n_model"))
    both = person.join(model, on=_PAIR, how="semi", nulls_equal=True)
    row = ("segment_id", "annotator")
    n_model_, n_person, n_both = (pl.col(each).cast(pl.Float64) for each in ("n_model", "n_person", "n_both"))
    return (
        person.group_by(row)
        .agg(pl.len().alias("n_person"))
        .join(n_model, on="segment_id")
        .join(both.group_by(row).agg(pl.len().alias("n_both")), on=row, how="left")
        .with_columns(n_both.fill_null(0))
        .group_by("segment_id")
        .agg((1 - n_both / (n_model_ + n_person - n_both)).mean().round(9).alias("at_odds"))  # sums hang on order
    )
