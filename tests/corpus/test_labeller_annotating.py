"""Labelling a store: what changes and what stays, interruptions, rivals, what cannot be labelled."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from labelled import SCHEME, all_but, given, judge, labeller, papers, rows, store, write

from corpus import schemes as known_schemes
from corpus.ingest import demo_database, ingest
from corpus.judgements import settle
from corpus.labeller import annotating
from corpus.labeller.annotating import annotate
from corpus.labeller.directory import Labeller, load
from corpus.labeller.errors import LabellerError
from corpus.labeller.policy import PRECISIONS
from corpus.relabelling import COLUMNS, forget, relabel
from corpus.store import Snapshot, StoreError, stamp, writing


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    return labeller(tmp_path_factory.mktemp("trained"))[1]


@pytest.fixture(scope="module")
def model(trained) -> Labeller:
    return load(trained)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory) -> Path:
    """Papers that people labelled and papers that nobody did, 8 sentences each, of two reviews a paper."""
    bare = {name: " ".join(one.text for one in said) for name, said in papers(12, seed=2).items()}
    root = tmp_path_factory.mktemp("mixed")
    db = store(root, papers(4, seed=3), "labelled")
    ingest([write(root / "bare", bare)], db)
    judge(db, [(1, "aspect", "CLA", -1), (40, "aspect", "NOV", 1)])
    settle(db)
    batch = pl.DataFrame([(at, SCHEME, "aspect", "NOV", 1, 0.5) for at in (2, 41)], schema=COLUMNS, orient="row")
    relabel(db, "model:other@1", [batch], within=None, record=None)
    return db


@pytest.fixture
def db(mixed, tmp_path) -> Path:
    return Path(shutil.copy(mixed, tmp_path / "s.duckdb"))


def codes(labels: list[tuple]) -> set[tuple]:
    return {label[:3] for label in labels}


def test_only_this_models_labels_change(db, model):
    before = all_but(db, model.annotator)
    done = annotate(db, model)
    assert all_but(db, model.annotator) == before
    assert {who for (who,) in rows(db, "SELECT DISTINCT annotator FROM labels")} == {
        *("gold", "user:kim", "model:other@1", model.annotator),
    }
    labels = given(db, model.annotator)
    assert done.written.labels == len(labels) > 200
    assert (done.n_reviews, done.n_segments) == (16, rows(db, "SELECT count(*) FROM segments")[0][0])
    assert all(0 < label[4] <= 1 for label in labels)
    assert rows(db, f"SELECT count(*) FROM labels WHERE annotator = '{model.annotator}' AND raw <> ''") == [(0,)]
    assert not list(db.parent.glob("*.labelling")), "what was kept beside the store is gone"


def test_labels_are_right_where_words_give_them_away(db, model):
    annotate(db, model)
    joined = rows(
        db,
        "SELECT s.text, l.layer::VARCHAR, l.code::VARCHAR, l.polarity FROM labels l JOIN segments s USING (segment_id) "
        f"WHERE annotator = '{model.annotator}' AND segment_id > 33",
    )
    told = {"POS": ("excellent", "convincing"), "NEG": ("poor", "doubtful"), "NEU": ("ordinary", "usual")}
    purposes = {"APC": "POS", "CRT": "NEG", "DIS": "NEU"}
    signs = {1: "POS", 0: "NEU", -1: "NEG"}
    right = wrong = 0
    for text, layer, code, polarity in joined:
        sign = purposes[code] if layer == "purpose" else signs.get(polarity)
        if sign:
            right += any(word in text for word in told[sign])
            wrong += not any(word in text for word in told[sign])
    assert right > 150
    assert wrong < right / 20


def test_what_is_told_of_the_model_is_what_was_measured(db, model):
    annotate(db, model, precision=None)
    snapshot = Snapshot.open(db)
    (told,) = snapshot.models().filter(pl.col("annotator") == model.annotator).to_dicts()
    assert (told["scheme"], told["precision"], told["n_segments"]) == (SCHEME, None, 128)
    assert told["n_labelled"] == len({label[0] for label in given(db, model.annotator)})
    names = ("layer", "code", "polarity", "n_segments", "n_gold", "n_model", "n_both", "f1", "threshold")
    found = {row[:3]: row[3:] for row in rows(db, f"SELECT {', '.join(names)} FROM model_codes")}
    expected = {tuple(row[n] for n in names[:3]): [row[n] for n in names[3:]] for row in model.report["codes"]}
    assert set(found) == set(expected)
    for unit, values in expected.items():
        assert found[unit][:4] == tuple(values[:4]), unit
        assert found[unit][4] == pytest.approx(values[4], abs=1e-6)
        assert found[unit][5] == pytest.approx(values[5], abs=1e-4), unit


def test_annotating_again_changes_nothing(db, model):
    first = annotate(db, model)
    before, seen = stamp(db), given(db, model.annotator)
    again = annotate(db, model)
    assert first.written.changed
    assert (again.written.changed, again.written.removed) == (False, len(seen))
    assert given(db, model.annotator) == seen
    assert stamp(db) == before


def test_within_a_selection_its_reviews_are_labelled_as_a_whole(db, model):
    whole = annotate(Path(shutil.copy(db, db.with_name("whole.duckdb"))), model)
    everything = given(db.with_name("whole.duckdb"), model.annotator)
    review_of = dict(rows(db, "SELECT segment_id, review_id FROM segments"))

    def expected(*chosen: int) -> list[tuple]:
        reviews = {review_of[each] for each in chosen}
        return [label for label in everything if review_of[label[0]] in reviews]

    done = annotate(db, model, within=[3, 5, 50, 51, 51])
    assert given(db, model.annotator) == expected(3, 5, 50, 51)
    assert (done.n_reviews, done.n_segments, done.written.changed) == (2, 16, True)
    assert rows(db, f"SELECT n_segments FROM models WHERE annotator = '{model.annotator}'") == [(16,)]
    annotate(db, model, within=pl.Series([60, 61]))
    assert given(db, model.annotator) == expected(3, 50, 60)
    assert rows(db, f"SELECT n_segments FROM models WHERE annotator = '{model.annotator}'") == [(24,)]
    relabel(db, model.annotator, [], within=[3, 60], record=None)
    annotate(db, model, within=[3])
    assert given(db, model.annotator) == [label for label in expected(3, 50, 60) if label[0] != 60], (
        "60 stays as it was"
    )
    assert whole.written.labels == len(everything)


def test_a_higher_precision_gives_fewer_labels_and_no_others(db, model):
    last: set[tuple] | None = None
    sizes = []
    for precision in (0.5, 0.7, 0.9, 0.95):
        annotate(db, model, precision=precision)
        found = codes(given(db, model.annotator))
        assert last is None or found <= last
        last = found
        sizes.append(len(given(db, model.annotator)))
    assert sizes == sorted(sizes, reverse=True)
    assert rows(db, f"SELECT round(precision, 2) FROM models WHERE annotator = '{model.annotator}'") == [
        (pytest.approx(0.95),)
    ]


@pytest.mark.parametrize("precision", [0.97, 0.4, 1.0, float("nan")])
def test_a_precision_that_cannot_be_stated_is_refused(db, model, precision):
    before = stamp(db)
    with pytest.raises(LabellerError, match=r"cannot be stated: use one of 0\.50, 0\.55"):
        annotate(db, model, precision=precision)
    assert stamp(db) == before


def test_two_precisions_do_not_stand_side_by_side(db, model):
    annotate(db, model, within=[1, 2], precision=0.7)
    before = stamp(db)
    for precision, other in ((0.9, "a precision of 0.70"), (None, "a precision of 0.70")):
        with pytest.raises(LabellerError, match=f"labelled at {other} here: label everything anew"):
            annotate(db, model, within=[3], precision=precision)
    assert stamp(db) == before
    annotate(db, model, precision=None)
    with pytest.raises(LabellerError, match="labelled at the best F1 here"):
        annotate(db, model, within=[3], precision=0.7)


@pytest.mark.parametrize("within", [[], [10_000]])
def test_a_selection_with_nothing_to_label_is_told(db, model, within):
    before = stamp(db)
    with pytest.raises(LabellerError, match="there is no sentence of a review to label in this selection"):
        annotate(db, model, within=within)
    assert stamp(db) == before


def test_reviews_of_kinds_that_it_does_not_know_are_left_alone(tmp_path, model):
    db = Path(shutil.copy(demo_database(), tmp_path / "demo.duckdb"))
    done = annotate(db, model)
    kinds = rows(
        db,
        "SELECT r.kind::VARCHAR, count(*) FROM labels l JOIN reviews r USING (review_id) "
        f"WHERE annotator = '{model.annotator}' GROUP BY ALL",
    )
    assert dict(kinds).keys() == {"review"}
    shown = rows(db, "SELECT count(*) FROM segments JOIN reviews USING (review_id) WHERE kind = 'review'")[0][0]
    assert shown < rows(db, "SELECT count(*) FROM segments")[0][0]
    assert rows(db, f"SELECT n_segments FROM models WHERE annotator = '{model.annotator}'") == [(shown,)]
    assert done.n_segments == shown
    (rebuttal,) = rows(
        db, "SELECT min(segment_id) FROM segments JOIN reviews USING (review_id) WHERE kind = 'rebuttal'"
    )
    with pytest.raises(LabellerError, match="no sentence of a review"):
        annotate(db, model, within=rebuttal)


# --- interruptions ----------------------------------------------------------------------------------------------------


class Interrupted(Exception):
    """Raised between two parts."""


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(annotating, "_PART", 3)


def stop_at(n: int):
    def progress(done: int, _of: int) -> None:
        if done >= n:
            raise Interrupted

    return progress


def counting(model: Labeller, monkeypatch) -> list[int]:
    """The numbers of reviews that the model is asked about, as it is asked."""
    asked: list[int] = []
    real = type(model.component).predict

    def predict(self, docs):
        docs = list(docs)
        asked.append(len(docs))
        return real(self, docs)

    monkeypatch.setattr(type(model.component), "predict", predict)
    return asked


def test_an_interrupted_annotation_goes_on_where_it_was(db, model, small_parts, monkeypatch):
    whole = Path(shutil.copy(db, db.with_name("whole.duckdb")))
    annotate(whole, model)
    before, asked = stamp(db), counting(model, monkeypatch)
    with pytest.raises(Interrupted):
        annotate(db, model, progress=stop_at(7))
    assert stamp(db) == before
    assert sum(asked) == 9
    told: list[tuple[int, int]] = []
    annotate(db, model, progress=lambda done, of: told.append((done, of)))
    assert sum(asked) == 16, "no review twice"
    assert told[0] == (3, 16)
    assert told[-1] == (16, 16)
    assert given(db, model.annotator) == given(whole, model.annotator)
    assert all_but(db, model.annotator) == all_but(whole, model.annotator)


def test_a_killed_annotation_goes_on_where_it_was(db, trained, model, small_parts, monkeypatch):
    program = (
        "import sys, time; from pathlib import Path\n"
        "from corpus.labeller import annotating; from corpus.labeller.directory import load\n"
        "annotating._PART = 3\n"
        "def progress(done, of):\n"
        "    if done >= 6:\n"
        "        print('now', flush=True); time.sleep(60)\n"
        "annotating.annotate(Path(sys.argv[1]), load(sys.argv[2]), progress=progress)"
    )
    whole = Path(shutil.copy(db, db.with_name("whole.duckdb")))
    before = stamp(db)
    with subprocess.Popen([sys.executable, "-c", program, db, trained], stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"now\n"
        with pytest.raises(LabellerError, match="another process is labelling it"):
            annotate(db, model)
        os.kill(child.pid, signal.SIGKILL)
    assert stamp(db) == before
    asked = counting(model, monkeypatch)
    annotate(db, model)
    assert sum(asked) == 10
    annotate(whole, model)
    assert given(db, model.annotator) == given(whole, model.annotator)


def test_a_part_that_was_cut_is_made_again(db, model, small_parts, monkeypatch):
    with pytest.raises(Interrupted):
        annotate(db, model, progress=stop_at(6))
    first, second = sorted(db.parent.glob("*.labelling/*/*.parquet"))
    first.write_bytes(first.read_bytes()[:50])
    second.write_bytes(b"")
    asked = counting(model, monkeypatch)
    annotate(db, model)
    assert sum(asked) == 16


@pytest.mark.parametrize(("change", "again"), [("precision", 16), ("selection", 7), ("reviews", 17), ("judgement", 10)])
def test_parts_of_another_annotation_are_not_used(db, model, small_parts, monkeypatch, change, again):
    """What people judge moves no sentence: then it goes on where it was."""
    with pytest.raises(Interrupted):
        annotate(db, model, progress=stop_at(6))
    asked = counting(model, monkeypatch)
    more = {"precision": {"precision": 0.9}, "selection": {"within": list(range(1, 50))}}.get(change, {})
    if change == "judgement":
        judge(db, [(3, "aspect", "NOV", 1)], "user:zoe")
    if change == "reviews":
        ingest([write(db.parent / "more", papers(1, seed=9))], db)
    annotate(db, model, **more)
    assert sum(asked) == again
    assert not list(db.parent.glob("*.labelling"))


def test_reviews_that_are_read_again_meanwhile_are_not_labelled(db, model, small_parts):
    folder = write(db.parent / "more", papers(2, seed=9))
    ingest([folder], db)

    def meddle(done: int, of: int) -> None:
        if done == of:
            (folder / "p000.txt").write_text("Quite another text.")
            ingest([folder], db)

    with pytest.raises(LabellerError, match=r"have been read again meanwhile, and nothing was written\. Try"):
        annotate(db, model, progress=meddle)
    assert given(db, model.annotator) == []
    assert rows(db, "SELECT count(*) FROM segments WHERE text = 'Quite another text.'") == [(1,)]
    annotate(db, model)
    assert given(db, model.annotator)


def test_a_person_who_judges_meanwhile_loses_nothing_and_stops_nothing(db, model, small_parts):
    def judging(done: int, of: int) -> None:
        if done == of:
            judge(db, [(3, "aspect", "NOV", 1)], "user:zoe")
            settle(db)

    annotate(db, model, progress=judging)
    assert given(db, model.annotator)
    assert given(db, "user:zoe") == [(3, "aspect", "NOV", 1, None)]


def test_segments_of_another_snapshot_are_refused_before_any_work(db, model, monkeypatch):
    asked, before = counting(model, monkeypatch), stamp(db)
    with pytest.raises(StoreError, match="numbered anew"):
        annotate(db, model, within=[1], of="0" * 64)
    assert (asked, stamp(db)) == ([], before)


def test_a_store_that_another_process_writes_is_told(db, model, monkeypatch):
    monkeypatch.setattr(annotating, "_WAIT", 0.1, raising=False)
    before = stamp(db)
    with writing(db), pytest.raises(StoreError, match="another process is writing it"):
        annotate(db, model)
    assert stamp(db) == before
    annotate(db, model)
    forget(db, model.annotator)
    assert given(db, model.annotator) == []


def test_judgements_that_wait_are_written_before_all_is_labelled(db, model):
    judge(db, [(50, "aspect", "EMP", 0)], "user:zoe")
    annotate(db, model)
    assert rows(db, "SELECT segment_id, code::VARCHAR FROM labels WHERE annotator = 'user:zoe'") == [(50, "EMP")]
    assert given(db, model.annotator)


# --- odd reviews ------------------------------------------------------------------------------------------------------

ODD = {
    "empty": "\n",
    "white": " \t\n\u00a0 ",
    "emoji": "🙂🙂 👍🏽!!! 🙂",
    "chinese": "这篇论文很好。实验不够充分。",
    "german": "Die Methode ist im Großen und Ganzen überzeugend. Größere Versuche fehlen leider völlig.",
    "arabic": "الورقة جيدة. التجارب ضعيفة.",
    "no stop": "The method is convincing and novel " * 3000,
    "no space": "x" * 100_000,
    "control": "A\x00B\x1b[31m. C\x7f.",
    "headings": "Weaknesses:\n\n1.\n\n-\n\n2. The method is poor and, above all, not novel by any means.",
}


@pytest.mark.parametrize("precision", [None, 0.5])
def test_odd_reviews_are_labelled(tmp_path, model, precision):
    db = store(tmp_path, ODD)
    texts = rows(db, "SELECT text FROM segments ORDER BY segment_id")
    done = annotate(db, model, precision=precision)
    assert rows(db, "SELECT text FROM segments ORDER BY segment_id") == texts
    assert done.n_segments == len(texts)
    labels = given(db, model.annotator)
    assert all(0 < label[4] <= 1 for label in labels)
    if precision is None:
        labelled = {label[0] for label in labels}
        begin = {text[:9] for at, (text,) in enumerate(texts, 1) if at in labelled}
        assert begin >= {"Die Metho", "2. The me", "xxxxxxxxx"}
        shortest = model.component.cfg["shortest"]
        assert 9 < shortest < 50
        assert all(len(text.strip()) >= shortest for at, (text,) in enumerate(texts, 1) if at in labelled)
        assert all("method" not in text.lower() or at in labelled for at, (text,) in enumerate(texts, 1))


def test_a_model_of_codes_that_the_scheme_of_the_store_does_not_have_is_refused(db, model, monkeypatch):
    """As where the scheme was changed after the model was trained."""
    (first, *rest) = known_schemes.schemes()
    layers = tuple(
        layer._replace(codes=tuple(code for code in layer.codes if code.code != "NOV")) for layer in first.layers
    )
    before = stamp(db)
    monkeypatch.setattr("corpus.labeller.directory.schemes", lambda: (first._replace(layers=layers), *rest))
    with pytest.raises(LabellerError, match="it gives the code NOV in the layer aspect, which the scheme peer-review"):
        annotate(db, model)
    assert stamp(db) == before


def test_all_precisions_have_thresholds(model):
    assert set(model.component.policy.precise) == {f"{each:.2f}" for each in PRECISIONS}
