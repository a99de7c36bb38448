"""Key words of Peer Review Analyze, counted again in plain Python; skipped without it. Counts, none of the text."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from math import log, log2
from pathlib import Path

import polars as pl
import pytest

from corpus.ingest import ingest
from corpus.store import Snapshot
from corpus.tables import Frames
from queries.filters import Filters
from queries.keyness import keyness
from queries.tokens import pattern

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "peer-review-analyze"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpora/peer-review-analyze is not here")

WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
SIDES = {"target": "NEG", "reference": "POS"}


@pytest.fixture(scope="module")
def frames(tmp_path_factory) -> Frames:
    db = tmp_path_factory.mktemp("pra") / "s.duckdb"
    ingest([CORPUS], db)
    return Snapshot.open(db).frames


@pytest.fixture(scope="module")
def found(frames) -> pl.DataFrame:
    sides = (Filters.from_query({"label": label}).apply(frames).segments for label in SIDES.values())
    return keyness(*sides).collect()


@pytest.fixture(scope="module")
def counted(frames) -> dict[str, tuple[Counter, dict[str, set]]]:
    """By side: how often each word stands in it, and in which papers."""
    text = {row[0]: row[1:] for row in frames.segments.select("segment_id", "paper_id", "text").collect().iter_rows()}
    labels = frames.labels.filter(pl.col("segment_id").is_not_null()).select("segment_id", "polarity").collect()
    sides = {}
    for name, polarity in (("target", -1), ("reference", 1)):
        n: Counter = Counter()
        papers = defaultdict(set)
        for segment in {segment for segment, found in labels.iter_rows() if found == polarity}:
            paper, words = text[segment]
            for word in WORD.findall(re.sub("[’ʼ‘]", "'", words.lower())):
                n[word] += 1
                papers[word].add(paper)
        sides[name] = n, papers
    return sides


def test_counts_papers_and_measures_of_every_word(found, counted):
    (a, in_a), (b, in_b) = counted["target"], counted["reference"]
    size_a, size_b = sum(a.values()), sum(b.values())
    assert set(found["size_target"]) == {size_a}
    assert set(found["size_reference"]) == {size_b}
    wanted = {}
    for word in {*a, *b}:
        more = in_a if a[word] / size_a > b[word] / size_b else in_b
        if a[word] + b[word] >= 5 and len(more[word]) >= 3:
            wanted[word] = (a[word], b[word], len(in_a[word]), len(in_b[word]))
    columns = ("n_target", "n_reference", "papers_target", "papers_reference")
    assert {row[0]: row[1:] for row in found.select("term", *columns).iter_rows()} == wanted
    for row in found.iter_rows(named=True):
        x, y = row["n_target"], row["n_reference"]
        share = (x + y) / (size_a + size_b)
        cells = [(x, share * size_a), (y, share * size_b)]
        cells += [(size_a - x, (1 - share) * size_a), (size_b - y, (1 - share) * size_b)]
        assert abs(row["g2"]) == pytest.approx(2 * sum(n * log(n / e) for n, e in cells if n), abs=1e-6)
        assert row["log_ratio"] == pytest.approx(log2((x or 0.5) / size_a / ((y or 0.5) / size_b)))


def test_the_concordance_of_a_key_word_has_all_its_occurrences(found, frames):
    """As many as were counted, or more: it also finds a word inside hyphenated ones."""
    for row in found.head(60).iter_rows(named=True):
        for name, label in SIDES.items():
            filters = Filters.from_query({"label": label, "q": pattern(row["term"]), "re": "1"})
            text = filters.apply(frames).segments.collect()["text"].to_list()
            assert sum(len(re.findall(filters.pattern, each)) for each in text) >= row[f"n_{name}"], row["term"]


def test_negation_is_key_to_criticism_and_holds_over_papers(found):
    row = found.filter(pl.col("term") == "not").row(0, named=True)
    assert row["rank_g2"] == 1
    assert row["low"] > 1, "more than twice as often, whatever papers are drawn"
