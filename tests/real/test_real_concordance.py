"""Words of real corpora counted by the concordance and by Python's re; skipped where ../shared is missing. No text."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from corpus.ingest import ingest
from corpus.store import Snapshot
from queries.collocates import collocates
from queries.dispersion import dispersion, evenness
from queries.filters import Filters
from queries.hits import extent, hits
from queries.kwic import kwic

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"
WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
PATTERNS = (r"\bbaselines?\b", "novel", r"\bwell[- ]written\b", r"\bunclear\b", r"\bRELATED\s+work\b")


def frames(name: str, tmp_path_factory) -> Snapshot:
    folder = CORPORA / name
    if not folder.exists():
        pytest.skip(f"../shared/corpora/{name} is not here")
    db = tmp_path_factory.mktemp("real") / "store.duckdb"
    ingest([folder], db)
    return Snapshot.open(db)


@pytest.fixture(scope="module")
def iclr(tmp_path_factory):
    return frames("iclr-2017", tmp_path_factory).frames


@pytest.fixture(scope="module")
def analyze(tmp_path_factory):
    return frames("peer-review-analyze", tmp_path_factory).frames


@pytest.mark.parametrize("pattern", PATTERNS)
def test_hits_are_those_of_re_in_the_file(iclr, pattern):
    with (CORPORA / "iclr-2017" / "reviews.csv").open(newline="", encoding="utf-8") as file:
        texts = [row["review"] for row in csv.DictReader(file)]
    wanted = sum(len(re.findall(pattern, text, re.IGNORECASE)) for text in texts)
    assert wanted > 50
    assert extent(hits(iclr.segments, pattern=f"(?i){pattern}")).collect()["n"].to_list() == [wanted]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_contexts_are_stretches_of_the_reviews(analyze, pattern):
    texts = dict(
        analyze.segments.sort("review_id", "position").group_by("review_id").agg(pl.col("text").str.join("")).collect()
        .iter_rows()
    )  # fmt: skip
    rows = kwic(analyze, pattern=f"(?i){pattern}", order="right2", width=60).collect()
    assert rows.height > 10
    assert sorted(rows.select("review_id", "start").rows()) == sorted(
        (review, match.start()) for review, text in texts.items() for match in re.finditer(pattern, text, re.IGNORECASE)
    )
    for review, start, end, left, node, right in rows.select(
        "review_id", "start", "end", "left", "node", "right"
    ).iter_rows():
        whole = texts[review]
        assert (whole[max(0, start - 60) : start], whole[start:end], whole[end : end + 60]) == (left, node, right)


def test_a_word_under_two_labels(analyze):
    # Every sentence that has both labels, its text looked at in Python.
    part = Filters.from_query({"label": ["RWK-NEG", "CMP-NEG"]}).apply(analyze)
    labels = analyze.labels.filter(pl.col("segment_id").is_not_null()).collect()
    of = {}
    for segment, code, polarity in labels.select("segment_id", pl.col("code").cast(str), "polarity").iter_rows():
        of.setdefault(segment, set()).add((code, polarity))
    wanted = sum(
        len(re.findall("baseline", text, re.IGNORECASE))
        for segment, text in analyze.segments.select("segment_id", "text").collect().iter_rows()
        if {("RWK", -1), ("CMP", -1)} <= of.get(segment, set())
    )
    assert wanted > 5
    assert kwic(part, pattern="(?i)baseline").collect().height == wanted


def test_company_is_that_counted_word_by_word(analyze):
    near, of, n_near, whole, n_hits = Counter(), Counter(), 0, 0, 0
    for text in analyze.segments.select("text").collect()["text"]:
        words = WORD.findall(re.sub("[’ʼ‘]", "'", text.lower()))
        at = [place for place, word in enumerate(words) if "baseline" in word]
        n_hits += len(re.findall("baseline", text.lower()))
        for place, word in enumerate(words):
            if "baseline" in word:
                continue
            whole, of[word] = whole + 1, of[word] + 1
            if any(abs(place - each) <= 4 for each in at):
                n_near, near[word] = n_near + 1, near[word] + 1
    found = collocates(analyze, pattern="(?i)baseline", least=1, n=100_000).collect()
    assert dict(found.select("token", "n").rows()) == dict(near)
    assert found["n_hits"].unique().to_list() == [n_hits]
    for token, total, expected in found.select("token", "of", "expected").iter_rows():
        assert total == of[token]
        assert expected == pytest.approx(of[token] * n_near / whole)


def test_deviation_of_proportions_counted_paper_by_paper(analyze):
    n, size = Counter(), Counter()
    for paper, text in analyze.segments.select("paper_id", "text").collect().iter_rows():
        n[paper] += len(re.findall("baseline", text, re.IGNORECASE))
        size[paper] += len(WORD.findall(re.sub("[’ʼ‘]", "'", text.lower())))
    wanted = sum(abs(n[paper] / n.total() - size[paper] / size.total()) for paper in size) / 2
    row = evenness(analyze, pattern="(?i)baseline").collect().row(0, named=True)
    assert row["dp"] == pytest.approx(wanted)
    assert row["dp"] > row["high"], "reviews of one paper speak of the same work"
    assert dispersion(analyze, pattern="(?i)baseline").collect()["n"].sum() == n.total()
