"""Reports that are damaged, or were written to do harm: each is refused in words, and the others are listed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from corpus.labeller.errors import LabellerError
from corpus.labeller.reports import models, parsed, read_report, unreadable

ROW = {"layer": "aspect"}
SHARES = dict.fromkeys(("micro_f1", "macro_f1", "accuracy", "ece_before", "ece"), 0.5)
COUNTS = {"n_segments": 9, "n_gold": 3, "n_model": 4, "n_both": 2}
RATES = {"precision": 0.5, "recall": None, "f1": 0.5, "threshold": 2.0}
SIZES = {"n_papers": 3, "n_reviews": 4, "n_segments": 9}


def report() -> dict[str, Any]:
    return {
        **{"format": 2, "name": "tide", "version": "1", "annotator": "model:tide@1", "scheme": "s", "title": "S"},
        **{"made_at": "2026-01-01T00:00:00+00:00", "corpora": ["c"]},
        **{"training": SIZES | {"seconds": 1.5}, "held_out": SIZES | {"how": "one in 5"}},
        "layers": [ROW | {"n_segments": 9} | SHARES, ROW | {"n_segments": 9} | SHARES | {"polarity_accuracy": None}],
        "codes": [ROW | {"code": code, "polarity": p} | COUNTS | RATES for code, p in (("A", None), (None, -1))],
        "calibration": [ROW | {"low": 0, "high": 0.1, "confidence": 0.05, "share": 1.0000001, "n": 3}],
        "coverage": [ROW | {"precision": 0.5, "achieved": None, "share": 0.4, "n": 9}],
        "learning": [ROW | {"epoch": 1, "loss": 3, "f1": 0.2}],
    }


def put(folder: Path, told: dict[str, Any] | str, name: str = "tide") -> Path:
    (folder / name).mkdir(parents=True)
    (folder / name / "report.json").write_text(told if isinstance(told, str) else json.dumps(told), "utf-8")
    return folder / name


def places(value: Any, at: tuple = ()) -> list[tuple]:
    """Where everything of a report is, and what holds it."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at] * bool(at) + [place for key, each in inside for place in places(each, (*at, key))]


def changed(at: tuple, value: Any) -> dict[str, Any]:
    """The report with another value at a place; gone where that is `...`."""
    told = json.loads(json.dumps(report()))
    holder = told
    for key in at[:-1]:
        holder = holder[key]
    if value is ...:
        del holder[at[-1]]
    else:
        holder[at[-1]] = value
    return told


#: What may be null.
MAY = {("layers", name) for name in (*SHARES, "polarity_accuracy")}
MAY |= {("codes", name) for name in (*RATES, "code", "polarity")} | {
    ("coverage", "achieved"),
    ("coverage", "share"),
    ("learning", "f1"),
}


def test_a_report_as_training_writes_it_is_read(tmp_path):
    assert read_report(put(tmp_path, report())) == report()


@pytest.mark.parametrize("at", places(report()), ids=lambda at: ".".join(map(str, at)))
def test_nothing_of_it_may_be_of_another_kind(tmp_path, at):
    for n, value in enumerate((..., None, True, "?", 3.5, -7, [], {}, [[]], [7], {"n_papers": "many"})):
        told = changed(at, value)
        if told == report() or (value is ... and isinstance(at[-1], int)):
            continue  # a row fewer is no mistake
        path = put(tmp_path, told, str(n))
        borne = (value is None and (at[0], at[-1]) in MAY) or (value is ... and at[-1] == "polarity_accuracy")
        borne |= at[-1] in ("code", "layer", "scheme", "title", "made_at", "how") and value == "?"
        borne |= at[-1] in ("seconds", "loss", "threshold") and value in (3.5, -7) and value is not True
        borne |= len(at) == 1 and value == [] and isinstance(report()[at[0]], list)
        borne |= at[0] == "corpora" and value == "?" and len(at) == 2
        if borne:
            read_report(path)
        else:
            with pytest.raises(LabellerError) as error:
                read_report(path)
            assert str(path) in str(error.value)
            assert len(str(error.value)) < 400 + len(str(path))


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e300", "9" * 30, "9" * 400, "9" * 5000]
)
def test_numbers_that_are_none_are_refused_wherever_they_are(tmp_path, number):
    for n, key in enumerate(('"seconds": 1.5', '"n": 9', '"format": 2')):
        told = json.dumps(report()).replace(key, f"{key.split(':')[0]}: {number}", 1)
        assert number in told
        with pytest.raises(LabellerError, match="it cannot be read") as error:
            read_report(put(tmp_path, told, str(n)))
        assert len(str(error.value)) < 400 + len(str(tmp_path))
    with pytest.raises(ValueError, match=r"."):
        parsed(f"[{number}]")


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000, json.dumps(report()).replace("one in", "\\ud800")])
def test_what_cannot_be_shown_is_refused(tmp_path, text):
    with pytest.raises(LabellerError, match="it cannot be read"):
        read_report(put(tmp_path, text))


@pytest.mark.parametrize("more", [{"annotator": "gold"}, {"annotator": "model:tide@2"}, {"name": "ebb"}])
def test_it_labels_as_nobody_else(tmp_path, more):
    with pytest.raises(LabellerError, match="its annotator is not that of its name and version"):
        read_report(put(tmp_path, report() | more))


def test_the_wrong_part_is_named(tmp_path):
    for at, named in (
        (("training", "n_papers"), r"\(training\.n_papers\)"),
        (("codes", 1, "n_both"), r"\(codes\[1\]\.n_both\)"),
    ):
        with pytest.raises(LabellerError, match=named):
            read_report(put(tmp_path, changed(at, "many"), named))


def test_those_that_are_well_are_listed_all_the_same(tmp_path):
    put(tmp_path, report())
    put(tmp_path, json.dumps(report()).replace("1.5", "NaN"), "odd")
    put(tmp_path, changed(("made_at",), 7), "typed")
    put(tmp_path, "[" * 200_000, "nested")
    assert [each["path"] for each in models(tmp_path)] == [str(tmp_path / "tide")]
    assert [told.split(": ")[0] for told in unreadable(tmp_path)] == [
        str(tmp_path / name / "report.json") for name in ("nested", "odd", "typed")
    ]


def test_the_command_lists_those_that_are_well(command, tmp_path):
    put(tmp_path, report())
    for n, at in enumerate((("layers", 0, "micro_f1"), ("layers",), ("made_at",))):
        put(tmp_path, changed(at, 7), f"odd{n}")
    code, out, _ = command("models", tmp_path)
    assert code == 0
    assert out.count("Note: ") == 3
    assert "model:tide@1" in out
