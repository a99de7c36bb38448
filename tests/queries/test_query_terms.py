"""What is counted when words are compared."""

import polars as pl
import pytest
from spec import frames, shuffled

from queries.terms import extent, sampled, terms, vocabulary_of

GIVEN = frames(
    reviews="review_id | paper_id\n---\n1 | 1\n2 | 1\n3 | 2",
    segments="""
        segment_id | review_id | text
        -----------+-----------+---------------------------
        11         | 1         | The proof is the problem.
        12         | 1         | Proof
        21         | 2         | A proof was given!
        31         | 3         | …
        32         | 3         | the proofs
    """,
)
LEMMAS = pl.LazyFrame({"word": ["is", "was", "proofs"], "lemma": ["be", "be", "proof"]})


def rows(found: pl.LazyFrame) -> dict[tuple, tuple]:
    return {(paper, term): (n, reviews) for paper, term, n, reviews in found.collect().iter_rows()}


def test_words_by_paper_with_the_reviews_that_have_them():
    assert rows(terms(GIVEN.segments)) == {
        **{(1, "the"): (2, 1), (1, "proof"): (3, 2), (1, "is"): (1, 1), (1, "problem"): (1, 1)},
        **{(1, "a"): (1, 1), (1, "was"): (1, 1), (1, "given"): (1, 1), (2, "the"): (1, 1), (2, "proofs"): (1, 1)},
    }


def test_pairs_do_not_cross_the_border_of_a_segment():
    pairs = ("the proof", "proof is", "is the", "the problem", "a proof", "proof was", "was given")
    assert rows(terms(GIVEN.segments, unit="bigram")) == dict.fromkeys([(1, pair) for pair in pairs], (1, 1)) | {
        (2, "the proofs"): (1, 1)
    }


def test_lemmas_add_up_the_forms_and_leave_unknown_words_alone():
    found = rows(terms(GIVEN.segments, unit="lemma", lemmas=LEMMAS))
    assert found[1, "be"] == (2, 2)
    assert found[1, "proof"] == (3, 2)
    assert found[2, "proof"] == (1, 1)
    assert found[1, "given"] == (1, 1)


def test_lemmas_need_a_table():
    with pytest.raises(ValueError, match="needs lemmas"):
        terms(GIVEN.segments, unit="lemma")


def test_further_columns_keep_rows_apart():
    both = GIVEN.segments.with_columns((pl.col("segment_id") < 20).alias("early"))
    found = terms(both, by=["early"]).filter(pl.col("term") == "proof").sort("early").collect()
    assert found.select("early", "n", "n_reviews").rows() == [(False, 1, 1), (True, 2, 1)]


@pytest.mark.parametrize("unit", ["word", "bigram"])
def test_the_order_of_rows_is_of_no_matter(unit):
    assert rows(terms(shuffled(GIVEN).segments, unit=unit)) == rows(terms(GIVEN.segments, unit=unit))


@pytest.mark.parametrize("unit", ["word", "bigram", "lemma"])
def test_no_text_no_terms(unit):
    assert terms(frames().segments, unit=unit, lemmas=LEMMAS).collect().is_empty()


def test_the_vocabulary_is_each_word_once():
    words = ["a", "given", "is", "problem", "proof", "proofs", "the", "was"]
    assert vocabulary_of(GIVEN.segments).collect()["word"].to_list() == words


class TestSampled:
    segments = pl.LazyFrame({"paper_id": [paper for paper in range(2_000) for _ in range(5)]})

    def test_all_where_there_are_not_too_many(self):
        assert sampled(self.segments, 10_000).collect().height == 10_000
        assert sampled(self.segments.clear(), 10).collect().is_empty()

    @pytest.mark.parametrize("most", [500, 3_000, 8_000])
    def test_about_as_many_as_asked_for_and_whole_papers(self, most):
        found = sampled(self.segments, most).collect()
        assert found.height == pytest.approx(most, rel=0.15)
        assert found.group_by("paper_id").len()["len"].unique().to_list() == [5]

    def test_a_larger_sample_holds_the_smaller(self):
        some, more = (set(sampled(self.segments, most).collect()["paper_id"]) for most in (1_000, 2_000))
        assert some < more


def test_what_two_cohorts_hold_and_share():
    target, reference = GIVEN.segments.filter(pl.col("segment_id") < 30), GIVEN.segments.filter(pl.col("review_id") > 1)
    assert extent(target, reference).collect().row(0, named=True) == {
        **{"segments_target": 3, "reviews_target": 2, "papers_target": 1},
        **{"segments_reference": 3, "reviews_reference": 2, "papers_reference": 2},
        **{"segments_both": 1, "papers": 2},
    }
    assert extent(frames().segments, frames().segments).collect().row(0) == (0,) * 8
