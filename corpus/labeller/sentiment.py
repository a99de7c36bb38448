"""How much a sentence praises and blames, by the words of VADER's lexicon, negations, and the last "but".

The lexicon is that of Hutto & Gilbert (2014), https://doi.org/10.1609/icwsm.v8i1.14550, in the package vaderSentiment
(MIT): 7,500 words and signs, each from -4 to 4 by ten people. Its rules, made for short messages, are replaced by those
of `sentiment`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np

_OTHER, _NEGATION, _STOP, _BOOST, _DAMP, _CONTRAST, _APOSTROPHE, _T = range(8)
_ROLES = {
    _NEGATION: "not no never without lack lacks lacking nor cannot hardly insufficient missing neither nothing none "
    "barely fail fails failed",
    _STOP: ". , ; : ? !",
    _BOOST: "very extremely really quite highly particularly especially too so much more most significantly completely "
    "totally",
    _DAMP: "somewhat slightly little marginally fairly less partly kind sort bit rather",
    _CONTRAST: "but however although though while unfortunately yet nevertheless",
    _APOSTROPHE: "' ’",
    _T: "t",
}
_ROLE_OF = {word: role for role, words in _ROLES.items() for word in words.split()}
_BOOSTED, _DAMPED, _TURNED = 1.3, 0.6, -0.7
_REACH = 4  # words after a negation that it turns around
_HALFWAY = 15  # as in VADER: s / sqrt(s² + 15) is between -1 and 1
#: Endings and what they took the place of; the first that leaves a word of the lexicon counts.
_ENDINGS = (
    *(("s", ""), ("es", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("ly", ""), ("ies", "y")),
    ("ness", ""),
)
_LEAST = 5  # letters of a word that has an ending

#: How much these features weigh beside words, and how many deviations from the mean they are at the most.
WEIGHT, _FAR = 0.1, 4.0
WIDTH = 15


class Tone(NamedTuple):
    """What a word says by itself: its valence, -4 to 4 and 0 for most, and its role among the words around it."""

    valence: float
    role: int


@cache
def _lexicon() -> Mapping[str, float]:
    """Valences of words; signs, smileys and words with marks in them, which no word of ours is, are left out."""
    lines = (resources.files("vaderSentiment") / "vader_lexicon.txt").read_text("utf-8").splitlines()
    parts = (line.split("\t") for line in lines if line.strip())
    return {word: float(valence) for word, valence, *_ in parts if word.isascii() and word.isalpha() and word.islower()}


def tone(word: str) -> Tone:
    """Of a word or mark in lower case, as it is in the lexicon or without an ending."""
    lexicon = _lexicon()
    valence = lexicon.get(word, 0.0)
    if not valence and len(word) >= _LEAST:
        bare = (word.removesuffix(ending) + instead for ending, instead in _ENDINGS if word.endswith(ending))
        valence = next(filter(None, (lexicon.get(each, 0.0) for each in bare)), 0.0)
    return Tone(valence, _ROLE_OF.get(word, _OTHER))


def sentiment(valences: np.ndarray, roles: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Features, sentences × WIDTH, of the words and marks of all sentences in order.

    valences, roles   of each (`tone`)
    lengths           how many each sentence has
    A valence counts 1.3 times after a word like "very", .6 times after one like "somewhat"; up to four places after a
    negation, unless . , ; : ? ! comes first, it is turned around and counts .7 times. Columns: the sum p of what is
    above 0, m of what is below; s / sqrt(s² + 15) for s = p + m, and for s without negations; s by the number of words;
    s of the first half and of the second; s after the last word of contrast and up to it (both 0 without one); how many
    words are above 0, how many below; the highest and the lowest; negations; whether there is a word of contrast.
    """
    n = len(lengths)
    rows = np.repeat(np.arange(n), lengths)
    place = np.arange(len(rows)) - (np.cumsum(lengths) - lengths)[rows]
    before = np.where(place > 0, np.roll(roles, 1), _OTHER)
    negates = (roles == _NEGATION) | ((roles == _T) & (before == _APOSTROPHE))
    plain = valences * np.where(before == _BOOST, _BOOSTED, np.where(before == _DAMP, _DAMPED, 1.0))
    v = np.where(_turned(negates, roles == _STOP, place), _TURNED * plain, plain)
    contrast = np.full(n, -1)
    contrasts = roles == _CONTRAST
    contrast[rows[contrasts]] = place[contrasts]  # of several the last one stays

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(rows, values, n)

    high, low = np.zeros(n), np.zeros(n)
    found = v != 0
    for most, of in ((high, np.maximum), (low, np.minimum)):
        most[rows[found]] = v[found]  # not 0, where all are on one side of it
        of.at(most, rows[found], v[found])
    s, raw = total(v), total(plain)
    first, after = total(v * (2 * place < lengths[rows])), total(v * (place > contrast[rows]))
    after = np.where(contrast >= 0, after, 0)
    columns = [
        *(total(np.maximum(v, 0)), total(np.minimum(v, 0))),
        *(each / np.sqrt(each * each + _HALFWAY) for each in (s, raw)),
        *(s / np.maximum(lengths, 1), first, s - first),
        *(after, np.where(contrast >= 0, s - after, 0)),
        *(total(v > 0), total(v < 0), high, low, total(negates), contrast >= 0),
    ]
    return np.stack(columns, 1).astype(np.float32)


def _turned(negates: np.ndarray, stops: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Which words a negation before them turns around; negations themselves are not."""
    at = np.arange(len(place))
    last, stop = (np.maximum.accumulate(np.where(each, at, -1)) if len(at) else at for each in (negates, stops))
    return ~negates & (last >= at - place) & (at - last <= _REACH) & (stop < last)


class Standard(NamedTuple):
    """Means and standard deviations of the columns of `sentiment`."""

    means: np.ndarray
    deviations: np.ndarray


def standard(found: np.ndarray) -> Standard:
    """Those of sentences, of which there are some."""
    return Standard(found.mean(0).astype(np.float32), (found.std(0) + 1e-6).astype(np.float32))


def standardised(found: np.ndarray, by: Standard) -> np.ndarray:
    """Columns of `sentiment` as deviations from the mean, four at the most, times WEIGHT."""
    return np.clip((found - by.means) / by.deviations, -_FAR, _FAR).astype(np.float32) * np.float32(WEIGHT)
