"""Sentence splitting: time against length, and speed. Run: uv run pytest -m bench -n 0 -s"""

from __future__ import annotations

import time

import pytest

from corpus.sentences import boundaries

pytestmark = pytest.mark.bench


def seconds(text: str) -> float:
    start = time.perf_counter()
    boundaries(text)
    return time.perf_counter() - start


@pytest.mark.parametrize(
    "unit", ["(", ". ", "$a", "$$", "\\(", " ", "\n", "e.g. ", "[1] 2017 ", "http://.", '!"', "- "]
)
def test_time_grows_with_length_not_with_its_square(unit):
    boundaries("warm up.")
    short = min(seconds(unit * (25_000 // len(unit))) for _ in range(3))
    long = min(seconds(unit * (100_000 // len(unit))) for _ in range(3))
    print(f"\n{unit!r}: {long / short:.1f} times as long for four times the text")
    assert long / short < 12
