"""Keyness: which terms one group of texts uses more than another, how much more, and how sure that is.

Three measures, because each answers another question: G² how much evidence there is (frequent words win), the log ratio
how large the difference is (rare words win), the log-odds with a prior a balance of the two. None of the first two
knows that words come in papers, which repeat their own; so a term needs several papers, its dispersion is told, and
the interval of the log ratio draws papers.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from queries.fitting import fitted
from queries.resampling import bounds, replicates
from queries.terms import MOST_SEGMENTS, Unit, sampled, terms

#: The least occurrences of a term, and the least papers on the side that uses it more.
LEAST, LEAST_PAPERS = 5, 3
#: The weight of the prior of the log-odds: so many words, as frequent as in both cohorts together, are added to each.
PRIOR = 500.0
#: What stands for a frequency of 0 in the log ratio.
ZERO = 0.5
#: Terms are first ranked whose G² has at most this q where the log ratio ranks.
SIGNIFICANT = 0.05
#: Terms of each side and measure that come with an interval.
DRAWN = 25
#: Papers are drawn one by one up to here; more are thrown into as many bundles at random, and bundles are drawn.
_CLUSTERS = 1_000

RANKS = {"g2": "rank_g2", "logratio": "rank_logratio", "logodds": "rank_logodds"}
_SIDES = ("target", "reference")


def keyness(
    target: pl.LazyFrame,
    reference: pl.LazyFrame,
    *,
    unit: Unit = "word",
    least: int = LEAST,
    least_papers: int = LEAST_PAPERS,
    lemmas: pl.LazyFrame | None = None,
    drawn: int = DRAWN,
    most: int = MOST_SEGMENTS,
) -> pl.LazyFrame:
    """One row per term of two cohorts of segments, sorted by |G²| from high to low, then by term.

    least, least_papers
                  terms that occur less often in both together, or in fewer papers of the side that uses them more, have
                  no row
    lemmas        as in queries.terms, for the unit `lemma`
    drawn         how many terms of each side and measure come with an interval
    most          segments that are counted: of more, papers are sampled (queries.terms.sampled), the same for both

    term          see queries.terms
    n_target, n_reference
                  how often it occurs; `size_…` all that was counted there, the same in every row
    rate_…        per million
    papers_…, reviews_…
                  how many have it
    dp_…          deviation of proportions, 0 (in each paper as its length lets expect) to nearly 1 (in one paper only);
                  Gries 2008, https://doi.org/10.1075/ijcl.13.4.02gri; null where it does not occur
    g2            log-likelihood ratio of the four cells (term or not, target or reference), negative where the
                  reference uses it more; Dunning 1993, https://aclanthology.org/J93-1003, and Rayson & Garside 2000,
                  https://doi.org/10.3115/1117729.1117730
    q             p of G² by chi-squared with one degree of freedom, corrected over all rows by Benjamini & Hochberg
                  1995, https://doi.org/10.1111/j.2517-6161.1995.tb02031.x; as if words were drawn one by one
    log_ratio     binary logarithm of the ratio of the rates, an n of 0 taken as 0.5; Hardie 2014
    log_odds      z of the log-odds with an informative Dirichlet prior, which is the rates of both cohorts together
                  with the weight of 500 words; Monroe, Colaresi & Quinn 2008, https://doi.org/10.1093/pan/mpn018;
                  null where all words are the term
    low, high     95 % interval of log_ratio if other papers had been drawn (queries.bootstrap); null for terms that are
                  not among the first `drawn` of a measure, and where there is one paper
    rank_g2, rank_logratio, rank_logodds
                  place among the terms of its side, from 1; null where both rates are the same. By the log ratio, terms
                  with q above 0.05 come after the others
    """
    columns = ("paper_id", "review_id", "text")
    both = pl.concat(
        [side.select(*columns, pl.lit(name == "target").alias("is_target")) for name, side in _sides(target, reference)]
    )
    counted = terms(sampled(both, most), unit=unit, lemmas=lemmas, by=["is_target"])
    counted = counted.cache()  # the optimizer does not see that it is asked for several times
    lengths = counted.group_by("is_target", "paper_id").agg(pl.col("n").sum().alias("length"))
    sizes = lengths.select(
        pl.col("length").filter(pl.col("is_target") == (name == "target")).sum().alias(f"size_{name}")
        for name in _SIDES
    )
    often = counted.group_by("term").agg(pl.col("n").sum()).filter(pl.col("n") >= least)
    counted = counted.join(often, on="term", how="semi").cache()
    rows = _measured(_table(counted, lengths), sizes)
    more = pl.when(pl.col("log_ratio") > 0).then("papers_target").otherwise("papers_reference")
    same = pl.col("log_ratio") == 0
    kept = rows.filter(
        (more >= least_papers) | (same & (pl.max_horizontal("papers_target", "papers_reference") >= least_papers))
    )
    ranked = _ranked(_tested(kept)).cache()
    first = ranked.filter(pl.min_horizontal(*RANKS.values()) <= drawn).select("term")
    made = ranked.join(_intervals(counted.join(first, on="term", how="semi"), lengths), on="term", how="left")
    return made.select(_COLUMNS).sort(pl.col("g2").abs(), "term", descending=[True, False])


_COLUMNS = (
    *("term", "n_target", "n_reference", "rate_target", "rate_reference", "papers_target", "papers_reference"),
    *("reviews_target", "reviews_reference", "dp_target", "dp_reference", "g2", "q", "log_ratio", "low", "high"),
    *("log_odds", *RANKS.values(), "size_target", "size_reference"),
)


def _sides(target: pl.LazyFrame, reference: pl.LazyFrame) -> list[tuple[str, pl.LazyFrame]]:
    return list(zip(_SIDES, (target, reference), strict=True))


def _table(counted: pl.LazyFrame, lengths: pl.LazyFrame) -> pl.LazyFrame:
    """One row per term: n, papers, reviews and dp of both sides. A paper without the term adds its length to dp."""
    expected = lengths.with_columns((pl.col("length") / pl.col("length").sum().over("is_target")).alias("_expected"))
    off = (pl.col("n") / pl.col("n").sum().over("is_target", "term") - pl.col("_expected")).abs() - pl.col("_expected")
    sides = (
        counted.join(expected, on=["is_target", "paper_id"])
        .with_columns(off.alias("_off"))  # within the aggregation it would take twice as long
        .group_by("is_target", "term")
        .agg(
            pl.col("n").sum(),
            pl.len().alias("papers"),
            pl.col("n_reviews").sum().alias("reviews"),
            ((1 + pl.col("_off").sum()) / 2).clip(0, 1).alias("dp"),
        )
    )
    names = ("n", "papers", "reviews", "dp")
    of = [
        pl.col(each).filter(pl.col("is_target") == (name == "target")).first().alias(f"{each}_{name}")
        for name in _SIDES
        for each in names
    ]
    counts = [f"{each}_{name}" for each in names[:3] for name in _SIDES]
    return sides.group_by("term").agg(of).with_columns(pl.col(counts).fill_null(0))


def _measured(rows: pl.LazyFrame, sizes: pl.LazyFrame) -> pl.LazyFrame:
    """The rows with rates, G², log ratio and log-odds; none where a side has no words at all."""
    a, b = (pl.col(f"n_{name}").cast(pl.Float64) for name in _SIDES)
    size_a, size_b = (pl.col(f"size_{name}").cast(pl.Float64) for name in _SIDES)
    share = (a + b) / (size_a + size_b)
    evidence = sum(
        (_x_log(cell, expected) for n, size in ((a, size_a), (b, size_b))
         for cell, expected in ((n, share * size), (size - n, (1 - share) * size))),
        pl.lit(0.0),
    )  # fmt: skip
    ratio = (pl.when(a > 0).then(a).otherwise(ZERO) / size_a / (pl.when(b > 0).then(b).otherwise(ZERO) / size_b)).log(2)
    prior = PRIOR * share
    odds = [((n + prior) / (size + PRIOR - n - prior)).log() for n, size in ((a, size_a), (b, size_b))]
    z = (odds[0] - odds[1]) / (1 / (a + prior) + 1 / (b + prior)).sqrt()
    return (
        rows.join(sizes, how="cross")
        .filter(size_a > 0, size_b > 0)
        .with_columns(
            (a / size_a * 1e6).alias("rate_target"),
            (b / size_b * 1e6).alias("rate_reference"),
            ((a / size_a - b / size_b).sign() * (2 * evidence).clip(lower_bound=0)).alias("g2"),
            ratio.alias("log_ratio"),
            pl.when(z.is_finite()).then(z).alias("log_odds"),
        )
    )


def _x_log(n: pl.Expr, expected: pl.Expr) -> pl.Expr:
    return pl.when(n > 0).then(n * (n / expected).log()).otherwise(0.0)


def _tested(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows with q."""

    def fit(found: pl.DataFrame) -> pl.DataFrame:
        from scipy import stats

        p = stats.chi2.sf(np.abs(found["g2"].to_numpy()), df=1)
        return found.with_columns(pl.Series("q", stats.false_discovery_control(p) if len(p) else p, pl.Float64))

    return fitted(rows, fit, keeps=tuple(rows.collect_schema().names()), adds={"q": pl.Float64})


def _ranked(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows with their places by each measure, among the terms of their side; of equal ones the first by term."""
    side = pl.col("log_ratio").sign()
    by = {
        "g2": pl.col("g2").abs(),
        "logratio": pl.col("log_ratio").abs() + pl.when(pl.col("q") <= SIGNIFICANT).then(1e6).otherwise(0.0),
        "logodds": pl.col("log_odds").abs(),
    }
    return rows.sort("term").with_columns(
        pl.when(side != 0).then(value.rank("ordinal", descending=True).over(side)).alias(RANKS[name])
        for name, value in by.items()
    )


def _intervals(counted: pl.LazyFrame, lengths: pl.LazyFrame) -> pl.LazyFrame:
    """`low` and `high` of the log ratio of each term of `counted`. A term of null stands for all words of a paper."""
    words = lengths.select(pl.lit(None, pl.String).alias("term"), "is_target", "paper_id", pl.col("length").alias("n"))
    rows = pl.concat([counted.select("term", "is_target", "paper_id", "n"), words], how="vertical_relaxed")
    return fitted(rows, _drawn_again, keeps=("term",), adds={"low": pl.Float64, "high": pl.Float64})


def _drawn_again(rows: pl.DataFrame) -> pl.DataFrame:
    """The intervals: both sides of all terms from the same draws of papers; a paper in both goes along in both."""
    names = rows["term"].drop_nulls().unique().sort()
    empty = pl.DataFrame({"term": names, "low": None, "high": None})
    papers = rows["paper_id"].unique().sort()
    if papers.len() < 2 or not names.len():
        return empty
    place = np.random.default_rng(1).permutation(papers.len()) % _CLUSTERS
    clusters = pl.DataFrame({"paper_id": papers, "_cluster": place})
    summed = rows.join(clusters, on="paper_id").group_by("term", "is_target", "_cluster").agg(pl.col("n").sum())
    whole = summed.filter(pl.col("term").is_null()).drop("term").rename({"n": "whole"})
    # every cluster in every group, as a cluster without the term has its words all the same
    grid = whole.join(pl.DataFrame({"term": names}).with_row_index("_term"), how="cross")
    grid = grid.join(summed, on=["term", "is_target", "_cluster"], how="left").with_columns(pl.col("n").fill_null(0))
    grid = grid.sort("_term", "is_target", "_cluster")
    group = grid["_term"].cast(pl.Int64) * 2 + grid["is_target"].cast(pl.Int64)
    found = replicates(*(each.to_numpy() for each in (grid["_cluster"], group, grid["n"], grid["whole"])))
    sizes = dict(whole.group_by("is_target").agg(pl.col("whole").sum()).iter_rows())
    rates = [np.where(found[:, side::2] == 0, ZERO / sizes.get(bool(side), 1), found[:, side::2]) for side in (1, 0)]
    low, high = bounds(np.log2(rates[0] / rates[1]))
    ends = (pl.Series(name, each, pl.Float64).fill_nan(None) for name, each in (("low", low), ("high", high)))
    return pl.DataFrame({"term": names}).with_columns(ends)
