"""Filters as URLs and as sentences, and what they refuse."""

import polars as pl
import pytest

from queries.filters import Condition, FilterError, Filters

FULL = Filters(
    corpora=("demo",),
    venues=("ICLR", "ARR"),
    years=(2018, 2017),
    decisions=("none", "accept"),
    papers=("demo/x/1",),
    schemes=("peer-review-analyze",),
    conditions=(Condition("significance", "MAJ"), Condition(None, "MET", -1), Condition("quality", "CLA", 1)),
    annotators=("gold",),
    kinds=("rebuttal", "review"),
    text="50% & more",
    regex=True,
    rating=(3.5, 8),
    whose="people",
)


def test_query_of_everything():
    assert FULL.to_query() == {
        "corpus": ["demo"],
        "venue": ["ARR", "ICLR"],
        "year": ["2017", "2018"],
        "decision": ["accept", "none"],
        "paper": ["demo/x/1"],
        "scheme": ["peer-review-analyze"],
        "label": ["MET-NEG", "MAJ", "quality:CLA-POS"],
        "annotator": ["gold"],
        "kind": ["review", "rebuttal"],
        "q": ["50% & more"],
        "re": ["1"],
        "rating": ["3.5..8"],
        "whose": ["people"],
    }
    assert Filters.from_query(FULL.to_query()) == FULL


def test_no_filter_is_no_query():
    assert Filters().to_query() == {}
    assert Filters.from_query({}) == Filters()


def test_order_and_repeats_do_not_matter():
    again = Filters(years=(2018, 2017, 2018), venues=("b", "a"), conditions=(Condition(code="MAJ"),) * 2)
    assert again == Filters(years=(2017, 2018), venues=("a", "b"), conditions=(Condition("significance", "MAJ"),))
    assert hash(again) == hash(Filters.from_query(again.to_query()))


def test_single_values_empty_values_and_the_keys_of_others():
    query = {"venue": "ICLR", "year": ("2018",), "q": "", "label": [""], "page": "3", "re": "1"}
    assert Filters.from_query(query) == Filters(venues=("ICLR",), years=(2018,))


@pytest.mark.parametrize(
    ("text", "rating", "written"),
    [
        ("4..8", (4, 8), "4..8"),
        ("..5", (None, 5), "..5"),
        ("6..", (6, None), "6.."),
        ("7", (7, 7), "7..7"),
        ("3.5..", (3.5, None), "3.5.."),
        ("-1..0.5", (-1, 0.5), "-1..0.5"),
    ],
)
def test_ranges_of_ratings(text, rating, written):
    assert Filters.from_query({"rating": text}) == Filters(rating=rating)
    assert Filters(rating=rating).to_query() == {"rating": [written]}


def test_fields_that_ask_for_something():
    assert Filters().restricted == ()
    assert Filters(text="a", years=(2018,)).restricted == ("years", "text")
    assert Filters(whose="models").restricted == ("whose",)


def test_of_two_answers_to_whose_the_last_counts():
    assert Filters.from_query({"whose": ["people", "models"]}) == Filters(whose="models")
    assert Filters.from_query({"whose": ""}) == Filters()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"label": "XYZ"}, "“XYZ” is no code; the Codebook lists them all."),
        ({"label": ["MET", "tone-NEG"]}, "“tone” is no code; the Codebook lists them all."),
        ({"decision": "maybe"}, "“maybe” is no decision: use one of accept, reject, withdrawn, none."),
        ({"kind": "Review"}, "“Review” is no kind: use one of review, meta_review, rebuttal, comment."),
        ({"scheme": "zz"}, "“zz” is no scheme: use one of peer-review-analyze, "),
        ({"year": "last"}, "“last” is no year: use a number such as 2018."),
        ({"year": "9" * 40}, f"“{'9' * 40}” is no year"),
        ({"rating": "good"}, "“good” is no range of ratings: use 4..8, 6.., ..5 or 7."),
        ({"rating": "1..2..3"}, "“1..2..3” is no range"),
        ({"rating": "8..4"}, "No rating is at least 8 and at most 4: use 4..8."),
        ({"rating": "nan.."}, "“nan” is no rating"),
        ({"rating": "inf"}, "“inf” is no rating"),
        ({"whose": "robots"}, "“robots” is no choice of whose labels: use one of people, models."),
        ({"q": "(", "re": "1"}, "“(” is no regular expression that can be run: unclosed group."),
        ({"q": "a(?=b)", "re": "1"}, "“a(?=b)” is no regular expression that can be run: look-around"),
        ({"q": r"(\w{500}){500}", "re": "1"}, r"“(\w{500}){500}” is no regular expression that can be run: it is too"),
    ],
)
def test_refusals(query, said):
    with pytest.raises(FilterError) as refusal:
        Filters.from_query(query)
    assert str(refusal.value).startswith(said)
    assert "\n" not in str(refusal.value)


def test_regular_expressions_run_in_linear_time():
    """A backtracking matcher would not come back before the universe ends."""
    evil = Filters(text="(a+)+$", regex=True)
    segments = pl.LazyFrame({"text": ["a" * 100_000 + "!"] * 20})
    assert segments.filter(evil.predicate("segments")).collect().is_empty()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "All reviews."),
        ({"venues": ("ICLR",)}, "Reviews of papers at ICLR."),
        ({"years": (2018,)}, "Reviews of papers in 2018."),
        ({"venues": ("ICLR", "ARR")}, "Reviews of papers at ARR or ICLR."),
        ({"venues": ("ICLR",), "years": (2018, 2017)}, "Reviews of papers at ICLR in 2017 or 2018."),
        ({"corpora": ("demo",)}, "Reviews of papers in the corpus demo."),
        ({"corpora": ("demo", "b")}, "Reviews of papers in the corpora b or demo."),
        ({"decisions": ("accept",)}, "Reviews of accepted papers."),
        ({"decisions": ("none",)}, "Reviews of papers whose decision is unknown."),
        (
            {"decisions": ("none", "accept", "reject"), "years": (2018,)},
            "Reviews of papers in 2018 that were accepted or rejected or whose decision is unknown.",
        ),
        ({"papers": ("demo/1",)}, "Reviews of paper demo/1."),
        (
            {"papers": ("demo/1", "demo/2", "demo/3"), "decisions": ("reject",)},
            "Reviews of rejected papers demo/1, demo/2 or demo/3.",
        ),
        ({"kinds": ("review",)}, "Reviews proper."),
        ({"kinds": ("rebuttal", "meta_review"), "years": (2018,)}, "Meta-reviews and rebuttals of papers in 2018."),
        ({"rating": (4, 8)}, "Reviews rated from 4 to 8."),
        ({"rating": (None, 5.5), "years": (2018,)}, "Reviews rated 5.5 or lower of papers in 2018."),
        ({"rating": (6, None)}, "Reviews rated 6 or higher."),
        ({"rating": (6, 6)}, "Reviews rated 6."),
        ({"annotators": ("gold", "anno2")}, "Reviews labelled by anno2 or gold."),
        (
            {"annotators": ("gold",), "schemes": ("review-quality",), "rating": (6, None), "venues": ("ICLR",)},
            "Reviews rated 6 or higher, labelled by gold in the scheme review-quality, of papers at ICLR.",
        ),
        ({"text": "a+b"}, "Reviews with a sentence containing “a+b”."),
        ({"text": "a+b", "regex": True}, "Reviews with a sentence matching the regular expression “a+b”."),
        (
            {"conditions": (Condition(code="MET", polarity=-1),), "text": "baseline"},
            "Reviews with a sentence labelled MET-NEG (methodology, negative), containing “baseline”.",
        ),
        (
            {
                "decisions": ("accept", "reject"),
                "venues": ("ICLR",),
                "years": (2018,),
                "conditions": (Condition(code="MAJ"), Condition(code="MET", polarity=-1)),
                "text": "baseline",
            },
            "Reviews of accepted or rejected papers at ICLR 2018 with a sentence labelled both MET-NEG (methodology, "
            "negative) and MAJ (major), containing “baseline”.",
        ),
        (
            {"conditions": tuple(Condition.parse(text) for text in ("MET", "MAJ", "CRT"))},
            "Reviews with a sentence labelled all of MET (methodology), CRT (criticism) and MAJ (major).",
        ),
        (
            {"conditions": (Condition.parse("quality:CLA-POS"), Condition.parse("aspect-NEG"))},
            "Reviews labelled quality:CLA-POS (clarity of the review, positive) as a whole with a sentence labelled "
            "aspect-NEG (any aspect, negative).",
        ),
        (
            {"rating": (6, None), "annotators": ("gold",)},
            "Reviews rated 6 or higher, labelled by gold.",
        ),
        ({"whose": "people"}, "All reviews, with labels by people only."),
        (
            {"whose": "models", "conditions": (Condition(code="MET"),), "years": (2018,)},
            "Reviews of papers in 2018 with a sentence labelled MET (methodology), with labels by models only.",
        ),
    ],
)
def test_sentences(fields, said):
    assert Filters(**fields).sentence() == said


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (
            {"n_papers": 24, "n_reviews": 72, "n_segments": 1234, "n_labels": 9},
            ": 1,234 sentences in 72 reviews of 24 papers.",
        ),
        ({"n_papers": 1, "n_reviews": 1, "n_segments": 1}, ": 1 sentence in 1 review of 1 paper."),
        ({"n_papers": 4, "n_reviews": 0, "n_segments": 0}, ": 0 sentences in 0 reviews of 4 papers."),
        ({"n_papers": 0, "n_reviews": 0, "n_segments": 0}, ": nothing matches."),
        ({"n_papers": 2}, ": 2 papers."),
        ({}, "."),
        (None, "."),
    ],
)
def test_sentences_with_counts(n, said):
    assert Filters(years=(2018,)).sentence(n) == f"Reviews of papers in 2018{said}"
