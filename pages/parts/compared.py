"""Compare: cohorts code by code, how far each is from one of them, which differences stand after correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl
import streamlit as st

from pages.parts import address, adjusted, frames, measured, plots, states, verbatim
from pages.parts.codes import Code
from pages.parts.cohorts import Cohort
from queries.adjusted_comparison import adjusted_comparison
from queries.adjusted_measures import CORRECTABLE
from queries.comparison import comparison
from queries.intervals import ENOUGH_OBSERVATIONS, ENOUGH_PAPERS
from queries.measures import Measure

#: A difference is marked where q is below this.
FALSE = 0.05
_ORDERS = {"difference": "Largest difference first", "scheme": "In the scheme’s order"}
Known = Mapping[tuple[str, str], Code]


class Asked(NamedTuple):
    """What the page is to draw: of which layer, which measure, against which cohort (its place), in which order.

    `way` is how a model's labels are counted.
    """

    layer: str
    measure: Measure
    reference: int
    order: str
    way: adjusted.Way = adjusted.Way()

    @property
    def key(self) -> str:
        """What shapes the page's query, which the order does not."""
        return str(self._replace(order=""))


def models(chosen: frames.Selection, cohorts: Sequence[Cohort], layer: str) -> list[pl.DataFrame]:
    """The models whose labels in a layer count in each cohort."""
    plans = {str(cohort.place): adjusted.models(cohort.frames(chosen), layer) for cohort in cohorts}
    found = frames.collect(chosen, f"compare: models {layer} {[cohort.key for cohort in cohorts]}", **plans)
    return list(found.values())


def asked(layer: str, cohorts: Sequence[Cohort], guessers: Sequence[pl.DataFrame] = ()) -> Asked:
    """What the address asks for; what it asks for in vain is told by `controls`. `guessers` are those of `models`."""
    reference = next((cohort.place for cohort in cohorts if cohort.id == address.value("with")), 0)
    order = address.value("order")
    measure = measured.asked(layer, guessed=any(rows.height for rows in guessers))
    way = adjusted.way(guessers, measure, [cohort.filters for cohort in cohorts])
    return Asked(layer, measure, reference, order if order in _ORDERS else "difference", way)


def plans(chosen: frames.Selection, cohorts: Sequence[Cohort], on: Asked) -> dict[str, pl.LazyFrame]:
    """The page's query: where models' labels count and the measure can be corrected, with what is counted beside it."""
    each = [cohort.frames(chosen) for cohort in cohorts]
    if on.way.models and on.measure in CORRECTABLE:
        rows = adjusted_comparison(
            each, layer=on.layer, measure=on.measure, reference=on.reference, whole=chosen.snapshot.frames,
            counted=not on.way.corrects,
        )  # fmt: skip
        return {"rows": rows}
    return {"rows": comparison(each, layer=on.layer, measure=on.measure, reference=on.reference)}


def controls(on: Asked, cohorts: Sequence[Cohort], layers: Sequence[str], names: Mapping[str, str]) -> None:
    """Draws the choices."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        measured.choice(on.layer, on.measure)
        address.choice("layer", layers, on.layer, "Layer", names)
        ids = {cohort.id: f"against {verbatim.clip(cohort.name, 30)}" for cohort in cohorts}
        address.choice("with", list(ids), cohorts[on.reference].id, "Reference", ids)
        address.choice("order", list(_ORDERS), on.order, "Order", _ORDERS)
        adjusted.choice(on.way)
    if measured.missing(on.layer):
        states.note("<b>This layer has no polarities,</b> so the measure that the address asks for is not to be had.")


def draw(on: Asked, rows: pl.DataFrame, known: Known, cohorts: Sequence[Cohort]) -> None:
    """The values beside the differences, what differs in words, and the numbers as a table."""
    if not rows["value"].count():
        _amiss(on, rows, known)
        if "reason" not in rows.columns or not rows["reason"].count():
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
    _amiss(on, rows, known)
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
        grey = pl.col("thin") | pl.col("weak") if "weak" in rows.columns else pl.col("thin")
        thin = grey | (grey & (pl.col("cohort") == on.reference)).any().over("code")
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
        "thin": _grey(row),
        "hollow": _guess(row, on),
        "guess": _guess(row, on),
        "n": measured.rests(on.measure, row) + adjusted.rests(row),
        "go": measured.sentences(on.layer, row, on.measure, cohort.filters),
    }


def _apart(row: Mapping, base: Mapping, on: Asked, known: Known, cohorts: Sequence[Cohort]) -> plots.Dot:
    """A difference: full where it stands after correction, a ring where not; grey where either side is thin."""
    cohort, by = cohorts[row["cohort"]], 1 if on.measure == "net" else 100
    value, low, high = (
        None if row[each] is None else by * row[each] for each in ("difference", "difference_low", "difference_high")
    )
    told = [f"{measured.rests(on.measure, row)} against {measured.rests(on.measure, base)}{adjusted.rests(row)}"]
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
        "thin": _grey(row) or _grey(base),
        "hollow": not _stands(row),
        "guess": _guess(row, on) or _guess(base, on),
        "go": measured.sentences(on.layer, row, on.measure, cohort.filters),
    }


def _said(on: Asked, found: Sequence[Mapping], known: Known, cohorts: Sequence[Cohort]) -> None:
    """What differs, cohort by cohort, with links to the sentences."""
    thin = {row["code"] for row in found if row["cohort"] == on.reference and _grey(row)}
    items = ""
    for cohort in cohorts:
        if cohort.place == on.reference:
            continue
        own = [row for row in found if row["cohort"] == cohort.place and _is(row["q"])]
        why = "on few papers or a hint only" if any(row.get("weak") for row in found) else "on few papers"
        stand = sorted((row for row in own if _stands(row)), key=lambda row: -abs(row["difference"]))
        few = {row["code"] for row in stand if _grey(row) or row["code"] in thin}
        links = ", ".join(_link(row, on, known, cohort, row["code"] in few) for row in stand)
        name, base = (verbatim.html(verbatim.clip(each.name, 60)) for each in (cohort, cohorts[on.reference]))
        differ = "differs" if len(stand) == 1 else "differ"
        told = (
            f"{len(stand)} of {len(own)} codes {differ} from {base} after correction at q &lt; .05"
            f"{f', {len(few)} of them {why}' if few else ''}{': ' if links else ''}{links}."
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
        f"to the sentences.{adjusted.means(on.way, 'Dashed, left as rings')}"
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
    title = measured.TITLES[on.measure].lower()
    own: list[pl.Expr] = []
    if "counted" in rows.columns:
        title += ", corrected" if on.way.corrects else ", as counted"
        reason = pl.col("reason").replace(adjusted.REASONS).alias("not corrected")
        sides = [pl.col("counted").alias("as counted"), pl.col("counted_low"), pl.col("counted_high")]
        sides = sides if on.way.corrects else []
        own = [*sides, pl.col("by_model").alias("answered by a model"), pl.col("best_f1").alias("best F1"), reason]
    shown = pl.concat([rows, names], how="horizontal").select(
        "code", "name", pl.col("who").alias("cohort"), pl.col("value").alias(title),
        "low", "high", *own, "part", "whole", pl.col("n_papers").alias("papers"), "thin", "difference",
        "difference_low", "difference_high", "ratio", "ratio_low", "ratio_high", pl.col("effect").alias(effect),
        "p", "q",
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


def _amiss(on: Asked, rows: pl.DataFrame, known: Known) -> None:
    """What cannot be corrected, and what the model does not know."""
    if on.way.models and "reason" in rows.columns:
        names = {code: known[on.layer, code].name for code in rows["code"].unique()}
        adjusted.amiss(rows.iter_rows(named=True), names, on.way)


def _guess(row: Mapping, on: Asked) -> bool:
    """Whether labels of a model count in a value; of what cannot be corrected only whether a model labels at all."""
    return bool(row.get("by_model", on.way.models))


def _grey(row: Mapping) -> bool:
    """Whether a value rests on little, or on labels of a model that does not know the code."""
    return row["thin"] or bool(row.get("weak"))


def _stands(row: Mapping) -> bool:
    return _is(row["q"]) and row["q"] < FALSE


def _effect(on: Asked) -> str:
    return "d" if on.measure == "net" else "h"


def _is(value: float | None) -> bool:
    return value is not None


def _small(p: float) -> str:
    return f"{p:.4f}".lstrip("0")
