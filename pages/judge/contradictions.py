"""Contradictions: how often two reviews of one paper take opposite sides, on what, and what they say."""

import streamlit as st

from pages.parts import address, codes, frames, method, offered, opposed, plots, sheets, states

chosen = frames.selection()
sheets.style("brief")
offer = offered.layer(offered.used(chosen))
key = offer.chosen
found = frames.collect(chosen, f"contradictions {key}", **opposed.plans(chosen.frames, key))
question = "On what do reviewers of one paper disagree?"
if states.heading("Contradictions", chosen, found["counts"], question) and not states.no_labels(found["counts"]):
    with st.container(horizontal=True, vertical_alignment="center"):
        options = opposed.layers(offer)
        address.choice("layer", options, key, "Layer", offered.names(options))
    rates = found["rates"]
    if not opposed.nothing(rates, key, chosen.filters):
        known = codes.by_code(found["codes"])
        code = opposed.asked(rates, known, key)
        states.thin(found["counts"]["n_papers"][0], "The rate of every code")
        left, right = st.columns([5, 4], gap="large")
        with left:
            opposed.chart(rates, known, chosen.filters, key)
            opposed.turn(rates, known, chosen.filters, key, code)
        with right:
            opposed.most(found["most"], known, chosen.filters, key)
        rows = {str(row["code"]): row for row in rates.iter_rows(named=True)}
        opposed.listed(chosen, key, known[key, code], rows[code])
        plots.twin(opposed.twin(rates, known, key))
    method.computed(
        "A review's **side** on a code is the sign of its positive less its negative labels of the code; a balance, "
        "neutral labels and labels without polarity take none. Every two reviews of a paper that both take a side on a "
        "code are a **pair**; a pair on opposite sides is a contradiction. Only reviews count, not rebuttals, "
        "meta-reviews or comments, and no code that stands for no aspect. Two reviewers who speak of different things "
        "under one code can be opposed without contradicting each other: read the sentences.\n\n"
        "The **interval** draws papers again, with all their pairs, as the pairs of one paper are not independent. "
        "Where all pairs agree no draw differs; Wilson's interval for as many observations as papers is given then. "
        "Grey: under 30 papers or 5 pairs.",
        formulas=[
            r"s_{rc} = \operatorname{sign}(n^{+}_{rc} - n^{-}_{rc}) \qquad "
            r"\text{rate}_c = \frac{\#\{\text{reviews } q, r \text{ of a paper}: s_{qc} = -s_{rc} \ne 0\}}"
            r"{\#\{\text{reviews } q, r \text{ of a paper}: s_{qc} \ne 0, s_{rc} \ne 0\}}"
        ],
        sources=[
            (
                "Kumar, Ghosal & Ekbal 2023: When reviewers lock horns",
                "https://doi.org/10.18653/v1/2023.emnlp-main.1038",
            ),
            (
                "Davison & Hinkley 1997: Bootstrap methods and their application, section 3.8",
                "https://doi.org/10.1017/CBO9780511802843",
            ),
            (
                "Wilson 1927: Probable inference, the law of succession, and statistical inference",
                "https://doi.org/10.1080/01621459.1927.10502953",
            ),
        ],
    )
