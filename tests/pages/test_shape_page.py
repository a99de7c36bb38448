"""Review shape: the courses, their links, cohorts side by side, and the reviews that depart."""

from __future__ import annotations

import html as escapes
import io
import json
import re

import polars as pl
import pytest
import shelf
from shelf import HOSTILE, Paper, Review

PAGE = "pages/explore/shape.py"
USUAL = ["SMY", "SMY", "APC", "APC", "CRT", "CRT", "QSN", "QSN"]


def html(app) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def charts(app) -> list[list[dict]]:
    """The data of each chart; those of a chart of one layer come as an Arrow table beside it."""
    found = []
    for chart in app.get("arrow_vega_lite_chart") or app.get("vega_lite_chart"):
        data = [chart.proto.data.data, *(each.data.data for each in chart.proto.datasets)]
        tables = [pl.read_ipc_stream(io.BytesIO(each)).to_dicts() for each in data if each]
        spec = json.loads(chart.proto.spec)
        found.append(tables[0] if tables else spec["layer"][0]["data"]["values"])
    return found


def review(codes: list[str], **rest) -> Review:
    return Review([(f"Sentence {at} says so. ", code) for at, code in enumerate(codes)], **rest)


@pytest.fixture(scope="module")
def courses(tmp_path_factory):
    """Forty accepted papers whose reviews go one way, and thirty rejected ones of which one goes the other way."""
    papers = [Paper(f"p{at:02}", f"Ferry {at}", [review(USUAL)], decision="accept") for at in range(40)]
    papers += [Paper(f"q{at:02}", f"Tug {at}", [review(USUAL)], decision="reject") for at in range(29)]
    odd = Review([(f"{HOSTILE} {at}. ", code) for at, code in enumerate(USUAL[::-1])], reviewer=HOSTILE)
    papers.append(Paper("odd<b>", HOSTILE, [odd, Review([], kind="comment")], decision="reject"))
    return shelf.build(tmp_path_factory.mktemp("shelf") / "courses.duckdb", papers)


def test_a_piece_leads_to_the_sentences_of_its_code(visit, courses):
    marks = charts(visit(courses, PAGE))[0]
    first = [mark for mark in marks if mark["from"] == 0]
    assert {mark["name"]: round(mark["value"], 3) for mark in first} == {"summary": 0.986, "question": 0.014}
    assert {mark["name"]: mark["go"] for mark in first}["summary"] == "sentences?label=SMY"
    for at in range(10):
        ends = [(mark["start"], mark["end"]) for mark in marks if mark["from"] == at]
        assert max(end for _, end in ends) == pytest.approx(1)
        assert sum(end - start for start, end in ends) == pytest.approx(1)


def test_the_mean_course_is_told_in_words(visit, courses):
    app = visit(courses, PAGE)
    told = re.search(r'<p class="rs rs-vh">(.*?)</p>', html(app))[1]
    assert told.startswith("First tenth: 99% summary. Second tenth: 99% summary.")
    assert told.endswith("Last tenth: 99% question.")
    assert "places in a review are no filter" in app.caption[0].value


def test_one_panel_a_code_with_a_line_and_its_table(visit, courses):
    app = visit(courses, PAGE)
    drawn = charts(app)
    assert len(drawn) == 1 + 4
    assert [row["at"] for row in drawn[1]] == list(range(1, 11))
    assert len({row["run"] for row in drawn[1]}) == 1, "one line through all tenths"
    frame = app.dataframe[0].value
    assert len(frame) == 40
    assert frame["share"].sum() == pytest.approx(10)


def test_the_review_that_goes_the_other_way_is_listed_first_as_the_text_it_is(visit, courses):
    text = html(visit(courses, PAGE))
    assert "<script>" not in text
    items = re.findall(r"<li>(.*?)</li>", text.split("rs-courses")[1], re.DOTALL)
    assert "&lt;script&gt;" in items[0]
    assert "8</b> labelled sentences" in items[0]
    strip = re.findall(r'<a href="([^"]*)" data-go data-tip="[^"]*" aria-label="([^"]*)"', items[0])
    assert [label for _, label in strip][:3] == [
        "Sentence 1: question",
        "Sentence 2: question",
        "Sentence 3: criticism",
    ]
    assert escapes.unescape(strip[2][0]) == "paper?open=shelf%2Fodd%3Cb%3E&at=r0%3A2"
    assert len(strip) == 8
    assert "of 70 reviews" in text


def test_the_whole_selection_is_one_until_a_split_is_asked_for(visit, courses):
    app = visit(courses, PAGE)
    assert len(charts(app)) == 5
    assert "split" not in app.query_params
    next(button for button in app.button if button.label == "Set groups side by side").click().run()
    assert app.query_params["split"] == "decision"


def test_cohorts_stand_side_by_side_and_their_pieces_keep_their_filters(visit, courses):
    app = visit(courses, PAGE, split="decision")
    assert not app.exception
    drawn = charts(app)
    assert len(drawn) == 2 + 4
    assert {mark["go"] for mark in drawn[0] if mark["name"] == "summary"} == {"sentences?decision=accept&label=SMY"}
    assert {mark["go"] for mark in drawn[1] if mark["name"] == "summary"} == {"sentences?decision=reject&label=SMY"}
    assert {row["series"] for row in drawn[2]} == {"Accepted", "Rejected"}
    text = html(app)
    assert "Unlike the others: Accepted" in text
    assert "Unlike the others: Rejected" in text
    next(button for button in app.button if button.label.startswith("Show the whole")).click().run()
    assert "split" not in app.query_params


def test_few_papers_are_said_and_faded(visit, library):
    app = visit(library, PAGE, layer="aspect")
    assert "<b>4 papers.</b>" in html(app)
    assert max(mark["strength"] for mark in charts(app)[0]) < 0.5
    assert {row["run"] for row in charts(app)[1]} == {None}, "no line through so little"


def test_polarity_is_shown_first_where_the_layer_has_one(visit, library):
    marks = charts(visit(library, PAGE, layer="aspect"))[0]
    assert {mark["name"] for mark in marks} == {"negative", "neutral", "positive", "no aspect"}
    go = {mark["name"]: mark["go"] for mark in marks}
    assert go["negative"] == "sentences?label=aspect-NEG"
    assert go["no aspect"] == "sentences?label=aspect%3Anone"
    by_code = charts(visit(library, PAGE, layer="aspect", view="codes"))[0]
    assert {"soundness", "clarity", "no aspect"} <= {mark["name"] for mark in by_code}


def test_what_only_rebuttals_are_labelled_with_leads_to_them(visit, mixed):
    app = visit(mixed, PAGE, layer="rebuttal_action")
    assert "No review here is labelled in this layer" in html(app)
    assert 'href="shape?kind=rebuttal&amp;layer=rebuttal_action"' in html(app)
    there = visit(mixed, PAGE, layer="rebuttal_action", kind="rebuttal")
    assert {mark["name"] for mark in charts(there)[0]} == {"task done", "social"}


def test_filters_on_sentences_keep_their_places(visit, courses):
    marks = charts(visit(courses, PAGE, label="CRT"))[0]
    assert {mark["from"] for mark in marks} == {2, 3, 4, 5, 6, 7}, "the fifth to sixth of eight, turned third to fourth"


def test_the_layer_that_tells_what_sentences_do_is_shown_first(visit, library, tmp_path):
    def chosen(app) -> str:
        return next(group for group in app.button_group if group.key == "own_layer").value

    assert chosen(visit(library, PAGE)) == "purpose"
    few = [Paper("p", "Few have a purpose", [review(["MET-POS", "MET-NEG", "RES", "MET SMY", "EXP"])])]
    assert chosen(visit(shelf.build(tmp_path / "few.duckdb", few), PAGE)) == "section"
    asks = "arg_request@disapere:review_action asp_clarity-NEG@disapere:aspect"
    answers = " ".join(f"{code}@disapere:{layer}" for code, layer in
                       (("rebuttal_done", "rebuttal_action"), ("concur", "rebuttal_stance")))  # fmt: skip
    answered = [Paper("p", "Answered at length", [review([asks]), review([answers] * 5, kind="rebuttal")])]
    answered_at = visit(shelf.build(tmp_path / "answered.duckdb", answered), PAGE)
    assert chosen(answered_at) == "review_action", "rebuttals are no reviews, however much of them is labelled"


def test_unknown_values_are_told_and_the_default_is_shown(visit, courses):
    app = visit(courses, PAGE, layer="x", view="y")
    assert not app.exception
    assert len(app.warning) == 2
    assert charts(app)
