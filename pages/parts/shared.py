"""The shared aspects of several schemes: the chart of all, each scheme beside the others, and what has no place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import streamlit as st

from corpus.schemes import COMMON
from pages.parts import charts, codes, frames, provenance, quality, tables, verbatim
from pages.parts.codes import Code
from queries.counts import counts
from queries.coverage import coverage
from queries.crosswalk import crosswalk, crosswalk_loss
from queries.distribution import distribution
from queries.filters import Condition, Filters
from queries.profile import profile
from queries.provenance import provenance as by_whom
from queries.vocabulary import SHARED, current

_ROW = ("scheme", "layer", "code", "polarity")


def draw(chosen: frames.Selection, columns: Sequence, names: Sequence[str]) -> None:
    """Left the labels of all schemes as judgements on shared aspects and what is not mapped, right scheme by scheme.

    `names` are the schemes that label sentences here.
    """
    part = chosen.frames
    mapped = crosswalk(part.labels, part.codes)
    of = {name: crosswalk(part.labels.filter(pl.col("scheme") == name), part.codes) for name in names}
    found = frames.collect(
        chosen,
        "overview: shared aspects",
        distribution=distribution(mapped),
        whose=by_whom(mapped, by=_ROW),
        counts=counts(part),
        coverage=coverage(part.segments, mapped),
        loss=crosswalk_loss(part.labels, part.codes),
        codes=part.codes,
        **{f"of {name}": profile(own, by=()) for name, own in of.items()},
        **{f"whose {name}": by_whom(own, by="code") for name, own in of.items()},
    )
    known = codes.by_code(found["codes"], frames.hints(chosen))
    in_order = [code for code in known.values() if code.layer == COMMON]
    used = set(found["distribution"]["code"])
    with columns[0]:
        st.subheader(SHARED.title, anchor=False)
        charts.caption(quality.covered(SHARED, found["coverage"]))
        rows, models = (
            provenance.told(found["distribution"], found["whose"], _ROW),
            frames.guessers(chosen, found["counts"], COMMON),
        )
        provenance.whose(rows, models)
        charts.distribution(COMMON, SHARED, rows.iter_rows(named=True), in_order, chosen.filters, models)
        quality.never_used(code.name for code in in_order if code.code not in used)
        st.subheader("Not mapped", anchor=False)
        _lost(found["loss"], known, chosen.filters)
    with columns[1]:
        st.subheader("Scheme by scheme", anchor=False)
        charts.caption(
            "Cells: shade and sign tell net polarity, size and number how many labels. A click shows the sentences."
        )
        of_scheme = {
            name: provenance.told(found[f"of {name}"], found[f"whose {name}"], ["code"])
            for name in names
            if found[f"of {name}"].height
        }
        there = [code for code in in_order if code.code in used]
        _by_scheme(of_scheme, there, chosen.filters, models)


def _by_scheme(
    found: Mapping[str, pl.DataFrame], used: Sequence[Code], filters: Filters, models: Sequence[str]
) -> None:
    """Draws shared aspects by scheme; `found` are profiles by the scheme's name."""
    titles = codes.scheme_names()
    cells = {(name, row["code"]): row for name, rows in found.items() for row in rows.iter_rows(named=True)}
    most = {name: max(rows["n"], default=1) for name, rows in found.items()}
    own = {name: Filters.from_query(filters.to_query() | {"scheme": [name]}) for name in found}
    heads = "".join(f'<th scope="col"><b>{verbatim.html(titles[name])}</b></th>' for name in found)
    body = ""
    for code in used:
        label = Condition(COMMON, code.code)
        tip = verbatim.html(code.definition)
        head = f'<a {_link(filters, label)} data-tip="{tip}">{verbatim.html(code.name)}</a>'
        body += f'<tr><th scope="row" class="name">{head}</th>'
        for name in found:
            row = cells.get((name, code.code))
            n = f" <small>{row['n']:,}</small>" if row else ""
            body += f"<td>{tables.cell(code, row, most[name], _link(own[name], label), models)}{n}</td>"
        body += "</tr>"
    head = f'<tr><th scope="col" class="name"><b>Aspect</b></th>{heads}</tr>'
    st.html(tables.grid("Shared aspects by scheme", head, body, "rs-schemes"))


def _lost(loss: pl.DataFrame, known: Mapping[tuple[str, str], Code], filters: Filters) -> None:
    """Says per layer how many labels have no shared aspect, by code, and which layers ask for none at all."""
    titles, keys = codes.scheme_names(), {pair: key for key, pair in current().pairs.items()}
    body = ""
    others: dict[str, list[str]] = {}
    for row in loss.iter_rows(named=True):
        key = keys[row["scheme"], row["layer"]]
        title = verbatim.html(codes.layers()[key].title)
        if not row["asks_aspect"]:
            others.setdefault(row["scheme"], []).append(title)
            continue
        chips = "".join(_chip(known[key, code["code"]], code["n"], filters) for code in row["codes"])
        body += (
            f'<tr><th scope="row" class="name">{title}<small>{verbatim.html(titles[row["scheme"]])}</small></th>'
            f'<td class="num">{row["n"]:,}</td><td class="num">{row["unmapped"]:,}</td>'
            f'<td class="num">{quality.percent(row["share"])}</td>'
            f'<td class="wide"><div class="rs-chips">{chips or "–"}</div></td></tr>'
        )
    heads = "".join(f'<th scope="col"{kind}><b>{name}</b></th>' for name, kind in _HEADS.items())
    st.html(tables.grid("Labels without a shared aspect", f"<tr>{heads}</tr>", body, "rs-loss"))
    told = "; ".join(f"{', '.join(layers)} ({verbatim.html(titles[name])})" for name, layers in others.items())
    if told:
        st.html(f'<div class="rs rs-muted rs-aside">Layers that ask for no aspect are not counted: {told}.</div>')


_HEADS = {"Layer": ' class="name"', "Labels": "", "Not mapped": "", "Share": "", "Codes": ""}


def _chip(code: Code, n: int, filters: Filters) -> str:
    link = _link(filters, Condition(code.layer, code.code))
    tip = verbatim.html(f"{code.name}\n{code.definition}")
    return f'<a class="rs-chip" {link} data-tip="{tip}">{verbatim.html(code.short)} <b>{n:,}</b></a>'


def _link(filters: Filters, label: Condition) -> str:
    return f'href="{verbatim.html(charts.sentences(filters, label))}" data-go'
