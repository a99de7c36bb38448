"""The `reviewscope` command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from corpus import ingest as run
from corpus.files import MissingPath
from corpus.metadata import MetadataError, read_metadata
from corpus.problems import PROBLEM_KINDS
from corpus.store import Snapshot, StoreError

app = typer.Typer(
    help="Interactive analytics over corpora of scientific peer reviews.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Paths = Annotated[list[Path], typer.Argument(help="Files, folders or zip archives.", show_default=False)]
Database = Annotated[Path, typer.Option("--db", help="The database file.", show_default=False)]
CorpusName = Annotated[str | None, typer.Option("--corpus", help="Name of the corpus; else the folder's.")]
Format = Annotated[str | None, typer.Option("--format", help="Read every file with this reader; else it is sniffed.")]


def main() -> None:
    """Runs the command. What a user did wrong is one message on standard error and exit code 2, never a traceback."""
    try:
        app()
    except (MissingPath, MetadataError, StoreError, run.IngestError) as error:
        console = Console(stderr=True)
        console.print("[bold red]Error:[/] ", end="")
        _say(console, str(error))
        sys.exit(2)


@app.command()
def ingest(
    paths: Paths,
    db: Database,
    corpus: CorpusName = None,
    format: Format = None,
    metadata: Annotated[
        Path | None, typer.Option(help="A CSV, JSONL or Parquet file of papers to join by key.", show_default=False)
    ] = None,
) -> None:
    """Read reviews into a database. Files that have not changed are not read again; changed ones replace their rows."""
    console = Console()
    papers = read_metadata(metadata) if metadata else None
    with _watched(console, "Ingesting") as progress:
        summary = run.ingest(paths, db, corpus=corpus, format=format, metadata=papers, progress=progress)
    _print_summary(console, summary)
    if summary.changed:
        _say(console, f"{db} now holds snapshot {(summary.fingerprint or '')[:12]}.")
    else:
        _say(console, f"Nothing new: {db} stays as it was.")


@app.command()
def check(
    paths: Paths,
    corpus: CorpusName = None,
    format: Format = None,
    most: Annotated[int, typer.Option(help="Problems of one kind to list at the most.", min=0)] = 10,
) -> None:
    """Read reviews and report what is wrong with them. Writes nothing."""
    console = Console()
    with _watched(console, "Checking") as progress:
        summary = run.check(paths, corpus=corpus, format=format, progress=progress)
    _print_summary(console, summary)
    _print_problems(console, summary, most)


@app.command()
def info(db: Database) -> None:
    """Say what a database holds: schema version, snapshot fingerprint, counts."""
    console = Console()
    for name, value in Snapshot.open(db).info().items():
        _say(console, f"{name:<20} {value:,}" if isinstance(value, int) else f"{name:<20} {value}")


@app.command()
def serve(db: Database, port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8501) -> None:
    """Show the dashboard on a database."""
    Snapshot.open(db).close()
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    # From the project's folder: Streamlit reads theme and limits from .streamlit beside the working directory.
    environment = os.environ | {"REVIEWSCOPE_DB": str(db.resolve())}
    try:
        sys.exit(subprocess.run(command, cwd=root, env=environment, check=False).returncode)
    except KeyboardInterrupt:
        sys.exit(0)


@contextmanager
def _watched(console: Console, what: str) -> Iterator[run.Progress]:
    """A progress bar where a terminal watches, a plain line for every tenth of the files where not."""
    if not console.is_terminal:
        told = 0

        def tell(done: int, total: int, size: int) -> None:
            nonlocal told
            if (tenth := done * 10 // total) > told:
                told = tenth
                console.print(f"{what}: {done:,} of {total:,} files, {size / 1e6:.1f} MB", highlight=False)

        yield tell
        return
    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("files"),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(what, total=None, rate="")

        def show(done: int, total: int, size: int) -> None:
            elapsed = bar.tasks[0].elapsed or 0
            rate = f"{done / elapsed:,.0f} files/s, {size / 1e6 / elapsed:.1f} MB/s" if elapsed else ""
            bar.update(task, completed=done, total=total, rate=rate)

        yield show


def _say(console: Console, text: str, style: str | None = None) -> None:
    """Prints text that may hold names and passages of files: as it stands, without markup, on one line."""
    console.print(text, style=style, markup=False, emoji=False, highlight=False, soft_wrap=True)


def _print_summary(console: Console, summary: run.Summary) -> None:
    table = Table(box=None, show_header=False)
    for name in ("files", "unchanged", "raw_twins", "passed_over", "papers", "reviews", "segments", "labels"):
        value = getattr(summary, name)
        if value or name not in ("unchanged", "raw_twins", "passed_over"):
            table.add_row(name.replace("_", " "), f"{value:,}")
    table.add_row("problems", f"{len(summary.problems):,}")
    for kind, n in summary.by_kind():
        table.add_row(f"  {kind}", f"{n:,}", f"[dim]{PROBLEM_KINDS[kind]}[/]")
    console.print(table)


def _print_problems(console: Console, summary: run.Summary, most: int) -> None:
    by_kind = defaultdict(list)
    for path, problem in summary.problems:
        by_kind[problem.kind].append((path, problem))
    for kind, _ in summary.by_kind():
        console.print(f"\n[bold]{kind}[/]", highlight=False)
        for path, problem in by_kind[kind][:most]:
            place = "" if problem.start is None else f", bytes {problem.start:,}–{problem.end:,}"
            _say(console, f"  {path or 'metadata'}{place}: {problem.detail}")
            if problem.snippet:
                _say(console, f"    {problem.snippet!r}", style="dim")
        if len(by_kind[kind]) > most:
            console.print(f"  … and {len(by_kind[kind]) - most:,} more; --most lists them.", highlight=False)


if __name__ == "__main__":
    main()
