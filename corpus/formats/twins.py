"""An annotated review against its raw twin: which text the annotated copy lost or added."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from rapidfuzz.distance import Indel

from corpus.formats.escapes import Unescaped, escaped, unescape
from corpus.formats.source import SourceText
from corpus.records import Problem, Segment

_INK = re.compile(r"\S")
#: Equal characters between two edits below which they are told as one.
_CLOSE = 12
#: Above this product of lengths, texts are not aligned: they differ throughout.
_TOO_LONG = 200_000_000


def differences(
    segments: Sequence[Segment],
    text_spans: Sequence[tuple[int, int, int]],
    source: SourceText,
    raw: SourceText,
    is_escaped: bool,
) -> list[Problem]:
    """A problem `differs_from_raw` for every passage in which the annotated copy departs from the raw text.

    White space is ignored. `text_spans` are the annotated source's text spans as (first code point, code point after
    the last, segment). Places are bytes of the annotated source; a loss has the place where the text is missing.
    """
    copy = "".join(segment.text for segment in segments)
    original = raw_text(raw)
    copy_ink, original_ink = "".join(copy.split()), "".join(original.split())
    if copy_ink == original_ink:
        return []
    copy_places = _Places(copy)
    original_places = _Places(original)
    way_back = _WayBack(segments, text_spans, source, is_escaped)
    return [
        _problem(copy, original, copy_places.span(i, j), original_places.span(k, m), way_back)
        for i, j, k, m in _edits(copy_ink, original_ink)
    ]


def raw_text(raw: SourceText) -> str:
    """The text of a raw twin: a JSON string, or the inside of one, or plain text."""
    text = raw.text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        return unescape(text[1:-1])[0]
    return unescape(raw.text)[0] if escaped(raw.text) else raw.text


def _edits(copy: str, original: str) -> Iterator[tuple[int, int, int, int]]:
    """Passages that differ as (copy from, to, original from, to), neighbours told as one."""
    if len(copy) * len(original) > _TOO_LONG:
        yield 0, len(copy), 0, len(original)
        return
    held: tuple[int, int, int, int] | None = None
    for edit in Indel.opcodes(copy, original):
        i, j, k, m = edit.src_start, edit.src_end, edit.dest_start, edit.dest_end
        if edit.tag == "equal":
            if held and j - i > _CLOSE:
                yield held
                held = None
        else:
            held = (held[0], j, held[2], m) if held else (i, j, k, m)
    if held:
        yield held


def _problem(copy: str, original: str, added: tuple[int, int], lost: tuple[int, int], way_back: _WayBack) -> Problem:
    there, here = original[slice(*lost)].strip(), copy[slice(*added)].strip()
    if there and here:
        detail = f"{len(there)} characters of the raw text stand as {len(here)} others."
    elif there:
        detail = f"{len(there)} characters of the raw text are missing."
    else:
        detail = f"{len(here)} characters stand here that the raw text does not have."
    passage, (start, end) = (original, lost) if there else (copy, added)
    snippet = f"…{passage[max(0, start - 30) : start]}⟦{passage[start:end]}⟧{passage[end : end + 30]}…"
    return Problem("differs_from_raw", detail, way_back.byte(added[0]), way_back.byte(added[1]), snippet)


class _Places:
    """Where the n-th character that is not white space stands in a text."""

    def __init__(self, text: str):
        self._places = [match.start() for match in _INK.finditer(text)]
        self._end = len(text)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the text from the `start`-th such character to the one before `end`."""
        first = self._places[start] if start < len(self._places) else self._end
        return first, (self._places[end - 1] + 1 if end > start else first)


class _WayBack:
    """From a code point of the review's text to the byte of the source it was decoded from."""

    def __init__(
        self,
        segments: Sequence[Segment],
        text_spans: Sequence[tuple[int, int, int]],
        source: SourceText,
        is_escaped: bool,
    ):
        self._starts = [0, *accumulate(len(segment.text) for segment in segments)]
        self._spans: dict[int, list[tuple[int, int]]] = {}
        for start, end, segment in text_spans:
            self._spans.setdefault(segment, []).append((start, end))
        self._source = source
        self._escaped = is_escaped

    def byte(self, index: int) -> int:
        """Byte offset in the source of code point `index` of the review."""
        if not self._spans:
            return 0
        segment = min(bisect_right(self._starts, index) - 1, max(self._spans))
        spans = self._spans.get(segment, [])
        raw = "".join(self._source.text[s:e] for s, e in spans)
        left = Unescaped(raw, self._escaped).raw_index(index - self._starts[segment])
        for start, end in spans:
            if left <= end - start:
                return self._source.byte(start + left)
            left -= end - start
        return self._source.byte(spans[-1][1]) if spans else 0
