"""Read, check, write: files into a store, with progress, counts and problems."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import platformdirs

from corpus.files import File, gather
from corpus.formats import READERS, known_formats, read
from corpus.formats.source import Source
from corpus.metadata import Metadata, read_metadata
from corpus.papers import ReviewKeys
from corpus.records import Problem, Reading
from corpus.store import Held, Snapshot, StoreError, code_digest, writing
from corpus.writer import Writer

#: Told after each file: files done, files in all, bytes done.
Progress = Callable[[int, int, int], None]


class IngestError(ValueError):
    """Nothing could be read at all; the message is for people."""


@dataclass
class Summary:
    """What a run read: counts, and problems with the path of their file (null: of the metadata)."""

    files: int = 0
    raw_twins: int = 0
    passed_over: int = 0
    unchanged: int = 0
    reviews: int = 0
    segments: int = 0
    labels: int = 0
    fingerprint: str | None = None
    changed: bool = False
    problems: list[tuple[str | None, Problem]] = field(default_factory=list)
    _papers: set[tuple[str, str]] = field(default_factory=set)

    @property
    def papers(self) -> int:
        return len(self._papers)

    def by_kind(self) -> list[tuple[str, int]]:
        """Problems by kind, the most frequent first."""
        return Counter(problem.kind for _, problem in self.problems).most_common()

    def count(self, corpus: str, source: Source, reading: Reading, problems: Iterable[Problem]) -> None:
        """Adds one file."""
        self.files += 1
        self.raw_twins += source.twin is not None
        self.problems += [(source.path, problem) for problem in problems]
        for review in reading.reviews:
            self._papers.add((corpus, review.paper.key))
            self.reviews += 1
            self.segments += len(review.segments)
            self.labels += len(review.labels) + sum(len(segment.labels) for segment in review.segments)


def check(
    paths: Sequence[Path], *, corpus: str | None = None, format: str | None = None, progress: Progress | None = None
) -> Summary:
    """Reads and reports; writes nothing. Raises as `ingest` does."""
    _check_format(format)
    gathering = gather(paths)
    summary = Summary(passed_over=gathering.passed_over)
    keys = ReviewKeys()
    done = 0
    for number, file in enumerate(gathering.files, start=1):
        source, _, reading = _read(file, format)
        name = corpus or file.corpus
        claims = [keys.claim(name, review, file.path) for review in reading.reviews]
        taken = [problem for problem in claims if problem]
        reading = reading._replace(
            reviews=tuple(r for r, claim in zip(reading.reviews, claims, strict=True) if not claim)
        )
        summary.count(name, source, reading, [*reading.problems, *taken])
        done += file.size
        if progress:
            progress(number, len(gathering.files), done)
    return summary


def ingest(
    paths: Sequence[Path],
    db: Path,
    *,
    corpus: str | None = None,
    format: str | None = None,
    metadata: Metadata | None = None,
    progress: Progress | None = None,
    wait: float = 0,
) -> Summary:
    """Reads files into the store at `db`; changed files replace their own rows, other rows stay.

    `corpus` is the corpus of all files, else the folder's name; `wait` is for how many seconds another process that
    writes the same store is waited for. MissingPath where a path is not there, StoreError
    where `db` is no store or is being written, IngestError where no file held a review and nothing was there before.
    """
    _check_format(format)
    gathering = gather(paths)
    with writing(db, wait):
        held, meta = _held(db)
        fingerprint = meta.get("fingerprint")
        same_code = meta.get("code") == code_digest()
        fresh, replaced, unchanged = _changed(gathering.files, held, corpus, format, same_code)
        summary = Summary(passed_over=gathering.passed_over, unchanged=unchanged, fingerprint=fingerprint)
        if not fresh and (metadata is None or not held):
            if not held:
                raise IngestError(f"{', '.join(map(str, paths))}: there is no file to read.")
            return summary
        corpora = {corpus or file.corpus for file in gathering.files}
        with Writer(db, db if meta else None, replaced) as writer:
            _add(writer, fresh, corpus, format, summary, progress)
            if metadata is not None:
                summary.problems += [(None, problem) for problem in writer.join(metadata, corpora)]
            if not summary.reviews and not held:
                raise IngestError(_nothing_read(paths, summary))
            summary.fingerprint = writer.publish(unless=fingerprint)
            summary.changed = summary.fingerprint != fingerprint
    return summary


def demo_database() -> Path:
    """The database of the bundled demo corpus, in the user's cache; it is built where it is missing or outdated."""
    folder = Path(platformdirs.user_cache_dir("reviewscope", appauthor=False))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # a container without a home
        folder = Path(tempfile.gettempdir()) / "reviewscope"
    path = folder / "demo.duckdb"
    with resources.as_file(resources.files("corpus") / "demo") as demo:
        metadata = read_metadata(demo / "papers.csv")
        try:
            ingest([demo / "reviews"], path, corpus="demo", metadata=metadata, wait=60)
        except StoreError:
            path.unlink(missing_ok=True)  # of an older version, or damaged: it holds nothing that cannot be made again
            ingest([demo / "reviews"], path, corpus="demo", metadata=metadata, wait=60)
    return path


def _add(
    writer: Writer,
    files: Sequence[File],
    corpus: str | None,
    format: str | None,
    summary: Summary,
    progress: Progress | None,
) -> None:
    done = 0
    for number, file in enumerate(files, start=1):
        source, name, reading = _read(file, format)
        problems = writer.add(corpus or file.corpus, source, name, reading)
        summary.count(corpus or file.corpus, source, reading, problems)
        done += file.size
        if progress:
            progress(number, len(files), done)


def _read(file: File, format: str | None) -> tuple[Source, str, Reading]:
    try:
        source = file.source()
    except OSError as error:
        problem = Problem("unreadable_file", f"The system would not let it be read: {error.strerror or error}.")
        return Source(file.path, file.origin, b"", file.place), "none", Reading((), (), (problem,))
    name, reading = read(source, format)
    return source, name, reading


def _held(db: Path) -> tuple[list[Held], dict[str, str]]:
    """The files that the store at `db` holds, and its meta; nothing where there is no store yet."""
    if not db.exists():
        return [], {}
    old = Snapshot.open(db)
    try:
        return old.held(), old.meta()
    finally:
        old.close()


def _changed(
    files: Sequence[File], held: Sequence[Held], corpus: str | None, format: str | None, same_code: bool
) -> tuple[list[File], set[int], int]:
    """The files to read, the sources that they replace, and how many files are as they were.

    Rows that other code made are made again: a reader may have learned something since.
    """
    by_origin = {(h.corpus, h.origin): h for h in held}
    by_path = {(h.corpus, h.path): h for h in held}
    fresh, replaced, unchanged = [], set(), 0
    for file in files:
        name = corpus or file.corpus
        known = by_origin.get((name, file.origin)) or by_path.get((name, file.path))
        if known is not None and same_code and _same(file, known, format):
            unchanged += 1
            continue
        fresh.append(file)
        twin = by_origin.get((name, file.twin.origin)) if file.twin else None
        replaced |= {h.source_id for h in (known, twin) if h is not None}
    return fresh, replaced, unchanged


def _same(file: File, known: Held, format: str | None) -> bool:
    if format is not None and format != known.format:
        return False
    try:
        twin = hashlib.sha256(file.twin.load()).hexdigest() if file.twin else None
        return (hashlib.sha256(file.load()).hexdigest(), twin) == (known.sha256, known.twin)
    except OSError:
        return False


def _check_format(format: str | None) -> None:
    if format is not None and format not in {reader.name for reader in READERS}:
        raise IngestError(f"--format {format}: no such format. Known formats: {known_formats()}.")


def _nothing_read(paths: Sequence[Path], summary: Summary) -> str:
    found = ", ".join(f"{kind} {n}" for kind, n in summary.by_kind())
    first = next((f" First: {path}: {problem.detail}" for path, problem in summary.problems), "")
    return f"{', '.join(map(str, paths))}: no review in {summary.files} files ({found or 'no file'}).{first}"
