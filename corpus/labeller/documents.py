"""Reviews as spaCy documents: a span for each sentence, spans in groups named scheme/layer for what is said of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import spacy
from spacy.tokens import Doc, Span, SpanGroup
from spacy.vocab import Vocab

from corpus.labeller.linear import CODES, Head
from corpus.sentences import boundaries

#: The span group of sentences; a span's label is the field of the form that it stands in.
SEGMENTS = "segments"
_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_SIGNED = re.compile(r"(?P<code>.+)-(?P<polarity>NEG|NEU|POS)", re.DOTALL)


@spacy.registry.tokenizers("reviewscope.Tokens.v1")
def make_tokens():
    """Words, punctuation marks and runs of white space, each a token: linear in the text, whatever it is."""

    def tokens(nlp: spacy.Language) -> Tokens:
        return Tokens(nlp.vocab)

    return tokens


class Tokens:
    """The tokenizer `reviewscope.Tokens.v1`; it keeps nothing, so that there is nothing to save."""

    def __init__(self, vocab: Vocab):
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        found = _TOKEN.findall(text)
        return Doc(self.vocab, words=found, spaces=[False] * len(found))

    def to_disk(self, path: object, *, exclude: Iterable[str] = ()) -> None:
        """Nothing to write."""

    def from_disk(self, path: object, *, exclude: Iterable[str] = ()) -> Tokens:
        """Nothing to read."""
        return self


def document(vocab: Vocab, texts: Sequence[str], fields: Sequence[str | None], kind: str = "review") -> Doc:
    """A review whose sentences are given; `kind` goes into its user data."""
    tokens = [_TOKEN.findall(text) for text in texts]
    words = [token for each in tokens for token in each]
    doc = Doc(vocab, words=words, spaces=[False] * len(words))
    ends = np.cumsum([0, *map(len, tokens)])
    spans = [
        Span(doc, int(start), int(end), label=field or "")
        for start, end, field in zip(ends[:-1], ends[1:], fields, strict=True)
    ]
    doc.spans[SEGMENTS] = SpanGroup(doc, name=SEGMENTS, spans=spans)
    doc.user_data["kind"] = kind
    return doc


def segments(doc: Doc) -> list[Span]:
    """The sentences of a document; where it has none, they are found by our rules and set."""
    if SEGMENTS not in doc.spans:
        starts = [*boundaries(doc.text), len(doc.text)]
        found = [doc.char_span(a, b, alignment_mode="expand") for a, b in pairwise(starts)]
        doc.spans[SEGMENTS] = SpanGroup(doc, name=SEGMENTS, spans=[span for span in found if span is not None])
    return list(doc.spans[SEGMENTS])


def key(head: Head) -> str:
    """The span group of a head's layer."""
    return f"{head.scheme}/{head.layer}"


def tell(doc: Doc, said: Iterable[tuple[int, str, str, str, str]]) -> None:
    """Adds spans: place of the sentence, scheme, layer, code, and `NEG`, `NEU`, `POS` or `null`."""
    own = segments(doc)
    groups: dict[str, list[Span]] = {}
    for at, scheme, layer, code, polarity in said:
        label = code if polarity == "null" else f"{code}-{polarity}"
        groups.setdefault(f"{scheme}/{layer}", []).append(Span(doc, own[at].start, own[at].end, label=label))
    for name, spans in groups.items():
        doc.spans[name] = SpanGroup(doc, name=name, spans=spans)


def told(doc: Doc, heads: Sequence[Head]) -> tuple[np.ndarray, np.ndarray]:
    """What the spans of a document answer: answers and whether each is known, both sentences × outputs, 0 or 1.

    A layer that says nothing of a sentence leaves its outputs unknown. Of several polarities the most frequent counts,
    of equally frequent ones the one that is not neutral.
    """
    n_outputs = sum(len(head.names) for head in heads)
    own = segments(doc)
    gold, known = (np.zeros((len(own), n_outputs), np.float32) for _ in range(2))
    places = {span.start: at for at, span in enumerate(own) if len(span)}
    for head in heads:
        votes = np.zeros((len(own), len(head.names)), np.float32)
        for at, code, polarity in _said(doc, head, places):
            name = code if head.what == CODES else polarity
            if head.what == CODES:
                known[at, head.outputs] = 1
            if name in head.names and not (head.what != CODES and code == "none"):
                votes[at, head.names.index(name)] += 1
        if head.what == CODES:
            gold[:, head.outputs] = votes > 0
            if head.single:  # one answer is wanted: a code that is not learnt leaves the question open
                known[:, head.outputs] *= votes.any(1, keepdims=True)
                gold[:, head.outputs] = _one(votes)
        else:
            known[:, head.outputs] = votes.any(1, keepdims=True)
            votes -= [0.5 if name == "NEU" else 0.75 if name == "null" else 0 for name in head.names]
            gold[:, head.outputs] = _one(votes) * known[:, head.outputs]
    return gold, known


def _said(doc: Doc, head: Head, places: Mapping[int, int]) -> Iterator[tuple[int, str, str]]:
    for span in doc.spans.get(key(head), ()):
        if span.start in places:
            signed = _SIGNED.fullmatch(span.label_)
            yield places[span.start], *((signed["code"], signed["polarity"]) if signed else (span.label_, "null"))


def _one(votes: np.ndarray) -> np.ndarray:
    """1 for the output of a sentence that has the most votes, the first of several; 0 for the others."""
    made = np.zeros(votes.shape, np.float32)
    made[np.arange(len(votes)), votes.argmax(1)] = votes.max(1) > 0
    return made
