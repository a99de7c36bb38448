"""Trends and Compare in a real browser: a click on a mark leads to its sentences, the back button to the plot."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import shelf
from conftest import visited
from tab import settle, visit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def ferries(tmp_path_factory, chromium) -> Iterator[str]:
    """A hundred and fifty papers, thirty in each of five years, a third of them without a decision."""
    store = shelf.build(tmp_path_factory.mktemp("ferries") / "ferries.duckdb", shelf.many(150))
    with visited(store, chromium) as address:
        yield address


def query(link: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(link).query)


def test_a_year_leads_to_its_sentences(ferries, tab):
    page = tab()
    visit(page, f"{ferries}trends?split=decision", ".vega-embed svg .mark-symbol path")
    points = page.locator(".vega-embed").first.locator(".mark-symbol path")
    points.first.click()
    page.wait_for_selector(".rs-list")
    settle(page)
    where = query(page.url)
    assert urlsplit(page.url).path.endswith("/sentences")
    assert set(where) == {"year", "decision", "label"}
    assert page.locator(".rs-hit").count() > 0
    page.go_back()
    page.wait_for_selector(".vega-embed svg .mark-symbol path")
    assert query(page.url) == {"split": ["decision"]}


def test_a_line_is_drawn_through_years_and_rings_show_the_page(ferries, tab):
    page = tab()
    visit(page, f"{ferries}trends", ".vega-embed svg .mark-symbol path")
    first = page.locator(".vega-embed").first
    assert first.locator(".mark-line path").count() == 1
    assert first.locator(".mark-area path").count() == 1
    assert first.locator(".mark-symbol path").count() == 5
    visit(page, f"{ferries}trends?split=venue", ".vega-embed svg .mark-symbol path")
    assert first.locator(".mark-line path").count() == 0, "ten papers a cell are too few for a line"
    ring, shown = page.evaluate(
        """() => {
          const ring = document.querySelector('.vega-embed svg .mark-symbol path');
          return [getComputedStyle(ring).fill, getComputedStyle(document.querySelector('.stApp')).backgroundColor];
        }"""
    )
    assert ring == shown


def test_from_the_filter_to_a_named_cohort_to_its_sentences(ferries, tab):
    page = tab()
    visit(page, f"{ferries}compare?decision=accept", ".rs-says")
    page.get_by_role("button", name="Add the selection above as a cohort").click()
    page.wait_for_selector("text=Add a second selection as a cohort")
    page.get_by_role("button", name="Clear all").click()
    page.wait_for_selector(".rs-says:has-text('All reviews.')")
    assert query(page.url) == {"cohort": ["decision=accept"]}, "filters leave cohorts alone"
    page.get_by_role("button", name="Add the selection above as a cohort").click()
    page.wait_for_selector(".rs-legend >> text=All reviews")
    page.wait_for_selector(".vega-embed svg .mark-symbol path")
    settle(page)
    page.locator(".vega-embed").first.locator(".mark-symbol path").first.click()
    page.wait_for_selector(".rs-list")
    assert query(page.url)["decision"] == ["accept"]
    page.go_back()
    page.wait_for_selector(".vega-embed svg .mark-symbol path")
    page.get_by_role("link", name="Take All reviews out").click()
    page.wait_for_selector("text=Add a second selection as a cohort")
    assert query(page.url) == {"cohort": ["decision=accept"]}
