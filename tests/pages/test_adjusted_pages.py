"""Trends and Compare where a model labels: corrected by default, as counted if asked, what cannot be corrected told."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import duckdb
import polars as pl
import pytest
import shelf
from marked import charts, twin
from shelf import HOSTILE, Paper, Review
from streamlit.testing.v1 import AppTest
from test_page_states import html
from test_verbatim import Tags

from pages.parts import adjusted
from queries.filters import Filters
from queries.intervals import ENOUGH_PAPERS

TRENDS, COMPARE = "pages/explore/trends.py", "pages/explore/compare.py"
MODEL = "model:rough@1"
#: tpr .6 and fpr .05 of EMP, .75 and .05 of its negative labels; CLA is not known well, PNF not told apart; NOV is not
#: measured.
MEASURED = [
    ("EMP", None, 1000, 400, 270, 240, 0.7),
    ("EMP", -1, 1000, 160, 162, 120, 0.7),
    ("EMP", 1, 1000, 200, 150, 90, 0.7),
    ("CLA", None, 1000, 200, 170, 130, 0.31),
    ("CLA", -1, 1000, 100, 85, 60, 0.31),
    ("CLA", 1, 1000, 100, 85, 60, 0.31),
    ("PNF", None, 1000, 100, 90, 12, 0.6),
    ("PNF", -1, 1000, 60, 50, 6, 0.6),
]
GUESSED = Review(
    [(f"Gauge {at} drifts. ", f"{codes}/{MODEL}" if codes else "") for at, codes in
     enumerate(["EMP-NEG", "EMP-POS", "CLA-NEG", "PNF-NEG", "NOV-POS", "", "", "", "", ""])]
)  # fmt: skip
JUDGED = Review(
    [
        ("The gauge drifts. ", "EMP-NEG"),
        ("Well moored. ", "CLA-POS"),
        ("It holds. ", "EMP-POS"),
        ("So. ", "none@aspect"),
    ]
)


def measured(path: Path) -> Path:
    """The store with what the model was measured at."""
    columns = ("code", "polarity", "n_segments", "n_gold", "n_model", "n_both", "best_f1")
    rows = pl.DataFrame(MEASURED, schema=columns, orient="row").with_columns(
        annotator=pl.lit(MODEL), scheme=pl.lit("peer-review-analyze"), layer=pl.lit("aspect")
    )
    with duckdb.connect(str(path)) as connection:
        connection.register("fresh", rows)
        connection.execute(
            "INSERT INTO models BY NAME SELECT ? AS annotator, 'peer-review-analyze' AS scheme, 'rough' AS name, "
            "'1' AS version, now()::TIMESTAMP AS made_at, 10 AS n_segments, 5 AS n_labelled, '{}' AS report",
            [MODEL],
        )
        connection.execute("INSERT INTO model_codes BY NAME SELECT * FROM fresh")
    return path


def papers(n: int, name: str, reviews, **of) -> list[Paper]:
    return [Paper(f"{name}-{at:03}", f"{name} {at}", list(reviews), **of) for at in range(n)]


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    """2020 is labelled by people, 2021 and 2022 by the model."""
    found = [
        *papers(ENOUGH_PAPERS, "a", [JUDGED], year=2020, decision="accept"),
        *papers(ENOUGH_PAPERS, "b", [GUESSED], year=2021, decision="accept"),
        *papers(ENOUGH_PAPERS, "c", [GUESSED], year=2022, decision="reject"),
    ]
    return measured(shelf.build(tmp_path_factory.mktemp("guessed") / "guessed.duckdb", found))


def by(rows: list[dict]) -> dict:
    return {row["at"]: row for row in rows}


class TestTrends:
    def test_the_value_is_corrected_and_drawn_as_a_guess(self, visit, store):
        # (2/10 - .05) / (.6 - .05) = .27273; people have it on 2 of 4 sentences
        app = visit(store, TRENDS, measure="sentence", code="EMP")
        assert not app.exception
        assert not app.warning
        rows = by(charts(app)[0])
        assert rows[2020]["value"] == 0.5
        assert rows[2021]["value"] == pytest.approx(0.15 / 0.55)
        assert rows[2021]["low"] < rows[2021]["value"] < rows[2021]["high"], "papers are alike, but rates are not sure"
        assert (rows[2020]["guess"], rows[2020]["hollow"]) == (False, False)
        assert (rows[2021]["guess"], rows[2021]["hollow"], rows[2021]["thin"]) == (True, True, False)
        assert "300 sentences by a model, as counted 0.20" in rows[2021]["n"]
        assert "Dashed rings: with labels of the model rough@1" in html(app)
        assert "corrected by how it errs on held-out papers" in html(app)

    def test_as_counted_where_the_address_asks_for_it(self, visit, store):
        app = visit(store, TRENDS, measure="sentence", code="EMP", counted="yes")
        row = by(charts(app)[0])[2021]
        assert (row["value"], row["low"], row["high"]) == (0.2, 0.2, 0.2)
        assert row["guess"], "a guess all the same"
        assert "how it errs is neither taken out nor in the interval" in html(app)
        switch = next(each for each in app.segmented_control if each.key == "own_counted")
        switch.set_value("no").run()
        assert app.query_params["counted"] in ("no", ["no"])
        assert by(charts(app)[0])[2021]["value"] == pytest.approx(0.15 / 0.55)

    def test_corrected_and_counted_stand_side_by_side_in_the_table(self, visit, store):
        rows = twin(visit(store, TRENDS, measure="sentence", code="EMP,NOV"))
        row = rows[(rows["year"] == "2021") & (rows["code"] == "EMP")].iloc[0]
        assert row["share of sentences, corrected"] == pytest.approx(0.15 / 0.55)
        assert row["as counted"] == 0.2
        novelty = rows[(rows["year"] == "2021") & (rows["code"] == "NOV")].iloc[0]
        assert novelty["not corrected"] == "never measured on held-out papers"
        assert novelty["as counted"] == pytest.approx(0.1)

    def test_what_cannot_be_corrected_is_told_and_what_the_model_does_not_know_is_grey(self, visit, store):
        app = visit(store, TRENDS, measure="sentence")
        text = html(app)
        assert "Not drawn: originality (in part).</b> Never measured on held-out papers." in text, "people have none"
        assert "Not drawn: clarity" not in text
        assert (
            "presentation and formatting (in part).</b> The model hardly tells sentences with it from others." in text
        )
        assert "A hint only: clarity (F1 .31)" in text
        drawn = {row["code"]: row for chart in charts(app) for row in chart if row["at"] == 2021}
        assert set(drawn) == {"EMP", "CLA"}
        assert (drawn["CLA"]["kind"], drawn["CLA"]["run"]) == ("none", None)
        assert drawn["EMP"]["kind"] != "none"

    def test_what_has_no_correction_is_not_drawn_and_leads_to_what_has(self, visit, store):
        app = visit(store, TRENDS, measure="mention", year=["2021", "2022"])
        assert not app.exception
        assert not charts(app)
        assert "from which no share of reviews follows" in html(app)
        asked = [parse_qs(urlsplit(link).query) for link in re.findall(r'href="([^"]*)"', unescape(html(app)))]
        assert {"measure": ["sentence"], "year": ["2021", "2022"]} in asked
        assert {"measure": ["mention"], "counted": ["yes"], "year": ["2021", "2022"]} in asked
        counted = visit(store, TRENDS, measure="mention", counted="yes", code="EMP")
        assert by(charts(counted)[0])[2021]["value"] == 1

    def test_sentences_chosen_by_their_labels_are_not_corrected(self, visit, store):
        app = visit(store, TRENDS, measure="negative", label="EMP", year="2021")
        assert not charts(app)
        assert "the sentences here were chosen by their words or labels" in html(app)
        assert "show shares of sentences" not in html(app), "they were chosen by their labels all the same"

    def test_sentences_chosen_by_their_words_are_not_corrected_and_counted_as_answered(self, visit, store):
        """Sentences 5 to 9 have no label: of those with “drifts” in them the model still answered all ten."""
        app = visit(store, TRENDS, measure="sentence", code="EMP", q="drifts", year="2021")
        assert not charts(app)
        assert "the sentences here were chosen by their words or labels" in html(app)
        counted = visit(store, TRENDS, measure="sentence", code="EMP", q="drifts", year="2021", counted="yes")
        [row] = charts(counted)[0]
        assert row["n"].startswith("60 of 300 sentences answered")

    def test_people_alone_are_shown_as_before(self, visit, store):
        app = visit(store, TRENDS, whose="people")
        assert not [each for each in app.segmented_control if each.key == "own_counted"]
        assert "Dashed" not in html(app)
        assert not any(row["guess"] or row["hollow"] for chart in charts(app) for row in chart)

    def test_a_layer_without_polarities_starts_with_what_can_be_corrected(self, visit, tmp_path):
        guessed = Review([("The gauge drifts. ", f"CRT/{MODEL}"), ("So. ", f"SMY/{MODEL}")])
        path = measured(shelf.build(tmp_path / "acts.duckdb", papers(3, "a", [guessed])))
        app = visit(path, TRENDS, layer="purpose")
        assert not app.exception
        assert "share of sentences, corrected" in twin(app).columns

    def test_a_model_without_a_record_is_not_drawn_but_told(self, visit, tmp_path):
        path = shelf.build(tmp_path / "none.duckdb", papers(3, "a", [GUESSED], year=2021))
        app = visit(path, TRENDS, measure="sentence")
        assert not app.exception
        assert "Never measured on held-out papers." in html(app)
        assert not charts(app)

    def test_how_it_is_computed_is_told_where_a_model_labels(self, visit, store):
        assert any("adjusted counting" in each.value for each in visit(store, TRENDS).markdown)
        assert not any("adjusted counting" in each.value for each in visit(store, TRENDS, whose="people").markdown)


class TestCompare:
    def test_cohorts_of_people_and_of_a_model_are_compared_after_correction(self, visit, store):
        app = visit(store, COMPARE, split="year", measure="sentence", **{"with": "2020"})
        assert not app.exception
        assert not app.warning
        values, apart = charts(app)
        of = {(row["name"], row["series"]): row for row in values}
        assert of["soundness", "2020"]["value"] == 0.5
        assert of["soundness", "2021"]["value"] == pytest.approx(0.15 / 0.55)
        assert (of["soundness", "2020"]["guess"], of["soundness", "2021"]["guess"]) == (False, True)
        differ = {(row["name"], row["series"]): row for row in apart}
        assert differ["soundness", "2021 against 2020"]["value"] == pytest.approx(100 * (0.15 / 0.55 - 0.5))
        assert differ["soundness", "2021 against 2020"]["guess"]
        assert differ["clarity", "2021 against 2020"]["kind"] == "none", "the model does not know it"
        assert "Not drawn: originality (in part)." in html(app)

    def test_two_cohorts_of_one_model_do_not_differ_by_its_errors(self, visit, store):
        app = visit(store, COMPARE, split="year", year=["2021", "2022"], measure="sentence")
        row = next(row for row in charts(app)[1] if row["name"] == "soundness")
        assert [row["value"], row["low"], row["high"]] == pytest.approx([0, 0, 0], abs=1e-9)

    def test_as_counted_and_side_by_side(self, visit, store):
        app = visit(store, COMPARE, split="year", measure="sentence", counted="yes")
        value = {(row["name"], row["series"]): row["value"] for row in charts(app)[0]}
        assert value["soundness", "2021"] == 0.2
        assert "share of sentences, as counted" in twin(app).columns
        both = twin(visit(store, COMPARE, split="year", measure="sentence"))
        row = both[(both["code"] == "EMP") & (both["cohort"] == "2021")].iloc[0]
        assert row["share of sentences, corrected"] == pytest.approx(0.15 / 0.55)
        assert row["as counted"] == 0.2

    def test_what_has_no_correction_is_told(self, visit, store):
        app = visit(store, COMPARE, split="year", measure="share")
        assert not charts(app)
        assert "from which no share of labels follows" in html(app)
        chosen = visit(store, COMPARE, cohort=["label=EMP", "year=2022"], measure="sentence")
        assert "chosen by their words or labels" in html(chosen)


def test_a_hostile_model_stays_text(visit, tmp_path):
    guessed = Review([("The gauge drifts. ", f"EMP-NEG/{MODEL}"), ("Well moored. ", f"NOV-POS/{MODEL}")])
    path = measured(shelf.build(tmp_path / "evil.duckdb", papers(2, "a", [guessed])))
    evil = f"model:{HOSTILE}@1"
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE labels SET annotator = ?", [evil])
    for page in (TRENDS, COMPARE):
        for measure in ("sentence", "mention"):
            app = visit(path, page, measure=measure, cohort=["q=", "q="] if page == COMPARE else [])
            assert not app.exception
            assert not {tag for tag, _ in Tags(html(app)).found} & {"script", "img"}


def _beside(store: str) -> None:
    """A page with nothing but the compact chart, as Overview may draw it."""
    import os

    from pages.parts import adjusted, codes, frames

    os.environ["REVIEWSCOPE_DB"] = store
    chosen = frames.selection()
    plans = adjusted.plans(chosen.frames, "aspect", chosen.snapshot.frames)
    found = frames.collect(chosen, "beside", codes=chosen.frames.codes, **plans)
    known = [code for code in codes.by_code(found["codes"]).values() if code.layer == "aspect"]
    adjusted.draw("aspect", found, known, chosen.filters)


class TestBesideAnotherChart:
    def test_a_dot_and_a_band_for_each_code_that_can_be_corrected(self, store):
        app = AppTest.from_function(_beside, args=(str(store),), default_timeout=60).run()
        assert not app.exception
        [rows] = charts(app)
        assert [row["name"] for row in rows] == ["soundness", "clarity"]
        # people's 60 of 120 and the model's .15 / .55 of 600
        assert rows[0]["value"] == pytest.approx((60 + 600 * 0.15 / 0.55) / 720)
        assert rows[0]["low"] < rows[0]["value"] < rows[0]["high"]
        assert rows[1]["thin"], "the model does not know clarity"
        assert parse_qs(urlsplit(rows[0]["go"]).query) == {"label": ["EMP"]}
        assert "Not drawn: originality." in html(app)

    def test_nothing_where_people_label_alone(self, library):
        app = AppTest.from_function(_beside, args=(str(library),), default_timeout=60).run()
        assert not app.exception
        assert not charts(app)
        assert not html(app)


def test_of_several_selections_the_models_of_all_count():
    none, some = (pl.DataFrame({"source": names}, schema={"source": pl.String}) for names in ([], [MODEL]))
    assert adjusted.way([none, none], "sentence", [Filters()]) == adjusted.Way()
    way = adjusted.way([none, some], "sentence", [Filters(), Filters(years=(2021,))])
    assert way.models == (MODEL,)
    assert way.corrects
