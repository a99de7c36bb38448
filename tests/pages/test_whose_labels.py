"""People's labels and models': every page says whose labels it counts and offers the choice; no guess passes for a
person's judgement, in text, cells, charts or files; codes that a model does not know are greyed with the reason.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import duckdb
import pytest
import shelf
from marked import charts, twin
from test_page_states import html, said
from test_verbatim import Tags

from corpus.store import Snapshot
from pages.parts import address, codes, passage_list, provenance
from pages.parts.provenance import Guess
from queries.filters import Filters
from queries.passages import passages
from queries.weak_codes import weak_codes

M = "/model:keel@1"
SCRIPTS = {title: script for group in address.GROUPS.values() for script, title, _ in group.values()}
PAGES = {title: "" if title == "Overview" else script for title, script in SCRIPTS.items()}


def papers() -> list[shelf.Paper]:
    """Two papers with a review by people, who left some sentences to the model, and one that the model read alone."""
    made = []
    for at in range(2):
        people = shelf.Review(
            [
                (f"Gold says the proof of {at} is wrong. ", f"MET-NEG EMP-NEG EXP-POS{M} CLA-POS{M}"),
                ("Gold praises the prose. ", "OAL-POS CLA-POS"),
                ("The model alone finds it unsound. ", f"EMP-NEG{M} NOV-NEG{M}"),
            ],
            "CLA-POS JUS-NEG" + M,
            reviewer="Gold",
            rating=4,
        )
        alone = shelf.Review(
            [
                (f"The model alone praises the proof of {at}. ", f"MET-POS{M} EMP-POS{M}"),
                ("The model alone sees nothing. ", f"none@aspect{M}"),
                ("Nobody labelled this.", ""),
            ],
            reviewer="Keel",
            rating=7,
        )
        made.append(shelf.Paper(f"m{at}", f"Paper {at}", [people, alone], decision=("accept", "reject")[at]))
    return made


#: layer, code, n_gold, n_model, n_both, best F1: what the model was measured on, on 48 sentences.
KNOWN = [
    ("aspect", "EMP", 20, 20, 15, 0.75),
    ("aspect", "NOV", 10, 6, 2, 0.31),
    ("section", "MET", 20, 20, 16, 0.8),
    ("section", "EXP", 0, 2, 0, None),
]


def measured(path: Path, known=KNOWN, confidence: float = 0.83) -> Path:
    """Adds to a store how well its model knows some codes, and how sure it was of its labels."""
    connection = duckdb.connect(str(path))
    connection.execute("UPDATE labels SET confidence = ? WHERE starts_with(annotator, 'model:')", [confidence])
    connection.execute(
        "INSERT INTO models VALUES ('model:keel@1', 'peer-review-analyze', 'keel', '1', '2024-01-01', 0.7, 9, 8, '{}')"
    )
    for layer, code, gold, model, both, best in known:
        row = [layer, code, gold, model, both, best, both / model, both / gold if gold else None, best]
        connection.execute(
            "INSERT INTO model_codes (annotator, scheme, layer, code, n_segments, n_gold, n_model, n_both, f1, "
            "precision, recall, best_f1) VALUES ('model:keel@1', 'peer-review-analyze', ?, ?, 48, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
    connection.close()
    return path


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return measured(shelf.build(tmp_path_factory.mktemp("whose") / "both.duckdb", papers()))


def drawn(app) -> str:
    """The page's HTML without its style sheets."""
    return re.sub(r"<style>.*?</style>", "", html(app), flags=re.DOTALL)


def bar(app) -> list[str]:
    """What the choice of whose labels offers; nothing where it is not drawn."""
    found = [group for group in app.get("button_group") if group.proto.label == "Labels by"]
    return [option.content for group in found for option in group.proto.options]


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
class TestEveryPage:
    """By people 9 a paper: 2 and 2 on sentences, 1 on the review. By the model, in the gaps, 2, 2 and 1; 8 in all."""

    def test_says_whose_labels_it_counts(self, visit, both, page):
        app = visit(both, page)
        assert not app.exception
        told = html(app).split('class="rs-n"', 1)[1].split("</div>", 1)[0]
        assert "<b>10</b> labels" not in told
        assert "<b>20</b> labels" in told
        assert "<b>10</b> by people" in told
        assert re.search(r'rs-chip guess"[^>]*><b>10</b> by the model keel@1<', told)
        assert "a guess, not a person’s judgement" in told
        assert bar(app) == ["People and models", "People", "Models"]

    def test_keeps_to_people(self, visit, both, page):
        app = visit(both, page, whose="people")
        assert not app.exception
        assert not app.warning
        assert "with labels by people only" in said(app)
        told = html(app).split('class="rs-n"', 1)[1].split("</div>", 1)[0]
        assert "<b>10</b> labels" in told
        assert "model" not in told
        assert "<b>4</b> reviews" in told  # it cuts labels and drops nothing

    def test_keeps_to_models(self, visit, both, page):
        app = visit(both, page, whose="models")
        assert not app.exception
        told = html(app).split('class="rs-n"', 1)[1].split("</div>", 1)[0]
        assert "<b>16</b> labels" in told  # what people answered too is asked for now
        assert "all by the model keel@1" in told
        assert "by people" not in told

    def test_offers_no_choice_where_there_is_none(self, visit, library, page):
        app = visit(library, page)
        assert bar(app) == []
        assert "rs-chip guess" not in drawn(app)
        assert "by people" not in said(app)

    def test_links_of_the_navigation_carry_it(self, visit, both, page):
        app = visit(both, page, whose="models")
        assert {link.proto.query_string for link in app.get("page_link")} == {"whose=models"}


class TestTheBar:
    def test_a_choice_goes_to_the_address_and_back(self, visit, both):
        app = visit(both, "", venue="Tidal Computing")
        (choice,) = [group for group in app.button_group if group.label == "Labels by"]
        assert choice.value == ""
        choice.set_value("people").run()
        assert app.query_params["whose"] in ("people", ["people"])
        assert app.query_params["venue"] in ("Tidal Computing", ["Tidal Computing"])
        (choice,) = [group for group in app.button_group if group.label == "Labels by"]
        choice.set_value("").run()
        assert "whose" not in app.query_params

    def test_it_is_no_chip_beside_the_choice_and_one_without_it(self, visit, both, library):
        assert not [b for b in visit(both, "", whose="people").button if b.key == "drop_whose_people"]
        app = visit(library, "", whose="models")
        assert "<b>0</b> labels" in html(app)
        (drop,) = [button for button in app.button if button.key == "drop_whose_models"]
        drop.click().run()
        assert "whose" not in app.query_params

    def test_what_is_no_choice_is_told(self, visit, both):
        app = visit(both, "", whose="<b>robots</b>")
        assert "is no choice of whose labels" in app.warning[0].value
        assert "All reviews." in said(app)

    def test_the_way_out_of_an_empty_selection(self, visit, both):
        app = visit(both, "pages/read/sentences.py", label="NOV", whose="people")
        assert "Drop the choice of whose labels count" in html(app)


def chip(text: str, label: str) -> str:
    """The first chip with this text, as it is drawn."""
    found = re.search(rf'<span class="rs-chip[^>]*>{re.escape(label)}(?:<|</span>)', text)
    assert found, f"no chip {label}"
    return found[0]


class TestText:
    def test_sentences_mark_guesses_and_their_sureness(self, visit, both):
        text = html(visit(both, "pages/read/sentences.py"))
        assert 'class="rs-chip negative"' in chip(text, "− MET")
        guess = chip(text, "+ MET")
        assert 'class="rs-chip positive guess"' in guess
        assert "a guess of model keel@1, confidence .83" in guess
        assert "dashed and lighter: a model’s guess" in text
        weak = chip(text, "− NOV")
        assert 'class="rs-chip negative guess weak"' in weak
        assert "F1 .31 on 48 held-out sentences, 10 of them with it: under .4 this code is a hint" in weak

    def test_a_person_s_label_is_never_greyed(self, visit, tmp_path):
        store = shelf.build(tmp_path / "s.duckdb", [shelf.Paper("p", "P", [shelf.Review([("One. ", "NOV-NEG"),
            ("Two.", "NOV-POS" + M)])])])  # fmt: skip
        text = html(visit(measured(store), "pages/read/sentences.py"))
        assert 'class="rs-chip negative"' in chip(text, "− NOV")
        assert 'class="rs-chip positive guess weak"' in chip(text, "+ NOV")

    def test_the_file_tells_which_labels_only_a_model_gave(self, both):
        snapshot = Snapshot.open(both)
        rows = passages(Filters().apply(snapshot.frames)).collect()
        read = list(csv.DictReader(io.StringIO(passage_list.as_csv(rows).decode("utf-8-sig"))))
        told = {row["text"].strip(): (row["labels"], row["labels_by_models"]) for row in read}
        assert told["The model alone finds it unsound."] == ("NOV-NEG EMP-NEG", "NOV-NEG EMP-NEG")
        assert told["Gold praises the prose."] == ("OAL-POS CLA-POS", "")
        assert read[0]["review_labels_by_models"] == ""  # JUS was left out: people had answered of this review

    def test_a_paper_underlines_guesses_otherwise(self, visit, both):
        text = html(visit(both, "pages/read/paper.py", open="shelf/m0"))
        marks = {m[2]: m[1] for m in re.finditer(r'<mark class="([^"]*)"[^>]*>([^<]*)</mark>', text)}
        assert "guess" not in marks["Gold praises the prose."]
        assert marks["The model alone praises the proof of 0."] == "rs-seg guess positive"
        assert "Soundness" in text or "soundness" in text
        assert re.search(r'data-tip="soundness, positive: a guess of model keel@1, confidence \.83"', text)
        assert "dashed and lighter: a model’s guess" in text
        heads = re.search(r'<th scope="col" class="weak [^>]*><a [^>]*data-tip="([^"]*)"[^>]*><b>NOV', text)
        assert heads
        assert "F1 .31" in heads[1]

    def test_a_paper_shows_all_that_a_named_model_said(self, visit, both):
        text = html(visit(both, "pages/read/paper.py", open="shelf/m0", who="model:keel@1"))
        first = re.search(r'<mark class="([^"]*)"[^>]*data-codes="([^"]*)"[^>]*>Gold says', text)
        assert first
        assert first.groups() == ("rs-seg guess weak positive", "CLA")
        text = drawn(visit(both, "pages/read/paper.py", open="shelf/m0", whose="people"))
        assert "guess" not in text
        assert "The model alone" in text  # the text stays

    def test_a_concordance_marks_the_hit_and_the_chip(self, visit, both):
        text = html(visit(both, "pages/read/concordance.py", q="proof", layer="aspect"))
        assert '<mark class="rs-node negative">proof' in text
        assert '<mark class="rs-node positive guess">proof' in text
        assert 'class="rs-chip positive guess"' in chip(text, "+ EMP")

    def test_a_brief_marks_points_that_are_guesses(self, visit, both):
        text = html(visit(both, "pages/read/paper.py", open="shelf/m0", view="brief"))
        assert 'class="rs-chip negative"' in chip(text, "− MET")
        assert 'class="rs-chip negative guess weak"' in chip(text, "− NOV")

    def test_contradictions_tell_sentences_that_a_guess_brought(self, visit, both):
        text = html(visit(both, "pages/judge/contradictions.py", layer="aspect", code="EMP"))
        for sentence, guess in (("Gold says", False), ("The model alone praises", True)):
            shown = text.split(sentence, 1)[1].split("</p>", 1)[0]
            assert ("a guess of model keel@1, confidence .83" in shown) == guess

    def test_the_name_of_a_model_is_text(self, visit, tmp_path):
        hostile = "model:<img src=x onerror=1>@1"
        review = shelf.Review([("One sentence of two.", f"EMP-NEG NOV-POS/{hostile.replace(' ', '_')}"), ("Two.", "")])
        review = review._replace(sentences=[review.sentences[0], ("Two.", f"CLA-POS/{hostile.replace(' ', '_')}")])
        store = shelf.build(tmp_path / "h.duckdb", [shelf.Paper("p", "P", [review])])
        for page in PAGES.values():
            app = visit(store, page, **({"q": "sentence"} if "concordance" in page else {}))
            assert not app.exception
            tags = Tags(html(app)).found
            assert not [tag for tag in tags if tag[0] in ("img", "script")]


def layers(app) -> list[list[dict]]:
    """The bars of the layers section and aspect."""
    found = [[row for row in rows if "fade" in row] for rows in charts(app)]
    return [
        next(rows for rows in found if name in {row["name"] for row in rows}) for name in ("methodology", "soundness")
    ]


class TestNumbers:
    def test_bars_are_split_into_people_s_and_models_part(self, visit, both):
        app = visit(both, "")
        section, aspect = layers(app)
        parts = {(row["name"], row["kind"], row["by"]): row for row in aspect}
        people, model = parts["soundness", "negative", "people"], parts["soundness", "negative", "the model keel@1"]
        assert (people["n"], model["n"]) == (2, 2)
        assert (people["fade"], people["dash"]) == (1, "full")
        assert (model["fade"], model["dash"], model["colour"]) == (provenance.LIGHT, "guess", "negative")
        assert (people["from"], people["to"], model["from"], model["to"]) == (-2, 0, -4, -2)
        weak = parts["originality", "negative", "the model keel@1"]
        assert (weak["colour"], weak["dash"]) == ("none", "guess")
        assert "F1 .31 on 48 held-out sentences" in weak["told"]
        assert model["told"] == "the model keel@1"
        assert {row["by"] for row in section} == {"people", "the model keel@1"}
        assert "Grey: hints, not measurements." in html(app)
        table = twin(app)
        assert dict(zip(table["code"], table["of these by models"], strict=True))["MET"] == 2

    def test_a_layer_that_models_labelled_alone_says_so(self, visit, both):
        app = visit(both, "", whose="models")
        assert html(app).count("all by the model keel@1") >= 3  # the page, and each of its layers
        assert all(row["dash"] == "guess" for rows in layers(app) for row in rows)

    def test_shares_of_the_parts_sum_to_the_bar(self, visit, both):
        _, aspect = layers(visit(both, ""))
        assert sum(row["share"] for row in aspect) == pytest.approx(1)

    def test_cells_of_papers(self, visit, both):
        text = html(visit(both, "pages/explore/papers.py", layer="aspect"))
        cells = re.findall(r'<a class="rs-cell ([^"]*)"[^>]*data-tip="([^"]*)"', text)
        by_code = {tip.split(":", 1)[0]: (kind, tip) for kind, tip in cells}
        assert by_code["soundness"][0].endswith(" part")
        assert "2 of them by the model keel@1" in by_code["soundness"][1]
        assert by_code["clarity"][0].split() == ["positive", "deep"]
        assert by_code["originality"][0].endswith("guess weak")
        assert "all by the model keel@1" in by_code["originality"][1]
        assert "under .4 this code is a hint" in by_code["originality"][1]
        assert re.search(r'<th scope="col" class="weak"[^>]*><a [^>]*><b>NOV', text)
        assert not re.search(r'<th scope="col" class="weak"[^>]*><a [^>]*><b>EMP', text)
        assert "with a dashed frame" in " ".join(c.value for c in visit(
            both, "pages/explore/papers.py", layer="aspect").caption)  # fmt: skip

    def test_quality_counts_labels_of_whole_reviews(self, visit, tmp_path):
        review = shelf.Review([("One.", "")], f"CLA-POS{M} JUS-NEG{M}")
        store = shelf.build(tmp_path / "q.duckdb", [shelf.Paper("p", "P", [review])])
        app = visit(store, "pages/judge/quality.py")
        assert not app.exception
        assert html(app).count("all by the model keel@1") == 2


class TestCodebook:
    def test_tells_how_well_the_model_knows_each_code(self, visit, both):
        text = html(visit(both, "pages/manage/codebook.py"))
        card = text.split("<code>EMP</code>", 1)[1].split("</div></div>", 1)[0]
        assert "F1 <b>.75</b> · precision .75 · recall .75" in card
        assert "on 48 held-out sentences, 20 of them with it" in card
        assert "hint" not in card

    def test_greys_what_a_model_alone_gave_without_knowing_it(self, visit, both):
        text = html(visit(both, "pages/manage/codebook.py"))
        cards = re.findall(r'<div class="(rs-code[^"]*)"[^>]*><div><h4><code>(\w+)', text)
        kinds = {code: kind for kind, code in reversed(cards)}  # the first of a name: later schemes are not in use
        assert kinds["NOV"] == "rs-code weak"
        assert kinds["EMP"] == "rs-code"
        assert "F1 under .4: a hint, not a measurement" in text
        assert "keel@1, a model" in text

    def test_has_nothing_of_models_where_there_are_none(self, visit, library):
        assert "rs-knows" not in drawn(visit(library, "pages/manage/codebook.py"))


class TestAgreement:
    def test_a_model_is_compared_where_its_guesses_give_way(self, visit, both):
        app = visit(both, "pages/judge/agreement.py", layer="section")
        assert not app.exception
        text = html(app)
        pairs = text.split('id="annotators"', 1)[1].split("<h2", 1)[0]
        assert "One person labelled each sentence here" in pairs
        assert re.search(r"gold</a>|gold and", pairs)
        assert "a model" in pairs
        assert re.search(r'class="num">(?:<span class="rs-muted">)?2<', pairs)  # the first sentence of either paper
        assert "A model and a person, which code" in text
        assert "Gold says the proof of 0 is wrong." in text.split('id="differences"', 1)[1]

    def test_with_one_side_only_there_is_no_pair(self, visit, both):
        for whose, words in (("people", "One person labelled each sentence"), ("models", "Labels by models only")):
            app = visit(both, "pages/judge/agreement.py", layer="section", whose=whose)
            assert not app.exception
            assert words in html(app)
            assert 'id="matrix"' not in html(app)


class TestWords:
    @pytest.mark.parametrize(
        ("guess", "words"),
        [
            (Guess("model:a@1", 0.834), "a guess of model a@1, confidence .83"),
            (Guess("model:a@1", 0.999), "a guess of model a@1, confidence 1.00"),
            (Guess("model:a@1", 0.0), "a guess of model a@1, confidence .00"),
            (Guess("model:a@1", None), "a guess of model a@1"),
        ],
    )
    def test_a_guess_in_words(self, guess, words):
        assert guess.words == words

    def test_models_by_name(self):
        assert provenance.named(["model:a@1"]) == "the model a@1"
        assert provenance.named(["model:a@1", "model:b@2"]) == "the models a@1 and b@2"
        assert provenance.named(["model:a@1"] * 3) == "3 models"

    def test_a_code_is_a_hint_only_if_no_model_of_those_that_gave_it_knows_it(self):
        code = codes.Code("aspect", "NOV", "n", "", True, 0, (("model:a@1", "why"),))
        assert code.hint(["model:a@1"]) == "why"
        assert code.hint(["model:a@1", "model:b@1"]) is None
        assert code.hint([]) is None

    def test_a_shared_aspect_is_a_hint_where_the_model_knows_none_of_its_codes(self, both):
        snapshot = Snapshot.open(both)
        hints = provenance.reasons(weak_codes(snapshot.frames.models, snapshot.frames.labels).collect())
        found = codes.by_code(snapshot.frames.codes.collect(), hints)
        told = {name: found["common", name].hint(["model:keel@1"]) for name in ("originality", "clarity", "soundness")}
        assert "NOV: keel@1: F1 .31" in told["originality"]
        assert "CLA: keel@1 was never measured on it" in told["clarity"]
        assert told["soundness"] is None
