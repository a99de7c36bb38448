"""The DuckDB file as readers see it: one immutable snapshot, frames out."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl
from filelock import FileLock, Timeout

from corpus.checks import enums
from corpus.schemes import register, schemes
from corpus.schemes.definition import parse
from corpus.sentences import splitter_fingerprint
from corpus.tables import SCHEMA_VERSION, TABLES, Frames


class StoreError(ValueError):
    """A file that is no store of ours, or of another version; the message is for people."""


class Held(NamedTuple):
    """A source that a snapshot holds; `twin` is the digest of its raw twin's bytes, null without one.

    `unsettled` tells that it has a review which another file holds, or labels on one.
    """

    source_id: int
    corpus: str
    path: str
    origin: str
    whole: str | None
    root: str
    sha256: str | None
    twin: str | None
    twin_origin: str | None
    format: str
    code: str
    unsettled: bool


def code_digest(mapping: Mapping[str, str] | None = None) -> str:
    """Digest of what turns files into rows: the code, known schemes, assigned columns, the splitter of sentences."""
    told = json.dumps([[scheme.toml for scheme in schemes()], sorted((mapping or {}).items()), splitter_fingerprint()])
    return hashlib.sha256(f"{_code()}{told}".encode()).hexdigest()


@cache
def _code() -> str:
    package = Path(__file__).parent
    files = {*package.glob("*.py"), *package.glob("formats/*.py"), *package.glob("schemes/*.py")}
    files -= {package / f"{name}.py" for name in ("cli", "dry_run", "export", "quality", "terminal")}  # they only look
    files -= {
        package / f"{name}.py" for name in ("judgements", "relabelling", "sentence_commands", "sentence_training")
    }  # they read no file
    files -= {
        package / f"{name}.py" for name in ("labeller_commands", "labeller_jobs", "labeller_process", "selecting")
    }
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()


def stamp(path: Path | str) -> tuple[int, int, int]:
    """Changes whenever the file at `path` is another snapshot: inode, time of change in ns, size."""
    try:
        status = os.stat(path)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}.") from error
    return status.st_ino, status.st_mtime_ns, status.st_size


class Snapshot:
    """One snapshot, opened read-only; it goes on undisturbed when a later one takes its place."""

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection):
        self.path = path
        self._connection = connection

    @classmethod
    def open(cls, path: Path | str) -> Snapshot:
        """Opens the file at `path`; StoreError where it is missing, no store, or of another schema version."""
        path = Path(path)
        if path.is_dir():
            raise StoreError(f"{path}: this is a folder, not a database file.")
        if not path.is_file():
            raise StoreError(f"{path}: there is no such file. Make one with: reviewscope ingest PATH --db {path}")
        if not _is_duckdb(path):
            raise StoreError(f"{path}: this is no Reviewscope database; it is another kind of file.")
        # Attached to a connection of its own: a process may then hold two snapshots of one path side by side.
        connection = duckdb.connect()
        try:
            connection.execute(attachment(path, "store"))
            connection.execute("USE store")
            rows = connection.sql("SELECT value FROM meta WHERE key = 'schema version'").fetchall()
        except duckdb.Error as error:
            connection.close()
            raise StoreError(f"{path}: this is no Reviewscope database ({_first_line(error)}).") from error
        if rows != [(str(SCHEMA_VERSION),)]:
            connection.close()
            found = rows[0][0] if rows else "unknown"
            raise StoreError(
                f"{path}: schema version {found}, and this Reviewscope reads {SCHEMA_VERSION}. "
                "Delete the file, or name another one, and ingest the reviews again."
            )
        snapshot = cls(path, connection)
        snapshot._register_schemes()
        return snapshot

    def close(self) -> None:
        self._connection.close()

    @property
    def fingerprint(self) -> str:
        """Digest of all that went in: equal for equal sources and metadata, in whatever order they came."""
        return self.meta()["fingerprint"]

    def meta(self) -> dict[str, str]:
        """Schema version, fingerprint, time of the write, versions of the tools."""
        return dict(self.rows("SELECT key, value FROM meta ORDER BY key"))

    def counts(self) -> dict[str, int]:
        """Rows by table."""
        return {
            table.name: self.rows(f"SELECT count(*) FROM {table.name}")[0][0]
            for table in TABLES
            if table.name != "meta"
        }

    def info(self) -> dict[str, str | int]:
        """What `reviewscope info` prints: `meta` and `counts`, sources without their raw twins."""
        twins = self.rows("SELECT count(*) FROM sources WHERE twin_of IS NOT NULL")[0][0]
        counts = self.counts()
        return {**self.meta(), **counts, "sources": counts["sources"] - twins, "raw twins": twins}

    def problems(self) -> pl.DataFrame:
        """Every problem with its file: corpus, path (null: metadata), review_id, start, end, kind, detail, snippet."""
        return self.frame(
            'SELECT s.corpus, s.path, p.review_id, p."start", p."end", p.kind, p.detail, p.snippet '
            "FROM problems p LEFT JOIN sources s USING (source_id) "
            'ORDER BY s.corpus, s.path, p."start" NULLS FIRST, p.kind, p.detail',
            kind="problem_t",
        )

    def sources(self) -> pl.DataFrame:
        """Every file but raw twins: corpus, path, format, n_bytes, ingested_at."""
        return self.frame(
            "SELECT corpus, path, format, n_bytes, ingested_at FROM sources WHERE twin_of IS NULL ORDER BY corpus, path"
        )

    def models(self) -> pl.DataFrame:
        """Every model that labelled something here, as the table `models`, by annotator; `report` is JSON."""
        return self.frame("SELECT * FROM models ORDER BY annotator", scheme="scheme_t")

    def held(self) -> list[Held]:
        """Every file but raw twins, with the digests that tell whether it has changed."""
        joined = " UNION ".join(
            f"SELECT x.source_id FROM {table} x JOIN reviews r USING (review_id) WHERE x.source_id <> r.source_id"
            for table in ("labels", "alignments", "scores")
        )
        rows = self.rows(
            "SELECT s.source_id, s.corpus, s.path, s.origin, s.whole, s.root, s.sha256, t.sha256, t.origin, "
            "s.format, s.code, "
            f"(s.source_id IN (SELECT source_id FROM problems WHERE kind = 'duplicate_review' UNION {joined})) IS TRUE "
            "FROM sources s LEFT JOIN sources t ON t.twin_of = s.source_id WHERE s.twin_of IS NULL ORDER BY s.source_id"
        )
        return [Held(*row) for row in rows]

    def review_keys(self, source_id: int) -> set[tuple[str, str]]:
        """(paper_key, review_key) of the reviews that were read from a source."""
        query = (
            f"SELECT paper_key, review_key FROM reviews JOIN papers USING (paper_id) WHERE source_id = {int(source_id)}"
        )
        return set(self.rows(query))

    def alignments(self, paper_id: int) -> pl.DataFrame:
        """What the rebuttals of a paper answer: segment_id, aligned_review_id, aligned_segment_id, kind, annotator."""
        return self.frame(
            "SELECT a.segment_id, a.aligned_review_id, a.aligned_segment_id, a.kind, a.annotator FROM alignments a "
            f"JOIN reviews r USING (review_id) WHERE r.paper_id = {int(paper_id)} ORDER BY ALL"
        )

    @cached_property
    def _enums(self) -> dict[str, list[str]]:
        """The values of the enumerated types of this store, which may hold schemes that are not bundled."""
        return {kind: self.rows(f"SELECT enum_range(NULL::{kind})::VARCHAR[]")[0][0] for kind in enums()}

    def _register_schemes(self) -> None:
        for name, toml in self.rows("SELECT scheme, toml FROM schemes ORDER BY scheme"):
            register(parse(toml, f"{self.path}, scheme {name}"))

    @cached_property
    def frames(self) -> Frames:
        """The tables as queries see them, read once and held in memory."""
        labels = self.frame(
            "SELECT r.paper_id, l.review_id, l.segment_id, l.scheme, l.layer, l.code, l.polarity, l.annotator, "
            'l.confidence, l.link, l."start", l."end" FROM labels l JOIN reviews r USING (review_id) '
            "ORDER BY l.label_id",
            scheme="scheme_t",
            layer="layer_t",
            code="code_t",
        )
        models = self.frame("SELECT * FROM model_codes ORDER BY ALL", scheme="scheme_t", layer="layer_t", code="code_t")
        everyone = pl.concat([labels["annotator"], models["annotator"]])  # a model may have found nothing to label
        annotators, links = (pl.Enum(each.drop_nulls().unique().sort()) for each in (everyone, labels["link"]))
        frames = (
            self.frame("SELECT * FROM papers ORDER BY paper_id", decision="decision_t"),
            self.frame(
                "SELECT r.*, p.corpus FROM reviews r JOIN papers p USING (paper_id) ORDER BY r.review_id", kind="kind_t"
            ),
            self.frame(
                "SELECT s.segment_id, s.review_id, r.paper_id, s.position, s.text, s.field "
                "FROM segments s JOIN reviews r USING (review_id) ORDER BY s.segment_id"
            ).with_columns(pl.col("field").cast(pl.Categorical)),
            labels.with_columns(pl.col("annotator").cast(annotators), pl.col("link").cast(links)),
            self.frame(
                "SELECT * FROM codes ORDER BY scheme, layer, position",
                scheme="scheme_t",
                layer="layer_t",
                code="code_t",
            ),
            models.with_columns(pl.col("annotator").cast(annotators)),
        )
        return Frames(*(frame.lazy() for frame in frames))

    def frame(self, query: str, **kinds: str) -> pl.DataFrame:
        """The rows of `query`; `kinds` maps columns to the enumerated types they come out as."""
        casts = [pl.col(column).cast(pl.Enum(self._enums[kind])) for column, kind in kinds.items()]
        with _damage_told(self.path):
            return self._cursor().sql(query).pl().with_columns(casts)

    def rows(self, query: str) -> list[tuple]:
        """The rows of `query`, which must be ours: nothing of a user's is ever part of it."""
        with _damage_told(self.path):
            return self._cursor().sql(query).fetchall()

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        # A connection with an open result refuses other calls, and pages run in threads: a cursor for each use.
        cursor = self._connection.cursor()
        cursor.execute("USE store")
        return cursor


def _is_duckdb(path: Path) -> bool:
    """Whether the file is DuckDB's own: of others it would offer to fetch an extension."""
    try:
        with path.open("rb") as file:
            return file.read(12)[8:] == b"DUCK"
    except OSError as error:
        raise StoreError(f"{path}: it cannot be read: {error.strerror or error}.") from error


@contextmanager
def writing(path: Path, wait: float = 0) -> Iterator[None]:
    """Holds the right to write the store at `path`; StoreError where another process has it for `wait` seconds."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=wait), _damage_told(path):
            # Left over by a writer that was killed: it held the lock that we hold now.
            for end in (".partial", ".partial.wal"):
                path.with_name(path.name + end).unlink(missing_ok=True)
            shutil.rmtree(path.with_name(f"{path.name}.spill"), ignore_errors=True)
            yield
    except Timeout as error:
        raise StoreError(f"{path}: another process is writing it. Try again when it is done.") from error
    except OSError as error:
        raise StoreError(f"{path}: it cannot be written: {error.strerror or error}.") from error


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    """Turns what DuckDB raises on a damaged file or a full disk into a StoreError."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise StoreError(f"{path}: there is not enough memory to write it ({_first_line(error)}).") from error
    except duckdb.Error as error:
        raise StoreError(f"{path}: the database is damaged or cannot be written ({_first_line(error)}).") from error


def attachment(path: Path, name: str, read_only: bool = True) -> str:
    """The statement that attaches the file at `path`; a statement takes no parameter there."""
    quoted = str(path).replace("'", "''")
    return f"ATTACH '{quoted}' AS {name}{' (READ_ONLY)' if read_only else ''}"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
