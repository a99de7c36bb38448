"""The keys of the review queue: which stands for which code, and the component that hears them (queue.js)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from pages.parts import codes
from pages.parts.codes import Code

_SCRIPT = Path(__file__).with_name("queue.js")
#: Key of the component's state in the session.
KEY = "queue"

#: Keys of codes in order: the digits, then the letters row by row but for those that act (a c s u) or answer nothing
#: (n, x). The 0 is a polarity.
_KEYS = "123456789qwertyiopdfghjklzvbm"
#: Codes that stand alone, each with its key: the annotator's nothing-here, and “cannot tell”.
ALONE = {"none": "n", "CNT": "x"}


def by_code(layer: Sequence[Code]) -> dict[str, str]:
    """The key of each code, an empty one for those past the last key."""
    rest = iter(_KEYS)
    return {code.code: ALONE.get(code.code) or next(rest, "") for code in layer}


def offered(layer: Sequence[Code], model: str) -> list[dict[str, Any]]:
    """The codes as the component takes them; texts are as they are, it escapes them."""
    keys = by_code(layer)
    found = []
    for code in layer:
        alone = code.code in ALONE
        hint = code.hint([model])
        found.append(
            {
                "code": code.code,
                "key": keys[code.code],
                "short": code.short,
                "name": code.name,
                "tip": f"{code.name}\n{code.definition}" + (f"\n{hint}" if hint else ""),
                "polarised": code.polarised and not alone,
                "alone": alone,
                "weak": bool(hint),
                "kind": "nothing" if alone else "" if code.polarised else "hue",
                "style": "" if alone or code.polarised else codes.wash(code),
            }
        )
    return found


def mount(data: Mapping[str, Any], heard: Callable[[], None]) -> None:
    """Puts the desk on the page. `heard` is called when the log of what keys asked for has changed."""
    component = st.components.v2.component(
        "reviewscope_queue", js=_SCRIPT.read_text("utf-8"), html='<div class="rs rs-q"></div>', isolate_styles=False
    )
    component(key=KEY, data=dict(data), on_log_change=heard)


def log() -> Any:
    """The log as the browser sent it last; null where it sent none."""
    state = st.session_state.get(KEY)
    return state.get("log") if state else None
