"""What pages of several sections are made of: their style sheet, sections with anchors, plain tables with links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import streamlit as st

from pages.parts import address, verbatim
from queries.filters import Filters

_SHEET = Path(__file__).parent / "sheets.css"

#: Shows one element, once for each address that asks for it; it may not be drawn yet.
_JUMP = """
export default function ({ data }) {
  let tries = data.to && window.__rsJumped !== data.address ? 60 : 0;
  if (!data.to) window.__rsJumped = null;
  const wait = setInterval(() => {
    const found = tries-- > 0 ? document.getElementById(data.to) : null;
    if (found) {
      window.__rsJumped = data.address;
      found.scrollIntoView({ block: "center" });
    }
    if (found || tries <= 0) clearInterval(wait);
  }, 80);
  return () => clearInterval(wait);
}
"""


def style(*names: str) -> None:
    """The style sheet of these pages, and those of the parts named: `words` stands for words.css."""
    sheets = (_SHEET, *(_SHEET.with_name(f"{name}.css") for name in names))
    st.html(f"<style>{''.join(sheet.read_text('utf-8') for sheet in sheets)}</style>")


def jump(to: str | None) -> None:
    """Scrolls to the element with this id; null (None) where the address asks for none."""
    component = st.components.v2.component("reviewscope_jump", js=_JUMP)
    component(key="jump", data={"to": to, "address": str(address.query())})


def section(name: str, title: str, n: int | None = None) -> None:
    """The head of a section with the number of what it found; `name` is its anchor."""
    amount = "" if n is None else f" <small>{n:,}</small>"
    st.html(f'<h2 class="rs rs-section" id="{verbatim.html(name)}">{verbatim.html(title)}{amount}</h2>')


def said(text: str) -> None:
    """What a section counts, and by which rule; `text` is HTML, its data already escaped."""
    st.html(f'<div class="rs rs-rule">{text}</div>')


def figures(found: Iterable[tuple[str, str, int | None, str]]) -> None:
    """A strip of links to sections: (anchor, title, number, what is counted); a null number is not counted yet.

    What is counted begins with its noun in the plural, which one of them turns into the singular.
    """
    cells = "".join(
        f'<div class="rs-figure"><dt><a href="#{anchor}">{verbatim.html(title)}</a></dt>'
        f"<dd>{'–' if n is None else f'{n:,}'} "
        f"<small>{verbatim.html(_singular(of) if n == 1 else of)}</small></dd></div>"
        for anchor, title, n, of in found
    )
    st.html(f'<dl class="rs rs-strip">{cells}</dl>')


def _singular(of: str) -> str:
    """What is counted, for one: `pairs of reviews` is `pair of reviews`; words that begin otherwise stay."""
    return re.sub(r"^(\w+)s\b", r"\1", of)


def table(name: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table; heads are plain words, with # before them where numbers stand below, cells HTML, already escaped."""
    kinds = [' class="num"' if head.startswith("#") else ' class="text"' for head in heads]
    top = "".join(
        f'<th scope="col"{kind}><b>{verbatim.html(head.lstrip("#"))}</b></th>'
        for head, kind in zip(heads, kinds, strict=True)
    )
    body = "".join(
        f"<tr>{''.join(f'<td{kind}>{cell}</td>' for cell, kind in zip(row, kinds, strict=True))}</tr>" for row in rows
    )
    st.html(
        f'<div class="rs rs-scroll rs-sheet" tabindex="0" role="region" aria-label="{verbatim.html(name)}">'
        f'<table class="rs-grid"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def to_paper(corpus: str, key: str, title: str | None, filters: Filters) -> str:
    """A link to a paper, as HTML."""
    link = verbatim.html(address.href("paper", filters, open=f"{corpus}/{key}"))
    words = verbatim.html(verbatim.clip(title, 80) if title else f"Paper {key}")
    return f'<a href="{link}" data-go>{words}</a><small>{verbatim.html(f"{corpus}/{key}")}</small>'


def to_review(row: Mapping, filters: Filters, side: str = "") -> str:
    """A link to the beginning of a review, as HTML; `side` is put before the names of the columns."""
    corpus, key, review = (row[f"{side}{name}"] for name in ("corpus", "paper_key", "review_key"))
    link = verbatim.html(address.href("paper", filters, open=f"{corpus}/{key}", at=f"{review}:0"))
    title = row.get(f"{side}title")
    words = verbatim.html(verbatim.clip(title, 80) if title else f"Paper {key}")
    return f'<a href="{link}" data-go>{words}</a><small>{verbatim.html(f"{corpus}/{key}, review {review}")}</small>'


def heading(title: str, anchor: str) -> None:
    """The name of a scheme above its layers."""
    st.html(f'<h2 class="rs rs-scheme" id="{verbatim.html(anchor)}">{verbatim.html(title)}</h2>')
