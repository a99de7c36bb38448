"""Co-occurrence: the matrix, its links, the pairs that are listed, and what it says where there is nothing."""

from __future__ import annotations

import html as escapes
import re

import pytest
import shelf
from shelf import HOSTILE, Paper, Review

PAGE = "pages/explore/cooccurrence.py"
SENTENCES = "pages/read/sentences.py"


def html(app) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def cells(app) -> dict[tuple[str, str], dict[str, str]]:
    """The matrix by names of both codes: kind, link, tip, text."""
    found = re.findall(
        r'<a class="rs-lift ([^"]*)" style="[^"]*" href="([^"]*)" data-go data-tip="([^"]*)"[^>]*>(.*?)</a>',
        html(app), re.DOTALL,
    )  # fmt: skip
    made = {}
    for kind, link, tip, text in found:
        first, second = escapes.unescape(tip).splitlines()[0].split(" × ")
        shown = re.sub("<[^>]*>", "", text)
        made[first, second] = {"kind": kind, "go": escapes.unescape(link), "tip": escapes.unescape(tip), "text": shown}
    return made


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """Forty papers, whose hostile sentences have soundness and methodology together, the others clarity and overall."""
    hard = f"{HOSTILE} {{}}. "
    papers = [
        Paper(
            f"p{at:02}<b>",
            HOSTILE,
            [
                Review(
                    [(hard.format(at), "MET-NEG EMP-NEG"), ("Well moored. ", "OAL-POS CLA-POS"), ("Hm.", "CLA-NEG RES")]
                ),
                Review(
                    [("Depth is short. ", "EMP-NEG MET"), ("And broad.", "OAL-POS CLA-POS"), ("So?", "none@aspect MET")]
                ),
            ],
        )
        for at in range(40)
    ]
    return shelf.build(tmp_path_factory.mktemp("shelf") / "pairs.duckdb", papers)


def test_every_cell_leads_to_the_sentences_that_it_counts(visit, library):
    found = cells(visit(library, PAGE))
    cell = found["soundness", "methodology"]
    assert cell["go"] == "sentences?label=MET&label=EMP"
    n = int(re.search(r"together in (\d+) sentence", cell["tip"])[1])
    there = visit(library, SENTENCES, label=["MET", "EMP"])
    assert f"<b>{n}</b> sentence" in html(there)
    assert len(found) == 5 * 6


def test_the_filters_go_along(visit, library):
    found = cells(visit(library, PAGE, venue="Harbour", label="aspect-POS"))
    assert found["soundness", "experiments"]["go"] == "sentences?venue=Harbour&label=EXP&label=aspect-POS&label=EMP"


def test_few_papers_are_said_and_every_cell_is_hollow(visit, library):
    app = visit(library, PAGE)
    assert {cell["kind"] for cell in cells(app).values()} == {"thin"}
    assert "<b>4 papers.</b>" in html(app)


def test_what_comes_together_and_what_keeps_apart(visit, pairs):
    app = visit(pairs, PAGE)
    found = cells(app)
    # 240 sentences with labels in both layers: soundness 80, methodology 120, together 80: 80 * 240 / (80 * 120) = 2.
    assert found["soundness", "methodology"]["text"] == "2.0"
    assert found["soundness", "methodology"]["kind"] == "up"
    assert found["soundness", "overall"] | {"tip": ""} == {
        "kind": "down", "go": "sentences?label=OAL&label=EMP", "tip": "", "text": "0"
    }  # fmt: skip
    text = html(app)
    together, apart = text.split('id="together"')[1].split('id="apart"')
    assert "soundness × methodology" in together
    assert "clarity × overall" in together
    assert "soundness × overall" in apart
    assert "No sentence has both." in apart


def test_an_example_is_shown_as_the_text_it_is_and_leads_to_its_place(visit, pairs):
    listed = html(visit(pairs, PAGE))
    assert re.search(r'class="rs-said" href="paper\?open=shelf%2Fp00%3Cb%3E&amp;at=r\d%3A\d"', listed)
    assert "&lt;script&gt;" in listed
    assert "<script>" not in listed


def test_in_a_wider_unit_a_cell_leads_to_the_first_code_and_says_so(visit, pairs):
    app = visit(pairs, PAGE, unit="review")
    found = cells(app)
    assert found["soundness", "overall"]["go"] == "sentences?label=EMP"
    assert "together in 80 reviews" in found["soundness", "overall"]["tip"]
    assert "need not be on one sentence" in app.caption[0].value
    assert "of 40 papers" in app.caption[0].value


def test_polarities_are_told_apart_in_names_and_links(visit, pairs):
    found = cells(visit(pairs, PAGE, view="polarity"))
    assert found["soundness, negative", "methodology, negative"]["go"] == "sentences?label=MET-NEG&label=EMP-NEG"
    assert ("soundness, negative", "methodology, no polarity") in found


def test_a_layer_with_itself_is_mirrored_and_has_no_diagonal(visit, pairs):
    app = visit(pairs, PAGE, **{"layer": "aspect", "with": "aspect", "unit": "review"})
    found = cells(app)
    assert found["soundness", "clarity"]["text"] == found["clarity", "soundness"]["text"]
    assert found["soundness", "clarity"]["go"] == "sentences?label=EMP"
    assert found["clarity", "soundness"]["go"] == "sentences?label=CLA"
    assert html(app).count('class="rs-same"') == 2


def test_a_layer_of_one_code_a_sentence_says_that_nothing_can_come_together(visit, mixed, pairs):
    app = visit(mixed, PAGE, **{"layer": "disapere:aspect", "with": "disapere:aspect"})
    assert "Each sentence is given one code of this layer" in html(app)
    assert not cells(app)
    wider = visit(mixed, PAGE, **{"layer": "disapere:aspect", "with": "disapere:aspect", "unit": "paper"})
    assert cells(wider)
    assert "Each sentence is given one code" in html(visit(pairs, PAGE, **{"layer": "aspect", "with": "aspect"}))


def test_one_layer_leaves_no_choice(visit, tmp_path):
    papers = [Paper("p", "One layer", [Review([("Moored. ", "EMP-POS CLA-POS"), ("Adrift.", "CLA-NEG")])])]
    app = visit(shelf.build(tmp_path / "one.duckdb", papers), PAGE)
    assert ("soundness", "clarity") in cells(app)
    assert 'class="rs rs-asks"' not in html(app)
    assert [group.key for group in app.button_group] == ["own_unit", "own_view", "own_measure", "own_order"]


def test_layers_that_never_meet_are_told(visit, mixed):
    app = visit(mixed, PAGE, **{"layer": "aspect", "with": "review_action"})
    assert "No sentence here is labelled in both layers" in html(app)


def test_the_columns_are_another_layer_of_the_same_scheme(visit, mixed):
    assert "by review action" in html(visit(mixed, PAGE, layer="disapere:aspect"))
    assert "by section" in html(visit(mixed, PAGE, layer="aspect"))


def test_measure_and_order_are_in_the_address(visit, pairs):
    app = visit(pairs, PAGE, measure="ppmi", order="alike")
    found = cells(app)
    assert found["soundness", "methodology"]["text"] == "1.0", "log2 of 2"
    assert found["soundness", "methodology"]["kind"] == "much"
    assert found["soundness", "overall"]["text"] == "0"
    columns = [second for first, second in found if first == "soundness"]
    assert abs(columns.index("methodology") - columns.index("overall")) >= 1
    assert sorted(columns) == ["methodology", "overall", "results"]


def test_the_table_has_the_numbers_of_the_cells(visit, pairs):
    app = visit(pairs, PAGE)
    frame = app.dataframe[0].value
    row = frame[(frame["first"] == "soundness") & (frame["second"] == "methodology")].iloc[0]
    assert (row["together"], row["with first"], row["with second"], row["of"]) == (80, 80, 120, 240)
    assert (row["lift"], row["PMI"], row["papers"]) == (2, 1, 40)


def test_unknown_values_are_told_and_the_default_is_shown(visit, library):
    bad = {"layer": "x", "with": "y", "unit": "z", "measure": "w", "order": "v", "view": "u"}
    app = visit(library, PAGE, **bad)
    assert not app.exception
    assert len(app.warning) == 6
    assert cells(app)


def test_a_layer_may_be_spelled_with_its_scheme(visit, mixed):
    app = visit(mixed, PAGE, **{"layer": "disapere:aspect", "with": "disapere:review_action"})
    assert not app.warning
    assert "by review action" in html(app)
