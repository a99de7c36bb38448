"""Reviews that do not fit their ratings, how far, and the sentences that the expectation comes from."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from made import Paper, Review, drawn, frames
from spec import shuffled

from queries.label_design import label_design
from queries.mismatch import explained, mismatch
from queries.mismatch_drivers import mismatch_drivers
from queries.out_of_fold import out_of_fold

PAPERS = drawn(60)


def judged(papers, of="rating") -> pl.DataFrame:
    return mismatch(frames(papers), of=of).collect()


def test_the_one_that_was_planted_comes_first():
    odd = Review([[("EMP", -1)], [("EMP", -1)], [("CLA", -1)]], 10)
    papers = [*PAPERS[:20], PAPERS[20]._replace(reviews=[*PAPERS[20].reviews, odd]), *PAPERS[21:]]
    first = judged(papers).row(0, named=True)
    assert (first["rank"], first["paper_id"], first["review_key"]) == (1, 20, f"r{len(PAPERS[20].reviews)}")
    assert first["residual"] == pytest.approx(10 - first["expected"])
    assert first["residual"] > 3


def test_standardised_residuals_and_how_rare_they_are():
    found = judged(PAPERS)
    scaled = (found["residual"] / found["scale"]).to_numpy()
    assert found["standardised"].to_numpy() == pytest.approx(scaled / np.sqrt((scaled**2).mean()))
    size = found["standardised"].abs().to_numpy()
    assert (np.diff(size) <= 1e-12).all(), "the greatest first"
    assert found["probability"].to_list() == pytest.approx([(size >= each - 1e-12).mean() for each in size])
    assert found["rank"].to_list() == list(range(1, found.height + 1))


def test_decisions_by_their_probability():
    found = judged(PAPERS, "decision")
    p, given = found["expected"].to_numpy(), found["given"].to_numpy()
    assert found["probability"].to_numpy() == pytest.approx(np.where(given == 1, p, 1 - p))
    assert found["standardised"].to_numpy() == pytest.approx((given - p) / np.sqrt(p * (1 - p)))
    assert found["probability"].to_list() == sorted(found["probability"])


def test_what_is_explained_is_counted_over_all():
    found = judged(PAPERS)
    given, expected, usual, scale = (found[name].to_numpy() for name in ("given", "expected", "usual", "scale"))
    row = explained(found.lazy()).collect().row(0, named=True)
    errors = [(((given - each) / scale) ** 2).sum() for each in (expected, usual)]
    assert row["r2"] == pytest.approx(1 - errors[0] / errors[1])
    assert row["low"] < row["r2"] < row["high"]
    assert row["error"] == pytest.approx(np.abs(given - expected).mean())
    assert row["usual_error"] == pytest.approx(np.abs(given - usual).mean())
    assert (row["n_reviews"], row["n_papers"]) == (found.height, 60)
    assert row["r2"] > 0.2, "ratings were made from labels"


def test_labels_that_have_nothing_to_do_with_ratings_explain_nothing():
    random = np.random.default_rng(4)
    papers = [
        paper._replace(reviews=[review._replace(rating=float(random.integers(1, 11))) for review in paper.reviews])
        for paper in PAPERS
    ]
    row = explained(judged(papers).lazy()).collect().row(0, named=True)
    assert row["r2"] < 0.05
    assert row["low"] < 0


def test_pulls_of_sentences_add_up_to_what_labels_add():
    # Both reviews of the paper have as many words; the second has no label that weighs
    first = Review(
        [[("EMP", -1), ("CLA", 1)], [("EMP", -1)], [("none", None)], [("SUB", 0), ("none", None)], [("CNT", None)]], 4
    )
    papers = [*PAPERS, Paper([first, Review([[("none", None)]] * 5, 5)], "accept")]
    given = frames(papers)
    rows = mismatch(given).collect()
    own = rows.filter(pl.col("paper_id") == 60).sort("review_key")
    ids = own["review_id"].to_list()
    found = mismatch_drivers(given, rows.lazy(), reviews=ids).collect()
    assert found["review_id"].unique().to_list() == ids[:1]
    assert sorted(found["position"]) == [0, 1, 3]
    assert found["pull"].sum() == pytest.approx(own["expected"][0] - own["expected"][1])
    assert (np.diff(found["pull"].abs()) <= 1e-12).all()
    labels = dict(zip(found["position"], found["labels"], strict=True))
    assert [tuple(label.values()) for label in labels[0]] == [("EMP", -1), ("CLA", 1)]
    assert labels[3].to_list() == [{"code": "SUB", "polarity": 0}]
    assert found.filter(pl.col("position") == 1)["pull"][0] < 0


def test_of_decisions_the_pulls_are_log_odds():
    given = frames(
        [*PAPERS, Paper([Review([[("EMP", 1)], [("none", None)]]), Review([[("none", None)]] * 2)], "accept")]
    )
    rows = mismatch(given, of="decision").collect()
    own = rows.filter(pl.col("paper_id") == 60).sort("review_key")
    found = mismatch_drivers(given, rows.lazy(), of="decision", reviews=own["review_id"].to_list()).collect()
    log_odds = np.log(own["expected"] / (1 - own["expected"]))
    assert found["pull"].to_list() == pytest.approx([log_odds[0] - log_odds[1]])


def test_the_order_of_rows_is_of_no_matter():
    given, mixed = frames(PAPERS), shuffled(frames(PAPERS))
    rows = mismatch(given).collect()
    assert mismatch(mixed).collect().equals(rows)
    ids = rows["review_id"].head(5).to_list()
    found = [mismatch_drivers(each, rows.lazy(), reviews=ids).collect() for each in (given, mixed)]
    assert found[0].equals(found[1])


def test_no_expectation_no_rows():
    few = frames(drawn(10))
    rows = mismatch(few).collect()
    assert rows.is_empty()
    assert explained(rows.lazy()).collect().rows() == [(0, 0, *[None] * 5)]
    assert mismatch_drivers(few, rows.lazy(), reviews=[1, 2]).collect().is_empty()
    assert not out_of_fold(label_design(few)).collect().is_empty()


def test_all_ratings_as_expected_are_no_mismatch():
    papers = [paper._replace(reviews=[r._replace(rating=5) for r in paper.reviews]) for paper in PAPERS]
    assert judged(papers).is_empty(), "a rating that never varies has no scale"
