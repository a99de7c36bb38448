"""How honest expected probabilities are: counted by hand, and against statsmodels, pairs and a bootstrap."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from made import Review, drawn, frames
from spec import expect, shuffled
from statsmodels.stats.proportion import proportion_confint

from queries.decision_calibration import decision_calibration, decision_skill, expectations


def told(rows: list[tuple[int, float, float | None]], folds: int = 1) -> pl.LazyFrame:
    """Rows of paper, 1 for accepted, expected probability; papers go into folds in turn."""
    schema = {"paper_id": pl.UInt32, "given": pl.Float64, "expected": pl.Float64}
    return pl.LazyFrame(rows, schema=schema, orient="row").with_columns(
        pl.lit(0.5).alias("usual"), (pl.col("paper_id") % folds).cast(pl.UInt8).alias("fold")
    )


def test_reviews_by_tenth():
    # 1 is in the last tenth, 0.3 in the fourth, and what nobody expected in none
    rows = [(1, 1.0, 0.31), (1, 1.0, 0.35), (2, 0.0, 0.3), (3, 1.0, 1.0), (4, 0.0, 0.97), (5, 1.0, None)]
    expect(
        decision_calibration(told(rows)),
        """
        tenth | n_reviews | n_papers | expected | observed | thin
        ------+-----------+----------+----------+----------+-----
        3     | 3         | 2        | 0.32     | 0.6667   | true
        9     | 2         | 2        | 0.985    | 0.5      | true
        """,
    )


def test_the_interval_is_wilsons_for_the_number_that_the_reviews_are_worth():
    # Papers with three, two and one review: (3 + 2 + 1)² / (9 + 4 + 1) = 36 / 14 independent ones
    rows = [(1, 1.0, 0.5)] * 3 + [(2, 0.0, 0.5)] * 2 + [(3, 1.0, 0.5)]
    row = decision_calibration(told(rows)).collect().row(0, named=True)
    worth = 36 / 14
    wanted = proportion_confint(4 / 6 * worth, worth, method="wilson")
    assert (row["low"], row["high"]) == pytest.approx(wanted)


def test_the_interval_is_about_that_of_drawing_papers_again():
    random = np.random.default_rng(3)
    sizes, accepted = random.integers(1, 5, 200), random.random(200) < 0.4
    rows = [(paper, float(accepted[paper]), 0.45) for paper in range(200) for _ in range(sizes[paper])]
    row = decision_calibration(told(rows)).collect().row(0, named=True)
    draws = random.integers(0, 200, (4000, 200))
    shares = (sizes * accepted)[draws].sum(axis=1) / sizes[draws].sum(axis=1)
    assert (row["low"], row["high"]) == pytest.approx(tuple(np.quantile(shares, [0.025, 0.975])), abs=0.015)
    assert not row["thin"]


def skill(rows, folds: int = 1) -> dict:
    return decision_skill(told(rows, folds)).collect().row(0, named=True)


def test_skill_by_hand():
    # Pairs of an accepted and a rejected: .9 > .4, .9 > .6, .6 > .4, .6 = .6: three and a half of four
    row = skill([(1, 1.0, 0.9), (2, 1.0, 0.6), (3, 0.0, 0.4), (4, 0.0, 0.6), (5, 1.0, None)])
    assert row["brier"] == pytest.approx((0.01 + 0.16 + 0.16 + 0.36) / 4)
    assert row["brier_usual"] == 0.25
    assert row["auc"] == pytest.approx(3.5 / 4)
    assert (row["n_reviews"], row["n_papers"], row["accepted"]) == (4, 4, 0.5)


def test_only_pairs_within_a_fold_count():
    # Fold 0: .2 > .1, .2 < .3: one of two; fold 1: .8 = .8: half of one; fold 2 has no pair
    rows = [(3, 1.0, 0.2), (6, 0.0, 0.1), (9, 0.0, 0.3), (1, 1.0, 0.8), (4, 0.0, 0.8), (2, 1.0, 0.05)]
    assert skill(rows, 3)["auc"] == pytest.approx(1.5 / 3)
    assert skill([(3, 1.0, 0.2), (1, 0.0, 0.1)], 3)["auc"] is None


def test_the_area_is_that_of_all_pairs_within_folds():
    random = np.random.default_rng(11)
    rows = [
        (paper, float(accepted), round(random.random(), 1))
        for paper in range(90)
        for accepted in [random.random() < 0.4]
        for _ in range(random.integers(1, 4))
    ]
    pairs = [
        (yes > no) + (yes == no) / 2
        for a, is_in, yes in rows
        for b, other, no in rows
        if is_in == 1 and other == 0 and a % 7 == b % 7
    ]
    assert skill(rows, 7)["auc"] == pytest.approx(np.mean(pairs))


def test_the_interval_is_obuchowskis_within_one_fold():
    # Obuchowski's S10 and S01 from the placement values of every review, in plain loops
    random = np.random.default_rng(2)
    rows = [(p, float(p % 3 == 0), random.random()) for p in range(20) for _ in range(random.integers(1, 4))]
    yes, no = ([(p, value) for p, given, value in rows if given == side] for side in (1.0, 0.0))
    area = np.mean([a > b for _, a in yes for _, b in no])
    variance = 0.0
    for side, placed in (
        (yes, lambda value: np.mean([value > b for _, b in no])),
        (no, lambda value: np.mean([a > value for _, a in yes])),
    ):
        papers = {p for p, _ in side}
        sums = [sum(placed(value) - area for q, value in side if q == p) for p in papers]
        n = len(papers)
        variance += n / (n - 1) * sum(each**2 for each in sums) / len(side) ** 2
    row = skill(rows)
    assert row["auc"] == pytest.approx(area)
    assert (row["auc_low"], row["auc_high"]) == pytest.approx(
        (area - 1.959964 * variance**0.5, area + 1.959964 * variance**0.5)
    )


@pytest.mark.parametrize("folds", [1, 10])
def test_the_interval_of_the_area_is_about_that_of_drawing_papers_again(folds):
    random = np.random.default_rng(5)
    n = 240
    accepted, lean = random.random(n) < 0.5, random.normal(0, 1, n)
    rows = [
        (
            paper,
            float(accepted[paper]),
            float(1 / (1 + np.exp(-(lean[paper] + accepted[paper] + random.normal(0, 0.5))))),
        )
        for paper in range(n)
        for _ in range(3)
    ]
    row = skill(rows, folds)
    value = np.array([p for *_, p in rows]).reshape(n, 3)
    areas = []
    for _ in range(600):
        drawn_ = random.integers(0, n, n)
        right = pairs = 0
        for fold in range(folds):
            own = drawn_[drawn_ % folds == fold]
            yes, no = value[own[accepted[own]]].ravel(), value[own[~accepted[own]]].ravel()
            right, pairs = right + (yes[:, None] > no[None, :]).sum(), pairs + len(yes) * len(no)
        areas.append(right / pairs)
    assert (row["auc_low"], row["auc_high"]) == pytest.approx(tuple(np.quantile(areas, [0.025, 0.975])), abs=0.015)


def test_one_decision_or_one_paper_of_either_has_no_area_or_interval():
    assert skill([(1, 1.0, 0.9), (2, 1.0, 0.6)])["auc"] is None
    row = skill([(1, 1.0, 0.9), (1, 1.0, 0.8), (2, 0.0, 0.6)])
    assert (row["auc"], row["auc_low"]) == (1.0, None)


def test_no_signal_gives_one_half():
    # Without predictors all of a fold are tied, though folds with more acceptances are expected to have fewer
    same = [paper._replace(reviews=[Review([[("none", None)]], None, 100)] * 3) for paper in drawn(100)]
    rows = expectations(frames(same)).collect()
    assert rows["expected"].n_unique() > 1
    assert decision_skill(rows.lazy()).collect()["auc"].item() == 0.5


def test_decisions_permuted_over_papers_give_one_half_on_average():
    random, papers = np.random.default_rng(7), drawn(60)
    decisions = [paper.decision for paper in papers]
    areas = []
    for _ in range(60):
        permuted = [
            paper._replace(decision=decisions[at])
            for paper, at in zip(papers, random.permutation(len(papers)), strict=True)
        ]
        areas.append(decision_skill(expectations(frames(permuted))).collect()["auc"].item())
    assert np.mean(areas) == pytest.approx(0.5, abs=0.03)


def test_labels_that_make_decisions_tell_them():
    both = pl.collect_all([decision_skill(rows := expectations(frames(drawn(120)))), decision_calibration(rows)])
    row = both[0].row(0, named=True)
    assert row["auc_low"] > 0.5
    assert row["brier"] < row["brier_usual"]
    assert both[1]["n_reviews"].sum() == row["n_reviews"]


def test_the_order_of_rows_is_of_no_matter():
    given = frames(drawn(60))
    for query in (decision_calibration, decision_skill):
        assert query(expectations(shuffled(given))).collect().equals(query(expectations(given)).collect())


def test_nothing_expected_is_nothing_shown():
    few = expectations(frames(drawn(10)))
    assert decision_calibration(few).collect().is_empty()
    assert decision_skill(few).collect().rows() == [(0, 0, *[None] * 6)]
