"""Quality: what can be measured of the reviews themselves, by group, and which lie far out."""

import streamlit as st

from pages.parts import charts, frames, layerwise, measure_charts, measure_words, method, review_quality, sheets, states

chosen = frames.selection()
sheets.style("review_quality")
found = frames.collect(chosen, "quality", **review_quality.first_plans(chosen))
if states.heading("Quality", chosen, found["counts"], "How good are the reviews themselves?"):
    sheets.said(measure_words.PROXIES)
    on = review_quality.asked(chosen)
    words = review_quality.worded(chosen)
    if on.groups:
        measures = review_quality.measured(chosen, on, words)
        found = found | frames.collect(chosen, f"quality {on.key}", **review_quality.plans(measures, on))
        if not found["spread"]["n"].sum():
            review_quality.nothing(chosen)
        else:
            left, right = st.columns([1, 1], gap="large")
            with left:
                measure_charts.histogram(found["bins"], found["spread"], on, chosen.filters)
            with right:
                review_quality.glance(found["spread"], on, chosen.filters)
            review_quality.twin(found["spread"], on)
            measure_charts.listed(chosen, on, measures, review_quality.usual(chosen, words))

    for key in review_quality.labelled(found["distribution"]):
        charts.legend(polarised=True, guesses=found["counts"]["n_model_labels"][0] > 0)
        layerwise.draw(key, found, chosen)
    method.computed(measure_words.HOW, formulas=measure_words.FORMULAS, sources=measure_words.SOURCES)
