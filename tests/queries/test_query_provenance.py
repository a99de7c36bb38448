"""Whose labels: what stands where people and models both labelled, how many are whose, which label is a guess."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spec import ANNOTATOR, expect, frames, shuffled

from queries.kwic import kwic
from queries.opposed_sentences import opposed_sentences
from queries.passages import passages
from queries.provenance import by_model, guess, model_names, provenance, standing
from queries.typical import typical

GIVEN = frames(
    papers="""
        paper_id | paper_key
        ---------+----------
        1        | one
        2        | two
    """,
    reviews="""
        review_id | paper_id
        ----------+---------
        11        | 1
        12        | 1
        21        | 2
    """,
    segments="""
        segment_id | review_id | text
        -----------+-----------+------------
        110        | 11        | The anchor.
        111        | 11        | A buoy.
        120        | 12        | Two anchors.
        210        | 21        | No anchor.
    """,
    labels="""
        segment_id | review_id | layer   | code | polarity | annotator  | confidence
        -----------+-----------+---------+------+----------+------------+-----------
        110        |           | section | MET  | -1       | gold       |
        110        |           | section | MET  | 1        | model:en@1 | 0.5
        110        |           | aspect  | EMP  | -1       | model:en@1 | 0.75
        110        |           | aspect  | CLA  | 1        | model:en@1 |
        111        |           | aspect  | EMP  | -1       | user:me    |
        120        |           | aspect  | EMP  | 1        | model:en@1 | 0.5
        210        |           | aspect  | none |          | anno2      |
                   | 11        | quality | CLA  | 1        | gold       |
                   | 11        | quality | CLA  | -1       | model:en@1 | 0.9
                   | 12        | quality | CLA  | -1       | model:en@1 | 0.9
    """,
)
PLACE = ("segment_id", "review_id", "layer", "code", "polarity", "annotator")


def of(labels: pl.LazyFrame) -> list[tuple]:
    return sorted(labels.select(PLACE).collect().rows(), key=str)


def only(*names: str) -> pl.LazyFrame:
    """The labels of these annotators, whose column knows no other name."""
    labels = GIVEN.labels.with_columns(pl.col("annotator").cast(pl.String))
    return labels.filter(pl.col("annotator").is_in(names)).with_columns(pl.col("annotator").cast(pl.Enum(names)))


class TestStanding:
    def test_a_guess_gives_way_to_an_answer_of_a_person_to_the_same_question(self):
        gone = set(of(GIVEN.labels)) - set(of(standing(GIVEN.labels)))
        assert gone == {
            (110, 11, "section", "MET", 1, "model:en@1"),  # gold answered, though otherwise
            (None, 11, "quality", "CLA", -1, "model:en@1"),  # a review is answered for as a review
        }

    def test_a_segment_and_a_review_of_one_number_are_two_things(self):
        labels = GIVEN.labels.with_columns(pl.col("segment_id").replace({110: 12}))
        kept = of(standing(labels))
        assert (None, 12, "quality", "CLA", -1, "model:en@1") in kept
        assert (12, 11, "section", "MET", 1, "model:en@1") not in kept

    @pytest.mark.parametrize("names", [("gold", "anno2", "user:me"), ("model:en@1",)])
    def test_nothing_gives_way_where_only_people_or_only_models_labelled(self, names):
        assert of(standing(only(*names))) == of(only(*names))

    def test_columns_and_types_stay(self):
        assert standing(GIVEN.labels).collect_schema() == GIVEN.labels.collect_schema()

    def test_twice_is_once_and_order_does_not_matter(self):
        once = of(standing(GIVEN.labels))
        assert of(standing(standing(GIVEN.labels))) == once
        assert of(standing(shuffled(GIVEN).labels)) == once

    @settings(deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from((None, 0, 1, 2**32 - 1)),
                st.sampled_from((0, 1, 2**32 - 1)),
                st.sampled_from(
                    (("peer-review-analyze", "aspect"), ("disapere", "aspect"), ("disapere", "review_action"))
                ),
                st.sampled_from(("gold", "user:me", "model:en@1")),
            ),
            max_size=12,
        )
    )
    def test_it_is_what_a_plain_reading_gives(self, drawn):
        rows = [
            {"segment_id": s, "review_id": r, "scheme": of[0], "layer": of[1], "annotator": who}
            for s, r, of, who in drawn
        ]
        labels = pl.LazyFrame(rows, schema={n: GIVEN.labels.collect_schema()[n] for n in STANDS})
        at = [(s is None, r if s is None else s, of) for s, r, of, _ in drawn]
        people = {place for place, (*_, who) in zip(at, drawn, strict=True) if not who.startswith("model:")}
        kept = [
            row
            for row, place in zip(rows, at, strict=True)
            if not row["annotator"].startswith("model:") or place not in people
        ]
        found = standing(labels).collect().rows()
        assert sorted(found, key=str) == sorted((tuple(row[n] for n in STANDS) for row in kept), key=str)


STANDS = ("segment_id", "review_id", "scheme", "layer", "annotator")


class TestWho:
    def test_models_by_the_type_of_the_column(self):
        assert model_names(GIVEN.labels) == ("model:en@1",)
        assert model_names(only("gold")) == ()
        assert model_names(GIVEN.labels.with_columns(pl.col("annotator").cast(pl.String))) is None

    @pytest.mark.parametrize("kind", [ANNOTATOR, pl.String, pl.Categorical])
    def test_rows_of_models_in_a_column_of_any_type(self, kind):
        labels = GIVEN.labels.with_columns(pl.col("annotator").cast(pl.String).cast(kind))
        assert labels.filter(by_model(labels)).collect().height == 6

    def test_a_name_that_only_holds_the_word_is_a_person(self):
        labels = pl.LazyFrame({"annotator": ["the model: me", "Model:x", "model:x"]})
        assert labels.select(by_model(labels)).collect().to_series().to_list() == [False, False, True]


class TestProvenance:
    def test_by_code(self):
        expect(
            provenance(GIVEN.labels),
            """
            scheme              | layer   | code | n_people | n_models
            --------------------+---------+------+----------+---------
            peer-review-analyze | section | MET  | 1        | 1
            peer-review-analyze | aspect  | EMP  | 1        | 2
            peer-review-analyze | aspect  | CLA  | 0        | 1
            peer-review-analyze | aspect  | none | 1        | 0
            review-quality      | quality | CLA  | 1        | 2
            """,
        )

    def test_of_all_and_by_other_columns(self):
        assert provenance(GIVEN.labels, by=()).collect().row(0) == (4, 6)
        expect(
            provenance(GIVEN.labels, by=("paper_id", "polarity")),
            """
            paper_id | polarity | n_people | n_models
            ---------+----------+----------+---------
            1        | -1       | 2        | 3
            1        | 1        | 1        | 3
            2        |          | 1        | 0
            """,
        )

    @pytest.mark.parametrize("labels", [only("gold"), GIVEN.labels.limit(0), only("model:en@1")])
    def test_sums_and_types_are_alike_whoever_labelled(self, labels):
        found = provenance(labels, by="layer").collect()
        assert found["n_people"].sum() + found["n_models"].sum() == labels.collect().height
        assert found.schema == provenance(GIVEN.labels, by="layer").collect_schema()


class TestGuess:
    def test_a_label_that_a_person_gave_too_is_no_guess(self):
        both = pl.concat([GIVEN.labels, GIVEN.labels.filter(by_model(GIVEN.labels) & (pl.col("segment_id") == 110))])
        both = both.with_columns(pl.when(pl.col("code") == "EMP").then(-1).otherwise("polarity").alias("polarity"))
        found = both.group_by("code").agg(guess(both)).sort("code").unnest("guess").collect()
        told = {row["code"]: (row["model"], row["confidence"]) for row in found.to_dicts()}
        assert told["EMP"] == told["MET"] == told["none"] == (None, None)

    def test_of_several_the_surest(self):
        kind = pl.Enum(["model:a@1", "model:b@1", "model:c@1"])
        labels = pl.LazyFrame(
            {"code": ["x", "x", "x", "y", "y", "z"], "confidence": [0.5, 0.75, None, 0.5, 0.5, None]}
            | {"annotator": ["model:a@1", "model:b@1", "model:c@1", "model:b@1", "model:a@1", "model:c@1"]},
            schema_overrides={"annotator": kind},
        )
        found = labels.group_by("code").agg(guess(labels)).sort("code").unnest("guess").collect().rows()
        assert found == [("x", "model:b@1", 0.75), ("y", "model:a@1", 0.5), ("z", "model:c@1", None)]

    def test_passages_tell_which_labels_are_guesses(self):
        found = passages(GIVEN._replace(labels=standing(GIVEN.labels))).collect()
        told = dict(zip(found["segment_id"], found.select("labels", "guesses", "guess_list").rows(), strict=True))
        emp, cla = {"model": "model:en@1", "confidence": 0.75}, {"model": "model:en@1", "confidence": None}
        assert told[110] == ("MET-NEG EMP-NEG CLA-POS", "EMP-NEG CLA-POS", [PERSON, emp, cla])
        assert told[111] == ("EMP-NEG", None, [PERSON])
        assert told[210][1:] == (None, [PERSON])
        whole = dict(zip(found["segment_id"], found.select("review_labels", "review_guesses").rows(), strict=True))
        assert whole[110] == ("quality:CLA-POS", None)
        assert whole[120] == ("quality:CLA-NEG", "quality:CLA-NEG")

    def test_lines_of_a_concordance_too(self):
        found = kwic(GIVEN, pattern="(?i)anchor", layer="aspect").collect()
        marks = dict(zip(found["segment_id"], found["marks"], strict=True))
        assert [(mark["code"], mark["model"], mark["confidence"]) for mark in marks[110]] == [
            ("EMP", "model:en@1", 0.75),
            ("CLA", "model:en@1", None),
        ]
        assert [mark["model"] for mark in marks[210]] == [None]
        assert dict(zip(found["segment_id"], found["guesses"], strict=True))[120] == "EMP-POS"

    def test_opposed_and_typical_sentences_too(self):
        found = opposed_sentences(GIVEN, layer="aspect").collect()
        assert {(row["segment_id"], row["model"], row["confidence"]) for row in found.to_dicts()} == {
            (110, "model:en@1", 0.75),
            (111, None, None),
            (120, "model:en@1", 0.5),
        }
        shown = typical(GIVEN, n=1).filter((pl.col("code") == "CLA") & (pl.col("layer") == "aspect")).collect()
        assert shown["model"].to_list() == ["model:en@1"]


PERSON = {"model": None, "confidence": None}
