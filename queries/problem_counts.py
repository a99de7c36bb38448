"""Problem counts: how often readers met what."""

from __future__ import annotations

import polars as pl


def problem_counts(problems: pl.LazyFrame) -> pl.LazyFrame:
    """One row per kind of problem that occurs, the most frequent first, then as kinds are ordered.

    kind          one of the closed list
    n             problems
    """
    return problems.group_by("kind").agg(pl.len().alias("n")).sort("n", "kind", descending=[True, False])
