"""Behaviour in the browser (live.js) and the style sheet, mounted once by app.py."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from pages.parts import address, frames, palette

_HERE = Path(__file__).parent
#: The browser tab's icon; one by name would be fetched from another host.
ICON = str(_HERE / "icon.svg")


def first_visit_is_legacy() -> bool:
    """Whether this run began as one of Streamlit's old multipage apps.

    A folder called `pages` next to app.py, whatever is in it, makes the first session of a server look up a deep
    link among the scripts of that folder, fail, and say so in a dialog. Calling st.navigation ends it for good; the
    visitor who met it gets the page loaded once more. Ask before st.navigation is called.
    """
    return bool(getattr(PagesManager, "uses_pages_directory", False))


def style() -> None:
    """The style sheet with the palette of the reader's mode."""
    st.html(f"<style>:root{{{palette.variables()}}}{(_HERE / 'style.css').read_text('utf-8')}</style>")


def mount(*, mark: str | None, reload: bool) -> None:
    """Puts the script on the page. `mark` is the id of a sentence to show, null where none is asked for."""
    component = st.components.v2.component("reviewscope_live", js=(_HERE / "live.js").read_text("utf-8"))
    where = "&".join(address.value(key) or "" for key in ("open", "at"))
    page = f"{address.here()} {address.value('page') or 1}"
    data = {"mark": mark, "address": where, "page": page, "reload": reload, "filters": list(frames.FILTER_KEYS)}
    component(key="live", data=data, on_go_change=_take)


def _take() -> None:
    address.go(st.session_state["live"].get("go"))
