"""The concordance as a page: lines, what they link to, and what is said where there are none."""

from __future__ import annotations

import csv
import html as _html
import io
import re
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest
import shelf
from test_page_states import html

from corpus.store import Snapshot
from pages.parts import kwic_table
from pages.parts.codes import by_code
from queries.hits import hits
from queries.kwic import kwic

PAGE = "pages/read/concordance.py"


def lines(app) -> list[str]:
    """The text of each line, its columns apart."""
    body = html(app).split("rs-kwic", 1)[1].split("<tbody>", 1)[1].split("</tbody>", 1)[0]
    rows = re.findall(r"<tr .*?</tr>", body, re.DOTALL)
    return [" | ".join(_html.unescape(re.sub("<[^>]*>", "", cell)) for cell in row.split("</td>")[:-1]) for row in rows]


def links(app, word: str) -> list[dict[str, list[str]]]:
    """What the links that hold a word ask for."""
    found = re.findall(r'href="(concordance\?[^"]*)"[^>]*>([^<]*)', html(app))
    return [parse_qs(urlsplit(_html.unescape(link)).query) for link, text in found if word in text]


def marks(app) -> list[list[str]]:
    """The links of the marks of each chart, each once; data of a whole chart come as an Arrow table beside it."""
    found = []
    for chart in app.get("arrow_vega_lite_chart") or app.get("vega_lite_chart"):
        go = re.findall(r'"go": "([^"]*)"', chart.proto.spec)
        for data in (chart.proto.data.data, *(each.data.data for each in chart.proto.datasets)):
            go += pl.read_ipc_stream(io.BytesIO(data))["go"].to_list() if data else []
        found.append(list(dict.fromkeys(go)))
    return found


@pytest.fixture(scope="module")
def beacons(tmp_path_factory):
    """Forty papers with a strong beacon each, a weak one in every other; two years, two decisions."""
    strong = [("A strong beacon stands here. ", "MET-POS EMP-POS"), ("It shines on beaconless ships.", "MET-NEG")]
    weak = [("The weak beacon is dim, and nothing more is to be said of it.", "EXP-NEU none@aspect")]
    papers = [
        shelf.Paper(
            f"p{at:02}", f"Light {at:02}", [shelf.Review(strong), *([shelf.Review(weak)] if at % 2 else [])],
            year=2020 + at % 2, decision=("accept", "reject")[at % 2],
        )
        for at in range(40)
    ]  # fmt: skip
    return shelf.build(tmp_path_factory.mktemp("shelf") / "beacons.duckdb", papers)


class TestLines:
    def test_every_hit_has_a_line_with_context_labels_and_paper(self, visit, library):
        app = visit(library, PAGE, q="the lemma|proof", re="1", paper="shelf/light-1")
        assert lines(app) == [
            "The lighthouse scheduler is a lovely idea. But the  | proof |  of lemma 2 assumes calm seas.\n"
            "Figure 3 has no axis labels. Which tide tables were used? | − EMP | accept Scheduling by lighthouse"
        ]
        assert "Hits 1–1 of 1 in 1 sentence of 1 paper." in app.caption[0].value.replace("\\", "")

    def test_a_line_opens_the_review_at_its_sentence(self, visit, library):
        app = visit(library, PAGE, q="tide tables", paper="shelf/light-1", layer="section")
        (link,) = re.findall(r'<tr data-href="([^"]*)"', html(app).split("rs-kwic", 1)[1])
        asked = parse_qs(urlsplit(_html.unescape(link)).query)
        assert asked["open"] == ["shelf/light-1"]
        assert asked["at"] == ["r0:3"]
        assert asked["layer"] == ["section"]
        assert asked["q"] == ["tide tables"]

    @pytest.mark.parametrize(
        ("layer", "mark"),
        [
            ("aspect", '<mark class="rs-node negative">proof</mark>'),
            ("purpose", "proof</mark>"),
            ("significance", '<mark class="rs-node hue"'),
        ],
    )
    def test_the_hit_has_the_tint_of_its_sentence_in_the_layer(self, visit, library, layer, mark):
        assert mark in html(visit(library, PAGE, q="proof", paper="shelf/light-1", layer=layer))

    def test_labels_of_the_filters_hold_on_the_same_sentence(self, visit, library):
        assert len(lines(visit(library, PAGE, q="the", paper="shelf/light-1"))) == 5
        met = lines(visit(library, PAGE, q="the", paper="shelf/light-1", label=["EMP-NEG", "MAJ"]))
        assert [line.split(" | ")[1] for line in met] == ["the"]
        assert "calm seas" in met[0]

    def test_works_on_text_without_labels(self, visit, unlabelled):
        app = visit(unlabelled, PAGE, q="label")
        assert not app.exception
        assert lines(app) == ["Nothing here is  | labelled | . | Plain sailing"]
        assert not [widget for widget in app.segmented_control if widget.label == "Layer"]

    def test_sorts_before_pages_are_cut(self, visit, beacons):
        app = visit(beacons, PAGE, q="beacon", order="left1", page="2")
        assert "Hits 51–100 of 100" in app.caption[0].value.replace("\\", "")
        words = [line.split(" | ")[0].split()[-1] for line in lines(app)]
        assert words == ["strong"] * 30 + ["weak"] * 20
        assert 'class="left" aria-sort="ascending"' in html(app)

    def test_an_unknown_order_layer_and_tenth_are_told(self, visit, beacons):
        app = visit(beacons, PAGE, q="beacon", order="sideways", layer="mood", tenth="11", **{"with": "99"})
        told = " ".join(warning.value for warning in app.warning).replace("\\", "")
        for word in ("sideways", "mood", "11", "99"):
            assert f"“{word}”" in told
        assert "Hits 1–50 of 100" in app.caption[0].value.replace("\\", "")

    def test_one_tenth_of_the_reviews(self, visit, beacons):
        app = visit(beacons, PAGE, q="beacon", tenth="8")
        assert "8th tenth" in html(app)
        assert "Hits 1–40 of 40." in app.caption[0].value.replace("\\", ""), "code point 42 of 59"
        assert {line.split(" | ")[1] for line in lines(app)} == {"beaconless"}
        assert links(app, "Show all hits") == [{"q": ["beacon"]}]
        empty = visit(beacons, PAGE, q="beacon", tenth="3")
        assert not empty.exception
        assert "No hit begins there" in empty.caption[0].value
        assert links(empty, "Show all hits")

    def test_hostile_text_is_shown_as_it_is(self, visit, library):
        text = html(visit(library, PAGE, q="script", layer="aspect"))
        assert "<script" not in text
        assert "onerror=&quot;window" in text
        assert "[U+202E]" in text


class TestBeside:
    def test_marks_lead_to_their_hits(self, visit, beacons):
        app = visit(beacons, PAGE, q="beacon", over="year")
        tenths, rates = marks(app)
        assert [parse_qs(urlsplit(go).query)["tenth"] for go in tenths] == [[str(at)] for at in range(1, 11)]
        assert [parse_qs(urlsplit(go).query)["year"] for go in rates] == [["2020"], ["2021"]]
        assert all(parse_qs(urlsplit(go).query)["q"] == ["beacon"] for go in (*tenths, *rates))

    def test_frequency_by_polarity_leads_to_the_labels(self, visit, beacons):
        app = visit(beacons, PAGE, q="beacon", over="polarity", layer="section")
        _, found = marks(app)
        assert [parse_qs(urlsplit(go).query)["label"] for go in found] == [
            [f"section-{sign}"] for sign in ("NEG", "NEU", "POS")
        ]

    def test_a_word_leads_to_the_lines_with_both(self, visit, beacons):
        app = visit(beacons, PAGE, q="beacon")
        (asked,) = links(app, "weak")
        assert asked["re"] == ["1"]
        both = visit(beacons, PAGE, **asked)
        assert not both.warning
        assert {line.split(" | ")[1] for line in lines(both)} == {"weak beacon"}
        assert "Hits 1–20 of 20" in both.caption[0].value.replace("\\", "")

    def test_a_pattern_that_cannot_be_part_of_another_still_has_links(self, visit, beacons):
        app = visit(beacons, PAGE, q="(?x) beacon # a light", re="1")
        assert not app.exception
        (asked,) = links(app, "weak")
        assert not visit(beacons, PAGE, **asked).exception

    def test_says_what_there_is_nothing_to_tell_apart_by(self, visit, beacons):
        app = visit(beacons, PAGE, q="beacon", over="venue")
        assert "By venue there is nothing to tell apart here." in " ".join(
            caption.value.replace("\\", "") for caption in app.caption
        )

    def test_tells_how_evenly_hits_fall(self, visit, beacons):
        text = html(visit(beacons, PAGE, q="weak"))
        assert "20 of 40 papers have a hit" in text
        assert "Deviation of proportions" in text


class TestNothing:
    def test_without_a_text_one_is_asked_for(self, visit, beacons):
        app = visit(beacons, PAGE)
        assert links(app, "beacon ")[0] == {"q": [r"\bbeacon\b"], "re": ["1"]}
        assert links(app, "strong beacon ")[0]["q"] == [r"\bstrong[\W_]+beacon\b"]
        app.text_input(key="ask_text").set_value("dim|ships")
        app.toggle(key="ask_regex").set_value(True)
        app.button(key="FormSubmitter:ask-Show its uses").click().run()
        assert app.query_params == {"q": "dim|ships", "re": "1"}
        assert len(lines(app)) == 50

    def test_suggestions_keep_the_other_filters(self, visit, beacons):
        asked = links(visit(beacons, PAGE, year="2021", label="EXP-NEU"), "weak ")[0]
        assert asked["year"] == ["2021"]
        assert asked["label"] == ["EXP-NEU"]

    def test_a_pattern_that_matches_no_character_is_told(self, visit, beacons):
        app = visit(beacons, PAGE, q=r"\b|x*", re="1")
        assert not app.exception
        assert "matches no character" in html(app)

    def test_too_many_hits_are_not_begun(self, visit, beacons, monkeypatch):
        monkeypatch.setattr("pages.parts.concordance.MOST", 99)
        text = html(visit(beacons, PAGE, q="beacon"))
        assert "matches 100 times" in text
        assert "rs-kwic" not in text.split("</style>")[-1]

    def test_nested_quantifiers_end(self, visit, tmp_path):
        long = shelf.Paper("long", "Long", [shelf.Review([("a" * 50_000 + "b", "")])])
        app = visit(shelf.build(tmp_path / "long.duckdb", [long]), PAGE, q="(a+)+$|b", re="1")
        assert not app.exception
        assert "Hits 1–1 of 1" in app.caption[0].value.replace("\\", "")


class TestCsv:
    def rows(self, path, text: str, pattern: str, title: str | None = None) -> list[dict]:
        review = shelf.Review([(text, "")])
        paper = shelf.Paper("p", title, [review], None, None)
        store = Snapshot.open(shelf.build(path / "store.duckdb", [paper]))
        frame = kwic(store.frames, pattern=pattern).collect()
        data = kwic_table.as_csv(frame)
        assert data.startswith(b"\xef\xbb\xbf")
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))

    def test_cells_are_no_formulas_and_null_is_empty(self, tmp_path):
        (row,) = self.rows(tmp_path, "=1+1 @sum -x", "@sum", "+title")
        assert (row["left"], row["hit"], row["right"]) == ("'=1+1 ", "'@sum", " -x")
        assert row["title"] == "'+title"
        assert (row["labels"], row["reviewer"], row["start"], row["end"]) == ("", "", "5", "9")

    def test_text_comes_back_as_it_is(self, tmp_path):
        (row,) = self.rows(tmp_path, 'Two\nlines, "quoted", 😀 ü', "quoted")
        assert row["left"] + row["hit"] + row["right"] == 'Two\nlines, "quoted", 😀 ü'

    def test_no_hits_are_a_head_alone(self, tmp_path):
        assert self.rows(tmp_path, "a", "b") == []


KNOWN = by_code(pl.DataFrame([
    {"scheme": "peer-review-analyze", "layer": layer, "code": code, "name": code, "definition": "", "polarised": signed,
     "position": at}
    for at, (layer, code, signed) in enumerate(
        [("aspect", "EMP", True), ("aspect", "none", True), ("aspect", "CNT", True), ("purpose", "CRT", False)])
]))  # fmt: skip


@pytest.mark.parametrize(
    ("marks", "layer", "kind"),
    [
        ([], "aspect", ""),
        ([("EMP", -1)], "aspect", "negative"),
        ([("EMP", 0)], "aspect", "neutral"),
        ([("EMP", 1), ("EMP", -1)], "aspect", "mixed"),
        ([("EMP", 1), ("none", None)], "aspect", "positive"),
        ([("EMP", 1), ("EMP", None)], "aspect", "positive"),
        ([("EMP", None)], "aspect", "blank"),
        ([("none", None)], "aspect", ""),
        ([("CNT", None)], "aspect", ""),
        ([("CRT", None)], "purpose", "hue"),
    ],
)
def test_null_none_and_neutral_have_tones_of_their_own(marks, layer, kind):
    told = [{"code": code, "polarity": polarity} for code, polarity in marks]
    assert kwic_table.tone(told, KNOWN, layer)[0] == kind


@pytest.mark.parametrize(
    ("left", "node", "right", "cut"),
    [
        ("a base", "line", "s are", ("a ", "base", "s", " are")),
        ("a (", "base", ") line", ("a (", "", "", ") line")),
        ("x", "-", "y", ("x", "", "", "y")),
        ("", "base", "", ("", "", "", "")),
        ("é", "é", "é!", ("", "é", "é", "!")),
    ],
)
def test_a_hit_inside_a_word_keeps_the_word_together(left, node, right, cut):
    assert kwic_table._cut(left, node, right) == cut


def test_the_lines_of_the_page_are_those_of_the_query(beacons):
    frames = Snapshot.open(beacons).frames
    assert hits(frames.segments, pattern="(?i)beacon").collect().height == 100
