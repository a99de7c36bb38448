"""Decisions: odds of acceptance by label, how well a decision can be told from labels, and the table behind both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import altair as alt
import polars as pl
import streamlit as st

from corpus.tables import Frames
from pages.parts import address, charts, codes, palette, plots, sheets, states, verbatim
from pages.parts.codes import Code, chip, tone
from queries.counts import counts
from queries.decision_calibration import decision_calibration, decision_skill, expectations
from queries.decision_odds import decision_odds
from queries.filters import Condition, Filters
from queries.label_design import MEASURES, Measure

#: What an odds ratio is for.
UNITS: Mapping[str, str] = {"sentences": "One more sentence", "any": "Any or none", "share": "Ten points more"}
VIEWS = {"single": "Each label by itself", "adjusted": "All labels together"}
_UNIT_WORDS = {
    "sentences": "for one more sentence",
    "any": "where there is any such sentence, against none",
    "share": "for ten percentage points more of the review’s sentences",
}
_START = {"single": "", "adjusted": "adjusted_"}
#: Why there is no estimate: in short, and what that means.
_WHY = {
    "one decision": ("one decision", "All papers have the same decision."),
    "constant": ("no difference", "All reviews have as much of it."),
    "rare": ("too rare", "Fewer than 5 reviews, or than 5 papers, have it."),
    "separated": ("one-sided", "It tells decisions without error, so that the odds ratio has no bounds."),
    "dependent": ("told already", "The labels before it, taken together, tell it already."),
    "few papers": ("few papers", "Fewer than 30 papers, or fewer than 2 with the rarer decision for each label."),
}
#: Beyond these ends intervals are cut off in the picture; the table has them.
_ENDS = (0.1, 10.0)
_WIDEST = (0.02, 50.0)
#: Below this false discovery rate a label is named above the picture.
_TOLD = 0.05
Known = Mapping[tuple[str, str], Code]


def whole_reviews(filters: Filters) -> None:
    """Says so where the filters leave some sentences of a review out."""
    if filters.text or any(condition.target == "segment" for condition in filters.conditions):
        states.note(
            "<b>The filters keep some sentences of a review only.</b> Labels are counted on those; filters on papers "
            "or reviews leave reviews whole."
        )


def measure() -> Measure:
    """The unit that the address asks for; sentences by default."""
    return next((each for each in MEASURES if each == address.value("measure")), "sentences")


def plans(part: Frames, layer: str, unit: Measure) -> dict[str, pl.LazyFrame]:
    """The page's queries."""
    told = expectations(part, layer=layer)
    return {
        "counts": counts(part),
        "codes": part.codes,
        "odds": decision_odds(part, layer=layer, measure=unit),
        "tenths": decision_calibration(told),
        "skill": decision_skill(told),
    }


def said(rows: pl.DataFrame, layer: str, view: str, unit: str, known: Known) -> None:
    """The labels that go most with either decision, in a sentence."""
    start = _START[view]
    if not rows[f"{start}odds"].count():
        return
    clear = rows.filter((pl.col(f"{start}q") < _TOLD) & ~pl.col("thin")).sort(f"{start}odds")
    against = clear.filter(pl.col(f"{start}odds") < 1).head(3).to_dicts()
    towards = clear.filter(pl.col(f"{start}odds") > 1).reverse().head(3).to_dicts()

    def named(found: list[dict]) -> str:
        return ", ".join(
            f"{chip(known[layer, row['code']], row['polarity'])} × {_number(row[f'{start}odds'])}" for row in found
        )

    parts = [f"most with rejection {named(against)}"] if against else []
    parts += [f"most with acceptance {named(towards)}"] if towards else []
    found = "; ".join(parts) or (
        "<b>no label here clearly goes with either decision</b>, none has a false discovery rate below 5%"
    )
    sheets.said(f"Odds of acceptance {_UNIT_WORDS[unit]}: {found}.")


def warning() -> None:
    """What none of the numbers says."""
    sheets.said(
        "<b>Association, not cause.</b> Whoever reviews does not know the decision, whoever decides has read the "
        "reviews, "
        "and both look at the same paper: nothing here tells what other words would have brought about."
    )


def _legend() -> None:
    """What the colours of the dots mean, of a layer whose labels have polarities."""
    items = "".join(
        f'<span><i style="--tone:var(--rs-{name})"></i>{word}</span>'
        for name, _, word in palette.POLARITIES.values()
        if name != "blank"
    )
    st.html(f'<div class="rs rs-legend">{items}<span>grey: rests on little</span></div>')


def drawn(rows: pl.DataFrame, layer: str, view: str, unit: str, known: Known, filters: Filters) -> None:
    """Odds ratios as dots with intervals, code by code."""
    found = [_dot(row, known[layer, row["code"]], view, filters) for row in rows.iter_rows(named=True)]
    there = [dot for dot in found if dot["value"] is not None]
    if not there:
        states.note("<b>No odds ratio can be estimated here.</b> The table below says for each label why.")
        return
    if codes.layers()[layer].polarised:
        _legend()
    bounds = [bound for dot in there for bound in (dot["low"], dot["high"]) if bound is not None and not dot["thin"]]
    low, high = min([_ENDS[0] * 4, *bounds]), max([_ENDS[1] / 4, *bounds])
    ends = (max(_WIDEST[0], low / 1.1), min(_WIDEST[1], high * 1.1))
    plots.dots(
        there,
        key=f"odds_{view}",
        title="odds ratio of acceptance (1: no difference)",
        alt_text=f"Odds ratios of acceptance by label, {VIEWS[view].lower()}. {_in_words(there)}",
        format=".3~g",
        zero=1,
        log=True,
        domain=ends,
    )


def _dot(row: Mapping, code: Code, view: str, filters: Filters) -> plots.Dot:
    start = _START[view]
    word = palette.POLARITIES[row["polarity"]][2] if code.polarised else "labels"
    kind = word if code.polarised else f"hue {palette.hue(code.position)}"
    value = row[f"{start}odds"]
    return {
        "name": code.name,
        "series": word,
        "kind": kind,
        "value": value,
        "low": row[f"{start}low"],
        "high": row[f"{start}high"],
        "n": f"{row['sentences']:,} sentences in {row['n_reviews']:,} reviews of {row['n_papers']:,} papers",
        "thin": row["thin"],
        "go": _link(row, code, "reject" if value is not None and value < 1 else "accept", filters),
    }


def _link(row: Mapping, code: Code, decision: str, filters: Filters) -> str:
    """The sentences with a label on papers with a decision; whatever their polarity where the label has none."""
    narrowed = Filters.from_query(filters.to_query() | {"decision": [decision]})
    return charts.sentences(narrowed, Condition(code.layer, code.code, row["polarity"]))


def _in_words(dots: Sequence[plots.Dot]) -> str:
    least, most = (sorted(dots, key=lambda dot: dot["value"] or 0)[at] for at in (0, -1)) if dots else (None, None)
    if least is None or most is None:
        return "None could be estimated."
    return (
        f"Lowest: {least['name']}, {least['series']}, {_number(least['value'])}; "
        f"highest: {most['name']}, {most['series']}, {_number(most['value'])}."
    )


def skill(row: Mapping) -> None:
    """How well decisions can be told from labels, in figures."""
    if row["brier"] is None:
        sheets.said("Under 30 papers, or all with one decision: there is nothing to learn from and to try it on.")
        return
    within = "" if row["auc_low"] is None else f" of pairs ({row['auc_low']:.2f} to {row['auc_high']:.2f})"
    pairs = (
        "No model judged reviews of accepted and of rejected papers, so there are no pairs to tell apart."
        if row["auc"] is None
        else "Of a review of an accepted and one of a rejected paper, both judged by the same model, the labels tell "
        f"which is which in <b>{row['auc']:.0%}</b>{within or ' of pairs'}; 50% is chance."
    )
    better = row["brier"] < row["brier_usual"]
    sheets.said(
        f"{pairs} Brier score <b>{row['brier']:.3f}</b> against {row['brier_usual']:.3f} for the share of acceptances "
        f"alone{'' if better else ': <b>the labels tell no more than that share</b>'}. "
        f"{row['n_reviews']:,} reviews of {row['n_papers']:,} papers, each judged by a model that has not seen its "
        f"paper."
    )


def calibration(tenths: pl.DataFrame, layer: str, filters: Filters) -> None:
    """Expected against observed acceptance, tenth by tenth; a click lists the reviews."""
    values = [
        {
            **{name: row[name] for name in ("expected", "observed", "low", "high", "n_reviews", "n_papers")},
            "kind": plots.THIN if row["thin"] else "hue 0",
            "of": f"{row['tenth'] * 10}–{row['tenth'] * 10 + 10}%",
            "go": address.href("mismatch", filters, layer=layer, measure="decision", tenth=row["tenth"]),
        }
        for row in tenths.iter_rows(named=True)
    ]
    scale, axis = alt.Scale(domain=[0, 1]), alt.Axis(format=".0%", tickCount=6)
    x = alt.X("expected:Q", scale=scale, axis=axis, title="expected probability of acceptance")
    base = alt.Chart(alt.Data(values=values)).encode(
        x=x,
        color=alt.Color("kind:N", scale=plots.colour(), legend=None),
        tooltip=[
            alt.Tooltip("of:N", title="expected between"),
            alt.Tooltip("expected:Q", title="expected", format=".0%"),
            alt.Tooltip("observed:Q", title="accepted", format=".0%"),
            alt.Tooltip("low:Q", title="from", format=".0%"),
            alt.Tooltip("high:Q", title="to", format=".0%"),
            alt.Tooltip("n_reviews:Q", title="reviews", format=","),
            alt.Tooltip("n_papers:Q", title="papers", format=","),
        ],
    )
    rules = base.mark_rule(strokeWidth=2.2, cursor="pointer").encode(
        y=alt.Y("low:Q", scale=scale, axis=axis, title="share accepted"), y2="high:Q"
    )
    points = base.mark_point(filled=True, opacity=1, cursor="pointer").encode(
        y=alt.Y("observed:Q", scale=scale, axis=axis, title="share accepted"),
        size=alt.Size("n_reviews:Q", legend=None, scale=alt.Scale(range=[40, 220], zero=True)),
    )
    diagonal = (
        alt.Chart(alt.Data(values=[{"expected": at, "observed": at, "kind": "neutral"} for at in (0, 1)]))
        .mark_line(strokeDash=[4, 3], strokeWidth=1)
        .encode(x=x, y=alt.Y("observed:Q", title="share accepted"), color=alt.Color("kind:N", scale=plots.colour()))
    )
    told = "; ".join(f"{v['of']}: {v['observed']:.0%} of {v['n_reviews']} reviews" for v in values)
    plots.draw(
        alt.layer(diagonal, rules, points).properties(height=330),
        key="calibration",
        alt_text=f"Share accepted against expected probability. {told}.",
    )


def table(rows: pl.DataFrame, layer: str, known: Known, filters: Filters) -> None:
    """Every label with its sentences by decision and both odds ratios; numbers of sentences are links."""
    heads = ("Label", "#Accepted", "#Rejected", "#By itself", "#q", "#All together", "#q ")
    sheets.table("Labels and decisions", heads, [_cells(row, layer, known, filters) for row in rows.to_dicts()])


def _cells(row: Mapping, layer: str, known: Known, filters: Filters) -> Sequence[str]:
    code = known[layer, row["code"]]
    counted: tuple[tuple[Literal["accepted", "rejected"], str], ...] = (("accepted", "accept"), ("rejected", "reject"))
    links = [
        f'<a href="{verbatim.html(_link(row, code, decision, filters))}" data-go>{row[name]:,}</a>'
        if row[name]
        else "0"
        for name, decision in counted
    ]
    ratios = []
    for start in _START.values():
        if row[f"{start}odds"] is None:
            short, words = _WHY[row[f"{start}why"]]
            ratios += [f'<span class="rs-none" data-tip="{words}" tabindex="0">{short}</span>', "–"]
        else:
            within = f"{_number(row[f'{start}low'])}–{_number(row[f'{start}high'])}"
            ratios += [f"{_number(row[f'{start}odds'])}<small>{within}</small>", _rate(row[f"{start}q"])]
    name = verbatim.html(code.name)
    blank = ", no polarity given" if code.polarised and tone(code, row["polarity"]) == "blank" else ""
    name = "" if code.short == code.name else name
    return (f"{chip(code, row['polarity'])} {name}{blank}", *links, *ratios)


def twin(rows: pl.DataFrame, layer: str, known: Known) -> pl.DataFrame:
    """The same as numbers."""
    names = [known[layer, code].name for code in rows["code"].cast(pl.String)]
    return rows.with_columns(pl.col("code").cast(pl.String), pl.Series("name", names, pl.String)).select(
        "code", "name", pl.exclude("code", "name")
    )


def hint(filters: Filters) -> None:
    """What to do where there is no decision to go with."""
    link = verbatim.html(address.href("mismatch", filters))
    states.note(
        "<b>No labelled review of an accepted or rejected paper</b> is in this selection, so labels have nothing to go "
        f'with. Where there are ratings, <a href="{link}" data-go>Mismatch</a> sets the text against them.'
    )


def _number(number: float | None) -> str:
    if number is None:
        return "–"
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def _rate(q: float) -> str:
    return "<0.001" if q < 0.001 else f"{q:.3f}"
