"""The journal of judgements: append, undo, crashes, rivals; and what becomes of it in the store."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from corpus import journal as journals
from corpus import judgements
from corpus.ingest import ingest
from corpus.judgements import Journal, Judgement, settle
from corpus.relabelling import COLUMNS, relabel
from corpus.store import Snapshot, StoreError, stamp, writing

TEXT = "Good.[[OAL-POS], [null]] Why?[[MET-NEU], [null]] Good.[[RES-NEG], [null]]"
PRA = "peer-review-analyze"
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "c"
    folder.mkdir()
    (folder / "p.txt").write_text(TEXT)
    return folder


@pytest.fixture
def db(tmp_path: Path, folder: Path) -> Path:
    ingest([folder], tmp_path / "s.duckdb")
    return tmp_path / "s.duckdb"


def judged(text: str = "Good.", start: int = 0, answer=(("EMP", -1),), minute: int = 0, **more) -> Judgement:
    made = {
        **{"at": NOON + timedelta(minutes=minute), "annotator": "user:kim", "corpus": "c", "paper_key": "p"},
        **{"review_key": "1", "start": start, "end": start + len(text), "text": text, "scheme": PRA, "layer": "aspect"},
        **{"answer": answer, "action": "change", "model": "model:x@1"},
    }
    return Judgement(**(made | more))


def by_people(db: Path) -> list[tuple]:
    """Segment's position, annotator, layer, code, polarity, confidence, extent and file of labels made here."""
    snapshot = Snapshot.open(db)
    try:
        return snapshot.rows(
            "SELECT s.position, l.annotator, l.layer::VARCHAR, l.code::VARCHAR, l.polarity, l.confidence, l.start, "
            'l."end", l.source_id FROM labels l JOIN segments s USING (segment_id) '
            "WHERE l.annotator LIKE 'user:%' ORDER BY ALL"
        )
    finally:
        snapshot.close()


def codes(db: Path) -> list[tuple]:
    return [(position, who, code, polarity) for position, who, _, code, polarity, *_ in by_people(db)]


# --- the journal ---------------------------------------------------------------------------------------------------


def test_what_was_judged_is_pending_as_it_was_told(db):
    first = judged("“Naïve”\n\u2028 ?", answer=(("EMP", -1), ("none", None)), annotator="user:\"k;'")
    second = judged(answer=(), action="skip", model=None, at=datetime.now().astimezone())
    journal = Journal(db)
    assert journal.pending() == ()
    journal.append(first)
    journal.append(second)
    assert Journal(str(db)).pending() == (first, second)


def test_the_last_judgement_of_a_person_on_a_sentence_and_layer_stands(db):
    journal = Journal(db)
    kept = [judged(layer="section"), judged(start=11), judged(annotator="user:lee")]
    for each in (judged(), *kept, last := judged(answer=(("NOV", 1),), minute=1)):
        journal.append(each)
    assert journal.pending() == (*kept, last)


def test_a_person_takes_back_their_own_last_judgement_one_by_one(db):
    journal = Journal(db)
    first, second, other = judged(), judged(answer=(("NOV", 1),), minute=1), judged(annotator="user:lee", minute=2)
    for each in (first, second, other):
        journal.append(each)
    assert journal.undo("user:kim") == second
    assert journal.pending() == (first, other), "what stood before stands again"
    assert journal.undo("user:kim") == first
    assert journal.undo("user:kim") is None
    assert journal.pending() == (other,)
    journal.append(third := judged(minute=3))
    assert journal.pending() == (other, third)


def test_nothing_is_taken_back_where_nothing_was_judged(db):
    assert Journal(db).undo("user:kim") is None
    assert not Journal(db).path.exists()


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_line_torn_by_a_crash_is_told_and_the_others_kept(db, cut):
    journal = Journal(db)
    first, second, third = judged(), judged(start=11), judged(start=6, text="Why?")
    journal.append(first)
    journal.append(second)
    journal.path.write_bytes(journal.path.read_bytes()[:-cut])
    torn = cut > 1  # without its line break a line is whole all the same
    assert journal.pending() == ((first,) if torn else (first, second))
    assert len(journal.torn) == torn
    journal.append(third)
    assert journal.pending() == ((first, third) if torn else (first, second, third))
    assert all("line 2" in told for told in journal.torn)


@pytest.mark.parametrize(
    "line",
    [b"[]", b"7", b"{}", b'{"undo": "user:kim"}', b"\xff\xfe", b'{"at": "yesterday"}'],
)
def test_a_line_of_another_kind_is_told(db, line):
    journal = Journal(db)
    journal.path.write_bytes(line + b"\n")
    journal.append(judged())
    assert journal.pending() == (judged(),)
    assert len(journal.torn) == 1
    assert "line 1" in journal.torn[0]


#: What a judgement cannot hold; each would keep all others from being settled, or be a label that nobody can read.
ODD = [
    *({"answer": [["EMP", sign]]} for sign in (7, -2, 128, True, 1.0, "1")),
    *({"answer": answer} for answer in ([["EMP"]], [[3, 1]], [["EMP", 1, 2]], 7, None)),
    *({"start": start} for start in (-1, 9, 0.0, "0", None, True)),
    *({"end": end} for end in (-1, 2**32, 5.0, "5")),
    *({"annotator": name} for name in ("gold", "model:x@1", "user:", "kim", "", 7, None, "user:\ud800")),
    *({name: 7} for name in ("corpus", "paper_key", "review_key", "text", "scheme", "layer", "action", "model", "at")),
    *({"text": "half of a character: \ud800"}, {"action": "undo"}),
    *({"at": at} for at in ("2024-05-01T12:00:00", "0001-01-01T00:00:00+00:00", "yesterday")),
    *({"undo": who} for who in (7, None, "gold")),
]


def odd_line(odd: dict) -> bytes:
    return json.dumps(judged()._asdict() | {"at": NOON.isoformat()} | odd).encode() + b"\n"


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_an_odd_line_is_told(tmp_path, odd):
    journal = Journal(tmp_path / "s.duckdb")
    journal.path.write_bytes(odd_line(odd))
    assert (journal.pending(), len(journal.torn)) == ((), 1)


def test_odd_lines_keep_no_other_from_being_settled_and_are_kept_beside(db):
    journal = Journal(db)
    lines = b"".join(odd_line(odd) for odd in ODD)
    journal.path.write_bytes(lines)
    journal.append(judged("Why?", 6))
    settled = settle(db)
    assert (settled.judgements, codes(db)) == (1, [(1, "user:kim", "EMP", -1)])
    assert len(settled.told) == len(ODD)
    assert settled.told[0].startswith("s.duckdb.judgements.jsonl.settling, line 1, is no judgement")
    assert settled.told[0].endswith("It is kept in s.duckdb.judgements.torn.")
    assert (journal.rest.read_bytes(), journal.pending()) == (lines, ())


def test_a_line_that_is_nested_without_end_is_told(db):
    journal = Journal(db)
    journal.path.write_bytes(b"[" * 200_000)
    journal.append(judged())
    assert (settle(db).judgements, len(journal.rest.read_bytes())) == (1, 200_001)


def test_lines_that_are_kept_beside_stay_there_when_others_come(db):
    journal = Journal(db)
    for n, line in enumerate((b"half", b"\xff of it")):
        with journal.path.open("ab") as file:
            file.write(line)
        journal.append(judged(minute=n))
        assert len(settle(db).told) == 1
    assert journal.rest.read_bytes() == b"half\n\xff of it\n"


def test_where_lines_cannot_be_kept_beside_they_stay_in_the_journal(db):
    journal = Journal(db)
    journal.rest.mkdir()
    journal.path.write_bytes(b"half\n")
    with pytest.raises(StoreError, match="Is a directory"):
        settle(db)
    assert (journal.pending(), len(journal.torn)) == ((), 1)


APPEND = """
import sys
from datetime import UTC, datetime
from corpus.judgements import Journal, Judgement
for n in range(40):
    Journal(sys.argv[1]).append(Judgement(datetime(2024, 1, 1, tzinfo=UTC), sys.argv[2], "c", "p", "1", n, n + 1,
        "x" * 500, "s", "l", (("A", None),), "accept"))
"""


def test_two_processes_append_line_by_line(db):
    writers = [subprocess.Popen([sys.executable, "-c", APPEND, str(db), f"user:{n}"]) for n in range(2)]
    assert [writer.wait() for writer in writers] == [0, 0]
    journal = Journal(db)
    found = journal.pending()
    assert journal.torn == ()
    assert sorted((each.annotator, each.start) for each in found) == [
        (f"user:{n}", at) for n in (0, 1) for at in range(40)
    ]


def test_a_judgement_is_on_the_disk_when_append_returns(db, monkeypatch):
    synced = []
    monkeypatch.setattr(journals.os, "fsync", lambda number: synced.append(number))
    Journal(db).append(judged())
    assert len(synced) == 1


def test_where_nothing_can_be_written_an_error_says_so(tmp_path, db):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="it cannot be written") as error:
        Journal(tmp_path / "file" / "s.duckdb").append(judged())
    assert "\n" not in str(error.value)
    Journal(db).path.mkdir()
    with pytest.raises(StoreError, match="it cannot be written: Is a directory"):
        Journal(db).append(judged())


def test_who_waits_too_long_for_the_journal_is_told(db, monkeypatch):
    monkeypatch.setattr(journals, "_WAIT", 0.05)
    with (
        journals.FileLock(f"{Journal(db).path}.lock"),
        pytest.raises(StoreError, match="another process is writing it"),
    ):
        Journal(db).append(judged())


# --- settling ------------------------------------------------------------------------------------------------------


def test_an_empty_journal_writes_nothing(db):
    before = stamp(db)
    assert settle(db) == judgements.Settled()
    assert stamp(db) == before


def test_judgements_become_labels_of_their_annotators_and_the_journal_is_empty(db):
    journal = Journal(db)
    for each in (
        judged(answer=(("EMP", -1), ("NOV", None))),
        judged("Why?", 6, (("none", None),), annotator="user:lee", action="accept"),
        judged("Good.", 11, (), action="skip"),
    ):
        journal.append(each)
    settled = settle(db)
    assert (settled.judgements, settled.labels, settled.skipped, settled.left, settled.told) == (2, 3, 1, (), ())
    assert settled.changed
    assert by_people(db) == [
        (0, "user:kim", "aspect", "EMP", -1, None, None, None, None),
        (0, "user:kim", "aspect", "NOV", None, None, None, None, None),
        (1, "user:lee", "aspect", "none", None, None, None, None, None),
    ]
    assert Snapshot.open(db).rows("SELECT count(*) FROM labels WHERE annotator = 'gold'") == [(6,)]
    assert journal.pending() == ()
    assert [path.name for path in db.parent.glob("s.duckdb.judgements*")] in ([], ["s.duckdb.judgements.jsonl.lock"])


def test_an_answer_replaces_that_persons_earlier_one_in_the_layer_and_no_other(db):
    journal = Journal(db)
    for each in (
        judged(),
        judged(layer="section", answer=(("MET", 1),)),
        judged(annotator="user:lee"),
        judged(start=11),
    ):
        journal.append(each)
    settle(db)
    journal.append(judged(answer=(("NOV", 1), ("CLA", 1))))
    journal.append(judged(start=11, answer=()))
    assert settle(db).labels == 2
    assert codes(db) == [
        *((0, "user:kim", code, 1) for code in ("CLA", "NOV", "MET")),
        (0, "user:lee", "EMP", -1),
    ]


def test_a_skip_takes_nothing_away(db):
    Journal(db).append(judged())
    settle(db)
    before = stamp(db)
    Journal(db).append(judged(answer=(), action="skip"))
    assert settle(db).skipped == 1
    assert (codes(db), stamp(db)) == ([(0, "user:kim", "EMP", -1)], before)


def test_of_two_equal_sentences_the_one_that_was_judged_is_labelled(db):
    Journal(db).append(judged("Good. ", 11))
    settle(db)
    assert codes(db) == [(2, "user:kim", "EMP", -1)]


def test_a_judgement_finds_its_sentence_in_a_text_that_has_grown(db, folder):
    Journal(db).append(judged("Why?", 6))
    (folder / "p.txt").write_text("One more.[[OAL-POS], [null]] " + TEXT)
    ingest([folder], db)
    assert codes(db) == [(2, "user:kim", "EMP", -1)], "ingesting settles first, then carries over"
    Journal(db).append(judged("Why?", 6, (("NOV", 1),)))
    settle(db)
    assert codes(db) == [(2, "user:kim", "NOV", 1)]


def test_a_sentence_that_is_cut_otherwise_now_keeps_its_judgement_with_its_own_extent(db):
    Journal(db).append(judged("Good. Why?", 0))
    Journal(db).append(judged("y? G", 8, (("NOV", 1),)))
    settle(db)
    rows = [(row[0], row[3], *row[6:8]) for row in by_people(db)]
    assert rows == [(0, "EMP", 0, 10), (1, "NOV", 8, 12)]
    Journal(db).append(judged("Good.", 0, (("CLA", 1),)))
    settle(db)
    assert sorted(row[3] for row in by_people(db)) == ["CLA", "EMP", "NOV"], "two sentences that begin in one segment"


@pytest.mark.parametrize(
    "lost",
    [
        judged("Gone."),
        judged(paper_key="q"),
        judged(review_key="9"),
        judged(corpus="d"),
        judged(answer=(("XYZ", None),)),
        judged(scheme="mine"),
        judged(layer="purpose"),
        judged("", 0),
    ],
)
def test_a_judgement_without_its_sentence_stays_in_the_journal_and_is_told(db, lost):
    journal = Journal(db)
    journal.append(lost)
    journal.append(judged("Why?", 6))
    for wrote in (1, 0):  # the second time it is the only one
        before = stamp(db)
        settled = settle(db)
        assert (settled.judgements, settled.labels, settled.left) == (wrote, wrote, (lost,))
        assert "user:kim" in settled.told[0]
        assert "stays in the journal" in str(settled)
        assert (stamp(db) == before) == (not wrote)
    assert journal.pending() == (lost,)
    assert codes(db) == [(1, "user:kim", "EMP", -1)]


def test_what_is_settled_again_after_a_crash_is_not_doubled(db, monkeypatch):
    journal = Journal(db)
    journal.append(judged())

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as crash:
        crash.setattr(Journal, "put_back", killed)
        with pytest.raises(KeyboardInterrupt):
            settle(db)
    assert codes(db) == [(0, "user:kim", "EMP", -1)]
    assert journal.pending() == (judged(),)
    journal.append(judged("Why?", 6))
    assert [each.text for each in journal.pending()] == ["Good.", "Why?"]
    assert settle(db).judgements == 2
    assert codes(db) == [(0, "user:kim", "EMP", -1), (1, "user:kim", "EMP", -1)]
    assert journal.pending() == ()


def killed(db: Path) -> Journal:
    """The journal as it is where a run was killed before it wrote the store: kim's is set aside, lee's came later."""
    journal = Journal(db)
    journal.append(judged())
    journal.set_aside()
    journal.append(judged(annotator="user:lee", minute=1))
    return journal


def test_what_a_killed_run_left_is_taken_back_as_any_other(db):
    journal = killed(db)
    assert journal.undo("user:kim") == judged()
    assert journal.undo("user:kim") is None
    assert [each.annotator for each in journal.pending()] == ["user:lee"]
    settle(db)
    assert codes(db) == [(0, "user:lee", "EMP", -1)]


def test_a_later_judgement_is_taken_back_before_what_a_killed_run_left(db):
    journal = killed(db)
    journal.append(later := judged("Why?", 6, minute=2))
    assert [journal.undo("user:kim") for _ in range(3)] == [later, judged(), None]
    assert [each.annotator for each in journal.pending()] == ["user:lee"]


def test_where_only_a_killed_run_left_something_it_is_taken_back(db):
    journal = Journal(db)
    journal.append(judged())
    journal.set_aside()
    assert not journal.path.exists()
    assert (journal.undo("user:lee"), journal.undo("user:kim"), journal.pending()) == (None, judged(), ())


def test_what_a_crash_left_twice_is_taken_back_once_for_all(db, monkeypatch):
    journal = killed(db)

    def crashes(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as crash:
        crash.setattr(Path, "unlink", crashes)  # the two files are one already, and the other is still there
        with pytest.raises(KeyboardInterrupt):
            journal.set_aside()
    assert journal.settling.exists()
    assert journal.path.exists()
    assert journal.undo("user:lee") == judged(annotator="user:lee", minute=1)
    assert journal.pending() == (judged(),)
    assert journal.undo("user:lee") is None


def test_what_is_being_settled_is_not_taken_back_and_that_is_told(db, monkeypatch):
    journal = Journal(db)
    journal.append(judged())
    later = judged("Why?", 6, minute=1)

    class Busy(judgements.NewSnapshot):
        def publish(self, unless):
            with pytest.raises(StoreError, match=r"another process is writing it\. Try again"):
                journal.undo("user:kim")
            journal.append(later)
            assert journal.undo("user:kim") == later, "what came since can be"
            return super().publish(unless)

    monkeypatch.setattr(judgements, "NewSnapshot", Busy)
    assert settle(db).judgements == 1
    assert (codes(db), journal.pending()) == ([(0, "user:kim", "EMP", -1)], ())


def test_what_is_judged_while_others_are_settled_is_neither_lost_nor_settled(db, monkeypatch):
    journal = Journal(db)
    journal.append(judged())
    later = judged("Why?", 6)

    class Busy(judgements.NewSnapshot):
        def publish(self, unless):
            journal.append(later)
            assert journal.pending() == (judged(), later)
            return super().publish(unless)

    monkeypatch.setattr(judgements, "NewSnapshot", Busy)
    assert settle(db).judgements == 1
    assert journal.pending() == (later,)


def test_while_another_process_writes_the_store_all_judgements_stay(db):
    Journal(db).append(judged())
    with writing(db), pytest.raises(StoreError, match="another process is writing"):
        settle(db)
    assert Journal(db).pending() == (judged(),)


def test_a_store_that_cannot_be_written_keeps_the_journal(db, monkeypatch):
    Journal(db).append(judged())
    before = stamp(db)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(judgements.NewSnapshot, "publish", full)
        with pytest.raises(StoreError, match="No space left"):
            settle(db)
    assert stamp(db) == before
    assert Journal(db).pending() == (judged(),)
    assert settle(db).judgements == 1


def test_a_torn_line_is_told_once_more_when_the_journal_is_settled_and_is_gone_then(db):
    journal = Journal(db)
    journal.append(judged())
    with journal.path.open("ab") as file:
        file.write(json.dumps({"at": "2024"}).encode()[:9])
    settled = settle(db)
    assert (settled.judgements, len(settled.told)) == (1, 1)
    assert settle(db) == judgements.Settled()


def test_the_journal_is_none_of_the_files_of_a_corpus(folder):
    db = folder / "s.duckdb"
    ingest([folder], db)
    Journal(db).append(judged())
    summary = ingest([folder], db)
    assert (summary.files, summary.settled.judgements, summary.problems) == (0, 1, [])
    assert summary.fingerprint == Snapshot.open(db).fingerprint


# --- the command -----------------------------------------------------------------------------------------------------


def test_ingest_and_export_settle_first(command, folder, db, tmp_path):
    Journal(db).append(judged())
    code, out, _ = command("ingest", folder, "--db", db)
    assert (code, codes(db)) == (0, [(0, "user:kim", "EMP", -1)])
    assert "1 judgements from the dashboard are labels now." in out
    assert "now holds snapshot" in out
    Journal(db).append(judged("Why?", 6))
    Journal(db).append(judged("Gone."))
    code, out, _ = command("export", "--db", db, "--out", tmp_path / "x.csv")
    assert code == 0
    assert (tmp_path / "x.csv").read_text().count("user:kim") == 2
    assert "Note: A judgement of user:kim stays in the journal" in out


def test_an_export_from_a_store_that_is_being_written_goes_without_them_and_says_so(command, db, tmp_path, monkeypatch):
    Journal(db).append(judged())
    monkeypatch.setattr("corpus.cli.settle", lambda path, wait: settle(path, 0))
    with writing(db):
        code, out, _ = command("export", "--db", db, "--out", tmp_path / "x.csv")
    assert (code, (tmp_path / "x.csv").read_text().count("user:kim")) == (0, 0)
    assert "judgements that wait in the journal are not among the labels" in out
    assert Journal(db).pending() == (judged(),)


def test_an_export_of_nothing_in_particular_has_everything_and_a_model_by_name_all_its_labels(command, db, tmp_path):
    rows = [(n, PRA, "section", "MET", 1, 0.5) for n in (1, 2)]
    relabel(db, "model:x@1", [pl.DataFrame(rows, schema=COLUMNS, orient="row")], within=None, record=None)
    for options, n in (
        ((), 2),
        (("--annotator", "model:x@1"), 2),
        (("--select", "corpus=c"), 0),
        (("--select", "corpus=c", "--annotator", "model:x@1"), 2),
        (("--select", "q=why", "--annotator", "model:x@1"), 1),
        (("--select", "annotator=model:x@1"), 2),
    ):
        assert command("export", "--db", db, "--out", tmp_path / "x.csv", *options)[0] == 0
        assert (tmp_path / "x.csv").read_text().count("model:x@1,0.5") == n, options
