"""Comparison: a measure of each code in two to four cohorts, and how far each differs from one of them.

Cohorts may overlap, and may cut through papers (reviews and rebuttals of the same ones), so papers are drawn again from
all cohorts together: a paper that is in two of them is drawn in both, and what they share cancels out.

The test is of the same ratio in both cohorts, with the signs of the papers' scores flipped at random (Hemerik, Goeman &
Finos 2020, https://doi.org/10.1111/rssb.12369; as the wild bootstrap of scores, Kline & Santos 2012,
https://doi.org/10.1515/2156-6674.1006). A paper's score is what it adds to the difference if the ratio is the same in
both. Cohorts need not exclude each other for it, as they must where papers are exchanged between them, nor be alike in
how much their papers hold. It also keeps its level where few papers have a code: of cohorts drawn at random from one
corpus, 5 and 200 papers each, 4 % of p are under .05, whereas reading p off the drawn papers would give 21 %.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy import sparse

from corpus.tables import Frames
from queries.fitting import fitted
from queries.intervals import LEVEL, thin
from queries.measures import Measure, measures, named
from queries.resampling import RESAMPLES, bounds, replicates

#: Random flips of all signs. The least p is 1 / (FLIPS + 1), the step between two values as well.
FLIPS = 4_999
#: Signs that are held at a time: papers times flips.
_AT_ONCE = 4_000_000
_NUMBERS = (
    *("value", "low", "high", "difference", "difference_low", "difference_high"),
    *("ratio", "ratio_low", "ratio_high", "effect", "p", "q"),
)


def comparison(
    cohorts: Sequence[Frames], *, layer: str, measure: Measure = "negative", reference: int = 0,
    resamples: int = RESAMPLES, flips: int = FLIPS, level: float = LEVEL, seed: int = 1,
) -> pl.LazyFrame:  # fmt: skip
    """One row per code and cohort; sorted by these, codes in the order of the scheme. Every code has every cohort.

    cohort        its place among `cohorts`, from 0; `reference` is that which the others are held against
    n, n_reviews  labels of the code, reviews that mention it
    part, whole   what the measure divides, see queries.measures
    n_papers      papers with a whole above 0
    value         the measure; null where the whole is 0
    low, high     percentile interval at `level`; null with fewer than two papers
    thin          whether it rests on under 30 papers or 5 observations, which are the whole
    difference    value - value of the reference, with its interval from the same draws
    ratio         value / value of the reference (the risk ratio), with its interval; null for `net`, and where the
                  reference is 0. Its interval is null where the reference is 0 in any draw
    effect        Cohen's h, 2 arcsin √value - 2 arcsin √reference (Cohen 1988); for `net` Cohen's d, the difference
                  over the pooled standard deviation of the labels' polarities, null where that is 0
    p             two-sided, that the two ratios are the same; at least 1 / (flips + 1)
    q             p after Benjamini & Hochberg 1995, https://doi.org/10.1111/j.2517-6161.1995.tb02031.x, over all p
                  of the result

    All from `difference` on are null for the reference and where either value is; intervals and p also where either
    cohort has fewer than two papers with the code. Raises ValueError for another measure or for no cohorts.
    """
    if not 0 <= reference < len(cohorts):
        raise ValueError(f"There is no cohort {reference} among {len(cohorts)} to compare with.")
    used = pl.concat([named(each, layer).select("code") for each in cohorts]).unique()
    counted = [
        measures(each, layer=layer, measure=measure, used=used).with_columns(cohort=pl.lit(place, dtype=pl.UInt8))
        for place, each in enumerate(cohorts)
    ]
    shape = (len(cohorts), reference)

    def fit(rows: pl.DataFrame) -> pl.DataFrame:
        codes = rows["code"].unique().sort()
        grid = codes.to_frame().join(pl.DataFrame({"cohort": range(shape[0])}, {"cohort": pl.UInt8}), how="cross")
        keyed = grid.sort("cohort", "code").with_row_index("_group")
        placed = rows.join(keyed, on=["cohort", "code"])
        sums = placed.group_by("_group").agg(
            pl.col("n", "n_reviews", "part", "whole", "squares").sum(),
            pl.col("paper_id").filter(pl.col("whole") > 0).n_unique().alias("n_papers"),
        )
        found = keyed.join(sums, on="_group", how="left").sort("_group").fill_null(0)
        numbers = _numbers(found, placed, shape, measure, (resamples, flips, level, seed))
        return found.with_columns(
            pl.Series(name, each.ravel(), dtype=pl.Float64).fill_nan(None) for name, each in numbers.items()
        ).sort("code", "cohort")

    whole = dict.fromkeys(("n", "n_reviews", "part", "whole"), pl.Int64)
    made = fitted(
        pl.concat(counted).sort("paper_id", "cohort", "code"), fit, keeps=("code", "cohort"),
        adds={**whole, "n_papers": pl.UInt32, **dict.fromkeys(_NUMBERS, pl.Float64)},
    )  # fmt: skip
    columns = ("code", "cohort", *whole, "n_papers", *_NUMBERS[:3], "thin", *_NUMBERS[3:])
    return made.with_columns(thin(n="whole").alias("thin")).select(columns).sort("code", "cohort")


def shared_papers(cohorts: Sequence[Frames]) -> pl.LazyFrame:
    """One row: how many papers the cohorts have together (n_papers), and how many are in more than one (n_shared)."""
    of = pl.concat([each.papers.select("paper_id").unique() for each in cohorts])
    times = of.group_by("paper_id").agg(pl.len().alias("n"))
    return times.select(pl.len().alias("n_papers"), (pl.col("n") > 1).sum().alias("n_shared"))


def _numbers(
    found: pl.DataFrame, placed: pl.DataFrame, shape: tuple[int, int], measure: Measure,
    options: tuple[int, int, float, int],
) -> dict[str, np.ndarray]:  # fmt: skip
    """Every number of the result, cohorts × codes, nan for null. `found` has the sums by group, `placed` the papers."""
    n_cohorts, reference = shape
    resamples, flips, level, seed = options
    part, whole, squares, papers = (
        found[name].to_numpy().astype(float).reshape(n_cohorts, -1) for name in ("part", "whole", "squares", "n_papers")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(whole > 0, part / whole, np.nan)
        drawn = _drawn(placed, value.size, resamples, seed).reshape(resamples, *value.shape)
        base = drawn[:, reference : reference + 1]
        ratios = np.where((base > 0).all(axis=0) | np.isnan(base).all(axis=0), drawn / base, np.nan)
        ratio = np.where(value[reference] > 0, value / value[reference], np.nan)
    made = {"value": value, "difference": value - value[reference]}
    several = papers > 1
    both = several & several[reference]
    intervals = {"": (drawn, several), "difference_": (drawn - base, both), "ratio_": (ratios, both)}
    for name, (each, there) in intervals.items():
        ends = bounds(each.reshape(resamples, -1), level)
        for end, numbers in zip(("low", "high"), ends, strict=True):
            made[name + end] = np.where(there, numbers.reshape(value.shape), np.nan)
    made["ratio"] = ratio
    made["effect"] = _spread(value, whole, squares, reference) if measure == "net" else h(value, reference)
    made["p"] = np.where(both, _flipped(placed, part, whole, reference, flips, seed), np.nan)
    if measure == "net":
        for name in ("ratio", "ratio_low", "ratio_high"):
            made[name] = np.full_like(value, np.nan)
    for name in set(made) - {"value", "low", "high"}:
        made[name][reference] = np.nan
    return {**made, "q": corrected(made["p"])}


def _drawn(placed: pl.DataFrame, n_groups: int, resamples: int, seed: int) -> np.ndarray:
    """The ratio of each group in each resample of all papers: resamples × groups."""
    columns = (placed[name].to_numpy() for name in ("paper_id", "_group", "part", "whole"))
    found = replicates(*columns, resamples=resamples, seed=seed)
    rest = np.full((resamples, n_groups - found.shape[1]), np.nan)  # groups at the end that no paper is in
    return np.hstack([found, rest])


def _flipped(
    placed: pl.DataFrame, part: np.ndarray, whole: np.ndarray, reference: int, flips: int, seed: int
) -> np.ndarray:
    """The p of each group against the reference: how often flipped scores add up to as much, the one observed added."""
    if not placed.height:
        return np.full(part.shape, np.nan)
    ids, place = np.unique(placed["paper_id"].to_numpy(), return_inverse=True)
    size = (len(ids), part.size)
    parts, wholes = (
        sparse.csr_array((placed[name].to_numpy().astype(float), (place, placed["_group"].to_numpy())), shape=size)
        .toarray()
        .reshape(len(ids), *part.shape)
        for name in ("part", "whole")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        same = (part + part[reference]) / (whole + whole[reference])
        own = (parts - same * wholes) / whole
        other = (parts[:, reference, None] - same * wholes[:, reference, None]) / whole[reference]
    scores = (own - other).reshape(len(ids), -1)
    told = np.isfinite(scores).all(axis=0)
    scores = np.where(told, scores, 0.0)
    least = np.abs(scores.sum(axis=0)) - 1e-12
    random, times = np.random.default_rng(seed), np.zeros(scores.shape[1])
    step = max(1, _AT_ONCE // len(ids))
    for start in range(0, flips, step):
        signs = random.integers(0, 2, (min(step, flips - start), len(ids)), dtype=np.int8) * 2.0 - 1.0
        times += (np.abs(signs @ scores) >= least).sum(axis=0)
    return np.where(told, (times + 1) / (flips + 1), np.nan).reshape(part.shape)


def h(value: np.ndarray, reference: int) -> np.ndarray:
    """Cohen's h of shares against those of the reference."""
    angle = 2 * np.arcsin(np.sqrt(value))
    return angle - angle[reference]


def _spread(value: np.ndarray, whole: np.ndarray, squares: np.ndarray, reference: int) -> np.ndarray:
    """Cohen's d of mean polarities against those of the reference."""
    about = squares - whole * np.nan_to_num(value) ** 2
    below = whole + whole[reference] - 2
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = np.sqrt(np.maximum(about + about[reference], 0) / below)
        return np.where((below > 0) & (deviation > 1e-9), (value - value[reference]) / deviation, np.nan)


def corrected(p: np.ndarray) -> np.ndarray:
    """q of every p that there is, after Benjamini & Hochberg; nan elsewhere."""
    from scipy.stats import false_discovery_control  # its import takes a second

    there = np.isfinite(p)
    q = np.full(p.shape, np.nan)
    if there.any():
        q[there] = false_discovery_control(p[there], method="bh")
    return q
