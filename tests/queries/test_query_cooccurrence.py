"""Which codes stand together: hand-worked tables, scipy and statsmodels as oracles, and what must change nothing."""

from __future__ import annotations

from math import log2

import numpy as np
import polars as pl
import pytest
from scipy import stats
from spec import expect, frames, ids, shuffled
from statsmodels.stats.multitest import multipletests

from corpus.tables import Frames
from queries.cooccurrence import cooccurrence
from queries.resampling import replicates, sums

REVIEWS = """
    review_id | paper_id
    ----------+---------
    1         | 1
    2         | 1
    3         | 2
"""
SEGMENTS = """
    segment_id | review_id
    -----------+----------
    1          | 1
    2          | 1
    3          | 1
    4          | 2
    5          | 2
    6          | 3
    7          | 3
    8          | 3
"""
ASPECTS, SECTIONS = ("NOV", "IMP", "CMP", "EMP", "CLA"), ("RWK", "MET", "EXP", "RES")


def of(labels: str) -> Frames:
    return frames(reviews=REVIEWS, segments=SEGMENTS, labels="segment_id | layer | code | polarity\n---\n" + labels)


def spelled(rows: list[tuple]) -> str:
    return "\n".join(" | ".join(map(str, row)) for row in rows)


def random_frames(seed: int = 1, n_papers: int = 40, *, lean: float = 0.0) -> Frames:
    """Two reviews a paper, five segments a review; some segments have no label in a layer, some several.

    With `lean` papers differ in which codes they get, in both layers at once only as far as chance has it.
    """
    random = np.random.default_rng(seed)
    reviews, segments, labels = [], [], []
    for paper in range(n_papers):
        weights = {codes: np.exp(lean * random.normal(size=len(codes))) for codes in (ASPECTS, SECTIONS)}
        for review in range(2):
            reviews.append((2 * paper + review, paper))
            for place in range(5):
                segment = 10 * paper + 5 * review + place
                segments.append((segment, 2 * paper + review))
                for layer, codes in (("aspect", ASPECTS), ("section", SECTIONS)):
                    n = random.choice([0, 1, 2], p=[0.1, 0.7, 0.2])
                    chosen = random.choice(codes, n, replace=False, p=weights[codes] / weights[codes].sum())
                    labels += [(segment, layer, code, random.choice([-1, 0, 1])) for code in chosen]
    return frames(
        reviews="review_id | paper_id\n---\n" + spelled(reviews),
        segments="segment_id | review_id\n---\n" + spelled(segments),
        labels="segment_id | layer | code | polarity\n---\n" + spelled(labels),
    )


def indicators(given: Frames) -> dict[str, np.ndarray]:
    """By plain Python: for each segment with labels in both layers its paper, and whether it has each code."""
    labels: dict[int, set[str]] = {}
    paper: dict[int, int] = {}
    layers: dict[int, set[str]] = {}
    for row in given.labels.collect().to_dicts():
        labels.setdefault(row["segment_id"], set()).add(row["code"])
        layers.setdefault(row["segment_id"], set()).add(row["layer"])
        paper[row["segment_id"]] = row["paper_id"]
    units = sorted(unit for unit in labels if layers[unit] == {"aspect", "section"})
    found = {code: np.array([code in labels[unit] for unit in units], dtype=float) for code in (*ASPECTS, *SECTIONS)}
    return found | {"paper": np.array([paper[unit] for unit in units])}


BY_HAND = """
    1 | aspect | EMP |
    1 | section | MET |
    2 | aspect | EMP |
    2 | section | MET |
    3 | aspect | EMP |
    3 | section | MET |
    4 | aspect | EMP |
    4 | section | EXP |
    5 | aspect | CLA |
    5 | section | MET |
    6 | aspect | CLA |
    6 | section | EXP |
    7 | aspect | CLA |
    7 | section | EXP |
    8 | aspect | none |
    8 | section | MET |
"""


class TestCounts:
    def test_lift_pmi_and_phi_of_tables_worked_by_hand(self):
        # 8 sentences: EMP 4, CLA 3, none 1; MET 5, EXP 3.
        # EMP MET: 3 where 4*5/8 = 2.5 are to be expected: lift 1.2, log2 1.2 = 0.263;
        #          phi (8*3 - 4*5) / sqrt(4*4 * 5*3) = 4 / 15.492 = 0.258.
        # CLA EXP: 2 where 3*3/8 = 1.125 are: lift 1.778; phi (8*2 - 3*3) / sqrt(3*5 * 3*5) = 7/15.
        expect(
            cooccurrence(of(BY_HAND), rows="aspect", columns="section"),
            """
            first | second | n_both | n_first | n_second | n | expected | lift  | pmi    | ppmi  | phi    | n_papers
            ------+--------+--------+---------+----------+---+----------+-------+--------+-------+--------+---------
            EMP   | MET    | 3      | 4       | 5        | 8 | 2.5      | 1.2   | 0.263  | 0.263 | 0.258  | 2
            EMP   | EXP    | 1      | 4       | 3        | 8 | 1.5      | 0.667 | -0.585 | 0     | -0.258 | 2
            CLA   | MET    | 1      | 3       | 5        | 8 | 1.875    | 0.533 | -0.907 | 0     | -0.467 | 2
            CLA   | EXP    | 2      | 3       | 3        | 8 | 1.125    | 1.778 | 0.830  | 0.830 | 0.467  | 2
            """,
        )  # fmt: skip

    def test_none_is_an_answer_cannot_tell_and_no_label_are_not(self):
        given = of("""
            1 | aspect | EMP |
            1 | section | MET |
            2 | aspect | none |
            2 | section | MET |
            3 | aspect | CNT |
            3 | section | MET |
            4 | aspect | EMP |
            4 | section | CNT |
            5 | aspect | EMP |
            6 | section | MET |
            7 | aspect | CNT |
            7 | aspect | EMP |
            7 | section | EXP |
        """)
        # Segments 1, 2 and 7 count: 3 to 6 say nothing in one of the layers.
        expect(
            cooccurrence(given, rows="aspect", columns="section"),
            """
            first | second | n_both | n_first | n_second | n
            ------+--------+--------+---------+----------+--
            EMP   | MET    | 1      | 2       | 2        | 3
            EMP   | EXP    | 1      | 2       | 1        | 3
            """,
        )

    def test_units_count_once_whoever_labelled_them(self):
        given = frames(
            reviews=REVIEWS,
            segments=SEGMENTS,
            labels="""
            segment_id | layer   | code | polarity | annotator
            -----------+---------+------+----------+----------
            1          | aspect  | EMP  | -1       | gold
            1          | aspect  | EMP  | -1       | anno2
            1          | aspect  | EMP  | 1        | anno2
            1          | section | MET  |          | gold
            1          | section | MET  |          | anno2
            """,
        )
        expect(
            cooccurrence(given, rows="aspect", columns="section"),
            "first | second | n_both | n_first | n_second | n\n---\nEMP | MET | 1 | 1 | 1 | 1",
        )

    def test_a_layer_with_itself_has_each_pair_once_and_no_diagonal(self):
        given = of("""
            1 | aspect | EMP |
            1 | aspect | CLA |
            2 | aspect | EMP |
            2 | aspect | NOV |
            3 | aspect | none |
        """)
        expect(
            cooccurrence(given, rows="aspect", columns="aspect"),
            """
            first | second | n_both | n_first | n_second | n
            ------+--------+--------+---------+----------+--
            NOV   | EMP    | 1      | 1       | 2        | 3
            NOV   | CLA    | 0      | 1       | 1        | 3
            EMP   | CLA    | 1      | 2       | 1        | 3
            """,
        )

    @pytest.mark.parametrize(
        ("unit", "wanted"),
        [
            ("segment", "EMP | MET | 1 | 2 | 2 | 3"),  # segments 1, 4 and 6
            ("review", "EMP | MET | 1 | 2 | 2 | 3"),  # reviews 1, 2, 3: EMP in 1 and 2, MET in 1 and 3
            ("paper", "EMP | MET | 1 | 1 | 2 | 2"),  # papers 1 and 2
        ],
    )
    def test_units(self, unit, wanted):
        given = of("""
            1 | aspect | EMP |
            1 | section | MET |
            4 | aspect | EMP |
            4 | section | EXP |
            6 | aspect | none |
            6 | section | MET |
        """)
        found = cooccurrence(given, rows="aspect", columns="section", unit=unit).filter(pl.col("second") == "MET")
        expect(found, f"first | second | n_both | n_first | n_second | n\n---\n{wanted}")

    def test_labels_on_whole_reviews_stand_together_in_reviews_with_those_on_sentences(self):
        given = frames(
            reviews=REVIEWS,
            segments=SEGMENTS,
            labels="""
            segment_id | review_id | layer   | code | polarity
            -----------+-----------+---------+------+---------
            1          | 1         | aspect  | EMP  | -1
                       | 1         | quality | JUS  | 1
                       | 2         | quality | JUS  | 1
            """,
        )
        expect(
            cooccurrence(given, rows="aspect", columns="quality", unit="review"),
            "first | second | n_both | n_first | n_second | n\n---\nEMP | JUS | 1 | 1 | 1 | 1",
        )
        assert cooccurrence(given, rows="aspect", columns="quality").collect().is_empty()

    def test_polarities_tell_codes_apart_and_null_is_one_of_its_own(self):
        given = of("""
            1 | aspect | EMP | -1
            1 | purpose | CRT |
            2 | aspect | EMP | 1
            2 | purpose | APC |
            3 | aspect | EMP |
            3 | purpose | APC |
        """)
        expect(
            cooccurrence(given, rows="aspect", columns="purpose", polarity=True),
            """
            first | first_polarity | second | second_polarity | n_both | lift
            ------+----------------+--------+-----------------+--------+-----
            EMP   | -1             | APC    |                 | 0      | 0
            EMP   | -1             | CRT    |                 | 1      | 3
            EMP   | 1              | APC    |                 | 1      | 1.5
            EMP   | 1              | CRT    |                 | 0      | 0
            EMP   |                | APC    |                 | 1      | 1.5
            EMP   |                | CRT    |                 | 0      | 0
            """,
        )

    def test_shared_aspects_are_a_layer(self):
        given = of("1 | aspect | EMP | -1\n1 | section | MET |\n2 | aspect | CLA | 1\n2 | section | MET |")
        found = cooccurrence(given, rows="common", columns="section").collect()
        assert found["first"].to_list() == ["clarity", "soundness"]
        assert found["n_both"].to_list() == [1, 1]


@pytest.fixture(scope="module")
def given() -> Frames:
    return random_frames()


@pytest.fixture(scope="module")
def rows(given) -> list[dict]:
    return cooccurrence(given, rows="aspect", columns="section").collect().to_dicts()


class TestStatistics:
    def test_counts_are_those_of_plain_python(self, given, rows):
        units = indicators(given)
        assert len(rows) == len(ASPECTS) * len(SECTIONS)
        for row in rows:
            a, b = units[row["first"]], units[row["second"]]
            assert (row["n_both"], row["n_first"], row["n_second"], row["n"]) == (a @ b, a.sum(), b.sum(), len(a))
            assert row["n_papers_both"] == len(set(units["paper"][(a * b) > 0]))

    def test_g2_is_scipys_and_has_the_sign_of_the_departure(self, given, rows):
        units = indicators(given)
        for row in rows:
            a, b = units[row["first"]], units[row["second"]]
            table = [[a @ b, a @ (1 - b)], [(1 - a) @ b, (1 - a) @ (1 - b)]]
            wanted = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic
            assert abs(row["g2"]) == pytest.approx(wanted, abs=1e-9)
            assert np.sign(row["g2"]) == np.sign(row["n_both"] - row["expected"])
            assert row["phi"] == pytest.approx(np.corrcoef(a, b)[0, 1])
            assert row["pmi"] == pytest.approx(log2(len(a) * (a @ b) / (a.sum() * b.sum())))

    def test_design_effect_is_how_much_wider_sums_of_papers_spread(self, given, rows):
        units = indicators(given)
        paper = units["paper"]
        for row in rows:
            a, b = units[row["first"]], units[row["second"]]
            each = (a - a.mean()) * (b - b.mean())
            each = each - each.mean()
            papers = np.array([each[paper == p].sum() for p in np.unique(paper)])
            wanted = (papers**2).sum() * len(papers) / (len(papers) - 1) / (each**2).sum()
            assert row["deff"] == pytest.approx(max(1, wanted))

    def test_q_is_that_of_statsmodels(self, rows):
        p = stats.chi2.sf([abs(row["g2"]) / row["deff"] for row in rows], 1)
        assert [row["q"] for row in rows] == pytest.approx(multipletests(p, method="fdr_bh")[1])

    def test_interval_is_that_of_scipys_bootstrap_of_papers(self, given):
        units = indicators(given)
        a, b = units["EMP"], units["MET"]
        counts = [
            np.array([each[units["paper"] == p].sum() for p in np.unique(units["paper"])])
            for each in (a * b, a, b, np.ones(len(a)))
        ]
        wanted = stats.bootstrap(
            counts,
            lambda both, first, second, n, axis: both.sum(axis) * n.sum(axis) / (first.sum(axis) * second.sum(axis)),
            paired=True, vectorized=True, method="percentile", n_resamples=20_000, rng=np.random.default_rng(2),
        ).confidence_interval  # fmt: skip
        row = (
            cooccurrence(given, rows="aspect", columns="section", resamples=20_000)
            .filter((pl.col("first") == "EMP") & (pl.col("second") == "MET"))
            .collect()
            .row(0, named=True)
        )
        assert (row["low"], row["high"]) == pytest.approx((wanted.low, wanted.high), rel=0.01)

    def test_sums_of_papers_spread_as_the_ratios_of_the_bootstrap_do(self):
        random = np.random.default_rng(4)
        part, whole = random.integers(0, 5, 50), random.integers(5, 9, 50)
        drawn = sums(np.column_stack([part, whole]).astype(float), resamples=20_000)
        wanted = replicates(np.arange(50), np.zeros(50, dtype=int), part, whole, resamples=20_000)
        ends = [0.025, 0.5, 0.975]
        assert np.quantile(drawn[:, 0] / drawn[:, 1], ends) == pytest.approx(np.quantile(wanted, ends), abs=0.003)

    def test_papers_that_lean_are_not_taken_for_codes_that_come_together(self):
        # Codes of a segment are drawn without regard to each other, but papers lean towards some of them. As if units
        # were independent, far more than one in twenty pairs would depart from chance.
        naive, clustered, n = 0, 0, 0
        for seed in range(25):
            given = random_frames(seed, 30, lean=3)
            rows = cooccurrence(given, rows="aspect", columns="section", resamples=2).collect()
            g2 = rows["g2"].abs().to_numpy()
            naive += (stats.chi2.sf(g2, 1) < 0.05).sum()
            clustered += (stats.chi2.sf(g2 / rows["deff"].to_numpy(), 1) < 0.05).sum()
            n += rows.height
        assert naive / n > 0.15
        assert clustered / n < 0.08


class TestEdges:
    def test_one_paper_has_no_interval_and_no_test(self):
        rows = cooccurrence(of("1 | aspect | EMP |\n1 | section | MET |\n2 | aspect | CLA |\n2 | section | EXP |"),
                            rows="aspect", columns="section").collect()  # fmt: skip
        assert rows.height == 4
        assert rows["n_papers"].to_list() == [1] * 4
        for name in ("low", "high", "deff", "q"):
            assert rows[name].null_count() == 4
        assert rows["g2"].null_count() == 0
        assert rows["thin"].all()

    def test_a_pair_never_seen_has_a_lift_of_0_but_no_pmi_and_no_interval(self):
        rows = cooccurrence(
            of(BY_HAND.replace("4 | section | EXP", "4 | section | MET")), rows="aspect", columns="section"
        )
        row = rows.filter((pl.col("first") == "EMP") & (pl.col("second") == "EXP")).collect().row(0, named=True)
        assert (row["n_both"], row["lift"], row["pmi"], row["ppmi"], row["low"], row["high"]) == (
            0,
            0,
            None,
            0,
            None,
            None,
        )
        assert row["g2"] < 0

    def test_a_code_that_every_unit_has_says_nothing(self):
        given = of("1 | aspect | EMP |\n1 | section | MET |\n6 | aspect | EMP |\n6 | section | EXP |")
        rows = cooccurrence(given, rows="aspect", columns="section").collect()
        assert rows["lift"].to_list() == [1, 1]
        for name in ("phi", "g2", "deff", "q"):
            assert rows[name].to_list() == [None, None]

    def test_codes_that_are_one_and_the_same_have_a_phi_of_1(self):
        given = of("1 | aspect | EMP |\n1 | section | MET |\n6 | aspect | CLA |\n6 | section | EXP |")
        rows = cooccurrence(given, rows="aspect", columns="section").collect()
        assert rows["phi"].to_list() == [1, -1, -1, 1]
        assert rows["deff"].to_list() == [1] * 4

    def test_few_observations_are_thin_seen_or_expected(self, rows):
        for row in rows:
            assert row["thin"] == (max(row["n_both"], row["expected"]) < 5)
        few = cooccurrence(random_frames(n_papers=29), rows="aspect", columns="section").collect()
        assert few["thin"].all()

    def test_a_pair_never_seen_that_was_to_be_expected_is_not_thin(self):
        def paper(at: int) -> list[tuple]:
            codes = ("EMP", "MET"), ("CLA", "EXP")
            return [(2 * at + place, layer, code, "") for place in (0, 1) for layer, code in
                    zip(("aspect", "section"), codes[place], strict=True)]  # fmt: skip

        given = frames(
            reviews="review_id | paper_id\n---\n" + spelled([(at, at) for at in range(40)]),
            segments="segment_id | review_id\n---\n" + spelled([(at, at // 2) for at in range(80)]),
            labels="segment_id | layer | code | polarity\n---\n"
            + spelled([row for at in range(40) for row in paper(at)]),
        )
        found = cooccurrence(given, rows="aspect", columns="section").collect()
        row = found.row(by_predicate=(pl.col("first") == "EMP") & (pl.col("second") == "EXP"), named=True)
        assert (row["n_both"], row["expected"], row["thin"]) == (0, 20, False)

    def test_no_labels_no_rows(self):
        for given in (frames(), of("1 | aspect | EMP |"), of("1 | aspect | none |\n1 | section | MET |")):
            found = cooccurrence(given, rows="aspect", columns="section").collect()
            assert found.is_empty()
            assert found.columns[:4] == ["first", "first_polarity", "second", "second_polarity"]
            assert found.schema["lift"] == pl.Float64
            assert cooccurrence(given, rows="aspect", columns="aspect", unit="paper").collect().is_empty()


class TestInvariances:
    @pytest.mark.parametrize("columns", ["section", "aspect"])
    def test_the_order_of_rows_is_of_no_matter(self, given, columns):
        found = [cooccurrence(each, rows="aspect", columns=columns).collect() for each in (given, shuffled(given))]
        assert found[0].equals(found[1])

    def test_rows_and_columns_can_change_places(self, given):
        one = cooccurrence(given, rows="aspect", columns="section").collect()
        other = cooccurrence(given, rows="section", columns="aspect").collect()
        turned = {(row["second"], row["first"]): row for row in other.to_dicts()}
        for row in one.to_dicts():
            there = turned[row["first"], row["second"]]
            for name in ("n_both", "lift", "low", "high", "phi", "g2", "deff", "q"):
                assert row[name] == pytest.approx(there[name]), name
            assert (row["place_first"], row["place_second"]) == (there["place_second"], there["place_first"])

    def test_a_corpus_twice_over_has_the_same_lifts_and_narrower_intervals(self):
        given = random_frames(n_papers=60)
        twice = Frames(
            *(
                pl.concat([frame, frame.with_columns(pl.col("^(paper|review|segment)_id$") + 10_000)])
                for frame in (given.papers, given.reviews, given.segments, given.labels)
            ),
            given.codes,
        )
        one, two = (cooccurrence(each, rows="aspect", columns="section").collect() for each in (given, twice))
        assert two["lift"].to_list() == pytest.approx(one["lift"].to_list())
        assert two["n_both"].to_list() == (2 * one["n_both"]).to_list()
        widths = [(each["high"] - each["low"]).mean() for each in (one, two)]
        assert widths[1] / widths[0] == pytest.approx(0.5**0.5, abs=0.08)

    def test_renaming_codes_permutes_the_matrix(self, given):
        renamed = dict(zip(ASPECTS, (*ASPECTS[2:], *ASPECTS[:2]), strict=True))
        code = pl.col("code")
        other = given._replace(
            labels=given.labels.with_columns(
                code.cast(pl.String).replace(renamed).cast(given.labels.collect_schema()["code"])
            )
        )
        one, two = (cooccurrence(each, rows="aspect", columns="section").collect() for each in (given, other))
        there = {(row["first"], row["second"]): row for row in two.to_dicts()}
        for row in one.to_dicts():
            same = there[renamed[row["first"]], row["second"]]
            for name in ("n_both", "n_first", "lift", "low", "high", "phi", "g2", "q"):
                assert row[name] == pytest.approx(same[name]), name

    def test_codes_that_are_alike_are_put_side_by_side(self):
        # NOV and CLA go with RWK and EXP, IMP and EMP with MET and RES; in the schemes' order these stand in turn.
        pairs = {"NOV": ("RWK", "EXP"), "IMP": ("MET", "RES"), "EMP": ("MET", "RES"), "CLA": ("RWK", "EXP")}
        rows, segment = [], 0
        for aspect, sections in pairs.items():
            for section in sections:
                segment += 1
                rows += [(segment, "aspect", aspect, ""), (segment, "section", section, "")]
        found = cooccurrence(of(spelled(rows)), rows="aspect", columns="section").collect()
        first = dict(found.select("first", "place_first").unique().iter_rows())
        second = dict(found.select("second", "place_second").unique().iter_rows())
        assert sorted(first, key=first.__getitem__) in (["NOV", "CLA", "IMP", "EMP"], ["NOV", "CLA", "EMP", "IMP"])
        assert {abs(second["RWK"] - second["EXP"]), abs(second["MET"] - second["RES"])} == {1}
        assert sorted(second.values()) == [0, 1, 2, 3]

    def test_of_the_two_directions_of_an_order_that_with_the_earlier_code_first_is_taken(self):
        for seed in range(4):
            found = cooccurrence(random_frames(seed), rows="aspect", columns="section", resamples=2).collect()
            for code, place, codes in (("first", "place_first", ASPECTS), ("second", "place_second", SECTIONS)):
                at = dict(found.select(place, code).unique().iter_rows())
                assert codes.index(at[0]) < codes.index(at[len(codes) - 1])

    def test_places_within_a_layer_are_the_same_on_both_sides(self):
        found = cooccurrence(random_frames(), rows="aspect", columns="aspect").collect()
        places: dict[str, set[int]] = {}
        for row in found.to_dicts():
            places.setdefault(row["first"], set()).add(row["place_first"])
            places.setdefault(row["second"], set()).add(row["place_second"])
        assert all(len(each) == 1 for each in places.values())
        assert sorted(place for each in places.values() for place in each) == list(range(len(ASPECTS)))


def test_ids_are_not_among_the_columns():
    found = cooccurrence(of(BY_HAND), rows="aspect", columns="section")
    assert not [name for name in found.collect_schema() if name.endswith("_id")]
    assert ids(of(BY_HAND).labels, "segment_id") == list(range(1, 9))
