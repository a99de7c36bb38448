"""Reliability: Krippendorff's alpha and Cohen's kappa of counted pairs, with intervals that draw papers again.

What two annotators said of the same thing is counted first, paper by paper; both coefficients are functions of sums of
such counts, so that a resample of the papers (queries.bootstrap) is a product of matrices and not another count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse

from queries.resampling import RESAMPLES, bounds, draws

#: Distances of values, values × values; `ordinal` has another for every resample.
Metric = Callable[[np.ndarray], np.ndarray]


class Estimate(NamedTuple):
    """A coefficient, at most 1, with its 95 % interval; null where it cannot be told."""

    value: float | None
    low: float | None
    high: float | None


class Statistic(NamedTuple):
    """A coefficient as a function of how often each paper is drawn: papers × resamples gives one number a resample.

    n      papers that it rests on
    width  numbers that a resample takes
    """

    of: Callable[[np.ndarray], np.ndarray]
    n: int
    width: int


def masi(sets: Sequence[frozenset]) -> np.ndarray:
    """The distance of each set from each, 0 to 1: 1 less Jaccard's index times monotonicity, which is 1 for equal sets,
    2/3 where one holds the other, 1/3 where they only overlap, 0 where they have nothing in common.

    Passonneau (2006), Measuring Agreement on Set-valued Items (MASI), LREC. For sets of one it is nominal.
    """

    def similar(a: frozenset, b: frozenset) -> float:
        if a == b:
            return 1.0
        return len(a & b) / len(a | b) * (2 / 3 if a < b or b < a else 1 / 3)

    return _distances(sets, similar)


def jaccard(sets: Sequence[frozenset]) -> np.ndarray:
    """The distance of each set from each, 0 to 1: 1 less what they share of what either holds. Two empty sets: 0."""
    return _distances(sets, lambda a, b: 1.0 if a == b else len(a & b) / len(a | b))


def _distances(sets: Sequence[frozenset], similar: Callable[[frozenset, frozenset], float]) -> np.ndarray:
    return np.array([[1 - similar(a, b) for b in sets] for a in sets], dtype=float).reshape(len(sets), len(sets))


def ordinal(n: np.ndarray) -> np.ndarray:
    """The squared distances of ordered values that occur n times: those of their mid-ranks (Krippendorff 2011, p. 5).

    `n` is resamples × values, what is given resamples × values × values.
    """
    middle = np.cumsum(n, axis=1) - n / 2
    return (middle[:, :, None] - middle[:, None, :]) ** 2


def alpha(
    papers: np.ndarray, first: np.ndarray, second: np.ndarray, weight: np.ndarray, distances: np.ndarray | Metric
) -> Statistic:
    """Krippendorff's alpha: 1 less the disagreement that is seen over that expected by chance.

    papers         of each row the number of its paper, from 0
    first, second  numbers from 0 of the two values that were given to one thing, in either order
    weight         of each row: pairs with these values, each over (values that the thing has - 1)
    distances      values × values, or a function of how often each occurs

    Null where all values are alike: chance could then not have given another. Krippendorff (2011), Computing
    Krippendorff's Alpha-Reliability, https://repository.upenn.edu/asc_papers/43.
    """
    n_papers, n_values = _size(papers), _size(first, second)
    rows, both = np.concatenate([papers, papers]), np.concatenate([first, second])
    n_of = sparse.csr_array((np.concatenate([weight, weight]), (both, rows)), shape=(n_values, n_papers))
    if callable(distances):
        pairs = np.concatenate([first * n_values + second, second * n_values + first])
        seen = sparse.csr_array((np.concatenate([weight, weight]), (pairs, rows)), shape=(n_values**2, n_papers))
    else:
        apart = distances[:n_values, :n_values]
        seen = sparse.csr_array((2 * weight * apart[first, second], (np.zeros_like(papers), papers)), (1, n_papers))

    def of(drawn: np.ndarray) -> np.ndarray:
        drawn = drawn[:n_papers]
        n = (n_of @ drawn).T
        if callable(distances):
            each = distances(n)
            observed = np.einsum("rij,rij->r", (seen @ drawn).T.reshape(len(n), n_values, n_values), each)
            expected = np.einsum("ri,rij,rj->r", n, each, n)
        else:
            observed, expected = (seen @ drawn)[0], np.einsum("ri,ri->r", n @ apart, n)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(expected > 1e-9, 1 - observed * (n.sum(axis=1) - 1) / expected, np.nan)

    return Statistic(of, len(np.unique(papers)), n_values**2 if callable(distances) else n_values)


def kappa(papers: np.ndarray, first: np.ndarray, second: np.ndarray, n: np.ndarray) -> Statistic:
    """Cohen's kappa of two annotators: agreement beyond what their own frequencies of answers would give by chance.

    papers, first, second, n
                   as for `alpha`; first is what the first annotator said, n counts the things

    Null where both gave one and the same answer to everything. Cohen (1960),
    https://doi.org/10.1177/001316446002000104.
    """
    n_papers, n_values = _size(papers), _size(first, second)
    by_first, by_second = (
        sparse.csr_array((np.asarray(n, dtype=float), (each, papers)), shape=(n_values, n_papers))
        for each in (first, second)
    )
    alike = sparse.csr_array((n * (first == second), (np.zeros_like(papers), papers)), shape=(1, n_papers), dtype=float)

    def of(drawn: np.ndarray) -> np.ndarray:
        drawn = drawn[:n_papers]
        rows, columns = by_first @ drawn, by_second @ drawn
        total = rows.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            seen, expected = (alike @ drawn)[0] / total, (rows * columns).sum(axis=0) / total**2
            return np.where(1 - expected > 1e-12, (seen - expected) / (1 - expected), np.nan)

    return Statistic(of, len(np.unique(papers)), n_values)


def estimates(
    statistics: Sequence[Statistic], n_papers: int, *, resamples: int = RESAMPLES, seed: int = 1
) -> list[Estimate]:
    """What each statistic is of the papers as they are, with the percentile interval over papers that are drawn again.

    All are taken from the same draws. Without an interval where a statistic rests on fewer than two papers.
    """
    values = [float(statistic.of(np.ones((n_papers, 1)))[0]) for statistic in statistics]
    asked = [at for at, each in enumerate(statistics) if each.n > 1 and not np.isnan(values[at])]
    ends: dict[int, tuple[float | None, float | None]] = {}
    if asked:
        width = max(statistics[at].width for at in asked)
        found = [
            np.stack([statistics[at].of(np.ascontiguousarray(drawn.T)) for at in asked], axis=1)
            for drawn in draws(n_papers, width=width, resamples=resamples, seed=seed)
        ]
        low, high = bounds(np.concatenate(found))
        ends = {at: (_known(low[place]), _known(high[place])) for place, at in enumerate(asked)}
    return [Estimate(_known(value), *ends.get(at, (None, None))) for at, value in enumerate(values)]


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _size(*numbers: np.ndarray) -> int:
    return 1 + max((int(each.max()) for each in numbers if len(each)), default=-1)
