"""The concordance in a real browser: from a word to its lines, to the words beside it, to the review."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import shelf
from conftest import visited
from tab import settle, visit

pytestmark = pytest.mark.browser


def query(page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


@pytest.fixture(scope="module")
def harbour(tmp_path_factory, chromium):
    """Forty papers: beacons in their first and last tenth, always a bright one in the last."""
    sentences = [
        ("The beacon burns. ", "EXP-NEG"),
        ("Ships pass by. " * 20, "none@aspect"),
        ("A bright beacon.", "MET-POS"),
    ]
    papers = [
        shelf.Paper(f"p{at:02}", f"Light {at:02}", [shelf.Review(sentences)], year=2020 + at % 2) for at in range(40)
    ]
    store = shelf.build(tmp_path_factory.mktemp("shelf") / "harbour.duckdb", papers)
    with visited(store, chromium) as address:
        yield address


def test_from_a_word_to_its_company_and_to_the_review(harbour, tab):
    page = tab()
    visit(page, f"{harbour}concordance")
    page.get_by_placeholder("baseline").fill("beacon")
    page.keyboard.press("Enter")
    page.wait_for_selector(".rs-kwic tbody tr")
    assert query(page) == {"q": ["beacon"]}
    settle(page)

    page.locator(".rs-company").get_by_role("link", name="bright", exact=True).click()
    page.wait_for_selector(".rs-kwic tbody tr")
    page.wait_for_selector("text=Hits 1–40 of 40")
    settle(page)
    assert set(page.locator(".rs-node").all_inner_texts()) == {"bright beacon"}
    assert query(page)["re"] == ["1"]

    page.locator(".rs-kwic td.right").first.click()
    page.wait_for_selector(".rs-seg.found")
    assert page.locator(".rs-seg.found").all_inner_texts() == ["A bright beacon."]
    page.go_back()
    page.wait_for_selector(".rs-kwic tbody tr")
    assert page.url.split("?")[0].endswith("/concordance")


def test_a_bar_leads_to_its_hits_and_a_head_sorts_them(harbour, tab):
    page = tab()
    visit(page, f"{harbour}concordance?q=beacon", ".rs-kwic")
    page.wait_for_selector("path[aria-roledescription=bar]")
    settle(page)
    page.locator("path[aria-roledescription=bar]").last.click()
    page.wait_for_selector("text=Hits 1–40 of 40")
    assert query(page) == {"q": ["beacon"], "tenth": ["10"]}
    settle(page)
    page.get_by_role("link", name="Show all hits").click()
    page.wait_for_selector("text=Hits 1–50 of 80")
    settle(page)
    page.locator(".rs-kwic thead").get_by_role("link", name="Left").click()
    page.wait_for_selector(".rs-kwic th[aria-sort]")
    settle(page)
    assert query(page) == {"q": ["beacon"], "order": ["left1"]}
    left = page.locator(".rs-kwic td.left").all_inner_texts()
    assert [text.split()[-1] for text in left] == ["bright"] * 40 + ["The"] * 10


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_lines_without_sideways_scrolling(harbour, tab, scheme):
    page = tab(width=390, height=844, scheme=scheme)
    visit(page, f"{harbour}concordance?q=beacon", ".rs-kwic")
    wide = page.evaluate(
        "[document.querySelector('[data-testid=stMain]'), document.querySelector('.rs-kwic')]"
        ".map(e => e.scrollWidth - e.clientWidth)"
    )
    assert wide == [0, 0]
