"""Contradicted papers: those whose reviewers take opposite sides, the most contradicted first."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.contradictions import contradictions

_CODE = ("scheme", "layer", "code")


def contradicted_papers(frames: Frames, *, layer: str = "aspect", code: str | None = None) -> pl.LazyFrame:
    """One row per paper with a contradiction, as queries.contradictions tells them.

    layer         the key of the layer, or `common` for the shared aspects
    code          only contradictions on this one; null for all of the layer
    paper_id, corpus, paper_key, title, venue, year, decision
    n_pairs       pairs of reviews that both take a side on the same code, counted for each code
    n_opposed     those of them that take opposite sides
    gap           the widest difference between the net polarities of two reviews on opposite sides, above 0 to 2
    codes         codes with contradictions and how many: a list of structs of code (text) and n, in the schemes' order
    Sorted by n_opposed and gap, the greatest first, then by corpus and paper_key.
    """
    pairs = contradictions(frames, layer=layer)
    if code is not None:
        pairs = pairs.filter(pl.col("code").cast(pl.String) == code)
    opposed = pl.col("n_opposed") > 0
    about = frames.papers.select("paper_id", "title", "venue", "year", "decision")
    return (
        pairs.group_by("paper_id", "corpus", "paper_key", *_CODE)
        .agg(
            pl.len().alias("n_pairs"),
            pl.col("opposed").sum().alias("n_opposed"),
            (pl.col("first_net") - pl.col("second_net")).abs().filter("opposed").max().alias("gap"),
        )
        .sort(_CODE)
        .group_by("paper_id", "corpus", "paper_key", maintain_order=True)
        .agg(
            pl.col("n_pairs", "n_opposed").sum(),
            pl.col("gap").max(),
            pl.struct(pl.col("code").cast(pl.String), pl.col("n_opposed").alias("n")).filter(opposed).alias("codes"),
        )
        .filter(opposed)
        .join(about, on="paper_id", how="inner")
        .select(
            *("paper_id", "corpus", "paper_key", "title", "venue", "year", "decision"),
            *("n_pairs", "n_opposed", "gap", "codes"),
        )
        .sort("n_opposed", "gap", "corpus", "paper_key", descending=[True, True, False, False])
    )
