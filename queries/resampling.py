"""Resampling: papers are drawn again, with all that belongs to them, and sums over them are taken anew.

Reviews of one paper speak of the same work, so it is papers that are drawn: the cluster bootstrap (Davison & Hinkley
1997, https://doi.org/10.1017/CBO9780511802843, section 3.8). The seed is fixed: the same selection gives the same
interval, and everything that is taken from one call is taken from the same draws.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from queries.intervals import LEVEL

RESAMPLES = 1_000
#: Numbers that are held at a time: papers, or columns, times resamples.
_AT_ONCE = 4_000_000


def draws(n: int, *, width: int = 1, resamples: int = RESAMPLES, seed: int = 1) -> Iterator[np.ndarray]:
    """How often each of n papers is drawn, resamples × papers, some resamples at a time; nothing of no papers.

    width         how many columns the caller makes of a resample, so that it holds not too many
    """
    random = np.random.default_rng(seed)
    step = max(1, _AT_ONCE // max(n, width))
    for start in range(0, resamples if n else 0, step):
        size = min(step, resamples - start)
        yield np.stack([np.bincount(random.integers(0, n, n), minlength=n) for _ in range(size)]).astype(float)


def sums(amounts: np.ndarray | sparse.csr_array, *, resamples: int = RESAMPLES, seed: int = 1) -> np.ndarray:
    """The sums of each column over as many rows as there are, drawn with replacement: resamples × columns.

    amounts       papers × columns. The same number of papers is drawn in the same way whatever the columns are
    """
    n, columns = amounts.shape
    if not n:
        return np.zeros((resamples, columns))
    return np.concatenate([times @ amounts for times in draws(n, resamples=resamples, seed=seed)])


def replicates(
    clusters: np.ndarray,
    groups: np.ndarray,
    part: np.ndarray,
    whole: np.ndarray,
    *,
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> np.ndarray:
    """The ratio of each group in each resample of the clusters: resamples × groups, nan where its whole is 0.

    The four arrays are one row each: its cluster, the number of its group from 0, and what it adds to the two sums. All
    groups are taken from the same draws, so that differences between columns have the right spread.
    """
    if not len(clusters):
        return np.full((resamples, 0), np.nan)
    _, place = np.unique(clusters, return_inverse=True)
    shape = (int(place.max()) + 1, int(groups.max()) + 1)
    both = [sparse.csr_array((np.asarray(each, dtype=float), (place, groups)), shape=shape) for each in (part, whole)]
    drawn = sums(sparse.hstack(both, format="csr"), resamples=resamples, seed=seed)
    above, below = drawn[:, : shape[1]], drawn[:, shape[1] :]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / below, np.nan)


def bounds(found: np.ndarray, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """The percentile interval of each column, nan left out; nan where a column has nothing else."""
    tail = (1 - level) / 2
    low, high = np.full((2, found.shape[1]), np.nan)
    there = ~np.isnan(found).all(axis=0)
    if there.any():
        low[there], high[there] = np.nanquantile(found[:, there], [tail, 1 - tail], axis=0)
    return low, high


def dense(rows: np.ndarray, columns: np.ndarray, amounts: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The matrix with these amounts at these places, added up where a place comes twice."""
    flat = np.bincount(rows * shape[1] + columns, weights=amounts, minlength=shape[0] * shape[1])
    return flat.reshape(shape)
