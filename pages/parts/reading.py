"""One paper, gathered for the page: its reviews, their sentences and labels, its neighbours in the selection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import polars as pl
import streamlit as st

from pages.parts import address, codes, frames, listing, tables, verbatim
from pages.parts.codes import Code
from pages.parts.review import Label
from queries.filters import Filters
from queries.matrix import matrix


class Place(NamedTuple):
    """Where a paper stands in the selection: addresses in order, and its place from 0, null if not among them."""

    papers: tuple[str, ...]
    at: int | None

    def step(self, by: int) -> str | None:
        """The address of the neighbour, null at either end."""
        to = (self.at if self.at is not None else -1) + by
        return self.papers[to] if 0 <= to < len(self.papers) else None


class Paper(NamedTuple):
    """What a store holds of one paper; every frame in reading order."""

    row: Mapping
    reviews: list[dict]
    segments: Mapping[int, list[dict]]
    labels: pl.DataFrame
    matrix: pl.DataFrame
    codes: Mapping[tuple[str, str], Code]
    met: frozenset[int]

    def layers(self) -> list[str]:
        """The layers that label sentences of the paper, in the schemes' order."""
        used = set(self.labels["layer"])
        return [name for name, layer in codes.layers().items() if layer.target == "segment" and name in used]

    def places(self) -> set[str]:
        """Where its sentences stand, as links to them say it: `review_key:position`."""
        return {
            f"{review['review_key']}:{segment['position']}"
            for review in self.reviews
            for segment in self.segments.get(review["review_id"], [])
        }

    def on_segments(self, layer: str) -> dict[int, list[Label]]:
        """The labels of a layer by segment."""
        found: dict[int, list[Label]] = {}
        for row in self._of(layer):
            if row["segment_id"] is not None:
                found.setdefault(row["segment_id"], []).append(self._label(row))
        return found

    def on_reviews(self) -> dict[int, list[Label]]:
        """The labels on whole reviews by review."""
        found: dict[int, list[Label]] = {}
        for row in self._of(None):
            if row["segment_id"] is None:
                found.setdefault(row["review_id"], []).append(self._label(row))
        return found

    def in_key(self, layer: str) -> Counter[str]:
        """How many labels of a layer each entry of the key stands for."""
        of_layer = [label for labels in self.on_segments(layer).values() for label in labels]
        polarised = codes.layers()[layer].polarised
        return Counter(codes.tone(code, polarity) if polarised else code.code for code, polarity in of_layer)

    def used(self, layer: str) -> list[Code]:
        """The codes of a layer that the paper has, in order."""
        there = {row["code"] for row in self._of(layer)}
        return [code for (of, name), code in self.codes.items() if of == layer and name in there]

    def cells(self, layer: str) -> dict[tuple[int, str], Mapping]:
        """The rows of the matrix for a layer by review and code."""
        rows = self.matrix.filter(self.matrix["layer"] == layer)
        return {(row["review_id"], row["code"]): row for row in rows.iter_rows(named=True)}

    def _of(self, layer: str | None) -> Sequence[dict]:
        rows = self.labels if layer is None else self.labels.filter(self.labels["layer"] == layer)
        return rows.to_dicts()

    def _label(self, row: Mapping) -> Label:
        return self.codes[row["layer"], row["code"]], row["polarity"]


def place(chosen: frames.Selection, wanted: str | None) -> tuple[pl.DataFrame, Place]:
    """The counts of the selection, and where the paper `wanted` stands in it; the first where none is wanted.

    The order is that of the list one comes from, as the address tells it.
    """
    layer = address.value("layer")
    layer = layer if layer in codes.layers() else "aspect"
    found = frames.collect(chosen, f"papers {layer}", **listing.plans(chosen.frames, layer))
    rows, _, _ = listing.in_order(found)
    papers = tuple(f"{corpus}/{key}" for corpus, key in rows.select("corpus", "paper_key").rows())
    if wanted is None:
        return found["counts"], Place(papers, 0 if papers else None)
    return found["counts"], Place(papers, papers.index(wanted) if wanted in papers else None)


def paper(chosen: frames.Selection, wanted: str) -> Paper | None:
    """The whole paper at the address `wanted`; null where there is none. Filters cut nothing out of it."""
    whole = Filters(papers=(wanted,)).apply(chosen.snapshot.frames)
    met = replace(chosen.filters, papers=(wanted,)).apply(chosen.snapshot.frames).segments
    row = frames.collect(chosen, f"paper {wanted}: row", papers=whole.papers)["papers"]
    if not row.height:
        return None
    found = frames.collect(
        chosen,
        f"paper {wanted}",
        reviews=whole.reviews.sort("position", "review_id"),
        segments=whole.segments.sort("review_id", "position"),
        labels=whole.labels.sort("segment_id", "scheme", "layer", "code"),
        matrix=matrix(whole, paper_id=row["paper_id"][0]),
        codes=whole.codes,
        met=met.select("segment_id"),
    )
    segments: dict[int, list[dict]] = {}
    for segment in found["segments"].iter_rows(named=True):
        segments.setdefault(segment["review_id"], []).append(segment)
    restricted = chosen.filters.text or any(c.target == "segment" for c in chosen.filters.conditions)
    return Paper(
        row.row(0, named=True),
        found["reviews"].to_dicts(),
        segments,
        found["labels"],
        found["matrix"],
        codes.by_code(found["codes"]),
        frozenset(found["met"]["segment_id"]) if restricted else frozenset(),
    )


def head(shown: Paper, around: Place, filters: Filters, layer: str) -> None:
    """Draws title and particulars of the paper, with the way to its neighbours."""
    row = shown.row
    facts = [" ".join(str(part) for part in (row["venue"], row["year"]) if part is not None)]
    detail = row["decision_detail"] if row["decision_detail"] != row["decision"] else None
    facts += [row["track"] or "", f"{row['corpus']}/{row['paper_key']}", detail or ""]
    said = " · ".join(verbatim.html(fact) for fact in facts if fact)
    badge = f' <span class="rs-badge {row["decision"]}">{row["decision"]}</span>' if row["decision"] else ""
    words = "".join(f'<span class="rs-chip">{verbatim.html(word)}</span>' for word in row["keywords"] or ())
    words = f'<div class="rs-chips rs-words">{words}</div>' if words else ""
    st.html(
        f'<div class="rs rs-pagehead"><div><h1>{verbatim.html(tables.title_of(row))}</h1>'
        f'<div class="rs-facts">{said}{badge}</div>{words}</div>{_steps(around, filters, layer)}</div>'
    )


def abstract(shown: Paper) -> None:
    """Draws the abstract, folded away; nothing where there is none."""
    if shown.row["abstract"]:
        with st.expander("Abstract"):
            st.html(f'<div class="rs-quote">{verbatim.html(shown.row["abstract"])}</div>')


def _steps(around: Place, filters: Filters, layer: str) -> str:
    where = f"{around.at + 1:,} of {len(around.papers):,}" if around.at is not None else "outside the selection"
    return (
        '<nav class="rs-steps" aria-label="Papers of the selection">'
        f"{_step('‹ Previous', around.step(-1), filters, layer)}<span>{where}</span>"
        f"{_step('Next ›', around.step(1), filters, layer)}</nav>"
    )


def _step(name: str, to: str | None, filters: Filters, layer: str) -> str:
    if to is None:
        return f'<span class="off" aria-hidden="true">{name}</span>'
    kept = {key: address.value(key) for key in ("sort", "find", "code")}
    link = address.href("paper", filters, open=to, layer=layer, **kept)
    return f'<a href="{verbatim.html(link)}" data-go>{name}</a>'
