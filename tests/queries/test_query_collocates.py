"""Collocates against a count by hand over places of words, scipy's tables and papers drawn again by hand."""

from __future__ import annotations

import math
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

from queries.collocates import MEASURES, collocates, together
from queries.common_words import common_words
from queries.filters import FilterError
from queries.hits import hits

WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


def by_hand(texts: list[str], pattern: str, span: int) -> tuple[Counter, Counter, Counter, int, int]:
    """By word: uses in windows, uses in all, segments with one in a window; words in windows, words in all.

    A word is in a window if at most span − 1 others are between it and a hit, and it is no part of a hit itself.
    """
    near, of, where, n_near, whole = Counter(), Counter(), Counter(), 0, 0
    for text in texts:
        nodes = [match.span() for match in re.finditer(pattern, text) if match[0]]
        words = [(match.start(), match.end(), match[0].lower()) for match in WORD.finditer(text)]
        free = [word for word in words if not any(word[0] < end and word[1] > start for start, end in nodes)]
        met = set()
        for start, end, word in free:
            whole += 1
            of[word] += 1
            away = []
            for left, right in nodes:
                low, high = (end, left) if end <= left else (right, start)
                between = [w for w in words if w[0] >= low and w[1] <= high]
                away.append(len(between))
            if away and min(away) < span:
                near[word] += 1
                n_near += 1
                met.add(word)
        where.update(met)
    return near, of, where, n_near, whole


TEXTS = st.text(alphabet="abcx '-.", max_size=16)
PATTERNS = st.sampled_from(["x", "x+", "ax?", "a b", r"\bx\b", "-", "b-", "'c", "x*", r"\.", "a-b|x"])


@settings(deadline=None, max_examples=80)
@given(st.lists(TEXTS, max_size=4), PATTERNS, st.integers(1, 3))
def test_windows_are_those_counted_by_hand(texts, pattern, span):
    part = written([[texts]])
    near, of, where, n_near, whole = by_hand(texts, pattern, span)
    found = collocates(part, pattern=pattern, span=span, least=1, n=1_000).collect()
    assert dict(found.select("token", "n").rows()) == dict(near)
    assert dict(found.select("token", "of").rows()) == {token: of[token] for token in near}
    for token, expected in found.select("token", "expected").rows():
        assert expected == pytest.approx(of[token] * n_near / whole)
    for token in near:
        both = hits(part.segments, pattern=f"(?i){together(pattern, token, span)}").collect()
        assert both["segment_id"].n_unique() >= where[token], "a click shows every sentence that was counted"
    again = collocates(shuffled(part), pattern=pattern, span=span, least=1, n=1_000).collect()
    assert again.equals(found)


# Three hits, two words to either side: what stands in a window, and what stands outside.
#   p0  Strong BASELINE is fine here.     strong is fine     here
#   p0  A strong baseline.                a strong
#   p1  It beats the baseline; strong.    beats the strong   it
#   p1  Strong claims, weak proofs.                          strong claims weak proofs
HAND = [
    [["Strong BASELINE is fine here. ", "A strong baseline. "]],
    [["It beats the baseline; strong. ", "Strong claims, weak proofs."]],
]


def test_measures_of_a_table_worked_by_hand():
    # strong: n = 3 of 4 uses; 8 words in windows of 14; expected 4 · 8 / 14 = 2.2857; ratio 1.3125
    # logDice = 14 + log2(2 · 3 / (3 + 4)) = 13.7776; table 3 1 | 5 5
    found = collocates(written(HAND), pattern="(?i)baseline", span=2)
    expect(
        found,
        """
        token  | n | expected | of | n_hits | log_dice | ratio  | n_papers | of_papers
        -------+---+----------+----+--------+----------+--------+----------+----------
        strong | 3 | 2.2857   | 4  | 3      | 13.7776  | 1.3125 | 2        | 2
        """,
    )
    g2 = stats.chi2_contingency([[3, 1], [5, 5]], correction=False, lambda_="log-likelihood").statistic
    assert found.collect()["g2"][0] == pytest.approx(g2)


def test_g2_has_the_sign_of_the_difference_and_is_scipys():
    texts = ["hit near near far", "far far far near far far w w w w w w w w hit far", "w w hit w w"]
    _, of, _, n_near, whole = by_hand(texts, "hit", 2)
    found = collocates(written([[texts]]), pattern="hit", span=2, least=1).collect()
    assert dict(found.select("token", pl.col("ratio") < 1).rows()) == {"near": False, "w": False, "far": True}
    for token, n, ratio, g2 in found.select("token", "n", "ratio", "g2").rows():
        table = [[n, of[token] - n], [n_near - n, whole - n_near - of[token] + n]]
        wanted = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic
        assert g2 == pytest.approx(math.copysign(wanted, ratio - 1))
        assert ratio == pytest.approx(n / (of[token] * n_near / whole))


@pytest.mark.parametrize("by", MEASURES)
def test_sorted_by_a_measure_ties_by_word_and_cut(by):
    found = collocates(written(HAND), pattern="(?i)baseline", span=2, least=1, by=by).collect()
    rows = found.select(by, "token").rows()
    assert rows == sorted(rows, key=lambda row: (-row[0], row[1]))
    assert (
        collocates(written(HAND), pattern="(?i)baseline", span=2, least=1, by=by, n=2).collect().equals(found.head(2))
    )


def test_interval_of_the_ratio_draws_papers():
    random = np.random.default_rng(5)
    papers = [
        [[" ".join(random.choice(["hit", "c", "w", "v", "u"], 30, p=random.dirichlet([2, 2, 4, 4, 4])))]]
        for _ in range(40)
    ]
    row = (
        collocates(written(papers), pattern="hit", span=1)
        .collect()
        .row(by_predicate=pl.col("token") == "c", named=True)
    )
    counted = [by_hand(paper[0], "hit", 1) for paper in papers]
    n, of = (np.array([each[at]["c"] for each in counted]) for at in (0, 1))
    near, whole = (np.array([each[at] for each in counted]) for at in (3, 4))
    drawn = random.multinomial(40, np.full(40, 1 / 40), size=20_000)
    ratios = (drawn @ n / (drawn @ of)) / (drawn @ near / (drawn @ whole))
    assert (row["low"], row["high"]) == pytest.approx(tuple(np.quantile(ratios, [0.025, 0.975])), abs=0.03)
    assert row["ratio"] == pytest.approx((n.sum() / of.sum()) / (near.sum() / whole.sum()))


def test_one_paper_has_no_interval_and_a_corpus_twice_the_same_ratios():
    once = written([HAND[0]])
    assert collocates(once, pattern="(?i)baseline", least=1).collect()["low"].null_count() > 0
    part = written(HAND)
    one, two = (
        collocates(each, pattern="(?i)baseline", least=1, span=2, by="ratio").collect() for each in (part, twice(part))
    )
    assert two["token"].to_list() == one["token"].to_list()
    for name in ("ratio", "log_dice"):
        assert two[name].to_list() == pytest.approx(one[name].to_list())
    assert two["n"].to_list() == [2 * n for n in one["n"]]
    assert two["g2"].to_list() == pytest.approx([2 * g2 for g2 in one["g2"]])


def test_rare_company_is_left_out():
    found = collocates(written(HAND), pattern="(?i)baseline", span=2, least=4).collect()
    assert found.is_empty()
    assert found.schema["low"] == pl.Float64


def test_nothing_there_gives_no_rows():
    for nothing in (frames(), written([]), written([[["no such thing"]]]), written([[["hit"]]])):
        assert collocates(nothing, pattern="hit", least=1).collect().is_empty()
    with pytest.raises(FilterError):
        collocates(frames(), pattern="(")
    with pytest.raises(ValueError, match="no measure of collocates"):
        collocates(frames(), pattern="a", by="chi2")


@pytest.mark.parametrize(
    ("text", "span", "found"),
    [
        ("a baseline that is strong", 3, ["baseline that is strong"]),
        ("a baseline that is strong", 2, []),
        ("strong, simple baselines", 2, ["strong, simple baseline"]),
        ("stronger baseline", 4, []),
        ("a baseline-free but strong", 2, ["baseline-free but strong"]),
        ("Baseline (strong)", 1, ["Baseline (strong"]),
    ],
)
def test_the_pattern_of_both(text, span, found):
    pattern = f"(?i){together('(?i)baseline', 'strong', span)}"
    assert hits(written([[[text]]]).segments, pattern=pattern).collect()["node"].to_list() == found


def test_the_pattern_of_both_finds_apostrophes_however_typed():
    pattern = together("(?i)a|b", "don't", 2)
    part = written([[["b – don’t", "don't a", "dont a"]]])
    assert hits(part.segments, pattern=pattern).collect()["segment_id"].to_list() == [0, 1]


def test_common_words_are_told_by_papers_without_what_says_little():
    papers = [
        [["The related work is related work.", "It is 42 and a x."]],
        [["Related-work? Related, work! Don’t."]],
        [["Novelty novelty novelty."]],
    ]
    expect(
        common_words(written(papers).segments),
        """
        term         | n | n_papers
        -------------+---+---------
        related      | 3 | 2
        work         | 3 | 2
        novelty      | 3 | 1
        related-work | 1 | 1
        """,
    )
    expect(
        common_words(written(papers).segments, size=2, n=2),
        """
        term            | n | n_papers
        ----------------+---+---------
        related work    | 3 | 2
        novelty novelty | 2 | 1
        """,
    )
    assert common_words(frames().segments, size=2).collect().is_empty()
    assert (
        common_words(shuffled(written(papers)).segments)
        .collect()
        .equals(common_words(written(papers).segments).collect())
    )
