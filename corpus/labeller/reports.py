"""Reports of labellers on disk, read without loading them: this module needs no spaCy."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import platformdirs

from corpus.labeller.errors import LabellerError

#: Changes whenever a labeller of before can no longer be used.
FORMAT = 2
REPORT = "report.json"
_ABSENT, _MOST = object(), 2.0**63


def _word(value: Any) -> bool:
    return isinstance(value, str)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _count(value: Any) -> bool:
    return _number(value) and isinstance(value, int) and value >= 0


def _share(value: Any) -> bool:
    return _number(value) and -1e-3 <= value <= 1 + 1e-3  # but for rounding


def _sign(value: Any) -> bool:
    return value is None or (_number(value) and value in (-1, 0, 1))


def _perhaps(one: Callable[[Any], bool], *more: Any) -> Callable[[Any], bool]:
    return lambda value: value is None or value in more or one(value)


_SIZES = dict.fromkeys(("n_papers", "n_reviews", "n_segments"), _count)
_UNSIGNED = ("micro_f1", "macro_f1", "accuracy", "ece_before", "ece")
#: What every report tells, of what kind: what a name holds, or in brackets what each of a list is.
_TOLD: dict[str, Any] = {
    **dict.fromkeys(("name", "version", "annotator", "scheme", "title", "made_at"), _word),
    "corpora": [_word],
    "training": {**_SIZES, "seconds": _number},
    "held_out": {**_SIZES, "how": _word},
    "layers": [
        {
            **{"layer": _word, "n_segments": _count, **dict.fromkeys(_UNSIGNED, _perhaps(_share))},
            **dict.fromkeys(("polarity_accuracy", "polarity_macro_f1"), _perhaps(_share, _ABSENT)),
        }
    ],
    "codes": [
        {
            **{"layer": _word, "code": _perhaps(_word), "polarity": _sign},
            **dict.fromkeys(("n_segments", "n_gold", "n_model", "n_both"), _count),
            **dict.fromkeys(("precision", "recall", "f1"), _perhaps(_share)),
            "threshold": _perhaps(_number),
        }
    ],
    "calibration": [{"layer": _word, **dict.fromkeys(("low", "high", "confidence", "share"), _share), "n": _count}],
    "coverage": [
        {"layer": _word, "precision": _share, **dict.fromkeys(("achieved", "share"), _perhaps(_share)), "n": _count}
    ],
    "learning": [{"epoch": _count, "layer": _word, "loss": _number, "f1": _perhaps(_share)}],
}


def default_folder() -> Path:
    """Where labellers lie unless told otherwise: $REVIEWSCOPE_MODELS, else a folder of the user's."""
    given = os.environ.get("REVIEWSCOPE_MODELS")
    return Path(given) if given else Path(platformdirs.user_data_dir("reviewscope", appauthor=False)) / "models"


def read_report(path: Path) -> dict[str, Any]:
    """The report of the labeller at `path`; LabellerError where there is none that this Reviewscope can read."""
    file = path / REPORT
    try:
        report = parsed(file.read_text("utf-8"))
    except FileNotFoundError:
        what = f"this is no labeller: it has no {REPORT}" if path.exists() else "there is no such directory"
        raise LabellerError(
            f"{path}: {what}. Make one with: reviewscope train --db FILE --scheme NAME --to {path}"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise LabellerError(f"{file}: it cannot be read: {error}.") from error
    found = report.get("format") if isinstance(report, dict) else None
    if found != FORMAT:
        raise LabellerError(f"{file}: format {found}, and this Reviewscope reads {FORMAT}. Train the labeller anew.")
    if wrong := _wrong(report, _TOLD):
        raise LabellerError(
            f"{file}: this is no report of a labeller, or a part of it is gone or is not what it must be ({wrong}). "
            "Train the labeller anew."
        )
    if report["annotator"] != f"model:{report['name']}@{report['version']}":
        raise LabellerError(f"{file}: its annotator is not that of its name and version. Train the labeller anew.")
    return report


def parsed(text: str) -> Any:
    """JSON as a report holds it; ValueError where it is none, or holds numbers or characters that nothing can show."""
    found = json.loads(text, parse_constant=_finite, parse_float=_finite, parse_int=lambda told: _finite(told, int))
    json.dumps(found, ensure_ascii=False).encode()  # halves of characters, which JSON can spell
    return found


def _finite(told: str, kind: type = float) -> Any:
    number = kind(told)
    if not abs(number) < _MOST:  # nor is NaN
        raise ValueError(f"{told[:20]} is no number that can be told")
    return number


def _wrong(value: Any, kind: Any, at: str = "") -> str | None:
    """Where a value is not of its kind; null where all is well."""
    if isinstance(kind, Mapping):
        if not isinstance(value, Mapping):
            return at or "all"
        parts = [(value.get(key, _ABSENT), each, f"{at}.{key}".lstrip(".")) for key, each in kind.items()]
    elif isinstance(kind, list):
        if not isinstance(value, list):
            return at
        parts = [(each, kind[0], f"{at}[{n}]") for n, each in enumerate(value)]
    else:
        return None if kind(value) else at
    return next(filter(None, (_wrong(*part) for part in parts)), None)


def models(folder: Path) -> list[dict[str, Any]]:
    """The reports of the labellers in a folder, each with its `path`, by name; what cannot be read is passed over."""
    return _read(folder)[0]


def unreadable(folder: Path) -> list[str]:
    """Why labellers in a folder are not among its `models`."""
    return _read(folder)[1]


def _read(folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    found, told = [], []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if (path / REPORT).is_file() and not path.name.startswith("."):
            try:
                found.append({**read_report(path), "path": str(path)})
            except LabellerError as error:
                told.append(str(error))
    return sorted(found, key=lambda report: (report["name"], report["made_at"])), told
