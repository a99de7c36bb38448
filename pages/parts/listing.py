"""Picking rows of the list of papers: searched, put in order, one page of them; nothing is counted here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import streamlit as st

from corpus.schemes import Layer
from corpus.tables import Frames
from pages.parts import address, tables, verbatim
from pages.parts.codes import Code
from pages.parts.provenance import told
from queries.counts import counts
from queries.layers import of_layer
from queries.overview import overview
from queries.profile import profile
from queries.provenance import model_names, provenance

#: Of a profile, what the list draws: to count reviews and segments as well would take ten times as long.
_DRAWN = ("paper_id", "code", "n", "positive", "neutral", "negative", "net")
_COLUMNS = {"title": "title", "reviews": "n_reviews", "labels": "n_labels", "net": "net", "rating": "rating"}


def search(key: str, label: str) -> None:
    """A search field bound to the URL."""
    widget = f"own_{key}"
    shown = st.session_state[widget] = address.value(key) or ""
    st.text_input(
        label, key=widget, type="search", placeholder=label, label_visibility="collapsed", width=260,
        on_change=address.writer(key, widget, shown), icon=":material/search:",
    )  # fmt: skip


def matching(papers: pl.DataFrame, find: str) -> pl.DataFrame:
    """The papers whose title or key holds every word of `find`."""
    if not find.strip():
        return papers
    words = find.split()
    texts = (f"{title or ''} {key}".casefold() for title, key in zip(papers["title"], papers["paper_key"], strict=True))
    return papers.filter(pl.Series([all(word in text for word in words) for text in texts], dtype=pl.Boolean))


def ordered(papers: pl.DataFrame, profiles: pl.DataFrame, sort: str) -> pl.DataFrame:
    """The papers by a column or by the net polarity of a code, the highest first unless `sort` ends in `.up`.

    Papers without a value come last, ties as they were: by corpus and key.
    """
    column, _, way = sort.partition(".")
    if column in _COLUMNS:
        values = papers[_COLUMNS[column]].to_list()
    else:
        rows = profiles.filter(profiles["code"] == column)
        name = "net" if rows["net"].count() else "n"
        of = dict(zip(rows["paper_id"], rows[name], strict=True))
        values = [of.get(paper) for paper in papers["paper_id"]]
    there = [place for place, value in enumerate(values) if value is not None]
    there.sort(key=values.__getitem__, reverse=way != "up")
    return papers[[*there, *(place for place, value in enumerate(values) if value is None)]]


def known_order(sort: str | None, profiles: pl.DataFrame) -> str:
    """The order asked for; the title's where none is, or none that there is, which is told."""
    column = (sort or "").partition(".")[0]
    if column in _COLUMNS or column in set(profiles["code"]):
        return str(sort)
    if sort:
        st.warning(f"The address asks to sort by “{verbatim.markdown(sort)}”, which is not to be had here.")
    return "title.up"


def plans(part: Frames, layer: str) -> dict[str, pl.LazyFrame]:
    """What the list is made of, for `frames.collect` under the name of the page and the layer's key."""
    labels = of_layer(part.labels, part.codes, layer)
    found = {
        "counts": counts(part),
        "papers": overview(part, layer=layer),
        "profile": profile(labels).select(_DRAWN),
        "codes": part.codes,
    }
    if model_names(part.labels) != ():
        found["whose"] = provenance(labels, by=("paper_id", "code"))
    return found


def in_order(found: Mapping[str, pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame, str]:
    """The papers that the address finds in the order it asks for, the profiles of the layer, and that order."""
    profiles = found["profile"]
    sort = known_order(address.value("sort"), profiles)
    find = (address.value("find") or "").casefold()
    return ordered(matching(found["papers"], find), profiles, sort), profiles, sort


def cells(found: Mapping[str, pl.DataFrame], shown: pl.DataFrame) -> dict[tuple[int, str], Mapping]:
    """The rows of the profile for the papers shown, by paper and code, with how many labels are models'."""
    profiles = found["profile"]
    rows = profiles.filter(profiles["paper_id"].is_in(shown["paper_id"].to_list()))
    rows = told(rows, found.get("whose"), ("paper_id", "code"))
    return {(row["paper_id"], row["code"]): row for row in rows.iter_rows(named=True)}


def words(offset: int, n: int, total: int, whole: int, layer: Layer | None, guesses: bool = False) -> str:
    """What the list shows, in words: `n` papers from the `offset`-th of `total` found among the `whole` selection.

    `layer` is that of the cells, null where there are none; `guesses`: whether models' labels are among them.
    """
    some = f"Papers {offset + 1:,}–{offset + n:,} of {total:,}. " if n < total else ""
    if total < whole:
        some += f"{total:,} of {whole:,} papers have the words. "
    if layer is None:
        return f"{some}Heads sort; a click opens."
    dashed = "Dashed and lighter: a model’s guesses; with a dashed frame: some of them. " if guesses else ""
    means = "shade and sign tell net polarity, size the number of labels"
    means = means if layer.polarised else "size and number tell how many labels"
    return f"{some}Cells: {means}. {dashed}Heads sort; a click opens."


def twin(shown: pl.DataFrame, of: Mapping[tuple[int, str], Mapping], used: Sequence[Code]) -> pl.DataFrame:
    """The page of the grid as numbers: for each code its net polarity and its labels; empty where there are none."""
    rows = []
    guessed = any(cell["n_models"] for cell in of.values())
    for paper in shown.iter_rows(named=True):
        row = {
            "paper": tables.title_of(paper),
            "key": paper["paper_key"],
            "venue": paper["venue"],
            "year": paper["year"],
        }
        row |= {"decision": paper["decision"], "reviews": paper["n_reviews"], "net": paper["net"]}
        for code in used:
            found = of.get((paper["paper_id"], code.code))
            if code.polarised:
                row[f"{code.short} net"] = found["net"] if found else None
            row[f"{code.short} n"] = found["n"] if found else None
            if guessed:
                row[f"{code.short} by models"] = found["n_models"] if found else None
        rows.append(row)
    return pl.DataFrame(rows, infer_schema_length=None)
