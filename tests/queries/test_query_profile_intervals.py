"""Intervals of profiles against scipy, and against what was put into made-up papers."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats
from spec import expect, frames, shuffled

from queries.priors import priors
from queries.profile_intervals import net_quantile, profile_intervals

COUNTS = ("positive", "neutral", "negative")
REVIEWS = """
    review_id | paper_id | kind
    ----------+----------+------------
    1         | 1        | review
    2         | 1        | review
    3         | 2        | review
    4         | 2        | meta_review
"""
SEGMENTS = "segment_id | review_id\n---+---\n" + "\n".join(f"{r}{s} | {r}" for r in range(1, 5) for s in range(1, 6))
LABELS = """
    segment_id | layer  | code | polarity
    -----------+--------+------+---------
    11         | aspect | EMP  | -1
    12         | aspect | EMP  | -1
    13         | aspect | EMP  | 0
    21         | aspect | EMP  | 1
    31         | aspect | EMP  | 1
    32         | aspect | EMP  | 1
    33         | aspect | EMP  |
    41         | aspect | EMP  | -1
    11         | aspect | CNT  | -1
    12         | aspect | none |
    21         | aspect | CLA  | 1
"""


def made_up(counts: np.ndarray, first: int = 1):
    """Papers with one review each, whose labels of EMP are so many positive, neutral, negative ones."""
    segments, labels, reviews = [], [], []
    for at, row in enumerate(counts):
        paper = first + at
        reviews.append(f"{paper} | {paper}")
        for place, polarity in enumerate(np.repeat([1, 0, -1], row)):
            segments.append(f"{paper * 100 + place} | {paper}")
            labels.append(f"{paper * 100 + place} | aspect | EMP | {polarity}")
    return frames(
        "paper_id\n---\n" + "\n".join(str(first + at) for at in range(len(counts))),
        "review_id | paper_id\n---\n" + "\n".join(reviews),
        "segment_id | review_id\n---\n" + "\n".join(segments),
        "segment_id | layer | code | polarity\n---\n" + "\n".join(labels),
    )


def drawn(n_papers: int, seed: int, alpha=(1.5, 3.0, 2.0), most: int = 14) -> tuple[np.ndarray, np.ndarray]:
    """True shares, and labels counted."""
    random = np.random.default_rng(seed)
    shares = random.dirichlet(alpha, n_papers)
    n = random.integers(1, most, n_papers)
    return shares, np.array([random.multinomial(each, share) for each, share in zip(n, shares, strict=True)])


def test_counts_are_those_of_labels_with_a_polarity_in_reviews():
    expect(
        profile_intervals(frames("paper_id\n---\n1\n2", REVIEWS, SEGMENTS, LABELS)),
        """
        paper_id | code | n | positive | neutral | negative | n_units | positive_share | negative_share | net   | thin
        ---------+------+---+----------+---------+----------+---------+----------------+----------------+-------+-----
        1        | EMP  | 4 | 1        | 1       | 2        | 2       | 0.25           | 0.5            | -0.25 | true
        1        | CLA  | 1 | 1        | 0       | 0        | 1       | 1              | 0              | 1     | true
        2        | EMP  | 2 | 2        | 0       | 0        | 2       | 1              | 0              | 1     | true
        """,
    )


def test_by_review_the_prior_is_over_reviews():
    found = profile_intervals(frames("paper_id\n---\n1\n2", REVIEWS, SEGMENTS, LABELS), by="review_id")
    expect(
        found,
        """
        review_id | code | n | n_units
        ----------+------+---+--------
        1         | EMP  | 3 | 3
        2         | EMP  | 1 | 3
        2         | CLA  | 1 | 1
        3         | EMP  | 2 | 3
        """,
    )


def test_shares_have_the_quantiles_of_scipys_beta_distribution():
    _, counts = drawn(60, 3)
    given = made_up(counts)
    frame = pl.DataFrame(counts, schema=list(COUNTS)).with_columns(code=pl.lit("EMP"))
    prior = priors(frame.lazy(), by=["code"], outcomes=COUNTS).collect().row(0, named=True)
    weight = prior["prior_weight"]
    found = profile_intervals(given).collect()
    for row, each in zip(found.iter_rows(named=True), counts, strict=True):
        for name, x in zip(COUNTS, each, strict=True):
            if name == "neutral":
                continue
            a = x + weight * prior[f"prior_{name}"]
            posterior = stats.beta(a, each.sum() + weight - a)
            assert row[f"{name}_shrunk"] == pytest.approx(posterior.mean())
            assert (row[f"{name}_low"], row[f"{name}_high"]) == pytest.approx(posterior.interval(0.95))


@pytest.mark.parametrize("alpha", [(3, 4, 5), (0.2, 0.1, 0.4), (20, 1, 1), (1.1, 0.002, 3.2), (200, 300, 100)])
def test_net_polarity_has_the_quantiles_of_draws_from_the_dirichlet_distribution(alpha):
    shares = np.random.default_rng(8).dirichlet(alpha, 400_000)
    for tail in (0.025, 0.25, 0.5, 0.975):
        found = net_quantile(tail, *(np.array([float(a)]) for a in alpha))[0]
        assert found == pytest.approx(np.quantile(shares[:, 0] - shares[:, 2], tail), abs=6e-3)


def test_net_polarity_without_neutral_labels_is_a_beta_variable_on_a_longer_scale():
    found = net_quantile(0.1, np.array([3.0]), np.array([1e-9]), np.array([6.0]))[0]
    assert found == pytest.approx(2 * stats.beta(3, 6).ppf(0.1) - 1, abs=1e-3)


def test_shrunk_lies_between_what_was_counted_and_the_prior():
    _, counts = drawn(80, 5)
    found = profile_intervals(made_up(counts)).collect()
    for name, raw in (("positive", "positive_share"), ("negative", "negative_share"), ("net", "net")):
        low = found.select(pl.min_horizontal(raw, f"prior_{name}")).to_series()
        high = found.select(pl.max_horizontal(raw, f"prior_{name}")).to_series()
        assert ((found[f"{name}_shrunk"] >= low - 1e-12) & (found[f"{name}_shrunk"] <= high + 1e-12)).all()
        assert (
            (found[f"{name}_low"] < found[f"{name}_shrunk"]) & (found[f"{name}_shrunk"] < found[f"{name}_high"])
        ).all()


@pytest.mark.parametrize("seed", [11, 12])
def test_intervals_hold_the_truth_as_often_as_they_say_and_shrinking_comes_nearer_to_it(seed):
    shares, counts = drawn(600, seed)
    found = profile_intervals(made_up(counts)).collect()
    truth = {"positive": shares[:, 0], "negative": shares[:, 2], "net": shares[:, 0] - shares[:, 2]}
    raw = {"positive": "positive_share", "negative": "negative_share", "net": "net"}
    for name, true in truth.items():
        inside = (found[f"{name}_low"].to_numpy() <= true) & (true <= found[f"{name}_high"].to_numpy())
        assert 0.92 < inside.mean() < 0.98, name
        error = ((found[f"{name}_shrunk"].to_numpy() - true) ** 2).mean()
        assert error < 0.75 * ((found[raw[name]].to_numpy() - true) ** 2).mean(), name


def test_only_some_papers_are_told_of_and_compared_with_all():
    _, counts = drawn(40, 6)
    given = made_up(counts)
    whole = profile_intervals(given).collect()
    some = profile_intervals(given, only=[3, 7]).collect()
    assert some.equals(whole.filter(pl.col("paper_id").is_in([3, 7])))
    assert profile_intervals(given, only=[]).collect().is_empty()


def test_the_order_of_rows_and_papers_numbers_are_of_no_matter():
    _, counts = drawn(40, 9)
    given = made_up(counts)
    assert profile_intervals(given).collect().equals(profile_intervals(shuffled(given)).collect())
    renumbered = profile_intervals(made_up(counts[::-1], first=500)).collect().drop("paper_id")
    assert renumbered.reverse().equals(profile_intervals(given).collect().drop("paper_id"))


def test_a_wider_level_is_wider():
    given = made_up(drawn(30, 2)[1])
    wide, narrow = (profile_intervals(given, level=level).collect() for level in (0.95, 0.5))
    for name in ("positive", "negative", "net"):
        assert ((wide[f"{name}_low"] < narrow[f"{name}_low"]) & (wide[f"{name}_high"] > narrow[f"{name}_high"])).all()


def test_layers_without_polarity_and_nothing_at_all_have_no_rows():
    given = frames("paper_id\n---\n1\n2", REVIEWS, SEGMENTS, LABELS)
    for layer, frame in (("purpose", given), ("aspect", frames()), ("common", frames())):
        found = profile_intervals(frame, layer=layer).collect()
        assert found.is_empty()
        assert found.columns[-3:] == ["net_low", "net_high", "thin"]


def test_nothing_is_not_a_number():
    given = frames("paper_id\n---\n1\n2", REVIEWS, SEGMENTS, LABELS)
    found = profile_intervals(given, layer="common").collect()
    assert found["code"].to_list() == ["clarity", "soundness", "soundness"]
    numbers = found.select(pl.selectors.float())
    assert numbers.null_count().sum_horizontal().item() == 0
    assert not numbers.select(pl.any_horizontal(pl.all().is_nan().any())).item()
