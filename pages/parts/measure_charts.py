"""One measure of reviews: how it is spread in each group, which reviews lie far out or between two values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import polars as pl
import streamlit as st

from pages.parts import address, charts, frames, plots, sheets, states, verbatim
from pages.parts.measure_words import WORDS
from pages.parts.review_quality import Asked, link, number
from queries.filters import Condition, Filters
from queries.measure_outliers import ENOUGH, SCALES, measure_outliers, measured_between

PAGE = 15


def histogram(bins: pl.DataFrame, spread: pl.DataFrame, on: Asked, filters: Filters) -> None:
    """Draws a histogram for each group, one below the other on one scale, each with its median, mean and interval."""
    words = WORDS[on.measure]
    of = spread.filter((spread["measure"] == on.measure) & (spread["n"] > 0))
    st.html(
        f'<div class="rs rs-legend"><b>{verbatim.html(words.title)}</b><span>{verbatim.html(words.means)}</span>'
        "<span>│ median</span><span>● mean, with its interval</span></div>"
    )
    if not of.height:
        states.note(f"<b>No review here has it.</b> {_needs(on.measure)}")
        return
    _behind(on.measure, filters)
    names = {group.place: group.name for group in on.groups}
    most = dict(bins.group_by("cohort").agg(pl.col("share").max()).rows())  # groups are compared in shape
    base = {place: -1.25 * at for at, place in enumerate(of["cohort"])}
    kinds = {row["cohort"]: plots.THIN if row["thin"] else f"hue {row['cohort']}" for row in of.to_dicts()}
    bars = [
        {
            **{"from": row["start"], "to": row["end"], "y": base[row["cohort"]]},
            "top": base[row["cohort"]] + row["share"] / most[row["cohort"]],
            "kind": kinds[row["cohort"]],
            "of": names[row["cohort"]],
            "between": _range(row, on.measure),
            "n": row["n"],
            "share": row["share"],
            "go": link(on.measure, on, filters, **{"with": _spelled(row)}),
        }
        for row in bins.iter_rows(named=True)
    ]
    marks = [
        {
            **{name: row[name] for name in ("median", "mean", "low", "high")},
            **{"y": base[row["cohort"]], "top": base[row["cohort"]] + 1.06, "below": base[row["cohort"]] - 0.09},
            "kind": kinds[row["cohort"]],
            "name_kind": "neutral" if row["thin"] else kinds[row["cohort"]],
            "of": names[row["cohort"]],
            "n": f"{row['n']:,} reviews of {row['n_papers']:,} papers",
        }
        for row in of.to_dicts()
    ]
    told = "; ".join(
        f"{names[row['cohort']]}: median {number(row['median'], on.measure)}, mean {number(row['mean'], on.measure)}"
        for row in of.to_dicts()
    )
    chart = _drawn(bars, marks, words.unit, words.format, len(on.groups) > 1)
    height = 330 if of.height == 1 else 40 + 130 * of.height
    alt_text = f"Histogram of {words.title.lower()}, {words.unit}. {told}."
    plots.draw(chart.properties(height=height), key=f"quality_{on.measure}", alt_text=alt_text)


def _drawn(bars: list[dict], marks: list[dict], unit: str, form: str, several: bool) -> plots.Chart:
    least, most = min(bar["from"] for bar in bars), max(bar["to"] for bar in bars)
    x_axis = alt.Axis(format=form, grid=False, tickCount=8)
    scale = alt.Scale(domain=[least, most], nice=False, zero=False, clamp=True)
    down = alt.Scale(domain=[min(mark["below"] for mark in marks) - 0.05, max(mark["top"] for mark in marks) + 0.12])
    x = alt.X("from:Q", title=unit, axis=x_axis, scale=scale)
    y = alt.Y("y:Q", title=None, axis=None, scale=down)
    colour = alt.Color("kind:N", scale=plots.colour(), legend=None)
    group = [alt.Tooltip("of:N", title="of")] if several else []
    drawn = alt.Chart(alt.Data(values=bars)).encode(x=x, x2="to:Q", y=y, y2="top:Q", color=colour)
    drawn = drawn.mark_bar(cursor="pointer", opacity=0.55, stroke="var(--rs-background)", strokeWidth=1).encode(
        tooltip=[
            *group,
            alt.Tooltip("between:N", title=unit),
            alt.Tooltip("n:Q", title="reviews", format=","),
            alt.Tooltip("share:Q", title="share", format=".1%"),
        ]
    )
    told = [
        *group,
        *(alt.Tooltip(f"{name}:Q", format=form) for name in ("median", "mean")),
        alt.Tooltip("low:Q", title="mean from", format=form),
        alt.Tooltip("high:Q", title="to", format=form),
        alt.Tooltip("n:N", title="rests on"),
    ]
    of = alt.Chart(alt.Data(values=marks)).encode(color=colour, tooltip=told)
    at = {name: alt.X(f"{name}:Q", title=unit, axis=x_axis, scale=scale) for name in ("median", "mean", "low")}
    below = alt.Y("below:Q", title=None, axis=None, scale=down)
    layers: list[alt.Chart] = [
        drawn,
        of.mark_rule(strokeWidth=2.2).encode(x=at["median"], y=y, y2="top:Q"),
        of.mark_rule(strokeWidth=2.2).encode(x=at["low"], x2="high:Q", y=below),
        of.mark_point(filled=True, size=55, opacity=1).encode(x=at["mean"], y=below),
    ]
    if several:
        name = of.mark_text(align="right", baseline="top", fontWeight=600, dx=-4).encode(
            x=alt.value("width"),
            y=alt.Y("top:Q", title=None, axis=None, scale=down),
            text="of:N",
            color=alt.Color("name_kind:N", scale=plots.colour(), legend=None),
        )
        layers.append(name)
    return alt.layer(*layers)


def _range(row: Mapping, name: str) -> str:
    if row["open"]:
        return f"{number(row['start'], name)} or more"
    return f"{number(row['start'], name)} to under {number(row['end'], name)}"


def _spelled(row: Mapping) -> str:
    """The range of a bin as the address spells it."""
    return f"{row['start']:g}.." + ("" if row["open"] else f"{row['end']:g}")


def _needs(name: str) -> str:
    told = {
        "substantiation": "It needs claims and evidence labelled and linked as in SubstanReview.",
        "net": "It needs labels with a polarity.",
    }
    return told.get(name, "It needs sentences labelled by what they do." if name.endswith("labels") else "")


def _behind(name: str, filters: Filters) -> None:
    """A link to the sentences behind a measure, where anything asks for them."""
    asked = WORDS[name].behind
    if asked is None:
        return
    if isinstance(asked, Condition):
        to = charts.sentences(filters, asked)
    else:
        words = asked if asked == "?" else rf"\b(?:{asked})\b" if name != "specificity" else asked
        to = address.href("sentences", Filters.from_query(filters.to_query() | {"q": [words], "re": _regex(asked)}))
    sheets.said(f'<a href="{verbatim.html(to)}" data-go>The sentences behind it</a>')


def _regex(asked: str) -> list[str]:
    return [] if asked == "?" else ["1"]


# --- reviews ---------------------------------------------------------------------------------------------------------


def listed(chosen: frames.Selection, on: Asked, measures: pl.LazyFrame, usual: pl.LazyFrame) -> None:
    """The reviews between the two values that the address asks for, else those far from their like, furthest first."""
    every, name = chosen.snapshot.frames, on.measure
    rows = measures.unique("review_id").drop("cohort")
    if on.between is None:
        plan = measure_outliers(every, rows, measure=name, usual=usual)
    else:
        plan = measured_between(every, rows, measure=name, least=on.between[0], below=on.between[1])
    what = f"quality: reviews {on.key} {on.between}"
    n = frames.collect(chosen, what, n=plan.select(pl.len()))["n"].item()
    title = WORDS[name].title
    if on.between is None:
        sheets.section("reviews", f"Reviews far out: {title}", n)
        scale = " on a logarithmic scale" if name in SCALES else ""
        sheets.said(
            "Beyond a fence, 1.5 interquartile ranges below the first or above the third quartile of all reviews of "
            f"their corpus and kind{scale}, the furthest out first. Far out is not bad: look at them."
        )
    else:
        sheets.section("reviews", f"{title}: {_bounds(on.between, name)}", n)
        back = verbatim.html(link(name, on, chosen.filters))
        sheets.said(f'One bar of the histogram. <a href="{back}" data-go>Show those far out</a>.')
    if not n:
        _none(on)
        return
    offset, pages = address.paging("page", n, PAGE)
    found = frames.collect(chosen, f"{what} {offset}", rows=plan.slice(offset, PAGE))["rows"]
    heads = ["Review", f"#{title}", *(["#Usual", "#Fence"] if on.between is None else [])]
    sheets.table("Reviews", heads, [_row(row, name, chosen.filters) for row in found.to_dicts()])
    address.pager("page", offset, PAGE, pages)


def _row(row: Mapping, name: str, filters: Filters) -> Sequence[str]:
    cells = [sheets.to_review(row, filters), f"<b>{number(row['value'], name)}</b>"]
    if "fence" in row:
        side = "above" if row["high"] else "below"
        cells += [number(row["median"], name), f"{side} {number(row['fence'], name)}"]
    return cells


def _none(on: Asked) -> None:
    if on.between is not None:
        states.note("<b>No review lies between these values.</b>")
        return
    states.note(
        f"<b>None.</b> Where a corpus has under {ENOUGH} reviews that have the measure, or half of them share one "
        "value, no fence is drawn."
    )


def _bounds(between: tuple[float, float | None], name: str) -> str:
    least, below = between
    return (
        f"{number(least, name)} or more" if below is None else f"{number(least, name)} to under {number(below, name)}"
    )
