"""Reviews of ICLR 2017 as a table; skipped where ../shared is missing. Counts, scores and digests, none of the text."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from pathlib import Path

import pytest

from corpus.formats import read
from corpus.formats.source import Source
from corpus.formats.table import proposal
from corpus.records import Reading, Review

FILE = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "iclr-2017" / "reviews.csv"
#: Row, digest of the paper's key, key, rating, date, segments, digest of the text.
GOLDEN = [
    (0, "84c94797ee49", "1", 8.0, "2016-12-17", 9, "89b6af1b8c86"),
    (599, "178460a24ad0", "1", 4.0, "2016-12-18", 10, "f9bfdb3112d0"),
    (1199, "fef57af1f3af", "3", 3.0, "2016-12-17", 19, "1bec741f7230"),
]
SEGMENTS = 17_458
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="../shared/corpora/iclr-2017 is not here")


@pytest.fixture(scope="module")
def source() -> Source:
    return Source("iclr-2017/reviews.csv", "p", FILE.read_bytes())


@pytest.fixture(scope="module")
def reading(source) -> Reading:
    name, found = read(source)
    assert name == "table"
    return found


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with FILE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def text_of(review: Review) -> str:
    return "".join(segment.text for segment in review.segments)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def test_every_row_is_a_review_and_nothing_is_amiss(reading):
    assert len(reading.reviews) == 1200
    assert reading.problems == ()
    assert sum(len(review.segments) for review in reading.reviews) == SEGMENTS


def test_counts_are_those_of_the_rows(reading, rows):
    reviews = reading.reviews
    assert len({r.paper.key for r in reviews}) == len({row["title"] for row in rows}) == 391
    assert Counter(r.paper.decision_detail for r in reviews) == Counter(row["decision"] for row in rows)
    assert Counter(r.paper.decision for r in reviews) == {"reject": 610, "accept": 482, None: 108}
    for name in ("rating", "confidence"):
        numbers = [float(row[name].partition(":")[0]) for row in rows]
        assert [getattr(r, name) for r in reviews] == numbers
        assert [r.scores[name] for r in reviews] == [
            (n, row[name].partition(":")[2].strip()) for n, row in zip(numbers, rows, strict=True)
        ]
    assert Counter(r.rating for r in reviews) == {7: 271, 6: 261, 4: 206, 5: 201, 3: 110, 8: 107, 9: 31, 2: 8, 10: 5}
    assert {r.date.year for r in reviews if r.date} == {2016, 2017}
    assert sum(r.date is None for r in reviews) == 0


def test_texts_are_those_of_the_cells(reading, rows):
    assert [text_of(r) for r in reading.reviews] == [row["review"] for row in rows]
    assert [r.paper.abstract for r in reading.reviews] == [row["abstract"].strip() or None for row in rows]


def test_reviews_of_a_paper_are_numbered_as_they_stand(reading):
    seen: Counter[str] = Counter()
    for review in reading.reviews:
        seen[review.paper.key] += 1
        assert review.key == str(seen[review.paper.key])


def test_golden_reviews(reading):
    found = [
        (number, digest(r.paper.key), r.key, r.rating, str(r.date), len(r.segments), digest(text_of(r)))
        for number in (0, 599, 1199)
        for r in (reading.reviews[number],)
    ]
    assert found == GOLDEN


def test_spans_tile_the_file_and_hold_the_segments(source, reading):
    at = 0
    texts: dict[tuple[int, int], bytes] = {}
    for span in reading.spans:
        assert span.start == at < span.end
        at = span.end
        if span.kind == "text":
            key = (span.review, span.segment)
            texts[key] = texts.get(key, b"") + source.data[span.start : span.end]
    assert at == len(source.data)
    wanted = {
        (number, place): segment.text
        for number, review in enumerate(reading.reviews)
        for place, segment in enumerate(review.segments)
    }
    assert {key: raw.decode().replace('""', '"') for key, raw in texts.items()} == wanted


def test_the_columns_that_are_found(source):
    found = proposal(source)
    assert found.row == "review"
    assert found.mapping == {
        "title": "title",
        "abstract": "abstract",
        "keywords": "keywords",
        "decision": "decision",
        "date": "date",
        "rating": "rating",
        "confidence": "confidence",
        "review_text": "review",
    }
    assert (found.scores, found.unused) == (("submitted",), ())
