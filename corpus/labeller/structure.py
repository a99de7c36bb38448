"""Where a sentence stands in its review and what it looks like: headings above it, bullets, numbers, its length."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np

#: How much these features weigh beside words, whose blocks have length 1 at the most.
WEIGHT = 0.25
_TENTHS = 10
_FAR = 10  # sentences past which a distance is only far

#: What headings of reviews announce, by words that occur in them; what stands below a heading is likely of its kind.
_ANNOUNCES = (
    re.compile(r"summary|overview|contribution"),
    re.compile(r"strength|pros\b|positive|merits"),
    re.compile(r"weakness|cons\b|negative|concern|limitation|issues?\b|drawback"),
    re.compile(r"question"),
    re.compile(r"minor|typo|small|detail|nit"),
    re.compile(r"comment|suggest|feedback|remarks"),
    re.compile(r"clarity|quality|writing"),
    re.compile(r"novelty|originality"),
    re.compile(r"significance|impact"),
    re.compile(r"conclu|overall|decision|recommend"),
    re.compile(r"update|rebuttal|edit:|after|response"),
    re.compile(r"referenc"),
)
_HEADING = re.compile(r"[\W\d]*([\w '/&-]{2,40}?)\s*(?::|\.?\s*$|-{2,}|\n)")
_MOST_WORDS = 5  # of a heading
_BULLET = re.compile(r"[-*•+]")
_NUMBER = re.compile(r"\(?\d{1,2}[.)]")
_DIGIT = re.compile(r"\d")


def structure(reviews: Iterable[tuple[Sequence[str], Sequence[str | None]]]) -> np.ndarray:
    """Features, sentences × WIDTH, of reviews given as texts and the fields of the form that they stand in."""
    rows = [row for texts, fields in reviews for row in _review(texts, fields)]
    return np.array(rows, np.float32).reshape(-1, WIDTH) * np.float32(WEIGHT)


def _review(texts: Sequence[str], fields: Sequence[str | None]) -> Iterator[list[float]]:
    n, announced, since = len(texts), -1, 0
    for at, (text, (before, field)) in enumerate(zip(texts, pairwise([None, *fields]), strict=True)):
        if field != before and field is not None:
            announced, since = _announced(field.lower()), 0
        if (heading := _heading(text)) >= 0:
            announced, since = heading, 0
        place = at / max(1, n - 1)
        row = [*_position(at, n, place), *_looks(text), min(since, _FAR) / _FAR]
        row += [float(announced == each) for each in range(-1, len(_ANNOUNCES))]
        row += [float(int(place * _TENTHS) == each or (place == 1 and each == _TENTHS - 1)) for each in range(_TENTHS)]
        yield row
        since += 1


def _position(at: int, n: int, place: float) -> list[float]:
    from_end = n - 1 - at
    near = [min(at, _FAR) / _FAR, min(from_end, _FAR) / _FAR]
    return [place, place * place, *near, float(np.log1p(n)), float(at == 0), float(from_end == 0)]


def _looks(text: str) -> list[float]:
    bare = text.strip()
    return [
        float(np.log1p(len(bare))),
        float(bare.endswith("?")),
        float(bool(_BULLET.match(bare))),
        float(bool(_NUMBER.match(bare))),
        float(len(bare[:200].split()) <= 4),
        float(bool(_DIGIT.search(bare))),
        float(text.endswith("\n\n")),
        float(text.endswith("\n")),
        float(bare[:1].islower()),
    ]


def _heading(text: str) -> int:
    """The kind of heading that a sentence is or begins with; -1 if none."""
    found = _HEADING.match(text[:80].strip().lower())
    if not found or len(found[1].split()) > _MOST_WORDS:
        return -1
    return _announced(found[1])


def _announced(words: str) -> int:
    return next((number for number, pattern in enumerate(_ANNOUNCES) if pattern.search(words)), -1)


WIDTH = len(next(_review([""], [None])))
