"""Coefficients of agreement as numbers and as dots with intervals on one scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from pages.parts import plots
from pages.parts.plots import Dot

#: Where Krippendorff draws lines: below the first nothing should be concluded, from the second on it may be relied on.
TENTATIVE, RELIABLE = 0.667, 0.8
#: What tells several series apart besides the colour, which is grey where they rest on little.
SHAPES = ("circle", "square", "triangle-up")


def coefficient(value: float | None) -> str:
    """A coefficient with two digits, a dash where there is none."""
    return "–" if value is None else f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")


def between(row: Mapping, prefix: str = "") -> str:
    low, high = row[f"{prefix}low"], row[f"{prefix}high"]
    return "no interval" if low is None else f"{coefficient(low)} to {coefficient(high)}"


def coefficients(rows: Sequence[Dot], *, key: str, alt_text: str, marks: bool) -> None:
    """Dots with intervals on the scale of alpha, with chance, and with `marks` where Krippendorff draws his lines."""
    names, series = (list(dict.fromkeys(row[each] for row in rows)) for each in ("name", "series"))
    drawn = [{**row, "kind": plots.THIN if row["thin"] else row["kind"]} for row in rows]
    least = min([0.0, *(row["low"] if row["low"] is not None else row["value"] or 0.0 for row in rows)])
    scale = alt.Scale(domain=[max(-1.0, least - 0.04), 1.0], nice=False, clamp=True)
    axis = alt.Axis(format=".1f", tickCount=6, grid=False)
    x: dict[str, Any] = {"scale": scale, "title": "Krippendorff’s α", "axis": axis}
    at = [(0.0, "chance"), *([(TENTATIVE, "tentative"), (RELIABLE, "reliable")] if marks else [])]
    lines = alt.Chart(alt.Data(values=[{"at": where, "kind": "neutral", "says": says} for where, says in at]))
    names_axis = alt.Axis(labelLimit=190, labelOverlap=False, labelBound=False, labelFlush=False, grid=False)
    colour = alt.Color("kind:N", scale=plots.colour(), legend=None)
    rules = lines.mark_rule(strokeDash=[4, 3]).encode(x=alt.X("at:Q", **x), color=colour)
    words = {"x": alt.X("at:Q", **x), "y": alt.value(0), "text": "says:N", "color": colour}
    left = f"datum.at === {TENTATIVE}"  # its word stands left of its line, as the next line is near
    said = [
        lines.transform_filter(left).mark_text(align="right", baseline="top", dx=-3, dy=-11).encode(**words),
        lines.transform_filter(f"!({left})").mark_text(align="left", baseline="top", dx=3, dy=-11).encode(**words),
    ]
    base = alt.Chart(alt.Data(values=drawn)).encode(
        y=alt.Y("name:N", sort=names, title=None, axis=names_axis),
        yOffset=alt.YOffset("series:N", sort=series) if len(series) > 1 else alt.YOffset(),
        color=colour,
        tooltip=[
            alt.Tooltip("name:N", title="what"),
            *([alt.Tooltip("series:N", title="asked")] if len(series) > 1 else []),
            alt.Tooltip("value:Q", title="alpha", format=".2f"),
            alt.Tooltip("low:Q", title="from", format=".2f"),
            alt.Tooltip("high:Q", title="to", format=".2f"),
            alt.Tooltip("n:N", title="rests on"),
        ],
    )
    spans = base.mark_rule(strokeWidth=2.2, cursor="pointer").encode(x=alt.X("low:Q", **x), x2="high:Q")
    shape = alt.Shape("series:N", scale=alt.Scale(domain=series, range=list(SHAPES[: len(series)])), legend=None)
    points = base.mark_point(size=64, opacity=1, strokeWidth=1.8, cursor="pointer").encode(
        shape=shape,
        x=alt.X("value:Q", **x),
        stroke=alt.Stroke("kind:N", scale=plots.colour(), legend=None),
        fill=alt.condition("datum.thin", alt.value("var(--rs-background)"), alt.Fill("kind:N", scale=plots.colour())),
    )
    height = max(24, 14 * len(series) + 10) * len(names) + 84
    plots.draw(alt.layer(rules, *said, spans, points).properties(height=height), key=key, alt_text=alt_text)
