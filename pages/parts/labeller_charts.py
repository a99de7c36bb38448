"""Charts of a labeller: F1 by code, how much it labels at a stated precision, how sure it is and how right, how it
learnt. Layers have a hue and a shape each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl
import streamlit as st

from pages.parts import plots, verbatim

#: How strongly a layer is drawn that is not the chosen one.
_FAINT = 0.3


def legend(names: Mapping[str, str]) -> None:
    """Which mark is which layer's, in HTML, so that it wraps on a phone; `names` are titles by layer."""
    items = "".join(
        f'<span class="rs-lab-key">{plots.sign(at)}{verbatim.html(name)}</span>'
        for at, name in enumerate(names.values())
    )
    st.html(f'<div class="rs rs-legend">{items}</div>')


def head(title: str, told: str = "") -> None:
    """The heading of a chart, and what it shows."""
    said = f"<p>{verbatim.html(told)}</p>" if told else ""
    st.html(f'<div class="rs rs-lab-head"><h3>{verbatim.html(title)}</h3>{said}</div>')


def _layered(rows: pl.DataFrame, names: Mapping[str, str], on: str | None = None) -> list[dict[str, Any]]:
    """The rows with how each layer is drawn; those of other layers than `on`, where that is given, are faint."""
    at = {layer: place for place, layer in enumerate(names)}
    return [
        {
            **row,
            "title": names[row["layer"]],
            "kind": f"hue {at[row['layer']] % 8}",
            "shape": plots.shape(at[row["layer"]]),
            "fade": 1.0 if on in (None, row["layer"]) else _FAINT,
        }
        for row in rows.iter_rows(named=True)
        if row["layer"] in at
    ]


def _colour() -> alt.Color:
    return alt.Color("kind:N", scale=plots.colour(), legend=None)


def _axis(format: str, **more: Any) -> alt.Axis:
    return alt.Axis(format=format, labelBound=False, labelFlush=False, **more)


def _share(field: str, title: str | None) -> alt.Y:
    return alt.Y(field, title=title, scale=alt.Scale(domain=[0, 1], nice=False), axis=_axis(".0%", tickCount=5))


def _lines(rows: list[dict[str, Any]], x: alt.X, y: alt.Y, tips: Sequence[alt.Tooltip], size: int) -> list[alt.Chart]:
    base = alt.Chart(alt.Data(values=rows)).encode(x=x, y=y, color=_colour(), detail="layer:N")
    line = base.mark_line(strokeWidth=2).encode(opacity=alt.Opacity("fade:Q", scale=None, legend=None))
    points = base.mark_point(size=size, filled=True).encode(
        shape=alt.Shape("shape:N", scale=None, legend=None),
        opacity=alt.Opacity("fade:Q", scale=None, legend=None),
        tooltip=list(tips),
    )
    return [line, points]


def _rule(field: str, at: float, scale: alt.Scale, title: str | None, axis: alt.Axis) -> alt.Chart:
    data = alt.Data(values=[{"at": at, "kind": "neutral"}])
    drawn = alt.Chart(data).mark_rule(strokeDash=[4, 3]).encode(color=_colour())
    return drawn.encode(x=alt.X(f"{field}:Q", scale=scale, title=title, axis=axis))


def coverage(
    rows: pl.DataFrame, names: Mapping[str, str], *, reached: bool, key: str, on: str | None, at: float | None
) -> None:
    """By stated precision the share of sentences that get a label, or with `reached` the precision reached.

    rows   of the report's coverage; `on` is the layer that stands out, `at` the precision that a line marks
    """
    shown = _layered(rows.filter(pl.col("achieved" if reached else "share").is_not_null()), names, on)
    scale = alt.Scale(domain=[0.475, 0.975], nice=False)
    axis = _axis(".2f", values=[0.5, 0.6, 0.7, 0.8, 0.9], grid=False)
    x = alt.X("precision:Q", title="stated precision", scale=scale, axis=axis)
    tips = [
        alt.Tooltip("title:N", title="layer"),
        alt.Tooltip("precision:Q", title="stated", format=".2f"),
        alt.Tooltip("achieved:Q", title="reached", format=".2f"),
        alt.Tooltip("share:Q", title="labelled", format=".0%"),
        alt.Tooltip("n:Q", title="held-out sentences", format=","),
    ]
    y = _share("share:Q", None)
    if reached:
        y = alt.Y(
            "achieved:Q",
            title=None,
            scale=alt.Scale(domain=[0.3, 1], nice=False, clamp=True),
            axis=_axis(".2f", tickCount=4),
        )
    layers = _lines(shown, x, y, tips, 46)
    if reached:
        ends = alt.Data(values=[{"precision": p, "achieved": p, "kind": "neutral"} for p in (0.475, 0.975)])
        layers.insert(
            0, alt.Chart(ends).mark_line(strokeDash=[4, 3], strokeWidth=1.2).encode(x=x, y=y, color=_colour())
        )
    if at is not None:
        layers.insert(0, _rule("at", at, scale, "stated precision", axis))
    what = "precision reached" if reached else "share of sentences labelled"
    told = "; ".join(
        f"{row['title']}: {row['achieved' if reached else 'share']:.2f} at {row['precision']:.2f}"
        for row in shown
        if abs(row["precision"] - (at or 0.7)) < 1e-4
    )
    plots.draw(
        alt.layer(*layers).properties(height=190), key=key, alt_text=f"Lines: {what} by stated precision. {told}."
    )


def reliability(rows: pl.DataFrame, *, hue: int, key: str, title: str) -> None:
    """How often a layer's likeliest code is right by how sure the labeller is of it; size is the number of sentences.

    rows   of the report's calibration, of one layer, whose place among the layers is `hue`
    """
    shown = [
        {**row, "kind": f"hue {hue % 8}"} for row in rows.drop_nulls(["confidence", "share"]).iter_rows(named=True)
    ]
    scale = alt.Scale(domain=[0, 1], nice=False)
    x = alt.X("confidence:Q", title="confidence", scale=scale, axis=_axis(".1f", tickCount=5, grid=False))
    y = alt.Y("share:Q", title=None, scale=scale, axis=_axis(".1f", tickCount=5))
    ends = alt.Data(values=[{"confidence": end, "share": end, "kind": "neutral"} for end in (0, 1)])
    diagonal = alt.Chart(ends).mark_line(strokeDash=[4, 3], strokeWidth=1.2).encode(x=x, y=y, color=_colour())
    base = alt.Chart(alt.Data(values=shown)).encode(x=x, y=y, color=_colour())
    line = base.mark_line(strokeWidth=1.4, opacity=0.5)
    points = base.mark_circle(opacity=0.9).encode(
        size=alt.Size("n:Q", legend=None, scale=alt.Scale(range=[25, 420])),
        tooltip=[
            alt.Tooltip("confidence:Q", format=".2f"),
            alt.Tooltip("share:Q", title="right", format=".2f"),
            alt.Tooltip("n:Q", title="sentences", format=","),
        ],
    )
    told = "; ".join(f"at {row['confidence']:.2f} right {row['share']:.2f} of {row['n']}" for row in shown)
    plots.draw(
        alt.layer(diagonal, line, points).properties(height=230), key=key, alt_text=f"{title}: reliability. {told}."
    )


def learning(rows: pl.DataFrame, names: Mapping[str, str], *, key: str) -> None:
    """F1 of each layer by epoch on papers left out, and beside it the loss; nothing where there are no curves."""
    if not rows.height:
        return
    last = max(2, int(rows["epoch"].max() or 0))  # type: ignore[arg-type]
    scale = alt.Scale(domain=[0.6, last + 0.4], nice=False)
    axis = alt.Axis(format="d", tickMinStep=1, tickCount=min(last, 8), grid=False)
    x = alt.X("epoch:Q", title="epoch", scale=scale, axis=axis)
    left, right = st.columns([3, 2])
    shown = _layered(rows.filter(pl.col("f1").is_not_null()), names)
    tips = [
        alt.Tooltip("title:N", title="layer"),
        alt.Tooltip("epoch:Q"),
        alt.Tooltip("f1:Q", title="F1", format=".2f"),
    ]
    y = alt.Y("f1:Q", title=None, scale=alt.Scale(domain=[0, 1], nice=False), axis=_axis(".1f", tickCount=5))
    with left:
        head("F1 by epoch")
        latest = "; ".join(f"{row['title']}: {row['f1']:.2f}" for row in shown if row["epoch"] == rows["epoch"].max())
        plots.draw(
            alt.layer(*_lines(shown, x, y, tips, 34)).properties(height=190),
            key=f"{key}_f1",
            alt_text=f"Lines: F1 of each layer by epoch, {last} epochs. Last: {latest}.",
        )
    lost = rows.filter(pl.col("loss").is_not_null()).unique(["epoch"], keep="first", maintain_order=True)
    with right:
        head("Loss")
        base = alt.Chart(alt.Data(values=[{**row, "kind": "hue 7"} for row in lost.iter_rows(named=True)]))
        drawn = base.mark_line(strokeWidth=2, point={"size": 30}).encode(
            x=x,
            y=alt.Y("loss:Q", title=None, scale=alt.Scale(zero=True), axis=_axis(".1f", tickCount=4)),
            color=_colour(),
            tooltip=[alt.Tooltip("epoch:Q"), alt.Tooltip("loss:Q", format=".3f")],
        )
        plots.draw(
            drawn.properties(height=190), key=f"{key}_loss", alt_text=f"Line: loss on papers left out, {last} epochs."
        )
