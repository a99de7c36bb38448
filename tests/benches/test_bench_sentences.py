"""Sentence splitting: time against length, speed against spaCy's, agreement. Run: uv run pytest -m bench -n 0 -s"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest
import spacy

from corpus.sentence_component import pipeline
from corpus.sentences import boundaries

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "real"))
from sentence_gold import CORPORA, Example, disapere, peer_review_analyze, score

pytestmark = pytest.mark.bench


def seconds(text: str) -> float:
    start = time.process_time()
    boundaries(text)
    return time.process_time() - start


@pytest.mark.parametrize(
    "unit",
    [
        *("(", ". ", "$a", "$$", "\\(", " ", "\n", "e.g. ", "[1] 2017 ", "http://.", "www.", '!"', "- ", ". (a "),
        *("(a. B) ", "[1] Foo, A. 2017\n", "Foo, A. in\n", "Foo Bar, ", "A.", "=", "a\n===\n", '. "\n', "1. ", "é"),
    ],
)
def test_time_grows_with_length_not_with_its_square(unit):
    boundaries("warm up.")
    short = min(seconds(unit * (25_000 // len(unit))) for _ in range(3))
    long = min(seconds(unit * (100_000 // len(unit))) for _ in range(3))
    print(f"\n{unit!r}: {long / short:.1f} times as long for four times the text, {0.1 / long:.0f} MB/s")
    assert long / short < 12


def sentencizer() -> Callable[[str], list[int]]:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    return lambda text: [sentence.start_char for sentence in nlp(text).sents]


def in_a_pipeline() -> Callable[[str], list[int]]:
    nlp = pipeline()
    return lambda text: [sentence.start_char for sentence in nlp(text).sents]


def test_speed_and_agreement():
    corpora: dict[str, list[Example]] = {}
    if CORPORA.is_dir():
        corpora = {"Peer Review Analyze": list(peer_review_analyze()), "DISAPERE": list(disapere())}
        texts = [example.text for examples in corpora.values() for example in examples]
    else:
        with resources.as_file(resources.files("corpus") / "demo" / "reviews") as demo:
            texts = [path.read_text("utf-8") for path in sorted(demo.rglob("*.txt"))]
    size = sum(len(text.encode()) for text in texts) / 1e6
    splitters = {"rules": boundaries, "rules in spaCy": in_a_pipeline(), "spaCy's sentencizer": sentencizer()}
    speeds = {name: size / min(_seconds(split, texts) for _ in range(5)) for name, split in splitters.items()}
    least = speeds["spaCy's sentencizer"]
    print(f"\n{len(texts)} reviews, {size:.1f} MB")
    for name, split in splitters.items():
        print(f"{name:20} {speeds[name]:5.1f} MB/s, {speeds[name] / least:4.1f} times spaCy's")
        for corpus, examples in corpora.items():
            print(f"{'':20} {corpus:20} {score(examples, _from_ink(split))}")
    assert speeds["rules"] > 3 * least


def _seconds(split: Callable[[str], list[int]], texts: list[str]) -> float:
    """Of this process: others must not make one splitter slower than another."""
    start = time.process_time()
    for text in texts:
        split(text)
    return time.process_time() - start


def _from_ink(split: Callable[[str], list[int]]) -> Callable[[str], list[int]]:
    """Starts behind the white space that spaCy lets a sentence start with."""
    return lambda text: [at + len(text[at:]) - len(text[at:].lstrip()) for at in split(text)]
