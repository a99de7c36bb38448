"""Corpora drawn at random, of any size: papers that differ among themselves, so that labels of one hang together."""

from __future__ import annotations

import numpy as np
import polars as pl
from spec import TYPES, codes

from corpus.tables import Frames

#: Codes of the layer `aspect` of Peer Review Analyze, and how often each is used.
WEIGHTS = {"NOV": 0.2, "EMP": 0.4, "CLA": 0.25, "none": 0.15}


def corpus(n_papers: int = 80, *, seed: int = 1, lean: float = 0.0, years: int = 2) -> Frames:
    """Papers with two reviews each and up to nine labels a review; `lean` makes rejected papers' labels more negative.

    The first half of the papers is accepted, the second rejected; years go round, venues too.
    """
    random = np.random.default_rng(seed)
    paper = np.arange(1, n_papers + 1)
    rejected = paper > n_papers // 2
    papers = {
        "paper_id": paper,
        "corpus": ["drawn"] * n_papers,
        "paper_key": [f"p{at:05}" for at in paper],
        "title": [None] * n_papers,
        "venue": [f"V{at % 3}" for at in paper],
        "year": 2018 + paper % years,
        "decision": ["reject" if each else "accept" for each in rejected],
    }
    review = np.arange(1, 2 * n_papers + 1)
    of_review = np.repeat(review, random.integers(1, 10, len(review)))
    of_paper = (of_review + 1) // 2
    mood = random.normal(0, 0.7, n_papers) - lean * rejected
    drawn = random.normal(mood[of_paper - 1], 1)
    code = random.choice(list(WEIGHTS), len(of_review), p=list(WEIGHTS.values()))
    polarity = np.select([drawn < -0.5, drawn > 0.5], [-1, 1], 0)
    segment = np.arange(1, len(of_review) + 1)
    n = len(segment)
    labels = {
        "paper_id": of_paper,
        "review_id": of_review,
        "segment_id": segment,
        "scheme": ["peer-review-analyze"] * n,
        "layer": ["aspect"] * n,
        "code": code,
        "polarity": [None if c == "none" else int(p) for c, p in zip(code, polarity, strict=True)],
        "annotator": ["gold"] * n,
        **dict.fromkeys(("confidence", "start", "end"), [None] * n),
    }
    reviews = {
        "review_id": review,
        "paper_id": (review + 1) // 2,
        "corpus": ["drawn"] * len(review),
        "review_key": [f"r{at}" for at in review],
        "reviewer": [None] * len(review),
        "kind": ["review"] * len(review),
        "position": (review % 2).astype(int),
        "rating": [None] * len(review),
    }
    segments = {
        "segment_id": segment,
        "review_id": of_review,
        "paper_id": of_paper,
        "position": np.zeros(n, dtype=int),
        "text": ["Text."] * n,
        "field": [None] * n,
    }
    tables = {"papers": papers, "reviews": reviews, "segments": segments, "labels": labels}
    return Frames(*(_frame(name, columns) for name, columns in tables.items()), codes())


def twice(given: Frames, by: int = 1_000_000) -> Frames:
    """The corpus and a copy of it with ids of its own."""
    ids = ("paper_id", "review_id", "segment_id")

    def copied(frame: pl.LazyFrame) -> pl.LazyFrame:
        there = [name for name in ids if name in frame.collect_schema().names()]
        return pl.concat([frame, frame.with_columns((pl.col(there) + by).cast(pl.UInt32))])

    return Frames(*(copied(each) for each in given[:4]), given.codes)


def _frame(name: str, columns: dict) -> pl.LazyFrame:
    made = {each: pl.Series(each, list(columns[each])) for each in columns}
    return pl.LazyFrame({each: made[each].cast(dtype) for each, dtype in TYPES[name].items()})
