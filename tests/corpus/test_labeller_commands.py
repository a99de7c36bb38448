"""The commands train, evaluate, annotate and models: what they print, what they refuse, what an interruption leaves."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main
from labelled import SCHEME, TONE, all_but, given, papers, rows, store, write

from corpus import cli
from corpus.ingest import ingest
from corpus.schemes import read_scheme
from corpus.store import stamp


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, Path]:
    """A store with labelled papers and others, and a labeller; made by the command."""
    root = tmp_path_factory.mktemp("made")
    db = store(root, papers(20))
    ingest([write(root / "bare", {f"b{n}": "The method is chiefly excellent and novel. Poor!" for n in range(3)})], db)
    program = Path(sys.executable).parent / "reviewscope"
    line = [program, "train", "--db", db, "--scheme", SCHEME, "--to", root / "labeller"]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    (root / "said").write_text(done.stdout)
    return db, root / "labeller"


@pytest.fixture
def db(made, tmp_path) -> Path:
    return Path(shutil.copy(made[0], tmp_path / "s.duckdb"))


@pytest.fixture
def model(made, tmp_path) -> Path:
    return Path(shutil.copytree(made[1], tmp_path / "labeller"))


def test_training_says_what_it_learnt_from_and_how_good_it_is(made):
    told = (made[0].parent / "said").read_text()
    assert re.search(r"Training: \d+ of \d+ steps", told)
    assert re.search(r"Learnt from 160 sentences of 20 reviews of 20 papers in \d+ s; checked on 32 sentences", told)
    for layer in ("section", "aspect", "purpose", "significance"):
        assert re.search(rf"^{layer}\s+32\s+1?\.\d{{3}}/", told, re.MULTILINE), layer
    assert f"reviewscope annotate --db FILE --model {made[1]}" in told
    assert "\x1b" not in told


def test_annotating_says_what_it_gave_and_what_it_left(command, db, model):
    before = all_but(db, "nobody")
    code, out, err = command("annotate", "--db", db, "--model", model, "--precision", "best")
    assert (code, err) == (0, "")
    who = json.loads((model / "report.json").read_text())["annotator"]
    labels = given(db, who)
    assert re.search(rf"{who} gave {len(labels):,} labels to \d+ of 166 sentences\.", out)
    assert re.search(r"  aspect: \d+% of the sentences that it looked at are left unlabelled", out)
    assert "now holds snapshot" in out
    assert all_but(db, who) == before


def test_annotating_a_selection(command, db, model):
    code, _, err = command("annotate", "--db", db, "--model", model, "--select", "corpus=bare", "--precision", "0.5")
    assert (code, err) == (0, "")
    who = json.loads((model / "report.json").read_text())["annotator"]
    found = "FROM labels JOIN reviews USING (review_id) JOIN papers USING (paper_id)"
    assert rows(db, f"SELECT DISTINCT corpus {found} WHERE annotator = '{who}'") == [("bare",)]
    assert rows(db, "SELECT n_segments, round(precision, 2) FROM models") == [(6, pytest.approx(0.5))]
    code, out, _ = command("models", "--db", db)
    assert code == 0
    assert re.search(rf"{who}\s+{SCHEME}\s+0\.50\s+\d\s+6", out)


def test_evaluating_leaves_out_what_was_learnt_from(command, db, model):
    ingest([write(db.parent / "fresh", papers(5, seed=4))], db)
    code, out, err = command("evaluate", model, "--db", db, "--per-code")
    assert (code, err) == (0, "")
    assert "on 40 sentences of 5 reviews of 5 papers." in out
    assert "20 reviews that it learnt from are left out." in out
    assert re.search(r"^aspect\s+NOV\s+\d+", out, re.MULTILINE)


def test_models_lists_labellers_and_tells_of_those_that_cannot_be_read(command, model, tmp_path, monkeypatch):
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "report.json").write_text("{")
    code, out, _ = command("models", tmp_path)
    assert code == 0
    assert f"model:{SCHEME}@" in out
    assert "Note: " in out
    assert "cut/report.json: it cannot be read" in out
    monkeypatch.setenv("REVIEWSCOPE_MODELS", str(tmp_path / "nowhere"))
    code, out, _ = command("models")
    assert code == 0
    assert "no labeller is there. Make one: reviewscope train" in out


# --- mistakes ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def places(tmp_path_factory, made) -> Path:
    """Stores that there is too little to learn from in, and directories that are no labellers."""
    root = tmp_path_factory.mktemp("places")
    foreign = root / "foreign"
    foreign.mkdir()
    (foreign / "report.json").write_text('{"of": "someone else"}')
    (foreign / "thesis.tex").write_text("years of work")
    alike = "".join(f"No {n}.[[MET-POS], [NOV-POS]] " for n in range(5))
    store(root / "bare", {f"p{n}": "Nobody labelled this. Nor that." for n in range(20)})
    store(root / "ten", papers(10))
    store(root / "one", {f"p{n}": alike for n in range(14)})
    store(root / "copies", dict.fromkeys(papers(14), papers(1)["p000"]))
    for name in ("future", "cut", "stranger"):
        shutil.copytree(made[1], root / name)
    report = json.loads((made[1] / "report.json").read_text())
    (root / "future" / "report.json").write_text(json.dumps(report | {"format": 99}))
    (root / "cut" / "review_labeller" / "model").write_bytes(b"cut")
    config = root / "stranger" / "config.cfg"
    config.write_text(config.read_text().replace('"NOV"', '"QQQ"'))
    return root


def mistakes(root: Path, db: Path, model: Path, new: Path) -> dict[str, tuple[list[object], str]]:
    """Every mistake a user may make: what is typed, and what the message must name."""
    bare, ten, one, copies = (root / name / "s.duckdb" for name in ("bare", "ten", "one", "copies"))
    train = ["train", "--to", new, "--scheme", SCHEME]
    put = ["train", "--db", db, "--scheme", SCHEME, "--to"]
    at = ["annotate", "--db", db, "--model"]
    return {
        "no labelled papers": ([*train, "--db", bare], "Nobody labelled a sentence by the scheme"),
        "ten papers": ([*train, "--db", ten], "labels on 10 papers, and 12 are needed"),
        "one class only": ([*train, "--db", one], "one code only is given often enough (MET)"),
        "copies of one review": (
            [*train, "--db", copies],
            "But for copies of one review, 1 papers",
        ),
        "no such scheme": ([*train[:-1], "nope", "--db", db], "no scheme 'nope'; known are"),
        "no such scheme beside": ([*train, "--db", db, "--also", "nope"], "no scheme 'nope'"),
        "a scheme nobody used": ([*train[:-1], "disapere", "--db", db], "Nobody labelled a sentence by the scheme"),
        "no such corpus": ([*train, "--db", db, "--corpus", "nope"], "no corpus 'nope' here; there are bare, made"),
        "no such store": ([*train, "--db", root / "gone.duckdb"], "gone.duckdb"),
        "a bad name": ([*train, "--db", db, "--name", "a b"], "cannot be called 'a b'"),
        "a foreign directory": ([*put, root / "foreign"], "something else is there"),
        "a file to write to": ([*put, db], "something else is there"),
        "under a file": ([*put, db / "below"], "cannot be written"),
        "a negative seed": ([*train, "--db", db, "--seed", "-1"], "--seed"),
        "no model": ([*at, root / "gone"], "there is no such directory. Make one with: reviewscope train"),
        "a model that is none": ([*at, root / "foreign"], "format None, and this Reviewscope reads 2"),
        "a model of the future": ([*at, root / "future"], "format 99, and this Reviewscope reads 2"),
        "a damaged model": ([*at, root / "cut"], "the labeller is damaged or was made by other versions"),
        "codes of no scheme": ([*at, root / "stranger"], "it gives the code QQQ in the layer aspect"),
        "a precision of .97": ([*at, model, "--precision", "0.97"], "--precision 0.97: allowed are 0.50, 0.55, "),
        "a precision in words": ([*at, model, "--precision", "high"], "--precision high: allowed are 0.50"),
        "no number": ([*at, model, "--precision", "nan"], "--precision nan: allowed are"),
        "a nonsense selection": ([*at, model, "--select", "nonsense"], "--select: “nonsense” is no filter"),
        "an unknown filter": ([*at, model, "--select", "colour=red"], "--select: “colour” is no filter"),
        "an empty selection": ([*at, model, "--select", "corpus=nope"], "there is no sentence of a review to label"),
        "no store to annotate": (["annotate", "--db", root / "gone.duckdb", "--model", model], "gone.duckdb"),
        "all was learnt from": (["evaluate", model, "--db", db], "learnt from all 20 labelled reviews"),
        "nothing to evaluate on": (["evaluate", model, "--db", bare], "Nobody labelled a sentence"),
        "evaluating no model": (["evaluate", root / "gone", "--db", db], "there is no such directory"),
        "no such corpus to evaluate on": (["evaluate", model, "--db", db, "--corpus", "x"], "no corpus 'x' here"),
        "models of no store": (["models", "--db", root / "gone.duckdb"], "gone.duckdb"),
    }


MISTAKES = (
    *("no labelled papers", "ten papers", "one class only", "copies of one review"),
    *("no such scheme", "no such scheme beside"),
    *("a scheme nobody used", "no such corpus", "no such store", "a bad name", "a foreign directory"),
    *("a file to write to", "under a file", "a negative seed", "no model", "a model that is none"),
    *("a model of the future", "a damaged model", "codes of no scheme", "a precision of .97", "a precision in words"),
    *("no number", "a nonsense selection", "an unknown filter", "an empty selection", "no store to annotate"),
    *("all was learnt from", "nothing to evaluate on", "evaluating no model", "no such corpus to evaluate on"),
    "models of no store",
)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_message_and_exit_code_2_and_changes_nothing(command, made, places, db, tmp_path, mistake):
    told = mistakes(places, db, made[1], tmp_path / "new")
    assert set(told) == set(MISTAKES)
    args, named = told[mistake]
    before = stamp(db)
    code, _, err = command(*args)
    assert code == 2
    assert named in err
    assert "Traceback" not in err
    if err.startswith("Error:"):
        assert err.count("\n") == 1
    assert stamp(db) == before
    assert (places / "foreign" / "thesis.tex").read_text() == "years of work"
    assert not (tmp_path / "new").exists()


def test_a_model_of_an_older_version_of_a_users_scheme_is_refused(command, tmp_path):
    """The scheme's codes were renamed after the model had learnt: it would give codes that the store does not know."""
    old = tmp_path / "tone.toml"
    old.write_text(TONE)
    text = {f"p{n}": "".join(f"It is kind {n + m}.[[WRM]] It is cold.[[CLD]] " for m in range(4)) for n in range(14)}
    db = tmp_path / "old.duckdb"
    ingest([write(tmp_path / "made", text)], db, schemes=[read_scheme(old)])
    code, _, err = command("train", "--db", db, "--scheme", "tone", "--to", tmp_path / "labeller")
    assert (code, err) == (0, "")
    assert command("annotate", "--db", db, "--model", tmp_path / "labeller")[0] == 0
    new = tmp_path / "new.toml"
    new.write_text(TONE.replace('"WRM"', '"HOT"'))
    renamed = tmp_path / "renamed.duckdb"
    ingest(
        [write(tmp_path / "again" / "made", {name: each.replace("WRM", "HOT") for name, each in text.items()})],
        renamed,
        schemes=[read_scheme(new)],
    )
    before = stamp(renamed)
    model = tmp_path / "labeller"
    for args in (["annotate", "--db", renamed, "--model", model], ["evaluate", model, "--db", renamed]):
        code, _, err = command(*args)
        assert (code, err.count("\n")) == (2, 1), err
        assert "it gives the code WRM in the layer tone, which the scheme tone does not have here" in err
    assert stamp(renamed) == before


@pytest.mark.parametrize("name", ["train", "evaluate", "annotate", "models"])
def test_help_documents_every_option(command, name, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    sub = typer.main.get_command(cli.app).commands[name]
    code, out, _ = command(name, "--help")
    assert code == 0
    for parameter in sub.params:
        if parameter.name != "help":
            assert getattr(parameter, "help", None), f"{parameter.name} has no help"
            assert parameter.help.split(";")[0].split(".")[0] in " ".join(out.split())


# --- odd reviews ------------------------------------------------------------------------------------------------------


def test_a_megabyte_without_a_full_stop_is_labelled(command, made, tmp_path):
    text = {"long": "the method is chiefly excellent and novel " * 25_000, "word": "y" * 1_000_000}
    db = store(tmp_path, text)
    code, _, err = command("annotate", "--db", db, "--model", made[1], "--precision", "best")
    assert (code, err) == (0, "")
    assert rows(db, "SELECT sum(length(text)) FROM segments") == [(2_050_000,)]
    labelled = rows(db, "SELECT segment_id FROM labels WHERE code = 'NOV'")
    assert set(labelled) >= set(rows(db, "SELECT segment_id FROM segments WHERE contains(text, 'novel')"))


def test_markup_in_names_is_printed_as_it_stands(command, db, tmp_path):
    to = tmp_path / "[red]x"
    code, out, _ = command("train", "--db", db, "--scheme", SCHEME, "--to", to)
    assert code == 0
    assert f"{to} holds" in out
    assert f"--model {to}" in out
    code, out, _ = command("models", tmp_path)
    assert f"{to}\n" in out


# --- interruptions ----------------------------------------------------------------------------------------------------

SLOW = """
import sys, time
from corpus import cli
from corpus.labeller import training
real = training.train
def slow(*args, progress, **more):
    def each(moment):
        progress(moment)
        if moment.stage == sys.argv[1]:
            print("now", file=sys.stderr, flush=True)
            time.sleep(60)
    return real(*args, progress=each, **more)
training.train = slow
sys.argv[1:] = ARGS
cli.main()
"""


@pytest.mark.parametrize("stage", ["Finding how long to learn", "Writing"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_an_interrupted_training_leaves_nothing_behind(command, db, tmp_path, stage, how):
    before, to = stamp(db), tmp_path / "new"
    args = ["train", "--db", db, "--scheme", SCHEME, "--to", to]
    program = SLOW.replace("ARGS", repr([str(each) for each in args])).replace("sys.argv[1]:", repr(stage) + ":")
    line = [sys.executable, "-c", program]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        assert child.stderr.readline() == "now\n"
        os.kill(child.pid, how)
        said = child.stderr.read()
    assert child.returncode not in (0, 2)
    assert "Traceback" not in said
    assert not to.exists()
    assert stamp(db) == before
    if (stage, how) == ("Writing", signal.SIGKILL):
        assert command(*args)[0] == 0, "and it can be trained again"
        assert (to / "report.json").exists()


def test_an_interrupted_annotation_leaves_the_store_as_it_was(command, db, model):
    program = f"""
import sys, time
from corpus import cli
from corpus.labeller import annotating
annotating._PART = 5
real = annotating._labelled
def slow(*args):
    made = real(*args)
    print("now", file=sys.stderr, flush=True)
    time.sleep(60)
    return made
annotating._labelled = slow
sys.argv[1:] = {["annotate", "--db", str(db), "--model", str(model)]!r}
cli.main()
"""
    before = stamp(db)
    line = [sys.executable, "-c", program]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        assert child.stderr.readline() == "now\n"
        os.kill(child.pid, signal.SIGINT)
        said = child.stderr.read()
    assert child.returncode not in (0, 2)
    assert "Traceback" not in said
    assert stamp(db) == before
    assert command("annotate", "--db", db, "--model", model)[0] == 0
