"""The four documents the project starts from; skipped where ../shared is missing. Counts only, none of their text."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from corpus.ingest import Summary, ingest
from corpus.store import Snapshot

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "seeds"
pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="../shared/corpora/seeds is not here")


@pytest.fixture(scope="module")
def ingested(tmp_path_factory) -> tuple[Summary, Snapshot]:
    db = tmp_path_factory.mktemp("seeds") / "s.duckdb"
    return ingest([SEEDS], db), Snapshot.open(db)


@pytest.fixture
def store(ingested) -> Snapshot:
    return ingested[1]


def labels(store: Snapshot, seed: str) -> pl.DataFrame:
    frames = store.frames
    papers = frames.papers.filter(pl.col("paper_key").str.starts_with(seed))
    return frames.labels.join(papers.select("paper_id"), on="paper_id").collect()


def counts(store: Snapshot, seed: str, layer: str) -> dict[str, int]:
    found = labels(store, seed)
    return dict(Counter(found.filter(pl.col("layer").cast(pl.String) == layer)["code"].to_list()))


def texts(store: Snapshot, seed: str) -> list[str]:
    """The text of every review of one seed."""
    query = (
        "SELECT string_agg(t.text, '' ORDER BY t.position) FROM segments t JOIN reviews r USING (review_id) "
        f"JOIN sources s USING (source_id) WHERE s.path LIKE 'seeds/{seed}%' GROUP BY review_id ORDER BY review_id"
    )
    return [text for (text,) in store._cursor().sql(query).fetchall()]


def segments_with_labels(store: Snapshot, seed: str) -> int:
    return labels(store, seed)["segment_id"].n_unique()


def file(seed: str) -> bytes:
    return next(SEEDS.glob(f"{seed}_*")).read_bytes()


def test_the_seeds_are_four_files_and_six_reviews(ingested):
    summary, store = ingested
    assert (summary.files, summary.papers, summary.reviews) == (4, 4, 6)
    formats = store.sources().select(pl.col("path").str.slice(6, 3), "format").rows()
    assert formats == [("000", "bracket"), ("001", "bracket"), ("002", "review-page"), ("003", "bracket")]


def test_000_has_ten_positive_judgements_on_the_whole_review(store):
    found = labels(store, "000")
    assert found["code"].to_list() == ["CLA", "JUS", "DEP", "FAI", "CON", "ENG", "ACC", "CST", "NOV", "ETH"]
    assert found["scheme"].unique().to_list() == ["review-quality"]
    assert found["layer"].unique().to_list() == ["quality"]
    assert found["polarity"].to_list() == [1] * 10
    assert found["segment_id"].null_count() == 10


def test_000_keeps_its_text_with_line_breaks_and_backslashes(store):
    (text,) = texts(store, "000")
    body = file("000").decode().partition("[[CLA-POS]")[0]
    assert text == body.replace("\\\\", "\0").replace("\\n", "\n").replace('\\"', '"').replace("\0", "\\")
    assert "\\Delta" in text
    assert "\\\\" not in text
    assert "\\n" not in text


def test_001_has_19_labelled_segments(store):
    assert len(texts(store, "001")) == 1
    assert segments_with_labels(store, "001") == 19
    assert counts(store, "001", "section") == {
        "MET": 18,
        "EXP": 6,
        "PDI": 8,
        "INT": 2,
        "RWK": 2,
        "ANA": 1,
        "RES": 1,
        "FWK": 1,
    }
    assert counts(store, "001", "aspect") == {"EMP": 17, "CMP": 4, "IMP": 4, "SUB": 2, "CLA": 1}
    assert counts(store, "001", "purpose") == {"APC": 12, "DFT": 5, "DIS": 1, "SMY": 1}
    assert counts(store, "001", "significance") == {"MAJ": 12, "MIN": 5, "GEN": 2}
    assert {str(layer) for layer in labels(store, "001")["layer"]} == {"section", "aspect", "purpose", "significance"}


def test_001_has_no_stray_letters_of_a_split_escape(store):
    (text,) = texts(store, "001")
    assert "\\" not in text
    assert "\nn" not in text
    assert '"' not in (text[0], text[-1])
    assert "[[" not in text
    assert "]]" not in text


def test_002_is_paper_1803_with_its_title_and_three_reviews(store):
    paper = store.frames.papers.filter(paper_key="1803").collect()
    page = next(SEEDS.glob("002_*")).read_text("utf-8")  # the title is the corpus's text: it stands in the file only
    assert paper["title"].to_list() == [page.split("Title: | ", 1)[1].split(" |", 1)[0]]
    assert store.frames.reviews.filter(pl.col("paper_id") == paper["paper_id"][0]).collect().height == 3
    assert labels(store, "1803").height == 0
    head, *rest = file("002").decode().strip().split("\n\n")[1:]
    assert head.startswith("Title:")
    assert "\n\n".join(texts(store, "002")) == "\n\n".join(rest)


def test_003_has_20_labelled_segments_with_cannot_tell_and_none(store):
    assert len(texts(store, "003")) == 1
    assert segments_with_labels(store, "003") == 20
    found = labels(store, "003").filter(pl.col("code").cast(pl.String).is_in(["CNT", "none"]))
    written = Counter(token for token in ("CNT", "null", "NULL") for _ in range(file("003").count(token.encode())))
    assert written["CNT"] > 0
    assert Counter(map(str, found["code"])) == {
        "CNT": written["CNT"],
        **({"none": written["null"] + written["NULL"]} if written["null"] + written["NULL"] else {}),
    }
    assert found["polarity"].null_count() == found.height


def test_the_seeds_are_rebuilt_from_the_tables(store):
    rows = store._cursor().sql("SELECT path, raw, source_id FROM sources").fetchall()
    for path, raw, source_id in rows:
        pieces = store._cursor().sql(
            f'SELECT "start", "end" FROM spans WHERE source_id = {source_id} ORDER BY position'
        )
        assert b"".join(raw[start:end] for start, end in pieces.fetchall()) == (SEEDS.parent / path).read_bytes()
