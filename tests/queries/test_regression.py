"""Regressions against statsmodels and scipy."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize

from queries.regression import chances, independent, least_squares, logistic


def data(seed: int = 2, n: int = 300, k: int = 5) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, k)) * np.array([1, 10, 0.1, 3, 1])[:k] + 2
    return x, (random.random(n) < chances(0.5 * (x[:, 0] - 2) - 0.2 * (x[:, 1] - 2))).astype(float)


def test_logistic_is_that_of_statsmodels():
    x, y = data()
    wanted = sm.GLM(y, sm.add_constant(x), family=sm.families.Binomial()).fit(tol=1e-12)
    start, slopes = logistic(x, y)
    assert [start, *slopes] == pytest.approx(wanted.params, rel=1e-6)


@pytest.mark.parametrize("penalty", [0.5, 30])
def test_logistic_ridge_is_the_least_of_its_loss(penalty):
    x, y = data()
    x = (x - x.mean(axis=0)) / x.std(axis=0)

    def loss(at):
        log_odds = at[0] + x @ at[1:]
        return np.logaddexp(0, log_odds).sum() - y @ log_odds + penalty * at[1:] @ at[1:] / 2

    wanted = optimize.minimize(loss, np.zeros(x.shape[1] + 1), method="BFGS", options={"gtol": 1e-7}).x
    start, slopes = logistic(x, y, penalty)
    assert [start, *slopes] == pytest.approx(wanted, abs=1e-5)


def test_ridge_is_least_squares_on_a_matrix_with_the_penalty_as_further_rows():
    x, _ = data()
    y = x @ np.arange(5) + 7 + np.random.default_rng(3).normal(size=len(x))
    centred = x - x.mean(axis=0)
    rows = np.vstack([centred, np.sqrt(12.5) * np.eye(5)])
    wanted, *_ = np.linalg.lstsq(rows, np.concatenate([y - y.mean(), np.zeros(5)]), rcond=None)
    start, slopes = least_squares(x, y, 12.5)
    assert slopes == pytest.approx(wanted)
    assert start + x.mean(axis=0) @ slopes == pytest.approx(y.mean())


def test_there_is_no_maximum_where_classes_are_separated_or_one():
    x = np.arange(20.0)[:, None]
    assert logistic(x, (x[:, 0] > 9).astype(float)) is None
    assert logistic(x, np.ones(20)) is None
    assert logistic(x, np.zeros(20), 1.0) is None
    assert logistic(x, (x[:, 0] > 9).astype(float), 1.0) is not None
    assert logistic(np.column_stack([x, x]), (x[:, 0] % 2)) is None, "two predictors that are one"


def test_a_steep_predictor_is_found_step_by_step():
    x = np.array([0.0] * 30 + [400.0] * 30)[:, None]
    y = np.array([0.0] * 29 + [1.0] + [1.0] * 29 + [0.0])
    start, slopes = logistic(x, y)
    assert start == pytest.approx(np.log(1 / 29))
    assert slopes[0] * 400 == pytest.approx(2 * np.log(29))


def test_a_column_that_others_tell_is_not_independent():
    random = np.random.default_rng(1)
    a, b = random.normal(size=(2, 50))
    x = np.column_stack([a, np.full(50, 3.0), b, a - 2 * b + 5, 1e6 * random.normal(size=50), a * 1e-5])
    assert independent(x).tolist() == [True, False, True, False, True, False]
    assert independent(np.array([[1.0, 2.0, 5.0], [2.0, 1.0, 5.0]])).tolist() == [True, False, False]


@pytest.mark.parametrize("penalty", [0, 3])
def test_rows_that_stand_for_several_count_as_often(penalty):
    x, y = data()
    x = np.round(x[:, :1])
    values, place, times = np.unique(x[:, 0], return_inverse=True, return_counts=True)
    mean = np.bincount(place, y) / times
    start, slopes = logistic(values[:, None], mean, penalty, times=times.astype(float))
    wanted = logistic(x, y, penalty)
    assert [start, *slopes] == pytest.approx([wanted[0], *wanted[1]])
