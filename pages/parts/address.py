"""The address of a page: the URL is the state of the dashboard, widgets only show and change it.

A widget made with `bound` takes its value from the URL before it is drawn and writes back when it is used, so a link,
the browser's back button and a widget always agree. Keys of filters are the same on every page and go along in every
link; the other keys belong to one page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import streamlit as st

from pages.parts import verbatim
from queries.filters import Filters

#: Own keys of pages that go along when filters change, in the order in which links name them; a page number does not.
KEPT = (
    *("open", "layer", "by", "who", "sort", "find", "code"),
    *("kind_of", "corpus_of", "format_of", "compare", "scheme_of", "code_of"),
    *("split", "cohort", "measure", "over", "view", "with", "order", "keyness", "unit", "pair", "weights", "counted"),
    "precision",
)

#: Path of each page in a URL → its script, in the groups of the navigation.
GROUPS: dict[str, dict[str, tuple[str, str, str]]] = {
    "Explore": {
        "": ("pages/explore/overview.py", "Overview", ":material/donut_small:"),
        "papers": ("pages/explore/papers.py", "Papers", ":material/grid_view:"),
        "trends": ("pages/explore/trends.py", "Trends", ":material/timeline:"),
        "compare": ("pages/explore/compare.py", "Compare", ":material/compare_arrows:"),
        "words": ("pages/explore/words.py", "Words", ":material/match_case:"),
        "co-occurrence": ("pages/explore/cooccurrence.py", "Co-occurrence", ":material/hub:"),
        "shape": ("pages/explore/shape.py", "Review shape", ":material/area_chart:"),
    },
    "Read": {
        "paper": ("pages/read/paper.py", "Paper", ":material/article:"),
        "sentences": ("pages/read/sentences.py", "Sentences", ":material/format_quote:"),
        "concordance": ("pages/read/concordance.py", "Concordance", ":material/align_horizontal_center:"),
    },
    "Judge": {
        "attention": ("pages/judge/attention.py", "Attention", ":material/priority_high:"),
        "contradictions": ("pages/judge/contradictions.py", "Contradictions", ":material/call_split:"),
        "mismatch": ("pages/judge/mismatch.py", "Mismatch", ":material/rule:"),
        "decisions": ("pages/judge/decisions.py", "Decisions", ":material/gavel:"),
        "agreement": ("pages/judge/agreement.py", "Agreement", ":material/handshake:"),
        "quality": ("pages/judge/quality.py", "Quality", ":material/workspace_premium:"),
        "review-queue": ("pages/judge/review_queue.py", "Review queue", ":material/checklist:"),
    },
    "Manage": {
        "data-quality": ("pages/manage/data_quality.py", "Data quality", ":material/fact_check:"),
        "codebook": ("pages/manage/codebook.py", "Codebook", ":material/menu_book:"),
        "labeller": ("pages/manage/labeller.py", "Labeller", ":material/model_training:"),
    },
}

SCRIPTS = {path: script for group in GROUPS.values() for path, (script, *_) in group.items()}

Query = dict[str, list[str]]

#: More options than this are offered as a list to open instead of a row of buttons.
MANY = 7


def enter(path: str) -> None:
    """Remembers the path of the page that is shown; app.py calls it."""
    st.session_state["path"] = path


def here() -> str:
    """The path of the page that is shown."""
    return st.session_state.get("path", "")


def query() -> Query:
    """The parameters of the URL, each with all its values."""
    return {key: st.query_params.get_all(key) for key in st.query_params}


def value(key: str) -> str | None:
    """The last value of a parameter; null (None) where it is missing or empty."""
    return st.query_params.get(key) or None


def merged(filters: Filters, own: Mapping[str, object]) -> Query:
    """The parameters for these filters and a page's own keys, of which some have several values (a list or tuple).

    A null or empty own value leaves its key out.
    """
    several = {key: v if isinstance(v, list | tuple) else [v] for key, v in own.items()}
    mine = {key: [str(v) for v in values if v not in (None, "")] for key, values in several.items()}
    mine = {key: values for key, values in mine.items() if values}
    return {**filters.to_query(), **mine}


def href(path: str, filters: Filters, **own: object) -> str:
    """The link to a page, relative to any page. Not yet escaped for HTML."""
    parameters = urlencode(merged(filters, own), doseq=True)
    return (path or "./") + (f"?{parameters}" if parameters else "")


def put(key: str, new: object) -> None:
    """Writes one parameter; null or empty takes it out."""
    if new in (None, ""):
        if key in st.query_params:
            del st.query_params[key]
    else:
        st.query_params[key] = str(new)


def writer(key: str, widget: str, shown: object, spell: Callable[[Any], object] | None = None) -> Callable[[], None]:
    """What a widget that showed `shown` does when it is used: it writes its value, as `spell` has it, to the URL.

    The page number goes: what stood there stands elsewhere now. A browser that still draws a widget which the last run
    left out sends what it shows as if it had just been chosen; that changes nothing.
    """

    def write() -> None:
        new = st.session_state[widget]
        if new != shown:
            put(key, spell(new) if spell else new)
            put("page", None)

    return write


def replace(filters: Filters, keep: Sequence[str] = ()) -> None:
    """Writes the filters, and of the other parameters only those named."""
    kept = {key: values for key, values in query().items() if key in keep}
    st.query_params.from_dict({**filters.to_query(), **kept})


def go(link: str | None) -> None:
    """Asks for a link to be followed when the next run begins; a callback cannot change pages by itself."""
    st.session_state["went"] = link


def follow() -> None:
    """Goes where the link asked for points, if it was made by `href`; a link to anywhere else is not followed."""
    parts = urlsplit(st.session_state.pop("went", None) or "https:")
    path = parts.path.strip("/.").rsplit("/", 1)[-1]
    if not parts.scheme and not parts.netloc and path in SCRIPTS:
        st.switch_page(SCRIPTS[path], query_params=parse_qs(parts.query))


def anchor(place: str) -> str:
    """The id in the page of the sentence at `review_key:position`."""
    return "s-" + re.sub(r"[^0-9A-Za-z]", lambda found: f"-{ord(found[0]):x}-", place)


def choice(key: str, options: Sequence[str], default: str, label: str, names: Mapping[str, str]) -> str:
    """One of `options`, bound to the URL: a row of buttons, a list if there are many. Another value is the default.

    A value that has no name at all is complained about; one that is only not to be had here is for the page to tell.
    """
    asked = value(key)
    chosen = asked if asked is not None and asked in options else default
    if asked and asked not in names:
        shown = verbatim.markdown(names.get(chosen, chosen))
        st.warning(
            f"The address asks for the {label.lower()} “{verbatim.markdown(asked)}”, which is not to be had here. "
            f"Shown: {shown}."
        )
    if len(options) < 2:
        return chosen
    widget = f"own_{key}"
    st.session_state[widget] = chosen
    write = writer(key, widget, chosen)
    shape: dict[str, Any] = {"key": widget, "label_visibility": "collapsed", "on_change": write}
    if len(options) > MANY:
        st.selectbox(label, options, format_func=lambda option: names.get(option, option), width=280, **shape)
    else:
        in_words = {option: verbatim.markdown(names.get(option, option)) for option in options}
        st.segmented_control(label, options, required=True, format_func=in_words.__getitem__, **shape)
    return chosen


def paging(key: str, n_rows: int, size: int) -> tuple[int, int]:
    """Offset and page count for `n_rows` in pages of `size`, from the URL; a page that is not there is the nearest."""
    pages = max(1, -(-n_rows // size))
    asked = value(key) or "1"
    page = min(pages, max(1, int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1))
    return (page - 1) * size, pages


def pager(key: str, offset: int, size: int, pages: int) -> None:
    """The row of page numbers; nothing where there is one page."""
    if pages < 2:
        return
    widget = f"own_{key}"
    st.session_state[widget] = offset // size + 1

    def turn() -> None:
        page = st.session_state[widget]
        put(key, None if page == 1 else page)

    st.pagination(pages, key=widget, on_change=turn)
