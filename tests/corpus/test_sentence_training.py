"""A trained splitter learns habits that the rules do not have, is itself again with a seed, and is told from junk."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
import spacy
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from corpus import sentence_training, trained_sentences
from corpus.ingest import ingest
from corpus.sentence_commands import train_sentences as command_function
from corpus.sentence_training import train_sentences
from corpus.sentences import SentenceError, boundaries, splitting
from corpus.store import Snapshot
from corpus.trained_sentences import load_sentences

THINGS = "method proof result table figure claim bound model dataset baseline theorem ablation metric loss".split()
SAYINGS = ("The {} is weak", "I like the {}", "A better {} would help", "We saw no {} there", "It lacks a {}")


def cut(number: int) -> list[str]:
    """The sentences of a review. These people end them with “//” too, and after a question they never stop."""
    said = [saying.format(THINGS[(number * 5 + n * 3) % len(THINGS)]) for n, saying in enumerate(SAYINGS * 2)]
    return [f"{text}{('.', ' //', '? Why is that so?')[(number + n) % 3]}" for n, text in enumerate(said)]


def make(folder: Path, papers: int, db: Path, tag: str = "[[MET-NEG], [CLA-NEG]]") -> Path:
    reviews = folder / "reviews"
    reviews.mkdir(parents=True)
    for number in range(papers):
        (reviews / f"p{number}-R1.txt").write_text(" ".join(f"{text} {tag}" for text in cut(number)), "utf-8")
    ingest([reviews], db, corpus="habits")
    return db


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    return make(folder, 40, folder / "s.duckdb")


@pytest.fixture(scope="module")
def trained(db, tmp_path_factory):
    """The folder of a splitter, its report, and what was told meanwhile."""
    to, told = tmp_path_factory.mktemp("trained") / "habits", []
    return to, train_sentences(db, to, progress=told.append), told


def test_habits_are_learned_that_the_rules_do_not_have(trained):
    to, report, _ = trained
    assert report["held_out"]["f1"] > 0.97 > 0.8 > report["held_out"]["rules_f1"]
    text = " ".join(cut(99))
    starts = load_sentences(to)(text)
    assert [text[a:b].strip() for a, b in pairwise([*starts, len(text)])] == cut(99)


def test_the_report_says_what_was_learned_from_and_measured_on(trained, db):
    to, report, told = trained
    assert json.loads((to / "sentences.json").read_text()) == report
    assert report["corpora"] == ["habits"]
    assert report["training"]["n_papers"] + report["held_out"]["n_papers"] == 40
    assert report["held_out"]["n_papers"] == 8
    assert report["training"]["n_sentences"] == 32 * 10
    assert report["training"]["fingerprint"] == Snapshot.open(db).fingerprint
    assert report["held_out"]["mb_per_second"] > 0
    assert report["versions"]["spacy"] == spacy.__version__
    assert [row["epoch"] for row in report["learning"]] == list(range(len(report["learning"])))
    assert told[-1].learning == report["learning"]
    assert len(told) == len(report["learning"])


def test_a_seed_gives_the_same_splitter_again(trained, db, tmp_path):
    first = load_sentences(trained[0])
    train_sentences(db, tmp_path / "again")
    train_sentences(db, tmp_path / "other", seed=1)
    assert load_sentences(tmp_path / "again").fingerprint == first.fingerprint
    assert load_sentences(tmp_path / "other").fingerprint != first.fingerprint


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"])) | st.text("ab. \n//?\t\r\0"))
def test_any_text_is_tiled(trained, text):
    with splitting(_loaded(trained[0])):
        starts = boundaries(text)
    assert bool(starts) == bool(text)
    assert starts[:1] in ([], [0])
    ends = [*starts[1:], len(text)] if starts else []
    assert all(text[a:b].strip() for a, b in zip(starts, ends, strict=True)) or not text.strip()


def _loaded(to, known={}):  # noqa: B006
    return known.setdefault(to, known.get(to) or load_sentences(to))


def test_a_long_text_without_a_stop(trained):
    with splitting(_loaded(trained[0])):
        assert boundaries("word and " * 40_000)


def test_threads_and_a_full_vocabulary(trained, monkeypatch):
    splitter = load_sentences(trained[0])
    texts = [" ".join(cut(n)) for n in range(20)] * 3
    expected = [splitter(text) for text in texts]
    monkeypatch.setattr(trained_sentences, "WORDS", 0)
    splitter = load_sentences(trained[0])
    known = len(splitter._nlp.vocab.strings)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(splitter, texts)) == expected
    assert len(splitter._nlp.vocab.strings) == known


def test_files_are_read_again_with_another_splitter(trained, tmp_path):
    reviews = tmp_path / "reviews"
    reviews.mkdir()
    (reviews / "r.txt").write_text(
        "## Review\n\nThe proof is weak // I like the bound? Why is that so? It lacks a loss."
    )

    def segments():
        snapshot = Snapshot.open(tmp_path / "s.duckdb")
        rows = snapshot.rows("SELECT text FROM segments ORDER BY position")
        snapshot.close()
        return [text for (text,) in rows]

    def read():
        return ingest([reviews], tmp_path / "s.duckdb", corpus="own")

    assert read().changed
    by_rules = segments()
    with splitting(load_sentences(trained[0])):
        assert read().changed
        assert segments() != by_rules
        assert "".join(segments()) == "".join(by_rules)
        assert read().unchanged == 1
    assert read().changed
    assert segments() == by_rules


def test_another_process_loads_it(trained):
    text = " ".join(cut(7))
    code = "import sys; from pathlib import Path; from corpus.trained_sentences import load_sentences as load"
    code += "; print(load(Path(sys.argv[1]))(sys.argv[2]))"
    run = subprocess.run([sys.executable, "-c", code, trained[0], text], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(_loaded(trained[0])(text))


def test_too_few_papers_that_people_cut(tmp_path):
    few = make(tmp_path / "few", 19, tmp_path / "few.duckdb")
    with pytest.raises(SentenceError, match=r"19 papers have reviews that people cut into sentences.*it takes 20"):
        train_sentences(few, tmp_path / "to")
    assert not (tmp_path / "to").exists()
    unlabelled = make(tmp_path / "none", 25, tmp_path / "none.duckdb", tag="")
    with pytest.raises(SentenceError, match="0 papers"):
        train_sentences(unlabelled, tmp_path / "to")


def test_a_corpus_that_is_not_there(db, tmp_path):
    with pytest.raises(SentenceError, match="no corpus other, only habits"):
        train_sentences(db, tmp_path / "to", corpora=["other"])


def test_a_folder_of_something_else_is_left_alone(db, tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    for to in (tmp_path, tmp_path / "letter.txt"):
        with pytest.raises(SentenceError, match="this is there already"):
            train_sentences(db, to)
    assert (tmp_path / "letter.txt").read_text() == "mine"


def test_what_is_no_splitter_is_told(trained, tmp_path):
    for to in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(SentenceError, match="there is no sentence splitter"):
            load_sentences(to)
    broken = tmp_path / "broken"
    shutil.copytree(trained[0], broken)
    (broken / "senter" / "model").write_bytes(b"junk")
    with pytest.raises(SentenceError, match="damaged"):
        load_sentences(broken)
    report = json.loads((broken / "sentences.json").read_text())
    report["versions"]["spacy"] = "2.3.1"
    (broken / "sentences.json").write_text(json.dumps(report))
    with pytest.raises(SentenceError, match=r"trained with spaCy 2\.3\.1"):
        load_sentences(broken)


def test_command(db, tmp_path, command, monkeypatch):
    app = typer.Typer()
    app.command("train-sentences")(command_function)
    monkeypatch.setattr(sentence_training, "EPOCHS", 2)
    run = CliRunner().invoke(app, ["--db", str(db), "--to", str(tmp_path / "s"), "--corpus", "habits"])
    assert run.exit_code == 0, run.output
    assert "Learned from 32 reviews of 32 papers" in run.output
    assert "on 8 papers held out; the rules, which need no training," in run.output
    code, _, err = command(
        "ingest", db.parent / "reviews", "--db", tmp_path / "a.duckdb", "--sentences", tmp_path / "s"
    )
    assert (code, err) == (0, "")
    code, _, err = command("ingest", db.parent / "reviews", "--db", tmp_path / "a.duckdb", "--sentences", tmp_path)
    assert code == 2
    assert "there is no sentence splitter" in err
