"""Fitting the two stages of a labeller to documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import minibatch
from thinc.api import Adam, fix_random_seed

from corpus.labeller.component import NAME, ReviewLabeller, around, blended
from corpus.labeller.documents import SEGMENTS, told
from corpus.labeller.linear import CODES, Head, loss, probabilities
from corpus.labeller.model import second_stage, seen
from corpus.labeller.policy import served

EPOCHS = 16  # at the most
FOLDS = 5
_PATIENCE = 3  # epochs without a better result on held-out papers before training stops
_BATCH = 64  # documents of one update
_SHARES = (0.0, 0.25, 0.5, 0.75)
_SECOND = {"epochs": 10, "batch": 64, "rate": 1e-3, "l2": 1e-4}


class Labelled(NamedTuple):
    """A review, without and with what people said, and the paper that it is of."""

    example: Example
    paper: str

    @property
    def doc(self) -> Doc:
        """The review without what people said."""
        return self.example.predicted

    @property
    def n_segments(self) -> int:
        return len(self.doc.spans[SEGMENTS])


def pipeline(heads: Sequence[Head], *, epochs: int, seed: int) -> Language:
    """A blank English pipeline with the labeller, not trained yet."""
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "reviewscope.Tokens.v1"}}})
    tables = [{**head._asdict(), "names": list(head.names), "kinds": list(head.kinds)} for head in heads]
    nlp.add_pipe(NAME, config={"heads": tables, "epochs": epochs, "seed": seed})
    return nlp


def labeller(nlp: Language) -> ReviewLabeller:
    """The labeller of a pipeline."""
    return nlp.get_pipe(NAME)  # type: ignore[return-value]


def first_stage(
    reviews: Sequence[Labelled],
    heads: Sequence[Head],
    *,
    epochs: int,
    seed: int,
    each: Callable[[int, Language, float], bool] | None = None,
) -> Language:
    """A pipeline whose first stage has learnt from `reviews`. `each` is told epoch, pipeline and loss; True stops."""
    nlp = pipeline(heads, epochs=epochs, seed=seed)
    given = [each.example for each in reviews]
    nlp.initialize(lambda: given)
    learner, random = labeller(nlp), np.random.default_rng(seed)
    n = sum(each.n_segments for each in reviews)
    for epoch in range(1, epochs + 1):
        losses: dict[str, float] = {}
        for batch in minibatch([given[at] for at in random.permutation(len(given))], _BATCH):
            learner.update(batch, losses=losses)  # nlp.update would copy each document, and see it anew each time
        if each and each(epoch, nlp, losses[NAME] / max(n, 1)):
            break
    learner.finish()
    return nlp


def answers(reviews: Sequence[Labelled], heads: Sequence[Head]) -> tuple[np.ndarray, np.ndarray]:
    """The answers and whether each is known, sentences of all reviews × outputs."""
    each = [told(one.example.reference, heads) for one in reviews]
    return np.concatenate([gold for gold, _ in each]), np.concatenate([known for _, known in each])


def best_epochs(
    reviews: Sequence[Labelled],
    held_out: Sequence[Labelled],
    heads: Sequence[Head],
    *,
    seed: int,
    each: Callable[[int, list[dict[str, Any]]], None],
) -> tuple[int, list[dict[str, Any]]]:
    """How many epochs serve best on held-out papers, and the curves: epoch, layer, loss (of all), f1 (micro).

    Layers of further schemes, learnt beside, have no say and no curve.
    """
    own = [head for head in heads if head.scheme == heads[0].scheme and head.what == CODES]
    gold, known = answers(held_out, heads)
    curves: list[dict[str, Any]] = []
    reached: list[float] = []

    def look(epoch: int, nlp: Language, of: float) -> bool:
        labeller(nlp).settle()
        found = labeller(nlp).raw([one.doc for one in held_out])
        scores = {head.layer: _micro(found, gold, known, head) for head in own}
        off = loss(found, gold, known, heads)
        curves.extend({"epoch": epoch, "layer": layer, "loss": off, "f1": f1} for layer, f1 in scores.items())
        reached.append(float(np.mean(list(scores.values()))))
        each(epoch, curves)
        return len(reached) - int(np.argmax(reached)) > _PATIENCE

    first_stage(reviews, heads, epochs=EPOCHS, seed=seed, each=look)
    return max(4, int(np.argmax(reached)) + 1), curves


def _micro(found: np.ndarray, gold: np.ndarray, known: np.ndarray, head: Head) -> float:
    """Micro-F1 with thresholds that suit most: the likeliest answer, and where several may hold all above .3."""
    rows = known[:, head.start] > 0
    p, y = found[rows][:, head.outputs], gold[rows][:, head.outputs] > 0
    said = np.eye(p.shape[1], dtype=bool)[p.argmax(1)] if len(p) else np.zeros(p.shape, bool)
    if not head.single:
        said |= p >= 0.3
    return 2 * float((said & y).sum()) / max(1.0, float(said.sum() + y.sum()))


def folds(papers: Sequence[str], n: int, seed: int) -> np.ndarray:
    """The fold of each entry, from 0: a paper's are all in one."""
    names = sorted(set(papers))
    order = np.random.default_rng(seed).permutation(len(names))
    place = {names[at]: number % n for number, at in enumerate(order)}
    return np.array([place[paper] for paper in papers])


def second_inputs(reviews: Sequence[Labelled], found: np.ndarray) -> np.ndarray:
    """What the second stage looks at, of the first stage's probabilities on sentences that it had not seen."""
    structure = seen([each.doc for each in reviews]).structure
    numbers = np.repeat(np.arange(len(reviews)), [each.n_segments for each in reviews])
    return around(found, numbers, structure)


def fit_second(
    nlp: Language, inputs: np.ndarray, gold: np.ndarray, known: np.ndarray, heads: Sequence[Head], *, seed: int
) -> None:
    """Trains the second stage of a pipeline; its weights are the averages of Adam's steps."""
    fix_random_seed(seed)
    model = second_stage(labeller(nlp).model)
    model.initialize(X=inputs[:2], Y=gold[:2])
    # thinc keeps the parts' own seeds for dropout in numpy's global state, which is set above.
    optimizer = Adam(_SECOND["rate"], L2=_SECOND["l2"], use_averages=True)
    random = np.random.default_rng(seed)
    for _ in range(int(_SECOND["epochs"])):
        order = random.permutation(len(inputs))
        for begin in range(0, len(order), int(_SECOND["batch"])):
            rows = order[begin : begin + int(_SECOND["batch"])]
            scores, backward = model.begin_update(inputs[rows])
            backward((probabilities(scores, heads) - gold[rows]) * known[rows] / len(rows))
            model.finish_update(optimizer)
    with model.use_params(optimizer.averages):
        kept = {name: value.copy() for name, value in _weights(model).items()}
    for (number, name), value in kept.items():
        list(model.walk())[number].set_param(name, value)


def _weights(model) -> dict[tuple[int, str], np.ndarray]:
    nodes = enumerate(model.walk())
    return {(at, name): node.get_param(name) for at, node in nodes for name in node.param_names if node.has_param(name)}


def shares(
    first: np.ndarray, second: np.ndarray, gold: np.ndarray, known: np.ndarray, heads: Sequence[Head]
) -> list[float]:
    """For each head the second stage's share in the blend that serves F1 best on sentences that neither had seen."""
    best = []
    for head in heads:
        rows = known[:, head.start] > 0
        a, b, y = (each[rows][:, head.outputs] for each in (first, second, gold))
        local = [head._replace(start=0)]
        reached = [served(blended(a, b, local, [share]), y, head.single) for share in _SHARES]
        best.append(_SHARES[int(np.argmax(reached))])
    return best
