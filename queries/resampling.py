"""Resampling: sums over papers that are drawn again, for what is no ratio of two sums.

As queries.bootstrap, and with the same reason: reviews of one paper hang together, so papers are drawn, with all that
belongs to them. A lift is made of four sums, and a course of hundreds of shares over a few wholes: here the sums
themselves are drawn, all columns from the same draws, and what is made of them is for the caller.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from queries.bootstrap import RESAMPLES

#: Draws that are held at a time: papers times resamples.
_AT_ONCE = 4_000_000


def sums(amounts: np.ndarray | sparse.csr_array, *, resamples: int = RESAMPLES, seed: int = 1) -> np.ndarray:
    """The sums of each column over as many rows as there are, drawn with replacement: resamples × columns.

    amounts       papers × columns. The same number of papers is drawn in the same way whatever the columns are
    """
    n, columns = amounts.shape
    found = np.zeros((resamples, columns))
    if not n:
        return found
    random = np.random.default_rng(seed)
    step = max(1, _AT_ONCE // n)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        times = np.stack([np.bincount(random.integers(0, n, n), minlength=n) for _ in range(size)]).astype(float)
        found[start : start + size] = times @ amounts
    return found


def dense(rows: np.ndarray, columns: np.ndarray, amounts: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The matrix with these amounts at these places, added up where a place comes twice."""
    flat = np.bincount(rows * shape[1] + columns, weights=amounts, minlength=shape[0] * shape[1])
    return flat.reshape(shape)
