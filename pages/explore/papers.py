"""Papers: one row per paper, its codes as cells; sorted, searched and paged; a click opens the paper."""

import streamlit as st

from pages.parts import address, charts, codes, frames, listing, offered, states, tables
from pages.parts.export_button import export_button

PAGE = 50
chosen = frames.selection()
part = chosen.frames
offer = offered.layer(offered.used(chosen))
key, layer = offer.chosen, codes.layers()[offer.chosen]
found = frames.collect(chosen, f"papers {key}", **listing.plans(part, key))
if states.heading("Papers", chosen, found["counts"], "What did reviewers say of each paper?"):
    with st.container(horizontal=True, vertical_alignment="center"):
        listing.search("find", "Find a title or key")
        address.choice("layer", offer.options, key, "Layer", offered.names(offer.options))
        export_button(chosen, found["counts"]["n_reviews"][0], found["counts"]["n_segments"][0])
    rows, profiles, sort = listing.in_order(found)
    in_order = [code for code in codes.by_code(found["codes"], frames.hints(chosen)).values() if code.layer == key]
    used = [code for code in in_order if code.code in set(profiles["code"])]
    offset, pages = address.paging("page", rows.height, PAGE)
    shown = rows.slice(offset, PAGE)
    if not rows.height:
        states.note("<b>No title or key in this selection</b> has these words. Clear the field to see all papers.")
    else:
        if not used:
            where = "layer" if found["counts"]["n_labels"][0] else "selection"
            states.note(f"<b>No labels in this {where}.</b> The papers and their reviews are there to read.")
        of = layer if used else None
        cells, models = listing.cells(found, shown), frames.guessers(chosen, found["counts"], key)
        guesses = any(cell["n_models"] for cell in cells.values())
        charts.caption(listing.words(offset, shown.height, rows.height, found["papers"].height, of, guesses))
        tables.papers(shown.to_dicts(), cells, used, chosen.filters, sort, key, models)
        address.pager("page", offset, PAGE, pages)
        with st.expander("Show as table", icon=":material/table:"):
            tables.numbers(listing.twin(shown, cells, used))
