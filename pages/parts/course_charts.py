"""The courses of reviews: stacked, code by code with intervals, in words, and the reviews that depart most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

import altair as alt
import polars as pl
import streamlit as st

from pages.parts import address, plots, review, sheets, states, tables, verbatim
from pages.parts.courses import PALE, Course, What
from queries.filters import Filters
from queries.shape import BINS
from queries.shape_outliers import LEAST

_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth last".split()
_PARTS = ("First third:", "Middle:", "Last third:")
#: Shares that are told in words, from this on and so many of each tenth.
_TOLD, _MOST = 0.05, 4
#: How strong the colours are of what rests on little.
_THIN = 0.3


def draw(found: Sequence[Course]) -> None:
    """The stacked courses side by side, with their key; below each other on a phone."""
    for column, course in zip(st.columns(len(found), gap="medium"), found, strict=True):
        with column:
            _head(course)
            if course.rows:
                _stacked(course)
            else:
                states.note("<b>No review here is labelled in this layer.</b>")
    _key(found)


def _head(course: Course) -> None:
    rows = [row for rows in course.rows.values() for row in rows]
    n = max((row["n_reviews"] for row in rows), default=0)
    said = f"{states.amount(n, 'labelled review')} of {states.amount(course.n_papers, 'paper')}"
    name = verbatim.html(verbatim.clip(course.cohort.name, 80))
    st.html(f'<div class="rs rs-course-head"><b>{name}</b> · <span>{said}</span></div>')


def _stacked(course: Course) -> None:
    """A bar for each tenth of the review, made of what its labelled sentences do."""
    marks, heights = [], [0.0] * BINS
    for what, rows in course.rows.items():
        for row in rows:
            if row["value"]:
                start = heights[row["bin"]]
                heights[row["bin"]] += row["value"]
                marks.append(_mark(what, row, course) | {"start": start, "end": heights[row["bin"]]})
    colour = plots.colour()
    axis = alt.Axis(
        values=[0, BINS / 4, BINS / 2, 3 * BINS / 4, BINS], labelExpr=f"round(datum.value * {100 / BINS}) + ' %'",
        grid=False, labelFlush=True,
    )  # fmt: skip
    chart = (
        alt.Chart(alt.Data(values=marks))
        .mark_bar(cursor="pointer", strokeWidth=1)
        .encode(
            x=alt.X("from:Q", title="from the first sentence to the last", axis=axis, scale=alt.Scale(nice=False)),
            x2="to:Q",
            y=alt.Y(
                "start:Q",
                title=None,
                axis=alt.Axis(format=".0%", tickCount=5, grid=False),
                scale=alt.Scale(domain=[0, 1]),
            ),
            y2="end:Q",
            color=alt.Color("kind:N", scale=colour, legend=None),
            stroke=alt.value("var(--rs-background)"),
            fillOpacity=alt.FillOpacity("strength:Q", scale=None),
            tooltip=[
                alt.Tooltip("name:N", title="what"),
                alt.Tooltip("where:N", title="where"),
                alt.Tooltip("value:Q", title="share", format=".1%"),
                alt.Tooltip("low:Q", title="from", format=".1%"),
                alt.Tooltip("high:Q", title="to", format=".1%"),
                alt.Tooltip("n:N", title="rests on"),
            ],
        )
        .properties(height=290)
    )
    alt_text = f"Stacked bars of {course.cohort.name}: what sentences do in each tenth of a review. {words(course)}"
    plots.draw(chart, key=f"course_{course.cohort.place}", alt_text=alt_text)
    st.html(f'<p class="rs rs-vh">{verbatim.html(words(course))}</p>')


def _mark(what: What, row: Mapping, course: Course) -> dict:
    return {
        **{"from": row["bin"], "to": row["bin"] + 1, "name": what.name, "where": _where(row["bin"])},
        **{"kind": what.kind, "strength": (PALE if what.pale else 1) * (_THIN if row["thin"] else 1)},
        **{name: row[name] for name in ("value", "low", "high")},
        "n": rests(row),
        "go": what.go(course.cohort.filters),
    }


def rests(row: Mapping) -> str:
    """What a share rests on, in words."""
    return f"{row['n_code']:,} of {row['n']:,} sentences, {row['n_papers']:,} papers"


def _where(bin_: int) -> str:
    return f"{_ORDINALS[bin_]} tenth"


def words(course: Course) -> str:
    """The mean course in words, tenth by tenth; not escaped."""
    told = []
    for bin_ in range(BINS):
        shares = {what.name: rows[bin_]["value"] or 0 for what, rows in course.rows.items()}
        most = sorted((name for name in shares if shares[name] >= _TOLD), key=lambda name: -shares[name])[:_MOST]
        parts = ", ".join(f"{shares[name]:.0%} {name}" for name in most) or "no labelled sentence"
        told.append(f"{_where(bin_).capitalize()}: {parts}.")
    return " ".join(told)


def _key(found: Sequence[Course]) -> None:
    """What the colours mean."""
    there = sorted({what for course in found for what in course.rows}, key=lambda what: what.order)
    by_tone: dict[str, list[str]] = {}
    for what in there:
        by_tone.setdefault(what.tone, []).append(what.name)
    items = "".join(
        f'<span><i style="--tone:{tone}"></i>{verbatim.html(", ".join(names))}</span>'
        for tone, names in by_tone.items()
    )
    faded = any(row["thin"] for course in found for rows in course.rows.values() for row in rows)
    items += "<span>faded: rests on little</span>" if faded else ""
    st.html(f'<div class="rs rs-legend">{items}</div>')


def leads(found: Sequence[Course]) -> str:
    """Where the pieces lead; not escaped."""
    blank = any(what.code is None and what.polarity is None for course in found for what in course.rows)
    said = "A piece leads to all sentences of its kind, wherever they stand: places in a review are no filter."
    return said + (" No more is a missing polarity, which leads to all that the layer labels." if blank else "")


def panels(found: Sequence[Course]) -> None:
    """A panel for each code: its share along the review, with a band; the cohorts over each other in their colours."""
    there = sorted({what for course in found for what in course.rows}, key=lambda what: what.order)
    sheets.said("The share of each along the review, with its 95 % interval. Every panel has a scale of its own.")
    columns: Sequence = ()
    for place, what in enumerate(there):
        if not place % 4:  # a row of its own for every four: on a phone they stand in order
            columns = st.columns(4, gap="medium")
        rows = [step for course in found for step in _steps(what, course, alone=len(found) == 1)]
        top = max((row["high"] or row["value"] or 0 for row in rows), default=0)
        told = "; ".join(f"{row['series']}, {_where(row['at'] - 1)}: {row['value'] or 0:.0%}" for row in rows)
        with columns[place % 4]:
            link = verbatim.html(what.go(found[0].cohort.filters))
            name = verbatim.html(what.name)
            named = f'<a href="{link}" data-go>{name}</a>' if len(found) == 1 else name
            st.html(f'<div class="rs rs-course-head"><i style="--tone:{what.tone}"></i><b>{named}</b></div>')
            plots.steps(
                rows, key=f"part_{place}", alt_text=f"{what.name} along the review. {told}.",
                ticks=range(1, BINS + 1), domain=(0, max(0.05, ceil(20 * top) / 20)), height=120,
            )  # fmt: skip


def _steps(what: What, course: Course, *, alone: bool) -> list[plots.Step]:
    """The shares of one code; those next to each other are joined where none rests on little."""
    made: list[plots.Step] = []
    for row in course.rows.get(what, ()):
        firm = row["value"] is not None and not row["thin"]
        joins = firm and made and made[-1]["run"] is not None and made[-1]["at"] == row["bin"]
        run = made[-1]["run"] if joins else f"{course.cohort.name} {row['bin']}" if firm else None
        step: plots.Step = {
            "at": row["bin"] + 1,
            "series": course.cohort.name,
            "kind": what.kind if alone else course.cohort.hue,
            "value": row["value"],
            "low": row["low"],
            "high": row["high"],
            "n": rests(row),
            "thin": row["thin"],
            "go": what.go(course.cohort.filters),
            "run": run,
        }
        made.append(step)
    return made


def twin(found: Sequence[Course]) -> None:
    """All numbers as a table."""
    rows = [
        {
            **({"of": course.cohort.name} if len(found) > 1 else {}),
            **{"what": what.name, "tenth": row["bin"] + 1, "share": row["value"], "low": row["low"]},
            **{"high": row["high"], "sentences with it": row["n_code"], "labelled sentences": row["n"]},
            **{"reviews": row["n_reviews"], "papers": row["n_papers"], "rests on little": row["thin"]},
        }
        for course in found
        for what, each in course.rows.items()
        for row in each
    ]
    plots.twin(pl.DataFrame(rows, infer_schema_length=None), {"share": "percent", "low": "percent", "high": "percent"})


def outliers(found: Sequence[Course], *, most: int) -> None:
    """The reviews whose course departs most, each as a strip of its sentences."""
    for course in found:
        sheets.section(f"outliers-{course.cohort.place}", f"Unlike the others: {course.cohort.name}")
        if len(course.outliers) < 2:
            states.note(f"<b>Too few reviews with {LEAST} labelled sentences</b> to tell which of them departs.")
            continue
        n = course.outliers[0]["n_ranked"]
        sheets.said(
            f"The courses that depart most from the mean one, of {n:,} reviews with {LEAST} labelled sentences or "
            "more. Each piece is a sentence and leads to it; white ones have no label in this layer."
        )
        items = "".join(_outlier(row, course) for row in course.outliers[:most])
        st.html(f'<ol class="rs rs-courses">{items}</ol>')


def _outlier(row: Mapping, course: Course) -> str:
    filters = course.cohort.filters
    key = f"{row['corpus']}/{row['paper_key']}"
    link = verbatim.html(address.href("paper", filters, open=key, at=f"{row['review_key']}:0"))
    what: What = row["what"]
    decision = f' <span class="rs-badge {row["decision"]}">{row["decision"]}</span>' if row["decision"] else ""
    facts = f"{verbatim.html(review.name(row))} · {states.amount(row['n_labelled'], 'labelled sentence')}{decision}"
    odd = (
        f"{_PARTS[row['part']]} {row['share']:.0%} {verbatim.html(what.name)}, {row['mean']:.0%} in the mean course; "
        f"distance {row['distance']:.2f}"
    )
    pieces = "".join(_piece(each, row, key, filters) for each in course.strips.get(row["review_id"], ()))
    return (
        f'<li><div><a href="{link}" data-go>{verbatim.html(verbatim.clip(tables.title_of(row), 90))}</a> '
        f'<small>{facts}</small></div><div class="rs-course">{pieces}</div><p>{odd}</p></li>'
    )


def _piece(segment: Mapping, row: Mapping, key: str, filters: Filters) -> str:
    """One sentence as a piece of its review's strip; several codes share it."""
    told: Sequence[What] = segment["told"]
    link = verbatim.html(address.href("paper", filters, open=key, at=f"{row['review_key']}:{segment['position']}"))
    names = ", ".join(what.name for what in told) or "no label"
    tip = verbatim.html(f"{names}\n{verbatim.clip(segment['text'], 220)}")
    label = verbatim.html(f"Sentence {segment['position'] + 1}: {names}")
    each = 100 / max(1, len(told))
    stops = ", ".join(f"{what.tone} {at * each:.0f}% {(at + 1) * each:.0f}%" for at, what in enumerate(told))
    style = f' style="background:linear-gradient({stops})"' if told else ""
    kind = "" if told else ' class="blank"'
    return f'<a{kind} href="{link}" data-go data-tip="{tip}" aria-label="{label}"{style}></a>'
