"""The commands `train`, `evaluate`, `annotate` and `models`: labels for reviews that nobody labelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.cells import cell_len, set_cell_size
from rich.console import Console

from corpus.judgements import settle
from corpus.labeller.errors import LabellerError
from corpus.labeller.reports import default_folder, unreadable
from corpus.labeller.reports import models as on_disk
from corpus.selecting import selected
from corpus.store import Snapshot
from corpus.terminal import say, watched

Database = Annotated[Path, typer.Option("--db", help="The database file.", show_default=False)]
Corpora = Annotated[
    list[str] | None, typer.Option("--corpus", help="Papers of this corpus only; may be given several times.")
]
_BEST = "best"


def train(
    db: Database,
    scheme: Annotated[str, typer.Option("--scheme", help="The scheme to label by.", show_default=False)],
    to: Annotated[Path, typer.Option("--to", help="The directory to write the labeller to.", show_default=False)],
    corpus: Corpora = None,
    also: Annotated[
        list[str] | None, typer.Option("--also", help="Learn this scheme beside, to help; may be given several times.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the labeller; else the scheme's.")] = None,
    seed: Annotated[int, typer.Option(help="Gives the same labeller again.", min=0)] = 0,
) -> None:
    """Learn to label sentences from those that people labelled: a minute or two, and a report on papers kept apart."""
    from corpus.labeller import training  # a second, for spaCy

    console = Console()
    with watched(console, "Training", "steps") as progress:
        report = training.train(
            db,
            scheme,
            to,
            corpora=corpus or (),
            also=also or (),
            name=name,
            seed=seed,
            progress=lambda moment: progress(moment.done, moment.of, 0),
        )
    learnt, apart = report["training"], report["held_out"]
    say(console, f"Learnt from {_size(learnt)} in {learnt['seconds']:,.0f} s; checked on {_size(apart)} kept apart.")
    print_figures(console, report)
    say(console, f"{to} holds {report['annotator']} ({report['size_bytes'] / 1e6:.1f} MB). Label with it:")
    say(console, f"reviewscope annotate --db FILE --model {to}")


def evaluate(
    directory: Annotated[Path, typer.Argument(help="A labeller's directory.", show_default=False)],
    db: Database,
    corpus: Corpora = None,
    per_code: Annotated[bool, typer.Option("--per-code", help="Show every code, too.")] = False,
) -> None:
    """Measure a labeller on labelled reviews that it did not learn from."""
    from corpus.labeller import evaluating

    console = Console()
    found = evaluating.evaluate(directory, db, corpora=corpus or ())
    say(console, f"{found['annotator']} on {_size(found['evaluated'])}.")
    if found["left_out"]:
        say(console, f"{found['left_out']:,} reviews that it learnt from are left out.")
    print_figures(console, found, per_code)
    say(console, f"{found['speed']['segments_per_second']:,} sentences a second.")


def annotate(
    db: Database,
    model: Annotated[Path, typer.Option("--model", help="A labeller's directory.", show_default=False)],
    select: Annotated[
        str, typer.Option(help="What to label, as the address of the dashboard says it: 'corpus=iclr-2017'; else all.")
    ] = "",
    precision: Annotated[
        str, typer.Option(help="Leave out labels less likely right than this, from 0.5 to 0.95; 'best' answers all.")
    ] = "0.7",
) -> None:
    """Label sentences with a labeller. It replaces its own earlier labels only; interrupted, it can go on."""
    from corpus.labeller.annotating import annotate as give
    from corpus.labeller.directory import load

    console = Console()
    stated = _precision(precision)
    loaded = load(model)
    settle(db)
    within, of = _chosen(db, select)
    with watched(console, "Labelling", "reviews") as progress:
        done = give(db, loaded, within=within, of=of, precision=stated, progress=lambda n, total: progress(n, total, 0))
    written = done.written
    say(
        console,
        f"{loaded.annotator} gave {written.labels:,} labels to {written.segments:,} of {done.n_segments:,} sentences.",
    )
    if done.n_learnt:
        say(console, f"  {done.n_learnt:,} of {done.n_reviews:,} reviews it learnt from: there it is right more often.")
    for layer, share in done.shares.items():
        say(console, f"  {layer}: {1 - share:.0%} of the sentences that it looked at are left unlabelled")
    say(console, f"{db} now holds snapshot {written.fingerprint[:12]}.")


def models(
    folder: Annotated[
        Path | None, typer.Argument(help="A folder of labellers; else your own.", show_default=False)
    ] = None,
    db: Annotated[Path | None, typer.Option("--db", help="Tell instead whose labels this database holds.")] = None,
) -> None:
    """List labellers, on disk or in a database, with what they can do."""
    console = Console()
    if db is not None:
        rows = Snapshot.open(db).models()
        told = [
            (
                row["annotator"],
                row["scheme"],
                _stated(row["precision"]),
                f"{row['n_labelled']:,}",
                f"{row['n_segments']:,}",
            )
            for row in rows.iter_rows(named=True)
        ]
        _table(console, ("labeller", "scheme", "precision", "labelled", "of sentences"), told)
        return
    place = folder or default_folder()
    told = [
        (
            r["annotator"],
            r["scheme"],
            ", ".join(f"{la['layer']} {_f1(la)}" for la in r["layers"]),
            r["made_at"][:10],
            r["path"],
        )
        for r in on_disk(place)
    ]
    for why in unreadable(place):
        say(console, f"Note: {why}")
    if not told:
        say(
            console,
            f"{place}: no labeller is there. Make one: reviewscope train --db FILE --scheme NAME --to {place}/NAME",
        )
        return
    _table(console, ("labeller", "scheme", "micro/macro F1", "made", "directory"), told)


def print_figures(console: Console, report: Mapping[str, Any], per_code: bool = True) -> None:
    """Prints how good a labeller is, layer by layer and code by code."""
    rows = [
        (
            la["layer"],
            f"{la['n_segments']:,}",
            _f1(la),
            _number(la["accuracy"]),
            f"{_number(la.get('polarity_accuracy'))}/{_number(la.get('polarity_macro_f1'))}",
            f"{_number(la['ece_before'])} → {_number(la['ece'])}",
        )
        for la in report["layers"]
    ]
    names = ("layer", "sentences", "micro/macro F1", "accuracy", "polarity acc./F1", "calibration error")
    _table(console, names, rows)
    codes = [row for row in report["codes"] if row["code"] is not None and row["polarity"] is None]
    if per_code:
        told = [
            (r["layer"], r["code"], f"{r['n_gold']:,}", *(_number(r[each]) for each in ("precision", "recall", "f1")))
            for r in codes
        ]
        _table(console, ("layer", "code", "n", "precision", "recall", "F1"), told)


def _chosen(db: Path, select: str) -> tuple[pl.Series | None, str]:
    """The segments that an address asks for, null for all, and the fingerprint of the snapshot."""
    snapshot = Snapshot.open(db)
    try:
        frames = snapshot.frames  # opening makes the store's schemes known, which filters need
        filters = selected(select)
        if not filters.to_query():
            return None, snapshot.fingerprint
        return filters.apply(frames).segments.select("segment_id").collect()["segment_id"], snapshot.fingerprint
    finally:
        snapshot.close()


def _precision(text: str) -> float | None:
    from corpus.labeller.policy import PRECISIONS

    if text.strip().lower() == _BEST:
        return None
    try:
        stated = round(float(text), 2)
    except ValueError:
        stated = 0.0
    if stated not in PRECISIONS:
        allowed = ", ".join(f"{each:.2f}" for each in PRECISIONS)
        raise LabellerError(f"--precision {text}: allowed are {allowed}, and {_BEST}.")
    return stated


def _stated(precision: float | None) -> str:
    return _BEST if precision is None else f"{precision:.2f}"


def _size(of: Mapping[str, int]) -> str:
    return f"{of['n_segments']:,} sentences of {of['n_reviews']:,} reviews of {of['n_papers']:,} papers"


def _f1(layer: Mapping[str, Any]) -> str:
    return f"{_number(layer['micro_f1'])}/{_number(layer['macro_f1'])}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}".lstrip("0")


def _table(console: Console, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    lines = [list(names), *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for line in lines:  # not one of rich's tables, which would shorten names and paths to the width of the terminal
        padded = (set_cell_size(cell, width) for cell, width in zip(line, widths, strict=True))
        say(console, "  ".join(padded).rstrip())
