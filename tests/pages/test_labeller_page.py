"""The labeller's page in its states, on reports and job files that the tests write: nothing is trained here."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest
import reported
import shelf
from filelock import FileLock
from shelf import HOSTILE
from test_page_states import html
from test_verbatim import Tags

from corpus import labeller_jobs as jobs
from corpus.relabelling import ModelRecord, relabel
from corpus.store import Snapshot
from pages.parts import labeller_progress, permission

PAGE = "pages/manage/labeller.py"
TIDE = "model:tide@1a2b"


@pytest.fixture(autouse=True)
def models(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("REVIEWSCOPE_MODELS", str(tmp_path / "models"))
    monkeypatch.delenv(permission.ALLOWS, raising=False)
    return tmp_path / "models"


@pytest.fixture
def allowed(monkeypatch) -> None:
    monkeypatch.setenv(permission.ALLOWS, "1")


@pytest.fixture
def tide(models) -> Path:
    return reported.put(models, reported.report())


@pytest.fixture
def own(library, tmp_path) -> Path:
    """A copy of the library that a test may write to."""
    return Path(shutil.copy(library, tmp_path / "own.duckdb"))


def label(store: Path, found: dict, precision: float | None, within: list[int]) -> None:
    """Has a labeller with this report label some sentences of the store."""
    rows = {"segment_id": within, "scheme": "peer-review-analyze", "layer": "section", "code": "MET", "polarity": -1}
    batch = pl.DataFrame(rows | {"confidence": 0.8}, schema_overrides={"polarity": pl.Int8})
    codes = pl.DataFrame(
        {"scheme": ["peer-review-analyze"], "layer": ["section"], "code": ["MET"], "polarity": [None]}
        | {"n_segments": [9], "n_gold": [5], "n_model": [5], "n_both": [4], "f1": [0.8], "precision": [0.8]}
        | {"recall": [0.8], "best_f1": [0.8], "threshold": [0.5]},
        schema_overrides={"polarity": pl.Int8},
    )
    told = {key: found[key] for key in found if key != "learning"}
    made = datetime(2026, 1, 2)
    words = (found["annotator"], found["scheme"], found["name"], found["version"], made, precision, json.dumps(told))
    relabel(store, found["annotator"], [batch], within=within, record=ModelRecord(*words, codes))


def buttons(app) -> list[str]:
    return [button.label for button in app.button]


def charts(app) -> list[dict]:
    """The specs of all charts."""
    found = app.get("arrow_vega_lite_chart") or app.get("vega_lite_chart")
    return [json.loads(each.proto.spec) for each in found]


def links(app) -> list[str]:
    return [attributes["href"] for tag, attributes in Tags(html(app)).found if tag == "a" and "href" in attributes]


def hrefs(app, path: str) -> list[dict[str, list[str]]]:
    """The queries of all links to a page in HTML."""
    return [parse_qs(urlsplit(link).query) for link in links(app) if urlsplit(link).path == path]


def harmless(app) -> bool:
    """Whether no tag came from text."""
    own = {tag for tag, _ in Tags(html(app)).found}
    return not own & {"script", "img"} and not [link for link in links(app) if urlsplit(link).scheme]


class TestWithoutPermission:
    def test_says_that_there_is_none_and_how_to_get_one(self, visit, library):
        app = visit(library, PAGE)
        assert not app.exception
        assert "There is no labeller yet." in html(app)
        assert "This dashboard only shows." in html(app)
        assert "Train" not in buttons(app)

    def test_shows_reports_and_changes_nothing(self, visit, library, tide):
        for view in ("report", "label", "train"):
            app = visit(library, PAGE, view=view)
            assert not app.exception
            assert "learnt from <b>1,234</b> sentences of <b>30</b> papers (shelf)" in html(app)
            assert "This dashboard only shows." in html(app)
            assert not {"Train", "Stop", "Dismiss", "Remove them"} & set(buttons(app))
            assert not [each for each in buttons(app) if each.startswith("Label ")]

    def test_an_open_page_starts_nothing_once_permission_is_gone(self, visit, library, tide, allowed, monkeypatch):
        app = visit(library, PAGE, view="train")
        monkeypatch.setattr(labeller_progress, "start", lambda *_, **__: pytest.fail("a job was started"))
        monkeypatch.delenv(permission.ALLOWS)
        app.button(key="labeller_train").click().run()
        assert not app.exception


class TestReport:
    def test_tells_what_it_is(self, visit, library, tide):
        text = html(visit(library, PAGE))
        for said in (
            "<b>tide@1a2b</b> labels by Peer Review Analyze: sentence labels in four layers",
            "checked on <b>120</b> sentences of <b>6</b> papers kept apart",
            "trained in <b>1 min 15 s</b>",
            "<b>4.9 MB</b> on disk",
            "<b>2,346</b> sentences a second",
        ):
            assert said in text
        assert f"<dd>{'f' * 64}</dd>" in text
        assert "<dd>7</dd>" in text, "the seed"
        assert "spacy 3.8.18" in text

    def test_a_row_for_each_layer_leads_to_its_codes(self, visit, library, tide):
        app = visit(library, PAGE, layer="aspect")
        row = html(app).split('aria-label="Layers"')[1].split("</table>")[0]
        assert row.count("<tr>") == 3
        for cell in ("<b>.64</b>", ">.50<", ">.41<", ".03 ", "was&nbsp;.11", ">.75<", ">65%<", ">50%<", ">55%<"):
            assert cell in row, cell
        assert 'aria-current="true" class="rs-lab-on">Aspect' in row
        assert {"open": ["tide"], "layer": ["section"]} in hrefs(app, "labeller")

    def test_codes_that_it_hardly_knows_are_grey_with_the_reason(self, visit, library, tide):
        app = visit(library, PAGE)
        text = html(app)
        # EXP: 2 · 8 / 50 = .32; RES is right, but three sentences; nobody gave EXT
        hints = text.split("Grey: F1 under .40")[1].split("</div>")[0]
        assert hints.count("rs-chip guess weak") == 3
        assert "F1 under .40: a hint, not a measurement" in hints
        assert "under 5 held-out sentences have it" in hints
        assert "nobody gave it on the papers kept apart" in hints
        dots = str(charts(app)[0])
        assert "'thin': True" in dots
        assert "60 of 120 held-out sentences" in dots
        assert "sentences?label=MET" in dots, "a dot leads to the sentences of its code"

    def test_the_tables_have_the_numbers(self, visit, library, tide):
        frames = [each.value for each in visit(library, PAGE).dataframe]
        codes = next(frame for frame in frames if "grey because" in frame.columns).set_index("code")
        assert codes.loc["MET", ["held-out sentences", "by people", "by the labeller", "by both"]].to_list() == [
            *(120, 60, 70, 50)
        ]
        assert codes.loc["MET", "F1"] == pytest.approx(100 / 130)
        assert codes.index.to_list() == ["RES", "MET", "EXP", "EXT"], "the best first, the unknown last"
        signed = next(frame for frame in frames if "polarity" in frame.columns)
        assert signed["polarity"].to_list() == [-1]

    def test_draws_codes_curves_reliability_and_how_it_learnt(self, visit, library, tide):
        app = visit(library, PAGE)
        assert len(charts(app)) == 6
        alt = str([each.proto for each in app.get("arrow_vega_lite_chart") or app.get("vega_lite_chart")])
        for words in (
            "F1 by code of Section",
            "share of sentences labelled",
            "precision reached",
            "reliability",
            "Loss",
        ):
            assert words.casefold() in alt.casefold(), words

    def test_opens_what_the_address_names_by_directory_or_annotator(self, visit, library, models):
        reported.put(models, reported.report("tide", made_at="2026-02-01T00:00:00+00:00"))
        reported.put(models, reported.report("moon"))
        assert "<b>tide@1a2b</b> labels by" in html(visit(library, PAGE)), "the newest"
        for name in ("moon", "model:moon@1a2b", "moon@1a2b"):
            app = visit(library, PAGE, open=name)
            assert "<b>moon@1a2b</b> labels by" in html(app)
            assert not app.warning
        app = visit(library, PAGE, open=HOSTILE)
        assert "which is not here" in app.warning[0].value
        assert html(app).count('class="rs-lab-on"') == 2, "its row, and that of the layer"

    def test_a_layer_of_another_scheme_is_no_mistake_but_nonsense_is(self, visit, library, tide):
        assert not visit(library, PAGE, layer="disapere:aspect").warning
        assert "not to be had here" in visit(library, PAGE, layer="nonsense").warning[0].value

    def test_what_cannot_be_read_is_told_without_where_it_lies(self, visit, library, tide, models):
        (models / "torn").mkdir()
        (models / "torn" / "report.json").write_text("{")
        reported.put(models, reported.report("old", format=0))
        (models / "no labeller").mkdir()
        (models / "file").write_text("")
        app = visit(library, PAGE)
        assert html(app).count("A labeller is passed over.") == 2
        assert str(models) not in html(app)
        assert "<b>tide@1a2b</b> labels by" in html(app)

    @pytest.mark.parametrize("key", sorted(set(reported.report()) - {"format"}))
    @pytest.mark.parametrize("value", [None, "?", 3, [], {}, [{}], [1], {"n_segments": "many", "seconds": []}])
    def test_bears_a_report_of_which_something_is_gone_or_wrong(self, library, models, key, value):
        """As a plain function of the report: a run of the page for each would take minutes."""
        from pages.parts import labeller_known

        reported.put(models, reported.report(**{key: value}), "tide")
        found, told = labeller_known._on_disk(models, {})
        for each in found:
            for name in ("layers", "codes", "calibration", "coverage", "learning"):
                labeller_known.table(each.report, name)
            labeller_known._option(each)
        assert len(found) + len(told) == 1

    @pytest.mark.parametrize("wrong", [None, "?", [{"layer": "?", "code": 3, "f1": "x"}]])
    def test_draws_what_is_left_of_a_damaged_report(self, visit, own, models, allowed, wrong):
        keys = ("layers", "codes", "calibration", "coverage", "learning", "training", "held_out", "speed", "versions")
        found = reported.report()
        label(own, found | dict.fromkeys(keys, wrong), 0.7, [0, 1])  # known from the store only: nothing checked it
        for view in ("report", "label"):
            app = visit(own, PAGE, view=view)
            assert not app.exception, view
            assert "tide@1a2b" in app.selectbox(key="own_open").options[0]

    @pytest.mark.parametrize("odd", ["NaN", "Infinity", "1e300", "9" * 400])
    def test_numbers_that_are_none_keep_nobody_from_the_page(self, visit, own, models, allowed, monkeypatch, odd):
        path = reported.put(models, reported.report("moon"))
        told = path / "report.json"
        told.write_text(told.read_text().replace("75.2", odd).replace("4900000", odd))
        label(own, reported.report(), 0.7, [0, 1])
        kept = {"seconds": "odd", "size_bytes": "odd", "segments_per_second": "odd"}
        found = json.dumps(reported.report("ebb", training=kept, size_bytes="odd", speed=kept)).replace('"odd"', odd)
        from pages.parts import labeller_known, labeller_report

        labeller_report.headline(labeller_known.Known("ebb", json.loads(found), False, None))
        with monkeypatch.context() as store:  # which may come from elsewhere
            words = dict.fromkeys(("annotator", "scheme", "name", "version"), "ebb")
            store.setattr(labeller_known, "_recorded", lambda *_: [words | {"report": found}])
            assert labeller_known.known(SimpleNamespace(key=(), snapshot=None))[0] == []
        app = visit(own, PAGE)
        assert not app.exception
        assert html(app).count("A labeller is passed over.") == 1
        assert "<b>tide@1a2b</b> labels by" in html(app)

    def test_a_labeller_that_is_known_from_its_labels_only(self, visit, own, allowed):
        label(own, reported.report(), 0.8, [0, 1, 2])
        app = visit(own, PAGE)
        assert "labelled <b>3</b> of 3 sentences here at precision .80" in html(app)
        assert "its files are not here" in html(app)
        app = visit(own, PAGE, view="label")
        assert "it cannot label anything more" in html(app)
        assert app.button(key="labeller_annotate").disabled

    def test_hostile_names_stay_text(self, visit, library, models, allowed):
        found = reported.report(HOSTILE, title=HOSTILE, corpora=[HOSTILE], versions={HOSTILE: HOSTILE}, also=[HOSTILE])
        found |= {"scheme": HOSTILE, "version": HOSTILE, "made_at": HOSTILE, "annotator": f"model:{HOSTILE}@{HOSTILE}"}
        found["held_out"]["how"] = HOSTILE
        for row in (*found["layers"], *found["codes"], *found["calibration"], *found["coverage"], *found["learning"]):
            row["layer"] = f"{row['layer']} {HOSTILE}"
        for row in found["codes"]:
            row["code"] = HOSTILE + str(row["code"])
        reported.put(models, found, "<img src=x onerror=hurt()>")
        for view in ("report", "label", "train"):
            app = visit(library, PAGE, view=view)
            assert not app.exception
            assert harmless(app)


class TestLabel:
    def cells(self, app) -> list[list[str]]:
        body = html(app).split('aria-label="What to expect"')[1].split("<tbody>")[1].split("</tbody>")[0]
        return [
            [cell.split(" <span")[0].replace("<b>", "").replace("</b>", "") for cell in _cells(row)]
            for row in body.split("</tr>")[:-1]
        ]

    def test_tells_what_to_expect_at_the_usual_precision(self, visit, library, tide, allowed):
        app = visit(library, PAGE, view="label")
        assert app.segmented_control(key="own_precision").value == "0.70"
        assert self.cells(app) == [["Section", "65%", ".60", "120"], ["Aspect", "50%", ".71", "120"]]
        assert html(app).count('<span class="rs-muted">below</span>') == 1, "section reaches .60 of .70"
        assert "“Below”" in html(app)

    def test_the_precision_is_in_the_address(self, visit, library, tide, allowed):
        app = visit(library, PAGE, view="label", precision="0.90")
        assert self.cells(app)[1] == ["Aspect", "30%", ".91", "120"]
        app.segmented_control(key="own_precision").set_value("best").run()
        assert app.query_params["precision"] in ("best", ["best"])
        # aspect: 30 + 40 of 40 + 45 labels are right; section: 50 + 8 + 3 of 70 + 30 + 3
        assert self.cells(app) == [["Section", "100%", ".59", "120"], ["Aspect", "100%", ".82", "120"]]

    def test_an_unknown_precision_is_told(self, visit, library, tide, allowed):
        app = visit(library, PAGE, view="label", precision="lots")
        assert "cannot be stated here" in app.warning[0].value
        assert self.cells(app)[1][1] == "50%"

    def test_counts_the_selection(self, visit, library, tide, allowed):
        app = visit(library, PAGE, view="label")
        assert "Label 20 sentences" in buttons(app)
        assert "<dd>16 <small>what they answered stands" in html(app), "labelled by people"
        app = visit(library, PAGE, view="label", q="lemma", paper="shelf/light-1")
        assert "Label 4 sentences" in buttons(app), "a review is labelled whole"
        assert "<dd>4 <small>in 1 review</small>" in html(app)

    def test_asks_for_the_selection_at_the_precision(self, visit, library, tide, allowed, monkeypatch):
        asked = []
        monkeypatch.setattr(labeller_progress, "start", lambda db, kind, **options: asked.append((db, kind, options)))
        app = visit(library, PAGE, view="label", venue="Harbour", precision="0.90")
        app.button(key="labeller_annotate").click().run()
        assert asked == [(library, "annotate", {"open": "tide", "select": "venue=Harbour", "precision": 0.9})]
        app = visit(library, PAGE, view="label", precision="best")
        app.button(key="labeller_annotate").click().run()
        assert asked[1][2] == {"open": "tide", "select": "", "precision": None}

    def test_nothing_to_label(self, visit, library, tide, allowed):
        app = visit(library, PAGE, view="label", kind="comment")
        assert not app.exception
        assert "There is no sentence in this selection." in html(app)
        assert app.button(key="labeller_annotate").disabled

    def test_its_labels_have_one_precision(self, visit, own, tide, allowed):
        label(own, reported.report(), 0.8, [0, 1, 2])
        app = visit(own, PAGE, view="label")
        assert app.segmented_control(key="own_precision").value == "0.80", "as before"
        assert "<dd>3 <small>at precision .80" in html(app)
        app = visit(own, PAGE, view="label", precision="0.90", venue="Harbour")
        assert "It labelled at precision .80 here." in html(app)
        assert app.button(key="labeller_annotate").disabled
        for query in ({"precision": "0.90"}, {"precision": "0.80", "venue": "Harbour"}):
            assert not visit(own, PAGE, view="label", **query).button(key="labeller_annotate").disabled

    def test_its_labels_can_be_removed(self, visit, own, tide, allowed, monkeypatch):
        assert "Remove them" not in buttons(visit(own, PAGE, view="label"))
        label(own, reported.report(), 0.8, [0, 1, 2])
        asked = []
        monkeypatch.setattr(labeller_progress, "start", lambda db, kind, **options: asked.append((kind, options)))
        visit(own, PAGE, view="label").button(key="labeller_forget").click().run()
        assert asked == [("forget", {"annotator": TIDE})]


def _cells(row: str) -> list[str]:
    return [cell.split(">", 1)[1] for cell in row.replace("</td>", "").split("<td")[1:]]


class TestTrain:
    def test_offers_the_schemes_that_people_used(self, visit, mixed, allowed):
        app = visit(mixed, PAGE)
        offered = app.segmented_control(key="own_scheme_of")
        assert offered.value == "disapere"
        assert offered.options == ["DISAPERE · 7 sentences", "Peer Review Analyze · 4 sentences"]
        assert "<dt>labelled sentences</dt><dd>7</dd>" in html(app)
        assert "<dt>papers</dt><dd>2</dd>" in html(app)
        app = visit(mixed, PAGE, scheme_of="peer-review-analyze")
        assert app.text_input(key="labeller_name_peer-review-analyze").value == "peer-review-analyze"

    def test_asks_for_what_was_chosen(self, visit, mixed, allowed, monkeypatch):
        asked = []
        monkeypatch.setattr(labeller_progress, "start", lambda db, kind, **options: asked.append((db, kind, options)))
        app = visit(mixed, PAGE)
        app.text_input(key="labeller_name_disapere").set_value(" tide-2 ").run()
        app.multiselect(key="labeller_also_disapere").set_value(["peer-review-analyze"]).run()
        app.multiselect(key="labeller_corpora_disapere").set_value(["shelf"]).run()
        app.number_input(key="labeller_seed").set_value(5).run()
        app.button(key="labeller_train").click().run()
        options = {"scheme": "disapere", "name": "tide-2", "corpora": ["shelf"], "also": ["peer-review-analyze"]}
        assert asked == [(mixed, "train", {**options, "seed": 5})]

    @pytest.mark.parametrize("name", ["", "../up", "a b", "<b>"])
    def test_a_name_that_is_none_is_told_before(self, visit, mixed, allowed, name):
        app = visit(mixed, PAGE)
        app.text_input(key="labeller_name_disapere").set_value(name).run()
        assert "1 to 64 letters" in app.error[0].value
        assert app.button(key="labeller_train").disabled

    def test_says_whose_place_it_takes(self, visit, library, tide, allowed):
        app = visit(library, PAGE, view="train")
        assert "takes the place of" not in html(app)
        app.text_input(key="labeller_name_peer-review-analyze").set_value("tide").run()
        assert "It takes the place of tide@1a2b, made 2026-01-02 03:04." in html(app)

    def test_nobody_labelled_anything(self, visit, unlabelled, allowed):
        app = visit(unlabelled, PAGE)
        assert not app.exception
        assert "Nobody labelled a sentence here: there is nothing to learn from." in html(app)
        assert "Train" not in buttons(app)

    def test_what_kept_a_job_from_beginning_is_told(self, visit, library, allowed, monkeypatch):
        def refuse(*_, **__):
            raise jobs.JobError("Another job of this database is at work. [x](javascript:1)")

        monkeypatch.setattr(labeller_progress, "start", refuse)
        app = visit(library, PAGE)
        app.button(key="labeller_train").click().run()
        assert app.error[0].value.startswith("Another job of this database is at work")
        assert "\\[x\\]" in app.error[0].value

    def test_thousands_of_papers(self, visit, tmp_path, allowed):
        app = visit(shelf.build(tmp_path / "many.duckdb", shelf.many(1200)), PAGE)
        assert not app.exception
        assert "<dt>papers</dt><dd>1,200</dd>" in html(app)


PID = {"pid": 999_999_999}
CURVES = [
    {"epoch": epoch, "layer": layer, "loss": 2 / epoch, "f1": 0.1 * epoch}
    for epoch in (1, 2)
    for layer in ("aspect", "?")
]


def told(store: Path, kind: str, options: dict, *lines: dict) -> Path:
    """A job of the store, with what it told."""
    place = jobs._place(store)
    place.mkdir(parents=True, exist_ok=True)
    path = place / "20260101T000000.000000.jsonl"
    at = time.time() - 200
    rows = [{"at": at, "kind": kind, "options": options}, *({"at": at + 75, **line} for line in lines)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


TRAIN = ("train", {"scheme": "peer-review-analyze", "name": "tide"})
LABEL = ("annotate", {"open": "tide", "select": "venue=Harbour", "precision": 0.7})


class TestJobs:
    def test_at_work(self, visit, library, allowed):
        path = told(library, *TRAIN, PID, {"stage": "Leaving out papers", "done": 33, "of": 132, "learnt": CURVES})
        with FileLock(path.parent / "job.lock"):
            app = visit(library, PAGE)
        assert not app.exception
        text = html(app)
        assert "<b>Training tide on Peer Review Analyze</b>" in text
        assert "Leaving out papers …" in text
        assert "33 of 132" in text
        assert 'aria-valuenow="25"' in text
        assert "<span>3 min " in text
        assert "Stop" in buttons(app)
        assert "Train" not in buttons(app), "one at a time"
        assert len(charts(app)) == 2
        assert "Aspect" in text.split("rs-legend")[1]

    def test_at_work_on_what_is_not_known_to_take_how_long(self, visit, library, tide, allowed):
        path = told(library, *LABEL, PID, {"stage": "Opening the labeller", "done": 0, "of": 0})
        with FileLock(path.parent / "job.lock"):
            app = visit(library, PAGE)
        assert '<i class="busy">' in html(app)
        assert "aria-valuenow" not in html(app)
        assert not app.exception

    def test_nobody_but_the_allowed_stops_it(self, visit, library):
        path = told(library, *TRAIN, PID, {"stage": "Learning", "done": 1, "of": 2})
        with FileLock(path.parent / "job.lock"):
            app = visit(library, PAGE)
        assert "<b>Training tide" in html(app)
        assert "Stop" not in buttons(app)
        assert "was interrupted" not in html(visit(library, PAGE)), "what somebody else did is no news"

    def test_at_work_whatever_the_selection(self, visit, library, allowed):
        path = told(library, *TRAIN, PID, {"stage": "Learning", "done": 1, "of": 2})
        with FileLock(path.parent / "job.lock"):
            app = visit(library, PAGE, venue="Nowhere")
        assert "<b>Training tide" in html(app)
        assert "Stop" in buttons(app)

    @pytest.mark.parametrize("view", ["report", "label", "train"])
    def test_trained_while_one_was_away(self, visit, library, tide, allowed, view):
        told(library, *TRAIN, PID, {"end": "done", "result": {"open": "tide", "annotator": TIDE}})
        app = visit(library, PAGE, view=view)
        assert "<b>tide@1a2b is trained.</b>" in html(app)
        assert "after 1 min 15 s" in html(app)
        assert {"open": ["tide"], "view": ["report"]} in hrefs(app, "labeller")
        app.button(key="labeller_dismiss").click().run()
        assert "is trained" not in html(app)
        assert not app.exception

    def test_labelled_while_one_was_away(self, visit, library, tide, allowed):
        result = {"annotator": TIDE, "labels": 1500, "segments": 1200, "n_segments": 2000, "n_reviews": 90}
        result |= {"shares": {"section": 0.75, "aspect": 0.5}, "scheme": "peer-review-analyze"}
        told(library, *LABEL, PID, {"end": "done", "result": result})
        app = visit(library, PAGE)
        assert "<b>1,200 of 2,000 sentences labelled</b> by tide@1a2b, with 1,500 labels." in html(app)
        assert "Left unlabelled, by layer: Section 25%, Aspect 50%." in html(app)
        assert {"venue": ["Harbour"], "whose": ["models"]} in hrefs(app, "sentences")

    def test_labels_taken_out(self, visit, library, allowed):
        told(
            library, "forget", {"annotator": TIDE}, PID, {"end": "done", "result": {"annotator": TIDE, "labels": 1500}}
        )
        assert "1,500 labels of tide@1a2b are taken out." in html(visit(library, PAGE))

    def test_failed(self, visit, library, allowed):
        told(library, *TRAIN, PID, {"end": "failed", "said": f"labels on 10 papers, and 12 are needed {HOSTILE}"})
        app = visit(library, PAGE)
        assert "Training tide on Peer Review Analyze failed.</b> labels on 10 papers" in html(app)
        assert harmless(app)
        assert "Train" in buttons(app), "it can be tried again"

    @pytest.mark.parametrize(("lines", "word"), [([], "interrupted"), ([{"stop": 1.0}], "stopped")])
    def test_interrupted_or_stopped(self, visit, library, allowed, lines, word):
        told(library, *TRAIN, PID, *lines)
        text = html(visit(library, PAGE))
        assert f"was {word}.</b>" in text
        assert "Nothing was written." in text
        told(library, *LABEL, PID, *lines)
        assert "it goes on from there" in html(visit(library, PAGE))

    @pytest.mark.parametrize(
        ("job", "stage"),
        [(TRAIN, "Writing"), (LABEL, "Writing the labels"), (("forget", {"annotator": TIDE}), "Taking the labels out")],
    )
    def test_one_that_writes_is_not_stopped(self, visit, library, allowed, monkeypatch, job, stage):
        monkeypatch.setattr(labeller_progress, "stop", lambda _: pytest.fail("it was stopped"))
        path = told(library, *job, PID, {"stage": "Before", "done": 1, "of": 3})
        with FileLock(path.parent / "job.lock"):
            app = visit(library, PAGE)
            assert not app.button(key="labeller_stop").disabled
            path = told(library, *job, PID, {"stage": stage, "done": 3, "of": 3}, {"stop": 1.0})
            app.button(key="labeller_stop").click().run()  # as a page that was drawn a moment ago has it
            assert app.button(key="labeller_stop").disabled
            assert f"{stage} …" in html(app), "not “Stopping”, which it does not"
        for lines in ([], [{"stop": 1.0}]):
            told(library, *job, PID, {"stage": stage, "done": 3, "of": 3}, *lines)
            text = html(visit(library, PAGE))
            assert "all of it is there now, or nothing" in text
            assert "Nothing was written" not in text

    def test_what_a_job_told_is_text(self, visit, library, tide, allowed):
        options = {
            "scheme": HOSTILE,
            "name": HOSTILE,
            "open": HOSTILE,
            "select": "label=" + HOSTILE,
            "annotator": HOSTILE,
        }
        ends = [{"end": "done", "result": {"annotator": HOSTILE, "open": HOSTILE, "shares": {HOSTILE: 0.5}}}]
        ends += [{"end": "failed", "said": HOSTILE}, {}, {"end": "done", "result": {}}]
        for kind in ("train", "annotate", "forget"):
            for end in ends:
                told(library, kind, options, PID | {"stage": HOSTILE}, end)
                app = visit(library, PAGE)
                assert not app.exception
                assert harmless(app)

    def test_too_few_papers_are_told_in_words_by_a_real_job(self, visit, own, allowed):
        jobs.start(own, "train", scheme="peer-review-analyze", name="tide")
        until = time.monotonic() + 60
        while jobs.latest(own).alive and time.monotonic() < until:
            time.sleep(0.1)
        app = visit(own, PAGE)
        assert "No layer of &#x27;peer-review-analyze&#x27; can be learnt here." in html(app)
        assert "40 are needed" in html(app)
        assert Snapshot.open(own).frames.labels.collect().height, "the database is whole"


def test_looking_needs_no_spacy():
    code = "import sys; from pages.parts import labeller_apply, labeller_teach; sys.exit('spacy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode == 0
