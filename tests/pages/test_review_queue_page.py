"""The review queue in its states, and what the desk makes of keys; invented text."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import duckdb
import polars as pl
import pytest
import shelf
from shelf import HOSTILE, Paper, Review
from test_page_states import html
from test_verbatim import Tags

from corpus.judgements import Journal, Judgement, settle
from corpus.store import Snapshot
from pages.parts import permission
from queries.surroundings import surroundings

PAGE = "pages/judge/review_queue.py"
MODEL, OTHER = "model:en@1", "model:en@2"
_D = "disapere"
_ACTION = f"{_D}:review_action"


def guessed(text: str, *labels: str) -> tuple[str, str]:
    """A sentence with labels of the model, but for those that name another annotator."""
    return f"{text} ", " ".join(label if "/" in label else f"{label}/{MODEL}" for label in labels)


def give(path: Path, **confidence: float) -> Path:
    """Sets the model's confidences by code."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE labels SET confidence = 0.9 WHERE annotator LIKE 'model:%'")
        for code, p in confidence.items():
            connection.execute(f"UPDATE labels SET confidence = {p} WHERE annotator LIKE 'model:%' AND code = '{code}'")
    return path


@pytest.fixture(scope="module")
def harbour(tmp_path_factory) -> Path:
    """Sentences that a model labelled surely, unsurely, at odds with a person, or not at all; two schemes."""
    tides = Review(
        [
            guessed("The tide is measured.", "MET-POS", "EMP-POS"),
            guessed("The gauge drifts.", "EXP-NEG", "SUB-NEG"),
            guessed("Nobody says when.", "CLA-NEG", "CLA-NEG/gold"),
            guessed("The mole is high.", "CLA-NEG", "CLA-POS/gold"),
            guessed("Two things at once.", "EMP-NEG", "EMP-NEG/gold", "NOV-POS/gold"),
            ("Left open. ", ""),
        ],
        reviewer="Ann",
    )
    buoys = Review(
        [
            guessed(
                "The buoys are hard to follow.", f"asp_clarity-NEG@{_D}:aspect", f"arg_evaluative@{_D}:review_action"
            ),
            guessed("Paint them.", f"arg_request@{_D}:review_action", f"arg_request@{_D}:review_action/{OTHER}"),
        ]
    )
    evil = Review([guessed(f"{HOSTILE}.", "MET-NEG", "EMP-NEG", "EMP-NEG/<b>x")], reviewer=HOSTILE)
    papers = [
        Paper("tides", "Tides", [tides], decision="accept"),
        Paper("buoys", "Buoys", [buoys], "Harbour"),
        Paper("bad<b>", HOSTILE, [evil], "<i>Venue</i>", 2022),
    ]
    return give(shelf.build(tmp_path_factory.mktemp("harbour") / "harbour.duckdb", papers), SUB=0.55, CLA=0.7)


@pytest.fixture
def allowed(monkeypatch) -> None:
    monkeypatch.setenv(permission.ALLOWS, "1")


@pytest.fixture
def own(harbour, tmp_path) -> Path:
    """A copy that a test may write to."""
    return Path(shutil.copy(harbour, tmp_path / "own.duckdb"))


def desk_of(app) -> dict:
    """What the component was given."""
    proto = next(each.proto for each in app.get("bidi_component") if each.proto.component_name == "reviewscope_queue")
    return json.loads(proto.json)


def texts(app) -> list[str]:
    """The sentences that lie ready, in order."""
    return [item["text"].split("<strong>")[1].split("</strong>")[0] for item in desk_of(app)["items"]]


class TestStates:
    def test_without_labels_of_a_model_it_says_how_to_get_some(self, visit, library):
        app = visit(library, PAGE)
        assert "No model labels here." in html(app)
        assert "reviewscope train" in html(app)
        assert "reviewscope annotate" in html(app)
        assert not [each for each in app.get("bidi_component") if each.proto.component_name == "reviewscope_queue"]

    def test_shows_but_takes_no_answer_where_the_host_did_not_allow_it(self, visit, harbour, monkeypatch):
        monkeypatch.delenv(permission.ALLOWS, raising=False)
        app = visit(harbour, PAGE)
        assert not app.exception
        assert desk_of(app)["judges"] is False
        assert desk_of(app)["items"]
        assert "This dashboard only shows." in html(app)
        assert "reviewscope serve --db FILE --write" in html(app)
        assert not app.text_input or "Your name" not in [field.label for field in app.text_input]
        assert not [button for button in app.button if button.label == "Write to the corpus"]

    def test_asks_for_a_name_once(self, visit, harbour, allowed):
        app = visit(harbour, PAGE)
        assert desk_of(app)["judges"] is False
        name = next(field for field in app.text_input if field.label.startswith("Your name"))
        begin = next(button for button in app.button if button.label == "Begin")
        name.set_value("ada lovelace")
        begin.click().run()
        assert "1 to 40 letters" in app.error[0].value
        assert desk_of(app)["judges"] is False
        next(field for field in app.text_input if field.label.startswith("Your name")).set_value("ada.l")
        next(button for button in app.button if button.label == "Begin").click().run()
        assert desk_of(app)["judges"] is True
        assert desk_of(app)["me"] == "ada.l"
        assert "You are <b>ada.l</b>" in html(app)
        assert not [field for field in app.text_input if field.label.startswith("Your name")]

    def test_the_least_sure_first(self, visit, harbour):
        app = visit(harbour, PAGE)
        # SUB .55 then EMP .9; what a person answered comes after, CLA .7 before EMP .9
        assert texts(app)[0] == "The gauge drifts."
        assert [text[:9] for text in texts(app)[2:]] == ["Nobody sa", "The mole ", "&lt;scrip", "Two thing"]

    def test_at_odds_with_people(self, visit, harbour):
        app = visit(harbour, PAGE, order="odds")
        assert texts(app)[0] == "The mole is high."
        assert "Two things at once." in texts(app)
        assert "Nobody says when." not in texts(app)
        said = dict(desk_of(app)["items"][0]["said"])
        assert "guess" in said["model en@1"]
        assert ".70" in said["model en@1"]
        assert "guess" not in said["gold"]

    def test_left_unlabelled(self, visit, harbour):
        app = visit(harbour, PAGE, order="open")
        assert texts(app) == ["Left open."]
        assert desk_of(app)["items"][0]["answer"] == []

    def test_labels_stand_in_the_queue_whosoever_are_asked_for(self, visit, harbour):
        for whose in ("people", "models"):
            assert set(texts(visit(harbour, PAGE, whose=whose))) == set(texts(visit(harbour, PAGE)))

    def test_filters_cut_the_queue(self, visit, harbour):
        app = visit(harbour, PAGE, q="gauge")
        assert texts(app) == ["The gauge drifts."]
        assert desk_of(app)["left"] == 1

    def test_offers_the_layers_that_models_labelled(self, visit, harbour):
        app = visit(harbour, PAGE, layer="disapere:aspect")
        assert texts(app) == ["The buoys are hard to follow."]
        assert [code["key"] for code in desk_of(app)["codes"]] == [*"12345678", "n"]
        app = visit(harbour, PAGE, scheme="disapere")
        assert texts(app) == ["The buoys are hard to follow."]

    def test_a_layer_that_no_model_labelled_is_not_offered(self, visit, harbour):
        app = visit(harbour, PAGE, layer="significance")
        assert not app.exception
        assert desk_of(app)["codes"][0]["code"] == "APR"

    def test_one_of_several_models(self, visit, harbour):
        app = visit(harbour, PAGE, layer="review_action", who=MODEL)
        assert len(texts(app)) == 2
        assert len(texts(visit(harbour, PAGE, layer="review_action", who=OTHER))) == 1
        assert len(texts(visit(harbour, PAGE, layer="review_action", annotator=MODEL))) == 2

    def test_tells_of_an_order_that_there_is_not(self, visit, harbour):
        app = visit(harbour, PAGE, order="best")
        assert "best" in app.warning[0].value
        assert texts(app)[0] == "The gauge drifts."

    def test_one_answer_or_several(self, visit, harbour):
        assert desk_of(visit(harbour, PAGE))["single"] is False, "people gave a sentence two aspects"
        assert desk_of(visit(harbour, PAGE, layer="disapere:aspect"))["single"] is True

    def test_says_so_when_nothing_is_left(self, visit, own, allowed):
        app = visit(own, PAGE, layer="disapere:aspect", order="odds")
        assert desk_of(app)["items"] == []
        assert "Nothing to judge in this order." in desk_of(app)["done"]

    def test_links_to_the_sentence_in_its_review_with_the_filters(self, visit, harbour):
        app = visit(harbour, PAGE, q="gauge")
        tag, link = Tags(desk_of(app)["items"][0]["head"]).found[0]
        assert (tag, "data-go" in link) == ("a", True)
        link = link["href"]
        assert urlsplit(link).path == "paper"
        assert parse_qs(urlsplit(link).query) == {
            "q": ["gauge"], "open": ["shelf/tides"], "layer": ["aspect"], "at": ["r0:1"],
        }  # fmt: skip

    def test_hostile_text_is_shown_as_it_is(self, visit, harbour):
        item = next(each for each in desk_of(visit(harbour, PAGE))["items"] if "script" in each["text"])
        whole = "".join([item["head"], item["text"], *(part for line in item["said"] for part in line)])
        assert "<script" not in whole
        assert "<img" not in whole
        assert "<b>x" not in whole
        assert "&lt;script&gt;" in item["text"]


class TestProgress:
    def test_counts_what_the_journal_holds_and_writes_it(self, visit, own, allowed):
        _judge(own, "ada", ("accept", "change", "skip", "accept"))
        _judge(own, "bob", ("accept",))
        app = visit(own, PAGE)
        app.session_state["me"] = "ada"
        app.run()
        assert "<b>2</b> accepted" in html(app)
        assert "<b>1</b> changed" in html(app)
        assert "<b>1</b> skipped" in html(app)
        assert "<b>4</b> answers wait in the journal, 1 of them by others." in html(app)
        left = desk_of(app)["left"]
        next(button for button in app.button if button.label == "Write to the corpus").click().run()
        assert not app.exception
        assert "4 judgements written" in app.success[0].value.replace("\\", "")
        assert "<b>0</b> answers wait" in html(app)
        assert "<b>2</b> accepted" in html(app), "they were judged today all the same"
        assert desk_of(app)["left"] == left + 1, "what was skipped comes back"
        labels = Snapshot.open(own).frames.labels.collect()
        assert labels.filter(pl.col("annotator").cast(pl.String) == "user:ada").height >= 3
        assert "annotator=user%3Aada" in html(app)

    def test_the_share_of_a_sample_has_its_interval(self, visit, own, allowed):
        order = [item["id"] for item in desk_of(visit(own, PAGE, order="sample"))["items"]]
        _judge(own, "ada", ("accept", "change", "accept"), order)
        app = visit(own, PAGE, order="sample")
        app.session_state["me"] = "ada"
        app.run()
        # The third is a sentence that a person labelled. Wilson, 1 of 2 at 95 %: .5 ± 1.96 √(.25/2 + 1.96²/16) / 2.92
        assert "50%" in html(app)
        assert "of 2, 95&nbsp;%: 9%–91%" in html(app)


def _judge(path: Path, name: str, actions: tuple[str, ...], order: list[int] | None = None) -> None:
    """Judges sentences of the layer `aspect` straight into the journal."""
    frames = Snapshot.open(path).frames
    ids = order or frames.segments.sort("review_id", "position").collect()["segment_id"].to_list()
    by_id = {row["segment_id"]: row for row in surroundings(frames, ids).collect().iter_rows(named=True)}
    for segment, action in zip(ids, actions, strict=False):
        row = by_id[segment]
        place = {key: row[key] for key in ("corpus", "paper_key", "review_key", "start", "end", "text")}
        answer = () if action == "skip" else (("EMP", 1),)
        said = {"answer": answer, "action": action, "model": MODEL, "scheme": "peer-review-analyze", "layer": "aspect"}
        Journal(path).append(Judgement(at=datetime.now(UTC), annotator=f"user:{name}", **place, **said))


def test_a_judgement_from_the_desk_finds_its_sentence_when_it_is_settled(visit, own, allowed):
    """The place that the desk writes down is the one under which the store finds the sentence again."""
    app = visit(own, PAGE)
    app.session_state["me"] = "ada"
    app.run()
    desk = app.session_state["queue_desk"]
    ids = [item["id"] for item in desk_of(app)["items"]]
    events = [{"n": n, "do": "change", "id": at, "answer": [["NOV", 0]]} for n, at in enumerate(ids, 1)]
    desk.take({"client": "tab", "context": desk.context, "events": events})
    assert not desk.trouble
    settled = settle(own)
    assert settled.judgements == len(ids)
    assert not settled.left
    labels = Snapshot.open(own).frames.labels.collect()
    mine = labels.filter(pl.col("annotator").cast(pl.String) == "user:ada")
    assert sorted(mine["segment_id"]) == sorted(ids)
    assert set(mine["code"].cast(pl.String)) == {"NOV"}
    assert mine["confidence"].null_count() == mine.height
