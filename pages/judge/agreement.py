"""Agreement: how far annotators say the same of a sentence, and reviewers the same of a paper."""

import streamlit as st

from pages.parts import (
    agreeing,
    agreeing_reviewers,
    agreeing_words,
    codes,
    confusions,
    frames,
    method,
    offered,
    sheets,
    states,
)
from pages.parts.whole_reviews import whole_reviews

chosen = frames.selection()
sheets.style("agreeing")
whole = whole_reviews(chosen, as_given=True)  # what a model said where a person answered too is what is compared
found = frames.collect(chosen, "agreement", **agreeing.first_plans(chosen.frames, whole))
question = "How far do annotators agree, and reviewers of one paper?"
if states.heading("Agreement", chosen, found["counts"], question) and not states.no_labels(found["counts"]):
    known = codes.by_code(found["codes"])
    on = agreeing.asked(offered.used(chosen), found["agreement"])
    found = found | frames.collect(chosen, f"agreement {on}", **agreeing.plans(whole, on))
    agreeing.strip(found, on)

    sheets.section("annotators", "Annotators")
    if not found["agreement"].height:
        agreeing.nobody(chosen.filters, found["pairs"])
        if found["pairs"].height:
            agreeing.view(on)
            agreeing.pairs(found["pairs"], on, chosen.filters)
    else:
        sheets.said(agreeing_words.COMPARED)
        left, right = st.columns([1, 1.1], gap="large")
        with left:
            agreeing.overview(found["agreement"], chosen.filters)
        with right:
            agreeing.view(on)
            agreeing.pairs(found["pairs"], on, chosen.filters)
        agreeing.twin(found["agreement"])
    if found["pairs"].height:
        sheets.section("matrix", f"Where two of them differ: {offered.names([on.key])[on.key]}")
        pair, cell = confusions.asked(found["pairs"]), confusions.asked_cell()
        sheets.jump("differences" if cell else None)
        if pair:
            plans = confusions.plans(whole, on, pair, cell)
            of = frames.collect(chosen, f"agreement {on} {pair} {cell}", **plans)
            confusions.draw(of, on, pair, known, chosen.filters)
            confusions.differences(chosen, whole, on, pair, of["n"].item(), known)

    sheets.section("reviewers", "Reviewers of one paper")
    agreeing_reviewers.draw(found.get("reviewers"), on, known, chosen.filters)
    method.computed(agreeing_words.WORDS, formulas=agreeing_words.FORMULAS, sources=agreeing_words.SOURCES)
