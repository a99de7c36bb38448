"""Frames of many papers made from lists, for models: more than a table in a test can show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from spec import ANNOTATOR, CODE, LAYER, SCHEME, codes

from corpus.tables import DECISIONS, REVIEW_KINDS, Frames

Label = tuple[str, int | None]


class Review(NamedTuple):
    """Its sentences, each with its labels of the layer `aspect`."""

    sentences: Sequence[Sequence[Label]]
    rating: float | None = None
    n_words: int = 100
    kind: str = "review"


class Paper(NamedTuple):
    reviews: Sequence[Review]
    decision: str | None = None
    venue: str | None = "Harbour"
    year: int | None = 2020
    key: str | None = None


def frames(papers: Sequence[Paper]) -> Frames:
    """The tables; papers are keyed by place unless they say otherwise."""
    rows: dict[str, list[tuple]] = {name: [] for name in ("papers", "reviews", "segments", "labels")}
    for paper_id, paper in enumerate(papers):
        key = paper.key or f"p{paper_id:05}"
        rows["papers"].append((paper_id, "made", key, None, paper.venue, paper.year, paper.decision))
        for place, review in enumerate(paper.reviews):
            review_id = len(rows["reviews"])
            rows["reviews"].append(
                (review_id, paper_id, "made", f"r{place}", None, review.kind, place, review.rating, review.n_words)
            )
            for position, labels in enumerate(review.sentences):
                segment_id = len(rows["segments"])
                rows["segments"].append((segment_id, review_id, paper_id, position, f"Sentence {position}."))
                for code, polarity in labels:
                    rows["labels"].append((paper_id, review_id, segment_id, code, polarity))
    schemas: dict = {
        "papers": {
            **{"paper_id": pl.UInt32, "corpus": pl.String, "paper_key": pl.String, "title": pl.String},
            **{"venue": pl.String, "year": pl.Int16, "decision": pl.Enum(DECISIONS)},
        },
        "reviews": {
            **{"review_id": pl.UInt32, "paper_id": pl.UInt32, "corpus": pl.String, "review_key": pl.String},
            **{"reviewer": pl.String, "kind": pl.Enum(REVIEW_KINDS), "position": pl.UInt16, "rating": pl.Float32},
            "n_words": pl.UInt32,
        },
        "segments": {
            **{"segment_id": pl.UInt32, "review_id": pl.UInt32, "paper_id": pl.UInt32, "position": pl.UInt32},
            "text": pl.String,
        },
        "labels": {
            **{"paper_id": pl.UInt32, "review_id": pl.UInt32, "segment_id": pl.UInt32, "code": CODE},
            "polarity": pl.Int8,
        },
    }
    made = {name: pl.DataFrame(rows[name], schema=schema, orient="row") for name, schema in schemas.items()}
    made["labels"] = made["labels"].with_columns(
        pl.lit("peer-review-analyze", SCHEME).alias("scheme"),
        pl.lit("aspect", LAYER).alias("layer"),
        pl.lit("gold", ANNOTATOR).alias("annotator"),
        pl.lit(None, pl.Float32).alias("confidence"),
        *(pl.lit(None, pl.UInt32).alias(name) for name in ("start", "end")),
    )
    return Frames(*(made[name].lazy() for name in rows), codes())


#: The labels that `drawn` draws from.
DRAWN: tuple[Label, ...] = (("EMP", -1), ("EMP", 1), ("CLA", -1), ("CLA", 1), ("NOV", 1), ("SUB", 0))


def drawn(n_papers: int, *, seed: int = 1, sentences: int = 6) -> list[Paper]:
    """Papers of two venues with two or three reviews each, whose ratings and decisions lean on their labels."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(n_papers):
        lean, reviews = random.normal(), []
        for _ in range(random.integers(2, 4)):
            n = int(random.integers(2, sentences + 1))
            likely = np.array([1.2 - lean, 1.2 + lean, 1, 1, 0.6, 1]).clip(0.2)
            picked = random.choice(len(DRAWN), n, p=likely / likely.sum())
            net = sum(DRAWN[at][1] or 0 for at in picked) / n
            rating = float(np.clip(round(5 + 3 * net + random.normal()), 1, 10))
            reviews.append(Review([[DRAWN[at]] for at in picked], rating, int(random.integers(50, 500))))
        venue = ("Harbour", "Tidal")[number % 2]
        decision = "accept" if lean + random.normal() > 0 else "reject"
        if venue == "Tidal":  # another scale: 1 to 5
            reviews = [each._replace(rating=float(np.ceil((each.rating or 0) / 2))) for each in reviews]
        found.append(Paper(reviews, decision, venue))
    return found


def doubled(papers: Sequence[Paper]) -> list[Paper]:
    """The papers twice, the second time under other keys."""
    again = [paper._replace(key=f"q{place:05}") for place, paper in enumerate(papers)]
    return [*papers, *again]
