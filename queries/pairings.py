"""Pairings: what two annotators said of the same sentence, counted."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.layers import of_layer
from queries.tokens import WORD

_LAYER = ("scheme", "layer")
_UNIT = ("paper_id", "review_id", "segment_id")
#: What annotators are compared in: which codes, which polarities, and whether a label was put there at all.
QUESTIONS = ("code", "polarity", "placed")
QUESTION = pl.Enum(QUESTIONS)
_FEWEST_WORDS = 3


def by_model(annotator: str | pl.Expr = "annotator") -> pl.Expr:
    """Whether an annotator is a model, by its name."""
    column = pl.col(annotator) if isinstance(annotator, str) else annotator
    return column.cast(pl.String).str.starts_with("model:")


def pairings(frames: Frames, *, layer: str | None = None) -> pl.LazyFrame:
    """One row per pair of annotators, question, review and pair of answers, sorted by all of these.

    layer         the key of the layer, or `common` for the shared aspects; null for every layer of every scheme
    corpus, scheme, layer
    question      code: the codes that each gave the segment; polarity: the polarities that each gave it, as numbers;
                  placed: whether each labelled it at all, `labelled` or `not labelled`
    first, second the annotators, the first by name first
    paper_id, review_id
    first_answer, second_answer
                  lists of text, in the order of the scheme: an annotator may give several codes
    n             segments with this pair of answers
    weight        for people, n over (people who answer for the segment - 1): what Krippendorff's alpha adds up; null
                  where one of the two is a model
    units         for people, n shared out among the pairs of people who answer for the segment: it sums to segments

    Only segments that both have labelled in the layer count for codes, that both gave a polarity for polarities, and
    for `placed` all segments of the reviews in which both have labelled one. A label whose stretch is told (start, end)
    is on every segment with which it shares at least half of the shorter of the two; annotators who cut a review
    differently are so compared on one cut. In a review and layer with such labels, segments of fewer than three words
    do not count: they are crumbs between the stretches of those whose cut it is. There `frames` has to hold reviews
    whole, as segments are placed by the length of those before. Labels on whole reviews are left out.
    """
    labels = shared(frames, layer=layer)
    corpora = frames.reviews.select("review_id", "corpus")
    given = {question: answers(labels, question) for question in QUESTIONS[:2]} | {"placed": _placed(labels, frames)}
    counted = [_counted(rows, question) for question, rows in given.items()]
    order = ("corpus", *_LAYER, "question", "first", "second")
    return (
        pl.concat(counted)
        .join(corpora, on="review_id", how="inner")
        .select(*order, "paper_id", "review_id", "first_answer", "second_answer", "n", "weight", "units")
        .sort(*order, "paper_id", "review_id", "first_answer", "second_answer")
    )


def shared(frames: Frames, *, layer: str | None = None) -> pl.LazyFrame:
    """The labels on segments, in the reviews and layers that two or more annotators have labelled.

    layer         as for `pairings`
    The columns are paper_id, review_id, segment_id, scheme, layer, annotator, code, polarity, told: whether labels of
    the review and layer tell stretches. A label is here once for every segment that its stretch is on, as `pairings`
    tells; it may be there twice.
    """
    labels = frames.labels if layer is None else of_layer(frames.labels, frames.codes, layer)
    labels = labels.filter(pl.col("segment_id").is_not_null())
    key = ["review_id", *_LAYER]
    told = pl.col("start").is_not_null() & pl.col("end").is_not_null()
    several = labels.group_by(key).agg(pl.col("annotator").n_unique().alias("people"), told.any().alias("told"))
    labels = labels.join(several.filter(pl.col("people") > 1).select(*key, "told"), on=key, how="inner")
    columns = [*_UNIT, *_LAYER, "annotator", "code", "polarity", "told"]
    placed = [labels.filter(~told).select(columns), _stretched(labels.filter(told), frames).select(columns)]
    return _no_crumbs(pl.concat(placed), frames)


def answers(labels: pl.LazyFrame, question: str) -> pl.LazyFrame:
    """One row per segment, layer and annotator who gave it a code or polarity, with the sorted list `answer` of them.

    labels        as `shared` gives them; `question` is `code` or `polarity`
    """
    given = labels.filter(pl.col(question).is_not_null())
    return given.group_by(*_UNIT, *_LAYER, "annotator").agg(pl.col(question).unique().sort().alias("answer"))


def _placed(labels: pl.LazyFrame, frames: Frames) -> pl.LazyFrame:
    """One row per segment of the reviews of `labels`, layer and annotator, with whether there is a label of theirs."""
    of = [*_UNIT, *_LAYER, "annotator"]
    there = labels.select(of).unique().with_columns(answer=pl.lit("labelled"))
    who = labels.select("review_id", *_LAYER, "annotator", "told").unique()
    everywhere = _no_crumbs(frames.segments.select(_UNIT).join(who, on="review_id", how="inner"), frames)
    placed = everywhere.join(there, on=of, how="left")
    return placed.select(*of, pl.concat_list(pl.col("answer").fill_null("not labelled")))


def _no_crumbs(rows: pl.LazyFrame, frames: Frames) -> pl.LazyFrame:
    """The rows but for those on segments of few words where stretches are told."""
    told = rows.filter("told").select("review_id").unique()
    few = frames.segments.join(told, on="review_id", how="semi").filter(
        pl.col("text").str.count_matches(WORD) < _FEWEST_WORDS
    )
    crumbs = few.select("segment_id", told=pl.lit(True))
    return rows.join(crumbs, on=["segment_id", "told"], how="anti")


def _counted(given: pl.LazyFrame, question: str) -> pl.LazyFrame:
    on = [*_UNIT, *_LAYER]
    given = given.with_columns(by_model().alias("model"))
    people = (~pl.col("model")).sum().over(on).cast(pl.Float64)
    given = given.with_columns(people.alias("people"))
    second = given.select(*on, *(pl.col(each).alias(f"second_{each}") for each in ("annotator", "answer", "model")))
    pairs = given.join(second, on=on, how="inner").filter(pl.col("annotator") < pl.col("second_annotator"))
    both_people = pl.when(~pl.col("model") & ~pl.col("second_model"))
    row = [*_LAYER, "annotator", "second_annotator", "paper_id", "review_id", "answer", "second_answer"]
    weight = both_people.then(1 / (pl.col("people") - 1))
    return (
        pairs.with_columns(weight.alias("weight"), (weight * 2 / pl.col("people")).alias("units"))
        .group_by(row)
        .agg(pl.len().alias("n"), *(_summed(name) for name in ("weight", "units")))
        .with_columns(pl.col("answer", "second_answer").cast(pl.List(pl.String)))
        .rename({"annotator": "first", "second_annotator": "second", "answer": "first_answer"})
        .with_columns(pl.lit(question, dtype=QUESTION).alias("question"))
        .select(
            *(*_LAYER, "question", "first", "second", "paper_id", "review_id"),
            *("first_answer", "second_answer", "n", "weight", "units"),
        )
    )


def _summed(name: str) -> pl.Expr:
    """The sum, null where there is nothing but null."""
    return pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name)


def _stretched(labels: pl.LazyFrame, frames: Frames) -> pl.LazyFrame:
    """The labels whose stretch is told, once for every segment that it is on."""
    reviews = labels.select("review_id").unique()
    length = pl.col("text").str.len_chars().cast(pl.Int64)
    places = (
        frames.segments.select("review_id", "segment_id", "position", "text")
        .join(reviews, on="review_id", how="semi")
        .sort("review_id", "position")
        .with_columns((length.cum_sum().over("review_id") - length).alias("from"))
        .with_columns((pl.col("from") + pl.col("text").str.strip_chars_end().str.len_chars()).alias("to"))
        .select("review_id", pl.col("segment_id").alias("on"), "from", "to")
    )
    start, end = (pl.col(name).cast(pl.Int64) for name in ("start", "end"))
    shares = pl.min_horizontal(end, "to") - pl.max_horizontal(start, "from")
    shorter = pl.min_horizontal(end - start, pl.col("to") - pl.col("from"))
    return (
        labels.join(places, on="review_id", how="inner")
        .filter((shares > 0) & (2 * shares >= shorter))
        .drop("segment_id")
        .rename({"on": "segment_id"})
    )
