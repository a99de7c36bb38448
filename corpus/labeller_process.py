"""The process of a job on labellers: does what the job's file asks for, and tells there how far it is.

Started by corpus.labeller_jobs as `python -m corpus.labeller_process DB FILE`.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from corpus.labeller.reports import default_folder
from corpus.labeller_jobs import BEGINS, WRITES, lines, write

_BETWEEN = 0.2  # seconds between two moments that are told


class _Stopped(BaseException):
    pass


def main(db: Path, path: Path) -> None:
    """Does what the first line of the file at `path` asks for, and tells it there."""
    asked = lines(path)[0]
    _step_back()
    try:
        with FileLock(path.parent / "job.lock", timeout=BEGINS / 2):
            write(path, {"pid": os.getpid(), "at": time.time()})
            write(path, {**_done(db, path, asked["kind"], asked["options"]), "at": time.time()})
    except Timeout:
        write(path, {"end": "failed", "at": time.time(), "said": "Another job of this database is at work."})


def _done(db: Path, path: Path, kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The last line: how it ended."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        result = {"train": _train, "annotate": _annotate, "forget": _forget}[kind](db, options, _Told(path))
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is done: there is nothing left to stop
        return {"end": "done", "result": result}
    except _Stopped:
        return {"end": "stopped"}
    except ValueError as error:  # ours are all of this kind, and in words
        traceback.print_exc()
        said = str(error)
    except MemoryError:
        said = "There is not enough memory."
    except Exception as error:
        traceback.print_exc()
        said = (
            f"It failed in a way that nobody foresaw ({type(error).__name__}). The host finds more in {path.stem}.log."
        )
    for place in (db, default_folder()):  # who reads it need not know where on the machine these lie
        said = said.replace(str(place), place.name)
    return {"end": "failed", "said": said}


def _stop(*_: Any) -> None:
    raise _Stopped


def _step_back() -> None:
    """Lets everything else on the machine go first, and where memory runs out be this process the one that ends."""
    with suppress(AttributeError, OSError):
        os.nice(10)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("900")


class _Told:
    """Tells how far a job is, seldom enough that nobody waits for the file; nothing stops it once it writes."""

    def __init__(self, path: Path):
        self._path, self._last, self._stage, self._n = path, 0.0, "", 0

    def __call__(self, stage: str, done: int = 0, of: int = 0, learning: list[dict[str, Any]] | tuple = ()) -> None:
        if stage in WRITES.values():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        now = time.time()
        if stage == self._stage and len(learning) == self._n and now - self._last < _BETWEEN:
            return
        learnt = {"learnt": list(learning)[self._n :]} if len(learning) > self._n else {}
        self._stage, self._last, self._n = stage, now, max(self._n, len(learning))
        write(self._path, {"stage": stage, "done": done, "of": of, "at": now, **learnt})


def _train(db: Path, options: Mapping[str, Any], tell: Callable[..., None]) -> dict[str, Any]:
    tell("Reading what people said")
    from corpus.labeller.training import train

    report = train(
        db,
        options["scheme"],
        default_folder() / options["name"],
        corpora=options.get("corpora", ()),
        also=options.get("also", ()),
        name=options["name"],
        seed=options.get("seed", 0),
        progress=lambda m: tell(
            m.stage, m.done, 0 if m.of == m.done + 1 and m.stage != WRITES["train"] else m.of, m.learning
        ),
    )
    return {"open": options["name"], "annotator": report["annotator"], "training": report["training"]}


def _annotate(db: Path, options: Mapping[str, Any], tell: Callable[..., None]) -> dict[str, Any]:
    tell("Opening the labeller")
    from corpus.judgements import settle
    from corpus.labeller.annotating import annotate
    from corpus.labeller.directory import load
    from corpus.selecting import selected
    from corpus.store import Snapshot

    labeller = load(default_folder() / options["open"])
    settle(db)
    snapshot = Snapshot.open(db)  # makes the store's schemes known, which filters need
    filters = selected(options.get("select", ""))
    within = None  # all: which labels count drops no sentence
    if set(filters.restricted) - {"whose"}:
        chosen = filters.apply(snapshot.frames).segments.select("segment_id").sort("segment_id")
        within = chosen.collect()["segment_id"]
    of = snapshot.fingerprint
    snapshot.close()

    def told(done: int, total: int) -> None:
        tell("Labelling review by review" if done < total else WRITES["annotate"], done, total)

    told(0, 1)
    made = annotate(db, labeller, within=within, of=of, precision=options.get("precision"), progress=told)
    n = {"n_reviews": made.n_reviews, "n_segments": made.n_segments, "shares": made.shares, "scheme": labeller.scheme}
    return {"annotator": labeller.annotator, "labels": made.written.labels, "segments": made.written.segments, **n}


def _forget(db: Path, options: Mapping[str, Any], tell: Callable[..., None]) -> dict[str, Any]:
    tell(WRITES["forget"])
    from corpus.relabelling import forget

    return {"annotator": options["annotator"], "labels": forget(db, options["annotator"], wait=10).removed}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
