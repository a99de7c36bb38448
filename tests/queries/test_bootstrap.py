"""Intervals against scipy and statsmodels: papers are drawn again, not labels."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from queries.bootstrap import bootstrap
from queries.intervals import thin, wilson
from queries.resampling import bounds, replicates


def counts(seed: int = 3, n_papers: int = 60) -> pl.DataFrame:
    """Papers whose shares differ, so that labels of one paper hang together."""
    random = np.random.default_rng(seed)
    whole = random.integers(1, 30, n_papers)
    part = random.binomial(whole, random.beta(2, 4, n_papers))
    return pl.DataFrame({"paper_id": np.arange(n_papers), "part": part, "whole": whole})


@pytest.mark.parametrize(("part", "whole"), [(0, 1), (3, 7), (40, 40), (17, 905), (0, 0)])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_wilson_is_that_of_statsmodels(part, whole, level):
    frame = pl.DataFrame({"part": [part], "whole": [whole]}).select(*wilson("part", "whole", level=level))
    if not whole:
        assert frame.row(0) == (None, None)
    else:
        wanted = proportion_confint(part, whole, alpha=1 - level, method="wilson")
        assert frame.row(0) == pytest.approx(wanted, abs=1e-12)


def test_interval_of_a_ratio_is_that_of_scipys_bootstrap():
    frame = counts()
    wanted = stats.bootstrap(
        (frame["part"].to_numpy(), frame["whole"].to_numpy()),
        lambda part, whole, axis: part.sum(axis=axis) / whole.sum(axis=axis),
        paired=True, vectorized=True, method="percentile", n_resamples=20_000, rng=np.random.default_rng(5),
    ).confidence_interval  # fmt: skip
    row = bootstrap(frame.lazy(), by=(), resamples=20_000).collect().row(0, named=True)
    assert row["value"] == pytest.approx(frame["part"].sum() / frame["whole"].sum())
    assert (row["low"], row["high"]) == pytest.approx((wanted.low, wanted.high), abs=0.004)
    as_if_independent = proportion_confint(row["part"], row["whole"], method="wilson")
    assert row["high"] - row["low"] > 1.3 * (as_if_independent[1] - as_if_independent[0])


def test_groups_are_sorted_and_a_group_alone_is_as_among_others():
    frame = counts().with_columns(code=pl.when(pl.col("paper_id") % 2 == 0).then(pl.lit("b")).otherwise(pl.lit(None)))
    found = bootstrap(frame.lazy(), by=["code"]).collect()
    assert found["code"].to_list() == ["b", None]
    assert found["n_papers"].to_list() == [30, 30]
    assert found["part"].sum() == frame["part"].sum()


def test_the_order_of_rows_is_of_no_matter_and_the_same_call_gives_the_same():
    frame = counts().with_columns(code=pl.col("paper_id") % 3)
    shuffled = frame.sample(fraction=1, shuffle=True, seed=9)
    assert bootstrap(frame.lazy(), by=["code"]).collect().equals(bootstrap(shuffled.lazy(), by=["code"]).collect())


def test_a_corpus_twice_over_has_the_same_value_and_a_narrower_interval():
    frame = counts(n_papers=120)
    twice = pl.concat([frame, frame.with_columns(pl.col("paper_id") + 1_000)])
    once, double = (bootstrap(each.lazy(), by=()).collect().row(0, named=True) for each in (frame, twice))
    assert once["value"] == pytest.approx(double["value"])
    assert (double["high"] - double["low"]) / (once["high"] - once["low"]) == pytest.approx(0.5**0.5, abs=0.1)


def test_one_paper_has_no_interval_and_no_whole_has_no_value():
    rows = pl.LazyFrame({"paper_id": [1, 2, 3], "code": ["a", "b", "b"], "part": [1, 0, 0], "whole": [2, 0, 0]})
    found = bootstrap(rows, by=["code"]).collect()
    assert found.rows() == [("a", 1, 2, 1, 0.5, None, None), ("b", 0, 0, 0, None, None, None)]


def test_no_rows_are_no_rows():
    rows = pl.LazyFrame(schema={"paper_id": pl.UInt32, "code": pl.String, "part": pl.UInt32, "whole": pl.UInt32})
    found = bootstrap(rows, by=["code"]).collect()
    assert found.is_empty()
    assert found.columns == ["code", "part", "whole", "n_papers", "value", "low", "high"]


def test_groups_share_their_draws():
    papers = np.repeat(np.arange(40), 2)
    groups = np.tile([0, 1], 40)
    part = np.repeat(np.random.default_rng(1).integers(0, 5, 40), 2)
    found = replicates(papers, groups, part, np.full(80, 5))
    assert np.array_equal(found[:, 0], found[:, 1])


def test_what_was_never_there_has_no_bounds():
    low, high = bounds(np.array([[np.nan, 0.1], [np.nan, 0.3]]))
    assert np.isnan([low[0], high[0]]).all()
    assert 0.1 < low[1] < high[1] < 0.3


def test_thin_is_under_30_papers_or_5_observations():
    frame = pl.DataFrame({"n_papers": [30, 29, 30, None], "n": [5, 500, 4, 9]})
    assert frame.select(thin())["n_papers"].to_list() == [False, True, True, True]
