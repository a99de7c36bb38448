"""What a model labelled, in a real browser: dashed lines, from corrected to counted and back, to sentences."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import shelf
from conftest import visited
from tab import settle, visit
from test_adjusted_pages import ENOUGH_PAPERS, GUESSED, JUDGED, measured, papers

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def gauges(tmp_path_factory, chromium):
    """2019 and 2020 are labelled by people, 2021 and 2022 by a model."""
    found = [
        each
        for year, review in ((2019, JUDGED), (2020, JUDGED), (2021, GUESSED), (2022, GUESSED))
        for each in papers(ENOUGH_PAPERS, str(year), [review], year=year)
    ]
    store = measured(shelf.build(tmp_path_factory.mktemp("gauges") / "gauges.duckdb", found))
    with visited(store, chromium) as address:
        yield address


def test_corrected_as_counted_and_to_the_sentences(gauges, tab):
    page = tab()
    points = ".vega-embed svg .mark-symbol path"
    visit(page, f"{gauges}trends?measure=sentence&code=EMP&year=2021&year=2022", points)
    chart = page.locator(".vega-embed").first
    assert chart.locator(".mark-line path").first.get_attribute("stroke-dasharray") == "5,3"
    band = chart.locator(".mark-area path").first.get_attribute("d")
    page.get_by_text("As counted", exact=True).first.click()
    settle(page)
    assert parse_qs(urlsplit(page.url).query)["counted"] == ["yes"]
    assert chart.locator(".mark-area path").first.get_attribute("d") != band
    chart.locator(".mark-symbol path").first.click()
    page.wait_for_selector(".rs-list")
    settle(page)
    where = parse_qs(urlsplit(page.url).query)
    assert where["label"] == ["EMP"]
    page.go_back()
    page.wait_for_selector(points)
    assert parse_qs(urlsplit(page.url).query)["counted"] == ["yes"]


def test_people_are_drawn_through_and_full(gauges, tab):
    page = tab()
    visit(page, f"{gauges}trends?measure=sentence&code=EMP&whose=people", ".vega-embed svg .mark-symbol path")
    line = page.locator(".vega-embed").first.locator(".mark-line path").first
    assert line.get_attribute("stroke-dasharray") in (None, "1,0")
