"""Contradicted papers, the sentences on both sides, and how many papers there are to compare one with."""

from __future__ import annotations

from spec import expect, frames, shuffled

from queries.contradicted_papers import contradicted_papers
from queries.opposed_sentences import opposed_sentences
from queries.peers import peers

PAPERS = """
    paper_id | paper_key | title | venue | year
    ---------+-----------+-------+-------+-----
    1        | b         | Kelp  | Tidal | 2021
    2        | a         |       | Tidal | 2021
    3        | c         |       | Tidal | 2022
    4        | d         |       |       | 2021
"""
REVIEWS = """
    review_id | paper_id | kind    | position | reviewer
    ----------+----------+---------+----------+---------
    1         | 1        | review  | 1        | Ann
    2         | 1        | review  | 0        | Bea
    3         | 1        | review  | 2        |
    4         | 2        | review  | 0        | Dot
    5         | 2        | review  | 1        | Eve
    6         | 3        | review  | 0        |
    7         | 4        | comment | 0        |
"""
SEGMENTS = """
    segment_id | review_id | position | text
    -----------+-----------+----------+---------
    11         | 1         | 1        | Wrong.
    12         | 1         | 0        | Bad.
    13         | 1         | 2        | Well.
    21         | 2         | 0        | Sound.
    31         | 3         | 0        | So so.
    41         | 4         | 0        | Fine.
    51         | 5         | 0        | Not.
    61         | 6         | 0        | Hm.
    71         | 7         | 0        | Thanks.
"""
LABELS = """
    segment_id | layer   | code | polarity | annotator
    -----------+---------+------+----------+----------
    11         | aspect  | EMP  | -1       | gold
    11         | aspect  | EMP  | -1       | anno2
    12         | aspect  | EMP  | -1       | gold
    13         | aspect  | EMP  | 1        | gold
    21         | aspect  | EMP  | 1        | gold
    31         | aspect  | EMP  | 0        | gold
    11         | aspect  | CLA  | 1        | gold
    21         | aspect  | CLA  | 1        | gold
    31         | aspect  | CLA  | -1       | gold
    41         | aspect  | CLA  | 1        | gold
    51         | aspect  | CLA  | -1       | gold
    41         | section | MET  | 1        | gold
    61         | aspect  | none |          | gold
    71         | aspect  | EMP  | 1        | gold
"""


def of(labels: str = LABELS):
    return frames(PAPERS, REVIEWS, SEGMENTS, labels)


def test_papers_with_the_most_opposed_pairs_first():
    # Paper 1: EMP has one pair, opposed (nets -0.5 and 1); CLA three, two of them opposed. Paper 2: one on CLA.
    found = contradicted_papers(of())
    expect(
        found,
        """
        corpus | paper_key | title | venue | year | n_pairs | n_opposed | gap
        -------+-----------+-------+-------+------+---------+-----------+----
        demo   | b         | Kelp  | Tidal | 2021 | 4       | 3         | 2
        demo   | a         |       | Tidal | 2021 | 1       | 1         | 2
        """,
    )
    assert found.collect()["codes"].to_list() == [
        [{"code": "EMP", "n": 1}, {"code": "CLA", "n": 2}],
        [{"code": "CLA", "n": 1}],
    ]


def test_of_one_code_only_its_contradictions_count():
    expect(
        contradicted_papers(of(), code="EMP"),
        "paper_key | n_pairs | n_opposed | gap\n---\nb | 1 | 1 | 1.5",
    )
    assert contradicted_papers(of(), code="NOV").collect().is_empty()
    assert contradicted_papers(of(), layer="section").collect().is_empty()
    expect(contradicted_papers(of(), layer="common", code="clarity"), "paper_key | n_opposed\n---\nb | 2\na | 1")


def test_sentences_of_both_sides_with_the_polarity_of_the_side():
    # Ann's praise (13) is none of her side; her sentence with two annotators stands once.
    expect(
        opposed_sentences(of(), code="EMP"),
        """
        paper_key | code | side | net  | review_id | reviewer | review_key | kind   | segment_id | position | text
        ----------+------+------+------+-----------+----------+------------+--------+------------+----------+--------
        b         | EMP  | -1   | -0.5 | 1         | Ann      | r1         | review | 12         | 0        | Bad.
        b         | EMP  | -1   | -0.5 | 1         | Ann      | r1         | review | 11         | 1        | Wrong.
        b         | EMP  | 1    | 1    | 2         | Bea      | r2         | review | 21         | 0        | Sound.
        """,
    )


def test_all_codes_paper_by_paper_in_the_schemes_order():
    expect(
        opposed_sentences(of()),
        """
        paper_key | code | side | review_id | review_position | segment_id
        ----------+------+------+-----------+-----------------+-----------
        a         | CLA  | -1   | 5         | 1               | 51
        a         | CLA  | 1    | 4         | 0               | 41
        b         | EMP  | -1   | 1         | 1               | 12
        b         | EMP  | -1   | 1         | 1               | 11
        b         | EMP  | 1    | 2         | 0               | 21
        b         | CLA  | -1   | 3         | 2               | 31
        b         | CLA  | 1    | 2         | 0               | 21
        b         | CLA  | 1    | 1         | 1               | 11
        """,
    )
    expect(opposed_sentences(of(), layer="common", code="soundness"), "segment_id\n---\n12\n11\n21")


def test_peers_are_labelled_papers_with_reviews():
    expect(peers(of(), paper_id=1), "n_near | n_all\n---\n2 | 3")
    expect(peers(of(), paper_id=3), "n_near | n_all\n---\n1 | 3")
    expect(peers(of(), paper_id=4), "n_near | n_all\n---\n0 | 3")
    expect(peers(of(), paper_id=1, layer="section"), "n_near | n_all\n---\n1 | 1")
    expect(peers(frames(), paper_id=1), "n_near | n_all\n---\n0 | 0")


def test_the_order_of_rows_is_of_no_matter_and_nothing_gives_nothing():
    for query in (contradicted_papers, opposed_sentences):
        assert query(of()).collect().equals(query(shuffled(of())).collect())
        assert query(frames()).collect().is_empty()
