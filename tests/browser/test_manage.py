"""Data quality and codebook in a real browser."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import duckdb
import pytest
import shelf
from conftest import visited
from tab import settle, visit

pytestmark = pytest.mark.browser

PATHS = {
    "quality": "data-quality",
    "one kind": "data-quality?kind_of=unknown_code",
    "codebook": "codebook",
    "one code": "codebook?scheme_of=peer-review-analyze&code_of=MAJ",
    "empty": "data-quality?venue=Harbour&label=MET-NEG",
}
RAW = f"All well.\n[[WXP]] {shelf.HOSTILE}\n".encode()


@pytest.fixture(scope="module")
def manage(tmp_path_factory: pytest.TempPathFactory, chromium) -> Iterator[str]:
    """A server on the library with a hostile file that is kept, and problems in it."""
    path = shelf.build(tmp_path_factory.mktemp("manage") / "manage.duckdb", shelf.library())
    with duckdb.connect(str(path)) as connection:
        connection.execute("DELETE FROM problems")
        connection.execute(
            "UPDATE sources SET raw = ?, n_bytes = ?, path = ?", [RAW, len(RAW), f"shelf/{shelf.HOSTILE}"]
        )
        rows = [(0, 0, 10, 17, "unknown_code", "WXP is no code.", "[[WXP]]")]
        rows += [(0, None, None, None, "misfiled", shelf.HOSTILE, None)]
        rows += [(0, 1, at, at + 4, "bad_value", "=1+1", None) for at in range(20, 34)]
        connection.executemany("INSERT INTO problems VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    with visited(path, chromium) as address:
        yield address


def query(page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def visible(page, selector: str) -> bool:
    page.wait_for_timeout(600)
    return page.evaluate(
        """selector => {
          const r = document.querySelector(selector).getBoundingClientRect();
          return r.top >= 0 && r.bottom <= innerHeight;
        }""",
        selector,
    )


def test_from_a_number_to_the_place_to_the_review_and_back(manage, tab):
    page = tab()
    visit(page, f"{manage}data-quality", ".rs-met")
    page.get_by_role("link", name="unknown code: 1 in 1 file of shelf").click()
    page.wait_for_selector(".rs-kind")
    settle(page)
    assert query(page) == {"kind_of": ["unknown_code"], "corpus_of": ["shelf"], "format_of": ["made-up"]}
    assert page.locator(".rs-raw mark").inner_text() == "[[WXP]]"
    page.locator(".rs-met-head a").click()
    page.wait_for_selector(".rs-seg.found")
    assert query(page) == {"open": ["shelf/light-1"], "at": ["r0:0"]}
    page.go_back()
    page.wait_for_selector(".rs-raw mark")
    assert query(page)["kind_of"] == ["unknown_code"]
    page.get_by_role("link", name="unknown code: 1 in 1 file of shelf").click()
    page.wait_for_selector("text=Problems 1–10 of 16")
    assert query(page) == {}


def test_a_click_loses_no_text_that_is_still_in_the_field(manage, tab):
    page = tab()
    visit(page, f"{manage}data-quality", ".rs-met")
    page.get_by_placeholder("Find in files and passages").fill("wxp")
    page.get_by_role("link", name="unknown code: 1 in all").click()
    page.wait_for_selector(".rs-kind")
    assert query(page) == {"kind_of": ["unknown_code"], "find": ["wxp"]}


def test_the_download_is_the_list(manage, tab):
    page = tab()
    visit(page, f"{manage}data-quality?kind_of=bad_value", ".rs-met")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download 14 as CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_bytes().decode("utf-8-sig"), newline="")))
    assert [row["detail"] for row in rows] == ["'=1+1"] * 14
    assert [row["first_byte"] for row in rows] == [str(at) for at in range(20, 34)]


def test_a_figure_leads_to_its_section(manage, tab):
    page = tab(height=700)
    visit(page, f"{manage}data-quality", ".rs-met")
    page.locator(".rs-figure a", has_text="Single reviews").click()
    assert visible(page, "#single")


def test_a_link_to_a_code_shows_it(manage, tab):
    page = tab(height=600)
    visit(page, f"{manage}codebook?code_of=MAJ", ".rs-code.asked")
    assert visible(page, ".rs-code.asked")
    assert page.locator(".rs-code.asked h4").inner_text().startswith("MAJ")
    page.get_by_role("link", name="Link to minor").click()
    page.wait_for_selector(".rs-code.asked:has-text('MIN')")
    assert query(page) == {"scheme_of": ["peer-review-analyze"], "code_of": ["significance:MIN"]}
    settle(page)
    assert visible(page, ".rs-code.asked")


def test_an_example_leads_to_its_sentence(manage, tab):
    page = tab()
    visit(page, f"{manage}codebook?find=licences", ".rs-examples")
    page.locator(".rs-examples a").first.click()
    page.wait_for_selector(".rs-seg.found")
    assert page.locator(".rs-seg.found").all_inner_texts() == ["Which tide tables were used?"]


def test_a_folded_scheme_opens(manage, tab):
    page = tab()
    visit(page, f"{manage}codebook", ".rs-code")
    folded = page.locator("[data-testid=stExpander]", has_text="DISAPERE")
    assert folded.locator(".rs-code:visible").count() == 0
    folded.locator("summary").click()
    folded.locator(".rs-code").first.wait_for(state="visible")


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_hostile_text_runs_nothing(manage, tab, path):
    page = tab()
    visit(page, manage + path)
    for each in page.locator("[data-tip]:visible").all()[:3]:
        each.hover()
    page.wait_for_timeout(300)
    assert page.evaluate("window.hurt") is None
    assert page.locator("[data-testid=stMain] [onerror]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_phone_shows_it_without_sideways_scrolling(manage, tab, path, scheme):
    page = tab(width=390, height=844, scheme=scheme)
    visit(page, manage + path)
    wide = page.evaluate(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".map(e => e.scrollWidth - e.clientWidth)"
    )
    assert wide == [0, 0]
