"""Words in a real browser: from a dot and from a list to the sentences behind a word."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import shelf
from conftest import visited
from shelf import Paper, Review
from tab import settle, visit

pytestmark = pytest.mark.browser


def papers() -> list[Paper]:
    found = []
    for at in range(31):
        praise = Review([("A tidy mooring in every harbour. ", ""), ("The mooring holds.", "")])
        doubt = Review([("The anchor drags in the harbour. ", ""), ("No anchor holds.", "")])
        found += [
            Paper(f"a{at}", f"Mooring {at}", [praise], decision="accept"),
            Paper(f"r{at}", f"Anchor {at}", [doubt], decision="reject"),
        ]
    return found


@pytest.fixture(scope="module")
def harbour(tmp_path_factory, chromium):
    with visited(shelf.build(tmp_path_factory.mktemp("harbour") / "store.duckdb", papers()), chromium) as address:
        yield address


def query(page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_a_dot_a_name_and_a_row_lead_to_the_concordance(harbour, tab):
    page = tab()
    wanted = {"decision": ["accept"], "q": [r"\bmooring\b"], "re": ["1"]}
    for mark in ('path[aria-label*="term: mooring;"]', ".vega-embed text:text-is('mooring')", ".rs-keys a >> nth=0"):
        visit(page, f"{harbour}words", "path[aria-roledescription]")
        assert page.locator(mark).count() == 1, mark
        page.locator(mark).click()
        page.wait_for_url("**/concordance?**")
        settle(page)
        assert query(page) == wanted, mark
        assert "62" in page.locator("[data-testid=stMain]").inner_text(), "twice in each of 31 reviews"


def test_dragging_names_the_dots_of_an_area_and_a_phone_shows_all(harbour, tab):
    page = tab()
    visit(page, f"{harbour}words?find=harbour", "path[aria-roledescription]")
    shown = page.locator(".vega-embed text:text-is('harbour')")
    assert shown.count() == 1
    assert shown.get_attribute("font-weight") == "bold"
    assert page.locator(".vega-embed text:text-is('holds')").count() == 0, "not key"
    box = page.locator(".vega-embed svg").bounding_box()
    page.mouse.move(box["x"] + 90, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 200, steps=6)
    page.mouse.move(box["x"] + box["width"] - 12, box["y"] + 490, steps=6)
    page.mouse.up()
    page.wait_for_timeout(400)
    assert page.locator(".vega-embed text:text-is('holds')").count() == 1
    assert urlsplit(page.url).path.endswith("/words"), "a drag is no click"
    phone = tab(width=390, height=844, scheme="dark")
    visit(phone, f"{harbour}words", "path[aria-roledescription]")
    assert phone.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") == 390
    assert phone.locator(".rs-keys").count() == 2
