"""A model's labels put into a store, and taken out: what changes, what stays, crashes, rivals, what is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from corpus.ingest import ingest
from corpus.relabelling import COLUMNS, ModelRecord, Relabelled, forget, relabel
from corpus.store import Snapshot, StoreError, stamp, writing

PRA = "peer-review-analyze"
MODEL = "model:linear@1"
TEXTS = {
    "p0": "Good.[[OAL-POS], [null]] Why?[[MET-NEU], [CNT], [DIS], [GEN]] Bad.[[RES-NEG], [EMP-NEG], [CRT], [MAJ]]",
    "p1": "Fine.[[OAL-POS], [null]]",
    "p2": "Nobody labelled this. Nor that.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "c"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / f"{name}.txt").write_text(text)
    return folder


@pytest.fixture
def db(tmp_path: Path, folder: Path) -> Path:
    ingest([folder], tmp_path / "s.duckdb")
    return tmp_path / "s.duckdb"


def batch(*labels: tuple) -> pl.DataFrame:
    """Labels as (segment_id, code, polarity, confidence) of the aspect layer."""
    rows = [(segment, PRA, "aspect", code, polarity, confidence) for segment, code, polarity, confidence in labels]
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def record(annotator: str = MODEL, **more) -> ModelRecord:
    name, _, version = annotator.removeprefix("model:").partition("@")
    counts = [("NOV", None, 9, 3, 2, 1), ("NOV", -1, 9, 1, 2, 1), (None, None, 9, 5, 4, 4)]
    codes = pl.DataFrame(
        [(PRA, "aspect", *row, 0.5, 0.25, None, 0.75, 0.5) for row in counts],
        schema={
            **dict.fromkeys(("scheme", "layer", "code"), pl.String),
            "polarity": pl.Int8,
            **dict.fromkeys(("n_segments", "n_gold", "n_model", "n_both"), pl.UInt32),
            **dict.fromkeys(("f1", "precision", "recall", "best_f1", "threshold"), pl.Float32),
        },
        orient="row",
    )
    told = {"scheme": PRA, "name": name, "version": version, "made_at": datetime(2024, 5, 1), "precision": 0.75}
    return ModelRecord(**{"annotator": annotator, **told, "report": '{"seed": 1}', "codes": codes} | more)


def rows(db: Path, query: str) -> list[tuple]:
    snapshot = Snapshot.open(db)
    try:
        return snapshot.rows(query)
    finally:
        snapshot.close()


def made(db: Path, annotator: str = MODEL) -> list[tuple]:
    return rows(
        db,
        "SELECT segment_id, code::VARCHAR, polarity, confidence, raw, source_id FROM labels "
        f"WHERE annotator = '{annotator}' ORDER BY ALL",
    )


def all_else(db: Path) -> dict[str, list[tuple]]:
    """Every row that no model has made, and of problems all."""
    tables = ("sources", "papers", "tellings", "reviews", "scores", "segments", "spans", "alignments", "problems")
    found = {name: rows(db, f"SELECT * FROM {name} ORDER BY ALL") for name in (*tables, "schemes", "codes")}
    return found | {"labels": rows(db, "SELECT * FROM labels WHERE annotator NOT LIKE 'model:%' ORDER BY ALL")}


def prints(db: Path) -> str:
    return rows(db, "SELECT value FROM meta WHERE key = 'fingerprint'")[0][0]


def test_a_models_labels_come_beside_those_of_people_and_all_else_stays(db):
    before = all_else(db)
    first = batch((1, "NOV", 1, 0.5), (1, "CLA", -1, 0.25))
    second = batch((5, "none", None, 1.0))
    told: list[int] = []
    done = relabel(db, MODEL, iter([first, batch(), second]), within=None, record=record(), progress=told.append)
    assert done == Relabelled(3, 2, 0, prints(db), True)
    assert told == [2, 2, 3]
    assert made(db) == [
        *((1, "CLA", -1, 0.25, "", None), (1, "NOV", 1, 0.5, "", None)),
        (5, "none", None, 1.0, "", None),
    ]
    assert all_else(db) == before
    assert rows(db, "SELECT review_id, link, start FROM labels WHERE segment_id = 5") == [(3, None, None)]


def test_what_is_told_of_a_model_is_kept(db):
    relabel(db, MODEL, [batch((1, "NOV", 1, 0.5))], within=None, record=record())
    snapshot = Snapshot.open(db)
    (told,) = snapshot.models().to_dicts()
    assert told == {
        **{"annotator": MODEL, "scheme": PRA, "name": "linear", "version": "1", "made_at": datetime(2024, 5, 1)},
        **{"precision": 0.75, "n_segments": 6, "n_labelled": 1, "report": '{"seed": 1}'},
    }
    frames = snapshot.frames
    models = frames.models.collect()
    assert models.sort("code", "polarity", nulls_last=True).select("code", "polarity", "n_both", "best_f1").rows() == [
        *(("NOV", -1, 1, 0.75), ("NOV", None, 1, 0.75), (None, None, 4, 0.75)),
    ]
    labels = frames.labels.collect_schema()
    assert {name: models.schema[name] for name in ("annotator", "scheme", "layer", "code", "polarity")} == {
        name: labels[name] for name in ("annotator", "scheme", "layer", "code", "polarity")
    }
    assert models.schema == type(frames)(*frames[:5]).models.collect_schema()


def test_a_model_that_labelled_nothing_is_told_of_all_the_same(db):
    relabel(db, MODEL, [], within=None, record=record())
    snapshot = Snapshot.open(db)
    assert snapshot.models()["n_labelled"].to_list() == [0]
    assert set(snapshot.frames.models.collect()["annotator"]) == {MODEL}


def test_labels_of_another_run_take_the_place_of_the_earlier_ones_within_what_was_asked_for(db):
    other = "model:other@1"
    relabel(db, other, [batch((1, "NOV", 1, 0.5))], within=None, record=None)
    relabel(db, MODEL, [batch(*((n, "NOV", 1, 0.5) for n in (1, 2, 5)))], within=None, record=record())
    done = relabel(db, MODEL, [batch((2, "CLA", None, 0.75))], within=[2, 1, 1], record=record())
    assert (done.labels, done.segments, done.removed) == (1, 1, 2)
    assert [row[:2] for row in made(db)] == [(2, "CLA"), (5, "NOV")]
    assert [row[:2] for row in made(db, other)] == [(1, "NOV")]
    assert rows(db, "SELECT n_segments, n_labelled FROM models") == [(6, 2)]
    assert relabel(db, MODEL, [], within=[], record=None).removed == 0
    assert relabel(db, MODEL, [], within=pl.Series([5, 6], dtype=pl.UInt32), record=None).removed == 1
    assert rows(db, "SELECT n_segments, n_labelled FROM models") == [(6, 1)], "the record stays where none is given"


@pytest.mark.parametrize(("shown", "n"), [(None, 2), (5, 5), (0, 1)])
def test_how_many_segments_were_shown(db, shown, n):
    relabel(db, MODEL, [batch((1, "NOV", 1, 0.5))], within=[1, 2], record=record(n_segments=shown))
    assert rows(db, "SELECT n_segments, n_labelled FROM models") == [(n, 1)], "never fewer than are labelled"


def test_labels_on_whole_reviews_stay_unless_all_are_asked_for(db):
    relabel(db, MODEL, [batch((1, "NOV", 1, 0.5))], within=None, record=None)
    with duckdb.connect(str(db)) as connection:
        connection.execute("UPDATE labels SET segment_id = NULL WHERE annotator LIKE 'model:%'")
    relabel(db, MODEL, [], within=[1, 2], record=None)
    assert [row[:2] for row in made(db)] == [(None, "NOV")]
    assert relabel(db, MODEL, [], within=None, record=None).removed == 1


def test_the_fingerprint_tells_labels_apart_and_not_their_order(db):
    labels = [(1, "NOV", 1, 0.5), (1, "CLA", -1, 0.25), (2, "NOV", None, 0.75), (5, "none", None, None)]
    seen = {prints(db)}
    relabel(db, MODEL, [batch(*labels)], within=None, record=record())
    first, before = prints(db), stamp(db)
    again = relabel(db, MODEL, [batch(each) for each in reversed(labels)], within=None, record=record())
    assert (again.changed, again.removed, again.fingerprint) == (False, 4, first)
    assert stamp(db) == before, "nothing was to be written"
    seen.add(first)
    variants = [
        [(*labels[0][:3], 0.25), *labels[1:]],
        [(*labels[0][:2], None, 0.5), *labels[1:]],
        [(*labels[0][:2], 0, 0.5), *labels[1:]],
        [(1, "IMP", 1, 0.5), *labels[1:]],
        [(2, "NOV", 1, 0.5), *labels[1:]],
        labels[1:],
        [labels[0], *labels],
        [],
    ]
    for variant in variants:
        relabel(db, MODEL, [batch(*variant)], within=None, record=record())
        assert prints(db) not in seen, variant
        seen.add(prints(db))
    for more in ({"report": "{}"}, {"precision": None}):
        relabel(db, MODEL, [], within=None, record=record(**more))
        assert prints(db) not in seen, more
        seen.add(prints(db))
    relabel(db, "user:kim", [batch((1, "NOV", 1, None))], within=None, record=None)
    assert prints(db) not in seen


def test_a_store_made_in_another_order_has_the_same_fingerprint(tmp_path, folder):
    db, other = tmp_path / "one.duckdb", tmp_path / "other.duckdb"
    files = [folder / f"{name}.txt" for name in TEXTS]
    ingest(files, db)
    for file in reversed(files):
        ingest([file], other)
    for each in (db, other):
        places = dict(rows(each, "SELECT text, segment_id FROM segments"))
        labels = batch((places["Good."], "NOV", 1, 0.5), (places["Fine."], "CLA", 1, 0.25))
        relabel(each, MODEL, [labels], within=None, record=record())
    assert made(db) != made(other), "numbers differ"
    assert prints(db) == prints(other)


def test_a_model_is_forgotten_with_all_that_is_told_of_it(db):
    before, empty = all_else(db), prints(db)
    relabel(db, MODEL, [batch((1, "NOV", 1, 0.5))], within=None, record=record())
    relabel(db, "model:it's@2", [batch((1, "NOV", 1, 0.5))], within=None, record=record("model:it's@2"))
    assert forget(db, MODEL).removed == 1
    assert (made(db), rows(db, "SELECT DISTINCT annotator FROM model_codes")) == ([], [("model:it's@2",)])
    assert forget(db, "model:it's@2").changed
    assert (all_else(db), prints(db)) == (before, empty)
    with pytest.raises(StoreError, match=r"no model model:linear@1 labelled anything here\. Models: none"):
        forget(db, MODEL)


def test_a_model_of_which_only_the_record_is_there_is_forgotten(db):
    relabel(db, MODEL, [], within=None, record=record())
    assert forget(db, MODEL).removed == 0
    assert rows(db, "SELECT count(*) FROM models") == [(0,)]


@pytest.mark.parametrize("who", ["gold", "user:kim", "model:linear@2"])
def test_only_models_that_are_there_are_forgotten(db, who):
    relabel(db, "user:kim", [batch((1, "NOV", 1, None))], within=None, record=None)
    relabel(db, MODEL, [batch((1, "NOV", 1, 0.5))], within=None, record=None)
    before = stamp(db)
    with pytest.raises(StoreError, match=f"no model {who} labelled.*Models: {MODEL}"):
        forget(db, who)
    assert stamp(db) == before


REFUSED = {
    "a person of the corpus": ({"annotator": "gold"}, [batch((1, "NOV", 1, 0.5))], "gold is neither"),
    "another's record": ({"record": record("model:y@1")}, [], "not the record's"),
    "a segment that is not there": ({}, [batch((1, "NOV", 1, 0.5), (99, "NOV", 1, 0.5))], "1 labels are on segments"),
    "a segment not asked for": ({"within": [1, 2]}, [batch((5, "NOV", 1, 0.5))], "segment 5, which was not asked for"),
    "a code of no scheme": ({}, [batch((1, "QQQ", 1, 0.5))], "no scheme has peer-review-analyze, aspect, QQQ"),
    "a code of another layer": ({}, [batch((1, "MAJ", None, 0.5))], "no scheme has peer-review-analyze, aspect, MAJ"),
    "a confidence above 1": ({}, [batch((1, "NOV", 1, 1.5))], "confidence BETWEEN 0 AND 1: 1 rows"),
    "a confidence that is no number": ({}, [batch((1, "NOV", 1, float("nan")))], "confidence BETWEEN 0 AND 1: 1 rows"),
    "a polarity of 2": ({}, [batch((1, "NOV", 2, 0.5))], "polarity BETWEEN -1 AND 1: 1 rows"),
    "a report that is no JSON": ({"record": record(report="{")}, [], "is no JSON"),
    "another snapshot": ({"of": "0" * 64}, [], "numbered anew"),
}


@pytest.mark.parametrize(("more", "batches", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_leaves_the_old_store(db, more, batches, told):
    before = stamp(db)
    with pytest.raises(StoreError, match=told) as error:
        relabel(db, **{"annotator": MODEL, "batches": batches, "within": None, "record": None} | more)
    assert "\n" not in str(error.value)
    assert stamp(db) == before
    assert not list(db.parent.glob("s.duckdb.partial*"))
    assert relabel(db, MODEL, [batch((1, "NOV", 1, 0.5))], within=None, record=None, of=prints(db)).changed


def test_an_error_while_a_model_labels_leaves_the_old_store(db):
    def broken():
        yield batch((1, "NOV", 1, 0.5))
        raise KeyboardInterrupt

    before = stamp(db)
    with pytest.raises(KeyboardInterrupt):
        relabel(db, MODEL, broken(), within=None, record=record())
    assert stamp(db) == before
    assert sorted(path.name for path in db.parent.glob("s.duckdb*")) in (["s.duckdb"], ["s.duckdb", "s.duckdb.lock"])


def test_a_killed_relabelling_leaves_the_old_store_and_the_next_one_works(db):
    before = stamp(db)
    program = (
        "import sys, time; from pathlib import Path; import polars as pl; from corpus.relabelling import relabel\n"
        "def batches():\n"
        "    yield pl.DataFrame({'segment_id': [1], 'scheme': ['peer-review-analyze'], 'layer': ['aspect'],"
        " 'code': ['NOV'], 'polarity': [1], 'confidence': [0.5]})\n"
        "    print('now', flush=True); time.sleep(60)\n"
        "relabel(Path(sys.argv[1]), 'model:linear@1', batches(), within=None, record=None)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(db)], stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"now\n"
        assert list(db.parent.glob("s.duckdb.partial*"))
        for rival in (lambda: relabel(db, MODEL, [], within=None, record=None), lambda: forget(db, MODEL)):
            with pytest.raises(StoreError, match="another process is writing"):
                rival()
        os.kill(child.pid, signal.SIGKILL)
    assert stamp(db) == before
    assert made(db) == []
    assert relabel(db, MODEL, [batch((2, "NOV", 1, 0.5))], within=None, record=None).changed
    assert [row[0] for row in made(db)] == [2]
    assert not list(db.parent.glob("s.duckdb.partial*"))


def test_a_rival_waits_as_long_as_it_is_told(db):
    with writing(db), pytest.raises(StoreError, match="another process"):
        relabel(db, MODEL, [], within=None, record=None, wait=0.05)


def test_a_store_that_is_not_there_is_told_and_not_made(tmp_path):
    with pytest.raises(StoreError, match="there is no such file"):
        relabel(tmp_path / "none.duckdb", MODEL, [], within=None, record=None)
    assert not (tmp_path / "none.duckdb").exists()


def test_a_reader_goes_on_seeing_what_it_opened(db):
    early = Snapshot.open(db)
    relabel(db, MODEL, [batch((1, "NOV", 1, 0.5))], within=None, record=None)
    assert early.rows("SELECT count(*) FROM labels WHERE annotator LIKE 'model:%'") == [(0,)]
    assert Snapshot.open(db).rows("SELECT count(*) FROM labels WHERE annotator LIKE 'model:%'") == [(1,)]
