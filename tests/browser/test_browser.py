"""The dashboard in a real browser: what a reader does, and what must never happen."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
import shelf
from conftest import visited
from tab import settle, visit

pytestmark = pytest.mark.browser

PATHS = {
    "overview": "",
    "papers": "papers",
    "paper": "paper?open=shelf/light-1",
    "sentences": "sentences",
    "empty": "papers?venue=Harbour&label=MET-NEG",
    "hostile": "paper?open=shelf/bad%3Cb%3E",
}


def query(page) -> dict[str, list[str]]:
    from urllib.parse import parse_qs, urlsplit

    return parse_qs(urlsplit(page.url).query)


def in_view(page, selector: str) -> bool:
    """Whether the whole element can be seen, its scrolling frame included."""
    page.wait_for_timeout(900)  # a smooth scroll
    return page.evaluate(
        """selector => {
          const e = document.querySelector(selector), r = e.getBoundingClientRect();
          const pane = e.closest('.rs-text').getBoundingClientRect();
          return r.top >= Math.max(0, pane.top) - 1 && r.bottom <= Math.min(innerHeight, pane.bottom) + 1;
        }""",
        selector,
    )


def test_a_deep_link_opens_on_a_fresh_server(fresh, chromium):
    page = chromium.new_page()
    page.set_default_timeout(60_000)
    visit(page, f"{fresh}sentences?label=MET-NEG&label=MAJ&venue=Tidal+Computing")
    page.get_by_role("heading", name="Sentences").wait_for()
    settle(page)
    assert page.get_by_role("dialog").count() == 0
    assert page.locator(".rs-hit").count() == 2
    assert query(page) == {"label": ["MET-NEG", "MAJ"], "venue": ["Tidal Computing"]}
    page.close()


def test_from_the_filter_to_the_sentence_and_back(site, tab):
    page = tab()
    visit(page, site)
    page.get_by_role("button", name="Filters").click()
    page.get_by_test_id("stPopoverBody").get_by_label("Venue").first.click()
    page.get_by_role("option", name="Harbour").click()
    page.wait_for_selector(".rs-says:has-text('at Harbour')")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.get_by_placeholder("Search in sentences").fill("moor every")
    page.keyboard.press("Enter")
    page.wait_for_selector(".rs-says:has-text('moor every')")
    assert query(page) == {"venue": ["Harbour"], "q": ["moor every"]}

    page.get_by_test_id("stSidebar").get_by_role("link", name="Papers").click()
    page.locator(".rs-grid tbody tr").first.click()
    page.wait_for_selector(".rs-panes")
    assert query(page) == {"venue": ["Harbour"], "q": ["moor every"], "open": ["shelf/kelp"], "layer": ["aspect"]}
    sentence = page.locator("mark.positive.met")
    assert sentence.inner_text() == "The authors moor every claim to a measurement."
    sentence.hover()
    assert page.get_by_role("tooltip").inner_text() == "soundness, positive"

    page.go_back()
    page.wait_for_selector(".rs-grid tbody tr[data-href]")
    assert page.url.split("?")[0].endswith("/papers")
    page.get_by_role("button", name="Clear all").click()
    page.wait_for_selector(".rs-says:has-text('All reviews.')")
    assert query(page) == {}


def test_a_link_to_one_sentence_shows_and_marks_it(site, tab):
    page = tab(height=420)
    visit(page, f"{site}sentences?q=tide+tables&paper=shelf/light-1")
    page.get_by_role("link", name="Show in the review").click()
    page.wait_for_selector(".rs-seg.found")
    assert page.locator(".rs-seg.found").all_inner_texts() == ["Which tide tables were used?"]
    assert in_view(page, ".rs-seg.found")
    copied = tab(height=420)
    visit(copied, page.url)
    copied.wait_for_selector(".rs-seg.found")
    assert in_view(copied, ".rs-seg.found")


def test_a_cell_of_the_matrix_jumps_to_its_sentence(site, tab):
    page = tab(height=520)
    visit(page, f"{site}paper?open=shelf/light-1&layer=aspect", ".rs-panes")
    page.locator("a.rs-cell[data-jump=CLA]").click()
    page.wait_for_selector(".rs-seg.found")
    assert page.locator(".rs-seg.found").all_inner_texts() == ["A pleasure to read from start to finish."]
    assert in_view(page, ".rs-seg.found")
    page.locator("a.rs-cell[data-jump=SUB]").focus()
    page.keyboard.press("Enter")
    assert page.locator(".rs-seg.found").all_inner_texts() == ["Which tide tables were used?"]


def test_the_key_filters_and_can_be_sent(site, tab):
    page = tab()
    visit(page, f"{site}paper?open=shelf/light-1&layer=aspect", ".rs-panes")
    page.get_by_role("link", name=re.compile("negative")).first.click()
    page.wait_for_selector(".rs-dim")
    assert page.locator("mark.asked").count() == 2
    assert query(page)["code"] == ["negative"]


def test_a_bar_leads_to_its_sentences(site, tab):
    page = tab()
    visit(page, site, "path[aria-roledescription=bar]")
    page.locator('path[aria-label*="code: methodology; polarity: negative"]').click()
    page.wait_for_selector(".rs-list")
    assert query(page) == {"label": ["MET-NEG"]}


def test_columns_sort(site, tab):
    page = tab()
    visit(page, f"{site}papers", ".rs-grid")
    page.locator(".rs-grid thead a", has_text="EMP").click()
    page.wait_for_selector("th[aria-sort=ascending]:has-text('EMP')")
    assert page.locator(".rs-grid tbody .name a").first.inner_text() == "A second look at beacons"
    page.locator(".rs-grid thead a", has_text="EMP").click()
    page.wait_for_selector("th[aria-sort=descending]:has-text('EMP')")
    assert page.locator(".rs-grid tbody .name a").first.inner_text() == "Kelp forests as file systems"


def test_turning_a_page_starts_at_its_top(tmp_path, chromium, tab):
    page = tab(height=500)
    with visited(shelf.build(tmp_path / "many.duckdb", shelf.many(60)), chromium) as address:
        visit(page, f"{address}papers", ".rs-grid")
        page.get_by_role("button", name="Page 2", exact=True).click()
        page.wait_for_selector("text=Papers 51–60 of 60")
        settle(page)
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0


def test_the_download_is_the_selection(site, tab):
    page = tab()
    visit(page, f"{site}sentences?label=EMP")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download 6 as CSV").click()
    data = Path(download.value.path()).read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert len(rows) == 6
    assert rows[1]["text"] == "'=1+1 is sound."
    assert {"light-1", "light-2", "kelp", "bad<b>"} == {row["paper"] for row in rows}
    assert all("EMP" in row["labels"] for row in rows)


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_hostile_text_runs_nothing(site, tab, path):
    page = tab()
    visit(page, site + path)
    for hovered in ("[data-tip]", "path[aria-roledescription=bar]"):
        if page.locator(hovered).count():
            page.locator(hovered).first.hover()
    page.wait_for_timeout(300)
    assert page.evaluate("window.hurt") is None
    assert page.locator("[data-testid=stMain] [onerror]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_phone_shows_it_without_sideways_scrolling(site, tab, path, scheme):
    page = tab(width=390, height=844, scheme=scheme)
    visit(page, site + path)
    wide = page.evaluate(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".map(e => e.scrollWidth - e.clientWidth)"
    )
    assert wide == [0, 0]


@pytest.mark.parametrize(("scheme", "page_is"), [("light", "rgb(252, 252, 250)"), ("dark", "rgb(22, 24, 27)")])
def test_highlights_follow_the_mode(site, tab, scheme, page_is):
    from pages.parts import palette

    mode = {"light": palette.LIGHT, "dark": palette.DARK}[scheme]
    page = tab(scheme=scheme)
    visit(page, f"{site}paper?open=shelf/light-1&layer=aspect", "mark.negative")
    style = "getComputedStyle(document.querySelector('{}')).backgroundColor"
    assert page.evaluate(style.format(".stApp")) == page_is
    red, green, blue = (int(mode.tints[0][at : at + 2], 16) for at in (1, 3, 5))
    assert page.evaluate(style.format("mark.negative")) == f"rgb({red}, {green}, {blue})"


def test_everything_can_be_reached_by_keyboard(site, tab):
    page = tab()
    visit(page, f"{site}paper?open=shelf/light-1&layer=aspect", "mark.negative")
    page.locator("mark.negative").first.focus()
    assert page.get_by_role("tooltip").inner_text() == "soundness, negative"
    page.keyboard.press("Escape")
    assert page.get_by_role("tooltip").count() == 0
    unnamed = page.evaluate(
        "[...document.querySelectorAll('.rs a, .rs [tabindex]')]"
        ".filter(e => !(e.innerText || e.getAttribute('aria-label') || '').trim()).length"
    )
    assert unnamed == 0
