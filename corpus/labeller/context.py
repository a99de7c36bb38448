"""What the first stage says of a sentence, of those beside it and of the whole review: input of the second stage."""

from __future__ import annotations

import numpy as np

BESIDE = 2  # sentences on each side


def context(found: np.ndarray, reviews: np.ndarray) -> np.ndarray:
    """Features, sentences × (outputs × WIDTH): see `WIDTH`.

    found     probabilities of the first stage, sentences × outputs
    reviews   the number of the review of each sentence, all of one together
    Of the sentence itself log-odds; of up to two on each side probabilities, 0 beyond the review's ends; the means over
    the review and over what stands before in it (0 for its first sentence).
    """
    n, _ = found.shape
    p = np.clip(found, 1e-4, 1 - 1e-4).astype(np.float32)
    made = [np.log(p / (1 - p))]
    for distance in range(1, BESIDE + 1):
        for step in (-distance, distance):
            beside = np.zeros_like(p)
            to = slice(max(0, -step), n - max(0, step))
            of = slice(max(0, step), n - max(0, -step))
            own = reviews[to] == reviews[of]
            beside[to] = p[of] * own[:, None]
            made.append(beside)
    first = np.flatnonzero(np.r_[True, reviews[1:] != reviews[:-1]]) if n else np.zeros(0, int)
    lengths = np.diff(np.r_[first, n])
    if n:
        made.append(np.repeat(np.add.reduceat(p, first) / lengths[:, None], lengths, axis=0))
    else:
        made.append(p)
    sums = np.vstack([np.zeros((1, p.shape[1]), np.float64), np.cumsum(p, axis=0, dtype=np.float64)])
    begin = np.repeat(first, lengths)
    before = np.arange(n) - begin
    made.append(((sums[:n] - sums[begin]) / np.maximum(before, 1)[:, None]).astype(np.float32))
    return np.concatenate(made, axis=1)


#: Features that `context` makes of each output.
WIDTH = 1 + 2 * BESIDE + 2
