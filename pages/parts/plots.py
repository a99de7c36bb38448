"""Charts with intervals, in the palette: a dot for each value, a line or a band for its interval; grey and hollow where
it rests on little.

Colours come from the theme: `colour` is the scale, whose values are a polarity (`negative`, `neutral`, `positive`), or
`hue 0` to `hue 7` for cohorts and codes, or `thin` for what is greyed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

import altair as alt
import polars as pl
import streamlit as st

from pages.parts import palette, tables

_HUES = tuple(f"hue {at}" for at in range(len(palette.LIGHT.washes)))
#: The place of `none` among the theme's colours is a quiet grey: that of what rests on too little.
THIN = "none"
#: Shapes that tell series apart where colour does not, as what is thin is grey; and the same as characters.
SHAPES = {"circle": "●", "square": "■", "triangle-up": "▲", "diamond": "◆"}
Chart = alt.Chart | alt.LayerChart | alt.HConcatChart | alt.VConcatChart | alt.FacetChart


class Dot(TypedDict):
    """A value with its interval. `name` is its row, `series` what it is called in the tooltip, `kind` its colour.

    value, low, high   null: not drawn
    n                  what it rests on, in words
    go                 the link that a click follows; empty for none
    hollow             drawn as a ring, as what is thin is; left out: not
    shape              one of SHAPES; left out: a circle
    guess              rests on a model's labels: its line is dashed and lighter; left out: not
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
    hollow: NotRequired[bool]
    shape: NotRequired[str]
    guess: NotRequired[bool]


class Step(TypedDict):
    """A value at a place along an ordered axis; null values are not drawn. `run` tells which are joined by a line.

    run   the same for values next to each other that a line may join; null for a value that stands alone
    hollow, shape, guess
          as in Dot
    """

    at: int
    series: str
    kind: str
    value: float | None
    low: float | None
    high: float | None
    n: str
    thin: bool
    go: str
    run: str | None
    hollow: NotRequired[bool]
    shape: NotRequired[str]
    guess: NotRequired[bool]


def colour() -> alt.Scale:
    """The scale of every chart: its domain stands in the order of the theme's categorical colours."""
    return alt.Scale(domain=[*palette.CHART_DOMAIN, *_HUES])


def dots(
    rows: Sequence[Dot], *, key: str, title: str, alt_text: str, format: str = ".0%", zero: float | None = None,
    log: bool = False, domain: tuple[float, float] | None = None, height: int | None = None,
    every: Sequence[str] | None = None,
) -> None:  # fmt: skip
    """Draws a dot and an interval for each row, in the order given; several series of a name stand below each other.

    title   of the axis; `format` is d3's for its numbers
    zero    where a line is drawn: no difference
    log     a logarithmic axis, for ratios
    domain  the ends of the axis; null for what the data need
    height  in pixels; null for what the rows need
    every   names that have a row even where they have no value, in order; null for those that have one
    """
    names, series = (list(dict.fromkeys(row[each] for row in rows)) for each in ("name", "series"))
    names = list(every or names)
    drawn = [_shown(row) for row in rows if row["value"] is not None]
    kind: Literal["log", "linear"] = "log" if log else "linear"
    ends = list(domain) if domain else alt.Undefined
    x_scale = alt.Scale(type=kind, zero=False, nice=domain is None, clamp=bool(domain), domain=ends)
    y_scale = alt.Scale(domain=names) if every else alt.Scale()
    y_axis = alt.Axis(labelLimit=170, labelBound=False, labelFlush=False, grid=False)
    y = alt.Y("name:N", sort=names, title=None, scale=y_scale, axis=y_axis)
    offset = alt.YOffset("series:N", sort=series) if len(series) > 1 else alt.YOffset()
    base = alt.Chart(alt.Data(values=drawn)).encode(
        y=y,
        yOffset=offset,
        color=alt.Color("kind:N", scale=colour(), legend=None),
        tooltip=[alt.Tooltip("name:N", title="what"), *_tips(format)],
    )
    axis = alt.Axis(format=format, tickCount=6, labelBound=False, labelFlush=False)
    cursor = _cursor(rows)
    lines = _dashed(base.mark_rule(strokeWidth=2.2, cursor=cursor)).encode(
        x=alt.X("low:Q", scale=x_scale, title=title, axis=axis), x2="high:Q"
    )
    points = _points(base, cursor).encode(x=alt.X("value:Q", scale=x_scale, title=title, axis=axis))
    layers = [lines, points]
    if zero is not None:
        ruled = alt.Chart(alt.Data(values=[{"at": zero, "kind": "neutral"}])).mark_rule(strokeDash=[4, 3])
        at = alt.X("at:Q", scale=x_scale, title=title, axis=axis)
        layers.insert(0, ruled.encode(x=at, color=alt.Color("kind:N", scale=colour(), legend=None)))
    needed = max(110, max(18, 14 * len(series) + 10) * len(names) + 50)  # less leaves no room beside the axis
    draw(alt.layer(*layers).properties(height=height or needed), key=key, alt_text=alt_text)


def steps(
    rows: Sequence[Step], *, key: str, alt_text: str, ticks: Sequence[int], domain: tuple[float, float],
    format: str = ".0%", zero: float | None = None, height: int = 170,
) -> None:  # fmt: skip
    """Draws values along an ordered axis of whole numbers: a line with a band through each run, dots with intervals.

    ticks   the places that are named on the axis; `domain` are the ends of the other one, `zero` where a line is drawn
    """
    drawn = [_shown(row) for row in rows if row["value"] is not None]
    series = list(dict.fromkeys(row["series"] for row in rows))
    for row in drawn:  # intervals of several series stand beside each other
        row["position"] = row["at"] + 0.12 * (series.index(row["series"]) - (len(series) - 1) / 2)
    ends = [min(ticks) - 0.35, max(ticks) + 0.35]
    labels = alt.Axis(values=list(ticks), format="d", grid=False, labelOverlap="greedy", labelFlush=False)
    x = alt.X("position:Q", title=None, axis=labels, scale=alt.Scale(domain=ends, nice=False, zero=False))
    scale = alt.Scale(domain=list(domain), nice=False, zero=False)
    axis = alt.Axis(format=format, tickCount=4, labelBound=False, labelFlush=False)
    colour_of = alt.Color("kind:N", scale=colour(), legend=None)
    base = alt.Chart(alt.Data(values=drawn)).encode(x=x, color=colour_of)
    joined = base.transform_filter("datum.run !== null").encode(detail="run:N")
    band = joined.mark_area(opacity=0.18).encode(y=alt.Y("low:Q", scale=scale, title=None, axis=axis), y2="high:Q")
    line = _dashed(joined.mark_line(strokeWidth=2)).encode(y=alt.Y("value:Q", scale=scale, title=None, axis=axis))
    alone = _dashed(base.transform_filter("datum.run === null").mark_rule(strokeWidth=2))
    tips = [alt.Tooltip("at:Q", title="in", format="d"), *_tips(format)]
    points = _points(base.encode(tooltip=tips), _cursor(rows)).encode(
        y=alt.Y("value:Q", scale=scale, title=None, axis=axis)
    )
    lines = alone.encode(y=alt.Y("low:Q", scale=scale, title=None, axis=axis), y2="high:Q", tooltip=tips)
    layers: list[alt.Chart] = [band, line, lines, points]
    if zero is not None:
        ruled = alt.Chart(alt.Data(values=[{"at": zero, "kind": "neutral"}])).mark_rule(strokeDash=[4, 3])
        layers.insert(0, ruled.encode(y=alt.Y("at:Q", scale=scale, title=None, axis=axis), color=colour_of))
    draw(alt.layer(*layers).properties(height=height), key=key, alt_text=alt_text)


def _shown(row: Dot | Step) -> dict[str, Any]:
    """The row as the chart has it: what is thin is grey and hollow."""
    hollow = bool(row["thin"] or row.get("hollow"))
    own = {"hollow": hollow, "shape": row.get("shape", "circle"), "guess": row.get("guess", False)}
    return {**row, **own, "kind": THIN if row["thin"] else row["kind"]}


def _dashed(marks: alt.Chart) -> alt.Chart:
    """Lines of which those that rest on a model's labels are dashed and lighter."""
    return marks.encode(
        strokeDash=alt.condition("datum.guess", alt.value([5, 3]), alt.value([1, 0])),
        strokeOpacity=alt.condition("datum.guess", alt.value(0.75), alt.value(1)),
    )


def _cursor(rows: Sequence[Dot] | Sequence[Step]) -> Any:
    """A hand over marks that lead somewhere."""
    return "pointer" if any(row["go"] for row in rows) else "default"


def _points(base: alt.Chart, cursor: Any) -> alt.Chart:
    """The dots of a chart; a hollow one shows the page through it, not its line."""
    kind = alt.Fill("kind:N", scale=colour(), legend=None)
    return base.mark_point(size=64, opacity=1, strokeWidth=1.8, cursor=cursor).encode(
        fill=alt.condition("datum.hollow", alt.value("var(--rs-background)"), kind),
        stroke=alt.Stroke("kind:N", scale=colour(), legend=None),
        shape=alt.Shape("shape:N", scale=None, legend=None),
    )


def _tips(format: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("series:N", title="of"),
        alt.Tooltip("value:Q", format=format),
        alt.Tooltip("low:Q", title="from", format=format),
        alt.Tooltip("high:Q", title="to", format=format),
        alt.Tooltip("n:N", title="rests on"),
    ]


def sign(place: int) -> str:
    """The mark of the series at a place, from 0, for a legend, as HTML."""
    shown = list(SHAPES.values())[place % len(SHAPES)]
    style = f"color:var(--rs-hue-{palette.hue(place)});font-size:1.15em;line-height:1"
    return f'<b style="{style}" aria-hidden="true">{shown}</b> '


def shape(place: int) -> str:
    """The shape of the series at a place, from 0."""
    return list(SHAPES)[place % len(SHAPES)]


def draw(chart: Chart, *, key: str, alt_text: str) -> None:
    """Draws a chart. A mark whose data have a link as `go` is followed on a click (live.js)."""
    st.altair_chart(chart, key=key, alt=alt_text, width="stretch")


def twin(frame: pl.DataFrame, formats: Mapping[str, str] | None = None) -> None:
    """The numbers of a chart as a table below it; `formats` say how columns are written (printf), null: as usual."""
    with st.expander("Show as table", icon=":material/table:"):
        if formats is None:
            tables.numbers(frame)
        else:
            config = {name: st.column_config.NumberColumn(format=each) for name, each in formats.items()}
            st.dataframe(frame, hide_index=True, column_config=config, placeholder="")
