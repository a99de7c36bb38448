"""The tables of a snapshot as queries see them."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

_COUNTS = ("n_segments", "n_gold", "n_model", "n_both")
_MEASURES = ("f1", "precision", "recall", "best_f1", "threshold")


class _Tables(NamedTuple):
    papers: pl.LazyFrame
    reviews: pl.LazyFrame
    segments: pl.LazyFrame
    labels: pl.LazyFrame
    codes: pl.LazyFrame
    models: pl.LazyFrame


class Frames(_Tables):
    """A snapshot's tables as queries see them.

    papers    as the table, `decision` a Polars enum
    reviews   as the table, with `corpus`; `kind` a Polars enum
    segments  segment_id, review_id, paper_id, position, text, field
    labels    paper_id, review_id, segment_id (null: whole review), scheme, layer, code, polarity, annotator,
              confidence, link, start, end; scheme, layer, code, annotator and link are Polars enums, the first three in
              the schemes' order
    codes     as the table, in the schemes' order, enums as in labels
    models    as the table model_codes, enums as in labels; no rows where it is not given
    """

    __slots__ = ()

    def __new__(
        cls,
        papers: pl.LazyFrame,
        reviews: pl.LazyFrame,
        segments: pl.LazyFrame,
        labels: pl.LazyFrame,
        codes: pl.LazyFrame,
        models: pl.LazyFrame | None = None,
    ) -> Frames:
        return super().__new__(
            cls, papers, reviews, segments, labels, codes, no_models(labels) if models is None else models
        )


def no_models(labels: pl.LazyFrame) -> pl.LazyFrame:
    """`Frames.models` without a row, of the types that `labels` has."""
    return (
        labels.select("annotator", "scheme", "layer", "code", "polarity")
        .head(0)
        .with_columns(
            *(pl.lit(None, dtype=pl.UInt32).alias(name) for name in _COUNTS),
            *(pl.lit(None, dtype=pl.Float32).alias(name) for name in _MEASURES),
        )
    )
