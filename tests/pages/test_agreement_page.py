"""Agreement: who is compared, what is told where nobody can be, links down to sentences, nothing unescaped."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import shelf
from test_page_states import html
from test_verbatim import Tags

PAGE = "pages/judge/agreement.py"
RED, BLUE = "EMP-NEG{0} MET-NEG{0}", "CLA-POS{0} OAL-POS{0}"


def twice(first: str, second: str, by: str = "/anno2") -> str:
    """The labels of gold and of another annotator on one sentence."""
    return f"{first.format('')} {second.format(by)}"


@pytest.fixture(scope="module")
def double(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six papers that gold and anno2 labelled, one of them a model too; two reviews of each judge soundness."""
    papers = []
    for at in range(6):
        sentences = [
            (f"Sentence one of {at} is wrong.", twice(RED, RED)),
            (f"Sentence two of {at} is fine.", twice(BLUE, RED if at % 3 == 0 else BLUE)),
            (f"Sentence three of {at} is none.", twice("none@aspect{0}", "none@aspect{0}")),
            ("Only gold labelled this.", "EMP-POS"),
        ]
        if at == 0:
            sentences.append(("A model saw this.", "EMP-NEG CLA-POS/model:keel@1"))
        other = shelf.Review([("Another view of it.", "EMP-POS" if at % 2 else "EMP-NEG")])
        papers.append(shelf.Paper(f"d{at}", f"Paper {at}", [shelf.Review(sentences), other]))
    return shelf.build(tmp_path_factory.mktemp("double") / "double.duckdb", papers)


def section(app, name: str) -> str:
    """What stands under a head, up to the next."""
    return html(app).split(f'id="{name}"', 1)[1].split('<h2 class="rs rs-section"', 1)[0]


def links(text: str) -> list[dict[str, list[str]]]:
    """The parameters of the links to this page."""
    found = [urlsplit(each.replace("&amp;", "&")) for each in re.findall(r'href="(agreement[^"]*)"', text)]
    return [parse_qs(each.query) for each in found]


def rows(text: str) -> list[list[str]]:
    """The cells of the tables, without tags."""
    cells = [
        re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)
        for row in re.findall(r"<tr>(.*?)</tr>", text, re.DOTALL)
    ]
    return [[re.sub(r"<[^>]+>", " ", cell).strip() for cell in row] for row in cells]


class TestAnnotators:
    def test_pairs_matrix_and_sentences(self, visit, double):
        app = visit(double, PAGE)
        assert not app.exception
        assert not app.warning
        people = [row for row in rows(section(app, "annotators")) if row[0].startswith("anno2 and gold")]
        assert people[0][1:4] == ["18", "6", "72%"]  # 18 of the 25 sentences that gold labelled
        assert "a model" in section(app, "annotators")
        differ = section(app, "differences")
        assert "Sentence two of 0 is fine." in differ
        assert "Sentence two of 1 is fine." not in differ
        assert differ.count('class="rs-hit"') == 9  # two that differ, seven that gold alone labelled

    def test_a_cell_of_the_matrix_shows_its_sentences(self, visit, double):
        app = visit(double, PAGE)
        cells = [query for query in links(section(app, "matrix")) if "code" in query]
        asked = {query["code"][0]: query for query in cells}
        assert {"EMP~EMP", "CLA~CLA", "none~none"} <= set(asked)
        one = asked["EMP~CLA"]
        assert one["pair"] == ["anno2~gold"]
        app = visit(double, PAGE, **{key: values[0] for key, values in one.items()})
        assert not app.exception
        assert not app.warning
        differ = section(app, "differences")
        assert differ.count('class="rs-hit"') == 2
        assert "Sentence two of 3 is fine." in differ
        assert "One cell of the matrix" in differ
        assert "paper?open=shelf%2Fd0" in differ
        assert "at=r0%3A1" in differ

    def test_polarity_is_a_question_of_its_own(self, visit, double):
        app = visit(double, PAGE, view="polarity")
        assert not app.exception
        assert "− negative" in section(app, "differences")
        assert {"-1~1"} <= {query["code"][0] for query in links(section(app, "matrix")) if "code" in query}

    def test_a_model_can_be_chosen_and_is_marked(self, visit, double):
        app = visit(double, PAGE, pair="gold~model:keel@1")
        assert not app.warning
        assert "A model saw this." in section(app, "differences")
        assert "model:keel@1" in section(app, "matrix")

    @pytest.mark.parametrize(("key", "value"), [("pair", "gold~nobody"), ("pair", "<b>"), ("layer", "nothing")])
    def test_what_is_not_there_is_told_and_the_default_shown(self, visit, double, key, value):
        app = visit(double, PAGE, **{key: value})
        assert not app.exception
        assert "not to be had here" in app.warning[0].value
        assert "Sentence two of 0 is fine." in section(app, "differences")

    @pytest.mark.parametrize("cell", ["EMP", "XYZ~EMP", "~", "<b>~<i>", "-~-"])
    def test_a_cell_that_is_not_there_has_no_sentence(self, visit, double, cell):
        app = visit(double, PAGE, code=cell)
        assert not app.exception
        if "~" in cell:
            assert "No sentence is labelled like this" in section(app, "differences")

    def test_layers_without_polarity_have_no_choice_of_it(self, visit, mixed):
        app = visit(mixed, PAGE, layer="purpose")
        assert not app.exception
        assert not [group for group in app.get("button_group") if group.proto.label == "View"]


class TestNobody:
    def test_says_what_it_takes_and_shows_the_reviewers(self, visit, library):
        app = visit(library, PAGE)
        assert not app.exception
        text = html(app)
        assert "One person labelled each sentence here" in text
        assert "<b>annotator</b>" in text
        assert 'id="reviewers"' in text
        assert 'id="matrix"' not in text

    def test_the_filter_on_annotators_can_be_dropped(self, visit, double):
        app = visit(double, PAGE, annotator="gold", venue="Tidal Computing")
        text = html(app)
        assert "The filter on annotators leaves one" in text
        assert links(text.split("leaves one", 1)[1])[0] == {"venue": ["Tidal Computing"]}

    def test_a_model_and_a_person_are_a_pair_but_not_people(self, visit, tmp_path):
        paper = shelf.Paper("m", None, [shelf.Review([("One.", "EMP-NEG CLA-POS/model:keel@1")])])
        app = visit(shelf.build(tmp_path / "model.duckdb", [paper]), PAGE)
        assert not app.exception
        assert "can be compared with a person" in html(app)
        assert "One." in section(app, "differences")


class TestReviewers:
    def test_of_one_paper_by_code(self, visit, double):
        app = visit(double, PAGE)
        found = {row[0]: row for row in rows(section(app, "reviewers")) if row}
        # soundness: six papers, two reviews each; anno2's labels count too
        assert found["soundness"][1:3] == ["6", "6"]
        assert "contradictions?layer=aspect&amp;code=EMP" in section(app, "reviewers")

    def test_another_layer_stands_in_for_one_without_polarity(self, visit, double, tmp_path):
        reviews = [shelf.Review([("One.", "EMP-NEG APC")]), shelf.Review([("Two.", "EMP-POS CRT")])]
        app = visit(shelf.build(tmp_path / "p.duckdb", [shelf.Paper("p", None, reviews)]), PAGE, layer="purpose")
        assert "The layer chosen has no polarity; shown is <b>Aspect</b>" in section(app, "reviewers")

    def test_single_reviews_have_nothing_to_compare(self, visit, tmp_path):
        paper = shelf.Paper("p", None, [shelf.Review([("One.", "EMP-NEG")])])
        app = visit(shelf.build(tmp_path / "p.duckdb", [paper]), PAGE)
        assert "No paper here has two reviews that judge the same code" in section(app, "reviewers")

    def test_no_polarity_at_all(self, visit, tmp_path):
        paper = shelf.Paper("p", None, [shelf.Review([("One.", "APC")])])
        app = visit(shelf.build(tmp_path / "p.duckdb", [paper]), PAGE)
        assert not app.exception
        assert "No layer here has a polarity" in section(app, "reviewers")


def test_hostile_text_adds_no_tag_and_no_handler(visit, tmp_path):
    name = "<img src=x onerror=alert(1)>".replace(" ", "_")
    text = shelf.HOSTILE
    reviews = [shelf.Review([(text, f"EMP-NEG CLA-POS/{name}")]), shelf.Review([(text, "EMP-POS")], reviewer=text)]
    path = shelf.build(tmp_path / "hostile.duckdb", [shelf.Paper("<b>key</b>", text, reviews, text, corpus=text)])
    app = visit(path, PAGE, code="<b>~<i>")
    assert not app.exception
    app = visit(path, PAGE)
    assert not app.exception
    found = Tags(html(app)).found
    assert not {tag for tag, _ in found} & {"script", "img"}
    assert not [name for _, attributes in found for name in attributes if name.startswith("on")]
