"""Annotations as a reliability matrix: a line for each annotator, a column for each sentence; dots are missing."""

from __future__ import annotations

import polars as pl
from spec import CODE, LAYER, SCHEME, TYPES, codes

from corpus.tables import Frames

_SCHEME = "peer-review-analyze"


def coded(lines: dict[str, str], *, layer: str = "aspect", papers: str = "", corpus: str = "demo") -> Frames:
    """Frames with a sentence for each column of the lines.

    lines   by annotator: a cell for each sentence, `EMP`, `EMP-NEG`, `EMP+CLA-POS` or `.` for no label; `p`, `q` … are
            the papers of the sentences where `papers` is given, else each sentence is a paper of its own
    """
    cells = {who: text.split() for who, text in lines.items()}
    n = len(next(iter(cells.values()))) if cells else 0
    assert all(len(row) == n for row in cells.values()), "lines of different length"
    paper = [ord(each) for each in papers.split()] or list(range(n))
    assert len(paper) == n
    labels = [
        (paper[at], paper[at], at, code, {"": None, "NEG": -1, "NEU": 0, "POS": 1}[polarity], who)
        for who, row in cells.items()
        for at, cell in enumerate(row)
        if cell != "."
        for code, _, polarity in (each.partition("-") for each in cell.split("+"))
    ]
    ids = sorted(set(paper))
    own = {name: TYPES["labels"][name] for name in ("paper_id", "review_id", "segment_id", "code", "polarity")}
    types = {**own, "annotator": pl.Enum(sorted(cells))}
    constant = {
        "scheme": pl.lit(_SCHEME, dtype=SCHEME),
        "layer": pl.lit(layer, dtype=LAYER),
        "confidence": pl.lit(None, dtype=pl.Float32),
        "start": pl.lit(None, dtype=pl.UInt32),
        "end": pl.lit(None, dtype=pl.UInt32),
    }
    given = pl.LazyFrame(labels, schema=types, orient="row").with_columns(**constant).select(
        *TYPES["labels"]
    )  # fmt: skip
    assert given.collect_schema()["code"] == CODE
    reviews = {"review_id": ids, "paper_id": ids, "review_key": [f"r{i}" for i in ids]}
    return Frames(
        _table("papers", {"paper_id": ids, "corpus": [corpus] * len(ids), "paper_key": [f"p{i}" for i in ids]}),
        _table("reviews", {**reviews, "corpus": [corpus] * len(ids), "kind": ["review"] * len(ids)}),
        _table(
            "segments",
            {
                "segment_id": range(n),
                "review_id": paper,
                "paper_id": paper,
                "position": range(n),
                "text": ["Text."] * n,
            },
        ),
        given,
        codes(),
    )


def _table(name: str, columns: dict) -> pl.LazyFrame:
    n = len(next(iter(columns.values())))
    types = TYPES[name]
    full = {column: list(columns.get(column, [None] * n)) for column in types}
    full |= {"position": [0] * n} if name == "reviews" else {}
    return pl.LazyFrame(full, schema=types)


def again(frames: Frames, by: int = 1_000) -> Frames:
    """The frames with every paper, review, sentence and label twice, the second time under other ids."""
    ids = ("paper_id", "review_id", "segment_id")
    made = []
    for frame in frames[:4]:
        rows = frame.collect()
        other = rows.with_columns(pl.col(name) + by for name in ids if name in rows.columns)
        made.append(pl.concat([rows, other]).lazy())
    return Frames(*made, frames.codes)
