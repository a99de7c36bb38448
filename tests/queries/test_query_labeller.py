"""What the labeller's page counts: tables in, rows out; F1's interval against Wilson's of statsmodels."""

from __future__ import annotations

import polars as pl
import pytest
from spec import expect, frames, shuffled
from statsmodels.stats.proportion import proportion_confint

from queries.answered_schemes import answered_schemes
from queries.expected_labels import expected_labels
from queries.f1_intervals import f1_intervals
from queries.to_label import to_label

PAPERS = """
    paper_id | corpus
    ---------+-------
    1        | demo
    2        | demo
    3        | other
"""
REVIEWS = """
    review_id | paper_id
    ----------+---------
    1         | 1
    2         | 2
    3         | 3
"""
SEGMENTS = """
    segment_id | review_id
    -----------+----------
    1          | 1
    2          | 1
    3          | 2
    4          | 3
    5          | 3
"""
LABELS = """
    segment_id | review_id | layer           | code            | annotator
    -----------+-----------+-----------------+-----------------+-----------
    1          |           | section         | MET             | gold
    1          |           | aspect          | EMP             | gold
    1          |           | aspect          | EMP             | anno2
    2          |           | aspect          | none            | gold
    3          |           | aspect          | CLA             | user:me
    4          |           | aspect          | CLA             | model:en@1
    4          |           | disapere:aspect | asp_clarity     | gold
               | 3         | quality         | CLA             | gold
"""


def given():
    labels = LABELS.replace("disapere:aspect | asp_clarity", "review_action   | arg_request")
    return frames(PAPERS, REVIEWS, SEGMENTS, labels)


class TestAnsweredSchemes:
    def test_counts_what_people_said_of_sentences_and_nothing_else(self):
        # the model's label and the one on a whole review are none of it; `none` is an answer
        expect(
            answered_schemes(given()),
            """
            scheme              | corpus | n_papers | n_reviews | n_segments | n_labels
            --------------------+--------+----------+-----------+------------+---------
            peer-review-analyze | demo   | 2        | 2         | 3          | 5
            disapere            | other  | 1        | 1         | 1          | 1
            """,
        )

    def test_the_order_of_rows_is_of_no_matter(self):
        assert answered_schemes(shuffled(given())).collect().equals(answered_schemes(given()).collect())

    def test_nothing_of_nothing(self):
        assert answered_schemes(frames()).collect().height == 0


class TestToLabel:
    def test_counts_the_selection_but_labels_of_everybody(self):
        every = given()
        chosen = every._replace(segments=every.segments.filter(pl.col("review_id") != 2), labels=every.labels.head(0))
        expect(
            to_label(chosen, every, "peer-review-analyze", "model:en@1"),
            """
            n_reviews | n_segments | n_people | n_model
            ----------+------------+----------+--------
            2         | 4          | 2        | 1
            """,
        )

    def test_another_scheme_and_another_model_have_their_own(self):
        every = given()
        found = to_label(every, every, "disapere", "model:en@2").collect().row(0, named=True)
        assert found == {"n_reviews": 3, "n_segments": 5, "n_people": 1, "n_model": 0}

    def test_zero_of_nothing(self):
        empty = frames()
        assert to_label(empty, empty, "disapere", "model:en@1").collect().row(0) == (0, 0, 0, 0)


#: layer, code, polarity, held-out sentences, by people, by the labeller, by both
COUNTS = [
    ("aspect", "CLA", None, 200, 40, 30, 20),
    ("aspect", "CLA", -1, 200, 20, 10, 8),
    ("aspect", None, -1, 200, 90, 80, 60),
    ("aspect", None, None, 200, 150, 140, 100),
    ("aspect", "NOV", None, 200, 20, 40, 10),
    ("aspect", "EMP", None, 200, 4, 4, 4),
    ("aspect", "SUB", None, 200, 0, 3, 0),
    ("aspect", "APR", None, 200, 0, 0, 0),
    ("section", "MET", None, 100, 50, 50, 40),
]


def codes(rows=COUNTS) -> pl.LazyFrame:
    names = ("layer", "code", "polarity", "n_segments", "n_gold", "n_model", "n_both")
    types = {"layer": pl.String, "code": pl.String} | dict.fromkeys(names[2:], pl.Int64)
    frame = pl.LazyFrame(rows, schema=types, orient="row")
    f1 = 2 * pl.col("n_both") / (pl.col("n_gold") + pl.col("n_model"))
    return frame.with_columns(f1=pl.when(pl.col("n_gold") > 0).then(f1), threshold=pl.lit(None, pl.Float64))


class TestF1Intervals:
    def test_one_row_a_code_with_what_makes_it_grey(self):
        # NOV: 2 · 10 / 60 = .33 is under .4; EMP is 1, but of 4 sentences; nobody gave SUB and APR
        expect(
            f1_intervals(codes()),
            """
            layer   | code | f1     | weak  | thin
            --------+------+--------+-------+------
            aspect  | APR  |        | true  | true
            aspect  | CLA  | 0.5714 | false | false
            aspect  | EMP  | 1.0    | false | true
            aspect  | NOV  | 0.3333 | true  | false
            aspect  | SUB  |        | true  | true
            section | MET  | 0.8    | false | false
            """,
        )

    @pytest.mark.parametrize("row", [row for row in COUNTS if row[1] and row[2] is None and row[4] + row[5]])
    def test_bounds_are_wilsons_of_the_jaccard_share(self, row):
        _, code, _, _, n_gold, n_model, n_both = row
        low, high = proportion_confint(n_both, n_gold + n_model - n_both, method="wilson")
        found = f1_intervals(codes()).filter(pl.col("code") == code).collect().row(0, named=True)
        assert found["low"] == pytest.approx(2 * low / (1 + low), abs=1e-9)
        assert found["high"] == pytest.approx(2 * high / (1 + high), abs=1e-9)
        if found["f1"] is not None:
            assert found["low"] <= found["f1"] <= found["high"]

    def test_no_bounds_where_nobody_gave_it(self):
        found = f1_intervals(codes()).filter(pl.col("code") == "APR").collect().row(0, named=True)
        assert (found["low"], found["high"]) == (None, None)

    def test_more_sentences_of_the_same_kind_make_it_narrower(self):
        ten = [(*row[:3], *(10 * n for n in row[3:])) for row in COUNTS]
        one, more = (f1_intervals(codes(rows)).collect() for rows in (COUNTS, ten))
        width = [(frame["high"] - frame["low"]).drop_nulls() for frame in (one, more)]
        assert (width[0] > width[1]).all()
        assert one["f1"].equals(more["f1"])

    def test_nothing_of_nothing(self):
        assert f1_intervals(codes([])).collect().height == 0


COVERAGE = pl.LazyFrame(
    {
        "layer": ["section", "aspect", "section", "aspect"],
        "precision": [0.7, 0.7, 0.95, 0.95],
        "achieved": [0.72, 0.66, None, 0.9],
        "share": [0.8, 0.5, 0.0, 0.05],
        "n": [100, 90, 100, 90],
    }
)


class TestExpectedLabels:
    def test_of_a_stated_precision_what_was_measured_at_it(self):
        expect(
            expected_labels(COVERAGE, codes(), 0.95),
            """
            layer   | share | achieved | n
            --------+-------+----------+----
            aspect  | 0.05  | 0.9      | 90
            section | 0.0   |          | 100
            """,
        )
        assert expected_labels(COVERAGE, codes(), 0.7 + 1e-9).collect().height == 2, "a float that went through text"

    def test_at_the_best_f1_everything_is_answered(self):
        # aspect: 20 + 10 + 4 of 30 + 40 + 4 + 3 labels are right, whatever their polarity
        expect(
            expected_labels(COVERAGE, codes(), None),
            """
            layer   | share | achieved | n
            --------+-------+----------+----
            aspect  | 1.0   | 0.4416   | 200
            section | 1.0   | 0.8      | 100
            """,
        )

    def test_a_precision_that_was_not_measured_has_no_rows(self):
        assert expected_labels(COVERAGE, codes(), 0.8).collect().height == 0
