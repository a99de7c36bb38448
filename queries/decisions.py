"""Decisions: what became of the papers, by venue and year."""

from __future__ import annotations

import polars as pl


def decisions(papers: pl.LazyFrame) -> pl.LazyFrame:
    """One row per venue, year and decision that occurs; sorted by these, nulls last.

    venue, year, decision
                  null where no source tells
    n             papers
    share         n over the papers of that venue and year, those without a known decision included; 0 to 1
    """
    row = ("venue", "year", "decision")
    share = pl.col("n") / pl.col("n").sum().over("venue", "year")
    return papers.group_by(row).agg(pl.len().alias("n")).with_columns(share.alias("share")).sort(row, nulls_last=True)
