"""Overview: how much there is, what its labels say, what became of the papers, how good the data are."""

import streamlit as st

from pages.parts import charts, codes, frames, quality, states
from queries.counts import counts
from queries.coverage import coverage, unused
from queries.decisions import decisions
from queries.distribution import distribution

chosen = frames.selection()
part = chosen.frames
found = frames.collect(
    chosen,
    "overview",
    counts=counts(part),
    distribution=distribution(part.labels),
    decisions=decisions(part.papers),
    coverage=coverage(part.segments, part.labels),
    layers=coverage(part.segments, part.labels, by="layer"),
    unused=unused(part.codes, part.labels),
    codes=part.codes,
)
if states.heading("Overview", chosen, found["counts"]):
    problems, kinds = frames.problems(chosen)
    quality.strip(found["coverage"], found["decisions"], problems.height)
    known = codes.by_code(found["codes"])
    drawn = [layer for layer in codes.layers().values() if layer.name in set(found["distribution"]["layer"])]
    if not drawn:
        states.note(
            "<b>No labels in this selection.</b> There is text to read under Sentences and Paper, "
            "but nothing to count by code."
        )
    if any(layer.polarised for layer in drawn):
        charts.legend(polarised=True)
    columns = st.columns(2, gap="large")
    for place, layer in enumerate(drawn):
        with columns[place % 2]:
            st.subheader(layer.title, anchor=False)
            charts.caption(quality.covered(layer, found["layers"]))
            rows = [row for row in found["distribution"].iter_rows(named=True) if row["layer"] == layer.name]
            in_order = [code for code in known.values() if code.layer == layer.name]
            charts.distribution(layer, rows, in_order, chosen.filters)
            quality.never_used(layer, found["unused"])
    with columns[len(drawn) % 2]:
        st.subheader("Decisions", anchor=False)
        if found["decisions"]["decision"].is_null().all():
            states.note("<b>No decision is known</b> for any of these papers.")
        else:
            charts.decisions(found["decisions"].iter_rows(named=True), chosen.filters)
    quality.listed(problems, kinds)
