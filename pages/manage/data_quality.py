"""Data quality: what readers met in the files, with the places, and what else gives reason to doubt."""

import streamlit as st

from pages.parts import address, charts, doubts, frames, problem_list, sheets, states
from queries.counts import counts
from queries.problem_grid import problem_grid
from queries.problem_list import problem_list as listed

chosen = frames.selection()
sheets.style()
n = frames.collect(chosen, "data quality: counts", counts=counts(chosen.frames))["counts"]
some = states.heading("Data quality", chosen, n, "How far can these data be relied on?")
met, _ = frames.met(chosen)
whole = chosen._replace(filters=chosen.filters.__class__())
grid = frames.collect(whole, "data quality: problems", grid=problem_grid(met))["grid"]
found = frames.collect(chosen, "data quality", **doubts.plans(chosen)) if some else {}
pairs = doubts.copies(chosen, found["reviews"]) if some else None
lost = doubts.lost(chosen)
figures: list[tuple[str, str, int | None, str]] = [
    ("problems", "Problems in the files", int(grid["n"].sum()), "in the whole database")
]
if some:
    figures += [
        ("copies", "Near-duplicates", pairs.height if pairs is not None else None, "pairs of reviews"),
        ("single", "Single reviews", found["single"].filter(found["single"]["n_reviews"] == 1).height, "papers"),
        ("short", "Short reviews", found["short"].height, "far below their corpus’s"),
        ("annotators", "Labelled by two", found["overlap"].height, "pairs of annotators"),
        ("lost", "Lost text", int(lost["n_differ"].sum()), "files, whole database"),
    ]
sheets.figures(figures)

sheets.section("problems", "Problems met while reading", int(grid["n"].sum()))
sheets.said(
    "What could not be taken at face value, and what was made of it; nothing is passed over in silence. "
    "Of the whole database: the filters above do not touch it."
)
if not grid.height:
    states.note("<b>None.</b> Every file was taken at face value.")
else:
    on = problem_list.asked(grid)
    problem_list.table(grid, on, chosen.filters)
    problem_list.controls(grid, on)
    if on["kind"]:
        problem_list.meaning(on["kind"])
    plan = listed(met, **on)
    total = frames.collect(whole, f"problems {on}", n=plan.select("number"))["n"].height
    offset, pages = address.paging("page", total, problem_list.PAGE)
    if not total:
        states.note("<b>No problem is like this.</b> Clear the field or a choice to see others.")
    else:
        rows = frames.collect(whole, f"problems {on} {offset}", rows=plan.slice(offset, problem_list.PAGE))["rows"]
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            charts.caption(f"Problems {offset + 1:,}–{offset + rows.height:,} of {total:,}, file by file.")
            problem_list.download(plan, total)
        problem_list.listed(rows, chosen)
        address.pager("page", offset, problem_list.PAGE, pages)
problem_list.meanings(grid)

if some:
    doubts.near_copies(pairs, chosen.filters)
    doubts.single(found["single"], chosen.filters)
    doubts.short(found["short"], chosen.filters)
    doubts.open_layers(found["unlabelled"])
    doubts.overlap(found["overlap"])
doubts.lost_text_of(lost, chosen.filters)
