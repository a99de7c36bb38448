"""Decisions: which labels of reviews go with acceptance and which with rejection, and how well they tell it."""

import streamlit as st

from pages.parts import address, charts, codes, frames, method, odds, offered, plots, sheets, states
from queries.intervals import ENOUGH_PAPERS

chosen = frames.selection()
sheets.style("odds")
offer = offered.layer(offered.used(chosen))
key, unit = offer.chosen, odds.measure()
found = frames.collect(chosen, f"decisions {key} {unit}", **odds.plans(chosen.frames, key, unit))
if states.heading(
    "Decisions", chosen, found["counts"], question="Which codes and polarities go with acceptance?"
) and not states.no_labels(found["counts"]):
    rows, known = found["odds"], codes.by_code(found["codes"])
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        view = address.choice("view", tuple(odds.VIEWS), "single", "Model", odds.VIEWS)
        address.choice("measure", tuple(odds.UNITS), unit, "Unit", odds.UNITS)
        address.choice("layer", offer.options, key, "Layer", offered.names(offer.options))
    odds.whole_reviews(chosen.filters)
    if not rows.height:
        odds.hint(chosen.filters)
    else:
        of = rows.row(0, named=True)
        charts.caption(
            f"{of['reviews']:,} labelled reviews of {of['papers']:,} papers, {of['accepted_papers']:,} accepted, "
            f"{of['papers'] - of['accepted_papers']:,} rejected. A click on a dot shows its sentences on rejected "
            "papers, or on accepted ones where the odds are above 1."
        )
        if of["papers"] < ENOUGH_PAPERS:
            states.thin(of["papers"])
        left, right = st.columns([3, 2], gap="large")
        with left:
            odds.said(rows, key, view, unit, known)
            odds.drawn(rows, key, view, unit, known, chosen.filters)
        with right:
            odds.warning()
            st.subheader("Can the decision be told from the labels?", anchor=False)
            odds.skill(found["skill"].row(0, named=True))
            if found["tenths"].height:
                odds.calibration(found["tenths"], key, chosen.filters)
                plots.twin(found["tenths"])
        sheets.section("labels", "Every label")
        odds.table(rows, key, known, chosen.filters)
        plots.twin(odds.twin(rows, key, known))
    method.computed(
        "**Odds ratios** come from logistic regressions, one row a review (no rebuttals, meta-reviews or comments) of "
        "an "
        "accepted or rejected paper that has any label in the layer; withdrawn papers and papers without a decision "
        "are "
        "left out. Reviews of one paper share its decision, so standard errors are clustered by paper. *Each label by "
        "itself* has one label in the model, *all labels together* all that can be estimated. q is the false discovery "
        "rate over the column. Labels in fewer than 5 reviews or 5 papers, and labels that tell decisions without "
        "error, "
        "have no estimate. Venues and years are pooled: choose one in *Filters* where their standards differ.\n\n"
        "**The decision from the labels**: a logistic ridge regression on the square root of each label’s share and on "
        "the review’s length, fitted on nine tenths of the papers and tried on the last; papers go into tenths in "
        "turn. "
        "The area under the curve is the share of pairs told right, of reviews that the same model judged. "
        "Intervals of shares are Wilson’s for the effective number of reviews; that of the area under the curve is for "
        "reviews clustered by paper.",
        formulas=[
            r"\log\frac{P(\text{accept})}{1-P(\text{accept})}=\alpha+\sum_j\beta_j x_j,\qquad \text{odds "
            r"ratio}_j=e^{\beta_j}",
            r"\text{Brier}=\frac1n\sum_i\left(p_i-y_i\right)^2",
        ],
        sources=[
            ("Cameron & Miller 2015, clustered errors", "https://doi.org/10.3368/jhr.50.2.317"),
            ("Benjamini & Hochberg 1995", "https://doi.org/10.1111/j.2517-6161.1995.tb02031.x"),
            ("Albert & Anderson 1984, separation", "https://doi.org/10.1093/biomet/71.1.1"),
            ("le Cessie & van Houwelingen 1992, logistic ridge", "https://doi.org/10.2307/2347628"),
            ("Brier 1950", "https://doi.org/10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2"),
            ("Obuchowski 1997, clustered ROC curves", "https://doi.org/10.2307/2533958"),
        ],
    )
