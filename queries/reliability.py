"""Reliability: Krippendorff's alpha and Cohen's kappa of counted pairs, with intervals that draw papers again.

What two annotators said of the same thing is counted first, paper by paper; both coefficients are functions of sums of
such counts, so that a resample of the papers (queries.bootstrap) is a product of matrices and not another count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse

from queries.bootstrap import RESAMPLES, bounds

#: Numbers that are held at a time: papers, or pairs of values, times resamples.
_AT_ONCE = 20_000_000
#: Distances of values, values × values; `ordinal` has another for every resample.
Metric = Callable[[np.ndarray], np.ndarray]


class Estimate(NamedTuple):
    """A coefficient, at most 1, with its 95 % interval; null where it cannot be told."""

    value: float | None
    low: float | None
    high: float | None


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
    clusters: np.ndarray, first: np.ndarray, second: np.ndarray, weight: np.ndarray, distances: np.ndarray | Metric,
    *, resamples: int = RESAMPLES, seed: int = 1,
) -> Estimate:  # fmt: skip
    """Krippendorff's alpha: 1 less the disagreement that is seen over that expected by chance.

    clusters       of each row the paper
    first, second  numbers from 0 of the two values that were given to one thing, in either order
    weight         of each row: pairs with these values, each over (values that the thing has - 1)
    distances      values × values, or a function of how often each occurs

    Null where all values are alike: chance could then not have given another. Without an interval where there are fewer
    than two papers. Krippendorff (2011), Computing Krippendorff's Alpha-Reliability,
    https://repository.upenn.edu/asc_papers/43.
    """
    if not len(clusters):
        return Estimate(None, None, None)
    _, place = np.unique(clusters, return_inverse=True)
    n_values = int(max(first.max(), second.max())) + 1
    rows, both = np.concatenate([place, place]), np.concatenate([first, second])
    n_of = sparse.csr_array((np.concatenate([weight, weight]), (rows, both)), shape=(place.max() + 1, n_values))
    if callable(distances):
        seen = _by_pair(place, first, second, weight, n_values)
    else:
        apart = distances[:n_values, :n_values]
        seen = np.bincount(place, weights=2 * weight * apart[first, second])[:, None]

    def of(drawn: np.ndarray) -> np.ndarray:
        n = drawn @ n_of
        if callable(distances):
            each = distances(n)
            observed = np.einsum("rij,rij->r", (drawn @ seen).reshape(len(n), n_values, n_values), each)
            expected = np.einsum("ri,rij,rj->r", n, each, n)
        else:
            observed, expected = (drawn @ seen)[:, 0], np.einsum("ri,ri->r", n @ apart, n)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(expected > 1e-9, 1 - observed * (n.sum(axis=1) - 1) / expected, np.nan)

    return _estimate(of, int(place.max()) + 1, n_values**2 if callable(distances) else n_values, resamples, seed)


def kappa(
    clusters: np.ndarray, first: np.ndarray, second: np.ndarray, n: np.ndarray,
    *, resamples: int = RESAMPLES, seed: int = 1,
) -> Estimate:  # fmt: skip
    """Cohen's kappa of two annotators: agreement beyond what their own frequencies of answers would give by chance.

    clusters, first, second, n
                   as for `alpha`; first is what the first annotator said, n counts the things

    Null where both gave one and the same answer to everything. Without an interval where there are fewer than two
    papers. Cohen (1960), https://doi.org/10.1177/001316446002000104.
    """
    if not len(clusters):
        return Estimate(None, None, None)
    _, place = np.unique(clusters, return_inverse=True)
    n_papers, n_values = int(place.max()) + 1, int(max(first.max(), second.max())) + 1
    by_first, by_second = (
        sparse.csr_array((np.asarray(n, dtype=float), (place, each)), shape=(n_papers, n_values))
        for each in (first, second)
    )
    alike = np.bincount(place, weights=n * (first == second))

    def of(drawn: np.ndarray) -> np.ndarray:
        rows, columns = drawn @ by_first, drawn @ by_second
        total = rows.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            seen, expected = (drawn @ alike) / total, (rows * columns).sum(axis=1) / total**2
            return np.where(1 - expected > 1e-12, (seen - expected) / (1 - expected), np.nan)

    return _estimate(of, n_papers, n_values, resamples, seed)


def draws(n: int, width: int, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """How often each of n papers is drawn, resamples × papers, some resamples at a time."""
    random = np.random.default_rng(seed)
    step = max(1, _AT_ONCE // max(n, width, 1))
    for start in range(0, resamples, step):
        yield random.multinomial(n, np.full(n, 1 / n), size=min(step, resamples - start)).astype(float)


def _estimate(of: Callable[[np.ndarray], np.ndarray], n: int, width: int, resamples: int, seed: int) -> Estimate:
    """What `of` makes of the papers as they are, and the percentile interval of what it makes of each resample."""
    value = of(np.ones((1, n)))
    if np.isnan(value[0]):
        return Estimate(None, None, None)
    if n < 2:
        return Estimate(float(value[0]), None, None)
    low, high = bounds(np.concatenate([of(drawn) for drawn in draws(n, width, resamples, seed)])[:, None])
    return Estimate(float(value[0]), *(None if np.isnan(each[0]) else float(each[0]) for each in (low, high)))


def _by_pair(place: np.ndarray, first: np.ndarray, second: np.ndarray, weight: np.ndarray, n: int) -> sparse.csr_array:
    """Papers × pairs of values: both orders of every pair."""
    rows = np.concatenate([place, place])
    pairs = np.concatenate([first * n + second, second * n + first])
    return sparse.csr_array((np.concatenate([weight, weight]), (rows, pairs)), shape=(place.max() + 1, n * n))
