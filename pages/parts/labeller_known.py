"""The labellers that there are: those on disk, and those that labelled here and whose report the database keeps."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import streamlit as st

from corpus.labeller.errors import LabellerError
from corpus.labeller.reports import REPORT, default_folder, parsed, read_report
from pages.parts import address, codes, frames, provenance, sheets, verbatim
from queries.filters import Filters
from queries.vocabulary import current

#: The columns of each table of a report.
_COUNTS = dict.fromkeys(("n_segments", "n_gold", "n_model", "n_both"), pl.Int64)
_TABLES: dict[str, dict[str, Any]] = {
    "layers": {
        **{"layer": pl.String, "n_segments": pl.Int64},
        **dict.fromkeys(("micro_f1", "macro_f1", "accuracy", "ece_before", "ece"), pl.Float64),
        **dict.fromkeys(("polarity_accuracy", "polarity_macro_f1"), pl.Float64),
    },
    "codes": {
        **{"layer": pl.String, "code": pl.String, "polarity": pl.Int64, **_COUNTS},
        **dict.fromkeys(("precision", "recall", "f1", "threshold"), pl.Float64),
    },
    "calibration": {
        "layer": pl.String, **dict.fromkeys(("low", "high", "confidence", "share"), pl.Float64), "n": pl.Int64,
    },
    "coverage": {"layer": pl.String, **dict.fromkeys(("precision", "achieved", "share"), pl.Float64), "n": pl.Int64},
    "learning": {"epoch": pl.Int64, "layer": pl.String, "loss": pl.Float64, "f1": pl.Float64},
}  # fmt: skip


class Known(NamedTuple):
    """A labeller.

    open      what the address calls it: its directory's name, or its annotator where there is no directory
    report    as training wrote it
    at_hand   whether it can label: its directory is here
    labelled  its row in the table `models`; null where it labelled nothing in this database
    """

    open: str
    report: dict[str, Any]
    at_hand: bool
    labelled: Mapping[str, Any] | None

    @property
    def annotator(self) -> str:
        return self.report["annotator"]

    @property
    def scheme(self) -> str:
        return self.report["scheme"]

    @property
    def name(self) -> str:
        """Name and version; not escaped."""
        return provenance.short(self.annotator)

    @property
    def layers(self) -> list[str]:
        """The layers that it labels."""
        return table(self.report, "layers")["layer"].drop_nulls().to_list()

    def key(self, layer: str) -> str:
        """The key of one of its layers."""
        return current().key(f"{self.scheme}:{layer}") or f"{self.scheme}:{layer}"


def known(chosen: frames.Selection) -> tuple[list[Known], list[str]]:
    """Every labeller, those on disk first, the newest first; and what could not be read, in words."""
    rows = {row["annotator"]: row for row in _recorded(chosen.key, chosen.snapshot)}
    found, told = _on_disk(default_folder(), rows)
    there = {each.annotator for each in found}
    for annotator, row in rows.items():
        report: Any = None
        with suppress(ValueError, RecursionError):
            report = parsed(row["report"])
        if annotator not in there and isinstance(report, Mapping):
            words = {key: row[key] for key in ("annotator", "scheme", "name", "version")}
            found.append(Known(annotator, {**report, **words}, False, row))
    return found, told


def _on_disk(folder: Path, rows: Mapping[str, Mapping[str, Any]]) -> tuple[list[Known], list[str]]:
    found: list[Known] = []
    told: list[str] = []
    try:
        places = sorted(each for each in folder.iterdir() if not each.name.startswith(".") and (each / REPORT).exists())
    except OSError:
        places = []  # there is no such folder yet
    for place in places:
        try:
            report = read_report(place)
        except LabellerError as error:  # who reads it need not know where on the machine it lies
            told.append(str(error).replace(f"{folder}{os.sep}", ""))
        else:
            found.append(Known(place.name, report, True, rows.get(report["annotator"])))
    return sorted(found, key=lambda each: each.report["made_at"], reverse=True), told


@st.cache_resource(max_entries=2, show_spinner=False)
def _recorded(key: tuple, _snapshot: Any) -> list[dict[str, Any]]:
    return _snapshot.models().sort("made_at", descending=True).to_dicts()


def table(report: Mapping[str, Any], name: str) -> pl.DataFrame:
    """A table of a report; what is missing in it, or no number where one must be, is null.

    A row of no layer, of the coverage without a precision, or of the curves without an epoch is left out.
    """
    given = report.get(name) or []
    rows = [row for row in given if isinstance(row, Mapping)] if isinstance(given, Sequence) else []
    columns = {
        column: pl.Series(column, [row.get(column) for row in rows], kind, strict=False)
        for column, kind in _TABLES[name].items()
    }
    needed = ["layer", *({"coverage": ["precision"], "learning": ["epoch"]}.get(name, []))]
    return pl.DataFrame(columns).drop_nulls(needed)


def part(report: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A part of a report that has names of its own; empty where it is missing."""
    found = report.get(name)
    return found if isinstance(found, Mapping) else {}


def asked(found: Sequence[Known]) -> Known | None:
    """The labeller that the address asks for, and the choice of it; null where there is none."""
    if not found:
        return None
    wanted = address.value("open")
    of = next((each.open for each in found if wanted in (each.open, each.annotator, each.name)), None)
    if wanted and of is None:
        st.warning(f"The address asks for the labeller “{verbatim.markdown(wanted)}”, which is not here.")
    widget = "own_open"
    shown = st.session_state[widget] = of or found[0].open
    names = {each.open: each for each in found}
    st.selectbox(
        "Labeller",
        list(names),
        key=widget,
        format_func=lambda option: _option(names[option]),
        label_visibility="collapsed",
        on_change=address.writer("open", widget, shown),
        width=400,
    )
    return names[shown]


def _option(each: Known) -> str:
    return f"{each.name} · {_scheme(each.scheme)}"


def _scheme(name: str) -> str:
    return codes.scheme_names().get(name, name)


def when(text: object) -> str:
    """A time in a report as it is shown: `2026-11-25 01:21` UTC; what is none as it stands. Not escaped."""
    if isinstance(text, datetime):
        return f"{text:%Y-%m-%d %H:%M}"
    try:
        return f"{datetime.fromisoformat(str(text)):%Y-%m-%d %H:%M}"
    except ValueError:
        return str(text or "–")


def listed(found: Sequence[Known], chosen: frames.Selection, on: Known) -> None:
    """All labellers as a table; each leads to its report."""
    sheets.section("labellers", "All labellers", len(found))
    heads = ("Labeller", "Scheme", "Learnt from", "#Sentences", "#F1 by layer", "Made, UTC", "Labelled here")
    sheets.table("Labellers", heads, (_row(each, chosen.filters, each is on) for each in found))


def _row(each: Known, filters: Filters, on: bool) -> list[str]:
    link = verbatim.html(address.href("labeller", filters, open=each.open))
    mark = ' aria-current="true" class="rs-lab-on"' if on else ""
    where = "" if each.at_hand else "<small>its files are not here</small>"
    training = part(each.report, "training")
    layers = table(each.report, "layers")
    scores = ", ".join(
        f"{verbatim.html(layer)}&nbsp;{provenance.decimals(f1)}"
        for layer, f1 in layers.select("layer", "micro_f1").iter_rows()
    )
    row = each.labelled
    corpora = each.report.get("corpora")
    return [
        f'<a href="{link}" data-go{mark}>{verbatim.html(each.report["name"])}</a>'
        f"<small>{verbatim.html(each.report['version'])}</small>{where}",
        verbatim.html(_scheme(each.scheme)),
        verbatim.html(", ".join(map(str, corpora)) if isinstance(corpora, list) else "–"),
        number(training.get("n_segments")),
        scores or "–",
        verbatim.html(when(each.report.get("made_at"))),
        f"{number(row['n_labelled'])} of {number(row['n_segments'])} sentences{_stated(row)}" if row else "–",
    ]


def _stated(row: Mapping[str, Any]) -> str:
    return f"<small>{precision_words(row['precision'])}</small>"


def precision_words(precision: float | None) -> str:
    """`at precision .70`, or `at best F1`."""
    return "at best F1" if precision is None else f"at precision {provenance.decimals(precision)}"


def number(value: object) -> str:
    """A count with its thousands set apart; a dash where there is none."""
    return f"{value:,}" if isinstance(value, int) else "–"
