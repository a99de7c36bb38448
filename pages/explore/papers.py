"""Papers: one row per paper, its codes as cells; sorted, searched and paged; a click opens the paper."""

import streamlit as st

from pages.parts import address, charts, codes, frames, listing, states, tables

PAGE = 50
chosen = frames.selection()
part = chosen.frames
layers = [name for name, each in codes.layers().items() if each.target == "segment"]
layer = next((name for name in layers if name == address.value("layer")), "aspect")
found = frames.collect(chosen, f"papers {layer}", **listing.plans(part, layer))
if states.heading("Papers", chosen, found["counts"]):
    with st.container(horizontal=True, vertical_alignment="center"):
        listing.search("find", "Find a title or key")
        address.choice("layer", layers, "aspect", "Layer", {n: e.title for n, e in codes.layers().items()})
    rows, profiles, sort = listing.in_order(found)
    in_order = [code for code in codes.by_code(found["codes"]).values() if code.layer == layer]
    used = [code for code in in_order if code.code in set(profiles["code"])]
    offset, pages = address.paging("page", rows.height, PAGE)
    shown = rows.slice(offset, PAGE)
    if not rows.height:
        states.note("<b>No title or key in this selection</b> has these words. Clear the field to see all papers.")
    else:
        if not used:
            states.note("<b>No labels in this layer.</b> The papers and their reviews are there to read.")
        charts.caption(listing.words(offset, shown.height, rows.height, found["papers"].height, codes.layers()[layer]))
        cells = listing.cells(profiles, shown)
        tables.papers(shown.to_dicts(), cells, used, chosen.filters, sort, layer)
        address.pager("page", offset, PAGE, pages)
        with st.expander("Show as table", icon=":material/table:"):
            tables.numbers(listing.twin(shown, cells, used))
