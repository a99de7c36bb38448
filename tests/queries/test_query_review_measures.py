"""What is counted of reviews, by hand; how it is spread; which lie far out."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats
from spec import expect, frames, shuffled

from corpus.tables import Frames
from queries.measure_distribution import measure_bins, measure_distribution
from queries.measure_outliers import measure_outliers, measured_between
from queries.review_measures import MEASURES, ON_LABELS, ON_TEXT, review_measures, wording
from queries.short_reviews import short_reviews


def review(*sentences: str, labels: str = "") -> Frames:
    """One review of these segments, whose ids are 0, 1 and on; white space stays as it is."""
    given = frames(
        "paper_id\n---\n1",
        "review_id | paper_id\n---\n1 | 1",
        "segment_id | review_id\n---\n" + "\n".join(f"{at} | 1" for at in range(len(sentences))),
        labels,
    )
    return given._replace(segments=given.segments.with_columns(text=pl.Series(sentences, dtype=pl.String)))


def of(*sentences: str, labels: str = "") -> dict:
    given = review(*sentences, labels=labels)
    if "link" not in given.labels.collect_schema():
        given = given._replace(labels=given.labels.with_columns(link=pl.lit(None, dtype=pl.Enum(["pos_1"]))))
    found = review_measures(given).collect()
    assert found.height == 1
    return found.row(0, named=True)


class TestReadability:
    def test_coleman_liau_of_two_texts_by_hand(self):
        # The(3) tide(4) table(5) is(2) wrong(5). It(2) was(3) never(5) right(5).  9 words, 34 letters, 2 sentences:
        # L = 3400/9, S = 200/9: 0.0588 · 377.78 - 0.296 · 22.22 - 15.8 = 22.2133 - 6.5778 - 15.8
        found = of("The tide table is wrong. ", "It was never right.")
        assert found["coleman_liau"] == pytest.approx(22.21333 - 6.57778 - 15.8, abs=1e-4)
        assert (found["n_words"], found["n_sentences"], found["sentence_length"]) == (9, 2, 4.5)

        # Unsubstantiated(15) generalisations(15) undermine(9) otherwise(9) commendable(11) experimentation(15).
        # 6 words, 74 letters, 1 sentence: 0.0588 · 1233.33 - 0.296 · 16.667 - 15.8 = 72.52 - 4.9333 - 15.8
        found = of("Unsubstantiated generalisations undermine otherwise commendable experimentation.")
        assert found["coleman_liau"] == pytest.approx(72.52 - 4.93333 - 15.8, abs=1e-4)

    def test_coleman_liau_of_the_published_example(self):
        # The abstract of Coleman & Liau (1975) has 639 letters or digits in 119 words and 5 sentences: grade 14.5.
        words = ["x" * 5] * 75 + ["x" * 6] * 44
        text = " ".join(word + ("." if place in (20, 50, 80, 100, 118) else "") for place, word in enumerate(words))
        found = of(text)
        assert (found["n_words"], found["n_sentences"]) == (119, 5)
        assert found["coleman_liau"] == pytest.approx(14.5, abs=0.05)

    @pytest.mark.parametrize(
        ("text", "n"),
        [
            ("One. Two! Three? Four", 3),
            ("No end", 1),
            ("See e.g. Kelp et al. and Fig. 3, i.e. the tides, cf. Sec. 2 vs. Eq. 1.", 1),
            ("It rises by 3.5 metres (cf. v1.2).", 1),
            ('He says "no." Then he leaves.', 2),
            ("Really?! Yes...", 2),
            ("One.\n\nTwo.\nThree.", 3),
        ],
    )
    def test_sentences_are_counted_by_their_ends(self, text, n):
        assert of(text)["n_sentences"] == n

    def test_letters_are_those_of_any_alphabet_and_digits(self):
        assert of("Größe 42 mm.")["coleman_liau"] == pytest.approx(0.0588 * 900 / 3 - 0.296 * 100 / 3 - 15.8)


class TestPointers:
    @pytest.mark.parametrize(
        ("text", "n"),
        [
            ("Section 3.2 and Fig. 4b contradict Table 2.", 3),
            ("see Eq. (5), line 210, page 3, p. 4, Appendix B, Theorem 2, §4", 7),
            ("in Table IV and lemma 1", 2),
            ("this section, the figure, a table I like", 0),
            ("as shown in [3], [4,5] and [7-9]", 3),
            ("Miller et al. (2019) and Smith and Jones, 2020; Tide (2018b)", 3),
            ("see https://example.org/x and arXiv", 2),
            ("accuracy of 93.5% on 1,000 images", 2),
            ('the claim "tides are always on time" is bold', 1),
            ("the “rising tide” claim", 1),
            ('a "word" alone', 0),
            ("GPT2 and 3D and x2", 0),
            ("1. First point\n2) Second point\n(3) Third point", 0),
            ("nothing to see here", 0),
        ],
    )
    def test_each_is_counted_once(self, text, n):
        found = of(text)
        assert found["specificity"] * found["n_words"] / 100 == pytest.approx(n)


class TestWords:
    def test_per_100_words_in_any_case(self):
        found = of("Please explain. THANKS. ", "This is sloppy and it may be wrong.")
        assert found["n_words"] == 11
        assert found["courtesy"] == pytest.approx(200 / 11)
        assert found["hedges"] == pytest.approx(100 / 11)
        assert found["bluntness"] == pytest.approx(200 / 11)

    def test_only_whole_words(self):
        found = of("The mayor wrongs nobody; pleasing thankless mighty mayhem.")
        assert (found["courtesy"], found["hedges"], found["bluntness"]) == (0, 0, 0)

    def test_shares_of_sentences(self):
        found = of("Why? ", "You should test more. ", "Could you say how? ", "Fine. ", "\n")
        assert (found["questions"], found["suggestions"]) == (0.5, 0.5)

    def test_accents_change_nothing(self):
        plain, accented = of("It may be wrong, please see [3]. Naive."), of("It may be wrong, please see [3]. Naïve é.")
        for name in ("hedges", "courtesy", "specificity"):
            assert plain[name] * plain["n_words"] == pytest.approx(accented[name] * accented["n_words"])


class TestSegments:
    def test_where_a_corpus_cuts_is_of_no_matter_but_to_shares_of_sentences(self):
        whole = of("The proof in Section 3 is wrong. You may want to see Kelp et al. (2019). ")
        pieces = of("The proof in ", "Section 3 is wrong. You m", "ay want to see Kelp et al. (", "2019). ")
        for name in set(ON_TEXT) - {"questions", "suggestions"}:
            assert pieces[name] == pytest.approx(whole[name]), name

    def test_pieces_are_joined_in_their_order(self):
        given = review("See Section", " 3 now. ", "Bye.")
        assert wording(given).collect().equals(wording(shuffled(given, seed=3)).collect())


class TestLabels:
    def test_null_where_nothing_is_labelled(self):
        assert all(of("Text.")[name] is None for name in ON_LABELS)

    def test_questions_and_requests_among_what_their_layers_label(self):
        found = of(*["Text. "] * 4, labels="""
            segment_id | scheme              | layer              | code
            -----------+---------------------+--------------------+---------------------------
            0          | peer-review-analyze | purpose            | QSN
            1          | peer-review-analyze | purpose            | SUG
            1          | peer-review-analyze | purpose            | DFT
            2          | disapere            | review_action      | arg_request
            2          | disapere            | fine_review_action | arg-request_clarification
            3          | peer-review-analyze | aspect             | CLA
        """)  # fmt: skip
        assert found["question_labels"] == pytest.approx(2 / 3)  # segment 3 is labelled in no layer that can say so
        assert found["request_labels"] == pytest.approx(2 / 3)

    def test_a_layer_that_looked_and_found_none_is_0_not_null(self):
        found = of("Text.", labels="segment_id | scheme | layer | code\n---\n0 | disapere | review_action | none")
        assert (found["request_labels"], found["question_labels"]) == (0, None)

    def test_net_is_of_labels_on_segments_with_a_polarity(self):
        labels = (
            "review_id | segment_id | layer | code | polarity\n---\n1 | 0 | aspect | CLA | 1\n1 | 0 | aspect | EMP | 0"
        )
        assert of("Text.", labels=labels + "\n1 | | quality | CLA | -1\n1 | 0 | aspect | NOV |")["net"] == 0.5

    def test_claims_with_evidence(self):
        found = of(*["Text. "] * 6, labels="""
            segment_id | layer          | code        | polarity | link  | annotator
            -----------+----------------+-------------+----------+-------+----------
            0          | substantiation | Eval        | 1        | pos_1 | gold
            1          | substantiation | Jus         | 1        | pos_1 | gold
            2          | substantiation | Eval        | -1       | neg_1 | gold
            2          | substantiation | Eval        | -1       | neg_1 | gold
            3          | substantiation | Jus         | -1       | neg_2 | gold
            4          | substantiation | Major_claim |          |       | gold
            5          | substantiation | Eval        | 1        | pos_2 | gold
            5          | substantiation | Jus         | 1        | pos_2 | anno2
        """)  # fmt: skip
        # Three claims of gold; the evidence of neg_2 has no claim, anno2's is not for gold's claim.
        assert found["substantiation"] == pytest.approx(1 / 3)

    def test_claims_without_a_link_are_not_known_to_lack_evidence(self):
        labels = "segment_id | layer | code | polarity | link\n---\n0 | substantiation | Eval | 1 |"
        assert of("Text.", labels=labels)["substantiation"] is None


class TestRows:
    def test_kinds(self):
        given = frames("paper_id\n---\n1", "review_id | paper_id | kind\n---\n1 | 1 | review\n2 | 1 | rebuttal")
        given = given._replace(labels=given.labels.with_columns(link=pl.lit(None, dtype=pl.String)))
        assert review_measures(given).collect()["review_id"].to_list() == [1]
        both = review_measures(given, kinds=("review", "rebuttal")).collect()
        assert both["review_id"].to_list() == [1, 2]
        assert both["n_words"].to_list() == [0, 0]
        assert both["sentence_length"].is_null().all()

    @pytest.mark.parametrize("text", ["", " \n "])
    def test_a_review_without_a_word_has_no_rates(self, text):
        found = of(text)
        assert (found["n_words"], found["n_sentences"]) == (0, 0)
        assert all(found[name] is None for name in ON_TEXT[2:])

    def test_wording_that_was_collected_before_gives_the_same(self):
        given = review("See Table 3. ", "Why?")
        given = given._replace(labels=given.labels.with_columns(link=pl.lit(None, dtype=pl.String)))
        before = wording(given).collect().lazy()
        assert review_measures(given, worded=before).collect().equals(review_measures(given).collect())

    def test_no_reviews(self):
        given = frames()
        given = given._replace(labels=given.labels.with_columns(link=pl.lit(None, dtype=pl.String)))
        found = review_measures(given).collect()
        assert found.is_empty()
        assert found.columns == ["review_id", "paper_id", "corpus", "kind", *MEASURES]


def measured(values: list[float | None], papers: list[int] | None = None, cohort: str = "all") -> pl.LazyFrame:
    ids = range(len(values))
    columns = {"cohort": [cohort] * len(values), "review_id": ids, "paper_id": papers or list(ids), "x": values}
    types = {"cohort": pl.String, "review_id": pl.UInt32, "paper_id": pl.UInt32, "x": pl.Float64}
    return pl.LazyFrame(columns, schema=types)


class TestDistribution:
    def test_quartiles_and_mean_are_numpys(self):
        values = np.random.default_rng(1).lognormal(5, 0.6, 90)
        found = measure_distribution(measured([*values, None]), names=["x"]).collect().row(0, named=True)
        assert (found["n"], found["n_papers"]) == (90, 90)
        assert found["mean"] == pytest.approx(values.mean())
        first, median, third = np.quantile(values, [0.25, 0.5, 0.75])
        assert (found["first"], found["median"], found["third"]) == pytest.approx((first, median, third))
        assert (found["least"], found["most"]) == (values.min(), values.max())

    def test_interval_of_the_mean_draws_papers(self):
        random = np.random.default_rng(2)
        values = np.repeat(random.normal(10, 3, 60), 3) + random.normal(0, 0.5, 180)
        papers = list(np.repeat(np.arange(60), 3))
        row = measure_distribution(measured(list(values), papers), names=["x"]).collect().row(0, named=True)
        means = values.reshape(60, 3).mean(axis=1)
        wanted = stats.bootstrap((means,), np.mean, method="percentile", n_resamples=9_999, rng=3).confidence_interval
        assert (row["low"], row["high"]) == pytest.approx((wanted.low, wanted.high), abs=0.12)

    def test_groups_measures_in_order_and_overlap(self):
        rows = measured([1, 2, 3]).with_columns(a=pl.lit(None, dtype=pl.Float32), z=pl.col("x") * 2)
        both = pl.concat([rows, rows.filter(pl.col("x") > 1).with_columns(cohort=pl.lit("some"))])
        expect(
            measure_distribution(both, names=["z", "a", "x"]),
            """
            cohort | measure | n | mean | median | thin
            -------+---------+---+------+--------+------
            all    | z       | 3 | 4.0  | 4.0    | true
            all    | a       | 0 |      |        | true
            all    | x       | 3 | 2.0  | 2.0    | true
            some   | z       | 2 | 5.0  | 5.0    | true
            some   | a       | 0 |      |        | true
            some   | x       | 2 | 2.5  | 2.5    | true
            """,
        )

    def test_one_paper_has_no_interval_and_no_reviews_no_rows(self):
        row = measure_distribution(measured([1, 2], [7, 7]), names=["x"]).collect().row(0, named=True)
        assert (row["mean"], row["low"], row["high"]) == (1.5, None, None)
        assert measure_distribution(measured([]), names=["x"]).collect().is_empty()

    def test_shuffled_and_twice_over(self):
        values = list(np.random.default_rng(4).normal(0, 1, 50))
        once = measure_distribution(measured(values), names=["x"]).collect()
        other = measured(values).collect().sample(fraction=1, shuffle=True, seed=5).lazy()
        assert once.drop("mean", "low", "high").equals(
            measure_distribution(other, names=["x"]).collect().drop("mean", "low", "high")
        )
        twice = measure_distribution(measured(values + values), names=["x"]).collect()
        assert twice["mean"][0] == pytest.approx(once["mean"][0])
        assert twice["n"][0] == 100


class TestBins:
    def test_hold_every_review_once(self):
        values = np.random.default_rng(6).lognormal(5, 0.7, 400)
        bins = measure_bins(measured([*values, None]), name="x").collect()
        assert bins["n"].sum() == 400
        assert bins["share"].sum() == pytest.approx(1)
        for row in bins.iter_rows(named=True):
            inside = (values >= row["start"]) & ((values < row["end"]) | row["open"])
            assert inside.sum() == row["n"]
        assert bins["open"].to_list() == [False] * (bins.height - 1) + [True]
        widths = (bins["end"] - bins["start"]).unique().to_list()
        assert len(widths) == 1
        assert f"{widths[0]:e}"[0] in "125"
        assert 10 <= bins.height <= 40

    def test_a_value_on_an_edge_is_in_the_bin_that_it_begins(self):
        # Of 100 values from 0 to 9.9 the bins are 0.5 wide: 0.3 / 0.1 is a little less than 3.
        bins = measure_bins(measured([at / 10 for at in range(100)]), name="x").collect()
        assert set((bins["end"] - bins["start"]).round(9)) == {0.5}
        assert bins["n"].to_list() == [5] * 20

    def test_bins_are_alike_in_all_groups(self):
        rows = pl.concat([measured([1, 2, 3, 50]), measured([2.5, 49], cohort="other")])
        bins = measure_bins(rows, name="x").collect()
        assert (bins["end"] - bins["start"]).n_unique() == 1
        assert bins.group_by("cohort").agg(pl.col("n").sum()).sort("cohort")["n"].to_list() == [4, 2]

    @pytest.mark.parametrize(("values", "height"), [([], 0), ([3], 1), ([3, 3, 3], 1), ([None], 0), ([0.0, 0.0], 1)])
    def test_little_is_there(self, values, height):
        assert measure_bins(measured(values), name="x").collect().height == height

    def test_counts_have_no_bin_narrower_than_1(self):
        rows = measured([3, 4, 5]).rename({"x": "n_sentences"})
        assert measure_bins(rows, name="n_sentences").collect()["start"].to_list() == [3, 4, 5]


def library(values: list[float | None], name: str, corpora: list[str] | None = None) -> tuple[Frames, pl.LazyFrame]:
    """Frames of as many reviews, and their measure."""
    n = len(values)
    of_corpus = corpora or ["demo"] * n
    given = frames(
        "paper_id | corpus\n---\n" + "\n".join(f"{at} | {of_corpus[at]}" for at in range(n)),
        "review_id | paper_id | corpus\n---\n" + "\n".join(f"{at} | {at} | {of_corpus[at]}" for at in range(n)),
    )
    rows = given.reviews.select("review_id", "paper_id", "corpus", "kind")
    return given, rows.with_columns(pl.Series(name, values, dtype=pl.Float64))


class TestOutliers:
    def test_beyond_the_fences_of_tukey(self):
        values = [*range(10, 40), 200.0, -100.0, None]
        given, rows = library(values, "coleman_liau")
        known = [value for value in values if value is not None]
        first, third = np.quantile(known, [0.25, 0.75])
        high = third + 1.5 * (third - first)
        found = measure_outliers(given, rows, measure="coleman_liau").collect()
        assert found["value"].to_list() == [200, -100]
        assert found["high"].to_list() == [True, False]
        assert found["fence"][0] == pytest.approx(high)
        assert found["beyond"][0] == pytest.approx((200 - high) / (third - first))
        assert found["median"].to_list() == [np.median(known)] * 2

    @pytest.mark.parametrize(
        ("name", "to", "back"), [("n_words", np.log, np.exp), ("hedges", np.log1p, lambda x: np.exp(x) - 1)]
    )
    def test_skewed_measures_on_a_logarithm(self, name, to, back):
        values = [*np.exp(np.linspace(1, 2, 40)), 60.0, 0.01]
        given, rows = library(values, name)
        first, third = np.quantile(to(np.array(values)), [0.25, 0.75])
        low, high = back(first - 1.5 * (third - first)), back(third + 1.5 * (third - first))
        found = measure_outliers(given, rows, measure=name).collect()
        assert sorted(found["value"]) == sorted(value for value in values if value > high or value < low)
        assert 60.0 in found["value"].to_list()
        assert found.filter("high")["fence"][0] == pytest.approx(high)

    def test_short_reviews_are_those_of_the_page_data_quality(self):
        n_words = [3, *range(80, 120), 4, 2_000]
        given, rows = library([float(n) for n in n_words], "n_words")
        given = given._replace(reviews=given.reviews.with_columns(pl.Series("n_words", n_words, dtype=pl.UInt32)))
        short = short_reviews(given).collect()
        found = measure_outliers(given, rows, measure="n_words").filter(~pl.col("high")).collect()
        assert found["review_id"].to_list() == short["review_id"].to_list()
        assert found["fence"].to_list() == pytest.approx(short["fence"].to_list())

    def test_the_like_are_of_one_corpus_and_too_few_tell_nothing(self):
        values = [*range(10, 40), 100.0, *range(10, 20), 1_000.0]
        given, rows = library(values, "coleman_liau", ["a"] * 31 + ["b"] * 11)
        found = measure_outliers(given, rows, measure="coleman_liau")
        expect(found, "corpus | value | high\n---\na | 100 | true")
        assert measure_outliers(given, rows, measure="coleman_liau", enough=5).collect()["value"].to_list() == [
            1000,
            100,
        ]

    def test_what_is_usual_need_not_hang_on_the_selection(self):
        given, rows = library([*range(10, 40), 100.0], "coleman_liau")
        some = rows.filter(pl.col("review_id") == 30)
        assert measure_outliers(given, some, measure="coleman_liau").collect().is_empty()
        expect(measure_outliers(given, some, measure="coleman_liau", usual=rows), "review_id | value\n---\n30 | 100")

    def test_where_half_have_one_value_none_is_far_out(self):
        given, rows = library([0.0] * 30 + [5.0], "bluntness")
        assert measure_outliers(given, rows, measure="bluntness").collect().is_empty()

    def test_none_and_shuffled(self):
        assert measure_outliers(*library([], "n_words"), measure="n_words").collect().is_empty()
        given, rows = library([*range(10, 40), 90.0, 90.0, -40.0], "coleman_liau")
        other = rows.collect().sample(fraction=1, shuffle=True, seed=2).lazy()
        options = {"measure": "coleman_liau"}
        assert (
            measure_outliers(given, rows, **options)
            .collect()
            .equals(measure_outliers(shuffled(given), other, **options).collect())
        )

    def test_those_between(self):
        given, rows = library([0.1 * 3, 0.2, 0.4, None, 0.35], "questions")
        expect(measured_between(given, rows, measure="questions", least=0.3, below=0.4),
               "review_id | value\n---\n0 | 0.3\n4 | 0.35")  # fmt: skip
        expect(measured_between(given, rows, measure="questions", least=0.3),
               "review_id | value\n---\n0 | 0.3\n4 | 0.35\n2 | 0.4")  # fmt: skip
