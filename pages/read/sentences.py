"""Sentences: every segment of the selection in its context, with its labels; paged, and downloadable as CSV."""

import streamlit as st

from pages.parts import address, codes, frames, passage_list, provenance, states
from pages.parts.export_button import export_button
from queries.context import context
from queries.counts import counts
from queries.passages import passages

PAGE = 40
chosen = frames.selection()
part = chosen.frames
n = frames.collect(chosen, "sentences: counts", counts=counts(part))["counts"]
if states.heading("Sentences", chosen, n):
    total = n["n_segments"][0]
    offset, pages = address.paging("page", total, PAGE)
    rows = passages(part, offset=offset, n=PAGE)
    around = context(chosen.snapshot.frames.segments, rows)
    found = frames.collect(chosen, f"sentences {offset}", rows=rows, context=around, codes=part.codes)
    if not total:
        states.note("<b>No sentences.</b> The papers of this selection have no review text.")
    else:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.caption(f"Sentences {offset + 1:,}–{min(offset + PAGE, total):,} of {total:,}, paper by paper.")
            passage_list.download(chosen, total)
            export_button(chosen, n["n_reviews"][0], total)
        provenance.legend(n, bool(frames.hints(chosen)))
        passage_list.listed(
            found["rows"], found["context"], codes.by_code(found["codes"], frames.hints(chosen)), chosen.filters
        )
        address.pager("page", offset, PAGE, pages)
