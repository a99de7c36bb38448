"""Rows of a table as typed columns."""

from __future__ import annotations

import polars as pl
from polars._typing import PolarsDataType

from corpus.records import Label, Span
from corpus.tables import MODEL, USER, Table

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


def extents(spans: tuple[Span, ...]) -> dict[tuple[int, int], tuple[int, int]]:
    """First byte and byte after the last of every (review, segment); where its tag stands if it has no text."""
    extents: dict[tuple[int, int], tuple[int, int]] = {}
    for span in spans:
        if span.review is None or span.segment is None:
            continue
        at = (span.review, span.segment)
        if span.kind == "text":
            extents[at] = (extents.get(at, (span.start,))[0], span.end)
        else:
            extents.setdefault(at, (span.start, span.start))
    return extents


def label_row(label: Label, source_id: int) -> tuple:
    """The columns of labels from the scheme on, of a label on a review of the source `source_id`."""
    told = (label.scheme, label.layer, label.code, label.polarity, label.annotator, label.confidence, label.raw)
    made_elsewhere = label.annotator.startswith((MODEL, USER))  # without a source they would pass for made here
    return *told, label.link, label.start, label.end, source_id if made_elsewhere else None
