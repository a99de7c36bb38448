"""The fewest sentences that say every point, against every choice there is."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spec import expect, frames, shuffled

from queries.reading_set import reading_set
from queries.set_cover import fewest

PAPERS = "paper_id | paper_key\n---+---\n1 | b\n2 | a"
REVIEWS = """
    review_id | paper_id | kind     | position
    ----------+----------+----------+---------
    1         | 1        | review   | 1
    2         | 1        | review   | 0
    3         | 1        | rebuttal | 2
    4         | 2        | review   | 0
"""
SEGMENTS = """
    segment_id | review_id | position | text
    -----------+-----------+----------+--------------------------
    11         | 1         | 0        | The tide is wrong.
    12         | 1         | 1        | The tide is wrong, twice.
    13         | 1         | 2        | And so is the moon.
    14         | 1         | 3        | All of it is.
    21         | 2         | 0        | I agree.
    22         | 2         | 1        | It is wrong.
    31         | 3         | 0        | It is not.
    41         | 4         | 0        | Lovely.
"""


def of(labels: str):
    return frames(PAPERS, REVIEWS, SEGMENTS, labels)


def test_one_sentence_that_says_all_is_read_instead_of_several():
    given_ = of("""
        segment_id | layer   | code | polarity
        -----------+---------+------+---------
        11         | aspect  | EMP  | -1
        12         | section | MET  | -1
        13         | aspect  | CLA  | -1
        14         | aspect  | EMP  | -1
        14         | section | MET  | -1
        14         | aspect  | CLA  | -1
        14         | aspect  | NOV  | 1
        41         | aspect  | EMP  | 1
        31         | aspect  | EMP  | -1
        11         | aspect  | CNT  | -1
        11         | aspect  | none | -1
    """)
    expect(
        reading_set(given_),
        """
        corpus | paper_key | review_id | segment_id | position | covered  | n_points | n_sentences | n_other | exact
        -------+-----------+-----------+------------+----------+----------+----------+-------------+---------+------
        demo   | b         | 1         | 14         | 3        | negative | 3        | 4           | 0       | true
        """,
    )
    points = reading_set(given_).collect()["points"].to_list()
    layers = [(point["scheme"], point["layer"], point["code"]) for point in points[0]]
    assert layers == [
        ("peer-review-analyze", "section", "MET"),
        *(("peer-review-analyze", "aspect", c) for c in ("EMP", "CLA")),
    ]


def test_each_reviewers_point_is_one_of_its_own_in_the_order_of_the_reviews():
    given_ = of("""
        segment_id | layer  | code | polarity
        -----------+--------+------+---------
        11         | aspect | EMP  | -1
        12         | aspect | EMP  | -1
        22         | aspect | EMP  | -1
    """)
    expect(
        reading_set(given_),
        """
        review_id | segment_id | n_points | n_sentences
        ----------+------------+----------+------------
        2         | 22         | 2        | 3
        1         | 11         | 2        | 3
        """,
    )


MAJOR = """
    segment_id | layer        | code | polarity | annotator
    -----------+--------------+------+----------+----------
    11         | aspect       | EMP  | -1       | gold
    11         | significance | MAJ  |          | gold
    12         | aspect       | CLA  | -1       | gold
    12         | significance | MIN  |          | gold
    22         | aspect       | NOV  | -1       | gold
    22         | significance | MAJ  |          | anno2
    21         | significance | MAJ  |          | gold
    21         | aspect       | IMP  | 1        | gold
"""


def test_major_points_are_those_that_the_same_annotator_says_are():
    expect(
        reading_set(of(MAJOR)),
        """
        segment_id | covered | n_points | n_sentences | n_other
        -----------+---------+----------+-------------+--------
        11         | major   | 1        | 1           | 2
        """,
    )
    expect(
        reading_set(of(MAJOR), cover="negative"),
        """
        segment_id | covered  | n_points | n_other
        -----------+----------+----------+--------
        22         | negative | 3        | 0
        11         | negative | 3        | 0
        12         | negative | 3        | 0
        """,
    )


def test_a_paper_without_major_points_has_every_negative_one_next_to_a_paper_with_some():
    given_ = of(MAJOR + "    41         | aspect       | SUB  | -1       | gold\n")
    expect(reading_set(given_), "paper_key | segment_id | covered\n---\na | 41 | negative\nb | 11 | major")


def test_labels_of_every_scheme_with_polarity_and_two_annotators_are_covered_once():
    given_ = of("""
        segment_id | scheme              | layer  | code        | polarity | annotator
        -----------+---------------------+--------+-------------+----------+----------
        11         | disapere            | aspect | asp_clarity | -1       | gold
        11         | disapere            | aspect | asp_clarity | -1       | anno2
        12         | peer-review-analyze | aspect | CLA         | -1       | gold
    """)
    expect(reading_set(given_), "segment_id | n_points\n---\n11 | 2\n12 | 2")
    assert [len(points) for points in reading_set(given_).collect()["points"]] == [1, 1]


def test_praise_and_nothing_at_all_give_nothing():
    praise = of(
        "segment_id | layer | code | polarity\n---\n11 | aspect | EMP | 1\n12 | aspect | CLA | 0\n13|aspect|SUB|"
    )
    for frame in (praise, frames(), of("")):
        found = reading_set(frame).collect()
        assert found.is_empty()
        assert len(found.columns) == 12


def test_the_order_of_rows_is_of_no_matter():
    labels = "segment_id | layer | code | polarity\n---\n" + "\n".join(
        f"{segment} | aspect | {code} | -1"
        for segment, codes in ((11, "EMP CLA"), (12, "CLA NOV"), (13, "NOV EMP"), (14, "EMP NOV"), (22, "EMP"))
        for code in codes.split()
    )
    found = [reading_set(shuffled(of(labels), seed)).collect() for seed in range(4)]
    assert all(each.equals(found[0]) for each in found)
    assert found[0]["segment_id"].to_list() == [22, 11, 12]


sets = st.lists(st.frozensets(st.integers(0, 6), max_size=4), max_size=8)


def cheapest(of: list[frozenset], costs: list[int]) -> tuple[int, int]:
    """Number and cost of the best choice, among all choices."""
    whole = frozenset().union(*of)
    for n in range(len(of) + 1):
        found = [c for c in combinations(range(len(of)), n) if frozenset().union(*(of[at] for at in c)) == whole]
        if found:
            return n, min(sum(costs[at] for at in choice) for choice in found)
    raise AssertionError


@settings(deadline=None, max_examples=150)
@given(sets, st.lists(st.integers(0, 9), min_size=8, max_size=8))
def test_no_choice_is_smaller_and_none_as_small_is_cheaper(of, costs):
    taken, exact = fewest(of, costs[: len(of)])
    assert exact
    assert frozenset().union(*(of[at] for at in taken)) == frozenset().union(*of)
    assert (len(taken), sum(costs[at] for at in taken)) == cheapest(of, costs)


@settings(deadline=None, max_examples=100)
@given(sets)
def test_a_choice_by_greed_holds_all_and_is_told(of):
    taken, exact = fewest(of, [1.0] * len(of), largest=0)
    assert frozenset().union(*(of[at] for at in taken)) == frozenset().union(*of)
    assert exact == (not any(of))
    assert len(taken) >= cheapest(of, [1] * len(of))[0]


def test_greed_can_take_more_than_needed():
    # The largest set first leaves one element of each half, and both halves are still needed.
    of = [frozenset("abcd"), frozenset("abe"), frozenset("cdf")]
    assert fewest(of, [1] * 3, largest=0) == ([0, 1, 2], False)
    assert fewest(of, [1] * 3) == ([1, 2], True)


def test_a_search_that_is_given_up_is_greedy(monkeypatch):
    monkeypatch.setattr("queries.set_cover._least", lambda *_: None)
    assert fewest([frozenset("ab"), frozenset("bc"), frozenset("b")], [1, 1, 1]) == ([0, 1], False)


@pytest.mark.parametrize("of", [[], [frozenset()], [frozenset(), frozenset()]])
def test_nothing_to_hold_takes_nothing(of):
    assert fewest(of, [1.0] * len(of)) == ([], True)
