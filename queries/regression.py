"""Regressions on a matrix: least squares and logistic, with or without a ridge; which predictors others tell.

A ridge adds `penalty` times the sum of squared coefficients to the sum of squares, half of it to the negative log
likelihood (Hoerl & Kennard 1970, https://doi.org/10.1080/00401706.1970.10488634; le Cessie & van Houwelingen 1992,
https://doi.org/10.2307/2347628). The intercept is not penalised.
"""

from __future__ import annotations

import numpy as np

#: Steps of Newton's method. Where a maximum exists a dozen is many; where classes are separated there is none.
_STEPS = 40
_CLOSE = 1e-9
#: The part of a predictor that the others do not tell, below which it is taken as told by them.
_TOLD = 1e-8


def least_squares(x: np.ndarray, y: np.ndarray, penalty: float) -> tuple[float, np.ndarray]:
    """Intercept and coefficients of a linear ridge regression; `penalty` has to be above 0."""
    mean, centre = x.mean(axis=0), float(y.mean())
    centred = x - mean
    slopes = np.linalg.solve(centred.T @ centred + penalty * np.eye(x.shape[1]), centred.T @ (y - centre))
    return centre - float(mean @ slopes), slopes


def logistic(
    x: np.ndarray, y: np.ndarray, penalty: float = 0.0, times: np.ndarray | None = None
) -> tuple[float, np.ndarray] | None:
    """Intercept and coefficients of a logistic regression of `y`, 0 to 1; null (None) where there is no maximum.

    That is so, without a penalty, where predictors tell the outcomes apart without error, or depend on each other; with
    one only where there is a single outcome. A row stands for as many as `times` says, `y` being their mean; for one
    by default.
    """
    n = np.ones(len(y)) if times is None else times
    if not 0 < n @ y < n.sum():
        return None
    full = np.column_stack([np.ones(len(x)), x])
    ridge = np.full(full.shape[1], penalty)
    ridge[0] = 0
    at = np.zeros(full.shape[1])
    worth = _worth(full, y, n, ridge, at)
    for _ in range(_STEPS):
        chance = chances(full @ at)
        slope = full.T @ (n * (y - chance)) - ridge * at
        curve = (full.T * (n * chance * (1 - chance))) @ full + np.diag(ridge)
        try:
            step = np.linalg.solve(curve, slope)
        except np.linalg.LinAlgError:
            return None
        while (better := _worth(full, y, n, ridge, at + step)) < worth - 1e-9 and np.abs(step).max() > _CLOSE:
            step /= 2
        at, worth = at + step, better
        if not np.isfinite(at).all():
            return None
        if np.abs(step).max() < _CLOSE:
            return float(at[0]), at[1:]
    return None


def chances(log_odds: np.ndarray) -> np.ndarray:
    """Probabilities of log odds."""
    return 1 / (1 + np.exp(-np.clip(log_odds, -500, 500)))


def independent(x: np.ndarray) -> np.ndarray:
    """Which columns are not told by a constant and the columns before them: a mask."""
    centred = x - x.mean(axis=0)
    size = np.sqrt((centred**2).sum(axis=0))
    varied = size > _TOLD * np.abs(x).max(axis=0, initial=0) * np.sqrt(len(x))
    kept = np.zeros(x.shape[1], dtype=bool)
    if varied.any():
        left = np.abs(np.diag(np.linalg.qr(centred[:, varied] / size[varied], mode="r")))
        kept[np.flatnonzero(varied)[: len(left)]] = left > _TOLD
    return kept


def _worth(full: np.ndarray, y: np.ndarray, n: np.ndarray, ridge: np.ndarray, at: np.ndarray) -> float:
    """The log likelihood less the penalty."""
    log_odds = full @ at
    spread = np.maximum(log_odds, 0) + np.log1p(np.exp(-np.abs(log_odds)))
    return float(n @ (y * log_odds - spread) - ridge @ at**2 / 2)
