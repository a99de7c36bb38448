"""Decision calibration: how well a decision can be told from the labels of a review, and whether chances are honest."""

from __future__ import annotations

import numpy as np
import polars as pl

from corpus.tables import Frames
from queries.fitting import fitted
from queries.intervals import LEVEL, thin, wilson
from queries.label_design import label_design
from queries.out_of_fold import out_of_fold

BINS = 10


def decision_calibration(told: pl.LazyFrame) -> pl.LazyFrame:
    """One row per tenth of the expected probability of acceptance that reviews fall into; sorted by it.

    told          the rows of `expectations`
    tenth         0 to 9: probabilities from tenth / 10 up to, not including, (tenth + 1) / 10; 1 is in the last
    n_reviews, n_papers
    expected      mean of the expected probabilities of its reviews
    observed      share of its reviews whose paper was accepted
    low, high     95 % interval of `observed`. Reviews of one paper share its decision, so that together they are worth
                  (Σm)² / Σm² independent ones, for papers with m reviews each (Kish 1965, Survey Sampling). Wilson's
                  interval for that many; a bootstrap would have no width where all papers of a tenth were accepted
    thin          see queries.intervals
    """
    tenth = (pl.col("expected") * BINS).floor().clip(0, BINS - 1).cast(pl.UInt8)
    papers = (
        told.filter(pl.col("expected").is_not_null())
        .group_by(tenth.alias("tenth"), "paper_id")
        .agg(pl.len().cast(pl.Float64).alias("m"), pl.col("given").sum(), pl.col("expected").sum())
        .sort("tenth", "paper_id")
    )
    worth = pl.col("n_reviews") ** 2 / pl.col("squares")
    low, high = wilson(pl.col("observed") * worth, worth)
    return (
        papers.group_by("tenth")
        .agg(
            pl.col("m").sum().alias("n_reviews"),
            pl.len().cast(pl.UInt32).alias("n_papers"),
            (pl.col("m") ** 2).sum().alias("squares"),
            (pl.col("expected").sum() / pl.col("m").sum()).alias("expected"),
            (pl.col("given").sum() / pl.col("m").sum()).alias("observed"),
        )
        .select(
            *("tenth", pl.col("n_reviews").cast(pl.UInt32), "n_papers", "expected", "observed", low, high),
            thin("n_papers", "n_reviews").alias("thin"),
        )
        .sort("tenth")
    )


def expectations(frames: Frames, *, layer: str = "aspect") -> pl.LazyFrame:
    """queries.out_of_fold of the decisions: one row per review of an accepted or rejected paper."""
    return out_of_fold(label_design(frames, layer=layer), of="decision")


def decision_skill(told: pl.LazyFrame) -> pl.LazyFrame:
    """One row: how far the expected probabilities are better than the share of acceptances in the other folds.

    told          the rows of `expectations`
    n_reviews, n_papers
    accepted      share of the reviews whose paper was accepted
    brier, brier_usual
                  mean squared distance of the probability from 1 or 0 (Brier 1950,
                  https://doi.org/10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2), and that of the share
    auc, auc_low, auc_high
                  the probability that a review of an accepted paper has a higher expectation than one of a rejected
                  paper of its fold, ties counting half: 0.5 is chance. Pairs across folds do not count: a fold with
                  more acceptances leaves fewer to learn from, so that its reviews rank lower and the area would be
                  below 0.5 where labels tell nothing (Airola et al. 2011, https://doi.org/10.1016/j.csda.2010.11.018).
                  Null without a pair. 95 % interval for reviews clustered by paper (Obuchowski 1997,
                  https://doi.org/10.2307/2533958), each review weighing as many pairs as it is in: hers where there is
                  one fold, somewhat wide where folds hold few papers. Null with fewer than two papers of either
                  decision
    All but the numbers are null where nothing could be expected.
    """
    numbers = ("accepted", "brier", "brier_usual", "auc", "auc_low", "auc_high")

    def fit(rows: pl.DataFrame) -> pl.DataFrame:
        given, expected, usual = (rows[name].to_numpy() for name in ("given", "expected", "usual"))
        found = dict.fromkeys(numbers, np.nan)
        if len(rows):
            found |= {"accepted": given.mean(), "brier": ((given - expected) ** 2).mean()}
            found |= {"brier_usual": ((given - usual) ** 2).mean()}
            folds, papers = rows["fold"].to_numpy(), rows["paper_id"].to_numpy()
            found |= dict(zip(numbers[3:], _auc(given, expected, folds, papers), strict=True))
        counts = {"n_reviews": len(rows), "n_papers": rows["paper_id"].n_unique()}
        return pl.DataFrame([counts | found]).with_columns(pl.col(numbers).fill_nan(None))

    adds = {**dict.fromkeys(("n_reviews", "n_papers"), pl.UInt32), **dict.fromkeys(numbers, pl.Float64)}
    return fitted(told.filter(pl.col("expected").is_not_null()), fit, keeps=(), adds=adds)


def _auc(given: np.ndarray, expected: np.ndarray, folds: np.ndarray, papers: np.ndarray) -> tuple[float, float, float]:
    """Area under the curve within folds and the bounds of its interval, nan where they cannot be estimated."""
    from scipy.stats import norm, rankdata

    is_in = given == 1
    # of each review, with how many of its fold that have the other decision it is compared, and placed right against
    pairs, right = np.zeros(len(given)), np.zeros(len(given))
    for fold in np.unique(folds):
        sides = [(folds == fold) & side for side in (is_in, ~is_in)]
        among = np.zeros(len(given))
        among[folds == fold] = rankdata(expected[folds == fold])
        for side, other in (sides, sides[::-1]):
            pairs[side] = other.sum()
            lower = among[side] - rankdata(expected[side])
            right[side] = lower if side is sides[0] else other.sum() - lower
    n_pairs = pairs[is_in].sum()
    if not n_pairs:
        return np.nan, np.nan, np.nan
    area = right[is_in].sum() / n_pairs
    variance = 0.0
    for side in (is_in, ~is_in):
        compared = side & (pairs > 0)
        _, place = np.unique(papers[compared], return_inverse=True)
        sums = np.bincount(place, (right - area * pairs)[compared])
        if len(sums) < 2:
            return area, np.nan, np.nan
        variance += len(sums) / (len(sums) - 1) * (sums**2).sum() / n_pairs**2
    reach = norm.ppf(0.5 + LEVEL / 2) * np.sqrt(variance)
    return area, max(0.0, area - reach), min(1.0, area + reach)
