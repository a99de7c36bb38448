"""Measures of queries.measures in words: titles, what they divide, how they are written, what is behind them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from pages.parts import address, charts, codes, tables
from queries.adjusted_measures import CORRECTABLE
from queries.filters import Condition, Filters
from queries.intervals import ENOUGH_OBSERVATIONS, ENOUGH_PAPERS
from queries.measures import MEASURES, POLARISED, Measure

TITLES: dict[Measure, str] = {
    "negative": "Negative share",
    "positive": "Positive share",
    "net": "Net polarity",
    "share": "Share of labels",
    "mention": "Share of reviews",
    "sentence": "Share of sentences",
}
#: What each is, after “for each code”.
MEANINGS: dict[Measure, str] = {
    "negative": "the share of its judged labels that are negative",
    "positive": "the share of its judged labels that are positive",
    "net": "its net polarity, from −1 to +1",
    "share": "its share of all labels of the layer",
    "mention": "the share of labelled reviews that mention it",
    "sentence": "the share of the sentences answered in the layer that have it",
}
#: What is counted below the line, for one and for several.
_WHOLES: dict[Measure, str] = {
    **dict.fromkeys(POLARISED, "judged labels"),
    "share": "labels of the layer",
    "mention": "labelled reviews",
    "sentence": "sentences answered",
}
FORMATS: dict[Measure, str] = dict.fromkeys(MEASURES, ".0%") | {"net": "+.2f"}
#: Measures whose codes can be told apart on one scale; the others differ so much that each panel needs its own.
ON_ONE_SCALE = POLARISED
#: The colour of a measure where nothing else needs one, as a value of plots.colour.
KINDS: dict[Measure, str] = dict.fromkeys(MEASURES, "hue 0") | {"negative": "negative", "positive": "positive"}
_POLARITY: dict[Measure, int | None] = {"negative": -1, "positive": 1}
#: Why something is grey.
THIN = f"Grey and hollow: under {ENOUGH_PAPERS} papers or {ENOUGH_OBSERVATIONS} observations."


def options(layer: str) -> tuple[Measure, ...]:
    """The measures that a layer has: those of polarity only where it has any."""
    polarised = codes.layers()[layer].polarised
    return tuple(measure for measure in MEASURES if polarised or measure not in POLARISED)


def asked(layer: str, *, guessed: bool = False) -> Measure:
    """The measure that the address asks for, else the first that the layer has; of a model's labels one that corrects.

    guessed   whether labels of a model are counted: shares of labels and of reviews cannot be corrected for it
    """
    there = options(layer)
    first = next(measure for measure in there if not guessed or measure in CORRECTABLE)
    return next((measure for measure in there if measure == address.value("measure")), first)


def choice(layer: str, chosen: Measure) -> None:
    """Draws the choice of a measure."""
    address.choice("measure", options(layer), chosen, "Measure", {str(each): title for each, title in TITLES.items()})


def missing(layer: str) -> bool:
    """Whether the address asks for a measure of polarity in a layer without polarities."""
    wanted = address.value("measure")
    return wanted in MEASURES and wanted not in options(layer)


def shown(measure: Measure, value: float | None, *, difference: bool = False) -> str:
    """A value, or a difference of two, as text: shares in per cent and percentage points, net polarities signed."""
    if value is None:
        return "–"
    if measure == "net":
        return tables.signed(value)
    if not difference:
        return f"{value:.0%}"
    points = round(100 * value)
    return f"{'+' if points > 0 else '−' if points < 0 else ''}{abs(points)} points"


def rests(measure: Measure, row: Mapping[str, Any]) -> str:
    """What a row rests on, in words: `part`, `whole` and `n_papers` of a query that divides them."""
    n = f"{row['whole']:,}" if measure == "net" else f"{row['part']:,} of {row['whole']:,}"
    papers = "paper" if row["n_papers"] == 1 else "papers"
    return f"{n} {_WHOLES[measure]}, {row['n_papers']:,} {papers}"


def domain(measure: Measure, marks: Iterable[Mapping[str, Any]]) -> tuple[float, float]:
    """The ends of an axis that shows these marks: from 0, or for net polarity from its negative to its positive end."""
    ends = [abs(mark[each]) for mark in marks for each in ("value", "low", "high") if mark[each] is not None]
    most = max(ends, default=0.0)
    step = 0.1 if most > 0.2 else 0.02
    end = min(1.0, max(step, math.ceil(most / step - 1e-9) * step))
    return (-end, end) if measure == "net" else (0.0, end)


def sentences(layer: str, row: Mapping[str, Any], measure: Measure, filters: Filters) -> str:
    """The link to the sentences behind a row with `code`, `n` and `part`: those of the polarity that is counted.

    Where none has it, those of the code; where none has the code, there is no link.
    """
    if not row["n"]:
        return ""
    return charts.sentences(filters, Condition(layer, row["code"], _POLARITY.get(measure) if row["part"] else None))
