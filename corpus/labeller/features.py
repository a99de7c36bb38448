"""What the labeller sees of a sentence: hashed words and parts of words, and the words of the sentences beside it.

Every n-gram is hashed to one of 2^18 columns (Weinberger et al. 2009, https://doi.org/10.1145/1553374.1553516), so no
vocabulary is kept. All sentences of a batch are counted at once with numpy; what a word is hashed to is remembered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from murmurhash import mrmr

from corpus.labeller.sentiment import Tone, tone

COLUMNS = 1 << 18
_REMEMBERED = 200_000  # words; past this what is remembered of them is forgotten
_LONGEST = 40  # characters of a word that parts are taken of: a string of 100,000 letters is no word

_WORD = re.compile(r"\w+|[^\w\s]")
_NEGATION = frozenset("not no t never without lack lacks lacking nor cannot hardly insufficient missing".split())
_STOPS = frozenset(".,;:?!")
_REACH = 4  # words after a negation that it turns around

_MIX = np.uint64(0x9E3779B97F4A7C15)


class Block(NamedTuple):
    """One kind of feature: its weight beside the others, and in how many sentences a column must occur to be kept."""

    name: str
    weight: float
    least: int


BLOCKS = (
    Block("words and pairs of words", 1.0, 2),
    Block("parts of words", 0.7, 3),
    Block("words before", 0.4, 5),
    Block("words after", 0.4, 5),
    Block("first and last words", 0.3, 3),
    Block("negated words", 0.4, 2),
)


class Sentences(NamedTuple):
    """Sentences of reviews: their texts in order, and the number of the review that each is of, all of one together."""

    texts: Sequence[str]
    reviews: np.ndarray


class _Known(NamedTuple):
    """A word's hash, those of its character 3- to 5-grams, whether it negates (1) or ends a clause (-1), its tone."""

    word: int
    parts: np.ndarray
    turns: int
    tone: Tone


class Words(NamedTuple):
    """The words and marks of sentences in order, how many each sentence has, and the review that each is of."""

    known: Sequence[_Known]
    lengths: np.ndarray
    reviews: np.ndarray

    @property
    def tones(self) -> tuple[np.ndarray, np.ndarray]:
        """Their valences and roles, as `sentiment` takes them."""
        tones = [each.tone for each in self.known]
        n = len(tones)
        return np.fromiter((t[0] for t in tones), np.float64, n), np.fromiter((t[1] for t in tones), np.int8, n)


_known: dict[str, _Known] = {}


def words(sentences: Sentences) -> Words:
    """Cuts sentences into words and marks, in lower case."""
    lists = [_WORD.findall(text.lower()) for text in sentences.texts]
    lengths = np.fromiter(map(len, lists), np.int64, len(lists))
    return Words([_remembered(word) for each in lists for word in each], lengths, sentences.reviews)


def counts(of: Words) -> list[sp.csr_matrix]:
    """How often each feature occurs: for each of BLOCKS a matrix, sentences × COLUMNS."""
    known, lengths, reviews = of
    n = len(lengths)
    rows = np.repeat(np.arange(n), lengths)
    single = np.fromiter((each.word for each in known), np.uint64, len(known))
    sizes = np.fromiter((len(each.parts) for each in known), np.int64, len(known))
    parts = np.concatenate([each.parts for each in known]) if known else np.zeros(0, np.uint64)
    next_is_own = np.append(rows[:-1] == rows[1:], False)[: len(rows)]
    pairs = _paired(single, np.roll(single, -1))
    goes_on = np.append(reviews[:-1] == reviews[1:], False)[:n]
    has_next, has_last = goes_on[rows], np.roll(goes_on, 1)[rows] if n else np.zeros(0, bool)
    negated = _negated(known, rows)
    edges = _edges(single, pairs, lengths)
    found = (
        (np.append(rows, rows[next_is_own]), np.append(single, pairs[next_is_own])),
        (np.repeat(rows, sizes), parts),
        (rows[has_next] + 1, single[has_next]),
        (rows[has_last] - 1, single[has_last]),
        edges,
        (rows[negated], single[negated]),
    )
    return [_matrix(at, hashes, number, n) for number, (at, hashes) in enumerate(found)]


def _edges(single: np.ndarray, pairs: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and hashes of the first word, the first two and three, the last word and the last two."""
    ends = np.cumsum(lengths)
    begins = ends - lengths
    rows, hashes = [], []
    for least, at, taken in ((1, begins, single), (2, begins, pairs), (1, ends - 1, single), (2, ends - 2, pairs)):
        there = np.flatnonzero(lengths >= least)
        side = np.uint64(1 if at is begins else 2)
        rows.append(there)
        hashes.append(_paired(taken[at[there]], np.full(len(there), side)))
    three = np.flatnonzero(lengths >= 3)
    rows.append(three)
    hashes.append(_paired(pairs[begins[three]], pairs[begins[three] + 1]))
    return np.concatenate(rows), np.concatenate(hashes)


def _negated(known: Sequence[_Known], rows: np.ndarray) -> np.ndarray:
    """Places of the words that stand up to four words after a negation, in its clause."""
    turns = np.fromiter((each.turns for each in known), np.int8, len(known))
    found = np.zeros(len(known), bool)
    for begin in np.flatnonzero(turns == 1).tolist():
        for at in range(begin + 1, min(begin + 1 + _REACH, len(known))):
            if rows[at] != rows[begin] or turns[at] == -1:
                break
            found[at] = True
    return np.flatnonzero(found & (turns == 0))


def _remembered(word: str) -> _Known:
    found = _known.get(word)
    if found is None:
        if len(_known) >= _REMEMBERED:
            _known.clear()
        padded = f" {word[:_LONGEST]} "
        parts = {padded[at : at + size] for size in (3, 4, 5) for at in range(max(1, len(padded) - size + 1))}
        hashes = np.array([_hash(part) for part in sorted(parts)], np.uint64)
        turns = 1 if word in _NEGATION else -1 if word in _STOPS else 0
        found = _known[word] = _Known(_hash(word), hashes, turns, tone(word))
    return found


def _hash(text: str) -> int:
    return mrmr.hash(text) & 0xFFFFFFFF


def _paired(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return (left * _MIX) ^ right


def _matrix(rows: np.ndarray, hashes: np.ndarray, block: int, n: int) -> sp.csr_matrix:
    # Fibonacci hashing: the high bits of a product are spread evenly.
    columns = ((hashes + np.uint64((block + 1) << 33)) * _MIX >> np.uint64(64 - 18)).astype(np.int32)
    made = sp.coo_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(n, COLUMNS)).tocsr()
    made.sum_duplicates()
    return made


class Weighing(NamedTuple):
    """For each of BLOCKS the columns that are kept and what a sentence's features there weigh (inverse frequency)."""

    columns: tuple[np.ndarray, ...]
    weights: tuple[np.ndarray, ...]

    @property
    def width(self) -> int:
        return sum(map(len, self.columns))


def weighing(blocks: Sequence[sp.csr_matrix]) -> Weighing:
    """What the sentences of `blocks` teach about how telling a feature is: log((1 + N) / (1 + n)) + 1."""
    columns, weights = [], []
    for block, counted in zip(BLOCKS, blocks, strict=True):
        n = np.bincount(counted.indices, minlength=COLUMNS)
        kept = np.flatnonzero(n >= block.least)
        columns.append(kept.astype(np.int32))
        weights.append((np.log((1 + counted.shape[0]) / (1 + n[kept])) + 1).astype(np.float32))
    return Weighing(tuple(columns), tuple(weights))


def weighed(blocks: Sequence[sp.csr_matrix], by: Weighing, dense: np.ndarray) -> sp.csr_matrix:
    """Features, sentences × (width of `by` + columns of `dense`): each block of length `weight`, then `dense` as it is.

    A count c weighs (1 + log c) times the inverse frequency.
    """
    made = []
    for block, counted, columns, weights in zip(BLOCKS, blocks, by.columns, by.weights, strict=True):
        x = counted[:, columns]
        x.data = (1 + np.log(x.data)) * weights[x.indices]
        norms = np.sqrt(np.bincount(np.repeat(np.arange(x.shape[0]), np.diff(x.indptr)), x.data**2, x.shape[0]))
        x.data *= np.repeat(np.where(norms > 0, block.weight / np.maximum(norms, 1e-12), 0), np.diff(x.indptr))
        made.append(x)
    return sp.hstack([*made, sp.csr_matrix(dense)], format="csr", dtype=np.float32)
