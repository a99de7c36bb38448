"""Adjusted comparison: queries.comparison where models label, as counted and corrected (queries.adjusted_measures).

All cohorts share their draws: of papers, so that what overlapping cohorts have in common cancels, and of the models'
rates, so that an error which a model makes alike in both does not pass for a difference between them, nor widens it.

The test is of the difference over its standard error on Student's distribution, with as many degrees of freedom as the
smaller cohort has papers less one. The error is that of the draws, a half of the middle 95 % over 1.96, and of shares
that are not cut to 0 to 1, as cut ones vary too little. Signs of scores cannot be flipped as in queries.comparison: a
paper has no score of its own where what it adds hangs on rates that are drawn for all at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from corpus.tables import Frames
from queries.adjusted_measures import Values, needed, papers, values
from queries.adjusted_shares import parted, with_rates
from queries.adjusted_trend import columns
from queries.answers import answers
from queries.comparison import corrected as controlled
from queries.comparison import h
from queries.correction import corrected, interval, nulled
from queries.fitting import fitted
from queries.intervals import LEVEL, thin
from queries.measures import Measure, named
from queries.resampling import RESAMPLES

_WHOLE = ("n", "part", "whole", "by_model", "n_papers")
_VALUES = ("value", "low", "high", "counted", "counted_low", "counted_high", "best_f1")
_APART = (
    *("difference", "difference_low", "difference_high", "counted_difference"),
    *("ratio", "ratio_low", "ratio_high", "effect", "p", "q"),
)
_Z = 1.959964


def adjusted_comparison(
    cohorts: Sequence[Frames], *, layer: str, measure: Measure = "negative", reference: int = 0,
    counted: bool = False, whole: Frames | None = None, resamples: int = RESAMPLES, level: float = LEVEL, seed: int = 1,
) -> pl.LazyFrame:  # fmt: skip
    """One row per code and cohort; sorted by these, codes in the order of the scheme. Every code has every cohort.

    counted       nothing is corrected: `value` and all that follows from it are as counted
    whole         the frames before any filter, which tell what a model was shown; null: each cohort's own
    n, part, whole, by_model, n_papers, value, low, high, counted, counted_low, counted_high, best_f1, weak, reason
                  as in queries.adjusted_trend
    difference    value - value of the reference, with its interval; counted_difference the same of `counted`
    ratio         value / value of the reference, with its interval; null for `net`, and where the reference is 0; its
                  interval is null where that is 0 in any draw
    effect        Cohen's h; null for `net`, as nothing is known of single labels as people would have given them
    p, q          two-sided, that there is no difference; q after Benjamini & Hochberg over all p of the result

    All from `difference` on are null for the reference and where either value is; intervals and p also where either
    cohort has fewer than two papers. Raises ValueError for a measure that cannot be corrected or for no cohorts.
    """
    if not 0 <= reference < len(cohorts):
        raise ValueError(f"There is no cohort {reference} among {len(cohorts)} to compare with.")
    needed(measure, ())
    used = pl.concat([named(each, layer).select("code") for each in cohorts]).unique()
    rows = pl.concat(
        answers(
            each, layer=layer, codes=used, polarities=measure != "sentence", any_code=False, whole=whole
        ).with_columns(cohort=pl.lit(place, dtype=pl.UInt8))
        for place, each in enumerate(cohorts)
    )

    def fit(frame: pl.DataFrame) -> pl.DataFrame:
        measured, given = parted(frame)
        given = given.with_columns(pl.col("cohort").cast(pl.UInt32).alias("_group"))
        own = given["code"].drop_nulls().unique().sort().cast(pl.String).to_list()
        if not own:
            return frame.clear().with_columns(
                pl.lit(None).alias(name) for name in (*_WHOLE, *_VALUES, *_APART, "weak", "reason")
            )
        found = corrected(
            given, measured, needed(measure, own), n_groups=len(cohorts), resamples=resamples, level=level, seed=seed,
            together=True,
        )[0]  # fmt: skip
        n_papers = papers(given, measure, own, len(cohorts))
        at = values(measure, found, own)
        at = at.uncorrected() if counted else at
        numbers = _apart(at, n_papers, reference, measure, level)
        return columns(at, n_papers, level).with_columns(
            pl.Series("code", own * len(cohorts)),
            pl.Series("cohort", np.repeat(np.arange(len(cohorts)), len(own)), dtype=pl.UInt8),
            pl.Series("by_model", np.repeat(found.by_model, len(own)), dtype=pl.Int64),
            *(nulled(each).alias(name) for name, each in numbers.items()),
        )

    floats = dict.fromkeys((*_VALUES, *_APART), pl.Float64)
    made = fitted(
        with_rates(rows, cohorts[0], layer), fit, keeps=("code", "cohort"),
        adds={**dict.fromkeys(_WHOLE, pl.Int64), **floats, "weak": pl.Boolean, "reason": pl.String},
    )  # fmt: skip
    order = ("code", "cohort", *_WHOLE, *_VALUES, "weak", "reason", "thin", *_APART)
    made = made.with_columns(thin(n="whole").alias("thin"))
    return made.select(order).sort("code", "cohort")


def _apart(at: Values, n_papers: np.ndarray, reference: int, measure: Measure, level: float) -> dict[str, np.ndarray]:
    """What tells each cohort from the reference: cohorts × codes, nan for null."""
    several = n_papers > 1
    both = several & several[reference]
    base = at.drawn_value[:, reference : reference + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where((base > 0).all(axis=0) | np.isnan(base).all(axis=0), at.drawn_value / base, np.nan)
        ratio = np.where(at.value[reference] > 0, at.value / at.value[reference], np.nan)
    made = {
        "difference": at.value - at.value[reference],
        "counted_difference": at.counted - at.counted[reference],
        "ratio": ratio,
        "effect": h(at.value, reference) if measure != "net" else np.full_like(ratio, np.nan),
        "p": np.where(both, _p(at, n_papers, reference, level), np.nan),
    }
    for name, drawn in (("difference", at.drawn_value - base), ("ratio", ratios)):
        made[f"{name}_low"], made[f"{name}_high"] = interval(drawn, both, level)
    if measure == "net":
        made |= dict.fromkeys(("ratio", "ratio_low", "ratio_high"), np.full_like(ratio, np.nan))
    made = {name: each.copy() for name, each in made.items()}
    for each in made.values():
        each[reference] = np.nan
    return {**made, "q": controlled(made["p"])}


def _p(at: Values, n_papers: np.ndarray, reference: int, level: float) -> np.ndarray:
    """Two-sided p of every difference."""
    from scipy.stats import t  # its import takes a second

    apart = at.loose - at.loose[reference]
    low, high = interval(at.drawn_loose - at.drawn_loose[:, reference : reference + 1], n_papers > 1, 0.95)
    error = (high - low) / (2 * _Z)
    free = np.maximum(np.minimum(n_papers, n_papers[reference]) - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * t.sf(np.abs(apart) / error, free)
    return np.where(np.abs(apart) < 1e-12, 1.0, np.where(error > 0, p, np.nan))
