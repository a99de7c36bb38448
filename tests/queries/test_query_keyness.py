"""Keyness against scipy, statsmodels, numpy and by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats
from spec import expect
from statsmodels.stats.multitest import multipletests

from queries.keyness import PRIOR, RANKS, keyness

SIZES = ("size_target", "size_reference")


def segments(texts: dict[int, list[str]]) -> pl.LazyFrame:
    """One segment a review, by paper."""
    rows = [(paper, text) for paper, reviews in texts.items() for text in reviews]
    found = pl.DataFrame(rows, schema={"paper_id": pl.UInt32, "text": pl.String}, orient="row")
    return found.with_row_index("review_id").with_columns(pl.col("review_id").alias("segment_id")).lazy()


def corpus(seed: int, n_papers: int = 40, first: int = 0, tilt: float = 0.0) -> pl.LazyFrame:
    """Papers that each have words of their own above those that all have."""
    random = np.random.default_rng(seed)
    words = np.array([f"w{at}" for at in range(60)])
    texts = {}
    for paper in range(first, first + n_papers):
        share = random.dirichlet(np.exp(-np.arange(60) / 12 + tilt * np.sin(np.arange(60))) * 8)
        texts[paper] = [" ".join(random.choice(words, random.integers(5, 60), p=share)) for _ in range(3)]
    return segments(texts)


A, B = corpus(1), corpus(2, first=100, tilt=0.4)
FOUND = keyness(A, B).collect()


def counted(side: pl.LazyFrame) -> dict[int, dict[str, int]]:
    """Words by paper, in plain Python; texts of the corpus have nothing but words and spaces."""
    found: dict[int, dict[str, int]] = {}
    for paper, text in side.select("paper_id", "text").collect().iter_rows():
        for word in text.split():
            found.setdefault(paper, {}).setdefault(word, 0)
            found[paper][word] += 1
    return found


def test_counts_rates_and_documents_are_those_of_plain_python():
    for name, side in (("target", A), ("reference", B)):
        papers = counted(side)
        size = sum(sum(words.values()) for words in papers.values())
        texts = side.select("text").collect()["text"].to_list()
        assert set(FOUND[f"size_{name}"]) == {size}
        for row in FOUND.iter_rows(named=True):
            n = sum(words.get(row["term"], 0) for words in papers.values())
            assert row[f"n_{name}"] == n
            assert row[f"rate_{name}"] == pytest.approx(n / size * 1e6)
            assert row[f"papers_{name}"] == sum(row["term"] in words for words in papers.values())
            assert row[f"reviews_{name}"] == sum(row["term"] in text.split() for text in texts)


def test_g2_is_the_log_likelihood_of_the_two_by_two_table():
    for row in FOUND.iter_rows(named=True):
        n = np.array([row["n_target"], row["n_reference"]])
        table = np.array([n, [row[size] for size in SIZES] - n])
        wanted = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic
        assert abs(row["g2"]) == pytest.approx(wanted, abs=1e-9)
        assert np.sign(row["g2"]) == np.sign(row["rate_target"] - row["rate_reference"])


def test_g2_of_a_known_table():
    # 12 of 2,000 against 3 of 3,000: expected are 15 · 2/5 = 6 and 9, and 1,994 and 2,991 other words.
    # 2 · (12 ln 2 + 3 ln ⅓ + 1,988 ln(1,988/1,994) + 2,997 ln(2,997/2,991)) = 10.0740
    target = segments({p: ["key " * 3 + "rest " * 497] for p in range(4)})
    reference = segments({p: ["key " + "rest " * 999] for p in range(10, 13)})
    row = keyness(target, reference).filter(pl.col("term") == "key").collect().row(0, named=True)
    wanted = 2 * (12 * np.log(2) + 3 * np.log(1 / 3) + 1988 * np.log(1988 / 1994) + 2997 * np.log(2997 / 2991))
    assert row["g2"] == pytest.approx(wanted)
    assert row["g2"] == pytest.approx(10.074, abs=1e-3)
    assert row["log_ratio"] == pytest.approx(np.log2(6))  # 6,000 against 1,000 per million


def test_q_is_that_of_statsmodels_and_p_that_of_chi_squared():
    p = stats.chi2.sf(np.abs(FOUND["g2"].to_numpy()), df=1)
    assert FOUND["q"].to_numpy() == pytest.approx(multipletests(p, method="fdr_bh")[1])


def test_log_ratio_of_a_word_that_one_side_lacks_takes_half_a_word_for_it():
    target = segments({p: ["only both both"] * 2 for p in range(3)})  # only: 6 of 18
    reference = segments({p: ["both both"] * 4 for p in range(10, 13)})  # 0 of 24
    row = keyness(target, reference).filter(pl.col("term") == "only").collect().row(0, named=True)
    assert row["log_ratio"] == pytest.approx(np.log2((6 / 18) / (0.5 / 24)))  # 16 times: 4
    assert row["log_ratio"] == pytest.approx(4)


class TestLogOdds:
    @staticmethod
    def z(y_i: np.ndarray, y_j: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        """Monroe, Colaresi & Quinn 2008, section 3.5, step by step as they write it."""
        n_i, n_j, alpha_0 = y_i.sum(), y_j.sum(), alpha.sum()
        omega_i = (y_i + alpha) / (n_i + alpha_0 - (y_i + alpha))
        omega_j = (y_j + alpha) / (n_j + alpha_0 - (y_j + alpha))
        delta = np.log(omega_i) - np.log(omega_j)
        variance = 1 / (y_i + alpha) + 1 / (y_j + alpha)
        return delta / np.sqrt(variance)

    def test_three_words_by_hand(self):
        # a: 30, b: 50, c: 20 of 100 against a: 10, b: 60, c: 30 of 100. Together 40, 110, 50 of 200, so that the prior
        # of 500 words is 100, 275, 125. For a: ln(130 / (600 - 130)) - ln(110 / (600 - 110)) = -1.2852 + 1.4939,
        # variance 1/130 + 1/110, z = 0.2087 / 0.1296 = 1.6108.
        target = segments({p: ["a a a b b b b b c c"] for p in range(10)})
        reference = segments({p: ["a b b b b b b c c c"] for p in range(10, 20)})
        rows = keyness(target, reference).sort("term").collect()
        assert PRIOR == 500
        assert rows["term"].to_list() == ["a", "b", "c"]
        wanted = self.z(np.array([30, 50, 20]), np.array([10, 60, 30]), np.array([100, 275, 125]))
        assert rows["log_odds"].to_numpy() == pytest.approx(wanted)
        assert rows["log_odds"][0] == pytest.approx(1.6108, abs=1e-3)

    def test_on_all_words_of_two_corpora(self):
        rows = keyness(A, B, least=1, least_papers=0).sort("term").collect()
        y_i, y_j = rows["n_target"].to_numpy(), rows["n_reference"].to_numpy()
        assert y_i.sum() == rows["size_target"][0], "every word has a row"
        alpha = PRIOR * (y_i + y_j) / (y_i + y_j).sum()
        assert rows["log_odds"].to_numpy() == pytest.approx(self.z(y_i, y_j, alpha))

    def test_is_null_where_there_is_one_word_only(self):
        rows = keyness(segments({p: ["so so"] for p in range(3)}), segments({p: ["so"] for p in range(3)})).collect()
        assert rows.select("term", "g2", "log_ratio", "log_odds", "q").rows() == [("so", 0.0, 0.0, None, 1.0)]
        assert rows.select(RANKS.values()).row(0) == (None, None, None)


def test_dispersion_is_gries_deviation_of_proportions():
    for name, side in (("target", A), ("reference", B)):
        papers = counted(side)
        lengths = np.array([sum(words.values()) for words in papers.values()])
        for row in FOUND.iter_rows(named=True):
            n = np.array([words.get(row["term"], 0) for words in papers.values()])
            if n.sum():
                wanted = np.abs(n / n.sum() - lengths / lengths.sum()).sum() / 2
                assert row[f"dp_{name}"] == pytest.approx(wanted)
            else:
                assert row[f"dp_{name}"] is None


class TestIntervals:
    def test_is_that_of_scipys_bootstrap_over_papers(self):
        sides = [counted(A), counted(B)]
        papers = sorted({*sides[0], *sides[1]})
        lengths = [np.array([sum(side.get(p, {}).values()) for p in papers], dtype=float) for side in sides]
        for row in FOUND.head(6).iter_rows(named=True):
            n = [np.array([side.get(p, {}).get(row["term"], 0) for p in papers], dtype=float) for side in sides]

            def ratio(a, b, all_a, all_b, axis):
                a, b = (np.where(x.sum(axis=axis) == 0, 0.5, x.sum(axis=axis)) for x in (a, b))
                return np.log2(a / all_a.sum(axis=axis) / (b / all_b.sum(axis=axis)))

            wanted = stats.bootstrap(
                (*n, *lengths), ratio, paired=True, vectorized=True, method="percentile", n_resamples=5_000,
                rng=np.random.default_rng(3),
            ).confidence_interval  # fmt: skip
            assert (row["low"], row["high"]) == pytest.approx((wanted.low, wanted.high), abs=0.15)
            assert row["low"] < row["log_ratio"] < row["high"]

    def test_only_for_the_first_of_a_measure(self):
        few = keyness(A, B, drawn=2).collect()
        with_one = few.filter(pl.col("low").is_not_null())
        assert set(with_one["term"]) == set(few.filter(pl.min_horizontal(*RANKS.values()) <= 2)["term"])
        assert with_one.height < few.height

    def test_a_word_that_a_few_papers_repeat_has_a_wider_one_than_a_word_that_all_use(self):
        common = {p: ["rest " * 40 + "spread"] for p in range(40)}
        hoarded = {p: ["hoard " * 14 + "rest " * 40 + "spread"] for p in range(3)}
        reference = {p: ["rest " * 40] for p in range(100, 140)} | {140: ["spread hoard"]}
        rows = keyness(segments(common | hoarded), segments(reference)).collect()
        of = {row["term"]: row for row in rows.iter_rows(named=True)}
        assert of["hoard"]["n_target"] > of["spread"]["n_target"]
        assert of["hoard"]["high"] - of["hoard"]["low"] > 1.5 * (of["spread"]["high"] - of["spread"]["low"])
        assert of["hoard"]["dp_target"] > 0.8 > of["spread"]["dp_target"]

    def test_papers_drawn_in_bundles_give_much_the_same(self, monkeypatch):
        one = keyness(A, B).select("term", "low", "high").sort("term").collect()
        monkeypatch.setattr("queries.keyness._CLUSTERS", 40)
        two = keyness(A, B).select("term", "low", "high").sort("term").collect()
        both = one.join(two, on="term").drop_nulls()
        assert both["high_right"].to_numpy() == pytest.approx(both["high"].to_numpy(), abs=0.8)

    def test_null_with_one_paper(self):
        one = keyness(segments({1: ["a a a a a b"]}), segments({1: ["a b b b b b"]}), least_papers=1).collect()
        assert one.select("low", "high").rows() == [(None, None)] * 2


class TestInvariances:
    values = ("n_target", "n_reference", "g2", "q", "log_ratio", "log_odds", "low", "high", *RANKS.values())

    def of(self, frame: pl.LazyFrame) -> dict[str, tuple]:
        return {row[0]: row[1:] for row in frame.select("term", *self.values).collect().iter_rows()}

    def test_the_order_of_rows_is_of_no_matter(self):
        mixed = [side.collect().sample(fraction=1, shuffle=True, seed=4).lazy() for side in (A, B)]
        again = keyness(*mixed).collect()
        assert again["term"].to_list() == FOUND["term"].to_list()
        for name in self.values:
            assert again[name].to_list() == pytest.approx(FOUND[name].to_list(), nan_ok=True), name

    def test_swapping_the_cohorts_turns_the_signs(self):
        there, back = keyness(A, B).collect(), keyness(B, A).collect()
        assert there["term"].to_list() == back["term"].to_list()
        for name in ("g2", "log_ratio", "log_odds"):
            assert back[name].to_numpy() == pytest.approx(-there[name].to_numpy())
        assert back["q"].to_numpy() == pytest.approx(there["q"].to_numpy())
        ends = there.select("low", "high").drop_nulls().to_numpy()
        assert back.select("high", "low").drop_nulls().to_numpy() == pytest.approx(-ends)

    def test_twice_the_text_is_twice_the_evidence_of_the_same_difference(self):
        doubled = [pl.concat([side, side.with_columns(pl.col("paper_id") + 1000)]) for side in (A, B)]
        one = keyness(A, B).filter(pl.col("n_target") > 0, pl.col("n_reference") > 0).collect()
        two = keyness(*doubled).join(one.lazy().select("term"), on="term", how="semi", maintain_order="left").collect()
        assert two["term"].to_list() == one["term"].to_list()
        assert two["g2"].to_numpy() == pytest.approx(2 * one["g2"].to_numpy())
        assert two["log_ratio"].to_numpy() == pytest.approx(one["log_ratio"].to_numpy())

    def test_a_word_by_another_name_has_the_same_numbers(self):
        renamed = [side.with_columns(pl.col("text").str.replace_all(r"\bw7\b", "zebra")) for side in (A, B)]
        found, wanted = self.of(keyness(*renamed)), self.of(keyness(A, B))
        assert found.pop("zebra")[:8] == pytest.approx(wanted.pop("w7")[:8])
        assert found.keys() == wanted.keys()

    def test_ids_are_of_no_matter_to_what_is_no_draw(self):
        moved = [side.with_columns(9_999 - pl.col("paper_id").cast(pl.Int64)) for side in (A, B)]
        again = keyness(*moved).collect()
        for name in ("term", "g2", "log_odds", "dp_target", *RANKS.values()):
            assert (
                again[name].to_list() == pytest.approx(FOUND[name].to_list())
                if name != "term"
                else again["term"].equals(FOUND["term"])
            )

    @settings(max_examples=25, deadline=None)
    @given(
        some.lists(
            some.tuples(some.booleans(), some.integers(0, 4), some.text("ab ,’é_1\\$", max_size=12)), max_size=12
        )
    )
    def test_bears_any_text(self, rows):
        sides = [segments({}) for _ in range(2)]
        for at, wanted in enumerate((True, False)):
            texts: dict[int, list[str]] = {}
            for target, paper, text in rows:
                if target == wanted:
                    texts.setdefault(paper, []).append(text)
            sides[at] = segments(texts)
        for unit in ("word", "bigram"):
            found = keyness(*sides, unit=unit, least=1, least_papers=1).collect()
            numbers = found.select(pl.col(pl.Float64)).to_numpy()
            assert np.isfinite(numbers[~np.isnan(numbers)]).all()
            assert not any(column.is_nan().any() for column in found.select(pl.col(pl.Float64)).iter_columns())


class TestWhatIsLeftOut:
    target = segments({1: ["rare often often common"], 2: ["often common common"], 3: ["often common often often"]})
    reference = segments({4: ["common common hoard hoard hoard"], 5: ["common hoard hoard hoard"], 6: ["common"]})

    def test_rare_terms_and_terms_of_too_few_papers(self):
        expect(
            keyness(self.target, self.reference),
            "term | n_target | n_reference | papers_target\n---\noften | 6 | 0 | 3\ncommon | 4 | 4 | 3",
        )

    def test_fewer_papers_may_be_asked_for(self):
        rows = keyness(self.target, self.reference, least_papers=2).collect()
        assert set(rows["term"]) == {"often", "common", "hoard"}

    def test_papers_count_on_the_side_that_uses_the_term_more(self):
        # three papers have it in all, but the two of the target say it ten times as often
        target = segments({1: ["key " * 10], 2: ["key " * 10], 3: ["rest"]})
        reference = segments({4: ["key " + "rest " * 50], 5: ["rest " * 50]})
        assert "key" not in keyness(target, reference).collect()["term"]

    @pytest.mark.parametrize("side", ["target", "reference"])
    def test_nothing_where_a_side_has_no_words(self, side):
        empty = segments({1: ["…"]})
        rows = keyness(*((empty, B) if side == "target" else (A, empty))).collect()
        assert rows.is_empty()
        assert rows.columns == FOUND.columns

    def test_nothing_of_nothing(self):
        assert keyness(A.clear(), B.clear()).collect().is_empty()


def test_the_same_cohort_twice_has_no_key_word():
    rows = keyness(A, A).collect()
    assert rows.height
    assert set(rows["g2"].round(9)) == set(rows["log_ratio"]) == {0.0}
    assert rows["q"].min() == 1
    assert rows.select(pl.col(list(RANKS.values())).count()).row(0) == (0, 0, 0)


def test_ranks_are_by_side_and_significant_terms_come_first_by_log_ratio():
    for side in (1, -1):
        rows = FOUND.filter(pl.col("log_ratio").sign() == side)
        for measure, column in (("g2", "g2"), ("logodds", "log_odds")):
            order = rows.sort(RANKS[measure])
            assert order[RANKS[measure]].to_list() == list(range(1, rows.height + 1))
            assert order[column].abs().is_sorted(descending=True)
        order = rows.sort("rank_logratio").with_columns((pl.col("q") <= 0.05).alias("sure"))
        assert order["sure"].is_sorted(descending=True)
        assert order.filter("sure")["log_ratio"].abs().is_sorted(descending=True)


def test_units():
    target = segments({p: ["The proofs fail"] * 2 for p in range(3)})
    reference = segments({p: ["The proof holds"] * 2 for p in range(10, 13)})
    pairs = keyness(target, reference, unit="bigram").collect()
    assert set(pairs["term"]) == {"the proofs", "proofs fail", "the proof", "proof holds"}
    assert pairs["size_target"][0] == 12
    lemmas = pl.LazyFrame({"word": ["proofs"], "lemma": ["proof"]})
    rows = keyness(target, reference, unit="lemma", lemmas=lemmas).collect()
    assert rows.filter(pl.col("term") == "proof").select("n_target", "n_reference", "g2").rows() == [(6, 6, 0.0)]


def test_a_sample_has_the_same_papers_on_both_sides():
    rows = keyness(A, A, most=60).collect()
    assert rows["size_target"].to_list() == rows["size_reference"].to_list()
    assert 0 < rows["size_target"][0] < FOUND["size_target"][0]
