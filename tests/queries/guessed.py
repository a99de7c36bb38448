"""Corpora that a model labelled: how well it was measured, and worlds in which the truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from spec import TYPES, cells, codes, value

from corpus.schemes import keyed_layers
from corpus.tables import Frames

MODEL = "model:en@1"
_COUNTS = ("n_segments", "n_gold", "n_model", "n_both")
_SCHEME_OF = {key: scheme.name for key, (scheme, _) in keyed_layers().items()}


def models(text: str) -> pl.LazyFrame:
    """Frames.models from a table; by `model:en@1`, of the layer `aspect`, best_f1 .6 where nothing else is told."""
    labels = TYPES["labels"]
    types = {name: labels[name] for name in ("annotator", "scheme", "layer", "code", "polarity")}
    types |= {**dict.fromkeys(_COUNTS, pl.UInt32), "best_f1": pl.Float32}
    rows = cells(text) if text.strip() else []
    for row in rows:
        row.setdefault("annotator", MODEL)
        row.setdefault("layer", "aspect")
        row.setdefault("scheme", _SCHEME_OF[row["layer"]])
        row.setdefault("best_f1", "0.6")
    return pl.LazyFrame(
        {name: [value(row.get(name, ""), dtype) for row in rows] for name, dtype in types.items()}, types
    )


class World(NamedTuple):
    """What is true of a world: how often people would give the code, how often the model gives it if so, and if not."""

    share: float
    tpr: float = 0.6
    fpr: float = 0.08
    held_out: int = 600


def world(of: World, seed: int, *, n_papers: Sequence[int] = (60,), per_paper: int = 12) -> Frames:
    """Papers that the model labelled with EMP, of one decision after another; papers differ in their share of it.

    The model was measured on as many sentences of other papers, on which people give the code half as often again.
    """
    random, n = np.random.default_rng(seed), sum(n_papers)
    paper = np.repeat(np.arange(1, n + 1), per_paper)
    own = random.beta(4 * of.share, 4 * (1 - of.share), n)[paper - 1]
    model = _labels(random, random.random(len(paper)) < own, of)
    gold = random.random(of.held_out) < 1.5 * of.share
    there = _labels(random, gold, of)
    segment = np.arange(1, len(paper) + 1)
    first = segment[::per_paper]  # a label in another layer, so that no review is without any
    on = [*segment[model], *first]
    decision = np.repeat(["accept", "reject", "withdrawn"][: len(n_papers)], n_papers)
    labels = {
        "segment_id": on,
        "review_id": paper[np.array(on) - 1],
        "paper_id": paper[np.array(on) - 1],
        "scheme": ["peer-review-analyze"] * len(on),
        "layer": ["aspect"] * int(model.sum()) + ["section"] * n,
        "code": ["EMP"] * int(model.sum()) + ["MET"] * n,
        "annotator": [MODEL] * len(on),
    }
    tables: dict[str, dict] = {
        "papers": {"paper_id": np.arange(1, n + 1), "decision": decision},
        "reviews": {"review_id": np.arange(1, n + 1), "paper_id": np.arange(1, n + 1), "kind": ["review"] * n},
        "segments": {"segment_id": segment, "review_id": paper, "paper_id": paper},
        "labels": labels,
    }
    counts = (of.held_out, gold.sum(), there.sum(), (gold & there).sum())
    measured = models("code | n_segments | n_gold | n_model | n_both\n---\nEMP | " + " | ".join(map(str, counts)))
    return Frames(**{name: _frame(name, each) for name, each in tables.items()}, codes=codes(), models=measured)


def _labels(random: np.random.Generator, true: np.ndarray, of: World) -> np.ndarray:
    return random.random(len(true)) < np.where(true, of.tpr, of.fpr)


def _frame(name: str, columns: dict) -> pl.LazyFrame:
    n = len(next(iter(columns.values())))
    made = {each: columns.get(each, [None] * n) for each in TYPES[name]}
    return pl.LazyFrame({each: pl.Series(each, list(made[each])).cast(dtype) for each, dtype in TYPES[name].items()})
