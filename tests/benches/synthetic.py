"""A million labels on the reviews of ten thousand papers, made up: as wide and as uneven as real ones."""

from __future__ import annotations

import numpy as np
import polars as pl

from corpus.checks import enums
from corpus.schemes import scheme, schemes
from corpus.tables import DECISIONS, REVIEW_KINDS, Frames

N_PAPERS, REVIEWS_PER_PAPER, SEGMENTS_PER_REVIEW, LABELS_PER_SEGMENT = 10_000, 3, 11, 3
_ANNOTATOR = pl.Enum(["gold", "anno2"])
_WORDS = (
    "the of and to a in is that for this paper authors method results experiments baseline novelty clear unclear proof "
    "dataset figure table related work theorem assumption ablation training model evaluation comparison missing strong "
    "weak convincing section claim should explain please why how however although interesting idea contribution"
).split()


def frames(n_papers: int = N_PAPERS, seed: int = 7) -> Frames:
    """Papers in five years and two venues, three reviews each, eleven sentences a review, three labels a sentence."""
    random = np.random.default_rng(seed)
    n_reviews = n_papers * REVIEWS_PER_PAPER
    n_segments = n_reviews * SEGMENTS_PER_REVIEW
    paper, review = np.arange(n_papers, dtype=np.uint32), np.arange(n_reviews, dtype=np.uint32)
    segment = np.arange(n_segments, dtype=np.uint32)
    papers = pl.DataFrame(
        {
            "paper_id": paper,
            "corpus": "made-up",
            "paper_key": [f"p{at:06}" for at in paper],
            "title": [f"Paper {at}" for at in paper],
            "venue": random.choice(["Harbour", "Tidal"], n_papers),
            "year": random.integers(2018, 2023, n_papers).astype(np.int16),
            "decision": pl.Series(random.choice(["accept", "reject"], n_papers), dtype=pl.Enum(DECISIONS)),
            "decision_detail": None,
            "track": random.choice(["theory", "systems", "vision"], n_papers),
            "keywords": None,
            "abstract": None,
        },
        schema_overrides={"decision_detail": pl.String, "keywords": pl.List(pl.String), "abstract": pl.String},
    )
    reviews = pl.DataFrame(
        {
            "review_id": review,
            "paper_id": review // REVIEWS_PER_PAPER,
            "review_key": [f"r{at % REVIEWS_PER_PAPER}" for at in review],
            "reviewer": None,
            "kind": pl.Series(["review"], dtype=pl.Enum(REVIEW_KINDS)).new_from_index(0, n_reviews),
            "position": (review % REVIEWS_PER_PAPER).astype(np.uint16),
            "date": None,
            "rating": random.integers(1, 11, n_reviews).astype(np.float32),
            "confidence": None,
            "n_words": random.integers(40, 900, n_reviews).astype(np.uint32),
            "corpus": "made-up",
        },
        schema_overrides={"reviewer": pl.String, "date": pl.Date, "confidence": pl.Float32},
    )
    words = random.choice(_WORDS, (n_segments, 12), p=_weights(len(_WORDS)))
    segments = pl.DataFrame(
        {
            "segment_id": segment,
            "review_id": segment // SEGMENTS_PER_REVIEW,
            "paper_id": segment // (SEGMENTS_PER_REVIEW * REVIEWS_PER_PAPER),
            "position": segment % SEGMENTS_PER_REVIEW,
            "text": [f"{' '.join(row)}. " for row in words],
            "field": pl.Series([None], dtype=pl.Categorical).new_from_index(0, n_segments),
        }
    )
    return Frames(*(frame.lazy() for frame in (papers, reviews, segments, _labels(segment, random), _codes())))


def _labels(segment: np.ndarray, random: np.random.Generator) -> pl.DataFrame:
    """One label a sentence in the layers section, aspect and purpose; polarities lean on the paper.

    The aspects of every tenth paper are labelled by a second annotator too, one in five as the next sentence's.
    """
    kinds = enums()
    layers = [layer for layer in scheme("peer-review-analyze").layers if layer.name in ("section", "aspect", "purpose")]
    n = len(segment)
    lean = random.normal(0, 0.5, int(segment.max()) // (SEGMENTS_PER_REVIEW * REVIEWS_PER_PAPER) + 1)
    made = []
    for layer in layers:
        codes = [code.code for code in layer.codes if code.code not in ("none", "CNT")]
        code = random.choice(codes, n, p=_weights(len(codes)))
        drawn = random.normal(lean[segment // (SEGMENTS_PER_REVIEW * REVIEWS_PER_PAPER)], 1)
        polarity = np.select([drawn < -0.4, drawn > 0.4], [-1, 1], 0)
        made.append(
            pl.DataFrame(
                {
                    "paper_id": (segment // (SEGMENTS_PER_REVIEW * REVIEWS_PER_PAPER)).astype(np.uint32),
                    "review_id": (segment // SEGMENTS_PER_REVIEW).astype(np.uint32),
                    "segment_id": segment,
                    "scheme": pl.Series(["peer-review-analyze"], dtype=pl.Enum(kinds["scheme_t"])).new_from_index(0, n),
                    "layer": pl.Series([layer.name], dtype=pl.Enum(kinds["layer_t"])).new_from_index(0, n),
                    "code": pl.Series(code, dtype=pl.Enum(kinds["code_t"])),
                    "polarity": pl.Series(polarity if layer.polarised else [None] * n, dtype=pl.Int8),
                    "annotator": pl.Series(["gold"], dtype=_ANNOTATOR).new_from_index(0, n),
                    "confidence": pl.Series([None], dtype=pl.Float32).new_from_index(0, n),
                    "start": pl.Series([None], dtype=pl.UInt32).new_from_index(0, n),
                    "end": pl.Series([None], dtype=pl.UInt32).new_from_index(0, n),
                    "link": pl.Series([None], dtype=pl.UInt32).new_from_index(0, n),
                }
            )
        )
    return pl.concat([*made, _again(made[1], random)]).sort("segment_id", "layer", "annotator")


def _again(labels: pl.DataFrame, random: np.random.Generator) -> pl.DataFrame:
    """A second annotator's labels of every tenth paper."""
    some = labels.filter(pl.col("paper_id") % 10 == 0)
    slips = pl.Series(random.random(some.height) < 0.2)
    other = pl.when(slips).then(pl.col("code", "polarity").shift(-1)).otherwise(pl.col("code", "polarity"))
    return some.with_columns(other.fill_null(pl.col("code", "polarity").first()), annotator=pl.lit("anno2", _ANNOTATOR))


def _codes() -> pl.DataFrame:
    kinds = enums()
    rows = [
        (each.name, layer.name, code.code, code.name, code.definition, code.common, layer.polarised, place)
        for each in schemes()
        for layer in each.layers
        for place, code in enumerate(layer.codes)
    ]
    types = {name: pl.Enum(kinds[f"{name}_t"]) for name in ("scheme", "layer", "code")}
    types |= {"name": pl.String, "definition": pl.String, "common": pl.String}
    types |= {"polarised": pl.Boolean, "position": pl.UInt16}
    return pl.DataFrame(rows, schema=types, orient="row").sort("scheme", "layer", "position")


def _weights(n: int) -> np.ndarray:
    """Zipf's weights for `n` things."""
    found = 1 / np.arange(1, n + 1)
    return found / found.sum()
