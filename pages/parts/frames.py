"""From the store to what a page draws: the snapshot, the selection that the URL names, results collected once.

This is the only module that opens the store or collects a frame. Results are kept by the stamp of the snapshot and the
filters, so that a page looked at again costs nothing; a new snapshot has another stamp.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from corpus import quality
from corpus.schemes import COMMON, COMMON_ASPECTS
from corpus.store import Snapshot, StoreError, stamp
from corpus.tables import MODEL, Frames
from pages.parts import address, provenance
from queries.choices import choices
from queries.filters import Condition, FilterError, Filters
from queries.problem_counts import problem_counts
from queries.provenance import by_model
from queries.vocabulary import current
from queries.weak_codes import weak_codes

__all__ = [
    "Selection",
    "StoreError",
    "alignments",
    "collect",
    "collect_once",
    "hints",
    "open_snapshot",
    "problems",
    "selection",
]

#: Keys of a URL that filters understand, in the order of the filter bar.
FILTER_KEYS = (
    *("q", "re", "label", "corpus", "venue", "year", "decision"),
    *("kind", "annotator", "scheme", "rating", "paper", "whose"),
)

#: Of these, the keys whose values occur in the store.
_CHOSEN = ("corpus", "venue", "year", "decision", "kind", "annotator", "scheme", "rating")


class Selection(NamedTuple):
    """What a page is about: the snapshot, the filters in force, what of the URL could not be followed and why."""

    snapshot: Snapshot
    key: tuple
    filters: Filters
    complaints: tuple[str, ...]
    choices: Mapping[str, Sequence[str]]

    @property
    def frames(self) -> Frames:
        """The tables cut down to the selection."""
        return self.filters.apply(self.snapshot.frames)

    @property
    def every(self) -> Frames:
        """All tables with the labels of those whose labels are asked for: what a selection is set against."""
        return Filters(whose=self.filters.whose).apply(self.snapshot.frames)

    @property
    def models(self) -> tuple[str, ...]:
        """The models that labelled anything here, whatever the filters."""
        return tuple(name for name in self.choices["annotator"] if name.startswith(MODEL))

    def without(self, key: str) -> Filters:
        """The filters but for those under one key of the URL; the text goes with its regex switch."""
        gone = {"q", "re"} if key == "q" else {key}
        return Filters.from_query({k: v for k, v in self.filters.to_query().items() if k not in gone})


def open_snapshot() -> tuple[Snapshot, tuple]:
    """The snapshot to show and the key of its stamp: REVIEWSCOPE_DB, else the demo. Raises StoreError."""
    given = os.environ.get("REVIEWSCOPE_DB")
    path = Path(given) if given else _demo()
    try:
        key = (str(path), *stamp(path))
        return _open(key), key
    except StoreError as error:  # readers of a hosted dashboard need not know where on the machine it lies
        raise StoreError(str(error).replace(str(path), path.name)) from error


def selection() -> Selection:
    """The selection that the URL names.

    A value that makes no sense is left out and complained about; one that nothing here has stays, so that a link to
    nothing shows nothing, and is complained about too.
    """
    snapshot, key = open_snapshot()
    choices = _choices(key, snapshot)
    asked = {k: v for k, v in address.query().items() if k in FILTER_KEYS}
    followed, complaints = _followed(asked, choices)
    return Selection(snapshot, key, followed, tuple(complaints), choices)


def collect(chosen: Selection, what: str, **plans: pl.LazyFrame) -> dict[str, pl.DataFrame]:
    """The frames behind `plans`, in one pass. `what` names the page and every option that shapes the plans."""
    return _collected(chosen.key, urlencode(chosen.filters.to_query(), doseq=True), what, plans)


def collect_once(plan: pl.LazyFrame) -> pl.DataFrame:
    """A frame that is not kept: too large, or asked for too seldom."""
    return plan.collect()


def hints(chosen: Selection) -> dict[tuple[str, str, str], dict[str, str]]:
    """Which codes the models here do not know well enough, and why, whatever the filters: see provenance.reasons."""
    return _hints(chosen.key, chosen.snapshot) if chosen.models else {}


def guessers(chosen: Selection, n: pl.DataFrame, layer: str) -> list[str]:
    """The models that have labels in a layer, of those in the selection; `n` is its queries.counts."""
    if not chosen.models:
        return []
    asked = _models(chosen.key, chosen.snapshot)
    pair = current().pairs.get(layer)  # the shared aspects have none: any model may answer for them
    return [name for name in n["models"].item() if pair is None or (name, *pair) in asked]


def alignments(chosen: Selection, paper_id: int) -> pl.DataFrame:
    """What the rebuttals of a paper answer, as Snapshot.alignments."""
    return _alignments(chosen.key, paper_id, chosen.snapshot)


def problems(chosen: Selection) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every problem of the snapshot, whatever the filters, and how many there are of each kind."""
    return _problems(chosen.key, chosen.snapshot)


@st.cache_resource(max_entries=2, show_spinner="Opening the corpus …")
def _open(key: tuple) -> Snapshot:
    return Snapshot.open(key[0])


@st.cache_resource(show_spinner="Building the demo corpus: this happens once …")
def _demo() -> Path:
    from corpus.ingest import demo_database  # only here: reading files needs spaCy, showing a store does not

    try:
        return demo_database()
    except (OSError, ValueError) as error:
        raise StoreError(f"The demo corpus cannot be built here: {error}") from error


@st.cache_resource(max_entries=96, show_spinner=False)
def _collected(key: tuple, filters: str, what: str, _plans: dict[str, pl.LazyFrame]) -> dict[str, pl.DataFrame]:
    return dict(zip(_plans, pl.collect_all(list(_plans.values())), strict=True))


@st.cache_resource(max_entries=64, show_spinner=False)
def _alignments(key: tuple, paper_id: int, _snapshot: Snapshot) -> pl.DataFrame:
    return _snapshot.alignments(paper_id)


@st.cache_resource(max_entries=2, show_spinner=False)
def _problems(key: tuple, _snapshot: Snapshot) -> tuple[pl.DataFrame, pl.DataFrame]:
    found = _snapshot.problems()
    return found, problem_counts(found.lazy()).collect()


@st.cache_resource(max_entries=2, show_spinner=False)
def _hints(key: tuple, _snapshot: Snapshot) -> dict[tuple[str, str, str], dict[str, str]]:
    frames = _snapshot.frames
    return provenance.reasons(weak_codes(frames.models, frames.labels).collect())


@st.cache_resource(max_entries=2, show_spinner=False)
def _models(key: tuple, _snapshot: Snapshot) -> set[tuple[str, str, str]]:
    """Annotator, scheme and layer of all that models labelled."""
    labels = _snapshot.frames.labels
    rows = labels.filter(by_model(labels)).select("annotator", "scheme", "layer").unique()
    return set(rows.collect().rows())


@st.cache_resource(max_entries=2, show_spinner=False)
def _choices(key: tuple, _snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """What there is to choose from, by key of the URL; `rating` has the lowest and the highest, or nothing."""
    offered, codes = pl.collect_all(
        [choices(_snapshot.frames), _snapshot.frames.codes.select("scheme", "layer", "code", "polarised", "common")]
    )
    found: dict[str, tuple[str, ...]] = dict.fromkeys(_CHOSEN, ())
    for row in offered.iter_rows(named=True):
        found[row["key"]] += (f"{float(row['value']):g}" if row["key"] == "rating" else row["value"],)
    there = codes.filter(codes["scheme"].cast(pl.String).is_in(found["scheme"]))
    return found | {"label": _conditions(there if there.height else codes)}


def _conditions(codes: pl.DataFrame) -> tuple[str, ...]:
    """Every condition worth offering, spelled as filters do: layer by layer, a code then its polarities.

    The shared aspects come last, where several schemes ask for some.
    """
    shared = codes.filter(pl.col("common").is_not_null() & (pl.col("common") != "none"))
    keys = {pair: key for key, pair in current().pairs.items()}
    named = ((keys.get((scheme, layer)), *row) for scheme, layer, *row in codes.drop("common").rows())
    rows = [row for row in named if row[0]]
    if shared["scheme"].n_unique() > 1:
        there = set(codes["common"])
        rows += [(COMMON, aspect, True) for aspect in COMMON_ASPECTS if aspect in there]
    offered = []
    for layer, code, polarised in rows:
        offered += [Condition(layer, code, polarity) for polarity in ((None, -1, 0, 1) if polarised else (None,))]
    for layer in dict.fromkeys(layer for layer, _, polarised in rows if polarised):
        offered += [Condition(layer, None, polarity) for polarity in (-1, 0, 1)]
    return tuple(dict.fromkeys(str(condition.checked()) for condition in offered))


def _followed(asked: address.Query, choices: Mapping[str, Sequence[str]]) -> tuple[Filters, list[str]]:
    """The filters of the values that can be followed, and a sentence for each that cannot."""
    good: address.Query = {}
    complaints = []
    for key in FILTER_KEYS:
        for value in asked.get(key, ()):
            trial = {**good, key: [*good.get(key, []), value]} if key != "re" else {**good, key: [value]}
            try:
                if key == "re":
                    Filters.from_query(trial)
                else:
                    Filters.from_query({key: [value], **({"re": asked["re"]} if key == "q" and "re" in asked else {})})
            except FilterError as error:
                complaints.append(str(error))
                continue
            good = trial
            if complaint := _unknown(key, value, choices):
                complaints.append(complaint)
    return Filters.from_query(good), complaints


def _unknown(key: str, value: str, choices: Mapping[str, Sequence[str]]) -> str | None:
    """A complaint about a name that nothing here has; null (None) if there is nothing to complain about."""
    known = choices.get(key)
    if key in ("label", "rating", "decision", "kind", "whose") or known is None or value in known or not value:
        return None
    some = ", ".join(known[:6]) + (" …" if len(known) > 6 else "")
    return f"No {key} here is called “{value}”; the address asks for it. There is {some or 'none'}."


def met(chosen: Selection) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Every problem and every file of the snapshot, whatever the filters: corpus.quality.problems and .files."""
    problems, files = _met(chosen.key, chosen.snapshot)
    return problems.lazy(), files.lazy()


def stretches(chosen: Selection, places: Sequence[tuple[int, int, int]]) -> dict:
    """What stands in the files at (source_id, start, end): see corpus.quality.stretches."""
    return quality.stretches(chosen.snapshot, places)


@st.cache_resource(max_entries=2, show_spinner=False)
def _met(key: tuple, _snapshot: Snapshot) -> tuple[pl.DataFrame, pl.DataFrame]:
    return quality.problems(_snapshot), quality.files(_snapshot)
