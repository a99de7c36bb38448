"""Sentence boundaries of reviews, as offsets: the slices between them tile the text.

They are found by the rules of `corpus.sentence_rules`, or, within `splitting(…)`, by another splitter, such as the
trained one of `corpus.trained_sentences`. The rules are a component of spaCy too: `corpus.sentence_component`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from corpus import sentence_rules
from corpus.sentence_rules import skip_space

PIECE = 200_000  # characters: no sentence is longer, and no splitter has to read more at once


class SentenceError(ValueError):
    """A splitter that cannot be trained, or is none; the message is for people."""


class Splitter(Protocol):
    """Finds sentences; may be called from several threads."""

    @property
    def fingerprint(self) -> str:
        """Differs for splitters that split differently."""

    def __call__(self, text: str) -> list[int]:
        """Where the sentences of a text that is not empty start, sorted; the first is 0, each other a character of
        ink."""


_chosen: ContextVar[Splitter | None] = ContextVar("sentence splitter", default=None)


def boundaries(text: str) -> list[int]:
    """Where the sentences of `text` start, in code points, sorted; 0 is the first. A text without any has no sentence.

    White space after a sentence belongs to it, white space before the first one too; no sentence is white space only,
    unless the whole text is. A paragraph of more than `PIECE` characters is cut at white space near that length.
    """
    split = _chosen.get() or sentence_rules.starts
    if 0 < len(text) <= PIECE:
        return split(text)
    return [offset + start for offset, piece in _pieces(text) for start in split(piece)]


@contextmanager
def splitting(splitter: Splitter | None) -> Iterator[None]:
    """Within, in this thread, `boundaries` asks `splitter`; null is the rules."""
    token = _chosen.set(splitter)
    try:
        yield
    finally:
        _chosen.reset(token)


def splitter_fingerprint() -> str | None:
    """Of the splitter that is asked now; null for the rules, which are part of the code."""
    return chosen.fingerprint if (chosen := _chosen.get()) else None


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Offset and text of stretches of about PIECE characters; all but the first start with a word."""
    offset = 0
    while offset < len(text):
        word = skip_space(text, offset)
        last, cut = word + PIECE, len(text)
        if last < len(text):
            found = (at for gap in ("\n\n", "\n", " ") if (at := text.rfind(gap, word, last)) > 0)
            cut = skip_space(text, next(found, last))
        yield offset, text[offset:cut]
        offset = cut
