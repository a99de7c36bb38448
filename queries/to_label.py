"""To label: how many sentences a labeller would be shown, and how many of them are labelled by its scheme already."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.provenance import by_model


def to_label(selected: Frames, whole: Frames, scheme: str, annotator: str) -> pl.LazyFrame:
    """One row: counts of the reviews of the selection, which are labelled whole; all 0 for an empty one.

    whole         the frames before any filter
    n_reviews     reviews with a sentence in the selection
    n_segments    their sentences
    n_people      of these, with a label of a person by `scheme`
    n_model       of these, with a label of the model `annotator`
    """
    segments = whole.segments.join(selected.segments, on="review_id", how="semi")
    here = whole.labels.filter(pl.col("segment_id").is_not_null()).join(segments, on="segment_id", how="semi")
    people = here.filter(~by_model(whole.labels) & (pl.col("scheme").cast(pl.String) == scheme))
    model = here.filter(pl.col("annotator").cast(pl.String) == annotator)
    return pl.concat(
        [
            segments.select(pl.col("review_id").n_unique().alias("n_reviews"), pl.len().alias("n_segments")),
            people.select(pl.col("segment_id").n_unique().alias("n_people")),
            model.select(pl.col("segment_id").n_unique().alias("n_model")),
        ],
        how="horizontal",
    )
