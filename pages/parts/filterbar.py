"""The one filter bar, above every page: it shows the filters of the URL and writes the URL when used."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import streamlit as st

from corpus.schemes import revision
from pages.parts import address, verbatim
from pages.parts.codes import SHORT
from pages.parts.frames import FILTER_KEYS, Selection
from queries.filters import Condition, FilterError, Filters

_LABELS = {
    "label": "Labels, all on the same sentence",
    "corpus": "Corpus",
    "venue": "Venue",
    "year": "Year",
    "decision": "Decision",
    "kind": "Kind of review",
    "annotator": "Annotator",
    "scheme": "Scheme",
}
#: By whom labels are to be; people and models where the address does not say.
_WHOSE = {"": "People and models", "people": "People", "models": "Models"}
_NAMES = {
    "decision": {"accept": "accepted", "reject": "rejected", "withdrawn": "withdrawn", "none": "unknown"},
    "whose": {"people": "labels by people", "models": "labels by models"},
    "kind": {"review": "review", "meta_review": "meta-review", "rebuttal": "rebuttal", "comment": "comment"},
}


def show(chosen: Selection) -> None:
    """Draws the bar: text, whose labels count, the popover with the rest, a chip for each filter, what went wrong."""
    asked = {key: values for key, values in address.query().items() if key in FILTER_KEYS}
    in_force = chosen.filters.to_query()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="filterbar"):
        _text(asked)
        shown = chosen.models and _whose(chosen.filters.whose)
        n = sum(len(values) for key, values in in_force.items() if key not in ("q", "re", "whose"))
        with st.popover(
            f"Filters · {n}" if n else "Filters",
            icon=":material/tune:",
            key="filters",
        ):
            for key, label in _LABELS.items():
                _several(key, label, chosen.choices.get(key, ()), in_force.get(key, []))
            _rating(chosen.choices["rating"], chosen.filters.rating)
        for key, value in _active({key: values for key, values in in_force.items() if not (key == "whose" and shown)}):
            name = verbatim.markdown(verbatim.clip(_name(key, value), 40))
            st.button(
                f"{name} ✕",
                key=f"drop_{key}_{value}",
                help=f"Drop this filter: {verbatim.markdown(_words(key, value))}",
                on_click=_drop,
                args=(key, value),
            )
        if asked:
            st.button("Clear all", key="clear", type="tertiary", on_click=_clear)
    if chosen.complaints:
        st.warning("  \n".join(verbatim.markdown(each) for each in chosen.complaints), icon=":material/link_off:")


def _text(asked: address.Query) -> None:
    """The search field with its switch; both show what the URL says, even if it cannot be run."""
    st.session_state["filter_q"] = asked.get("q", [""])[-1]
    st.session_state["filter_re"] = asked.get("re", ["0"])[-1].casefold() in ("1", "true")
    st.text_input(
        "Search in sentences",
        key="filter_q",
        type="search",
        placeholder="Search in sentences",
        label_visibility="collapsed",
        icon=":material/search:",
        width=280,
        on_change=_write,
    )
    st.toggle(
        "Regex",
        key="filter_re",
        help="Read the text as a regular expression (syntax of the Rust crate regex, any case)",
        on_change=_write,
    )


def _whose(current: str) -> bool:
    """The choice by whom labels are to be, for a database in which models labelled; true, as it is drawn."""
    st.session_state["filter_whose"] = current
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content", key="whose"):
        st.html('<span class="rs rs-muted rs-whose" aria-hidden="true">Labels by</span>', width="content")
        st.segmented_control(
            "Labels by",
            list(_WHOSE),
            required=True,
            format_func=_WHOSE.__getitem__,
            key="filter_whose",
            label_visibility="collapsed",
            help="People’s judgements, models’ guesses, or both: then guesses fill the gaps that people left",
            on_change=_write,
        )
    return True


def _several(key: str, label: str, options: Sequence[str], current: Sequence[str]) -> None:
    """A choice of several; none is drawn where there is nothing to choose between."""
    if len(options) < 2 and not current:
        return
    st.session_state[f"filter_{key}"] = list(current)
    st.multiselect(
        label,
        [*options, *(value for value in current if value not in options)],
        key=f"filter_{key}",
        format_func=_namer(key),
        placeholder="any",
        filter_mode="contains",  # Enter takes the first match: it has to be one that holds what was typed,
        select_all=False,  # and one, not all of them
        on_change=_write,
    )


def _rating(bounds: Sequence[str], current: tuple[float | None, float | None]) -> None:
    if len(bounds) < 2 or bounds[0] == bounds[1]:
        return
    low, high = (float(bound) for bound in bounds)
    least, most = (low if current[0] is None else current[0]), (high if current[1] is None else current[1])
    st.session_state["filter_rating"] = (min(max(least, low), high), max(min(most, high), low))
    whole = low.is_integer() and high.is_integer()
    st.slider(
        "Rating",
        low,
        high,
        step=1.0 if whole else 0.1,
        format="%g",
        key="filter_rating",
        on_change=_write,
        args=((low, high),),
    )


def _active(query: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    return [(key, value) for key in FILTER_KEYS for value in query.get(key, ()) if key != "re"]


def _name(key: str, value: str) -> str:
    if key == "q":
        return f"“{value}”"
    if key == "rating":
        return f"rating {value.replace('..', '–')}"
    if key == "label":
        return _label(value)
    return _NAMES.get(key, {}).get(value, value)


def _label(value: str) -> str:
    """A condition as it is spelled; in words where its code, or the layer before it, is no short code."""
    try:
        asked = Condition.parse(value)
    except FilterError:
        return value
    if not asked.code or (":" not in value and len(asked.code) <= SHORT):
        return value
    return asked.words().removeprefix(f"{asked} (").removesuffix(")")


def _words(key: str, value: str) -> str:
    return f"{_LABELS.get(key, {'q': 'text', 'whose': 'whose labels'}.get(key, key))}: {_namer(key)(value)}"


def _namer(key: str) -> Callable[[str], str]:
    def spell(value: str) -> str:
        return _in_words(value, revision()) if key == "label" else _NAMES.get(key, {}).get(value, value)

    return spell


@lru_cache(maxsize=4096)
def _in_words(condition: str, _schemes: tuple[str, ...]) -> str:
    # Remembered, because every run of every page asks it of some hundred labels.
    try:
        return Condition.parse(condition).words()
    except FilterError:
        return condition


def _write(bounds: tuple[float, float] | None = None) -> None:
    """Every widget's value into the URL: all at once, so that quick changes never undo each other."""
    state = st.session_state
    query = {key: list(state[f"filter_{key}"]) for key in _LABELS if f"filter_{key}" in state}
    now = address.query()
    for key in FILTER_KEYS:
        if key not in query and key not in ("q", "re") and key in now:
            query[key] = now[key]
    if "filter_whose" in state:
        query["whose"] = [state["filter_whose"] or ""]
    query |= {"q": [state.get("filter_q") or ""], "re": ["1"] if state.get("filter_re") else []}
    if bounds is not None:
        least, most = state["filter_rating"]
        query["rating"] = [] if (least, most) == bounds else [f"{least:g}..{most:g}"]
    _set(query)


def _drop(key: str, value: str) -> None:
    query = {k: v for k, v in address.query().items() if k in FILTER_KEYS}
    if key in ("q", "rating", "whose"):
        query = {k: v for k, v in query.items() if k != key and not (key == "q" and k == "re")}
    else:
        query[key] = [v for v in query.get(key, []) if _same(key, v) != value]
    _set(query)


def _same(key: str, value: str) -> str:
    """The value as filters spell it."""
    try:
        return Filters.from_query({key: [value]}).to_query().get(key, [value])[0]
    except FilterError:
        return value


def _clear() -> None:
    _set({})


def _set(query: address.Query) -> None:
    kept = {key: values for key, values in address.query().items() if key in address.KEPT}
    st.query_params.from_dict({**{k: v for k, v in query.items() if any(v)}, **kept})
