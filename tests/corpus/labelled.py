"""Small corpora whose words give their labels away, labellers trained on them, and what a store holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from corpus.ingest import ingest
from corpus.journal import Journal, Judgement
from corpus.labeller.training import train
from corpus.store import Snapshot

SCHEME = "peer-review-analyze"
#: A scheme of somebody's own.
TONE = """\
name = "tone"
title = "Tone of a review"
source = "Invented for a test"

[[layers]]
name = "tone"
title = "Tone"
question = "How does the sentence sound?"
polarised = false
target = "segment"
codes = [
  { code = "WRM", name = "warm", definition = "It is kind." },
  { code = "CLD", name = "cold", definition = "It is not." },
]
"""
SECTIONS = {"MET": ("method", "algorithm"), "EXP": ("experiments", "benchmarks"), "INT": ("introduction", "opening")}
ASPECTS = {"NOV": ("novel", "inventive"), "CLA": ("readable", "lucid"), "EMP": ("rigorous", "proven"), "null": ("",)}
SIGNS = {"POS": ("excellent", "convincing"), "NEG": ("poor", "doubtful"), "NEU": ("ordinary", "usual")}
PURPOSES = {"POS": "APC", "NEG": "CRT", "NEU": "DIS"}
WEIGHTS = {"MAJ": ("chiefly", "above"), "MIN": ("slightly", "somewhat")}
#: How many sentences are about two sections or aspects.
TWO = 0.3
FILLERS = [
    f"{a}{b}" for a in ("lor", "dem", "tas", "vin", "gur", "pel") for b in ("ab", "esk", "it", "on", "um", "ysh")
]


class Said(NamedTuple):
    """A sentence and its tag."""

    text: str
    tag: str

    def __str__(self) -> str:
        return self.text + self.tag


def sentence(random: np.random.Generator) -> Said:
    """A sentence in which a word stands for every label that it has."""

    def one(of: Iterable) -> Any:
        found = list(of)
        return found[int(random.integers(len(found)))]

    sign, weight = one(SIGNS), one(WEIGHTS)
    sections, aspects = ({one(of) for _ in range(1 + int(random.random() < TWO))} for of in (SECTIONS, ASPECTS))
    aspects = aspects - {"null"} or {"null"}
    words = [one(SECTIONS[each]) for each in sorted(sections)] + [one(WEIGHTS[weight]), one(SIGNS[sign])]
    words += [one(ASPECTS[each]) for each in sorted(aspects)] + [one(FILLERS) for _ in range(3)]
    text = f"The {' '.join(word for word in words if word)}."
    told = [",".join(f"{each}-{sign}" for each in sorted(of)) for of in (sections, aspects)]
    return Said(text, f"[[{told[0]}], [{'null' if aspects == {'null'} else told[1]}], [{PURPOSES[sign]}], [{weight}]]")


def papers(n: int, *, each: int = 8, seed: int = 0, shuffled: bool = False) -> dict[str, list[Said]]:
    """Papers with one review of `each` sentences; `shuffled` gives every sentence the tag of another."""
    random = np.random.default_rng(seed)
    said = [sentence(random) for _ in range(n * each)]
    if shuffled:
        tags = random.permutation([one.tag for one in said])
        said = [Said(one.text, str(tag)) for one, tag in zip(said, tags, strict=True)]
    return {f"p{at:03}": said[at * each : (at + 1) * each] for at in range(n)}


def write(folder: Path, of: dict[str, list[Said]] | dict[str, str]) -> Path:
    """A file for each paper, its name the paper's."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, said in of.items():
        text = said if isinstance(said, str) else " ".join(map(str, said))
        (folder / f"{name}.txt").write_text(text, "utf-8")
    return folder


def store(root: Path, of: dict[str, list[Said]] | dict[str, str], corpus: str = "made") -> Path:
    """A store of papers."""
    db = root / "s.duckdb"
    ingest([write(root / corpus, of)], db)
    return db


def labeller(root: Path, n: int = 30, **more: Any) -> tuple[Path, Path, dict[str, Any]]:
    """A store of `n` papers, the directory of a labeller that learnt from it, and its report."""
    db = store(root, papers(n))
    return db, root / "labeller", train(db, SCHEME, root / "labeller", **more)


def rows(db: Path, query: str) -> list[tuple]:
    snapshot = Snapshot.open(db)
    try:
        return snapshot.rows(query)
    finally:
        snapshot.close()


def given(db: Path, annotator: str) -> list[tuple]:
    """The labels of one annotator: segment_id, layer, code, polarity, confidence."""
    return rows(
        db,
        "SELECT segment_id, layer::VARCHAR, code::VARCHAR, polarity, confidence FROM labels "
        f"WHERE annotator = '{annotator}' ORDER BY ALL",
    )


def all_but(db: Path, annotator: str) -> dict[str, list[tuple]]:
    """Every row of a store but labels and records of one annotator, and but the numbers of labels."""
    tables = ("sources", "papers", "tellings", "reviews", "scores", "segments", "spans", "alignments", "problems")
    found = {name: rows(db, f"SELECT * FROM {name} ORDER BY ALL") for name in (*tables, "schemes", "codes")}
    for name in ("labels", "models", "model_codes"):
        what = "* EXCLUDE label_id" if name == "labels" else "*"
        found[name] = rows(db, f"SELECT {what} FROM {name} WHERE annotator <> '{annotator}' ORDER BY ALL")
    return found


def judge(db: Path, answers: Sequence[tuple[int, str, str, int | None]], who: str = "user:kim") -> None:
    """Puts answers (segment_id, layer, code, polarity) of a person into the journal."""
    places = rows(
        db,
        'SELECT s.segment_id, p.corpus, p.paper_key, r.review_key, s.start, s."end", s.text FROM segments s '
        "JOIN reviews r USING (review_id) JOIN papers p USING (paper_id)",
    )
    at = {segment: tuple(rest) for segment, *rest in places}
    journal = Journal(db)
    for segment, layer, code, polarity in answers:
        now = datetime.now(UTC)
        journal.append(Judgement(now, who, *at[segment], SCHEME, layer, ((code, polarity),), "change"))


def constant_f1(counts: Sequence[int], n: int) -> float:
    """The best micro-F1 of one answer for all `n` sentences: the most frequent codes, as many as serve it best.

    Where each sentence has one code, which a labeller knows, the answer is the most frequent one.
    """
    most, total = sorted(counts, reverse=True), sum(counts)
    most = most[:1] if total == n else most
    return max(2 * sum(most[:k]) / (k * n + total) for k in range(1, len(most) + 1))


def code_counts(report: dict[str, Any], layer: str) -> pl.DataFrame:
    """The rows of a report for the codes of a layer, whatever their polarity."""
    rows = [row for row in report["codes"] if row["layer"] == layer and row["code"] and row["polarity"] is None]
    return pl.DataFrame(rows)
