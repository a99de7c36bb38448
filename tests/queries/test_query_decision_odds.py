"""Odds of acceptance: a table worked by hand, statsmodels on a design made here, and what cannot be estimated."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from made import DRAWN, Paper, Review, doubled, drawn, frames
from spec import frames as tables
from spec import shuffled

from queries.decision_odds import decision_odds

NEG, POS = [("EMP", -1)], [("EMP", 1)]


def rows(papers, **options) -> dict:
    found = decision_odds(frames(papers), **options).collect()
    return {(str(row["code"]), row["polarity"]): row for row in found.iter_rows(named=True)}


def alone(decision: str, *sentences) -> Paper:
    return Paper([Review(list(sentences))], decision)


def test_a_table_of_two_by_two_worked_by_hand():
    # Reviews of 60 papers, one each:        accepted  rejected
    #   with a negative sentence on EMP          6        18
    #   without                                 24        12       odds ratio (6 · 12) / (18 · 24) = 1/6
    # The model is saturated, so that the robust variance of its logarithm is 1/6 + 1/18 + 1/24 + 1/12 = 25/72; with 60
    # clusters, 60 rows and 2 coefficients it is taken times 60/59 · 59/58.
    papers = [
        *[alone("accept", NEG, POS)] * 6, *[alone("reject", NEG, POS)] * 18,
        *[alone("accept", POS)] * 24, *[alone("reject", POS)] * 12,
    ]  # fmt: skip
    row = rows(papers, measure="any")["EMP", -1]
    reach = 1.959964 * math.sqrt(25 / 72 * 60 / 58)
    assert row["odds"] == pytest.approx(1 / 6)
    assert (row["low"], row["high"]) == pytest.approx((math.exp(-reach) / 6, math.exp(reach) / 6), rel=1e-5)
    z = math.log(6) / math.sqrt(25 / 72 * 60 / 58)
    assert row["p"] == pytest.approx(math.erfc(z / math.sqrt(2)), rel=1e-5)
    assert (row["sentences"], row["accepted"], row["rejected"], row["n_reviews"]) == (24, 6, 18, 24)
    assert (row["reviews"], row["papers"], row["accepted_papers"], row["thin"]) == (60, 60, 30, False)


def by_hand(papers, measure: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The design as a matrix, the decisions and the papers, without any of our code."""
    x, y, clusters = [], [], []
    for number, paper in enumerate(papers):
        for review in paper.reviews:
            labels = [label for sentence in review.sentences for label in sentence]
            n = [labels.count(label) for label in DRAWN]
            share = [10 * each / len(review.sentences) for each in n]
            x.append({"sentences": n, "any": [each > 0 for each in n], "share": share}[measure])
            y.append(paper.decision == "accept")
            clusters.append(number)
    return np.array(x, float), np.array(y, float), np.array(clusters)


@pytest.mark.parametrize("measure", ["sentences", "any", "share"])
def test_ratios_are_those_of_statsmodels(measure):
    papers = drawn(90)
    x, y, clusters = by_hand(papers, measure)
    # the shares add up to ten in every review, so the last in the schemes' order (CLA, positive) is told already
    order = [label for label in DRAWN if not (measure == "share" and label == ("CLA", 1))]
    columns = [DRAWN.index(label) for label in order]
    joint = fitted(x[:, columns], y, clusters)
    found = rows(papers, measure=measure)
    assert set(found) == set(DRAWN)
    for at, label in enumerate(DRAWN):
        agrees(found[label], "", fitted(x[:, [at]], y, clusters), 1)
    for at, label in enumerate(order):
        agrees(found[label], "adjusted_", joint, at + 1)
    if measure == "share":
        assert found["CLA", 1]["adjusted_why"] == "dependent"
        assert found["CLA", 1]["adjusted_odds"] is None


def fitted(x, y, clusters):
    model = sm.GLM(y, sm.add_constant(x), family=sm.families.Binomial())
    return model.fit(tol=1e-12, cov_type="cluster", cov_kwds={"groups": clusters})


def agrees(row, start, wanted, at) -> None:
    low, high = wanted.conf_int()[at]
    numbers = [row[f"{start}{name}"] for name in ("odds", "low", "high", "p")]
    assert numbers == pytest.approx([*np.exp([wanted.params[at], low, high]), wanted.pvalues[at]], rel=1e-4)


def test_q_is_the_false_discovery_rate():
    found = list(rows(drawn(90)).values())
    for start in ("", "adjusted_"):
        p = sorted(row[f"{start}p"] for row in found)
        for row in found:  # the least of p times their number over rank, of the ranks from its own on
            place = p.index(row[f"{start}p"])
            wanted = min(each * len(p) / (rank + 1) for rank, each in enumerate(p) if rank >= place)
            assert row[f"{start}q"] == pytest.approx(min(1, wanted))


def test_reviews_of_a_paper_count_as_one():
    # Each review three times over tells nothing new: the same ratio, and nearly the same interval
    papers = drawn(60)
    thrice = [paper._replace(reviews=[*paper.reviews] * 3) for paper in papers]
    once, often = rows(papers)["EMP", -1], rows(thrice)["EMP", -1]
    assert often["odds"] == pytest.approx(once["odds"])
    assert often["high"] == pytest.approx(once["high"], rel=0.02)


class TestWhatCannotBeEstimated:
    def test_a_label_with_one_decision_only(self):
        papers = [*[alone("accept", POS, [("NOV", 1)])] * 20, *[alone("accept", NEG)] * 10]
        papers += [*[alone("reject", NEG)] * 20, *[alone("reject", POS)] * 10]
        found = rows(papers)
        assert found["NOV", 1]["why"] == found["NOV", 1]["adjusted_why"] == "separated"
        assert found["NOV", 1]["odds"] is None
        assert found["EMP", -1]["odds"] == pytest.approx(0.25)

    def test_labels_that_together_tell_decisions_without_error(self):
        # Each of the two overlaps, but it is always the difference that decides
        papers = [
            alone("accept" if n > m else "reject", *[POS] * n, *[NEG] * m)
            for n, m in [(3, 1), (5, 4), (2, 1), (1, 3), (4, 5), (1, 2)] * 12
        ]
        found = rows(papers)
        assert found["EMP", 1]["odds"] > 1
        assert {row["adjusted_why"] for row in found.values()} == {"separated"}
        assert all(row["adjusted_odds"] is None for row in found.values())

    def test_a_label_that_another_tells(self):
        papers = [
            paper._replace(reviews=[
                review._replace(sentences=[[*s, *[("CMP", -1)] * (("EMP", -1) in s)] for s in review.sentences])
                for review in paper.reviews
            ])
            for paper in drawn(60)
        ]  # fmt: skip
        found = rows(papers)
        assert found["EMP", -1]["adjusted_why"] == "dependent", "meaningful comparison stands before it"
        assert found["CMP", -1]["adjusted_odds"] == pytest.approx(rows(drawn(60))["EMP", -1]["adjusted_odds"])

    def test_a_label_that_all_reviews_have_or_hardly_any(self):
        papers = [*[alone("accept", POS, NEG)] * 20, *[alone("reject", NEG)] * 20, *[alone("reject", NEG, POS)] * 4]
        papers += [alone("accept", NEG, [("NOV", 1)])] * 4
        found = rows(papers)
        assert found["EMP", -1]["why"] == "constant"
        assert found["NOV", 1]["why"] == "rare"
        assert found["EMP", 1]["why"] is None

    def test_many_reviews_of_few_papers_are_few(self):
        papers = [
            *drawn(40),
            Paper([Review([[("NOV", -1)]])] * 9, "accept"),
            Paper([Review([[("NOV", -1)]])], "reject"),
        ]
        row = rows(papers)["NOV", -1]
        assert (row["n_reviews"], row["n_papers"], row["why"]) == (10, 2, "rare")

    def test_one_decision(self):
        found = rows([paper._replace(decision="accept") for paper in drawn(40)])
        assert (
            {row["why"] for row in found.values()}
            == {row["adjusted_why"] for row in found.values()}
            == {"one decision"}
        )

    def test_few_papers(self):
        found = rows(drawn(29))
        assert all(row["thin"] for row in found.values())
        assert {row["adjusted_why"] for row in found.values()} == {"few papers"}
        assert found["EMP", -1]["odds"] < 1

    def test_few_papers_of_one_decision(self):
        # 40 papers, but six labels and eleven rejections: fewer than two for each
        papers = [p._replace(decision="reject" if n < 11 else "accept") for n, p in enumerate(drawn(40))]
        assert {row["adjusted_why"] for row in rows(papers).values()} == {"few papers"}


def test_only_reviews_of_accepted_and_rejected_papers_count():
    others = [
        paper._replace(decision=decision) for paper, decision in zip(drawn(4), ("withdrawn", None) * 2, strict=True)
    ]
    told = [Paper([Review([NEG], kind=kind)], "accept") for kind in ("rebuttal", "meta_review", "comment")] * 9
    unlabelled = [Paper([Review([[], []])], "accept")] * 9
    assert rows([*drawn(40), *others, *told, *unlabelled]) == rows(drawn(40))


def test_a_review_in_which_nothing_was_found_counts_and_the_code_none_is_no_label():
    looked = [alone("accept", [("none", None)])] * 8
    found = rows([*drawn(40), *looked])
    assert set(found) == set(DRAWN)
    assert found["EMP", -1]["reviews"] == rows(drawn(40))["EMP", -1]["reviews"] + 8
    assert found["EMP", -1]["odds"] < rows(drawn(40))["EMP", -1]["odds"], "they have no criticism and were accepted"


def test_the_order_of_rows_is_of_no_matter():
    given = frames(drawn(50))
    assert decision_odds(shuffled(given)).collect().equals(decision_odds(given).collect())


def test_the_corpus_twice_over_has_the_same_ratios_and_narrower_intervals():
    once, double = rows(drawn(60)), rows(doubled(drawn(60)))
    for label, row in once.items():
        for start in ("", "adjusted_"):
            assert double[label][f"{start}odds"] == pytest.approx(row[f"{start}odds"])
            width = [math.log(each[label][f"{start}high"] / each[label][f"{start}low"]) for each in (once, double)]
            assert width[1] / width[0] == pytest.approx(0.5**0.5, abs=0.02)


def test_rejection_is_the_inverse_of_acceptance():
    other = {"accept": "reject", "reject": "accept"}
    turned = rows([paper._replace(decision=other[paper.decision or ""]) for paper in drawn(60)])
    for label, row in rows(drawn(60)).items():
        assert turned[label]["odds"] == pytest.approx(1 / row["odds"])
        assert turned[label]["adjusted_low"] == pytest.approx(1 / row["adjusted_high"])
        assert (turned[label]["accepted"], turned[label]["rejected"]) == (row["rejected"], row["accepted"])


def test_codes_may_change_their_names():
    def renamed(label):
        return ({"EMP": "CLA", "CLA": "EMP"}.get(label[0], label[0]), label[1])

    papers = [
        paper._replace(reviews=[
            review._replace(sentences=[[renamed(label) for label in sentence] for sentence in review.sentences])
            for review in paper.reviews
        ])
        for paper in drawn(60)
    ]  # fmt: skip
    found = rows(papers)
    for label, row in rows(drawn(60)).items():
        assert found[renamed(label)]["odds"] == pytest.approx(row["odds"])
        assert found[renamed(label)]["adjusted_odds"] == pytest.approx(row["adjusted_odds"])


def test_no_rows_are_no_rows():
    empty = tables()
    empty = empty._replace(reviews=empty.reviews.with_columns(pl.lit(None, pl.UInt32).alias("n_words")))
    found = decision_odds(empty).collect()
    assert found.is_empty()
    assert found.columns[:5] == ["code", "polarity", "sentences", "n_reviews", "n_papers"]
