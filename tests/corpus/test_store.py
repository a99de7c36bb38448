"""The DuckDB file: rules, atomic swaps, undisturbed readers, killed and rival writers, types, memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import duckdb
import polars as pl
import pytest

from corpus import new_snapshot
from corpus.checks import checks, ddl, enums
from corpus.formats.source import Source
from corpus.ingest import ingest
from corpus.records import Label, Paper, Reading, Review, Segment, Span
from corpus.store import Snapshot, StoreError, stamp, writing
from corpus.tables import TABLES
from corpus.writer import Writer

TAGGED = "Good.[[OAL-POS], [null]] So-so.[[MET-NEU], [CNT], [DIS], [GEN]] Bad.[[RES], [EMP-NEG], [CRT], [MAJ]]"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "reviews"
    folder.mkdir()
    for number in range(3):
        (folder / f"p{number}.txt").write_text(TAGGED)
    return folder


@pytest.fixture
def db(tmp_path: Path, folder: Path) -> Path:
    ingest([folder], tmp_path / "s.duckdb")
    return tmp_path / "s.duckdb"


def texts(snapshot: Snapshot) -> list[str]:
    return snapshot.frames.segments.collect()["text"].to_list()


def test_every_table_is_made_with_its_columns_types_and_nulls(db):
    with duckdb.connect(str(db), read_only=True) as connection:
        for table in TABLES:
            rows = connection.sql(f"DESCRIBE {table.name}").fetchall()
            assert [(name, null == "YES") for name, _, null, *_ in rows] == [
                (c.name, c.nullable) for c in table.columns
            ]
            assert all(
                kind == c.type or kind.startswith("ENUM(") for (_, kind, *_), c in zip(rows, table.columns, strict=True)
            )


def test_the_store_that_is_written_keeps_every_rule(db):
    with duckdb.connect(str(db), read_only=True) as connection:
        assert {name: connection.sql(query).fetchall()[0][0] for name, query in checks().items()} == dict.fromkeys(
            checks(), 0
        )


BROKEN = {
    "labels: segment_id in segments": "UPDATE labels SET segment_id = 99 WHERE label_id = 1",
    "labels: review_id in reviews": "UPDATE labels SET review_id = 99 WHERE label_id = 1",
    "labels: polarity BETWEEN -1 AND 1": "UPDATE labels SET polarity = 2 WHERE label_id = 1",
    'segments: key "segment_id"': "INSERT INTO segments FROM segments LIMIT 1",
    "segments: tile the review": "DELETE FROM segments WHERE position = 1",
    "spans: tile the source": "DELETE FROM spans WHERE position = 1",
    "spans: reach the end of the source": "DELETE FROM spans WHERE position = 5",
    "reviews: paper_id in papers": "DELETE FROM papers WHERE paper_id = 1",
    "papers: one row a corpus and key": "UPDATE papers SET paper_key = 'p0'",
    "sources: n_bytes = coalesce(octet_length(raw), n_bytes)": "UPDATE sources SET n_bytes = 1",
    'segments: "end" - "start" = length(text)': "UPDATE segments SET text = 'x'",
}


@pytest.mark.parametrize(("name", "statement"), BROKEN.items(), ids=BROKEN.keys())
def test_each_rule_finds_what_breaks_it(db, name, statement):
    with duckdb.connect(str(db)) as connection:
        connection.execute(statement)
        assert connection.sql(checks()[name]).fetchall()[0][0] > 0


def test_keys_and_references_are_checked_for_every_table():
    assert all(f"{t.name}: key " in " ".join(checks()) for t in TABLES if t.key)
    assert len(ddl()) == len(TABLES) + len(enums())


def test_a_snapshot_that_breaks_a_rule_is_not_published(tmp_path, db):
    before = stamp(db)
    review = Review(Paper("x"), "1", (Segment("Two words", (Label("review-quality", "quality", "CLA", 1, "CLA"),)),))
    hole = Reading((review,), (Span(0, 3, "text", 0, 0),))
    with Writer(db, db, set()) as opened:
        opened.add("c", Source("x.txt", "x", b"Two words"), "bracket", hole)
        with pytest.raises(StoreError, match="spans"):
            opened.publish(None)
    assert stamp(db) == before
    assert sorted(path.name for path in tmp_path.glob("s.duckdb*")) in (["s.duckdb"], ["s.duckdb", "s.duckdb.lock"])


def test_a_reader_goes_on_seeing_what_it_opened(db, folder):
    early = Snapshot.open(db)
    prints = early.fingerprint
    (folder / "p0.txt").write_text("Other.[[OAL-NEG], [null]]")
    ingest([folder], db)
    late = Snapshot.open(db)
    assert "Other." not in texts(early)
    assert "Other." in texts(late)
    assert (early.fingerprint, late.fingerprint != prints) == (prints, True)
    assert early.problems().height >= 0
    early.close()
    assert "Other." in late.sources()["path"].to_list() or late.counts()["sources"] == 3


def test_a_reader_in_another_process_goes_on_too(db, folder):
    program = (
        "import sys; from corpus.store import Snapshot; s = Snapshot.open(sys.argv[1]);"
        "print(s.counts()['labels'], flush=True);"
        "sys.stdin.readline(); print(s.frames.labels.collect().height, Snapshot.open(sys.argv[1]).counts()['labels'])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(db)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        before = int(reader.stdout.readline())
        (folder / "p9.txt").write_text(TAGGED)
        ingest([folder], db)
        out, _ = reader.communicate("\n")
    assert [int(n) for n in out.split()] == [before, before // 3 * 4]


def test_a_killed_ingest_leaves_the_old_store_and_the_next_one_works(db, folder):
    before = stamp(db)
    (folder / "p9.txt").write_text(TAGGED)
    program = (
        "import sys, time; from pathlib import Path; from corpus import writer; from corpus.ingest import ingest;"
        "writer.Writer._check = lambda self: (print('now', flush=True), time.sleep(60));"
        "ingest([Path(sys.argv[1])], Path(sys.argv[2]))"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(folder), str(db)], stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"now\n"
        assert list(db.parent.glob("s.duckdb.partial*"))
        with pytest.raises(StoreError, match="another process"):
            ingest([folder], db)
        os.kill(child.pid, signal.SIGKILL)
    assert stamp(db) == before
    assert Snapshot.open(db).counts()["reviews"] == 3
    assert ingest([folder], db).changed
    assert Snapshot.open(db).counts()["reviews"] == 4
    assert not list(db.parent.glob("s.duckdb.partial*"))


@pytest.mark.parametrize("name", ["it's [a].duckdb", 'ünï "q".duckdb', "a;b*.duckdb", "no ending"])
def test_odd_names_of_stores_work_even_after_a_killed_writer(tmp_path, folder, name):
    db = tmp_path / name
    (tmp_path / f"{name}.partial").write_text("left over")
    ingest([folder], db)
    (folder / "p9.txt").write_text(TAGGED)
    ingest([folder], db)
    assert Snapshot.open(db).counts()["reviews"] == 4


def test_two_writers_are_told_apart(db):
    with writing(db), pytest.raises(StoreError, match="another process is writing"), writing(db):
        pass


def test_an_error_in_the_middle_leaves_the_old_store(db, folder, monkeypatch):
    before = stamp(db)
    (folder / "p9.txt").write_text(TAGGED)

    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(new_snapshot.os, "fsync", full_disk)
    with pytest.raises((OSError, StoreError)):
        ingest([folder], db)
    assert stamp(db) == before
    assert not list(db.parent.glob("s.duckdb.partial*"))


@pytest.mark.parametrize("make", ["text", "other", "folder", "missing", "old"])
def test_what_is_no_store_is_told(tmp_path, db, make):
    path = tmp_path / "other.duckdb"
    if make == "text":
        path.write_text("no database")
    elif make == "folder":
        path.mkdir()
    elif make == "other":
        duckdb.connect(str(path)).execute("CREATE TABLE t (a INT)").close()
    elif make == "old":
        path.write_bytes(db.read_bytes())
        with duckdb.connect(str(path)) as connection:
            connection.execute("UPDATE meta SET value = '0' WHERE key = 'schema version'")
    with pytest.raises(StoreError) as error:
        Snapshot.open(path)
    message = str(error.value)
    assert "other.duckdb" in message
    assert "\n" not in message
    assert ("there is no such file" in message) == (make == "missing")
    assert ("schema version 0" in message) == (make == "old")


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("use", ["ingest", "info", "frames"])
def test_a_store_that_is_damaged_is_told(db, folder, share, use):
    data = bytearray(db.read_bytes())
    at = int(len(data) * share)
    data[at : at + 200_000] = b"\x5a" * len(data[at : at + 200_000])
    db.write_bytes(data)
    (folder / "p9.txt").write_text(TAGGED)
    uses = {
        "ingest": lambda: ingest([folder], db),
        "info": lambda: Snapshot.open(db).info(),
        "frames": lambda: Snapshot.open(db).frames,
    }
    with suppress(StoreError):  # what is damaged may lie where nothing is read; no other error may come out
        uses[use]()


def test_enumerated_columns_come_out_as_polars_enums(db):
    frames = Snapshot.open(db).frames
    kinds = {name: pl.Enum(values) for name, values in enums().items()}
    labels, codes = frames.labels.collect_schema(), frames.codes.collect_schema()
    for column in ("scheme", "layer", "code"):
        assert labels[column] == codes[column] == kinds[f"{column}_t"]
    assert isinstance(labels["annotator"], pl.Enum)
    assert frames.papers.collect_schema()["decision"] == kinds["decision_t"]
    assert frames.reviews.collect_schema()["kind"] == kinds["kind_t"]
    assert Snapshot.open(db).problems().schema["kind"] == kinds["problem_t"]
    assert labels["polarity"] == pl.Int8


def test_null_none_neutral_and_cannot_tell_stay_apart(db):
    labels = Snapshot.open(db).frames.labels.collect().head(10).select("code", "polarity").rows()
    assert labels == [
        *(("OAL", 1), ("none", None)),
        *(("MET", 0), ("CNT", None), ("DIS", None), ("GEN", None)),
        *(("RES", None), ("EMP", -1), ("CRT", None), ("MAJ", None)),
    ]


def test_labels_take_at_most_40_bytes_each(tmp_path):
    path = tmp_path / "many.txt"
    path.write_text(TAGGED * 2_000)
    ingest([path], tmp_path / "s.duckdb")
    labels = Snapshot.open(tmp_path / "s.duckdb").frames.labels.collect()
    assert labels.height == 20_000
    assert labels.estimated_size() / labels.height <= 40


def test_ids_lead_from_table_to_table(db):
    frames = Snapshot.open(db).frames
    labels, segments = frames.labels.collect(), frames.segments.collect()
    joined = labels.join(segments, on="segment_id", suffix="_of_segment")
    assert joined.height == labels.height
    assert (joined["review_id"] == joined["review_id_of_segment"]).all()
    assert (joined["paper_id"] == joined["paper_id_of_segment"]).all()


def test_the_stamp_changes_with_the_snapshot(db, folder):
    before = stamp(db)
    (folder / "p9.txt").write_text(TAGGED)
    ingest([folder], db)
    assert stamp(db) != before
    with pytest.raises(StoreError, match=r"gone\.duckdb"):
        stamp(db.with_name("gone.duckdb"))


def test_pages_in_threads_read_one_snapshot(db):
    from concurrent.futures import ThreadPoolExecutor

    snapshot = Snapshot.open(db)
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: (snapshot.problems().height, snapshot.counts()["labels"]), range(32)))
    assert len(set(counts)) == 1


def test_reviews_are_numbered_by_key_as_people_count(tmp_path):
    root = tmp_path / "corpus" / "CONF-2020-3" / "Accepted" / "p1"
    root.mkdir(parents=True)
    for number in (10, 2, 1):
        (root / f"CONF2020-p1-R{number}.txt").write_text(TAGGED)
    ingest([tmp_path], tmp_path / "s.duckdb")
    reviews = Snapshot.open(tmp_path / "s.duckdb").frames.reviews.collect().sort("position")
    assert reviews["review_key"].to_list() == ["R1", "R2", "R10"]
