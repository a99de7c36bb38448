"""Overview: how much there is, what its labels say, what became of the papers, how good the data are."""

import streamlit as st

from corpus.schemes import COMMON
from pages.parts import address, adjusted, charts, codes, frames, layerwise, method, offered, quality, shared, states
from queries.counts import counts
from queries.coverage import coverage, unused
from queries.decisions import decisions
from queries.distribution import distribution
from queries.provenance import provenance

chosen = frames.selection()
part = chosen.frames
offer = offered.scheme(offered.used(chosen))
found = frames.collect(
    chosen,
    "overview",
    counts=counts(part),
    distribution=distribution(part.labels),
    whose=provenance(part.labels, by=("scheme", "layer", "code", "polarity")),
    decisions=decisions(part.papers),
    coverage=coverage(part.segments, part.labels),
    layers=coverage(part.segments, part.labels, by=("scheme", "layer")),
    unused=unused(part.codes, part.labels),
    codes=part.codes,
)
if states.heading("Overview", chosen, found["counts"], "What is here, and what does it say?"):
    problems, kinds = frames.problems(chosen)
    quality.strip(found["coverage"], found["decisions"])
    drawn = layerwise.drawn(offer, found["distribution"])
    names = codes.scheme_names()
    if len(offer.options) > 1:
        address.choice("by", offer.options, offer.chosen, "Scheme", names)
    if offer.missing:
        layerwise.missing(offer, names)
    if not drawn:
        states.note(
            "<b>No labels in this selection.</b> There is text to read under Sentences and Paper, "
            "but nothing to count by code."
        )
    if any(codes.layers()[key].polarised for key in drawn):
        charts.legend(polarised=True, guesses=found["counts"]["n_model_labels"][0] > 0)
    columns = st.columns(2, gap="large")
    if COMMON in drawn:
        shared.draw(chosen, columns, offer.options[1:])
    for place, key in enumerate(drawn):
        if key != COMMON:
            with columns[place % 2]:
                layerwise.draw(key, found, chosen)
    with columns[len(drawn) % 2]:
        st.subheader("Decisions", anchor=False)
        if found["decisions"]["decision"].is_null().all():
            states.note("<b>No decision is known</b> for any of these papers.")
        else:
            charts.decisions(found["decisions"].iter_rows(named=True), chosen.filters)
    quality.listed(problems.height, kinds, chosen.filters)
    if found["counts"]["n_model_labels"][0]:
        method.computed(adjusted.WORDS, formulas=adjusted.FORMULAS, sources=adjusted.SOURCES)
