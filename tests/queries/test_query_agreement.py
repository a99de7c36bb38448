"""Agreement of annotators against published worked examples, the library krippendorff, and the definition."""

from __future__ import annotations

from itertools import combinations

import krippendorff
import numpy as np
import polars as pl
import pytest
from coded import again, coded
from spec import expect, frames, shuffled
from statsmodels.stats.inter_rater import cohens_kappa

from corpus.tables import Frames
from queries.agreement import agreement, annotator_pairs
from queries.reliability import jaccard, masi

CODES = ("APR", "NOV", "IMP", "CMP", "PNF", "REC", "EMP", "SUB", "CLA")

# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, examples A, B and C, with codes for its values.
MEG_OWEN = {
    "meg": "CLA EMP CLA CLA CLA CLA CLA CLA EMP CLA",
    "owen": "EMP EMP EMP CLA CLA EMP CLA CLA CLA CLA",
}
BEN_GERRY = {
    "ben": "APR APR NOV NOV CMP IMP IMP IMP PNF CMP CMP APR",
    "gerry": "NOV APR NOV NOV NOV IMP IMP IMP PNF CMP CMP CMP",
}
FOUR = {
    "a": "APR NOV IMP IMP NOV APR CMP APR NOV . . .",
    "b": "APR NOV IMP IMP NOV NOV CMP APR NOV PNF . IMP",
    "c": ". IMP IMP IMP NOV IMP CMP NOV NOV PNF APR .",
    "d": "APR NOV IMP IMP NOV CMP CMP APR NOV PNF APR .",
}


def of(given: Frames, question: str = "code", **options) -> dict:
    rows = agreement(given, **options).filter(pl.col("question") == question).collect()
    assert rows.height == 1
    return rows.row(0, named=True)


def drawn(seed: int, n: int = 60, annotators: int = 3, several: bool = False, papers: int = 12) -> Frames:
    """Annotators who more often than not say what is true, and leave some sentences out."""
    random = np.random.default_rng(seed)
    truth = random.choice(CODES[:5], n)
    lines = {}
    for who in "abcdef"[:annotators]:
        row = []
        for code in truth:
            said = [code if random.random() < 0.7 else random.choice(CODES[:5])]
            if several and random.random() < 0.4:
                said.append(random.choice([other for other in CODES if other != said[0]]))
            row.append("." if random.random() < 0.15 else "+".join(said))
        lines[who] = " ".join(row)
    return coded(lines, papers=" ".join(chr(65 + at * papers // n) for at in range(n)))


def answers(given: Frames) -> dict[int, dict[str, frozenset]]:
    """By sentence and annotator, the codes; sentences with one annotator left out."""
    found: dict[int, dict[str, frozenset]] = {}
    for row in given.labels.collect().iter_rows(named=True):
        own = found.setdefault(row["segment_id"], {})
        own[row["annotator"]] = own.get(row["annotator"], frozenset()) | {row["code"]}
    return {segment: own for segment, own in found.items() if len(own) > 1}


def defined(units: list[list[frozenset]], distance) -> float:
    """Alpha as it is defined: the mean distance within units over that between all values."""
    values = [value for unit in units for value in unit]
    n = len(values)
    seen = sum(distance(a, b) / (len(unit) - 1) for unit in units for a, b in combinations(unit, 2)) * 2 / n
    expected = sum(distance(a, b) for a, b in combinations(values, 2)) * 2 / (n * (n - 1))
    return 1 - seen / expected


def masi_distance(a: frozenset, b: frozenset) -> float:
    if a == b:
        m = 1.0
    elif a < b or b < a:
        m = 2 / 3
    elif a & b:
        m = 1 / 3
    else:
        m = 0.0
    return 1 - m * len(a & b) / len(a | b)


@pytest.mark.parametrize(
    ("data", "n", "alpha"), [(MEG_OWEN, 10, 0.095), (BEN_GERRY, 12, 0.692), (FOUR, 11, 0.743)], ids=["A", "B", "C"]
)
def test_worked_examples_of_krippendorff(data, n, alpha):
    found = of(coded(data))
    assert found["alpha"] == pytest.approx(alpha, abs=5e-4)
    assert (found["n_segments"], found["n_annotators"], found["several"]) == (n, len(data), False)


def test_example_b_of_krippendorff_worked_by_hand():
    # Of 24 values a, b, c, d, e have 4, 6, 6, 6, 2; nine units agree, which puts 18 of them on the diagonal:
    # alpha = (23 * 18 - (4*3 + 6*5 + 6*5 + 6*5 + 2*1)) / (24 * 23 - (12 + 30 + 30 + 30 + 2)) = 310 / 448
    assert of(coded(BEN_GERRY))["alpha"] == pytest.approx(310 / 448)
    assert of(coded(BEN_GERRY))["same"] == pytest.approx(9 / 12)


@pytest.mark.parametrize("seed", range(4))
def test_single_codes_are_nominal_alpha_of_the_library(seed):
    given = drawn(seed)
    rows = {who: [np.nan] * 60 for who in "abc"}
    for segment, own in answers(given).items():
        for who, (code,) in own.items():
            rows[who][segment] = CODES.index(code)
    wanted = krippendorff.alpha(reliability_data=list(rows.values()), level_of_measurement="nominal")
    assert of(given)["alpha"] == pytest.approx(wanted)
    assert of(given, distance="jaccard")["alpha"] == pytest.approx(wanted)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["masi", "jaccard"])
def test_several_codes_are_alpha_by_definition_and_by_the_library_with_that_distance(seed, name):
    given = drawn(seed, several=True)
    units = [list(own.values()) for own in answers(given).values()]
    distance = {"masi": masi_distance, "jaccard": lambda a, b: 1 - len(a & b) / len(a | b)}[name]
    found = of(given, distance=name)
    assert found["several"]
    assert found["alpha"] == pytest.approx(defined(units, distance))

    values = sorted({value for unit in units for value in unit}, key=sorted)
    counts = np.array([[unit.count(value) for value in values] for unit in units])

    def metric(v1, v2, i1, i2, n_v, dtype):
        return np.vectorize(lambda a, b: distance(values[a], values[b]))(i1, i2).astype(dtype)

    assert found["alpha"] == pytest.approx(krippendorff.alpha(value_counts=counts, level_of_measurement=metric))


def test_distances_of_sets():
    sets = [frozenset(text) for text in ("", "a", "ab", "bc", "d")]
    wanted = [
        [0, 1, 1, 1, 1],
        [1, 0, 1 - 1 / 2 * 2 / 3, 1, 1],
        [1, 2 / 3, 0, 1 - 1 / 3 * 1 / 3, 1],
        [1, 1, 8 / 9, 0, 1],
        [1, 1, 1, 1, 0],
    ]
    assert masi(sets) == pytest.approx(np.array(wanted))
    assert jaccard(sets)[2, 3] == pytest.approx(2 / 3)
    assert jaccard(sets)[0, 0] == 0
    assert masi([]).shape == (0, 0)


@pytest.mark.parametrize("several", [False, True])
def test_kappa_is_that_of_statsmodels(several):
    given = drawn(5, annotators=2, several=several)
    pairs = [(own["a"], own["b"]) for own in answers(given).values()]
    values = sorted({value for pair in pairs for value in pair}, key=sorted)
    table = np.zeros((len(values), len(values)))
    for a, b in pairs:
        table[values.index(a), values.index(b)] += 1
    found = annotator_pairs(given).filter(pl.col("question") == "code").collect().row(0, named=True)
    assert found["kappa"] == pytest.approx(cohens_kappa(table).kappa)
    assert found["n_segments"] == table.sum()
    assert found["same"] == pytest.approx(np.trace(table) / table.sum())


def test_interval_draws_papers_again():
    given = drawn(2, n=240, papers=40)
    units = answers(given)
    paper = dict(given.segments.select("segment_id", "paper_id").collect().rows())
    by_paper: dict[int, list[list[int]]] = {}
    for segment, own in units.items():
        counts = [0] * len(CODES)
        for (code,) in own.values():
            counts[CODES.index(code)] += 1
        by_paper.setdefault(paper[segment], []).append(counts)
    random, papers, found = np.random.default_rng(11), sorted(by_paper), []
    for _ in range(400):
        some = [counts for each in random.choice(papers, len(papers)) for counts in by_paper[each]]
        found.append(krippendorff.alpha(value_counts=some, level_of_measurement="nominal"))
    row = of(given)
    assert (row["low"], row["high"]) == pytest.approx(tuple(np.quantile(found, [0.025, 0.975])), abs=0.025)
    assert row["low"] < row["alpha"] < row["high"]


class TestInvariances:
    def test_the_order_of_rows_is_of_no_matter(self):
        given = drawn(3, several=True)
        assert agreement(given).collect().equals(agreement(shuffled(given)).collect())
        assert annotator_pairs(given).collect().equals(annotator_pairs(shuffled(given)).collect())

    def test_other_names_of_codes_keep_alpha_and_kappa(self):
        other = dict(zip(CODES, (*CODES[3:], *CODES[:3]), strict=True))
        renamed = {
            who: " ".join("+".join(other.get(code, code) for code in cell.split("+")) for cell in line.split())
            for who, line in FOUR.items()
        }
        assert of(coded(renamed))["alpha"] == pytest.approx(of(coded(FOUR))["alpha"])
        pairs = [annotator_pairs(coded(data)).filter(pl.col("question") == "code") for data in (FOUR, renamed)]
        first, second = (each.collect()["kappa"].to_list() for each in pairs)
        assert first == pytest.approx(second)

    def test_other_names_of_annotators_keep_alpha(self):
        renamed = {{"a": "z", "d": "b", "b": "y"}.get(who, who): line for who, line in FOUR.items()}
        assert of(coded(renamed))["alpha"] == pytest.approx(of(coded(FOUR))["alpha"])

    def test_a_corpus_twice_over_keeps_kappa_and_alpha_but_for_the_small_sample(self):
        # Expected disagreement is over n (n - 1) pairs, so 1 - alpha grows by (2 n - 1) / (2 n - 2) when n doubles.
        once, twice = of(coded(BEN_GERRY)), of(again(coded(BEN_GERRY)))
        assert 1 - twice["alpha"] == pytest.approx((1 - once["alpha"]) * (2 * 24 - 1) / (2 * 24 - 2))
        assert (twice["n_segments"], twice["same"]) == (2 * once["n_segments"], once["same"])
        kappas = [annotator_pairs(each).collect()["kappa"][0] for each in (coded(BEN_GERRY), again(coded(BEN_GERRY)))]
        assert kappas[0] == pytest.approx(kappas[1])


class TestWhatIsCompared:
    def test_only_segments_that_two_labelled_and_the_share_left_out_is_told(self):
        given = coded({"a": "EMP CLA . . SUB", "b": "EMP . CLA . SUB"}, papers="p p p p p")
        found = of(given)
        assert (found["n_segments"], found["same"]) == (2, 1)
        assert found["share"] == pytest.approx(2 / 4)  # one or both labelled four of the five

    def test_whether_a_label_was_put_there_is_a_question_of_its_own(self):
        given = coded({"a": "EMP CLA . . SUB", "b": "EMP . CLA . SUB"}, papers="p p p p p")
        found = of(given, "placed")
        assert (found["n_segments"], found["share"]) == (5, None)
        wanted = krippendorff.alpha(reliability_data=[[1, 1, 0, 0, 1], [1, 0, 1, 0, 1]], level_of_measurement="nominal")
        assert found["alpha"] == pytest.approx(wanted)

    def test_a_review_that_one_alone_labelled_is_left_out(self):
        given = coded({"a": "EMP CLA SUB", "b": "EMP . ."}, papers="p p q")
        assert of(given, "placed")["n_segments"] == 2

    def test_none_is_an_answer_and_no_label_is_none(self):
        given = coded({"a": "none EMP none", "b": "none none ."}, papers="p p p")
        found = of(given)
        assert (found["n_segments"], found["same"]) == (2, 0.5)

    def test_polarity_is_compared_where_both_gave_one_and_neutral_is_one(self):
        given = coded({"a": "EMP-NEG EMP-NEU EMP CLA-POS", "b": "CLA-NEG EMP-POS EMP-NEG ."}, papers="p q r s")
        found = of(given, "polarity")
        assert (found["n_segments"], found["n_papers"], found["same"]) == (2, 2, 0.5)

    def test_layers_and_corpora_stand_apart(self):
        aspects, sections = coded({"a": "EMP CLA", "b": "EMP EMP"}), coded({"a": "MET", "b": "MET"}, layer="section")
        labels = pl.concat([aspects.labels, sections.labels])
        found = agreement(aspects._replace(labels=labels)).filter(pl.col("question") == "code")
        expect(found, "layer | n_segments | same\n---\nsection | 1 | 1.0\naspect | 2 | 0.5")
        expect(agreement(aspects._replace(labels=labels), layer="section").filter(pl.col("question") == "code"),
               "layer | n_segments\n---\nsection | 1")  # fmt: skip

    def test_shared_aspects_are_a_layer_as_any_other(self):
        given = coded({"a": "EMP-NEG CLA CNT", "b": "EMP-POS none EMP"}, papers="p p q")
        expect(
            agreement(given, layer="common").filter(pl.col("question") == "code"),
            "scheme | layer | n_segments | same\n---\ncommon | common | 2 | 0.5",
        )

    def test_models_are_left_out_of_people_and_marked_in_pairs(self):
        given = coded({"a": "EMP CLA SUB", "b": "EMP CLA CLA", "model:en@1": "SUB SUB SUB"})
        found = of(given)
        assert (found["n_annotators"], found["same"]) == (2, pytest.approx(2 / 3))
        expect(
            annotator_pairs(given).filter(pl.col("question") == "code"),
            """
            first | second     | by_model | n_segments | same
            ------+------------+----------+------------+------
            a     | b          | false    | 3          | 0.667
            a     | model:en@1 | true     | 3          | 0.333
            b     | model:en@1 | true     | 3          | 0.0
            """,
        )

    def test_a_model_and_one_person_are_no_agreement_of_people(self):
        given = coded({"gold": "EMP CLA", "model:en@1": "EMP SUB"})
        assert agreement(given).collect().is_empty()
        assert annotator_pairs(given).collect()["by_model"].all()

    @staticmethod
    def stretched(*texts: str, labels: str) -> Frames:
        """One review of these segments, which are joined as they stand."""
        given = frames(
            "paper_id\n---\n1",
            "review_id | paper_id\n---\n1 | 1",
            "segment_id | review_id\n---\n" + "\n".join(f"{at} | 1" for at in range(len(texts))),
            labels,
        )
        return given._replace(segments=given.segments.with_columns(text=pl.Series(texts, dtype=pl.String)))

    def test_a_stretch_is_on_the_segments_that_it_shares_half_with(self):
        # The segments are at 0 to 12, 13 to 25 and 26 to 36, blanks behind them aside.
        given = self.stretched(
            "The sea rose. ", "We all saw it. ", "No one did. ",
            labels="""
            segment_id | layer  | code | annotator | start | end
            -----------+--------+------+-----------+-------+----
            0          | aspect | EMP  | gold      | 0     | 24
            2          | aspect | CLA  | gold      |       |
            0          | aspect | EMP  | anno2     | 11    | 27
            1          | aspect | CLA  | anno2     | 26    | 40
            """,
        )  # fmt: skip
        found = annotator_pairs(given).filter(pl.col("question") == "code").collect()
        # gold's EMP is on the first two; anno2's shares 2 of 13 with the first and all of the second, its CLA, which
        # starts in the second, 2 of 14 with that and 11 of 11 with the third.
        assert found["n_segments"].to_list() == [2]
        assert found["n_either"].to_list() == [3]
        assert found["same"].to_list() == [1]

    def test_crumbs_between_stretches_do_not_count_and_short_sentences_elsewhere_do(self):
        labels = """
            segment_id | layer  | code | annotator | start | end
            -----------+--------+------+-----------+-------+----
            0          | aspect | EMP  | gold      |       |
            0          | aspect | EMP  | anno2     | 0     | 20
            2          | aspect | CLA  | anno2     |       |
        """
        found = annotator_pairs(self.stretched("The sea rose. ", "But so. ", "We all saw it.", labels=labels))
        rows = dict(found.select("question", "n_segments").collect().rows())
        assert rows == {"code": 1, "placed": 2}
        told = labels.replace("| 0     | 20", "|       |")
        found = annotator_pairs(self.stretched("Yes. ", "But so. ", "We all saw it.", labels=told))
        assert dict(found.select("question", "n_segments").collect().rows()) == {"code": 1, "placed": 3}


class TestLittleIsThere:
    def test_one_paper_has_no_interval(self):
        found = of(coded(BEN_GERRY, papers=" ".join("p" * 12)))
        assert (found["low"], found["high"]) == (None, None)
        assert found["alpha"] == pytest.approx(310 / 448)
        assert found["thin"]

    def test_where_all_answers_are_alike_there_is_no_alpha(self):
        found = of(coded({"a": "EMP EMP", "b": "EMP EMP"}))
        assert (found["same"], found["alpha"], found["low"]) == (1, None, None)
        pair = annotator_pairs(coded({"a": "EMP EMP", "b": "EMP EMP"})).collect().row(0, named=True)
        assert (pair["kappa"], pair["alpha"]) == (None, None)

    def test_answers_that_are_worse_than_chance_are_below_0(self):
        assert of(coded({"a": "EMP CLA EMP CLA", "b": "CLA EMP CLA EMP"}))["alpha"] < 0

    @pytest.mark.parametrize("lines", [{}, {"a": "EMP CLA"}, {"a": "EMP .", "b": ". CLA"}])
    def test_no_pair_no_row(self, lines):
        for query in (agreement, annotator_pairs):
            assert query(coded(lines)).collect().is_empty()

    def test_nothing_at_all(self):
        assert agreement(frames()).collect().is_empty()
        assert annotator_pairs(frames()).collect().is_empty()
