"""Corrected cohorts against each other: differences of corrected shares, with the same rates on both sides."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from drawn import corpus
from guessed import World, models, world
from scipy import stats
from spec import frames, shuffled
from statsmodels.stats.multitest import multipletests
from test_query_adjusted_trend import GIVEN

from queries.adjusted_comparison import adjusted_comparison
from queries.adjusted_measures import CORRECTABLE
from queries.adjusted_trend import adjusted_trend
from queries.comparison import comparison
from queries.filters import Filters

HALVES = [Filters(decisions=(each,)) for each in ("accept", "reject")]


def halves(given):
    return [each.apply(given) for each in HALVES]


def row(found: pl.DataFrame, cohort: int = 1, code: str = "EMP") -> dict:
    return found.filter((pl.col("code") == code) & (pl.col("cohort") == cohort)).row(0, named=True)


def test_values_are_those_of_the_trend_and_differences_theirs():
    years = [Filters(years=(year,)).apply(GIVEN) for year in (2019, 2020)]
    found = adjusted_comparison(years, layer="aspect", measure="sentence", whole=GIVEN).collect()
    wanted = adjusted_trend(GIVEN, layer="aspect", measure="sentence").sort("code", "at").collect()
    columns = ["code", "n", "part", "whole", "by_model", "value", "counted", "weak", "reason", "thin"]
    assert found.select(columns).equals(wanted.select(columns))
    # .50909 - .63636 of the trend's hand-worked table; 2 asin √.50909 - 2 asin √.63636
    own = row(found)
    assert own["difference"] == pytest.approx(-0.12727, abs=1e-4)
    assert own["ratio"] == pytest.approx(0.50909 / 0.63636, abs=1e-4)
    effect = 2 * math.asin(math.sqrt(0.50909)) - 2 * math.asin(math.sqrt(0.63636))
    assert own["effect"] == pytest.approx(effect, abs=1e-4)
    assert own["counted_difference"] == 0
    assert (own["p"], own["q"], own["difference_low"]) == (None, None, None), "a paper each"
    assert [row(found, 0)[name] for name in ("difference", "ratio", "effect", "p")] == [None] * 4


def test_every_code_has_every_cohort_and_what_cannot_be_corrected_no_difference():
    years = [Filters(years=(year,)).apply(GIVEN) for year in (2019, 2020)]
    found = adjusted_comparison(years, layer="aspect", measure="sentence", whole=GIVEN).collect()
    assert found["code"].to_list() == ["EMP", "EMP", "CLA", "CLA"]
    assert row(found, code="CLA")["difference"] is None
    assert row(found, code="CLA")["counted_difference"] == pytest.approx(-0.2)


def test_what_the_model_errs_alike_in_both_cohorts_does_not_widen_their_difference():
    """Both shares move with tpr and fpr; apart, their variances would add up."""
    few = World(0.3, held_out=250)
    given = world(few, 2, n_papers=(150, 150))
    found = adjusted_comparison(halves(given), layer="aspect", measure="sentence", whole=given).collect()
    own, other = row(found, 1), row(found, 0)
    width = {name: each["high"] - each["low"] for name, each in (("own", own), ("other", other))}
    apart = math.hypot(*width.values())
    assert own["difference_high"] - own["difference_low"] < 0.7 * apart


def test_the_interval_of_a_difference_with_sure_rates_is_that_of_scipys_bootstrap():
    given = world(World(0.3), 5, n_papers=(60, 50))
    sure = models(
        "code | n_segments | n_gold | n_model | n_both\n---\nEMP | 200000000 | 100000000 | 68000000 | 60000000"
    )
    given = given._replace(models=sure)
    n = dict(given.labels.filter(pl.col("code") == "EMP").group_by("paper_id").len().collect().rows())
    sides = [np.array([n.get(at, 0) for at in ids], float) for ids in (range(1, 61), range(61, 111))]
    wanted = stats.bootstrap(
        sides, lambda a, b, axis: (b.mean(axis=axis) - a.mean(axis=axis)) / 12 / 0.52, vectorized=True,
        method="percentile", n_resamples=20_000, rng=np.random.default_rng(4),
    ).confidence_interval  # fmt: skip
    own = row(
        adjusted_comparison(halves(given), layer="aspect", measure="sentence", whole=given, resamples=20_000).collect()
    )
    spread = wanted.high - wanted.low
    assert own["difference_low"] == pytest.approx(wanted.low, abs=0.06 * spread)
    assert own["difference_high"] == pytest.approx(wanted.high, abs=0.06 * spread)
    # p against Welch's test on papers, as all papers are of one size and nothing else is unsure
    assert own["p"] == pytest.approx(stats.ttest_ind(*sides, equal_var=False).pvalue, abs=0.05)


def test_cohorts_that_do_not_differ_seldom_do_and_those_that_do_often():
    """Of 100 worlds each; in the second the true shares are .2 and .4."""
    level, power = [], []
    for seed in range(100):
        same = world(World(0.2), seed, n_papers=(40, 40))
        other = world(World(0.4), 1_000 + seed, n_papers=(40, 40))
        first, second = halves(same)[0], halves(other)[1]
        level.append(_p(halves(same), same))
        mixed = second._replace(models=same.models)
        ids = [pl.col(name) + 100_000 for name in ("paper_id", "review_id", "segment_id")]
        moved = mixed._replace(
            papers=mixed.papers.with_columns(ids[0]), reviews=mixed.reviews.with_columns(ids[:2]),
            segments=mixed.segments.with_columns(ids), labels=mixed.labels.with_columns(ids),
        )  # fmt: skip
        power.append(_p([first, moved], None))
    assert np.mean(np.array(level) <= 0.05) <= 0.1
    assert np.mean(np.array(power) <= 0.05) >= 0.8


def _p(cohorts, whole) -> float:
    of = {"layer": "aspect", "measure": "sentence", "resamples": 200}
    return row(adjusted_comparison(cohorts, whole=whole, **of).collect())["p"]


def test_people_alone_have_the_values_of_the_comparison_and_much_the_same_p():
    given = halves(corpus(120, seed=2, lean=0.5))
    for measure in CORRECTABLE:
        found, wanted = (
            each(given, layer="aspect", measure=measure).collect() for each in (adjusted_comparison, comparison)
        )
        for name in ("value", "difference", "ratio", "low", "high"):
            assert found[name].to_list() == pytest.approx(wanted[name].to_list(), abs=0.02, nan_ok=True), name
        assert found["p"].drop_nulls().to_list() == pytest.approx(wanted["p"].drop_nulls().to_list(), abs=0.06)


def test_as_counted_nothing_is_corrected():
    given = world(World(0.3), 2, n_papers=(40, 40))
    of = {"layer": "aspect", "measure": "sentence", "whole": given}
    found = adjusted_comparison(halves(given), counted=True, **of).collect()
    assert found["value"].equals(found["counted"].alias("value"))
    assert found["low"].equals(found["counted_low"].alias("low"))
    bare = given._replace(models=given.models.head(0))
    without = adjusted_comparison(halves(bare), counted=True, layer="aspect", measure="sentence", whole=bare).collect()
    assert without["reason"].null_count() == 2
    assert without["difference"].to_list() == found["difference"].to_list()


def test_q_is_p_after_benjamini_and_hochberg():
    given = halves(corpus(120, seed=2, lean=0.5))
    found = adjusted_comparison(given, layer="aspect").collect().filter(pl.col("p").is_not_null())
    assert found["q"].to_list() == pytest.approx(multipletests(found["p"].to_list(), method="fdr_bh")[1])


def test_a_cohort_against_itself_does_not_differ():
    given = world(World(0.3), 2)
    own = row(adjusted_comparison([given, given], layer="aspect", measure="sentence").collect())
    assert (own["difference"], own["difference_low"], own["difference_high"], own["p"]) == (0, 0, 0, 1)


def test_the_order_of_rows_is_of_no_matter_and_nothing_is_nothing():
    given = world(World(0.3), 2, n_papers=(20, 20))
    of = {"layer": "aspect", "measure": "sentence", "resamples": 50}
    assert (
        adjusted_comparison(halves(given), **of)
        .collect()
        .equals(adjusted_comparison(halves(shuffled(given)), **of).collect())
    )
    assert adjusted_comparison([frames(), frames()], layer="aspect").collect().is_empty()
    with pytest.raises(ValueError, match="no cohort 0"):
        adjusted_comparison([], layer="aspect")
    with pytest.raises(ValueError, match="cannot be corrected"):
        adjusted_comparison([given], layer="aspect", measure="mention")
