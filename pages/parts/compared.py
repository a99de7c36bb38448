"""Compare: cohorts code by code, how far each is from one of them, which differences stand after correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl
import streamlit as st

from pages.parts import address, frames, measured, plots, states, verbatim
from pages.parts.codes import Code
from pages.parts.cohorts import Cohort
from queries.comparison import FLIPS, comparison
from queries.intervals import ENOUGH_OBSERVATIONS, ENOUGH_PAPERS
from queries.measures import Measure

#: A difference is marked where q is below this.
FALSE = 0.05
_ORDERS = {"difference": "Largest difference first", "scheme": "In the scheme’s order"}
Known = Mapping[tuple[str, str], Code]

WORDS = (
    "What is counted is as on Trends. A cohort's value divides two sums over its papers. Papers are drawn again from "
    "all cohorts together, 1,000 times, for percentile intervals at 95 %: a paper that is in two cohorts is drawn in "
    "both, so that the interval of their difference is right even where they overlap.\n\n"
    "The test asks whether two cohorts have the same value: each paper's score, what it adds to the difference if "
    f"they do, gets a sign at random, {FLIPS:,} times. It holds its level also where few papers have a code, which "
    "reading p off the drawn papers does not: of cohorts drawn at random from Peer Review Analyze 4 to 6 % of p are "
    "under .05, be they 5 against 200 papers or 114 against 116; read off the drawn papers it would be 5 to 21 %. "
    f"p comes in steps of 1/{FLIPS + 1:,}, the least there is. q corrects p for all codes and cohorts shown: of the "
    "differences marked at q < .05, 5 % are expected to be none.\n\n"
    "h is Cohen's effect size for two shares; .2 is called small, .5 medium, .8 large. For net polarity it is d, the "
    "difference over the pooled standard deviation of single labels. The ratio is that of the two shares."
)
FORMULAS = (
    r"d = \frac{\sum_{p \in A} x_p}{\sum_{p \in A} n_p} - \frac{\sum_{p \in B} x_p}{\sum_{p \in B} n_p} = \sum_p u_p "
    r"\qquad u_p = \frac{x^A_p - r\,n^A_p}{\sum n^A} - \frac{x^B_p - r\,n^B_p}{\sum n^B} \qquad "
    r"r = \frac{\sum x^A + \sum x^B}{\sum n^A + \sum n^B}",
    r"p = \frac{1 + \#\{|\sum_p \pm u_p| \ge |d|\}}{1 + \text{flips}} \qquad "
    r"h = 2 \arcsin \sqrt{s_A} - 2 \arcsin \sqrt{s_B}",
)
SOURCES = (
    (
        "Davison & Hinkley 1997, Bootstrap Methods and their Application, section 3.8",
        "https://doi.org/10.1017/CBO9780511802843",
    ),
    (
        "Hemerik, Goeman & Finos 2020, Robust testing in generalized linear models by sign flipping score "
        "contributions",
        "https://doi.org/10.1111/rssb.12369",
    ),
    (
        "Benjamini & Hochberg 1995, Controlling the false discovery rate",
        "https://doi.org/10.1111/j.2517-6161.1995.tb02031.x",
    ),
    ("Cohen 1988, Statistical Power Analysis for the Behavioral Sciences", "https://doi.org/10.4324/9780203771587"),
)


class Asked(NamedTuple):
    """What the page is to draw: of which layer, which measure, against which cohort (its place), in which order."""

    layer: str
    measure: Measure
    reference: int
    order: str


def asked(layer: str, cohorts: Sequence[Cohort]) -> Asked:
    """What the address asks for; what it asks for in vain is told by `controls`."""
    reference = next((cohort.place for cohort in cohorts if cohort.id == address.value("with")), 0)
    order = address.value("order")
    return Asked(layer, measured.asked(layer), reference, order if order in _ORDERS else "difference")


def plans(chosen: frames.Selection, cohorts: Sequence[Cohort], on: Asked) -> dict[str, pl.LazyFrame]:
    """The page's query."""
    each = [cohort.frames(chosen) for cohort in cohorts]
    return {"rows": comparison(each, layer=on.layer, measure=on.measure, reference=on.reference)}


def controls(on: Asked, cohorts: Sequence[Cohort], layers: Sequence[str], names: Mapping[str, str]) -> None:
    """Draws the choices."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        measured.choice(on.layer, on.measure)
        address.choice("layer", layers, on.layer, "Layer", names)
        ids = {cohort.id: f"against {verbatim.clip(cohort.name, 30)}" for cohort in cohorts}
        address.choice("with", list(ids), cohorts[on.reference].id, "Reference", ids)
        address.choice("order", list(_ORDERS), on.order, "Order", _ORDERS)
    if measured.missing(on.layer):
        states.note("<b>This layer has no polarities,</b> so the measure that the address asks for is not to be had.")


def draw(on: Asked, rows: pl.DataFrame, known: Known, cohorts: Sequence[Cohort]) -> None:
    """The values beside the differences, what differs in words, and the numbers as a table."""
    if not rows["value"].count():
        states.note("<b>Nothing to compare.</b> No label of these cohorts has what this measure divides.")
        return
    found = _ordered(on, rows)
    _said(on, found, known, cohorts)
    ends = measured.domain(on.measure, found)
    title, zero = measured.TITLES[on.measure].lower(), 0.0 if on.measure == "net" else None
    names = list(dict.fromkeys(known[on.layer, row["code"]].name for row in found))
    height = (12 * len(cohorts) + 7) * len(names) + 50  # so that rows stand side by side
    left, right = st.columns(2, gap="medium")
    with left:
        values = [_value(row, on, known, cohorts) for row in found]
        plots.dots(
            values, key=f"compare_{on.layer}", title=title, alt_text=_alt(values, f"{title} by code and cohort", on),
            format=measured.FORMATS[on.measure], domain=ends, zero=zero, height=height, every=names,
        )  # fmt: skip
    with right:
        _differences(on, found, known, cohorts, height, names)
    _reading(on)
    plots.twin(*_table(on, rows, known, cohorts))


def _differences(
    on: Asked, found: Sequence[Mapping], known: Known, cohorts: Sequence[Cohort], height: int, names: Sequence[str]
) -> None:
    """The plot of differences from the reference; where there is none it says so."""
    base = {row["code"]: row for row in found if row["cohort"] == on.reference}
    apart = [_apart(row, base[row["code"]], on, known, cohorts) for row in found if row["cohort"] != on.reference]
    if not any(_is(row["value"]) for row in apart):
        states.note("<b>No difference to show.</b> No code has a value on both sides.")
        return
    unit = "difference" if on.measure == "net" else "points"
    plots.dots(
        apart, key=f"differences_{on.layer}", format="+.2f" if on.measure == "net" else "+.0f", zero=0,
        title=f"{unit} from {verbatim.clip(cohorts[on.reference].name, 30)}", height=height, every=names,
        alt_text=f"Dots with intervals: differences in {measured.TITLES[on.measure].lower()} by code.",
    )  # fmt: skip


def _ordered(on: Asked, rows: pl.DataFrame) -> list[dict]:
    """The rows as they stand in the plots: codes with a value, if asked those farthest apart first, thin ones last."""
    there = rows.filter(pl.col("value").count().over("code") > 0)
    if on.order == "difference":
        thin = pl.col("thin") | (pl.col("thin") & (pl.col("cohort") == on.reference)).any().over("code")
        firm, any_ = (pl.col("difference").abs().filter(each).max().over("code") for each in (~thin, pl.lit(True)))
        ways = [True, True, False, False]
        there = there.sort(firm, any_, "code", "cohort", descending=ways, nulls_last=True)
    return there.to_dicts()


def _value(row: Mapping, on: Asked, known: Known, cohorts: Sequence[Cohort]) -> plots.Dot:
    cohort = cohorts[row["cohort"]]
    return {
        "name": known[on.layer, row["code"]].name,
        "series": cohort.name,
        "kind": cohort.hue,
        "shape": cohort.shape,
        "value": row["value"],
        "low": row["low"],
        "high": row["high"],
        "thin": row["thin"],
        "n": measured.rests(on.measure, row),
        "go": measured.sentences(on.layer, row, on.measure, cohort.filters),
    }


def _apart(row: Mapping, base: Mapping, on: Asked, known: Known, cohorts: Sequence[Cohort]) -> plots.Dot:
    """A difference: full where it stands after correction, a ring where not; grey where either side is thin."""
    cohort, by = cohorts[row["cohort"]], 1 if on.measure == "net" else 100
    value, low, high = (
        None if row[each] is None else by * row[each] for each in ("difference", "difference_low", "difference_high")
    )
    told = [f"{measured.rests(on.measure, row)} against {measured.rests(on.measure, base)}"]
    told += [
        f"{name} {row[each]:.2f}" for name, each in (("ratio", "ratio"), (_effect(on), "effect")) if _is(row[each])
    ]
    told += [f"{name} {_small(row[name])}" for name in ("p", "q") if _is(row[name])]
    return {
        "name": known[on.layer, row["code"]].name,
        "series": f"{cohort.name} against {cohorts[on.reference].name}",
        "kind": cohort.hue,
        "shape": cohort.shape,
        "value": value,
        "low": low,
        "high": high,
        "n": "; ".join(told),
        "thin": row["thin"] or base["thin"],
        "hollow": not _stands(row),
        "go": measured.sentences(on.layer, row, on.measure, cohort.filters),
    }


def _said(on: Asked, found: Sequence[Mapping], known: Known, cohorts: Sequence[Cohort]) -> None:
    """What differs, cohort by cohort, with links to the sentences."""
    thin = {row["code"] for row in found if row["cohort"] == on.reference and row["thin"]}
    items = ""
    for cohort in cohorts:
        if cohort.place == on.reference:
            continue
        own = [row for row in found if row["cohort"] == cohort.place and _is(row["q"])]
        stand = sorted((row for row in own if _stands(row)), key=lambda row: -abs(row["difference"]))
        few = {row["code"] for row in stand if row["thin"] or row["code"] in thin}
        links = ", ".join(_link(row, on, known, cohort, row["code"] in few) for row in stand)
        name, base = (verbatim.html(verbatim.clip(each.name, 60)) for each in (cohort, cohorts[on.reference]))
        differ = "differs" if len(stand) == 1 else "differ"
        told = (
            f"{len(stand)} of {len(own)} codes {differ} from {base} after correction at q &lt; .05"
            f"{f', {len(few)} of them on few papers' if few else ''}{': ' if links else ''}{links}."
        )
        if not own:
            told = f"no code has two papers both here and in {base}, so nothing can be tested."
        items += f"<li>{plots.sign(cohort.place)}<b>{name}</b>: {told}</li>"
    st.html(f'<ul class="rs rs-differ">{items}</ul>')


def _reading(on: Asked) -> None:
    """How the plots are to be read."""
    least = f"under {ENOUGH_PAPERS} papers or {ENOUGH_OBSERVATIONS} observations, on either side"
    said = (
        f"Left for each code {measured.MEANINGS[on.measure]}, right the difference: full where it stands after "
        f"correction, a ring where it does not. Lines: 95 % interval, papers drawn again. Grey: {least}. A click leads "
        "to the sentences."
    )
    st.html(f'<div class="rs rs-rule rs-wide">{said}</div>')


def _link(row: Mapping, on: Asked, known: Known, cohort: Cohort, few: bool) -> str:
    to = verbatim.html(measured.sentences(on.layer, row, on.measure, cohort.filters))
    by = measured.shown(on.measure, row["difference"], difference=True)
    name = verbatim.html(known[on.layer, row["code"]].name)
    said = f'<a href="{to}" data-go>{name}</a> {by}' if to else f"{name} {by}"
    return f'<span class="rs-muted">{said}</span>' if few else said


def _table(
    on: Asked, rows: pl.DataFrame, known: Known, cohorts: Sequence[Cohort]
) -> tuple[pl.DataFrame, dict[str, str]]:
    """All numbers, in the order of the scheme, and how those are written that two digits do not show."""
    names = pl.DataFrame(
        {
            "name": [known[on.layer, code].name for code in rows["code"]],
            "who": [cohorts[place].name for place in rows["cohort"]],
        },
        schema={"name": pl.String, "who": pl.String},
    )
    effect = _effect(on)
    shown = pl.concat([rows, names], how="horizontal").select(
        "code", "name", pl.col("who").alias("cohort"), pl.col("value").alias(measured.TITLES[on.measure].lower()),
        "low", "high", "part", "whole", pl.col("n_papers").alias("papers"), "thin", "difference", "difference_low",
        "difference_high", "ratio", "ratio_low", "ratio_high", pl.col("effect").alias(effect), "p", "q",
    )  # fmt: skip
    formats = {name.replace("_", " "): "%.2f" for name, dtype in shown.schema.items() if dtype.is_float()}
    return shown.rename(lambda name: name.replace("_", " ")), formats | {"p": "%.4f", "q": "%.4f"}


def _alt(rows: Sequence[plots.Dot], what: str, on: Asked) -> str:
    told = "; ".join(
        f"{row['name']}, {row['series']}: {measured.shown(on.measure, row['value'])}"
        for row in rows[:12]
        if row["value"] is not None
    )
    return f"Dots with intervals: {what}. {told}."


def _stands(row: Mapping) -> bool:
    return _is(row["q"]) and row["q"] < FALSE


def _effect(on: Asked) -> str:
    return "d" if on.measure == "net" else "h"


def _is(value: float | None) -> bool:
    return value is not None


def _small(p: float) -> str:
    return f"{p:.4f}".lstrip("0")
