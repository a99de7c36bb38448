"""Labeller: which labellers there are and how good they are; training one, and letting one label the selection."""

import streamlit as st

from pages.parts import (
    address,
    frames,
    labeller_apply,
    labeller_known,
    labeller_progress,
    labeller_report,
    labeller_teach,
    labeller_words,
    method,
    permission,
    sheets,
    states,
    verbatim,
)
from queries.counts import counts

VIEWS = {"report": "Report", "label": "Label this selection", "train": "Train"}

chosen = frames.selection()
part = chosen.frames
sheets.style("labeller")
found = frames.collect(chosen, "labeller", counts=counts(part), codes=part.codes)
job = labeller_progress.last(chosen)
question = "Can a model label what nobody labelled, and how far is it to be trusted?"
if not states.heading("Labeller", chosen, found["counts"], question):
    labeller_progress.draw(chosen, job)
else:
    states.no_labels(found["counts"])
    there, told = labeller_known.known(chosen)
    with st.container(horizontal=True, vertical_alignment="center"):
        views = list(VIEWS) if permission.may_write() else ["report"]
        views = views if there else views[-1:]
        view = address.choice("view", views, views[0], "View", VIEWS)
        on = labeller_known.asked(there) if view != "train" else None
    for each in told:
        states.note(f"<b>A labeller is passed over.</b> {verbatim.html(each)}")
    if view == "train":
        labeller_teach.form(chosen, there, job)
    elif view == "label" and on is not None:
        labeller_apply.form(chosen, on, job)
    elif on is None:
        labeller_progress.draw(chosen, job)
        states.note(
            "<b>There is no labeller yet.</b> One is trained on reviews that people labelled: "
            "<code>reviewscope train --db FILE --scheme NAME --to DIR</code>."
        )
    else:
        labeller_progress.draw(chosen, job)
        labeller_report.draw(on, chosen, found["codes"])
        labeller_known.listed(there, chosen, on)
    if not permission.may_write():
        states.note(permission.how())
    method.computed(labeller_words.WORDS, formulas=labeller_words.FORMULAS, sources=labeller_words.SOURCES)
