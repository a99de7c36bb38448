"""Provenance: which labels are a person's judgement and which a model's guess.

A model's annotator is spelled `model:<name>@<version>` (corpus.tables.MODEL); every other annotator is a person.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from corpus.tables import MODEL

_LAYER = ("scheme", "layer")


def model_names(labels: pl.LazyFrame) -> tuple[str, ...] | None:
    """The models that labels can be of, by the type of their annotator; null (None) where the type does not tell."""
    kind = labels.collect_schema()["annotator"]
    if not isinstance(kind, pl.Enum):
        return None
    return tuple(name for name in kind.categories if name.startswith(MODEL))


def by_model(labels: pl.LazyFrame) -> pl.Expr:
    """Whether a row of `labels` is a model's. Reads the type of the annotator, so that most rows cost nothing."""
    names = model_names(labels)
    if names is None:
        return pl.col("annotator").cast(pl.String).str.starts_with(MODEL)
    if not names:
        return pl.lit(False)
    kind = labels.collect_schema()["annotator"]
    return pl.any_horizontal(pl.col("annotator") == pl.lit(name, dtype=kind) for name in names)


def standing(labels: pl.LazyFrame) -> pl.LazyFrame:
    """The labels that stand where people and models both labelled: people's all, a model's where it fills a gap.

    A model's label goes where a person has answered the same layer of the same scheme on the same segment; for labels
    on whole reviews, on the same review. A person's label whose stretch runs on answers for its own segment only. With
    no model among the annotators these are the labels as they were given.
    """
    if model_names(labels) == ():
        return labels
    guessed = by_model(labels)
    # One number instead of four columns: what is joined by a million times should be small.
    on_segment = pl.col("segment_id").is_not_null()
    unit = pl.when(on_segment).then(pl.col("segment_id")).otherwise(pl.col("review_id")).cast(pl.UInt64)
    layer = pl.col("scheme").to_physical().cast(pl.UInt64) * 2**10 + pl.col("layer").to_physical().cast(pl.UInt64)
    at = (unit * 2**21 + layer * 2 + on_segment.cast(pl.UInt64)).alias("_at")
    people = labels.filter(~guessed)
    gaps = labels.filter(guessed).with_columns(at).join(people.select(at), on="_at", how="anti").drop("_at")
    return pl.concat([people, gaps])


def provenance(labels: pl.LazyFrame, *, by: str | Sequence[str] = (*_LAYER, "code")) -> pl.LazyFrame:
    """One row per group that has labels, sorted by it, nulls last; one row for all where `by` is empty.

    by            columns of labels: scheme, layer, code, polarity, paper_id, review_id …
    n_people      labels by people
    n_models      labels by models
    """
    group = [by] if isinstance(by, str) else list(by)
    guessed = by_model(labels)
    counts = ((~guessed).sum().alias("n_people"), guessed.sum().alias("n_models"))
    if not group:
        return labels.select(counts)
    if model_names(labels) == ():  # a constant is no column of a group
        counted = labels.group_by(group).agg(pl.len().alias("n_people")).with_columns(n_models=pl.lit(0, pl.UInt32))
    else:
        counted = labels.group_by(group).agg(counts)
    return counted.sort(group, nulls_last=True)


def guess(labels: pl.LazyFrame) -> pl.Expr:
    """Of the labels of a group, whether only models gave it: a struct of `model` and `confidence`, both null if not.

    model         the annotator, as text: of several the one that is surest, then the first by name
    confidence    its calibrated probability; null where it told none
    """
    only = by_model(labels).all()
    surest = pl.col("annotator").sort_by("confidence", "annotator", descending=[True, False], nulls_last=True)
    model = surest.cast(pl.String).first()
    return pl.struct(
        pl.when(only).then(model).alias("model"), pl.when(only).then(pl.col("confidence").max()).alias("confidence")
    ).alias("guess")
