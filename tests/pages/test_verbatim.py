"""Text from a corpus shows as the text it is: in HTML, in Markdown, in a CSV file, on every page."""

from __future__ import annotations

import csv
import html as reference
import io
from html.parser import HTMLParser

import polars as pl
import pytest
import shelf
from hypothesis import given
from hypothesis import strategies as st
from test_page_states import PAGES, html

from corpus.exporters.cells import neutral
from pages.parts import address, codes, passage_list, verbatim

MARKUP = "*_`[](){}<>#+-.!|~$:\\&@=^\"'/"


class Tags(HTMLParser):
    """Every tag of a page, with its attributes."""

    def __init__(self, text: str):
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


class TestHtml:
    @given(st.text())
    def test_a_browser_reads_the_text_back(self, text):
        shown = verbatim.html(text)
        assert not set("<>\"'") & set(shown)
        assert reference.unescape(shown) == "".join(verbatim._visible(c) for c in text)

    def test_null_is_empty(self):
        assert verbatim.html(None) == "" == verbatim.markdown(None)

    def test_what_turns_the_direction_of_writing_is_made_visible(self):
        assert verbatim.html("a\u202eb\x07") == "a[U+202E]b\u2407"


class TestMarkdown:
    @given(st.text(alphabet=MARKUP + "ab 1\n"))
    def test_every_mark_is_escaped(self, text):
        shown = verbatim.markdown(text)
        assert "\n" not in shown
        plain = shown
        for mark in MARKUP:
            plain = plain.replace("\\" + mark, "")
        assert not set(plain) & set(MARKUP) - {"\\"}
        assert shown.replace("\\\\", "").count("\\") == sum(text.count(mark) for mark in MARKUP if mark != "\\")


class TestCell:
    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
    def test_a_formula_is_text(self, text):
        assert neutral(text) == f"'{text}"

    def test_other_values_are_left_alone(self):
        assert [neutral(value) for value in ("a=1", "", None, 3, -1.5)] == ["a=1", "", "", 3, -1.5]


class TestPages:
    @pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
    def test_hostile_text_adds_no_tag_and_no_handler(self, visit, library, page):
        app = visit(library, page, open="shelf/bad<b>", q="<script>", venue="<i>Venue</i> $x$ [a](b)")
        assert not app.exception
        found = Tags(html(app)).found
        assert {tag for tag, _ in found} <= {
            *("style div span a i b small p h1 h2 dl dt dd ol ul li mark article header nav code".split()),
            *("table thead tbody tr th td".split()),
        }
        for _, attributes in found:
            assert not [name for name in attributes if name.startswith("on")]
            assert not str(attributes.get("href", "")).lstrip().startswith(("javascript", "http", "//"))

    @pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
    def test_hostile_text_is_no_markdown(self, visit, library, page):
        bad = "[x](javascript:alert(1)) **b** $a$ :red[c] <u>"
        app = visit(library, page, q=bad, venue=bad)
        texts = [element.value for kind in (app.warning, app.caption, app.title, app.markdown) for element in kind]
        texts += [button.label for button in app.button]
        assert any("javascript" in text for text in texts)
        for text in texts:
            assert "](" not in text
            assert "**" not in text
            assert ":red[" not in text
            assert "<u>" not in text

    def test_a_title_is_shown_as_it_is(self, visit, library):
        text = html(visit(library, PAGES["Paper"], open="shelf/bad<b>"))
        assert "&lt;script&gt;window.hurt = 1&lt;/script&gt;" in text
        assert "$\\alpha^2$ :red[red]" in text


class TestCsv:
    ROW = dict.fromkeys(passage_list._COLUMNS)

    def read(self, *rows: dict) -> list[dict]:
        data = passage_list.as_csv(pl.DataFrame([self.ROW | row for row in rows], infer_schema_length=None))
        assert data.startswith(b"\xef\xbb\xbf")
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))

    def test_cells_are_no_formulas_and_null_is_empty(self):
        (row,) = self.read({"text": '=HYPERLINK("x")', "title": "@a", "labels": None, "year": 2021, "reviewer": "-"})
        assert (row["text"], row["title"], row["reviewer"]) == ('\'=HYPERLINK("x")', "'@a", "'-")
        assert (row["labels"], row["year"]) == ("", "2021")

    def test_text_comes_back_with_its_line_breaks(self):
        (row,) = self.read({"text": 'Two\nlines, "quoted", ü'})
        assert row["text"] == 'Two\nlines, "quoted", ü'

    def test_nothing_selected_is_a_head_alone(self):
        frame = pl.DataFrame(schema=dict.fromkeys(passage_list._COLUMNS, pl.String))
        assert passage_list.as_csv(frame).decode("utf-8-sig").count("\n") == 1


def test_an_anchor_is_one_word_and_keeps_places_apart():
    assert address.anchor("r 1:2") != address.anchor("r1:2")
    assert set(address.anchor("a/ü <b>:3")) <= set("-0123456789abcdefghijklmnopqrstuvwxyz")


def test_a_label_that_no_scheme_knows_shows_as_text():
    assert codes.spelled("<b>-NEG", {}) == '<span class="rs-chip">&lt;b&gt;-NEG</span>'


def test_the_shelf_is_hostile_enough():
    assert all(mark in shelf.HOSTILE for mark in ("<script>", "onerror", "](javascript:", "$", "**", ":red["))
