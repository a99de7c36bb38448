"""Co-occurrence and review shape on the real corpora, recounted in plain Python; skipped where ../shared is missing."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from corpus.ingest import ingest
from corpus.store import Snapshot
from queries.cooccurrence import cooccurrence
from queries.shape import shape

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"
PRA, DISAPERE = CORPORA / "peer-review-analyze", CORPORA / "disapere"
pytestmark = pytest.mark.skipif(
    not (PRA.is_dir() and DISAPERE.is_dir()), reason="../shared/corpora has not both Peer Review Analyze and DISAPERE"
)


def test_section_and_aspect_of_peer_review_analyze(tmp_path):
    ingest([PRA], tmp_path / "pra.duckdb")
    given = Snapshot.open(tmp_path / "pra.duckdb").frames
    codes: dict[int, dict[str, set[str]]] = {}
    paper = {}
    columns = ("segment_id", "paper_id", "layer", "code")
    for segment, of, layer, code in given.labels.select(columns).collect().iter_rows():
        if layer in ("section", "aspect") and code != "CNT" and segment is not None:
            codes.setdefault(segment, {}).setdefault(layer, set()).add(code)
            paper[segment] = of
    units = [segment for segment, layers in codes.items() if len(layers) == 2]
    first = Counter(code for unit in units for code in codes[unit]["aspect"])
    second = Counter(code for unit in units for code in codes[unit]["section"])
    both = Counter((a, b) for unit in units for a in codes[unit]["aspect"] for b in codes[unit]["section"])
    papers: dict[tuple[str, str], set[int]] = {}
    for unit in units:
        for a in codes[unit]["aspect"]:
            for b in codes[unit]["section"]:
                papers.setdefault((a, b), set()).add(paper[unit])

    found = cooccurrence(given, rows="aspect", columns="section").collect()
    assert len(units) == 10_588
    assert found["n"].unique().to_list() == [10_588]
    assert found["n_papers"].unique().to_list() == [240]
    assert {(row["first"], row["second"]) for row in found.to_dicts()} == {
        (a, b) for a in first if a != "none" for b in second
    }
    for row in found.to_dicts():
        a, b = row["first"], row["second"]
        assert (row["n_both"], row["n_first"], row["n_second"]) == (both[a, b], first[a], second[b])
        assert row["lift"] == pytest.approx(both[a, b] * len(units) / (first[a] * second[b]))
        assert row["n_papers_both"] == len(papers.get((a, b), ()))
    most = found.filter(~pl.col("thin")).sort("lift", descending=True).head(3)
    assert most.select("first", "second", "n_both").rows() == [
        ("IMP", "FWK", 84), ("PNF", "TNF", 202), ("REC", "OAL", 135)
    ]  # fmt: skip


def test_actions_of_disapere_by_tenth_of_the_review(tmp_path):
    ingest([DISAPERE / "train", DISAPERE / "dev"], tmp_path / "dis.duckdb")
    mass: Counter = Counter()
    touched: Counter = Counter()
    for part in ("train", "dev"):
        for file in (DISAPERE / part).glob("*.json"):
            sentences = json.loads(file.read_bytes())["review_sentences"]
            m = len(sentences)
            for i, sentence in enumerate(sentences):
                for bin_ in range(10):
                    overlap = min((i + 1) / m, (bin_ + 1) / 10) - max(i / m, bin_ / 10)
                    if overlap > 1e-12:
                        mass[sentence["review_action"], bin_] += 10 * overlap
                        touched[bin_] += 1
    given = Snapshot.open(tmp_path / "dis.duckdb").frames
    found = shape(given, layer="review_action").collect()
    assert found.height == 10 * len({action for action, _ in mass})
    for row in found.to_dicts():
        assert row["value"] == pytest.approx(mass[row["code"], row["bin"]] / 339)
        assert (row["n"], row["n_reviews"], row["n_papers"]) == (touched[row["bin"]], 339, 131)
        assert row["low"] <= row["value"] <= row["high"]
    shown = {(row["code"], row["bin"]): round(100 * row["value"]) for row in found.to_dicts()}
    assert [shown["arg_structuring", at] for at in range(10)] == [86, 67, 46, 31, 21, 14, 11, 10, 9, 5]
    assert [shown["arg_request", at] for at in range(10)] == [0, 2, 5, 12, 17, 23, 29, 31, 32, 41]
