"""Cohorts: two to four selections that a page sets side by side.

The address says which: `split` names a key of the filters, whose values cut the selection above into cohorts; `cohort`,
given several times, holds whole selections, each spelled as the part of an address behind the `?`. Named cohorts come
before a split, and the filters above do not touch them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode

import streamlit as st

from corpus.tables import Frames
from pages.parts import address, frames, palette, states, verbatim
from queries.counts import counts
from queries.filters import FilterError, Filters

MOST = 4
#: Keys of the filters that a selection can be split by, in words.
SPLITS = {"decision": "Decision", "year": "Year", "venue": "Venue", "corpus": "Corpus", "kind": "Kind of review"}
_VALUES = {"decision": ("accept", "reject", "withdrawn")}
_NAMES = {"accept": "Accepted", "reject": "Rejected", "withdrawn": "Withdrawn", "meta_review": "Meta-reviews"}
_NAMES |= {"review": "Reviews", "rebuttal": "Rebuttals", "comment": "Comments"}


class Cohort(NamedTuple):
    """A selection with a name, which is not escaped, and its place among the cohorts, from 0."""

    name: str
    filters: Filters
    place: int

    @property
    def hue(self) -> str:
        """Its colour in charts, as a value of `plots.colour`."""
        return f"hue {self.place}"

    @property
    def key(self) -> str:
        """Its filters as text: for the names of what is collected."""
        return urlencode(self.filters.to_query(), doseq=True)

    def frames(self, chosen: frames.Selection) -> Frames:
        """The tables cut down to the cohort."""
        return self.filters.apply(chosen.snapshot.frames)


def asked(chosen: frames.Selection, *, most: int = MOST) -> list[Cohort]:
    """The cohorts that the address asks for: those named, else a split, by decision where nothing is asked.

    What cannot be followed is told. There may be fewer than two: `controls` offers more.
    """
    if spelled := address.query().get("cohort", [])[:most]:
        found = [each for each in (_named(text, chosen) for text in spelled) if each is not None]
        return [Cohort(_name(filters, place), filters, place) for place, filters in enumerate(found)]
    key = _split(chosen)
    if key is None:
        return []
    return [
        Cohort(_NAMES.get(value, value), _narrowed(chosen.filters, key, value), place)
        for place, value in enumerate(_values(chosen, key)[:most])
    ]


def controls(chosen: frames.Selection, cohorts: Sequence[Cohort], *, most: int = MOST) -> None:
    """Draws the choice of a split, the cohorts with what they hold, and how to name others."""
    named = bool(address.query().get("cohort"))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        options = [key for key in SPLITS if len(_values(chosen, key)) > 1]
        if not named and len(options) > 1:
            address.choice("split", options, str(_split(chosen)), "Split by", SPLITS)
        elif named:
            st.button("Back to a split", icon=":material/undo:", on_click=lambda: address.put("cohort", None))
        spelled = address.query().get("cohort", [])
        if len(spelled) < most:
            st.button(
                "Add the selection above as a cohort",
                icon=":material/add:",
                help="Choose filters and add them, choose others and add those: each cohort is a whole selection.",
                on_click=_add,
                args=(chosen.filters,),
            )
    _legend(chosen, cohorts, named)
    if len(cohorts) < 2:
        states.note(
            "<b>There is nothing to compare yet.</b> "
            + ("Add a second selection as a cohort." if named else "This selection does not fall into two groups.")
        )


def _legend(chosen: frames.Selection, cohorts: Sequence[Cohort], named: bool) -> None:
    """The cohorts: colour, name as a link to their papers, what they hold, and a way to take a named one out."""
    plans = {str(cohort.place): counts(cohort.frames(chosen)) for cohort in cohorts}
    found = frames.collect(chosen, f"cohorts {[cohort.key for cohort in cohorts]}", **plans) if plans else {}
    items = ""
    spelled = address.query().get("cohort", [])
    for cohort in cohorts:
        row = found[str(cohort.place)].row(0, named=True)
        tone = f"--tone:var(--rs-hue-{palette.hue(cohort.place)})"
        link = verbatim.html(address.href("papers", cohort.filters))
        words = verbatim.html(cohort.filters.sentence())
        drop = ""
        if named:
            others = [text for place, text in enumerate(spelled) if place != cohort.place]
            kept = {key: values for key, values in address.query().items() if key in address.KEPT and key != "cohort"}
            out = verbatim.html(address.href(address.here(), chosen.filters, **kept, cohort=others))
            drop = f' <a href="{out}" data-go aria-label="Take {verbatim.html(cohort.name)} out">✕</a>'
        items += (
            f'<span data-tip="{words}" tabindex="0"><i style="{tone}"></i><a href="{link}" data-go>'
            f"{verbatim.html(verbatim.clip(cohort.name, 60))}</a> {states.amount(row['n_papers'], 'paper')}, "
            f"{states.amount(row['n_reviews'], 'review')}{drop}</span>"
        )
    if items:
        st.html(f'<div class="rs rs-legend">{items}</div>')


def _named(text: str, chosen: frames.Selection) -> Filters | None:
    try:
        return Filters.from_query(parse_qs(text))
    except FilterError as error:
        st.warning(f"A cohort of the address cannot be followed: {verbatim.markdown(str(error))}")
        return None


def _name(filters: Filters, place: int) -> str:
    return f"{'ABCD'[place % 4]}: {filters.sentence().rstrip('.')}"


def _add(filters: Filters) -> None:
    spelled = [*address.query().get("cohort", []), urlencode(filters.to_query(), doseq=True) or "q="]
    st.query_params["cohort"] = spelled[:MOST]


def _split(chosen: frames.Selection) -> str | None:
    """The key to split by: what the address asks for, else the first that gives two cohorts; null where none does."""
    wanted = address.value("split")
    options = [key for key in SPLITS if len(_values(chosen, key)) > 1]
    return wanted if wanted in options else next(iter(options), None)


def _values(chosen: frames.Selection, key: str) -> list[str]:
    """The values of a key that the selection can be narrowed to; the last years first."""
    now = chosen.filters.to_query().get(key)
    there = chosen.choices.get(key, ())
    if key in _VALUES:
        return [value for value in _VALUES[key] if value in there and (not now or value in now)]
    values = [value for value in there if not now or value in now]
    return sorted(values, reverse=True) if key == "year" else values


def _narrowed(filters: Filters, key: str, value: str) -> Filters:
    return Filters.from_query(filters.to_query() | {key: [value]})
