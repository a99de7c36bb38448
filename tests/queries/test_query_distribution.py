"""Distributions, decisions, counts, coverage: what is there, and how much of it."""

import pytest
from spec import expect, frames

from corpus.schemes import layer_key
from queries.counts import counts
from queries.coverage import coverage, unused
from queries.decisions import decisions
from queries.distribution import distribution

REVIEWS = """
    review_id | paper_id
    ----------+---------
    1         | 1
    2         | 2
"""
SEGMENTS = """
    segment_id | review_id
    -----------+----------
    11         | 1
    12         | 1
    21         | 2
    22         | 2
"""


def test_distribution_keeps_null_polarity_as_its_own_row_and_last():
    given = frames(
        reviews=REVIEWS,
        segments=SEGMENTS,
        labels="""
            segment_id | layer        | code | polarity
            -----------+--------------+------+---------
            11         | aspect       | EMP  |
            11         | aspect       | EMP  | 0
            12         | aspect       | EMP  | -1
            21         | aspect       | none |
            21         | significance | MAJ  |
        """,
    )
    expect(
        distribution(given.labels),
        """
        scheme              | layer        | code | polarity | n | share
        --------------------+--------------+------+----------+---+------
        peer-review-analyze | aspect       | EMP  | -1       | 1 | 0.25
        peer-review-analyze | aspect       | EMP  | 0        | 1 | 0.25
        peer-review-analyze | aspect       | EMP  |          | 1 | 0.25
        peer-review-analyze | aspect       | none |          | 1 | 0.25
        peer-review-analyze | significance | MAJ  |          | 1 | 1.0
        """,
    )


def test_decisions_count_papers_and_keep_the_unknown():
    given = frames(
        papers="""
            paper_id | venue | year | decision
            ---------+-------+------+---------
            1        | ICLR  | 2018 | reject
            2        | ICLR  | 2018 | accept
            3        | ICLR  | 2018 | reject
            4        | ICLR  | 2018 |
            5        | ICLR  | 2017 | withdrawn
            6        |       |      |
        """
    )
    expect(
        decisions(given.papers),
        """
        venue | year | decision  | n | share
        ------+------+-----------+---+------
        ICLR  | 2017 | withdrawn | 1 | 1.0
        ICLR  | 2018 | accept    | 1 | 0.25
        ICLR  | 2018 | reject    | 2 | 0.5
        ICLR  | 2018 |           | 1 | 0.25
              |      |           | 1 | 1.0
        """,
    )


PAPERS = """
    paper_id | corpus
    ---------+-------
    1        | a
    2        | b
"""
LABELS = """
    segment_id | review_id | layer   | code | polarity | annotator
    -----------+-----------+---------+------+----------+----------
    11         |           | section | MET  | 1        | gold
    11         |           | section | MET  | 1        | anno2
    11         |           | aspect  | EMP  | 1        | gold
    21         |           | aspect  | none |          | gold
    22         |           | aspect  | EMP  | 0        | gold
               | 2         | quality | CLA  | 1        | gold
"""


def test_counts_labels_on_reviews_label_no_segment():
    given = frames(papers=PAPERS, reviews=REVIEWS, segments=SEGMENTS, labels=LABELS)
    expect(
        counts(given),
        """
        n_papers | n_reviews | n_segments | n_labels | n_labelled_segments | n_model_labels
        ---------+-----------+------------+----------+---------------------+---------------
        2        | 2         | 4          | 6        | 3                   | 0
        """,
    )


def test_counts_tell_the_labels_of_a_model():
    labels = LABELS.replace("anno2", "model:en@1")
    found = counts(frames(papers=PAPERS, reviews=REVIEWS, segments=SEGMENTS, labels=labels)).collect()
    assert found.select("n_labels", "n_model_labels", "models").row(0) == (6, 1, ["model:en@1"])


def test_counts_of_nothing_are_zero():
    expect(
        counts(frames()),
        """
        n_papers | n_reviews | n_segments | n_labels | n_labelled_segments | n_model_labels
        ---------+-----------+------------+----------+---------------------+---------------
        0        | 0         | 0          | 0        | 0                   | 0
        """,
    )


@pytest.mark.parametrize(
    ("by", "wanted"),
    [
        (
            (),
            """
            n_segments | n_labelled_segments | share | n_reviews | n_labelled_reviews | review_share
            -----------+---------------------+-------+-----------+--------------------+-------------
            4          | 3                   | 0.75  | 2         | 2                  | 1.0
            """,
        ),
        (
            "corpus",
            """
            corpus | n_segments | n_labelled_segments | share | n_reviews | n_labelled_reviews
            -------+------------+---------------------+-------+-----------+-------------------
            a      | 2          | 1                   | 0.5   | 1         | 1
            b      | 2          | 2                   | 1.0   | 1         | 1
            """,
        ),
        (
            "scheme",
            """
            scheme              | n_segments | n_labelled_segments | share | n_labelled_reviews | review_share
            --------------------+------------+---------------------+-------+--------------------+-------------
            peer-review-analyze | 4          | 3                   | 0.75  | 2                  | 1.0
            review-quality      | 4          | 0                   | 0.0   | 1                  | 0.5
            """,
        ),
        (
            ("corpus", "layer"),
            """
            corpus | layer   | n_segments | n_labelled_segments | n_labelled_reviews
            -------+---------+------------+---------------------+-------------------
            a      | section | 2          | 1                   | 1
            a      | aspect  | 2          | 1                   | 1
            a      | quality | 2          | 0                   | 0
            b      | section | 2          | 0                   | 0
            b      | aspect  | 2          | 2                   | 1
            b      | quality | 2          | 0                   | 1
            """,
        ),
        (
            ("annotator", "paper_id"),
            """
            annotator | paper_id | n_segments | n_labelled_segments
            ----------+----------+------------+--------------------
            gold      | 1        | 2          | 1
            gold      | 2        | 2          | 2
            anno2     | 1        | 2          | 1
            anno2     | 2        | 2          | 0
            """,
        ),
    ],
)
def test_coverage(by, wanted):
    given = frames(papers=PAPERS, reviews=REVIEWS, segments=SEGMENTS, labels=LABELS)
    expect(coverage(given.segments, given.labels, by=by, papers=given.papers), wanted)


def test_coverage_of_unlabelled_text_is_zero_and_of_no_text_unknown():
    given = frames(papers=PAPERS, reviews=REVIEWS, segments=SEGMENTS)
    wanted = """
        n_segments | n_labelled_segments | share | n_reviews | n_labelled_reviews | review_share
        -----------+---------------------+-------+-----------+--------------------+-------------
    """
    expect(coverage(given.segments, given.labels), wanted + "4 | 0 | 0.0 | 2 | 0 | 0.0")
    expect(coverage(frames().segments, frames().labels), wanted + "0 | 0 |  | 0 | 0 | ")
    assert coverage(frames().segments, frames().labels, by="scheme").collect().is_empty()


def test_coverage_of_papers_whose_venue_is_unknown():
    given = frames(
        papers="""
            paper_id | venue
            ---------+------
            1        |
            2        | ICLR
        """,
        reviews=REVIEWS,
        segments=SEGMENTS,
        labels=LABELS,
    )
    expect(
        coverage(given.segments, given.labels, by="venue", papers=given.papers),
        """
        venue | n_segments | n_labelled_segments
        ------+------------+--------------------
        ICLR  | 2          | 2
              | 2          | 1
        """,
    )


def test_coverage_by_a_column_of_papers_needs_papers():
    with pytest.raises(ValueError, match="needs papers"):
        coverage(frames().segments, frames().labels, by="corpus")


def test_unused_codes_in_the_schemes_order():
    given = frames(reviews=REVIEWS, segments=SEGMENTS, labels=LABELS)
    found = unused(given.codes, given.labels).collect()
    assert found.height == given.codes.collect().height - 4
    # CLA is used for reviews, not for papers; none is used for aspects, not for purposes.
    rows = found.select("scheme", "layer", "code").iter_rows()
    spelled = [f"{layer_key(scheme, layer)}:{code}" for scheme, layer, code in rows]
    assert {"aspect:CLA", "purpose:none"} < set(spelled)
    assert not {"quality:CLA", "aspect:none", "section:MET", "aspect:EMP"} & set(spelled)
    assert spelled[:3] == ["section:ABS", "section:INT", "section:RWK"]
    assert unused(given.codes, frames().labels).collect().equals(given.codes.collect())
