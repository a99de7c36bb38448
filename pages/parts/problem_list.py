"""Problems that readers met: the grid of kinds and corpora, what each kind means, the list with the places marked.

The address says which are listed: `kind_of`, `corpus_of` and `format_of` (`(metadata)` for those in no file), `find`
for words. The filters above a page have no say: a problem of a file belongs to no selection.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import polars as pl
import streamlit as st

from corpus.exporters.cells import neutral
from corpus.problems import PROBLEM_EXAMPLES, PROBLEM_KINDS
from pages.parts import address, frames, listing, sheets, tables, verbatim
from queries.filters import Filters
from queries.problem_list import METADATA

PAGE = 10
_KEYS = {"kind_of": "kind", "corpus_of": "corpus", "format_of": "format"}
_COLUMNS = {
    **{
        "kind": "kind",
        "corpus": "corpus",
        "format": "format",
        "path": "file",
        "start": "first_byte",
        "end": "end_byte",
    },
    **{"paper_key": "paper", "review_key": "review", "detail": "detail", "snippet": "passage"},
}


def name(kind: str) -> str:
    """A kind in words."""
    return kind.replace("_", " ")


class Asked(TypedDict):
    """What the address asks for, by parameter of queries.problem_list; null: anything."""

    kind: str | None
    corpus: str | None
    format: str | None
    text: str


def asked(grid: pl.DataFrame) -> Asked:
    """What the address asks for; what is not there is told and left out."""
    found: dict[str, str | None] = {}
    for key, column in _KEYS.items():
        values = _values(grid, column)
        wanted = address.value(key)
        if wanted and wanted not in values and not (column == "kind" and wanted in PROBLEM_KINDS):
            st.warning(f"No problem here has the {column} “{verbatim.markdown(wanted)}”; the address asks for it.")
            wanted = None
        found[column] = wanted
    return Asked(**found, text=address.value("find") or "")  # type: ignore[typeddict-item]


def _values(grid: pl.DataFrame, column: str) -> list[str]:
    return list(dict.fromkeys(grid[column].cast(pl.String).fill_null(METADATA).to_list()))


def table(grid: pl.DataFrame, on: Asked, filters: Filters) -> None:
    """Draws kinds by corpus and format; each head and each number lists those problems. `grid` is queries.problem_grid.

    Kinds stand by their number, the most frequent first.
    """
    rows = [
        {c: row[c] or METADATA for c in ("kind", "corpus", "format")} | row | {"n": row["n"]} for row in _named(grid)
    ]
    n = {(row["kind"], row["corpus"], row["format"]): row for row in rows}
    columns = sorted({(row["corpus"], row["format"]) for row in rows}, key=lambda c: (c[0] == METADATA, c))
    totals: dict[str, int] = {}
    for row in rows:
        totals[row["kind"]] = totals.get(row["kind"], 0) + row["n"]
    most = max(totals.values())
    heads = "".join(_head(corpus, format, on, filters) for corpus, format in columns)
    body = ""
    for kind in sorted(totals, key=lambda kind: -totals[kind]):
        line = _cell(totals[kind], most, {"kind": kind}, on, filters, "in all")
        for corpus, format in columns:
            if found := n.get((kind, corpus, format)):
                words = f"in {found['n_files']:,} {'file' if found['n_files'] == 1 else 'files'} of {corpus}"
                place = {"kind": kind, "corpus": corpus, "format": format}
                line += _cell(found["n"], most, place, on, filters, words)
            else:
                line += "<td></td>"
        tip = verbatim.html(PROBLEM_KINDS[kind])
        link = _link({"kind": kind}, on, filters, only=True)
        title = f'<a {link} data-tip="{tip}">{verbatim.html(name(kind))}</a>'
        body += f'<tr><th scope="row" class="name">{title}</th>{line}</tr>'
    head = f'<tr><th scope="col" class="name"><b>Kind</b></th><th scope="col"><b>all</b></th>{heads}</tr>'
    st.html(tables.grid("Problems by kind, corpus and format", head, body, "rs-met"))


def _named(grid: pl.DataFrame) -> list[dict]:
    texts = pl.col("kind", "corpus", "format").cast(pl.String).fill_null(METADATA)
    return grid.with_columns(texts).to_dicts()


def _head(corpus: str, format: str, on: Asked, filters: Filters) -> str:
    link = _link({"corpus": corpus, "format": format}, on, filters, only=True)
    below = "" if corpus == METADATA else f"<span>{verbatim.html(format)}</span>"
    tip = verbatim.html(f"{corpus}, read as {format}" if below else "Problems of the metadata, in no file")
    return f'<th scope="col"><a {link} data-tip="{tip}"><b>{verbatim.html(corpus)}</b>{below}</a></th>'


def _cell(n: int, most: int, place: Mapping[str, str], on: Asked, filters: Filters, where: str) -> str:
    depth = round(8 + 34 * math.log1p(n) / math.log1p(most))
    words = verbatim.html(f"{name(place['kind'])}: {n:,} {where}")
    link = _link(place, on, filters)
    return f'<td style="--depth:{depth}%"><a {link} data-tip="{words}" aria-label="{words}">{n:,}</a></td>'


def _link(place: Mapping[str, str], on: Asked, filters: Filters, only: bool = False) -> str:
    """The attributes of the link that lists a place's problems, or all again where they are listed now.

    `only` keeps what else is asked for, so that a row's and a column's head can be combined.
    """
    now = {column: dict(on)[column] for column in _KEYS.values()}
    here = all(now[column] == place.get(column) for column in _KEYS.values() if not only or column in place)
    wanted = {**now, **place} if only else {column: place.get(column) for column in now}
    if here:
        wanted = {column: None if column in place else value for column, value in wanted.items()}
    own = {key: wanted[column] for key, column in _KEYS.items()}
    own |= {"find": on["text"], "compare": address.value("compare")}
    mark = ' class="on" aria-current="true"' if here else ""
    return f'href="{verbatim.html(address.href("data-quality", filters, **own))}" data-go{mark}'


def controls(grid: pl.DataFrame, on: Asked) -> None:
    """The search field and the choices of kind and corpus, bound to the address."""
    with st.container(horizontal=True, vertical_alignment="center"):
        listing.search("find", "Find in files and passages")
        _choose("kind_of", "Any kind", _values(grid, "kind"), on["kind"], name)
        _choose("corpus_of", "Any corpus", _values(grid, "corpus"), on["corpus"], str)
        if len(_values(grid, "format")) > 1:
            _choose("format_of", "Any format", _values(grid, "format"), on["format"], str)


def _choose(key: str, anything: str, options: Sequence[str], now: str | None, words: Any) -> None:
    widget = f"own_{key}"
    st.session_state[widget] = now
    offered = [*options, *([now] if now and now not in options else [])]
    st.selectbox(
        anything,
        offered,
        key=widget,
        index=None,
        placeholder=anything,
        format_func=words,
        label_visibility="collapsed",
        on_change=address.writer(key, widget, now),
        width=200,
    )


def meaning(kind: str) -> None:
    """What one kind means, with its example."""
    met, becomes = PROBLEM_EXAMPLES[kind]
    st.html(
        f'<dl class="rs rs-kind"><div><dt>{verbatim.html(name(kind))}</dt><dd>{_coded(PROBLEM_KINDS[kind])}</dd></div>'
        f"<div><dt>Such as</dt><dd>{_coded(met)}</dd></div><div><dt>What becomes of it</dt><dd>{_coded(becomes)}</dd>"
        "</div></dl>"
    )


def meanings(grid: pl.DataFrame) -> None:
    """Every kind that there can be, with its example and how often it was met."""
    n = dict.fromkeys(PROBLEM_KINDS, 0)
    for row in _named(grid):
        n[row["kind"]] += row["n"]
    heads = ("Kind", "#Met", "What it means", "Such as", "What becomes of it")
    rows = (
        (
            f"<b>{verbatim.html(name(kind))}</b>",
            f"{n[kind]:,}",
            _coded(PROBLEM_KINDS[kind]),
            *map(_coded, PROBLEM_EXAMPLES[kind]),
        )
        for kind in PROBLEM_KINDS
    )
    with st.expander(f"What each of the {len(PROBLEM_KINDS)} kinds means, with examples", icon=":material/help:"):
        sheets.table("Kinds of problems", heads, rows)


def _coded(text: str) -> str:
    """Our own words, as HTML, in which text between back quotes is code."""
    parts = [verbatim.html(part) for part in text.split("`")]
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))


def listed(rows: pl.DataFrame, chosen: frames.Selection) -> None:
    """Draws problems with the place in the file marked, as far as the file is kept."""
    found = rows.to_dicts()
    places = {row["number"]: (row["source_id"], row["start"], row["end"]) for row in found if row["start"] is not None}
    stretches = frames.stretches(chosen, [place for place in places.values() if place[0] is not None])
    items = (_item(row, stretches.get(places.get(row["number"], ())), chosen.filters) for row in found)
    st.html(f'<ol class="rs rs-list rs-met-list">{"".join(items)}</ol>')


def _item(row: Mapping, stretch: Any, filters: Filters) -> str:
    tip = verbatim.html(PROBLEM_KINDS[row["kind"]])
    where = [f'<span class="rs-chip" tabindex="0" data-tip="{tip}">{verbatim.html(name(row["kind"]))}</span>']
    where.append(f"<b>{verbatim.html(row['path'] or 'metadata')}</b>")
    if row["corpus"]:
        where.append(verbatim.html(f"{row['corpus']}, {row['format']}"))
    where.append(_place(row, stretch))
    if row["paper_key"] is not None:
        to = address.href(
            "paper", filters, open=f"{row['paper_corpus']}/{row['paper_key']}", at=f"{row['review_key']}:0"
        )
        where.append(f'<a href="{verbatim.html(to)}" data-go>Review {verbatim.html(row["review_key"])}</a>')
    shown = _passage(stretch) if stretch else ""
    told = (
        f'<div class="rs-raw">{verbatim.html(row["snippet"])}</div>' if row["snippet"] and _more(row, stretch) else ""
    )
    if told and shown:
        told = f'<div class="rs-met-head">What the reader noted:</div>{told}'
    head = "".join(f"<span>{each}</span>" for each in where)
    return f'<li><div class="rs-met-head">{head}</div><p>{verbatim.html(row["detail"])}</p>{shown}{told}</li>'


def _more(row: Mapping, stretch: Any) -> bool:
    """Whether the snippet has something that the passage does not show."""
    if stretch is None:
        return True
    around = "".join((stretch.before, stretch.place, stretch.after))
    return row["snippet"].strip("…").strip() not in around


def _place(row: Mapping, stretch: Any) -> str:
    if row["path"] is None:
        return "in no file"
    if row["start"] is None:
        return "the whole file"
    line = f"line {stretch.line:,}, " if stretch else ""
    end = row["end"] if row["end"] is not None else row["start"]
    return f"{line}byte {row['start']:,}" if end == row["start"] else f"{line}bytes {row['start']:,}–{end:,}"


def _passage(stretch: Any) -> str:
    """The stretch of the file as it is, the place marked; where nothing stands but something is missing, a sign."""
    before, after = stretch.cut
    left_out = f"<i> … {stretch.left_out:,} bytes more … </i>" if stretch.left_out else ""
    place = f"<mark>{verbatim.html(stretch.place)}</mark>" if stretch.place else '<mark class="here"></mark>'
    return (
        f'<div class="rs-raw" tabindex="0" role="region" aria-label="Place in the file">{"…" if before else ""}'
        f"{verbatim.html(stretch.before)}{place}{left_out}{verbatim.html(stretch.after)}{'…' if after else ''}</div>"
    )


def download(plan: pl.LazyFrame, n: int) -> None:
    """The button that gives all problems listed as a file; it is made when it is asked for."""
    st.download_button(
        f"Download {n:,} as CSV",
        lambda: as_csv(frames.collect_once(plan)),
        file_name="problems.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        help="Every problem listed, with its meaning, its file and its place in bytes. UTF-8. Text that a spreadsheet "
        "would run as a formula begins with an apostrophe.",
    )


def as_csv(rows: pl.DataFrame) -> bytes:
    """The rows of queries.problem_list as CSV: UTF-8 with a byte order mark, null as empty, no cell a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*_COLUMNS.values(), "meaning"])
    for row in rows.select(list(_COLUMNS)).iter_rows(named=True):
        writer.writerow([*(neutral(value) for value in row.values()), PROBLEM_KINDS[row["kind"]]])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
