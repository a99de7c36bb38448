"""What every reader yields: plain records of one source file, free of ids and of DuckDB.

Offsets into a source are bytes, offsets into a review's text are code points. null (None) always means "not given";
a polarity of 0 is a neutral judgement, a code `none` is the annotator's "nothing here".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple


class Label(NamedTuple):
    """One application of a code. `raw` is the spelling in the source; `confidence` is null for people's labels."""

    scheme: str
    layer: str
    code: str
    polarity: int | None
    raw: str
    annotator: str = "gold"
    confidence: float | None = None


class Segment(NamedTuple):
    """A stretch of a review: the text spans of the source that name it are, joined and decoded, its `text`."""

    text: str
    labels: tuple[Label, ...] = ()


class Paper(NamedTuple):
    """What a source tells about the paper under review; `key` is unique within a corpus."""

    key: str
    title: str | None = None
    venue: str | None = None
    year: int | None = None
    decision: str | None = None
    decision_detail: str | None = None
    track: str | None = None
    keywords: tuple[str, ...] | None = None
    abstract: str | None = None


class Review(NamedTuple):
    """One review of one paper; `key` is unique within the paper. Its segments, joined, are its text."""

    paper: Paper
    key: str
    segments: tuple[Segment, ...]
    labels: tuple[Label, ...] = ()
    reviewer: str | None = None
    kind: str = "review"
    date: date | None = None
    rating: float | None = None
    confidence: float | None = None
    scores: Mapping[str, tuple[float | None, str | None]] = {}


class Problem(NamedTuple):
    """Something a reader met that it could not take at face value; `kind` is one of `PROBLEM_KINDS`.

    `start`, `end` are bytes of the source, null where the whole file is meant. `review` indexes `Reading.reviews`.
    """

    kind: str
    detail: str
    start: int | None = None
    end: int | None = None
    snippet: str | None = None
    review: int | None = None


class Span(NamedTuple):
    """A byte range of a source. The spans of a source tile it: text, tags, heads and separators, in order.

    `review` and `segment` index `Reading.reviews` and its segments for kind `text` and for the tag that labels
    a segment; null elsewhere.
    """

    start: int
    end: int
    kind: str
    review: int | None = None
    segment: int | None = None


class Reading(NamedTuple):
    """All that one source file yields."""

    reviews: tuple[Review, ...] = ()
    spans: tuple[Span, ...] = ()
    problems: tuple[Problem, ...] = ()
