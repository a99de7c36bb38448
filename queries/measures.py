"""Measures: what of a layer is counted for each code, paper by paper, so that papers can be added up and drawn again.

Each is a ratio of two sums over papers, `part` over `whole`:

negative, positive   labels of the code with that polarity, of those with any: neutral ones count as judged
net                  positive minus negative labels of the code, of those with a polarity; from -1 to 1
share                labels of the code, of all labels of the layer, `none` and CNT among them
mention              reviews that mention the code, of those with any label in the layer; reviews of whatever kind
sentence             answers with the code, of all answers: an annotator's look at a sentence, wherever a label of
                     theirs in the layer, but for CNT, is on it. It is what can be corrected where a model labels, which
                     sees single sentences (queries.adjusted_shares); labels on whole reviews are left out
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from corpus.tables import Frames
from queries.layers import of_layer

Measure = Literal["negative", "positive", "net", "share", "mention", "sentence"]
MEASURES: tuple[Measure, ...] = ("negative", "positive", "net", "share", "mention", "sentence")
#: Those that only a layer with polarities has.
POLARISED: tuple[Measure, ...] = ("negative", "positive", "net")
#: Codes that name no aspect: the annotator found none, or could not tell.
UNNAMED = ("none", "CNT")


def measures(
    frames: Frames, *, layer: str, measure: Measure, codes: Sequence[str] | None = None, most: int | None = None,
    used: pl.LazyFrame | None = None,
) -> pl.LazyFrame:  # fmt: skip
    """One row per paper and code; sorted by these. Codes that name no aspect have no rows.

    layer         by its key
    codes         which; null for all that are used, or for the `most` frequent, ties in the order of the scheme
    used          a frame with a column `code`: those that have a row even where no label here has them; null: none
    n             labels of the code
    n_reviews     distinct reviews that mention it
    part, whole   what the paper adds to the two sums
    squares       what it adds to the sum of squared polarities, for the spread of `net`; 0 for other measures

    For `share`, `mention` and `sentence` a paper with labels in the layer has a row for every code, 0 being a number
    there; for the others it has one for each code that it is labelled with, whose whole is 0 where no label has a
    polarity. Raises ValueError for another measure, KeyError for a layer that no scheme has.
    """
    if measure not in MEASURES:
        raise ValueError(f"“{measure}” is no measure: use one of {', '.join(MEASURES)}.")
    labels = of_layer(frames.labels, frames.codes, layer)
    own = named(frames, layer)
    if codes is not None:
        own = own.filter(pl.col("code").cast(pl.String).is_in(list(codes)))
    elif most is not None:
        own = own.join(frequent(own).head(most), on="code", how="semi")
    polarity = pl.col("polarity").cast(pl.Int64)
    judged = polarity.is_not_null().sum()
    parts = {"negative": (polarity == -1).sum(), "positive": (polarity == 1).sum(), "net": polarity.sum()}
    key = ("paper_id", "code")
    counted = own.group_by(key).agg(
        pl.len().alias("n"),
        parts.get(measure, pl.lit(0)).cast(pl.Int64).alias("part"),
        judged.cast(pl.Int64).alias("whole"),
        (polarity**2).sum().cast(pl.Int64).alias("squares"),
    )
    counted = counted.join(_reviews(own, key), on=key, how="left")
    if measure in POLARISED:
        squares = pl.col("squares") if measure == "net" else pl.lit(0, dtype=pl.Int64)
        made = counted.with_columns(squares.alias("squares"))
    else:
        every = own.select("code") if used is None else pl.concat([own.select("code"), used.select("code")])
        made = _of_all(labels, every.unique(), counted, measure)
    return made.select(*key, "n", "n_reviews", "part", "whole", "squares").sort(key)


def named(frames: Frames, layer: str) -> pl.LazyFrame:
    """The labels of a layer whose code names an aspect."""
    return of_layer(frames.labels, frames.codes, layer).filter(~pl.col("code").cast(pl.String).is_in(UNNAMED))


def frequent(labels: pl.LazyFrame) -> pl.LazyFrame:
    """One row per code of `labels`: code, n; the most frequent first, ties in the order of the scheme."""
    return labels.group_by("code").agg(pl.len().alias("n")).sort("n", "code", descending=[True, False])


def _of_all(labels: pl.LazyFrame, codes: pl.LazyFrame, counted: pl.LazyFrame, measure: Measure) -> pl.LazyFrame:
    """The counts of every code in every paper that is labelled in the layer, as a part of all that the paper has."""
    parts = {"share": "n", "mention": "n_reviews", "sentence": "n_answers"}
    if measure == "share":
        wholes = labels.group_by("paper_id").agg(pl.len().alias("whole"))
    elif measure == "mention":
        wholes = _reviews(labels, ("paper_id",)).rename({"n_reviews": "whole"})
    else:
        told = labels.filter(pl.col("code").cast(pl.String) != "CNT")
        wholes = _answers(told, ("paper_id",)).rename({"n_answers": "whole"})
        key = ("paper_id", "code")
        counted = counted.join(_answers(told, key), on=key, how="left")
    every = wholes.join(codes, how="cross")
    found = every.join(counted.drop("whole", "part", "squares"), on=("paper_id", "code"), how="left")
    zero = pl.lit(0, dtype=pl.Int64)
    return found.with_columns(pl.col("n", "n_reviews", parts[measure]).fill_null(0)).with_columns(
        pl.col(parts[measure]).cast(pl.Int64).alias("part"),
        pl.col("whole").cast(pl.Int64),
        zero.alias("squares"),
    )


def _answers(labels: pl.LazyFrame, key: Sequence[str]) -> pl.LazyFrame:
    """The number of distinct answers by key: pairs of segment and annotator."""
    on_segments = labels.filter(pl.col("segment_id").is_not_null())
    return on_segments.select(*key, "segment_id", "annotator").unique().group_by(key).agg(pl.len().alias("n_answers"))


def _reviews(labels: pl.LazyFrame, key: Sequence[str]) -> pl.LazyFrame:
    """The number of distinct reviews by key; counted in two steps, which is several times as fast as `n_unique`."""
    return labels.select(*key, "review_id").unique().group_by(key).agg(pl.len().alias("n_reviews"))
