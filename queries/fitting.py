"""Fitting: the one place where a query leaves expressions for a function of scipy, statsmodels or numpy.

Polars counts; what no expression can say (a resampling, a regression, a quantile of a distribution) is fitted to a
small counted frame as a node of the same plan, when the plan is collected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

Schema = Mapping[str, pl.DataType | type[pl.DataType]]


def fitted(
    rows: pl.LazyFrame, fit: Callable[[pl.DataFrame], pl.DataFrame], *, keeps: tuple[str, ...], adds: Schema
) -> pl.LazyFrame:
    """What `fit` makes of all rows at once; it is called once, with nothing pushed past it.

    fit           takes the collected rows, gives columns `keeps` (with the types that they have in `rows`), then `adds`
                  (with the types named). It has to bear no rows at all, and gives null for what cannot be estimated
    """
    known = rows.collect_schema()
    schema = {**{name: known[name] for name in keeps}, **dict(adds)}
    return rows.map_batches(
        lambda frame: fit(frame).select(pl.col(name).cast(dtype) for name, dtype in schema.items()),
        predicate_pushdown=False,
        projection_pushdown=False,
        slice_pushdown=False,
        schema=schema,
    )
