"""Expected labels: what share of sentences a labeller would label at a stated precision, and how often it is right."""

from __future__ import annotations

import polars as pl


def expected_labels(coverage: pl.LazyFrame, codes: pl.LazyFrame, precision: float | None) -> pl.LazyFrame:
    """One row per layer, sorted by it, of what was measured on papers held out from training.

    coverage, codes   rows of a labeller's report
    precision         as stated; null: every question is answered, as serves F1 best
    share             of the sentences, those that get a label
    achieved          of the labels given, those that people gave too; null where none was given
    n                 held-out sentences on which people answered the layer
    """
    if precision is not None:
        stated = (pl.col("precision") - precision).abs() < 1e-4
        return coverage.filter(stated).select("layer", "share", "achieved", "n").sort("layer")
    given = codes.filter(pl.col("code").is_not_null() & pl.col("polarity").is_null()).group_by("layer")
    counted = given.agg(pl.col("n_both").sum(), pl.col("n_model").sum(), pl.col("n_segments").max().alias("n"))
    right = pl.when(pl.col("n_model") > 0).then(pl.col("n_both") / pl.col("n_model"))
    return counted.select("layer", pl.lit(1.0).alias("share"), right.alias("achieved"), "n").sort("layer")
