"""The linear model of the labeller: an output for each code, learnt by averaged stochastic gradient descent.

Sparse text is learnt best by plain SGD on the cross-entropy, with the average of all its steps as the result (Polyak &
Juditsky 1992, https://doi.org/10.1137/0330046; Bottou 2010, https://doi.org/10.1007/978-3-7908-2604-3_16); Adam
overfits it. A step touches only the columns that its sentences have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

CODES, POLARITY = "codes", "polarity"
#: The factor of a column that tells nothing, what each standard error adds, and how many of them count.
_LEAST, _STEEP, _FAR = 0.3, 0.12, 40.0
#: The part of an answer that is spread over all, and over how many where they do not exclude each other.
_SMOOTH, _TEN = 0.1, 10


class Head(NamedTuple):
    """Outputs that answer one question about a sentence.

    layer    of the scheme
    what     CODES, or POLARITY of the layer's codes
    names    what the outputs stand for: codes, or `NEG`, `NEU`, `POS` and `null` for a polarity that is not given
    single   whether one answer excludes the others (softmax), or each stands for itself (sigmoids)
    start    place of the first of its outputs
    scheme   of the layer
    kinds    of reviews that the layer is about
    """

    layer: str
    what: str
    names: tuple[str, ...]
    single: bool
    start: int
    scheme: str = ""
    kinds: tuple[str, ...] = ("review",)

    @property
    def outputs(self) -> slice:
        """The places of its outputs."""
        return slice(self.start, self.start + len(self.names))


def probabilities(scores: np.ndarray, heads: Sequence[Head]) -> np.ndarray:
    """What scores, sentences × outputs, say: 0 to 1; those of a single head add up to 1."""
    made = np.empty(scores.shape, np.float32)
    for head in heads:
        z = scores[:, head.outputs]
        if head.single:
            e = np.exp(z - z.max(1, keepdims=True))
            made[:, head.outputs] = e / e.sum(1, keepdims=True)
        else:
            made[:, head.outputs] = 1 / (1 + np.exp(-np.clip(z, -60, 60)))
    return made


def loss(found: np.ndarray, gold: np.ndarray, known: np.ndarray, heads: Sequence[Head]) -> float:
    """Mean cross-entropy, in nats, of an answer to a question; answers that are not known do not count."""
    p = np.clip(found, 1e-6, 1 - 1e-6)
    total = n = 0.0
    for head in heads:
        at = head.outputs
        y, q, k = gold[:, at], p[:, at], known[:, at]
        losses = -y * np.log(q) if head.single else -y * np.log(q) - (1 - y) * np.log(1 - q)
        total += float((losses * k).sum())
        n += float(k[:, 0].sum())
    return total / max(n, 1)


def telling(features: sp.csr_matrix, gold: np.ndarray, known: np.ndarray) -> np.ndarray:
    """How much each column tells of each answer, as a factor from _LEAST on: columns × outputs.

    The log of the ratio in which a column occurs with an answer and without it (smoothed by 1), over its standard
    error. Wang & Manning (2012), https://aclanthology.org/P12-2018, let classifiers learn from features multiplied by
    such ratios: what tells is learnt faster, and rare codes gain.
    """
    there = features.copy()
    there.data = (there.data != 0).astype(np.float32)
    yes, no = gold * known, (1 - gold) * known
    with_it, without = there.T @ yes + 1, there.T @ no + 1
    ratio = np.log((with_it / (yes.sum(0) + 2)) / (without / (no.sum(0) + 2)))
    z = np.abs(ratio) / np.sqrt(1 / with_it + 1 / without)
    return (_LEAST + _STEEP * np.minimum(z, _FAR)).astype(np.float32)


def smoothed(gold: np.ndarray, heads: Sequence[Head]) -> np.ndarray:
    """Answers as the linear model learns them, sentences × outputs: of codes a tenth is given to all of a head's.

    Of K codes that exclude each other a K-th of that tenth each, of others as if each of ten stood for itself: a 1
    becomes .91 and a 0 .01. Polarities stay. Szegedy et al. (2016), https://doi.org/10.1109/CVPR.2016.308: annotators
    err and disagree, and nothing is gained from being surer than they are.
    """
    made = gold.copy()
    for head in heads:
        if head.what == CODES:
            made[:, head.outputs] *= 1 - _SMOOTH
            made[:, head.outputs] += _SMOOTH / (len(head.names) if head.single else _TEN)
    return made


def by_kind(heads: Sequence[Head], codes: float, polarity: float) -> np.ndarray:
    """One number for each output: that of codes or that of polarities."""
    return np.concatenate([np.full(len(head.names), codes if head.what == CODES else polarity) for head in heads])


class AveragedSGD:
    """Learns weights, columns × outputs, and biases in steps of a few sentences.

    factors   columns × outputs (`telling`): what is learnt is as if features were multiplied by them, an output's by
              its own, while features and the weights that it gives are as they are; a step goes as their squares
    steps     after which an output learns no more
    rate      of learning at the start, for the mean gradient of a batch; falls to rate / (1 + decay) after `steps`
    Steps and rate are one for all outputs, or one for each.
    """

    def __init__(
        self,
        factors: np.ndarray,
        heads: Sequence[Head],
        *,
        steps: int | np.ndarray,
        rate: float | np.ndarray = 16.0,
        decay: float = 2.0,
    ):
        self._squared = factors**2
        n_outputs = factors.shape[1]
        self._heads, self._decay = heads, decay
        self._steps = np.broadcast_to(np.maximum(steps, 1), n_outputs)
        self._rate = np.broadcast_to(rate, n_outputs)
        self._weights = np.zeros(factors.shape, np.float32)
        self._bias = np.zeros(n_outputs, np.float32)
        # What every step added, times the number of the step: the average is the last iterate less these over their
        # number, so no step has to touch the columns that it does not have.
        self._late_weights, self._late_bias = np.zeros_like(self._weights), np.zeros_like(self._bias)
        self._step = 1

    def learn(self, features: sp.csr_matrix, gold: np.ndarray, known: np.ndarray) -> None:
        """One step: features, sentences × columns; the answers and whether each is known, sentences × outputs."""
        columns, places = np.unique(features.indices, return_inverse=True)
        shape = (features.shape[0], len(columns))
        x = sp.csr_matrix((features.data, places.ravel(), features.indptr), shape=shape)
        scores = x @ self._weights[columns] + self._bias
        wrong = (probabilities(scores, self._heads) - smoothed(gold, self._heads)) * known
        rate = -self._rate / (1 + self._decay * self._step / self._steps) / features.shape[0]
        rate = np.where(self._step <= self._steps, rate, 0).astype(np.float32)
        change = (x.T @ wrong).astype(np.float32) * rate * self._squared[columns]
        shift = wrong.sum(0) * (rate / 4)
        self._weights[columns] += change
        self._late_weights[columns] += self._step * change
        self._bias += shift
        self._late_bias += self._step * shift
        self._step += 1

    def average(self) -> tuple[np.ndarray, np.ndarray]:
        """The weights and biases learnt so far, averaged over the steps in which an output learnt."""
        n = np.minimum(self._step, self._steps + 1).astype(np.float32)
        return self._weights - self._late_weights / n, self._bias - self._late_bias / n
