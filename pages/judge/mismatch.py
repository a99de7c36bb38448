"""Mismatch: reviews whose rating, or whose paper's decision, their text would not lead one to expect."""

import streamlit as st

from pages.parts import address, charts, codes, frames, method, mismatched, odds, offered, plots, sheets, states

chosen = frames.selection()
sheets.style("mismatched")
offer = offered.layer(offered.used(chosen))
key = offer.chosen
ground = frames.collect(chosen, f"mismatch ground {key}", **mismatched.ground(chosen.frames, key))
if states.heading(
    "Mismatch", chosen, ground["counts"], question="Which scores does the text not explain?"
) and not states.no_labels(ground["counts"]):
    of, targets = mismatched.target(ground["papers"])
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        address.choice("measure", targets, of, "Against", mismatched.TARGETS)
        address.choice("layer", offer.options, key, "Layer", offered.names(offer.options))
    odds.whole_reviews(chosen.filters)
    if not targets:
        mismatched.few(ground["papers"])
    else:
        plans = mismatched.plans(chosen.frames, key, of)
        found = frames.collect(chosen, f"mismatch {key} {of}", **plans)
        rows, known = found["rows"], codes.by_code(ground["codes"])
        mismatched.said(found["explained"].row(0, named=True), of)
        if rows.height:
            left, right = st.columns([2, 3], gap="large")
            with left:
                mismatched.picture(rows, of, key, chosen.filters)
                mismatched.key(of)
                plots.twin(mismatched.twin(rows.head(2_000)))
            with right:
                some = mismatched.picked(rows, of, chosen.filters)
                offset, pages = address.paging("page", some.height, mismatched.PAGE)
                shown = some.slice(offset, mismatched.PAGE)
                if shown.height:
                    charts.caption(
                        f"Reviews {offset + 1:,}–{offset + shown.height:,} of {some.height:,}, the greatest mismatch "
                        "first, with the sentences that weigh most in what is expected."
                    )
                    mismatched.listed(chosen, shown, key, of, known, rows.height)
                    address.pager("page", offset, mismatched.PAGE, pages)
                else:
                    states.note("<b>None of these reviews</b> could be judged.")
    method.computed(
        "What is **expected** of a review comes from its labels alone: for each code and polarity the square root of "
        "its "
        "share of the review’s labelled sentences, and the logarithm of the review’s words, in a ridge regression "
        "(linear for ratings, logistic for decisions) on standardised predictors with a penalty of 30. Papers go into "
        "ten "
        "folds in turn; a paper is judged by a model of the other nine. Ratings count as distances from the mean of "
        "their corpus, venue and year, in standard deviations of theirs, both of the other nine folds. Only labelled "
        "reviews with a rating (or of an accepted or rejected paper) are judged; rebuttals, meta-reviews and comments "
        "are not.\n\n"
        "**Standard deviations off**: the residual over the root mean square of all residuals; for decisions Pearson’s "
        "residual. **So far off or farther** counts the reviews at least as far from what is expected, on either side. "
        "**R²** is out of fold, its interval draws papers again; for decisions it is Brier’s skill score. "
        "**A sentence’s number** is the coefficient of its labels times its part of their root share: what the "
        "expectation would be without any such label, added up.",
        formulas=[
            r"\hat\beta=\arg\min_\beta\sum_i\left(z_i-\alpha-x_i^\top\beta\right)^2+30\,\lVert\beta\rVert^2,\qquad "
            r"z_i=\frac{\text{rating}_i-\mu_{\text{venue,year}}}{\sigma_{\text{venue,year}}}",
            r"R^2=1-\frac{\sum_i(z_i-\hat z_i)^2}{\sum_i z_i^2}",
        ],
        sources=[
            ("Hoerl & Kennard 1970, ridge regression", "https://doi.org/10.1080/00401706.1970.10488634"),
            ("Stone 1974, cross-validation", "https://doi.org/10.1111/j.2517-6161.1974.tb00994.x"),
            ("le Cessie & van Houwelingen 1992, logistic ridge", "https://doi.org/10.2307/2347628"),
        ],
    )
