"""What the desk of the review queue makes of keys: which stands for which code, and what is written to the journal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from corpus.judgements import Journal, Judgement
from corpus.schemes import schemes
from pages.parts import queue_keys
from pages.parts.codes import Code
from pages.parts.queue_desk import NAME, Desk, Item, Layer, streak, today

MODEL = "model:en@1"
_LAYERS = [layer for scheme in schemes() for layer in scheme.layers]


class TestKeys:
    @pytest.mark.parametrize("layer", _LAYERS, ids=lambda each: each.name)
    def test_every_code_of_every_scheme_has_a_key_of_its_own_that_does_nothing_else(self, layer):
        codes = [Code("x", c.code, c.name, c.definition, layer.polarised, at) for at, c in enumerate(layer.codes)]
        keys = list(queue_keys.by_code(codes).values())
        assert all(keys)
        assert len(set(keys)) == len(keys)
        assert not set(keys) & set("acsu0+-=.")

    def test_codes_past_the_last_key_have_none(self):
        codes = [Code("x", f"C{at}", "", "", False, at) for at in range(60)]
        keys = [key for key in queue_keys.by_code(codes).values() if key]
        assert len(keys) == len(set(keys)) == 29

    def test_what_says_nothing_stands_alone_and_takes_no_polarity(self):
        codes = [Code("aspect", code, code, "", True, at) for at, code in enumerate(("EMP", "none", "CNT"))]
        found = {each["code"]: each for each in queue_keys.offered(codes, MODEL)}
        assert [found[code]["polarised"] for code in ("EMP", "none", "CNT")] == [True, False, False]
        assert [found[code]["key"] for code in ("EMP", "none", "CNT")] == ["1", "n", "x"]
        assert [found[code]["alone"] for code in ("EMP", "none", "CNT")] == [False, True, True]

    @pytest.mark.parametrize("name", ["ada", "Ada.L_2-x", "åse"])
    def test_names(self, name):
        assert NAME.fullmatch(name)

    @pytest.mark.parametrize("name", ["", "a b", "a:b", "a/b", "<b>", "x" * 41, "a@b", "a\n"])
    def test_what_is_no_name(self, name):
        assert not NAME.fullmatch(name)


ITEMS = [Item(at, ("shelf", "tides", "r0", 10 * at, 10 * at + 9), f"Text {at}.", (("EMP", -1),)) for at in range(5)]


@pytest.fixture
def desk(tmp_path) -> Desk:
    places = {item.place: item.segment_id for item in ITEMS}
    layer = Layer("aspect", "peer-review-analyze", "aspect", {"EMP": True, "CLA": True, "none": False})
    made = Desk("here", Journal(tmp_path / "x.duckdb"), "ada", layer, MODEL, _finder(places))
    made.items = {item.segment_id: item for item in ITEMS}
    return made


def _finder(places: dict) -> Callable:
    return lambda asked: {place: places[place] for place in asked if place in places}


def log(*events: dict, client: str = "tab", context: str = "here") -> dict:
    return {"client": client, "context": context, "events": [{"n": n, **event} for n, event in enumerate(events, 1)]}


def pending(desk: Desk) -> list[tuple]:
    return [(each.text, each.action, each.answer) for each in desk.journal.pending()]


class TestDesk:
    def test_accept_change_and_skip(self, desk):
        desk.take(
            log(
                {"do": "accept", "id": 0, "answer": []},
                {"do": "change", "id": 1, "answer": [["CLA", 1], ["EMP", 0]]},
                {"do": "skip", "id": 2},
            )
        )
        assert pending(desk) == [
            ("Text 0.", "accept", (("EMP", -1),)),
            ("Text 1.", "change", (("EMP", 0), ("CLA", 1))),
            ("Text 2.", "skip", ()),
        ]
        first = desk.journal.pending()[0]
        assert first[1:7] == ("user:ada", "shelf", "tides", "r0", 0, 9)
        assert (first.scheme, first.layer, first.model) == ("peer-review-analyze", "aspect", MODEL)
        assert first.at.tzinfo is not None
        assert desk.done == {0: "accept", 1: "change", 2: "skip"}
        assert desk.ack == ("tab", 3)

    def test_a_log_that_comes_twice_counts_once(self, desk):
        sent = log({"do": "accept", "id": 0}, {"do": "skip", "id": 1})
        desk.take(sent)
        desk.take(sent)
        grown = {**sent, "events": [*sent["events"], {"n": 3, "do": "accept", "id": 2}]}
        desk.take(grown)
        lines = desk.journal.path.read_text().splitlines()
        assert len(lines) == 3

    def test_a_page_that_was_opened_anew_counts_from_one(self, desk):
        desk.take(log({"do": "accept", "id": 0}))
        desk.take(log({"do": "accept", "id": 1}, client="other"))
        assert desk.done == {0: "accept", 1: "accept"}

    def test_a_change_to_what_the_model_said_is_an_acceptance(self, desk):
        desk.take(log({"do": "change", "id": 0, "answer": [["EMP", -1]]}))
        assert pending(desk) == [("Text 0.", "accept", (("EMP", -1),))]

    @pytest.mark.parametrize(
        "event",
        [
            {"do": "change", "id": 0, "answer": [["XYZ", 1]]},
            {"do": "change", "id": 0, "answer": [["EMP", 2]]},
            {"do": "change", "id": 0, "answer": [["none", 1]]},
            {"do": "change", "id": 0, "answer": []},
            {"do": "change", "id": 0, "answer": "EMP"},
            {"do": "accept", "id": 99},
            {"do": "accept"},
            {"do": "burn", "id": 0},
        ],
        ids=str,
    )
    def test_what_makes_no_sense_is_passed_over(self, desk, event):
        desk.take(log(event, {"do": "skip", "id": 1}))
        assert pending(desk) == [("Text 1.", "skip", ())]
        assert desk.ack == ("tab", 2)

    @pytest.mark.parametrize("sent", [None, [], "x", {}, {"context": "here", "events": 3}, {"events": [1]}], ids=str)
    def test_no_log_at_all(self, desk, sent):
        desk.take(sent)
        assert not desk.journal.path.exists()

    def test_keys_of_another_queue_are_not_taken_for_this_one(self, desk):
        desk.take(log({"do": "accept", "id": 0}, context="elsewhere"))
        assert pending(desk) == []

    def test_the_models_abstention_cannot_be_accepted(self, desk):
        desk.items[0] = ITEMS[0]._replace(model=())
        desk.take(log({"do": "accept", "id": 0}))
        assert pending(desk) == []

    def test_a_later_answer_takes_the_place_of_the_first(self, desk):
        desk.take(log({"do": "accept", "id": 0}, {"do": "change", "id": 0, "answer": [["none", None]]}))
        assert pending(desk) == [("Text 0.", "change", (("none", None),))]
        assert desk.done == {0: "change"}

    def test_undo_takes_back_the_last_and_the_one_before_stands_again(self, desk):
        desk.take(
            log({"do": "accept", "id": 0}, {"do": "change", "id": 0, "answer": [["CLA", 1]]}, {"do": "undo", "id": 0})
        )
        assert pending(desk) == [("Text 0.", "accept", (("EMP", -1),))]
        assert desk.done == {0: "accept"}
        assert desk.brought == (0, 0), "the page shows it by itself"

    def test_undo_of_what_was_judged_before_brings_the_sentence_back(self, desk):
        desk.take(log({"do": "accept", "id": 3}))
        desk.ack, desk.done, desk.judged = ("", 0), {}, {}
        desk.read()
        assert desk.done == {3: "accept"}
        desk.take(log({"do": "undo", "id": None}, client="new"))
        assert desk.done == {}
        assert desk.brought == (1, 3)
        assert desk.front == [3]
        desk.take(log({"do": "undo", "id": None}, {"do": "accept", "id": 3}, client="new"))
        assert desk.front == []

    def test_undo_of_nothing_says_so(self, desk):
        desk.take(log({"do": "undo", "id": None}))
        assert "nothing to take back" in desk.told
        assert desk.ack == ("tab", 1)

    def test_undo_reaches_the_last_answer_in_another_layer_and_says_so(self, desk):
        desk.journal.append(_judgement(desk, layer="section"))
        desk.take(log({"do": "undo", "id": None}))
        assert "another layer" in desk.told
        assert desk.journal.pending() == ()

    def test_undo_never_takes_back_what_somebody_else_judged(self, desk):
        desk.journal.append(_judgement(desk, annotator="user:bob"))
        desk.take(log({"do": "undo", "id": None}))
        assert [each.annotator for each in desk.journal.pending()] == ["user:bob"]

    def test_reads_what_of_this_layer_this_person_judged(self, desk):
        for other in ({}, {"annotator": "user:bob"}, {"layer": "section"}, {"paper_key": "gone"}):
            desk.journal.append(_judgement(desk, **other))
        desk.read()
        assert desk.done == {0: "change"}
        assert desk.others == 1
        assert len(desk.judged) == 3

    def test_what_cannot_be_written_is_told_and_sent_again(self, desk, monkeypatch):
        monkeypatch.setattr(desk.journal, "append", _refuse)
        sent = log({"do": "accept", "id": 0})
        desk.take(sent)
        assert "full" in desk.trouble
        assert desk.ack == ("tab", 0)
        assert desk.done == {}
        monkeypatch.undo()
        desk.take(sent)
        assert desk.trouble is None
        assert pending(desk) == [("Text 0.", "accept", (("EMP", -1),))]

    def test_tells_no_path_of_the_machine(self, desk):
        said = desk.words(ValueError(f"{desk.journal.path}: it cannot be written."))
        assert said == "x.duckdb.judgements.jsonl: it cannot be written."


def _refuse(judgement: Judgement) -> None:
    raise OSError("the disk is full")


def _judgement(desk: Desk, **other) -> Judgement:
    corpus, paper, review, start, end = ITEMS[0].place
    made = Judgement(datetime.now(UTC), "user:ada", corpus, paper, review, start, end, "Text 0.", "peer-review-analyze",
                     "aspect", (("CLA", 1),), "change", MODEL)  # fmt: skip
    return made._replace(**other)


class TestProgress:
    def test_a_streak_ends_at_the_first_sentence_that_is_not_judged(self):
        assert streak([5, 3, 9, 1], {5: "accept", 3: "skip", 1: "change"}) == {"accept": 1, "skip": 1}
        assert streak([], {1: "accept"}) == {}

    def test_today_is_where_the_visitor_is(self, desk):
        late = _judgement(desk, at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
        east = timezone(timedelta(hours=9))
        assert today([late], date(2026, 3, 1), UTC) == {"change": 1}
        assert today([late], date(2026, 3, 1), east) == {}
        assert today([late], date(2026, 3, 2), east) == {"change": 1}
