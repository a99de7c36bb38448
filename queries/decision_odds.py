"""Decision odds: how the odds of acceptance differ between reviews that say a thing more, or less, often.

Logistic regressions of a paper's decision on the labels of its reviews. Reviews of one paper share its decision and are
not independent, so errors are clustered by paper (Cameron & Miller 2015, https://doi.org/10.3368/jhr.50.2.317).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from corpus.tables import Frames
from queries.fitting import fitted
from queries.intervals import ENOUGH_OBSERVATIONS, ENOUGH_PAPERS, LEVEL, thin
from queries.label_design import Design, Measure, label_design, matrix
from queries.regression import independent, logistic

#: Papers of the rarer decision for each predictor, below which no model of all predictors is fitted.
PAPERS_PER_PREDICTOR = 2

_NUMBERS = ("odds", "low", "high", "p", "q")
_COUNTED = ("sentences", "n_reviews", "n_papers", "accepted", "rejected")
_WHOLE = ("reviews", "papers", "accepted_papers")


def decision_odds(frames: Frames, *, layer: str = "aspect", measure: Measure = "sentences") -> pl.LazyFrame:
    """One row per code and polarity that a review of an accepted or rejected paper is labelled with, in their order.

    layer         the key of the layer, or `common` for the shared aspects
    measure       the unit of an odds ratio: one more sentence with the label, any such sentence against none, or ten
                  percentage points more of the review's labelled sentences
    code, polarity
                  see queries.label_design, also for what a review is here
    sentences     with the label; `accepted` and `rejected` of them are on papers with that decision
    n_reviews, n_papers
                  that have such a sentence
    reviews, papers, accepted_papers
                  of the model as a whole: the same in every row
    odds, low, high, p, q
                  the odds ratio of acceptance for one unit more, its 95 % interval, the two-sided p of Wald's test, and
                  that p as a false discovery rate over the column (Benjamini & Hochberg 1995,
                  https://doi.org/10.1111/j.2517-6161.1995.tb02031.x): the label by itself
    adjusted_…    the same five with all other labels of the table in the model
    why, adjusted_why
                  why there is no estimate, null where there is one:
                  `one decision`  all papers have the same
                  `constant`      all reviews have as much of it
                  `rare`          fewer than 5 reviews, or than 5 papers, have it
                  `separated`     it occurs with one decision only, or the labels together tell decisions without error:
                                  the likelihood has no maximum (Albert & Anderson 1984,
                                  https://doi.org/10.1093/biomet/71.1.1)
                  `dependent`     the labels before it tell it already (adjusted only)
                  `few papers`    fewer than 30, or fewer than two with the rarer decision per label (adjusted only)
    thin          see queries.intervals
    """
    rows = label_design(frames, layer=layer).filter(pl.col("decision").cast(pl.String).is_in(["accept", "reject"]))

    def fit(given: pl.DataFrame) -> pl.DataFrame:
        return _odds(matrix(given), measure)

    adds: dict = {**dict.fromkeys((*_COUNTED, *_WHOLE), pl.UInt32)}
    for start in ("", "adjusted_"):
        adds |= {**{f"{start}{name}": pl.Float64 for name in _NUMBERS}, f"{start}why": pl.String}
    found = fitted(rows, fit, keeps=("code", "polarity"), adds=adds)
    return found.with_columns(thin("papers", "n_reviews").alias("thin")).sort("code", "polarity", nulls_last=True)


class _Sample(NamedTuple):
    """What is regressed: whether the paper was accepted, its number and the measured labels, review by review."""

    accepted: np.ndarray
    papers: np.ndarray
    x: np.ndarray


def _odds(design: Design, measure: Measure) -> pl.DataFrame:
    accepted = (design.reviews["decision"].cast(pl.String) == "accept").to_numpy()
    sample = _Sample(accepted.astype(float), design.papers, design.measured(measure))
    found = design.predictors.with_columns(*_counted(design, accepted))
    single, why = _single(sample, found)
    adjusted, adjusted_why = _adjusted(sample, np.array([each is None for each in why], dtype=bool), why)
    return found.with_columns(
        *_columns(single, ""), pl.Series("why", why, pl.String),
        *_columns(adjusted, "adjusted_"), pl.Series("adjusted_why", adjusted_why, pl.String),
    )  # fmt: skip


def _counted(design: Design, accepted: np.ndarray) -> list[pl.Series]:
    counts, papers = design.counts, design.papers
    n_papers = [len(np.unique(papers[column > 0])) for column in counts.T]
    numbers = {
        "sentences": counts.sum(axis=0),
        "n_reviews": (counts > 0).sum(axis=0),
        "n_papers": np.array(n_papers),
        "accepted": counts[accepted].sum(axis=0),
        "rejected": counts[~accepted].sum(axis=0),
        "reviews": np.full(counts.shape[1], len(counts)),
        "papers": np.full(counts.shape[1], len(np.unique(papers))),
        "accepted_papers": np.full(counts.shape[1], len(np.unique(papers[accepted]))),
    }
    return [pl.Series(name, values).cast(pl.UInt32) for name, values in numbers.items()]


def _single(sample: _Sample, found: pl.DataFrame) -> tuple[np.ndarray, list[str | None]]:
    """Log odds, standard error and p of each label by itself, nan where there is none, and why there is none."""
    estimates = np.full((3, sample.x.shape[1]), np.nan)
    why: list[str | None] = []
    for column, row in enumerate(found.iter_rows(named=True)):
        x = sample.x[:, [column]]
        reason = _unfit(x[:, 0], sample.accepted, row)
        if reason is None:
            made = _clustered(x, sample)
            reason = None if made is not None else "separated"
            if made is not None:
                estimates[:, [column]] = made
        why.append(reason)
    return estimates, why


def _unfit(x: np.ndarray, accepted: np.ndarray, row: dict) -> str | None:
    if not 0 < accepted.sum() < len(accepted):
        return "one decision"
    if min(row["n_reviews"], row["n_papers"]) < ENOUGH_OBSERVATIONS:
        return "rare"
    if x.min() == x.max():
        return "constant"
    there, others = x[accepted == 1], x[accepted == 0]
    if there.min() >= others.max() or others.min() >= there.max():
        return "separated"
    return None


def _adjusted(sample: _Sample, there: np.ndarray, why: list[str | None]) -> tuple[np.ndarray, list[str | None]]:
    """As `_single`, of the labels together that have an estimate there."""
    estimates, reasons = np.full((3, len(why)), np.nan), list(why)
    if not there.any():
        return estimates, reasons
    kept = there.copy()
    kept[there] = independent(sample.x[:, there])
    numbers, first = np.unique(sample.papers, return_index=True)
    accepted = sample.accepted[first].sum()
    enough = max(
        ENOUGH_PAPERS, PAPERS_PER_PREDICTOR * kept.sum() * len(numbers) / min(accepted, len(numbers) - accepted)
    )
    made = _clustered(sample.x[:, kept], sample) if len(numbers) >= enough else None
    if made is not None:
        estimates[:, kept] = made
    reason = None if made is not None else "few papers" if len(numbers) < enough else "separated"
    for column in np.flatnonzero(there):
        reasons[column] = reason if kept[column] else "dependent"
    return estimates, reasons


def _clustered(x: np.ndarray, sample: _Sample) -> np.ndarray | None:
    """Log odds, standard errors and p, one column per column of `x`; null (None) where there is no maximum."""
    from statsmodels.discrete.discrete_model import Logit  # only here: its import takes a second

    found = _start(x, sample.accepted)
    if found is None:
        return None
    start, slopes = found
    model = Logit(sample.accepted, np.column_stack([np.ones(len(x)), x]))
    fit = model.fit(
        start_params=np.array([start, *slopes]), disp=0, cov_type="cluster", cov_kwds={"groups": sample.papers}
    )
    return np.vstack([fit.params[1:], fit.bse[1:], fit.pvalues[1:]])


def _start(x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray] | None:
    """The maximum of the likelihood; of one predictor over its distinct values, which are few."""
    if x.shape[1] > 1:
        return logistic(x, y)
    values, place = np.unique(x[:, 0], return_inverse=True)
    times = np.bincount(place).astype(float)
    return logistic(values[:, None], np.bincount(place, y) / times, times=times)


def _columns(estimates: np.ndarray, start: str) -> list[pl.Series]:
    """Odds ratios with intervals, p and q as columns whose names begin with `start`; nan is null."""
    from scipy.stats import norm
    from statsmodels.stats.multitest import multipletests

    log, error, p = estimates
    reach = norm.ppf(0.5 + LEVEL / 2) * error
    there, q = ~np.isnan(p), np.full(len(p), np.nan)
    if there.any():
        q[there] = multipletests(p[there], method="fdr_bh")[1]
    made = (np.exp(log), np.exp(log - reach), np.exp(log + reach), p, q)
    return [
        pl.Series(f"{start}{name}", values, pl.Float64).fill_nan(None)
        for name, values in zip(_NUMBERS, made, strict=True)
    ]
