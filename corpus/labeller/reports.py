"""Reports of labellers on disk, read without loading them: this module needs no spaCy."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import platformdirs

from corpus.labeller.errors import LabellerError

#: Changes whenever a labeller of before can no longer be used.
FORMAT = 1
REPORT = "report.json"
#: What every report tells.
_WORDS, _ROWS = ("name", "version", "annotator", "scheme", "made_at"), ("layers", "codes", "calibration", "coverage")


def default_folder() -> Path:
    """Where labellers lie unless told otherwise: $REVIEWSCOPE_MODELS, else a folder of the user's."""
    given = os.environ.get("REVIEWSCOPE_MODELS")
    return Path(given) if given else Path(platformdirs.user_data_dir("reviewscope", appauthor=False)) / "models"


def read_report(path: Path) -> dict[str, Any]:
    """The report of the labeller at `path`; LabellerError where there is none that this Reviewscope can read."""
    file = path / REPORT
    try:
        report = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        what = f"this is no labeller: it has no {REPORT}" if path.exists() else "there is no such directory"
        raise LabellerError(
            f"{path}: {what}. Make one with: reviewscope train --db FILE --scheme NAME --to {path}"
        ) from None
    except (OSError, ValueError) as error:
        raise LabellerError(f"{file}: it cannot be read: {error}.") from error
    found = report.get("format") if isinstance(report, dict) else None
    if found != FORMAT:
        raise LabellerError(f"{file}: format {found}, and this Reviewscope reads {FORMAT}. Train the labeller anew.")
    if not (
        all(isinstance(report.get(key), str) for key in _WORDS)
        and all(isinstance(report.get(key), list) for key in _ROWS)
    ):
        raise LabellerError(
            f"{file}: this is no report of a labeller, or a part of it is gone. Train the labeller anew."
        )
    return report


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
