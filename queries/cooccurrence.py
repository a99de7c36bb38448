"""Co-occurrence: which codes stand together more often, and which less often, than chance would have it."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl
from scipy import sparse, special, stats
from scipy.cluster import hierarchy

from corpus.tables import Frames
from queries.fitting import fitted
from queries.intervals import thin
from queries.layers import of_layer
from queries.resampling import RESAMPLES, bounds, dense, sums

Unit = Literal["segment", "review", "paper"]
#: “Cannot tell” says of no code whether it holds; `none` says of each that it does not.
UNTOLD, NONE = "CNT", "none"
_COUNTS = ("n_both", "n_first", "n_second", "n", "n_papers", "n_papers_both")
_NUMBERS = ("low", "high", "g2", "deff", "q")
_PLACES = ("place_first", "place_second")


def cooccurrence(
    frames: Frames,
    *,
    rows: str,
    columns: str,
    unit: Unit = "segment",
    polarity: bool = False,
    resamples: int = RESAMPLES,
) -> pl.LazyFrame:
    """One row per pair of codes that occur, one of each layer; sorted by first and second, in the schemes' order.

    rows, columns keys of layers (queries.layers.of_layer). Where both are one layer, each pair of different codes has
                  one row, with the code that is earlier in its scheme as the first
    unit          what codes stand together in: a segment, a review, or all reviews of a paper. A unit counts once,
                  whoever and however many labelled it, if it has labels in both layers. The code `none` is such a
                  label, but no code to be paired; CNT, “cannot tell”, is neither
    polarity      tells the codes apart by their polarity, in both layers
    first, first_polarity, second, second_polarity
                  the pair; the polarities are null where they are not told apart, or were not given
    n_both, n_first, n_second, n
                  units with both, with each, and all that count
    expected      n_first * n_second / n, the n_both of codes that have nothing to do with each other
    lift          n_both over expected: P(ab) / (P(a) P(b)); 1 is chance
    low, high     95 % percentile interval of the lift over resampled papers; null where the two come together in fewer
                  than two papers, which gives no spread
    pmi, ppmi     log2 of the lift, null where that is 0; the same with what is below chance set to 0 (Church & Hanks
                  1990, https://aclanthology.org/J90-1003/; Bullinaria & Levy 2007, https://doi.org/10.3758/BF03193020)
    phi           correlation of the two, -1 to 1; null where every unit has one of them
    g2            likelihood ratio of the 2×2 table, negative where the pair keeps apart (Dunning 1993,
                  https://aclanthology.org/J93-1003/), as if units were independent; null where phi is
    deff          the design effect: how many times the variance of the pair's covariance is what it would be if units
                  of one paper were independent (Rao & Scott 1984, https://doi.org/10.1214/aos/1176346391, first
                  order); at least 1; null where g2 is and with fewer than two papers
    q             of g2 / deff, by chi-squared with one degree of freedom, over all pairs (Benjamini & Hochberg 1995,
                  https://doi.org/10.1111/j.2517-6161.1995.tb02031.x)
    n_papers, n_papers_both
                  papers with units that count, and with a unit that has both
    place_first, place_second
                  places of the codes, from 0, when those with like phi are neighbours: average linkage, with the order
                  of leaves that keeps neighbours nearest (Bar-Joseph et al. 2001,
                  https://doi.org/10.1093/bioinformatics/17.suppl_1.S22)
    thin          queries.intervals.thin of n_papers and of n_both or expected, whichever is greater
    """
    same = rows == columns
    key = f"{unit}_id"
    first = uses(frames, rows, key, polarity).cache()
    second = first if same else uses(frames, columns, key, polarity).cache()
    told = first.select("paper_id", "unit").unique()
    if not same:
        told = told.join(second, on="unit", how="semi").cache()
    a, names_a = numbered(first.join(told, on="unit", how="semi"), "i")
    b, names_b = numbered(second.join(told, on="unit", how="semi"), "j")
    both = a.join(b.drop("paper_id"), on="unit")
    if same:
        both = both.filter(pl.col("i") < pl.col("j"))
    counted = pl.concat(
        [frame.group_by("paper_id", *by).agg(pl.len().alias("n")) for frame, *by in
         ((told,), (a, "i"), (b, "j"), (both, "i", "j"))],
        how="diagonal",
    ).sort("paper_id", "i", "j")  # fmt: skip
    adds = dict.fromkeys(("i", "j", *_PLACES), pl.UInt32) | dict.fromkeys(_COUNTS, pl.UInt32)
    found = fitted(
        counted.select("paper_id", "i", "j", "n"),
        lambda frame: _fit(frame, same, resamples),
        keeps=(),
        adds=adds | dict.fromkeys(_NUMBERS, pl.Float64),
    )
    expected = pl.col("n_first").cast(pl.Float64) * pl.col("n_second") / pl.col("n")
    lift = pl.col("n_both") / pl.col("expected")
    spread = _spread("n_first") * _spread("n_second")
    pmi = pl.when(pl.col("lift") > 0).then(pl.col("lift").log(2))
    return (
        found.join(names_a.rename({"code": "first", "polarity": "first_polarity"}), on="i")
        .join(names_b.rename({"code": "second", "polarity": "second_polarity"}), on="j")
        .sort("i", "j")
        .with_columns(expected.alias("expected"))
        .with_columns(lift.alias("lift"))
        .with_columns(
            pmi.alias("pmi"),
            pmi.clip(0).fill_null(0).alias("ppmi"),
            pl.when(spread > 0)
            .then((pl.col("n_both") - pl.col("expected")) * pl.col("n") / spread.sqrt())
            .alias("phi"),
            thin("n_papers", pl.max_horizontal("n_both", "expected")).alias("thin"),
        )
        .select(
            *("first", "first_polarity", "second", "second_polarity", "n_both", "n_first", "n_second", "n"),
            *("expected", "lift", "low", "high", "pmi", "ppmi", "phi", "g2", "deff", "q"),
            *("n_papers", "n_papers_both", *_PLACES, "thin"),
        )
    )  # fmt: skip


def uses(frames: Frames, layer: str, key: str, polarity: bool) -> pl.LazyFrame:
    """paper_id, unit, code and polarity, each once; polarity is null where it is not asked for."""
    labels = of_layer(frames.labels, frames.codes, layer)
    sign = pl.col("polarity") if polarity else pl.lit(None, dtype=pl.Int8)
    return (
        labels.filter(pl.col(key).is_not_null() & (pl.col("code").cast(pl.String) != UNTOLD))
        .select("paper_id", pl.col(key).alias("unit"), "code", sign.alias("polarity"))
        .unique()
    )


def numbered(uses: pl.LazyFrame, name: str) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """The uses of codes other than `none`, each code as its number; and which number is which code."""
    coded = uses.filter(pl.col("code").cast(pl.String) != NONE)
    names = coded.select("code", "polarity").unique().sort("code", "polarity", nulls_last=True).with_row_index(name)
    numbered = coded.join(names, on=["code", "polarity"], nulls_equal=True)
    return numbered.drop("code", "polarity").cache(), names


def _spread(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64) * (pl.col("n") - pl.col(name).cast(pl.Float64))


def _fit(rows: pl.DataFrame, same: bool, resamples: int) -> pl.DataFrame:
    """The counts of every pair, what resampled papers make of its lift, its test and its place.

    `rows` count units by paper: all of them (i and j null), those with the i-th first code, with the j-th second code,
    and with both.
    """
    paper = np.unique(rows["paper_id"].to_numpy(), return_inverse=True)[1]
    i, j = (rows[each].cast(pl.Int64).fill_null(-1).to_numpy() for each in ("i", "j"))
    n = rows["n"].to_numpy().astype(float)
    n_papers, n_i, n_j = int(paper.max(initial=-1)) + 1, int(i.max(initial=-1)) + 1, int(j.max(initial=-1)) + 1
    kinds = (i < 0) & (j < 0), (i >= 0) & (j < 0), (i < 0) & (j >= 0), (i >= 0) & (j >= 0)
    nowhere = np.zeros(len(i), dtype=int)
    whole, first, second = (
        dense(paper[kind], at[kind], n[kind], (n_papers, width))
        for kind, at, width in zip(kinds, (nowhere, i, j), (1, n_i, n_j), strict=False)
    )
    place = kinds[3]
    both = sparse.csr_array((n[place], (paper[place], i[place] * n_j + j[place])), shape=(n_papers, n_i * n_j))
    a, b = (each.ravel() for each in np.meshgrid(np.arange(n_i), np.arange(n_j), indexing="ij"))
    kept = a < b if same else np.ones(len(a), dtype=bool)
    a, b, both = a[kept], b[kept], both[:, np.flatnonzero(kept)]
    if not len(a):
        return pl.DataFrame(schema=["i", "j", *_PLACES, *_COUNTS, *_NUMBERS])

    low, high = _lifts(whole, first, second, both, a, b, resamples)
    n_both, n_first, n_second = (np.asarray(each.sum(axis=0)).ravel() for each in (both, first, second))
    g2, phi = _tables(n_both, n_first[a], n_second[b], whole.sum())
    deff = _deff(whole[:, 0], first, second, both, a, b)
    p = stats.chi2.sf(np.abs(g2) / deff, 1)
    q = np.full(len(p), np.nan)
    known = ~np.isnan(p)
    q[known] = stats.false_discovery_control(p[known]) if known.any() else p[known]
    places = _places(phi, a, b, (n_i, n_j), same)
    found = dict(zip(("i", "j", *_PLACES), (a, b, *places), strict=True))
    found |= dict(zip(("n_both", "n_first", "n_second"), (n_both, n_first[a], n_second[b]), strict=True))
    found |= {"n": np.full(len(a), whole.sum()), "n_papers": np.full(len(a), n_papers)}
    found |= {"n_papers_both": np.asarray((both > 0).sum(axis=0)).ravel()}
    found |= dict(zip(_NUMBERS, (low, high, g2, deff, q), strict=True))
    return pl.DataFrame(found).with_columns(pl.col(_NUMBERS).fill_nan(None))


def _lifts(
    whole: np.ndarray, first: np.ndarray, second: np.ndarray, both: sparse.csr_array, a: np.ndarray, b: np.ndarray,
    resamples: int,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """The interval of each pair's lift, nan where there is none."""
    nothing = np.full((2, len(a)), np.nan)
    if len(whole) < 2:
        return nothing[0], nothing[1]
    ends = np.cumsum([1, first.shape[1], second.shape[1]])
    drawn = sums(sparse.hstack([whole, first, second, both], format="csr"), resamples=resamples)
    total, in_first, in_second, in_both = np.split(drawn, ends, axis=1)
    below = in_first[:, a] * in_second[:, b]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(below > 0, in_both * total / below, np.nan)
    seen = np.asarray((both > 0).sum(axis=0)).ravel() > 1
    low, high = bounds(found)
    return np.where(seen, low, np.nan), np.where(seen, high, np.nan)


def _tables(n_both: np.ndarray, n_first: np.ndarray, n_second: np.ndarray, n: float) -> tuple[np.ndarray, np.ndarray]:
    """The signed likelihood ratio and phi of each 2×2 table; nan where one of the codes is everywhere."""
    cells = n_both, n_first - n_both, n_second - n_both, n - n_first - n_second + n_both
    edges = n_first, n - n_first, n_second, n - n_second
    ratio = sum(special.xlogy(cell, cell) for cell in cells) - sum(special.xlogy(edge, edge) for edge in edges)
    ratio = np.maximum(0, 2 * (ratio + special.xlogy(n, n)))
    departs = n_both * n - n_first * n_second
    spread = n_first * (n - n_first) * n_second * (n - n_second)  # exact in floats as far as it being 0 matters
    with np.errstate(divide="ignore", invalid="ignore"):
        phi = np.where(spread > 0, departs / np.sqrt(spread), np.nan)
    return np.where(spread > 0, np.sign(departs) * ratio, np.nan), phi


def _deff(
    whole: np.ndarray, first: np.ndarray, second: np.ndarray, both: sparse.csr_array, a: np.ndarray, b: np.ndarray
) -> np.ndarray:
    """The design effect of each pair; nan with fewer than two papers, and where one of the codes is everywhere.

    The covariance of the two codes is the mean of (a - P(a)) (b - P(b)) over units. How far the sums of papers lie from
    what that mean makes of their sizes, squared and added up, is set against the same of single units.
    """
    n, n_papers = whole.sum(), len(whole)
    if n_papers < 2:
        return np.full(len(a), np.nan)
    n_first, n_second, n_both = (np.asarray(each.sum(axis=0)).ravel() for each in (first, second, both))
    found = np.full(len(a), np.nan)
    for at in np.unique(a):  # one code at a time: papers times all pairs would be much to hold
        pairs = np.flatnonzero(a == at)
        p, q = n_first[at] / n, n_second[b[pairs]] / n
        mean = n_both[pairs] / n - p * q
        part = both[:, pairs].toarray() - first[:, [at]] * q - second[:, b[pairs]] * p + whole[:, None] * (p * q - mean)
        only_first, only_second = n_first[at] - n_both[pairs], n_second[b[pairs]] - n_both[pairs]
        neither = n - n_both[pairs] - only_first - only_second
        alone = (
            n_both[pairs] * ((1 - p) * (1 - q) - mean) ** 2 + only_first * ((1 - p) * q + mean) ** 2
            + only_second * (p * (1 - q) + mean) ** 2 + neither * (p * q - mean) ** 2
        )  # fmt: skip
        spread = (part**2).sum(axis=0) * n_papers / (n_papers - 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            effect = np.where(alone > 1e-9, np.maximum(1, spread / alone), 1)
        found[pairs] = np.where((p < 1) & (q < 1), effect, np.nan)
    return found


def _places(
    phi: np.ndarray, a: np.ndarray, b: np.ndarray, shape: tuple[int, int], same: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The places of each pair's codes among codes that are ordered by how like their rows, or columns, of phi are."""
    matrix = np.zeros(shape)
    matrix[a, b] = np.nan_to_num(phi)
    if same:
        matrix = matrix + matrix.T + np.eye(len(matrix))
    rows = _ordered(matrix)
    return rows[a], (rows if same else _ordered(matrix.T))[b]


def _ordered(features: np.ndarray) -> np.ndarray:
    """The place of each row; of two ends of the tree that with the earlier row comes first."""
    n = len(features)
    if n < 3:
        return np.arange(n)
    # Rounded, so that what is equal but for the order of a sum is a tie in the same way every time.
    leaves = hierarchy.leaves_list(hierarchy.linkage(features.round(9), method="average", optimal_ordering=True))
    if leaves[0] > leaves[-1]:
        leaves = leaves[::-1]
    return np.argsort(leaves)
