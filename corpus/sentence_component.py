"""The rules for sentences as a component of spaCy, `review_sentences`; importing this module makes it known to spaCy.

import spacy, corpus.sentence_component
nlp = spacy.blank("en")
nlp.add_pipe("review_sentences")
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from corpus.sentence_rules import starts

TOKEN = re.compile(r"(\w+|[^\w\s]|\s+)( ?)")


@Language.component("review_sentences", assigns=["token.is_sent_start"])
def review_sentences(doc: Doc) -> Doc:
    """Sets where sentences start, by the rules; one that starts inside a token is not told."""
    return set_starts(doc, starts(doc.text))


def set_starts(doc: Doc, offsets: list[int]) -> Doc:
    """Makes the tokens at these offsets starts of sentences, and no others."""
    begins = np.isin(doc.to_array("IDX"), np.array(offsets, dtype=np.uint64))
    # token.is_sent_start looks at the whole Doc at each assignment; 1 and -1 are its true and false
    values = np.where(begins, 1, -1).astype(np.int64).view(np.uint64)[:, None]
    return doc.from_array(["SENT_START"], values) if len(doc) else doc


class Words:
    """A tokenizer: words, single signs, white space. Every sentence starts with a token of it.

    spaCy's own needs quadratic time for "((((…" and leaves stops inside tokens where a sentence ends.
    """

    def __init__(self, vocab: Vocab):
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        found = TOKEN.findall(text)
        return Doc(self.vocab, words=[word for word, _ in found], spaces=[bool(space) for _, space in found])

    def to_disk(self, path: Path | str, **_: object) -> None:
        """Nothing to keep."""

    def from_disk(self, path: Path | str, **_: object) -> Words:
        """As it was made."""
        return self

    def to_bytes(self, **_: object) -> bytes:
        return b""

    def from_bytes(self, data: bytes, **_: object) -> Words:
        return self


@spacy.registry.tokenizers("reviewscope.Words.v1")
def words() -> Callable[[Language], Words]:
    """How spaCy makes the tokenizer of a pipeline."""
    return lambda nlp: Words(nlp.vocab)


def pipeline() -> Language:
    """A pipeline of `Words` and `review_sentences`: its sentences are those of the rules."""
    nlp = spacy.blank("en", vocab=Vocab(), config={"nlp": {"tokenizer": {"@tokenizers": "reviewscope.Words.v1"}}})
    nlp.max_length = sys.maxsize
    nlp.add_pipe("review_sentences")
    return nlp
