"""Going from page to page: nothing typed is lost, address and page agree, one click is one step of the history."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from tab import settle, visit

pytestmark = pytest.mark.browser

TEXT = "Search in sentences"
BAR = 'path[aria-label*="code: methodology; polarity: negative"]'


def place(page) -> tuple[str, dict[str, list[str]]]:
    """The page's path and the parameters of its address."""
    parts = urlsplit(page.url)
    return parts.path.strip("/"), parse_qs(parts.query)


def write(page, field: str, text: str) -> None:
    """Types into a field and leaves the text there, not sent."""
    page.get_by_placeholder(field).click()
    page.keyboard.type(text)


def says(page, words: str) -> None:
    page.wait_for_selector(f".rs-says:has-text('{words}')")
    settle(page)


@pytest.mark.parametrize(("start", "delay"), [("", 0), ("sentences", 1500)])
@pytest.mark.parametrize(
    ("name", "path"), [("Overview", ""), ("Papers", "papers"), ("Paper", "paper"), ("Sentences", "sentences")]
)
def test_a_page_link_takes_the_text_along_that_was_not_sent(site, tab, start, delay, name, path):
    page = tab()
    visit(page, site + start)
    write(page, TEXT, "moor every")
    page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True).click(delay=delay)
    page.wait_for_function(f"location.pathname === '/{path}'")
    says(page, "moor every")
    assert place(page) == (path, {"q": ["moor every"]})
    assert page.get_by_placeholder(TEXT).input_value() == "moor every"


def test_text_that_was_taken_out_is_not_taken_along(site, tab):
    page = tab()
    visit(page, f"{site}sentences?q=moor")
    page.get_by_placeholder(TEXT).fill("")
    page.get_by_test_id("stSidebar").get_by_role("link", name="Papers").click()
    page.wait_for_function("location.pathname === '/papers'")
    says(page, "All reviews.")
    assert place(page) == ("papers", {})


@pytest.mark.parametrize("delay", [0, 120, 1500])
def test_a_paper_opens_with_the_text_that_was_not_sent(site, tab, delay):
    page = tab()
    visit(page, f"{site}papers", ".rs-grid")
    write(page, TEXT, "moor every")
    # Pressed for long, the row is redrawn, or gone, before the button is let go.
    page.locator(".rs-grid tbody tr", has_text="Kelp").locator("small").first.click(delay=delay)
    page.wait_for_selector(".rs-panes")
    says(page, "moor every")
    path, query = place(page)
    assert (path, query["q"], query["open"]) == ("paper", ["moor every"], ["shelf/kelp"])
    page.go_back()
    page.wait_for_selector(".rs-grid")
    says(page, "moor every")
    assert place(page) == ("papers", {"q": ["moor every"]})


@pytest.mark.parametrize("delay", [0, 1500])
def test_a_head_of_a_column_keeps_what_was_typed_to_find(site, tab, delay):
    page = tab()
    visit(page, f"{site}papers", ".rs-grid")
    write(page, "Find a title or key", "beacons")
    page.locator(".rs-grid thead a", has_text="EMP").click(delay=delay)
    page.wait_for_selector("th[aria-sort]:has-text('EMP')")
    settle(page)
    assert place(page)[1]["find"] == ["beacons"]
    assert page.get_by_placeholder("Find a title or key").input_value() == "beacons"
    assert page.locator(".rs-grid tbody tr").count() == 1


def test_a_filter_just_chosen_goes_along(site, tab):
    page = tab()
    visit(page, site)
    page.get_by_role("button", name="Filters").click()
    page.get_by_test_id("stPopoverBody").get_by_label("Venue").first.click()
    page.get_by_role("option", name="Harbour").click()
    page.wait_for_function("location.search === '?venue=Harbour'", polling=10)
    page.locator("[data-testid=stSidebar] a", has_text="Papers").evaluate("link => link.click()")
    page.wait_for_function("location.pathname === '/papers'")
    says(page, "at Harbour")
    assert place(page) == ("papers", {"venue": ["Harbour"]})


def test_enter_adds_the_label_that_was_typed(site, tab):
    page = tab()
    visit(page, f"{site}sentences")
    page.get_by_role("button", name="Filters").click()
    page.get_by_test_id("stPopoverBody").get_by_label("Labels").first.click()
    page.keyboard.type("MET-NEG")
    page.wait_for_function("document.querySelectorAll('[role=option]').length === 1")
    page.keyboard.press("Enter")
    says(page, "MET-NEG")
    assert place(page) == ("sentences", {"label": ["MET-NEG"]})


def test_on_a_phone_the_sidebar_closes_behind_a_link(site, tab):
    page = tab(width=390, height=844)
    visit(page, site)
    closed = page.locator("[data-testid=stSidebar][data-collapsed=true]")
    closed.wait_for(state="attached")
    page.get_by_test_id("stExpandSidebarButton").click()
    page.wait_for_selector("[data-testid=stSidebar][data-collapsed=false]")
    page.get_by_test_id("stSidebar").get_by_role("link", name="Papers").click()
    page.wait_for_selector(".rs-grid")
    closed.wait_for(state="attached")

    page.get_by_test_id("stExpandSidebarButton").click()
    page.wait_for_selector("[data-testid=stSidebar][data-collapsed=false]")
    page.reload()
    page.wait_for_selector(".rs-grid")
    closed.wait_for(state="attached")


def test_from_a_bar_it_is_one_step_back(site, tab):
    page = tab()
    visit(page, f"{site}papers", ".rs-grid")
    page.get_by_test_id("stSidebar").get_by_role("link", name="Overview").click()
    for _ in range(2):
        page.wait_for_selector(BAR)
        settle(page)
        page.locator(BAR).click()
        page.wait_for_selector(".rs-list")
        settle(page)
        assert place(page) == ("sentences", {"label": ["MET-NEG"]})
        page.go_back()
        page.wait_for_selector(BAR)
        assert place(page) == ("", {})
    settle(page)
    page.go_back()
    page.wait_for_selector(".rs-grid")
    assert place(page) == ("papers", {})


def test_a_bar_takes_the_text_along_that_was_not_sent(site, tab):
    page = tab()
    visit(page, site, BAR)
    write(page, TEXT, "the")
    page.locator(BAR).click()
    page.wait_for_selector(".rs-list")
    settle(page)
    assert place(page) == ("sentences", {"label": ["MET-NEG"], "q": ["the"]})
