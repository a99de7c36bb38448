"""Codebook: every scheme, layer and code with its meaning, how often it is used, how it judges, and examples."""

import streamlit as st

from pages.parts import charts, codebook_cards, frames, listing, sheets, states
from queries.counts import counts

chosen = frames.selection()
part = chosen.frames
sheets.style()
found = frames.collect(chosen, "codebook", counts=counts(part), **codebook_cards.plans(part))
states.heading("Codebook", chosen, found["counts"], "What does each code mean, and how is it used?")
whole = codebook_cards.book(found)
sheets.said(
    "Counts and examples are of the selection above. Examples follow a rule: of the sentences that a code labels, "
    "those with the fewest other codes of the layer first, then those nearest in length to the median of the code, "
    "then in order of corpus, paper and place; the first of each paper, at most three. A bar is as long as the code is "
    "frequent in its layer, and split by polarity."
)
charts.legend(polarised=True, guesses=found["counts"]["n_model_labels"][0] > 0)
with st.container(horizontal=True, vertical_alignment="center"):
    listing.search("find", "Find a code")
    shown, asked = codebook_cards.choose(whole)
if not found["counts"]["n_labels"][0]:
    states.note("<b>No labels in this selection</b>, so nothing is counted and there are no examples.")
codebook_cards.drawn(shown, asked, whole, chosen)
sheets.jump(asked.anchor if asked else None)
