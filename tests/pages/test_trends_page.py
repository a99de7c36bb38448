"""Trends in the states of its own: years with gaps, one year, groups, splits, what is left out, links to sentences."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import shelf
from marked import charts, twin
from shelf import HOSTILE, Paper, Review
from test_page_states import html
from test_verbatim import Tags

from pages.parts.panels import joined

PAGE = "pages/explore/trends.py"

HARSH = Review([("The gauge drifts. ", "MET-NEG EMP-NEG"), ("Well moored. ", "OAL-POS CLA-POS")])
KIND = Review([("The gauge holds. ", "MET-POS EMP-POS"), ("A blot. ", "OAL-NEG CLA-NEG"), ("Thanks.", "none@aspect")])


def papers(n: int, name: str, reviews=(HARSH, KIND), **of) -> list[Paper]:
    return [Paper(f"{name}-{at:03}", f"{name} {at}", list(reviews), **of) for at in range(n)]


@pytest.fixture(scope="module")
def years(tmp_path_factory) -> Path:
    """Thirty papers and more in 2017, 2018, 2020 and 2021, few in 2022, none in 2019; some without a year or labels."""
    bare = Review([("Nothing is labelled.", "")])
    found = [
        *papers(30, "a", year=2017, decision="accept"),
        *papers(31, "b", [HARSH], year=2018, decision="reject"),
        *papers(32, "c", year=2020, venue="Harbour"),
        *papers(30, "d", [KIND], year=2021, venue="Harbour", decision="accept"),
        *papers(3, "e", year=2022),
        *papers(2, "f", [bare], year=2023),
        *papers(4, "g", year=None, venue=None),
    ]
    return shelf.build(tmp_path_factory.mktemp("years") / "years.duckdb", found)


def query(link: str) -> dict[str, list[str]]:
    assert urlsplit(link).path == "sentences"
    return parse_qs(urlsplit(link).query)


class TestYears:
    def test_a_line_joins_years_that_follow_each_other_and_rest_on_enough(self, visit, years):
        app = visit(years, PAGE)
        assert not app.exception
        assert not app.warning
        soundness, clarity = charts(app)
        runs = {row["at"]: row["run"] for row in soundness}
        assert runs[2017] is not None
        assert runs[2017] == runs[2018]
        assert runs[2020] == runs[2021] != runs[2017], "2019 is not there"
        assert runs[2022] is None, "three papers are too few"
        assert {row["at"]: row["value"] for row in clarity} == {2017: 0.5, 2018: 0, 2020: 0.5, 2021: 1, 2022: 0.5}

    def test_what_is_thin_is_a_grey_ring(self, visit, years):
        row = next(row for row in charts(visit(years, PAGE))[0] if row["at"] == 2022)
        assert (row["thin"], row["kind"], row["hollow"]) == (True, "none", True)

    def test_what_is_not_drawn_is_told(self, visit, years):
        text = html(visit(years, PAGE))
        assert "<b>4</b> papers have no year" in text
        assert "no labels in this layer: 2023" in text

    def test_papers_without_a_year_are_in_the_table(self, visit, years):
        rows = twin(visit(years, PAGE))
        without = rows[rows["year"].isna()]
        assert sorted(without["code"]) == ["CLA", "EMP"]
        assert list(without["papers"]) == [4, 4]

    def test_marks_lead_to_the_sentences_that_are_counted(self, visit, years):
        rows = charts(visit(years, PAGE, venue="Harbour"))[0]
        assert query(rows[0]["go"]) == {"venue": ["Harbour"], "year": ["2020"], "label": ["EMP-NEG"]}
        assert rows[0]["n"] == "32 of 64 judged labels, 32 papers"
        positive = charts(visit(years, PAGE, measure="positive"))[0]
        assert query(positive[0]["go"])["label"] == ["EMP-POS"]

    def test_where_none_is_counted_marks_lead_to_the_code(self, visit, years):
        row = next(row for row in charts(visit(years, PAGE))[0] if row["at"] == 2021)
        assert row["value"] == 0
        assert query(row["go"])["label"] == ["EMP"]

    def test_one_year_is_told_and_has_no_line(self, visit, years):
        app = visit(years, PAGE, year="2017", over="year")
        assert "One year only: 2017." in html(app)
        [rows] = charts(app)
        assert [row["name"] for row in rows] == ["soundness", "clarity"]

    def test_a_split_has_a_line_each(self, visit, years):
        app = visit(years, PAGE, split="venue")
        assert {row["series"] for row in charts(app)[0]} == {"Tidal Computing", "Harbour"}
        assert {row["shape"] for row in charts(app)[0]} == {"circle", "square"}
        assert "<b>4</b> papers have no venue" in html(app)
        assert query(charts(app)[0][0]["go"])["venue"] == ["Tidal Computing"]


class TestGroups:
    def test_dots_without_a_line(self, visit, years):
        app = visit(years, PAGE, over="decision")
        assert [row["name"] for row in charts(app)[0]] == ["Accepted", "Rejected"]
        assert "<b>41</b> papers have no decision" in html(app)
        assert query(charts(app)[0][1]["go"])["decision"] == ["reject"]

    def test_only_so_many_groups_are_drawn_the_rest_is_told(self, visit, tmp_path):
        found = [each for at in range(18) for each in papers(20 - at, f"v{at}", [HARSH], venue=f"Port {at:02}")]
        app = visit(shelf.build(tmp_path / "ports.duckdb", found), PAGE, over="venue")
        assert [row["name"] for row in charts(app)[0]] == [f"Port {at:02}" for at in range(16)]
        assert "Drawn are the 16 with the most papers; in the table also Port 16, Port 17" in html(app)
        assert len(twin(app)) == 18 * 2

    def test_corpora_without_years_or_venues_are_set_beside_each_other(self, visit, tmp_path):
        found = papers(2, "a", venue=None, year=None) + papers(3, "b", venue=None, year=None, corpus="other")
        app = visit(shelf.build(tmp_path / "two.duckdb", found), PAGE)
        assert [row["name"] for row in charts(app)[0]] == ["other", "shelf"]

    def test_years_of_several_corpora_are_warned_of_unless_split(self, visit, tmp_path):
        found = papers(2, "a", year=2020) + papers(3, "b", year=2021, corpus="other")
        store = shelf.build(tmp_path / "two.duckdb", found)
        assert "what differs may be the corpus, not the year" in html(visit(store, PAGE))
        assert "may be the corpus" not in html(visit(store, PAGE, split="corpus"))

    def test_hostile_names_stay_text(self, visit, tmp_path):
        found = papers(2, "a", venue=HOSTILE) + papers(3, "b", venue="<b>x</b>", year=2022)
        app = visit(shelf.build(tmp_path / "evil.duckdb", found), PAGE, over="year", split="venue")
        assert not app.exception
        assert not {tag for tag, _ in Tags(html(app)).found} & {"script", "img"}
        assert "&lt;b&gt;x&lt;/b&gt;" in html(app)


class TestChoices:
    def test_measures_divide_what_they_say(self, visit, years):
        for measure, wanted in (("net", 0), ("share", 0.4), ("mention", 1)):
            app = visit(years, PAGE, year="2017", over="year", measure=measure)
            assert charts(app)[0][0]["value"] == pytest.approx(wanted), measure

    def test_codes_are_those_of_the_address_in_any_spelling_of_a_list(self, visit, years):
        assert len(charts(visit(years, PAGE, code="CLA"))) == 1
        assert len(charts(visit(years, PAGE, code="CLA,EMP"))) == 2
        assert len(charts(visit(years, PAGE, code=["CLA", "EMP"]))) == 2

    def test_codes_are_written_into_the_address(self, visit, years):
        app = visit(years, PAGE)
        assert app.pills(key="own_code").value == ["EMP", "CLA"]
        app.pills(key="own_code").set_value(["CLA"]).run()
        assert app.query_params["code"] == "CLA"
        assert len(charts(app)) == 1
        app.pills(key="own_code").set_value([]).run()
        assert "code" not in app.query_params
        assert len(charts(app)) == 2

    def test_what_is_not_to_be_had_is_told(self, visit, years):
        text = html(visit(years, PAGE, code=["NOV", "<b>"], over="track", split="track"))
        assert "no label here has the code NOV" in text
        assert "no label here has the code &lt;b&gt;" in text
        assert "papers here cannot be placed by track" in text
        assert "papers here cannot be split by track" in text

    def test_a_layer_without_polarities_has_no_negative_share(self, visit, library):
        app = visit(library, PAGE, layer="purpose", measure="negative")
        assert not app.exception
        assert "this layer has no polarities, so there is no negative" in html(app)
        assert list(twin(app)["share of labels"])

    def test_an_unknown_measure_or_axis_is_told(self, visit, years):
        warnings = " ".join(w.value for w in visit(years, PAGE, measure="mean", over="month", split="moon").warning)
        for word in ("mean", "month", "moon"):
            assert word in warnings


def test_runs_end_at_a_gap_at_what_is_thin_and_are_of_one_series():
    def mark(at: int, series: str = "a", thin: bool = False) -> dict:
        return {"at": at, "series": series, "thin": thin, "run": None}

    marks = [
        mark(2003),
        mark(2001),
        mark(2002),
        mark(2005),
        mark(2006, thin=True),
        mark(2007),
        mark(2001, "b"),
        mark(2002, "b"),
    ]
    found = {(row["series"], row["at"]): row["run"] for row in joined(marks)}
    assert found == {
        ("a", 2001): "a 2001",
        ("a", 2002): "a 2001",
        ("a", 2003): "a 2001",
        ("a", 2005): None,
        ("a", 2006): None,
        ("a", 2007): None,
        ("b", 2001): "b 2001",
        ("b", 2002): "b 2001",
    }
