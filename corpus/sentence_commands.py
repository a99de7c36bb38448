"""The command `reviewscope train-sentences`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from corpus.terminal import say, watched


def train_sentences(
    db: Annotated[Path, typer.Option("--db", help="The database file.", show_default=False)],
    to: Annotated[Path, typer.Option("--to", help="The folder to write the splitter to.", show_default=False)],
    corpus: Annotated[
        list[str] | None, typer.Option("--corpus", help="Learn from this corpus only; may be given several times.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Gives the same splitter again.", min=0)] = 0,
) -> None:
    """Train a sentence splitter on reviews that people cut into sentences, for `ingest --sentences`."""
    from corpus import sentence_training  # a second, for spaCy

    console = Console()
    with watched(console, "Training", "epochs at the most") as progress:
        report = sentence_training.train_sentences(
            db, to, corpora=corpus or (), seed=seed, progress=lambda moment: progress(moment.done, moment.of, 0)
        )
    learned, held_out = report["training"], report["held_out"]
    size = f"{learned['n_reviews']:,} reviews of {learned['n_papers']:,} papers"
    say(console, f"Learned from {size} in {learned['seconds']:,.0f} s.")
    for part in (*held_out["corpora"], {"corpus": "All", **held_out}):
        say(
            console,
            f"{part['corpus']}: F1 {part['f1']:.3f} on {part['n_papers']:,} papers held out; "
            f"the rules, which need no training, {part['rules_f1']:.3f}.",
        )
    say(
        console,
        f"{held_out['mb_per_second']:.1f} MB/s, the rules {held_out['rules_mb_per_second']:.1f}. "
        f"Use it with: reviewscope ingest PATH --db FILE --sentences {to}",
    )
