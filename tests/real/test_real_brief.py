"""What the brief of a paper says, counted again in plain Python over Peer Review Analyze; skipped without it."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import pytest

from corpus.ingest import ingest
from corpus.store import Snapshot
from queries.blind_spots import blind_spots
from queries.contradicted_papers import contradicted_papers
from queries.contradictions import contradictions
from queries.profile_intervals import profile_intervals
from queries.reading_set import reading_set

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "peer-review-analyze"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpora/peer-review-analyze is not here")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory) -> Snapshot:
    db = tmp_path_factory.mktemp("pra") / "s.duckdb"
    ingest([CORPUS], db)
    return Snapshot.open(db)


@pytest.fixture(scope="module")
def labels(snapshot) -> list[tuple]:
    """Paper, review, segment, layer, code, polarity of the labels that stand for something."""
    rows = snapshot._cursor().sql(
        "SELECT r.paper_id, l.review_id, l.segment_id, l.layer::VARCHAR, l.code::VARCHAR, l.polarity "
        "FROM labels l JOIN reviews r USING (review_id) WHERE r.kind = 'review'"
    )
    return rows.fetchall()


def real(labels: list[tuple]) -> list[tuple]:
    return [row for row in labels if row[4] not in ("none", "CNT")]


def test_every_set_says_every_point_and_no_sentence_of_it_can_be_left_out(snapshot, labels):
    points, on = defaultdict(set), defaultdict(set)
    for paper, review, segment, layer, code, polarity in real(labels):
        if polarity == -1:
            points[paper].add((review, layer, code))
            on[segment].add((review, layer, code))
    found = reading_set(snapshot.frames).collect()
    taken = defaultdict(list)
    for row in found.iter_rows(named=True):
        assert {(point["layer"], point["code"]) for point in row["points"]} == {p[1:] for p in on[row["segment_id"]]}
        assert row["n_points"] == len(points[row["paper_id"]])
        taken[row["paper_id"]].append(row["segment_id"])
    assert set(taken) == set(points)
    assert found["exact"].all()
    for paper, segments in taken.items():
        assert set().union(*(on[s] for s in segments)) == points[paper]
        for left_out in segments:
            assert set().union(*(on[s] for s in segments if s != left_out)) != points[paper]
    lengths = sorted(len(segments) for segments in taken.values())
    assert (len(lengths), lengths[len(lengths) // 2], lengths[-1]) == (239, 8, 16)


def test_no_set_of_one_sentence_less_would_do(snapshot, labels):
    on = defaultdict(lambda: defaultdict(set))
    for paper, review, segment, layer, code, polarity in real(labels):
        if polarity == -1:
            on[paper][segment].add((review, layer, code))
    n = Counter(reading_set(snapshot.frames).collect()["paper_id"])
    small = sorted(paper for paper, size in n.items() if 3 <= size <= 5 and len(on[paper]) <= 16)
    assert len(small) > 20
    for paper in small[::4]:
        whole = set().union(*on[paper].values())
        for choice in combinations(on[paper].values(), n[paper] - 1):
            assert set().union(*choice) != whole


@pytest.mark.parametrize("layer", ["aspect", "section"])
def test_silences_and_how_many_others_speak(snapshot, labels, layer):
    having, reviews = defaultdict(set), defaultdict(set)
    for paper, review, _, of, code, _ in labels:
        if of == layer:
            reviews[paper].add(review)
            if code not in ("none", "CNT"):
                having[code].add(paper)
    found = blind_spots(snapshot.frames, layer=layer).collect()
    rows = {
        (r["paper_id"], str(r["code"])): (r["n_reviews"], r["n_papers"], r["n_with"])
        for r in found.iter_rows(named=True)
    }
    assert rows == {
        (paper, code): (len(reviews[paper]), len(reviews) - 1, len(papers))
        for code, papers in having.items()
        for paper in reviews
        if paper not in papers
    }
    # Over the papers of a code, the probabilities of silence add up to about as many silences as there are.
    for code in having:
        of_code = found.filter(found["code"].cast(str) == code)
        if of_code.height >= 20:
            assert of_code["silence"].mean() * len(reviews) == pytest.approx(of_code.height, rel=0.25), code


def test_profiles_are_those_of_the_labels_and_lie_within_their_intervals(snapshot, labels):
    counted = defaultdict(Counter)
    for paper, _, _, layer, code, polarity in real(labels):
        if layer == "aspect" and polarity is not None:
            counted[paper, code][polarity] += 1
    some = sorted({paper for paper, _ in counted})[::8]
    found = profile_intervals(snapshot.frames, only=some).collect()
    assert found.height == sum(paper in some for paper, _ in counted)
    for row in found.iter_rows(named=True):
        n = counted[row["paper_id"], str(row["code"])]
        assert (row["positive"], row["neutral"], row["negative"]) == (n[1], n[0], n[-1])
        assert row["negative_low"] < row["negative_shrunk"] < row["negative_high"]
        assert row["net_low"] < row["net_shrunk"] < row["net_high"]
    weights = dict(zip(found["code"].cast(str), found["prior_weight"], strict=True))
    assert weights["EMP"] == pytest.approx(12.19, abs=0.01), "as if a paper had 12 labels of soundness more"


def test_contradicted_papers_hold_all_opposed_pairs(snapshot):
    pairs = contradictions(snapshot.frames).collect()
    papers = contradicted_papers(snapshot.frames).collect()
    assert papers["n_opposed"].sum() == pairs["opposed"].sum()
    assert papers.height == pairs.filter("opposed")["paper_id"].n_unique()
    assert sum(each["n"] for codes in papers["codes"] for each in codes) == pairs["opposed"].sum()
