"""How a page computes what it shows: in words, as a formula, with the source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

#: Title and address of what a method is taken from.
Source = tuple[str, str]


def computed(words: str, *, formulas: Sequence[str] = (), sources: Sequence[Source] = ()) -> None:
    """Draws an expander that tells it, last on a page. `words` is our own Markdown, `formulas` LaTeX.

    A source is named with the address of its DOI where it has one.
    """
    with st.expander("How this is computed", icon=":material/function:"):
        st.markdown(words)
        for formula in formulas:
            st.latex(formula)
        if sources:
            st.markdown("\n".join(f"- [{title}]({address})" for title, address in sources))


def joined(*parts: Any) -> dict[str, Any]:
    """What `computed` takes, from the WORDS, FORMULAS and SOURCES of several modules; a null (None) has nothing."""
    there = [part for part in parts if part is not None]
    return {
        "words": "\n\n".join(part.WORDS for part in there),
        "formulas": [formula for part in there for formula in part.FORMULAS],
        "sources": list(dict.fromkeys(source for part in there for source in part.SOURCES)),
    }
