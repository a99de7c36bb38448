"""Priors against a hand-worked case, a plain loop, and what was put into made-up papers."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from queries.priors import LEAST, MOST, priors

OUTCOMES = ("positive", "neutral", "negative")


def of(rows: list[tuple], outcomes=OUTCOMES) -> dict:
    frame = pl.DataFrame(rows, schema=["unit", *outcomes], orient="row").with_columns(code=pl.lit("x"))
    return priors(frame.lazy(), by=["code"], outcomes=outcomes).collect().row(0, named=True)


def test_a_case_worked_by_hand():
    # Four papers with 4 labels each: 4, 3, 1, 0 of them positive. p = 8/16 = 1/2, pq = 1/4, squared distances from p
    # are 1/4, 1/16, 1/16, 1/4: s² = (5/8)/3 = 5/24. A paper's share varies by pq/4 · (1 + 3·icc): 5/24 = 1/16 · (1 +
    # 3·icc), icc = 7/9, weight = 9/7 - 1 = 2/7.
    row = of([(1, 4, 0), (2, 3, 1), (3, 1, 3), (4, 0, 4)], ("positive", "negative"))
    assert row["prior_weight"] == pytest.approx(2 / 7)
    assert (row["n_units"], row["n"]) == (4, 16)
    assert row["prior_positive"] == pytest.approx(8.5 / 17)


def kleinman(counts: np.ndarray) -> float:
    """The estimator with weights n, written out as in the paper, for two outcomes: x of n."""
    x, n = counts[:, 0].astype(float), counts.sum(axis=1).astype(float)
    shares, weights = x / n, n
    p = sum(w * s for w, s in zip(weights, shares, strict=True)) / sum(weights)
    spread = sum(w * (s - p) ** 2 for w, s in zip(weights, shares, strict=True))
    held = sum((w / m) * (1 - w / sum(weights)) for w, m in zip(weights, n, strict=True))
    whole = sum(w * (1 - w / sum(weights)) for w in weights)
    icc = (spread - p * (1 - p) * held) / (p * (1 - p) * (whole - held))
    return 1 / icc - 1


def test_two_outcomes_are_kleinmans_estimate():
    random = np.random.default_rng(4)
    n = random.integers(1, 20, 50)
    x = random.binomial(n, random.beta(2, 3, 50))
    row = of([(at, int(a), int(b)) for at, (a, b) in enumerate(zip(x, n - x, strict=True))], ("positive", "negative"))
    assert row["prior_weight"] == pytest.approx(kleinman(np.column_stack([x, n - x])))


@pytest.mark.parametrize(("weight", "seed"), [(1.0, 1), (4.0, 2), (15.0, 3)])
def test_what_was_put_in_comes_out(weight, seed):
    random = np.random.default_rng(seed)
    mean = np.array([0.2, 0.5, 0.3])
    shares = random.dirichlet(weight * mean, 4_000)
    counts = np.array([random.multinomial(n, share) for n, share in zip(random.integers(1, 25, 4_000), shares)])  # noqa: B905
    row = of([(at, *(int(x) for x in each)) for at, each in enumerate(counts)])
    assert row["prior_weight"] == pytest.approx(weight, rel=0.12)
    assert [row[f"prior_{name}"] for name in OUTCOMES] == pytest.approx(mean, abs=0.02)


def test_means_sum_to_one_and_nothing_is_impossible():
    row = of([(1, 3, 0, 0), (2, 2, 1, 0), (3, 0, 4, 0)])
    means = [row[f"prior_{name}"] for name in OUTCOMES]
    assert sum(means) == pytest.approx(1)
    assert min(means) > 0


@pytest.mark.parametrize(
    "rows",
    [
        [(1, 1, 0, 0), (2, 0, 1, 0), (3, 0, 0, 1)],  # one label each: nothing tells papers from labels
        [(1, 5, 0, 0), (2, 7, 0, 0)],  # no variation at all
        [(1, 5, 2, 1)],  # one paper
        [(1, 5, 2, 1), (2, 1, 0, 0)],  # one with several
    ],
)
def test_where_units_cannot_tell_the_prior_weighs_as_a_uniform_one(rows):
    assert of(rows)["prior_weight"] == 3


def test_weights_stay_within_bounds():
    alike = of([(at, 2, 2, 2) for at in range(300)])
    few = of([(at, 2, 2, 2) for at in range(4)])
    split = of([(at, *((30, 0, 0) if at % 2 else (0, 0, 30))) for at in range(50)])
    assert alike["prior_weight"] == pytest.approx(MOST)
    assert few["prior_weight"] == few["n"] == 24, "not surer than what it rests on"
    assert split["prior_weight"] == pytest.approx(LEAST)


def test_units_without_observations_do_not_count_and_no_rows_are_no_rows():
    rows = [(1, 4, 0, 0), (2, 1, 0, 3), (3, 0, 0, 0)]
    assert of(rows) == of(rows[:2])
    empty = pl.LazyFrame(schema={"code": pl.String, **dict.fromkeys(OUTCOMES, pl.UInt32)})
    found = priors(empty, by=["code"], outcomes=OUTCOMES).collect()
    assert found.is_empty()
    assert found.columns == ["code", "n_units", "n", *(f"prior_{name}" for name in OUTCOMES), "prior_weight"]
