"""What a selection holds."""

import polars as pl
import pytest
from spec import ANNOTATOR, CODE, LAYER, SCHEME, frames, ids, shuffled

from corpus.tables import DECISIONS, REVIEW_KINDS, Frames
from queries.filters import Condition, Filters

GIVEN = frames(
    papers="""
        paper_id | corpus | paper_key | venue | year | decision
        ---------+--------+-----------+-------+------+---------
        1        | demo   | x/1       | ICLR  | 2017 | accept
        2        | demo   | 2         | ICLR  | 2018 | reject
        3        | other  | 2         | ARR   | 2018 |
        4        | other  | 4         |       |      | withdrawn
    """,
    reviews="""
        review_id | paper_id | kind        | rating
        ----------+----------+-------------+-------
        11        | 1        | review      | 6
        12        | 1        | meta_review |
        21        | 2        | review      | 3.3
        31        | 3        | rebuttal    | 8
        32        | 3        | review      |
    """,
    segments="""
        segment_id | review_id | text
        -----------+-----------+------------------------
        110        | 11        | The baseline is weak.
        111        | 11        | Costs (a+b)* are high.
        120        | 12        | Fine.
        210        | 21        | No BASELINE at all!
        211        | 21        | Typos; a missing\tcomma
        310        | 31        | 100% done.
        320        | 32        |
    """,
    labels="""
        segment_id | review_id | layer        | code | polarity | annotator
        -----------+-----------+--------------+------+----------+-----------
        110        |           | section      | MET  | -1       | gold
        110        |           | significance | MAJ  |          | gold
        111        |           | section      | MET  | 0        | gold
        111        |           | aspect       | EMP  | -1       | model:en@1
        210        |           | section      | MET  | -1       | gold
        211        |           | significance | MAJ  |          | gold
        211        |           | aspect       | none |          | gold
        310        |           | aspect       | CLA  | 1        | anno2
        310        |           | section      | MET  |          | anno2
                   | 11        | quality      | CLA  | 1        | gold
                   | 11        | quality      | JUS  | -1       | gold
                   | 21        | quality      | CLA  | -1       | gold
                   | 21        | quality      | JUS  | -1       | gold
    """,
)
NONE: list[int] = []


def chosen(filters: Filters, given: Frames = GIVEN) -> tuple[list[int], list[int], list[int]]:
    """The papers, reviews and segments of a selection."""
    found = filters.apply(given)
    return ids(found.papers, "paper_id"), ids(found.reviews, "review_id"), ids(found.segments, "segment_id")


def segments(**fields) -> list[int]:
    return chosen(Filters(**fields))[2]


def labelled(*texts: str) -> dict[str, tuple[Condition, ...]]:
    return {"conditions": tuple(Condition.parse(text) for text in texts)}


def test_no_filter_selects_everything():
    found, by = Filters().apply(GIVEN), ("segment_id", "review_id", "layer", "code")
    for name in GIVEN._fields:
        rows, whole = (getattr(each, name).collect() for each in (found, GIVEN))
        assert rows.sort(by).equals(whole.sort(by)) if name == "labels" else rows.equals(whole)


@pytest.mark.parametrize(
    ("fields", "papers"),
    [
        ({"corpora": ("demo",)}, [1, 2]),
        ({"venues": ("ICLR", "ARR")}, [1, 2, 3]),
        ({"venues": ("Nowhere",)}, NONE),
        ({"years": (2018,)}, [2, 3]),
        ({"years": (1066,)}, NONE),
        ({"decisions": ("accept", "withdrawn")}, [1, 4]),
        ({"decisions": ("none",)}, [3]),
        ({"decisions": ("none", "reject")}, [2, 3]),
        ({"papers": ("demo/x/1", "other/2")}, [1, 3]),
        ({"papers": ("demo",)}, NONE),
        ({"corpora": ("other",), "years": (2018,)}, [3]),
    ],
)
def test_papers(fields, papers):
    found = chosen(Filters(**fields))
    assert found[0] == papers
    reviews = {1: [11, 12], 2: [21], 3: [31, 32], 4: []}
    assert found[1] == [review for paper in papers for review in reviews[paper]]
    assert found[2] == ids(GIVEN.segments.filter(pl.col("paper_id").is_in(papers)), "segment_id")


def test_a_paper_without_reviews_stays_until_something_of_a_review_is_asked():
    assert chosen(Filters(corpora=("other",)))[0] == [3, 4]
    assert chosen(Filters(corpora=("other",), kinds=REVIEW_KINDS))[0] == [3]


@pytest.mark.parametrize(
    ("fields", "reviews"),
    [
        ({"kinds": ("review",)}, [11, 21, 32]),
        ({"kinds": ("meta_review", "rebuttal")}, [12, 31]),
        ({"kinds": ("comment",)}, NONE),
        ({"rating": (6, None)}, [11, 31]),
        ({"rating": (None, 6)}, [11, 21]),
        ({"rating": (6, 6)}, [11]),
        ({"rating": (3.3, 3.3)}, [21]),  # a bound is compared in the column's precision
        ({"rating": (9, 10)}, NONE),
        ({"annotators": ("gold",)}, [11, 21]),
        ({"annotators": ("anno2", "model:en@1")}, [11, 31]),
        ({"annotators": ("nobody",)}, NONE),
        ({"schemes": ("review-quality",)}, [11, 21]),
        (labelled("quality:CLA-POS"), [11]),
        (labelled("JUS-NEG"), [11, 21]),
        (labelled("JUS-NEG", "quality:CLA-NEG"), [21]),
        (labelled("quality"), [11, 21]),
        (labelled("quality:CLA-NEU"), NONE),
    ],
)
def test_reviews_come_whole(fields, reviews):
    found = chosen(Filters(**fields))
    assert found[1] == reviews
    assert found[0] == sorted({review // 10 for review in reviews})
    assert found[2] == ids(GIVEN.segments.filter(pl.col("review_id").is_in(reviews)), "segment_id")


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        (labelled("MET-NEG"), [110, 210]),
        (labelled("MET-NEG", "MAJ"), [110]),  # 210 is MET-NEG and 211 MAJ: one review, but two sentences
        (labelled("MET", "EMP-NEG"), [111]),  # by different annotators, on one sentence
        (labelled("MET-NEU"), [111]),  # neutral is neither MET-NEG nor MET without a polarity
        (labelled("MET"), [110, 111, 210, 310]),
        (labelled("NEG"), [110, 111, 210]),
        (labelled("aspect-NEG"), [111]),
        (labelled("aspect"), [111, 211, 310]),
        (labelled("none"), [211]),  # a code; 120 and 320 have no label at all
        (labelled("CLA-POS"), [310]),  # not the review whose clarity was praised
        (labelled("MIN"), NONE),
        (labelled("MET-NEG", "JUS-NEG", "quality:CLA-POS"), [110]),
        ({"annotators": ("gold",), **labelled("MET")}, [110, 111, 210]),
        ({"annotators": ("model:en@1",), **labelled("MET")}, NONE),
    ],
)
def test_labels_on_the_same_sentence(fields, wanted):
    found = chosen(Filters(**fields))
    assert found[2] == wanted
    assert found[1] == sorted({segment // 10 for segment in wanted})
    assert found[0] == sorted({segment // 100 for segment in wanted})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("baseline", [110, 210]),
        ("BaseLine", [110, 210]),
        (".", [110, 111, 120, 310]),
        ("(a+b)*", [111]),
        ("[a-z]", NONE),
        ("a missing comma", [211]),  # a tab in the text is as good as a space
        ("100%", [310]),
        ("^The", NONE),
        ("\\", NONE),
    ],
)
def test_text_is_taken_literally_in_any_case(text, wanted):
    assert segments(text=text) == wanted


@pytest.mark.parametrize("asked", ["don't", "don’t", "DON`T"])
@pytest.mark.parametrize("written", ["I don't know.", "I don’t know.", "I don‘t know."])
def test_apostrophes_of_any_shape_are_the_same(asked, written):
    segments = pl.LazyFrame({"text": [written, "I do not know."]})
    found = segments.filter(Filters(text=asked).predicate("segments")).collect()
    assert found["text"].to_list() == [written]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (r"^the|ALL!$", [110, 210]),
        (r"\d+%", [310]),
        (r"(?-i)BASE", [210]),  # case counts where the pattern says so
        (r".", [110, 111, 120, 210, 211, 310]),  # no text is no match
    ],
)
def test_regular_expressions(text, wanted):
    assert segments(text=text, regex=True) == wanted


def test_text_and_labels_hold_on_the_same_sentence():
    assert segments(text="typos", **labelled("MET-NEG")) == NONE
    assert segments(text="baseline", **labelled("MET-NEG"), years=(2018,)) == [210]


def test_labels_of_the_selected_sentences_all_stay_and_those_on_reviews_go():
    found = Filters(**labelled("MET-NEG", "MAJ")).apply(GIVEN).labels.collect()
    assert sorted(found["code"].to_list()) == ["MAJ", "MET"]
    assert Filters(text="typos").apply(GIVEN).labels.collect()["segment_id"].to_list() == [211, 211]


def test_labels_on_reviews_stay_where_only_reviews_and_papers_are_asked():
    for filters in (Filters(years=(2018,)), Filters(rating=(3, 4)), Filters(**labelled("quality:CLA-NEG"))):
        found = filters.apply(GIVEN).labels.filter(pl.col("review_id") == 21).collect()
        assert found["layer"].to_list().count("quality") == 2, filters


def test_labels_of_other_schemes_and_annotators_go_but_the_text_stays():
    found = Filters(schemes=("review-quality",)).apply(GIVEN)
    assert found.labels.collect()["scheme"].unique().to_list() == ["review-quality"]
    assert ids(found.segments, "segment_id") == [110, 111, 210, 211]
    assert Filters(annotators=("model:en@1",)).apply(GIVEN).labels.collect()["code"].to_list() == ["EMP"]


@pytest.mark.parametrize(
    "filters",
    [
        Filters(text="baseline"),
        Filters(**labelled("MET-NEG", "JUS-NEG")),
        Filters(annotators=("gold",), decisions=("none", "accept")),
    ],
)
def test_the_order_of_rows_makes_no_difference(filters):
    assert chosen(filters, shuffled(GIVEN)) == chosen(filters)


def test_empty_frames_and_one_paper():
    everything = Filters(text="e", years=(2017,), kinds=("review",), **labelled("MET", "quality"))
    assert chosen(everything, frames()) == (NONE, NONE, NONE)
    assert chosen(everything) == ([1], [11], [110, 111])


def test_types_survive():
    for filters in (
        Filters(),
        Filters(text="e", annotators=("gold",), decisions=("none",), **labelled("MET", "quality")),
    ):
        found = filters.apply(GIVEN)
        schema = found.labels.collect().schema
        assert [schema[name] for name in ("scheme", "layer", "code", "annotator")] == [SCHEME, LAYER, CODE, ANNOTATOR]
        assert found.papers.collect().schema["decision"] == pl.Enum(DECISIONS)
        assert found.reviews.collect().schema["kind"] == pl.Enum(REVIEW_KINDS)
        assert [frame.collect().schema for frame in found] == [frame.collect().schema for frame in GIVEN]


GUESSED = frames(
    papers="""
        paper_id
        --------
        1
        2
    """,
    reviews="""
        review_id | paper_id
        ----------+---------
        11        | 1
        21        | 2
    """,
    segments="""
        segment_id | review_id
        -----------+----------
        110        | 11
        111        | 11
        210        | 21
    """,
    labels="""
        segment_id | review_id | scheme              | layer        | code         | polarity | annotator
        -----------+-----------+---------------------+--------------+--------------+----------+-----------
        110        |           | peer-review-analyze | section      | MET          | -1       | gold
        110        |           | peer-review-analyze | section      | EXP          | 1        | model:en@1
        110        |           | peer-review-analyze | aspect       | EMP          | -1       | model:en@1
        110        |           | disapere            | aspect       | asp_clarity  | 1        | model:en@1
        111        |           | peer-review-analyze | aspect       | none         |          | user:me
        111        |           | peer-review-analyze | aspect       | NOV          | 1        | model:en@1
        111        |           | peer-review-analyze | section      | RES          | 0        | model:en@1
        210        |           | peer-review-analyze | section      | MET          | -1       | model:en@1
                   | 11        | review-quality      | quality      | CLA          | 1        | gold
                   | 11        | review-quality      | quality      | JUS          | -1       | model:en@1
                   | 21        | review-quality      | quality      | CLA          | 1        | model:en@1
    """,
)


class TestWhose:
    """By whom labels are: people's labels stand, a model's fill the gaps, unless one or the other is asked for."""

    @staticmethod
    def codes(**fields) -> list[str]:
        return sorted(Filters(**fields).apply(GUESSED).labels.collect()["code"].to_list())

    def test_a_guess_goes_where_a_person_answered_the_same_question(self):
        # EXP beside gold's MET, NOV beside the `none` of a person, and JUS of the whole review go
        assert self.codes() == ["CLA", "CLA", "EMP", "MET", "MET", "RES", "asp_clarity", "none"]

    def test_people_or_models_only(self):
        assert self.codes(whose="people") == ["CLA", "MET", "none"]
        assert self.codes(whose="models") == ["CLA", "EMP", "EXP", "JUS", "MET", "NOV", "RES", "asp_clarity"]

    def test_it_drops_labels_and_nothing_else(self):
        for whose in ("people", "models"):
            for fields in ({}, {"schemes": ("disapere",)}, {"annotators": ("gold",)}):
                assert chosen(Filters(whose=whose, **fields), GUESSED) == chosen(Filters(**fields), GUESSED)
        assert chosen(Filters(whose="people"), GUESSED) == ([1, 2], [11, 21], [110, 111, 210])

    def test_a_model_that_is_named_is_heard_in_full(self):
        every = ["CLA", "EMP", "EXP", "JUS", "MET", "NOV", "RES", "asp_clarity"]
        assert self.codes(annotators=("model:en@1",)) == every
        assert self.codes(annotators=("model:en@1", "gold")) == sorted([*every, "MET", "CLA"])
        assert self.codes(annotators=("gold",)) == ["CLA", "MET"]
        assert self.codes(annotators=("model:en@1",), whose="people") == []

    def test_a_condition_is_met_by_the_labels_that_stand(self):
        met = {
            whose: chosen(Filters(whose=whose, **labelled("MET-NEG")), GUESSED)[2] for whose in ("", "people", "models")
        }
        assert met == {"": [110, 210], "people": [110], "models": [210]}
        assert chosen(Filters(**labelled("EXP")), GUESSED)[2] == NONE
        assert chosen(Filters(**labelled("JUS-NEG")), GUESSED)[1] == NONE

    def test_the_row_of_a_label_tells_whether_it_may_stand_and_standing_whether_it_does(self):
        labels = GUESSED.labels
        assert labels.filter(Filters(whose="people").predicate("labels")).collect().height == 3
        assert labels.filter(Filters(whose="models").predicate("labels")).collect().height == 8
        assert Filters().standing(labels).collect().height == 8
        assert Filters(schemes=("disapere",)).standing(labels).collect()["code"].to_list() == ["asp_clarity"]

    def test_without_a_model_among_the_annotators_nothing_is_done(self):
        people = GUESSED._replace(
            labels=GUESSED.labels.filter(pl.col("annotator") == "gold").with_columns(
                pl.col("annotator").cast(pl.String).cast(pl.Enum(["gold"]))
            )
        )
        assert Filters().apply(people).labels.explain() == people.labels.explain()
        assert Filters(whose="people").apply(people).labels.explain() == people.labels.explain()
        assert Filters(whose="models").apply(people).labels.collect().height == 0

    def test_names_that_are_no_enum_are_read_one_by_one(self):
        spelled = GUESSED._replace(labels=GUESSED.labels.with_columns(pl.col("annotator").cast(pl.String)))
        for fields in ({}, {"whose": "people"}, {"whose": "models"}):
            found = Filters(**fields).apply(spelled).labels.collect()["code"].to_list()
            assert sorted(found) == self.codes(**fields)


@pytest.mark.parametrize("table", ["papers", "reviews", "segments", "labels"])
def test_predicates_are_true_where_nothing_is_asked(table):
    frame = getattr(GIVEN, table)
    assert frame.filter(Filters().predicate(table)).collect().equals(frame.collect())


def test_predicates_are_local_to_their_table():
    filters = Filters(years=(2018,), kinds=("review",), text="baseline", annotators=("gold",))
    assert ids(GIVEN.papers.filter(filters.predicate("papers")), "paper_id") == [2, 3]
    assert ids(GIVEN.reviews.filter(filters.predicate("reviews")), "review_id") == [11, 21, 32]
    assert ids(GIVEN.segments.filter(filters.predicate("segments")), "segment_id") == [110, 210]
    assert GIVEN.labels.filter(filters.predicate("labels")).collect().height == 10
