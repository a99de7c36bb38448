"""Co-occurrence and review shape in a real browser: a click leads to the sentences behind it."""

from __future__ import annotations

import pytest
import shelf
from conftest import visited
from shelf import Paper, Review
from tab import settle, visit
from test_browser import query

pytestmark = pytest.mark.browser

COURSE = ["SMY MET", "SMY MET", "APC MET-POS EMP-POS", "CRT EXP-NEG SUB-NEG", "CRT MET-NEG EMP-NEG", "QSN EXP SUB-NEU"]


@pytest.fixture(scope="module")
def codes(tmp_path_factory, chromium):
    """Thirty-two papers with a review of six sentences, whose purposes stand in the same order but in one."""
    papers = [
        Paper(f"p{at:02}", f"Ferry {at}", [Review([(f"Sentence {place} of {at}. ", code) for place, code in
                                                   enumerate(COURSE if at else COURSE[::-1])])],
              decision=("accept", "reject")[at % 2])
        for at in range(32)
    ]  # fmt: skip
    store = shelf.build(tmp_path_factory.mktemp("shelf") / "codes.duckdb", papers)
    with visited(store, chromium) as address:
        yield address


def test_a_cell_leads_to_the_sentences_that_have_both_codes(codes, tab):
    page = tab()
    visit(page, f"{codes}co-occurrence", ".rs-pairs")
    cell = page.locator('a.rs-lift[aria-label^="soundness and methodology"]')
    cell.hover()
    tip = page.get_by_role("tooltip").inner_text()
    assert "together in 64 sentences" in tip
    cell.click()
    page.wait_for_selector(".rs-list")
    settle(page)
    assert query(page) == {"label": ["MET", "EMP"]}
    assert "64 sentences" in page.locator(".rs-n").inner_text()
    page.go_back()
    page.wait_for_selector(".rs-pairs")
    page.get_by_role("radio", name="In one review").or_(page.get_by_role("button", name="In one review")).click()
    page.wait_for_selector('a.rs-lift[aria-label="soundness and methodology: lift 1.0, together in 32"]')
    assert query(page)["unit"] == ["review"]


def test_a_piece_of_the_course_and_a_sentence_of_a_strip_lead_to_their_sentences(codes, tab):
    page = tab(height=1400)
    visit(page, f"{codes}shape", "path[aria-roledescription=bar]")
    page.locator('path[aria-label*="what: criticism; where: sixth tenth"]').click()
    page.wait_for_selector(".rs-list")
    settle(page)
    assert query(page) == {"label": ["CRT"]}
    page.go_back()
    page.wait_for_selector(".rs-course a")
    first = page.locator(".rs-courses > li").first
    assert "Ferry 0" in first.inner_text()
    first.locator('.rs-course a[aria-label="Sentence 2: criticism"]').click()
    page.wait_for_selector(".rs-seg.found")
    assert page.locator(".rs-seg.found").all_inner_texts() == ["Sentence 1 of 0."]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["co-occurrence?view=polarity", "shape?split=decision"])
def test_a_phone_shows_it_without_sideways_scrolling(codes, tab, path, scheme):
    page = tab(width=390, height=844, scheme=scheme)
    visit(page, codes + path)
    wide = page.evaluate("(e => e.scrollWidth - e.clientWidth)(document.querySelector('[data-testid=stMain]'))")
    assert wide == 0
