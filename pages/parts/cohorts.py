"""Cohorts: two to four selections that a page sets side by side.

The address says which: `split` names a key of the filters, whose values cut the selection above into cohorts; `cohort`,
given several times, holds whole selections, each spelled as the part of an address behind the `?`. Named cohorts come
before a split, and the filters above do not touch them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode

import streamlit as st

from corpus.tables import Frames
from pages.parts import address, frames, plots, states, verbatim
from queries.choices import choices
from queries.comparison import shared_papers
from queries.counts import counts
from queries.filters import FilterError, Filters

MOST = 4
#: Keys of the filters that a selection can be split by, in words.
SPLITS = {"decision": "Decision", "year": "Year", "venue": "Venue", "corpus": "Corpus", "kind": "Kind of review"}
#: Decisions and kinds of reviews in words.
NAMES = {"accept": "Accepted", "reject": "Rejected", "withdrawn": "Withdrawn", "none": "No decision"}
NAMES |= {"review": "Reviews", "meta_review": "Meta-reviews", "rebuttal": "Rebuttals", "comment": "Comments"}
_LETTERS = "ABCD"


class Cohort(NamedTuple):
    """A selection with a name, which is not escaped, and its place among the cohorts, from 0.

    id            what an address calls it: the value of a split, a letter for a named one
    at            its place among the cohorts that the address names; null for those of a split
    """

    name: str
    filters: Filters
    place: int
    id: str = ""
    at: int | None = None

    @property
    def hue(self) -> str:
        """Its colour in charts, as a value of `plots.colour`."""
        return f"hue {self.place}"

    @property
    def shape(self) -> str:
        """Its shape in charts, one of `plots.SHAPES`."""
        return plots.shape(self.place)

    @property
    def key(self) -> str:
        """Its filters as text: for the names of what is collected."""
        return urlencode(self.filters.to_query(), doseq=True)

    def frames(self, chosen: frames.Selection) -> Frames:
        """The tables cut down to the cohort."""
        return self.filters.apply(chosen.snapshot.frames)


def asked(chosen: frames.Selection, *, most: int = MOST) -> list[Cohort]:
    """The cohorts that the address asks for: those named, else a split, by decision where nothing is asked.

    There may be fewer than two: `controls` offers more, and tells what of the address could not be followed.
    """
    if spelled := _spelled():
        read = [(at, filters) for at, text in enumerate(spelled) if isinstance(filters := _read(text), Filters)][:most]
        names = _names([filters for _, filters in read])
        return [
            Cohort(name, filters, place, _LETTERS[place % 4], at)
            for place, (name, (at, filters)) in enumerate(zip(names, read, strict=True))
        ]
    key = _split(chosen)
    if key is None:
        return []
    return [
        Cohort(NAMES.get(value, value), _narrowed(chosen.filters, key, value), place, value)
        for place, value in enumerate(_values(chosen, key)[:most])
    ]


def controls(chosen: frames.Selection, cohorts: Sequence[Cohort], *, most: int = MOST) -> None:
    """Draws the choice of a split, the cohorts with what they hold, and how to name others; tells what went wrong."""
    spelled = _spelled()
    _complain(chosen, spelled, most)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _legend(chosen, cohorts, bool(spelled), most)
        options = [key for key in SPLITS if len(_values(chosen, key)) > 1]
        if not spelled and len(options) > 1:
            address.choice("split", options, str(_split(chosen)), "Split by", SPLITS)
        elif spelled:
            st.button("Back to a split", icon=":material/undo:", on_click=lambda: address.put("cohort", None))
        if len(spelled) < most:
            st.button(
                "Add the selection above as a cohort",
                icon=":material/add:",
                help="Choose filters and add them, choose others and add those: each cohort is a whole selection, "
                "which later filters do not touch.",
                on_click=_add,
                args=(chosen.filters,),
            )
    if len(cohorts) < 2:
        states.note(
            "<b>There is nothing to compare yet.</b> "
            + ("Add a second selection as a cohort." if spelled else "This selection does not fall into two groups.")
        )


def _legend(chosen: frames.Selection, cohorts: Sequence[Cohort], named: bool, most: int) -> None:
    """The cohorts: colour, name as a link to their papers, what they hold, and a way to take a named one out.

    Then how many papers are in several of them, and of a split in none.
    """
    if not cohorts:
        return
    each = [cohort.frames(chosen) for cohort in cohorts]
    plans = {str(place): counts(part) for place, part in enumerate(each)}
    plans |= {"shared": shared_papers(each), "all": counts(chosen.frames)}
    found = frames.collect(chosen, f"cohorts {[cohort.key for cohort in cohorts]}", **plans)
    items = "".join(_item(cohort, found[str(cohort.place)].row(0, named=True), chosen) for cohort in cohorts)
    together, shared = found["shared"].row(0)
    told = []
    if shared:
        told.append(f"{states.amount(shared, 'paper')} in more than one of them")
    if not named and (rest := found["all"]["n_papers"][0] - together):
        key = str(_split(chosen))
        left = _values(chosen, key)[most:]
        why = f", among them {', '.join(map(verbatim.html, left))}" if left else ""
        told.append(f"{states.amount(rest, 'paper')} of the selection in none{why}")
    items += "".join(f"<span>{each}</span>" for each in told)
    st.html(f'<div class="rs rs-legend">{items}</div>', width="content")


def _item(cohort: Cohort, row: Mapping[str, int], chosen: frames.Selection) -> str:
    link = verbatim.html(address.href("papers", cohort.filters))
    name = verbatim.html(verbatim.clip(cohort.name, 60))
    drop = ""
    if cohort.at is not None:
        others = [text for at, text in enumerate(_spelled()) if at != cohort.at]
        kept = {key: values for key, values in address.query().items() if key in address.KEPT and key != "cohort"}
        out = verbatim.html(address.href(address.here(), chosen.filters, **kept, cohort=others))
        drop = f' <a href="{out}" data-go aria-label="Take {name} out">✕</a>'
    return (
        f'<span data-tip="{verbatim.html(cohort.filters.sentence())}" tabindex="0">'
        f'{plots.sign(cohort.place)}<a href="{link}" data-go>{name}</a> '
        f"{states.amount(row['n_papers'], 'paper')}, {states.amount(row['n_reviews'], 'review')}{drop}</span>"
    )


def _complain(chosen: frames.Selection, spelled: Sequence[str], most: int) -> None:
    """Tells what of the address cannot be followed."""
    for error in (read for read in map(_read, spelled) if isinstance(read, FilterError)):
        st.warning(f"A cohort of the address cannot be followed: {verbatim.markdown(str(error))}")
    if len(spelled) > most:
        st.warning(f"The address names {len(spelled)} cohorts; the first {most} that can be followed are shown.")
    wanted = address.value("split")
    if not spelled and wanted in SPLITS and len(_values(chosen, wanted)) < 2:
        st.warning(f"The selection cannot be split by {SPLITS[wanted].lower()}: it has not two to tell apart.")


def _spelled() -> list[str]:
    return address.query().get("cohort", [])


def _read(text: str) -> Filters | FilterError:
    """The selection that a cohort of the address spells, or why it spells none."""
    try:
        return Filters.from_query(parse_qs(text))
    except FilterError as error:
        return error


def _names(read: Sequence[Filters]) -> list[str]:
    """Short names of selections: what each asks for that not all do; a letter before those that are alike."""
    queries = [filters.to_query() for filters in read]
    alike = (
        {key for key in queries[0] if all(query.get(key) == queries[0][key] for query in queries)} if queries else ()
    )
    names = []
    for query in queries:
        own = [_words(key, values) for key, values in query.items() if key not in alike and key != "re"]
        every = [_words(key, values) for key, values in query.items() if key != "re"]
        names.append(" · ".join((own if len(queries) > 1 else every) or every) or "All reviews")
    n = Counter(names)
    return [name if n[name] == 1 else f"{_LETTERS[at % 4]}: {name}" for at, name in enumerate(names)]


def _words(key: str, values: Sequence[str]) -> str:
    """What one key of a selection asks for."""
    if key == "paper" and len(values) > 2:
        return f"{len(values)} papers"
    if key == "rating":
        return f"rating {values[0]}"
    if key == "q":
        return f"“{values[0]}”"
    return (" + " if key == "label" else " or ").join(NAMES.get(value, value) for value in values)


def _add(filters: Filters) -> None:
    st.query_params["cohort"] = [*_spelled(), urlencode(filters.to_query(), doseq=True) or "q="]


def _split(chosen: frames.Selection) -> str | None:
    """The key to split by: what the address asks for, else the first that gives two cohorts; null where none does."""
    wanted = address.value("split")
    options = [key for key in SPLITS if len(_values(chosen, key)) > 1]
    return wanted if wanted in options else next(iter(options), None)


def _values(chosen: frames.Selection, key: str) -> list[str]:
    """The values of a key that the selection has, the last years first; papers without a decision make no cohort."""
    rows = frames.collect(chosen, "cohorts: values", rows=choices(chosen.frames))["rows"]
    values = rows.filter(rows["key"] == key)["value"].to_list()
    return [value for value in (reversed(values) if key == "year" else values) if value != "none"]


def _narrowed(filters: Filters, key: str, value: str) -> Filters:
    return Filters.from_query(filters.to_query() | {key: [value]})
