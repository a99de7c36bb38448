"""Widgets bound to the URL."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def widget() -> None:
    import streamlit as st

    from pages.parts import address

    st.session_state["own_layer"] = st.session_state["sent"]
    st.button("use", on_click=address.writer("layer", "own_layer", "aspect", str.upper))


@pytest.mark.parametrize(
    ("sent", "then"),
    [
        ("purpose", {"layer": "PURPOSE", "split": "year"}),
        ("aspect", {"page": "3", "split": "year"}),  # as a browser sends what it still draws
    ],
)
def test_a_choice_is_written_and_what_was_shown_is_none(sent, then):
    app = AppTest.from_function(widget)
    app.query_params["page"] = "3"
    app.query_params["split"] = "year"
    app.session_state["sent"] = sent
    app.run().button[0].click().run()
    assert {key: app.query_params[key] for key in app.query_params} == then
