"""Guessed layers: which layers models labelled sentences in, and whether a sentence has one answer there or several."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.provenance import by_model


def guessed_layers(frames: Frames) -> pl.LazyFrame:
    """One row per scheme, layer and model with labels of it on segments; sorted by these.

    n             its labels there
    per_segment   labels of one person on one segment in the layer, on average over what people answered; of the model
                  where no person did
    """
    layer, one = ("scheme", "layer"), ("segment_id", "annotator")
    labels = frames.labels.filter(pl.col("segment_id").is_not_null())
    guessed = by_model(labels)
    answers = pl.struct(one).n_unique()
    people = labels.filter(~guessed).group_by(layer).agg((pl.len() / answers).alias("people"))
    return (
        labels.filter(guessed)
        .group_by(*layer, "annotator")
        .agg(pl.len().alias("n"), (pl.len() / answers).alias("model"))
        .join(people, on=list(layer), how="left")
        .select(*layer, "annotator", "n", pl.coalesce("people", "model").alias("per_segment"))
        .sort(*layer, "annotator")
    )
