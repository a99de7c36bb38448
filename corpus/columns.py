"""Rows of a table as typed columns."""

from __future__ import annotations

import polars as pl
from polars._typing import PolarsDataType

from corpus.tables import Table

_TYPES: dict[str, PolarsDataType] = {
    "UINTEGER": pl.UInt32,
    "USMALLINT": pl.UInt16,
    "UBIGINT": pl.UInt64,
    "SMALLINT": pl.Int16,
    "TINYINT": pl.Int8,
    "FLOAT": pl.Float32,
    "BOOLEAN": pl.Boolean,
    "BLOB": pl.Binary,
    "DATE": pl.Date,
    "TIMESTAMP": pl.Datetime("us"),
    "VARCHAR[]": pl.List(pl.String),
}


def columns(table: Table, rows: list[tuple]) -> pl.DataFrame:
    """A frame with the columns of `table`; enumerated types are strings, which the store casts."""
    return pl.DataFrame(
        [
            pl.Series(column.name, values, _TYPES.get(column.type, pl.String), strict=False)
            for column, values in zip(table.columns, zip(*rows, strict=True), strict=True)
        ]
    )
