"""Panels: a measure of each code over years or groups, what is not drawn of it, and how it is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import streamlit as st

from pages.parts import adjusted, charts, codes, frames, measured, over_time, plots, states, verbatim
from pages.parts.codes import Code
from pages.parts.cohorts import NAMES
from pages.parts.over_time import Asked
from queries.filters import Condition, Filters

Known = Mapping[tuple[str, str], Code]
#: Groups that are drawn; the table has all.
GROUPS = 16
#: Keys of filters among what papers are placed by.
_FILTERS = ("year", "venue", "decision", "corpus")
#: A longer stretch of years has only those named that there are.
_SPAN = 60

WORDS = (
    "Each value divides two sums over papers: of the labels of a code that have a polarity those that are negative or "
    "positive, or positive less negative (net polarity); of all labels of the layer, `none` and CNT among them, those "
    "of the code; of the reviews with any label in the layer those that mention the code. Whatever the selection holds "
    "counts: rebuttals and meta-reviews too where the layer labels them, and every annotator's labels. Choose among "
    "them in Filters.\n\n"
    "Reviews of one paper hang together, so it is papers that are drawn again, 1,000 times, for a percentile interval "
    "at 95 %. With under 30 papers it tends to be too narrow, which is one reason why such values are grey. Years are "
    "joined only where one follows the other and neither is grey. No test is made here: Compare has one."
)
FORMULAS = (
    r"\text{negative share} = \frac{\sum_p n^-_p}{\sum_p (n^-_p + n^0_p + n^+_p)} \qquad "
    r"\text{net} = \frac{\sum_p (n^+_p - n^-_p)}{\sum_p (n^-_p + n^0_p + n^+_p)}",
)
SOURCES = (
    (
        "Davison & Hinkley 1997, Bootstrap Methods and their Application, section 3.8",
        "https://doi.org/10.1017/CBO9780511802843",
    ),
)


class Mark(plots.Dot):
    """A value of a code at a year or in a group; `run` as in plots.Step. It is a ring where a model's labels count."""

    at: int
    run: str | None
    code: str
    labels: int


def draw(on: Asked, rows: pl.DataFrame, there: Mapping[str, pl.DataFrame], chosen: frames.Selection) -> None:
    """The panels with what they mean, then what is not in them, then the numbers as a table."""
    known = codes.by_code(there["codes"])
    shown = _shown(on, there)
    every = rows
    rows = adjusted.shown(rows, on.way)
    drawn = rows.filter(pl.col("at").is_in(shown) & pl.col("value").is_not_null())
    series = list(dict.fromkeys(drawn["split"].sort(nulls_last=True)))
    in_order = sorted(drawn.iter_rows(named=True), key=lambda row: shown.index(row["at"]))
    marks = [_mark(row, on, known, series, chosen.filters) for row in in_order]
    _means(on, series, len(shown), over_time.labelled(there["corpus"]).height)
    if not marks:
        if "reason" not in rows.columns or not rows["reason"].count():  # else it is told below why nothing is drawn
            states.note("<b>Nothing to draw.</b> No paper with labels in this layer has what is asked for.")
    elif len(shown) == 1:
        _one(on, marks, shown[0], known)
    else:
        _panels(on, marks, shown, known, chosen.filters)
    if on.way.models and "reason" in rows.columns:
        told = rows.filter(pl.col("at").is_in(shown))
        adjusted.amiss(told.iter_rows(named=True), {code: known[on.layer, code].name for code in told["code"]}, on.way)
    _left_out(on, there, shown)
    plots.twin(_table(on, every, known))


def _mark(
    row: Mapping,
    on: Asked,
    known: Known,
    series: Sequence[str | None],
    filters: Filters,
) -> Mark:
    """One row of the query as a mark, with the link to its sentences; a track is no filter, so it leads nowhere."""
    code, at, of = known[on.layer, row["code"]], row["at"], row["split"]
    guess = bool(row.get("by_model", on.way.models))  # of what cannot be corrected only whether a model labels at all
    where = {key: value for key, value in ((on.over, at), (on.split, of)) if key is not None}
    go = ""
    if set(where) <= set(_FILTERS):
        narrowed = Filters.from_query(filters.to_query() | {key: [value] for key, value in where.items()})
        go = measured.sentences(on.layer, row, on.measure, narrowed)
    return {
        "name": NAMES.get(at, at),
        "series": code.name if of is None else NAMES.get(of, of),
        "kind": measured.KINDS[on.measure] if of is None else f"hue {series.index(of)}",
        "shape": plots.shape(0 if of is None else series.index(of)),
        "value": row["value"],
        "low": row["low"],
        "high": row["high"],
        "n": measured.rests(on.measure, row) + adjusted.rests(row),
        "thin": row["thin"] or bool(row.get("weak")),
        "hollow": guess,
        "guess": guess,
        "go": go,
        "at": int(at) if on.over == "year" else 0,
        "run": None,
        "code": code.code,
        "labels": row["n"],
    }


def joined(marks: Sequence[Mark]) -> list[Mark]:
    """The marks of one code in order, with the runs that a line joins: years that follow each other, none thin."""
    found: list[Mark] = []
    for series in dict.fromkeys(mark["series"] for mark in marks):
        runs: list[list[Mark]] = []
        for mark in sorted((m for m in marks if m["series"] == series), key=lambda m: m["at"]):
            last = runs[-1][-1] if runs else None
            if last and not last["thin"] and not mark["thin"] and mark["at"] == last["at"] + 1:
                runs[-1].append(mark)
            else:
                runs.append([mark])
        for run in runs:
            name = f"{series} {run[0]['at']}" if len(run) > 1 else None
            found += [{**mark, "run": name} for mark in run]
    return found


def _panels(
    on: Asked,
    marks: Sequence[Mark],
    shown: Sequence[str],
    known: Known,
    filters: Filters,
) -> None:
    """One panel a code: a line over years, dots over groups."""
    used = {mark["code"] for mark in marks}
    in_order = [code for (layer, _), code in known.items() if layer == on.layer and code.code in used]
    common = measured.domain(on.measure, marks)
    years = [int(year) for year in shown] if on.over == "year" else []
    ticks = list(range(years[0], years[-1] + 1)) if years and years[-1] - years[0] <= _SPAN else years
    columns: Sequence = ()
    for place, code in enumerate(in_order):
        if not place % 3:
            columns = st.columns(3, gap="medium")
        own = [mark for mark in marks if mark["code"] == code.code]
        ends = common if on.measure in measured.ON_ONE_SCALE else measured.domain(on.measure, own)
        told = "; ".join(f"{_of(mark, on)}: {measured.shown(on.measure, mark['value'])}" for mark in own[:12])
        alt = f"{code.name}: {measured.TITLES[on.measure].lower()} by {on.over}. {told}."
        key, format = f"trend_{on.layer}_{code.code}", measured.FORMATS[on.measure]
        zero = 0.0 if on.measure == "net" else None
        with columns[place % 3]:
            _title(code, sum(mark["labels"] for mark in own), filters)
            if years:
                plots.steps(joined(own), key=key, alt_text=alt, ticks=ticks, domain=ends, format=format, zero=zero)
            else:
                names = [NAMES.get(value, value) for value in shown]
                plots.dots(own, key=key, title="", alt_text=alt, domain=ends, format=format, zero=zero, every=names)


def _one(on: Asked, marks: Sequence[Mark], only: str, known: Known) -> None:
    """All codes in one chart, where there is only one year or group."""
    name = NAMES.get(only, only)
    states.note(
        f"<b>One {on.over} only: {verbatim.html(name)}.</b> There is no other to set it against, "
        "so there are dots and no line."
    )
    rows = sorted(marks, key=lambda mark: known[on.layer, mark["code"]].position)
    rows = [
        {**mark, "name": known[on.layer, mark["code"]].name, "series": mark["series"] if on.split else name}
        for mark in rows
    ]
    title = measured.TITLES[on.measure]
    plots.dots(
        rows,
        key=f"trend_{on.layer}",
        title=title.lower(),
        alt_text=f"Dots with intervals: {title.lower()} by code, {on.over} {only}.",
        domain=measured.domain(on.measure, marks),
        format=measured.FORMATS[on.measure],
        zero=0.0 if on.measure == "net" else None,
    )


def _title(code: Code, n: int, filters: Filters) -> None:
    """The head of a panel, which leads to all sentences of its code."""
    link = verbatim.html(charts.sentences(filters, Condition(code.layer, code.code)))
    tip, name = verbatim.html(f"{code.name}\n{code.definition}"), verbatim.html(code.name)
    labels = states.amount(n, "label")
    st.html(
        f'<h3 class="rs rs-panel"><a href="{link}" data-go data-tip="{tip}">{name}</a> <small>{labels}</small></h3>'
    )


def _means(on: Asked, series: Sequence[str | None], n: int, n_corpora: int) -> None:
    """What is drawn, in words, and whose colour is whose."""
    said = f"For each code {measured.MEANINGS[on.measure]}, by {on.over}. "
    bands = "Bands and lines" if on.over == "year" and n > 1 else "Lines"
    said += f"{bands}: 95 % interval, papers drawn again. {measured.THIN}{adjusted.means(on.way)} "
    if n > 1:
        said += "No line crosses those or a year without labels. " if on.over == "year" else ""
        said += "" if on.measure in measured.ON_ONE_SCALE else "Each panel has its own scale. "
    tracks = "track" in (on.over, on.split)
    said += "Filters know no tracks: these marks lead nowhere." if tracks else "A click leads to the sentences."
    if n_corpora > 1 and "corpus" not in (on.over, on.split):
        said += (
            f" <b>Labels of {n_corpora} corpora:</b> what differs may be the corpus, not the {on.over}. "
            "Split by corpus to tell."
        )
    items = ""
    for place, value in enumerate(series):
        if value is not None:
            name = verbatim.html(NAMES.get(value, value))
            items += f"<span>{plots.sign(place)}{name}</span>"
    legend = f'<div class="rs rs-legend">{items}</div>' if items else ""
    st.html(f'<div class="rs rs-rule rs-wide">{said}</div>{legend}')


def _left_out(on: Asked, there: Mapping[str, pl.DataFrame], shown: Sequence[str]) -> None:
    """What is not drawn, with its number: papers without a year, years without labels, groups beyond the most."""
    told = []
    for key in (on.over, on.split) if on.split else (on.over,):
        rows = there[key]
        if n := int(rows.filter(rows["value"].is_null())["n_papers"].sum()):
            told.append(f"{states.amount(n, 'paper')} {'has' if n == 1 else 'have'} no {key}")
        bare = over_time.known(rows).filter(pl.col("n_labelled") == 0)
        if bare.height:
            told.append(f"no labels in this layer: {verbatim.html(_some(bare['value'].to_list()))}")
    groups_ = over_time.labelled(there[on.over])["value"].to_list()
    if rest := [value for value in groups_ if value not in shown]:
        told.append(f"drawn are the {GROUPS} with the most papers; in the table also {verbatim.html(_some(rest))}")
    if on.split and (rest := over_time.lines(there[on.split])[over_time.LINES :]):
        most = f"the {over_time.LINES} with the most labelled papers"
        told.append(f"split into {most}, without {verbatim.html(_some(rest))}")
    if told:
        states.note(f"<b>Not drawn.</b> {told[0][0].upper()}{told[0][1:]}{''.join(f'; {each}' for each in told[1:])}.")


def _table(on: Asked, rows: pl.DataFrame, known: Known) -> pl.DataFrame:
    """The numbers of all groups; without a year or group those whose papers have none."""
    names = [known[on.layer, code].name for code in rows["code"]]
    split = [pl.col("split").alias(on.split)] if on.split else []
    if "counted" in rows.columns:
        return _side_by_side(on, rows.with_columns(pl.Series("name", names, dtype=pl.String)), split)
    return rows.with_columns(pl.Series("name", names, dtype=pl.String)).select(
        pl.col("at").alias(on.over), *split, "code", "name", pl.col("value").alias(measured.TITLES[on.measure].lower()),
        "low", "high", "part", "whole", pl.col("n_papers").alias("papers"), pl.col("n").alias("labels of the code"),
        pl.col("n_reviews").alias("reviews with it"), "thin",
    )  # fmt: skip


def _side_by_side(on: Asked, rows: pl.DataFrame, split: Sequence[pl.Expr]) -> pl.DataFrame:
    """The numbers where a model labels: corrected beside counted."""
    title = measured.TITLES[on.measure].lower()
    return rows.select(
        pl.col("at").alias(on.over), *split, "code", "name", pl.col("value").alias(f"{title}, corrected"),
        "low", "high", pl.col("counted").alias("as counted"), pl.col("counted_low").alias("counted low"),
        pl.col("counted_high").alias("counted high"), "part", "whole", pl.col("n_papers").alias("papers"),
        pl.col("n").alias("sentences with it"), pl.col("by_model").alias("answered by a model"),
        pl.col("best_f1").alias("best F1"), pl.col("reason").replace(adjusted.REASONS).alias("not corrected"),
        pl.col("weak").alias("a hint only"), "thin",
    )  # fmt: skip


def _of(mark: Mark, on: Asked) -> str:
    return f"{mark['name']}, {mark['series']}" if on.split else mark["name"]


def _some(values: Sequence[str], most: int = 8) -> str:
    """The first values as a list, and how many more there are."""
    rest = f" and {len(values) - most} more" if len(values) > most else ""
    return ", ".join(NAMES.get(value, value) for value in values[:most]) + rest


def _shown(on: Asked, there: Mapping[str, pl.DataFrame]) -> list[str]:
    """The years in order, or the groups that are drawn: decisions in theirs, others with the most papers first."""
    values = over_time.labelled(there[on.over])["value"].to_list()
    if on.over == "year":
        return sorted(values, key=int)
    return sorted(values) if on.over == "decision" else values[:GROUPS]
