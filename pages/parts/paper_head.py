"""The head of a paper: title and particulars, the way to its neighbours, its abstract."""

from __future__ import annotations

import streamlit as st

from pages.parts import address, reading, tables, verbatim
from queries.filters import Filters


def head(shown: reading.Paper, around: reading.Place, filters: Filters, layer: str) -> None:
    """Draws title and particulars of the paper, with the way to its neighbours."""
    row = shown.row
    facts = [" ".join(str(part) for part in (row["venue"], row["year"]) if part is not None)]
    detail = row["decision_detail"] or ""
    detail = "" if detail.casefold() == row["decision"] else detail
    facts += [row["track"] or "", f"{row['corpus']}/{row['paper_key']}", detail]
    said = " · ".join(verbatim.html(fact) for fact in facts if fact)
    badge = f' <span class="rs-badge {row["decision"]}">{row["decision"]}</span>' if row["decision"] else ""
    words = "".join(f'<span class="rs-chip">{verbatim.html(word)}</span>' for word in row["keywords"] or ())
    words = f'<div class="rs-chips rs-words">{words}</div>' if words else ""
    st.html(
        f'<div class="rs rs-pagehead"><div><h1>{verbatim.html(tables.title_of(row))}</h1>'
        f'<div class="rs-facts">{said}{badge}</div>{words}</div>{_steps(around, filters, layer)}</div>'
    )


def abstract(shown: reading.Paper) -> None:
    """Draws the abstract, folded away; nothing where there is none."""
    if shown.row["abstract"]:
        with st.expander("Abstract"):
            st.html(f'<div class="rs-quote">{verbatim.html(shown.row["abstract"])}</div>')


def _steps(around: reading.Place, filters: Filters, layer: str) -> str:
    where = f"{around.at + 1:,} of {len(around.papers):,}" if around.at is not None else "outside the selection"
    return (
        '<nav class="rs-steps" aria-label="Papers of the selection">'
        f"{_step('‹ Previous', around.step(-1), filters, layer)}<span>{where}</span>"
        f"{_step('Next ›', around.step(1), filters, layer)}</nav>"
    )


def _step(name: str, to: str | None, filters: Filters, layer: str) -> str:
    if to is None:
        return f'<span class="off" aria-hidden="true">{name}</span>'
    kept = {key: address.value(key) for key in ("who", "sort", "find", "code", "view")}
    link = address.href("paper", filters, open=to, layer=address.value("layer") or layer, **kept)
    return f'<a href="{verbatim.html(link)}" data-go>{name}</a>'
