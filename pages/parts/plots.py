"""Charts with intervals, in the palette: a dot for each value, a line for its interval; grey where it rests on little.

Colours come from the theme: `colour` is the scale, whose values are a polarity (`negative`, `neutral`, `positive`), or
`hue 0` to `hue 7` for cohorts and codes, or `thin` for what is greyed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict

import altair as alt
import polars as pl
import streamlit as st

from pages.parts import palette, tables

_HUES = tuple(f"hue {at}" for at in range(len(palette.LIGHT.washes)))
#: The place of `none` among the theme's colours is a quiet grey: that of what rests on too little.
THIN = "none"
Chart = alt.Chart | alt.LayerChart | alt.HConcatChart | alt.VConcatChart | alt.FacetChart


class Dot(TypedDict):
    """A value with its interval. `name` is its row, `series` what it is called in the tooltip, `kind` its colour.

    value, low, high   null: not drawn
    n                  what it rests on, in words
    go                 the link that a click follows; empty for none
    """

    name: str
    series: str
    kind: str
    value: float | None
    low: float | None
    high: float | None
    n: str
    thin: bool
    go: str


def colour() -> alt.Scale:
    """The scale of every chart: its domain stands in the order of the theme's categorical colours."""
    return alt.Scale(domain=[*palette.CHART_DOMAIN, *_HUES])


def dots(
    rows: Sequence[Dot], *, key: str, title: str, alt_text: str, format: str = ".0%", zero: float | None = None,
    log: bool = False, domain: tuple[float, float] | None = None,
) -> None:  # fmt: skip
    """Draws a dot and an interval for each row, in the order given; several series of a name stand below each other.

    title   of the axis; `format` is d3's for its numbers
    zero    where a line is drawn: no difference
    log     a logarithmic axis, for ratios
    domain  the ends of the axis; null for what the data need
    """
    names, series = (list(dict.fromkeys(row[each] for row in rows)) for each in ("name", "series"))
    drawn = [{**row, "kind": THIN if row["thin"] else row["kind"]} for row in rows if row["value"] is not None]
    kind: Literal["log", "linear"] = "log" if log else "linear"
    ends = list(domain) if domain else alt.Undefined
    x_scale = alt.Scale(type=kind, zero=False, nice=domain is None, clamp=bool(domain), domain=ends)
    y = alt.Y("name:N", sort=names, title=None, axis=alt.Axis(labelLimit=170, grid=False))
    offset = alt.YOffset("series:N", sort=series) if len(series) > 1 else alt.YOffset()
    base = alt.Chart(alt.Data(values=drawn)).encode(
        y=y,
        yOffset=offset,
        color=alt.Color("kind:N", scale=colour(), legend=None),
        tooltip=[
            alt.Tooltip("name:N", title="what"),
            alt.Tooltip("series:N", title="of"),
            alt.Tooltip("value:Q", format=format),
            alt.Tooltip("low:Q", title="from", format=format),
            alt.Tooltip("high:Q", title="to", format=format),
            alt.Tooltip("n:N", title="rests on"),
        ],
    )
    axis = alt.Axis(format=format, tickCount=6)
    lines = base.mark_rule(strokeWidth=2.2, cursor="pointer").encode(
        x=alt.X("low:Q", scale=x_scale, title=title, axis=axis), x2="high:Q"
    )
    points = base.mark_point(filled=True, size=70, opacity=1, cursor="pointer").encode(
        x=alt.X("value:Q", scale=x_scale, title=title, axis=axis)
    )
    layers = [lines, points]
    if zero is not None:
        ruled = alt.Chart(alt.Data(values=[{"at": zero, "kind": "neutral"}])).mark_rule(strokeDash=[4, 3])
        at = alt.X("at:Q", scale=x_scale, title=title, axis=axis)
        layers.insert(0, ruled.encode(x=at, color=alt.Color("kind:N", scale=colour(), legend=None)))
    height = max(18, 14 * len(series) + 10) * len(names) + 50
    draw(alt.layer(*layers).properties(height=height), key=key, alt_text=alt_text)


def draw(chart: Chart, *, key: str, alt_text: str) -> None:
    """Draws a chart. A mark whose data have a link as `go` is followed on a click (live.js)."""
    st.altair_chart(chart, key=key, alt=alt_text, width="stretch")


def twin(frame: pl.DataFrame) -> None:
    """The numbers of a chart as a table below it."""
    with st.expander("Show as table", icon=":material/table:"):
        tables.numbers(frame)
