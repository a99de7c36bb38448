"""Contradictions in Peer Review Analyze, counted again from the files' labels in plain Python; skipped without it."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import pytest

from corpus.ingest import ingest
from corpus.store import Snapshot
from queries.contradiction_rates import contradiction_rates
from queries.contradictions import contradictions

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "peer-review-analyze"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpora/peer-review-analyze is not here")

#: Measured before there was any code for it, by another program over the same 240 papers: rate and pairs.
KNOWN = {"EMP": (0.444, 507), "CLA": (0.376, 186), "SUB": (0.133, 165), "CMP": (0.362, 127), "PNF": (0.253, 83),
         "IMP": (0.390, 82), "NOV": (0.387, 62)}  # fmt: skip


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory) -> Snapshot:
    db = tmp_path_factory.mktemp("pra") / "s.duckdb"
    ingest([CORPUS], db)
    return Snapshot.open(db)


def recounted(snapshot: Snapshot, layer: str) -> dict[str, Counter]:
    """Pairs and opposed pairs by code, from the rows of the store."""
    rows = snapshot._cursor().sql(
        "SELECT r.paper_id, l.review_id, l.code::VARCHAR, l.polarity FROM labels l JOIN reviews r USING (review_id) "
        f"WHERE l.layer = '{layer}' AND r.kind = 'review' AND l.polarity IS NOT NULL"
    )
    balance: dict[tuple[int, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for paper, review, code, polarity in rows.fetchall():
        if code not in ("none", "CNT"):
            balance[paper, code][review] += polarity
    found: dict[str, Counter] = defaultdict(Counter)
    for (_, code), of in balance.items():
        for one, other in combinations([total for total in of.values() if total != 0], 2):
            found[code]["pairs"] += 1
            found[code]["opposed"] += one * other < 0
    return found


@pytest.mark.parametrize("layer", ["aspect", "section"])
def test_pairs_are_those_of_a_count_in_plain_python(snapshot, layer):
    wanted = recounted(snapshot, layer)
    found = contradiction_rates(snapshot.frames, layer=layer).collect()
    assert {row["code"]: (row["n_pairs"], row["n_opposed"]) for row in found.iter_rows(named=True)} == {
        code: (n["pairs"], n["opposed"]) for code, n in wanted.items()
    }
    pairs = contradictions(snapshot.frames, layer=layer).collect()
    assert pairs.height == sum(n["pairs"] for n in wanted.values())
    assert pairs.select("first", "second", "code").is_unique().all()


def test_rates_are_those_known(snapshot):
    found = {row["code"]: row for row in contradiction_rates(snapshot.frames, layer="aspect").collect().to_dicts()}
    for code, (rate, n_pairs) in KNOWN.items():
        assert found[code]["n_pairs"] == n_pairs, code
        assert found[code]["rate"] == pytest.approx(rate, abs=5e-4), code
        assert found[code]["low"] < found[code]["rate"] < found[code]["high"]
        assert not found[code]["thin"]
    assert {code for code, row in found.items() if row["thin"]} == {"APR", "REC"}
