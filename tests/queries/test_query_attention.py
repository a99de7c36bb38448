"""Signs that a paper needs a second look, and the order that weights put papers in."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import Paper, Review, drawn
from made import frames as made_of
from spec import expect, frames, shuffled

from queries.attention import attention
from queries.warning_signs import SIGNS, warning_signs

# --- the signs --------------------------------------------------------------------------------------------------------

PAPERS = """
    paper_id | venue
    ---------+------
    1        | Tidal
    2        | Tidal
    3        | Tidal
    4        | Lone
"""
REVIEWS = """
    review_id | paper_id | kind        | rating
    ----------+----------+-------------+-------
    1         | 1        | review      | 4
    2         | 1        | review      | 8
    3         | 1        | review      |
    4         | 1        | meta_review | 9
    5         | 2        | review      |
    6         | 2        | review      | 6
    7         | 2        | rebuttal    |
    8         | 3        | review      | 5
    9         | 4        | review      | 5
"""
SEGMENTS = """
    segment_id | review_id
    -----------+----------
    11         | 1
    12         | 1
    21         | 2
    31         | 3
    51         | 5
    61         | 6
    71         | 7
    81         | 8
"""
LABELS = """
    segment_id | layer  | code | polarity
    -----------+--------+------+---------
    11         | aspect | EMP  | -1
    12         | aspect | CLA  | -1
    21         | aspect | EMP  | 1
    21         | aspect | CLA  | 1
    31         | aspect | EMP  | 1
    51         | aspect | EMP  | 1
    61         | aspect | EMP  | 0
    61         | aspect | NOV  | 1
    71         | aspect | EMP  | -1
"""


def tabled():
    found = frames(PAPERS, REVIEWS, SEGMENTS, LABELS)
    return found._replace(reviews=found.reviews.with_columns(pl.lit(10, pl.UInt32).alias("n_words")))


def test_signs_by_hand():
    # 1: ratings 4 and 8; EMP: − against + twice, and + with +; CLA: − against +: three of four pairs. Three reviews,
    # where two is the median of 3, 2, 1. 2: one rating only, so the spread of net 1 and 0.5; the rebuttal has no side,
    # and neither a neutral review. 3 is alone with itself. 4 is the only one of its venue. Nothing can be expected of
    # nine reviews, and nine are too few to say what is short. All ratings at Tidal: 4, 8, 6, 5.
    expect(
        warning_signs(tabled()),
        """
        paper_id | n_reviews | spread | spread_of | spread_unit | contradiction | n_pairs | mismatch | thin | missing
        ---------+-----------+--------+-----------+-------------+---------------+---------+----------+------+--------
        1        | 3         | 2.8284 | rating    | 1.7078      | 3             | 4       |          |      | 0
        2        | 2         | 0.3536 | net       | 1           |               |         |          |      | 0
        3        | 1         |        |           |             |               |         |          |      | 1
        4        | 1         |        |           |             |               |         |          |      |
        """,
    )


def test_what_is_usual_is_looked_for_in_the_whole():
    whole = tabled()
    part = whole._replace(
        papers=whole.papers.filter(pl.col("paper_id") == 2), reviews=whole.reviews.filter(pl.col("review_id") == 6)
    )
    row = warning_signs(part, whole=whole).collect().row(0, named=True)
    assert (row["n_reviews"], row["missing"], row["usual"]) == (2, 0, 2)
    alone = warning_signs(part).collect().row(0, named=True)
    assert (alone["n_reviews"], alone["missing"]) == (1, None)


def test_ratings_of_the_only_paper_of_a_venue_have_nothing_to_be_compared_with():
    two = [Review([[("EMP", 1)]], 3), Review([[("EMP", -1)]], 9)]
    papers = [*drawn(3), Paper(two, venue="Lone"), Paper(two, venue="Pair"), Paper(two, venue="Pair")]
    found = warning_signs(made_of(papers)).collect()
    assert found["spread_of"].to_list()[3:] == ["net", "rating", "rating"]
    assert found["spread"].to_list()[3:] == pytest.approx([2**0.5, 18**0.5, 18**0.5])


def test_short_reviews_are_counted_where_there_is_a_fence():
    long, short = Review([[("EMP", 1)]], n_words=300), Review([[("EMP", 1)]], n_words=3)
    several = [Paper([long._replace(n_words=280 + n), long, short][: 3 if n == 4 else 2]) for n in range(12)]
    found = warning_signs(made_of(several)).collect()
    assert found["thin"].to_list() == [0] * 4 + [1] + [0] * 7
    assert warning_signs(made_of(several[:5])).collect()["thin"].null_count() == 5


def test_mismatch_is_that_of_ratings_and_for_papers_without_one_that_of_decisions():
    papers = drawn(80)
    papers = [
        paper._replace(reviews=[r._replace(rating=None) for r in paper.reviews]) if n >= 40 else paper
        for n, paper in enumerate(papers)
    ]
    found = warning_signs(made_of(papers)).collect()
    assert found["mismatch_of"].to_list() == ["rating"] * 40 + ["decision"] * 40
    assert found["mismatch"].null_count() == 0
    assert (found["mismatch"] > 0).all()


def test_the_order_of_rows_is_of_no_matter():
    many = made_of(drawn(40))
    signs = warning_signs(many).collect()
    assert warning_signs(shuffled(many)).collect().equals(signs)
    mixed = signs.sample(fraction=1, shuffle=True, seed=3)
    assert attention(mixed.lazy()).collect().equals(attention(signs.lazy()).collect())


# --- the order --------------------------------------------------------------------------------------------------------


def signs_of(rows: list[dict]) -> pl.LazyFrame:
    """Rows of signs; what a row leaves out is null."""
    kinds = {"spread": ("spread_of", "rating"), "mismatch": ("mismatch_of", "rating")}
    whole = [
        {
            **{"paper_id": at, "corpus": "made", "paper_key": f"p{at:03}", "title": None, "venue": "V", "year": 2020},
            **{"decision": None, "n_reviews": 3, "usual": 3.0, "n_pairs": 9, "spread_unit": 1.0},
            **dict.fromkeys(SIGNS),
            **{of: kind if row.get(sign) is not None else None for sign, (of, kind) in kinds.items()},
            **row,
        }
        for at, row in enumerate(rows)
    ]
    types: dict = {**dict.fromkeys(SIGNS, pl.Float64), "spread_of": pl.String, "mismatch_of": pl.String}
    return pl.LazyFrame(whole, schema_overrides=types | {"spread_unit": pl.Float64}, infer_schema_length=None)


def ranked(rows: list[dict], **weights: float) -> list[dict]:
    options = {"weights": weights} if weights else {}
    return attention(signs_of(rows), **options).sort("paper_id").collect().to_dicts()


def test_scores_by_hand():
    # spread: of three others 3, 1, 0, 1 have less → 1, 1/3, 0, 1/3; contradiction: of two others 0, 2, 1 → 0, 1, 1/2
    rows = [
        {"spread": 3.0, "contradiction": 0}, {"spread": 1.0, "contradiction": 4}, {"spread": 0.5, "contradiction": 2},
        {"spread": 1.0}, {},
    ]  # fmt: skip
    found = ranked(rows, spread=2, contradiction=1)
    assert [row["scaled_spread"] for row in found] == pytest.approx([1, 1 / 3, 0, 1 / 3, None])
    assert [row["score"] for row in found] == pytest.approx([2 / 3, (2 / 3 + 1) / 3, 1 / 6, 1 / 3, None])
    assert [row["rank"] for row in found] == [1, 2, 4, 3, None]
    assert [row["n_signs"] for row in found] == [2, 2, 2, 1, 0]
    assert found[1]["part_spread"] + found[1]["part_contradiction"] == pytest.approx(found[1]["score"])
    assert found[0]["part_mismatch"] is None


def test_kinds_of_a_sign_are_not_compared_with_each_other():
    rows = [{"spread": 0.1}, {"spread": 0.2}, {"spread": 5.0, "spread_of": "net"}, {"spread": 9.0, "spread_of": "net"}]
    assert [row["scaled_spread"] for row in ranked(rows)] == [0, 1, 0, 1]


def test_ratings_are_compared_on_the_scale_of_their_venue():
    rows = [
        {"spread": 2.0, "spread_unit": 4.0},
        {"spread": 1.0, "spread_unit": 1.0},
        {"spread": 0.0, "spread_unit": 0.0},
    ]
    assert [row["scaled_spread"] for row in ranked(rows)] == [0.5, 1, 0]


def test_a_paper_alone_has_no_more_than_others():
    assert ranked([{"spread": 3.0, "thin": 1}])[0]["score"] == 0


def test_equal_scores_have_one_rank_and_stand_by_key():
    found = attention(signs_of([{"thin": 0}, {"thin": 1}, {"thin": 1}])).collect()
    assert found["rank"].to_list() == [1, 1, 3]
    assert found["paper_key"].to_list() == ["p001", "p002", "p000"]


def test_no_papers_no_rows():
    assert attention(signs_of([{"thin": 1}]).filter(pl.lit(False))).collect().is_empty()
    empty = frames()
    empty = empty._replace(reviews=empty.reviews.with_columns(pl.lit(None, pl.UInt32).alias("n_words")))
    assert warning_signs(empty).collect().is_empty()


VALUES = st.one_of(st.none(), st.integers(0, 6).map(float))
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(SIGNS, VALUES)), min_size=1, max_size=9)
WEIGHTS = st.fixed_dictionaries(dict.fromkeys(SIGNS, st.sampled_from([0.0, 0.5, 1.0, 3.0])))
PROPERTY = settings(max_examples=40, deadline=None)


@PROPERTY
@given(ROWS, WEIGHTS, st.floats(0.001, 1000), st.floats(0.001, 1000))
def test_units_and_the_sum_of_weights_are_of_no_matter(rows, weights, unit, more):
    scaled = [{sign: None if value is None else value * unit for sign, value in row.items()} for row in rows]
    wanted = ranked(rows, **weights)
    heavier = {sign: weight * more for sign, weight in weights.items()}
    for found in (ranked(scaled, **weights), ranked(rows, **heavier)):
        assert [row["score"] for row in found] == pytest.approx([row["score"] for row in wanted])
        assert [row["rank"] for row in found] == [row["rank"] for row in wanted]


@PROPERTY
@given(ROWS, WEIGHTS, st.sampled_from(SIGNS))
def test_a_weight_of_0_takes_a_sign_out(rows, weights, sign):
    without = ranked([{**row, sign: None} for row in rows], **weights)
    found = ranked(rows, **{**weights, sign: 0.0})
    assert [row["score"] for row in found] == pytest.approx([row["score"] for row in without])
    assert [row["rank"] for row in found] == [row["rank"] for row in without]


@PROPERTY
@given(ROWS, WEIGHTS, st.sampled_from(SIGNS), st.integers(0, 8), st.integers(1, 9))
def test_more_of_a_sign_never_lowers_a_paper(rows, weights, sign, at, more):
    at %= len(rows)
    if rows[at][sign] is None:
        return
    raised = [{**row, sign: row[sign] + more} if place == at else row for place, row in enumerate(rows)]
    before, after = ranked(rows, **weights)[at], ranked(raised, **weights)[at]
    if before["rank"] is None:
        assert after["rank"] is None
        return
    assert after["rank"] <= before["rank"]
    assert after["score"] >= before["score"] - 1e-12


@PROPERTY
@given(ROWS, WEIGHTS)
def test_scores_are_shares_and_their_sum(rows, weights):
    for row in ranked(rows, **weights):
        parts = [row[f"part_{sign}"] for sign in SIGNS if row[f"part_{sign}"] is not None]
        assert len(parts) == row["n_signs"]
        if row["score"] is None:
            assert not parts
        else:
            assert 0 <= row["score"] <= 1 + 1e-12
            assert row["score"] == pytest.approx(sum(parts))
