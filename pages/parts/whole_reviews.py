"""Whole reviews of a selection: what is measured of reviews does not hang on which of their sentences are asked for."""

from __future__ import annotations

from corpus.tables import Frames
from pages.parts import frames
from queries.filters import Filters


def whole_reviews(chosen: frames.Selection, filters: Filters | None = None) -> Frames:
    """The selection with every sentence of its reviews, and every label that its annotators and schemes allow.

    filters  another selection of the snapshot than the one that is chosen; null for that
    """
    filters = filters or chosen.filters
    every = chosen.snapshot.frames
    if not filters.restricted:
        return every
    part = filters.apply(every)
    ids = part.reviews.select("review_id")
    segments, labels = (rows.join(ids, on="review_id", how="semi") for rows in (every.segments, every.labels))
    return part._replace(segments=segments, labels=labels.filter(filters.predicate("labels")))
