"""Every page in every state: default, filtered, empty, one paper, no labels, bad addresses, no store."""

from __future__ import annotations

import re

import pytest
import shelf

from corpus.store import Snapshot

PAGES = {
    "Overview": "",
    "Papers": "pages/explore/papers.py",
    "Paper": "pages/read/paper.py",
    "Sentences": "pages/read/sentences.py",
    "Trends": "pages/explore/trends.py",
    "Compare": "pages/explore/compare.py",
    "Words": "pages/explore/words.py",
    "Co-occurrence": "pages/explore/cooccurrence.py",
    "Review shape": "pages/explore/shape.py",
    "Concordance": "pages/read/concordance.py",
    "Attention": "pages/judge/attention.py",
    "Contradictions": "pages/judge/contradictions.py",
    "Mismatch": "pages/judge/mismatch.py",
    "Decisions": "pages/judge/decisions.py",
    "Agreement": "pages/judge/agreement.py",
    "Quality": "pages/judge/quality.py",
    "Review queue": "pages/judge/review_queue.py",
    "Labeller": "pages/manage/labeller.py",
}
#: Pages that need text only.
ON_TEXT = (PAGES["Words"], PAGES["Concordance"], PAGES["Quality"])


def html(app) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def said(app) -> str:
    """The selection's sentence and its n, without tags."""
    return html(app).split("rs-says", 1)[1].split("</div></div>", 1)[0]


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
class TestEveryPage:
    def test_shows_everything_by_default(self, visit, library, page):
        app = visit(library, page)
        assert not app.exception
        assert not app.warning
        assert "All reviews." in said(app)
        assert "<b>5</b> papers" in said(app)
        assert "<b>8</b> reviews" in said(app)
        assert "<b>20</b> sentences" in said(app)

    def test_keeps_to_the_filters_of_the_address(self, visit, library, page):
        app = visit(library, page, venue="Harbour", label=["APC", "aspect-POS"])
        assert not app.exception
        assert "papers at Harbour" in said(app)
        assert "<b>1</b> paper<" in said(app)
        assert "<b>2</b> sentences" in said(app)

    def test_says_which_filters_to_drop_when_nothing_matches(self, visit, library, page):
        app = visit(library, page, venue="Harbour", label="MET-NEG")
        assert not app.exception
        assert "Nothing matches." in html(app)
        assert "Drop the venue" in html(app)
        assert "Drop the labels" in html(app)

    def test_says_so_when_no_single_filter_is_to_blame(self, visit, library, page):
        app = visit(library, page, venue="Harbour", label="MET-NEG", q="no such words")
        assert "dropping a single filter would not help" in html(app)

    def test_shows_one_paper(self, visit, library, page):
        app = visit(library, page, paper="shelf/kelp")
        assert not app.exception
        assert "<b>1</b> paper<" in said(app)

    def test_is_honest_about_text_without_labels(self, visit, unlabelled, page):
        app = visit(unlabelled, page)
        assert not app.exception
        assert "<b>0</b> labels" in said(app)
        words = {
            **dict.fromkeys(ON_TEXT, ""),
            PAGES["Paper"]: "No sentence of this paper is labelled.",
            PAGES["Sentences"]: "not labelled",
        }
        assert words.get(page, "No labels in this selection.") in html(app)

    def test_says_that_a_store_is_empty(self, visit, bare, page):
        app = visit(bare, page)
        assert not app.exception
        assert "This database holds no papers yet." in html(app)

    def test_tells_what_of_the_address_is_wrong_and_keeps_the_rest(self, visit, library, page):
        app = visit(library, page, venue=["Nowhere", "Harbour"], label="XYZ-NEG", rating="9..x", year="soon")
        assert not app.exception
        warnings = " ".join(warning.value for warning in app.warning)
        for word in ("Nowhere", "XYZ", "9\\.\\.x", "soon"):
            assert word in warnings
        assert "papers at Harbour or Nowhere" in said(app)

    def test_a_link_to_nothing_shows_nothing(self, visit, library, page):
        app = visit(library, page, venue="Nowhere")
        assert "Nowhere" in app.warning[0].value
        assert "<b>0</b> papers" in said(app)
        assert "Drop the venue" in html(app)

    def test_keeps_a_broken_regular_expression_in_its_field(self, visit, library, page):
        app = visit(library, page, q="(", re="1")
        assert "regular expression" in app.warning[0].value
        assert app.text_input(key="filter_q").value == "("
        assert "All reviews." in said(app)

    def test_has_no_traceback_without_a_store(self, visit, tmp_path, page):
        app = visit(tmp_path / "missing.duckdb", "")
        assert not app.exception
        assert "no such file" in app.error[0].value.replace("\\", "").casefold()

    def test_links_carry_the_filters(self, visit, library, page):
        app = visit(library, page, venue="Harbour")
        links = [link.proto.query_string for link in app.get("page_link")]
        assert links == ["venue=Harbour"] * len(links)
        assert links


def test_a_file_that_is_no_store_is_named(visit, tmp_path):
    path = tmp_path / "notes.duckdb"
    path.write_text("not a database")
    app = visit(path)
    assert not app.exception
    assert "no Reviewscope database" in app.error[0].value.replace("\\", "")


def test_a_new_snapshot_is_shown_at_once(visit, tmp_path):
    path = shelf.build(tmp_path / "store.duckdb", shelf.unlabelled())
    app = visit(path)
    assert "<b>1</b> paper<" in said(app)
    shelf.build(tmp_path / "next.duckdb", shelf.library()).replace(path)
    app.run()
    assert not app.exception
    assert "<b>5</b> papers" in said(app)


class TestFilterBar:
    def test_widgets_show_the_address(self, visit, library):
        app = visit(library, "", venue="Harbour", q="claim", re="1", rating="4..8", decision="none")
        assert app.multiselect(key="filter_venue").value == ["Harbour"]
        assert app.multiselect(key="filter_decision").value == ["none"]
        assert app.text_input(key="filter_q").value == "claim"
        assert app.toggle(key="filter_re").value is True
        assert app.slider(key="filter_rating").value == (4, 8)

    def test_widgets_write_the_address_and_leave_the_rest(self, visit, library):
        app = visit(library, "", paper="shelf/kelp", rating="4..8")
        app.multiselect(key="filter_venue").set_value(["Harbour"]).run()
        app.text_input(key="filter_q").set_value("claim").run()
        assert app.query_params == {"venue": "Harbour", "q": "claim", "paper": "shelf/kelp", "rating": "4..8"}
        assert "papers at Harbour" in said(app).replace("paper shelf/kelp", "papers")

    def test_a_chip_drops_its_filter(self, visit, library):
        app = visit(library, "", label=["met-neg", "MAJ"])
        app.button(key="drop_label_MET-NEG").click().run()
        assert app.query_params == {"label": "MAJ"}

    def test_clear_all(self, visit, library):
        app = visit(library, "", label="MET-NEG", q="x", venue="Nowhere")
        app.button(key="clear").click().run()
        assert app.query_params == {}
        assert "All reviews." in said(app)

    def test_rating_is_offered_only_where_there_are_ratings(self, visit, library, unlabelled):
        assert [slider.key for slider in visit(library).slider] == ["filter_rating"]
        assert not visit(unlabelled).slider

    def test_nothing_is_offered_where_there_is_no_choice(self, visit, unlabelled):
        assert [widget.key for widget in visit(unlabelled).multiselect] == ["filter_label"]

    def test_turning_a_filter_goes_back_to_the_first_page(self, visit, library):
        app = visit(library, PAGES["Papers"], page="2", sort="EMP")
        app.multiselect(key="filter_venue").set_value(["Harbour"]).run()
        assert app.query_params == {"venue": "Harbour", "sort": "EMP"}


class TestOverview:
    def test_draws_every_layer_with_alt_text_and_a_table(self, visit, library):
        app = visit(library)
        charts = app.get("arrow_vega_lite_chart") or app.get("vega_lite_chart")
        assert len(charts) == 6  # five layers and the decisions
        assert sum(e.label == "Show as table" for e in app.expander) == 6

    def test_sums_in_the_table_twin_are_those_of_the_labels(self, visit, library):
        twins = [frame.value for frame in visit(library).dataframe if "no polarity" in frame.value.columns]
        labels = Snapshot.open(library).frames.labels.collect()
        polarised = labels.filter(labels["layer"].cast(str).is_in(["section", "aspect", "quality"])).height
        assert (
            sum(twin[["negative", "neutral", "positive", "no polarity"]].to_numpy().sum() for twin in twins)
            == polarised
        )

    def test_says_that_no_decision_is_known(self, visit, unlabelled):
        assert "No decision is known" in html(visit(unlabelled))


class TestPapers:
    def titles(self, app) -> list[str]:
        return re.findall(r'<th scope="row" class="name"><a [^>]*>([^<]*)</a>', html(app))

    def test_sorts_by_net_polarity_of_a_code_papers_without_it_last(self, visit, library):
        app = visit(library, PAGES["Papers"], sort="EMP")
        titles = self.titles(app)
        assert titles[0] == "Kelp forests as file systems"
        assert titles[-1] == "Paper bare"
        assert titles[3] == "A second look at beacons"

    def test_finds_titles(self, visit, library):
        app = visit(library, PAGES["Papers"], find="LIGHTHOUSE sched")
        assert self.titles(app) == ["Scheduling by lighthouse"]

    def test_says_how_many_are_found(self, visit, library):
        app = visit(library, PAGES["Papers"], find="LIGHTHOUSE sched")
        assert "1 of 5 papers have the words." in app.caption[0].value.replace("\\", "")

    def test_heads_put_first_what_needs_attention(self, visit, library):
        text = html(visit(library, PAGES["Papers"]))
        assert "papers?sort=net.up&amp;layer=aspect" in text, "the most negative first"
        assert "papers?sort=EMP.up&amp;layer=aspect" in text
        assert "papers?sort=reviews&amp;layer=aspect" in text, "the most first"
        assert "papers?sort=net&amp;layer=aspect" in html(visit(library, PAGES["Papers"], sort="net.up"))

    def test_says_that_no_title_fits(self, visit, library):
        assert "No title or key" in html(visit(library, PAGES["Papers"], find="zzz"))

    def test_pages_are_cut(self, visit, tmp_path):
        app = visit(shelf.build(tmp_path / "many.duckdb", shelf.many(120)), PAGES["Papers"], page="3")
        assert "Papers 101–120 of 120" in app.caption[0].value.replace("\\", "")
        assert len(self.titles(app)) == 20


class TestPaper:
    def test_highlights_by_polarity_with_signs(self, visit, library):
        text = html(visit(library, PAGES["Paper"], open="shelf/light-1", layer="aspect"))
        assert 'class="rs-seg negative"' in text
        assert 'data-sign="EMP−"' in text
        assert 'class="rs-seg positive"' in text
        assert 'data-sign="NOV+"' in text
        assert 'class="rs-seg neutral"' in text
        assert 'data-sign="SUB○"' in text
        assert 'class="rs-seg nothing"' in text
        assert 'data-sign="∅"' in text

    def test_tells_unlabelled_reviews_and_keeps_their_line_breaks(self, visit, library):
        text = html(visit(library, PAGES["Paper"], open="shelf/light-1"))
        assert "14 words · no labels in this layer" in text
        assert "</span>\n\n<span" in text

    def test_shows_labels_of_whole_reviews(self, visit, library):
        text = html(visit(library, PAGES["Paper"], open="shelf/light-1"))
        assert "quality: justification, positive" in text

    def test_steps_through_the_selection(self, visit, library):
        text = html(visit(library, PAGES["Paper"], open="shelf/light-1", venue="Tidal Computing"))
        assert "2 of 2" in text, "the list stands by title"
        assert "paper?venue=Tidal+Computing&amp;open=shelf%2Flight-2&amp;layer=aspect" in text

    def test_steps_in_the_order_of_the_list_one_comes_from(self, visit, library):
        text = html(visit(library, PAGES["Paper"], open="shelf/light-1", venue="Tidal Computing", sort="title"))
        assert "1 of 2" in text
        assert "open=shelf%2Flight-2&amp;layer=aspect&amp;sort=title" in text

    def test_shows_a_paper_outside_the_selection_and_says_so(self, visit, library):
        text = html(visit(library, PAGES["Paper"], open="shelf/light-1", venue="Harbour"))
        assert "outside the selection" in text
        assert "Scheduling by lighthouse" in text

    def test_names_a_paper_that_is_not_there(self, visit, library):
        app = visit(library, PAGES["Paper"], open="shelf/gone")
        assert "There is no paper shelf/gone" in app.warning[0].value.replace("\\", "")
        assert "See the papers" in html(app)

    def test_dims_what_the_key_does_not_ask_for(self, visit, library):
        text = html(visit(library, PAGES["Paper"], open="shelf/light-1", layer="aspect", code="negative"))
        assert text.count(" asked ") == 2
        assert "rs-dim" in text

    def test_marks_what_the_filters_select(self, visit, library):
        text = html(visit(library, PAGES["Paper"], open="shelf/light-1", q="lemma"))
        assert text.count("rs-seg met") == 1

    def test_a_layer_that_is_not_there_is_told(self, visit, library):
        app = visit(library, PAGES["Paper"], open="shelf/light-1", layer="quality")
        assert not app.warning
        assert "No labels for review quality here." in html(app)
        assert "not to be had here" in visit(library, PAGES["Paper"], open="shelf/light-1", layer="x").warning[0].value

    def test_a_sentence_that_is_not_there_is_told(self, visit, library):
        assert "not here" in html(visit(library, PAGES["Paper"], open="shelf/light-1", at="R1:9999"))

    def test_a_paper_without_reviews_text(self, visit, library):
        assert "no text" in html(visit(library, PAGES["Paper"], open="shelf/kelp"))


class TestSentences:
    def test_shows_labels_of_whole_reviews_at_their_head(self, visit, library):
        text = html(visit(library, PAGES["Sentences"], paper="shelf/light-1"))
        heads = re.findall(r'<li class="head">.*?</li>', text, re.DOTALL)
        assert any("quality: justification, positive" in head for head in heads)
        assert not all("quality" in head for head in heads)

    def test_shows_context_and_labels(self, visit, library):
        text = html(visit(library, PAGES["Sentences"], q="lemma", paper="shelf/light-1"))
        assert '<span class="rs-around">The lighthouse scheduler is a lovely idea.</span>' in text
        assert "methodology, negative" in text
        assert "at=r0%3A1" in text

    def test_an_unknown_page_is_the_nearest(self, visit, library):
        app = visit(library, PAGES["Sentences"], page="99")
        assert not app.exception
        assert "of 20" in app.caption[0].value
