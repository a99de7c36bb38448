"""Texts with the places where people let sentences start, of two corpora; and how well a splitter finds these.

No text of the corpora is in here. The rules were written looking at errors on one half of the papers of Peer Review
Analyze and of DISAPERE's training split (`derived`); on the other half, and on DISAPERE's dev split, they were only
ever measured.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"
PRA, DISAPERE = CORPORA / "peer-review-analyze", CORPORA / "disapere"


class Example(NamedTuple):
    """A text and where its sentences start but the first: places of characters of ink."""

    paper: str
    split: str
    text: str
    starts: frozenset[int]

    @property
    def derived(self) -> bool:
        return self.split != "dev" and hashlib.sha256(self.paper.encode()).digest()[0] % 2 == 0


class Score(NamedTuple):
    precision: float
    recall: float
    f1: float
    n: int

    def __str__(self) -> str:
        return f"P {self.precision:.3f} R {self.recall:.3f} F1 {self.f1:.4f} (of {self.n:,} boundaries)"


def score(examples: Iterable[Example], split: Callable[[str], list[int]]) -> Score:
    """How well the starts that `split` finds agree with people's, the first of each text aside."""
    hits = found = gold = 0
    for example in examples:
        first = len(example.text) - len(example.text.lstrip())
        starts = {start for start in split(example.text) if start > first}
        hits, found, gold = hits + len(starts & example.starts), found + len(starts), gold + len(example.starts)
    return Score(hits / found, hits / gold, 2 * hits / (found + gold), gold)


def peer_review_analyze() -> Iterator[Example]:
    """Raw text of files whose annotated copy is whole. A stop after a tag belongs to the sentence before."""
    for path in sorted(PRA.glob("*/*/*/Annotated/*.txt")):
        raw = path.parents[1] / "Raw" / path.name.replace("_annotated", "")
        try:
            text = json.loads(raw.read_text("utf-8"))
            parts = [
                _squeezed(json.loads(f'"{part.strip().strip(chr(34))}"', strict=False))
                for part in re.split(r"\[\[.*?\]\]+", path.read_text("utf-8"), flags=re.DOTALL)
            ]
        except (OSError, ValueError):
            continue
        packed, ends, at = "".join(parts), set(), 0
        if packed == _squeezed(text):
            for part in parts:
                at += len(part)
                ends.add(at + len(re.match(r"[.,;:!?)\]\"”']*", packed[at:])[0]))
            yield _example(path.parents[1].name, "", text, ends)


def disapere() -> Iterator[Example]:
    for path in sorted([*DISAPERE.glob("dev/*.json"), *DISAPERE.glob("train/*.json")]):
        told = json.loads(path.read_text("utf-8"))
        rows = told["review_sentences"]
        ends, at = set(), 0
        for row in rows:
            at += len(_squeezed(row["text"]))
            ends.add(at)
        text = "".join(row["text"] + (row["suffix"] or " ") for row in rows)
        yield _example(told["metadata"]["forum_id"], path.parent.name, text, ends)


def _example(paper: str, split: str, text: str, ends: set[int]) -> Example:
    """`ends` count characters of ink, since white space differs between a text and its annotated copy."""
    ink = [at for at, sign in enumerate(text) if not sign.isspace()]
    return Example(paper, split, text, frozenset(ink[end] for end in ends if 0 < end < len(ink)))


def _squeezed(text: str) -> str:
    return "".join(text.split())
