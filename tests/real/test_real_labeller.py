"""The labeller on parts of Peer Review Analyze and DISAPERE: no worse than it was; skipped without ../shared.

A third of the papers each, so that it takes a minute; the bench measures it on all. Figures only, no text.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from corpus.ingest import ingest
from corpus.labeller.annotating import annotate
from corpus.labeller.directory import load
from corpus.labeller.evaluating import evaluate
from corpus.labeller.training import train
from corpus.store import Snapshot

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "corpus"))
from labelled import code_counts, constant_f1

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"
PRA, DISAPERE = CORPORA / "peer-review-analyze", CORPORA / "disapere"
pytestmark = pytest.mark.skipif(not (PRA.is_dir() and DISAPERE.is_dir()), reason="../shared/corpora is not here")

#: Micro- and macro-F1 by layer, a little under what was measured.
FLOORS = {
    "peer-review-analyze": {"section": (0.61, 0.48), "aspect": (0.55, 0.47)},
    "disapere": {
        "review_action": (0.65, 0.54),
        "fine_review_action": (0.73, 0.38),
        "aspect": (0.58, 0.32),
        "rebuttal_stance": (0.66, 0.35),
        "rebuttal_action": (0.58, 0.27),
    },
}
#: Accuracy and macro-F1 of polarity.
POLARITY = {
    "peer-review-analyze": {"section": (0.64, 0.6), "aspect": (0.6, 0.6)},
    "disapere": {"aspect": (0.62, 0.59)},
}


@pytest.fixture(scope="module")
def pra(tmp_path_factory) -> tuple[Path, Path, dict[str, Any]]:
    """Every third paper: a store, a labeller, and how good it is on a fifth of them."""
    root = tmp_path_factory.mktemp("pra")
    papers = sorted(path for path in PRA.glob("*/*/*") if path.is_dir())[::3]
    ingest(papers, root / "s.duckdb", corpus="pra")
    return root / "s.duckdb", root / "labeller", train(root / "s.duckdb", "peer-review-analyze", root / "labeller")


@pytest.fixture(scope="module")
def disapere(tmp_path_factory) -> tuple[Path, Path, dict[str, Any]]:
    """Every third file of the training split; how good the labeller is on all of dev."""
    root = tmp_path_factory.mktemp("disapere")
    ingest(sorted((DISAPERE / "train").glob("*.json"))[::3], root / "train.duckdb", corpus="disapere")
    ingest([DISAPERE / "dev"], root / "dev.duckdb", corpus="disapere")
    train(root / "train.duckdb", "disapere", root / "labeller")
    return root / "dev.duckdb", root / "labeller", evaluate(root / "labeller", root / "dev.duckdb")


@pytest.mark.parametrize("corpus", FLOORS)
def test_it_is_no_worse_than_it_was(corpus, request):
    _, _, report = request.getfixturevalue("pra" if corpus == "peer-review-analyze" else "disapere")
    layers = {layer["layer"]: layer for layer in report["layers"]}
    for name, layer in layers.items():
        told = ("micro_f1", "macro_f1", "polarity_accuracy", "polarity_macro_f1", "ece")
        print(f"\n{corpus} {name}, n = {layer['n_segments']:,}", *(f"{key} {layer.get(key) or 0:.3f}" for key in told))
    assert set(layers) >= set(FLOORS[corpus])
    for name, (micro, macro) in FLOORS[corpus].items():
        assert layers[name]["micro_f1"] >= micro, name
        assert layers[name]["macro_f1"] >= macro, name
        assert layers[name]["ece"] < 0.11, name
        counts = code_counts(report, name)["n_gold"].to_list()
        assert layers[name]["micro_f1"] > constant_f1(counts, layers[name]["n_segments"]) + 0.03
    for name, (accuracy, macro) in POLARITY[corpus].items():
        assert layers[name]["polarity_accuracy"] >= accuracy, name
        assert layers[name]["polarity_macro_f1"] >= macro, name


def test_stated_precisions_are_about_kept_on_papers_that_nobody_tuned_on(disapere):
    for row in disapere[2]["coverage"]:
        if row["precision"] in (0.7, 0.9) and row["share"] > 0.05 and row["layer"].endswith("review_action"):
            assert row["achieved"] > row["precision"] - 0.06, row
    shares = {row["precision"]: row["share"] for row in disapere[2]["coverage"] if row["layer"] == "review_action"}
    assert shares[0.7] > 0.6
    assert shares[0.9] > 0.1


def test_codes_that_are_no_answers_are_not_learnt(pra):
    """Older files have `DSN` on a few sentences, which is not enough for a purpose; and `CNT` is no code to give."""
    heads = load(pra[1]).component.heads
    assert {head.layer for head in heads} == {"section", "aspect"}
    assert not {"CNT", "DSN", "WRC"} & {name for head in heads for name in head.names}
    assert "none" in next(head.names for head in heads if head.layer == "aspect")


def test_the_review_that_nobody_labelled_is_labelled(pra, tmp_path):
    """Three reviews on a page of proceedings; labels on most sentences, few where a high precision is asked for."""
    db = tmp_path / "seeds.duckdb"
    ingest([CORPORA / "seeds"], db, corpus="seeds")
    n: dict[float | None, int] = {}
    for precision in (None, 0.5, 0.9):
        annotate(db, load(pra[1]), precision=precision)
        snapshot = Snapshot.open(db)
        told = snapshot.models().to_dicts()[0]
        n[precision] = told["n_labelled"]
        assert snapshot.rows(
            "SELECT count(*) FROM labels WHERE annotator LIKE 'model:%' AND NOT (confidence > 0 AND confidence <= 1)"
        ) == [(0,)]
        snapshot.close()
    assert n[None] > 0.8 * told["n_segments"]
    assert n[None] >= n[0.5] > n[0.9] > 0
