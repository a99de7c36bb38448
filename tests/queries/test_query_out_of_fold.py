"""What is expected of a review: a ridge in closed form on the same folds, and that no paper has a say in its own."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from made import DRAWN, Paper, Review, doubled, drawn, frames
from scipy import optimize
from spec import shuffled

from queries.label_design import label_design
from queries.out_of_fold import out_of_fold, weights

PAPERS = drawn(60)


def told(papers, of="rating", query=out_of_fold) -> pl.DataFrame:
    return query(label_design(frames(papers)), of=of).collect()


class ByHand:
    """The design of papers that are keyed by place, without any of our code."""

    def __init__(self, papers):
        reviews = [(number, paper, review) for number, paper in enumerate(papers) for review in paper.reviews]
        self.fold = np.array([number % 10 for number, *_ in reviews])
        self.rating = np.array([review.rating for *_, review in reviews])
        self.accepted = np.array([float(paper.decision == "accept") for _, paper, _ in reviews])
        self.venue = np.array([paper.venue for _, paper, _ in reviews])
        self.x = np.array([self.row(review) for *_, review in reviews])

    @staticmethod
    def row(review):
        labels = [label for sentence in review.sentences for label in sentence]
        shares = [labels.count(label) / len(review.sentences) for label in DRAWN]
        return [*np.sqrt(shares), np.log(review.n_words)]

    def scaled(self, learn):
        return (self.x - self.x[learn].mean(axis=0)) / self.x[learn].std(axis=0)


def test_ratings_are_those_of_a_ridge_in_closed_form():
    hand, found = ByHand(PAPERS), told(PAPERS)
    assert found["fold"].to_list() == hand.fold.tolist()
    for fold in range(10):
        learn, judged = hand.fold != fold, hand.fold == fold
        mean, deviation = np.zeros(len(hand.fold)), np.zeros(len(hand.fold))
        for venue in ("Harbour", "Tidal"):
            own = hand.rating[learn & (hand.venue == venue)]
            mean[hand.venue == venue], deviation[hand.venue == venue] = own.mean(), own.std()
        z = (hand.rating - mean) / deviation
        # with a column of ones that the penalty spares
        full = np.column_stack([np.ones(learn.sum()), hand.scaled(learn)[learn]])
        penalty = 30 * np.diag([0.0] + [1.0] * (full.shape[1] - 1))
        slopes = np.linalg.inv(full.T @ full + penalty) @ full.T @ z[learn]
        wanted = mean + deviation * (slopes[0] + hand.scaled(learn) @ slopes[1:])
        assert found["expected"].to_numpy()[judged] == pytest.approx(wanted[judged])
        assert found["usual"].to_numpy()[judged] == pytest.approx(mean[judged])
        assert found["scale"].to_numpy()[judged] == pytest.approx(deviation[judged])


def test_decisions_are_those_of_the_least_penalised_loss():
    hand, found = ByHand(PAPERS), told(PAPERS, "decision")
    learn, judged = hand.fold != 3, hand.fold == 3
    x, y = hand.scaled(learn), hand.accepted

    def loss(at):
        log_odds = at[0] + x[learn] @ at[1:]
        return np.logaddexp(0, log_odds).sum() - y[learn] @ log_odds + 15 * at[1:] @ at[1:]

    at = optimize.minimize(loss, np.zeros(x.shape[1] + 1), method="BFGS", options={"gtol": 1e-8}).x
    wanted = 1 / (1 + np.exp(-(at[0] + x @ at[1:])))
    assert found["expected"].to_numpy()[judged] == pytest.approx(wanted[judged], abs=1e-5)
    assert found["usual"].to_numpy()[judged] == pytest.approx(y[learn].mean())
    assert set(found["given"]) == {0, 1}


@pytest.mark.parametrize("of", ["rating", "decision"])
def test_a_papers_own_verdicts_do_not_touch_what_is_expected_of_it(of):
    changed = [
        paper._replace(
            reviews=[review._replace(rating=1 if review.rating != 1 else 9) for review in paper.reviews],
            decision={"accept": "reject", "reject": "accept"}[paper.decision],
        )
        if number == 17
        else paper
        for number, paper in enumerate(PAPERS)
    ]
    before, after = told(PAPERS, of), told(changed, of)
    own = (before["paper_id"] == 17).to_numpy()
    for name in ("expected", "usual", "scale"):
        assert after[name].to_numpy()[own].tolist() == before[name].to_numpy()[own].tolist(), name
    assert (after["given"].to_numpy()[own] != before["given"].to_numpy()[own]).all()
    same_fold = (before["fold"] == 7).to_numpy()
    assert (after["expected"].to_numpy()[~same_fold] != before["expected"].to_numpy()[~same_fold]).all()


def test_all_reviews_of_a_paper_are_in_one_fold():
    assert told(PAPERS).group_by("paper_id").agg(pl.col("fold").n_unique())["fold"].unique().to_list() == [1]


def test_another_scale_of_ratings_only_changes_the_scale():
    stretched = [
        paper._replace(reviews=[r._replace(rating=10 * r.rating - 3) for r in paper.reviews])
        if paper.venue == "Tidal"
        else paper
        for paper in PAPERS
    ]
    before, after = told(PAPERS), told(stretched)
    tidal = (before["venue"] == "Tidal").to_numpy()
    assert after["expected"].to_numpy()[tidal] == pytest.approx(10 * before["expected"].to_numpy()[tidal] - 3)
    assert after["expected"].to_numpy()[~tidal] == pytest.approx(before["expected"].to_numpy()[~tidal])


def test_weights_say_what_labels_add():
    # Two reviews of a paper that differ in their labels only
    first = Review([[("EMP", -1)], [("EMP", -1)], [("CLA", 1)], [("none", None)]], 4, 100)
    bare = Review([[("none", None)]] * 4, 5, 100)
    papers = [*PAPERS, Paper([first, bare], "accept")]
    for of in ("rating", "decision"):
        found = told(papers, of).filter(pl.col("paper_id") == 60)
        weight = {
            (str(row["code"]), row["polarity"]): row["weight"]
            for row in told(papers, of, weights).filter(pl.col("fold") == found["fold"][0]).iter_rows(named=True)
        }
        assert set(weight) == set(DRAWN)
        added = weight["EMP", -1] * np.sqrt(2 / 4) + weight["CLA", 1] * np.sqrt(1 / 4)
        with_labels, without = found["expected"].to_numpy()
        if of == "decision":
            with_labels, without = (np.log(each / (1 - each)) for each in (with_labels, without))
        assert (with_labels - without) / found["scale"][0] == pytest.approx(added)


def test_a_label_that_few_reviews_have_does_not_weigh():
    rare = [paper._replace(reviews=[Review([[("NOV", -1)]], 2)]) if n < 4 else paper for n, paper in enumerate(PAPERS)]
    found = told(rare, query=weights).filter((pl.col("code") == "NOV") & (pl.col("polarity") == -1))
    assert found["weight"].to_list() == [0] * 10


class TestNothingToLearnFrom:
    def test_fewer_than_30_papers(self):
        found = told(drawn(29))
        assert found.height > 29
        assert found.select(pl.col("expected", "usual", "scale").null_count()).row(0) == (found.height,) * 3
        assert told(drawn(29), query=weights).is_empty()

    def test_a_venue_whose_ratings_are_all_the_same_or_its_only_paper(self):
        odd = [
            *[Paper([Review([[("EMP", 1)]], 3)] * 2, venue="Flat")] * 3,
            Paper([Review([[("EMP", 1)]], 3), Review([[("EMP", -1)]], 2)], venue="Lone"),
        ]
        found = told([*PAPERS, *odd])
        blank = found.filter(pl.col("venue").is_in(["Flat", "Lone"]))
        assert blank["expected"].null_count() == blank.height == 8
        assert found.filter(~pl.col("venue").is_in(["Flat", "Lone"]))["expected"].null_count() == 0

    def test_one_decision(self):
        found = told([paper._replace(decision="reject") for paper in PAPERS], "decision")
        assert found["expected"].null_count() == found.height
        assert found["given"].unique().to_list() == [0]

    def test_nothing_known(self):
        bare = [
            paper._replace(decision=None, reviews=[r._replace(rating=None) for r in paper.reviews]) for paper in PAPERS
        ]
        for of in ("rating", "decision"):
            assert told(bare, of).is_empty()
            assert told(bare, of, weights).is_empty()


def test_the_order_of_rows_is_of_no_matter():
    given = frames(PAPERS)
    wanted = out_of_fold(label_design(given)).collect()
    assert out_of_fold(label_design(shuffled(given))).collect().equals(wanted)


def test_a_twin_under_another_key_tells_a_lot():
    # not so of an honest corpus: the copies stand in other folds, and are learnt from
    once, twice = told(PAPERS), told(doubled(PAPERS)).head(told(PAPERS).height)
    off = [(each["given"] - each["expected"]).abs().mean() for each in (once, twice)]
    assert off[1] < off[0]
