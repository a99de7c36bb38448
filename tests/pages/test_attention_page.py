"""Attention: weights in view and in the address, the ranking, and where its numbers lead."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import polars as pl
import pytest
import shelf
from verdicts import texts, verdicts

from pages.parts import ranked

PAGE = "pages/judge/attention.py"


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    return shelf.build(tmp_path_factory.mktemp("shelf") / "verdicts.duckdb", verdicts(60))


def rows(app) -> list[str]:
    return re.findall(r"<tr data-href=.*?</tr>", texts(app), re.DOTALL)


def scores(app) -> list[float]:
    return [float(score) for score in re.findall(r'class="score"><b>([\d.]+)</b>', texts(app))]


def test_ranks_papers_with_a_bar_and_links(visit, store):
    app = visit(store, PAGE)
    assert not app.exception
    assert not app.warning
    assert len(rows(app)) == 50
    assert scores(app) == sorted(scores(app), reverse=True)
    first = rows(app)[0]
    key = re.search(r"open=(shelf%2F[^&]+)", first)[1]
    for link in (
        f"paper?open={key}&amp;layer=aspect&amp;view=brief",
        f"contradictions?paper={key}&amp;layer=aspect",
        f"mismatch?layer=aspect&amp;measure=rating&amp;open={key}",
        f"data-quality?paper={key}",
    ):
        assert link in first
    assert 'class="rs-parts"' in first
    assert "Papers 1–50 of 61" in app.caption[0].value.replace("\\", "")
    assert len(rows(visit(store, PAGE, page="2"))) == 11


def test_nothing_of_a_hostile_paper_is_run(visit, store):
    text = texts(visit(store, PAGE)) + texts(visit(store, PAGE, page="2"))
    assert "<script>" not in text
    assert "&lt;script&gt;window.hurt = 1" in text


def test_weights_come_from_the_address_and_go_into_it(visit, store):
    app = visit(store, PAGE, weights="2,1,0,0.5,1")
    assert [widget.value for widget in app.number_input] == [2, 1, 0, 0.5, 1]
    assert "mismatch × 0," in texts(app)
    app.number_input(key="own_weight_thin").set_value(3).run()
    assert app.query_params == {"weights": "2,1,0,3,1"}
    again = visit(store, PAGE, weights="1,1,1,4,1")
    again.number_input(key="own_weight_thin").set_value(1).run()
    assert again.query_params == {}, "all alike is how it is by default"


def test_a_weight_of_0_takes_a_sign_out(visit, store):
    only = visit(store, PAGE, weights="0,0,0,0,1")
    assert set(re.findall(r"of (\d) sign", texts(only))) == {"1"}


@pytest.mark.parametrize("weights", ["1,2", "1,1,1,1,x", "0,0,0,0,0", "-1,1,1,1,1", "1,1,1,1,11", "nan,1,1,1,1", "<b>"])
def test_weights_that_make_no_sense_are_told(visit, store, weights):
    app = visit(store, PAGE, weights=weights)
    assert not app.exception
    assert "The address asks for the weights" in app.warning[0].value
    assert [widget.value for widget in app.number_input] == [1] * 5


def test_what_cannot_be_measured_says_why(visit, library, unlabelled):
    text = texts(visit(library, PAGE))
    assert "Nothing could be expected of its reviews" in text
    assert "Its corpus has too few reviews to tell what is short." in text
    bare = visit(unlabelled, PAGE)
    assert not bare.exception
    assert len(rows(bare)) == 1
    assert "No sign with a weight could be measured." in texts(bare)


def test_the_file_holds_every_paper_and_no_formula(visit, tmp_path):
    papers = [*verdicts(4), shelf.Paper("=1+1", "=cmd", verdicts(1)[0].reviews)]
    app = visit(shelf.build(tmp_path / "formula.duckdb", papers), PAGE)
    assert not app.exception
    frame = pl.DataFrame({"paper_key": ["=1+1", None], "score": [0.5, None]})
    data = list(csv.reader(io.StringIO(ranked.as_csv(frame).decode("utf-8-sig"))))
    assert data == [["paper_key", "score"], ["'=1+1", "0.5"], ["", ""]]


def test_a_word_chooses_papers_and_cuts_nothing_out_of_them(visit, store):
    def signs(app) -> dict[str, list[str]]:
        found = {}
        for row in rows(app):
            key = re.search(r"open=shelf%2F([^&]+)", row)[1]
            found[key] = re.findall(r'<td class="num">(.*?)</td>', row)
        return found

    def numbers(app) -> dict[str, list[str]]:
        return {key: [re.sub(r"<[^>]*>", " ", cell) for cell in cells] for key, cells in signs(app).items()}

    everything = numbers(visit(store, PAGE)) | numbers(visit(store, PAGE, page="2"))
    # Said in one sentence of the first review of odd papers, and of the second review of every fifth.
    app = visit(store, PAGE, q="bearings in section")
    assert not app.exception
    found = numbers(app)
    assert found.keys() == {f"hull-{n:02}" for n in range(60) if n % 2 or n % 5 == 0}
    assert found == {key: everything[key] for key in found}
    assert any("of ratings" in cells[0] for cells in found.values())
    assert any(re.search(r"of \d+ pairs", cells[1]) for cells in found.values())
    assert any("of ratings" in cells[2] for cells in found.values())
    assert "whole papers, whichever sentences the filters pick" in app.caption[0].value.replace("\\", "")
    for cells in signs(app).values():  # what shows only what the filters leave is asked for whole papers
        assert "paper?q=" in cells[0]
        assert not any("q=" in cell for cell in cells[1:])
    for other in ({"label": "CLA-NEG"}, {"rating": "..2"}):
        less = numbers(visit(store, PAGE, **other))
        assert 0 < len(less) < len(everything)
        assert less == {key: everything[key] for key in less}


def test_labels_are_those_of_the_paper_not_of_the_sentence_found(visit, tmp_path):
    aside = ("A word about tides.", "")
    papers = [p._replace(reviews=[r._replace(sentences=[*r.sentences, aside]) for r in p.reviews]) for p in verdicts(4)]
    app = visit(shelf.build(tmp_path / "aside.duckdb", papers), PAGE, q="about tides")
    assert len(rows(app)) == 5
    assert "No labels" not in texts(app)
