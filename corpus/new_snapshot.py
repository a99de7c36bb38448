"""The next snapshot of a store: a new file beside the old one, checked, then swapped in at once."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Self

import duckdb

from corpus.checks import checks, create, ddl
from corpus.columns import columns
from corpus.schemes import schemes
from corpus.store import StoreError, attachment
from corpus.tables import MODEL, SCHEMA_VERSION, TABLES, USER, Table

#: Rows, and bytes of sources, held back before they are written.
_BATCH = 50_000
_BATCH_BYTES = 8 * 2**20
#: What DuckDB may hold in memory in MB, and how many times the bytes of the sources it holds until it is done with
#: them; the rest goes to a folder beside the store.
_MEMORY, _PER_BYTE = 96, 4

#: What tells an annotator whose labels are made here, by a model or a person, and are in no source.
MADE_HERE = f"(starts_with({{0}}annotator, '{MODEL}') OR starts_with({{0}}annotator, '{USER}'))"

_PAPER_COLUMNS = next(t for t in TABLES if t.name == "papers").names[1:]
_UNIT = "chr(31)"
#: What went into a snapshot besides labels that are made here: few rows, in an order of their own.
_WENT_IN = (
    "SELECT corpus, path, sha256, format, code FROM sources ORDER BY ALL",
    "SELECT scheme, toml FROM schemes ORDER BY ALL",
    "SELECT p.corpus, paper_key, review_key, path FROM reviews JOIN papers p USING (paper_id) "
    "JOIN sources USING (source_id) ORDER BY ALL",
    f"SELECT {', '.join(_PAPER_COLUMNS)} FROM papers ORDER BY corpus, paper_key",
    "SELECT * FROM models ORDER BY ALL",
    "SELECT * FROM model_codes ORDER BY ALL",
)
# Labels may be millions: their digests are added up, which no order of theirs changes.
_LABELS = f"""
    WITH made AS (SELECT md5_number(concat_ws({_UNIT}, p.corpus, p.paper_key, r.review_key,
        coalesce(s.position::VARCHAR, '-'), l.scheme, l.layer, l.code, coalesce(l.polarity::VARCHAR, '-'), l.annotator,
        coalesce(l.confidence::VARCHAR, '-'), coalesce(l.start::VARCHAR, '-'), coalesce(l."end"::VARCHAR, '-')
        )) AS digest
    FROM labels l JOIN reviews r USING (review_id) JOIN papers p USING (paper_id)
    LEFT JOIN segments s ON s.segment_id = l.segment_id WHERE {MADE_HERE.format("l.")})
    SELECT count(*), sum((digest & 18446744073709551615)::UBIGINT)::VARCHAR, sum((digest >> 64)::UBIGINT)::VARCHAR
    FROM made
"""


class NewSnapshot:
    """A snapshot in the making, without rows at first. Use it in a `with`, holding the right to write (`writing`)."""

    def __init__(self, path: Path, raw_bytes: int = 0, staged: tuple[Table, ...] = ()):
        """`raw_bytes` are those of the sources to come whose bytes are kept, as far as that is known.

        `staged` are tables of the connection's own memory, which rows can be put into as into the snapshot's.
        """
        self.path = path
        self._partial = path.with_name(f"{path.name}.partial")
        self._spill = path.with_name(f"{path.name}.spill")
        self._raw_bytes = 0
        self._staged = {table.name for table in staged}
        self.connection = duckdb.connect(config={"threads": 1, "temp_directory": str(self._spill)})
        self.allow(raw_bytes)
        for table in staged:
            self.connection.execute(create(table))
        self.connection.execute(attachment(self._partial, "fresh", read_only=False))
        self.connection.execute("USE fresh")
        for statement in ddl():
            self.connection.execute(statement)
        self._rows: dict[str, list[tuple]] = {table.name: [] for table in (*TABLES, *staged)}
        self._tables = (*TABLES, *staged)
        self._held_back = self._n_rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.connection.close()
        for leaving in (self._partial, Path(f"{self._partial}.wal")):
            with suppress(FileNotFoundError):
                leaving.unlink()
        shutil.rmtree(self._spill, ignore_errors=True)

    def publish(self, unless: str | None) -> str:
        """Checks the snapshot and swaps it in; leaves all as it is where its fingerprint is `unless`. Returns it."""
        self._put_schemes()
        self.flush()
        self._check()
        fingerprint = self._fingerprint()
        if fingerprint == unless:
            return fingerprint
        for row in self._meta(fingerprint):
            self.put("meta", row)
        self.flush()
        self.connection.execute("USE memory")
        self.connection.execute("DETACH fresh")  # writes everything into the one file
        with self._partial.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(self._partial, self.path)
        return fingerprint

    def allow(self, raw_bytes: int) -> None:
        """Lets DuckDB hold the bytes of sources in memory, as it must until 100,000 are in; half of it at most."""
        self._raw_bytes += raw_bytes
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 4 * 2**30
        most = min(_MEMORY + _PER_BYTE * self._raw_bytes // 2**20, max(_MEMORY, machine // 2**21))
        self.connection.execute(f"SET memory_limit = '{most}MB'")

    def put(self, table: str, row: tuple, n_bytes: int = 0) -> None:
        """Holds a row back until there are many; `n_bytes` is what it takes where that is much."""
        self._rows[table].append(row)
        self._n_rows += 1
        self._held_back += n_bytes

    def put_all(self, table: str, rows: Iterator[tuple]) -> None:
        """Holds rows back likewise."""
        before = len(self._rows[table])
        self._rows[table] += rows
        self._n_rows += len(self._rows[table]) - before

    def flush_when_full(self) -> None:
        if self._held_back > _BATCH_BYTES or self._n_rows > _BATCH:
            self.flush()

    def flush(self) -> None:
        """Writes what is held back."""
        for table in self._tables:
            if rows := self._rows[table.name]:
                batch = columns(table, rows)  # noqa: F841  DuckDB finds the frame by its name
                place = "memory" if table.name in self._staged else "fresh"
                self.connection.execute(f"INSERT INTO {place}.{table.name} SELECT * FROM batch")
                rows.clear()
        self._held_back = self._n_rows = 0

    def fetch(self, query: str) -> list[tuple]:
        return self.connection.sql(query).fetchall()

    def _put_schemes(self) -> None:
        for scheme in schemes():
            self.put("schemes", (scheme.name, scheme.title, scheme.toml))
            for layer in scheme.layers:
                for position, code in enumerate(layer.codes):
                    told = (code.code, code.name, code.definition, code.common, layer.polarised, position)
                    self.put("codes", (scheme.name, layer.name, *told))

    def _check(self) -> None:
        broken = {name: n for name, query in checks().items() if (n := self.fetch(query)[0][0])}
        if broken:
            found = "; ".join(f"{name}: {n} rows" for name, n in broken.items())
            raise StoreError(f"{self.path}: the new snapshot breaks its own rules ({found}). The old one stands.")

    def _fingerprint(self) -> str:
        digest = hashlib.sha256(str(SCHEMA_VERSION).encode())
        for query in (*_WENT_IN, _LABELS):
            rows = self.connection.execute(query)
            while batch := rows.fetchmany(10_000):
                for row in batch:
                    digest.update(repr(row).encode())
        return digest.hexdigest()

    def _meta(self, fingerprint: str) -> Iterator[tuple[str, str]]:
        yield "schema version", str(SCHEMA_VERSION)
        yield "fingerprint", fingerprint
        yield "written at", datetime.now(UTC).isoformat(timespec="seconds")
        for package in ("reviewscope", "duckdb", "polars", "spacy"):
            yield f"{package} version", version(package)
