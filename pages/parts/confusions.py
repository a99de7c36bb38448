"""Where two annotators differ: the matrix of their codes, agreement code by code, the sentences behind a cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl
import streamlit as st

from corpus.tables import GOLD, Frames
from pages.parts import address, charts, codes, frames, palette, plots, sheets, states, tables, verbatim
from pages.parts.agreeing import Asked, annotator
from pages.parts.alphas import coefficient, coefficients
from pages.parts.codes import Code
from pages.parts.provenance import is_model, short
from queries.code_agreement import code_agreement
from queries.confusion import confusion
from queries.disagreements import disagreements
from queries.filters import Condition, Filters

PAGE = 10
#: A head of the matrix that is longer stands upright, and so do all.
LONG = 6
#: Stands in an address, and in the matrix, for no code.
NOTHING = "-"
#: A cell of the matrix: the codes of the first and the second annotator, null for none.
Cell = tuple[str | None, str | None]


class Pair(NamedTuple):
    """Two annotators; a null second stands for all people but the first."""

    first: str
    second: str | None

    @property
    def key(self) -> str:
        """How it is spelled in an address."""
        return f"{self.first}~{self.second or '*'}"

    @property
    def names(self) -> tuple[str, str]:
        """What the two are called; not escaped."""
        return self.first, self.second or "each other"


def asked(rows: pl.DataFrame) -> Pair | None:
    """Draws the choice of a pair and reads the address; `rows` are queries.annotator_pairs of the layer.

    Null where there is no pair. Where gold has several partners they are pooled by default, else it is the pair with
    most segments.
    """
    of = (
        rows.filter(pl.col("question") == "code")
        .group_by("first", "second", "by_model")
        .agg(pl.col("n_segments").sum())
    )
    most = of.sort("by_model", "n_segments", "first", "second", descending=[False, True, False, False])
    pairs = [Pair(*names) for names in of.sort("by_model", "first", "second").select("first", "second").rows()]
    people = [pair for pair in pairs if not any(is_model(str(name)) for name in pair)]
    if not pairs:
        return None
    default = Pair(*most.select("first", "second").row(0))
    if sum(GOLD in pair for pair in people) > 1:
        default = Pair(GOLD, None)
        pairs.insert(0, default)
    by_key = {pair.key: pair for pair in pairs}
    names = {
        pair.key: " and ".join(f"{short(name)} (a model)" if is_model(name) else name for name in pair.names)
        for pair in pairs
    }
    return by_key[address.choice("pair", list(by_key), default.key, "Annotators", names)]


def plans(whole: Frames, on: Asked, pair: Pair, cell: Cell | None) -> dict[str, pl.LazyFrame]:
    """What the section needs of a pair."""
    of = {"layer": on.key, "question": on.question}
    two = pair._asdict()
    only = None if pair.second is None else (pair.first, pair.second)
    return {
        "cells": confusion(whole, **of, **two),
        "by_code": code_agreement(whole, **of, pair=only),
        "n": disagreements(whole, **of, **two, cell=cell).select(pl.len()),
    }


def asked_cell() -> Cell | None:
    """The cell that the address asks for, as `EMP~CLA`; null for all that differ."""
    first, tilde, second = (address.value("code") or "").partition("~")
    return (None if first == NOTHING else first, None if second == NOTHING else second) if tilde else None


class Said(NamedTuple):
    """The codes, or polarities, of a layer in order: in words, spelled short, with the condition that asks for them."""

    names: Mapping[str | None, str]
    shorts: Mapping[str | None, str]
    conditions: Mapping[str | None, Condition]


def said(on: Asked, known: Mapping[tuple[str, str], Code]) -> Said:
    """What the rows and columns of the matrix are called."""
    nothing = {None: "no polarity" if on.question == "polarity" else "not labelled, or no more"}
    if on.question == "polarity":
        signs = {str(number): palette.POLARITIES[number] for number in (-1, 0, 1)}
        return Said(
            {key: word for key, (_, _, word) in signs.items()} | nothing,
            {key: sign for key, (_, sign, _) in signs.items()} | {None: "–"},
            {key: Condition(on.key, None, int(key)) for key in signs},
        )
    of = [code for code in known.values() if code.layer == on.key]
    return Said(
        {code.code: code.name for code in of} | nothing,
        {code.code: code.short for code in of} | {None: "–"},
        {code.code: Condition(on.key, code.code) for code in of},
    )


def draw(
    found: Mapping[str, pl.DataFrame], on: Asked, pair: Pair, known: Mapping[tuple[str, str], Code], filters: Filters
) -> None:
    """The matrix of the two, and beside it how far they agree on each code."""
    words = said(on, known)
    first, second = (annotator(name) for name in pair.names)
    sheets.said(
        f"Rows: what {first} said; columns: what {second} said. A number counts sentences, the deeper its colour the "
        "more of its row; on the diagonal they agree. “–”: one of them gave nothing more to set against it. "
        "A cell shows its sentences below."
    )
    left, right = st.columns([1.25, 1], gap="large")
    with left:
        matrix(found["cells"], on, pair, words, filters)
    with right:
        if pair.second is None:
            charts.caption("Code by code: all pairs of people, also those without the annotator of the rows.")
        by_code(found["by_code"], words, filters)


def matrix(cells: pl.DataFrame, on: Asked, pair: Pair, words: Said, filters: Filters) -> None:
    """Draws the matrix; a cell chooses the sentences below, a head leads to all sentences of the code."""
    found = {
        tuple(None if code is None else str(code) for code in (row["first_code"], row["second_code"])): row["n"]
        for row in cells.iter_rows(named=True)
    }
    used = {code for cell in found for code in cell}
    order = [code for code in words.names if code in used]
    sums = {code: sum(n for (first, _), n in found.items() if first == code) for code in order}
    first, second = (verbatim.html(short(name)) for name in pair.names)
    head = f'<th scope="col" class="name"><small>{first} ↓ · {second} →</small></th>'
    head += "".join(_head(code, words, filters, "col") for code in order) + '<th scope="col"><b>all</b></th>'
    chosen = asked_cell()
    body = ""
    for row in order:
        body += f"<tr>{_head(row, words, filters, 'row')}"
        for column in order:
            n = found.get((row, column), 0)
            on_it = (row, column) == chosen
            body += f"<td>{_cell((row, column), n, sums[row], on, pair, words, filters, on_it)}</td>"
        body += f'<td class="num">{sums[row]:,}</td></tr>'
    tall = " tall" if any(len(words.shorts[code]) > LONG for code in order) else ""
    name = "Codes of one annotator by codes of the other"
    st.html(tables.grid(name, f"<tr>{head}</tr>", body, f"rs-confusion{tall}"))


def _head(code: str | None, words: Said, filters: Filters, scope: str) -> str:
    name, short = verbatim.html(words.names[code]), verbatim.html(words.shorts[code])
    kind = ' class="name"' if scope == "row" else ""
    shown = f"<b>{short}</b>" + (f"<span>{name}</span>" if words.names[code] != words.shorts[code] else "")
    if code not in words.conditions:
        return f'<th scope="{scope}"{kind} data-tip="{name}" tabindex="0"><span class="rs-head">{shown}</span></th>'
    link = verbatim.html(charts.sentences(filters, words.conditions[code]))
    return f'<th scope="{scope}"{kind}><a href="{link}" data-go data-tip="{name}">{shown}</a></th>'


def _cell(cell: Cell, n: int, of: int, on: Asked, pair: Pair, words: Said, filters: Filters, chosen: bool) -> str:
    if not n:
        return '<span class="rs-none">·</span>'
    alike = cell[0] == cell[1]
    first, second = (NOTHING if code is None else code for code in cell)
    view = "polarity" if on.question == "polarity" else None
    link = address.href("agreement", filters, layer=on.key, view=view, pair=pair.key, code=f"{first}~{second}")
    who = pair.names
    tip = f"{who[0]}: {words.names[cell[0]]}\n{who[1]}: {words.names[cell[1]]}\n{n:,} of {of:,} in this row"
    kind = ("alike" if alike else "apart") + (" on" if chosen else "")
    label = f"{words.names[cell[0]]} against {words.names[cell[1]]}: {n:,}"
    return (
        f'<a class="rs-met-cell {kind}" style="--depth:{0.5 * n / max(1, of):.0%}" href="{verbatim.html(link)}" '
        f'data-go data-tip="{verbatim.html(tip)}" aria-label="{verbatim.html(label)}">{n:,}</a>'
    )


def by_code(rows: pl.DataFrame, words: Said, filters: Filters) -> None:
    """Alpha of having a code or not, code by code; `rows` are queries.code_agreement."""
    order = [code for code in words.names if code is not None]
    several = rows["corpus"].n_unique() > 1
    listed = sorted(rows.to_dicts(), key=lambda row: (order.index(row["code"]), row["corpus"]))
    dots: list[plots.Dot] = [
        {
            "name": words.names[row["code"]] + (f" · {row['corpus']}" if several else ""),
            "series": "",
            "kind": "hue 0",
            "value": row["alpha"],
            "low": row["low"],
            "high": row["high"],
            "n": f"{row['n']:,} of {row['n_pairs']:,} pairs of answers have it; specific agreement "
            f"{coefficient(row['specific'])}",
            "thin": row["thin"],
            "go": charts.sentences(filters, words.conditions[row["code"]]),
        }
        for row in listed
        if row["alpha"] is not None
    ]
    if not dots:
        states.note("<b>No code tells people apart:</b> each is on all of the segments or on none.")
        return
    told = "; ".join(f"{dot['name']}: {coefficient(dot['value'])}" for dot in dots)
    coefficients(dots, key="agreement_codes", alt_text=f"Krippendorff’s alpha code by code. {told}.", marks=True)


def differences(
    chosen: frames.Selection, whole: Frames, on: Asked, pair: Pair, n: int, known: Mapping[tuple[str, str], Code]
) -> None:
    """The sentences of a cell, or all on which the two differ, a page of them at a time."""
    cell = asked_cell()
    words = said(on, known)
    sheets.section("differences", _title(cell, words, pair), n)
    if cell is not None:
        view = "polarity" if on.question == "polarity" else None
        link = verbatim.html(address.href("agreement", chosen.filters, layer=on.key, view=view, pair=pair.key))
        sheets.said(f'One cell of the matrix. <a href="{link}" data-go>Show all that differ</a>.')
    if not n:
        states.note("<b>No sentence is labelled like this.</b>" if cell else "<b>The two never differ.</b>")
        return
    offset, pages = address.paging("page", n, PAGE)
    of = {"layer": on.key, "question": on.question, **pair._asdict(), "cell": cell}
    what = f"agreement: differences {of} {offset}"
    rows = frames.collect(chosen, what, rows=disagreements(whole, **of).slice(offset, PAGE))["rows"]
    _listed(rows.to_dicts(), on, words, known, chosen.filters)
    address.pager("page", offset, PAGE, pages)


def _title(cell: Cell | None, words: Said, pair: Pair) -> str:
    if cell is None:
        return "Sentences on which they differ"
    first, second = (words.names.get(code, code or NOTHING) for code in cell)
    return f"{pair.names[0]}: {first} · {pair.names[1]}: {second}"


def _listed(
    rows: Sequence[Mapping], on: Asked, words: Said, known: Mapping[tuple[str, str], Code], filters: Filters
) -> None:
    items, last = [], None
    for row in rows:
        paper = f"{row['corpus']}/{row['paper_key']}"
        if (paper, row["review_key"]) != last:
            last = (paper, row["review_key"])
            link = verbatim.html(address.href("paper", filters, open=paper, layer=on.key))
            told = verbatim.html(f"{paper}, review {row['review_key']}")
            items.append(
                f'<li class="head"><a href="{link}" data-go>{verbatim.html(tables.title_of(row))}</a> · {told}</li>'
            )
        at = f"{row['review_key']}:{row['position']}"
        link = verbatim.html(address.href("paper", filters, open=paper, layer=on.key, at=at))
        sides = "".join(
            f'<div class="rs-chips"><span>{annotator(row[side])}</span>'
            f"{_chips(row[f'{side}_answer'], on, words, known)}</div>"
            for side in ("first", "second")
        )
        items.append(
            f'<li class="rs-hit"><div class="rs-quote">{verbatim.html(row["text"].strip())}</div>'
            f'<div class="rs-side">{sides}<a href="{link}" data-go>Show in the review</a></div></li>'
        )
    st.html(f'<ol class="rs rs-list rs-differ">{"".join(items)}</ol>')


def _chips(answer: Sequence[str] | None, on: Asked, words: Said, known: Mapping[tuple[str, str], Code]) -> str:
    """An annotator's codes, or polarities, as chips."""
    if answer is None:
        return f"<span>{'no polarity' if on.question == 'polarity' else 'not labelled'}</span>"
    if on.question == "polarity":
        kinds = [palette.POLARITIES[int(each)] for each in answer]
        return "".join(f'<span class="rs-chip {kind}">{sign} {word}</span>' for kind, sign, word in kinds)
    return "".join(_chip(known[on.key, code]) for code in answer)


def _chip(code: Code) -> str:
    """A code without its polarity, which is another question here."""
    if code.code == "none" or not code.polarised:
        return codes.chip(code, None)
    tip = verbatim.html(f"{code.name}\n{code.definition}")
    return f'<span class="rs-chip" data-tip="{tip}" tabindex="0">{verbatim.html(code.short)}</span>'
