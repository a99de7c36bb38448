"""Bracket text out of the tables: byte for byte for well-formed files, with edited labels where they were edited."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from exported import read_again, store, tables

from corpus.export import ExportError, export
from corpus.ingest import ingest
from corpus.records import Label, Paper, Review, Segment
from corpus.store import Snapshot

FOUR = "Good.[[OAL-POS], [REC-POS], [APC], [MAJ]] So-so.[[MET-NEU,EXP-NEU], [null], [DSN], [GEN]]"
WELL_FORMED = {
    "two layers": "Good.[[OAL-POS], [REC-POS]] Why?[[MET-NEU], [null]]",
    "four layers": FOUR,
    "white space after the tag": "Good.[[OAL-POS], [REC-POS]]  \n",
    "a stop after the tag": "As in ConvNet[[RWK-NEU], [CMP-NEU]] . The rest.[[OAL-NEU], [null]]",
    "escaped": r' "Good.\n\nIt is\u2019nt \"new\" and $\\Delta$.[[OAL-NEG], [NOV-NEG]] \u201d End.[[OAL-POS], [null]]"',
    "escaped, letters kept": '"Naïve.\\n\\nIt’s \\"new\\".[[OAL-NEG], [NOV-NEG]]"',
    "the mark before the tag": r'"Good.\n\nVery.' '"[[OAL-POS], [REC-POS]]',
    "the mark with a line break": '"Good.\\n\\nVery.[[OAL-POS], [REC-POS]]"\n',
    "LaTeX": "The \\nabla is \\theta.\n\n“Odd”.[[MET-NEG], [EMP-NEG]]\n",
    "line breaks of Windows": "Good.\r\n\r\nBad.[[OAL-NEG], [null]]\r\n",
    "a byte order mark": "\ufeffGood.[[OAL-POS], [null]]",
    "other separators": "Good.[[OAL-POS,MET-POS],[REC-POS]]",
    "a whole review": '"One sentence. Two.\\n\\n\\"Three.\\"\\n[[CLA-POS],[JUS-NEG],[DEP-NEU]]"',
    "both dialects": "Good.[[OAL-POS], [REC-POS]] Bad.[[OAL-NEG], [null]] [[CLA-POS],[JUS-NEG]]",
    "text after the last tag": "Good.[[OAL-POS], [REC-POS]] And more",
    "brackets of the author's": "See [1], [[2]] and [NeurIPS].[[BIB-NEU], [null]]",
}


def ingested(folder: Path, texts: dict[str, bytes]) -> Path:
    root = folder / "corpus"
    root.mkdir()
    for name, data in texts.items():
        (root / f"{name}.txt").write_bytes(data)
    ingest([root], folder / "s.duckdb")
    return folder / "s.duckdb"


def written(db: Path, out: Path, **more) -> dict[str, str]:
    """The text of every file of an export, by name."""
    snapshot = Snapshot.open(db)
    made = export(snapshot, snapshot.frames, "bracket", out, **more)
    snapshot.close()
    return {file.stem: file.read_bytes().decode() for file in made.files if file.suffix == ".txt"}


@pytest.mark.parametrize("text", WELL_FORMED.values(), ids=WELL_FORMED.keys())
def test_a_well_formed_file_comes_back(tmp_path, text):
    db = ingested(tmp_path, {"r": text.encode()})
    assert written(db, tmp_path / "out") == {"r": text}


def test_utf_16_comes_back(tmp_path):
    texts = {"le": FOUR.encode("utf-16"), "be": b"\xfe\xff" + FOUR.encode("utf-16-be")}
    db = ingested(tmp_path, texts)
    snapshot = Snapshot.open(db)
    made = export(snapshot, snapshot.frames, "bracket", tmp_path / "out")
    assert {file.stem: file.read_bytes() for file in made.files if file.suffix == ".txt"} == texts


def test_no_text_is_taken_from_the_source(tmp_path):
    texts = {"r": WELL_FORMED["escaped"], "s": WELL_FORMED["the mark before the tag"]}
    db = ingested(tmp_path, {name: text.encode() for name, text in texts.items()})
    with duckdb.connect(str(db)) as connection:
        connection.execute("UPDATE sources SET raw = NULL")
    assert written(db, tmp_path / "out") == texts


EDITS = {
    "UPDATE labels SET code = 'EXP' WHERE code = 'OAL'": FOUR.replace("OAL-POS", "EXP-POS"),
    "UPDATE labels SET polarity = -1 WHERE code = 'REC'": FOUR.replace("REC-POS", "REC-NEG"),
    "UPDATE labels SET polarity = NULL WHERE code = 'EXP'": FOUR.replace("EXP-NEU", "EXP"),
    "UPDATE labels SET code = 'QSN', raw = 'QSN' WHERE raw = 'DSN'": FOUR.replace("DSN", "QSN"),
    "UPDATE labels SET code = 'none' WHERE code = 'APC'": FOUR.replace("[APC]", "[null]"),
    "DELETE FROM labels WHERE layer = 'significance'": FOUR.replace(", [MAJ]", "").replace(", [GEN]", ""),
    "DELETE FROM labels WHERE code = 'EXP'": FOUR.replace(",EXP-NEU", ""),
    "DELETE FROM labels WHERE segment_id = 2": FOUR[: FOUR.rindex("[[")],
    "INSERT INTO labels SELECT 99, * REPLACE ('ANA' AS code, 'ANA-NEG' AS raw, -1 AS polarity) "
    "FROM (SELECT * EXCLUDE label_id FROM labels WHERE code = 'OAL')": FOUR.replace("OAL-POS", "OAL-POS,ANA-NEG"),
}


@pytest.mark.parametrize(("statement", "expected"), EDITS.items(), ids=range(len(EDITS)))
def test_labels_edited_in_the_database_are_those_that_are_written(tmp_path, statement, expected):
    db = ingested(tmp_path, {"r": FOUR.encode()})
    with duckdb.connect(str(db)) as connection:
        connection.execute(statement)
    assert written(db, tmp_path / "out") == {"r": expected}


def test_tags_on_a_text_that_had_none(tmp_path):
    db = ingested(tmp_path, {"r": b"Good.[[OAL-POS], [REC-POS]] And more"})
    with duckdb.connect(str(db)) as connection:
        connection.execute(
            "INSERT INTO labels SELECT 9, * REPLACE (2 AS segment_id) FROM "
            "(SELECT * EXCLUDE label_id FROM labels WHERE code = 'OAL')"
        )
    assert written(db, tmp_path / "out") == {"r": "Good.[[OAL-POS], [REC-POS]] And more[[OAL-POS]]"}


def test_a_malformed_tag_comes_back_well_formed(tmp_path):
    db = ingested(tmp_path, {"r": b"Good.[[MET-NEU], [EMP-NEU[DSN]] Bad.[[EXp-NEG], [null]]"})
    assert written(db, tmp_path / "out") == {"r": "Good.[[MET-NEU], [EMP-NEU], [DSN]] Bad.[[EXp-NEG], [null]]"}


def test_the_tree_comes_back_and_the_papers_with_it(tmp_path):
    folder = tmp_path / "things" / "CONF-2020-7" / "Rejected" / "p-1" / "Annotated"
    folder.mkdir(parents=True)
    (folder / "CONF2020-p-1-R2_annotated.txt").write_text(FOUR)
    ingest([tmp_path / "things"], tmp_path / "s.duckdb")
    snapshot = Snapshot.open(tmp_path / "s.duckdb")
    made = export(snapshot, snapshot.frames, "bracket", tmp_path / "out")
    assert [str(file.relative_to(tmp_path / "out")) for file in made.files] == [
        "things/CONF-2020-7/Rejected/p-1/Annotated/CONF2020-p-1-R2_annotated.txt",
        "things.papers.csv",
        "selection.json",
    ]
    again, problems = read_again([tmp_path / "out" / "things"], tmp_path / "again.duckdb", "things")
    assert (tables(again), problems) == (tables(snapshot), [])


@pytest.mark.parametrize("decision", ["accept", None])
def test_reviews_of_other_formats_get_paths_that_tell_their_keys(tmp_path, decision):
    paper = Paper("p1", None, *(("Conf", 2020, decision) if decision else ()))
    label = Label("peer-review-analyze", "section", "MET", -1, "method, negative")
    reviews = [Review(paper, f"R{n}", (Segment('"Well.\n', (label,)),), reviewer=f"R{n}") for n in (1, 2)]
    held = store(tmp_path / "s.duckdb", *reviews)
    export(held, held.frames, "bracket", tmp_path / "out")
    again, _ = read_again([tmp_path / "out" / "c"], tmp_path / "again.duckdb")
    found, expected = tables(again), tables(held)
    assert found["papers"] == expected["papers"]
    assert [row[:2] for row in found["reviews"]] == [("p1", "R1"), ("p1", "R2")]
    assert found["segments"] == expected["segments"]
    assert {row[3:7] for row in found["labels"]} == {("peer-review-analyze", "section", "MET", -1)}


def test_keys_that_are_no_file_names_stay_in_the_folder(tmp_path):
    label = Label("peer-review-analyze", "section", "MET", -1, "MET-NEG")
    keys = ("../../etc", "/abs", "a:b?", "..", "CON", "x" * 300, "a\\b", "A", "a")
    reviews = [Review(Paper(key), "../r", (Segment("Well.", (label,)),)) for key in keys]
    held = store(tmp_path / "s.duckdb", *reviews)
    made = export(held, held.frames, "bracket", tmp_path / "out")
    files = [file.resolve() for file in made.files]
    assert all(file.is_relative_to(tmp_path / "out") and file.is_file() for file in files)
    assert len({str(file).casefold() for file in files}) == len(keys) + 2
    assert "under another one" in " ".join(made.notes)


def test_what_no_tag_can_hold_is_counted(tmp_path):
    main = Label("peer-review-analyze", "section", "MET", -1, "MET-NEG")
    other = Label("disapere", "review_action", "arg_evaluative", None, "arg_evaluative")
    review = Review(Paper("p"), "1", (Segment("Well. ", (main, other, main._replace(start=1, end=3))),), rating=3.0)
    held = store(tmp_path / "s.duckdb", review)
    made = export(held, held.frames, "bracket", tmp_path / "out")
    assert made.notes == (
        "1 labels of disapere that no bracket tag can hold",
        "1 labels of peer-review-analyze on a part of a segment, or on several",
        "1 reviews' rating",
    )
    assert made.labels == 1


def test_an_annotator_is_chosen_where_there_are_several(tmp_path):
    by = {name: Label("peer-review-analyze", "section", "MET", n, "MET", name) for n, name in enumerate(("a", "b"))}
    review = Review(Paper("p"), "1", (Segment("Well.", tuple(by.values())),))
    held = store(tmp_path / "s.duckdb", review)
    with pytest.raises(ExportError, match="labelled by a, b: choose one with --annotator"):
        export(held, held.frames, "bracket", tmp_path / "out")
    made = export(held, held.frames, "bracket", tmp_path / "b", annotator="b")
    assert made.files[0].read_text() == "Well.[[MET-POS]]"
    gold = review._replace(segments=(Segment("Well.", (*by.values(), by["a"]._replace(annotator="gold"))),))
    held = store(tmp_path / "g.duckdb", gold)
    assert export(held, held.frames, "bracket", tmp_path / "g").files[0].read_text() == "Well.[[MET-NEU]]"


def test_a_gap_in_the_labels_is_told(tmp_path):
    label = Label("peer-review-analyze", "section", "MET", -1, "MET-NEG")
    review = Review(Paper("p"), "1", (Segment("Unlabelled. "), Segment("Labelled.", (label,))))
    held = store(tmp_path / "s.duckdb", review)
    assert "run into the next" in export(held, held.frames, "bracket", tmp_path / "out").notes[0]


def test_a_models_labels_do_not_pass_for_a_persons(tmp_path):
    by = {
        name: Label("peer-review-analyze", "section", "MET", n, "MET", name, None if n else 0.5)
        for n, name in enumerate(("model:x@1", "user:kim"))
    }
    mixed = Review(Paper("p"), "1", (Segment("Well.", tuple(by.values())),))
    guessed = Review(Paper("q"), "1", (Segment("Fine.", (by["model:x@1"],)),))
    held = store(tmp_path / "s.duckdb", mixed, guessed)
    made = export(held, held.frames, "bracket", tmp_path / "out")
    assert [file.read_text() for file in made.files if file.suffix == ".txt"] == ["Well.[[MET-POS]]", "Fine."]
    assert (made.labels, made.notes) == (
        1,
        ("2 labels of models, which no tag could tell from people's; --annotator writes one model's",),
    )
    asked = export(held, held.frames, "bracket", tmp_path / "asked", annotator="model:x@1")
    assert [file.read_text() for file in asked.files if file.suffix == ".txt"] == [
        "Well.[[MET-NEU]]",
        "Fine.[[MET-NEU]]",
    ]
    assert (asked.labels, asked.notes) == (2, ())
    gold = mixed._replace(segments=(Segment("Well.", (by["model:x@1"], by["user:kim"]._replace(annotator="gold"))),))
    held = store(tmp_path / "g.duckdb", gold)
    assert export(held, held.frames, "bracket", tmp_path / "g").files[0].read_text() == "Well.[[MET-POS]]"


def test_two_models_need_no_choice(tmp_path):
    by = [Label("peer-review-analyze", "section", "MET", 1, "", f"model:{n}@1", 0.5) for n in "xy"]
    held = store(tmp_path / "s.duckdb", Review(Paper("p"), "1", (Segment("Well.", tuple(by)),)))
    assert export(held, held.frames, "bracket", tmp_path / "out").files[0].read_text() == "Well."
