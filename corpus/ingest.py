"""Read, check, write: files into a store, with progress, counts and problems."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
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

    def count(self, corpus: str, source: Source, reading: Reading) -> None:
        """Adds one file."""
        self.files += 1
        self.raw_twins += source.twin is not None
        self.problems += [(source.path, problem) for problem in reading.problems]
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
    if not gathering.files:
        raise IngestError(_nothing_there(paths))
    summary = Summary(passed_over=gathering.passed_over)
    keys = ReviewKeys()
    done = 0
    for number, file in enumerate(gathering.files, start=1):
        source, _, reading = _read(file, format)
        name = corpus or file.corpus
        summary.count(name, source, keys.free(name, file.path, reading))
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
    gathering = gather(paths, leave_out=db)
    with writing(db, wait):
        old = Snapshot.open(db) if db.exists() else None
        held = old.held() if old else []
        fingerprint = old.fingerprint if old else None
        plan = _plan(gathering.files, old, held, corpus, format)
        if old:
            old.close()
        summary = Summary(passed_over=gathering.passed_over, unchanged=plan.unchanged, fingerprint=fingerprint)
        summary.problems += plan.unreadable
        if not plan.fresh and (metadata is None or not held):
            if not held:
                raise IngestError(_nothing_there(paths))
            return summary
        corpora = {corpus or file.corpus for file in gathering.files}
        with Writer(db, db if old else None, plan.replaced) as writer:
            _add(writer, plan, corpus, format, summary, progress)
            if metadata is not None:
                summary.problems += [(None, problem) for problem in writer.join(metadata, corpora)]
            summary.problems += writer.settle()
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
    plan: Plan,
    corpus: str | None,
    format: str | None,
    summary: Summary,
    progress: Progress | None,
) -> None:
    done = 0
    for number, file in enumerate(plan.fresh, start=1):
        source, name, reading = _read(file, format)
        if file.origin in plan.stand_ins:
            problem = Problem(
                "moved_file", "A file of this path and these reviews lay elsewhere; this one replaced it."
            )
            reading = reading._replace(problems=(*reading.problems, problem))
        reading = writer.keys.free(corpus or file.corpus, file.path, reading)
        writer.add(corpus or file.corpus, source, name, reading)
        summary.count(corpus or file.corpus, source, reading)
        done += file.size
        if progress:
            progress(number, len(plan.fresh), done)


def _read(file: File, format: str | None) -> tuple[Source, str, Reading]:
    try:
        source = file.source()
    except OSError as error:
        return Source(file.path, file.origin, b"", file.place), "none", Reading((), (), (_unreadable(error),))
    problems: tuple[Problem, ...] = ()
    if file.twin:
        try:
            source = replace(source, twin=file.twin.source())
        except OSError as error:
            problems = (_unreadable(error, f"Its raw twin {file.twin.path}: "),)
    name, reading = read(source, format)
    return source, name, reading._replace(problems=reading.problems + problems)


def _unreadable(error: OSError, whose: str = "") -> Problem:
    return Problem("unreadable_file", f"{whose}the system would not let it be read: {error.strerror or error}.")


@dataclass
class Plan:
    """Which files to read, the sources that they replace, and how many are as they were.

    `stand_ins` are origins of files that take the place of one that lay elsewhere; `unreadable` are problems of files
    whose earlier rows stay, since there is nothing to put in their place.
    """

    fresh: list[File] = field(default_factory=list)
    replaced: set[int] = field(default_factory=set)
    unchanged: int = 0
    stand_ins: set[str] = field(default_factory=set)
    unreadable: list[tuple[str | None, Problem]] = field(default_factory=list)

    def read_again(self, file: File, *known: Held | None) -> None:
        self.fresh.append(file)
        self.replaced |= {h.source_id for h in known if h is not None}


def _plan(
    files: Sequence[File], old: Snapshot | None, held: Sequence[Held], corpus: str | None, format: str | None
) -> Plan:
    """Compares files with what the store holds.

    A file is known by where it lies. One that lies elsewhere under the same path is the same one moved if its bytes or
    its reviews are the same, else it is another file.
    """
    plan = Plan()
    by_origin = {(h.corpus, h.origin): h for h in held}
    by_path = {(h.corpus, h.path): h for h in held}
    as_twin = {(h.corpus, h.twin_origin): h for h in held if h.twin_origin}
    settled: list[tuple[File, Held]] = []
    for file in files:
        name = corpus or file.corpus
        known, pair = by_origin.get((name, file.origin)), as_twin.get((name, file.origin))
        moved = None if known else by_path.get((name, file.path))
        digest = _digest(file) if known or pair or moved else None
        if pair and digest == pair.twin:
            plan.unchanged += 1
        elif known and digest is None:
            plan.unreadable.append((file.path, _unreadable(_why(file), "Its earlier rows stay: ")))
        elif (same := known or moved) and _same(file, digest, same, format):
            settled.append((file, same))
        elif (
            moved and old and (digest == moved.sha256 or _same_reviews(file, format, old.review_keys(moved.source_id)))
        ):
            plan.read_again(file, moved)
            if digest != moved.sha256:
                plan.stand_ins.add(file.origin)
        else:
            plan.read_again(file, known, by_origin.get((name, file.twin.origin)) if file.twin else None)
    for file, known in settled:
        if plan.fresh and known.unsettled:  # what another file held may be free now
            plan.read_again(file, known)
        else:
            plan.unchanged += 1
    return plan


def _same_reviews(file: File, format: str | None, keys: set[tuple[str, str]]) -> bool:
    _, _, reading = _read(file, format)
    return any((review.paper.key, review.key) in keys for review in reading.reviews)


def _why(file: File) -> OSError:
    try:
        file.load()
    except OSError as error:
        return error
    return OSError("it could not be read a moment ago")


def _same(file: File, digest: str | None, known: Held, format: str | None) -> bool:
    if known.code != code_digest() or (format is not None and format != known.format):
        return False
    return (digest, _digest(file.twin)) == (known.sha256, known.twin)


def _digest(file: File | None) -> str | None:
    """Digest of a file's bytes; null where there is none or it cannot be read."""
    try:
        return hashlib.sha256(file.load()).hexdigest() if file else None
    except OSError:
        return None


def _check_format(format: str | None) -> None:
    if format is not None and format not in {reader.name for reader in READERS}:
        raise IngestError(f"--format {format}: no such format. Known formats: {known_formats()}.")


def _nothing_there(paths: Sequence[Path]) -> str:
    return f"{', '.join(map(str, paths))}: there is no file to read."


def _nothing_read(paths: Sequence[Path], summary: Summary) -> str:
    found = ", ".join(f"{kind} {n}" for kind, n in summary.by_kind())
    first = next((f" First: {path}: {problem.detail}" for path, problem in summary.problems), "")
    return f"{', '.join(map(str, paths))}: no review in {summary.files} files ({found or 'no file'}).{first}"
