"""Decisions, Mismatch and Attention in a real browser: a mark leads to its sentences, a weight to another order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import shelf
from conftest import visited
from tab import settle, visit
from verdicts import verdicts

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def judged(tmp_path_factory, chromium) -> Iterator[str]:
    """A server on a store with enough papers to learn from."""
    store: Path = shelf.build(tmp_path_factory.mktemp("shelf") / "verdicts.duckdb", verdicts())
    with visited(store, chromium) as address:
        yield address


def query(page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_a_dot_leads_to_its_sentences(judged, tab):
    page = tab()
    page.set_default_timeout(60_000)  # the first model of a server waits for statsmodels to be imported
    visit(page, f"{judged}decisions", "path[aria-roledescription=point]")
    page.locator('path[aria-label*="name: soundness; series: negative"]').first.click()
    page.wait_for_selector(".rs-list")
    assert query(page) == {"decision": ["reject"], "label": ["EMP-NEG"]}
    assert page.locator(".rs-quote", has_text="never tried in a storm").count() > 3


def test_from_the_ranking_by_other_weights_to_the_sentence_behind_a_mismatch(judged, tab):
    page = tab()
    visit(page, f"{judged}attention", ".rs-rank")
    field = page.get_by_label("Mismatch", exact=True)
    field.fill("5")
    field.press("Enter")
    page.wait_for_function("location.search.includes('weights')")
    settle(page)
    assert query(page) == {"weights": ["1,1,5,1,1"]}
    first = page.locator(".rs-rank tbody tr").first
    first.locator('a[href*="mismatch?"]').click()
    page.wait_for_selector(".rs-odd")
    assert query(page)["measure"] == ["rating"]
    assert page.locator(".rs-odd > li").count() == 2, "the two reviews of the paper"
    page.locator(".rs-odd a.at").first.click()
    page.wait_for_selector(".rs-seg.found")
    assert page.evaluate("window.hurt") is None


@pytest.mark.parametrize("path", ["decisions", "mismatch", "mismatch?measure=decision", "attention"])
def test_a_phone_shows_it_without_sideways_scrolling_and_nothing_hostile_runs(judged, tab, path):
    page = tab(width=390, height=844, scheme="dark")
    visit(page, judged + path)
    wide = page.evaluate("(e => e.scrollWidth - e.clientWidth)(document.querySelector('[data-testid=stMain]'))")
    assert wide == 0
    assert page.evaluate("window.hurt") is None
    assert page.locator("[data-testid=stMain] [onerror]").count() == 0
