"""What nobody says of a paper, and how unusual that is."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from spec import expect, frames, shuffled
from statsmodels.stats.proportion import proportion_confint

from queries.blind_spots import blind_spots

PAPERS = "paper_id | paper_key\n---+---\n1 | c\n2 | b\n3 | a\n4 | d"
REVIEWS = """
    review_id | paper_id | kind
    ----------+----------+---------
    11        | 1        | review
    12        | 1        | review
    21        | 2        | review
    31        | 3        | review
    32        | 3        | rebuttal
    41        | 4        | review
"""
SEGMENTS = "segment_id | review_id\n---\n" + "\n".join(
    f"{r}{s} | {r}" for r in (11, 12, 21, 31, 32, 41) for s in (1, 2)
)


def of(labels: str):
    return frames(PAPERS, REVIEWS, SEGMENTS, labels)


def test_codes_that_others_mention_by_how_unusual_the_silence_is():
    # Paper 4 has no labels: neither a blind spot nor a case. Paper 3's CLA stands in a rebuttal, which is no review.
    given = of("""
        segment_id | layer  | code | polarity
        -----------+--------+------+---------
        111        | aspect | EMP  | -1
        121        | aspect | CLA  | 0
        211        | aspect | EMP  | 1
        212        | aspect | none |
        311        | aspect | EMP  |
        321        | aspect | CLA  | 1
    """)
    expect(
        blind_spots(given),
        """
        corpus | paper_key | scheme              | layer  | code | n_reviews | n_papers | n_with | share | thin
        -------+-----------+---------------------+--------+------+-----------+----------+--------+-------+-----
        demo   | a         | peer-review-analyze | aspect | CLA  | 1         | 2        | 1      | 0.5   | true
        demo   | b         | peer-review-analyze | aspect | CLA  | 1         | 2        | 1      | 0.5   | true
        """,
    )
    expect(blind_spots(given, only=[2]), "paper_id | code | n_papers\n---\n2 | CLA | 2")
    assert blind_spots(given, only=[1]).collect().is_empty()


def test_a_review_that_was_looked_at_counts_though_it_says_nothing():
    given = of("""
        segment_id | layer  | code | polarity
        -----------+--------+------+---------
        111        | aspect | none |
        121        | aspect | CNT  |
        211        | aspect | NOV  | 1
    """)
    expect(blind_spots(given), "paper_id | code | n_reviews | n_papers | n_with\n---\n1 | NOV | 2 | 1 | 1")


def test_other_layers_and_the_shared_aspects_ask_only_those_who_could_have_said_it():
    # Reviews 11, 12 have a scheme with `appropriateness`, 21 one with `replicability`: neither could have said both.
    given = of("""
        segment_id | scheme              | layer   | code             | polarity
        -----------+---------------------+---------+------------------+---------
        111        | peer-review-analyze | aspect  | APR              | 1
        121        | peer-review-analyze | section | MET              | 1
        211        | disapere            | aspect  | asp_replicability | -1
        311        | peer-review-analyze | aspect  | EMP              | 1
        411        | disapere            | aspect  | asp_clarity      | 1
    """)
    found = blind_spots(given, layer="common", only=[3, 4]).collect()
    rows = {(r["paper_key"], str(r["code"])): (r["n_papers"], r["n_with"]) for r in found.iter_rows(named=True)}
    assert rows == {
        ("a", "appropriateness"): (1, 1),  # of paper 1 only, which the same scheme labels
        ("a", "clarity"): (3, 1),
        ("d", "replicability"): (1, 1),
        ("d", "soundness"): (3, 1),
    }
    expect(blind_spots(given, layer="disapere:aspect"), "paper_id | code\n---\n2 | asp_clarity\n4 | asp_replicability")


def made_up(n_papers: int = 60, seed: int = 2, chance=(0.8, 1.2)):
    """Papers with two to four reviews, each with one sentence on EMP or none."""
    random = np.random.default_rng(seed)
    reviews, segments, labels, counts = [], [], [], []
    for paper in range(1, n_papers + 1):
        n, rate = int(random.integers(2, 5)), random.beta(*chance)
        said = random.random(n) < rate
        counts.append((int(said.sum()), n))
        for at in range(n):
            review = paper * 10 + at
            reviews.append(f"{review} | {paper}")
            segments.append(f"{review} | {review}")
            labels.append(f"{review} | aspect | {'EMP' if said[at] else 'none'} |")
    given = frames(
        "paper_id\n---\n" + "\n".join(str(at) for at in range(1, n_papers + 1)),
        "review_id | paper_id\n---\n" + "\n".join(reviews),
        "segment_id | review_id\n---\n" + "\n".join(segments),
        "segment_id | layer | code | polarity\n---\n" + "\n".join(labels),
    )
    return given, np.array(counts)


def weight(counts: np.ndarray) -> float:
    """Kleinman's estimate for x of n, written out; see the tests of priors."""
    x, n = counts.T.astype(float)
    p, k, whole = x.sum() / n.sum(), len(x), n.sum()
    spread = (n * (x / n - p) ** 2).sum()
    icc = (spread - p * (1 - p) * (k - 1)) / (p * (1 - p) * (whole - (n**2).sum() / whole - (k - 1)))
    return 1 / icc - 1


def test_silence_is_the_beta_binomial_probability_of_scipy():
    given, counts = made_up()
    m, p = weight(counts), (counts[:, 0].sum() + 0.5) / (counts[:, 1].sum() + 1)
    found = blind_spots(given).collect()
    assert found["paper_id"].to_list() != []
    assert set(found["paper_id"]) == {at + 1 for at, (x, _) in enumerate(counts) if x == 0}
    for row in found.iter_rows(named=True):
        n = int(counts[row["paper_id"] - 1, 1])
        assert row["n_reviews"] == n
        assert row["silence"] == pytest.approx(stats.betabinom(n, m * p, m * (1 - p)).pmf(0))
        assert (row["n_papers"], row["n_with"]) == (59, (counts[:, 0] > 0).sum())
        assert (row["low"], row["high"]) == pytest.approx(proportion_confint(row["n_with"], 59, method="wilson"))
        assert not row["thin"]


def test_as_many_papers_are_silent_as_the_probability_says():
    given, counts = made_up(n_papers=1_500, seed=8)
    found = blind_spots(given).collect()
    for n in (2, 3, 4):
        silent = (counts[counts[:, 1] == n, 0] == 0).mean()
        assert found.filter(found["n_reviews"] == n)["silence"][0] == pytest.approx(silent, abs=0.05)


def test_more_reviews_make_silence_more_unusual_and_order_is_of_no_matter():
    given, _ = made_up()
    found = blind_spots(given).collect()
    by_n = dict(zip(found["n_reviews"], found["silence"], strict=True))
    assert by_n[2] > by_n[3] > by_n[4]
    assert blind_spots(shuffled(given)).collect().equals(found)


def test_nothing_in_nothing_out():
    for layer in ("aspect", "common", "quality"):
        found = blind_spots(frames(), layer=layer).collect()
        assert found.is_empty()
        assert len(found.columns) == 14
