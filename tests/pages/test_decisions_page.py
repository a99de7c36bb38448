"""Decisions: odds with their sentences, what cannot be estimated, and how well labels tell decisions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shelf
from verdicts import charts, texts, verdicts

PAGE = "pages/judge/decisions.py"


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    return shelf.build(tmp_path_factory.mktemp("shelf") / "verdicts.duckdb", verdicts())


def marks(app, at: int) -> list[dict]:
    """The data of a chart's marks that lead somewhere."""
    spec = json.loads(charts(app)[at].proto.spec)
    found = [row for layer in spec["layer"] for row in layer["data"]["values"] if "go" in row]
    return list({str(row): row for row in found}.values())  # dots and intervals have the same data


def test_odds_are_drawn_and_lead_to_their_sentences(visit, store):
    app = visit(store, PAGE)
    assert not app.exception
    assert not app.warning
    text = texts(app)
    assert "Association, not cause." in text
    dots = {(row["name"], row["series"]): row for row in marks(app, 0)}
    criticised = dots["soundness", "negative"]
    assert criticised["value"] < 1
    assert criticised["go"] == "sentences?decision=reject&label=EMP-NEG"
    assert dots["soundness", "positive"]["value"] > 1
    assert dots["soundness", "positive"]["go"] == "sentences?decision=accept&label=EMP-POS"
    assert "98 labelled reviews of 49 papers" in app.caption[0].value.replace("\\", "")


def test_tenths_lead_to_the_reviews_in_them(visit, store):
    rows = marks(visit(store, PAGE), 1)
    assert sum(row["n_reviews"] for row in rows) == 98
    assert all(row["go"].startswith("mismatch?layer=aspect&measure=decision&tenth=") for row in rows)


def test_the_table_has_both_models_and_links_by_decision(visit, store):
    text = texts(visit(store, PAGE, venue="Tidal Computing"))
    assert "sentences?venue=Tidal+Computing&amp;decision=accept&amp;label=CLA-NEG" in text
    assert "sentences?venue=Tidal+Computing&amp;decision=reject&amp;label=EMP-POS" in text
    assert text.count("<tr>") > 4


def test_model_and_unit_are_in_the_address(visit, store):
    app = visit(store, PAGE, view="adjusted", measure="any")
    assert not app.exception
    assert "where there is any such sentence" in texts(app)
    unknown = visit(store, PAGE, view="sideways")
    assert "not to be had here" in unknown.warning[0].value


def test_the_filter_for_one_decision_leaves_nothing_to_compare(visit, store):
    app = visit(store, PAGE, decision="accept")
    assert not app.exception
    text = texts(app)
    assert ">one decision</span>" in text
    assert "nothing to learn from" in text


def test_without_decisions_it_says_where_to_go(visit, tmp_path):
    app = visit(shelf.build(tmp_path / "undecided.duckdb", verdicts(decided=False)), PAGE)
    assert not app.exception
    assert "No labelled review of an accepted or rejected paper" in texts(app)
    assert not charts(app)


def test_few_papers_are_said_to_be_few(visit, tmp_path):
    app = visit(shelf.build(tmp_path / "few.duckdb", verdicts(20)), PAGE)
    assert not app.exception
    assert "<b>21 papers.</b>" in texts(app)
    assert ">few papers</span>" in texts(app)
    assert all(row["kind"] == "none" for row in marks(app, 0)), "grey"


def test_one_accepted_paper_leaves_no_pairs_that_one_model_judged(visit, tmp_path):
    papers = [paper._replace(decision="accept" if place == 5 else "reject") for place, paper in enumerate(verdicts())]
    app = visit(shelf.build(tmp_path / "one.duckdb", papers), PAGE)
    assert not app.exception
    assert "there are no pairs to tell apart. Brier score" in texts(app)


@pytest.mark.parametrize("layer", ["section", "purpose", "common"])
def test_other_layers(visit, store, layer):
    app = visit(store, PAGE, layer=layer)
    assert not app.exception


def test_says_that_filters_on_sentences_keep_parts_of_reviews(visit, store):
    assert "keep some sentences of a review only" in texts(visit(store, PAGE, q="storm"))
    assert "keep some sentences of a review only" not in texts(visit(store, PAGE, decision=["accept", "reject"]))
