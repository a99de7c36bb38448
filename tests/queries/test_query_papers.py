"""Overview of papers, the matrix of one, and the passages of a selection."""

import polars as pl
import pytest
from spec import CODE, LAYER, expect, frames, shuffled

from queries.conditions import Condition
from queries.counts import counts
from queries.coverage import coverage, unused
from queries.decisions import decisions
from queries.distribution import distribution
from queries.matrix import matrix
from queries.overview import overview
from queries.passages import passages
from queries.profile import profile

GIVEN = frames(
    papers="""
        paper_id | corpus | paper_key | title | venue | year | decision
        ---------+--------+-----------+-------+-------+------+---------
        1        | demo   | b         | Bees  | ICLR  | 2018 | accept
        2        | demo   | a         |       | ICLR  | 2018 |
        3        | alpha  | z         | Zinc  |       |      | reject
    """,
    reviews="""
        review_id | paper_id | reviewer | position | rating | kind
        ----------+----------+----------+----------+--------+------------
        1         | 1        | R2       | 1        | 4      | review
        2         | 1        | R1       | 0        | 7      | review
        3         | 2        |          | 0        |        | review
        4         | 1        |          | 2        |        | meta_review
    """,
    segments="""
        segment_id | review_id | position | text
        -----------+-----------+----------+-----------------
        10         | 1         | 1        | Baselines lack.
        11         | 1         | 0        | Clear.
        20         | 2         | 0        | Baselines fine.
        30         | 3         | 0        | Hello.
        40         | 4         | 0        | All in all.
    """,
    labels="""
        segment_id | review_id | layer        | code | polarity | annotator
        -----------+-----------+--------------+------+----------+----------
        10         |           | significance | MAJ  |          | gold
        10         |           | aspect       | CMP  | -1       | gold
        10         |           | aspect       | CMP  | -1       | anno2
        10         |           | section      | EXP  | -1       | gold
        10         |           | purpose      | none |          | gold
        11         |           | aspect       | CLA  | 1        | gold
        11         |           | aspect       | CMP  |          | gold
        20         |           | aspect       | CMP  | 1        | gold
        20         |           | aspect       | EMP  | 0        | gold
        40         |           | aspect       | none |          | gold
                   | 1         | quality      | CLA  | -1       | gold
    """,
)


def test_overview_one_row_per_paper_and_nulls_for_what_is_not_known():
    expect(
        overview(GIVEN),
        """
        paper_id | corpus | paper_key | title | decision | n_reviews | n_segments | n_labels | rating
        ---------+--------+-----------+-------+----------+-----------+------------+----------+-------
        3        | alpha  | z         | Zinc  | reject   | 0         | 0          | 0        |
        2        | demo   | a         |       |          | 1         | 1          | 0        |
        1        | demo   | b         | Bees  | accept   | 3         | 4          | 11       | 5.5
        """,
    )


def test_overview_counts_polarities_of_one_layer():
    # The aspect layer: the section label of the same sentence and the judgement on the review itself do not count.
    expect(
        overview(GIVEN),
        """
        paper_key | positive | neutral | negative | net
        ----------+----------+---------+----------+----
        z         |          |         |          |
        a         |          |         |          |
        b         | 2        | 1       | 2        | 0
        """,
    )
    expect(
        overview(GIVEN, layer="section"),
        """
        paper_key | positive | neutral | negative | net
        ----------+----------+---------+----------+----
        z         |          |         |          |
        a         |          |         |          |
        b         | 0        | 0       | 1        | -1
        """,
    )
    assert overview(GIVEN, layer="purpose").collect()["neutral"].to_list() == [None, None, None]


def test_matrix_of_codes_by_reviews():
    expect(
        matrix(GIVEN, paper_id=1, layer="aspect"),
        """
        review_id | reviewer | review_position | layer  | code | n | positive | neutral | negative | net | segment_id
        ----------+----------+-----------------+--------+------+---+----------+---------+----------+-----+-----------
        2         | R1       | 0               | aspect | CMP  | 1 | 1        | 0       | 0        | 1   | 20
        1         | R2       | 1               | aspect | CMP  | 3 | 0        | 0       | 2        | -1  | 11
        2         | R1       | 0               | aspect | EMP  | 1 | 0        | 1       | 0        | 0   | 20
        1         | R2       | 1               | aspect | CLA  | 1 | 1        | 0       | 0        | 1   | 11
        4         |          | 2               | aspect | none | 1 |          |         |          |     | 40
        """,
    )


def test_matrix_has_all_layers_and_no_segment_for_whole_reviews():
    found = matrix(GIVEN, paper_id=1)
    assert found.select(pl.col("layer").unique(maintain_order=True)).collect()["layer"].to_list() == [
        *("section", "aspect", "purpose", "significance", "quality")
    ]
    expect(
        found.tail(1),
        """
        scheme         | layer   | code | review_id | net | segment_id
        ---------------+---------+------+-----------+-----+-----------
        review-quality | quality | CLA  | 1         | -1  |
        """,
    )


def test_matrix_of_a_paper_without_labels_or_of_no_paper_is_empty():
    assert matrix(GIVEN, paper_id=2).collect().is_empty()
    assert matrix(GIVEN, paper_id=99).collect().is_empty()


def test_passages_are_in_reading_order_with_their_labels_spelled():
    expect(
        passages(GIVEN),
        """
        corpus | paper_key | review_key | reviewer | position | text            | labels
        -------+-----------+------------+----------+----------+-----------------+-----------------------------
        demo   | a         | r3         |          | 0        | Hello.          |
        demo   | b         | r2         | R1       | 0        | Baselines fine. | CMP-POS EMP-NEU
        demo   | b         | r1         | R2       | 0        | Clear.          | CMP CLA-POS
        demo   | b         | r1         | R2       | 1        | Baselines lack. | EXP-NEG CMP-NEG purpose:none MAJ
        demo   | b         | r4         |          | 0        | All in all.     | aspect:none
        """,
    )


def test_passages_tell_the_labels_on_their_whole_review():
    expect(
        passages(GIVEN),
        """
        review_key | position | review_labels
        -----------+----------+----------------
        r3         | 0        |
        r2         | 0        |
        r1         | 0        | quality:CLA-NEG
        r1         | 1        | quality:CLA-NEG
        r4         | 0        |
        """,
    )


def test_passages_in_stretches_are_the_whole():
    whole = passages(GIVEN).collect()
    parts = pl.concat([passages(GIVEN, offset=offset, n=2).collect() for offset in (0, 2, 4, 6)])
    assert parts.equals(whole)
    assert passages(GIVEN, offset=3).collect().equals(whole[3:])


def test_labels_are_spelled_as_filters_ask_for_them():
    found = passages(GIVEN).collect()
    lists = found["label_list"].to_list()
    assert lists[:2] == [None, ["CMP-POS", "EMP-NEU"]]
    for spelled in (text for texts in lists if texts for text in texts):
        assert str(Condition.parse(spelled)) == spelled


QUERIES = {
    "profile": lambda f: profile(f.labels),
    "distribution": lambda f: distribution(f.labels),
    "decisions": lambda f: decisions(f.papers),
    "counts": counts,
    "coverage": lambda f: coverage(f.segments, f.labels, by=("corpus", "scheme"), papers=f.papers),
    "unused": lambda f: unused(f.codes, f.labels),
    "overview": overview,
    "matrix": lambda f: matrix(f, paper_id=1),
    "passages": passages,
}


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_makes_no_difference(name, seed):
    query = QUERIES[name]
    assert query(shuffled(GIVEN, seed)).collect().equals(query(GIVEN).collect())


@pytest.mark.parametrize("name", QUERIES)
def test_empty_frames_give_the_same_columns(name):
    query = QUERIES[name]
    empty = query(frames()).collect()
    assert empty.schema == query(GIVEN).collect().schema
    assert empty.height == {"counts": 1, "unused": GIVEN.codes.collect().height}.get(name, 0)


@pytest.mark.parametrize("name", ["profile", "distribution", "matrix", "unused"])
def test_enums_stay_enums(name):
    schema = QUERIES[name](GIVEN).collect().schema
    assert (schema["layer"], schema["code"]) == (LAYER, CODE)
