"""The company that hits of a concordance keep: their collocates as a table, each a link to the lines with both."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import streamlit as st

from pages.parts import address, plots, tables, verbatim
from queries.collocates import together
from queries.filters import FilterError, Filters
from queries.intervals import thin

_SHOWN = 25


def table(rows: pl.DataFrame, pattern: str, span: int, filters: Filters, own: Mapping) -> None:
    """Draws rows of queries.collocates; a word is a link to the concordance of both."""
    heads = ("beside a hit", "expected", "times expected", "logDice", "papers")
    minor = (False, True, False, True, False)
    top = '<th scope="col" class="word"><b>Word</b></th>' + "".join(
        f'<th scope="col"{" class=minor" if less else ""}><b>{head}</b></th>'
        for head, less in zip(heads, minor, strict=True)
    )
    body = ""
    for row in rows.head(_SHOWN).with_columns(thin("of_papers").alias("thin")).iter_rows(named=True):
        between = "" if row["low"] is None else f" <small>{_round(row['low'])}–{_round(row['high'])}</small>"
        cells = (
            f"{row['n']:,} <small>of {row['of']:,}</small>",
            f"{row['expected']:.1f}",
            f"{_round(row['ratio'])}×{between}",
            f"{row['log_dice']:.1f}",
            f"{row['n_papers']:,}",
        )
        link = verbatim.html(_both(pattern, row["token"], span, filters, own))
        tds = "".join(
            f'<td class="num{" minor" if less else ""}">{each}</td>' for each, less in zip(cells, minor, strict=True)
        )
        body += (
            f'<tr data-href="{link}"{" class=thin" if row["thin"] else ""}>'
            f'<td class="word"><a href="{link}" data-go>{verbatim.html(row["token"])}</a></td>{tds}</tr>'
        )
    st.html(tables.grid("Words beside the hits", f"<tr>{top}</tr>", body, "rs-company"))
    plots.twin(rows)


def _round(ratio: float) -> str:
    """A ratio in two or three digits."""
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"


def _both(pattern: str, token: str, span: int, filters: Filters, own: Mapping) -> str:
    """The link to the concordance of stretches with both; of the word alone where the pattern cannot be part of one."""
    for text in (together(pattern, token, span), token):
        try:
            asks = Filters.from_query(filters.to_query() | {"q": [text], "re": ["1"]})
        except FilterError:
            continue
        return address.href("concordance", asks, **own)
    return ""
