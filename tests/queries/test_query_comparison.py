"""Cohorts against each other: differences, ratios, effects, p and q, each against something that is not ours."""

from __future__ import annotations

import itertools
import math

import numpy as np
import polars as pl
import pytest
from drawn import corpus, twice
from scipy import stats
from spec import expect, frames, shuffled
from statsmodels.regression.linear_model import WLS
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_effectsize

from queries.comparison import FLIPS, comparison, shared_papers
from queries.filters import Condition, Filters
from queries.measures import MEASURES, measures

ACCEPT, REJECT = (Filters(decisions=(each,)) for each in ("accept", "reject"))


def halves(given):
    return [each.apply(given) for each in (ACCEPT, REJECT)]


def papers(given, measure="negative", code="EMP"):
    """Of each paper with the code its part and whole, as arrays."""
    rows = measures(given, layer="aspect", measure=measure).filter(pl.col("code") == code).collect()
    return rows["part"].to_numpy().astype(float), rows["whole"].to_numpy().astype(float)


def row(found, code="EMP", cohort=1):
    return found.filter((pl.col("code") == code) & (pl.col("cohort") == cohort)).row(0, named=True)


#: Accepted papers 1 and 2: of 4 judged EMP labels 1 is negative. Rejected 3 and 4: of 5, 3. CLA is judged once.
SMALL = frames(
    papers="paper_id | decision\n---\n1 | accept\n2 | accept\n3 | reject\n4 | reject",
    reviews="review_id | paper_id\n---\n1 | 1\n2 | 2\n3 | 3\n4 | 4",
    segments="segment_id | review_id\n---\n" + "\n".join(f"{r}{i} | {r}" for r in (1, 2, 3, 4) for i in range(4)),
    labels="""
        segment_id | layer   | code | polarity
        -----------+---------+------+---------
        10         | aspect  | EMP  | -1
        11         | aspect  | EMP  | 1
        20         | aspect  | EMP  | 0
        21         | aspect  | EMP  | 1
        22         | aspect  | none |
        30         | aspect  | EMP  | -1
        31         | aspect  | EMP  | -1
        40         | aspect  | EMP  | -1
        41         | aspect  | EMP  | 0
        42         | aspect  | EMP  | 1
        43         | aspect  | CLA  | -1
    """,
)


class TestByHand:
    def test_every_code_has_every_cohort(self):
        # difference 3/5 - 1/4 = .35; ratio (3/5) / (1/4) = 2.4; h = 2 asin √.6 - 2 asin √.25 = 1.7722 - 1.0472
        expect(
            comparison(halves(SMALL), layer="aspect"),
            """
            code | cohort | n | n_reviews | part | whole | n_papers | value | difference | ratio | effect | thin
            -----+--------+---+-----------+------+-------+----------+-------+------------+-------+--------+-----
            EMP  | 0      | 4 | 2         | 1    | 4     | 2        | 0.25  |            |       |        | true
            EMP  | 1      | 5 | 2         | 3    | 5     | 2        | 0.6   | 0.35       | 2.4   | 0.7250 | true
            CLA  | 0      | 0 | 0         | 0    | 0     | 0        |       |            |       |        | true
            CLA  | 1      | 1 | 1         | 1    | 1     | 1        | 1     |            |       |        | true
            """,
        )

    def test_net_polarity_has_cohens_d_and_no_ratio(self):
        # accepted -1 1 0 1: mean .25, sum of squares about it 3 - 4/16 = 2.75; rejected -1 -1 -1 0 1: -.4, 4 - .8 = 3.2
        # pooled variance (2.75 + 3.2) / (4 + 5 - 2) = .85, d = (-.4 - .25) / √.85 = -.705
        found = row(comparison(halves(SMALL), layer="aspect", measure="net").collect())
        assert (found["value"], found["difference"]) == (pytest.approx(-0.4), pytest.approx(-0.65))
        assert found["effect"] == pytest.approx(-0.65 / math.sqrt(0.85))
        assert [found[name] for name in ("ratio", "ratio_low", "ratio_high")] == [None] * 3

    def test_the_reference_is_the_one_asked_for(self):
        found = comparison(halves(SMALL), layer="aspect", reference=1).collect()
        assert row(found, cohort=0)["ratio"] == pytest.approx(0.25 / 0.6)
        assert row(found, cohort=1)["difference"] is None

    def test_p_is_that_of_all_flips_written_out(self):
        """Scores by hand: the ratio of both is 4/9; each paper adds (negative - 4/9 judged) / judged of its cohort."""
        pooled = 4 / 9
        scores = [(x - pooled * n) / -4 for x, n in ((1, 2), (0, 2))] + [
            (x - pooled * n) / 5 for x, n in ((2, 2), (1, 3))
        ]
        assert sum(scores) == pytest.approx(0.35)
        sums = [
            abs(sum(s * u for s, u in zip(signs, scores, strict=True)))
            for signs in itertools.product((1, -1), repeat=4)
        ]
        exact = np.mean([each >= 0.35 - 1e-9 for each in sums])
        assert row(comparison(halves(SMALL), layer="aspect").collect())["p"] == pytest.approx(exact, abs=0.03)

    def test_a_reference_of_nought_has_no_ratio(self):
        none = frames(
            papers="paper_id | decision\n---\n1 | accept\n2 | accept\n3 | reject\n4 | reject",
            reviews="review_id | paper_id\n---\n1 | 1\n2 | 2\n3 | 3\n4 | 4",
            segments="segment_id | review_id\n---\n1 | 1\n2 | 2\n3 | 3\n4 | 4",
            labels="segment_id | layer | code | polarity\n---\n1 | aspect | EMP | 1\n2 | aspect | EMP | 1\n"
            "3 | aspect | EMP | -1\n4 | aspect | EMP | -1",
        )
        found = row(comparison(halves(none), layer="aspect").collect())
        assert (found["difference"], found["ratio"], found["ratio_low"]) == (1, None, None)
        assert found["effect"] == pytest.approx(math.pi)
        # all four scores are alike, so 2 of 16 ways to flip add up to as much
        assert found["p"] == pytest.approx(2 / 16, abs=0.02)


class TestOracles:
    @pytest.mark.parametrize("measure", ["negative", "net", "mention"])
    def test_the_interval_of_a_difference_is_that_of_scipys_bootstrap(self, measure):
        given = halves(corpus(160, seed=2, lean=0.6))
        a, b = (papers(each, measure) for each in given)

        def apart(first, second, axis):
            left, right = (
                part[at].sum(axis=axis) / whole[at].sum(axis=axis) for at, (part, whole) in ((first, a), (second, b))
            )
            return right - left

        wanted = stats.bootstrap(
            (np.arange(len(a[0])), np.arange(len(b[0]))), apart, vectorized=True, method="percentile",
            n_resamples=20_000, rng=np.random.default_rng(3),
        ).confidence_interval  # fmt: skip
        found = row(comparison(given, layer="aspect", measure=measure, resamples=20_000).collect())
        spread = wanted.high - wanted.low
        assert found["difference_low"] == pytest.approx(wanted.low, abs=0.06 * spread)
        assert found["difference_high"] == pytest.approx(wanted.high, abs=0.06 * spread)

    def test_the_interval_of_a_ratio_is_that_of_scipys_bootstrap(self):
        given = halves(corpus(160, seed=2, lean=0.6))
        a, b = (papers(each) for each in given)

        def ratio(first, second, axis):
            left, right = (
                part[at].sum(axis=axis) / whole[at].sum(axis=axis) for at, (part, whole) in ((first, a), (second, b))
            )
            return right / left

        wanted = stats.bootstrap(
            (np.arange(len(a[0])), np.arange(len(b[0]))), ratio, vectorized=True, method="percentile",
            n_resamples=20_000, rng=np.random.default_rng(3),
        ).confidence_interval  # fmt: skip
        found = row(comparison(given, layer="aspect", resamples=20_000).collect())
        assert (found["ratio_low"], found["ratio_high"]) == pytest.approx((wanted.low, wanted.high), rel=0.03)

    def test_cohorts_that_overlap_have_the_interval_of_papers_drawn_once(self):
        """All papers against the rejected ones: what they share cancels, so the interval is narrower than if apart."""
        drawn = corpus(160, seed=2, lean=0.6)
        given = [drawn, REJECT.apply(drawn)]
        part, whole = papers(drawn)
        of = measures(drawn, layer="aspect", measure="negative").filter(pl.col("code") == "EMP").collect()["paper_id"]
        rejected = (of > 80).to_numpy()

        def apart(at, axis):
            inside = rejected[at]
            every = part[at].sum(axis=axis) / whole[at].sum(axis=axis)
            return (part[at] * inside).sum(axis=axis) / (whole[at] * inside).sum(axis=axis) - every

        wanted = stats.bootstrap(
            (np.arange(len(part)),), apart, vectorized=True, method="percentile", n_resamples=20_000,
            rng=np.random.default_rng(3),
        ).confidence_interval  # fmt: skip
        found = row(comparison(given, layer="aspect", resamples=20_000).collect())
        spread = wanted.high - wanted.low
        assert found["difference_low"] == pytest.approx(wanted.low, abs=0.06 * spread)
        assert found["difference_high"] == pytest.approx(wanted.high, abs=0.06 * spread)

    @pytest.mark.parametrize(("seed", "lean"), [(1, 0.0), (2, 0.2), (3, 0.4), (4, 0.2)])
    def test_p_is_near_that_of_a_regression_with_errors_clustered_by_paper(self, seed, lean):
        """Paper shares weighted by their labels, on the cohort: the same difference; its robust z has nearly our p."""
        given = halves(corpus(240, seed=seed, lean=lean))
        (x, n), (y, m) = (papers(each) for each in given)
        shares, weights = np.concatenate([x / n, y / m]), np.concatenate([n, m])
        cohort = np.column_stack([np.ones(len(shares)), np.repeat([0.0, 1.0], [len(x), len(y)])])
        fitted = WLS(shares, cohort, weights=weights).fit(cov_type="HC1")
        found = row(comparison(given, layer="aspect").collect())
        assert found["difference"] == pytest.approx(fitted.params[1])
        assert found["p"] == pytest.approx(fitted.pvalues[1], abs=max(0.006, 0.15 * fitted.pvalues[1]))

    def test_h_is_that_of_statsmodels(self):
        found = comparison(halves(corpus(60)), layer="aspect").collect()
        for code in ("NOV", "EMP", "CLA"):
            reference, other = (row(found, code, cohort) for cohort in (0, 1))
            assert other["effect"] == pytest.approx(proportion_effectsize(other["value"], reference["value"]))

    def test_q_is_p_after_benjamini_and_hochberg_over_all_codes_and_cohorts(self):
        drawn = corpus(150, lean=0.4, years=3)
        given = [Filters(years=(year,)).apply(drawn) for year in (2018, 2019, 2020)]
        found = comparison(given, layer="aspect").filter(pl.col("p").is_not_null()).collect()
        assert found.height == 6
        p = found["p"].to_numpy()
        wanted = multipletests(p, method="fdr_bh")[1]
        assert found["q"].to_numpy() == pytest.approx(wanted)
        assert found["q"].to_numpy() == pytest.approx(stats.false_discovery_control(p))


class TestNull:
    def test_cohorts_drawn_at_random_seldom_differ(self):
        """Of 40 times three codes under no difference at all: p is under .05 about as often as it should be."""
        drawn = corpus(160, seed=11)
        ids = drawn.papers.select("paper_id").collect()["paper_id"]
        p, q = [], []
        for seed in range(40):
            first = ids.sample(60, seed=seed)
            sets = [first, ids.filter(~ids.is_in(first.to_list()))]
            cohorts = [
                drawn._replace(
                    papers=drawn.papers.filter(pl.col("paper_id").is_in(each.to_list())),
                    labels=drawn.labels.filter(pl.col("paper_id").is_in(each.to_list())),
                )
                for each in sets
            ]
            found = comparison(cohorts, layer="aspect", resamples=50, flips=499).filter(pl.col("cohort") == 1).collect()
            p += found["p"].to_list()
            q.append(min(found["q"]))
        assert np.mean(np.array(p) < 0.05) < 0.1
        assert np.mean(np.array(p) < 0.5) == pytest.approx(0.5, abs=0.15)
        assert np.mean(np.array(q) < 0.05) < 0.1

    def test_what_differs_is_found(self):
        found = comparison(halves(corpus(160, lean=1.0)), layer="aspect").filter(pl.col("cohort") == 1).collect()
        assert (found["q"] < 0.01).all()
        assert (found["difference_low"] > 0).all()

    @pytest.mark.parametrize("measure", MEASURES)
    def test_a_cohort_does_not_differ_from_itself(self, measure):
        drawn = corpus(40)
        found = comparison([drawn, drawn], layer="aspect", measure=measure).filter(pl.col("cohort") == 1).collect()
        for name in ("difference", "difference_low", "difference_high", "effect"):
            assert found[name].to_list() == pytest.approx([0, 0, 0]), name
        assert found["p"].to_list() == found["q"].to_list() == [1, 1, 1]
        if measure != "net":
            assert found["ratio"].to_list() == pytest.approx([1, 1, 1])
            assert found["ratio_low"].to_list() == pytest.approx([1, 1, 1])


class TestInvariances:
    @pytest.mark.parametrize("measure", MEASURES)
    def test_swapped_cohorts_flip_the_sign(self, measure):
        given = halves(corpus(80, seed=3, lean=0.3))
        there = comparison(given, layer="aspect", measure=measure).filter(pl.col("cohort") == 1).collect()
        back = comparison(given[::-1], layer="aspect", measure=measure).filter(pl.col("cohort") == 1).collect()
        for name, other in (
            ("difference", "difference"),
            ("difference_low", "difference_high"),
            ("difference_high", "difference_low"),
            ("effect", "effect"),
        ):
            assert back[name].to_list() == pytest.approx([-each for each in there[other]])
        assert back["p"].to_list() == there["p"].to_list()
        if measure != "net":
            assert back["ratio"].to_list() == pytest.approx([1 / each for each in there["ratio"]])

    def test_the_order_of_rows_is_of_no_matter(self):
        drawn = corpus(80, seed=3, lean=0.3)
        once = comparison(halves(drawn), layer="aspect").collect()
        assert once.equals(comparison(halves(shuffled(drawn)), layer="aspect").collect())

    def test_a_corpus_twice_over_has_the_same_values_and_surer_differences(self):
        drawn = corpus(80, seed=3, lean=0.3)
        once, double = (comparison(halves(each), layer="aspect").collect() for each in (drawn, twice(drawn)))
        for name in ("value", "difference", "ratio", "effect"):
            assert double[name].drop_nulls().to_list() == pytest.approx(once[name].drop_nulls().to_list()), name
        assert double["part"].to_list() == [2 * part for part in once["part"]]
        width = (pl.col("difference_high") - pl.col("difference_low")).mean()
        assert double.select(width).item() / once.select(width).item() == pytest.approx(0.5**0.5, abs=0.08)

    def test_a_third_cohort_changes_nothing_but_q(self):
        drawn = corpus(90, seed=7, lean=0.3)
        two = comparison(halves(drawn), layer="aspect").collect()
        three = comparison([*halves(drawn), drawn], layer="aspect").filter(pl.col("cohort") < 2).collect()
        for name in ("value", "low", "high", "difference", "difference_low", "ratio", "effect", "p"):
            assert three[name].to_list() == two[name].to_list(), name


class TestStates:
    def test_no_labels_are_no_rows(self):
        found = comparison([frames(), frames()], layer="aspect").collect()
        assert found.is_empty()
        assert {"code", "cohort", "value", "difference", "ratio", "effect", "p", "q", "thin"} <= set(found.columns)

    def test_an_empty_cohort_has_no_values_and_differs_from_nothing(self):
        drawn = corpus(40)
        found = comparison([drawn, Filters(venues=("nowhere",)).apply(drawn)], layer="aspect").collect()
        other = found.filter(pl.col("cohort") == 1)
        assert other["whole"].to_list() == [0, 0, 0]
        for name in ("value", "low", "difference", "ratio", "effect", "p", "q"):
            assert other[name].is_null().all(), name

    def test_cohorts_may_cut_through_papers(self):
        """Sentences of the same papers: both cohorts have all papers, and a paper is drawn in both."""
        drawn = corpus(60)
        given = [Filters(conditions=(Condition("aspect", code),)).apply(drawn) for code in ("EMP", "CLA")]
        found = comparison(given, layer="aspect", measure="share").collect()
        assert row(found, "EMP", 0)["value"] == 1
        assert row(found, "EMP", 1)["value"] == 0
        assert row(found, "CLA", 0)["value"] == 0, "a code that only another cohort uses is nought here, not unknown"

    def test_p_is_never_nought(self):
        found = comparison(halves(corpus(400, lean=5)), layer="aspect").collect()
        assert found["p"].min() == pytest.approx(1 / (FLIPS + 1))

    def test_there_must_be_a_reference(self):
        with pytest.raises(ValueError, match="no cohort 2"):
            comparison([SMALL, SMALL], layer="aspect", reference=2)
        with pytest.raises(ValueError, match="no cohort 0"):
            comparison([], layer="aspect")


def test_papers_in_more_than_one_cohort_are_counted():
    drawn = corpus(20)
    two = halves(drawn)
    assert shared_papers(two).collect().rows() == [(20, 0)]
    assert shared_papers([two[0], drawn]).collect().rows() == [(20, 10)]
    assert shared_papers([drawn, drawn, drawn]).collect().rows() == [(20, 20)]
    assert shared_papers([frames()]).collect().rows() == [(0, 0)]
