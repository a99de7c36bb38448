"""What a profile is."""

import polars as pl
import pytest
from spec import CODE, LAYER, SCHEME, expect, frames, ids

from queries.profile import profile

TWO_REVIEWS = """
    review_id | paper_id
    ----------+---------
    1         | 1
    2         | 1
"""
SEGMENTS = """
    segment_id | review_id
    -----------+----------
    11         | 1
    12         | 1
    21         | 2
"""


def of(labels: str) -> pl.LazyFrame:
    return frames(reviews=TWO_REVIEWS, segments=SEGMENTS, labels=labels).labels


def test_counts_by_code_and_polarity_within_the_layer():
    labels = of("""
        segment_id | layer   | code | polarity
        -----------+---------+------+---------
        11         | aspect  | EMP  | -1
        12         | aspect  | EMP  | 1
        21         | aspect  | EMP  | -1
        21         | aspect  | CLA  | 1
        21         | section | MET  | -1
    """)
    expect(
        profile(labels),
        """
        paper_id | layer   | code | n | positive | neutral | negative | share | net    | n_reviews | n_segments
        ---------+---------+------+---+----------+---------+----------+-------+--------+-----------+-----------
        1        | section | MET  | 1 | 0        | 0       | 1        | 1.0   | -1     | 1         | 1
        1        | aspect  | EMP  | 3 | 1        | 0       | 2        | 0.75  | -0.333 | 2         | 3
        1        | aspect  | CLA  | 1 | 1        | 0       | 0        | 0.25  | 1      | 1         | 1
        """,
    )


def test_null_none_and_neutral_stay_apart():
    # EMP was judged neutral, CLA was mentioned without a polarity, `none` says that nothing was judged.
    labels = of("""
        segment_id | layer  | code | polarity
        -----------+--------+------+---------
        11         | aspect | EMP  | 0
        12         | aspect | CLA  |
        21         | aspect | none |
    """)
    expect(
        profile(labels),
        """
        code | n | positive | neutral | negative | net | share
        -----+---+----------+---------+----------+-----+------
        EMP  | 1 | 0        | 1       | 0        | 0   | 0.333
        CLA  | 1 |          |         |          |     | 0.333
        none | 1 |          |         |          |     | 0.333
        """,
    )


def test_net_is_over_labels_that_have_a_polarity():
    labels = of("""
        segment_id | layer  | code | polarity
        -----------+--------+------+---------
        11         | aspect | EMP  | -1
        12         | aspect | EMP  |
        21         | aspect | EMP  | 0
    """)
    expect(
        profile(labels),
        """
        code | n | positive | neutral | negative | net
        -----+---+----------+---------+----------+-----
        EMP  | 3 | 0        | 1       | 1        | -0.5
        """,
    )


def test_labels_on_whole_reviews_mention_reviews_but_no_segments():
    labels = of("""
        review_id | layer   | code | polarity
        ----------+---------+------+---------
        1         | quality | CLA  | 1
        2         | quality | CLA  | -1
    """)
    expect(
        profile(labels),
        """
        scheme         | layer   | code | n | net | n_reviews | n_segments
        ---------------+---------+------+---+-----+-----------+-----------
        review-quality | quality | CLA  | 2 | 0   | 2         | 0
        """,
    )


def test_two_annotators_of_one_segment_are_two_labels_on_one_segment():
    labels = of("""
        segment_id | layer  | code | polarity | annotator
        -----------+--------+------+----------+----------
        11         | aspect | EMP  | -1       | gold
        11         | aspect | EMP  | -1       | anno2
    """)
    expect(
        profile(labels),
        """
        code | n | negative | n_reviews | n_segments
        -----+---+----------+-----------+-----------
        EMP  | 2 | 2        | 1         | 1
        """,
    )


@pytest.mark.parametrize(
    ("by", "wanted"),
    [
        ("review_id", "review_id | code | n\n---+---+---\n1 | EMP | 2\n2 | EMP | 1"),
        ((), "code | n | share\n---+---+---\nEMP | 3 | 1.0"),
        (("paper_id", "review_id"), "paper_id | review_id | n | share\n---\n1 | 1 | 2 | 1.0\n1 | 2 | 1 | 1.0"),
    ],
)
def test_by_other_groups(by, wanted):
    labels = of("""
        segment_id | layer  | code | polarity
        -----------+--------+------+---------
        11         | aspect | EMP  | -1
        12         | aspect | EMP  | 1
        21         | aspect | EMP  | -1
    """)
    expect(profile(labels, by=by), wanted)


def test_rows_are_in_the_schemes_order_not_the_alphabets():
    labels = of("""
        segment_id | layer        | code | polarity
        -----------+--------------+------+---------
        11         | significance | MAJ  |
        11         | aspect       | CLA  | 1
        11         | aspect       | APR  | 1
        11         | section      | RES  | 1
        11         | section      | MET  | 1
    """)
    found = profile(labels).collect()
    assert found["code"].to_list() == ["MET", "RES", "APR", "CLA", "MAJ"]
    assert [found.schema[name] for name in ("scheme", "layer", "code")] == [SCHEME, LAYER, CODE]


def test_no_labels_no_rows():
    found = profile(frames().labels).collect()
    assert found.is_empty()
    assert found.columns == [
        *("paper_id", "scheme", "layer", "code", "n", "positive", "neutral", "negative"),
        *("share", "net", "n_reviews", "n_segments"),
    ]


def test_a_paper_without_labels_has_no_row():
    labels = of("segment_id | layer | code | polarity\n---\n11 | aspect | EMP | 1")
    assert ids(profile(labels), "paper_id") == [1]
