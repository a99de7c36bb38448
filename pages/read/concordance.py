"""Concordance: every hit of the text in the filter bar in its context, where and how often hits stand, and by what."""

import streamlit as st

from pages.parts import (
    address,
    charts,
    codes,
    company,
    concordance,
    frames,
    kwic_spread,
    kwic_table,
    provenance,
    sheets,
    states,
)
from queries.counts import counts

chosen = frames.selection()
sheets.style("kwic_table")
n = frames.collect(chosen, "concordance: counts", counts=counts(chosen.frames), codes=chosen.frames.codes)
if states.heading("Concordance", chosen, n["counts"], "How is a word used?"):
    if not chosen.filters.text:
        concordance.invite(chosen)
    elif (row := concordance.extent_of(chosen, on := concordance.asked(chosen))) is not None:
        offset, pages = address.paging("page", row["shown"], concordance.PAGE)
        plan = concordance.lines(chosen, on, offset, concordance.PAGE)
        what = f"concordance: {on.order} {on.layer} {on.tenth} {offset}"
        rows = frames.collect(chosen, what, rows=plan)["rows"]
        concordance.controls(chosen, on, row["shown"])
        charts.caption(concordance.words(on, row, offset))
        provenance.legend(n["counts"], bool(frames.hints(chosen)))
        if rows.height:
            kwic_table.draw(
                rows, codes.by_code(n["codes"], frames.hints(chosen)), chosen.filters, on.own, on.layer, on.order
            )
        address.pager("page", offset, concordance.PAGE, pages)

        left, right = st.columns(2, gap="large")
        found = concordance.spread(chosen, on)
        with left:
            st.subheader("Where in the review", anchor=False)
            states.thin(row["n_papers"], "Where hits stand")
            kwic_spread.tenths(found["tenths"], chosen.filters, on.own)
            st.subheader("How often", anchor=False)
            kwic_spread.evenness(found["evenness"].row(0, named=True))
            if on.over:
                concordance.choose_over(on)
                kwic_spread.rates(found["rates"], on.over, on.layer, chosen.filters, on.own)
        with right:
            st.subheader("Words beside it", anchor=False)
            concordance.choose_company(on)
            beside = concordance.company(chosen, on)
            if beside.height:
                company.table(beside, on.pattern, on.span, chosen.filters, on.own)
            else:
                states.note("<b>No word stands three times beside a hit.</b>")
        concordance.how()
