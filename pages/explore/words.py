"""Words: which terms set one group of reviews apart from another, how much, and how sure that is."""

import streamlit as st

from pages.parts import (
    address,
    cohorts,
    frames,
    keywords,
    listing,
    method,
    sheets,
    states,
    wordlists,
    wordmethod,
    wordplot,
)
from queries.counts import counts

chosen = frames.selection()
sheets.style("wordplot")
n = frames.collect(chosen, "words: counts", counts=counts(chosen.frames))["counts"]
if states.heading("Words", chosen, n, "Which words set one group of reviews apart from another?"):
    groups = cohorts.asked(chosen, most=2)
    cohorts.controls(chosen, groups, most=2)
    keywords.contrasts(chosen, n)
    if len(groups) == 2:
        with st.container(horizontal=True, vertical_alignment="center"):
            measure = address.choice("keyness", list(keywords.MEASURES), "g2", "Measure", keywords.MEASURES)
            unit = keywords.unit()
            listing.search("find", "Find a word")
        keys = keywords.counted(chosen, groups, unit, measure)
        if keywords.says(keys):
            find = address.value("find") or ""
            rows, marked = wordplot.drawn(keys, find)
            if find and not marked:
                keywords.not_found(find)
            cloud, first, second = st.columns([2.1, 1, 1], gap="medium")
            with cloud:
                wordplot.chart(keys, rows, marked)
                keywords.caption(keys, rows.height)
            with first:
                wordlists.listed(keys, 0)
            with second:
                wordlists.listed(keys, 1)
            wordlists.twin(keys, rows)
    method.computed(wordmethod.WORDS, formulas=wordmethod.FORMULAS, sources=wordmethod.SOURCES)
