"""The linear model against dense arithmetic that keeps every step, probabilities and loss against scipy and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.special import expit, softmax

from corpus.labeller.linear import CODES, POLARITY, AveragedSGD, Head, by_kind, loss, probabilities, smoothed, telling

SEVERAL = Head("aspect", CODES, ("NOV", "CLA", "none"), False, 0, "s")
SIGN = Head("aspect", POLARITY, ("NEG", "NEU", "POS"), True, 3, "s")
ONE = Head("purpose", CODES, ("APC", "CRT"), True, 6, "s")
HEADS = (SEVERAL, SIGN, ONE)
N_OUTPUTS = 8


def example(seed: int, n: int = 40, width: int = 15) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sparse features, answers, and which of them are known: a head as a whole, as `told` has it."""
    random = np.random.default_rng(seed)
    x = (random.random((n, width)) * (random.random((n, width)) < 0.3)).astype(np.float32)
    gold, known = np.zeros((n, N_OUTPUTS), np.float32), np.zeros((n, N_OUTPUTS), np.float32)
    for row in range(n):
        for head in HEADS:
            if random.random() < 0.7:
                known[row, head.outputs] = 1
                if head.single:
                    gold[row, head.start + random.integers(len(head.names))] = 1
                else:
                    gold[row, head.outputs] = random.random(len(head.names)) < 0.5
    return x, gold, known


def by_hand(scores: np.ndarray) -> np.ndarray:
    return np.concatenate([expit(scores[:, :3]), softmax(scores[:, 3:6], axis=1), softmax(scores[:, 6:], axis=1)], 1)


@pytest.mark.parametrize("scale", [1, 50])
def test_probabilities_are_those_of_scipy(scale):
    scores = np.random.default_rng(0).normal(0, scale, (200, N_OUTPUTS))
    found = probabilities(scores, HEADS)
    assert found == pytest.approx(by_hand(scores), abs=1e-6)
    assert found[:, SIGN.outputs].sum(1) == pytest.approx(np.ones(200), abs=1e-5)


def test_scores_beyond_all_bounds_give_no_warning_and_no_nan():
    found = probabilities(np.array([[1e5, -1e5, 0, 1e5, -1e5, 0, 1e30, -1e30]], np.float32), HEADS)
    assert found[0].tolist() == pytest.approx([1, 0, 0.5, 1, 0, 0, 1, 0], abs=1e-6)


def test_loss_by_hand():
    found = np.array([[0.5, 0.25, 0.8, 0.2, 0.3, 0.5, 0.9, 0.1], [0.5] * 3 + [0.1, 0.1, 0.8, 0.6, 0.4]])
    gold = np.array([[1, 0, 1, 0, 0, 1, 1, 0], [0, 0, 0, 1, 0, 0, 0, 1]], float)
    known = np.array([[1, 1, 1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0, 1, 1]], float)
    # First sentence: aspect asks three things, -ln .5 - ln .75 - ln .8; its polarity is POS, -ln .5. Second: purpose
    # CRT, -ln .4. What is not known (the first's purpose, the second's aspect) does not count: three answers.
    expected = -(math.log(0.5) + math.log(0.75) + math.log(0.8) + math.log(0.5) + math.log(0.4)) / 3
    assert loss(found, gold, known, HEADS) == pytest.approx(expected)
    assert loss(found, gold, np.zeros_like(known), HEADS) == 0


@pytest.mark.parametrize("seed", range(3))
def test_loss_against_log_loss_of_each_answer(seed):
    _, gold, known = example(seed)
    found = probabilities(np.random.default_rng(seed).normal(0, 2, gold.shape), HEADS)
    total, n = 0.0, 0
    for row in range(len(gold)):
        for head in HEADS:
            if known[row, head.start]:
                n += 1
                for at in range(head.start, head.start + len(head.names)):
                    p, y = float(found[row, at]), gold[row, at]
                    total -= math.log(p) if y else 0 if head.single else math.log(1 - p)
    assert loss(found, gold, known, HEADS) == pytest.approx(total / n, rel=1e-4)


def batches(n: int, size: int = 7, epochs: int = 4) -> list[np.ndarray]:
    random = np.random.default_rng(5)
    return [
        order[at : at + size] for order in (random.permutation(n) for _ in range(epochs)) for at in range(0, n, size)
    ]


def taught(gold: np.ndarray) -> np.ndarray:
    """A tenth of an answer of codes belongs to all: of two that exclude each other .05 each, of others .01 each."""
    sure, split = gold * 0.9 + 0.01, gold * 0.9 + 0.05
    return np.concatenate([sure[:, SEVERAL.outputs], gold[:, SIGN.outputs], split[:, ONE.outputs]], 1)


def naive(x, gold, known, factors, steps: list[np.ndarray], rate: float, decay: float):
    """Plain SGD, output by output, on features times that output's factors; the mean of all iterates, unfactored."""
    weights, bias = np.zeros((x.shape[1], N_OUTPUTS)), np.zeros(N_OUTPUTS)
    seen = [(weights, bias)]
    for step, rows in enumerate(steps, start=1):
        now = rate / (1 + decay * step / len(steps))
        scores = np.stack([(x[rows] * factors[:, at]) @ weights[:, at] for at in range(N_OUTPUTS)], 1) + bias
        wrong = (by_hand(scores) - taught(gold[rows])) * known[rows]
        change = [(x[rows] * factors[:, at]).T @ wrong[:, at] / len(rows) for at in range(N_OUTPUTS)]
        weights = weights - now * np.stack(change, 1)
        bias = bias - now / 4 * wrong.mean(0)
        seen.append((weights, bias))
    return np.mean([each[0] for each in seen], axis=0) * factors, np.mean([each[1] for each in seen], axis=0)


@pytest.mark.parametrize("seed", range(3))
def test_averaged_sgd_is_the_mean_of_all_iterates_of_plain_sgd(seed):
    x, gold, known = example(seed)
    steps = batches(len(x))
    factors = np.random.default_rng(seed).uniform(0.3, 2, (x.shape[1], N_OUTPUTS)).astype(np.float32)
    learner = AveragedSGD(factors, HEADS, steps=len(steps), rate=4.0, decay=1.5)
    for rows in steps:
        learner.learn(sp.csr_matrix(x[rows]), gold[rows], known[rows])
    weights, bias = naive(x, gold, known, factors, steps, 4.0, 1.5)
    got = learner.average()
    assert got[0] == pytest.approx(weights, abs=2e-4)
    assert got[1] == pytest.approx(bias, abs=2e-4)
    assert np.abs(weights).max() > 0.5, "it has learnt something"


def test_outputs_learn_at_their_own_rates_and_for_as_long_as_they_are_told():
    """Codes and polarities learnt together as if each had been learnt alone, the latter for half as many steps."""
    x, gold, known = example(3)
    steps = batches(len(x))
    factors = np.random.default_rng(3).uniform(0.3, 2, (x.shape[1], N_OUTPUTS)).astype(np.float32)
    half = len(steps) // 2

    def taught_by(steps_: int | np.ndarray, rate: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        learner = AveragedSGD(factors, HEADS, steps=steps_, rate=rate)
        for rows in steps:
            learner.learn(sp.csr_matrix(x[rows]), gold[rows], known[rows])
        return learner.average()

    together = taught_by(by_kind(HEADS, len(steps), half), by_kind(HEADS, 5, 2))
    codes = taught_by(len(steps), 5.0)
    polarity = naive(x, gold, known, factors, steps[:half], 2.0, 2.0)
    for made, of_codes, of_polarity in zip(together, codes, polarity, strict=True):
        for head in HEADS:
            expected = (of_polarity if head.what == POLARITY else of_codes)[..., head.outputs]
            assert made[..., head.outputs] == pytest.approx(expected, abs=2e-4), head.layer


def test_an_average_may_be_asked_for_in_between_and_changes_nothing():
    x, gold, known = example(0)
    ones = [AveragedSGD(np.ones((x.shape[1], N_OUTPUTS), np.float32), HEADS, steps=10) for _ in range(2)]
    for rows in batches(len(x))[:10]:
        for learner in ones:
            learner.learn(sp.csr_matrix(x[rows]), gold[rows], known[rows])
        ones[0].average()
    assert np.array_equal(ones[0].average()[0], ones[1].average()[0])
    fresh = AveragedSGD(np.ones((3, N_OUTPUTS), np.float32), HEADS, steps=0)
    assert not fresh.average()[0].any()


@pytest.mark.parametrize("seed", range(3))
def test_what_a_column_tells_is_counted_by_hand(seed):
    """The ratio of two shares over its standard error, for each answer by itself."""
    x, gold, known = example(seed, n=60)
    found = telling(sp.csr_matrix(x), gold, known)
    for column in range(x.shape[1]):
        for at in range(N_OUTPUTS):
            asked = known[:, at] > 0
            there, yes = x[asked, column] != 0, gold[asked, at] > 0
            a, b = (there & yes).sum() + 1, (there & ~yes).sum() + 1
            ratio = math.log((a / (yes.sum() + 2)) / (b / ((~yes).sum() + 2)))
            z = abs(ratio) / math.sqrt(1 / a + 1 / b)
            assert found[column, at] == pytest.approx(0.3 + 0.12 * min(z, 40), rel=1e-4)


def test_a_column_that_tells_more_is_learnt_faster():
    random = np.random.default_rng(0)
    gold, known = np.zeros((400, N_OUTPUTS), np.float32), np.zeros((400, N_OUTPUTS), np.float32)
    gold[:200, 0], known[:, SEVERAL.outputs] = 1, 1
    often = random.random((400, 2)) < 0.3
    often[:, 0] = random.random(400) < np.where(gold[:, 0], 0.55, 0.05)  # the first says what it is
    found = telling(sp.csr_matrix(often.astype(np.float32)), gold, known)
    assert found[0, 0] > 2 * found[1, 0]
    assert found[0, 1] < found[0, 0] / 2, "of another answer it tells less"


def test_a_tenth_of_an_answer_is_spread_and_polarities_stay():
    gold = np.array([[1, 0, 1, 0, 0, 1, 1, 0], [0, 0, 0, 1, 0, 0, 0, 1]], np.float32)
    before = gold.copy()
    expected = [[0.91, 0.01, 0.91, 0, 0, 1, 0.95, 0.05], [0.01, 0.01, 0.01, 1, 0, 0, 0.05, 0.95]]
    assert smoothed(gold, HEADS) == pytest.approx(np.array(expected))
    assert np.array_equal(gold, before), "answers themselves are what they were"


def test_the_first_step_goes_from_even_odds_towards_the_smoothed_answer():
    """From scores of 0: a code of three was .5 likely and is taught .91, of two .5 and .95, a sign 1/3 and 1."""
    gold = np.array([[1, 0, 0, 0, 0, 1, 1, 0]], np.float32)
    factors = np.full((1, N_OUTPUTS), 2, np.float32)
    learner = AveragedSGD(factors, HEADS, steps=1, rate=3.0, decay=0.5)
    learner.learn(sp.csr_matrix(np.ones((1, 1), np.float32)), gold, np.ones_like(gold))
    gradient = np.array([0.41, -0.49, -0.49, -1 / 3, -1 / 3, 2 / 3, 0.45, -0.45])
    # The rate is 3 / 1.5 = 2, the square of the factor 4; the mean of nothing and this step is half of it.
    weights, bias = learner.average()
    assert weights[0] == pytest.approx(gradient * 2 * 4 / 2, rel=1e-5)
    assert bias == pytest.approx(gradient * 2 / 4 / 2, rel=1e-5)


def learnt(x, gold, known) -> tuple[np.ndarray, np.ndarray]:
    learner = AveragedSGD(telling(sp.csr_matrix(x), gold, known), HEADS, steps=20)
    for rows in batches(len(x)):
        learner.learn(sp.csr_matrix(x[rows]), gold[rows], known[rows])
    return learner.average()


def test_a_question_that_nobody_answered_teaches_nothing():
    x, gold, known = example(1)
    known[:, ONE.outputs] = 0
    weights, bias = learnt(x, gold, known)
    assert not weights[:, ONE.outputs].any()
    assert not bias[ONE.outputs].any()
    assert weights[:, SIGN.outputs].any()


def test_what_stands_where_an_answer_is_not_known_does_not_matter():
    x, gold, known = example(2)
    other = np.where(known > 0, gold, 1 - gold).astype(np.float32)
    for one, two in zip(learnt(x, gold, known), learnt(x, other, known), strict=True):
        assert np.array_equal(one, two)


def test_missing_is_not_negative():
    """A code asked of ten sentences and given to each is likely, however many sentences were never asked."""
    x = np.ones((200, 1), np.float32)
    gold, known = np.zeros((200, N_OUTPUTS), np.float32), np.zeros((200, N_OUTPUTS), np.float32)
    gold[:10, 0] = known[:10, SEVERAL.outputs] = 1

    def likely(known: np.ndarray) -> float:
        weights, bias = learnt(x, gold, known)
        return float(probabilities(x[:1] @ weights + bias, HEADS)[0, 0])

    asked_all = np.zeros_like(known)
    asked_all[:, SEVERAL.outputs] = 1
    assert likely(known) > 0.5 > likely(asked_all)
