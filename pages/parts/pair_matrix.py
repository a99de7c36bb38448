"""The matrix of pairs of codes by how often they stand together against chance, and the pairs that depart most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2

import streamlit as st

from pages.parts import address, offered, paired, sheets, states, tables, verbatim
from pages.parts.paired import Pairs, Term
from queries.cooccurrence import Unit
from queries.filters import Filters
from queries.intervals import ENOUGH_OBSERVATIONS, ENOUGH_PAPERS

#: Departures from chance are listed up to this q, and so many of each kind.
LEVEL, MOST = 0.05, 8
#: Twofold steps of the lift, and bits of PPMI, at which the colour is full; and how full that is: the ink of the text
#: has to stand out from it in either mode.
_STEPS = 3
_FULL = {"up": 0.6, "down": 0.6, "much": 0.42}
#: Twofold steps at the ends of the lines of intervals.
_ENDS = 4


def matrix(pairs: Pairs, filters: Filters) -> None:
    """Draws the matrix: a cell for each pair, which leads to its sentences."""
    head = "".join(_head(term, filters, "col") for term in pairs.columns)
    body = "".join(
        f"<tr>{_head(first, filters, 'row')}{''.join(_cell(pairs, first, second, filters) for second in pairs.columns)}"
        "</tr>"
        for first in pairs.rows
    )
    names = offered.names({pairs.on.rows, pairs.on.columns})
    across = verbatim.html(names[pairs.on.columns].lower())
    corner = f'<th scope="col" class="name"><b>{verbatim.html(names[pairs.on.rows])}</b><span>by {across}</span></th>'
    st.html(tables.grid("Codes by codes", f"<tr>{corner}{head}</tr>", body, "rs-pairs"))


def _head(term: Term, filters: Filters, scope: str) -> str:
    link = verbatim.html(paired.sentences(filters, term))
    tip = verbatim.html(f"{term.name}\n{term.code.definition}")
    name = "" if term.code.short == term.code.name else f"<span>{verbatim.html(term.code.name)}</span>"
    kind = ' class="name"' if scope == "row" else ""
    return (
        f'<th scope="{scope}"{kind}><a href="{link}" data-go data-tip="{tip}"><b>{verbatim.html(term.short)}</b>'
        f"{name}</a></th>"
    )


def _cell(pairs: Pairs, first: Term, second: Term, filters: Filters) -> str:
    row = pairs.found.get((first, second))
    if row is None:
        return '<td class="rs-same" aria-label="the same code">·</td>'
    kind, depth, shown = look(row, pairs.on.measure)
    unit = pairs.on.unit
    link = verbatim.html(paired.sentences(filters, first, *([second] if unit == "segment" else [])))
    tip = verbatim.html(_tip(row, first, second, unit))
    label = verbatim.html(
        f"{first.name} and {second.name}: lift {paired.number(row['lift'])}, together in {row['n_both']:,}"
    )
    return (
        f'<td><a class="rs-lift {kind}" style="--depth:{depth:.0%}" href="{link}" data-go data-tip="{tip}" '
        f'aria-label="{label}">{shown}</a></td>'
    )


def look(row: Mapping, measure: str) -> tuple[str, float, str]:
    """The class, the depth of the colour and the text of a cell.

    One that rests on little is hollow, and shows how little if it is too few observations, not too few papers.
    """
    if row["thin"]:
        return "thin", 0, paired.number(row[measure]) if observed(row) else f"<small>n</small> {row['n_both']:,}"
    bits = row["ppmi"] if measure == "ppmi" else log2(row["lift"]) if row["lift"] else -_STEPS
    kind = "much" if measure == "ppmi" else "up" if bits > 0 else "down"
    return kind, _FULL[kind] * min(1, abs(bits) / _STEPS), paired.number(row[measure])


def observed(row: Mapping) -> bool:
    """Whether a pair is seen, or to be expected, often enough to tell something of these papers."""
    return max(row["n_both"], row["expected"]) >= ENOUGH_OBSERVATIONS


def _between(row: Mapping) -> str:
    return "–" if row["low"] is None else f"{paired.number(row['low'])}–{paired.number(row['high'])}"


def _tip(row: Mapping, first: Term, second: Term, unit: Unit) -> str:
    noun = paired.NOUNS[unit]
    phi = "–" if row["phi"] is None else f"{row['phi']:+.2f}"
    lines = [
        f"{first.name} × {second.name}",
        f"together in {row['n_both']:,} {noun}{'' if row['n_both'] == 1 else 's'}, by chance in "
        f"{paired.number(row['expected'])}",
        f"lift {paired.number(row['lift'])}" + (f", 95 % interval {_between(row)}" if row["low"] is not None else ""),
        f"PPMI {row['ppmi']:.2f}, phi {phi}, q {paired.probability(row['q'])}",
        f"of {row['n']:,} {noun}s: {row['n_first']:,} and {row['n_second']:,}; both in {row['n_papers_both']:,} of "
        f"{row['n_papers']:,} papers",
    ]
    return "\n".join(lines)


def legend(pairs: Pairs) -> None:
    """What the colours of the matrix mean, and its sign for codes without polarity."""
    measure = pairs.on.measure
    if measure == "ppmi":
        words = {0.0: "0: chance or below", 1.5: "", 3.0: "3, which is 8 times chance, or more"}
    else:
        words = {-3.0: "⅛ of chance, or never", -1.0: "½", 0.0: "1: chance", 1.0: "2", 3.0: "8 times chance, or more"}
    kinds = [("much" if measure == "ppmi" else "up" if at > 0 else "down", at, text) for at, text in words.items()]
    steps = [(f"--depth:{_FULL[kind] * abs(at) / _STEPS:.0%}", kind, text) for kind, at, text in kinds]
    items = "".join(f'<span><i class="rs-lift {kind}" style="{style}"></i>{text}</span>' for style, kind, text in steps)
    items += '<span><i class="rs-lift thin"></i>rests on little; n: together</span>'
    if any(term.signed and term.code.polarised and term.polarity is None for term in (*pairs.rows, *pairs.columns)):
        items += "<span>·: no polarity given, which no filter asks for: leads to the code with any</span>"
    st.html(f'<div class="rs rs-legend">{items}</div>')


def ranked(pairs: Pairs, filters: Filters) -> None:
    """Draws the pairs that come together most and least, with an example each."""
    unit = pairs.on.unit
    few = pairs.once[0][1]["n_papers"] < ENOUGH_PAPERS
    firm = [
        each
        for each in pairs.once
        if (observed(each[1]) if few else not each[1]["thin"]) and each[1]["q"] is not None and each[1]["q"] < LEVEL
    ]
    above = sorted((each for each in firm if each[1]["lift"] > 1), key=lambda each: -each[1]["lift"])
    below = sorted(
        (each for each in firm if each[1]["lift"] < 1), key=lambda each: (each[1]["lift"], -each[1]["expected"])
    )
    for name, title, found in (("together", "Come together", above), ("apart", "Keep apart", below)):
        sheets.section(name, title, len(found))
        if not found:
            states.note(f"<b>No pair</b> rests on enough and departs from chance this way with q below {LEVEL}.")
            continue
        heads = ("Pair", "#Lift", "95 % interval", "#Together", "#By chance", "#q", "A sentence with both")
        sheets.table(title, heads, (_ranked(pairs, terms, row, filters) for terms, row in found[:MOST]))
    if unit != "segment":
        sheets.said(
            f"Codes come together in one {paired.NOUNS[unit]}, not always on one sentence: a link leads to "
            "the sentences with the first code."
        )


def _ranked(pairs: Pairs, terms: tuple[Term, Term], row: Mapping, filters: Filters) -> Sequence[str]:
    first, second = terms
    to = verbatim.html(paired.sentences(filters, first, *([second] if pairs.on.unit == "segment" else [])))
    pair = f'<a href="{to}" data-go>{verbatim.html(first.name)} × {verbatim.html(second.name)}</a>'
    lift = f'<span class="rs-muted">{paired.number(row["lift"])}</span>' if row["thin"] else paired.number(row["lift"])
    figures = (f"{row['n_both']:,}", paired.number(row["expected"]), paired.probability(row["q"]))
    return pair, lift, _line(row), *map(verbatim.html, figures), _quoted(pairs.example.get(terms), filters)


def _line(row: Mapping) -> str:
    """The interval on a logarithmic line from 1/16 to 16, with a mark at 1, and in numbers."""
    if row["low"] is None:
        return '<span class="rs-muted">none: in under two papers</span>'

    def at(lift: float) -> str:
        steps = log2(lift) if lift else -_ENDS
        return f"{(min(_ENDS, max(-_ENDS, steps)) + _ENDS) / (2 * _ENDS):.1%}"

    style = f"--low:{at(row['low'])};--high:{at(row['high'])};--at:{at(row['lift'])}"
    kind = "thin" if row["thin"] else "up" if row["lift"] > 1 else "down"
    drawn = f'<span class="rs-line {kind}" style="{style}" aria-hidden="true"><i></i><b></b></span>'
    return f'<span class="rs-span">{drawn}{_between(row)}</span>'


def _quoted(row: Mapping | None, filters: Filters) -> str:
    if row is None:
        return '<span class="rs-muted">No sentence has both.</span>'
    at = f"{row['review_key']}:{row['position']}"
    link = verbatim.html(address.href("paper", filters, open=f"{row['corpus']}/{row['paper_key']}", at=at))
    quoted = verbatim.html(verbatim.clip(row["text"], 240))
    return f'<a class="rs-said" href="{link}" data-go>{quoted}</a>'
