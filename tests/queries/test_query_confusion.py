"""Which code stands against which, code by code agreement, and the sentences behind a cell."""

from __future__ import annotations

import krippendorff
import numpy as np
import polars as pl
import pytest
from coded import again, coded
from spec import expect, frames, shuffled

from corpus.tables import Frames
from queries.code_agreement import code_agreement
from queries.confusion import confusion, crossed
from queries.disagreements import disagreements

TWO = {"a": "EMP EMP CLA CLA SUB none .", "b": "EMP CLA CLA . EMP none NOV"}
PAPERS = "p p p q q q q"


def two() -> Frames:
    return coded(TWO, papers=PAPERS)


class TestConfusion:
    def test_counts_what_stands_against_what_and_what_stands_alone(self):
        expect(
            confusion(two(), layer="aspect", first="a", second="b"),
            """
            first_code | second_code | n | n_segments | agreed
            -----------+-------------+---+------------+-------
            EMP        | EMP         | 1 | 1          | true
            EMP        | CLA         | 1 | 1          | false
            SUB        | EMP         | 1 | 1          | false
            CLA        | CLA         | 1 | 1          | true
            CLA        |             | 1 | 1          | false
            none       | none        | 1 | 1          | true
                       | NOV         | 1 | 1          | false
            """,
        )

    def test_annotators_the_other_way_round_transpose_it(self):
        cells, turned = (
            confusion(two(), layer="aspect", first=first, second=second).select("first_code", "second_code", "n")
            for first, second in (("a", "b"), ("b", "a"))
        )
        flipped = turned.select(
            pl.col("second_code").alias("first_code"), pl.col("first_code").alias("second_code"), "n"
        ).sort("first_code", "second_code", nulls_last=True)
        assert cells.collect().equals(flipped.collect())

    def test_of_several_codes_what_both_gave_is_agreed_and_the_rest_is_crossed(self):
        given = coded({"a": "EMP+CLA+SUB EMP+CLA", "b": "EMP+NOV EMP"}, papers="p p")
        expect(
            confusion(given, layer="aspect", first="a", second="b"),
            """
            first_code | second_code | n
            -----------+-------------+---
            EMP        | EMP         | 2
            SUB        | NOV         | 1
            CLA        | NOV         | 1
            CLA        |             | 1
            """,
        )

    def test_gold_against_each_other_person_pooled(self):
        given = coded({"gold": "EMP CLA", "x": "EMP SUB", "y": "CLA CLA", "model:en@1": "NOV NOV"}, papers="p p")
        expect(
            confusion(given, layer="aspect", first="gold"),
            """
            first_code | second_code | n | n_segments
            -----------+-------------+---+-----------
            EMP        | EMP         | 1 | 1
            EMP        | CLA         | 1 | 1
            CLA        | SUB         | 1 | 1
            CLA        | CLA         | 1 | 1
            """,
        )
        assert set(crossed(given, layer="aspect", first="gold").collect()["second"]) == {"x", "y"}
        named = confusion(given, layer="aspect", first="gold", second="model:en@1")
        expect(named, "first_code | second_code | n\n---\nEMP | NOV | 1\nCLA | NOV | 1")

    def test_polarities(self):
        given = coded({"a": "EMP-NEG EMP-NEU EMP", "b": "CLA-NEG EMP-POS EMP-POS"}, papers="p p p")
        expect(
            confusion(given, layer="aspect", first="a", second="b", question="polarity"),
            """
            first_code | second_code | n | agreed
            -----------+-------------+---+-------
            -1         | -1          | 1 | true
            0          | 1           | 1 | false
                       | 1           | 1 | false
            """,
        )

    def test_sums_to_the_segments_that_either_labelled(self):
        cells = confusion(two(), layer="aspect", first="a", second="b").collect()
        assert cells["n"].sum() == 7
        assert cells.filter("agreed")["n"].sum() == 3

    @pytest.mark.parametrize("second", ["b", "nobody", None])
    def test_nothing_in_common(self, second):
        given = coded({"a": "EMP .", "b": ". CLA"}, papers="p q")
        assert confusion(given, layer="aspect", first="a", second=second).collect().is_empty()
        assert confusion(frames(), layer="aspect", first="a", second=second).collect().is_empty()

    def test_the_order_of_rows_is_of_no_matter(self):
        options = {"layer": "aspect", "first": "a", "second": "b"}
        for query in (confusion, crossed, disagreements):
            assert query(two(), **options).collect().equals(query(shuffled(two()), **options).collect())


class TestDisagreements:
    def test_where_two_did_not_give_the_same(self):
        expect(
            disagreements(two(), layer="aspect", first="a", second="b")
            .with_columns(pl.col("first_answer", "second_answer").list.join("+")),
            """
            paper_key | position | first | second | first_answer | second_answer
            ----------+----------+-------+--------+--------------+--------------
            p112      | 1        | a     | b      | EMP          | CLA
            p113      | 3        | a     | b      | CLA          |
            p113      | 4        | a     | b      | SUB          | EMP
            p113      | 6        | a     | b      |              | NOV
            """,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("cell", "positions"),
        [
            (("EMP", "EMP"), [0]),
            (("EMP", "CLA"), [1]),
            (("CLA", None), [3]),
            ((None, "NOV"), [6]),
            (("EMP", "SUB"), []),
        ],
    )
    def test_of_one_cell(self, cell, positions):
        found = disagreements(two(), layer="aspect", first="a", second="b", cell=cell).collect()
        assert found["position"].to_list() == positions

    def test_every_cell_has_as_many_sentences_as_it_says(self):
        given = coded({"a": "EMP+CLA EMP+SUB CLA . NOV", "b": "EMP+NOV CLA CLA SUB NOV+SUB"}, papers="p p p p p")
        for row in confusion(given, layer="aspect", first="a", second="b").collect().iter_rows(named=True):
            cell = (row["first_code"], row["second_code"])
            assert (
                disagreements(given, layer="aspect", first="a", second="b", cell=cell).collect().height
                == (row["n_segments"])
            )

    def test_a_segment_stands_once_for_each_pair_of_annotators(self):
        given = coded({"gold": "EMP+CLA", "x": "SUB+NOV", "y": "EMP+CLA"}, papers="p")
        found = disagreements(given, layer="aspect", first="gold").collect()
        assert found["second"].to_list() == ["x"]
        assert found["first_answer"].to_list() == [["EMP", "CLA"]]


class TestCodeAgreement:
    def test_hand_worked(self):
        # Of the five pairs of answers EMP has (yes yes), (yes no), (no no), (no yes), (no no); CLA (no yes), (yes yes).
        expect(
            code_agreement(two(), layer="aspect"),
            """
            code | n | n_both | n_pairs | n_papers | specific
            -----+---+--------+---------+----------+---------
            EMP  | 3 | 1      | 5       | 2        | 0.5
            CLA  | 2 | 1      | 5       | 1        | 0.667
            SUB  | 1 | 0      | 5       | 1        | 0.0
            none | 1 | 1      | 5       | 1        | 1.0
            """,
        )

    @pytest.mark.parametrize("code", ["EMP", "CLA", "SUB", "NOV"])
    def test_alpha_is_that_of_the_library_on_yes_and_no(self, code):
        random = np.random.default_rng(8)
        lines = {
            who: " ".join("." if random.random() < 0.2 else random.choice(["EMP", "CLA", "SUB+EMP", "NOV"])
                          for _ in range(50))
            for who in "abc"
        }  # fmt: skip
        rows = [
            [np.nan if cell == "." else float(code in cell.split("+")) for cell in line.split()]
            for line in lines.values()
        ]
        wanted = krippendorff.alpha(reliability_data=rows, level_of_measurement="nominal")
        found = code_agreement(coded(lines), layer="aspect").filter(pl.col("code") == code).collect().row(0, named=True)
        assert found["alpha"] == pytest.approx(wanted)
        assert found["low"] < found["alpha"] < found["high"]

    def test_two_annotators_only_and_a_model_only_where_it_is_named(self):
        given = coded({"a": "EMP CLA", "b": "EMP EMP", "model:en@1": "SUB EMP"}, papers="p q")
        assert code_agreement(given, layer="aspect").collect()["n_pairs"].to_list() == [2, 2]
        found = code_agreement(given, layer="aspect", pair=("b", "model:en@1"))
        expect(found, "code | n | n_both | n_pairs\n---\nEMP | 2 | 1 | 2\nSUB | 1 | 0 | 2")

    def test_polarities(self):
        given = coded({"a": "EMP-NEG EMP-NEU", "b": "CLA-NEG EMP-POS"}, papers="p q")
        expect(
            code_agreement(given, layer="aspect", question="polarity"),
            "code | n | n_both | specific\n---\n-1 | 1 | 1 | 1.0\n0 | 1 | 0 | 0.0\n1 | 1 | 0 | 0.0",
        )

    def test_no_alpha_where_all_have_the_code_and_no_interval_of_one_paper(self):
        given = coded({"a": "EMP EMP+CLA", "b": "EMP EMP"}, papers="p p")
        found = code_agreement(given, layer="aspect").collect()
        assert found.select("code", "alpha", "low").rows()[0] == ("EMP", None, None)
        assert found["low"].is_null().all()
        assert found["thin"].all()

    def test_twice_over_and_shuffled(self):
        once, twice = (code_agreement(each, layer="aspect").collect() for each in (two(), again(two())))
        assert twice["n"].to_list() == [2 * n for n in once["n"]]
        assert twice["specific"].to_list() == once["specific"].to_list()
        assert once.equals(code_agreement(shuffled(two()), layer="aspect").collect())

    def test_nothing(self):
        assert code_agreement(frames(), layer="aspect").collect().is_empty()
        assert code_agreement(coded({"a": "EMP"}), layer="aspect", pair=("a", "b")).collect().is_empty()
