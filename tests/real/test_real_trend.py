"""DISAPERE from 2019 to 2020, against counts of its own files in plain Python."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from corpus.ingest import ingest
from corpus.store import Snapshot
from queries.trend import trend

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "disapere"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpora/disapere is not here")

#: How the files spell polarities.
POLARITY = {"pol_positive": 1, "pol_neutral": 0, "pol_negative": -1}


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    db = tmp_path_factory.mktemp("disapere") / "s.duckdb"
    ingest([CORPUS], db)
    return Snapshot.open(db).frames


def read() -> dict[tuple[str, str], Counter]:
    """By year and aspect how many sentences of reviews are labelled with each polarity, and in which papers."""
    found: dict[tuple[str, str], Counter] = {}
    for path in CORPUS.rglob("*.json"):
        told = json.loads(path.read_text("utf-8"))
        year, paper = told["metadata"]["conference"][-4:], told["metadata"]["forum_id"]
        for sentence in told["review_sentences"]:
            of = found.setdefault((year, sentence["aspect"]), Counter())
            of[POLARITY.get(sentence["polarity"])] += 1
            if sentence["polarity"] in POLARITY:
                of["paper", paper] = 1
    return found


def test_negative_shares_by_year_are_those_of_the_files(frames):
    wanted = read()
    found = trend(frames, layer="disapere:aspect", most=20).collect()
    assert {(row["at"], row["code"]) for row in found.iter_rows(named=True)} == {
        key for key in wanted if key[1] != "none"
    }
    for row in found.iter_rows(named=True):
        of = wanted[row["at"], row["code"]]
        judged = of[-1] + of[0] + of[1]
        assert (row["part"], row["whole"], row["n"]) == (of[-1], judged, judged + of[None])
        assert row["n_papers"] == sum(key[0] == "paper" for key in of if isinstance(key, tuple))
        assert row["value"] == pytest.approx(of[-1] / judged)
        assert row["thin"] == (row["n_papers"] < 30 or judged < 5)


def test_shares_of_labels_by_year_are_those_of_the_files(frames):
    wanted = read()
    found = trend(frames, layer="disapere:aspect", measure="share", most=20).collect()
    for row in found.iter_rows(named=True):
        every = sum(
            n
            for (year, _), of in wanted.items()
            for key, n in of.items()
            if year == row["at"] and key in (-1, 0, 1, None)
        )
        assert row["whole"] == every
        assert row["part"] == sum(wanted[row["at"], row["code"]][key] for key in (-1, 0, 1, None))
