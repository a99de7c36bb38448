"""What people judge in the dashboard, made into labels: the journal beside the store is written into the store."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import polars as pl

from corpus.finding import find_in
from corpus.journal import Journal, Judgement
from corpus.new_snapshot import NewSnapshot
from corpus.relabelling import fingerprint_of, keep_but, known_codes, put_labels
from corpus.store import writing

__all__ = ["Journal", "Judgement", "Settled", "settle"]

_SIGNS = {None: "", -1: "-NEG", 0: "-NEU", 1: "-POS"}


class Settled(NamedTuple):
    """What became of a journal.

    judgements, labels   how many were written, and how many labels they made
    skipped              how many were mere skips, which are gone
    left                 those that stay in the journal, and `told`, why, and what could not be read
    changed              whether the store holds another snapshot now
    """

    judgements: int = 0
    labels: int = 0
    skipped: int = 0
    left: tuple[Judgement, ...] = ()
    told: tuple[str, ...] = ()
    changed: bool = False

    def __str__(self) -> str:
        written = f"{self.judgements:,} judgement{'s' * (self.judgements != 1)} written as {self.labels:,} labels."
        return " ".join((written, *self.told))


def settle(db: Path | str, wait: float = 0) -> Settled:
    """Writes the journal's judgements into the store as labels of their annotators, and empties the journal.

    An answer takes the place of that person's earlier labels on the sentence in the layer. One whose sentence is not
    there any more, or whose code no scheme has, stays in the journal and is told. A line that is no judgement is told
    and goes to a file beside. StoreError where the store cannot be
    written, or another process writes it for `wait` seconds: then all judgements stay.
    """
    db = Path(db)
    journal = Journal(db)
    if not journal.path.exists() and not journal.settling.exists():
        return Settled()
    with writing(db, wait):
        before = fingerprint_of(db)
        waiting = journal.set_aside()
        torn = tuple(f"{each} It is kept in {journal.rest.name}." for each in journal.torn)
        answers = [each for each in waiting if each.action != "skip"]
        labels, replaced, left = _places(db, answers)
        after = _write(db, labels, replaced, before) if replaced.height else before
        journal.put_back(left)
    told = (*torn, *(_why(each) for each in left))
    counts = (len(answers) - len(left), labels.height, len(waiting) - len(answers))
    return Settled(*counts, tuple(left), told, after != before)


def _places(db: Path, answers: list[Judgement]) -> tuple[pl.DataFrame, pl.DataFrame, list[Judgement]]:
    """The labels of answers, what they take the place of, and the answers that find no place."""
    known = known_codes()
    names = ("corpus", "paper_key", "review_key", "start", "text")
    sought = [
        (n, *(getattr(each, name) for name in names))
        for n, each in enumerate(answers)
        if all((each.scheme, each.layer, code) in known for code, _ in each.answer)
    ]
    types = {"n": pl.Int64, **dict.fromkeys(names, pl.String), "start": pl.UInt32}
    found = {n: place for n, *place in find_in(db, pl.DataFrame(sought, schema=types, orient="row")).rows()}
    replaced: dict[tuple, list[tuple]] = {}
    for n, (segment_id, start, end) in sorted(found.items()):  # of two that come to one place the later stands
        each = answers[n]
        about = (each.annotator, segment_id, start, end, each.scheme, each.layer)
        replaced[about] = [(*about, *pair, f"{pair[0]}{_SIGNS[pair[1]]}") for pair in dict.fromkeys(each.answer)]
    about_types = {"annotator": pl.String, **dict.fromkeys(("segment_id", "start", "end"), pl.UInt32)}
    about_types |= {"scheme": pl.String, "layer": pl.String}
    label_types = {**about_types, "code": pl.String, "polarity": pl.Int8, "raw": pl.String}
    return (
        pl.DataFrame([row for rows in replaced.values() for row in rows], schema=label_types, orient="row"),
        pl.DataFrame(list(replaced), schema=about_types, orient="row"),
        [each for n, each in enumerate(answers) if n not in found],
    )


def _write(db: Path, labels: pl.DataFrame, replaced: pl.DataFrame, before: str) -> str:
    with NewSnapshot(db) as new:
        new.connection.execute("CREATE TABLE memory.replaced AS FROM replaced")
        gone = (
            "EXISTS (FROM memory.replaced x WHERE x.annotator = labels.annotator AND x.segment_id = labels.segment_id "
            "AND x.scheme = labels.scheme::VARCHAR AND x.layer = labels.layer::VARCHAR "
            'AND x.start IS NOT DISTINCT FROM labels.start AND x."end" IS NOT DISTINCT FROM labels."end")'
        )
        keep_but(new, gone)
        put_labels(new, labels)
        return new.publish(unless=before)


def _why(left: Judgement) -> str:
    answer = ", ".join(f"{code}{_SIGNS.get(sign, '')}" for code, sign in left.answer)
    return (
        f"A judgement of {left.annotator} stays in the journal, as its sentence, or its code, is not there any more: "
        f"{answer} ({left.layer}, {left.scheme}) on “{left.text.strip()}”, "
        f"review {left.review_key}, paper {left.paper_key} of {left.corpus}."
    )
