"""Jobs: what their files tell in every state, one at a time, stopped, killed, and what is wrong in words."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest
from filelock import FileLock

from corpus import labeller_jobs as jobs
from corpus import labeller_process as process
from corpus.labeller.errors import LabellerError

DB = Path("store.duckdb")


@pytest.fixture(autouse=True)
def models(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("REVIEWSCOPE_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def db(tmp_path) -> Path:
    return tmp_path / "store.duckdb"


@pytest.fixture
def place(db) -> Path:
    """Where the jobs of the store are told."""
    found = jobs._place(db)
    found.mkdir(parents=True)
    return found


def told(place: Path, *lines: dict, name: str = "20260101T000000.000000", at: float | None = None, **asked_for) -> Path:
    """A job's file: what was asked for, then these lines."""
    at = time.time() - 30 if at is None else at
    path = place / f"{name}.jsonl"
    asked = {"at": at, "kind": "train", "options": {"scheme": "disapere", "name": "tide"}} | asked_for
    rows = [asked, *({"at": at + 1 + n, **line} for n, line in enumerate(lines))]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


PID = {"pid": 999_999_999}
CURVE = [
    {"epoch": 1, "layer": "aspect", "loss": 2.0, "f1": 0.3},
    {"epoch": 2, "layer": "aspect", "loss": 1.5, "f1": 0.4},
]


class TestStates:
    def test_nothing_is_told_of_a_store_without_jobs(self, db):
        assert jobs.latest(db) is None

    def test_at_work_as_long_as_its_lock_is_held(self, db, place):
        told(
            place,
            PID,
            {"stage": "Learning", "done": 3, "of": 10, "learnt": CURVE[:1]},
            {"learnt": CURVE[1:], "done": 4},
        )
        with FileLock(place / "job.lock"):
            job = jobs.latest(db)
        assert (job.state, job.alive, job.stage, job.done, job.of) == ("running", True, "Learning", 4, 10)
        assert job.learning == CURVE, "curves are told piece by piece"
        assert job.ended is None
        assert job.seconds >= 30

    def test_interrupted_when_its_process_is_gone_without_a_word(self, db, place):
        told(place, PID, {"stage": "Learning", "done": 3, "of": 10})
        job = jobs.latest(db)
        assert (job.state, job.alive) == ("interrupted", False)
        assert 1.9 < job.seconds < 2.1, "until its last sign of life"

    def test_stopping_then_stopped(self, db, place):
        told(place, PID, {"stop": 1.0})
        with FileLock(place / "job.lock"):
            assert jobs.latest(db).state == "stopping"
        assert jobs.latest(db).state == "stopped"

    def test_beginning_counts_as_at_work_for_a_while(self, db, place):
        told(place, at=time.time() - 5)
        assert jobs.latest(db).state == "running"
        told(place, at=time.time() - 2 * jobs.BEGINS)
        assert jobs.latest(db).state == "interrupted"

    def test_how_it_ended_is_its_last_word(self, db, place):
        told(place, PID, {"end": "failed", "said": "Too little."})
        job = jobs.latest(db)
        assert (job.state, job.said) == ("failed", "Too little.")
        told(place, PID, {"end": "done", "result": {"open": "tide"}}, name="20270101T000000.000000")
        assert jobs.latest(db).result == {"open": "tide"}, "the last that was asked for"

    def test_a_line_that_is_not_whole_yet_is_passed_over(self, db, place):
        path = told(place, PID, {"stage": "Learning"})
        with path.open("a") as file:
            file.write('{"stage": "Wri')
        assert jobs.latest(db).stage == "Learning"

    @pytest.mark.parametrize("text", ["", "no JSON\n", "[]\n", '{"at": 1}\n', '{"kind": "train"}\n'])
    def test_a_file_that_is_none_of_ours_is_passed_over(self, db, place, text):
        told(place, PID, {"end": "stopped"})
        (place / "99990101T000000.000000.jsonl").write_text(text)
        assert jobs.latest(db).state == "stopped"

    def test_another_store_has_jobs_of_its_own(self, db, place):
        told(place, PID)
        assert jobs.latest(db.with_name("other.duckdb")) is None
        assert jobs.latest(db.parent / "." / db.name).kind == "train", "however it is spelled"

    def test_dismissed_is_gone_unless_it_is_at_work(self, db, place):
        told(place, PID)
        with FileLock(place / "job.lock"):
            jobs.dismiss(jobs.latest(db))
        job = jobs.latest(db)
        assert job is not None
        told(place, PID, {"end": "done"}, name="20250101T000000.000000")
        jobs.dismiss(job)
        assert jobs.latest(db) is None, "nor does an older one come up"


class TestAskedFor:
    @pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "-x", "a b", "x" * 65, "a\n", None])
    def test_a_name_that_is_none_is_refused_at_once(self, db, name):
        with pytest.raises(jobs.JobError, match="1 to 64 letters"):
            jobs.start(db, "train", scheme="disapere", name=name)
        assert jobs.latest(db) is None

    @pytest.mark.parametrize("name", ["", "../up", "a/b", ".jobs", None])
    def test_no_labeller_outside_the_folder_is_opened(self, db, name):
        with pytest.raises(jobs.JobError, match="no such labeller"):
            jobs.start(db, "annotate", open=name)

    def test_one_at_a_time(self, db, place):
        told(place, PID)
        with FileLock(place / "job.lock"), pytest.raises(jobs.JobError, match="Another job"):
            jobs.start(db, "train", scheme="disapere", name="tide")

    def test_a_folder_that_cannot_be_written_is_told(self, db, models):
        models.write_text("a file where the folder should be")
        with pytest.raises(jobs.JobError, match="cannot be started"):
            jobs.start(db, "train", scheme="disapere", name="tide")


def awaited(db: Path, seconds: float = 60) -> jobs.Job:
    until = time.monotonic() + seconds
    while (job := jobs.latest(db)) and job.alive and time.monotonic() < until:
        time.sleep(0.05)
    assert job is not None
    return job


class TestProcesses:
    def test_what_is_wrong_is_told_in_words_without_a_path(self, db):
        job = jobs.start(db, "train", scheme="disapere", name="tide", seed=3)
        assert job.pid
        job = awaited(db)
        assert job.state == "failed"
        assert job.said.startswith("store.duckdb: there is no such file.")
        assert str(db.parent) not in job.said
        assert job.options == {"scheme": "disapere", "name": "tide", "seed": 3}
        again = jobs.start(db, "forget", annotator="model:en@1")
        assert again.path != job.path, "another may follow"
        assert awaited(db).state == "failed"

    @pytest.fixture
    def asleep(self, monkeypatch, tmp_path) -> Iterator[None]:
        """Jobs do nothing for a minute: their process has another train than ours."""
        (tmp_path / "asleep.py").write_text(
            "import sys, time\n"
            "from pathlib import Path\n"
            "from corpus import labeller_process as process\n"
            "def rest(db, options, tell):\n"
            "    tell('Resting', 1, 3)\n"
            "    for _ in range(600):\n"
            "        time.sleep(0.1)\n"
            "process._train = rest\n"
            "process.main(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        )
        real = subprocess.Popen

        def popen(command, **options):
            return real([sys.executable, str(tmp_path / "asleep.py"), *command[3:]], **options | {"env": _path()})

        monkeypatch.setattr(jobs.subprocess, "Popen", popen)
        yield
        monkeypatch.undo()

    def test_stopped(self, db, asleep):
        job = jobs.start(db, "train", scheme="disapere", name="tide")
        assert job.state == "running"
        with pytest.raises(jobs.JobError, match="Another job"):
            jobs.start(db, "train", scheme="disapere", name="tide")
        jobs.stop(job)
        assert awaited(db, 20).state == "stopped"
        jobs.stop(job)  # it is over: whoever has its number now is left alone

    def test_killed_is_interrupted(self, db, asleep):
        job = jobs.start(db, "train", scheme="disapere", name="tide")
        os.kill(job.pid, signal.SIGKILL)
        assert awaited(db, 20).state == "interrupted"

    def test_one_that_does_not_listen_is_ended_when_asked_again_later(self, db, asleep, monkeypatch):
        job = jobs.start(db, "train", scheme="disapere", name="tide")
        os.kill(job.pid, signal.SIGSTOP)  # it cannot hear
        jobs.stop(job)
        time.sleep(0.2)
        assert jobs.latest(db).state == "stopping"
        monkeypatch.setattr(jobs, "STOPS", 0)
        jobs.stop(job)
        assert awaited(db, 20).state == "stopped"


def _path() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(jobs.__file__).parents[1])}


class TestWork:
    """What the process does, in this one."""

    def run(self, db: Path, place: Path, monkeypatch, does, kind: str = "train") -> jobs.Job:
        monkeypatch.setattr(process, "_step_back", lambda: None)
        monkeypatch.setattr(process, "_train", does)
        before = signal.getsignal(signal.SIGTERM)
        try:
            process.main(db, told(place))
        finally:
            signal.signal(signal.SIGTERM, before)
        return jobs.latest(db)

    def test_tells_its_result(self, db, place, monkeypatch):
        def does(db, options, tell):
            tell("Learning", 1, 9, CURVE[:1])
            tell("Learning", 2, 9, CURVE[:1])  # too soon after the other
            tell("Learning", 3, 9, CURVE)
            return {"open": options["name"]}

        job = self.run(db, place, monkeypatch, does)
        assert (job.state, job.result, job.done, job.learning) == ("done", {"open": "tide"}, 3, CURVE)
        assert len(jobs.lines(job.path)) == 5, "asked, begun, two moments, the end"

    def test_errors_of_ours_are_words(self, db, place, models, monkeypatch):
        def does(db, options, tell):
            raise LabellerError(f"{db}: ten papers; see {models / 'tide'}.")

        job = self.run(db, place, monkeypatch, does)
        assert (job.state, job.said) == ("failed", "store.duckdb: ten papers; see models/tide.")

    def test_errors_that_nobody_foresaw_are_told_apart(self, db, place, monkeypatch, capfd):
        def does(db, options, tell):
            return {}["tide"]

        job = self.run(db, place, monkeypatch, does)
        assert job.state == "failed"
        assert "nobody foresaw (KeyError)" in job.said
        assert "Traceback" in capfd.readouterr().err, "the host finds it in the log"

    def test_stopped_in_the_middle(self, db, place, monkeypatch):
        def does(db, options, tell):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)

        assert self.run(db, place, monkeypatch, does).state == "stopped"

    @pytest.fixture
    def work(self, db, monkeypatch):
        """Jobs as they are, but for what takes long: that is asked to stop as `when` says, before it writes or then."""
        from corpus import judgements, relabelling, store
        from corpus.labeller import annotating, directory, training

        written = relabelling.Relabelled(3, 2, 1, "f", True)

        def asked(when: str, at: str) -> None:
            if when == at:
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(0.01)

        def trains(*_, progress, **__):
            for n, stage in enumerate(("Learning", "Writing")):
                progress(training.Moment(stage, n, 2, []))
                asked(self.when, ("before", "writing")[n])
            return {"annotator": "model:tide@1", "training": {}}

        def labels(*_, progress, **__):
            for n in (1, 2):
                progress(n, 2)
                asked(self.when, ("before", "writing")[n - 1])
            return SimpleNamespace(written=written, n_reviews=1, n_segments=2, shares={})

        def forgets(*_, **__):
            asked(self.when, "writing")
            return written

        monkeypatch.setattr(training, "train", trains)
        monkeypatch.setattr(annotating, "annotate", labels)
        monkeypatch.setattr(relabelling, "forget", forgets)
        monkeypatch.setattr(judgements, "settle", lambda _: None)
        tide = SimpleNamespace(annotator="model:tide@1", scheme="disapere")
        monkeypatch.setattr(directory, "load", lambda _: tide)
        opened = SimpleNamespace(fingerprint="f", close=lambda: None)
        monkeypatch.setattr(store.Snapshot, "open", lambda _: opened)

    OPTIONS: ClassVar = {
        "train": {"scheme": "disapere", "name": "tide"},
        "annotate": {"open": "tide"},
        "forget": {"annotator": "model:tide@1"},
    }

    @pytest.mark.parametrize(
        ("kind", "when", "state"),
        [
            *(("train", "before", "stopped"), ("annotate", "before", "stopped")),
            *((kind, "writing", "done") for kind in process.WRITES),
        ],
    )
    def test_is_stopped_with_nothing_written_or_done(self, db, place, monkeypatch, work, kind, when, state):
        monkeypatch.setattr(self, "when", when, raising=False)
        path = told(place, kind=kind, options=self.OPTIONS[kind])
        monkeypatch.setattr(process, "_step_back", lambda: None)
        before = signal.getsignal(signal.SIGTERM)
        try:
            process.main(db, path)
        finally:
            signal.signal(signal.SIGTERM, before)
        job = jobs.latest(db)
        assert (job.state, job.said) == (state, "")
        assert (job.stage == process.WRITES[kind]) == (when == "writing")

    def test_two_at_once_are_refused_by_the_lock(self, db, place, monkeypatch):
        monkeypatch.setattr(process, "BEGINS", 0.2)
        with FileLock(place / "job.lock"):
            self.run(db, place, monkeypatch, lambda *_: {})
        assert jobs.latest(db).said == "Another job of this database is at work."

    def test_old_files_go(self, db, place, monkeypatch):
        for n in range(8):
            told(place, PID, {"end": "stopped"}, name=f"2026010{n}T000000.000000").with_suffix(".log").touch()
        path = jobs._asked(place, db, "train", {})
        assert len(list(place.glob("*.jsonl"))) == jobs.KEPT
        assert len(list(place.glob("*.log"))) == jobs.KEPT - 1
        assert path == sorted(place.glob("*.jsonl"))[-1]
