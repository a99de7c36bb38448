"""Contradiction rates: of the pairs of reviews that judge the same thing of one paper, how many disagree."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.bootstrap import bootstrap
from queries.contradictions import contradictions
from queries.intervals import thin, wilson

_CODE = ("scheme", "layer", "code")
_BOUNDS = ("low", "high")


def contradiction_rates(frames: Frames, *, layer: str = "aspect") -> pl.LazyFrame:
    """One row per code that two reviews of one paper take a side on; sorted by scheme, layer, code.

    layer         the key of the layer, or `common` for the shared aspects
    scheme, layer, code
    n_pairs       pairs of reviews as queries.contradictions counts them
    n_papers      papers that have such a pair
    n_opposed     pairs that take opposite sides
    rate          n_opposed over n_pairs, 0 to 1
    low, high     95 % interval, papers drawn again with all their pairs (queries.bootstrap); null with one paper. Where
                  all pairs are alike no resample differs: then Wilson's interval of as many units as there are papers
    thin          whether it rests on too little: see queries.intervals
    """
    counts = (
        contradictions(frames, layer=layer)
        .group_by("paper_id", *_CODE)
        .agg(pl.col("opposed").sum().alias("part"), pl.len().alias("whole"))
    )
    alike = (pl.col("n_papers") > 1) & ((pl.col("part") == 0) | (pl.col("part") == pl.col("whole")))
    wider = wilson(pl.col("value") * pl.col("n_papers"), "n_papers")
    return (
        bootstrap(counts, by=_CODE)
        .select(
            *_CODE,
            pl.col("whole").cast(pl.UInt32).alias("n_pairs"),
            "n_papers",
            pl.col("part").cast(pl.UInt32).alias("n_opposed"),
            pl.col("value").alias("rate"),
            *(pl.when(alike).then(wide).otherwise(name).alias(name) for name, wide in zip(_BOUNDS, wider, strict=True)),
        )
        .with_columns(thin("n_papers", "n_pairs").alias("thin"))
        .sort(_CODE)
    )
