"""The codebook: every scheme with its source and annotators, every code with its count, polarities and examples.

The address says what is shown: `scheme_of` one scheme, `code_of` one code to be found on the page (as in the scheme,
as a condition spells it, or as layer:code), `find` words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import polars as pl
import streamlit as st

from corpus.schemes import Code, Layer, Scheme, layer_key, schemes
from corpus.tables import Frames
from pages.parts import address, codebook_bars, frames, sheets, states, verbatim
from pages.parts.codes import scheme_names
from pages.parts.palette import POLARITIES
from pages.parts.provenance import is_model, mark, short
from queries.annotators import annotators
from queries.codebook import codebook
from queries.conditions import Condition, FilterError
from queries.filters import Filters
from queries.provenance import provenance
from queries.typical import typical
from queries.weak_codes import known_codes

EXAMPLES = 3
_WHO = 6
_CODE = ("scheme", "layer", "code")


class Entry(NamedTuple):
    """A code in its place; `row` is that of queries.codebook, null for a code of a scheme that the store lacks."""

    scheme: Scheme
    layer: Layer
    code: Code
    row: Mapping | None

    @property
    def n(self) -> int:
        return self.row["n"] if self.row else 0

    @property
    def key(self) -> tuple[str, str, str]:
        return self.scheme.name, self.layer.name, self.code.code

    @property
    def anchor(self) -> str:
        """The id of its card."""
        return "c" + address.anchor(f"{self.scheme.name}:{self.layer.name}:{self.code.code}")


class Book(NamedTuple):
    """All that the page draws: entries in the schemes' order, annotators by scheme; by code the examples, how well each
    model knows it (queries.weak_codes.known_codes), and how many of the labels of each polarity are models'.
    """

    entries: list[Entry]
    examples: dict[tuple[str, str, str], list[dict]]
    annotators: dict[str, list[dict]]
    known: dict[tuple[str, str, str], list[dict]]
    guessed: dict[tuple[str, str, str], dict[int | None, int]]

    def weak(self, entry: Entry) -> bool:
        """Whether models gave every label of a code, and none of them knows it well enough."""
        of = self.known.get(entry.key, [])
        return 0 < entry.n == sum(self.guessed.get(entry.key, {}).values()) and all(row["weak"] for row in of)


def plans(part: Frames) -> dict[str, pl.LazyFrame]:
    """The queries behind the page, for `frames.collect`."""
    return {
        "codebook": codebook(part.codes, part.labels),
        "typical": typical(part, n=EXAMPLES),
        "annotators": annotators(part.labels),
        "known": known_codes(part.models, part.labels),
        "whose": provenance(part.labels, by=(*_CODE, "polarity")),
    }


def book(found: Mapping[str, pl.DataFrame]) -> Book:
    """What `plans` found, with the words of every scheme that is known, whether the store has it or not."""
    rows = {tuple(row[name] for name in _CODE): row for row in found["codebook"].iter_rows(named=True)}
    entries = [
        Entry(scheme, layer, code, rows.get((scheme.name, layer.name, code.code)))
        for scheme in schemes()
        for layer in scheme.layers
        for code in layer.codes
    ]
    examples, known = (_by_code(found[name]) for name in ("typical", "known"))
    guessed: dict[tuple[str, str, str], dict[int | None, int]] = {}
    for row in found["whose"].iter_rows(named=True):
        guessed.setdefault((row["scheme"], row["layer"], row["code"]), {})[row["polarity"]] = row["n_models"]
    who: dict[str, list[dict]] = {}
    for row in found["annotators"].iter_rows(named=True):
        who.setdefault(row["scheme"], []).append(row)
    return Book(entries, examples, who, known, guessed)


def _by_code(rows: pl.DataFrame) -> dict[tuple[str, str, str], list[dict]]:
    found: dict[tuple[str, str, str], list[dict]] = {}
    for row in rows.iter_rows(named=True):
        found.setdefault((row["scheme"], row["layer"], row["code"]), []).append(row)
    return found


def choose(whole: Book) -> tuple[list[Entry], Entry | None]:
    """The entries that the address asks for, and the one code it names; what is not there is told."""
    names = {"": "All in use", **scheme_names()}
    used = list(dict.fromkeys(entry.scheme.name for entry in whole.entries if entry.n))
    scheme = address.value("scheme_of")
    options = ["", *used, *([scheme] if scheme in names and scheme not in used else [])]
    scheme = address.choice("scheme_of", options, "", "Scheme", names) if len(used) > 1 or scheme else ""
    words = (address.value("find") or "").casefold().split()
    shown = [entry for entry in whole.entries if scheme in ("", entry.scheme.name) and _matches(entry, words)]
    wanted = address.value("code_of")
    asked = next((entry for entry in whole.entries if wanted and _named(entry, wanted, scheme)), None)
    if wanted and asked is None:
        st.warning(f"No scheme here has the code “{verbatim.markdown(wanted)}”; the address asks for it.")
    return shown, asked


def _matches(entry: Entry, words: Sequence[str]) -> bool:
    code = entry.code
    told = " ".join((code.code, code.name, code.definition, code.common or "", entry.layer.title)).casefold()
    return all(word in told for word in words)


def _named(entry: Entry, wanted: str, scheme: str) -> bool:
    if scheme and entry.scheme.name != scheme:
        return False
    return wanted in (entry.code.code, f"{entry.layer.name}:{entry.code.code}", _spelled(entry))


def _spelled(entry: Entry) -> str | None:
    """The condition that asks for the code; null where no condition can."""
    try:
        return str(Condition(layer_key(entry.scheme.name, entry.layer.name), entry.code.code).checked())
    except (FilterError, KeyError):
        return None


def drawn(shown: Sequence[Entry], asked: Entry | None, whole: Book, chosen: frames.Selection) -> None:
    """Draws the schemes in use, then, folded away, those that no label of the selection uses."""
    in_use = {entry.scheme.name for entry in whole.entries if entry.n}
    by_scheme = [(scheme, list(entries)) for scheme, entries in groupby(shown, key=lambda entry: entry.scheme)]
    for scheme, entries in by_scheme:
        if scheme.name in in_use:
            sheets.heading(scheme.title, f"scheme-{scheme.name}")
            _scheme(scheme, entries, asked, whole, chosen.filters)
    unused = [(scheme, entries) for scheme, entries in by_scheme if scheme.name not in in_use]
    if unused:
        sheets.section("unused", "Schemes that no label here uses", len(unused))
    wanted = {entry.scheme.name for entry in (asked,) if entry} | {address.value("scheme_of")}
    for scheme, entries in unused:
        searched = bool(address.value("find"))
        with st.expander(verbatim.markdown(scheme.title), expanded=scheme.name in wanted or searched):
            _scheme(scheme, entries, asked, whole, chosen.filters)
    if not shown:
        states.note("<b>No code has these words.</b> Clear the field to see all.")


def _scheme(scheme: Scheme, entries: Sequence[Entry], asked: Entry | None, whole: Book, filters: Filters) -> None:
    sheets.said(_about(scheme, whole.annotators.get(scheme.name, [])))
    most = {
        layer.name: max(e.n for e in whole.entries if (e.scheme, e.layer) == (scheme, layer)) for layer in scheme.layers
    }
    for layer, group in groupby(entries, key=lambda entry: entry.layer):
        cards = "".join(_card(entry, most[layer.name], entry == asked, whole, filters) for entry in group)
        target = "whole reviews" if layer.target == "review" else "sentences"
        judges = "with a polarity" if layer.polarised else "without polarity"
        st.html(
            f'<section class="rs rs-layer"><h3>{verbatim.html(layer.title)}</h3>'
            f"<p>{verbatim.html(layer.question)} Labels {target}, {judges}.</p>{cards}</section>"
        )


def _about(scheme: Scheme, who: Sequence[Mapping]) -> str:
    told = verbatim.html(scheme.source)
    if scheme.doi:
        link = verbatim.html(f"https://doi.org/{scheme.doi}")
        told += f' <a href="{link}" target="_blank" rel="noopener">doi:{verbatim.html(scheme.doi)}</a>'
    if not who:
        return f"{told}<br>No label here is of this scheme."
    names = [
        f"<b>{_annotator(row['annotator'])}</b> ({row['n']:,} in {row['n_reviews']:,} "
        f"{'review' if row['n_reviews'] == 1 else 'reviews'})"
        for row in who
    ]
    more = f" and {len(who) - _WHO:,} more" if len(who) > _WHO else ""
    total = sum(row["n"] for row in who)
    return f"{told}<br>{states.amount(total, 'label')} by {', '.join(names[:_WHO])}{more}."


def _annotator(name: str) -> str:
    """Who labelled, as HTML; a model is marked as one."""
    if not is_model(name):
        return verbatim.html(name)
    return f'<span class="rs-chip guess">{verbatim.html(short(name))}, a model</span>'


def _card(entry: Entry, most: int, asked: bool, whole: Book, filters: Filters) -> str:
    code, scheme = entry.code, entry.scheme
    own = address.href("codebook", filters, scheme_of=scheme.name, code_of=f"{entry.layer.name}:{code.code}")
    head = (
        f"<h4><code>{verbatim.html(code.code)}</code>{verbatim.html(code.name)}"
        f'<a class="self" href="{verbatim.html(own)}" data-go aria-label="Link to {verbatim.html(code.name)}">#</a>'
        "</h4>"
    )
    common = f"Shared aspect: <b>{verbatim.html(code.common)}</b>" if code.common else "No shared aspect"
    kind = f"rs-code{' asked' if asked else ''}{'' if entry.n else ' unused'}{' weak' if whole.weak(entry) else ''}"
    told = f"{head}<p>{verbatim.html(code.definition)}</p>"
    knows = "".join(codebook_bars.knows(row) for row in whole.known.get(entry.key, []))
    if not entry.n:
        facts = f'<div class="facts"><span>Not used here</span><span>{common}</span></div>{knows}'
        return f'<div class="{kind}" id="{entry.anchor}"><div>{told}{facts}</div></div>'
    facts = f'<div class="facts"><span>{_linked(entry, filters)}</span><span>{common}</span></div>'
    examples = whole.examples.get(entry.key, [])
    bar = codebook_bars.split(entry.layer, entry.code, entry.row or {}, most, whole.guessed.get(entry.key, {}))
    return (
        f'<div class="{kind}" id="{entry.anchor}"><div>{told}{bar}{facts}{knows}</div>'
        f"{_examples(entry, examples, filters)}</div>"
    )


def _linked(entry: Entry, filters: Filters) -> str:
    """How often the code is used, with a link to where."""
    row = entry.row or {}
    told = states.amount(entry.n, "label")
    where = f" in {row['n_papers']:,} {'paper' if row['n_papers'] == 1 else 'papers'}"
    spelled = _spelled(entry)
    if spelled is None:
        return told + where
    query = filters.to_query()
    narrowed = Filters.from_query(query | {"label": [*query.get("label", []), spelled]})
    link = address.href("papers" if entry.layer.target == "review" else "sentences", narrowed)
    return f'<a href="{verbatim.html(link)}" data-go>{told}</a>{where}'


def _examples(entry: Entry, rows: Sequence[Mapping], filters: Filters) -> str:
    if entry.layer.target == "review":
        return '<div class="rs-muted rs-rule">Labels whole reviews, so no sentence is typical of it.</div>'
    if not rows:
        return '<div class="rs-muted rs-rule">No sentence with any text has this label.</div>'
    return f'<ol class="rs-examples">{"".join(_example(row, filters) for row in rows)}</ol>'


def _example(row: Mapping, filters: Filters) -> str:
    place = f"{row['corpus']}/{row['paper_key']}"
    link = address.href("paper", filters, open=place, at=f"{row['review_key']}:{row['position']}")
    tone, _, word = POLARITIES[row["polarity"]]
    style = f' style="--tone:var(--rs-{tone})"' if row["polarity"] is not None else ""
    guess = ' class="guess"' if row["model"] else ""
    judged = f"{word} · " if row["polarity"] is not None else ""
    others = f" · with {row['n_others']} other {'code' if row['n_others'] == 1 else 'codes'}" if row["n_others"] else ""
    return (
        f"<li{guess}{style}>{verbatim.html(verbatim.clip(row['text'], 420))} {mark(row)}<small>{judged}"
        f'<a href="{verbatim.html(link)}" data-go>{verbatim.html(verbatim.clip(place, 60))}</a>{others}</small></li>'
    )
