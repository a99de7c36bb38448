"""A sentence splitter that was trained on reviews, by `corpus.sentence_training`: how it is loaded and asked."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import threading
import warnings
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import spacy
from spacy.attrs import LOWER, NORM, PREFIX, SHAPE, SUFFIX
from spacy.language import Language
from spacy.tokens import Doc

from corpus import sentence_rules
from corpus.sentence_rules import skip_space
from corpus.sentences import SentenceError

REPORT = "sentences.json"
WORDS = 200_000  # a vocabulary keeps so many words of the texts that it met; further ones are forgotten with their text
FEATURES = frozenset((LOWER, NORM, PREFIX, SUFFIX, SHAPE))
TOKEN = re.compile(r"(\w+|[^\w\s]|\s*\n\s*)([^\S\n]*)")
NOT_AFTER_SPACE = frozenset(".,;:!?)")


class TrainedSplitter:
    """A splitter for `corpus.sentences.splitting`; `report` is what was measured when it was trained."""

    def __init__(self, nlp: Language, report: Mapping[str, Any], fingerprint: str):
        nlp.max_length = sys.maxsize  # corpus.sentences hands out pieces
        getters: dict[int, Any] = nlp.vocab.lex_attr_getters  # type: ignore[attr-defined]  # of Cython
        for attribute in set(getters) - FEATURES:  # a new word costs a quarter then
            del getters[attribute]
        self.report, self.fingerprint = dict(report), fingerprint
        self._nlp = nlp
        self._one_at_a_time = threading.Lock()  # a growing vocabulary is not made for threads

    def __call__(self, text: str) -> list[int]:
        """Where the sentences of a text start, as `corpus.sentences.Splitter` has it."""
        with self._one_at_a_time:
            full = len(self._nlp.vocab) > WORDS
            with self._nlp.memory_zone() if full else nullcontext():
                return starts(self._nlp, text)


def load_sentences(directory: Path) -> TrainedSplitter:
    """The splitter that `train_sentences` wrote to a folder; SentenceError in words where there is none of ours."""
    try:
        report = json.loads((directory / REPORT).read_text("utf-8"))
        made_with = report["versions"]["spacy"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SentenceError(
            f"{directory}: there is no sentence splitter. Make one with: reviewscope train-sentences --db FILE --to DIR"
        ) from error
    if made_with.split(".")[:2] != spacy.__version__.split(".")[:2]:
        raise SentenceError(
            f"{directory}: it was trained with spaCy {made_with}, and this is {spacy.__version__}. Train it again."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nlp = spacy.load(directory)
            starts(nlp, "It works. It is new.")
        digest = hashlib.sha256(b"".join((directory / name).read_bytes() for name in ("config.cfg", "senter/model")))
    except Exception as error:  # whatever a damaged file makes spaCy raise
        raise SentenceError(f"{directory}: the sentence splitter is damaged ({type(error).__name__}).") from error
    return TrainedSplitter(nlp, report, digest.hexdigest())


def tokens(nlp: Language, text: str) -> tuple[Doc, list[int]]:
    """Words, signs and line breaks with the starts of sentences by the rules, and where they stand in the text.

    Of white space only that it is there is told, of line breaks whether there are several, and nothing of white space
    before a stop: where tags were taken out of annotated text, more of it is left, which would give the answers away.
    """
    by_rules, found = set(sentence_rules.starts(text)), list(TOKEN.finditer(text, skip_space(text, 0)))
    words = ["\n" * min(2, word.count("\n")) if (word := token[1]).isspace() else word for token in found]
    spaces = [token[2] != "" for token in found]
    for n, word in enumerate(words[1:]):
        spaces[n] = spaces[n] and word not in NOT_AFTER_SPACE
    doc = Doc(nlp.vocab, words=words, spaces=spaces, sent_starts=[token.start() in by_rules for token in found])
    return doc, [token.start() for token in found]


def starts(nlp: Language, text: str) -> list[int]:
    """Where the sentences of a text start; one that starts with a line break starts behind it."""
    doc, offsets = tokens(nlp, text)
    found, first, last = [0], skip_space(text, 0), len(text.rstrip())
    for at, begins in zip(offsets, nlp(doc).to_array("SENT_START").tolist(), strict=True):
        if begins == 1 and (start := skip_space(text, at)) > max(first, found[-1]) and start < last:
            found.append(start)
    return found
