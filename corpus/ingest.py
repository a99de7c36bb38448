"""Read, check, write: files into a store, with progress, counts and problems."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from types import MappingProxyType

import platformdirs

from corpus.files import File, gather
from corpus.formats import READERS, known_formats
from corpus.formats.source import Source
from corpus.judgements import Settled, settle
from corpus.metadata import Metadata, read_metadata
from corpus.plan import Manner, Namesakes, Plan, plan
from corpus.quality import report
from corpus.records import Problem, Reading
from corpus.review_keys import annotators
from corpus.schemes import Scheme, register
from corpus.store import Held, Snapshot, StoreError, writing
from corpus.tables import GOLD
from corpus.writer import Writer

#: Told after each file: files done, files in all, bytes done.
Progress = Callable[[int, int, int], None]


class IngestError(ValueError):
    """Nothing could be read at all; the message is for people."""


@dataclass
class Summary:
    """What a run read: counts, and problems with the path of their file (null: of the metadata).

    `sections` are those of `corpus.quality.report`, of a check only; `settled` tells of judgements that were waiting.
    """

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
    sections: list[tuple[str, int, list[str]]] = field(default_factory=list)
    settled: Settled = field(default_factory=Settled)
    _papers: set[int] = field(default_factory=set)

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
        self._papers |= {hash((corpus, paper.key)) for paper in reading.papers}  # a tenth of the memory of the keys
        for review in (*reading.reviews, *(further.review for further in reading.further)):
            self._papers.add(hash((corpus, review.paper.key)))
            self.labels += len(review.labels) + sum(len(segment.labels) for segment in review.segments)
        self.reviews += len(reading.reviews)
        self.segments += sum(len(review.segments) for review in reading.reviews)


def check(
    paths: Sequence[Path],
    *,
    corpus: str | None = None,
    format: str | None = None,
    mapping: Mapping[str, str] = MappingProxyType({}),
    schemes: Sequence[Scheme] = (),
    progress: Progress | None = None,
) -> Summary:
    """Reads and reports; keeps nothing. Raises as `ingest` does, but not where no file holds a review."""
    with tempfile.TemporaryDirectory(prefix="reviewscope-") as scratch:
        db = Path(scratch) / "check.duckdb"
        summary = _ingest(paths, db, Manner(corpus, format, mapping), schemes, None, progress, 0, may_be_empty=True)
        snapshot = Snapshot.open(db)
        summary.sections = report(snapshot)[1:]  # the first counts the problems, which the summary tells
        snapshot.close()
        return summary


def ingest(
    paths: Sequence[Path],
    db: Path,
    *,
    corpus: str | None = None,
    format: str | None = None,
    mapping: Mapping[str, str] = MappingProxyType({}),
    schemes: Sequence[Scheme] = (),
    metadata: Metadata | None = None,
    progress: Progress | None = None,
    wait: float = 0,
) -> Summary:
    """Reads files into the store at `db`; changed files replace their own rows, other rows stay.

    `corpus` is the corpus of all files, else the folder's name; `format` forces a reader; `mapping` assigns columns of
    tables; `schemes` are a user's own, known from here on; `wait` is for how many seconds another process that writes
    the same store is waited for. MissingPath where a path is not there, StoreError where `db` is no store or is being
    written, IngestError where no file held a review and nothing was there before.
    """
    return _ingest(paths, db, Manner(corpus, format, mapping), schemes, metadata, progress, wait)


def _ingest(
    paths: Sequence[Path],
    db: Path,
    manner: Manner,
    schemes: Sequence[Scheme],
    metadata: Metadata | None,
    progress: Progress | None,
    wait: float,
    may_be_empty: bool = False,
) -> Summary:
    _check_format(manner.format)
    gathering = gather(paths, leave_out=db)
    settled = settle(db, wait) if db.exists() else Settled()
    with writing(db, wait):
        old = Snapshot.open(db) if db.exists() else None
        held = old.held() if old else []
        fingerprint = old.fingerprint if old else None
        for scheme in schemes:  # after those of the store: a newer one of the same name stands
            register(scheme)
        made = plan(gathering.files, old, held, manner)
        if old:
            old.close()
        summary = Summary(
            passed_over=gathering.passed_over, unchanged=made.unchanged, fingerprint=fingerprint, settled=settled
        )
        summary.problems += made.unreadable
        if not made.fresh and not made.replaced and (metadata is None or not held):
            if not held:
                raise IngestError(_nothing_there(paths))
            return summary
        corpora = {manner.name(file) for file in gathering.files}
        raw_bytes = sum(file.size + (file.twin.size if file.twin else 0) for file in made.fresh if file.whole is None)
        with Writer(db, db if old else None, made.replaced, raw_bytes) as writer:
            _add(writer, made, manner, [h for h in held if h.source_id not in made.replaced], summary, progress)
            if metadata is not None:
                summary.problems += [(None, problem) for problem in writer.join(metadata, corpora)]
            summary.problems += writer.settle()
            summary.labels -= writer.lost_labels
            if not summary.reviews and not summary.papers and not held and not may_be_empty:
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
    made: Plan,
    manner: Manner,
    kept: Sequence[Held],
    summary: Summary,
    progress: Progress | None,
) -> None:
    namesakes = Namesakes(kept, manner)
    done = 0
    for number, (file, source, format, reading) in enumerate(_in_turn(made.fresh, manner), start=1):
        corpus = manner.name(file)
        more = namesakes.problems(file)
        if file.origin in made.stand_ins:
            more.append(
                Problem("moved_file", "A file of this path and these reviews lay elsewhere; this one replaced it.")
            )
        reading = writer.keys.free(corpus, file.path, reading._replace(problems=(*reading.problems, *more)))
        writer.add(corpus, source, format, reading)
        summary.count(corpus, source, reading)
        done += file.size
        if progress:
            progress(number, len(made.fresh), done)


def _in_turn(files: Sequence[File], manner: Manner) -> Iterator[tuple[File, Source, str, Reading]]:
    """Every file with what was read from it; files of further annotators come last, and are read once more then.

    So the text that the gold labels are on stands, whatever the files are called.
    """
    last = []
    for file in files:
        read = manner.read(file)
        who = {annotator for review in read[2].reviews for annotator in annotators(review)}
        if who and GOLD not in who:
            last.append(file)
        else:
            yield file, *read
    for file in last:
        yield file, *manner.read(file)


def _check_format(format: str | None) -> None:
    if format is not None and format not in {reader.name for reader in READERS}:
        raise IngestError(f"--format {format}: no such format. Known formats: {known_formats()}.")


def _nothing_there(paths: Sequence[Path]) -> str:
    return f"{', '.join(map(str, paths))}: there is no file to read."


def _nothing_read(paths: Sequence[Path], summary: Summary) -> str:
    found = ", ".join(f"{kind} {n}" for kind, n in summary.by_kind())
    first = next((f" First: {path}: {problem.detail}" for path, problem in summary.problems), "")
    return f"{', '.join(map(str, paths))}: no review in {summary.files} files ({found or 'no file'}).{first}"
