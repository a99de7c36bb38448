"""Pairings: what two annotators said of the same sentence, counted."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.fitting import fitted
from queries.layers import of_layer
from queries.tokens import WORD

_LAYER = ("scheme", "layer")
_UNIT = ("paper_id", "review_id", "segment_id")
_PAIR = ("corpus", *_LAYER, "first", "second", "paper_id", "review_id")
_SIDES = ("first", "second")
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
    given = answers(shared(frames, layer=layer)).with_columns(by_model().alias("model"))
    there = frames.segments.group_by("review_id").agg(pl.len().alias("segments"))
    crumbs = _crumbs(given, frames).group_by("review_id").agg(pl.len().alias("crumbs"))
    given = (
        given.join(frames.reviews.select("review_id", "corpus"), on="review_id", how="inner")
        .join(there, on="review_id", how="left")
        .join(crumbs, on="review_id", how="left")
        .with_columns(pl.col("segments") - pl.col("crumbs").fill_null(0) * pl.col("told"))
    )
    # On frames, not in the plan: it would make the answers anew for each of the uses that pairing has for them.
    keeps = ("corpus", *_LAYER, "paper_id", "review_id")
    kind = given.collect_schema()["annotator"]
    adds: dict[str, pl.DataType | type[pl.DataType]] = {"question": QUESTION, "first": kind, "second": kind}
    adds |= dict.fromkeys(("first_answer", "second_answer"), pl.List(pl.String))
    adds |= {"n": pl.UInt32, "weight": pl.Float64, "units": pl.Float64}
    order = ("corpus", *_LAYER, "question", "first", "second", "paper_id", "review_id", "first_answer", "second_answer")
    return fitted(given, _paired, keeps=keeps, adds=adds).select(*order, "n", "weight", "units").sort(order)


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
    crumbs = _crumbs(labels, frames).select("segment_id", told=pl.lit(True))
    return pl.concat(placed).join(crumbs, on=["segment_id", "told"], how="anti")


def answers(labels: pl.LazyFrame) -> pl.LazyFrame:
    """One row per segment, layer and annotator: the codes and the polarities given, as sorted lists, and `told`.

    labels        as `shared` gives them. Polarities may be none, an empty list
    """
    grouped = labels.group_by(*_UNIT, *_LAYER, "annotator").agg(
        pl.col("code"), pl.col("polarity").drop_nulls(), pl.col("told").first()
    )
    # To sort a list takes far longer than to make it, and most have one code.
    one = pl.col("code").list.len() == 1
    several = [pl.col(name).list.unique().list.sort() for name in ("code", "polarity")]
    return pl.concat([grouped.filter(one), grouped.filter(~one).with_columns(several)])


def _paired(given: pl.DataFrame) -> pl.DataFrame:
    """The rows of `pairings`, unsorted, from one row per segment, layer and annotator."""
    on = ["segment_id", *_LAYER]
    people = (~pl.col("model")).cast(pl.Float64)
    judged = people * (pl.col("polarity").list.len() > 0)
    given = given.with_columns(people.sum().over(on).alias("n_code"), judged.sum().over(on).alias("n_polarity"))
    said = ("annotator", "code", "polarity", "model")
    second = given.select(*on, *(pl.col(name).alias(f"second_{name}") for name in said))
    pairs = given.join(second, on=on, how="inner").filter(pl.col("annotator") < pl.col("second_annotator"))
    pairs = pairs.rename({"annotator": "first", "second_annotator": "second"})
    both = (pl.col("polarity").list.len() > 0) & (pl.col("second_polarity").list.len() > 0)
    return pl.concat(
        [_counted(pairs, "code"), _counted(pairs.filter(both), "polarity"), _placed(given, pairs)], how="vertical"
    )


def _counted(pairs: pl.DataFrame, question: str) -> pl.DataFrame:
    """The pairs of answers to a question, by review."""
    people = pl.col(f"n_{question}")
    weight = pl.when(~pl.col("model") & ~pl.col("second_model")).then(1 / (people - 1))
    counted = pairs.group_by(*_PAIR, question, f"second_{question}").agg(
        pl.len().alias("n"),
        *(_summed(each).alias(name) for name, each in (("weight", weight), ("units", weight * 2 / people))),
    )
    return counted.select(
        *_PAIR,
        pl.lit(question, dtype=QUESTION).alias("question"),
        pl.col(question).cast(pl.List(pl.String)).alias("first_answer"),
        pl.col(f"second_{question}").cast(pl.List(pl.String)).alias("second_answer"),
        *("n", "weight", "units"),
    )


def _placed(given: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Whether two annotators labelled a segment: counted from how many each labelled, both did, and there are."""
    of = ["corpus", "paper_id", "review_id", *_LAYER]
    by = given.group_by(*of, "annotator", "model").agg(
        pl.len().cast(pl.Int64).alias("own"), pl.col("segments").first().cast(pl.Int64)
    )
    by = by.with_columns((~pl.col("model")).sum().over(of).cast(pl.Float64).alias("people"))
    both = pairs.group_by(*of, "first", "second").agg(pl.len().cast(pl.Int64).alias("both"))
    second = by.select(*of, *(pl.col(name).alias(f"second_{name}") for name in ("annotator", "model", "own")))
    of_both = by.join(second, on=of, how="inner").filter(pl.col("annotator") < pl.col("second_annotator"))
    of_both = (
        of_both.rename({"annotator": "first", "second_annotator": "second"})
        .join(both, on=[*of, "first", "second"], how="left")
        .with_columns(pl.col("both").fill_null(0))
    )
    one, other, two = pl.col("own"), pl.col("second_own"), pl.col("both")
    cells = (
        ("labelled", "labelled", two),
        ("labelled", "not labelled", one - two),
        ("not labelled", "labelled", other - two),
        ("not labelled", "not labelled", pl.col("segments") - one - other + two),
    )
    people, humans = pl.col("people"), ~pl.col("model") & ~pl.col("second_model")
    found = [
        of_both.select(
            *_PAIR,
            pl.lit("placed", dtype=QUESTION).alias("question"),
            *(pl.concat_list(pl.lit(each)).alias(f"{side}_answer") for side, each in zip(_SIDES, said, strict=True)),
            n.cast(pl.UInt32).alias("n"),
            pl.when(humans).then(n / (people - 1)).alias("weight"),
            pl.when(humans).then(2 * n / (people * (people - 1))).alias("units"),
        )
        for *said, n in cells
    ]
    return pl.concat(found).filter(pl.col("n") > 0)


def _summed(each: pl.Expr) -> pl.Expr:
    """The sum, null where there is nothing but null."""
    return pl.when(each.count() > 0).then(each.sum())


def _crumbs(labels: pl.LazyFrame, frames: Frames) -> pl.LazyFrame:
    """The segments of few words in reviews in which labels tell stretches: review_id, segment_id."""
    told = labels.filter("told").select("review_id").unique()
    few = pl.col("text").str.count_matches(WORD) < _FEWEST_WORDS
    segments = frames.segments.join(told, on="review_id", how="semi")
    # As a column first: a filter on the text would be run on all segments, before the join.
    return segments.with_columns(few.alias("few")).filter("few").select("review_id", "segment_id")


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
