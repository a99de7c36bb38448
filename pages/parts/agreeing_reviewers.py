"""Agreement of the reviewers of one paper, code by code: dots with intervals and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import streamlit as st

from pages.parts import address, charts, codes, offered, sheets, states, verbatim
from pages.parts.agreeing import Asked
from pages.parts.alphas import between, coefficient, coefficients
from pages.parts.plots import Dot
from pages.parts.quality import percent
from queries.filters import Condition, Filters


def draw(rows: pl.DataFrame | None, on: Asked, known: Mapping[tuple[str, str], codes.Code], filters: Filters) -> None:
    """Alpha by code, with what it rests on.

    `rows` are queries.reviewer_agreement, null where no layer has a polarity.
    """
    key = on.reviewers
    if rows is None or key is None:
        states.note("<b>No layer here has a polarity,</b> so reviewers take no side that could be compared.")
        return
    title = offered.names([key])[key]
    instead = "" if key == on.key else f"The layer chosen has no polarity; shown is <b>{verbatim.html(title)}</b>. "
    sheets.said(
        f"{instead}Do reviews of one paper that judge the same code judge it alike? Each counts with its net side. "
        "A dot leads to the sentences, a name to the contradictions."
    )
    if not rows.height:
        states.note("<b>No paper here has two reviews that judge the same code.</b>")
        return
    named = [(_code(known, key, row["code"]), row) for row in rows.to_dicts()]
    named.sort(key=lambda found: -1 if found[0] is None else found[0].position)
    dots: list[Dot] = [
        {
            "name": code.name if code else f"All of {title}",
            "series": "reviewers",
            "kind": "hue 0" if code else "hue 6",
            "value": row["alpha"],
            "low": row["low"],
            "high": row["high"],
            "n": f"{row['n_pairs']:,} pairs of reviews, {row['n_papers']:,} papers",
            "thin": row["thin"],
            "go": charts.sentences(filters, Condition(key, code.code if code else None)),
        }
        for code, row in named
    ]
    shown = [dot for dot in dots if dot["value"] is not None]
    left, right = st.columns([1, 1.05], gap="large")
    told = "; ".join(f"{dot['name']}: {coefficient(dot['value'])}" for dot in shown)
    with left:
        alt_text = f"Krippendorff’s alpha of reviewers of one paper. {told}."
        coefficients(shown, key="agreement_reviewers", alt_text=alt_text, marks=False)
    with right:
        heads = ("", "#Papers", "#Pairs", "#Alike", "#Opposed", "#α, ordered", "#α, nominal")
        sheets.table("Reviewers by code", heads, [_judged(code, row, key, filters, title) for code, row in named])


def _judged(code: codes.Code | None, row: Mapping, key: str, filters: Filters, title: str) -> list[str]:
    link = verbatim.html(address.href("contradictions", filters, layer=key, code=code.code if code else None))
    name = verbatim.html(code.name if code else f"All of {title}")
    opposed = "–" if row["opposed"] is None else f"{percent(row['opposed'])}<small>of {row['n_sided']:,}</small>"
    numbers = [
        f"{coefficient(row[which])}<small>{between(row, prefix)}</small>"
        for which, prefix in (("alpha", ""), ("nominal", "nominal_"))
    ]
    cells = [f"{row['n_papers']:,}", f"{row['n_pairs']:,}", percent(row["same"]), opposed, *numbers]
    shown = [f'<span class="rs-muted">{cell}</span>' if row["thin"] else cell for cell in cells]
    return [f'<a href="{link}" data-go>{name}</a>', *shown]


def _code(known: Mapping[tuple[str, str], codes.Code], key: str, code: str | None) -> codes.Code | None:
    return None if code is None else known[key, code]
