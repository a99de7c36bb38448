"""What every page says about itself: title, selection in words, its n; and what it says when there is nothing."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import streamlit as st

from pages.parts import address, frames, provenance, verbatim
from queries.counts import counts
from queries.intervals import ENOUGH_OBSERVATIONS, ENOUGH_PAPERS

_NOUNS = {"n_papers": "paper", "n_reviews": "review", "n_segments": "sentence", "n_labels": "label"}

_BRAND = (
    '<a class="rs-brand" href="{}" data-go><i aria-hidden="true"><b class="negative"></b><b class="neutral"></b>'
    '<b class="positive"></b></i>Reviewscope</a>'
)


def navigation(chosen: frames.Selection) -> None:
    """The pages in their groups, each link with the filters in force."""
    with st.sidebar:
        st.html(f'<div class="rs">{_BRAND.format(verbatim.html(address.href("", chosen.filters)))}</div>')
        for group, pages in address.GROUPS.items():
            st.html(f'<div class="rs-group">{verbatim.html(group)}</div>')
            for script, title, icon in pages.values():
                st.page_link(
                    script, label=title, icon=icon, width="stretch", query_params=chosen.filters.to_query() or None
                )


def no_store(why: str) -> None:
    """The page when there is no store to read."""
    st.title("No corpus to show", anchor=False)
    st.error(verbatim.markdown(why), icon=":material/database_off:")
    st.markdown(
        "Name a database in `REVIEWSCOPE_DB`, or start with `reviewscope serve --db FILE`. "
        "Without one, the demo corpus is shown."
    )


def heading(title: str, chosen: frames.Selection, n: pl.DataFrame, question: str = "") -> bool:
    """Title, the question that the page answers, selection in one sentence, its n.

    Returns whether there is anything; if not, it says what to drop.
    """
    name_tab(title)
    st.title(title, anchor=False)
    if question:
        st.html(f'<p class="rs rs-question">{verbatim.html(question)}</p>')
    return says(chosen, n)


def name_tab(title: str) -> None:
    """Names the browser's tab; the text is shown there as it is."""
    st.set_page_config(page_title=f"{verbatim.clip(title, 60)} · Reviewscope")


def says(chosen: frames.Selection, n: pl.DataFrame) -> bool:
    """The selection in one sentence and its n; False, after a way out, where it is empty."""
    row = n.row(0, named=True)
    amounts = "".join(f"<span>{amount(row[key], noun)}</span>" for key, noun in _NOUNS.items())
    sentence = verbatim.html(verbatim.clip(chosen.filters.sentence(), 700))
    amounts += provenance.shares(row["n_model_labels"], row["n_labels"], row["models"])
    said = f'<div class="rs-says">{sentence}</div><div class="rs-n">{amounts}</div>'
    st.html(f'<div class="rs rs-selection" role="status">{said}</div>')
    if row["n_papers"]:
        return True
    _way_out(chosen)
    return False


def no_labels(n: pl.DataFrame) -> bool:
    """Whether a selection has no label at all; says so. `n` is queries.counts."""
    if n["n_labels"][0]:
        return False
    note("<b>No labels in this selection.</b> There is text to read under Sentences and Paper, but nothing to count.")
    return True


def thin(n_papers: int, what: str = "What follows") -> None:
    """Says, where a selection has fewer than 30 papers, that what is drawn of it is greyed; nothing otherwise."""
    if n_papers < ENOUGH_PAPERS:
        note(
            f"<b>{n_papers:,} {'paper' if n_papers == 1 else 'papers'}.</b> {verbatim.html(what)} is shown in grey: "
            f"under {ENOUGH_PAPERS} papers, or {ENOUGH_OBSERVATIONS} observations, a number says little of others."
        )


def note(text: str) -> None:
    """A quiet remark in place of something that has nothing to show. `text` is HTML, its data already escaped."""
    st.html(f'<div class="rs rs-note">{text}</div>')


def amount(n: int, noun: str) -> str:
    """`<b>1,204</b> sentences`, as HTML."""
    return f"<b>{n:,}</b> {noun if n == 1 else noun + 's'}"


def _way_out(chosen: frames.Selection) -> None:
    """Names, for an empty selection, the filters that bring something back when dropped."""
    query = chosen.filters.to_query()
    if not query:
        note("<b>This database holds no papers yet.</b> Add some: <code>reviewscope ingest PATH --db FILE</code>.")
        return
    lighter = {key: chosen.without(key) for key in query if key != "re"}
    plans = {key: counts(filters.apply(chosen.snapshot.frames)) for key, filters in lighter.items()}
    found = frames.collect(chosen, "way out", **plans)
    back = [_offer(key, lighter[key], found[key].row(0, named=True)) for key in lighter]
    kept = [offer for offer in back if offer]
    everything = f'<a href="{verbatim.html(_here(chosen.filters.__class__()))}" data-go>Clear all filters</a>'
    if kept:
        note(f"<b>Nothing matches.</b> Drop one of these:<ul>{''.join(kept)}<li>{everything}</li></ul>")
    else:
        note(f"<b>Nothing matches,</b> and dropping a single filter would not help. {everything}.")


def _offer(key: str, filters: frames.Filters, row: Mapping[str, int]) -> str | None:
    if not row["n_papers"]:
        return None
    whose = "the choice of whose labels count"
    name = {"q": "the text", "label": "the labels", "re": "the regular expression", "whose": whose}.get(
        key, f"the {key}"
    )
    link = verbatim.html(_here(filters))
    return f'<li><a href="{link}" data-go>Drop {verbatim.html(name)}</a>: {amount(row["n_segments"], "sentence")}</li>'


def _here(filters: frames.Filters) -> str:
    """The page we are on with other filters."""
    own = {key: values for key, values in address.query().items() if key in address.KEPT}
    return address.href(address.here(), filters, **own)
