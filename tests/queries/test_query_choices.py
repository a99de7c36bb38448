"""What filters offer, the reviews around passages, and problems by kind."""

import polars as pl
from spec import expect, frames, shuffled

from queries.choices import choices
from queries.context import context
from queries.problem_counts import problem_counts

GIVEN = frames(
    papers="""
        paper_id | corpus | paper_key | venue | year | decision
        ---------+--------+-----------+-------+------+---------
        1        | demo   | a         | WREN  | 2018 | reject
        2        | demo   | b         | CLEA  | 2009 |
        3        | alpha  | c         |       |      | accept
    """,
    reviews="""
        review_id | paper_id | position | rating | kind
        ----------+----------+----------+--------+------------
        1         | 1        | 0        | 4.5    | review
        2         | 2        | 0        | 10     | meta_review
        3         | 3        | 0        |        | review
    """,
    segments="""
        segment_id | review_id | position | text
        -----------+-----------+----------+---------
        10         | 1         | 1        | Second.
        11         | 1         | 0        | First.
        20         | 2         | 0        | Other.
    """,
    labels="""
        segment_id | review_id | layer  | code | polarity | annotator
        -----------+-----------+--------+------+----------+----------
        10         |           | aspect | CMP  | -1       | gold
        20         |           | aspect | CLA  | 1        | anno2
    """,
)


def test_choices_are_what_occurs_in_the_order_of_its_column():
    expect(
        choices(GIVEN),
        """
        key       | value               | place
        ----------+---------------------+------
        annotator | gold                | 0
        annotator | anno2               | 1
        corpus    | alpha               | 0
        corpus    | demo                | 1
        decision  | accept              | 0
        decision  | reject              | 1
        decision  | none                | 2
        kind      | review              | 0
        kind      | meta_review         | 1
        rating    | 4.5                 | 0
        rating    | 10.0                | 1
        scheme    | peer-review-analyze | 0
        venue     | CLEA                | 0
        venue     | WREN                | 1
        year      | 2009                | 0
        year      | 2018                | 1
        """,
    )
    assert choices(shuffled(GIVEN)).collect().equals(choices(GIVEN).collect())


def test_an_empty_store_offers_nothing():
    assert choices(frames()).collect().is_empty()


def test_context_is_the_whole_review_of_each_passage():
    expect(
        context(GIVEN.segments, GIVEN.segments.filter(pl.col("segment_id") == 10)),
        """
        review_id | position | text
        ----------+----------+--------
        1         | 0        | First.
        1         | 1        | Second.
        """,
    )


def test_problems_by_kind_the_most_frequent_first():
    kinds = pl.Enum(["malformed_tag", "bad_escape", "empty_file"])
    problems = pl.LazyFrame({"kind": ["bad_escape", "empty_file", "bad_escape", "malformed_tag"]}, {"kind": kinds})
    expect(
        problem_counts(problems),
        """
        kind          | n
        --------------+--
        bad_escape    | 2
        malformed_tag | 1
        empty_file    | 1
        """,
    )
