"""That learning works: on the demo corpus, against the best constant answer, against labels that mean nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from labelled import SCHEME, TONE, code_counts, constant_f1, given, judge, labeller, papers, rows, store, write

from corpus import schemes as known_schemes
from corpus.ingest import demo_database, ingest
from corpus.labeller.annotating import annotate
from corpus.labeller.answers import answered, heads
from corpus.labeller.directory import load
from corpus.labeller.errors import LabellerError
from corpus.labeller.evaluating import evaluate
from corpus.labeller.fitting import answers, first_stage, fit_second, folds, second_inputs
from corpus.labeller.fitting import labeller as component
from corpus.labeller.model import second_stage
from corpus.labeller.training import documents, train
from corpus.schemes.definition import parse
from corpus.store import Snapshot, stamp


def gains(report: dict[str, Any]) -> dict[str, float]:
    """By layer how much better micro-F1 is than that of the best constant answer."""
    made = {}
    for layer in report["layers"]:
        counts = code_counts(report, layer["layer"])["n_gold"].to_list()
        made[layer["layer"]] = layer["micro_f1"] - constant_f1(counts, layer["n_segments"])
    return made


# --- the demo corpus --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> tuple[Path, Path, dict[str, Any], list]:
    """The demo, a labeller that learnt from its aspects and sections, its report, and what was told meanwhile."""
    root = tmp_path_factory.mktemp("demo")
    db = Path(shutil.copy(demo_database(), root / "demo.duckdb"))
    moments: list = []
    return db, root / "labeller", train(db, SCHEME, root / "labeller", progress=moments.append), moments


def test_on_the_demo_it_is_clearly_better_than_any_constant_answer(demo):
    found = gains(demo[2])
    print(f"\nmicro-F1 above the best constant answer: {found}")
    assert set(found) == {"section", "aspect", "purpose", "significance"}
    assert min(found.values()) > 0.04
    assert sum(found.values()) / 4 > 0.12


def test_polarity_on_the_demo_is_better_than_the_most_frequent(demo):
    for layer in demo[2]["layers"]:
        if layer["layer"] in ("section", "aspect"):
            rows_ = [row for row in demo[2]["codes"] if row["layer"] == layer["layer"] and row["code"] is None]
            counts = {row["polarity"]: row["n_gold"] for row in rows_ if row["polarity"] is not None}
            assert layer["polarity_accuracy"] > max(counts.values()) / sum(counts.values()) + 0.1


def test_the_learning_curve_rises_and_the_loss_falls(demo):
    curve = pl.DataFrame(demo[2]["learning"])
    by_epoch = curve.group_by("epoch").agg(pl.col("f1").mean(), pl.col("loss").first()).sort("epoch")
    f1, loss = by_epoch["f1"].to_list(), by_epoch["loss"].to_list()
    assert max(f1) > f1[0] + 0.06, f1
    assert min(loss) < 0.93 * loss[0]
    assert curve.group_by("layer").len()["len"].unique().to_list() == [len(f1)], "every layer at every epoch"
    assert demo[2]["epochs"] <= len(f1)


def test_progress_is_told_and_never_runs_past_its_end(demo):
    moments = demo[3]
    assert [each.done for each in moments] == list(range(1, len(moments) + 1))
    assert all(each.done <= each.of for each in moments)
    assert moments[-1].stage == "Writing"
    assert moments[-1].learning == demo[2]["learning"]
    assert moments[-1].of - moments[-1].done <= 2


def test_a_report_says_what_was_learnt_from_and_what_was_kept_apart(demo):
    db, _, report, _ = demo
    snapshot = Snapshot.open(db)
    found = answered(snapshot.frames, SCHEME)
    learnt, apart = report["training"], report["held_out"]
    assert learnt["n_papers"] == found.reviews["paper"].n_unique()
    assert learnt["n_reviews"] == found.reviews.height
    assert learnt["n_segments"] == found.reviews["segment_ids"].list.len().sum()
    assert 0.15 * learnt["n_papers"] < apart["n_papers"] < 0.27 * learnt["n_papers"]
    assert report["size_bytes"] < 50e6
    assert report["corpora"] == ["demo"]
    fold = folds(found.reviews["paper"].to_list(), 5, report["seed"])
    reviews = found.reviews.filter(pl.Series(fold == 0))
    told = found.answers.join(reviews.explode("segment_ids"), left_on="segment_id", right_on="segment_ids", how="semi")
    n = dict(told.group_by("layer").agg(pl.col("segment_id").n_unique()).rows())
    assert {layer["layer"]: layer["n_segments"] for layer in report["layers"]} == n


def test_the_demos_other_scheme_is_learnt_too(tmp_path):
    report = train(demo_database(), "disapere", tmp_path / "labeller")
    found = gains(report)
    print(f"\nmicro-F1 above the best constant answer: {found}")
    assert {"review_action", "fine_review_action", "aspect"} <= set(found)
    assert sum(found.values()) / len(found) > 0.1
    made = {head.layer: head.kinds for head in load(tmp_path / "labeller").component.heads}
    assert {made[layer] for layer in made if layer.startswith("rebuttal")} == {("rebuttal",)}
    assert made["review_action"] == ("review",)


def test_a_scheme_that_is_learnt_beside_is_not_labelled_by(tmp_path, monkeypatch):
    monkeypatch.setattr(known_schemes, "_OWN", {})
    other = papers(14, seed=8)
    for name, said in other.items():
        warm = [("excellent" in one.text or "convincing" in one.text, one) for one in said]
        other[name] = [one._replace(tag="[[WRM]]" if kind else "[[CLD]]") for kind, one in warm]
    db = store(tmp_path, papers(20))
    ingest([write(tmp_path / "tone", other)], db, schemes=[parse(TONE, "tone.toml")])
    alone, beside = (
        train(db, SCHEME, tmp_path / name, also=also) for name, also in (("alone", ()), ("beside", ("tone",)))
    )
    assert (alone["also"], beside["also"]) == ([], ["tone"])
    assert alone["version"] != beside["version"]
    assert (alone["training"]["n_papers"], beside["training"]["n_papers"]) == (20, 34)
    for report in (alone, beside):
        assert {row["layer"] for row in report["layers"]} == {"section", "aspect", "purpose", "significance"}
        assert {row["layer"] for row in report["codes"]} == {row["layer"] for row in report["layers"]}
    model = load(tmp_path / "beside")
    assert {head.scheme for head in model.component.heads} == {SCHEME, "tone"}
    annotate(db, model)
    query = f"SELECT DISTINCT scheme::VARCHAR FROM labels WHERE annotator = '{model.annotator}'"
    assert rows(db, query) == [(SCHEME,)]
    assert rows(db, "SELECT DISTINCT scheme::VARCHAR FROM model_codes") == [(SCHEME,)]


# --- labels that mean nothing -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> tuple[Path, Path, dict[str, Any]]:
    return labeller(tmp_path_factory.mktemp("plain"), 60)


def test_what_words_give_away_is_learnt(plain):
    for layer in plain[2]["layers"]:
        assert layer["micro_f1"] > 0.85
        assert layer["macro_f1"] > 0.8
    assert min(gains(plain[2]).values()) > 0.25


def test_labels_shuffled_among_sentences_teach_nothing(tmp_path):
    db = store(tmp_path, papers(60, shuffled=True))
    report = train(db, SCHEME, tmp_path / "labeller")
    found = gains(report)
    print(f"\nmicro-F1 above the best constant answer, labels shuffled: {found}")
    assert max(found.values()) < 0.12
    assert min(found.values()) > -0.3
    assert all(layer["ece"] < 0.25 for layer in report["layers"]), "it knows that it knows nothing"
    assert all(row["share"] < 0.3 for row in report["coverage"] if row["precision"] >= 0.9)


# --- seeds ------------------------------------------------------------------------------------------------------------

TIMES = ("made_at", "speed")


def lasting(report: dict[str, Any]) -> dict[str, Any]:
    """A report without what the clock tells."""
    kept = {key: value for key, value in report.items() if key not in TIMES}
    return kept | {"training": {key: value for key, value in report["training"].items() if key != "seconds"}}


def test_the_same_seed_gives_the_same_labeller_and_another_seed_another_split(plain, tmp_path):
    db, first, report = plain
    again = train(db, SCHEME, tmp_path / "again")
    assert lasting(again) == lasting(report)
    labels = []
    for directory in (first, tmp_path / "again"):
        copy = Path(shutil.copy(db, tmp_path / "copy.duckdb"))
        annotate(copy, load(directory), precision=None)
        labels.append(given(copy, report["annotator"]))
    assert labels[0] == labels[1]
    assert len(labels[0]) > 400
    other = train(db, SCHEME, tmp_path / "other", seed=1)
    assert other["version"] != report["version"]
    apart = [set(load(each).checked.sentences["segment_id"]) for each in (first, tmp_path / "other")]
    assert apart[0] != apart[1]


def test_another_process_with_other_hashes_makes_the_same_labeller(tmp_path):
    db = store(tmp_path, papers(14))
    program = (
        "import sys, json; from pathlib import Path; from corpus.labeller.training import train\n"
        f"print(json.dumps(train(Path(sys.argv[1]), '{SCHEME}', Path(sys.argv[2]))))"
    )
    kept = []
    for seed in ("1", "2"):
        to = tmp_path / f"labeller-{seed}"
        environment = os.environ | {"PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", program, db, to], env=environment, check=True, capture_output=True)
        one = load(to)
        kept.append((lasting(one.report), one.checked.raw.tobytes(), (to / "review_labeller" / "model").read_bytes()))
    assert kept[0][0] == kept[1][0]
    assert kept[0][1] == kept[1][1]
    assert kept[0][2] == kept[1][2]


def test_the_order_in_which_files_were_read_does_not_matter(tmp_path):
    folder = write(tmp_path / "made", papers(14))
    reports = []
    for name, files in (("one", sorted(folder.iterdir())), ("other", sorted(folder.iterdir(), reverse=True))):
        for at in range(0, len(files), 7):
            ingest(files[at : at + 7], tmp_path / f"{name}.duckdb", corpus="made")
        reports.append(lasting(train(tmp_path / f"{name}.duckdb", SCHEME, tmp_path / name)))
    query = "SELECT segment_id, text FROM segments"
    one, other = (sorted(rows(tmp_path / f"{name}.duckdb", query)) for name in ("one", "other"))
    assert one != other, "numbers differ"
    assert reports[0] == reports[1]


def test_training_writes_nothing_into_the_store(plain):
    db = plain[0]
    before = stamp(db)
    with pytest.raises(LabellerError):
        train(db, SCHEME, db)
    assert stamp(db) == before
    assert rows(db, "SELECT count(*) FROM models") == [(0,)]


# --- evaluating -------------------------------------------------------------------------------------------------------


def test_a_labeller_is_evaluated_on_reviews_that_it_did_not_learn_from(plain, tmp_path):
    db, directory, report = plain
    with pytest.raises(LabellerError, match=r"learnt from all 60 labelled reviews .*: its report, made on papers"):
        evaluate(directory, db)
    both = Path(shutil.copy(db, tmp_path / "s.duckdb"))
    ingest([write(tmp_path / "fresh", papers(20, seed=5))], both)
    found = evaluate(directory, both)
    assert found["left_out"] == 60
    assert found["evaluated"] == {"n_papers": 20, "n_reviews": 20, "n_segments": 160}
    assert min(gains(found).values()) > 0.25
    assert found["annotator"] == report["annotator"]
    only = evaluate(directory, both, corpora=["fresh"])
    assert (only["left_out"], only["layers"]) == (0, found["layers"])


def test_evaluating_finds_what_annotating_gives(plain, tmp_path):
    """The labels for the best F1, counted against those of people in SQL, are the report's."""
    db = store(tmp_path, papers(20, seed=5))
    found = evaluate(plain[1], db)
    annotate(db, load(plain[1]), precision=None)
    counted = rows(
        db,
        "SELECT layer::VARCHAR, code::VARCHAR, count(DISTINCT segment_id) FILTER (annotator = 'gold'), "
        "count(DISTINCT segment_id) FILTER (annotator <> 'gold') FROM labels GROUP BY ALL",
    )
    told = {(r["layer"], r["code"]): (r["n_gold"], r["n_model"]) for r in found["codes"] if r["polarity"] is None}
    shortest = load(plain[1]).component.cfg["shortest"]  # what is shorter gets no label, but is evaluated
    (short,) = rows(db, f"SELECT count(*) FROM segments WHERE length(trim(text)) < {shortest}")[0]
    assert {row[:2] for row in counted} == {unit for unit in told if unit[1]}
    for layer, code, gold, model in counted:
        assert told[layer, code][0] == gold
        assert model <= told[layer, code][1] <= model + short
    assert short < 8


# --- corrections, and what nobody answered ----------------------------------------------------------------------------


def test_corrections_of_people_win_over_the_corpus(plain, tmp_path):
    """Where who judged here calls clear what the corpus calls novel, the next labeller does."""
    db = Path(shutil.copy(plain[0], tmp_path / "s.duckdb"))
    novel = rows(
        db,
        "SELECT segment_id FROM labels JOIN segments USING (segment_id) WHERE code = 'NOV' "
        "AND (contains(text, 'novel') OR contains(text, 'inventive'))",
    )
    fresh = "The benchmarks chiefly poor inventive tasit tason. The method above excellent novel lorab demon."
    ingest([write(tmp_path / "fresh", {"fresh": fresh})], db)

    def said(directory: Path) -> dict[str, int]:
        copy = Path(shutil.copy(db, tmp_path / "copy.duckdb"))
        annotate(copy, load(directory), precision=None)
        of_model = "annotator LIKE 'model:%' AND layer = 'aspect' AND paper_key = 'fresh'"
        return dict(
            rows(
                copy,
                "SELECT code::VARCHAR, count(*) FROM labels JOIN reviews USING (review_id) "
                f"JOIN papers USING (paper_id) WHERE {of_model} GROUP BY ALL",
            )
        )

    before = said(plain[1])
    judge(db, [(segment, "aspect", "CLA", 1) for (segment,) in novel])
    report = train(db, SCHEME, tmp_path / "after")
    after = said(tmp_path / "after")
    assert (before, after) == ({"NOV": 2}, {"CLA": 2})
    assert "NOV" not in {row["code"] for row in report["codes"] if row["n_gold"]}
    assert rows(db, "SELECT count(*) FROM labels WHERE annotator = 'user:kim'") == [(len(novel),)]


def test_a_layer_that_a_review_leaves_out_does_not_learn_from_it(tmp_path):
    """Half the papers were never asked for a purpose: these would halve what is said, were they taken for a no."""
    given_ = papers(40)
    for name in list(given_)[::2]:
        given_[name] = [one._replace(tag=one.tag.split("], [")[0] + "]]") for one in given_[name]]
    db = store(tmp_path, given_)
    report = train(db, SCHEME, tmp_path / "labeller")
    snapshot = Snapshot.open(db)
    found = answered(snapshot.frames, SCHEME)
    assert next(layer for layer in report["layers"] if layer["layer"] == "purpose")["micro_f1"] > 0.8
    reviews, questions = documents(found), heads(found, SCHEME)
    _, known = answers(reviews, questions)
    at = next(head for head in questions if head.layer == "purpose").outputs
    assert 0.4 < known[:, at].mean() < 0.6
    none = [each for each in reviews if not answers([each], questions)[1][:, at].any()]
    weights = component(first_stage(none, questions, epochs=2, seed=0)).model.get_param("W")
    assert not weights[:, at].any(), "sentences that were not asked for a purpose move none of its weights"
    assert weights.any()


def test_what_the_second_stage_is_shown_where_nothing_is_known_does_not_matter(tmp_path):
    snapshot = Snapshot.open(store(tmp_path, papers(14)))
    found = answered(snapshot.frames, SCHEME)
    reviews, questions = documents(found), heads(found, SCHEME)
    gold, known = answers(reviews, questions)
    known[::3, questions[0].outputs] = 0
    inputs = second_inputs(reviews, gold * 0.6 + 0.2)
    made = []
    for told in (gold, gold * known + (1 - gold) * (1 - known)):
        nlp = first_stage(reviews, questions, epochs=1, seed=0)
        fit_second(nlp, inputs, told, known, questions, seed=0)
        made.append(second_stage(component(nlp).model).predict(inputs))
    assert (made[0] == made[1]).all()
