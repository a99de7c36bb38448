"""A labeller's card: what it learnt from, how good it is and what it is not for, as Markdown (Mitchell et al. 2019)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: A code below this F1 is a hint, not a measurement.
LEAST_F1 = 0.4
_SHOWN = (0.6, 0.7, 0.8, 0.9)  # stated precisions


def card(report: Mapping[str, Any]) -> str:
    """The card of a labeller, of its report."""
    learnt, apart = report["training"], report["held_out"]
    lines = [
        f"# {report['annotator']}",
        "",
        f"Labels sentences of reviews by the scheme *{report['title']}* (`{report['scheme']}`).",
        "",
        f"- **Learnt from** {_size(learnt)} of {', '.join(report['corpora'])}, in {learnt['seconds']:.0f} s.",
        f"- **Checked on** {_size(apart)}: {apart['how']}. All figures are of these, by a model that did not see "
        "them; the one that is saved learnt from all papers.",
        f"- **Size** {report['size_bytes'] / 1e6:.1f} MB; {report['speed']['segments_per_second']:,} sentences a "
        "second.",
        "- **Not for** judging a single sentence, reviewer or paper: its labels are guesses. It errs as told here "
        "only on reviews like those it learnt from. Other venues, years, fields and languages may differ, and "
        "nothing tells by how much but labels of people on some of them.",
        "",
        *_table(
            (
                "layer",
                "sentences",
                "micro-F1",
                "macro-F1",
                "polarity: accuracy",
                "macro-F1",
                "calibration error, before",
            ),
            (
                (
                    layer["layer"],
                    f"{layer['n_segments']:,}",
                    _number(layer["micro_f1"]),
                    _number(layer["macro_f1"]),
                    _number(layer.get("polarity_accuracy")),
                    _number(layer.get("polarity_macro_f1")),
                    f"{_number(layer['ece'])}, {_number(layer['ece_before'])}",
                )
                for layer in report["layers"]
            ),
        ),
        "",
        "Precision stated → precision reached, and the share of sentences that get a label:",
        "",
        *_table(("layer", *(f"{each:g}" for each in _SHOWN)), _coverage(report["coverage"])),
        "",
        f"F1 of each code (of n sentences to which people gave it); under {LEAST_F1:g} it is a hint, no measurement:",
        "",
        *_codes(report),
        "",
        "How often the likeliest code is right, by how sure the model is of it:",
        "",
        *_table(
            ("layer", *(f"{at / 10:g}–{(at + 1) / 10:g}" for at in range(10))), _calibration(report["calibration"])
        ),
    ]
    return "\n".join(lines) + "\n"


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(each)} |" for each in (names, ["---"] * len(names), *rows)]


def _coverage(rows: Sequence[Mapping[str, Any]]) -> Iterable[list[str]]:
    for layer in dict.fromkeys(row["layer"] for row in rows):
        own = {row["precision"]: row for row in rows if row["layer"] == layer}
        yield [layer, *(f"{_number(own[at]['achieved'])}, {own[at]['share'] or 0:.0%}" for at in _SHOWN)]


def _codes(report: Mapping[str, Any]) -> Iterable[str]:
    for layer in report["layers"]:
        own = [r for r in report["codes"] if r["layer"] == layer["layer"] and r["code"] and r["polarity"] is None]
        told = (f"{r['code']} {_number(r['f1'])} ({r['n_gold']:,})" for r in own)
        yield f"- **{layer['layer']}** {', '.join(told)}"


def _calibration(rows: Sequence[Mapping[str, Any]]) -> Iterable[list[str]]:
    for layer in dict.fromkeys(row["layer"] for row in rows):
        own = {round(row["low"] * 10): row for row in rows if row["layer"] == layer}
        yield [layer, *(f"{_number(own[at]['share'])} ({own[at]['n']:,})" if at in own else "" for at in range(10))]


def _size(of: Mapping[str, int]) -> str:
    return f"{of['n_segments']:,} sentences in {of['n_reviews']:,} reviews of {of['n_papers']:,} papers"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".lstrip("0") if value < 1 else f"{value:.2f}"
