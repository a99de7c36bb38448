"""Sentences in context: the list, and the whole selection as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

import polars as pl
import streamlit as st

from corpus.exporters.cells import neutral
from pages.parts import address, codes, frames, review, tables, verbatim
from pages.parts.codes import Code
from pages.parts.provenance import guessed
from queries.filters import Filters
from queries.passages import passages

_COLUMNS = {
    "corpus": "corpus",
    "paper_key": "paper",
    "title": "title",
    "venue": "venue",
    "year": "year",
    "decision": "decision",
    "review_key": "review",
    "reviewer": "reviewer",
    "kind": "kind",
    "rating": "rating",
    "position": "position",
    "labels": "labels",
    "guesses": "labels_by_models",
    "review_labels": "review_labels",
    "review_guesses": "review_labels_by_models",
    "text": "text",
}


def listed(rows: pl.DataFrame, context: pl.DataFrame, known: Mapping[tuple[str, str], Code], filters: Filters) -> None:
    """Draws the list: a head for each review, then its sentences, each with the one before and after it."""
    text = {(review, position): words for review, position, words in context.iter_rows()}
    items, last = [], None
    for row in rows.iter_rows(named=True):
        if row["review_id"] != last:
            items.append(_head(row, known, filters))
            last = row["review_id"]
        items.append(_item(row, text, known, filters))
    st.html(f'<ol class="rs rs-list">{"".join(items)}</ol>')


def _head(row: Mapping, known: Mapping[tuple[str, str], Code], filters: Filters) -> str:
    link = verbatim.html(address.href("paper", filters, open=_open(row)))
    where = " ".join(str(part) for part in (row["venue"], row["year"]) if part is not None)
    decision = f' <span class="rs-badge {row["decision"]}">{row["decision"]}</span>' if row["decision"] else ""
    said = " · ".join(verbatim.html(part) for part in (where, review.name(row)) if part)
    rating = f" · rating {row['rating']:g}" if row["rating"] is not None else ""
    title = verbatim.html(tables.title_of(row))
    chips = _chips(row, known, "review_")
    chips = f'<div class="rs-chips">{chips}</div>' if chips else ""
    return f'<li class="head"><a href="{link}" data-go>{title}</a> · {said}{rating}{decision}{chips}</li>'


def _item(
    row: Mapping, text: Mapping[tuple[int, int], str], known: Mapping[tuple[str, str], Code], filters: Filters
) -> str:
    before, after = (text.get((row["review_id"], row["position"] + by), "") for by in (-1, 1))
    chips = _chips(row, known)
    chips = f'<div class="rs-chips">{chips}</div>' if chips else "<span>not labelled</span>"
    at = f"{row['review_key']}:{row['position']}"
    link = verbatim.html(address.href("paper", filters, open=_open(row), at=at))
    quoted = " ".join(part for part in (_around(before), verbatim.html(row["text"].strip()), _around(after)) if part)
    return (
        f'<li class="rs-hit"><div class="rs-quote">{quoted}</div>'
        f'<div class="rs-side">{chips}<a href="{link}" data-go>Show in the review</a></div></li>'
    )


def _chips(row: Mapping, known: Mapping[tuple[str, str], Code], of: str = "") -> str:
    """The labels of a sentence, or with `review_` those of its review, as chips."""
    labels, guesses = row[f"{of}label_list"] or (), row[f"{of}guess_list"] or ()
    return "".join(codes.spelled(label, known, guessed(guess)) for label, guess in zip(labels, guesses, strict=True))


def _around(text: str) -> str:
    """A neighbouring sentence, cut short, in a quieter tone."""
    clipped = verbatim.html(verbatim.clip(text, 160))
    return f'<span class="rs-around">{clipped}</span>' if clipped else ""


def _open(row: Mapping) -> str:
    return f"{row['corpus']}/{row['paper_key']}"


def download(chosen: frames.Selection, n: int) -> None:
    """The button that gives the whole selection as a file, and says how many rows; it is made when it is asked for."""
    st.download_button(
        f"Download {n:,} as CSV",
        lambda: as_csv(frames.collect_once(passages(chosen.frames))),
        file_name="sentences.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        help="Every sentence of the selection with its paper, review and labels, each label once; those that only a "
        "model gave stand under labels_by_models too. UTF-8. Text that a spreadsheet would run as a formula begins "
        "with an apostrophe.",
    )


def as_csv(rows: pl.DataFrame) -> bytes:
    """The rows of queries.passages as CSV: UTF-8 with a byte order mark, null as empty, no cell a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS.values())
    for row in rows.select(list(_COLUMNS)).iter_rows():
        writer.writerow([neutral(value) for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
