"""What a trend is: cells of years, venues … and codes, with intervals over papers."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from drawn import corpus, twice
from scipy import stats
from spec import expect, frames, shuffled

from queries.measures import MEASURES
from queries.trend import OVER, places, trend

#: Three papers with years, one without; one of them is labelled in another layer only.
SMALL = frames(
    papers="""
        paper_id | year | venue | decision
        ---------+------+-------+---------
        1        | 2019 | A     | reject
        2        | 2019 | B     | accept
        3        | 2021 | A     | accept
        4        |      | A     |
        5        | 2020 | B     |
    """,
    reviews="review_id | paper_id\n---\n1 | 1\n2 | 2\n3 | 3\n4 | 4\n5 | 5",
    segments="segment_id | review_id\n---\n11 | 1\n12 | 1\n21 | 2\n22 | 2\n31 | 3\n41 | 4\n51 | 5",
    labels="""
        segment_id | layer   | code | polarity
        -----------+---------+------+---------
        11         | aspect  | EMP  | -1
        12         | aspect  | EMP  | -1
        21         | aspect  | EMP  | 1
        22         | aspect  | CLA  |
        31         | aspect  | EMP  | 0
        41         | aspect  | EMP  | -1
        51         | section | MET  | -1
    """,
)


def first(given, n):
    """The corpus with the first `n` papers of each year."""
    kept = given.papers.filter(pl.int_range(pl.len()).over("year") < n)
    return given._replace(papers=kept, labels=given.labels.join(kept, on="paper_id", how="semi"))


def test_a_row_for_each_year_and_code_papers_without_a_year_last():
    # 2019: papers 1 and 2 have three judged EMP labels, two of them negative; CLA is mentioned, not judged.
    expect(
        trend(SMALL, layer="aspect"),
        """
        at   | split | code | n | n_reviews | part | whole | n_papers | value | thin
        -----+-------+------+---+-----------+------+-------+----------+-------+-----
        2019 |       | EMP  | 3 | 2         | 2    | 3     | 2        | 0.667 | true
        2019 |       | CLA  | 1 | 1         | 0    | 0     | 0        |       | true
        2021 |       | EMP  | 1 | 1         | 0    | 1     | 1        | 0     | true
        null |       | EMP  | 1 | 1         | 1    | 1     | 1        | 1     | true
        """.replace("null", "    "),
    )


def test_one_paper_has_no_interval():
    found = trend(SMALL, layer="aspect").collect()
    assert found["low"].is_null().to_list() == [False, True, True, True]
    assert found["low"][0] == 0  # drawn twice, paper 2 has only its one positive label
    assert found["high"][0] == 1


def test_not_judged_is_null_and_not_used_is_zero():
    found = {m: trend(SMALL, layer="aspect", measure=m).filter(pl.col("at") == "2019").collect() for m in MEASURES}
    assert found["net"]["value"].to_list() == [pytest.approx(-1 / 3), None]
    assert found["share"]["value"].to_list() == [0.75, 0.25]
    assert found["mention"]["value"].to_list() == [1.0, 0.5]
    later = trend(SMALL, layer="aspect", measure="share").filter(pl.col("at") == "2021").collect()
    assert later.select("code", "value").rows() == [("EMP", 1.0), ("CLA", 0.0)]


@pytest.mark.parametrize(("over", "wanted"), [("venue", ["A", "B"]), ("decision", ["accept", "reject", None])])
def test_other_places(over, wanted):
    found = trend(SMALL, layer="aspect", over=over, codes=["EMP"]).collect()
    assert found["at"].to_list() == wanted


def test_a_second_dimension_has_the_values_with_the_most_papers():
    found = trend(SMALL, layer="aspect", split="venue", codes=["EMP"])
    expect(found, "at | split | value\n---\n2019 | A | 1\n2019 | B | 0\n2021 | A | 0\n | A | 1")
    one = trend(SMALL, layer="aspect", split="venue", codes=["EMP"], lines=1).collect()
    assert one["split"].unique().to_list() == ["A"], "A has three papers, B two"


@pytest.mark.parametrize("over", ["year", "decision"])
def test_values_without_labels_take_no_line_from_those_that_have_some(over):
    """Four venues of three papers each without labels in the layer, and two of one labelled paper each."""
    papers = [(at, "ABCD"[at // 3]) for at in range(12)] + [(12, "E"), (13, "F")]
    given = frames(
        papers="paper_id | year | venue | decision\n---\n"
        + "\n".join(f"{at} | 2019 | {v} | accept" for at, v in papers),
        reviews="review_id | paper_id\n---\n" + "\n".join(f"{at} | {at}" for at, _ in papers),
        segments="segment_id | review_id\n---\n" + "\n".join(f"{at} | {at}" for at, _ in papers),
        labels="segment_id | layer | code | polarity\n---\n0 | section | MET | -1\n12 | aspect | EMP | -1\n"
        "13 | aspect | EMP | 1",
    )
    found = trend(given, layer="aspect", over=over, split="venue", lines=4).collect()
    assert found.select("split", "value").rows() == [("E", 1.0), ("F", 0.0)]


def test_lines_go_by_labelled_papers():
    """A has three papers, one of them labelled; B has two, both labelled."""
    given = frames(
        papers="paper_id | venue\n---\n1 | A\n2 | A\n3 | A\n4 | B\n5 | B",
        reviews="review_id | paper_id\n---\n1 | 1\n4 | 4\n5 | 5",
        segments="segment_id | review_id\n---\n1 | 1\n4 | 4\n5 | 5",
        labels="segment_id | layer | code\n---\n1 | aspect | EMP\n4 | aspect | EMP\n5 | aspect | EMP",
    )
    found = trend(given, layer="aspect", over="corpus", split="venue", lines=1).collect()
    assert found["split"].to_list() == ["B"]


def test_places_count_all_papers_and_those_with_labels():
    expect(
        places(SMALL, layer="aspect", over="year"),
        "value | n_papers | n_labelled\n---\n2019 | 2 | 2\n2020 | 1 | 0\n2021 | 1 | 1\n | 1 | 1",
    )
    expect(places(SMALL, layer="aspect", over="decision"), "value | n_papers\n---\naccept | 2\nreject | 1\n | 2")


def test_cells_are_thin_under_30_papers_or_5_observations():
    drawn = corpus(120, years=3)
    few = first(drawn, 29)
    assert not trend(drawn, layer="aspect").collect()["thin"].any()
    assert trend(few, layer="aspect").collect()["thin"].all()


@pytest.mark.parametrize("measure", MEASURES)
def test_values_are_ratios_of_sums_and_intervals_are_those_of_scipys_bootstrap(measure):
    """Against counts in plain Python, and papers of one year drawn again by scipy."""
    drawn = corpus(120, seed=4)
    found = trend(drawn, layer="aspect", measure=measure, codes=["EMP"], resamples=20_000).collect()
    labels = drawn.labels.select("paper_id", "review_id", "code", "polarity").collect().rows()
    for row in found.iter_rows(named=True):
        part, whole = [], []
        for paper, year in drawn.papers.select("paper_id", "year").collect().rows():
            if str(year) != row["at"]:
                continue
            own = [each for each in labels if each[0] == paper]
            polarities = [p for _, _, code, p in own if code == "EMP" and p is not None]
            if measure in ("share", "sentence"):  # one label a sentence
                part.append(sum(code == "EMP" for _, _, code, _ in own))
                whole.append(len(own))
            elif measure == "mention":
                part.append(len({review for _, review, code, _ in own if code == "EMP"}))
                whole.append(len({review for _, review, *_ in own}))
            else:
                counts = {"negative": polarities.count(-1), "positive": polarities.count(1), "net": sum(polarities)}
                part.append(counts[measure])
                whole.append(len(polarities))
        assert (row["part"], row["whole"]) == (sum(part), sum(whole))
        assert row["n_papers"] == sum(n > 0 for n in whole)
        assert row["value"] == pytest.approx(sum(part) / sum(whole))
        wanted = stats.bootstrap(
            (np.array(part, float), np.array(whole, float)),
            lambda a, b, axis: a.sum(axis=axis) / b.sum(axis=axis),
            paired=True, vectorized=True, method="percentile", n_resamples=20_000, rng=np.random.default_rng(6),
        ).confidence_interval  # fmt: skip
        spread = wanted.high - wanted.low
        assert row["low"] == pytest.approx(wanted.low, abs=0.06 * spread)
        assert row["high"] == pytest.approx(wanted.high, abs=0.06 * spread)


@pytest.mark.parametrize("measure", MEASURES)
def test_the_order_of_rows_is_of_no_matter_and_a_corpus_twice_over_has_the_same_values(measure):
    drawn = corpus(90, seed=5)
    of = {"layer": "aspect", "measure": measure, "split": "venue"}
    once = trend(drawn, **of).collect()
    assert once.equals(trend(shuffled(drawn), **of).collect())
    double = trend(twice(drawn), **of).collect()
    assert double["value"].to_list() == pytest.approx(once["value"].to_list())
    assert double["part"].to_list() == [2 * part for part in once["part"]]
    width = (pl.col("high") - pl.col("low")).mean()
    ratio = double.select(width).item() / once.select(width).item()
    assert ratio == pytest.approx(0.5**0.5, abs=0.08)


def test_renamed_codes_have_the_same_numbers():
    drawn = corpus(60, seed=6)
    other = {"NOV": "CLA", "CLA": "NOV"}
    renamed = drawn._replace(labels=drawn.labels.with_columns(pl.col("code").replace(other)))
    once, swapped = (trend(each, layer="aspect").collect() for each in (drawn, renamed))
    back = swapped.with_columns(pl.col("code").replace(other)).sort("at", "split", "code")
    assert once.equals(back)


@pytest.mark.parametrize("over", OVER[:2])
def test_no_labels_are_no_rows(over):
    found = trend(frames(), layer="aspect", over=over, split="decision").collect()
    assert found.is_empty()
    assert found.columns == [
        *("at", "split", "code", "n", "n_reviews", "part", "whole", "n_papers", "value", "low", "high", "thin")
    ]


def test_another_place_is_told():
    with pytest.raises(ValueError, match="places no paper: use one of year"):
        trend(SMALL, layer="aspect", over="month")
    with pytest.raises(ValueError, match="places no paper"):
        trend(SMALL, layer="aspect", split="title")
