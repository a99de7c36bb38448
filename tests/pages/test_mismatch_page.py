"""Mismatch: how much labels explain, the reviews that stand out, the sentences behind the expectation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import shelf
from verdicts import charts, texts, verdicts

PAGE = "pages/judge/mismatch.py"


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    return shelf.build(tmp_path_factory.mktemp("shelf") / "verdicts.duckdb", verdicts())


def listed(text: str) -> list[str]:
    return re.findall(r"<li><h3>.*?</ul></li>", text, re.DOTALL)


def test_says_how_much_labels_explain_and_lists_the_greatest_mismatch_first(visit, store):
    app = visit(store, PAGE)
    assert not app.exception
    assert not app.warning
    text = texts(app)
    assert re.search(r"Labels explain <b>\d+%</b>", text)
    first, *others = listed(text)
    assert len(others) == 9
    assert "rating <b>1</b>" in first, "praised, and rated 1"
    assert "<script>" not in text
    assert "&lt;script&gt;" in first


def test_sentences_have_their_pull_their_labels_and_a_link(visit, store):
    item = next(each for each in listed(texts(visit(store, PAGE, open="shelf/hull-01"))) if "Mate 1" in each)
    assert "I lost my bearings in section 2." in item
    assert re.search(r'class="pull negative"[^>]*>−\d\.\d\d<', item)
    assert "soundness, negative" in item
    assert "paper?open=shelf%2Fhull-01&amp;layer=aspect&amp;at=r0%3A1" in item
    assert "I have sailed there myself." not in item, "a sentence in which nothing was found has no weight"


def test_one_paper_is_listed_but_learnt_from_all(visit, store):
    app = visit(store, PAGE, open="shelf/hull-01")
    text = texts(app)
    assert len(listed(text)) == 2
    assert "98 labelled reviews of 49 papers" in text
    assert "of paper shelf/hull-01" in text
    assert "None of these reviews" in texts(visit(store, PAGE, open="shelf/<b>gone"))


def test_against_decisions(visit, store):
    app = visit(store, PAGE, measure="decision")
    assert not app.exception
    text = texts(app)
    assert "expected acceptance" in text
    assert re.search(r"skill −?-?\d\.\d\d", text)
    tenth = visit(store, PAGE, measure="decision", tenth="6")
    assert "expected between 60% and 70%" in texts(tenth)
    shares = [int(share) for share in re.findall(r"expected acceptance <b>(\d+)%", texts(tenth))]
    assert all(60 <= share <= 70 for share in shares)


def test_where_there_are_no_ratings_it_is_decisions(visit, tmp_path):
    app = visit(shelf.build(tmp_path / "unrated.duckdb", verdicts(rated=False)), PAGE)
    assert not app.exception
    assert "expected acceptance" in texts(app)


def test_says_that_labels_explain_nothing(visit, tmp_path):
    # Ratings that go up and down whatever the labels are
    papers = [
        paper._replace(
            reviews=[r._replace(rating=1 + (number // 2 + 3 * at) % 7) for at, r in enumerate(paper.reviews)]
        )
        for number, paper in enumerate(verdicts())
    ]
    app = visit(shelf.build(tmp_path / "noise.duckdb", papers), PAGE)
    assert "The labels explain next to nothing of the ratings" in texts(app)


def test_few_papers_are_too_little_to_learn_from(visit, store, library):
    for app in (visit(store, PAGE, paper="shelf/hull-01"), visit(library, PAGE)):
        assert not app.exception
        assert "Too little to learn from." in texts(app)
        assert not charts(app)


def test_a_layer_without_polarity(visit, store):
    app = visit(store, PAGE, layer="purpose")
    assert not app.exception
    assert "Too little to learn from." in texts(app)


def test_pages_are_cut(visit, store):
    app = visit(store, PAGE, page="10")
    assert "Reviews 91–98 of 98" in " ".join(caption.value for caption in app.caption).replace("\\", "")


@pytest.mark.parametrize("tenth", ["²", "12", "x"])
def test_a_tenth_that_is_none_asks_for_nothing(visit, store, tenth):
    app = visit(store, PAGE, measure="decision", tenth=tenth)
    assert not app.exception
    assert "Shown: <b>" not in texts(app)


def test_tenths_are_of_decisions_only(visit, store):
    assert "Shown: <b>" in texts(visit(store, PAGE, measure="decision", tenth="5"))
    assert "Shown: <b>" not in texts(visit(store, PAGE, measure="rating", tenth="5"))
