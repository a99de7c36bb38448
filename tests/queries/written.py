"""Frames from reviews as they are written: lists of sentences, white space and all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl
from spec import TYPES, codes, frames

from corpus.tables import Frames

#: A paper: its reviews, each a list of sentences.
Paper = Sequence[Sequence[str]]


def written(papers: Sequence[Paper], **columns: Sequence) -> Frames:
    """Papers p0, p1, … with reviews r0, r1, … of their own; `columns` of papers have a value each."""
    rows: dict[str, list[dict]] = {"papers": [], "reviews": [], "segments": []}
    for paper_id, reviews in enumerate(papers):
        told = {name: values[paper_id] for name, values in columns.items()}
        rows["papers"].append({"paper_id": paper_id, "corpus": "demo", "paper_key": f"p{paper_id:03}"} | told)
        for place, sentences in enumerate(reviews):
            review_id = len(rows["reviews"])
            rows["reviews"].append(
                {"review_id": review_id, "paper_id": paper_id, "corpus": "demo", "review_key": f"r{place}"}
                | {"kind": "review", "position": place}
            )
            rows["segments"] += [
                {"segment_id": len(rows["segments"]) + at, "review_id": review_id, "paper_id": paper_id}
                | {"position": at, "text": text}
                for at, text in enumerate(sentences)
            ]
    labels = frames().labels
    return Frames(*(_frame(name, rows[name]) for name in rows), labels, codes())


def _frame(name: str, rows: Iterable[dict]) -> pl.LazyFrame:
    return pl.LazyFrame([dict.fromkeys(TYPES[name]) | row for row in rows], schema=TYPES[name])


def twice(given: Frames, by: int = 1_000) -> Frames:
    """The same papers again under other ids, in a corpus of another name."""

    def again(frame: pl.LazyFrame) -> pl.LazyFrame:
        ids = [name for name in frame.collect_schema().names() if name in ("paper_id", "review_id", "segment_id")]
        other = frame.with_columns((pl.col(name) + by).cast(pl.UInt32) for name in ids)
        if "corpus" in frame.collect_schema().names():
            other = other.with_columns((pl.col("corpus") + " again").alias("corpus"))
        return pl.concat([frame, other])

    return Frames(*(again(frame) for frame in given[:4]), given.codes)
