"""Writing a selection of the database out again: bracket text, CSV, Parquet, JSON lines, spaCy's DocBin.

Every format but bracket text holds the tables whole, so that reading it gives the same rows. All of them carry scheme,
annotator and the selection: a column or key `selection`, and a manifest beside the file.
"""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

from corpus.exporters import rows, spans
from corpus.exporters.bracket_files import Files, Unchosen
from corpus.exporters.cells import neutral
from corpus.exporters.manifest import Progress, Tally, manifest
from corpus.exporters.selected import Extract
from corpus.store import Snapshot
from corpus.tables import Frames

__all__ = ["FORMATS", "ExportError", "Format", "Written", "as_bytes", "export", "neutral"]

#: What every file of a zip archive is dated: equal selections give equal archives.
_DATED = (1980, 1, 1, 0, 0, 0)


class ExportError(ValueError):
    """Nothing was written; the message is for people."""


class Format(NamedTuple):
    """A format: its name on the command line and in words, the ending and media type of a file of it."""

    name: str
    title: str
    suffix: str
    mime: str


#: Every format by name. Bracket text is a folder, and a zip archive where one file is asked for.
FORMATS = {
    each.name: each
    for each in (
        Format("csv", "CSV, one row a label", ".csv", "text/csv"),
        Format("parquet", "Parquet, one row a label", ".parquet", "application/vnd.apache.parquet"),
        Format("jsonl", "JSON lines, one review a line, with spans", ".jsonl", "application/x-ndjson"),
        Format("bracket", "Bracket text, one file a review", ".zip", "application/zip"),
        Format("docbin", "spaCy DocBin, one document a review", ".spacy", "application/octet-stream"),
    )
}


class Written(NamedTuple):
    """What was written: files, how many reviews, segments and labels; `notes` say what the format could not hold."""

    files: tuple[Path, ...]
    reviews: int
    segments: int
    labels: int
    notes: tuple[str, ...] = ()


def export(
    snapshot: Snapshot,
    selection: Frames,
    to: str,
    out: Path,
    *,
    annotator: str | None = None,
    words: str = "",
    progress: Progress | None = None,
) -> Written:
    """Writes a selection of `snapshot` to the file `out`, or for bracket text to files in the folder `out`.

    Labels are `annotator`'s, null for everyone's; bracket text holds one annotator a review: gold, else the one
    person who labelled it, and of models only one that is named.
    A selection picks rows in CSV and Parquet, labels in JSON lines and DocBin, where the text stays whole, and reviews
    in bracket text. `words` say what was selected. ExportError where nothing is selected, where the annotator is
    unknown or must be chosen, where `out` is the database or a folder that holds files, or cannot be written.
    """
    extract = _extract(snapshot, selection, to, annotator)
    if out.exists() and out.resolve() == snapshot.path.resolve():
        raise ExportError(f"{out}: this is the database itself.")
    try:
        if to == "bracket":
            return _write_folder(snapshot, extract, out, annotator, words, progress)
        if out.is_dir():
            raise ExportError(f"{out}: this is a folder; name a file, such as {out.name}/reviews{FORMATS[to].suffix}.")
        out.parent.mkdir(parents=True, exist_ok=True)
        with _replacing(out) as file:
            tally = Tally(len(extract), progress, file.tell)
            told = _write(snapshot, extract, to, file, annotator, words, tally)
        beside = out.with_name(f"{out.name}.selection.json")
        with _replacing(beside) as file:
            file.write(told.encode())
    except OSError as error:
        raise ExportError(f"{out}: it cannot be written: {error.strerror or error}.") from error
    return Written((out, beside), tally.reviews, tally.segments, tally.labels, tally.notes)


def as_bytes(snapshot: Snapshot, selection: Frames, to: str, *, annotator: str | None = None, words: str = "") -> bytes:
    """The same as one file, in memory: as `export` writes it, bracket text as a zip archive. ExportError likewise."""
    extract = _extract(snapshot, selection, to, annotator)
    out = io.BytesIO()
    tally = Tally(len(extract), None, out.tell)
    if to != "bracket":
        _write(snapshot, extract, to, out, annotator, words, tally)
        return out.getvalue()
    with zipfile.ZipFile(out, "w") as archive:

        def put(path: str, data: bytes) -> None:
            archive.writestr(zipfile.ZipInfo(path, _DATED), data, zipfile.ZIP_DEFLATED)

        put("selection.json", _put_files(snapshot, extract, annotator, words, tally, put).encode())
    return out.getvalue()


def _extract(snapshot: Snapshot, selection: Frames, to: str, annotator: str | None) -> Extract:
    if to not in FORMATS:
        raise ExportError(f"{to}: no such format. Known formats: {', '.join(FORMATS)}.")
    if annotator is not None:
        known = [name for (name,) in snapshot.rows("SELECT DISTINCT annotator FROM labels ORDER BY annotator")]
        if annotator not in known:
            raise ExportError(
                f"{annotator}: nobody of this name labelled anything. Known: {', '.join(known) or 'nobody'}."
            )
    extract = Extract(snapshot, selection, annotator, whole_reviews=to == "bracket")
    if extract.empty:
        raise ExportError("The selection holds no review and no paper: there is nothing to write.")
    return extract


def _write(
    snapshot: Snapshot, extract: Extract, to: str, out: IO[bytes], annotator: str | None, words: str, tally: Tally
) -> str:
    """Writes the one file of a format; returns the manifest."""

    def told() -> str:
        if len(tally.corpora) > 1:
            tally.left_out["corpora in one file, which are read as one"] = len(tally.corpora)
        return manifest(snapshot, to, words, annotator, tally)

    def note(what: str) -> None:
        tally.left_out[what] += 1

    reviews = tally.over(extract)
    if to == "csv":
        rows.write_csv(reviews, out, words, note)
    elif to == "parquet":
        rows.write_parquet(reviews, out, words, told)
    elif to == "jsonl":
        spans.write_jsonl(reviews, out, words)
    else:
        from corpus.exporters.docbin import write_docbin  # importing spaCy takes a second

        write_docbin(reviews, out, words)
    return told()


def _write_folder(
    snapshot: Snapshot, extract: Extract, out: Path, annotator: str | None, words: str, progress: Progress | None
) -> Written:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ExportError(f"{out}: bracket text is written to a new or an empty folder, and this is none.")
    made: list[Path] = []
    size = 0

    def put(path: str, data: bytes) -> None:
        nonlocal size
        file = out / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        made.append(file)
        size += len(data)

    tally = Tally(len(extract), progress, lambda: size)
    put("selection.json", _put_files(snapshot, extract, annotator, words, tally, put).encode())
    return Written(tuple(made), tally.reviews, tally.segments, tally.labels, tally.notes)


def _put_files(
    snapshot: Snapshot,
    extract: Extract,
    annotator: str | None,
    words: str,
    tally: Tally,
    put: Callable[[str, bytes], None],
) -> str:
    """Hands every file of bracket text to `put`; returns the manifest."""
    try:
        files = Files(snapshot, extract, annotator, tally)
    except Unchosen as error:
        raise ExportError(str(error)) from error
    for path, data in files:
        put(path, data)
    return manifest(snapshot, "bracket", words, annotator, tally)


class _replacing:
    """A file to write that takes the place of the one at `path` when all is written; on an error that one stays."""

    def __init__(self, path: Path):
        self._path = path

    def __enter__(self) -> IO[bytes]:
        number, name = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)
        self._partial = Path(name)
        self._file = os.fdopen(number, "wb")
        return self._file

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._file.close()
        if kind is None:
            self._partial.chmod(0o666 & ~_umask())  # a temporary file is the owner's alone
            os.replace(self._partial, self._path)
        with suppress(FileNotFoundError):
            self._partial.unlink()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
