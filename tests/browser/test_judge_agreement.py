"""Agreement and Quality in a real browser: a mark leads down to its sentences."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import shelf
from conftest import visited
from tab import settle, visit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def double(tmp_path_factory: pytest.TempPathFactory, chromium) -> Iterator[str]:
    """A server on six papers with two annotators, who differ on a sentence of one."""
    papers = []
    for at in range(6):
        second = "CLA-POS/anno2" if at == 2 else "EMP-NEG/anno2"
        review = shelf.Review(
            [
                (f"Buoy {at} drifts in section {at}. ", f"EMP-NEG {second}"),
                ("It is well moored. " * (at + 1), "CLA-POS CLA-POS/anno2"),
            ]
        )
        papers.append(shelf.Paper(f"b{at}", f"Buoy {at}", [review]))
    path = shelf.build(tmp_path_factory.mktemp("double") / "double.duckdb", papers)
    with visited(path, chromium) as address:
        yield address


def query(page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_a_cell_of_two_annotators_leads_to_its_sentence_in_the_review(double, tab):
    page = tab()
    visit(page, f"{double}agreement", "a.rs-met-cell")
    page.locator("a.rs-met-cell.apart").click()
    page.wait_for_selector("text=One cell of the matrix")
    settle(page)
    assert query(page)["code"] == ["EMP~CLA"] or query(page)["code"] == ["CLA~EMP"]
    assert page.locator(".rs-differ .rs-quote").all_inner_texts() == ["Buoy 2 drifts in section 2."]
    page.locator(".rs-differ").get_by_role("link", name="Show in the review").click()
    page.wait_for_selector(".rs-seg.found")
    assert page.locator(".rs-seg.found").all_inner_texts() == ["Buoy 2 drifts in section 2."]
    page.go_back()
    page.wait_for_selector(".rs-differ .rs-quote")
    assert "agreement" in page.url


def test_a_dot_chooses_its_layer_and_a_bar_its_reviews(double, tab):
    page = tab()
    visit(page, f"{double}agreement", "path[aria-roledescription=point]")
    page.locator('path[aria-label*="asked: which polarity"]').first.click()
    page.wait_for_url("**view=polarity**")
    settle(page)
    assert query(page) == {"layer": ["aspect"], "view": ["polarity"]}

    visit(page, f"{double}quality", "path[aria-roledescription=bar]")
    page.locator("path[aria-roledescription=bar]").last.click()
    page.wait_for_selector("text=One bar of the histogram")
    settle(page)
    assert query(page)["measure"] == ["n_words"]
    page.locator(".rs-sheet tbody a").first.click()
    page.wait_for_selector(".rs-panes")
    assert query(page)["open"] == ["shelf/b5"]
