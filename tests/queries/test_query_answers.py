"""Who answered a layer on which segments, and with what."""

from __future__ import annotations

import polars as pl
import pytest
from guessed import models
from spec import expect, frames, shuffled

from queries.answers import answers, models_asked
from queries.confusion_rates import confusion_rates
from queries.filters import Filters

#: Paper 1: people answered two of the five segments of review 1 (a third they could not tell), the model has labels on
#: four of them. Paper 2: the model has one label on review 2, none on review 3, and a rebuttal only it labelled for
#: another layer.
SMALL = frames(
    papers="paper_id | year\n---\n1 | 2019\n2 | 2020",
    reviews="review_id | paper_id | kind\n---\n1 | 1 | review\n2 | 2 | review\n3 | 2 | review\n4 | 2 | rebuttal",
    segments="""
        segment_id | review_id | text
        -----------+-----------+-----
        11         | 1         | tide
        12         | 1         | tide
        13         | 1         | tide
        14         | 1         | tide
        15         | 1         | moon
        21         | 2         | tide
        22         | 2         | moon
        31         | 3         | tide
        41         | 4         | tide
    """,
    labels="""
        segment_id | layer   | code | polarity | annotator
        -----------+---------+------+----------+-----------
        11         | aspect  | EMP  | -1       | gold
        11         | aspect  | EMP  | 1        | gold
        11         | aspect  | EMP  | 1        | anno2
        12         | aspect  | none |          | gold
        13         | aspect  | CNT  |          | gold
        11         | aspect  | CLA  | -1       | model:en@1
        13         | aspect  | CLA  | -1       | model:en@1
        14         | aspect  | EMP  | -1       | model:en@1
        14         | aspect  | CLA  | -1       | model:en@1
        22         | aspect  | none |          | model:en@1
        41         | section | MET  |          | model:en@1
    """,
)


def totals(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("code").is_null() & pl.col("polarity").is_null())


def test_people_stand_and_a_model_has_answered_what_it_was_shown():
    # people: 11 twice (gold, anno2) and 12; 13 is “cannot tell”. The model: 14 and 15 of review 1, as 11, 12 and 13 are
    # people's; 21 and 22; not 31, as it said nothing in review 3, nor 41, as it was not asked that layer in rebuttals
    expect(
        answers(SMALL, layer="aspect"),
        """
        paper_id | source     | code | polarity | n | answered
        ---------+------------+------+----------+---+---------
        1        |            |      |          | 2 | 3
        1        |            |      | -1       | 1 | 0
        1        |            |      | 1        | 2 | 0
        1        |            | EMP  |          | 2 | 0
        1        |            | EMP  | -1       | 1 | 0
        1        |            | EMP  | 1        | 2 | 0
        1        |            | none |          | 1 | 0
        1        | model:en@1 |      |          | 1 | 2
        1        | model:en@1 |      | -1       | 1 | 0
        1        | model:en@1 | EMP  |          | 1 | 0
        1        | model:en@1 | EMP  | -1       | 1 | 0
        1        | model:en@1 | CLA  |          | 1 | 0
        1        | model:en@1 | CLA  | -1       | 1 | 0
        2        | model:en@1 |      |          | 0 | 2
        2        | model:en@1 | none |          | 1 | 0
        """,
    )


def test_without_polarities_and_for_some_codes():
    few = SMALL.codes.filter(SMALL.codes.collect()["code"] == "EMP").select("code")
    rows = answers(SMALL, layer="aspect", codes=few, polarities=False).collect()
    assert set(rows["code"]) == {None, "EMP"}
    assert rows["polarity"].is_null().all()
    assert rows["answered"].sum() == 3 + 2 + 2


def test_what_a_model_was_shown_is_told_by_all_frames_when_a_text_is_asked():
    """On `tide` the model has no label in review 2, but it was shown the sentence all the same."""
    chosen = Filters(text="tide").apply(SMALL)
    assert answers(chosen, layer="aspect", whole=SMALL).collect().filter(source="model:en@1").select(
        "paper_id", "answered"
    ).rows()[0] == (1, 1)
    without, having = (
        answers(chosen, layer="aspect", whole=whole).collect().filter(source="model:en@1", paper_id=2)["answered"].sum()
        for whole in (None, SMALL)
    )
    assert (without, having) == (0, 1)


def test_whose_labels_count_decides_who_answered():
    people = Filters(whose="people").apply(SMALL)
    assert answers(people, layer="aspect", whole=SMALL).collect()["source"].is_null().all()
    model = Filters(whose="models").apply(SMALL)
    rows = answers(model, layer="aspect", whole=SMALL).collect()
    assert totals(rows).select("source", "answered").rows() == [("model:en@1", 5), ("model:en@1", 2)]
    # both, where the filter has taken the model's labels out already or not
    both = answers(Filters().apply(SMALL), layer="aspect", whole=SMALL).collect()
    assert both.equals(answers(SMALL, layer="aspect").collect())


def test_the_models_whose_labels_count():
    expect(models_asked(SMALL, layer="aspect"), "source | n\n---\nmodel:en@1 | 5")
    assert models_asked(Filters(whose="people").apply(SMALL), layer="aspect").collect().is_empty()


def test_shared_aspects_are_answered_like_a_layer():
    rows = answers(SMALL, layer="common").collect()
    assert totals(rows).select("source", "n", "answered").row(0) == (None, 2, 3)
    assert rows.filter(source="model:en@1", code="clarity", polarity=-1)["n"].to_list() == [1]


@pytest.mark.parametrize("layer", ["aspect", "common"])
def test_the_order_of_rows_is_of_no_matter_and_no_labels_are_no_rows(layer):
    assert answers(SMALL, layer=layer).collect().equals(answers(shuffled(SMALL), layer=layer).collect())
    assert answers(frames(), layer=layer).collect().is_empty()
    with pytest.raises(KeyError):
        answers(SMALL, layer="nowhere")


class TestRates:
    measured = models("""
        layer   | code | polarity | n_segments | n_gold | n_model | n_both
        --------+------+----------+------------+--------+---------+-------
        aspect  | EMP  |          | 100        | 40     | 30      | 20
        aspect  | EMP  | -1       | 100        | 20     | 30      | 10
        aspect  | EMP  | 1        | 100        | 10     | 30      | 5
        aspect  | CLA  |          | 100        | 0      | 2       | 0
        aspect  |      |          | 100        | 60     | 50      | 40
        section | MET  |          | 100        | 60     | 50      | 40
    """)

    def test_rows_of_the_layer_with_the_share_of_labels_that_have_a_polarity(self):
        expect(
            confusion_rates(SMALL._replace(models=self.measured), layer="aspect"),
            """
            source     | code | polarity | n_gold | judged
            -----------+------+----------+--------+-------
            model:en@1 | EMP  | -1       | 20     |
            model:en@1 | EMP  | 1        | 10     |
            model:en@1 | EMP  |          | 40     | 0.75
            model:en@1 | CLA  |          | 0      |
            model:en@1 |      |          | 60     |
            """,
        )

    def test_a_shared_aspect_has_the_rates_of_the_one_code_that_maps_onto_it(self):
        found = confusion_rates(SMALL._replace(models=self.measured), layer="common").collect()
        assert found.filter(pl.col("polarity").is_null()).select("code", "n_gold").rows() == [
            ("clarity", 0),
            ("soundness", 40),
        ]
        assert None not in found["code"].to_list(), "any aspect was not measured as such"

    def test_no_models_are_no_rows(self):
        assert confusion_rates(SMALL, layer="aspect").collect().is_empty()
        assert confusion_rates(SMALL, layer="common").collect().is_empty()
