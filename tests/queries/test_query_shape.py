"""What reviews do from their first sentence to their last: courses worked by hand, and what must change nothing."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats
from spec import expect, frames, shuffled

from corpus.tables import Frames
from queries.labelled_kinds import labelled_kinds
from queries.shape import course, shape

CODES = ("SMY", "APC", "CRT", "QSN")


def reviews(*labelled: str, per_paper: int = 1) -> Frames:
    """A review for each text such as `SMY APC/CRT - QSN`: its sentences with their purposes, `-` for no label."""
    of, segments, labels = [], [], []
    for at, codes in enumerate(labelled):
        of.append((at, at // per_paper, "review", at % per_paper))
        for place, each in enumerate(codes.split()):
            segment = 100 * at + place
            segments.append((segment, at, place))
            labels += [(segment, "purpose", code) for code in each.split("/") if code != "-"]
    return built(of, segments, labels)


def built(of, segments, labels) -> Frames:
    def table(head, rows):
        return "\n".join([head, "---", *(" | ".join(map(str, row)) for row in rows)])

    papers = sorted({row[1] for row in of})
    return frames(
        papers=table("paper_id", [(paper,) for paper in papers]),
        reviews=table("review_id | paper_id | kind | position", of),
        segments=table("segment_id | review_id | position", segments),
        labels=table("segment_id | layer | code", labels),
    )


def random_reviews(seed: int = 1, n: int = 60) -> list[str]:
    """Reviews of three to thirty sentences, the earlier ones rather a summary, some without a label, some with two."""
    random = np.random.default_rng(seed)
    made = []
    for _ in range(n):
        m = random.integers(3, 31)
        weights = [np.exp(-3 * np.array([0, 0.5, 0.8, 1]) * (1 - i / m)) for i in range(m)]
        each = [random.choice(CODES, 2, replace=False, p=w[::-1] / w.sum()) for w in weights]
        made.append(" ".join(("-", pair[0], "/".join(pair))[random.choice(3, p=[0.1, 0.8, 0.1])] for pair in each))
    return made


def values(found: pl.DataFrame, name: str = "value") -> dict[tuple, float]:
    return {(row["code"], row["bin"]): row[name] for row in found.to_dicts()}


class TestByHand:
    def test_a_review_of_two_sentences_fills_four_bins_by_halves(self):
        expect(
            shape(reviews("SMY CRT"), layer="purpose", bins=4),
            """
            code | bin | value | n_code | n | n_reviews | n_papers
            -----+-----+-------+--------+---+-----------+---------
            SMY  | 0   | 1     | 1      | 1 | 1         | 1
            SMY  | 1   | 1     | 1      | 1 | 1         | 1
            SMY  | 2   | 0     | 0      | 1 | 1         | 1
            SMY  | 3   | 0     | 0      | 1 | 1         | 1
            CRT  | 0   | 0     | 0      | 1 | 1         | 1
            CRT  | 1   | 0     | 0      | 1 | 1         | 1
            CRT  | 2   | 1     | 1      | 1 | 1         | 1
            CRT  | 3   | 1     | 1      | 1 | 1         | 1
            """,
        )

    def test_sentences_that_lie_across_bins_are_shared_out(self):
        # Three sentences in two bins: the second lies half in each. Of the first bin it is 1/3, of the second too.
        found = values(shape(reviews("SMY APC CRT"), layer="purpose", bins=2).collect())
        third, two = pytest.approx(1 / 3), pytest.approx(2 / 3)
        assert found == {
            ("SMY", 0): two, ("APC", 0): third, ("CRT", 0): 0, ("SMY", 1): 0, ("APC", 1): third, ("CRT", 1): two,
        }  # fmt: skip

    def test_a_long_review_weighs_as_a_short_one(self):
        found = values(shape(reviews("SMY SMY SMY SMY SMY SMY", "CRT"), layer="purpose", bins=2).collect())
        assert found[("SMY", 0)] == found[("CRT", 0)] == 0.5

    def test_unlabelled_sentences_keep_their_place_but_have_no_share(self):
        # Of the first half only the first quarter is labelled; the second half is not at all.
        rows = shape(reviews("SMY - - -", "CRT CRT CRT -"), layer="purpose", bins=2).collect()
        assert values(rows) == {
            ("SMY", 0): pytest.approx(0.5 / 1.5), ("CRT", 0): pytest.approx(1 / 1.5), ("SMY", 1): 0, ("CRT", 1): 1
        }  # fmt: skip
        assert values(rows, "n") == {("SMY", 0): 3, ("CRT", 0): 3, ("SMY", 1): 1, ("CRT", 1): 1}
        assert values(rows, "n_reviews")["SMY", 1] == 1

    def test_a_bin_without_a_labelled_sentence_is_null(self):
        rows = shape(reviews("SMY -"), layer="purpose", bins=2).collect()
        assert values(rows) == {("SMY", 0): 1, ("SMY", 1): None}
        assert values(rows, "n") == {("SMY", 0): 1, ("SMY", 1): 0}

    def test_a_sentence_with_two_codes_counts_half_for_each(self):
        assert values(shape(reviews("SMY/APC CRT"), layer="purpose", bins=1).collect()) == {
            ("SMY", 0): 0.25, ("APC", 0): 0.25, ("CRT", 0): 0.5
        }  # fmt: skip

    def test_two_annotators_who_agree_are_one_label_and_who_differ_share_it(self):
        given = frames(
            reviews="review_id | paper_id\n---\n1 | 1",
            segments="segment_id | review_id\n---\n1 | 1\n2 | 1",
            labels="""
            segment_id | layer   | code | annotator
            -----------+---------+------+----------
            1          | purpose | SMY  | gold
            1          | purpose | SMY  | anno2
            2          | purpose | APC  | gold
            2          | purpose | CRT  | anno2
            """,
        )
        found = values(shape(given, layer="purpose", bins=1).collect())
        assert found == {("SMY", 0): 0.5, ("APC", 0): 0.25, ("CRT", 0): 0.25}

    def test_polarities_null_none_and_neutral_stay_apart(self):
        given = frames(
            reviews="review_id | paper_id\n---\n1 | 1",
            segments="segment_id | review_id\n---\n" + "\n".join(f"{at} | 1" for at in range(1, 6)),
            labels="""
            segment_id | layer  | code | polarity
            -----------+--------+------+---------
            1          | aspect | EMP  | -1
            1          | aspect | CLA  | -1
            2          | aspect | EMP  | 0
            3          | aspect | EMP  |
            4          | aspect | none |
            5          | aspect | CNT  |
            """,
        )
        expect(
            shape(given, layer="aspect", polarity=True, bins=1),
            """
            code | polarity | value | n_code
            -----+----------+-------+-------
            CNT  |          | 0.2   | 1
            none |          | 0.2   | 1
                 | -1       | 0.2   | 1
                 | 0        | 0.2   | 1
                 |          | 0.2   | 1
            """,
        )

    def test_places_are_those_in_the_whole_review(self):
        given = reviews("SMY APC CRT QSN")
        part = given._replace(segments=given.segments.filter(pl.col("segment_id") >= 2),
                              labels=given.labels.filter(pl.col("segment_id") >= 2))  # fmt: skip
        found = values(shape(part, layer="purpose", bins=4, whole=given.segments).collect())
        assert [found["CRT", at] for at in range(4)] == [None, None, 1, 0]
        assert [values(shape(part, layer="purpose", bins=4).collect())["CRT", at] for at in range(4)] == [1, 1, 0, 0]

    def test_only_reviews_count_unless_another_kind_is_asked_for(self):
        given = built(
            [(1, 1, "review", 0), (2, 1, "rebuttal", 1)], [(1, 1, 0), (2, 2, 0), (3, 2, 1)],
            [(1, "purpose", "SMY"), (2, "purpose", "APC"), (3, "purpose", "APC")],
        )  # fmt: skip
        assert set(shape(given, layer="purpose").collect()["code"]) == {"SMY"}
        assert set(shape(given, layer="purpose", kinds=("rebuttal",)).collect()["code"]) == {"APC"}
        expect(
            labelled_kinds(given, layer="purpose"),
            "kind | n_segments | n_reviews\n---\nrebuttal | 2 | 1\nreview | 1 | 1",
        )
        assert labelled_kinds(given, layer="aspect").collect().is_empty()

    def test_no_labels_no_rows(self):
        for given in (frames(), reviews("- -")):
            found = shape(given, layer="purpose").collect()
            assert found.is_empty()
            assert found.schema["value"] == pl.Float64
            assert found.columns == [
                *("code", "polarity", "bin", "value", "low", "high", "n_code", "n", "n_reviews", "n_papers", "thin")
            ]


class TestStatistics:
    def test_the_interval_is_that_of_scipys_bootstrap_of_papers(self):
        given = reviews(*random_reviews(), per_paper=2)
        masses = course(given, layer="purpose").filter(pl.col("bin") == 4).collect()
        papers = masses["paper_id"].unique().sort()
        part, whole = (
            np.array([rows.filter(pl.col("paper_id") == paper)["mass"].sum() for paper in papers])
            for rows in (masses.filter(pl.col("code") == "CRT"), masses)
        )
        wanted = stats.bootstrap(
            (part, whole), lambda part, whole, axis: part.sum(axis) / whole.sum(axis), paired=True, vectorized=True,
            method="percentile", n_resamples=20_000, rng=np.random.default_rng(3),
        ).confidence_interval  # fmt: skip
        rows = shape(given, layer="purpose", resamples=20_000).collect()
        row = rows.row(by_predicate=(pl.col("code") == "CRT") & (pl.col("bin") == 4), named=True)
        assert row["value"] == pytest.approx(part.sum() / whole.sum())
        assert (row["low"], row["high"]) == pytest.approx((wanted.low, wanted.high), abs=0.004)

    def test_one_paper_has_no_interval_and_all_is_thin(self):
        rows = shape(reviews("SMY CRT", "SMY QSN", per_paper=2), layer="purpose").collect()
        assert rows["low"].null_count() == rows["high"].null_count() == rows.height
        assert rows["thin"].all()

    def test_thin_is_by_bin(self):
        rows = shape(reviews(*["SMY -"] * 40, *["SMY CRT"] * 10), layer="purpose", bins=2).collect()
        assert {(row["bin"], row["n_papers"], row["thin"]) for row in rows.to_dicts()} == {
            (0, 50, False), (1, 10, True)
        }  # fmt: skip

    def test_a_reviews_sentences_weigh_1_in_every_bin(self):
        masses = course(reviews(*random_reviews()), layer="purpose").collect()
        whole = course(reviews("SMY APC CRT", "SMY", *["CRT " * 37]), layer="purpose").collect()
        assert whole.group_by("review_id", "bin").agg(pl.col("mass").sum())["mass"].to_numpy() == pytest.approx(1)
        assert masses.group_by("review_id", "bin").agg(pl.col("mass").sum())["mass"].max() <= 1 + 1e-12

    def test_shares_of_a_bin_add_up_to_1(self):
        rows = shape(reviews(*random_reviews()), layer="purpose").collect()
        assert rows.group_by("bin").agg(pl.col("value").sum())["value"].to_numpy() == pytest.approx(1)


class TestInvariances:
    def test_the_order_of_rows_is_of_no_matter(self):
        given = reviews(*random_reviews(), per_paper=2)
        one, two = (shape(each, layer="purpose").collect() for each in (given, shuffled(given)))
        for name in ("value", "low", "high"):
            assert two[name].to_numpy() == pytest.approx(one[name].to_numpy())
        exact = pl.exclude("value", "low", "high")
        assert one.select(exact).equals(two.select(exact))

    def test_reversing_every_review_mirrors_the_shape(self):
        written = random_reviews()
        one = values(shape(reviews(*written), layer="purpose").collect())
        turned = values(shape(reviews(*(" ".join(each.split()[::-1]) for each in written)), layer="purpose").collect())
        assert {(code, 9 - bin_): value for (code, bin_), value in turned.items()} == pytest.approx(one)

    def test_cutting_every_sentence_in_three_changes_nothing(self):
        written = random_reviews()
        one = values(shape(reviews(*written), layer="purpose").collect())
        cut = [" ".join(code for code in each.split() for _ in range(3)) for each in written]
        assert values(shape(reviews(*cut), layer="purpose").collect()) == pytest.approx(one)

    def test_a_corpus_twice_over_has_the_same_shape_and_narrower_bands(self):
        written = random_reviews()
        one, two = (shape(reviews(*each), layer="purpose").collect() for each in (written, written * 2))
        assert values(two) == pytest.approx(values(one))
        widths = [(each["high"] - each["low"]).mean() for each in (one, two)]
        assert widths[1] / widths[0] == pytest.approx(0.5**0.5, abs=0.06)

    def test_renaming_codes_renames_the_rows(self):
        written = random_reviews()
        names = dict(zip(CODES, (*CODES[1:], CODES[0]), strict=True))
        other = [" ".join("/".join(names.get(c, c) for c in each.split("/")) for each in r.split()) for r in written]
        one, two = (shape(reviews(*each), layer="purpose").collect() for each in (written, other))
        for column in ("value", "low", "high"):
            assert values(two, column) == pytest.approx(
                {(names[code], bin_): value for (code, bin_), value in values(one, column).items()}
            )
