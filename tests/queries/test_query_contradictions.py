"""What a contradiction is, and how often there is one."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from spec import expect, frames, shuffled
from statsmodels.stats.proportion import proportion_confint

from queries.contradiction_rates import contradiction_rates
from queries.contradictions import contradictions, sides

PAPERS = "paper_id | paper_key\n---+---\n1 | b\n2 | a"
REVIEWS = """
    review_id | paper_id | kind        | position
    ----------+----------+-------------+---------
    1         | 1        | review      | 2
    2         | 1        | review      | 0
    3         | 1        | review      | 1
    4         | 1        | meta_review | 3
    5         | 2        | review      | 0
    6         | 2        | review      | 1
"""
SEGMENTS = "segment_id | review_id\n---+---\n" + "\n".join(f"{r}{s} | {r}" for r in range(1, 7) for s in range(1, 4))


def of(labels: str):
    return frames(PAPERS, REVIEWS, SEGMENTS, labels)


def test_pairs_of_reviews_that_both_take_a_side_first_by_position():
    given = of("""
        segment_id | layer  | code | polarity
        -----------+--------+------+---------
        11         | aspect | EMP  | -1
        12         | aspect | EMP  | -1
        13         | aspect | EMP  | 1
        21         | aspect | EMP  | 1
        31         | aspect | EMP  | -1
        11         | aspect | CLA  | 1
    """)
    expect(
        contradictions(given),
        """
        corpus | paper_key | code | first | second | first_side | second_side | first_net | second_net | opposed
        -------+-----------+------+-------+--------+------------+-------------+-----------+------------+--------
        demo   | b         | EMP  | 2     | 3      | 1          | -1          | 1         | -1         | true
        demo   | b         | EMP  | 2     | 1      | 1          | -1          | 1         | -0.333     | true
        demo   | b         | EMP  | 3     | 1      | -1         | -1          | -1        | -0.333     | false
        """,
    )


def test_no_side_is_taken_by_a_balance_a_neutral_or_no_polarity():
    # Review 1 has one of each sign, 2 a neutral label, 3 one without polarity; none pairs with the other.
    given = of("""
        segment_id | layer  | code | polarity
        -----------+--------+------+---------
        11         | aspect | EMP  | -1
        12         | aspect | EMP  | 1
        21         | aspect | EMP  | 0
        31         | aspect | EMP  |
        51         | aspect | EMP  | 0
        52         | aspect | EMP  | -1
    """)
    expect(sides(given), "review_id | side | net\n---+---+---\n5 | -1 | -0.5")
    assert contradictions(given).collect().is_empty()


def test_only_reviews_count_and_no_code_that_stands_for_no_aspect():
    given = of("""
        segment_id | layer  | code | polarity
        -----------+--------+------+---------
        11         | aspect | EMP  | -1
        41         | aspect | EMP  | 1
        11         | aspect | CNT  | -1
        21         | aspect | CNT  | 1
        51         | aspect | none | -1
        61         | aspect | none | 1
    """)
    assert contradictions(given).collect().is_empty()


def test_other_layers_other_schemes_and_the_shared_aspects():
    given = of("""
        segment_id | scheme              | layer   | code        | polarity
        -----------+---------------------+---------+-------------+---------
        11         | peer-review-analyze | section | MET         | -1
        21         | peer-review-analyze | section | MET         | 1
        51         | disapere            | aspect  | asp_clarity | 1
        61         | peer-review-analyze | aspect  | CLA         | -1
    """)
    assert contradictions(given).collect().is_empty(), "one side each in the layer aspect"
    expect(contradictions(given, layer="section"), "code | opposed\n---+---\nMET | true")
    assert contradictions(given, layer="disapere:aspect").collect().is_empty()
    expect(
        contradictions(given, layer="common"),
        "paper_id | scheme | layer | code | first | second | opposed\n---\n2|common|common|clarity|5|6|true",
    )
    with pytest.raises(KeyError):
        contradictions(given, layer="no such layer")


def test_papers_in_the_order_of_their_keys():
    labels = "segment_id | layer | code | polarity\n---\n" + "\n".join(
        f"{segment} | aspect | {code} | {polarity}"
        for segment, polarity in ((11, 1), (21, -1), (51, 1), (61, 1))
        for code in ("CLA", "APR")
    )
    expect(
        contradictions(of(labels)),
        """
        paper_key | code | opposed
        ----------+------+--------
        a         | APR  | false
        a         | CLA  | false
        b         | APR  | true
        b         | CLA  | true
        """,
    )


def made_up(n_papers: int = 40, seed: int = 5, first_id: int = 1):
    """Papers with three reviews of three sentences each."""
    random = np.random.default_rng(seed)
    reviews, segments, labels = [], [], []
    for paper in range(first_id, first_id + n_papers):
        for place in range(3):
            review = paper * 10 + place
            reviews.append(f"{review} | {paper} | {place}")
            for at in range(3):
                segment = review * 10 + at
                segments.append(f"{segment} | {review}")
                code, polarity = random.choice(["EMP", "CLA", "NOV"]), random.choice(["-1", "0", "1", ""])
                labels.append(f"{segment} | aspect | {code} | {polarity}")
    return frames(
        "paper_id\n---\n" + "\n".join(str(first_id + at) for at in range(n_papers)),
        "review_id | paper_id | position\n---\n" + "\n".join(reviews),
        "segment_id | review_id\n---\n" + "\n".join(segments),
        "segment_id | layer | code | polarity\n---\n" + "\n".join(labels),
    )


def test_the_order_of_rows_is_of_no_matter():
    given = made_up()
    for query in (sides, contradictions, contradiction_rates):
        assert query(given).collect().equals(query(shuffled(given)).collect())


def test_turning_every_judgement_round_turns_every_side_and_leaves_every_contradiction():
    given = made_up()
    turned = given._replace(labels=given.labels.with_columns(-pl.col("polarity")))
    one, other = contradictions(given).collect(), contradictions(turned).collect()
    assert one["opposed"].any()
    assert not one["opposed"].all()
    assert other["opposed"].equals(one["opposed"])
    assert other["first_side"].equals(-one["first_side"])
    assert other["second_net"].equals(-one["second_net"])


def test_rates_are_shares_of_pairs():
    # Paper 1: three pairs, two of them opposed; paper 2: one pair, not opposed. 2 of 4, and of the resamples of two
    # papers a quarter holds paper 1 twice (2/3) and a quarter paper 2 twice (0).
    given = of("""
        segment_id | layer  | code | polarity
        -----------+--------+------+---------
        11         | aspect | EMP  | -1
        21         | aspect | EMP  | 1
        31         | aspect | EMP  | -1
        51         | aspect | EMP  | -1
        61         | aspect | EMP  | -1
        51         | aspect | NOV  | 1
        61         | aspect | NOV  | -1
    """)
    expect(
        contradiction_rates(given, layer="aspect"),
        """
        scheme              | layer  | code | n_pairs | n_papers | n_opposed | rate | low | high  | thin
        --------------------+--------+------+---------+----------+-----------+------+-----+-------+-----
        peer-review-analyze | aspect | NOV  | 1       | 1        | 1         | 1    |     |       | true
        peer-review-analyze | aspect | EMP  | 4       | 2        | 2         | 0.5  | 0   | 0.667 | true
        """,
    )


def test_where_all_pairs_agree_the_interval_is_not_nothing_wide():
    labels = "segment_id | layer | code | polarity\n---\n" + "\n".join(
        f"{segment} | aspect | EMP | 1" for segment in (11, 21, 31, 51, 61)
    )
    row = contradiction_rates(of(labels), layer="aspect").collect().row(0, named=True)
    assert (row["n_pairs"], row["n_papers"], row["rate"]) == (4, 2, 0)
    assert (row["low"], row["high"]) == pytest.approx(proportion_confint(0, 2, method="wilson"))


def test_a_corpus_twice_over_has_the_same_rates_and_narrower_intervals():
    one, again = made_up(), made_up(first_id=1001)
    both = type(one)(*(pl.concat([a, b]) for a, b in zip(one[:4], again[:4], strict=True)), one.codes)
    once, twice = contradiction_rates(one).collect(), contradiction_rates(both).collect()
    assert once["rate"].to_list() == pytest.approx(twice["rate"].to_list())
    assert (twice["n_pairs"] == 2 * once["n_pairs"]).all()
    widths = [(each["high"] - each["low"]).sum() for each in (once, twice)]
    assert widths[1] / widths[0] == pytest.approx(0.5**0.5, abs=0.12)


def test_nothing_in_nothing_out():
    for query, columns in ((contradictions, 13), (contradiction_rates, 10), (sides, 11)):
        found = query(frames()).collect()
        assert found.is_empty()
        assert len(found.columns) == columns
