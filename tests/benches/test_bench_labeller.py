"""The labeller on real corpora: seconds to train, sentences a second, size, F1 on papers it did not learn from.

Run: OMP_NUM_THREADS=1 uv run pytest -m bench -n 0 -s tests/benches/test_bench_labeller.py

Speeds are of one thread and are told beside those of spaCy's own text classifier, a bag of words
(`spacy.TextCatBOW.v3`), on the same sentences in the same run: it answers one layer, the labeller all of a scheme.
Skipped where ../shared is missing; figures only, no text.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import spacy
from spacy.training import Example
from spacy.util import fix_random_seed, minibatch

from corpus.ingest import ingest
from corpus.labeller.annotating import annotate, documents
from corpus.labeller.answers import Answered, answered, sentences
from corpus.labeller.directory import Labeller, load
from corpus.labeller.evaluating import evaluate
from corpus.labeller.fitting import folds
from corpus.labeller.training import train
from corpus.store import Snapshot

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"
PRA, DISAPERE = CORPORA / "peer-review-analyze", CORPORA / "disapere"
EPOCHS = 5  # of spaCy's classifier
pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(not (PRA.is_dir() and DISAPERE.is_dir()), reason="../shared/corpora is not here"),
]


def seconds(action: Callable[[], Any]) -> tuple[Any, float, float]:
    """What an action returns, seconds on the clock, and seconds of this process on all cores."""
    clock, own = time.perf_counter(), time.process_time()
    made = action()
    return made, time.perf_counter() - clock, time.process_time() - own


def table(title: str, report: dict[str, Any]) -> None:
    print(f"\n{title}\n{'layer':20} {'n':>6} micro-F1 macro-F1 accuracy  ECE before → after  polarity acc. macro-F1")
    for layer in report["layers"]:
        figures = [layer.get(key) for key in ("micro_f1", "macro_f1", "accuracy", "ece_before", "ece")]
        signs = [layer.get(key) for key in ("polarity_accuracy", "polarity_macro_f1")]
        told = [f"{each:8.3f}" if each is not None else f"{'–':>8}" for each in (*figures, *signs)]
        print(f"{layer['layer']:20} {layer['n_segments']:6,}", *told)


@pytest.fixture(scope="module")
def pra(tmp_path_factory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("pra")
    ingest([PRA], root / "s.duckdb", corpus="pra")
    return root / "s.duckdb", root / "labeller"


@pytest.fixture(scope="module")
def disapere(tmp_path_factory) -> tuple[Path, Path, Path]:
    root = tmp_path_factory.mktemp("disapere")
    for split in ("train", "dev"):
        ingest([DISAPERE / split], root / f"{split}.duckdb", corpus="disapere")
    return root / "train.duckdb", root / "dev.duckdb", root / "labeller"


def test_peer_review_analyze(pra):
    db, to = pra
    report, clock, own = seconds(lambda: train(db, "peer-review-analyze", to))
    table(f"Peer Review Analyze, {report['held_out']}", report)
    bow, f1, bow_own = seconds_of_spacy(db, report)
    print(
        f"training, all layers: {clock:.0f} s on the clock, {own:.0f} s of cores; {report['size_bytes'] / 1e6:.1f} MB"
    )
    print(f"spaCy's bag of words, aspects only, {EPOCHS} epochs: {bow_own:.0f} s, micro-F1 at best threshold {f1:.3f}")
    print(f"ratio of training {own / bow_own:.1f}; {report['epochs']} epochs, second stage {report['second_stage']}")
    speed(db, to, bow)
    aspect = next(layer for layer in report["layers"] if layer["layer"] == "aspect")
    assert aspect["micro_f1"] > f1
    assert own < 300
    assert report["size_bytes"] < 50e6


def test_disapere(disapere):
    learn, dev, to = disapere
    report, clock, own = seconds(lambda: train(learn, "disapere", to))
    table(f"DISAPERE, a fifth of train kept apart: {report['held_out']}", report)
    found = evaluate(to, dev)
    table(f"DISAPERE, train → dev: {found['evaluated']}", found)
    print(
        f"training, all layers: {clock:.0f} s on the clock, {own:.0f} s of cores; {report['size_bytes'] / 1e6:.1f} MB"
    )
    print("coverage on dev, precision stated: reached, share of sentences labelled")
    for layer in found["layers"]:
        told = [row for row in found["coverage"] if row["layer"] == layer["layer"]]
        print(
            f"{layer['layer']:20}",
            *(f"{r['precision']:.2f}: {r['achieved'] or 0:.2f}, {r['share']:4.0%};" for r in told),
        )
    assert own < 300
    assert report["size_bytes"] < 50e6


# --- spaCy's own ------------------------------------------------------------------------------------------------------


def seconds_of_spacy(db: Path, report: dict[str, Any]) -> tuple[spacy.Language, float, float]:
    """spaCy's classifier taught aspects on the same papers; its F1 on those kept apart, seconds of cores."""
    snapshot = Snapshot.open(db)
    found = answered(snapshot.frames, "peer-review-analyze")
    at = folds(found.reviews["paper"].to_list(), 5, report["seed"])
    rows = labelled(found, at)
    codes = sorted({code for _, said, _ in rows for code in said})
    nlp, _, own = seconds(lambda: bag_of_words([(text, said) for text, said, apart in rows if not apart], codes))
    held = [(text, said) for text, said, apart in rows if apart]
    guesses = [doc.cats for doc in nlp.pipe([text for text, _ in held])]
    p = np.array([[each[code] for code in codes] for each in guesses])
    y = np.array([[code in said for code in codes] for _, said in held])
    f1 = max(2 * ((p >= t) & y).sum() / ((p >= t).sum() + y.sum()) for t in np.arange(0.05, 0.7, 0.01))
    return nlp, float(f1), own


def labelled(found: Answered, at: np.ndarray) -> list[tuple[str, set[str], bool]]:
    """Text, aspects, and whether its paper was kept apart: of the sentences that people judged."""
    reviews = found.reviews.with_columns(apart=pl.Series(at == 0))
    texts = reviews.select("segment_ids", "texts", "apart").explode("segment_ids", "texts")
    said = found.answers.filter(pl.col("layer") == "aspect").group_by("segment_id").agg("code")
    joined = texts.join(said, left_on="segment_ids", right_on="segment_id").sort("segment_ids")
    return [(text, set(codes), apart) for text, codes, apart in joined.select("texts", "code", "apart").iter_rows()]


def bag_of_words(rows: list[tuple[str, set[str]]], codes: list[str]) -> spacy.Language:
    fix_random_seed(0)
    nlp = spacy.blank("en")
    architecture = {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": False, "ngram_size": 2}
    nlp.add_pipe("textcat_multilabel", config={"model": architecture | {"no_output_layer": False}})
    examples = [
        Example.from_dict(nlp.make_doc(text), {"cats": {code: float(code in said) for code in codes}})
        for text, said in rows
    ]
    optimizer = nlp.initialize(lambda: examples)
    random = np.random.default_rng(0)
    for _ in range(EPOCHS):
        for batch in minibatch([examples[at] for at in random.permutation(len(examples))], 64):
            nlp.update(batch, sgd=optimizer)
    return nlp


# --- speed ------------------------------------------------------------------------------------------------------------


def speed(db: Path, to: Path, bow: spacy.Language) -> None:
    """Prints sentences a second, of a process with one thread of its own."""
    bow.to_disk(to.with_name("bow"))
    environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
    line = [sys.executable, __file__, db, to, to.with_name("bow")]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    least = told["spaCy's bag of words, one layer"]
    print(f"one thread, {told.pop('n'):,} sentences:")
    for name, each in told.items():
        print(f"{name:45} {each:8,.0f} sentences a second, {each / least:5.2f} times spaCy's")
    assert told["guesses alone, all layers"] > 2000
    assert told["annotate, store to store"] > 1500


def measured(db: Path, to: Path, bow: Path) -> dict[str, float]:
    """Sentences a second, the best of three."""
    model: Labeller = load(to)
    snapshot = Snapshot.open(db)
    reviews = sentences(snapshot.frames).collect()
    snapshot.close()
    n = int(reviews["segment_ids"].list.len().sum())
    texts = reviews["texts"].explode().to_list()
    other = spacy.load(bow)

    def guess() -> None:
        for at in range(0, reviews.height, 250):
            model.component.predict(documents(model.nlp.vocab, reviews[at : at + 250]))

    ways: dict[str, Callable[[], object]] = {
        "guesses alone, all layers": guess,
        "annotate, store to store": lambda: annotate(db, model),
        "annotate, every question answered": lambda: annotate(db, model, precision=None),
        "spaCy's bag of words, one layer": lambda: list(other.pipe(texts, batch_size=256)),
    }
    told = {name: n / min(seconds(way)[2] for _ in range(3)) for name, way in ways.items()}
    return {"n": n, **told}


def test_time_grows_with_length_not_with_its_square(pra):
    """One sentence without an end, four times as long."""
    db, to = pra
    if not to.exists():
        train(db, "peer-review-analyze", to)
    model = load(to)
    took = []
    for size in (250_000, 1_000_000):
        for unit in ("the method is novel and not clear ", "y", "( . "):
            text = unit * (size // len(unit))
            doc = documents(model.nlp.vocab, one_review([text]))
            took.append(min(seconds(lambda doc=doc: model.component.predict(doc))[2] for _ in range(2)))
    for unit, short, long in zip(("words", "one word", "marks"), took[:3], took[3:], strict=True):
        print(f"{unit:10} 250 kB {short:.2f} s, 1 MB {long:.2f} s")
        assert long < 8 * short + 0.2


def one_review(texts: list[str]) -> pl.DataFrame:
    columns = {"texts": [texts], "fields": [[None] * len(texts)], "kind": ["review"]}
    return pl.DataFrame(columns, {"texts": pl.List(pl.String), "fields": pl.List(pl.String), "kind": pl.String})


if __name__ == "__main__":
    print(json.dumps(measured(*map(Path, sys.argv[1:]))))
