"""Attention: the papers whose reviews lie apart, contradict each other, do not fit their scores, or are thin or few."""

import streamlit as st

from pages.parts import address, charts, frames, method, offered, plots, ranked, sheets, states

chosen = frames.selection()
sheets.style("ranked")
offer = offered.layer(offered.used(ranked.whole(chosen)))
key = offer.chosen
found = frames.collect(chosen, f"attention signs {key}", **ranked.plans(chosen, key))
if states.heading("Attention", chosen, found["counts"], question="Which papers need a second look?"):
    if not found["labels"]["n_labels"][0]:
        states.note(
            "<b>No labels in this selection.</b> Contradictions and mismatches need them; ratings, lengths and "
            "numbers of "
            "reviews do not."
        )
    weights = ranked.asked()
    rows = ranked.order(chosen, key, found["signs"], weights)
    options = ranked.layers(offer.options)
    address.choice("layer", options, key, "Layer", offered.names(offer.options))
    ranked.controls(weights)
    ranked.legend(rows, weights)
    offset, pages = address.paging("page", rows.height, ranked.PAGE)
    shown = rows.slice(offset, ranked.PAGE)
    charts.caption(ranked.words(offset, shown.height, rows.height))
    ranked.table(shown, key, chosen.filters)
    address.pager("page", offset, ranked.PAGE, pages)
    with st.container(horizontal=True, vertical_alignment="top"):
        plots.twin(ranked.twin(shown))
        ranked.download(rows)
    method.computed(
        "Five **signs** for each paper, over its reviews proper (no rebuttals, meta-reviews or comments). *Spread*: "
        "the "
        "standard deviation of its ratings, compared in that of all ratings of its corpus, venue and year; where fewer "
        "than two reviews give one, of its reviews’ net polarity in the layer. *Contradictions*: pairs of its reviews "
        "on "
        "opposite sides of a code, added up over codes. *Mismatch*: the greatest standardised residual of its "
        "reviews, of "
        "ratings, else of the decision, as on the page Mismatch. *Thin reviews*: shorter than the lower fence of their "
        "corpus, as under Data quality. *Missing reviews*: fewer than the median of the papers of its corpus and "
        "venue. "
        "Signs are of **whole papers**, whichever sentences the filters pick: a text, a label, a kind or a rating "
        "chooses papers and leaves out none of their reviews; annotators and schemes choose whose labels count. "
        "What is usual is looked for in the whole database, so that a filter makes no paper look thin or alone.\n\n"
        "Each sign is **scaled** to the share of the other papers with a smaller one, among those of the selection "
        "where it could be measured in the same way. The **score** is the mean of the scaled signs, weighted; a sign "
        "that could not be measured does not count. A score of few signs is less sure: it says of how many.",
        formulas=[
            r"u_{s}(p)=\frac{\#\{q\ne p: x_s(q)<x_s(p)\}}{\#\{q\ne p\}},\qquad "
            r"\text{score}(p)=\frac{\sum_{s\in M(p)}w_s\,u_s(p)}{\sum_{s\in M(p)}w_s}"
        ],
        sources=[
            ("Tukey 1977, Exploratory Data Analysis: fences", "https://archive.org/details/exploratorydataa0000tuke")
        ],
    )
