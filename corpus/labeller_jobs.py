"""Training and labelling as jobs: processes of their own, which outlive the page, the visitor and the server.

A job tells what it does in a file of JSON lines beside the labellers, and holds a lock for as long as it lives. Whoever
looks reads the file, so a server that was started anew finds the job again. There is one job at a time a store.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock, Timeout

from corpus.labeller.reports import default_folder

#: What a labeller can be called here: its directory is called the same.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
#: By kind of job the stage that writes. Once it is told the job cannot be asked to stop: it is done or it fails.
WRITES = {"train": "Writing", "annotate": "Writing the labels", "forget": "Taking the labels out"}
#: Jobs of a store of which the files are kept.
KEPT = 5
#: Seconds in which a job must have begun, and after which one that was asked to stop is made to.
BEGINS, STOPS = 60, 10


class JobError(ValueError):
    """A job that cannot be started; the message is for people."""


class Job(NamedTuple):
    """A job as its file tells it.

    kind        train, annotate or forget; `options` are what was asked for
    state       running, stopping, done, failed, stopped, or interrupted: its process is gone and did not say why
    began       when it was asked for, UTC; `ended` null while it runs, the last sign of life of one interrupted
    stage       what it does, in words; `done` steps `of` how many, 0 where that is not known yet
    learning    learning curves so far: epoch, layer, loss, f1
    said        of one that failed, why, in words
    result      of one that is done, what it made
    """

    path: Path
    kind: str
    options: dict[str, Any]
    state: str
    began: datetime
    ended: datetime | None
    stage: str
    done: int
    of: int
    learning: list[dict[str, Any]]
    said: str
    result: dict[str, Any]
    pid: int | None

    @property
    def alive(self) -> bool:
        """Whether it is at work."""
        return self.state in ("running", "stopping")

    @property
    def seconds(self) -> float:
        """For how long it has been, or was, at work."""
        return max(0.0, ((self.ended or datetime.now(UTC)) - self.began).total_seconds())


def latest(db: Path | str) -> Job | None:
    """The job of a store that was asked for last; null where none is told of."""
    for path in sorted(_place(db).glob("*.jsonl"), reverse=True):
        with suppress(OSError, ValueError, LookupError):  # a file that is gone, or is none of ours
            job = _read(path)
            if job.state == "interrupted":  # unless it said its last word while we looked for its lock
                job = _read(path)
            return job
    return None


def start(db: Path | str, kind: str, **options: Any) -> Job:
    """Starts a job in a process of its own.

    train       scheme, name, corpora, also, seed: see corpus.labeller.training
    annotate    open (the labeller's directory in the folder), select (filters as a query), precision
    forget      annotator
    JobError where another job of the store is at work, or a name cannot be one.
    """
    name = str(options.get("name" if kind == "train" else "open") or "")
    if kind == "train" and not NAME.fullmatch(name):
        raise JobError("A name has 1 to 64 letters, digits, dots, underscores and hyphens, a letter or digit first.")
    if kind == "annotate" and (not name or Path(name).name != name or name.startswith(".")):
        raise JobError("There is no such labeller.")
    place, db = _place(db), Path(db).resolve()
    try:
        place.mkdir(parents=True, exist_ok=True)
        with FileLock(place / "start.lock", timeout=BEGINS):
            if (other := latest(db)) and other.alive:
                raise JobError("Another job of this database is at work. Wait for it to end, or stop it.")
            path = _asked(place, db, kind, options)
            return _begun(path, _process(db, path))
    except (OSError, Timeout) as error:
        raise JobError(f"The job cannot be started: {getattr(error, 'strerror', None) or error}.") from error


def stop(job: Job) -> None:
    """Asks a job to end; one that was asked some seconds ago is made to."""
    with suppress(OSError, ValueError):  # it was taken off the record meanwhile
        job = _read(job.path)
        if not job.alive or job.pid is None:
            return
        asked = [each for each in lines(job.path) if "stop" in each]
        late = asked and time.time() - asked[0]["stop"] > STOPS
        write(job.path, {"stop": time.time()})
        os.kill(job.pid, signal.SIGKILL if late and hasattr(signal, "SIGKILL") else signal.SIGTERM)


def dismiss(job: Job) -> None:
    """Takes a job that has ended off the record, and those before it."""
    with suppress(OSError, ValueError):
        if not _read(job.path).alive:
            for path in job.path.parent.glob("*.jsonl"):
                if path.name <= job.path.name:
                    path.unlink(missing_ok=True)
                    path.with_suffix(".log").unlink(missing_ok=True)


def _place(db: Path | str) -> Path:
    """Where the jobs of a store are told."""
    return default_folder() / ".jobs" / hashlib.sha256(str(Path(db).resolve()).encode()).hexdigest()[:16]


def _asked(place: Path, db: Path, kind: str, options: Mapping[str, Any]) -> Path:
    for old in sorted(place.glob("*.jsonl"), reverse=True)[KEPT - 1 :]:
        for path in (old, old.with_suffix(".log")):
            path.unlink(missing_ok=True)
    path = place / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}.jsonl"
    write(path, {"at": time.time(), "kind": kind, "options": dict(options)})
    return path


def _process(db: Path, path: Path) -> subprocess.Popen:
    with path.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "corpus.labeller_process", str(db), str(path)],
            cwd=Path(__file__).resolve().parents[1],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # what ends the server is not for the job
        )
    threading.Thread(target=process.wait, daemon=True).start()  # so that no dead child stays behind
    return process


def _begun(path: Path, process: subprocess.Popen) -> Job:
    """The job, once it has begun or is over."""
    until = time.monotonic() + BEGINS
    while time.monotonic() < until and _read(path).pid is None:
        if process.poll() is not None:
            if "end" not in lines(path)[-1]:
                write(path, {"end": "failed", "at": time.time(), "said": "Its process ended before it began."})
            break
        time.sleep(0.02)
    return _read(path)


def write(path: Path, line: Mapping[str, Any]) -> None:
    """Adds a line to a job's file."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()


def lines(path: Path) -> list[dict[str, Any]]:
    """What a job has told; a line that is not whole yet is passed over. ValueError where it is no file of a job."""
    whole = [line for line in path.read_text("utf-8").splitlines(keepends=True) if line.endswith("\n")]
    found = [json.loads(line) for line in whole]
    if not found or not all(isinstance(line, dict) for line in found):
        raise ValueError(f"{path}: this is no job.")
    return found


def _read(path: Path) -> Job:
    all_told = lines(path)
    told: dict[str, Any] = {}
    learning: list[dict[str, Any]] = []
    for line in all_told:
        told |= line
        learning += line.get("learnt", ())
    began, last = datetime.fromtimestamp(all_told[0]["at"], UTC), datetime.fromtimestamp(told["at"], UTC)
    state = told.get("end") or _state(path.parent, told, began)
    ended = None if state in ("running", "stopping") else last
    moment = (told.get("stage", "Starting"), told.get("done", 0), told.get("of", 0), learning)
    end = (told.get("said", ""), told.get("result", {}), told.get("pid"))
    return Job(path, told["kind"], told["options"], state, began, ended, *moment, *end)


def _state(place: Path, told: Mapping[str, Any], began: datetime) -> str:
    """The state of a job that did not say that it ended."""
    if "pid" not in told:
        return "running" if (datetime.now(UTC) - began).total_seconds() < BEGINS else "interrupted"
    try:
        with FileLock(place / "job.lock", timeout=0):
            return "stopped" if "stop" in told else "interrupted"
    except Timeout:
        return "stopping" if "stop" in told else "running"
    except OSError:  # a server that may only read: it goes by the last sign of life
        return "running" if time.time() - told["at"] < 10 * BEGINS else "interrupted"
