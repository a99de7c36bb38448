"""Mismatch: given against expected in a picture, and the reviews that stand out with the sentences behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import altair as alt
import polars as pl
import streamlit as st

from corpus.tables import Frames
from pages.parts import address, frames, palette, plots, review, sheets, states, tables, verbatim
from pages.parts.codes import Code, chip
from queries.counts import counts
from queries.filters import Filters
from queries.intervals import ENOUGH_PAPERS
from queries.label_design import label_design
from queries.mismatch import explained, mismatch
from queries.mismatch_drivers import mismatch_drivers
from queries.out_of_fold import Target

#: Reviews on a page of the list, and sentences shown of each.
PAGE, SENTENCES = 10, 4
#: Marks in the picture: all that stand out most, and as many of the others, evenly, as there is room for.
_FIRST, _MOST = 500, 2_000
#: From here on, in standard deviations, a review stands out.
_OUT = 2
#: Below this share of the variance the page says that labels explain next to nothing.
_NOTHING = 0.05
TARGETS = {"rating": "Against ratings", "decision": "Against decisions"}


def ground(part: Frames, layer: str) -> dict[str, pl.LazyFrame]:
    """What has to be known before anything is modelled: counts, codes, papers and reviews that could be judged."""
    design = label_design(part, layer=layer)
    known = {
        "rating": pl.col("rating").is_not_null(),
        "decision": pl.col("decision").cast(pl.String).is_in(["accept", "reject"]),
    }
    numbers = [pl.col("paper_id").filter(met).n_unique().alias(of) for of, met in known.items()]
    return {"counts": counts(part), "codes": part.codes, "papers": design.select(numbers)}


def target(papers: pl.DataFrame) -> tuple[Target, list[str]]:
    """What reviews are judged against, by the address or by what there is, and what there is to choose from."""
    n = papers.row(0, named=True)
    there: list[Target] = [of for of in ("rating", "decision") if n[of] >= ENOUGH_PAPERS]
    return next((of for of in there if of == address.value("measure")), (there or ["rating"])[0]), list(there)


def plans(part: Frames, layer: str, of: Target) -> dict[str, pl.LazyFrame]:
    """The page's queries."""
    rows = mismatch(part, layer=layer, of=of)
    return {"rows": rows, "explained": explained(rows)}


def few(papers: pl.DataFrame) -> None:
    """Why nothing can be judged; `papers` are those of `ground`."""
    n = papers.row(0, named=True)
    states.note(
        f"<b>Too little to learn from.</b> Of this selection {n['rating']:,} papers have reviews with a rating and "
        f"labels in this layer, {n['decision']:,} have such labels and were accepted or rejected. What a text would "
        f"lead one to expect is learnt from other papers: that takes {ENOUGH_PAPERS} of either."
    )


def said(row: Mapping, of: Target) -> None:
    """How much labels explain, plainly; `row` is that of queries.mismatch.explained."""
    if row["r2"] is None:
        sheets.said("All ratings, or all decisions, are the same: there is nothing to explain.")
        return
    within = "" if row["low"] is None else f" (95% interval {row['low']:.2f} to {row['high']:.2f})"
    what, usual = ("ratings", "the mean of venue and year") if of == "rating" else ("decisions", "the share accepted")
    fit = f"R² {row['r2']:.2f}{within}" if of == "rating" else f"skill {row['r2']:.2f}{within}"
    if row["r2"] < _NOTHING or (row["low"] is not None and row["low"] <= 0):
        words = (
            f"<b>The labels explain next to nothing of the {what}:</b> {fit}. What is expected hardly differs from "
            f"{usual}, so a mismatch here is little more than a rare {of}. "
        )
    else:
        words = f"Labels explain <b>{row['r2']:.0%}</b> of what {usual} leaves open: {fit}. "
    off = "points off" if of == "rating" else "of probability off"
    sheets.said(
        f"{words}On average {row['error']:.2f} {off}, against {row['usual_error']:.2f} for {usual}. "
        f"{row['n_reviews']:,} labelled reviews of {row['n_papers']:,} papers, each judged by a model that has not "
        "seen its paper. A mismatch is no mistake: it is where text and verdict part, and worth reading."
    )


def picked(rows: pl.DataFrame, of: Target, filters: Filters) -> pl.DataFrame:
    """The rows that the address asks for, by paper or, of decisions, by tenth of the expectation; with a way back."""
    opened, tenth = address.value("open"), address.value("tenth")
    if of == "decision" and tenth is not None and tenth in {*"0123456789"}:
        at = (pl.col("expected") * 10).floor().clip(0, 9) == int(tenth)
        rows, words = rows.filter(at), f"expected between {int(tenth) * 10}% and {int(tenth) * 10 + 10}%"
    elif opened:
        key = pl.concat_str("corpus", pl.lit("/"), "paper_key")
        rows, words = rows.filter(key == opened), f"of paper {verbatim.html(opened)}"
    else:
        return rows
    kept = {key: address.value(key) for key in ("layer", "measure")}
    back = verbatim.html(address.href("mismatch", filters, **kept))
    n = f"{rows.height:,} {'review' if rows.height == 1 else 'reviews'}"
    st.html(f'<div class="rs rs-rule">Shown: <b>{n}</b> {words}. <a href="{back}" data-go>Show all</a></div>')
    return rows


def picture(rows: pl.DataFrame, of: Target, layer: str, filters: Filters) -> None:
    """Given against expected; marks that stand out are coloured by their side, a click opens the review."""
    each = max(1, math.ceil((rows.height - _FIRST) / (_MOST - _FIRST)))
    some = rows.filter((pl.col("rank") <= _FIRST) | (pl.col("rank") % each == 0))
    values = [_mark(row, of, layer, filters) for row in some.iter_rows(named=True)]
    ends = [min(v["expected"] for v in values), max(v["expected"] for v in values)]
    if of == "rating":
        y_axis, x_axis = alt.Axis(tickMinStep=1), alt.Axis(tickMinStep=1)
        y_title, x_title = "rating given", "rating expected from the labels"
    else:
        y_axis = alt.Axis(values=[0, 1], labelExpr="datum.value ? 'accepted' : 'rejected'")
        x_axis = alt.Axis(format=".0%", tickCount=6)
        y_title, x_title = "", "probability of acceptance expected from the labels"
    x = alt.X("expected:Q", title=x_title, axis=x_axis, scale=alt.Scale(zero=False, nice=True))
    y = alt.Y("y:Q", title=y_title or None, axis=y_axis, scale=alt.Scale(zero=False, nice=True))
    number = ".1f" if of == "rating" else ".0%"
    points = (
        alt.Chart(alt.Data(values=values))
        .mark_point(filled=True, size=46, cursor="pointer")
        .encode(
            x=x,
            y=y,
            color=alt.Color("kind:N", scale=plots.colour(), legend=None),
            opacity=alt.condition("datum.kind === 'neutral'", alt.value(0.4), alt.value(0.95)),
            tooltip=[
                alt.Tooltip("paper:N"),
                alt.Tooltip("by:N", title="by"),
                alt.Tooltip("given:N", title="given"),
                alt.Tooltip("expected:Q", title="expected", format=number),
                alt.Tooltip("standardised:Q", title="standard deviations off", format="+.1f"),
            ],
        )
    )
    line = (
        alt.Chart(alt.Data(values=[{"expected": at, "y": at, "kind": "neutral"} for at in ends]))
        .mark_line(strokeDash=[4, 3], strokeWidth=1.2)
        .encode(x=x, y=y, color=alt.Color("kind:N", scale=plots.colour(), legend=None))
    )
    n_out = sum(v["kind"] != "neutral" for v in values)
    plots.draw(
        (line + points if of == "rating" else points).properties(height=400 if of == "rating" else 260),
        key=f"mismatch_{of}",
        alt_text=f"{len(values):,} reviews: what was given against what their labels lead one to expect. {n_out:,} are "
        f"{_OUT} standard deviations off or more.",
    )
    if len(values) < rows.height:
        st.caption(f"{len(values):,} of {rows.height:,} drawn: the {_FIRST} greatest mismatches, evenly of the others.")


def key(of: Target) -> None:
    """What the colours of the picture mean."""
    high, low = ("rated higher than the labels lead one to expect", "rated lower")
    if of == "decision":
        high, low = "accepted, against what the labels lead one to expect", "rejected, likewise"
    st.html(
        f'<div class="rs rs-legend"><span><i style="--tone:var(--rs-positive)"></i>{high}</span>'
        f'<span><i style="--tone:var(--rs-negative)"></i>{low}</span>'
        f"<span>coloured from {_OUT} standard deviations on</span></div>"
    )


def _mark(row: Mapping, of: Target, layer: str, filters: Filters) -> dict:
    out = abs(row["standardised"]) >= _OUT
    side = palette.POLARITIES[1 if row["residual"] > 0 else -1][0]
    aside = 0.0 if of == "rating" else 0.3 * (((row["rank"] * 0.6180339887) % 1) * 2 - 1)
    return {
        "expected": row["expected"],
        "y": row["given"] + aside,
        "given": _given(row, of),
        "standardised": row["standardised"],
        "kind": side if out else "neutral",
        "paper": verbatim.clip(tables.title_of(row), 60),
        "by": review.name(row),
        "go": _link(row, layer, filters),
    }


def _given(row: Mapping, of: Target) -> str:
    return f"{row['given']:g}" if of == "rating" else "accepted" if row["given"] else "rejected"


def _link(row: Mapping, layer: str, filters: Filters, position: int = 0) -> str:
    return address.href(
        "paper",
        filters,
        open=f"{row['corpus']}/{row['paper_key']}",
        layer=layer,
        at=f"{row['review_key']}:{position}",
    )


def listed(
    chosen: frames.Selection, shown: pl.DataFrame, layer: str, of: Target, known: Mapping[tuple[str, str], Code], n: int
) -> None:
    """The reviews with what was given, what was expected, and the sentences that the expectation comes from."""
    ids = shown["review_id"].to_list()
    plan = mismatch_drivers(chosen.frames, shown.lazy(), layer=layer, of=of, reviews=ids)
    found = frames.collect(chosen, f"mismatch drivers {layer} {of} {ids}", drivers=plan)["drivers"]
    by_review = found.group_by("review_id", maintain_order=True).head(SENTENCES).partition_by("review_id", as_dict=True)
    items = ""
    for row in shown.iter_rows(named=True):
        sentences = by_review.get((row["review_id"],))
        told = [] if sentences is None else sentences.to_dicts()
        items += _item(row, told, layer, of, known, chosen.filters, n)
    st.html(f'<ol class="rs rs-odd">{items}</ol>')


def _item(
    row: Mapping,
    sentences: Sequence[Mapping],
    layer: str,
    of: Target,
    known: Mapping[tuple[str, str], Code],
    filters: Filters,
    n: int,
) -> str:
    where = " ".join(str(part) for part in (row["venue"], row["year"]) if part is not None)
    facts = " · ".join(part for part in (where, review.name(row)) if part)
    link = verbatim.html(_link(row, layer, filters))
    return (
        f'<li><h3><b>{row["rank"]:,}</b><a href="{link}" data-go>{verbatim.html(tables.title_of(row))}</a> '
        f"<small>{verbatim.html(facts)}</small></h3>"
        f'<div class="figures">{_figures(row, of, n)}</div>'
        f"<ul>{''.join(_sentence(each, row, layer, of, known, filters) for each in sentences)}</ul></li>"
    )


def _figures(row: Mapping, of: Target, n: int) -> str:
    off = f"{row['residual']:+.1f}".replace("-", "−")
    size = f"{abs(row['standardised']):.1f} standard deviations"
    if of == "rating":
        far = f"so far off or farther: {round(row['probability'] * n):,} of {n:,} reviews"
        return (
            f"<span>rating <b>{row['given']:g}</b></span><span>expected <b>{row['expected']:.1f}</b></span>"
            f"<span>{off}, {size}</span><span>{far}</span>"
        )
    return (
        f"<span><b>{_given(row, of)}</b></span><span>expected acceptance <b>{row['expected']:.0%}</b></span>"
        f"<span>that decision had a probability of {row['probability']:.0%}</span>"
    )


def _sentence(
    each: Mapping, row: Mapping, layer: str, of: Target, known: Mapping[tuple[str, str], Code], filters: Filters
) -> str:
    chips = "".join(
        chip(known[layer, label["code"]], label["polarity"])
        for label in each["labels"]
        if (layer, label["code"]) in known
    )
    side = palette.POLARITIES[1 if each["pull"] > 0 else -1][0]
    pull = f"{each['pull']:+.2f}".replace("-", "−") if of == "rating" else f"× {math.exp(each['pull']):.2f}"
    words = "points of the rating" if of == "rating" else "times the odds of acceptance"
    link = verbatim.html(_link(row, layer, filters, each["position"]))
    text = verbatim.html(verbatim.clip(each["text"], 240))
    return (
        f'<li><span class="pull {side}" data-tip="{pull} {words}" tabindex="0">{pull}</span>'
        f'<span class="said">{chips} {text} <a class="at" href="{link}" data-go>Show in the review</a></span></li>'
    )


def twin(rows: pl.DataFrame) -> pl.DataFrame:
    """The list as numbers."""
    return rows.select(
        *("rank", "corpus", "paper_key", "title", "venue", "year", "review_key", "reviewer", "n"),
        *("given", "expected", "usual", "residual", "standardised", "probability"),
    )
