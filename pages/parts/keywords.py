"""Key words of two cohorts: what is counted, and what has to be said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, cast
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from corpus.lemmas import installed, lemmas
from pages.parts import address, charts, frames, states, verbatim
from pages.parts.cohorts import Cohort
from queries.filters import Filters
from queries.intervals import ENOUGH_PAPERS
from queries.keyness import LEAST, LEAST_PAPERS, SIGNIFICANT, keyness
from queries.terms import MOST_SEGMENTS, Unit, extent, vocabulary_of
from queries.tokens import pattern

MEASURES = {"g2": "G²: evidence", "logratio": "Log ratio: size", "logodds": "Log-odds: both"}
COLUMNS = {"g2": "g2", "logratio": "log_ratio", "logodds": "log_odds"}
SHORT = {"g2": "G²", "logratio": "log ratio", "logodds": "z of log-odds"}
UNITS = {"word": "Words", "bigram": "Word pairs", "lemma": "Lemmas"}
#: The share of sentences in both cohorts from which on it is said above the picture, and not only below.
_MUCH = 0.2
NOUNS = {"word": "words", "bigram": "word pairs", "lemma": "lemmas"}
#: Labels that are worth contrasting: name, the label of the first, that of the second.
_CONTRASTS = (("negative with positive", "NEG", "POS"), ("major with minor", "MAJ", "MIN"))


class Keys(NamedTuple):
    """What was counted: queries.keyness as `rows`, queries.terms.extent, the cohorts with the filters of their text."""

    rows: pl.DataFrame
    extent: Mapping[str, int]
    cohorts: tuple[Cohort, Cohort]
    unit: str
    measure: str
    forms: Mapping[str, Sequence[str]]

    @property
    def shared(self) -> float:
        """The share of the smaller side's sentences that the other has too, 0 to 1."""
        return self.extent["segments_both"] / (
            min(self.extent["segments_target"], self.extent["segments_reference"]) or 1
        )

    @property
    def thin(self) -> bool:
        """Whether a side has too few papers to tell of others."""
        return min(self.extent["papers_target"], self.extent["papers_reference"]) < ENOUGH_PAPERS

    def firm(self, row: Mapping) -> bool:
        """Whether a term may be drawn in its colour: significant, and not the doing of a few papers."""
        spans = row["low"] is not None and row["low"] <= 0 <= row["high"]
        return not self.thin and row["q"] <= SIGNIFICANT and not spans and row["log_ratio"] != 0

    def go(self, row: Mapping, side: int | None = None) -> str:
        """The link to the concordance of a term, in the cohort that uses it more unless a side is named."""
        place = (0 if row["log_ratio"] >= 0 else 1) if side is None else side
        found = pattern(*self.forms.get(row["term"], (row["term"],)))
        return address.href("concordance", _without_text(self.cohorts[place].filters), q=found, re=1)


@lru_cache(maxsize=64)
def _without_text(filters: Filters) -> Filters:
    return Filters.from_query({key: values for key, values in filters.to_query().items() if key not in ("q", "re")})


def contrasts(chosen: frames.Selection, n: pl.DataFrame) -> None:
    """Draws links that set sentences of the selection labelled one way against those labelled another.

    `n` is queries.counts: without labels there are none.
    """
    if not n["n_labels"][0]:
        return
    there = {label.rpartition("-")[2] for label in chosen.choices["label"]} | set(chosen.choices["label"])
    links = ""
    for name, *labels in _CONTRASTS:
        if set(labels) <= there:
            base = chosen.filters.to_query()
            spelled = [
                urlencode(Filters.from_query(base | {"label": [*base.get("label", []), label]}).to_query(), doseq=True)
                for label in labels
            ]
            kept = {key: address.value(key) for key in ("keyness", "unit", "find")}
            link = verbatim.html(address.href("words", chosen.filters, **kept, cohort=spelled))
            on = " on" if address.query().get("cohort") == spelled else ""
            links += f'<a class="rs-chip{on}" href="{link}" data-go>{name}</a>'
    if links:
        st.html(f'<div class="rs rs-key"><span class="rs-muted">Sentences of the selection:</span>{links}</div>')


def unit() -> Unit:
    """The choice of what is counted; lemmas where they can be looked up."""
    options = [each for each in UNITS if each != "lemma" or installed()]
    if address.value("unit") == "lemma" and not installed():
        states.note("<b>Lemmas are not to be had here:</b> they need <code>reviewscope[lemmas]</code>. Shown: words.")
    return cast(Unit, address.choice("unit", options, "word", "Unit", UNITS))


def counted(chosen: frames.Selection, groups: Sequence[Cohort], of: Unit, measure: str) -> Keys:
    """Counts the terms of two cohorts; of text that people wrote as reviews, unless a cohort asks for other kinds."""
    first, second = (each._replace(filters=_reviews_only(each.filters, chosen)) for each in groups)
    target, reference = (each.frames(chosen).segments for each in (first, second))
    known = _lemmas(chosen) if of == "lemma" else None
    plans = {
        "rows": keyness(target, reference, unit=of, lemmas=None if known is None else known.lazy()),
        "extent": extent(target, reference),
    }
    with st.spinner("Counting words …"):
        found = frames.collect(chosen, f"words {of} {first.key} / {second.key}", **plans)
    forms = {} if known is None else dict(known.group_by("lemma").agg(pl.col("word").sort()).iter_rows())
    return Keys(found["rows"], found["extent"].row(0, named=True), (first, second), of, measure, forms)


def _reviews_only(filters: Filters, chosen: frames.Selection) -> Filters:
    """The filters, asking for reviews where they ask for no kind and there are others: rebuttals are other people's."""
    kinds = chosen.choices["kind"]
    if filters.kinds or set(kinds) <= {"review"} or "review" not in kinds:
        return filters
    return Filters.from_query(filters.to_query() | {"kind": ["review"]})


def _lemmas(chosen: frames.Selection) -> pl.DataFrame:
    """The lemmas of all words of the snapshot."""
    whole = chosen._replace(filters=Filters())
    words = frames.collect(whole, "words: vocabulary", words=vocabulary_of(chosen.snapshot.frames.segments))["words"]
    return _looked_up(chosen.key, words)


@st.cache_resource(max_entries=2, show_spinner="Looking up lemmas …")
def _looked_up(key: tuple, _words: pl.DataFrame) -> pl.DataFrame:
    found = lemmas(_words["word"])
    return found if found is not None else pl.DataFrame(schema={"word": pl.String, "lemma": pl.String})


def says(keys: Keys) -> bool:
    """Tells what has to be known of two cohorts before their words are looked at; False where nothing can be shown."""
    n, (first, second) = keys.extent, (verbatim.html(verbatim.clip(each.name, 60)) for each in keys.cohorts)
    sizes = n["segments_target"], n["segments_reference"]
    if not all(sizes):
        empty = first if not sizes[0] else second
        states.note(f"<b>There is no text in “{empty}”</b> as filtered: nothing to compare with.")
        return False
    if n["segments_both"] == sizes[0] == sizes[1]:
        states.note("<b>Both are the same sentences.</b> No word can tell them apart: choose two different cohorts.")
        return False
    if not keys.rows.height:
        states.note(
            f"<b>Too little text.</b> None of the {NOUNS[keys.unit]} occurs at least {LEAST} times, and in "
            f"{LEAST_PAPERS} papers of the side that uses it more."
        )
        return False
    if keys.shared > _MUCH:
        states.note(
            f"<b>{n['segments_both']:,} sentences are in both.</b> What they share makes differences look smaller than "
            "they are, and the tests take the two for independent."
        )
    if sum(sizes) > MOST_SEGMENTS:
        states.note(
            f"<b>A sample.</b> The two hold {sum(sizes):,} sentences; papers were drawn at random so that about "
            f"{MOST_SEGMENTS:,} are counted. Narrow the selection to count all."
        )
    if keys.thin:
        states.thin(min(n["papers_target"], n["papers_reference"]), "What follows")
    elif not any(map(keys.firm, keys.rows.filter(keys.rows["q"] <= SIGNIFICANT).iter_rows(named=True))):
        states.note(
            f"<b>None of the {NOUNS[keys.unit]} stands out.</b> What differs may be chance, or the doing of a few "
            "papers: all is grey."
        )
    return True


def not_found(find: str) -> None:
    """Says that no term holds what is looked for."""
    words = verbatim.html(verbatim.clip(find, 60))
    why = f"{LEAST} times in both together, and in {LEAST_PAPERS} papers of the side that uses it more"
    states.note(f"<b>Nothing that is counted holds “{words}”.</b> What is counted occurs at least {why}.")


def caption(keys: Keys, shown: int) -> None:
    """What is drawn of how much."""
    row = keys.rows.row(0, named=True)
    a, b = (verbatim.clip(each.name, 40) for each in keys.cohorts)
    further = ""
    if all(cohort.filters.kinds == ("review",) for cohort in keys.cohorts):
        further += "Of reviews only. "
    if 0 < keys.shared <= _MUCH:
        further += f"{keys.extent['segments_both']:,} sentences are in both. "
    if any(cohort.filters.text for cohort in keys.cohorts):
        further += "Counted in sentences that have the text searched for; a click shows a word in others too. "
    charts.caption(
        f"{shown:,} of {keys.rows.height:,} {NOUNS[keys.unit]} that occur {LEAST} times and in {LEAST_PAPERS} papers, "
        f"among {row['size_target']:,} in {a} and {row['size_reference']:,} in {b}. {further}Colour: the side that "
        f"uses more, by {SHORT[keys.measure]}; grey: chance or a few papers may explain it. Axes stretched by rank. "
        "Drag to name the dots of an area; a click shows the sentences."
    )
