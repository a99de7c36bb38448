"""Reading speed: bracket text to records, and a whole ingest. Run: uv run pytest -m bench -n 0 -s"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from importlib import resources
from pathlib import Path

import pytest
from clock import best_of

from corpus.files import gather
from corpus.formats import bracket
from corpus.formats.source import Source

pytestmark = pytest.mark.bench
PEER_REVIEW_ANALYZE = Path(__file__).parents[3] / "shared" / "corpora" / "peer-review-analyze"
#: The few lines that one would write without a reader: text and tag, text and tag. Well-formed tags only.
TEXT_AND_TAG = re.compile(r"(.*?)(\[\[.*?\]\])", re.DOTALL)
TAG = re.compile(r"\[\[.*?\]\]")


@pytest.fixture(scope="module")
def annotated() -> list[tuple[str, bytes]]:
    """Annotated reviews: the real ones where they are at hand, else the demo corpus."""
    with resources.as_file(resources.files("corpus") / "demo" / "reviews") as demo:
        folder = PEER_REVIEW_ANALYZE if PEER_REVIEW_ANALYZE.is_dir() else demo
        files = [file for file in gather([folder]).files if b"[[" in file.load()]
    return [(file.path, file.load()) for file in files]


def test_bracket_text_to_records(annotated):
    n_bytes = sum(len(data) for _, data in annotated)
    texts = [data.decode("utf-8", "replace") for _, data in annotated]

    def read_all() -> None:
        for path, data in annotated:
            bracket.read(Source(path, path, data))

    def one_regex_pass() -> None:
        for text in texts:
            TEXT_AND_TAG.findall(text)

    def tags_alone() -> None:
        for text in texts:
            TAG.findall(text)

    reading, regex, tags = best_of(7, read_all), best_of(7, one_regex_pass), best_of(7, tags_alone)
    rate = n_bytes / 1e6 / reading
    print(f"\nbracket text to records: {rate:.1f} MB/s over {n_bytes:,} bytes,")
    print(f"{reading / regex:.1f} times one regex pass for text and tags, {reading / tags:.1f} times for tags alone")
    assert rate >= 5
    assert reading / regex <= 10


@pytest.mark.skipif(not PEER_REVIEW_ANALYZE.is_dir(), reason="needs the Peer-Review-Analyze part in ../shared/corpora")
def test_ingest_of_peer_review_analyze_with_start_up(tmp_path):
    def ingest() -> None:
        db = tmp_path / f"{time.monotonic_ns()}.duckdb"
        command = [sys.executable, "-m", "corpus.cli", "ingest", str(PEER_REVIEW_ANALYZE), "--db", str(db)]
        subprocess.run(command, check=True, capture_output=True)

    def start_up() -> None:
        subprocess.run([sys.executable, "-c", "import duckdb, polars"], check=True)

    whole, alternative = best_of(3, ingest), best_of(3, start_up)
    print(f"\ningest with start-up: {whole:.2f} s, {whole / alternative:.1f} times importing duckdb and polars")
    assert whole <= 4
