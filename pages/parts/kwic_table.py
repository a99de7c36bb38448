"""Lines of a concordance: the hit in the middle, its context on both sides, what its sentence is labelled."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from corpus.exporters.cells import cell
from pages.parts import address, codes, palette, review, tables, verbatim
from pages.parts.codes import Code
from pages.parts.provenance import guessed
from queries.filters import Filters

#: Codes that judge nothing: an annotator looked and found nothing, or could not tell.
_NO_JUDGEMENT = ("none", "CNT")
#: Code points of context on either side of a line.
WIDTH = 90
#: A longer hit is broken into lines; a stretch as long as this says enough of one that is longer still.
_LONG, _LONGEST = 40, 400
_COLUMNS = {
    **{"corpus": "corpus", "paper_key": "paper", "title": "title", "venue": "venue", "year": "year"},
    **{"decision": "decision", "review_key": "review", "reviewer": "reviewer", "kind": "kind", "rating": "rating"},
    **{"position": "position", "start": "start", "end": "end", "labels": "labels", "guesses": "labels_by_models"},
    **{"left": "left", "node": "hit", "right": "right"},
}
#: Heads that sort, with the order that they ask for.
_HEADS = (("left", "Left", "left1"), ("node", "Hit", "node"), ("right", "Right", "right1"))


def draw(
    rows: pl.DataFrame,
    known: Mapping[tuple[str, str], Code],
    filters: Filters,
    own: Mapping[str, Any],
    layer: str | None,
    order: str,
) -> None:
    """Draws the lines, rows of queries.kwic; `own` are the page's own keys for links to itself."""
    heads = "".join(_head(kind, title, asks, filters, own, order) for kind, title, asks in _HEADS)
    heads += f'<th scope="col" class="codes"><b>{verbatim.html(codes.layers()[layer].title)}</b></th>' if layer else ""
    heads += '<th scope="col" class="where"><b>Paper</b></th>'
    body = "".join(_line(row, known, filters, layer) for row in rows.iter_rows(named=True))
    st.html(tables.grid("Concordance", f"<tr>{heads}</tr>", body, "rs-kwic"))


def _head(kind: str, title: str, asks: str, filters: Filters, own: Mapping[str, Any], order: str) -> str:
    link = verbatim.html(address.href("concordance", filters, **{**own, "order": asks}))
    on = ' aria-sort="ascending"' if order.rstrip("123") == asks.rstrip("123") else ""
    return f'<th scope="col" class="{kind}"{on}><a href="{link}" data-go data-tip="Sort by it"><b>{title}</b></a></th>'


def _line(row: Mapping, known: Mapping[tuple[str, str], Code], filters: Filters, layer: str | None) -> str:
    at = f"{row['review_key']}:{row['position']}"
    open_ = f"{row['corpus']}/{row['paper_key']}"
    link = verbatim.html(address.href("paper", filters, open=open_, at=at, layer=layer))
    where = " ".join(str(part) for part in (row["venue"], row["year"]) if part is not None)
    decision = row["decision"]
    rating = f"rating {row['rating']:g}" if row["rating"] is not None else None
    facts = (tables.title_of(row), where, decision, review.name(row), rating)
    told = verbatim.html("\n".join(part for part in facts if part))
    badge = f'<span class="rs-badge {decision}">{decision}</span> ' if decision else ""
    name = verbatim.html(verbatim.clip(tables.title_of(row), 60))
    chips = f'<td class="codes"><div>{_chips(row["marks"], known, layer)}</div></td>' if layer else ""
    kind = "node long" if len(row["node"]) > _LONG else "node"
    left, begun, ended, right = _cut(row["left"], row["node"], row["right"])
    # Of a context that goes on, the half word at its end is left out.
    left = re.sub(r"\A\S*\s", "… ", left) if len(row["left"]) >= WIDTH else left
    right = re.sub(r"\s\S*\Z", " …", right) if len(row["right"]) >= WIDTH else right
    node = f"{verbatim.html(begun)}{_node(row, known, layer)}{verbatim.html(ended)}"
    return (
        f'<tr data-href="{link}"><td class="left"><div><span>{verbatim.html(left)}</span></div></td>'
        f'<td class="{kind}"><a href="{link}" data-go>{node}</a></td>'
        f'<td class="right"><div>{verbatim.html(right)}</div></td>{chips}'
        f'<td class="where"><small data-tip="{told}">{badge}{name}</small></td></tr>'
    )


def _cut(left: str, node: str, right: str) -> tuple[str, str, str, str]:
    """The contexts, and between them what belongs to the word that the hit begins or ends in the middle of."""
    begun = re.search(r"\w*\Z", left)[0] if re.match(r"\w", node) else ""  # type: ignore[index]
    ended = re.match(r"\w*", right)[0] if re.search(r"\w\Z", node) else ""  # type: ignore[index]
    return left[: len(left) - len(begun)], begun, ended, right[len(ended) :]


def _node(row: Mapping, known: Mapping[tuple[str, str], Code], layer: str | None) -> str:
    """The hit, in the tint of what its sentence is labelled in the layer: see `tone`."""
    node = row["node"]
    shown = verbatim.html(node if len(node) <= _LONGEST else f"{node[:_LONGEST]} …")
    kind, style = tone(row["marks"] or (), known, layer)
    return f'<mark class="rs-node {kind}"{style}>{shown}</mark>' if kind else f'<b class="rs-node">{shown}</b>'


def tone(marks: Sequence[Mapping], known: Mapping[tuple[str, str], Code], layer: str | None) -> tuple[str, str]:
    """The CSS class for these labels, and a style attribute: that of their polarity, `mixed` for several.

    Empty for no label or none that judges anything; the first code's hue where the layer has no polarities. `guess` is
    added where models alone gave them, `weak` where they know none of the codes well.
    """
    judging = [mark for mark in marks if mark["code"] not in _NO_JUDGEMENT]
    found = [(known[str(layer), mark["code"]], mark["polarity"]) for mark in judging]
    if not found:
        return "", ""
    guesses = [guessed(mark) for mark in judging]
    by = ""
    if models := [guess.model for guess in guesses if guess] if all(guesses) else []:
        weak = all(code.hint([model]) for (code, _), model in zip(found, models, strict=True))
        by = " guess weak" if weak else " guess"
    if not found[0][0].polarised:
        return f"hue{by}", f' style="{codes.wash(found[0][0])}"'
    signs = {polarity for _, polarity in found if polarity is not None}
    return ("mixed" if len(signs) > 1 else palette.POLARITIES[next(iter(signs), None)][0]) + by, ""


def _chips(marks: Sequence[Mapping] | None, known: Mapping[tuple[str, str], Code], layer: str | None) -> str:
    """The labels as chips, not more than three; the others are told by number."""
    chips = [codes.chip(known[str(layer), mark["code"]], mark["polarity"], guess=guessed(mark)) for mark in marks or ()]
    more = f'<span class="rs-muted">+{len(chips) - 3}</span>' if len(chips) > 3 else ""
    return "".join(chips[:3]) + more


def download(rows: Callable[[], pl.DataFrame], n: int) -> None:
    """The button that gives all lines as a file; they are made when it is asked for."""
    st.download_button(
        f"Download {n:,} as CSV",
        lambda: as_csv(rows()),
        file_name="concordance.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        help="Every hit in the order shown, with 120 characters on either side, where it stands and the labels of its "
        "sentence. UTF-8. Text that a spreadsheet would run as a formula begins with an apostrophe.",
    )


def as_csv(rows: pl.DataFrame) -> bytes:
    """The rows of queries.kwic as CSV: UTF-8 with a byte order mark, null as empty, no cell a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS.values())
    for row in rows.select(list(_COLUMNS)).iter_rows():
        writer.writerow([cell(value) for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
