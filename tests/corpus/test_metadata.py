"""Tables of papers beside the reviews: what joins, what does not, and what cannot be used."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from corpus.ingest import ingest
from corpus.metadata import MetadataError, read_metadata
from corpus.store import Snapshot

ROWS = [
    {
        "key": "p1",
        "title": "One",
        "venue": "CONF",
        "year": "2020",
        "decision": "Accept (oral)",
        "keywords": "a; b;",
        "n": "7",
    },
    {"key": "p3", "title": "Three", "venue": "CONF", "year": "", "decision": "", "keywords": "", "n": ""},
]


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    folder = tmp_path / "reviews"
    folder.mkdir()
    for key in ("p1", "p2"):
        (folder / f"{key}.txt").write_text(f"{key} is good.[[OAL-POS], [null]]")
    return folder


def write(path: Path, rows: list[dict]) -> Path:
    frame = pl.DataFrame(rows)
    if path.suffix == ".csv":
        frame.write_csv(path)
    elif path.suffix == ".parquet":
        frame.write_parquet(path)
    else:
        path.write_text("\n".join(map(json.dumps, rows)))
    return path


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".ndjson", ".parquet", ".CSV"])
def test_every_kind_of_file_joins_by_key(tmp_path, reviews, suffix):
    path = write(tmp_path / "papers.csv", ROWS).rename(tmp_path / "P.CSV") if suffix == ".CSV" else None
    metadata = read_metadata(path or write(tmp_path / f"papers{suffix}", ROWS))
    summary = ingest([reviews], tmp_path / "s.duckdb", metadata=metadata)
    papers = Snapshot.open(tmp_path / "s.duckdb").frames.papers.collect().rows(named=True)
    first, second = papers
    assert [first[c] for c in ("paper_key", "title", "venue", "year", "decision", "decision_detail", "keywords")] == [
        *("p1", "One", "CONF", 2020, "accept", "Accept (oral)", ["a", "b"]),
    ]
    assert json.loads(first["extra"]) == {"n": "7"}
    assert (second["paper_key"], second["title"], second["extra"]) == ("p2", None, None)
    details = [problem.detail for _, problem in summary.problems if problem.kind == "unmatched_metadata"]
    assert len(details) == 2
    assert any("p2" in detail for detail in details)
    assert any("p3" in detail and "row 2" in detail for detail in details)


def test_what_did_not_match_is_kept_in_the_store(tmp_path, reviews):
    ingest([reviews], tmp_path / "s.duckdb", metadata=read_metadata(write(tmp_path / "m.csv", ROWS)))
    (reviews / "p9.txt").write_text("More.[[OAL-POS], [null]]")
    ingest([reviews], tmp_path / "s.duckdb")
    problems = Snapshot.open(tmp_path / "s.duckdb").problems()
    assert problems.filter(pl.col("kind") == "unmatched_metadata").height == 2


def test_metadata_stays_when_the_files_are_read_again_without_it(tmp_path, reviews):
    ingest([reviews], tmp_path / "s.duckdb", metadata=read_metadata(write(tmp_path / "m.csv", ROWS)))
    (reviews / "p1.txt").write_text("It changed.[[OAL-NEG], [null]]")
    ingest([reviews], tmp_path / "s.duckdb")
    papers = Snapshot.open(tmp_path / "s.duckdb").frames.papers.collect()
    assert papers.filter(paper_key="p1")["title"].to_list() == ["One"]


def test_metadata_can_come_after_the_files_and_again_changes_nothing(tmp_path, reviews):
    metadata = read_metadata(write(tmp_path / "m.csv", ROWS))
    one, two = tmp_path / "one.duckdb", tmp_path / "two.duckdb"
    ingest([reviews], one, metadata=metadata)
    ingest([reviews], two)
    assert ingest([reviews], two, metadata=metadata).changed
    assert Snapshot.open(one).fingerprint == Snapshot.open(two).fingerprint
    assert not ingest([reviews], two, metadata=metadata).changed


def test_metadata_stands_against_what_files_tell(tmp_path, reviews):
    (reviews / "p1.txt").write_text("Paper ID: | p1 |\nTitle: | Uno |\nYear: | 1999 |\n\nGood.")
    ingest([reviews], tmp_path / "s.duckdb", metadata=read_metadata(write(tmp_path / "m.csv", ROWS)))
    papers = Snapshot.open(tmp_path / "s.duckdb").frames.papers.collect()
    assert papers.filter(paper_key="p1").select("title", "year").row(0) == ("One", 2020)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("m.csv", "key,year\np1,MMXX\n", ["m.csv, row 1", "'MMXX'", "four digits"]),
        ("m.csv", "key,year\np1,2020\np2,20\n", ["row 2", "'20'"]),
        ("m.csv", "key,decision\np1,maybe\n", ["row 1", "'maybe'", "accept, reject or withdrawn"]),
        ("m.csv", "key,title\np1,a\np2,b\np1,c\n", ["row 3", "p1", "row 1"]),
        ("m.csv", "key,title\n,a\n", ["row 1", "key", "empty"]),
        ("m.csv", "name,title\np1,a\n", ["name, title", "paper_key"]),
        ("m.csv", "", ["m.csv"]),
        ("m.csv", "key,year\np1,2020,7,8\n", ["m.csv"]),
        ("m.jsonl", '{"key": "p1"\n', ["m.jsonl"]),
        ("m.jsonl", '{"key": "p1", "year": 20}\n', ["row 1", "'20'"]),
        ("m.jsonl", '[1, 2]\n', ["m.jsonl"]),
        ("m.parquet", "no parquet", ["m.parquet"]),
        ("m.xlsx", "x", ["m.xlsx", ".csv, .jsonl"]),
        ("missing.csv", None, ["missing.csv"]),
        ("folder.csv", ..., ["folder.csv"]),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told_with_file_row_found_and_allowed(tmp_path, name, text, says):
    path = tmp_path / name
    if text is ...:
        path.mkdir()
    elif text is not None:
        path.write_text(text)
    with pytest.raises(MetadataError) as error:
        read_metadata(path)
    assert all(part in str(error.value) for part in says), str(error.value)
    assert "\n" not in str(error.value)


def test_bytes_that_are_no_utf8_are_an_error_not_a_traceback(tmp_path):
    (tmp_path / "m.csv").write_bytes(b"key,title\np1,caf\xe9\n")
    with pytest.raises(MetadataError, match=r"m\.csv"):
        read_metadata(tmp_path / "m.csv")


def test_two_columns_of_one_name_are_an_error_or_one_column(tmp_path):
    (tmp_path / "m.csv").write_text("key,Title,title\np1,a,b\n")
    row = read_metadata(tmp_path / "m.csv").rows["p1"]
    assert row.fields["title"] in ("a", "b")
    assert set(row.extra.values()) == {"a", "b"} - {row.fields["title"]}


def test_a_mark_quotes_and_line_breaks_in_a_csv(tmp_path):
    (tmp_path / "m.csv").write_bytes(b'\xef\xbb\xbfPaper ID,Title\r\n"p1","Two\r\nlines, ""quoted"""\r\n')
    row = read_metadata(tmp_path / "m.csv").rows["p1"]
    assert row.fields["title"] == 'Two\r\nlines, "quoted"'


@pytest.mark.parametrize(
    ("decision", "found", "detail"),
    [
        ("Accepted", "accept", None),
        ("reject", "reject", None),
        ("Withdrawn", "withdrawn", None),
        ("Accept (poster)", "accept", "Accept (poster)"),
        ("Desk Rejected", "reject", "Desk Rejected"),
        ("Not accepted", "reject", "Not accepted"),
    ],
)
def test_decisions_in_words(tmp_path, decision, found, detail):
    row = read_metadata(write(tmp_path / "m.jsonl", [{"key": 1, "decision": decision}])).rows["1"]
    assert (row.fields["decision"], row.fields["decision_detail"]) == (found, detail)


@pytest.mark.parametrize(
    ("keywords", "found"),
    [
        ("a, b", ["a", "b"]),
        ("a b; c, d", ["a b", "c, d"]),
        (["a", " b "], ["a", "b"]),
        ("", None),
        (None, None),
        ([], None),
    ],
)
def test_keywords_are_split(tmp_path, keywords, found):
    rows = [{"key": "p1", "keywords": keywords}, {"key": "p2", "keywords": keywords}]
    assert read_metadata(write(tmp_path / "m.jsonl", rows)).rows["p1"].fields["keywords"] == found


def test_further_columns_are_kept_with_their_types(tmp_path, reviews):
    rows = [{"key": "p1", "n_authors": 3, "open": True, "scores": {"a": 1.5}, "note": None}]
    ingest([reviews], tmp_path / "s.duckdb", metadata=read_metadata(write(tmp_path / "m.jsonl", rows)))
    extra = Snapshot.open(tmp_path / "s.duckdb").frames.papers.collect().filter(paper_key="p1")["extra"][0]
    assert json.loads(extra) == {"n_authors": 3, "open": True, "scores": {"a": 1.5}}


def test_a_number_that_is_none_stays_out_of_the_json(tmp_path, reviews):
    path = write(tmp_path / "m.parquet", [{"key": "p1", "score": float("nan"), "top": float("inf"), "n": 1}])
    ingest([reviews], tmp_path / "s.duckdb", metadata=read_metadata(path))
    extra = Snapshot.open(tmp_path / "s.duckdb").frames.papers.collect().filter(paper_key="p1")["extra"][0]
    assert json.loads(extra, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))["n"] == 1


def test_numbers_as_keys_join_the_keys_of_files(tmp_path):
    (tmp_path / "1803.txt").write_text("Good.")
    for suffix in (".csv", ".jsonl", ".parquet"):
        metadata = read_metadata(write(tmp_path / f"m{suffix}", [{"id": 1803, "title": "T"}]))
        assert list(metadata.rows) == ["1803"]
