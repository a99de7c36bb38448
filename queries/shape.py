"""Shape: what reviews do from their first sentence to their last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from corpus.tables import Frames
from queries.fitting import fitted
from queries.intervals import thin
from queries.layers import of_layer
from queries.resampling import RESAMPLES, bounds, dense, sums

BINS = 10
KINDS = ("review",)
#: Codes that judge nothing; where polarities are asked for they stand beside these.
NOTHING = ("none", "CNT")
_WHAT = ("code", "polarity")


def shape(
    frames: Frames,
    *,
    layer: str,
    polarity: bool = False,
    bins: int = BINS,
    kinds: Sequence[str] = KINDS,
    whole: pl.LazyFrame | None = None,
    resamples: int = RESAMPLES,
) -> pl.LazyFrame:
    """One row per code that occurs and bin of the review; sorted by code, polarity, bin.

    layer, polarity, bins, kinds, whole
                  see `course`
    code, polarity
                  what is counted; see `course`
    bin           from 0: the first tenth of the review, where there are ten
    value         share of the labelled sentences that lie in the bin, 0 to 1; null where none does. Values of a bin add
                  up to 1. Every review weighs the same, but for what of it is not labelled
    low, high     95 % percentile interval over resampled papers; null where value is and with fewer than two papers
    n_code, n     sentences with the code, and labelled ones, that lie in the bin at least in part
    n_reviews, n_papers
                  that such sentences are of
    thin          queries.intervals.thin of n_papers and n
    """
    masses = course(frames, layer=layer, polarity=polarity, bins=bins, kinds=kinds, whole=whole).cache()
    names = masses.select(_WHAT).unique().sort(_WHAT, nulls_last=True).with_row_index("at")
    placed = masses.join(names, on=_WHAT, nulls_equal=True).cache()
    by_paper = placed.group_by("paper_id", "bin", "at").agg(pl.col("mass").sum()).sort("paper_id", "bin", "at")
    adds = {"at": pl.UInt32, "bin": pl.UInt32, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    found = fitted(by_paper, lambda rows: _fit(rows, bins, resamples), keeps=(), adds=adds)
    of_bin = masses.group_by("bin").agg(
        pl.col("segment_id").n_unique().alias("n"),
        pl.col("review_id").n_unique().alias("n_reviews"),
        pl.col("paper_id").n_unique().alias("n_papers"),
    )
    of_code = placed.group_by("at", "bin").agg(pl.col("segment_id").n_unique().alias("n_code"))
    counts = ("n_code", "n", "n_reviews", "n_papers")
    return (
        found.join(names, on="at")
        .join(of_code, on=["at", "bin"], how="left")
        .join(of_bin, on="bin", how="left")
        .with_columns(pl.col(counts).fill_null(0))
        .sort("at", "bin")
        .select(*_WHAT, "bin", "value", "low", "high", *counts, thin().alias("thin"))
    )


def course(
    frames: Frames,
    *,
    layer: str,
    polarity: bool = False,
    bins: int = BINS,
    kinds: Sequence[str] = KINDS,
    whole: pl.LazyFrame | None = None,
) -> pl.LazyFrame:
    """One row per labelled segment, code and bin that it lies in, in no order.

    Each of a review's m segments takes up one m-th of its length, whatever its number of words, labelled or not, and
    lies in the bins that this stretch overlaps: so a review of four sentences fills ten bins as one of forty does, and
    in each bin the segments of a review together weigh 1. A segment with several codes, by one annotator or by
    several, weighs for each of them by an equal part.

    layer         its key (queries.layers.of_layer); labels on segments count, `none` and CNT as codes like others
    polarity      counts polarities instead of codes
    kinds         kinds of reviews that count
    whole         the segments of the reviews, by which places are reckoned, where `frames` hold a part of each review
                  only; by default those of `frames`
    paper_id, review_id, segment_id
    code, polarity
                  polarity is null where codes are counted; where polarities are, code is null but for `none` and CNT,
                  and both are null for labels without polarity
    bin           from 0
    mass          the part of the segment's weight that is in the bin and this code's: in 1 per review and bin
    """
    reviews = frames.reviews.filter(pl.col("kind").cast(pl.String).is_in(list(kinds))).select("review_id")
    text = frames.segments if whole is None else whole
    placed = (
        text.select("paper_id", "review_id", "segment_id", "position")
        .join(reviews, on="review_id", how="semi")
        .sort("review_id", "position", "segment_id")
        .with_columns(
            pl.int_range(pl.len(), dtype=pl.Int64).over("review_id").alias("i"),
            pl.len().cast(pl.Int64).over("review_id").alias("m"),
        )
    )
    code, sign = pl.col("code"), pl.col("polarity")
    if polarity:
        nothing = code.cast(pl.String).is_in(list(NOTHING))
        code, sign = pl.when(nothing).then(code), pl.when(~nothing).then(sign)
    else:
        sign = pl.lit(None, dtype=pl.Int8)
    labels = (
        of_layer(frames.labels, frames.codes, layer)
        .filter(pl.col("segment_id").is_not_null())
        .select("segment_id", code.alias("code"), sign.alias("polarity"))
        .unique()
        .with_columns(pl.len().over("segment_id").alias("n_codes"))
    )
    first, last = pl.col("i") * bins, (pl.col("i") + 1) * bins  # of the segment, in m-ths of a bin
    overlap = pl.min_horizontal(last, (pl.col("bin") + 1) * pl.col("m")) - pl.max_horizontal(
        first, pl.col("bin") * pl.col("m")
    )
    return (
        placed.with_columns(pl.int_ranges(first // pl.col("m"), (last - 1) // pl.col("m") + 1).alias("bin"))
        .join(labels, on="segment_id")
        .explode("bin")
        .with_columns((overlap / (pl.col("m") * pl.col("n_codes"))).alias("mass"))
        .select("paper_id", "review_id", "segment_id", *_WHAT, pl.col("bin").cast(pl.UInt32), "mass")
    )


def _fit(rows: pl.DataFrame, bins: int, resamples: int) -> pl.DataFrame:
    """The shares of every code in every bin, and what resampled papers make of them. `rows` are masses by paper."""
    paper = np.unique(rows["paper_id"].to_numpy(), return_inverse=True)[1]
    at, bin_, mass = (rows[name].to_numpy() for name in ("at", "bin", "mass"))
    n_papers, n_codes = int(paper.max(initial=-1)) + 1, int(at.max(initial=0) if len(at) else -1) + 1
    parts = dense(paper, at.astype(int) * bins + bin_, mass, (n_papers, n_codes * bins))
    wholes = dense(paper, bin_.astype(int), mass, (n_papers, bins))
    found = {
        "at": np.repeat(np.arange(n_codes), bins),
        "bin": np.tile(np.arange(bins), n_codes),
        "value": _shares(parts.sum(axis=0)[None], wholes.sum(axis=0)[None])[0],
        **dict.fromkeys(("low", "high"), np.full(n_codes * bins, np.nan)),
    }
    if n_papers > 1:
        drawn = sums(np.hstack([parts, wholes]), resamples=resamples)
        found["low"], found["high"] = bounds(_shares(*np.split(drawn, [n_codes * bins], axis=1)))
    return pl.DataFrame(found).with_columns(pl.col("value", "low", "high").fill_nan(None))


def _shares(parts: np.ndarray, wholes: np.ndarray) -> np.ndarray:
    """Parts by code and bin over the wholes of the bins, row by row; nan where a whole is 0."""
    below = np.tile(wholes, parts.shape[1] // wholes.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, parts / below, np.nan)
