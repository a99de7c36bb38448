"""Sentence boundaries against those of people, on papers that the rules were derived from and on others.

Skipped where ../shared is missing. Figures only, no text.
"""

from __future__ import annotations

import pytest
from sentence_gold import CORPORA, disapere, peer_review_analyze, score

from corpus.sentence_component import pipeline
from corpus.sentences import boundaries

pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason="../shared/corpora is not here")

CORPUS = {"Peer Review Analyze": peer_review_analyze, "DISAPERE": disapere}


@pytest.mark.parametrize(
    ("corpus", "all_of_it", "held_out"), [("Peer Review Analyze", 0.903, 0.9), ("DISAPERE", 0.923, 0.925)]
)
def test_agreement_with_annotators(corpus, all_of_it, held_out):
    examples = list(CORPUS[corpus]())
    parts = {
        "derived from": [example for example in examples if example.derived],
        "held out": [example for example in examples if not example.derived],
        "all": examples,
    }
    scores = {name: score(part, boundaries) for name, part in parts.items()}
    print("", *(f"{corpus}, {name}, {len(parts[name])} reviews: {told}" for name, told in scores.items()), sep="\n")
    assert scores["all"].f1 >= all_of_it
    assert scores["held out"].f1 >= held_out


@pytest.mark.parametrize("corpus", CORPUS)
def test_component_agrees_with_the_function(corpus):
    nlp = pipeline()
    for example in CORPUS[corpus]():
        assert [sentence.start_char for sentence in nlp(example.text).sents] == boundaries(example.text)
