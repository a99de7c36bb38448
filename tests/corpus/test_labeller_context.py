"""What the second stage looks at, and the blend of both stages, against loops over sentences."""

from __future__ import annotations

import math

import numpy as np
import pytest

from corpus.labeller.component import blended
from corpus.labeller.context import BESIDE, WIDTH, context
from corpus.labeller.linear import CODES, POLARITY, Head


def naive(found: np.ndarray, reviews: list[int]) -> np.ndarray:
    p = np.clip(found, 1e-4, 1 - 1e-4)
    rows = []
    for at, review in enumerate(reviews):
        own = [n for n, each in enumerate(reviews) if each == review]
        row = [[math.log(q / (1 - q)) for q in p[at]]]
        for distance in range(1, BESIDE + 1):
            for beside in (at - distance, at + distance):
                row.append(p[beside].tolist() if beside in own else [0.0] * p.shape[1])
        before = [n for n in own if n < at]
        row.append(p[own].mean(axis=0).tolist())
        row.append(p[before].mean(axis=0).tolist() if before else [0.0] * p.shape[1])
        rows.append([value for part in row for value in part])
    return np.array(rows)


@pytest.mark.parametrize("sizes", [[1], [2], [3, 1, 1, 7], [1, 1, 1], [12], [5, 2, 4]])
def test_context_is_what_loops_over_sentences_find(sizes):
    random = np.random.default_rng(sum(sizes))
    reviews = [number for number, size in enumerate(sizes) for _ in range(size)]
    found = random.random((len(reviews), 3)).astype(np.float32)
    found[0] = [0, 1, 0.5]
    got = context(found, np.array(reviews))
    assert got.shape == (len(reviews), 3 * WIDTH)
    assert got == pytest.approx(naive(found, reviews), abs=1e-5)


def test_reviews_do_not_see_each_other():
    random = np.random.default_rng(0)
    one, other = random.random((4, 2)), random.random((6, 2))
    together = context(np.vstack([one, other]), np.array([0] * 4 + [1] * 6))
    assert together[:4] == pytest.approx(context(one, np.zeros(4, int)), abs=1e-6)
    assert together[4:] == pytest.approx(context(other, np.zeros(6, int)), abs=1e-6)


def test_no_sentences_have_no_context():
    assert context(np.zeros((0, 3), np.float32), np.zeros(0, int)).shape == (0, 3 * WIDTH)


HEADS = (Head("a", CODES, ("A", "B"), False, 0), Head("a", POLARITY, ("NEG", "POS", "NEU"), True, 2))


def test_a_blend_is_a_weighted_geometric_mean():
    first = np.array([[0.2, 0.9, 0.5, 0.3, 0.2]], np.float32)
    second = np.array([[0.8, 0.9, 0.1, 0.1, 0.8]], np.float32)
    found = blended(first, second, HEADS, [0.25, 0.5])
    # Odds of A: (1/4)^.75 · 4^.25 = 4^-.5 = 1/2, so 1/3; B is .9 by both.
    assert found[0, :2] == pytest.approx([1 / 3, 0.9], rel=1e-5)
    # √(.5·.1), √(.3·.1), √(.2·.8), over their sum.
    roots = np.sqrt([0.05, 0.03, 0.16])
    assert found[0, 2:] == pytest.approx(roots / roots.sum(), rel=1e-5)
    assert np.array_equal(blended(first, second, HEADS, [0, 0]), first)
