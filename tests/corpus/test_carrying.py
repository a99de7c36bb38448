"""What was labelled here when its file is read again: carried over to its sentence, or told."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest
from test_further_annotators import label, reading, review
from test_further_annotators import write as write_readings

from corpus import carrying, store
from corpus.export import export
from corpus.ingest import ingest
from corpus.problems import PROBLEM_KINDS
from corpus.relabelling import COLUMNS, ModelRecord, relabel
from corpus.store import Snapshot

PRA = "peer-review-analyze"
MODEL, KIM = "model:linear@1", "user:kim"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "c").mkdir()
    return tmp_path / "c"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "s.duckdb"


def text(*sentences: str) -> str:
    return " ".join(f"{sentence}[[OAL-POS], [null]]" for sentence in sentences)


def write(folder: Path, db: Path, **files: str | None) -> list[tuple[str | None, str, str]]:
    """Writes files, null for removes, and ingests the folder; path, kind and detail of problems with labels."""
    for name, content in files.items():
        path = folder / f"{name}.txt"
        path.unlink() if content is None else path.write_text(content)
    summary = ingest([folder], db)
    told = [(path, p.kind, p.detail) for path, p in summary.problems]
    return [each for each in told if each[1] in ("lost_judgement", "stale_model_labels")]


def put(db: Path, annotator: str, *labels: tuple[str, int, str]) -> None:
    """Labels sentences as (review's paper, position, code); a model's with the confidence 0.5."""
    places = {(paper, n): segment for paper, n, segment in rows(db, "SELECT paper_key, s.position, segment_id " + _AT)}
    sure = 0.5 if annotator == MODEL else None
    made = [(places[paper, n], PRA, "aspect", code, -1, sure) for paper, n, code in labels]
    record = None
    if annotator == MODEL:
        codes = pl.DataFrame(schema={"scheme": pl.String, "layer": pl.String, "code": pl.String})
        record = ModelRecord(MODEL, PRA, "linear", "1", datetime(2024, 1, 1), None, "{}", codes)
    relabel(db, annotator, [pl.DataFrame(made, schema=COLUMNS, orient="row")], within=None, record=record)


_AT = "FROM segments s JOIN reviews r USING (review_id) JOIN papers p USING (paper_id)"


def rows(db: Path, query: str) -> list[tuple]:
    snapshot = Snapshot.open(db)
    try:
        return snapshot.rows(query)
    finally:
        snapshot.close()


def made(db: Path) -> list[tuple]:
    """Labels of models and users: paper, position of the sentence, code, who, how sure."""
    return rows(
        db,
        "SELECT p.paper_key, s.position, l.code::VARCHAR, l.annotator, l.confidence FROM labels l "
        "JOIN reviews r USING (review_id) JOIN papers p USING (paper_id) "
        "LEFT JOIN segments s ON s.segment_id = l.segment_id WHERE annotator LIKE '%:%' ORDER BY ALL",
    )


def problems(db: Path) -> list[tuple]:
    return rows(
        db,
        "SELECT p.kind::VARCHAR, detail, snippet, s.path, r.review_key FROM problems p LEFT JOIN sources s "
        "USING (source_id) LEFT JOIN reviews r ON r.review_id = p.review_id "
        "WHERE p.kind IN ('lost_judgement', 'stale_model_labels') ORDER BY ALL",
    )


def test_labels_follow_their_sentences_through_a_changed_file(folder, db):
    write(folder, db, p=text("One.", "Two.", "Three."), q=text("Other."))
    put(db, KIM, ("p", 0, "NOV"), ("p", 2, "CLA"), ("q", 0, "EMP"))
    put(db, MODEL, ("p", 1, "NOV"), ("p", 2, "IMP"), ("q", 0, "EMP"))
    assert write(folder, db, p=text("Zero.", "Three.", "One.", "Four.", "Two.")) == []
    assert made(db) == [
        *(("p", 1, "CLA", KIM, None), ("p", 1, "IMP", MODEL, 0.5), ("p", 2, "NOV", KIM, None)),
        *(("p", 4, "NOV", MODEL, 0.5), ("q", 0, "EMP", MODEL, 0.5), ("q", 0, "EMP", KIM, None)),
    ]
    assert rows(db, "SELECT n_segments, n_labelled FROM models") == [(4, 3)]
    assert problems(db) == []


def test_new_code_that_reads_everything_again_loses_nothing(folder, db, monkeypatch):
    write(folder, db, p=text("One.", "One.", "Two."), q="Plain. Not labelled.\n")
    put(db, KIM, ("p", 1, "NOV"), ("q", 1, "EMP"))
    put(db, MODEL, ("p", 0, "CLA"), ("q", 0, "EMP"))
    before = made(db)
    monkeypatch.setattr(store, "_code", lambda: "new code")
    summary = ingest([folder], db)
    assert (summary.files, summary.problems) == (2, [])
    assert made(db) == before
    assert len(before) == 4


def test_what_a_person_judged_and_is_gone_is_told_in_words_and_for_good(folder, db, monkeypatch):
    write(folder, db, p=text("One.", "Two <b>.", "Three."))
    put(db, KIM, ("p", 1, "NOV"), ("p", 1, "CLA"), ("p", 2, "EMP"))
    told = write(folder, db, p=text("One.", "Three."))
    detail = (
        "user:kim judged “Two <b>.” of review 1, paper p of c: CLA, negative; NOV, negative (aspect, "
        "peer-review-analyze). The sentence is not there any more."
    )
    assert told == [("c/p.txt", "lost_judgement", detail)]
    assert problems(db) == [("lost_judgement", detail, "Two <b>.", "c/p.txt", "1")]
    assert made(db) == [("p", 1, "EMP", KIM, None)]
    monkeypatch.setattr(store, "_code", lambda: "new code")
    write(folder, db)
    assert problems(db) == [("lost_judgement", detail, "Two <b>.", None, None)], "whatever is read again"
    write(folder, db, q=text("New."))
    assert len(problems(db)) == 1


def test_a_models_labels_that_are_gone_are_counted_until_it_labels_again(folder, db):
    write(folder, db, p=text("One.", "Two.", "Three."), q=text("Other."))
    put(db, MODEL, ("p", 1, "NOV"), ("p", 1, "CLA"), ("p", 2, "EMP"), ("q", 0, "EMP"))
    detail = "model:linear@1: 3 labels on 2 sentences that are not there any more. Annotate again."
    assert write(folder, db, p=text("One.")) == [(None, "stale_model_labels", detail)]
    assert problems(db) == [("stale_model_labels", detail, None, None, None)]
    assert made(db) == [("q", 0, "EMP", MODEL, 0.5)]
    assert rows(db, "SELECT n_segments, n_labelled FROM models") == [(2, 1)]
    put(db, KIM, ("p", 0, "NOV"))
    assert len(problems(db)) == 1, "another's labels leave it as it is"
    put(db, MODEL, ("p", 0, "NOV"))
    assert problems(db) == []


def test_a_review_that_is_gone_loses_its_labels_in_words(folder, db):
    write(folder, db, p="Paper ID: | 7 |\n\nOne.\n", q=text("Other."))
    put(db, KIM, ("7", 0, "NOV"))
    ((path, kind, detail),) = write(folder, db, p="Paper ID: | 8 |\n\nOne.\n")
    assert (path, kind) == (None, "lost_judgement")
    assert "“One.” of review 1, paper 7 of c: NOV, negative" in detail
    assert "The review is not there any more." in detail
    assert made(db) == []


def test_a_review_that_another_file_holds_now_keeps_its_labels(tmp_path, db):
    first = reading(review(("APC", None, "SUG"), "gold"))
    write_readings(db, ("a", first))
    put(db, KIM, ("p1", 1, "NOV"))
    (held,) = Snapshot.open(db).held()
    write_readings(db, ("b", first), replaced=frozenset({held.source_id}))
    assert made(db) == [("p1", 1, "NOV", KIM, None)]


EQUAL = {
    "as many as before, by their order": (("A.", "A.", "A."), ("B.", "A.", "B.", "A.", "A."), (1, 3, 4)),
    "one more, by place": (("A.", "B.", "A."), ("A.", "B.", "A.", "A."), (0, None, 2)),
    "one fewer, by place": (("A.", "B.", "C.", "A."), ("B.", "C.", "A."), (None, None, None, 2)),
}


@pytest.mark.parametrize(("before", "after", "places"), EQUAL.values(), ids=EQUAL.keys())
def test_of_equal_sentences_each_keeps_its_own(folder, db, before, after, places):
    codes = ("NOV", "CLA", "EMP", "IMP")
    write(folder, db, p=text(*before))
    equal = [n for n, sentence in enumerate(before) if sentence == "A."]
    put(db, MODEL, *(("p", n, codes[n]) for n in equal))
    write(folder, db, p=text(*after))
    expected = [(places[n], codes[n]) for n in equal if places[n] is not None]
    assert [row[1:3] for row in made(db)] == expected


def test_white_space_around_a_sentence_is_no_other_sentence(folder, db):
    write(folder, db, p=text("One.", "Two."))
    put(db, KIM, ("p", 1, "NOV"))
    write(folder, db, p=text("One.\\n\\n", "\\n  Two. "))
    assert [row[1] for row in made(db)] == [1]


def test_a_person_keeps_what_is_cut_otherwise_and_a_model_is_asked_again(folder, db):
    write(folder, db, p=text("One two.", "Three four.", "Five."))
    put(db, KIM, ("p", 1, "NOV"))
    put(db, MODEL, ("p", 1, "CLA"))
    told = write(folder, db, p=text("New.", "One two. Three", "four. Five."))
    assert [kind for _, kind, _ in told] == ["stale_model_labels"]
    places = 'SELECT s.position, l.start, l."end" FROM labels l JOIN segments s USING (segment_id)'
    query = f"{places} WHERE annotator = 'user:kim'"
    whole = rows(db, "SELECT string_agg(text, '' ORDER BY position) FROM segments")[0][0]
    ((position, start, end),) = rows(db, query)
    assert (position, whole[start:end]) == (1, "Three four.")
    write(folder, db, p=text("New.", "One two.", "Three four.", "Five."))
    assert rows(db, query) == [(2, None, None)], "cut as it was the sentence is the segment again"
    assert problems(db)[0][0] == "stale_model_labels"
    assert len(problems(db)) == 1


def test_labels_on_whole_reviews_stay_with_them(folder, db):
    write(folder, db, p=text("One."))
    put(db, KIM, ("p", 0, "NOV"))
    with duckdb.connect(str(db)) as connection:
        connection.execute("UPDATE labels SET segment_id = NULL WHERE annotator = 'user:kim'")
    write(folder, db, p=text("Two."))
    assert made(db) == [("p", None, "NOV", KIM, None)]
    assert write(folder, db, p=None, q=text("Two.")) == [], "a file that is not named keeps its rows"
    assert made(db) == [("p", None, "NOV", KIM, None)]


def test_links_spellings_and_other_annotators_are_kept_apart(db):
    """A further annotator's labels come with their own file, and are no concern of carrying."""
    write_readings(
        db,
        ("a", reading(review(("APC", "QSN", "SUG"), "gold"))),
        ("b", reading(review((None, "DFT", None), "anno2"))),
    )
    put(db, KIM, ("p1", 1, "NOV"))
    with duckdb.connect(str(db)) as connection:
        connection.execute("UPDATE labels SET raw = 'nov!', link = 'x' WHERE annotator = 'user:kim'")
    held = {h.path: h.source_id for h in Snapshot.open(db).held()}
    write_readings(db, ("a", reading(review(("APC", "QSN", "SUG"), "gold"))), replaced=frozenset({held["a"]}))
    assert made(db) == [("p1", 1, "NOV", KIM, None)]
    assert rows(db, "SELECT raw, link FROM labels WHERE annotator = 'user:kim'") == [("nov!", "x")]
    assert rows(db, "SELECT count(*) FROM labels WHERE annotator = 'anno2'") == [(0,)]


# --- labels that files bring -----------------------------------------------------------------------------------------


def test_labels_of_models_and_users_in_a_file_are_the_files_own(db):
    texts = review((None, None, None), "").segments
    brought = texts[0]._replace(labels=(label("APC", MODEL, confidence=0.25), label("SUG", KIM)))
    own = reading(review((None,) * 3, "")._replace(segments=(brought, *texts[1:])))
    write_readings(db, ("a", own))
    (held,) = Snapshot.open(db).held()
    assert not held.unsettled, "they hang on no other file"
    assert rows(db, "SELECT DISTINCT source_id FROM labels") == [(held.source_id,)]
    for _ in range(2):
        (held,) = Snapshot.open(db).held()
        write_readings(db, ("a", own), replaced=frozenset({held.source_id}))
        assert made(db) == [("p1", 0, "APC", MODEL, 0.25), ("p1", 0, "SUG", KIM, None)]
    (held,) = Snapshot.open(db).held()
    write_readings(db, ("a", reading(review((None,) * 3, ""))), replaced=frozenset({held.source_id}))
    assert (made(db), problems(db)) == ([], []), "what the file takes back is gone, and nobody lost it"


@pytest.mark.parametrize("to", ["csv", "parquet", "jsonl", "docbin"])
def test_an_export_brings_them_to_a_new_store_and_doubles_nothing_in_its_own(tmp_path, folder, db, to):
    write(folder, db, p=text("One.", "Two."), q="Plain. Not labelled.\n")
    put(db, KIM, ("p", 0, "NOV"), ("q", 0, "EMP"))
    put(db, MODEL, ("p", 1, "CLA"), ("q", 0, "EMP"), ("q", 1, "none"))
    before = made(db)
    ending = {"csv": "csv", "parquet": "parquet", "jsonl": "jsonl", "docbin": "spacy"}[to]
    out = tmp_path / "out" / f"x.{ending}"
    snapshot = Snapshot.open(db)
    written = export(snapshot, snapshot.frames, to, out)
    snapshot.close()
    assert json.loads(written.files[1].read_text("utf-8"))["models"] == {MODEL: {}}
    ingest([out], fresh := tmp_path / "fresh.duckdb", corpus="c")
    assert made(fresh) == before
    assert len(before) == 5
    kinds = {p.kind for _, p in ingest([out], db, corpus="c").problems}
    assert kinds == {"duplicate_review"}
    assert made(db) == before
    assert rows(db, "SELECT count(*) FROM labels") == rows(fresh, "SELECT count(*) FROM labels")


def test_what_was_said_here_stands_against_what_the_file_brings(tmp_path, folder, db):
    write(folder, db, p=text("One.", "Two."))
    put(db, KIM, ("p", 0, "NOV"))
    put(db, MODEL, ("p", 0, "CLA"))
    out = tmp_path / "out" / "x.jsonl"
    snapshot = Snapshot.open(db)
    export(snapshot, snapshot.frames, "jsonl", out)
    snapshot.close()
    own = tmp_path / "own.duckdb"
    ingest([out], own, corpus="c")
    put(own, KIM, ("p", 0, "EMP"), ("p", 1, "EMP"))
    put(own, MODEL, ("p", 0, "IMP"))
    expected = made(own)
    assert expected == [
        *(("p", 0, "EMP", KIM, None), ("p", 0, "IMP", MODEL, 0.5), ("p", 1, "EMP", KIM, None)),
    ]
    out.write_bytes(out.read_bytes() + b"\n")
    assert ingest([out], own, corpus="c").files == 1
    assert made(own) == expected


def test_the_kinds_of_problem_are_known():
    assert {"lost_judgement", "stale_model_labels"} <= set(PROBLEM_KINDS)


def test_many_labels_are_carried_a_stretch_at_a_time(folder, db, monkeypatch):
    monkeypatch.setattr(carrying, "_MOST", 30)
    files = {f"p{n}": text("One.", f"Two {n}.") for n in range(6)}
    write(folder, db, **files)
    put(db, MODEL, *((name, n, "NOV") for name in files for n in (0, 1)))
    put(db, KIM, *((name, 1, "CLA") for name in files))
    told = write(folder, db, **{name: text("Zero.", f"Two {name}.", "One.") for name in files})
    assert made(db) == [(f"p{n}", 2, "NOV", MODEL, 0.5) for n in range(6)]
    assert [kind for _, kind, _ in told] == ["lost_judgement"] * 6 + ["stale_model_labels"]
    assert told[-1][2].startswith("model:linear@1: 6 labels on 6 sentences")
    assert rows(db, "SELECT n_segments, n_labelled FROM models") == [(6, 6)]
