"""Where hits stand, how often and how evenly: against counts by hand, a published example and exact chances."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from spec import expect, frames, shuffled
from written import twice, written

from queries.dispersion import dispersion, evenness, frequency
from queries.filters import FilterError

#: Gries's own example, 2008: five parts with one to five of fifteen `a`, of 9, 10, 10, 10 and 11 words.
GRIES = (
    "b a m n i b e u p",
    "b a s a t b e w q n",
    "b c a g a b e s t a",
    "b a g h a b e a a t",
    "b a h a a b e a x a t",
)


def test_deviation_of_proportions_of_the_published_example():
    # v = 1/15 … 5/15 against s = 0.18, 0.2, 0.2, 0.2, 0.22: |v − s| sum up to 0.36
    row = evenness(written([[[text]] for text in GRIES]), pattern=r"\ba\b").collect().row(0, named=True)
    assert row["dp"] == pytest.approx(0.18)
    told = {name: row[name] for name in ("n", "n_segments", "n_papers", "of_papers", "n_words")}
    assert told == {"n": 15, "n_segments": 5, "n_papers": 5, "of_papers": 5, "n_words": 50}


@pytest.mark.parametrize(("sizes", "n"), [((9, 10, 10, 10, 11), 15), ((1, 2, 40), 3), ((5, 5), 1)])
def test_what_chance_alone_gives_is_its_exact_expectation(sizes, n):
    # Hits at random: the number in a paper is binomial, so the expected |k/n − s| is a finite sum.
    share = np.array(sizes) / sum(sizes)
    k = np.arange(n + 1)
    wanted = sum((np.abs(k / n - s) * stats.binom.pmf(k, n, s)).sum() for s in share) / 2
    papers = [[["w " * size]] for size in sizes]
    papers[-1] = [["w " * (sizes[-1] - n) + "hit " * n]]
    row = evenness(written(papers), pattern="hit").collect().row(0, named=True)
    assert row["by_chance"] == pytest.approx(wanted, abs=0.02)
    assert row["low"] <= row["by_chance"] <= row["high"]


def test_hits_in_one_of_many_papers_are_far_from_chance():
    papers = [[["hit " * 20 + "w " * 80]], *([[["w " * 100]]] * 19)]
    row = evenness(written(papers), pattern="hit").collect().row(0, named=True)
    assert row["dp"] == pytest.approx(0.95)
    assert row["high"] < 0.6


def test_papers_without_words_count_for_nothing_and_no_hits_have_no_evenness():
    papers = [[["hit w"]], [], [["…"]]]
    row = evenness(written(papers), pattern="hit").collect().row(0, named=True)
    assert (row["of_papers"], row["dp"]) == (1, 0)
    for nothing in (written(papers), written([]), frames()):
        row = evenness(nothing, pattern="gone").collect().row(0, named=True)
        assert (row["n"], row["dp"], row["by_chance"], row["low"]) == (0, None, None, None)


TEXTS = st.lists(st.sampled_from(["hit", "w", "é", "don't", "…", "hit-w"]), max_size=6).map(" ".join)
PAPERS = st.lists(st.lists(st.lists(TEXTS, max_size=3), max_size=2), max_size=5)


@settings(deadline=None, max_examples=40)
@given(PAPERS, st.lists(st.sampled_from([2020, 2021, None]), min_size=5, max_size=5))
def test_rates_and_tenths_are_counts_by_hand(papers, years):
    part = written(papers, year=years[: len(papers)])
    n, size, tenths, of = Counter(), Counter(), Counter(), Counter()
    for year, reviews in zip(years, papers, strict=False):
        words = [re.findall(r"[^\W_]+(?:['-][^\W_]+)*", text) for review in reviews for text in review]
        size[year] += sum(map(len, words))
        of[year] += any(words)
        for review in reviews:
            whole, offset = "".join(review), 0
            for text in review:
                for match in re.finditer("hit", text):
                    n[year] += 1
                    tenths[10 * (offset + match.start()) // len(whole)] += 1
                offset += len(text)
    found = frequency(part, pattern="hit").collect()
    wanted = sorted((y for y in size if size[y]), key=lambda y: (y is None, y))
    assert found.select("year", "n", "n_words", "n_papers").rows() == [(y, n[y], size[y], of[y]) for y in wanted]
    assert found["rate"].to_list() == pytest.approx([1_000 * n[y] / size[y] for y in wanted])
    spread = dispersion(part, pattern="hit").collect()
    assert dict(spread.select("tenth", "n").rows()) == {tenth: tenths[tenth] for tenth in range(10)}
    if tenths:
        assert spread["share"].to_list() == pytest.approx([tenths[tenth] / tenths.total() for tenth in range(10)])
        assert spread["share"].sum() == pytest.approx(1)
    for frame in (found, spread):
        assert frame.filter(pl.col("n_papers") < 2)["low"].null_count() == frame.filter(pl.col("n_papers") < 2).height
    for query in (frequency, dispersion, evenness):
        assert query(shuffled(part), pattern="hit").collect().equals(query(part, pattern="hit").collect())


def test_intervals_draw_papers():
    # Half of the papers have all hits: words drawn one by one would give an interval of 41 to 59.
    papers = [[["hit " * 10 + "w " * 90 if at % 2 else "w " * 100]] for at in range(10)]
    row = frequency(written(papers, year=[2020] * 10), pattern="hit").collect().row(0, named=True)
    assert row["rate"] == 50
    k = np.array(stats.binom.ppf([0.025, 0.975], 10, 0.5))
    assert (row["low"], row["high"]) == pytest.approx(tuple(10 * k), abs=1e-9)


def test_rates_by_the_polarity_of_the_sentence():
    part = frames(
        reviews="review_id | paper_id\n---\n1 | 1\n2 | 2",
        papers="paper_id\n---\n1\n2",
        segments="""
            segment_id | review_id | text
            -----------+-----------+----------------
            11         | 1         | hit hit w w
            12         | 1         | w w
            13         | 1         | hit w w w w
            21         | 2         | hit
        """,
        labels="""
            segment_id | layer  | code | polarity
            -----------+--------+------+---------
            11         | aspect | EMP  | -1
            11         | aspect | CLA  | -1
            12         | aspect | EMP  | -1
            12         | aspect | NOV  | 1
            13         | aspect | none |
            21         | aspect | EMP  | 0
        """,
    )
    expect(
        frequency(part, pattern="hit", by=["polarity"], layer="aspect"),
        """
        polarity | n | n_words | n_papers | rate
        ---------+---+---------+----------+--------
        negative | 2 | 6       | 1        | 333.333
        neutral  | 1 | 1       | 1        | 1000
        positive | 0 | 2       | 1        | 0
                 | 1 | 5       | 1        | 200
        """,
    )
    assert frequency(part, pattern="hit", by=["polarity"], layer="section").collect().is_empty()


def test_where_a_selection_stands_is_told_of_the_whole_review():
    whole = written([[["w" * 50, "hit" + "w" * 47]]])
    part = whole._replace(segments=whole.segments.filter(pl.col("position") == 1))
    of = {name: dispersion(part, pattern="hit", around=around).collect() for name, around in
          (("whole", whole.segments), ("part", None))}  # fmt: skip
    assert [frame.filter(pl.col("n") > 0)["tenth"].to_list() for frame in of.values()] == [[5], [0]]


def test_a_corpus_twice_is_as_even_and_as_frequent():
    part = written([[[text]] for text in GRIES], year=[2020, 2020, 2021, 2021, 2021])
    once, both = (frequency(each, pattern=r"\ba\b").collect() for each in (part, twice(part)))
    assert both["rate"].to_list() == once["rate"].to_list()
    assert both["n"].to_list() == [2 * n for n in once["n"]]
    assert evenness(twice(part), pattern=r"\ba\b").collect()["dp"][0] == pytest.approx(0.18)
    once, both = (dispersion(each, pattern=r"\ba\b").collect() for each in (part, twice(part)))
    assert both["share"].to_list() == pytest.approx(once["share"].to_list())


def test_nothing_there_is_ten_empty_tenths_and_no_rates():
    for nothing in (frames(), written([[["w"]]], year=[2020])):
        found = dispersion(nothing, pattern="hit").collect()
        assert found.select("tenth", "n", "n_papers", "share", "low").rows() == [
            (at, 0, 0, None, None) for at in range(10)
        ]
    assert frequency(frames(), pattern="hit").collect().is_empty()
    assert frequency(written([[["w"]]], year=[2020]), pattern="hit").collect()["rate"].to_list() == [0]
    for query in (dispersion, frequency, evenness):
        with pytest.raises(FilterError):
            query(frames(), pattern="(")
