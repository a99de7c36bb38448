"""Labels made here, by a model or by people: a new snapshot in which they take the place of earlier ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from corpus.carrying import RECOUNT
from corpus.keeping import keep_all
from corpus.new_snapshot import NewSnapshot
from corpus.schemes import schemes
from corpus.store import Snapshot, StoreError, writing
from corpus.tables import MODEL, USER

#: What a batch of labels holds: a label's segment, what it says, and how sure its maker is; null for people.
COLUMNS = {
    "segment_id": pl.UInt32,
    **dict.fromkeys(("scheme", "layer", "code"), pl.String),
    "polarity": pl.Int8,
    "confidence": pl.Float32,
}
#: What labels may hold beside; annotator must be given, null in the others is as in the table.
_MORE = {"annotator": pl.String, "raw": pl.String, "start": pl.UInt32, "end": pl.UInt32}
#: Told after each batch how many labels there are by now.
Progress = Callable[[int], None]


class ModelRecord(NamedTuple):
    """What is told of a model beside its labels: the rows of the tables `models` and `model_codes`.

    made_at      UTC, without a zone
    report       a JSON object
    codes        model_codes without the annotator; scheme, layer and code may be strings
    n_segments   segments of the store that it was shown; null: all, or those `within` that are labelled now and no
                 fewer than were shown before
    """

    annotator: str
    scheme: str
    name: str
    version: str
    made_at: datetime
    precision: float | None
    report: str
    codes: pl.DataFrame
    n_segments: int | None = None


class Relabelled(NamedTuple):
    """What was written: labels, on how many segments, how many earlier labels they took the place of.

    `fingerprint` is that of the snapshot, `changed` whether it is another one than before.
    """

    labels: int
    segments: int
    removed: int
    fingerprint: str
    changed: bool


def relabel(
    db: Path,
    annotator: str,
    batches: Iterable[pl.DataFrame],
    *,
    within: Sequence[int] | pl.Series | None,
    record: ModelRecord | None,
    of: str | None = None,
    wait: float = 0,
    progress: Progress | None = None,
) -> Relabelled:
    """Writes a snapshot in which `batches` are all that `annotator` says of the segments `within`; all else stays.

    `within` null means all segments; then the annotator's labels on whole reviews go, too. Batches have the `COLUMNS`
    and are asked for while nobody else can write. `record` takes the place of an earlier one of the annotator. `of` is
    the fingerprint of the snapshot that the segments are numbered in.

    StoreError, and the old snapshot stands, where another process writes for `wait` seconds, where the store is not
    `of` any more, where the annotator is neither a model nor a user, and where a label is on a segment that is not
    `within`, or of a code that no scheme has.
    """
    if not annotator.startswith((MODEL, USER)) or (record and record.annotator != annotator):
        raise StoreError(f"{db}: {annotator} is neither {MODEL}<name>@<version> nor {USER}<name>, or not the record's.")
    chosen = None if within is None else pl.DataFrame({"segment_id": within}, schema={"segment_id": pl.UInt32}).unique()
    with writing(db, wait):
        before = fingerprint_of(db, of)
        with NewSnapshot(db) as new:
            theirs = f"annotator = {_quoted(annotator)}"
            if chosen is not None:
                new.connection.execute("CREATE TABLE memory.chosen AS FROM chosen")
                theirs += " AND segment_id IN (FROM memory.chosen)"
            removed = keep_but(new, f"({theirs}) IS TRUE")
            last = new.fetch("SELECT coalesce(max(label_id), 0) FROM labels")[0][0]
            n = 0
            for batch in batches:
                if chosen is not None:
                    _refuse_others(db, batch, chosen)
                n += put_labels(new, batch.with_columns(annotator=pl.lit(annotator)))
                if progress:
                    progress(n)
            if record is not None:
                _put_record(new, record, None if chosen is None else chosen.height)
            settle_records(new, annotator)
            n_segments = new.fetch(f"SELECT count(DISTINCT segment_id) FROM labels WHERE label_id > {last}")[0][0]
            fingerprint = new.publish(unless=before)
    return Relabelled(n, n_segments, removed, fingerprint, fingerprint != before)


def forget(db: Path, annotator: str, *, wait: float = 0) -> Relabelled:
    """Takes a model's labels and its record out; StoreError as `relabel`, and where the store has neither.

    What a file brings of its labels comes back when that file is read again.
    """
    with writing(db, wait):
        before = fingerprint_of(db)
        with NewSnapshot(db) as new:
            theirs = f"annotator = {_quoted(annotator)}"
            removed = keep_but(new, theirs, models=f"NOT {theirs}", model_codes=f"NOT {theirs}")
            everyone = "SELECT annotator FROM old.labels UNION SELECT annotator FROM old.models"
            known = {name for (name,) in new.fetch(everyone)}
            if not annotator.startswith(MODEL) or annotator not in known:
                models = ", ".join(sorted(name for name in known if name.startswith(MODEL)))
                raise StoreError(f"{db}: no model {annotator} labelled anything here. Models: {models or 'none'}.")
            settle_records(new, annotator)
            fingerprint = new.publish(unless=before)
    return Relabelled(0, 0, removed, fingerprint, fingerprint != before)


def fingerprint_of(db: Path, expected: str | None = None) -> str:
    """The fingerprint of the store; StoreError where it is not the one expected, if any is."""
    snapshot = Snapshot.open(db)  # makes the store's schemes known, too
    found = snapshot.fingerprint
    snapshot.close()
    if expected not in (None, found):
        raise StoreError(f"{db}: it has been written to meanwhile, and its sentences are numbered anew. Try again.")
    return found


def keep_but(new: NewSnapshot, gone: str, **conditions: str) -> int:
    """Copies the store that `new` is to replace, but for labels that are `gone`; returns how many these are."""
    keep_all(new.connection, new.path, new.allow, labels=f"NOT ({gone})", **conditions)
    return new.fetch("SELECT (SELECT count(*) FROM old.labels) - (SELECT count(*) FROM labels)")[0][0]


def put_labels(new: NewSnapshot, labels: pl.DataFrame) -> int:
    """Adds labels that are made here; StoreError for one on no segment, or of a code that no scheme has."""
    made = labels.select(
        pl.col(name).cast(kind) if name in labels.columns else pl.lit(None, kind).alias(name)
        for name, kind in {**COLUMNS, **_MORE}.items()
    )
    known = known_codes()
    for used in made.select("scheme", "layer", "code").unique().rows():
        if used not in known:
            raise StoreError(f"{new.path}: no scheme has {', '.join(map(str, used))} (scheme, layer, code).")
    n = new.connection.execute(
        "INSERT INTO labels SELECT (SELECT coalesce(max(label_id), 0) FROM labels) + row_number() OVER (), "
        "s.review_id, m.segment_id, m.scheme, m.layer, m.code, m.polarity, m.annotator, m.confidence, "
        "coalesce(m.raw, ''), NULL, m.start, m.\"end\", NULL FROM made m JOIN segments s USING (segment_id)"
    ).fetchall()[0][0]
    if n != made.height:
        raise StoreError(f"{new.path}: {made.height - n} labels are on segments that are not there.")
    return n


def known_codes() -> set[tuple[str, str, str]]:
    """Scheme, layer and code of every answer that a label can hold."""
    return {(s.name, layer.name, code.code) for s in schemes() for layer in s.layers for code in layer.codes}


def settle_records(new: NewSnapshot, annotator: str) -> None:
    """Brings the models' counts up to date; that an annotator's labels went stale is past once there are new ones."""
    new.connection.execute(
        "DELETE FROM problems WHERE kind = 'stale_model_labels' AND starts_with(detail, ?)", [f"{annotator}: "]
    )
    new.connection.execute(RECOUNT)


def _put_record(new: NewSnapshot, record: ModelRecord, n_within: int | None) -> None:
    run, who = new.connection, [record.annotator]
    try:
        json.loads(record.report)
    except ValueError as error:
        raise StoreError(f"{new.path}: the report of {record.annotator} is no JSON: {error}.") from error
    shown = record.n_segments
    if shown is None and n_within is None:
        shown = new.fetch("SELECT count(*) FROM segments")[0][0]
    elif shown is None:
        earlier = run.execute("SELECT n_segments FROM models WHERE annotator = ?", who).fetchall()
        shown = max(n_within or 0, *(n for (n,) in earlier), 0)
    for table in ("model_codes", "models"):
        run.execute(f"DELETE FROM {table} WHERE annotator = ?", who)
    told = (record.scheme, record.name, record.version, record.made_at, record.precision, shown, 0, record.report)
    run.execute("INSERT INTO models VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [record.annotator, *told])
    measured = record.codes.with_columns(  # noqa: F841  DuckDB finds the frame by its name
        pl.lit(record.annotator).alias("annotator"), pl.col("scheme", "layer", "code").cast(pl.String)
    )
    run.execute("INSERT INTO model_codes BY NAME SELECT * FROM measured")


def _refuse_others(db: Path, batch: pl.DataFrame, chosen: pl.DataFrame) -> None:
    odd = batch.select(pl.col("segment_id").cast(pl.UInt32)).join(chosen, on="segment_id", how="anti")
    if odd.height:
        raise StoreError(f"{db}: a label is on segment {odd['segment_id'][0]}, which was not asked for.")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
