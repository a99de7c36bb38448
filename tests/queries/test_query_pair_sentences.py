"""An example for a pair of codes, by rule; and how many codes a segment is given."""

from __future__ import annotations

import pytest
from spec import expect, frames, shuffled

from queries.codes_per_segment import codes_per_segment
from queries.pair_sentences import pair_sentences

PAPERS = """
    paper_id | corpus | paper_key | title
    ---------+--------+-----------+------
    1        | demo   | b         | Second
    2        | demo   | a         | First
"""
REVIEWS = """
    review_id | paper_id | review_key | position
    ----------+----------+------------+---------
    1         | 1        | r1         | 0
    2         | 2        | r0         | 1
    3         | 2        | r9         | 0
"""
SEGMENTS = """
    segment_id | review_id | position | text
    -----------+-----------+----------+---------------------------
    11         | 1         | 0        | Eighteen letters..
    12         | 1         | 1        | Short.
    13         | 1         | 2        | A sentence of greater length than any.
    21         | 2         | 4        | Eighteen letters..
    31         | 3         | 7        | Eighteen letters..
    32         | 3         | 8        | ""
"""


def of(labels: str):
    head = "segment_id | layer | code | polarity\n---\n"
    return frames(papers=PAPERS, reviews=REVIEWS, segments=SEGMENTS, labels=head + labels)


ALL_ALIKE = "".join(f"{at} | aspect | EMP |\n{at} | section | MET |\n" for at in (11, 12, 13, 21, 31, 32))
FIRST = "first | second | paper_key | review_key | position | text | title\n---\n"


@pytest.mark.parametrize("mixed", [False, True])
def test_the_length_nearest_the_median_then_paper_and_place_of_the_review(mixed):
    given = of(ALL_ALIKE)
    found = pair_sentences(shuffled(given) if mixed else given, rows="aspect", columns="section")
    expect(found, FIRST + "EMP | MET | a | r9 | 7 | Eighteen letters.. | First")


def test_a_sentence_with_fewer_other_pairs_comes_first():
    given = of(ALL_ALIKE + "".join(f"{at} | aspect | CLA |\n" for at in (11, 21, 31, 13)))
    found = pair_sentences(given, rows="aspect", columns="section")
    expect(
        found, FIRST + "EMP | MET | b | r1 | 1 | Short. | Second\nCLA | MET | a | r9 | 7 | Eighteen letters.. | First"
    )


def test_within_a_layer_and_by_polarity():
    given = of("11 | aspect | EMP | -1\n11 | aspect | CLA | 1\n12 | aspect | EMP | 1")
    expect(
        pair_sentences(given, rows="aspect", columns="aspect", polarity=True),
        "first | first_polarity | second | second_polarity | text\n---\nEMP | -1 | CLA | 1 | Eighteen letters..",
    )


def test_none_and_cannot_tell_and_empty_text_are_no_examples():
    given = of("11 | aspect | none |\n11 | section | MET |\n12 | aspect | EMP |\n12 | section | CNT |\n"
               "32 | aspect | EMP |\n32 | section | MET |")  # fmt: skip
    assert pair_sentences(given, rows="aspect", columns="section").collect().is_empty()
    assert pair_sentences(frames(), rows="aspect", columns="section").collect().is_empty()


def test_codes_per_segment_is_by_annotator():
    given = frames(
        reviews=REVIEWS, segments=SEGMENTS,
        labels="""
        segment_id | layer  | code | polarity | annotator
        -----------+--------+------+----------+----------
        11         | aspect | EMP  | -1       | gold
        11         | aspect | EMP  | 1        | gold
        11         | aspect | CLA  | 1        | anno2
        12         | aspect | CLA  | 1        | anno2
        12         | aspect | NOV  | 1        | anno2
        12         | section | MET |          | gold
        """,
    )  # fmt: skip
    expect(codes_per_segment(given, layer="aspect"), "annotator | n_segments | most\n---\ngold | 1 | 1\nanno2 | 2 | 2")
    assert codes_per_segment(frames(), layer="aspect").collect().is_empty()
