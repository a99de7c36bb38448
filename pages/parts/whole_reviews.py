"""Whole reviews of a selection: what is measured of reviews does not hang on which of their sentences are asked for."""

from __future__ import annotations

from corpus.tables import Frames
from pages.parts import frames
from queries.filters import Filters


def whole_reviews(chosen: frames.Selection, filters: Filters | None = None, *, as_given: bool = False) -> Frames:
    """The selection with every sentence of its reviews, and every label that its annotators and schemes allow.

    filters    another selection of the snapshot than the one that is chosen; null for that
    as_given   with what models said where people answered too: to compare the two
    """
    filters = filters or chosen.filters
    every = chosen.snapshot.frames
    part, segments, labels = every, every.segments, every.labels
    if filters.restricted:
        part = filters.apply(every)
        ids = part.reviews.select("review_id")
        segments, labels = (rows.join(ids, on="review_id", how="semi") for rows in (segments, labels))
    stand = labels.filter(filters.predicate("labels")) if as_given else filters.standing(labels)
    return part._replace(segments=segments, labels=stand)
