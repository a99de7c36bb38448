"""The spaCy component `review_labeller`: reads the sentences of a document, sets spans with codes and confidences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example
from spacy.vocab import Vocab
from thinc.api import Model

from corpus.labeller import model as architecture
from corpus.labeller.context import context
from corpus.labeller.documents import key, segments, told
from corpus.labeller.features import weighing
from corpus.labeller.guesses import POLARITIES, guesses
from corpus.labeller.linear import AveragedSGD, Head, by_kind, loss, probabilities, telling
from corpus.labeller.policy import Policy, decide
from corpus.labeller.sentiment import WIDTH, standard
from corpus.labeller.structure import WEIGHT

NAME = "review_labeller"
_BATCH = 32  # sentences of one step
#: Rates of learning. Polarity is said by fewer words than codes are, and is learnt sooner.
_RATE, _RATE_OF_POLARITY = 16.0, 12.0
_EPOCHS_OF_POLARITY = 6  # at the most

_CONFIG: dict[str, Any] = {
    "model": {"@architectures": "reviewscope.HashedLinear.v1"},
    "heads": [],
    "epochs": 12,
    "seed": 0,
}


@Language.factory(NAME, assigns=["doc.spans"], default_config=_CONFIG)
def make(nlp: Language, name: str, model: Model, heads: list[dict[str, Any]], epochs: int, seed: int) -> ReviewLabeller:
    """The component; `heads` are those of `linear.Head`, spelled as tables."""
    asked = [Head(**{**head, "names": tuple(head["names"]), "kinds": tuple(head["kinds"])}) for head in heads]
    return ReviewLabeller(nlp.vocab, model, name, tuple(asked), epochs, seed)


class ReviewLabeller(TrainablePipe):
    """Labels sentences. `policy` decides which of its guesses become labels; `precision` is the one that it keeps."""

    def __init__(self, vocab: Vocab, model: Model, name: str, heads: tuple[Head, ...], epochs: int, seed: int):
        self.vocab, self.model, self.name = vocab, model, name
        self.heads, self.epochs = heads, epochs
        self.precision: float | None = None
        self.cfg: dict[str, Any] = {"policy": None, "blend": [0.0] * len(heads), "shortest": 0}
        self._random = np.random.default_rng(seed)
        self._learner: AveragedSGD | None = None
        self._design: dict[int, sp.csr_matrix] = {}
        self._answers: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    # --- training ---------------------------------------------------------------------------------------------------

    def initialize(
        self, get_examples: Callable[[], Iterable[Example]], *, nlp: Language | None = None, labels: Any = None
    ) -> None:
        """Learns which features there are, and begins anew."""
        given = list(get_examples())
        docs = [example.predicted for example in given]
        seen = architecture.seen(docs)
        architecture.keep_features(self.model, weighing(seen.blocks), standard(seen.sentiment))
        design = self._features(seen)
        sizes = [len(segments(doc)) for doc in docs]
        ends = np.cumsum([0, *sizes])
        self._design = {id(doc): design[a:b] for doc, a, b in zip(docs, ends[:-1], ends[1:], strict=True)}
        answers = [told(example.reference, self.heads) for example in given]
        self._answers = {id(each.reference): one for each, one in zip(given, answers, strict=True)}
        gold, known = (np.concatenate(each) for each in zip(*answers, strict=True))
        factors = telling(design, gold, known)
        factors[-WIDTH:] = 1  # sentiment is in nearly every sentence, more or less of it
        epochs = by_kind(self.heads, self.epochs, min(self.epochs, _EPOCHS_OF_POLARITY))
        steps, rate = epochs * (design.shape[0] // _BATCH + 1), by_kind(self.heads, _RATE, _RATE_OF_POLARITY)
        self._learner = AveragedSGD(factors, self.heads, steps=steps, rate=rate)
        self.settle()

    def update(
        self, examples: Iterable[Example], *, drop: float = 0.0, sgd: Any = None, losses: dict[str, float] | None = None
    ) -> dict[str, float]:
        """Learns from the sentences of the examples, in a random order, a few at a time."""
        examples = list(examples)
        design = sp.vstack([self._seen(example.predicted) for example in examples], format="csr")
        answers = [self._told(example.reference) for example in examples]
        gold, known = (np.concatenate(each) for each in zip(*answers, strict=True))
        if self._learner is None:
            raise ValueError("review_labeller learns from initialize to finish")
        order = self._random.permutation(len(gold))
        for begin in range(0, len(order), _BATCH):
            rows = order[begin : begin + _BATCH]
            self._learner.learn(design[rows], gold[rows], known[rows])
        losses = {} if losses is None else losses
        weights, bias = self._learner.average()
        found = probabilities(design @ weights + bias, self.heads)
        losses[self.name] = losses.get(self.name, 0.0) + loss(found, gold, known, self.heads) * len(gold)
        return losses

    def finish(self) -> None:
        """Keeps the average of all steps; what training needed is dropped."""
        self.settle()
        self._learner, self._design, self._answers = None, {}, {}

    def settle(self) -> None:
        """Puts the average of the steps so far into the model."""
        if self._learner is not None:
            architecture.keep_weights(self.model, *self._learner.average())

    def _seen(self, doc: Doc) -> sp.csr_matrix:
        if id(doc) not in self._design:
            return self._features(architecture.seen([doc]))
        return self._design[id(doc)]

    def _features(self, seen: architecture.Seen) -> sp.csr_matrix:
        return architecture.design(seen, architecture.weighing_of(self.model), architecture.standard_of(self.model))

    def _told(self, doc: Doc) -> tuple[np.ndarray, np.ndarray]:
        return self._answers.get(id(doc)) or told(doc, self.heads)

    # --- labelling --------------------------------------------------------------------------------------------------

    def raw(self, docs: Sequence[Doc]) -> np.ndarray:
        """Probabilities, sentences of all documents × outputs: of both stages, blended as was best on unseen papers."""
        seen = architecture.seen(docs)
        found = probabilities(architecture.scores(self.model, seen), self.heads)
        if not any(self.cfg["blend"]) or not len(found):
            return found
        reviews = np.repeat(np.arange(len(docs)), [len(segments(doc)) for doc in docs])
        second = architecture.second_stage(self.model).predict(around(found, reviews, seen.structure))
        return blended(found, probabilities(second, self.heads), self.heads, self.cfg["blend"])

    def predict(self, docs: Iterable[Doc]) -> list[np.ndarray]:
        """Calibrated probabilities of each document, sentences × outputs; 0 for sentences shorter than any learnt."""
        docs = list(docs)
        found = self.policy.calibrated(self.raw(docs))
        # A heading of one word, say, of which nothing was learnt: whatever the model made of it would mean nothing.
        short = [len(span.text.strip()) < self.cfg["shortest"] for doc in docs for span in segments(doc)]
        found[np.array(short, bool)] = 0
        ends = np.cumsum([0, *(len(segments(doc)) for doc in docs)])
        return [found[a:b] for a, b in pairwise(ends)]

    def set_annotations(self, docs: Iterable[Doc], found: Sequence[np.ndarray]) -> None:
        """Sets a span group scheme/layer for each layer; its attribute `confidence` has a number for each span."""
        for doc, each in zip(docs, found, strict=True):
            own = segments(doc)
            groups: dict[str, tuple[list[Span], list[float]]] = {
                key(head): ([], []) for head in self.heads if head.scheme == self.scheme
            }
            kinds = [doc.user_data.get("kind", "review")] * len(own)
            given = decide(each, self.heads, self.policy, self.precision)
            for at, head, code, polarity, confidence in guesses(each, given, self.heads, kinds):
                spans, confidences = groups[key(head)]
                label = code if polarity is None else f"{code}-{POLARITIES[polarity]}"
                spans.append(Span(doc, own[at].start, own[at].end, label=label))
                confidences.append(confidence)
            for name, (spans, confidences) in groups.items():
                doc.spans[name] = SpanGroup(doc, name=name, spans=spans, attrs={"confidence": confidences})

    @property
    def scheme(self) -> str:
        """The scheme that it labels by."""
        return self.heads[0].scheme

    @property
    def policy(self) -> Policy:
        """How probabilities become labels; without one learnt, as they stand."""
        return Policy.of(self.cfg["policy"], self.heads)

    # --- on disk ----------------------------------------------------------------------------------------------------

    def to_disk(self, path: Path | str, *, exclude: Iterable[str] = ()) -> None:
        """Writes the model with weights of 16 bits."""
        architecture.halve(self.model)
        try:
            super().to_disk(path, exclude=exclude)
        finally:
            architecture.restore(self.model)

    def from_disk(self, path: Path | str, *, exclude: Iterable[str] = ()) -> ReviewLabeller:
        """Reads what `to_disk` wrote."""
        super().from_disk(path, exclude=exclude)
        architecture.restore(self.model)
        return self


def blended(first: np.ndarray, second: np.ndarray, heads: Sequence[Head], shares: Sequence[float]) -> np.ndarray:
    """The weighted geometric mean of two sets of probabilities, the second's share given for each head."""
    made = first.copy()
    for head, share in zip(heads, shares, strict=True):
        if share:
            at = head.outputs
            a, b = (np.clip(each[:, at], 1e-6, 1 - 1e-6) for each in (first, second))
            yes = a ** (1 - share) * b**share
            no = (1 - a) ** (1 - share) * (1 - b) ** share
            made[:, at] = yes / yes.sum(1, keepdims=True) if head.single else yes / (yes + no)
    return made


def around(found: np.ndarray, reviews: np.ndarray, dense: np.ndarray) -> np.ndarray:
    """What the second stage looks at: `context` and, weighed up to their own size, the features of `structure`."""
    return np.concatenate([context(found, reviews), dense / WEIGHT], axis=1).astype(np.float32)
