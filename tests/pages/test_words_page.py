"""The page Words: what it ranks, where its links lead, and what it says where there is little to compare."""

from __future__ import annotations

import html as markup
import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pytest
import shelf
from shelf import Paper, Review

from pages.parts import keywords
from pages.parts.wordplot import NARROW, WIDE, Label, Stretch, placed
from queries.filters import Filters

PAGE = "pages/explore/words.py"
HARBOUR = '<b>Harbour</b> $x_1$ "&'


def anchored(n: int = 32) -> list[Paper]:
    """Accepted papers whose reviews praise moorings, rejected ones whose reviews miss anchors; three sentences each."""
    papers = []
    for at in range(n):
        praise = Review(
            [
                ("The mooring is sound and the prose isn’t heavy. ", "MET-POS APC MAJ"),
                ("A tidy mooring.", "MET-POS MIN"),
            ],
            rating=8,
        )
        doubt = Review(
            [("The anchor is missing and not sound. ", "MET-NEG CRT MAJ"), ("Where is the anchor not?", "MET-NEG MIN")],
            rating=3,
        )
        reply = Review([("Our gratitude for the gratitude.", "")], kind="rebuttal")
        papers += [
            Paper(f"a{at}", f"Mooring {at}", [praise, praise, reply], "Tidal Computing", 2021, "accept"),
            Paper(f"r{at}", f"Anchor {at}", [doubt, reply], HARBOUR, 2022, "reject"),
        ]
    return papers


@pytest.fixture(scope="module")
def anchors(tmp_path_factory) -> Path:
    return shelf.build(tmp_path_factory.mktemp("words") / "anchors.duckdb", anchored())


def html(app) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def lists(app) -> list[list[str]]:
    """The words of both lists, in order."""
    return [
        [markup.unescape(word) for word in re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', table)]
        for table in re.findall(r'<table class="rs rs-keys .*?</table>', html(app), re.DOTALL)
    ]


def dots(app) -> dict[str, dict]:
    """The dots of the chart by term."""
    frame = next(each for each in app.get("vega_lite_chart")[0].proto.datasets if each.data.data)
    rows = pa.ipc.open_stream(frame.data.data).read_all().to_pylist()
    assert "wide" not in rows[0], "these are labels"
    return {row["term"]: row for row in rows}


def link(app, word: str) -> tuple[str, dict[str, list[str]]]:
    """Path and parameters of the link of a word in its list."""
    found = re.search(rf'<th scope="row"><a href="([^"]*)"[^>]*>{word}</a>', html(app))
    assert found, word
    parts = urlsplit(markup.unescape(found[1]))
    return parts.path, parse_qs(parts.query)


class TestRanking:
    def test_words_by_decision_are_the_default(self, visit, anchors):
        app = visit(anchors, PAGE)
        assert not app.exception
        assert not app.warning
        first, second = lists(app)
        assert first[0] == "mooring"
        assert {"anchor", "not"} == set(second[:2])
        assert "isn't" in first

    def test_reviews_only_so_that_rebuttals_are_not_reviewers_words(self, visit, anchors):
        app = visit(anchors, PAGE)
        assert "gratitude" not in dots(app)
        assert "Of reviews only" in app.caption[0].value.replace("\\", "")
        named = visit(anchors, PAGE, kind="rebuttal")
        assert set(dots(named)) == {"our", "gratitude", "for", "the"}

    def test_pairs_and_the_measure_are_in_the_address(self, visit, anchors):
        app = visit(anchors, PAGE, unit="bigram", keyness="logratio")
        assert not app.warning
        assert "the mooring" in lists(app)[0]
        assert "by log ratio" in app.caption[0].value
        assert app.segmented_control(key="own_unit").value == "bigram"
        assert app.segmented_control(key="own_keyness").value == "logratio"

    def test_unknown_options_are_told_and_the_default_is_shown(self, visit, anchors):
        app = visit(anchors, PAGE, unit="letters", keyness="magic")
        told = " ".join(warning.value for warning in app.warning)
        assert "letters" in told
        assert "magic" in told
        assert lists(app)[0][0] == "mooring"

    def test_lemmas_are_offered_only_where_they_can_be_looked_up(self, visit, anchors, monkeypatch):
        monkeypatch.setattr(keywords, "installed", lambda: False)
        app = visit(anchors, PAGE, unit="lemma")
        assert app.segmented_control(key="own_unit").options == ["Words", "Word pairs"]
        assert "Lemmas are not to be had here" in html(app)

    def test_lemmas_put_forms_together_and_find_them_all(self, visit, anchors, monkeypatch):
        def lemmas(words):
            table = {"isn't": "be", "is": "be", "missing": "miss"}
            return keywords.pl.DataFrame([(w, table.get(w, w)) for w in words], schema=["word", "lemma"], orient="row")

        monkeypatch.setattr(keywords, "installed", lambda: True)
        monkeypatch.setattr(keywords, "lemmas", lemmas)
        app = visit(anchors, PAGE, unit="lemma")
        assert "miss" in lists(app)[1]
        assert link(app, "miss")[1]["q"] == [r"\bmissing\b"]
        assert r"\b(?:is|isn" in parse_qs(urlsplit(dots(app)["be"]["go"]).query)["q"][0]

    def test_the_table_twin_has_all_numbers(self, visit, anchors):
        table = visit(anchors, PAGE).dataframe[0].value.set_index("term")
        assert table.loc["mooring", "n, Accepted"] == 128
        assert table.loc["mooring", "n, Rejected"] == 0
        assert table.loc["anchor", "papers, Rejected"] == 32
        assert table.loc["anchor", "reviews, Rejected"] == 32
        assert table.loc["anchor", "log ratio"] < 0
        assert {"G²", "q", "from", "to", "z", "DP, Accepted", "per million, Rejected"} <= set(table.columns)


class TestLinks:
    def test_a_word_leads_to_its_concordance_in_the_group_that_uses_it_more(self, visit, anchors):
        app = visit(anchors, PAGE, rating="1..9")
        path, query = link(app, "anchor")
        assert path == "concordance"
        assert query == {
            **{"decision": ["reject"], "kind": ["review"], "rating": ["1..9"]},
            **{"q": [r"\banchor\b"], "re": ["1"]},
        }
        assert parse_qs(urlsplit(dots(app)["anchor"]["go"]).query) == query
        assert link(app, "mooring")[1]["decision"] == ["accept"]

    def test_the_concordance_finds_as_many_as_were_counted(self, visit, anchors):
        from corpus.store import Snapshot

        app = visit(anchors, PAGE)
        frames = Snapshot.open(anchors).frames
        for word, n in (("anchor", 64), ("mooring", 128), ("isn&#x27;t", 64)):
            filters = Filters.from_query(link(app, word)[1])
            text = filters.apply(frames).segments.collect()["text"].to_list()
            assert sum(len(re.findall(filters.pattern, each)) for each in text) == n

    def test_a_text_of_the_selection_gives_way_to_the_word(self, visit, anchors):
        assert link(visit(anchors, PAGE, q="and"), "anchor")[1]["q"] == [r"\banchor\b"]

    def test_contrasts_name_both_cohorts_and_keep_the_rest(self, visit, anchors):
        text = html(visit(anchors, PAGE, venue="Tidal Computing", keyness="logodds"))
        wanted = "words?venue=Tidal+Computing&keyness=logodds&cohort=venue%3DTidal%2BComputing%26label%3DNEG"
        assert markup.escape(f"{wanted}&cohort=venue%3DTidal%2BComputing%26label%3DPOS") in text

    def test_contrasted_sentences(self, visit, anchors):
        app = visit(anchors, PAGE, cohort=["label=NEG", "label=POS"])
        assert not app.warning
        first, second = lists(app)
        assert "anchor" in first
        assert "mooring" in second
        assert link(app, "anchor")[1]["label"] == ["NEG"]

    def test_no_contrast_of_labels_where_there_are_none(self, visit, unlabelled):
        assert "negative with positive" not in html(visit(unlabelled, PAGE))


class TestFind:
    def test_marks_the_word_itself(self, visit, anchors):
        found = dots(visit(anchors, PAGE, find="NOT"))
        assert {term for term, dot in found.items() if dot["marked"]} == {"not"}

    def test_else_all_that_hold_it_and_apostrophes_are_alike(self, visit, anchors):
        found = dots(visit(anchors, PAGE, find="oor"))
        assert {term for term, dot in found.items() if dot["marked"]} == {"mooring"}
        assert dots(visit(anchors, PAGE, find="isn’t"))["isn't"]["marked"]

    def test_says_that_nothing_holds_it(self, visit, anchors):
        text = html(visit(anchors, PAGE, find="<zzz>"))
        assert "Nothing that is counted holds “&lt;zzz&gt;”" in text


class TestLittle:
    def test_few_papers_are_grey_and_told(self, visit, tmp_path):
        app = visit(shelf.build(tmp_path / "few.duckdb", anchored(6)), PAGE)
        assert "under 30 papers" in html(app)
        assert {dot["kind"] for dot in dots(app).values()} == {"none"}
        assert html(app).count('<tr class="unsure">') == sum(map(len, lists(app)))

    def test_papers_enough_are_in_colour(self, visit, anchors):
        found = dots(visit(anchors, PAGE))
        assert found["mooring"]["kind"] == "hue 0"
        assert found["anchor"]["kind"] == "hue 1"
        assert found["the"]["kind"] in ("none", "hue 1")

    def test_fewer_than_three_papers_have_no_key_words(self, visit, library):
        app = visit(library, PAGE)
        assert not app.exception
        assert "Too little text" in html(app)

    def test_a_single_group(self, visit, unlabelled):
        app = visit(unlabelled, PAGE)
        assert not app.exception
        assert "nothing to compare yet" in html(app)

    def test_an_empty_group_is_named(self, visit, anchors):
        app = visit(anchors, PAGE, cohort=["decision=accept", "venue=Nowhere"])
        assert "There is no text in “Nowhere”" in html(app)

    def test_the_same_group_twice(self, visit, anchors):
        app = visit(anchors, PAGE, cohort=["decision=accept", "venue=Tidal+Computing"])
        assert "Both are the same sentences" in html(app)

    def test_a_sample_is_told(self, visit, anchors, monkeypatch):
        monkeypatch.setattr(keywords, "MOST_SEGMENTS", 100)
        text = html(visit(anchors, PAGE))
        assert "<b>A sample.</b> The two hold 192 sentences" in text

    def test_groups_that_overlap(self, visit, anchors):
        app = visit(anchors, PAGE, cohort=["decision=accept", "label=MET"])
        assert "128 sentences are in both" in html(app)
        assert lists(app)

    def test_nothing_stands_out_where_groups_are_alike(self, visit, tmp_path):
        alike = [paper._replace(decision=("accept", "reject")[at // 2 % 2]) for at, paper in enumerate(anchored(70))]
        app = visit(shelf.build(tmp_path / "alike.duckdb", alike), PAGE)
        assert "stands out" in html(app)

    def test_texts_without_latin_letters_and_with_formulas(self, visit, tmp_path):
        def paper(at, decision, text):
            return Paper(f"{decision}{at}", None, [Review([(text, "")])], decision=decision)

        formulas = "The loss $\\alpha_2 <b> \\sum_{x_i}$ `x` &amp; доказательство 証明です "
        papers = [paper(at, "accept", formulas * 2) for at in range(31)]
        papers += [paper(at, "reject", "Αυτό είναι πολύ καλό, isn't it? ") for at in range(31)]
        app = visit(shelf.build(tmp_path / "letters.duckdb", papers), PAGE)
        assert not app.exception
        first, second = lists(app)
        assert {"доказательство", "証明です", "alpha", "amp", "x", "i"} <= set(first)
        assert {"πολύ", "isn't"} <= set(second)
        assert parse_qs(urlsplit(dots(app)["alpha"]["go"]).query)["q"] == [r"(?:\b|_)alpha(?:\b|_)"]


def test_names_of_groups_are_shown_as_they_are(visit, anchors):
    app = visit(anchors, PAGE, split="venue")
    assert not app.exception
    assert "<b>Harbour" not in html(app)
    assert markup.escape(HARBOUR) in html(app).replace("&#x27;", "'")
    assert "$" not in app.caption[0].value.replace("\\$", "")
    assert any(HARBOUR in column for column in app.dataframe[0].value.columns)


class TestPlaced:
    points = ((0.5, 0.5), (0.51, 0.5), (0.5, 0.52), (0.02, 0.02), (0.98, 0.9), (0.5, 0.5))
    names = ("centre", "beside", "below", "corner", "edge", "twin")

    @staticmethod
    def box(point, name: str, label: Label, width: float, height: float):
        left = point[0] * width + label.dx - {"left": 0, "center": 0.5, "right": 1}[label.align] * len(name) * 6.6
        middle = point[1] * height + label.dy
        return left, middle - 7, left + len(name) * 6.6, middle + 7

    @pytest.mark.parametrize("widths", [NARROW, WIDE])
    def test_no_name_touches_another_or_leaves_the_picture(self, widths):
        found = placed(self.points, self.names, widths, 500)
        assert sum(label is not None for label in found) >= 4
        for width in widths:
            boxes = [
                self.box(point, name, label, width, 500)
                for point, name, label in zip(self.points, self.names, found, strict=True)
                if label
            ]
            for at, one in enumerate(boxes):
                assert one[0] >= 0
                assert one[2] <= width
                for other in boxes[:at]:
                    apart = one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]
                    assert apart

    def test_dots_of_others_are_not_covered(self):
        crowd = [(0.5 + dx / 500, 0.5 + dy / 500) for dx in range(-60, 61, 8) for dy in range(-20, 21, 8) if dx or dy]
        assert placed([(0.5, 0.5)], ["hidden"], (500,), 500, crowd) == [None]
        assert placed([(0.5, 0.5)], ["hidden"], (500,), 500) != [None]

    def test_what_is_looked_for_may_cover_dots_but_not_each_other(self):
        crowd = [(0.5 + dx / 500, 0.5 + dy / 500) for dx in range(-60, 61, 8) for dy in range(-20, 21, 8) if dx or dy]
        first, second, third = placed([(0.5, 0.5)] * 3, ["found", "found too", "not asked"], (500,), 500, crowd, must=2)
        assert first
        assert second
        assert first != second
        assert third is None

    def test_nothing_to_place(self):
        assert placed([], [], WIDE, 500) == []


class TestStretch:
    def test_keeps_the_order_and_stays_within_the_axis(self):
        stretch = Stretch([1, 10, 100, 1000, 100, 5000])
        places = [stretch(rate) for rate in (0.5, 1, 3, 10, 50, 100, 1000, 4000, 9000)]
        assert places == sorted(places)
        assert 0 <= places[0] == places[1] < places[-1] <= 1

    def test_each_rate_has_as_much_room(self):
        stretch = Stretch([1, 10, 100, 1000])
        assert stretch(10) - stretch(1) == pytest.approx(stretch(1000) - stretch(100))

    def test_ticks_are_round_rates_within_and_apart(self):
        ticks = Stretch([3 * 1.2**at for at in range(30)]).ticks()
        assert [words for _, words in ticks][:2] == ["5", "10"]
        places = [place for place, _ in ticks]
        assert min(b - a for a, b in pairwise(places)) >= 0.085

    @pytest.mark.parametrize("rates", [[], [7]])
    def test_bears_one_rate_or_none(self, rates):
        assert Stretch(rates)(7) == 0.5
        assert Stretch(rates).ticks() == []
