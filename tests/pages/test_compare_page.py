"""Compare in the states of its own: splits and named cohorts, what differs in words, links, what goes wrong."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import shelf
from marked import charts, twin
from shelf import HOSTILE, Paper, Review
from test_page_states import html
from test_verbatim import Tags

PAGE = "pages/explore/compare.py"

HARSH = Review([("The gauge drifts. ", "MET-NEG EMP-NEG"), ("Well moored. ", "OAL-POS CLA-POS")])
KIND = Review([("The gauge holds. ", "MET-POS EMP-POS"), ("Well moored. ", "OAL-POS CLA-POS")])


def papers(n: int, name: str, reviews, **of) -> list[Paper]:
    return [Paper(f"{name}-{at:03}", f"{name} {at}", list(reviews), **of) for at in range(n)]


@pytest.fixture(scope="module")
def decided(tmp_path_factory) -> Path:
    """Accepted papers are praised and rejected ones criticised on soundness, all praised for clarity; few withdrawn."""
    found = [
        *papers(30, "a", [KIND, KIND], decision="accept"),
        *papers(5, "b", [HARSH, KIND], decision="accept", venue="Harbour"),
        *papers(32, "c", [HARSH, KIND], decision="reject"),
        *papers(4, "d", [HARSH], decision="withdrawn"),
        *papers(6, "e", [HARSH], decision=None),
    ]
    return shelf.build(tmp_path_factory.mktemp("decided") / "decided.duckdb", found)


def said(app) -> str:
    """What differs, without tags."""
    return re.sub(r"<[^>]*>", "", html(app).split('<ul class="rs rs-differ">', 1)[1].split("</ul>", 1)[0])


class TestSplit:
    def test_what_differs_is_said_in_words(self, visit, decided):
        app = visit(decided, PAGE)
        assert not app.exception
        assert not app.warning
        assert "Rejected: 1 of 2 codes differs from Accepted after correction at q < .05: soundness +43 points." in (
            said(app).replace("&lt;", "<")
        )
        assert "Withdrawn: 1 of 2 codes differs from Accepted after correction at q < .05, 1 of them on few papers" in (
            said(app).replace("&lt;", "<")
        )

    def test_values_and_differences_stand_side_by_side(self, visit, decided):
        values, apart = charts(visit(decided, PAGE))
        by = {(row["name"], row["series"]): row for row in values}
        assert by["soundness", "Accepted"]["value"] == pytest.approx(5 / 70)
        assert by["soundness", "Rejected"]["value"] == 0.5
        assert by["clarity", "Rejected"]["value"] == 0
        assert by["soundness", "Withdrawn"]["kind"] == "none", "four papers are thin"
        rejected = {row["name"]: row for row in apart if row["series"] == "Rejected against Accepted"}
        assert rejected["soundness"]["value"] == pytest.approx(100 * (0.5 - 5 / 70))
        assert not rejected["soundness"]["hollow"]
        assert rejected["clarity"]["hollow"]
        assert "; ratio 7.00; h 1.0" in rejected["soundness"]["n"]

    def test_every_mark_leads_to_the_sentences_of_its_cohort(self, visit, decided):
        values, apart = charts(visit(decided, PAGE, venue="Tidal Computing"))
        links = {(row["name"], row["series"]): parse_qs(urlsplit(row["go"]).query) for row in values + apart}
        wanted = {"venue": ["Tidal Computing"], "decision": ["reject"], "label": ["EMP-NEG"]}
        assert links["soundness", "Rejected"] == links["soundness", "Rejected against Accepted"] == wanted
        assert links["clarity", "Rejected"]["label"] == ["CLA"], "none is negative: all that are there"

    def test_papers_in_no_cohort_are_told(self, visit, decided):
        assert "<b>6</b> papers of the selection in none" in html(visit(decided, PAGE))

    def test_the_reference_and_the_order_are_in_the_address(self, visit, decided):
        app = visit(decided, PAGE, **{"with": "reject", "order": "scheme"})
        assert "Accepted: 1 of 2 codes differs from Rejected" in said(app)
        assert charts(app)[0][0]["name"] == "soundness"
        assert twin(app)[twin(app)["cohort"] == "Rejected"]["difference"].isna().all()
        assert "not to be had" in visit(decided, PAGE, **{"with": "nobody"}).warning[0].value

    def test_the_largest_difference_comes_first_unless_it_is_thin(self, visit, tmp_path):
        more = Review([("A blot. ", "CLA-NEG"), ("Sound. ", "EMP-POS"), ("New. ", "NOV-POS")])
        less = Review([("Fine. ", "CLA-POS"), ("Sound. ", "EMP-POS"), ("New. ", "NOV-POS")])
        rare = Review([("Apt. ", "APR-NEG")])
        found = [
            *papers(31, "a", [less], decision="accept"), *papers(31, "b", [more], decision="reject"),
            *papers(3, "c", [rare], decision="reject"),
            *papers(3, "d", [Review([("Apt. ", "APR-POS")])], decision="accept"),
        ]  # fmt: skip
        names = [row["name"] for row in charts(visit(shelf.build(tmp_path / "o.duckdb", found), PAGE))[1]]
        assert names == ["clarity", "originality", "soundness", "appropriateness"]

    def test_the_table_has_every_number(self, visit, decided):
        rows = twin(visit(decided, PAGE))
        assert len(rows) == 6
        columns = {
            "low",
            "high",
            "part",
            "whole",
            "papers",
            "difference low",
            "difference high",
            "ratio",
            "h",
            "p",
            "q",
        }
        assert columns <= set(rows.columns)
        net = twin(visit(decided, PAGE, measure="net"))
        assert "d" in net.columns
        assert net["ratio"].isna().all()

    def test_a_selection_that_does_not_split_says_so(self, visit, decided):
        app = visit(decided, PAGE, decision="accept", venue="Harbour")
        assert not app.exception
        assert "There is nothing to compare yet." in html(app)
        assert not charts(app)

    def test_a_split_that_is_not_to_be_had_is_told(self, visit, decided):
        assert "cannot be split by year" in visit(decided, PAGE, split="year").warning[0].value


class TestNamed:
    def test_cohorts_are_named_by_what_tells_them_apart(self, visit, decided):
        cohorts = ["decision=accept&venue=Harbour", "decision=reject&venue=Tidal+Computing"]
        app = visit(decided, PAGE, cohort=cohorts)
        assert {row["series"] for row in charts(app)[0]} == {"Harbour · Accepted", "Tidal Computing · Rejected"}
        same = visit(decided, PAGE, cohort=["decision=accept", "decision=accept&venue=Harbour"])
        assert {row["series"] for row in charts(same)[0]} == {"Accepted", "Harbour"}
        twins = visit(decided, PAGE, cohort=["q=", "q="])
        assert {row["series"] for row in charts(twins)[0]} == {"A: All reviews", "B: All reviews"}

    def test_the_same_cohort_twice_does_not_differ(self, visit, decided):
        app = visit(decided, PAGE, cohort=["q=", "q="])
        assert "B: All reviews: 0 of 2 codes differ from A: All reviews" in said(app)
        assert [row["value"] for row in charts(app)[1]] == [0, 0]

    def test_filters_above_leave_them_alone_and_papers_in_both_are_counted(self, visit, decided):
        app = visit(decided, PAGE, venue="Harbour", cohort=["decision=accept", "q="])
        text = html(app)
        assert "<b>35</b> papers in more than one of them" in text
        assert "<b>77</b> papers" in text

    def test_each_can_be_taken_out(self, visit, decided):
        text = html(visit(decided, PAGE, venue="Harbour", cohort=["decision=accept", "label=XX", "q=moored"]))
        links = re.findall(r'href="([^"]*)" data-go aria-label="Take ([^"]*) out"', text)
        left = {name: parse_qs(urlsplit(link.replace("&amp;", "&")).query) for link, name in links}
        assert left["“moored”"] == {"venue": ["Harbour"], "cohort": ["decision=accept", "label=XX"]}
        assert left["Accepted"]["cohort"] == ["label=XX", "q=moored"]

    def test_what_cannot_be_followed_is_told(self, visit, decided):
        app = visit(
            decided, PAGE, cohort=["decision=accept", "label=XX", "decision=reject", "q=", "year=2021", "year=1"]
        )
        warnings = " ".join(warning.value for warning in app.warning)
        assert "XX" in warnings
        assert "names 6 cohorts" in warnings
        assert len({row["series"] for row in charts(app)[0]}) == 4

    def test_the_selection_can_be_added(self, visit, decided):
        app = visit(decided, PAGE, decision="accept")
        [button] = [each for each in app.button if each.label == "Add the selection above as a cohort"]
        button.click().run()
        assert app.query_params["cohort"] in ("decision=accept", ["decision=accept"])
        assert "Add a second selection as a cohort." in html(app)
        [back] = [each for each in app.button if each.label == "Back to a split"]
        back.click().run()
        assert "cohort" not in app.query_params

    def test_a_cohort_without_anything_is_told(self, visit, decided):
        app = visit(decided, PAGE, cohort=["decision=accept", "venue=Nowhere"])
        assert not app.exception
        assert "Nowhere: no code has two papers both here and in Accepted, so nothing can be tested." in said(app)
        assert "No difference to show." in html(app)
        assert len(charts(app)) == 1

    def test_hostile_names_stay_text(self, visit, tmp_path):
        found = papers(3, "a", [KIND], venue=HOSTILE) + papers(3, "b", [HARSH], venue="<b>x</b>")
        app = visit(shelf.build(tmp_path / "evil.duckdb", found), PAGE, split="venue")
        assert not app.exception
        assert not {tag for tag, _ in Tags(html(app)).found} & {"script", "img"}
        assert "&lt;b&gt;x&lt;/b&gt;" in html(app)


def test_a_layer_without_polarities_is_compared_by_shares(visit, decided, library):
    app = visit(library, PAGE, layer="purpose", split="decision", measure="negative")
    assert not app.exception
    assert "This layer has no polarities," in html(app)
    assert "share of labels" in twin(app).columns
