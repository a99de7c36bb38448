"""Measures of reviews in words: titles, units, how numbers are written, what is counted, and how it is computed."""

from __future__ import annotations

from typing import NamedTuple

from queries import review_measures as patterns
from queries.filters import Condition


class Words(NamedTuple):
    """A measure in words.

    title, unit   what it is called, and what its axis counts
    format        of its numbers, d3's; Python's is the same but for the comma
    means         what is counted, as a sentence
    behind        what asks for the sentences behind it: a pattern, a text or a label; null for none
    """

    title: str
    unit: str
    format: str
    means: str
    behind: str | Condition | None = None


def _hundred(title: str, means: str, words: str) -> Words:
    return Words(title, "per 100 words", ".2f", means, words)


WORDS: dict[str, Words] = {
    "n_words": Words("Words", "words", ",.0f", "Runs of characters between white space."),
    "n_sentences": Words("Sentences", "sentences", ",.0f", "Counted by their ends: . ! or ? before white space."),
    "sentence_length": Words("Words per sentence", "words per sentence", ".1f", "Words over sentences."),
    "coleman_liau": Words(
        "Reading grade", "US school grade", ".1f", "Coleman–Liau index: long words and long sentences read as hard."
    ),
    "specificity": _hundred(
        "Pointers", "Sections, figures, tables, lines, citations, links, quoted passages, numbers.", patterns.POINTER
    ),
    "questions": Words("Questions", "of the sentences", ".0%", "Sentences with a question mark.", "?"),
    "suggestions": Words(
        "Suggestions",
        "of the sentences",
        ".0%",
        "Sentences with should, could, please, suggest, recommend or the like.",
        patterns.SUGGESTION,
    ),
    "courtesy": _hundred("Courtesy", "Words such as please, thanks, appreciate, enjoyed.", patterns.COURTESY),
    "hedges": _hundred("Hedges", "Words such as may, seems, perhaps, I think.", patterns.HEDGE),
    "bluntness": _hundred("Bluntness", "Words such as poor, sloppy, meaningless, fails to.", patterns.BLUNT),
    "question_labels": Words(
        "Questions, labelled",
        "of the sentences labelled",
        ".0%",
        "Sentences labelled as a question or as a request to clarify or explain.",
    ),
    "request_labels": Words(
        "Suggestions, labelled", "of the sentences labelled", ".0%", "Sentences labelled as a suggestion or request."
    ),
    "net": Words("Net polarity", "from −1 to +1", "+.2f", "Positive less negative labels over all, layers pooled."),
    "substantiation": Words(
        "Claims with evidence",
        "of the claims",
        ".0%",
        "Claims with a linked justification, as SubstanReview labels them.",
        Condition("substantiation", "Eval"),
    ),
}

PROXIES = (
    "Counted from the wording of whole reviews, and from labels where there are any. These are <b>proxies</b>: what "
    "can be counted of a review, not how good it is. A long, hedged, well-pointed review can be wrong."
)

HOW = r"""
Over **reviews** (rebuttals, meta-reviews and comments only where *Filters → Kind* asks for them), each as a whole,
whichever of its sentences the filters select. **Means** give every review the same weight; their 95 % intervals draw
the papers again a thousand times, with all their reviews. Grey: under 30 papers or 5 reviews.

**Sentences** are counted by their ends, abbreviations such as *e.g.* and *et al.* aside, so that corpora which cut
their text in other places can be compared; questions and suggestions are shares of the sentences as the corpus cuts
them. **Pointers** are places (section, figure, table, equation, line, page …), citations (*[12]*, *Miller et al.,
2019*), links, quoted passages of two words or more, and numbers, each counted once; the numbers of list items are not
counted. **Courtesy, hedges and bluntness** count words of short lists, whole and in any case: they know neither irony
nor negation. The link above the histogram shows the very pattern.

Against the labels of DISAPERE (6,700 sentences by *gold*), a question mark finds requests to clarify or explain with
71 % precision and 70 % recall; the words for suggestions find requests of any kind with 53 % and 36 %, with question
marks 64 % and 68 %. Read the labelled measures where there are labels.

**Claims with evidence** is the share of a review’s claims that have a justification with the same link from the same
annotator; a review without claims has none. **Far out** are reviews beyond Tukey’s fences, for words, sentences and
their length on a logarithm, for rates per 100 words on that of 1 + rate, as those are skewed to the right.
"""
FORMULAS = (
    r"\text{Coleman–Liau} = 0.0588\,L - 0.296\,S - 15.8, \quad"
    r"L, S: \text{letters and sentences per 100 words}",
    r"\text{fences} = Q_1 - 1.5\,(Q_3 - Q_1), \quad Q_3 + 1.5\,(Q_3 - Q_1)",
)
SOURCES = (
    ("Coleman & Liau 1975, A computer readability formula", "https://doi.org/10.1037/h0076540"),
    (
        "Guo et al. 2023, Substantiation in scientific peer reviews",
        "https://doi.org/10.18653/v1/2023.findings-emnlp.684",
    ),
    (
        "Danescu-Niculescu-Mizil et al. 2013, A computational approach to politeness",
        "https://aclanthology.org/P13-1025/",
    ),
    ("Hyland 1998, Hedging in scientific research articles", "https://doi.org/10.1075/pbns.54"),
    ("Davison & Hinkley 1997, resampling clusters", "https://doi.org/10.1017/CBO9780511802843"),
)
