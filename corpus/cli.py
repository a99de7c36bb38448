"""The `reviewscope` command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import platformdirs
import polars as pl
import typer
from rich.console import Console

from corpus import ingest as run
from corpus import labeller_commands
from corpus.dry_run import show_tables
from corpus.export import FORMATS, ExportError
from corpus.export import export as write
from corpus.files import MissingPath
from corpus.formats.table import MappingError
from corpus.judgements import Settled, settle
from corpus.labeller.errors import LabellerError
from corpus.metadata import MetadataError, read_metadata
from corpus.openreview_live import OpenReviewError, fetch
from corpus.schemes import Scheme, SchemeError, read_scheme, register
from corpus.selecting import selected
from corpus.sentence_commands import train_sentences
from corpus.sentences import SentenceError, Splitter, splitting
from corpus.store import Snapshot, StoreError
from corpus.tables import MODEL, Frames
from corpus.terminal import print_problems, print_sections, print_summary, say, watched
from queries.filters import FilterError, Filters

app = typer.Typer(
    help="Interactive analytics over corpora of scientific peer reviews.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Reviews = Annotated[
    list[Path],
    typer.Argument(help="Files, folders, zip archives, openreview:VENUE_ID.", show_default=False),
]
Paths = Annotated[
    list[Path],
    typer.Argument(help="Files, folders or zip archives.", show_default=False),
]
Database = Annotated[Path, typer.Option("--db", help="The database file.", show_default=False)]
CorpusName = Annotated[str | None, typer.Option("--corpus", help="Name of the corpus; else the folder's.")]
Format = Annotated[str | None, typer.Option("--format", help="Read every file with this reader; else it is sniffed.")]
Schemes = Annotated[
    list[Path] | None,
    typer.Option("--scheme", help="A label scheme of yours, a TOML file; may be given several times."),
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--map", help="A column of a table, as what=COLUMN: review_text=review; may be given several times."),
]

#: What a user did wrong, or the world: the message says all, a traceback would add nothing.
MISTAKES = (
    *(ExportError, FilterError, MappingError, MetadataError, MissingPath, OpenReviewError, SchemeError, StoreError),
    *(LabellerError, SentenceError),
    run.IngestError,
)


def main() -> None:
    """Runs the command. What a user did wrong is one message on standard error and exit code 2, never a traceback."""
    try:
        app()
    except MISTAKES as error:
        console = Console(stderr=True)
        console.print("[bold red]Error:[/] ", end="")
        say(console, str(error))
        sys.exit(2)


@app.command()
def ingest(
    paths: Reviews,
    db: Database,
    corpus: CorpusName = None,
    format: Format = None,
    scheme: Schemes = None,
    map: Columns = None,
    metadata: Annotated[
        Path | None, typer.Option(help="A CSV, JSONL or Parquet file of papers to join by key.", show_default=False)
    ] = None,
    sentences: Annotated[
        Path | None,
        typer.Option(help="Find sentences with a splitter of yours, made by train-sentences.", show_default=False),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show how tables would be read, with five rows, and write nothing.")
    ] = False,
) -> None:
    """Read reviews into a database. Files that have not changed are not read again; changed ones replace their rows."""
    console = Console()
    papers = read_metadata(metadata) if metadata else None
    options: dict[str, Any] = {
        "corpus": corpus,
        "format": format,
        "mapping": _mapping(map),
        "schemes": _schemes(scheme),
    }
    if dry_run:
        for own in options["schemes"]:
            register(own)
        show_tables(console, paths, options["mapping"], options["format"])
        return
    files = [_fetched(console, path) for path in paths]
    with splitting(_splitter(sentences)), watched(console, "Ingesting") as progress:
        summary = run.ingest(files, db, metadata=papers, progress=progress, **options)
    print_summary(console, summary)
    _tell(console, summary.settled)
    if summary.changed or summary.settled.changed:
        say(console, f"{db} now holds snapshot {(summary.fingerprint or '')[:12]}.")
    else:
        say(console, f"Nothing new: {db} stays as it was.")


@app.command()
def check(
    paths: Paths,
    corpus: CorpusName = None,
    format: Format = None,
    scheme: Schemes = None,
    map: Columns = None,
    most: Annotated[int, typer.Option(help="Problems of one kind to list at the most.", min=0)] = 10,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with code 1 if there is any problem.")] = False,
) -> None:
    """Read reviews and report what is wrong with them. Writes nothing."""
    console = Console()
    options: dict[str, Any] = {
        "corpus": corpus,
        "format": format,
        "mapping": _mapping(map),
        "schemes": _schemes(scheme),
    }
    with watched(console, "Checking") as progress:
        summary = run.check(paths, progress=progress, **options)
    print_summary(console, summary)
    print_problems(console, summary, most)
    print_sections(console, summary.sections)
    if strict and summary.problems:
        sys.exit(1)


def _fetched(console: Console, path: Path) -> Path:
    """The path; for `openreview:VENUE_ID` the file into which the venue's notes were fetched, in the user's cache."""
    kind, colon, venue = str(path).partition(":")
    if not (colon and kind == "openreview"):
        return path
    folder = Path(platformdirs.user_cache_dir("reviewscope", appauthor=False)) / "openreview" / venue.replace("/", "_")
    with watched(console, f"Fetching {venue}", "submissions") as progress:
        return fetch(
            venue, folder, lambda done, total: progress(done, total, 0), notice=lambda told: say(console, told)
        )


def _splitter(directory: Path | None) -> Splitter | None:
    if directory is None:
        return None
    from corpus.trained_sentences import load_sentences  # a second, for spaCy

    return load_sentences(directory)


def _schemes(paths: list[Path] | None) -> list[Scheme]:
    return [read_scheme(path) for path in paths or ()]


def _mapping(given: list[str] | None) -> dict[str, str]:
    """What each column holds, from `what=COLUMN`."""
    mapping: dict[str, str] = {}
    for each in given or ():
        what, equals, column = each.partition("=")
        if not (what.strip() and equals and column.strip()):
            raise run.IngestError(f"--map {each}: this is no what=COLUMN, such as --map review_text=review.")
        if what.strip() in mapping:
            raise run.IngestError(
                f"--map {each}: {what.strip()} is {mapping[what.strip()]!r} already; one column each."
            )
        mapping[what.strip()] = column.strip()
    return mapping


@app.command()
def export(
    db: Database,
    out: Annotated[Path, typer.Option(help="The file to write; for bracket text a new folder.", show_default=False)],
    to: Annotated[str, typer.Option(help=f"Format: {', '.join(FORMATS)}.")] = "csv",
    select: Annotated[
        str, typer.Option(help="What to write, as the address of the dashboard says it: 'corpus=demo&label=MET-NEG'.")
    ] = "",
    annotator: Annotated[str | None, typer.Option(help="Whose labels to write; else everyone's.")] = None,
) -> None:
    """Write a selection out: bracket text, CSV, Parquet, JSON lines or spaCy's DocBin."""
    console = Console()
    _settle(console, db)
    snapshot = Snapshot.open(db)
    frames = snapshot.frames  # opening makes the store's schemes known, which filters need
    filters = selected(select)
    with watched(console, "Writing", "reviews") as progress:
        written = write(
            snapshot,
            _selected(frames, filters, annotator),
            to,
            out,
            annotator=annotator,
            words=urlencode(filters.to_query(), doseq=True),
            progress=progress,
        )
    for count, what in ((written.reviews, "reviews"), (written.segments, "segments"), (written.labels, "labels")):
        say(console, f"{what:<10} {count:,}")
    for note in written.notes:
        say(console, f"Note: {note}")
    say(console, f"{out} holds {filters.sentence()[0].lower()}{filters.sentence()[1:]}")


def _selected(frames: Frames, filters: Filters, annotator: str | None) -> Frames:
    """What the filters select, and everything where they ask for nothing.

    A selection has a model's labels only where no person answered; who asks for a model has the others, too.
    """
    if not filters.restricted:
        return frames
    chosen = filters.apply(frames)
    if annotator is None or not annotator.startswith(MODEL) or filters.annotators:
        return chosen
    theirs = frames.labels.filter(pl.col("annotator").cast(pl.String) == annotator)
    if filters.schemes:
        theirs = theirs.filter(pl.col("scheme").is_in(list(filters.schemes)))
    on_segments = theirs.join(chosen.segments.select("segment_id"), on="segment_id", how="semi")
    on_reviews = theirs.filter(pl.col("segment_id").is_null())
    on_reviews = on_reviews.join(chosen.reviews.select("review_id"), on="review_id", how="semi")
    return chosen._replace(labels=pl.concat([on_segments, on_reviews]))


def _settle(console: Console, db: Path) -> None:
    """Writes judgements that wait in the journal; where the store cannot be written they wait on, and it is told."""
    try:
        _tell(console, settle(db, wait=10))
    except StoreError as error:
        say(console, f"Note: judgements that wait in the journal are not among the labels. {error}")


def _tell(console: Console, settled: Settled) -> None:
    if settled.judgements:
        say(console, f"{settled.judgements:,} judgements from the dashboard are labels now.")
    for told in settled.told:
        say(console, f"Note: {told}")


@app.command()
def info(db: Database) -> None:
    """Say what a database holds: schema version, snapshot fingerprint, counts."""
    console = Console()
    for name, value in Snapshot.open(db).info().items():
        say(console, f"{name:<20} {value:,}" if isinstance(value, int) else f"{name:<20} {value}")


@app.command()
def serve(
    db: Database,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8501,
    write: Annotated[
        bool, typer.Option("--write", help="Let its visitors change the database: judge labels, train, annotate.")
    ] = False,
) -> None:
    """Show the dashboard on a database."""
    Snapshot.open(db).close()
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    # From the project's folder: Streamlit reads theme and limits from .streamlit beside the working directory.
    environment = os.environ | {"REVIEWSCOPE_DB": str(db.resolve())} | ({"REVIEWSCOPE_WRITE": "1"} if write else {})
    try:
        sys.exit(subprocess.run(command, cwd=root, env=environment, check=False).returncode)
    except KeyboardInterrupt:
        sys.exit(0)


for command in (labeller_commands.train, labeller_commands.evaluate, labeller_commands.annotate):
    app.command()(command)
app.command()(labeller_commands.models)
app.command("train-sentences")(train_sentences)


if __name__ == "__main__":
    main()
