"""Every page that analyses, on the demo corpus and on hostile text, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from conftest import visited
from tab import settle, visit

from corpus.ingest import demo_database
from pages.parts.address import GROUPS

pytestmark = pytest.mark.browser

PATHS = [
    path for group in ("Explore", "Read", "Judge") for path in GROUPS[group] if path not in ("", "papers", "paper")
]
#: What a reader can click that has a link in its data.
_MARKED = "[...document.querySelectorAll('.vega-embed svg *')].filter(e => e.__data__?.datum?.go)"


@pytest.fixture(scope="module")
def demo(chromium) -> Iterator[str]:
    with visited(demo_database(), chromium) as address:
        yield address


@pytest.mark.parametrize("path", PATHS)
def test_marks_lead_somewhere_and_a_phone_needs_no_sideways_scrolling(demo, tab, path):
    page = tab(scheme="dark")
    visit(page, f"{demo}{path}")
    links = page.evaluate(f"[...new Set({_MARKED}.map(e => e.__data__.datum.go))]")
    assert {urlsplit(link).path.strip("./") for link in links} <= {path for group in GROUPS.values() for path in group}
    page.set_viewport_size({"width": 390, "height": 844})
    settle(page)
    wide = page.evaluate(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".map(e => e.scrollWidth - e.clientWidth)"
    )
    assert wide == [0, 0]
    if links:
        visit(page, f"{demo}{links[0]}")
        assert not page.get_by_text("Nothing matches").count()
        assert not page.locator("[data-testid=stException]").count()


@pytest.mark.parametrize("path", PATHS)
def test_hostile_text_runs_nothing(site, tab, path):
    page = tab()
    visit(page, f"{site}{path}")
    for hovered in ("[data-tip]", ".vega-embed svg"):
        if page.locator(hovered).count():
            page.locator(hovered).first.hover(force=True)
    settle(page)
    assert page.evaluate("window.hurt") is None
    assert page.locator("[data-testid=stMain] [onerror]").count() == 0
