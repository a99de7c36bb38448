"""What goes with decisions and ratings in real corpora, counted again in plain Python; skipped without them."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from corpus.ingest import ingest
from corpus.store import Snapshot
from corpus.tables import Frames
from queries.decision_calibration import decision_skill, expectations
from queries.decision_odds import decision_odds
from queries.mismatch import explained, mismatch
from queries.warning_signs import warning_signs

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"


def opened(name: str, tmp_path_factory: pytest.TempPathFactory) -> Frames:
    if not (CORPORA / name).is_dir():
        pytest.skip(f"../shared/corpora/{name} is not here")
    db = tmp_path_factory.mktemp("judged") / "s.duckdb"
    ingest([CORPORA / name], db)
    return Snapshot.open(db).frames


@pytest.fixture(scope="module")
def pra(tmp_path_factory) -> Frames:
    return opened("peer-review-analyze", tmp_path_factory)


@pytest.fixture(scope="module")
def disapere(tmp_path_factory) -> Frames:
    return opened("disapere", tmp_path_factory)


@pytest.mark.parametrize("measure", ["sentences", "any", "share"])
def test_criticism_goes_with_rejection(pra, measure):
    found = decision_odds(pra, measure=measure).collect()
    assert found.row(0, named=True)["papers"] == 230
    odds = {(str(row["code"]), row["polarity"]): row for row in found.iter_rows(named=True)}
    for code in ("CLA", "NOV", "IMP", "SUB", "EMP"):
        assert odds[code, -1]["odds"] < 1, code
        assert odds[code, 1]["odds"] > 1, code
    for code in ("NOV", "EMP"):
        assert odds[code, -1]["high"] < 1, code


def reviewed(frames: Frames, layer: str) -> tuple[dict[int, dict], dict[int, Counter], dict[int, set[int]]]:
    """Reviews by id, and of each its labels of the layer, counted by sentence, and its sentences with any."""
    papers = {row["paper_id"]: row for row in frames.papers.collect().to_dicts()}
    reviews = {
        row["review_id"]: row | {"paper": papers[row["paper_id"]]}
        for row in frames.reviews.collect().to_dicts()
        if row["kind"] == "review"
    }
    scheme, name = layer.split(":")
    counted, sentences, seen = defaultdict(Counter), defaultdict(set), set()
    for row in frames.labels.collect().iter_rows(named=True):
        if (row["scheme"], row["layer"]) != (scheme, name) or row["segment_id"] is None:
            continue
        sentences[row["review_id"]].add(row["segment_id"])
        label = (row["code"], row["polarity"])
        if row["code"] not in ("none", "CNT") and (row["segment_id"], label) not in seen:
            seen.add((row["segment_id"], label))
            counted[row["review_id"]][label] += 1
    return reviews, counted, sentences


def test_odds_of_any_against_none_are_those_of_the_two_by_two_table(pra):
    reviews, counted, sentences = reviewed(pra, "peer-review-analyze:aspect")
    table: dict = defaultdict(Counter)
    labels = {label for counts in counted.values() for label in counts}
    for review_id in sentences:
        decision = reviews[review_id]["paper"]["decision"]
        if decision in ("accept", "reject"):
            for label in labels:
                table[label][decision, counted[review_id][label] > 0] += 1
    found = decision_odds(pra, measure="any").collect()
    assert found["odds"].count() > 20
    for row in found.filter(pl.col("odds").is_not_null()).iter_rows(named=True):
        cells = table[row["code"], row["polarity"]]
        wanted = (cells["accept", True] * cells["reject", False]) / (cells["reject", True] * cells["accept", False])
        assert row["odds"] == pytest.approx(wanted), row["code"]


def test_labels_tell_decisions_better_than_chance_but_not_well(pra):
    row = decision_skill(expectations(pra)).collect().row(0, named=True)
    assert (row["n_reviews"], row["n_papers"]) == (691, 230)
    assert 0.6 < row["auc_low"] < row["auc"] < row["auc_high"] < 0.8
    assert row["brier"] < row["brier_usual"]


def test_labels_explain_about_a_third_of_the_ratings(disapere):
    reviews, counted, sentences = reviewed(disapere, "disapere:aspect")
    order = sorted(
        (r for r in sentences if r in reviews),
        key=lambda r: (reviews[r]["paper"]["paper_key"], reviews[r]["position"]),
    )
    keys = sorted({reviews[r]["paper"]["paper_key"] for r in order})
    fold = np.array([keys.index(reviews[r]["paper"]["paper_key"]) % 10 for r in order])
    labels = sorted({label for counts in counted.values() for label in counts}, key=str)
    shares = np.array([[np.sqrt(counted[r][label] / len(sentences[r])) for label in labels] for r in order])
    x = np.column_stack([shares, [np.log(reviews[r]["n_words"]) for r in order]])
    rating = np.array([reviews[r]["rating"] for r in order])
    year = np.array([reviews[r]["paper"]["year"] for r in order])
    off, usual = np.empty(len(order)), np.empty(len(order))
    for number in range(10):
        learn = fold != number
        z = np.empty(len(order))
        for each in set(year):
            own = rating[learn & (year == each)]
            z[year == each] = (rating[year == each] - own.mean()) / own.std()
        kept = (x[learn] > 0).sum(axis=0) >= 5
        scaled = (x[:, kept] - x[learn][:, kept].mean(axis=0)) / x[learn][:, kept].std(axis=0)
        full = np.column_stack([scaled, np.ones(len(order))])
        penalty = 30 * np.diag([1.0] * kept.sum() + [0.0])
        slopes = np.linalg.solve(full[learn].T @ full[learn] + penalty, full[learn].T @ z[learn])
        judged = fold == number
        off[judged], usual[judged] = (z - full @ slopes)[judged], z[judged]
    row = explained(mismatch(disapere, layer="disapere:aspect")).collect().row(0, named=True)
    assert (row["n_reviews"], row["n_papers"]) == (339, 131)
    assert row["r2"] == pytest.approx(1 - (off**2).sum() / (usual**2).sum())
    assert 0.25 < row["r2"] < 0.4
    assert row["low"] > 0.1


def test_signs_of_papers_counted_again(disapere):
    found = warning_signs(disapere, layer="disapere:aspect").collect()
    ratings = defaultdict(list)
    for row in disapere.reviews.collect().iter_rows(named=True):
        if row["kind"] == "review":
            ratings[row["paper_id"]].append(row["rating"])
    usual = statistics.median(len(each) for each in ratings.values())
    assert found.height == len(ratings) == 131
    for row in found.iter_rows(named=True):
        own = ratings[row["paper_id"]]
        assert row["n_reviews"] == len(own)
        assert row["missing"] == max(0, usual - len(own))
        assert row["spread"] == (pytest.approx(statistics.stdev(own)) if len(own) > 1 else None)
