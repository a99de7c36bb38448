"""What links labels comes out of the store with them, and stays cheap."""

from __future__ import annotations

import json

import polars as pl

from corpus.ingest import ingest
from corpus.store import Snapshot

TEXT = "The idea is neat. I doubt it works; no test was run. Overall I would accept."


def at(words: str, name: str) -> list:
    start = TEXT.index(words)
    return [start, start + len(words), name]


LABELS = [
    at("The idea is neat.", "Eval_pos_1"),
    at("I doubt it works", "Eval_neg_1"),
    at("no test was run.", "Jus_neg_1"),
    at("Overall I would accept.", "Major_claim"),
]


def stored(tmp_path, n: int) -> pl.DataFrame:
    path = tmp_path / "train.jsonl"
    path.write_text("\n".join(json.dumps({"id": at, "review": TEXT, "label": LABELS}) for at in range(n)))
    ingest([path], tmp_path / "s.duckdb")
    return Snapshot.open(tmp_path / "s.duckdb").frames.labels.collect()


def test_a_claim_and_its_evidence_share_their_link_and_a_verdict_has_none(tmp_path):
    labels = stored(tmp_path, 1)
    assert labels.select(pl.col("code", "link").cast(pl.String)).rows() == [
        *(("Eval", "pos_1"), ("Eval", "neg_1"), ("Jus", "neg_1"), ("Major_claim", None)),
    ]
    assert labels.schema["link"] == pl.Enum(["neg_1", "pos_1"])


def test_linked_labels_take_at_most_40_bytes_each(tmp_path):
    labels = stored(tmp_path, 300)
    assert labels.height == 1_200
    assert labels.estimated_size() / labels.height <= 40
