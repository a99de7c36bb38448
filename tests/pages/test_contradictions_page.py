"""Contradictions and briefs in the states of their own, on invented text."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pytest
import shelf
from shelf import HOSTILE, Paper, Review
from test_page_states import html
from test_verbatim import Tags

PAGE, PAPER = "pages/judge/contradictions.py", "pages/read/paper.py"
_D = "disapere"


def review(*sentences: tuple[str, str], reviewer: str | None = None, kind: str = "review") -> Review:
    return Review([(f"{text} ", labels) for text, labels in sentences], reviewer=reviewer, kind=kind)


HARSH = review(
    *[(f"Gale {at} was not measured.", "EXP-NEG EMP-NEG CRT") for at in range(5)],
    ("The harbour is drawn well.", "TNF-POS PNF-POS"),
    reviewer="Ann",
)
KIND = review(("Every gale was measured.", "EXP-POS EMP-POS"), ("The harbour is a blot.", "PNF-NEG"), reviewer="Bea")
QUIET = review(("A gale is mentioned.", "EMP-NEU"), reviewer="Cid")


@pytest.fixture(scope="module")
def harbour(tmp_path_factory) -> Path:
    """Eleven papers with a contradiction on soundness, one of them on more, and what has none."""
    torn = [Paper(f"torn-{at:02}", f"Gales, part {at}", [HARSH._replace(sentences=HARSH.sentences[:5]),
                  KIND._replace(sentences=KIND.sentences[:1])]) for at in range(10)]  # fmt: skip
    papers = [
        *torn,
        Paper("both", "Gales and harbours", [HARSH, KIND, QUIET], decision="reject"),
        Paper("alone", "One reviewer", [HARSH]),
        Paper("praised", "All praise", [KIND._replace(sentences=KIND.sentences[:1]), review(("Fine.", "CLA-POS"))]),
        Paper("answered", "Answered", [HARSH, KIND._replace(kind="rebuttal")]),
        Paper("evil<b>", HOSTILE, [
            review((HOSTILE, "EMP-NEG"), reviewer=HOSTILE), review((f"{HOSTILE}!", "EMP-POS"), reviewer=HOSTILE),
        ], HOSTILE),
    ]  # fmt: skip
    return shelf.build(tmp_path_factory.mktemp("harbour") / "harbour.duckdb", papers)


def marks(app) -> dict[str, dict]:
    """The data of the first chart that have a link, by name: those of its layers, or those that all of them share."""
    chart = (app.get("arrow_vega_lite_chart") or app.get("vega_lite_chart"))[0].proto
    found = [row for layer in json.loads(chart.spec)["layer"] for row in layer.get("data", {}).get("values") or ()]
    if chart.data.data:
        found += pa.ipc.open_stream(chart.data.data).read_all().to_pylist()
    return {row["name"]: row for row in found if row.get("go")}


def twin(app, column: str):
    return next(frame.value for frame in app.dataframe if column in frame.value.columns)


def sections(app) -> dict[str, str]:
    """The HTML between the heads of sections, by anchor."""
    parts = re.split(r'<h2 class="rs rs-section" id="([\w-]+)">', html(app))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def links(text: str) -> list[dict[str, list[str]]]:
    return [parse_qs(unescape(query)) for query in re.findall(r'href="sentences\?([^"]*)"', text)]


def plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


class TestContradictions:
    def test_rates_are_those_of_the_papers(self, visit, harbour):
        app = visit(harbour, PAGE)
        assert not app.exception
        rows = twin(app, "pairs of reviews").set_index("code")
        assert rows.loc["EMP", ["pairs of reviews", "papers", "opposed", "share"]].to_list() == [12, 12, 12, 1.0]
        assert rows.loc["PNF", ["pairs of reviews", "papers", "opposed", "share"]].to_list() == [1, 1, 1, 1.0]
        assert "CLA" not in rows.index
        assert bool(rows.loc["EMP", "too few to tell"])

    def test_a_mark_leads_to_the_papers_of_its_code(self, visit, harbour):
        found = marks(visit(harbour, PAGE, venue="Tidal Computing"))
        links = {name: row["go"] for name, row in found.items()}
        assert set(links) == {"soundness", "presentation and formatting"}
        parts = urlsplit(links["presentation and formatting"])
        assert parts.path == "contradictions"
        assert parse_qs(parts.query) == {"venue": ["Tidal Computing"], "layer": ["aspect"], "code": ["PNF"]}

    def test_lists_the_code_with_most_contradictions_or_the_one_asked_for(self, visit, harbour):
        assert "Contradictions on soundness" in plain(html(visit(harbour, PAGE)))
        asked = visit(harbour, PAGE, code="PNF")
        assert "Contradictions on presentation and formatting" in plain(html(asked))
        assert html(asked).count('<section class="rs-opposed">') == 1

    def test_sets_the_negative_side_left_and_the_positive_right_with_links_to_the_place(self, visit, harbour):
        text = html(visit(harbour, PAGE, code="PNF"))
        left, right = re.search(
            r'<div class="rs-stance negative".*?>(.*?)</div><div class="rs-stance positive".*?>(.*?)</div>',
            text,
            re.DOTALL,
        ).groups()
        assert "The harbour is a blot." in left
        assert "Review by Bea" in left
        assert "The harbour is drawn well." in right
        assert "Review by Ann" in right
        assert "paper?open=shelf%2Fboth&amp;layer=aspect&amp;at=r1%3A1" in left
        assert "Gale" not in left + right, "other codes are not told of"

    def test_long_lists_of_sentences_are_cut_and_go_on_in_the_paper(self, visit, harbour):
        text = html(visit(harbour, PAGE, paper="shelf/both"))
        assert text.count("was not measured.") == 3
        assert "and 2 more in the paper" in text
        assert "open=shelf%2Fboth&amp;layer=aspect&amp;code=EMP" in text

    def test_papers_are_paged(self, visit, harbour):
        first, second = (html(visit(harbour, PAGE, page=page)) for page in ("1", "2"))
        assert first.count('<section class="rs-opposed">') == 8
        assert second.count('<section class="rs-opposed">') == 4

    def test_the_most_contradicted_come_first_and_lead_to_their_brief(self, visit, harbour):
        text = html(visit(harbour, PAGE))
        row = text.split("<tbody>")[1].split("</tr>")[0]
        assert "Gales and harbours" in row
        assert "open=shelf%2Fboth&amp;layer=aspect&amp;view=brief" in row
        assert plain(row).endswith("PNF 1 EMP 1")

    def test_hostile_text_is_shown_as_it_is(self, visit, harbour):
        text = html(visit(harbour, PAGE, paper="shelf/evil<b>"))
        assert not {"script", "img"} & {tag for tag, _ in Tags(text).found}
        assert "&lt;script&gt;" in text

    def test_a_code_nobody_takes_two_sides_on_is_told(self, visit, harbour):
        app = visit(harbour, PAGE, code="CLA")
        assert "clarity" in app.warning[0].value
        assert "Contradictions on soundness" in plain(html(app))
        app = visit(harbour, PAGE, code="<b>*x*")
        assert "\\<b\\>" in app.warning[0].value

    def test_says_why_nothing_can_be_opposed(self, visit, harbour):
        assert "labels of this layer have no polarity" in html(visit(harbour, PAGE, layer="purpose"))
        alone = html(visit(harbour, PAGE, paper="shelf/alone"))
        assert "No two reviews of a paper here take a side on the same thing." in alone
        assert "No two reviews" in html(visit(harbour, PAGE, paper="shelf/answered")), "a rebuttal is no review"

    def test_says_that_filters_cut_reviews(self, visit, harbour):
        words = "The filters keep some sentences of a review only."
        assert words in html(visit(harbour, PAGE, label="EMP"))
        assert words not in html(visit(harbour, PAGE, decision="reject"))

    def test_other_schemes_and_the_shared_aspects(self, visit, mixed):
        app = visit(mixed, PAGE, layer="disapere:aspect")
        assert not app.exception
        assert "No two reviews" in html(app)
        assert not visit(mixed, PAGE, layer="common").exception


class TestBrief:
    def brief(self, visit, store, paper: str, **query):
        app = visit(store, PAPER, open=f"shelf/{paper}", view="brief", **query)
        assert not app.exception
        return app

    def test_is_a_choice_beside_the_reviews_that_stays_when_going_on(self, visit, harbour):
        text = html(visit(harbour, PAPER, open="shelf/both"))
        assert 'class="rs rs-panes"' in text
        assert "rs-section" not in text
        app = self.brief(visit, harbour, "both")
        assert 'class="rs rs-panes"' not in html(app)
        assert "view=brief" in html(app).split("rs-steps")[1].split("</nav>")[0]
        assert list(sections(app)) == ["read", "profile", "blind", "opposed"]

    def test_reads_the_fewest_sentences_with_what_they_say(self, visit, harbour):
        part = sections(self.brief(visit, harbour, "both"))["read"]
        said = plain(part)
        assert said.startswith("Read these 2 sentences")
        assert "all 3 points against the paper" in said
        assert "the fewest that do, of 6 that say one." in said
        assert said.count("was not measured.") == 1
        assert "Gale 0 was not measured." in said, "the earliest"
        assert "The harbour is a blot." in said
        assert "paper?open=shelf%2Fboth&amp;layer=aspect&amp;at=r0%3A0" in part
        assert part.count('class="rs-chip negative"') == 3

    def test_major_points_go_first_and_what_is_left_out_is_told(self, visit, library):
        said = plain(sections(self.brief(visit, library, "light-1"))["read"])
        assert said.startswith("Read this sentence")
        assert "all 2 major points" in said
        assert "2 further negative points are left out" in said
        assert "lemma 2" in said
        assert "Figure 3" not in said

    def test_sets_opposed_sentences_side_by_side(self, visit, harbour):
        part = sections(self.brief(visit, harbour, "both"))["opposed"]
        assert re.findall(r"<h3><a [^>]*>([^<]*)", part) == ["presentation and formatting", "soundness"]
        assert part.count('class="rs-stance negative"') == 2

    def test_says_what_nobody_speaks_of_and_how_many_others_do(self, visit, harbour):
        part = sections(self.brief(visit, harbour, "torn-03"))["blind"]
        said = plain(part)
        assert "14 other labelled papers of the whole database" in said
        assert "presentation and formatting Aspect ~ 21%" in said
        assert {"label": ["PNF"], "kind": ["review"]} in links(part)

    def test_the_silence_leads_to_what_is_counted_the_annotators_labels_on_reviews(self, visit, tmp_path):
        pilot = review(("The tide turns.", f"asp_clarity-NEG@{_D}:aspect/pilot asp_originality-POS@{_D}:aspect/mate"))
        quiet = review(("Slack.", f"asp_substance-NEG@{_D}:aspect/pilot asp_substance-POS@{_D}:aspect/mate"))
        papers = [Paper("loud", "Loud", [pilot]), Paper("quiet", "Quiet", [quiet])]
        app = self.brief(visit, shelf.build(tmp_path / "tide.duckdb", papers), "quiet", who="pilot")
        wanted = {"label": ["asp_clarity"], "annotator": ["pilot"], "kind": ["review"]}
        assert links(sections(app)["blind"]) == [wanted], "of originality the pilot says nothing"

    def test_each_layer_is_compared_with_papers_that_are_labelled_in_it(self, visit, tmp_path):
        """Thirty papers of the venue are labelled in one scheme, two of them in a second as well."""
        both = review(("The tide turns.", f"EMP-NEG asp_clarity-NEG@{_D}:aspect"))
        one, other = review(("The tide ebbs.", "EMP-NEG CLA-NEG")), review(("Slack.", f"asp_substance-NEG@{_D}:aspect"))
        papers = [Paper(f"p{at:02}", f"Tide {at}", [both if at < 2 else one]) for at in range(30)]
        away = Paper("away", "Away", [other], "Another Port")
        app = self.brief(visit, shelf.build(tmp_path / "tides.duckdb", [*papers, away]), "p00", layer="aspect")
        said = plain(part := sections(app)["blind"])
        assert re.search(r"29 other labelled papers of Tidal Computing \d{4} \(Aspect[^)]*Peer Review Analyze\)", said)
        assert re.search(r"2 other labelled papers of the whole database, as [^(]*\(Aspect[^)]*DISAPERE\)", said)
        found = {each["label"][0]: each for each in links(part)}
        assert found["CLA"]["venue"] == ["Tidal Computing"]
        assert "venue" not in found["asp_substance"]

    def test_draws_the_profile_with_links_to_the_sentences(self, visit, harbour):
        app = self.brief(visit, harbour, "both")
        rows = marks(app)
        assert set(rows) == {"soundness", "presentation and formatting"}
        row = rows["soundness"]
        assert -1 < row["low"] < row["value"] < row["high"] < 1
        assert row["n"] == "7 labels: 1 positive, 1 neutral, 5 negative"
        assert row["go"] == "paper?open=shelf%2Fboth&layer=aspect&code=EMP"
        table = twin(app, "net shrunk").set_index("code")
        assert table.loc["EMP", "net as counted"] == pytest.approx(-4 / 7)
        assert table.loc["EMP", "net of all"] < table.loc["EMP", "net shrunk"] < table.loc["EMP", "net as counted"]

    def test_one_review(self, visit, harbour):
        parts = sections(self.brief(visit, harbour, "alone"))
        assert "There is one review," in parts["opposed"]
        assert "Read this sentence" in plain(parts["read"])

    def test_all_praise(self, visit, harbour):
        parts = sections(self.brief(visit, harbour, "praised"))
        assert "No reviewer judges anything negatively" in parts["read"]
        assert "Nowhere." in parts["opposed"]

    def test_a_rebuttal_contradicts_nobody(self, visit, harbour):
        assert "There is one review," in sections(self.brief(visit, harbour, "answered"))["opposed"]

    def test_a_layer_without_polarity(self, visit, harbour):
        parts = sections(self.brief(visit, harbour, "both", layer="purpose"))
        assert "labels of this layer have none" in parts["profile"]
        assert "Labels of purpose have no polarity" in parts["opposed"]
        assert "Read these 2 sentences" in plain(parts["read"])

    def test_a_paper_without_labels_shows_its_reviews(self, visit, library):
        text = html(self.brief(visit, library, "bare"))
        assert "No sentence of this paper is labelled." in text
        assert 'class="rs rs-panes"' in text

    def test_compares_with_the_papers_of_its_venue_and_year_where_they_are_enough(self, visit, tmp_path):
        store = shelf.build(tmp_path / "many.duckdb", shelf.many(500))
        app = self.brief(visit, store, "p00000")
        part = sections(app)["blind"]
        assert "No review mentions" not in part
        assert "Nothing is left out" in part
        table = twin(app, "other papers")
        assert set(table["other papers"]) == {33}  # every fifteenth of 500 papers: port and year recur together

    def test_of_one_annotator(self, visit, mixed):
        parts = sections(self.brief(visit, mixed, "buoy", who="anno2"))
        said = plain(parts["read"])
        assert "Nobody has done this before." in said
        assert "hard to follow" not in said
        assert "who=anno2" in parts["read"]

    def test_the_shared_aspects(self, visit, mixed):
        app = self.brief(visit, mixed, "gauge", layer="common")
        assert "originality" in plain(sections(app)["blind"])

    def test_hostile_text_is_shown_as_it_is(self, visit, harbour):
        text = html(self.brief(visit, harbour, "evil<b>"))
        assert not {"script", "img"} & {tag for tag, _ in Tags(text).found}
        assert text.count("&lt;script&gt;") >= 4

    def test_an_unknown_view_is_told(self, visit, harbour):
        app = visit(harbour, PAPER, open="shelf/both", view="gist")
        assert "gist" in app.warning[0].value
        assert 'class="rs rs-panes"' in html(app)
