"""Reviewscope's dashboard: page configuration, navigation and the shared filter bar."""

import streamlit as st

from pages.parts import address, filterbar, frames, live, states

st.set_page_config(page_title="Reviewscope", page_icon=live.ICON, layout="wide", initial_sidebar_state=224)
legacy = live.first_visit_is_legacy()
live.style()
page = st.navigation(
    {
        group: [
            st.Page(script, title=title, icon=icon, url_path=path, default=not path)
            for path, (script, title, icon) in pages.items()
        ]
        for group, pages in address.GROUPS.items()
    },
    position="hidden",
)
address.follow()
try:
    chosen = frames.selection()
except frames.StoreError as error:
    states.no_store(str(error))
    st.stop()
address.enter(page.url_path)
states.navigation(chosen)
with st.sidebar:
    at = address.value("at")
    live.mount(mark=address.anchor(at) if at else None, reload=legacy and bool(page.url_path))
filterbar.show(chosen)
page.run()
