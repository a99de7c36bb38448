"""Lemmas through spaCy's lookup tables: with small ones of our own, with the real ones where they are installed."""

from __future__ import annotations

from types import SimpleNamespace

import polars as pl
import pytest
import srsly

from corpus import lemmas as looked_up
from corpus.lemmas import installed, lemmas


@pytest.fixture
def small_table(monkeypatch, tmp_path):
    """A table of three words where spaCy looks for that of spacy-lookups-data."""
    path = tmp_path / "en_lemma_lookup.json"
    srsly.write_json(path, {"proofs": "proof", "were": "be", "us": "We"})
    monkeypatch.setattr(looked_up, "installed", lambda: True)
    monkeypatch.setattr("spacy.lookups.registry", SimpleNamespace(lookups={"en": {"lemma_lookup": path}}))


def test_forms_by_the_table_each_word_once_in_order(small_table):
    found = lemmas(["were", "proofs", "proofs", "zzz", "us", "state-of-the-art"])
    assert found is not None
    assert found.rows() == [
        ("proofs", "proof"), ("state-of-the-art", "state-of-the-art"), ("us", "we"), ("were", "be"), ("zzz", "zzz"),
    ]  # fmt: skip


def test_many_words_are_looked_up_piece_by_piece(small_table, monkeypatch):
    monkeypatch.setattr(looked_up, "_WORDS", 2)
    found = lemmas([f"w{at}" for at in range(5)] + ["proofs"])
    assert found is not None
    assert found["lemma"].to_list() == ["proof", "w0", "w1", "w2", "w3", "w4"]


def test_no_words_no_rows(small_table):
    found = lemmas([])
    assert found is not None
    assert found.schema == {"word": pl.String, "lemma": pl.String}


def test_null_where_the_tables_are_not_installed(monkeypatch):
    monkeypatch.setattr(looked_up, "installed", lambda: False)
    assert lemmas(["proofs"]) is None


@pytest.mark.skipif(not installed(), reason="spacy-lookups-data, 100 MB, is not installed: uv sync --extra lemmas")
def test_english_forms():
    found = lemmas(["networks", "was", "learned", "analyses", "isn't"])
    assert found is not None
    assert dict(found.rows()) == {
        "networks": "network", "was": "be", "learned": "learn", "analyses": "analysis", "isn't": "isn't",
    }  # fmt: skip
