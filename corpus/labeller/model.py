"""The labeller's model as an architecture in spaCy's registry: `reviewscope.HashedLinear.v1`.

Two stages. The first is linear in features of a sentence (`features`, `structure`, `sentiment`, `linear`). The second,
a small network, looks at what the first said of the sentence, of those beside it and of the review (`context`), so
that an answer can lean on the answers around it (stacking, Wolpert 1992,
https://doi.org/10.1016/S0893-6080(05)80023-1).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import spacy
from spacy.tokens import Doc
from thinc.api import Linear, Model, Relu, add, chain
from thinc.types import Floats2d

from corpus.labeller.documents import segments
from corpus.labeller.features import BLOCKS, Sentences, Weighing, counts, weighed, words
from corpus.labeller.sentiment import Standard, sentiment, standardised
from corpus.labeller.structure import structure

_HALVED = ("W", "weights")


@spacy.registry.architectures("reviewscope.HashedLinear.v1")
def hashed_linear(hidden: int = 64, dropout: float = 0.5) -> Model[list[Doc], Floats2d]:
    """From documents to scores of the first stage, sentences × outputs; `second_stage` gives the second.

    hidden, dropout   of the second stage's one hidden layer
    params            `columns` and `weights` of the features that are kept, block after block; `means` and `deviations`
                      of the sentiment of the sentences learnt from; `W`, `b`
    attrs             `sizes`, how many columns each block has
    It cannot be trained through its backward pass, since a step touches a few of very many weights only: `AveragedSGD`
    learns for it.
    """
    second = add(chain(Relu(nO=hidden, dropout=dropout), Linear()), Linear())
    params = dict.fromkeys(("columns", "weights", "means", "deviations", "W", "b"))
    return Model("hashed_linear", _forward, params=params, layers=[second], attrs={"sizes": []})


def _forward(model: Model, docs: Sequence[Doc], is_train: bool):
    def backward(_gradient):
        raise NotImplementedError("corpus.labeller.linear.AveragedSGD learns the first stage")

    return scores(model, seen(docs)), backward


class Seen(NamedTuple):
    """What is seen of sentences: counted features (one matrix for each of BLOCKS), structure and sentiment."""

    blocks: list[sp.csr_matrix]
    structure: np.ndarray
    sentiment: np.ndarray


def seen(docs: Sequence[Doc]) -> Seen:
    """Of all sentences of documents, in order."""
    spans = [segments(doc) for doc in docs]
    texts = [[span.text for span in each] for each in spans]
    fields = [[span.label_ or None for span in each] for each in spans]
    numbers = np.repeat(np.arange(len(docs)), [len(each) for each in texts])
    found = words(Sentences([text for each in texts for text in each], numbers))
    return Seen(counts(found), structure(zip(texts, fields, strict=True)), sentiment(*found.tones, found.lengths))


def design(of: Seen, by: Weighing, standard: Standard) -> sp.csr_matrix:
    """The features of the first stage, sentences × columns: words by their weights, structure, last sentiment."""
    return weighed(of.blocks, by, np.concatenate([of.structure, standardised(of.sentiment, standard)], axis=1))


def scores(model: Model, of: Seen) -> Floats2d:
    """Scores of the first stage, sentences × outputs."""
    return design(of, weighing_of(model), standard_of(model)) @ model.get_param("W") + model.get_param("b")


def second_stage(model: Model) -> Model[Floats2d, Floats2d]:
    """From `context` to scores, sentences × outputs."""
    return model.layers[0]


def weighing_of(model: Model) -> Weighing:
    """The features that a model keeps."""
    at = np.cumsum([0, *model.attrs["sizes"]])
    columns, weights = model.get_param("columns"), model.get_param("weights")
    return Weighing(
        tuple(columns[a:b] for a, b in pairwise(at)),
        tuple(weights[a:b] for a, b in pairwise(at)),
    )


def standard_of(model: Model) -> Standard:
    """The means and deviations of sentiment by which a model was taught."""
    return Standard(model.get_param("means"), model.get_param("deviations"))


def keep_features(model: Model, by: Weighing, standard: Standard) -> None:
    """Sets how features are weighed and standardised."""
    assert len(by.columns) == len(BLOCKS)
    model.attrs["sizes"] = [len(each) for each in by.columns]
    model.set_param("columns", np.concatenate(by.columns))
    model.set_param("weights", np.concatenate(by.weights))
    model.set_param("means", standard.means)
    model.set_param("deviations", standard.deviations)


def keep_weights(model: Model, weights: np.ndarray, bias: np.ndarray) -> None:
    """Sets what the first stage has learnt."""
    model.set_param("W", weights)
    model.set_param("b", bias)


def halve(model: Model) -> None:
    """Rounds the weights to 16 bits: half the size, and no answer is another for it."""
    for name in _HALVED:
        model.set_param(name, model.get_param(name).astype(np.float16))


def restore(model: Model) -> None:
    """Makes 32 bits of the weights, which sparse products ask for."""
    for name in _HALVED:
        if model.get_param(name).dtype != np.float32:
            model.set_param(name, model.get_param(name).astype(np.float32))
