"""Quality: measures of whole reviews, groups side by side, bars that lead to reviews, nothing unescaped."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import shelf
from test_agreement_page import rows, section
from test_page_states import html
from test_verbatim import Tags

from pages.parts.measure_words import WORDS
from pages.parts.review_quality import number
from queries.review_measures import MEASURES

PAGE = "pages/judge/quality.py"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty papers with a review each, one of them very long, one very short; a rebuttal each; two venues."""
    papers = []
    for at in range(40):
        words = {7: 1_200, 8: 4}.get(at, 100 + at)
        text = " ".join(["word"] * (words - 1) + ["end."])
        reviews = [
            shelf.Review([(text, "EMP-NEG" if at % 2 else "")]),
            shelf.Review([("No. Why?", "")], kind="rebuttal"),
        ]
        decision = ("accept", "reject")[at % 2]
        papers.append(shelf.Paper(f"p{at:02}", f"Paper {at}", reviews, f"Port {at % 2}", decision=decision))
    return shelf.build(tmp_path_factory.mktemp("many") / "measured.duckdb", papers)


def chart(app) -> dict:
    """The specification of the histogram."""
    found = [json.loads(each.proto.spec) for each in app.get("arrow_vega_lite_chart") or app.get("vega_lite_chart")]
    return found[0]


def bars(app) -> list[dict]:
    """The data of its bars."""
    layers = chart(app)["layer"]
    return next(layer["data"]["values"] for layer in layers if layer["mark"]["type"] == "bar")


def glanced(app) -> dict[str, list[str]]:
    """The rows of all measures by title, for one group."""
    text = html(app).split('aria-label="Measures at a glance"', 1)[1].split("</table>", 1)[0]
    return {re.split(r"\s{2,}", row[0])[0].strip(): row[1:] for row in rows(text) if row and len(row) > 3}


class TestMeasures:
    def test_every_measure_is_in_words_and_offered(self, visit, library):
        assert tuple(WORDS) == MEASURES
        app = visit(library, PAGE)
        assert app.selectbox(key="own_measure").options == [words.title for words in WORDS.values()]

    @pytest.mark.parametrize("measure", MEASURES)
    @pytest.mark.parametrize("store", ["library", "unlabelled", "mixed"])
    def test_each_can_be_chosen(self, visit, request, store, measure):
        app = visit(request.getfixturevalue(store), PAGE, measure=measure)
        assert not app.exception
        assert not app.warning
        assert WORDS[measure].means in html(app).replace("&#x27;", "'")

    def test_only_reviews_are_measured(self, visit, many):
        app = visit(many, PAGE)
        assert glanced(app)["Words"][2] == "40"
        assert sum(bar["n"] for bar in bars(app)) == 40
        app = visit(many, PAGE, kind="rebuttal")
        assert glanced(app)["Words"][0].split()[0] == "2"
        assert glanced(app)["Questions"][0].split()[0] == "100%"

    def test_reviews_are_measured_as_wholes_whichever_sentences_are_asked_for(self, visit, library):
        one = visit(library, PAGE, q="Which tide tables", paper="shelf/light-1")
        assert glanced(one)["Sentences"][0].split()[0] == "4"

    def test_labelled_measures_keep_to_the_annotators_that_are_asked_for(self, visit, tmp_path):
        review = shelf.Review([("One.", "EMP-NEG EMP-POS/anno2"), ("Two.", "EMP-NEG")])
        path = shelf.build(tmp_path / "two.duckdb", [shelf.Paper("p", None, [review])])
        assert glanced(visit(path, PAGE))["Net polarity"][0] == "−0.33"
        assert glanced(visit(path, PAGE, annotator="anno2"))["Net polarity"][0] == "+1.00"

    def test_what_needs_labels_says_so_without_them(self, visit, unlabelled):
        app = visit(unlabelled, PAGE, measure="substantiation")
        assert "No review here has it." in html(app)
        assert "as in SubstanReview" in html(app)
        assert "Net polarity" not in glanced(app)

    def test_nothing_to_measure(self, visit, tmp_path):
        paper = shelf.Paper("p", None, [shelf.Review([("Thank you.", "")], kind="rebuttal")])
        app = visit(shelf.build(tmp_path / "r.duckdb", [paper]), PAGE)
        assert not app.exception
        assert "No reviews to measure." in html(app)

    def test_labels_on_whole_reviews_by_code(self, visit, library):
        app = visit(library, PAGE)
        assert "Review quality" in [head.value for head in app.subheader]


class TestGroups:
    def test_one_group_by_default_and_a_split_side_by_side(self, visit, many):
        app = visit(many, PAGE)
        assert {bar["of"] for bar in bars(app)} == {"All reviews"}
        app = visit(many, PAGE, view="cohorts")
        assert not app.exception
        assert {bar["of"] for bar in bars(app)} == {"Accepted", "Rejected"}
        assert app.query_params == {"view": "cohorts"}

    def test_an_address_with_a_split_shows_it(self, visit, many):
        app = visit(many, PAGE, split="venue", measure="n_words")
        assert {bar["of"] for bar in bars(app)} == {"Port 0", "Port 1"}
        to = parse_qs(urlsplit(bars(app)[0]["go"]).query)
        assert to["split"] == ["venue"]

    def test_named_cohorts(self, visit, many):
        app = visit(many, PAGE, cohort=["venue=Port+0", "venue=Port+1&label=EMP-NEG"])
        assert not app.exception
        assert sum(bar["n"] for bar in bars(app)) == 40

    def test_where_nothing_can_be_split(self, visit, unlabelled):
        app = visit(unlabelled, PAGE, view="cohorts")
        assert not app.exception
        assert "nothing to compare yet" in html(app)


class TestReviews:
    def test_those_far_out_are_listed_with_their_number_and_a_link(self, visit, many):
        found = section(visit(many, PAGE), "reviews")
        listed = [row for row in rows(found) if row and row[0].startswith("Paper")]
        assert [row[0].split("  ")[0] for row in listed] == ["Paper 8", "Paper 7"]
        assert [row[1] for row in listed] == ["4", "1,200"]
        assert "open=shelf%2Fp07" in found
        assert "at=r0%3A0" in found

    def test_what_is_usual_does_not_hang_on_the_selection(self, visit, many):
        app = visit(many, PAGE, paper="shelf/p07")
        assert "1,200" in section(app, "reviews")

    def test_a_bar_leads_to_its_reviews(self, visit, many):
        bar = next(bar for bar in bars(visit(many, PAGE)) if bar["n"] > 5)
        query = parse_qs(urlsplit(bar["go"]).query)
        app = visit(many, PAGE, **{key: values[0] for key, values in query.items()})
        assert not app.exception
        found = [row for row in rows(section(app, "reviews")) if row and row[0].startswith("Paper")]
        assert len(found) == min(15, bar["n"])
        least, below = (float(each) for each in query["with"][0].split(".."))
        assert all(least <= float(row[1]) < below for row in found)

    def test_every_bar_has_as_many_reviews_as_it_says(self, visit, many):
        for bar in bars(visit(many, PAGE, measure="n_words")):
            query = parse_qs(urlsplit(bar["go"]).query)
            app = visit(many, PAGE, **{key: values[0] for key, values in query.items()})
            assert f"<small>{bar['n']:,}</small>" in section_head(app)

    @pytest.mark.parametrize("text", ["x", "..", "1", "nan..2", "1..inf", "<b>..1"])
    def test_a_range_that_is_none_is_told(self, visit, many, text):
        app = visit(many, PAGE, **{"with": text})
        assert not app.exception
        assert "no range" in app.warning[0].value
        assert "Reviews far out" in html(app)


def section_head(app) -> str:
    return html(app).split('id="reviews"', 1)[1].split("</h2>", 1)[0]


class TestSentencesBehind:
    @pytest.mark.parametrize("measure", ["questions", "suggestions", "courtesy", "hedges", "bluntness", "specificity"])
    def test_the_link_finds_the_words_that_are_counted(self, visit, library, measure):
        text = html(visit(library, PAGE, measure=measure))
        to = re.search(r'href="(sentences[^"]*)"[^>]*>The sentences behind it', text)[1].replace("&amp;", "&")
        query = parse_qs(urlsplit(to).query)
        app = visit(library, "pages/read/sentences.py", **{key: values[0] for key, values in query.items()})
        assert not app.exception
        assert not app.warning


@pytest.mark.parametrize(
    ("value", "name", "shown"),
    [
        (1204.0, "n_words", "1,204"), (15.0, "n_sentences", "15"), (15.26, "n_sentences", "15.3"),
        (0.0, "net", "0.00"), (-0.001, "net", "0.00"), (-0.5, "net", "−0.50"), (0.25, "net", "+0.25"),
        (0.5, "questions", "50%"), (0.086, "questions", "8.6%"), (0.0, "questions", "0%"), (None, "hedges", "–"),
        (1.0, "hedges", "1.00"), (100.0, "n_words", "100"),
    ],
)  # fmt: skip
def test_numbers_as_they_are_written(value, name, shown):
    assert number(value, name) == shown


def test_hostile_text_adds_no_tag_and_no_handler(visit, library):
    app = visit(library, PAGE, measure="n_words", **{"with": "0.."})
    assert not app.exception
    found = Tags(html(app)).found
    assert not {tag for tag, _ in found} & {"script", "img"}
    assert not [name for _, attributes in found for name in attributes if name.startswith("on")]
