"""What accepted and rejected papers of Peer Review Analyze differ in, against counts in plain Python."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from corpus.ingest import ingest
from corpus.store import Snapshot
from queries.comparison import comparison
from queries.filters import Filters
from queries.trend import places, trend

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "peer-review-analyze"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpora/peer-review-analyze is not here")

#: Negative labels of the judged ones: accepted, rejected.
SHARES = {
    "CLA": (0.449, 0.631),
    "NOV": (0.340, 0.512),
    "IMP": (0.262, 0.450),
    "SUB": (0.522, 0.602),
    "EMP": (0.253, 0.375),
}


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    db = tmp_path_factory.mktemp("pra") / "s.duckdb"
    ingest([CORPUS], db)
    return Snapshot.open(db).frames


@pytest.fixture(scope="module")
def counted(frames) -> dict[str, Counter]:
    """By decision how many aspect labels there are of each code and polarity, and papers with a judged one."""
    decision = dict(frames.papers.select("paper_id", pl.col("decision").cast(pl.String)).collect().rows())
    found: dict[str, Counter] = {}
    papers = set()
    columns = [pl.col(name).cast(pl.String) for name in ("layer", "code")]
    for paper, polarity, layer, code in frames.labels.select("paper_id", "polarity", *columns).collect().rows():
        if layer == "aspect":
            of = found.setdefault(decision[paper], Counter())
            of[code, polarity] += 1
            if polarity is not None and (paper, code) not in papers:
                papers.add((paper, code))
                of[code, "papers"] += 1
    return found


@pytest.fixture(scope="module")
def compared(frames) -> pl.DataFrame:
    cohorts = [Filters(decisions=(each,)).apply(frames) for each in ("accept", "reject")]
    return comparison(cohorts, layer="aspect").collect()


def test_every_number_of_the_counts_is_theirs(compared, counted):
    assert compared.height == 18
    for row in compared.iter_rows(named=True):
        of, code = counted[("accept", "reject")[row["cohort"]]], row["code"]
        judged = sum(of[code, polarity] for polarity in (-1, 0, 1))
        assert (row["part"], row["whole"]) == (of[code, -1], judged)
        assert row["n"] == judged + of[code, None]
        assert row["n_papers"] == of[code, "papers"]


def test_rejected_papers_are_criticised_more(compared):
    by = {(row["code"], row["cohort"]): row for row in compared.iter_rows(named=True)}
    for code, (accepted, rejected) in SHARES.items():
        assert by[code, 0]["value"] == pytest.approx(accepted, abs=5e-4)
        assert by[code, 1]["value"] == pytest.approx(rejected, abs=5e-4)
        assert by[code, 1]["ratio"] == pytest.approx(rejected / accepted, abs=0.005)
        assert by[code, 1]["difference_low"] < rejected - accepted < by[code, 1]["difference_high"]
    assert (compared.filter(pl.col("cohort") == 1)["difference"] > 0).all()


def test_what_stands_after_correction(compared):
    rows = compared.filter((pl.col("cohort") == 1) & (pl.col("q") < 0.05))
    assert set(rows["code"].cast(pl.String)) == {"APR", "NOV", "IMP", "REC", "EMP", "CLA"}
    assert (rows["difference_low"] > 0).all()


def test_a_trend_over_decisions_has_the_same_values(frames, compared):
    found = trend(frames, layer="aspect", over="decision", most=9).filter(pl.col("at") != "withdrawn").collect()
    wanted = compared.with_columns(at=pl.when(pl.col("cohort") == 0).then(pl.lit("accept")).otherwise(pl.lit("reject")))
    both = found.join(wanted, on=["at", "code"], suffix="_compared")
    assert both.height == 18
    for name in ("part", "whole", "n_papers", "value", "thin"):
        assert both[name].to_list() == both[f"{name}_compared"].to_list(), name


def test_there_is_one_year(frames):
    assert places(frames, layer="aspect", over="year").collect().rows() == [("2018", 240, 240)]
