"""Praise and blame by VADER's words: sentences worked by hand, and counting word by word in plain Python."""

from __future__ import annotations

import re
from importlib import resources

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.labeller.features import Sentences, words
from corpus.labeller.sentiment import WIDTH, sentiment, standard, standardised, tone

COLUMNS = (
    "p m squashed plain_squashed mean first_half second_half after before above below highest lowest negations contrast"
).split()
GOOD, BAD, GREAT, CLEAR, PROBLEM = 1.9, -2.5, 3.1, 1.6, -1.7  # as the lexicon has them


def found(*texts: str) -> list[dict[str, float]]:
    of = words(Sentences(texts, np.zeros(len(texts), int)))
    rows = sentiment(*of.tones, of.lengths)
    assert rows.shape == (len(texts), WIDTH)
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows.tolist()]


def squashed(s: float) -> float:
    return s / (s * s + 15) ** 0.5


def test_a_sentence_by_hand():
    (row,) = found("A good idea , but bad writing .")
    expected = {
        **{"p": GOOD, "m": BAD, "squashed": squashed(GOOD + BAD), "plain_squashed": squashed(GOOD + BAD)},
        **{"mean": (GOOD + BAD) / 8, "first_half": GOOD, "second_half": BAD, "after": BAD, "before": GOOD},
        **{"above": 1, "below": 1, "highest": GOOD, "lowest": BAD, "negations": 0, "contrast": 1},
    }
    assert row == pytest.approx(expected, abs=1e-5)


def test_without_a_word_of_contrast_there_is_nothing_before_or_after_it():
    (row,) = found("bad, bad, good, good")
    assert (row["contrast"], row["after"], row["before"]) == (0, 0, 0)
    assert (row["first_half"], row["second_half"]) == pytest.approx((2 * BAD, 2 * GOOD))


def test_of_two_words_of_contrast_the_last_one_counts():
    (row,) = found("good but bad yet great")
    assert row["after"] == pytest.approx(GREAT)
    assert row["before"] == pytest.approx(GOOD + BAD)


@pytest.mark.parametrize(
    ("text", "s"),
    [
        ("it is good", GOOD),
        ("it is not good", -0.7 * GOOD),
        ("it isn't good", -0.7 * GOOD),
        ("it isn’t good", -0.7 * GOOD),
        ("at time t good", GOOD),
        ("without any of the good", -0.7 * GOOD),  # the fourth place after it
        ("without any of all the good", GOOD),  # the fifth
        ("never , good", GOOD),
        ("never ; good", GOOD),
        ("never ( good", -0.7 * GOOD),
        ("not bad", -0.7 * BAD),
        ("good, not", GOOD),  # what stands before it is as it was
        ("very good", 1.3 * GOOD),
        ("somewhat bad", 0.6 * BAD),
        ("not very good", -0.7 * 1.3 * GOOD),
        ("very , good", GOOD),
        ("GOOD", GOOD),
    ],
)
def test_what_words_before_make_of_a_word(text, s):
    (row,) = found(text)
    assert row["p"] + row["m"] == pytest.approx(s, rel=1e-5)
    assert row["squashed"] == pytest.approx(squashed(s), rel=1e-5)
    assert abs(row["plain_squashed"]) == pytest.approx(squashed(abs(s) / (0.7 if s * row["plain_squashed"] < 0 else 1)))


def test_a_negation_ends_with_its_sentence_and_so_does_very():
    one, two, _ = found("is it not", "good", "very")
    assert one["negations"] == 1
    assert two["p"] == pytest.approx(GOOD)
    assert found("very", "good")[1]["p"] == pytest.approx(GOOD)


def test_the_highest_of_blame_alone_is_blame_and_of_nothing_nothing():
    blame, nothing = found("bad problem", "the table")
    assert (blame["highest"], blame["lowest"]) == pytest.approx((PROBLEM, BAD))
    assert not any(nothing.values())


@pytest.mark.parametrize(
    ("word", "same_as"),
    [("boringly", "boring"), ("goods", "good"), ("robustness", "robust"), ("the", None), ("zzings", None)],
)
def test_endings_are_undone(word, same_as):
    assert tone(word).valence == (tone(same_as).valence if same_as else 0)
    if same_as:
        assert tone(word).valence


def test_short_words_have_no_endings():
    assert tone("bads").valence == 0, "five letters are needed"


@pytest.mark.parametrize(
    "texts", [[], [""], ["", "good", ""], ["🙂🙂"], ["这很好。", "непонятно"], ["\x00\ufffd"], ["''t"]]
)
def test_odd_texts_and_other_languages(texts):
    rows = found(*texts)
    assert len(rows) == len(texts)
    for text, row in zip(texts, rows, strict=True):
        assert any(row.values()) == (text in ("good", "''t"))


def test_a_text_without_an_end():
    (row,) = found("very good not " * 70_000)
    assert row["above"] == 1, "but for the first, each follows a negation"
    assert row["below"] == 69_999
    assert row["negations"] == 70_000


# --- against plain Python ---------------------------------------------------------------------------------------------

LINES = (resources.files("vaderSentiment") / "vader_lexicon.txt").read_text("utf-8").splitlines()
LEXICON = {
    word: float(value) for word, value, *_ in (line.split("\t") for line in LINES) if re.fullmatch("[a-z]+", word)
}
NEGATIONS = "not no never without lack lacks lacking nor cannot hardly insufficient missing neither nothing none barely"
NEGATIONS_ = {*NEGATIONS.split(), "fail", "fails", "failed"}
BOOSTS, DAMPS, CONTRASTS = {"very", "too"}, {"rather", "little"}, {"but", "although", "yet"}
SOME = (
    "good bad great clear lack fail no not very too rather little but although yet the t ' ’ , . ; ( x y unfortunately"
)


def plain(text: str) -> list[float]:
    tokens = re.findall(r"\w+|[^\w\s]", text.lower())
    values, own, negations, left, contrast = [], [], 0, 0, -1
    for at, word in enumerate(tokens):
        last = tokens[at - 1] if at else ""
        negates = word in NEGATIONS_ or (word == "t" and last in ("'", "’"))
        if word in ".,;:?!":
            left = 0
        if word in CONTRASTS | {"unfortunately"}:
            contrast = at
        v = LEXICON.get(word, 0.0) * (1.3 if last in BOOSTS else 0.6 if last in DAMPS else 1)
        own.append(v)
        values.append(-0.7 * v if left and not negates else v)
        left = 4 if negates else max(0, left - 1)
        negations += negates
    s, raw, n = sum(values), sum(own), len(tokens)
    told = [v for v in values if v]
    after = sum(values[contrast + 1 :]) if contrast >= 0 else 0
    return [
        *(sum(v for v in told if v > 0), sum(v for v in told if v < 0), squashed(s), squashed(raw), s / max(n, 1)),
        *(sum(v for at, v in enumerate(values) if at < n / 2), sum(v for at, v in enumerate(values) if at >= n / 2)),
        *(after, s - after if contrast >= 0 else 0, sum(v > 0 for v in told), sum(v < 0 for v in told)),
        *(max(told, default=0), min(told, default=0), negations, float(contrast >= 0)),
    ]


@given(st.lists(st.lists(st.sampled_from(SOME.split(" ")), max_size=14).map(" ".join), max_size=5))
@settings(deadline=None, max_examples=300)
def test_columns_are_those_that_plain_counting_finds(texts):
    for text, row in zip(texts, found(*texts), strict=True):
        assert list(row.values()) == pytest.approx(plain(text), abs=1e-4), text


# --- standardised -----------------------------------------------------------------------------------------------------


def test_standardised_by_what_was_learnt_and_no_further_than_four_deviations():
    learnt = np.zeros((4, WIDTH), np.float32)
    learnt[:, 0] = [1, 3, 1, 3]  # mean 2, deviation 1
    by = standard(learnt)
    shown = np.zeros((3, WIDTH), np.float32)
    shown[:, 0], shown[2, 1] = [3, 0, 90], -5  # what never changed is infinitely far: four deviations
    made = standardised(shown, by)
    assert made.dtype == np.float32
    assert made[:, 0] == pytest.approx([0.1, -0.2, 0.4], rel=1e-4)
    assert made[:, 1] == pytest.approx([0, 0, -0.4])
    assert not made[:, 2:].any()
