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
from queries.review_measures import SUGGESTION, review_measures

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


DISAPERE = FOLDER.parent / "disapere"


@pytest.mark.skipif(not DISAPERE.is_dir(), reason="../shared/corpora/disapere is not here")
def test_how_far_words_find_what_people_labelled_is_as_the_page_says(tmp_path):
    ingest([DISAPERE], tmp_path / "disapere.duckdb")
    store = Snapshot.open(tmp_path / "disapere.duckdb").frames
    gold = store.labels.filter(pl.col("annotator") == "gold").with_columns(pl.col("code", "layer").cast(pl.String))
    asks = gold.filter(pl.col("layer") == "review_action").select("segment_id", request=pl.col("code") == "arg_request")
    wanted = ["arg-request_clarification", "arg-request_explanation"]
    finer = gold.filter(pl.col("layer") == "fine_review_action").select(
        "segment_id", question=pl.col("code").is_in(wanted)
    )
    text = pl.col("text")
    said = (
        store.segments.join(asks, on="segment_id")
        .join(finer, on="segment_id")
        .with_columns(mark=text.str.contains("?", literal=True), wish=text.str.contains(rf"(?i)\b(?:{SUGGESTION})\b"))
        .with_columns(either=pl.col("mark") | pl.col("wish"))
        .collect()
    )
    assert said.height == 6_700

    def found(by: str, what: str) -> tuple[float, float]:
        both = said.filter(pl.col(by) & pl.col(what)).height
        return round(both / said[by].sum(), 2), round(both / said[what].sum(), 2)

    assert found("mark", "question") == (0.71, 0.7)
    assert found("wish", "request") == (0.53, 0.36)
    assert found("either", "request") == (0.64, 0.68)
