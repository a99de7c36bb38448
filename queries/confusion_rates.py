"""Confusion rates: how often a model gives a code where people do, and where they do not, and how sure that is.

tpr = P(the model gives it | people do), fpr = P(the model gives it | people do not), both measured on papers held out
from training (Frames.models), of segments that people answered. A segment on which the model abstained is one on which
it did not give it. With few segments behind them rates are uncertain: they are drawn from Beta(k + 1/2, n - k + 1/2),
the posterior under Jeffreys' prior, which serves as an interval well for small n (Brown, Cai & DasGupta 2001,
https://doi.org/10.1214/ss/1009213286).

The held-out segments come in papers, in which a model errs alike, so they tell less than as many from as many papers.
How many papers there were is not known here, so k and n are divided by a design effect of 1.5 (Kish 1965): of a linear
model of the aspects of Peer Review Analyze, 120 papers held out, the variance of a rate when papers are drawn again
is 1.4 (tpr) and 1.3 (fpr) times that of single segments in the median of its codes, 2.4 and 2.6 at the most.
"""

from __future__ import annotations

from typing import NamedTuple
from zlib import crc32

import numpy as np
import polars as pl

from corpus.schemes import COMMON, COMMON_ASPECTS, keyed_layers
from corpus.tables import Frames

#: How many held-out segments tell as much as one would if each were from a paper of its own.
DESIGN = 1.5
#: Where tpr - fpr may be as small as this, a share cannot be read off the model's: dividing by it says nothing.
LEAST = 0.1
COUNTS = ("n_segments", "n_gold", "n_model", "n_both")


class Rates(NamedTuple):
    """The two rates as measured, and drawn; `reason` tells why nothing can be corrected by them, null (None) if not.

    reason    `unmeasured`: people gave it on no held-out segment, or on all, or it was not measured; `indistinct`: the
              lower end of the interval of tpr - fpr is not above LEAST
    judged    of the labels of a code that people gave the share with a polarity, 0 to 1; 1 where it is not told
    """

    tpr: float
    fpr: float
    drawn_tpr: np.ndarray
    drawn_fpr: np.ndarray
    best_f1: float | None
    reason: str | None
    judged: float = 1.0


def confusion_rates(frames: Frames, *, layer: str) -> pl.LazyFrame:
    """One row per model, code and polarity that was measured; sorted by these, nulls last.

    source        the model's annotator, as text
    code, polarity
                  as in queries.answers: null for any
    n_segments, n_gold, n_model, n_both, best_f1
                  as in Frames.models
    judged        on rows of a code whatever its polarity: of its labels by people the share with a polarity; null: none
                  has one, or people never gave it

    In the layer `common` the rows are those of the one code of the model's scheme that maps onto the aspect; an aspect
    of two codes was not measured as such and has no row, nor has any aspect.
    """
    source = pl.col("annotator").cast(pl.String).alias("source")
    if layer == COMMON:
        models = _shared(frames)
    else:
        scheme, asked = keyed_layers()[layer]
        models = frames.models.filter((pl.col("scheme") == scheme.name) & (pl.col("layer") == asked.name))
    rows = models.select(source, "code", "polarity", *(pl.col(name).cast(pl.Int64) for name in COUNTS), "best_f1")
    judged = rows.filter(pl.col("polarity").is_not_null() & pl.col("code").is_not_null())
    sums = judged.group_by("source", "code").agg(pl.col("n_gold").sum().alias("_judged"))
    of_code = pl.col("polarity").is_null() & (pl.col("n_gold") > 0)
    share = pl.when(of_code).then((pl.col("_judged") / pl.col("n_gold")).clip(0, 1)).alias("judged")
    return (
        rows.join(sums, on=("source", "code"), how="left")
        .select(*rows.collect_schema().names(), share)
        .sort("source", "code", "polarity", nulls_last=True)
    )


def _shared(frames: Frames) -> pl.LazyFrame:
    """Of Frames.models the rows of codes that are alone in their scheme to map onto a shared aspect, under its name."""
    key = ("scheme", "layer", "code")
    mapped = frames.codes.filter(pl.col("common").is_not_null()).select(*key, "common")
    alone = mapped.filter(pl.len().over("scheme", "common") == 1)
    found = frames.models.filter(pl.col("code").is_not_null()).join(alone, on=key)
    return found.with_columns(pl.col("common").cast(pl.Enum(COMMON_ASPECTS)).alias("code"))


def rates(row: dict | None, *, key: str, level: float, resamples: int, seed: int) -> Rates:
    """The rates of a row of `confusion_rates`; null (None) for what was not measured.

    key       what the draws hang on besides the seed: the same model, code and polarity gives the same draws wherever
              it is asked for, so that in a difference of two cohorts what both owe to the model cancels
    """
    n, gold, model, both = (row[name] for name in COUNTS) if row else (0, 0, 0, 0)
    best_f1 = None if row is None else row["best_f1"]
    nothing = np.full(resamples, np.nan)
    if not 0 < gold < n:
        return Rates(np.nan, np.nan, nothing, nothing, best_f1, "unmeasured")
    random = np.random.default_rng([seed, crc32(key.encode())])
    false, rest = model - both, n - gold
    tpr, fpr = (
        random.beta(k / DESIGN + 0.5, (of - k) / DESIGN + 0.5, resamples) for k, of in ((both, gold), (false, rest))
    )
    least = np.quantile(tpr - fpr, (1 - level) / 2)
    judged = 1.0 if row is None or row["judged"] is None else row["judged"]
    return Rates(both / gold, false / rest, tpr, fpr, best_f1, "indistinct" if least <= LEAST else None, judged)
