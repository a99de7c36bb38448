"""Confusion: which code one annotator gave where the other gave which."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.pairings import answers, by_model, shared

_UNIT = ("paper_id", "review_id", "segment_id")
_LAYER = ("scheme", "layer")
_CODES = ("first_code", "second_code")


def confusion(
    frames: Frames, *, layer: str, first: str, second: str | None = None, question: str = "code"
) -> pl.LazyFrame:
    """One row per pair of codes that meet; sorted by these, in the scheme's order, null last.

    layer, first, second, question
                  as for `crossed`
    first_code, second_code
                  see `crossed`; null: the other annotator's code has none to stand against
    n             how often they meet
    n_segments    on how many segments, and annotators where several are pooled
    agreed        whether the two are the same
    """
    met = crossed(frames, layer=layer, first=first, second=second, question=question)
    return (
        met.group_by(_CODES)
        .agg(pl.len().alias("n"), pl.struct("segment_id", "second").n_unique().alias("n_segments"))
        .with_columns((pl.col("first_code") == pl.col("second_code")).fill_null(False).alias("agreed"))
        .sort(_CODES, nulls_last=True)
    )


def crossed(
    frames: Frames, *, layer: str, first: str, second: str | None = None, question: str = "code"
) -> pl.LazyFrame:
    """One row per segment and pair of codes that meet on it; sorted by segment, annotators and codes.

    layer         the key of the layer, or `common` for the shared aspects
    first, second two annotators by name; a null second stands for all people but the first, each compared by itself
    question      `code`, or `polarity` for the polarities that each gave the segment
    paper_id, review_id, segment_id
                  segments that one or both have labelled, in the reviews that both have labelled in the layer
    first, second the annotators, as text
    first_answer, second_answer
                  all that each gave the segment, a list of codes or of polarities; null where none
    first_code, second_code
                  a code of each that stand against each other. What both gave stands against itself; what only one of
                  them gave against everything that only the other gave, and against null where there is no such thing
    """
    columns = [*_UNIT, "answer"]
    labels = shared(frames, layer=layer).with_columns(pl.col("annotator").cast(pl.String))
    other = (pl.col("annotator") == second) if second else ((pl.col("annotator") != first) & ~by_model())
    who = labels.select("review_id", *_LAYER, "annotator").unique()
    given = answers(labels).with_columns(pl.col(question).alias("answer")).filter(pl.col("answer").list.len() > 0)
    seconds = who.filter(other).select("review_id", pl.col("annotator").alias("second"))
    firsts = who.filter(pl.col("annotator") == first).select("review_id")
    pairs = seconds.join(firsts, on="review_id", how="semi")
    key = [*_UNIT, "second"]
    by_first = given.filter(pl.col("annotator") == first).select(columns).join(pairs, on="review_id", how="inner")
    by_second = (
        given.rename({"annotator": "second"})
        .select(*columns, "second")
        .join(pairs, on=["review_id", "second"], how="semi")
    )
    met = by_first.rename({"answer": "first_answer"}).join(
        by_second.rename({"answer": "second_answer"}), on=key, how="full", coalesce=True
    )
    told = met.select(
        *_UNIT, pl.lit(first).alias("first"), "second", *(pl.col(f"{side}_answer") for side in ("first", "second"))
    )
    return told.pipe(_against).sort(*_UNIT, "second", *_CODES, nulls_last=True)


def _against(told: pl.LazyFrame) -> pl.LazyFrame:
    """Every segment once for each pair of codes that stand against each other on it."""
    kind = told.collect_schema()["first_answer"]
    one, other = (pl.col(f"{side}_answer").fill_null(pl.lit([], dtype=kind)) for side in ("first", "second"))
    both = told.with_columns(one.list.set_intersection(other).alias("first_code")).explode(
        "first_code", empty_as_null=False
    )
    both = both.with_columns(pl.col("first_code").alias("second_code"))
    only = told.with_columns(
        one.list.set_difference(other).alias("first_code"), other.list.set_difference(one).alias("second_code")
    ).filter((pl.col("first_code").list.len() > 0) | (pl.col("second_code").list.len() > 0))
    for side in _CODES:
        only = only.explode(side, empty_as_null=True)
    return pl.concat([both, only.select(both.collect_schema().names())])
