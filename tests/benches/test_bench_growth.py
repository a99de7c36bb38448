"""What a file costs grows with its length, not with the square. Run: uv run pytest -m bench -n 0 -s"""

from __future__ import annotations

import time

import pytest

from corpus.formats import bracket, review_page
from corpus.formats.source import Source

pytestmark = pytest.mark.bench


def source(data: bytes) -> Source:
    return Source("f.txt", "f", data)


def _seconds(reader, data: bytes) -> float:
    start = time.process_time()
    reader(source(data))
    return time.process_time() - start


def _repeat(text: str, size: int) -> bytes:
    return (text * (size // len(text) + 1))[:size].encode()


#: What is repeated over and over.
REPEATED = (
    "[[",
    "[[MET-NEG]] ",
    '[[MET-NEG]]"',
    "[[MET-NEG], ",
    "\\",
    "\\q\\n[[MET-NEG]]",
    '"',
    '" ',
    ". ",
    "a.\n",
    "$a ",
)


@pytest.mark.parametrize("text", REPEATED, ids=ascii)
def test_bracket_text_takes_time_by_its_length(text):
    _assert_linear(bracket.read, lambda size: _repeat(text, size), 60_000)


#: Lines of one review page that grow.
GROWING = {
    "rule": lambda n: b"Title: | x |\n" + b"-" * n + b"x",
    "blank line": lambda n: b"Title: | x |\n\n" + b" " * n + b"x",
    "heading": lambda n: b"review" + b" " * n + b"x",
    "cell": lambda n: b"Title: | a" + b" " * n + b"b",
    "bars": lambda n: b"Title: | a" + b" |" * (n // 2) + b"b",
    "name": lambda n: b"Title" + b" " * n + b"x",
    "line breaks": lambda n: b"Title: | x |\n" + b"x\n" * (n // 2),
    "blank lines": lambda n: b"Title: | x |\n" + b"\n " * (n // 2),
    "hashes": lambda n: b"Title: | x |\n" + b"#" * n,
}


@pytest.mark.parametrize("grow", GROWING.values(), ids=GROWING.keys())
def test_a_review_page_takes_time_by_its_length(grow):
    _assert_linear(review_page.read, grow, 500, 2_000, 8_000, 32_000)


def _assert_linear(reader, make, *sizes: int) -> None:
    """Four times the length takes less than twelve times as long; below 20 ms a clock tells nothing."""
    reader(source(b"Warm. Up."))
    for size in sizes:
        small, large = _seconds(reader, make(size)), _seconds(reader, make(4 * size))
        assert large < 12 * max(small, 0.02), f"{size:,} bytes take {small:.2f} s, four times as many {large:.2f} s"
