"""What models of ratings and decisions are fed with."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from made import drawn
from made import frames as made_of
from spec import expect, frames, shuffled

from queries.label_design import label_design, matrix

PAPERS = """
    paper_id | venue | year | decision
    ---------+-------+------+---------
    1        | Tidal | 2020 | accept
    2        | Tidal | 2020 | reject
"""
REVIEWS = """
    review_id | paper_id | kind     | rating
    ----------+----------+----------+-------
    1         | 1        | review   | 6
    2         | 1        | review   |
    3         | 1        | rebuttal |
    4         | 2        | review   | 3
    5         | 2        | review   | 4
"""
SEGMENTS = """
    segment_id | review_id
    -----------+----------
    11         | 1
    12         | 1
    13         | 1
    21         | 2
    31         | 3
    41         | 4
    51         | 5
"""
LABELS = """
    segment_id | review_id | layer   | code | polarity | annotator
    -----------+-----------+---------+------+----------+----------
    11         | 1         | aspect  | EMP  | -1       | gold
    11         | 1         | aspect  | EMP  | -1       | anno2
    11         | 1         | aspect  | CLA  | 1        | gold
    12         | 1         | aspect  | EMP  | -1       | gold
    13         | 1         | aspect  | none |          | gold
    13         | 1         | section | MET  | 1        | gold
    21         | 2         | aspect  | none |          | gold
    21         | 2         | aspect  | CNT  |          | gold
    31         | 3         | aspect  | EMP  | 1        | gold
    41         | 4         | section | MET  | -1       | gold
    51         | 5         | aspect  | EMP  |          | gold
               | 5         | quality | CLA  | 1        | gold
"""


def given():
    found = frames(PAPERS, REVIEWS, SEGMENTS, LABELS)
    return found._replace(reviews=found.reviews.with_columns(pl.lit(10, pl.UInt32).alias("n_words")))


def test_sentences_are_counted_once_and_only_reviews_with_labels_of_the_layer_are_there():
    # Two annotators of sentence 11 agree: one sentence. Review 2 was looked at, and nothing found: zeros. The rebuttal
    # and review 4, which has no aspect, are not there; nor is a label on a whole review.
    expect(
        label_design(given()),
        """
        paper_id | review_id | decision | rating | n | code | polarity | sentences
        ---------+-----------+----------+--------+---+------+----------+----------
        1        | 1         | accept   | 6      | 3 | EMP  | -1       | 2
        1        | 1         | accept   | 6      | 3 | CLA  | 1        | 1
        1        | 2         | accept   |        | 1 |      |          | 0
        2        | 5         | reject   | 4      | 1 | EMP  |          | 1
        """,
    )


def test_shared_aspects_are_a_layer():
    found = label_design(given(), layer="common").collect()
    assert set(found["code"].drop_nulls()) == {"soundness", "clarity"}
    assert found["sentences"].to_list() == [1, 2, 0, 1]


def test_the_matrix_holds_the_counts():
    design = matrix(label_design(given()).collect())
    assert design.reviews["review_id"].to_list() == [1, 2, 5]
    assert design.predictors.rows() == [("EMP", -1), ("EMP", None), ("CLA", 1)]
    assert design.counts.tolist() == [[2, 0, 1], [0, 0, 0], [0, 1, 0]]
    assert design.papers.tolist() == [0, 0, 1]
    assert design.measured("any").tolist() == [[1, 0, 1], [0, 0, 0], [0, 1, 0]]
    assert design.measured("share") == pytest.approx(np.array([[20 / 3, 0, 10 / 3], [0, 0, 0], [0, 10, 0]]))


def test_the_order_of_rows_is_of_no_matter():
    many = made_of(drawn(20))
    assert label_design(shuffled(many)).collect().equals(label_design(many).collect())


def test_no_rows_are_no_rows():
    empty = frames()
    empty = empty._replace(reviews=empty.reviews.with_columns(pl.lit(None, pl.UInt32).alias("n_words")))
    design = matrix(label_design(empty).collect())
    assert design.counts.shape == (0, 0)
    assert design.papers.tolist() == []
