"""Reports of labellers as training writes them, without any training: numbers are invented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from corpus.labeller.reports import FORMAT

#: By layer: code, held-out sentences with it by people, by the labeller, by both.
CODES = {
    "section": [("MET", 60, 70, 50), ("EXP", 20, 30, 8), ("RES", 3, 3, 3), ("EXT", 0, 0, 0)],
    "aspect": [("EMP", 40, 40, 30), ("CLA", 50, 45, 40)],
}
N = 120


def report(name: str = "tide", **more: Any) -> dict[str, Any]:
    """A report of a labeller by Peer Review Analyze, of two layers."""
    annotator = f"model:{name}@1a2b"
    codes = [
        {"layer": layer, "code": code, "polarity": None, "n_segments": N, "n_gold": gold, "n_model": model}
        | {"n_both": both, "precision": both / model if model else None, "recall": both / gold if gold else None}
        | {"f1": 2 * both / (gold + model) if gold else None, "threshold": 0.3}
        for layer, rows in CODES.items()
        for code, gold, model, both in rows
    ]
    codes.append({**codes[0], "polarity": -1, "n_gold": 30, "n_model": 30, "n_both": 20, "threshold": None})
    stated = [round(0.5 + 0.05 * step, 2) for step in range(10)]
    return {
        **{"format": FORMAT, "name": name, "version": "1a2b", "annotator": annotator, "scheme": "peer-review-analyze"},
        **{"title": "Peer Review Analyze: sentence labels in four layers", "also": [], "corpora": ["shelf"]},
        **{"seed": 7, "epochs": 9, "second_stage": {"section codes": 0.5}, "made_at": "2026-01-02T03:04:05+00:00"},
        "training": {"fingerprint": "f" * 64, "n_papers": 30, "n_reviews": 90, "n_segments": 1234, "seconds": 75.2},
        "held_out": {"n_papers": 6, "n_reviews": 18, "n_segments": N, "how": "one paper in 5, chosen by seed 7"},
        "layers": [
            {"layer": layer, "n_segments": N, "micro_f1": 0.64, "macro_f1": 0.5, "accuracy": 0.41, "ece_before": 0.11}
            | {"ece": 0.03, "polarity_accuracy": 0.75, "polarity_macro_f1": 0.7}
            for layer in CODES
        ],
        "codes": codes,
        "calibration": [
            {"layer": layer, "low": 0.1 * at, "high": 0.1 * at + 0.1, "confidence": 0.1 * at + 0.05, "share": 0.1 * at}
            | {"n": 12}
            for layer in CODES
            for at in range(10)
        ],
        "coverage": [
            {"layer": layer, "precision": p, "achieved": p + 0.01 if layer == "aspect" else p - 0.1, "n": N}
            | {"share": round(1.2 - p if layer == "aspect" else 1 - p / 2, 2)}
            for layer in CODES
            for p in stated
        ],
        "learning": [
            {"epoch": epoch, "layer": layer, "loss": 3 / epoch, "f1": 0.6 - 0.3 / epoch}
            for epoch in range(1, 5)
            for layer in CODES
        ],
        "speed": {"segments_per_second": 2345.6},
        "size_bytes": 4_900_000,
        "versions": {"spacy": "3.8.18"},
        **more,
    }


def put(folder: Path, found: dict[str, Any], directory: str | None = None) -> Path:
    """Writes a report into the folder of labellers, as that of the labeller in a directory."""
    path = folder / (directory or found["name"])
    path.mkdir(parents=True)
    (path / "report.json").write_text(json.dumps(found), "utf-8")
    return path
