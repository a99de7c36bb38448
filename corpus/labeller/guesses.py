"""A model's labels as rows: what it decided about sentences, with confidences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from corpus.labeller.linear import CODES, POLARITY, Head

POLARITIES = {-1: "NEG", 0: "NEU", 1: "POS"}
SIGNS = {name: value for value, name in POLARITIES.items()}


def guesses(
    found: np.ndarray, given: np.ndarray, heads: Sequence[Head], kinds: Sequence[str]
) -> Iterator[tuple[int, Head, str, int | None, float]]:
    """Place of the sentence, head of the layer, code, polarity (null: none given, or not sure), confidence.

    found, given   calibrated probabilities and what was decided, sentences × outputs
    kinds          of each sentence's review: a layer says nothing of others than those it was learnt on
    confidence     the probability of the code; with a polarity times that of the polarity, so of the label as it stands
    """
    polarity_of = {(head.scheme, head.layer): head for head in heads if head.what == POLARITY}
    for head in heads:
        if head.what == CODES and head.scheme == heads[0].scheme:
            signed = polarity_of.get((head.scheme, head.layer))
            places: list[list[int]] = np.argwhere(given[:, head.outputs]).tolist()
            for at, output in places:
                if kinds[at] in head.kinds:
                    code = head.names[output]
                    sign, sure = (None, 1.0) if code == "none" else _sign(found[at], given[at], signed)
                    yield at, head, code, sign, float(found[at, head.start + output]) * sure


def _sign(found: np.ndarray, given: np.ndarray, head: Head | None) -> tuple[int | None, float]:
    """The polarity that was decided, and how sure it is."""
    chosen = np.flatnonzero(given[head.outputs]).tolist() if head else []
    if head is None or not chosen:
        return None, 1.0
    return SIGNS.get(head.names[chosen[0]]), float(found[head.start + chosen[0]])
