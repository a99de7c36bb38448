"""From a contradiction and from a paper's brief to the sentences, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import shelf
from conftest import visited
from tab import settle, visit

pytestmark = pytest.mark.browser

POINT = "path[aria-roledescription=point]"


def query(page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def in_view(page, selector: str) -> bool:
    return page.evaluate(
        f"(() => {{ const b = document.querySelector('{selector}').getBoundingClientRect();"
        "return b.top >= 0 && b.bottom <= innerHeight; })()"
    )


@pytest.fixture(scope="module")
def harbour(tmp_path_factory, chromium) -> Iterator[str]:
    """A paper whose reviewers contradict each other on two codes, on soundness twice."""
    harsh = shelf.Review(
        [("No gale was measured. ", "EMP-NEG"), ("The harbour is drawn well.", "PNF-POS")], reviewer="Ann"
    )
    kind = shelf.Review(
        [("Every gale was measured. ", "EMP-POS"), ("The harbour is a blot.", "PNF-NEG")], reviewer="Bea"
    )
    late = shelf.Review([("So many gales, all measured.", "EMP-POS")], reviewer="Cid")
    papers = [shelf.Paper("gale", "Gales and harbours", [harsh, kind, late])]
    path = shelf.build(tmp_path_factory.mktemp("harbour") / "harbour.duckdb", papers)
    with visited(path, chromium) as address:
        page = chromium.new_page()  # the first visit of all to a page takes long: a jump to a sentence would not wait
        page.goto(f"{address}paper?open=shelf/gale")
        page.wait_for_selector(".rs-panes")
        page.close()
        yield address


def test_from_a_rate_to_the_sentences_and_into_the_review(harbour, tab):
    page = tab()
    visit(page, f"{harbour}contradictions", POINT)
    assert page.locator("#opposed").inner_text().startswith("Contradictions on soundness")
    page.locator(f'{POINT}[aria-label*="presentation"]').click()
    page.wait_for_selector("#opposed:has-text('Contradictions on presentation')")
    settle(page)
    assert query(page) == {"layer": ["aspect"], "code": ["PNF"]}
    left, right = page.locator(".rs-stance.negative"), page.locator(".rs-stance.positive")
    assert "The harbour is a blot." in left.inner_text()
    assert "The harbour is drawn well." in right.inner_text()
    left_box, right_box = left.bounding_box(), right.bounding_box()
    assert left_box["x"] + left_box["width"] <= right_box["x"], "side by side"
    right.get_by_role("link", name="Show in the review").click()
    page.wait_for_selector(".rs-seg.found")
    assert page.locator(".rs-seg.found").all_inner_texts() == ["The harbour is drawn well."]
    assert in_view(page, ".rs-seg.found")
    page.go_back()
    page.wait_for_selector(".rs-opposed")
    assert urlsplit(page.url).path.endswith("/contradictions")
    assert query(page)["code"] == ["PNF"]


def test_a_brief_leads_to_its_sentences_and_stays_when_going_on(site, tab):
    page = tab()
    visit(page, f"{site}paper?open=shelf/light-1", ".rs-panes")
    page.get_by_role("radio", name="Brief").click()
    page.wait_for_selector(".rs-read")
    settle(page)
    assert query(page)["view"] == ["brief"]
    assert page.locator(".rs-panes").count() == 0
    page.locator(f'{POINT}[aria-label*="soundness"]').click()
    page.wait_for_selector("mark.asked")
    assert query(page) == {"open": ["shelf/light-1"], "layer": ["aspect"], "code": ["EMP"]}
    assert page.locator("mark.asked").count() == 2
    page.go_back()
    page.wait_for_selector(".rs-read")
    page.locator(".rs-read").get_by_role("link", name="Show in the review").first.click()
    page.wait_for_selector(".rs-seg.found")
    assert page.locator(".rs-seg.found").all_inner_texts() == ["But the proof of lemma 2 assumes calm seas."]
    page.go_back()
    page.wait_for_selector(".rs-read")
    page.get_by_role("link", name="‹ Previous").click()
    page.wait_for_selector("h1:has-text('Kelp')")
    settle(page)
    assert query(page)["view"] == ["brief"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["paper?open=shelf/light-1&view=brief", "paper?open=shelf/bad%3Cb%3E&view=brief"])
def test_a_brief_on_a_phone_runs_nothing_and_does_not_scroll_sideways(site, tab, path, scheme):
    page = tab(width=390, height=844, scheme=scheme)
    visit(page, site + path, ".rs-read")
    assert page.evaluate("window.hurt") is None
    wide = page.evaluate(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".map(e => e.scrollWidth - e.clientWidth)"
    )
    assert wide == [0, 0]
