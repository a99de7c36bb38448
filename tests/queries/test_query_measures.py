"""What each measure divides, paper by paper."""

from __future__ import annotations

import polars as pl
import pytest
from drawn import corpus
from spec import expect, frames, shuffled

from queries.measures import MEASURES, UNNAMED, frequent, measures
from queries.profile import profile

#: Paper 1: review 1 judges EMP twice and CLA without a polarity, review 2 is labelled `none` and CNT only.
#: Paper 2: one review with NOV. Paper 3: a review without labels in the layer.
SMALL = frames(
    papers="paper_id\n---\n1\n2\n3",
    reviews="review_id | paper_id\n---\n1 | 1\n2 | 1\n3 | 2\n4 | 3",
    segments="segment_id | review_id\n---\n11 | 1\n12 | 1\n13 | 1\n21 | 2\n22 | 2\n31 | 3\n41 | 4",
    labels="""
        segment_id | layer   | code | polarity
        -----------+---------+------+---------
        11         | aspect  | EMP  | -1
        12         | aspect  | EMP  | 0
        13         | aspect  | CLA  |
        21         | aspect  | none |
        22         | aspect  | CNT  |
        31         | aspect  | NOV  | 1
        31         | section | MET  | -1
        41         | section | MET  | -1
    """,
)


@pytest.mark.parametrize(
    ("measure", "wanted"),
    [
        ("negative", "1 | EMP | 2 | 1 | 1 | 2\n1 | CLA | 1 | 1 | 0 | 0\n2 | NOV | 1 | 1 | 0 | 1"),
        ("positive", "1 | EMP | 2 | 1 | 0 | 2\n1 | CLA | 1 | 1 | 0 | 0\n2 | NOV | 1 | 1 | 1 | 1"),
        ("net", "1 | EMP | 2 | 1 | -1 | 2\n1 | CLA | 1 | 1 | 0 | 0\n2 | NOV | 1 | 1 | 1 | 1"),
        (
            "share",  # of five labels in paper 1, `none` and CNT among them; 0 is a number where a code is not used
            "1 | NOV | 0 | 0 | 0 | 5\n1 | EMP | 2 | 1 | 2 | 5\n1 | CLA | 1 | 1 | 1 | 5\n"
            "2 | NOV | 1 | 1 | 1 | 1\n2 | EMP | 0 | 0 | 0 | 1\n2 | CLA | 0 | 0 | 0 | 1",
        ),
        (
            "mention",  # of two labelled reviews in paper 1: that with `none` is labelled, that of paper 3 is not
            "1 | NOV | 0 | 0 | 0 | 2\n1 | EMP | 2 | 1 | 1 | 2\n1 | CLA | 1 | 1 | 1 | 2\n"
            "2 | NOV | 1 | 1 | 1 | 1\n2 | EMP | 0 | 0 | 0 | 1\n2 | CLA | 0 | 0 | 0 | 1",
        ),
        (
            "sentence",  # of four answers in paper 1, `none` among them and CNT not
            "1 | NOV | 0 | 0 | 0 | 4\n1 | EMP | 2 | 1 | 2 | 4\n1 | CLA | 1 | 1 | 1 | 4\n"
            "2 | NOV | 1 | 1 | 1 | 1\n2 | EMP | 0 | 0 | 0 | 1\n2 | CLA | 0 | 0 | 0 | 1",
        ),
    ],
)
def test_parts_and_wholes(measure, wanted):
    found = measures(SMALL, layer="aspect", measure=measure)
    expect(found, f"paper_id | code | n | n_reviews | part | whole\n---\n{wanted}")


def test_an_answer_is_one_look_at_a_sentence_by_one_annotator():
    """Two labels of one code by one annotator are one answer with it; those of two annotators are two."""
    given = frames(
        reviews="review_id | paper_id\n---\n1 | 1",
        segments="segment_id | review_id\n---\n1 | 1\n2 | 1",
        labels="""
            segment_id | review_id | layer  | code | polarity | annotator
            -----------+-----------+--------+------+----------+----------
            1          |           | aspect | EMP  | -1       | gold
            1          |           | aspect | EMP  | 1        | gold
            1          |           | aspect | EMP  | 1        | anno2
            2          |           | aspect | CLA  | 1        | gold
                       | 1         | aspect | EMP  | 1        | gold
        """,
    )
    found = measures(given, layer="aspect", measure="sentence")
    expect(found, "code | n | part | whole\n---\nEMP | 4 | 2 | 3\nCLA | 1 | 1 | 3")


def test_squares_are_those_of_polarities_and_only_for_net():
    squares = {m: measures(SMALL, layer="aspect", measure=m).collect()["squares"].to_list() for m in MEASURES}
    assert squares["net"] == [1, 0, 1]
    assert not any(any(each) for m, each in squares.items() if m != "net")


def test_shares_over_all_papers_are_those_of_the_profile():
    drawn = corpus()
    rows = measures(drawn, layer="aspect", measure="share").group_by("code").agg(pl.col("part", "whole").sum())
    found = dict(rows.select("code", pl.col("part") / pl.col("whole")).collect().rows())
    wanted = {row["code"]: row["share"] for row in profile(drawn.labels, by=()).collect().iter_rows(named=True)}
    assert found == pytest.approx({code: share for code, share in wanted.items() if code not in UNNAMED})


def test_codes_are_those_asked_for_or_the_most_frequent_ties_as_in_the_scheme():
    labels = [("EMP", 3), ("CLA", 2), ("NOV", 2), ("none", 9)]
    rows = [f"{place} | aspect | {code}" for place, code in enumerate(c for c, n in labels for _ in range(n))]
    given = frames(
        reviews="review_id | paper_id\n---\n1 | 1",
        segments="segment_id | review_id\n---\n" + "\n".join(f"{place} | 1" for place in range(16)),
        labels="segment_id | layer | code\n---\n" + "\n".join(rows),
    )
    assert frequent(given.labels).collect()["code"].to_list() == ["none", "EMP", "NOV", "CLA"]
    of = {"layer": "aspect", "measure": "share"}
    assert measures(given, **of, most=2).collect()["code"].to_list() == ["NOV", "EMP"]
    assert measures(given, **of, codes=["CLA", "gone"]).collect()["code"].to_list() == ["CLA"]
    assert measures(given, **of, codes=["CLA"]).collect()["whole"].to_list() == [16], "the whole stays all labels"


def test_codes_that_others_use_have_a_row_where_nought_is_a_number():
    used = SMALL.labels.filter(pl.col("code") == "NOV")
    first = SMALL._replace(labels=SMALL.labels.filter(pl.col("paper_id") == 1))
    found = measures(first, layer="aspect", measure="share", used=used)
    expect(found, "code | part | whole\n---\nNOV | 0 | 5\nEMP | 2 | 5\nCLA | 1 | 5")
    assert measures(first, layer="aspect", measure="net", used=used).collect()["code"].to_list() == ["EMP", "CLA"]


@pytest.mark.parametrize("measure", MEASURES)
def test_the_order_of_rows_is_of_no_matter_and_no_labels_are_no_rows(measure):
    drawn = corpus(20)
    of = {"layer": "aspect", "measure": measure, "most": 2}
    assert measures(drawn, **of).collect().equals(measures(shuffled(drawn), **of).collect())
    assert measures(frames(), **of).collect().is_empty()


def test_a_layer_of_shared_aspects_is_measured_like_any_other():
    found = measures(SMALL, layer="common", measure="negative")
    expect(
        found,
        "paper_id | code | part | whole\n---\n1 | clarity | 0 | 0\n1 | soundness | 1 | 2\n2 | originality | 0 | 1",
    )


def test_another_measure_or_layer_is_told():
    with pytest.raises(ValueError, match="no measure: use one of negative"):
        measures(SMALL, layer="aspect", measure="mean")
    with pytest.raises(KeyError):
        measures(SMALL, layer="nowhere", measure="net")
