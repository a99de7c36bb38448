"""Agreement on published annotations, against counts from their files; skipped where ../shared is missing.

Counts and coefficients only, no text.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import krippendorff
import polars as pl
import pytest

from corpus.ingest import ingest
from corpus.store import Snapshot
from corpus.tables import Frames
from queries.agreement import agreement, annotator_pairs
from queries.contradiction_rates import contradiction_rates
from queries.reviewer_agreement import reviewer_agreement

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"
pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason="../shared/corpora is not here")

LAYERS = {"review_action": "review_action", "fine_review_action": "fine_review_action", "aspect": "aspect"}


def stored(tmp_path_factory: pytest.TempPathFactory, name: str) -> Frames:
    path = tmp_path_factory.mktemp(name) / f"{name}.duckdb"
    ingest([CORPORA / name], path)
    return Snapshot.open(path).frames


@pytest.fixture(scope="module")
def disapere(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    return stored(tmp_path_factory, "disapere")


@pytest.fixture(scope="module")
def substanreview(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    return stored(tmp_path_factory, "substanreview")


def records() -> Iterator[tuple[str, str, dict]]:
    """Review, annotator and record of every file of DISAPERE whose review has a further annotator."""
    further = {path.name.split(".")[0] for path in (CORPORA / "disapere" / "extra_annotations").glob("*.json")}
    for path in sorted((CORPORA / "disapere").rglob("*.json")):
        key, *who = path.name.removesuffix(".json").split(".")
        if key in further:
            yield key, who[0] if who else "gold", json.loads(path.read_text("utf-8"))


def sentences(layer: str) -> dict[tuple[str, int], dict[str, str]]:
    """By sentence, what each annotator said of it."""
    side = "review_sentences" if layer in LAYERS else "rebuttal_sentences"
    found: dict[tuple[str, int], dict[str, str]] = defaultdict(dict)
    for key, who, record in records():
        for place, sentence in enumerate(record[side]):
            if layer in sentence:
                found[key, place][who] = str(sentence[layer])
    return {place: said for place, said in found.items() if len(said) > 1}


@pytest.mark.parametrize("layer", LAYERS)
def test_disapere_has_the_alpha_of_its_files(disapere, layer):
    said = sentences(layer)
    assert said, "no sentence with two annotators in the files"
    values = sorted({value for each in said.values() for value in each.values()})
    counts = [[list(each.values()).count(value) for value in values] for each in said.values()]
    wanted = krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")
    rows = agreement(disapere).filter((pl.col("layer") == layer) & (pl.col("question") == "code")).collect()
    row = rows.row(0, named=True)
    assert row["n_segments"] == len(said)
    assert row["alpha"] == pytest.approx(wanted)
    assert row["same"] == pytest.approx(
        sum(a == b for each in said.values() for a, b in combinations(each.values(), 2))
        / sum(len(each) * (len(each) - 1) / 2 for each in said.values())
    )
    assert row["thin"], "it rests on few papers: the page must grey it"


def test_annotators_of_substanreview(substanreview):
    codes = agreement(substanreview).filter(pl.col("question") == "code").collect().row(0, named=True)
    assert (codes["n_annotators"], codes["n_papers"]) == (3, 47)
    assert 0.8 < codes["alpha"] < 0.9
    assert codes["low"] < codes["alpha"] < codes["high"]
    pairs = annotator_pairs(substanreview).filter(pl.col("question") == "code").collect()
    assert pairs.select("first", "second").cast(pl.String).rows() == list(
        combinations(("annotator_1", "annotator_2", "annotator_3"), 2)
    )
    assert (pairs["share"] > 0.8).all()


def characters(name: str) -> dict[str, dict[str, list[str | None]]]:
    """By review and annotator, the code on each character."""
    found: dict[str, dict[str, list[str | None]]] = defaultdict(dict)
    for path in sorted((CORPORA / "substanreview").glob("annotator_*.jsonl")):
        for line in filter(str.strip, path.read_text("utf-8").split("\n")):
            record = json.loads(line)
            text = record.get("review", record.get("text"))
            code: list[str | None] = [None] * len(text)
            for start, end, label in record["label"]:
                code[start:end] = [label.split("_")[0]] * (end - start)
            found[str(record["id"])][path.stem] = code
    return found


def test_segments_agree_about_as_characters_do(substanreview):
    # On characters that two annotators labelled, counted from the files: another unit, much the same verdict.
    counts = []
    for by in characters("substanreview").values():
        for several in zip(*by.values(), strict=True):
            given = [code for code in several if code]
            if len(given) > 1:
                counts.append([given.count(code) for code in ("Eval", "Jus", "Major")])
    wanted = krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")
    found = agreement(substanreview).filter(pl.col("question") == "code").collect()["alpha"][0]
    assert found == pytest.approx(wanted, abs=0.05)


def test_reviewers_of_disapere_are_opposed_as_often_as_they_contradict(disapere):
    found = reviewer_agreement(disapere, layer="disapere:aspect").collect()
    whole, *codes = found.to_dicts()
    rates = contradiction_rates(disapere, layer="disapere:aspect").collect()
    assert whole["n_sided"] == rates["n_pairs"].sum()
    assert whole["n_opposed"] == rates["n_opposed"].sum()
    assert 0.2 < whole["alpha"] < 0.45
    assert {row["code"] for row in codes} >= set(rates["code"])
