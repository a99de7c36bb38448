"""Paper: its reviews side by side with their sentences highlighted by one layer, or in brief for two minutes."""

import streamlit as st

from pages.parts import (
    address,
    answers,
    brief,
    codes,
    frames,
    offered,
    paper_head,
    provenance,
    reading,
    review,
    states,
    tables,
    verbatim,
)

chosen = frames.selection()
n, around = reading.place(chosen, address.value("open"))
opened = address.value("open") or (around.papers[0] if around.papers else None)
shown = reading.paper(chosen, opened) if opened else None
if shown is None:
    states.name_tab("Paper")
    st.title("Paper", anchor=False)
    if opened:
        st.warning(
            f"There is no paper {verbatim.markdown(opened)} in this database; the address asks for it.",
            icon=":material/link_off:",
        )
        states.note(f'<a href="{verbatim.html(address.href("papers", chosen.filters))}" data-go>See the papers</a>')
    states.says(chosen, n)
else:
    told = frames.alignments(chosen, shown.row["paper_id"])
    shown = shown._replace(reviews=answers.in_order(told, shown.reviews, shown.segments))
    annotators = shown.several
    who = next((name for name in annotators if name == address.value("who")), None)
    shown = shown.by(who)
    layers = shown.layers()
    wanted = offered.asked()
    layer = wanted if wanted in layers else offered.default(layers)
    asked = address.value("code")
    there = {*shown.in_key(layer), *(code.code for code in shown.used(layer))}
    view = review.View(chosen.filters, str(opened), layer, asked if asked in there else None, who)

    states.name_tab(tables.title_of(shown.row))
    paper_head.head(shown, around, chosen.filters, layer)
    states.says(chosen, n)
    if around.at is None and around.papers:
        states.note("<b>This paper is outside the selection above.</b> It is shown because the address names it.")
    paper_head.abstract(shown)
    if address.value("at") and address.value("at") not in shown.places():
        states.note("<b>The sentence that the address points to is not here</b> (any more).")
    names = offered.names(layers)
    if layers and wanted in names and wanted not in layers:
        gone, there_is = (verbatim.html(names[key].lower()) for key in (wanted, layer))
        states.note(f"<b>No labels for {gone} here.</b> Shown: {there_is}.")
    reading.annotators(annotators, who, chosen)
    with st.container(horizontal=True, vertical_alignment="center"):
        in_brief = reading.in_brief()
        if layers:
            address.choice("layer", layers, layer, "Layer", names)
            if len(layers) == 1:
                st.caption(verbatim.markdown(names[layer]), width="content")
            if not in_brief:
                guesses = provenance.meaning(bool(frames.hints(chosen))) if shown.models(layer) else ""
                review.key(codes.layers()[layer], shown.used(layer), shown.in_key(layer), view, guesses)
    if not shown.reviews:
        states.note("<b>This paper has no reviews</b> in the database.")
    elif not layers:
        states.note("<b>No sentence of this paper is labelled.</b> The reviews are shown as they were written.")
    if in_brief and layers:
        brief.draw(chosen, shown, str(opened), layer, who)
    else:
        rows = reading.by_reviewer(chosen, shown, layer, who) if layers else None
        if rows is not None:
            review.matrix(shown.reviews, reading.cells(rows), shown.used(layer), view, shown.models(layer))
        replies = answers.of(told, shown.reviews, shown.segments, who)
        marks = review.Marks(shown.on_segments(layer), shown.on_reviews(), shown.met, replies)
        review.panes(shown.reviews, shown.segments, marks, view)
        if rows is not None:
            with st.expander("Show the codes by reviewer as table", icon=":material/table:"):
                columns = ("reviewer", "review_key", "code", "n", "positive", "neutral", "negative", "net")
                tables.numbers(rows.select(columns))
