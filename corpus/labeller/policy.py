"""From probabilities to labels: calibration, and thresholds for the best F1 or for a stated precision.

All of it is learnt from guesses on papers that the model had not seen (out of fold). Calibration is Platt's (1999), one
logistic curve an output; see also Niculescu-Mizil & Caruana (2005), https://doi.org/10.1145/1102351.1102430.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize

from corpus.labeller.linear import CODES, Head

#: The precisions that may be stated.
PRECISIONS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
NEVER = 2.0  # a threshold that no probability reaches
#: Thresholds for the best F1: beyond them they would follow the noise of rare codes.
_GRID = tuple(round(0.08 + 0.02 * step, 2) for step in range(27))
_FEWEST = 5  # labels that a precision must be seen on before it is believed
_SHIFTS = (-0.6, -0.3, 0.3, 0.6, 0.9)
_STRENGTH = 1.0  # of the pull of a calibration curve towards leaving probabilities as they are, in sentences


class Policy(NamedTuple):
    """What turns probabilities into labels, each an array with one number an output.

    slope, offset   of the curve that calibrates its log-odds
    best            for the best F1: of a head whose answers exclude each other what is added to log-probabilities
                    before the largest is taken, of others the threshold
    precise         by stated precision, as text: thresholds; NEVER where it was not reached
    """

    slope: np.ndarray
    offset: np.ndarray
    best: np.ndarray
    precise: dict[str, np.ndarray]

    @classmethod
    def of(cls, told: Mapping[str, Any] | None, heads: Sequence[Head]) -> Policy:
        """A policy as `table` spells it; without one, probabilities as they are and thresholds of ½."""
        if told is None:
            n = sum(len(head.names) for head in heads)
            halves = np.full(n, 0.5)
            for head in heads:
                halves[head.outputs] = 0.0 if head.single else 0.5
            return cls(np.ones(n), np.zeros(n), halves, {})
        precise = {name: np.array(values, float) for name, values in told["precise"].items()}
        slope, offset, best = (np.array(told[name], float) for name in ("slope", "offset", "best"))
        return cls(slope, offset, best, precise)

    def table(self) -> dict[str, Any]:
        """The policy as JSON holds it."""
        rounded = {name: np.round(getattr(self, name), 5).tolist() for name in ("slope", "offset", "best")}
        return rounded | {"precise": {name: np.round(each, 5).tolist() for name, each in self.precise.items()}}

    def calibrated(self, found: np.ndarray) -> np.ndarray:
        """Probabilities that are as often right as they say, of probabilities of a model: sentences × outputs."""
        p = np.clip(found, 1e-6, 1 - 1e-6)
        return (1 / (1 + np.exp(-(self.slope * np.log(p / (1 - p)) + self.offset)))).astype(np.float32)


def learnt(found: np.ndarray, gold: np.ndarray, known: np.ndarray, heads: Sequence[Head]) -> Policy:
    """The policy for guesses on sentences that the model had not seen; all three sentences × outputs."""
    policy = Policy.of(None, heads)
    for at in range(found.shape[1]):
        rows = known[:, at] > 0
        policy.slope[at], policy.offset[at] = platt(found[rows, at], gold[rows, at])
    calibrated = policy.calibrated(found)
    policy.precise.update({f"{precision:.2f}": np.full(found.shape[1], NEVER) for precision in PRECISIONS})
    for head in heads:
        rows = known[:, head.start] > 0
        p, y = calibrated[rows, head.outputs], gold[rows, head.outputs]
        policy.best[head.outputs] = best_shifts(p, y) if head.single else best_thresholds(p, y)
        guessed = np.eye(p.shape[1], dtype=bool)[p.argmax(1)] if head.single and len(p) else np.ones(p.shape, bool)
        for at in range(p.shape[1]):
            own = guessed[:, at]
            for precision in PRECISIONS:
                threshold = precise_threshold(p[own, at], y[own, at], precision)
                policy.precise[f"{precision:.2f}"][head.start + at] = threshold
    return policy


def platt(found: np.ndarray, gold: np.ndarray) -> tuple[float, float]:
    """Slope and offset of the logistic curve of log-odds that fits the answers best; (1, 0) where all are alike."""
    if len(found) == 0 or gold.min() == gold.max():
        return 1.0, 0.0
    p = np.clip(found.astype(float), 1e-6, 1 - 1e-6)
    z = np.log(p / (1 - p))

    def cost(w: np.ndarray) -> tuple[float, np.ndarray]:
        s = w[0] * z + w[1]
        wrong = 1 / (1 + np.exp(-s)) - gold
        pull = np.array([w[0] - 1, w[1]])
        value = np.sum(np.logaddexp(0, s) - gold * s) + _STRENGTH / 2 * float(pull @ pull)
        return float(value), np.array([wrong @ z, wrong.sum()]) + _STRENGTH * pull

    slope, offset = minimize(cost, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B").x
    return max(float(slope), 0.05), float(offset)


def best_thresholds(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """For each output the threshold, one of _GRID, with which micro- and macro-F1, added up, are highest.

    One output at a time, from the single threshold with the highest micro-F1 on, until nothing rises any more.
    """
    made = np.full(p.shape[1], 0.5)
    if not len(p):
        return made
    said = np.array([(p >= at).sum(0) for at in _GRID])  # thresholds × outputs
    both = np.array([((p >= at) & (y > 0)).sum(0) for at in _GRID])
    n = y.sum(0)

    def value(chosen: np.ndarray) -> float:
        at = (chosen, np.arange(p.shape[1]))
        hits, either = both[at], said[at] + n
        return float(2 * hits.sum() / max(either.sum(), 1) + np.mean(2 * hits / np.maximum(either, 1)))

    micro = 2 * both.sum(1) / np.maximum(said.sum(1) + n.sum(), 1)
    chosen = np.full(p.shape[1], int(micro.argmax()))
    for _ in range(4):
        before = chosen.copy()
        for output in range(p.shape[1]):
            trials = [np.where(np.arange(p.shape[1]) == output, at, chosen) for at in range(len(_GRID))]
            chosen = max(trials, key=value)
        if (chosen == before).all():
            break
    return np.array(_GRID)[chosen]


def best_shifts(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """What is added to log-probabilities so that accuracy and macro-F1, added up, are highest; one output at a time."""
    logs, truth = np.log(np.clip(p, 1e-6, 1)), y.argmax(1)
    shifts = np.zeros(p.shape[1])

    def value(shifts: np.ndarray) -> float:
        chosen = (logs + shifts).argmax(1)
        both = np.bincount(truth[chosen == truth], minlength=p.shape[1])
        either = np.bincount(truth, minlength=p.shape[1]) + np.bincount(chosen, minlength=p.shape[1])
        return float((chosen == truth).mean() + np.mean(2 * both / np.maximum(either, 1)))

    if not len(p):
        return shifts
    highest = value(shifts)
    for _ in range(2):
        for at in range(p.shape[1]):
            for shift in _SHIFTS:
                trial = shifts.copy()
                trial[at] += shift
                if (reached := value(trial)) > highest + 1e-3:
                    highest, shifts = reached, trial
    return shifts


def served(p: np.ndarray, y: np.ndarray, single: bool) -> float:
    """Micro- and macro-F1, added up, at the thresholds that serve these very sentences best."""
    if not len(p):
        return 0.0
    if single:
        said = np.eye(p.shape[1], dtype=bool)[(np.log(np.clip(p, 1e-6, 1)) + best_shifts(p, y)).argmax(1)]
    else:
        said = p >= best_thresholds(p, y)
    both, either = (said & (y > 0)).sum(0), said.sum(0) + y.sum(0)
    return float(2 * both.sum() / max(either.sum(), 1) + np.mean(2 * both / np.maximum(either, 1)))


def precise_threshold(p: np.ndarray, y: np.ndarray, precision: float) -> float:
    """The lowest threshold above which the guesses are right as often as stated; NEVER where none is."""
    order = np.argsort(-p, kind="stable")
    right = np.cumsum(y[order]) / np.arange(1, len(order) + 1)
    last = np.append(np.diff(p[order]) != 0, True)[: len(order)]  # of guesses that are alike all are given, or none
    good = np.flatnonzero((right >= precision) & last & (np.arange(len(order)) >= _FEWEST - 1))
    return float(p[order[good[-1]]]) if len(good) else NEVER


def decide(found: np.ndarray, heads: Sequence[Head], policy: Policy, precision: float | None) -> np.ndarray:
    """Which outputs are given, sentences × outputs, of calibrated probabilities.

    precision   one of PRECISIONS: what is less sure is not given. Null: whatever serves F1 best; every question is
                then answered
    Sentences whose probabilities are all 0 get nothing. A `none` stands alone: it gives way to a code that is more
    likely, and drives out those that are less.
    """
    given = np.zeros(found.shape, bool)
    if not len(found):
        return given
    for head in heads:
        p, best = found[:, head.outputs], policy.best[head.outputs]
        each = np.eye(p.shape[1], dtype=bool)
        if precision is None and head.single:
            chosen = each[(np.log(np.clip(p, 1e-6, 1)) + best).argmax(1)]
        elif precision is None:
            chosen = p >= best
            chosen |= each[(p / best).argmax(1)] & ~chosen.any(1, keepdims=True)
        else:
            chosen = p >= policy.precise[f"{precision:.2f}"][head.outputs]
            chosen &= each[p.argmax(1)] if head.single else True
        if head.what == CODES and "none" in head.names and not head.single:
            rivals = chosen if precision is None else np.ones(p.shape, bool)
            chosen = _none_alone(chosen, rivals, p, head.names.index("none"))
        given[:, head.outputs] = chosen & (p.max(1, keepdims=True) > 0)
    return given


def _none_alone(chosen: np.ndarray, rivals: np.ndarray, p: np.ndarray, none: int) -> np.ndarray:
    """What is left of the chosen outputs once `none` and codes have ousted each other; `rivals` are those that can.

    At a stated precision all can, chosen or not: else a code would come back where `none` is not sure enough.
    """
    codes = np.arange(p.shape[1]) != none
    strongest = np.where(rivals & codes, p, 0).max(1)
    wins = rivals[:, none] & (p[:, none] >= strongest)
    left = chosen.copy()
    left[:, none] &= wins
    left[:, codes] &= ~wins[:, None]
    return left
