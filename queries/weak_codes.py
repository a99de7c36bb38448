"""Weak codes: those that a model has not learned to tell, so that its labels of them are hints and no measurement."""

from __future__ import annotations

import polars as pl

from queries.contradictions import NO_ASPECT
from queries.provenance import by_model

#: Under this best F1 on held-out papers a code of a model is a hint.
LEAST_F1 = 0.4
_CODE = ("scheme", "layer", "code")


def known_codes(models: pl.LazyFrame, labels: pl.LazyFrame) -> pl.LazyFrame:
    """One row per model that has labels among `labels` and code it was measured on; sorted by annotator and code.

    models        as Frames.models
    annotator, scheme, layer, code
    n_segments, n_gold, n_model, n_both, f1, precision, recall, best_f1
                  as in model_codes, for the code whatever its polarity
    weak          whether `best_f1` is under LEAST_F1 or unknown
    """
    row = ("annotator", *_CODE)
    here = labels.select("annotator").unique()
    return (
        models.filter(pl.col("code").is_not_null() & pl.col("polarity").is_null())
        .join(here, on="annotator", how="semi")
        .select(
            *row,
            *("n_segments", "n_gold", "n_model", "n_both", "f1", "precision", "recall", "best_f1"),
            (pl.col("best_f1") < LEAST_F1).fill_null(True).alias("weak"),
        )
        .sort(row)
    )


def weak_codes(models: pl.LazyFrame, labels: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of `known_codes` that are weak, and the codes that a model gives here but was never measured on.

    The numbers of those are null, n_segments among them. All that a model without a row in `models` gives is weak, but
    for the codes that say nothing. It concerns labels of that annotator only: people's labels of a code are none.
    """
    row = ["annotator", *_CODE]
    says = ~pl.col("code").cast(pl.String).is_in(NO_ASPECT)
    given = labels.filter(by_model(labels)).select(row).unique().filter(says)
    known = known_codes(models, labels)
    unmeasured = given.join(known, on=row, how="anti").with_columns(pl.lit(True).alias("weak"))
    return pl.concat([known.filter("weak"), unmeasured], how="diagonal").sort(row)
