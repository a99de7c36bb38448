"""Measures of published reviews against counts in plain Python; skipped where ../shared is missing. No text."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

import polars as pl
import pytest

from corpus.ingest import ingest
from corpus.store import Snapshot
from corpus.tables import Frames
from queries.review_measures import review_measures

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "substanreview"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/corpora/substanreview is not here")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    path = tmp_path_factory.mktemp("measures") / "substanreview.duckdb"
    ingest([FOLDER], path)
    return Snapshot.open(path).frames


@pytest.fixture(scope="module")
def measured(store) -> pl.DataFrame:
    keys = store.papers.select("paper_id", "paper_key")
    return review_measures(store).join(keys, on="paper_id").collect()


def records(pattern: str) -> list[tuple[str, dict]]:
    return [
        (path.stem, json.loads(line))
        for path in sorted(FOLDER.glob(pattern))
        for line in path.read_text("utf-8").split("\n")
        if line.strip()
    ]


def test_claims_with_evidence_are_those_of_the_files(measured):
    claims: dict[str, dict[tuple[str, str], bool]] = defaultdict(dict)
    for stem, record in records("*.jsonl"):
        names = {name for _, _, name in record["label"]}
        for name in names:
            if found := re.fullmatch(r"Eval_((?:pos|neg)_\d+)", name):
                claims[str(record["id"])][stem, found[1]] = f"Jus_{found[1]}" in names
    wanted = {key: sum(of.values()) / len(of) for key, of in claims.items()}
    found = dict(measured.filter(pl.col("substantiation").is_not_null()).select("paper_key", "substantiation").rows())
    assert found == pytest.approx(wanted)
    assert len(wanted) == 479
    assert measured["substantiation"].mean() == pytest.approx(0.4448, abs=5e-4)


def test_words_letters_and_sentences_are_those_of_the_texts(measured, store):
    texts = {str(record["id"]): record.get("review", record.get("text")) for _, record in records("*.jsonl")}
    known = dict(store.reviews.join(store.papers, on="paper_id").select("paper_key", "n_words").collect().rows())
    for row in measured.iter_rows(named=True):
        text = texts[row["paper_key"]]
        words, letters = len(text.split()), sum(c.isalnum() for c in text)
        assert row["n_words"] == words == known[row["paper_key"]]
        grade = 0.0588 * 100 * letters / words - 0.296 * 100 * row["n_sentences"] / words - 15.8
        assert row["coleman_liau"] == pytest.approx(grade, abs=0.15)  # signs such as ² are letters to some


def test_words_per_sentence_are_alike_in_corpora_that_cut_text_otherwise(measured):
    assert 15 < measured["sentence_length"].median() < 21
    assert 11 < measured["coleman_liau"].median() < 15


def test_nothing_is_missing_of_what_needs_text_only(measured):
    text_only = measured.drop("question_labels", "request_labels", "net", "substantiation")
    assert measured.height == 490
    assert text_only.null_count().row(0) == (0,) * text_only.width
    assert measured["question_labels"].is_null().all()
    assert 0.2 < measured.select((pl.col("courtesy") > 0).mean()).item() < 0.5
