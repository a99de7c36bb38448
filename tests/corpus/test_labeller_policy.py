"""From probabilities to labels: calibration against statsmodels and scipy, thresholds by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, logit

from corpus.labeller.linear import CODES, POLARITY, Head
from corpus.labeller.policy import (
    NEVER,
    PRECISIONS,
    Policy,
    best_shifts,
    best_thresholds,
    decide,
    learnt,
    platt,
    precise_threshold,
    served,
)


def guesses(n: int, seed: int, slope: float = 0.4, offset: float = -0.7) -> tuple[np.ndarray, np.ndarray]:
    """Overconfident probabilities, and answers that come as often as the right curve says."""
    random = np.random.default_rng(seed)
    z = random.normal(0, 2, n)
    return expit(z), (random.random(n) < expit(slope * z + offset)).astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_calibration_is_the_logit_regression_of_statsmodels(seed):
    import statsmodels.api as sm

    found, gold = guesses(4000, seed)
    fit = sm.Logit(gold, np.column_stack([logit(found), np.ones(len(found))])).fit(disp=0)
    # The pull towards (1, 0) is worth one sentence beside 4,000.
    assert platt(found, gold) == pytest.approx(fit.params, abs=0.01)


@pytest.mark.parametrize("n", [6, 30, 200])
def test_calibration_of_few_is_the_least_of_what_it_minimises(n):
    found, gold = guesses(n, 7)
    gold[:2] = [0, 1]

    def cost(w: np.ndarray) -> float:
        p = expit(w[0] * logit(found) + w[1])
        pull = (w[0] - 1) ** 2 + w[1] ** 2
        return -float(np.sum(gold * np.log(p) + (1 - gold) * np.log1p(-p))) + pull / 2

    slow = minimize(cost, [1.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-10, "maxiter": 5000})
    assert platt(found, gold) == pytest.approx(slow.x, abs=1e-3)


@pytest.mark.parametrize("gold", [[], [0, 0, 0], [1, 1]])
def test_where_all_answers_are_alike_probabilities_stay(gold):
    assert platt(np.full(len(gold), 0.3), np.array(gold, np.float32)) == (1.0, 0.0)


def test_guesses_that_are_wrong_throughout_do_not_turn_the_order_around():
    found, gold = guesses(500, 1, slope=-2)
    assert platt(found, gold)[0] == pytest.approx(0.05)
    assert np.isfinite(platt(np.array([0.0, 1.0, 0.5]), np.array([1.0, 0.0, 1.0]))).all()


def test_calibrated_probabilities_are_as_often_right_as_they_say():
    found, gold = guesses(20_000, 3)
    policy = Policy.of(None, [Head("a", CODES, ("A",), False, 0)])
    policy.slope[:], policy.offset[:] = platt(found, gold)
    calibrated = policy.calibrated(found[:, None])[:, 0]
    for low in np.arange(0.1, 0.8, 0.1):
        here = (calibrated >= low) & (calibrated < low + 0.1)
        assert gold[here].mean() == pytest.approx(calibrated[here].mean(), abs=0.05)
    assert np.abs(found - calibrated).mean() > 0.15, "before it was not"


# --- thresholds -------------------------------------------------------------------------------------------------------

#: Probabilities that all differ, with an answer each, in any order.
apart = st.lists(st.booleans(), min_size=1, max_size=30).flatmap(
    lambda y: st.permutations([(0.1 + 0.49 * at / len(y), float(each)) for at, each in enumerate(y)])
)
#: Probabilities of which many are alike.
tied = st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.3, 0.4, 0.5]), st.sampled_from([0.0, 1.0])), max_size=30)


#: Thresholds for the best F1 are of these.
GRID = [round(0.08 + 0.02 * step, 2) for step in range(27)]


def f1_above(p: np.ndarray, y: np.ndarray, threshold: float) -> float:
    said = p >= threshold
    return 2 * float((said & (y > 0)).sum()) / max(float(said.sum() + y.sum()), 1)


def columns(pairs: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    table = np.array(pairs, float).reshape(-1, 2)
    return table[:, 0], table[:, 1]


@given(apart | tied)
@settings(deadline=None)
def test_no_threshold_serves_the_f1_of_one_code_better(pairs):
    p, y = columns(pairs)
    (threshold,) = best_thresholds(p[:, None], y[:, None])
    if len(p):
        assert threshold in GRID
        assert f1_above(p, y, threshold) == pytest.approx(max(f1_above(p, y, each) for each in GRID))


def micro_and_macro(p: np.ndarray, y: np.ndarray, thresholds: list[float]) -> float:
    said = p >= np.array(thresholds)
    n, both = said.sum(0) + y.sum(0), (said & (y > 0)).sum(0)
    return float(2 * both.sum() / max(n.sum(), 1) + np.mean(2 * both / np.maximum(n, 1)))


@pytest.mark.parametrize("seed", range(5))
def test_of_several_codes_no_other_threshold_of_one_serves_them_better(seed):
    random = np.random.default_rng(seed)
    y = (random.random((150, 4)) < [0.5, 0.2, 0.05, 0.02]).astype(float)
    p = expit(random.normal(-1, 1, y.shape) + 1.5 * y)
    found = best_thresholds(p, y).tolist()
    reached = micro_and_macro(p, y, found)
    for at in range(4):
        for other in GRID:
            assert micro_and_macro(p, y, [*found[:at], other, *found[at + 1 :]]) <= reached + 1e-9
    assert reached >= max(micro_and_macro(p, y, [each] * 4) for each in GRID) - 1e-9


def test_without_sentences_a_threshold_is_a_half():
    assert best_thresholds(np.zeros((0, 2)), np.zeros((0, 2))).tolist() == [0.5, 0.5]


def precise_by_trying(p: np.ndarray, y: np.ndarray, precision: float) -> float:
    fits = [each for each in p if (p >= each).sum() >= 5 and y[p >= each].mean() >= precision]
    return min(fits, default=NEVER)


@given(apart, st.sampled_from(PRECISIONS))
@settings(deadline=None)
def test_a_precise_threshold_is_the_lowest_that_is_as_precise_as_stated(pairs, precision):
    p, y = columns(pairs)
    assert precise_threshold(p, y, precision) == precise_by_trying(p, y, precision)


@given(tied, st.sampled_from(PRECISIONS))
@settings(deadline=None)
def test_guesses_that_are_alike_stand_and_fall_together(pairs, precision):
    p, y = columns(pairs)
    assert precise_threshold(p, y, precision) == precise_by_trying(p, y, precision)


@given(apart)
@settings(deadline=None)
def test_a_higher_precision_asks_for_no_lower_threshold(pairs):
    p, y = columns(pairs)
    found = [precise_threshold(p, y, precision) for precision in PRECISIONS]
    assert found == sorted(found)


def test_shifts_are_no_worse_than_none_and_lift_a_rare_answer():
    random = np.random.default_rng(0)
    truth = np.where(random.random(600) < 0.12, 1, 0)
    lean = np.clip(0.28 + 0.16 * truth + random.normal(0, 0.07, 600), 0.01, 0.99)  # hardly ever above a half
    p, y = np.column_stack([1 - lean, lean]), np.eye(2)[truth]

    def value(shifts: np.ndarray) -> float:
        chosen = (np.log(p) + shifts).argmax(1)
        f1 = [
            2 * ((chosen == c) & (truth == c)).sum() / max(((chosen == c).sum() + (truth == c).sum()), 1)
            for c in (0, 1)
        ]
        return float((chosen == truth).mean() + np.mean(f1))

    shifts = best_shifts(p, y)
    assert value(shifts) > value(np.zeros(2)) + 0.1
    assert shifts[1] > shifts[0]
    assert best_shifts(np.zeros((0, 2)), np.zeros((0, 2))).tolist() == [0, 0]


def test_served_by_hand():
    # Thresholds .3 and .2: A is said of 1 and 2, rightly of 1; B of 3, rightly. Micro 2·2/(3 + 2), macro (2/3 + 1)/2.
    p = np.array([[0.5, 0.1], [0.3, 0.1], [0.1, 0.2]])
    y = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert served(p, y, single=False) == pytest.approx(4 / 5 + (2 / 3 + 1) / 2)
    assert served(np.zeros((0, 2)), np.zeros((0, 2)), single=True) == 0


# --- deciding ---------------------------------------------------------------------------------------------------------

ASPECT = Head("aspect", CODES, ("NOV", "CLA", "none"), False, 0, "s")
SIGN = Head("aspect", POLARITY, ("NEG", "POS"), True, 3, "s")
ACTION = Head("action", CODES, ("none", "ask"), True, 5, "s")
HEADS = (ASPECT, SIGN, ACTION)


def policy(best: list[float], precise: list[float]) -> Policy:
    one = np.ones(len(best))
    return Policy(one, one * 0, np.array(best), {f"{each:.2f}": np.array(precise) for each in PRECISIONS})


def decided(p: list[float], precision: float | None, precise: tuple[float, ...] = (0.5,) * 7) -> set[str]:
    given_ = decide(np.array([p], np.float32), HEADS, policy([0.5, 0.4, 0.5, 0, 0, 0, 0.6], list(precise)), precision)
    names = [f"{head.what}:{name}" for head in HEADS for name in head.names]
    return {name for name, each in zip(names, given_[0], strict=True) if each}


DECIDED = {
    "several codes": ([0.6, 0.45, 0.2, 0.3, 0.7, 0.8, 0.2], {"codes:NOV", "codes:CLA", "polarity:POS", "codes:none"}),
    "the code that is nearest to its threshold where none reaches it": (
        [0.3, 0.3, 0.3, 0.7, 0.3, 0.8, 0.2],
        {"codes:CLA", "polarity:NEG", "codes:none"},
    ),
    "a shift turns the likeliest around: .4·e^.6 > .6": (
        [0.6, 0.1, 0.2, 0.7, 0.3, 0.6, 0.4],
        {"codes:NOV", "polarity:NEG", "codes:ask"},
    ),
}


@pytest.mark.parametrize(("p", "expected"), DECIDED.values(), ids=DECIDED.keys())
def test_every_question_is_answered_for_the_best_f1(p, expected):
    assert decided(p, None) == expected


def test_none_stands_alone():
    assert "codes:NOV" not in decided([0.6, 0.1, 0.7, 0.5, 0.5, 0.2, 0.8], None)
    assert {"codes:NOV", "codes:CLA"} <= decided([0.6, 0.8, 0.7, 0.5, 0.5, 0.2, 0.8], None)
    assert "codes:none" not in decided([0.6, 0.8, 0.7, 0.5, 0.5, 0.1, 0.9], None)
    random = np.random.default_rng(0)
    found = random.random((500, 7)).astype(np.float32)
    for precision in (None, 0.7):
        given_ = decide(found, HEADS, policy([0.3] * 3 + [0] * 4, [0.3] * 7), precision)
        none, others = given_[:, 2], given_[:, :2].any(1)
        assert not (none & others).any()
        assert none.any()
        assert others.any()


def test_at_a_stated_precision_nothing_below_its_threshold_is_given():
    assert decided([0.49, 0.49, 0.49, 0.49, 0.51, 0.49, 0.51], 0.7) == {"polarity:POS", "codes:ask"}
    assert decided([0.9] * 7, 0.7, (NEVER,) * 7) == set()


def test_nothing_is_said_of_a_sentence_whose_probabilities_are_all_0():
    assert decided([0.0] * 7, None) == set()
    assert decide(np.zeros((0, 7), np.float32), HEADS, policy([0.5] * 7, [0.5] * 7), None).shape == (0, 7)


def made_up(seed: int, n: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Guesses that know something, answers, and which are known."""
    random = np.random.default_rng(seed)
    gold, known = np.zeros((n, 7), np.float32), np.zeros((n, 7), np.float32)
    scores = random.normal(0, 1, (n, 7))
    for head in HEADS:
        known[:, head.outputs] = random.random((n, 1)) < 0.8
        if head.single:
            gold[:, head.outputs] = np.eye(len(head.names))[random.integers(len(head.names), size=n)]
        else:
            gold[:, head.outputs] = random.random((n, len(head.names))) < 0.3
    found = np.clip(expit(scores + 2.5 * gold - 1), 1e-4, 1 - 1e-4)
    for head in (SIGN, ACTION):
        found[:, head.outputs] /= found[:, head.outputs].sum(1, keepdims=True)
    return found.astype(np.float32), gold, known


@pytest.mark.parametrize("seed", range(3))
def test_what_is_learnt_keeps_its_word_on_the_sentences_that_it_was_learnt_from(seed):
    found, gold, known = made_up(seed)
    policy = learnt(found, gold, known, HEADS)
    calibrated = policy.calibrated(found)
    last = None
    for precision in PRECISIONS:
        said = decide(calibrated, [SIGN._replace(), ACTION], policy, precision)
        for head in (SIGN, ACTION):
            for at in range(head.start, head.start + len(head.names)):
                rows = (known[:, head.start] > 0) & said[:, at]
                if rows.any():
                    assert gold[rows, at].mean() >= precision
        assert last is None or not (said & ~last).any(), "of the codes that exclude each other no more than before"
        last = said


@pytest.mark.parametrize("seed", range(3))
def test_answers_that_are_not_known_teach_the_policy_nothing(seed):
    found, gold, known = made_up(seed)
    other = np.where(known > 0, gold, 1 - gold)
    assert learnt(found, gold, known, HEADS).table() == learnt(found, other, known, HEADS).table()


def test_a_policy_is_the_same_from_json():
    found, gold, known = made_up(0)
    policy = learnt(found, gold, known, HEADS)
    again = Policy.of(policy.table(), HEADS)
    assert again.table() == policy.table()
    assert set(again.precise) == {f"{each:.2f}" for each in PRECISIONS}


def test_a_higher_precision_gives_no_label_that_a_lower_one_did_not():
    low, high = (
        decided([0.6, 0.1, 0.7, 0.5, 0.5, 0.5, 0.5], 0.7, (0.5, 0.5, none, NEVER, NEVER, NEVER, NEVER))
        for none in (0.5, 0.9)
    )
    assert high <= low
