"""What the labeller sees of a sentence, against counting in plain Python."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.labeller.features import BLOCKS, COLUMNS, Sentences, Weighing, weighed, weighing
from corpus.labeller.features import counts as of_words
from corpus.labeller.features import words as cut

NEGATIONS = "not no t never without lack lacks lacking nor cannot hardly insufficient missing".split()
WORDS = ["The", "not", "Größe", "is", "naïve", "without", "a", "novel", "3", "model_x", "cannot", "z" * 60, "说"]
MARKS = [" ", " ", " ", ", ", ". ", "? ", "-", "'", "\n\n", "\u00a0"]

texts = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(MARKS)), max_size=9).map(
    lambda parts: "".join(word + mark for word, mark in parts)
)
reviews_of_texts = st.lists(st.lists(texts, min_size=1, max_size=4), min_size=1, max_size=3)


def counts(sentences: Sentences) -> list[sp.csr_matrix]:
    return of_words(cut(sentences))


def words(text: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", text.lower())


def parts(word: str) -> set[str]:
    """Character 3- to 5-grams of a word with a space on each side, of its first 40 characters."""
    padded = f" {word[:40]} "
    whole = {padded} if len(padded) <= 5 else set()
    return whole | {padded[at : at + n] for n in (3, 4, 5) for at in range(len(padded) - n + 1)}


def negated(tokens: list[str]) -> list[str]:
    """Words up to four behind a negation and in its clause; negations and marks that end a clause are none."""
    found = set()
    for begin, word in enumerate(tokens):
        if word in NEGATIONS:
            for at in range(begin + 1, min(begin + 5, len(tokens))):
                if tokens[at] in ".,;:?!":
                    break
                found.add(at)
    return [tokens[at] for at in found if tokens[at] not in NEGATIONS]


def counted(reviews: list[list[str]]) -> list[list[Counter]]:
    """For each block the features of each sentence, as anything that tells them apart."""
    blocks: list[list[Counter]] = [[] for _ in range(6)]
    for review in reviews:
        lists = [words(text) for text in review]
        for at, own in enumerate(lists):
            blocks[0].append(Counter(own) + Counter(pairwise(own)))
            blocks[1].append(sum((Counter(parts(word)) for word in own), Counter()))
            blocks[2].append(Counter(lists[at - 1] if at else []))
            blocks[3].append(Counter(lists[at + 1] if at + 1 < len(lists) else []))
            first = [("first", tuple(own[:n])) for n in (1, 2, 3) if len(own) >= n]
            last = [("last", tuple(own[-n:])) for n in (1, 2) if len(own) >= n]
            blocks[4].append(Counter(first + last))
            blocks[5].append(Counter(negated(own)))
    return blocks


def of_columns(matrix: sp.csr_matrix) -> Counter:
    """How often each way of being spread over the sentences occurs among the columns."""
    found: dict[int, dict[int, float]] = {}
    whole = matrix.tocoo()
    for row, column, value in zip(whole.row.tolist(), whole.col.tolist(), whole.data.tolist(), strict=True):
        found.setdefault(column, {})[row] = value
    return Counter(frozenset(each.items()) for each in found.values())


def of_features(rows: list[Counter]) -> Counter:
    found: dict[object, dict[int, float]] = {}
    for row, counter in enumerate(rows):
        for feature, n in counter.items():
            found.setdefault(feature, {})[row] = n
    return Counter(frozenset(each.items()) for each in found.values())


@given(reviews_of_texts)
@settings(deadline=None, max_examples=150)
def test_features_are_those_that_plain_counting_finds(reviews):
    numbers = np.repeat(np.arange(len(reviews)), [len(each) for each in reviews])
    found = counts(Sentences([text for each in reviews for text in each], numbers))
    assert len(found) == len(BLOCKS) == 6
    for block, matrix, rows in zip(BLOCKS, found, counted(reviews), strict=True):
        assert matrix.shape == (len(numbers), COLUMNS)
        assert matrix.sum(axis=1).ravel().tolist()[0] == [sum(row.values()) for row in rows], block.name
        distinct, columns = len(set().union(*rows)), len(np.unique(matrix.indices))
        assert distinct - 2 <= columns <= distinct, "two of 2^18 columns may fall together, no more"
        if columns == distinct:
            assert of_columns(matrix) == of_features(rows), block.name


@pytest.mark.parametrize(("word", "n"), [("a", 1), ("ab", 3), ("abc", 6), ("aaaaaa", 9), ("x" * 40, 9), ("x" * 99, 9)])
def test_parts_of_a_word_are_its_distinct_grams(word, n):
    # " abc " has the grams " ab", "abc", "bc ", " abc", "abc ", " abc ": six.
    assert len(parts(word)) == n
    assert counts(Sentences([word], np.zeros(1, int)))[1].sum() == n


def test_what_a_word_is_does_not_hang_on_what_was_seen_before():
    alone = counts(Sentences(["a b not c"], np.zeros(1, int)))
    later = counts(Sentences(["c", "x y", "a b not c"], np.arange(3)))
    for one, other in zip(alone, later, strict=True):
        assert (one[0] != other[2]).nnz == 0


@pytest.mark.parametrize("texts", [[], [""], ["", " \n"], ["🙂🙂"], ["这很好。", "不清楚"], ["\x00\ufffd"]])
def test_odd_texts_are_counted(texts):
    found = counts(Sentences(texts, np.zeros(len(texts), int)))
    assert [each.shape[0] for each in found] == [len(texts)] * len(BLOCKS)


def random_blocks(seed: int, n: int = 12) -> list[sp.csr_matrix]:
    """Counts in the first 30 columns."""
    random = np.random.default_rng(seed)
    made = []
    for _ in BLOCKS:
        counted = random.poisson(0.5, (n, 30)).astype(np.float32)
        made.append(sp.csr_matrix(counted))
    for each in made:
        each.resize(n, COLUMNS)
    return made


@pytest.mark.parametrize("seed", range(3))
def test_a_feature_is_kept_and_weighed_by_how_many_sentences_have_it(seed):
    blocks = random_blocks(seed)
    by = weighing(blocks)
    for block, counted, columns, weights in zip(BLOCKS, blocks, by.columns, by.weights, strict=True):
        dense = counted[:, :30].toarray()
        expected = {}
        for column in range(30):
            n = sum(1 for value in dense[:, column] if value > 0)
            if n >= block.least:
                expected[column] = math.log((1 + 12) / (1 + n)) + 1
        assert dict(zip(columns.tolist(), weights.tolist(), strict=True)) == pytest.approx(expected, rel=1e-6)
    assert by.width == sum(len(each) for each in by.columns)


@pytest.mark.parametrize("seed", range(3))
def test_features_are_weighed_and_each_block_has_its_length(seed):
    train, blocks = random_blocks(seed), random_blocks(seed + 10)
    by = weighing(train)
    dense = np.random.default_rng(seed).random((12, 4)).astype(np.float32)
    found = weighed(blocks, by, dense).toarray()
    start = 0
    for block, counted, columns, weights in zip(BLOCKS, blocks, by.columns, by.weights, strict=True):
        for row, values in enumerate(counted[:, :30].toarray()):
            raw = [
                (1 + math.log(values[column])) * weight if values[column] else 0.0
                for column, weight in zip(columns, weights, strict=True)
            ]
            length = math.sqrt(sum(value * value for value in raw)) or 1.0
            expected = [block.weight * value / length for value in raw]
            assert found[row, start : start + len(columns)] == pytest.approx(expected, abs=1e-5)
        start += len(columns)
    assert found[:, start:] == pytest.approx(dense)


def test_nothing_that_is_kept_weighs_nothing():
    by = Weighing(tuple(np.zeros(0, np.int32) for _ in BLOCKS), tuple(np.zeros(0, np.float32) for _ in BLOCKS))
    assert weighed(random_blocks(0), by, np.zeros((12, 0), np.float32)).shape == (12, 0)
