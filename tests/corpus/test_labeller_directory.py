"""A labeller on disk: what is in it and what must not be, damage, other versions, use through spaCy alone."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import spacy
from labelled import SCHEME, papers, store
from spacy.tokens import Doc

from corpus.labeller import directory
from corpus.labeller.cards import card
from corpus.labeller.directory import Labeller, free, load
from corpus.labeller.errors import LabellerError
from corpus.labeller.evaluating import evaluate
from corpus.labeller.reports import models, read_report, unreadable
from corpus.labeller.training import train

RARE = ("xylophagouskwyjibo", "p013")  # a word, and a paper's key
TEXT = "The method is chiefly excellent and novel. The experiments above are poor, somewhat doubtful and lucid."


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> tuple[Path, Path, dict[str, Any]]:
    """A store with a rare word in it often enough to be learnt, a labeller, its report."""
    given = papers(24)
    for name, said in given.items():
        given[name] = [one._replace(text=one.text.replace("novel", f"novel {RARE[0].title()}")) for one in said]
    root = tmp_path_factory.mktemp("directory")
    db = store(root, given)
    return db, root / "labeller", train(db, SCHEME, root / "labeller")


@pytest.fixture
def copy(trained, tmp_path) -> Path:
    return Path(shutil.copytree(trained[1], tmp_path / "labeller"))


def files(path: Path) -> list[Path]:
    return sorted(each for each in path.rglob("*") if each.is_file())


# --- what is in it ----------------------------------------------------------------------------------------------------


def test_no_word_of_the_corpora_is_in_it(trained):
    db, path, _ = trained
    inside = b"".join(file.read_bytes() for file in files(path)).lower()
    for word in (*RARE, str(db.parent)):
        assert word.lower().encode() not in inside
    for packed in path.glob("*.parquet"):
        frame = pl.read_parquet(packed)
        assert not {"text", "texts"} & set(frame.columns)
        told = set(frame.select(pl.col(pl.String)).unpivot()["value"])
        codes = {row["code"] for row in trained[2]["codes"]} | {row["layer"] for row in trained[2]["codes"]}
        assert told <= codes | {"review", None}
    with np.load(path / "checked.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype.kind in "fu" for name in arrays.files)


def test_it_is_small_and_tells_its_size(trained):
    _, path, report = trained
    own = sum(file.stat().st_size for file in files(path))
    assert abs(own - report["size_bytes"]) < 100_000, "without the report and the card"
    assert own < 50e6


def test_nothing_of_it_is_code_or_unpickled(trained, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("unpickled")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, refuse)
    assert load(trained[1]).component.predict([spacy.blank("en").make_doc(TEXT)])[0].any()
    assert not [file for file in files(trained[1]) if file.suffix in (".py", ".pkl", ".pickle", ".so")]


def test_report_and_card_say_what_it_is(trained):
    _, path, report = trained
    told = read_report(path)
    assert told == json.loads((path / "report.json").read_text())
    assert {key: told[key] for key in ("name", "scheme", "seed", "corpora")} == {
        **{"name": SCHEME, "scheme": SCHEME, "seed": 0, "corpora": ["made"]},
    }
    assert told["annotator"] == f"model:{SCHEME}@{told['version']}"
    assert {"spacy", "numpy", "reviewscope"} <= set(told["versions"])
    assert (path / "README.md").read_text() == card(report)


# --- loading ----------------------------------------------------------------------------------------------------------

USE = """
import json, sys
import spacy
nlp = spacy.load(sys.argv[1])
doc = nlp(sys.argv[2])
told = {name: [[s.start_char, s.end_char, s.label_] for s in group] for name, group in doc.spans.items()}
raw = nlp.get_pipe("review_labeller").predict([nlp.make_doc(sys.argv[2])])[0]
print(json.dumps([told, {n: g.attrs.get("confidence") for n, g in doc.spans.items()}, raw.tolist()]))
"""


def test_the_splitter_has_a_tokenizer_of_its_own(trained):
    """Registered after the labeller's, it must not take its place."""
    import corpus.sentence_component  # noqa: F401

    doc = load(trained[1]).nlp(TEXT)
    assert "".join(token.text for token in doc) == TEXT, "white space is a token, so that sentences can end with it"


def test_another_process_reads_the_same_guesses_through_spacy_alone(trained):
    done = subprocess.run([sys.executable, "-c", USE, trained[1], TEXT], capture_output=True, text=True, check=True)
    told, confidences, raw = json.loads(done.stdout)
    mine = load(trained[1])
    assert raw == mine.component.predict([mine.nlp.make_doc(TEXT)])[0].tolist()
    doc = mine.nlp(TEXT)
    assert told == {n: [[s.start_char, s.end_char, s.label_] for s in group] for n, group in doc.spans.items()}
    layers = [f"{SCHEME}/{layer}" for layer in ("section", "aspect", "purpose", "significance")]
    assert set(told) == {"segments", *layers}
    for layer in layers:
        assert len(confidences[layer]) == len(told[layer])
        assert all(0 < each <= 1 for each in confidences[layer])
    assert [[0, 43, "APC"], [43, len(TEXT), "CRT"]] == told[f"{SCHEME}/purpose"]
    assert [0, 43, "NOV-POS"] in told[f"{SCHEME}/aspect"]


@pytest.mark.parametrize(
    "text", ["", " \n\t ", "🙂🙂!", "这篇论文很好。不清楚？", "Größe fehlt. Schade!", "no stop " * 500]
)
def test_any_text_goes_through_the_pipeline(trained, text):
    doc = load(trained[1]).nlp(text)
    assert doc.text == text
    sentences = list(doc.spans["segments"])
    assert "".join(span.text for span in sentences) == text
    assert all(a.end == b.start for a, b in pairwise(sentences))
    assert set(doc.spans) > {f"{SCHEME}/aspect", f"{SCHEME}/section"}


def test_many_texts_go_through_the_pipeline_at_once(trained):
    nlp = load(trained[1]).nlp
    texts = [TEXT, "", "Poor.", TEXT * 3] * 5

    def said(doc: Doc) -> list[tuple[int, str]]:
        return [(span.start, span.label_) for span in doc.spans[f"{SCHEME}/purpose"]]

    assert [said(doc) for doc in nlp.pipe(texts, batch_size=7)] == [said(nlp(text)) for text in texts]
    assert list(nlp.pipe([])) == []


def test_a_stated_precision_is_kept_in_the_pipeline(trained):
    mine = load(trained[1])
    every = len(mine.nlp(TEXT).spans[f"{SCHEME}/section"])
    mine.component.precision = 0.95
    assert len(mine.nlp("Nothing that was ever seen before, in a way, here.").spans[f"{SCHEME}/aspect"]) == 0
    assert len(mine.nlp(TEXT).spans[f"{SCHEME}/section"]) <= every


# --- damage -----------------------------------------------------------------------------------------------------------


def names() -> list[str]:
    return [
        *("config.cfg", "meta.json", "report.json", "scheme.toml", "seen.json", "checked.npz"),
        *("checked_answers.parquet", "checked_sentences.parquet", "review_labeller/cfg", "review_labeller/model"),
    ]


def test_every_file_that_is_needed_is_among_those_that_are_damaged_here(trained):
    found = {str(file.relative_to(trained[1])) for file in files(trained[1])}
    assert found - {"README.md", "tokenizer"} == set(names())


DAMAGE = {
    "gone": lambda file: file.unlink(),
    "cut": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "empty": lambda file: file.write_bytes(b""),
    "something else": lambda file: file.write_bytes(b"\x00\xff{" * 20),
}


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_labeller_is_refused_in_words(copy, name, damage):
    DAMAGE[damage](copy / name)
    with pytest.raises(LabellerError) as error:
        load(copy)
    assert str(copy) in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 500


def changed(path: Path, **more: Any) -> None:
    report = json.loads((path / "report.json").read_text())
    kept = {key: value for key, value in (report | more).items() if value is not ...}
    (path / "report.json").write_text(json.dumps(kept))


OTHERS = {
    "a format of the future": ({"format": 99}, "format 99, and this Reviewscope reads 2. Train the labeller anew"),
    "one without sentiment": ({"format": 1}, "format 1, and this Reviewscope reads 2. Train the labeller anew"),
    "no format": ({"format": ...}, "format None, and this"),
    "no annotator": ({"annotator": ...}, "no report of a labeller, or a part of it is gone"),
    "no codes": ({"codes": {}}, "no report of a labeller, or a part of it is gone"),
    "no date": ({"made_at": "yesterday"}, "damaged or was made by other versions"),
    "another scheme": ({"scheme": "disapere"}, "damaged or was made by other versions"),
}


@pytest.mark.parametrize(("more", "message"), OTHERS.values(), ids=OTHERS.keys())
def test_a_report_that_does_not_fit_is_refused_in_words(copy, more, message):
    changed(copy, **more)
    with pytest.raises(LabellerError, match=message):
        load(copy)


def test_a_directory_of_something_else_is_no_labeller(tmp_path):
    with pytest.raises(LabellerError, match="there is no such directory"):
        load(tmp_path / "gone")
    (tmp_path / "else").mkdir()
    with pytest.raises(LabellerError, match=r"no labeller: it has no report\.json"):
        load(tmp_path / "else")
    (tmp_path / "else" / "report.json").write_text('["not", "ours"]')
    with pytest.raises(LabellerError, match="format None"):
        load(tmp_path / "else")
    spacy.blank("en").to_disk(tmp_path / "spacy")
    with pytest.raises(LabellerError, match=r"has no report\.json"):
        load(tmp_path / "spacy")


def test_weights_of_another_labeller_are_refused(copy, tmp_path):
    """Of another number of outputs, as after copying files about."""
    given = papers(20, seed=1)
    for name in given:
        given[name] = [one._replace(tag=one.tag.split("], [")[0] + "]]") for one in given[name]]
    train(store(tmp_path / "other", given), SCHEME, tmp_path / "sections")
    shutil.copy(tmp_path / "sections" / "review_labeller" / "model", copy / "review_labeller" / "model")
    with pytest.raises(LabellerError, match="damaged or was made by other versions"):
        load(copy)


def test_what_is_not_readable_is_told_beside_what_is(copy):
    folder = copy.parent
    for name in ("future", "cut", ".hidden"):
        shutil.copytree(copy, folder / name)
    changed(folder / "future", format=99)
    (folder / "cut" / "report.json").write_text("{")
    (folder / "file").write_text("")
    (folder / "else").mkdir()
    assert [Path(each["path"]).name for each in models(folder)] == ["labeller"]
    told = unreadable(folder)
    assert [line.split(":")[0] for line in told] == [
        str(folder / "cut/report.json"),
        str(folder / "future/report.json"),
    ]
    assert (models(folder / "gone"), unreadable(folder / "gone")) == ([], [])


# --- where it may be written ------------------------------------------------------------------------------------------


def test_only_a_labeller_or_nothing_is_replaced(copy, tmp_path):
    free(copy, "fine")
    free(tmp_path / "new" / "deep", "fine")
    (tmp_path / "empty").mkdir()
    free(tmp_path / "empty", "fine")
    assert not (tmp_path / "new").exists(), "nothing is written by asking"
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "report.json").write_text('{"of": "someone else"}')
    (foreign / "thesis.tex").write_text("years of work")
    for path in (foreign, tmp_path, foreign / "thesis.tex"):
        with pytest.raises(LabellerError, match="something else is there"):
            free(path, "fine")
    with pytest.raises(LabellerError, match="it cannot be written"):
        free(foreign / "thesis.tex" / "below", "fine")
    for name in ("", "../up", "a b", "model:x", "x" * 65, ".hidden", "a\nb", "a@b"):
        with pytest.raises(LabellerError, match="A labeller cannot be called"):
            free(tmp_path / "new", name)


def test_a_folder_that_may_not_be_written_is_told_before_training(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_args, **_kwargs: False)  # root may write anywhere
    with pytest.raises(LabellerError, match="is no folder that may be written to"):
        free(tmp_path / "new", "fine")


def again(trained, copy: Path, **more: Any) -> dict[str, Any]:
    one = load(trained[1])
    report = {key: value for key, value in one.report.items() if key not in ("format", "size_bytes", "versions")}
    return directory.save(copy, directory.Trained(one.nlp, report | more, one.checked, sorted(one.seen)))


def test_a_labeller_is_replaced_as_a_whole(trained, copy):
    (copy / "stray").write_text("")
    again(trained, copy, seed=7)
    assert load(copy).report["seed"] == 7
    assert not (copy / "stray").exists()
    assert [each.name for each in copy.parent.iterdir()] == ["labeller"]


@pytest.mark.parametrize("fails", ["replace", "save"])
def test_what_cannot_be_written_leaves_the_labeller_that_was_there(trained, copy, monkeypatch, fails):
    before = {str(file.relative_to(copy)): file.read_bytes() for file in files(copy)}
    real = os.replace

    def broken(source: Path, target: Path) -> None:
        if str(source).endswith(".partial"):
            raise OSError(28, "No space left on device")
        real(source, target)

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", broken) if fails == "replace" else monkeypatch.setattr(
        np, "savez_compressed", full
    )
    with pytest.raises(LabellerError, match="cannot be written: No space left on device"):
        again(trained, copy)
    assert {str(file.relative_to(copy)): file.read_bytes() for file in files(copy)} == before
    assert [each.name for each in copy.parent.iterdir()] == ["labeller"]


def test_what_a_killed_writer_left_is_cleared_away(trained, copy):
    shutil.copytree(copy, copy.with_name(".labeller.earlier"))
    shutil.rmtree(copy)
    (copy.with_name(".labeller.partial")).mkdir()
    again(trained, copy, seed=7)
    assert load(copy).report["seed"] == 7
    assert [each.name for each in copy.parent.iterdir()] == ["labeller"]


def test_a_labeller_may_be_written_to_the_folder_one_is_in(trained, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    again(trained, Path("."))
    assert load(tmp_path / "here").report["scheme"] == SCHEME


def test_a_loaded_labeller_saves_as_it_was(trained, copy):
    again(trained, copy)
    one, other = load(trained[1]), load(copy)
    assert isinstance(other, Labeller)
    for mine, theirs in zip(one.checked, other.checked, strict=True):
        if isinstance(mine, np.ndarray):
            assert np.array_equal(mine, theirs)
    doc = one.nlp.make_doc(TEXT)
    assert np.array_equal(one.component.predict([doc])[0], other.component.predict([doc])[0])


def test_evaluating_a_directory_that_is_none_is_told_before_the_store_is_asked(tmp_path):
    with pytest.raises(LabellerError, match="there is no such directory"):
        evaluate(tmp_path / "gone", tmp_path / "gone.duckdb")


def test_the_fixture_learnt_the_rare_word(trained):
    mine = load(trained[1])
    with_, without = (
        mine.component.predict([mine.nlp.make_doc(f"The method is excellent {word}vinab tasum.")])[0]
        for word in (f"{RARE[0]} ", "")
    )
    head = next(each for each in mine.component.heads if each.layer == "aspect")
    at = head.start + head.names.index("NOV")
    assert with_[0, at] > without[0, at] + 0.1
