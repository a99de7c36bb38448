"""The order in which sentences are judged: tables in, rows out; against a count in plain Python; under shuffles."""

from __future__ import annotations

import random

import polars as pl
import pytest
import spec
from spec import expect, frames, shuffled

from queries.guessed_layers import guessed_layers
from queries.review_queue import ORDERS, review_queue

MODEL = "model:en@1"
PAPERS = """
    paper_id
    --------
    1
    2
"""
REVIEWS = """
    review_id | paper_id
    ----------+---------
    1         | 1
    2         | 2
"""
SEGMENTS = """
    segment_id | review_id
    -----------+----------
    1          | 1
    2          | 1
    3          | 1
    4          | 2
    5          | 2
    6          | 2
"""


def given(labels: str, models: str = "", segments: str = SEGMENTS):
    return frames(PAPERS, REVIEWS, segments, labels, models)


class TestLeastSure:
    def test_distance_from_one_half_where_no_threshold_is_known(self):
        found = given("""
            segment_id | layer   | code | annotator  | confidence
            -----------+---------+------+------------+-----------
            1          | section | MET  | model:en@1 | 0.95
            2          | section | EXP  | model:en@1 | 0.55
            3          | section | EXP  | model:en@1 | 0.3
            4          | section | MET  | model:en@1 | 0.7
        """)
        # |2p - 1| is .9, .1, .4 and .4: what is less sure comes first, among equals what stands first
        expect(
            review_queue(found, "section", MODEL),
            """
            segment_id | unsure
            -----------+-------
            2          | 0.9
            3          | 0.6
            4          | 0.6
            1          | 0.1
            """,
        )

    def test_distance_from_the_threshold_of_the_code(self):
        found = given(
            """
            segment_id | layer   | code | polarity | annotator  | confidence
            -----------+---------+------+----------+------------+-----------
            1          | section | MET  | -1       | model:en@1 | 0.85
            2          | section | EXP  | 1        | model:en@1 | 0.85
            3          | section | RES  |          | model:en@1 | 0.2
            """,
            """
            layer   | code | polarity | threshold
            --------+------+----------+----------
            section | MET  |          | 0.8
            section | MET  | -1       | 0.1
            section | EXP  |          | 0.25
            section | RES  |          | 0.4
            section |      |          | 0.1
            aspect  | EXP  |          | 0.1
            """,
        )
        # (.85 - .8) / .2 = .25; (.85 - .25) / .75 = .8; below it (.4 - .2) / .4 = .5
        expect(
            review_queue(found, "section", MODEL),
            """
            segment_id | unsure
            -----------+-------
            1          | 0.75
            3          | 0.5
            2          | 0.2
            """,
        )

    def test_a_sentence_is_as_unsure_as_its_least_sure_label(self):
        found = given("""
            segment_id | layer  | code | annotator  | confidence
            -----------+--------+------+------------+-----------
            1          | aspect | EMP  | model:en@1 | 0.99
            1          | aspect | CLA  | model:en@1 | 0.6
            2          | aspect | EMP  | model:en@1 | 0.7
        """)
        expect(
            review_queue(found, "aspect", MODEL),
            """
            segment_id | unsure
            -----------+-------
            1          | 0.8
            2          | 0.6
            """,
        )

    def test_a_threshold_of_0_or_1_divides_by_nothing(self):
        found = given(
            """
            segment_id | layer   | code | annotator  | confidence
            -----------+---------+------+------------+-----------
            1          | section | MET  | model:en@1 | 1
            2          | section | EXP  | model:en@1 | 0
            """,
            """
            layer   | code | threshold
            --------+------+----------
            section | MET  | 1
            section | EXP  | 0
            """,
        )
        unsure = review_queue(found, "section", MODEL).collect()["unsure"]
        assert unsure.is_finite().all()
        assert unsure.is_between(0, 1).all()

    def test_without_probabilities_nothing_is_known_and_it_comes_last(self):
        found = given("""
            segment_id | layer   | code | annotator  | confidence
            -----------+---------+------+------------+-----------
            1          | section | MET  | model:en@1 |
            2          | section | MET  | model:en@1 | 0.99
        """)
        expect(
            review_queue(found, "section", MODEL),
            """
            segment_id | unsure
            -----------+-------
            2          | 0.02
            1          |
            """,
        )

    def test_what_people_answered_comes_after_the_rest(self):
        found = given("""
            segment_id | layer   | code | annotator  | confidence
            -----------+---------+------+------------+-----------
            1          | section | MET  | model:en@1 | 0.5
            1          | section | MET  | gold       |
            2          | section | MET  | model:en@1 | 0.9
            3          | section | MET  | model:en@1 | 0.6
            3          | aspect  | EMP  | gold       |
            4          | section | MET  | model:en@1 | 0.7
            4          | section | CNT  | gold       |
        """)
        expect(
            review_queue(found, "section", MODEL),
            """
            segment_id | unsure | at_odds
            -----------+--------+--------
            3          | 0.8    |
            4          | 0.6    |
            2          | 0.2    |
            1          | 1.0    | 0.0
            """,
        )


class TestAtOdds:
    LABELS = """
        segment_id | layer  | code | polarity | annotator  | confidence
        -----------+--------+------+----------+------------+-----------
        1          | aspect | EMP  | -1       | model:en@1 | 0.9
        1          | aspect | EMP  | -1       | gold       |
        2          | aspect | EMP  | -1       | model:en@1 | 0.9
        2          | aspect | EMP  | 1        | gold       |
        3          | aspect | EMP  | -1       | model:en@1 | 0.99
        3          | aspect | CLA  | 1        | gold       |
        4          | aspect | EMP  | -1       | model:en@1 | 0.6
        4          | aspect | CLA  | 1        | model:en@1 | 0.6
        4          | aspect | CLA  | 1        | gold       |
        5          | aspect | EMP  | -1       | model:en@1 | 0.9
        5          | aspect | EMP  | -1       | gold       |
        5          | aspect | none |          | anno2      |
        6          | aspect | EMP  | -1       | model:en@1 | 0.9
    """

    def test_the_share_of_labels_that_one_of_them_gave_alone(self):
        # 2 and 3: nothing in common; of 3 the model is surer. 4: one of two. 5: 0 with gold, 1 with anno2
        expect(
            review_queue(given(self.LABELS), "aspect", MODEL, order="odds"),
            """
            segment_id | at_odds | unsure
            -----------+---------+-------
            3          | 1.0     | 0.02
            2          | 1.0     | 0.2
            5          | 0.5     | 0.2
            4          | 0.5     | 0.8
            """,
        )

    def test_two_labels_alike_are_one(self):
        twice = f"{self.LABELS}        1          | aspect | EMP  | -1       | gold       |\n"
        first, second = (review_queue(given(text), "aspect", MODEL).collect() for text in (self.LABELS, twice))
        assert first.equals(second)

    def test_a_label_without_polarity_is_another_than_one_with(self):
        found = given("""
            segment_id | layer  | code | polarity | annotator  | confidence
            -----------+--------+------+----------+------------+-----------
            1          | aspect | none |          | model:en@1 | 0.9
            1          | aspect | none |          | gold       |
            2          | aspect | EMP  |          | model:en@1 | 0.9
            2          | aspect | EMP  | -1       | gold       |
        """)
        assert spec.ids(review_queue(found, "aspect", MODEL, order="odds"), "segment_id") == [2]


class TestLeftUnlabelled:
    LABELS = """
        segment_id | layer   | code | annotator  | confidence
        -----------+---------+------+------------+-----------
        1          | section | MET  | model:en@1 | 0.9
        2          | aspect  | EMP  | model:en@1 | 0.9
        3          | section | MET  | gold       |
    """

    def test_sentences_without_an_answer_in_reviews_that_the_model_labelled(self):
        # 2 has a label in another layer; 3 was answered by a person; 4 to 6 are of a review that it did not see
        assert spec.ids(review_queue(given(self.LABELS), "section", MODEL, order="open"), "segment_id") == [2]

    def test_only_kinds_that_the_layer_labels(self):
        reviews = """
            review_id | paper_id | kind
            ----------+----------+---------
            1         | 1        | review
            2         | 2        | rebuttal
        """
        labels = f"{self.LABELS}        4          | purpose | SUG  | model:en@1 | 0.9\n"
        found = frames(PAPERS, reviews, SEGMENTS, labels)
        assert spec.ids(review_queue(found, "section", MODEL, order="open"), "segment_id") == [2]
        assert spec.ids(review_queue(found, "purpose", MODEL, order="open"), "segment_id") == [5, 6]

    def test_no_sentence_without_words(self):
        segments = """
            segment_id | review_id | text
            -----------+-----------+------
            1          | 1         | Well.
            2          | 1         | ---
            3          | 1         | Hm.
        """
        labels = """
            segment_id | layer   | code | annotator
            -----------+---------+------+-----------
            1          | section | MET  | model:en@1
        """
        assert spec.ids(review_queue(given(labels, "", segments), "section", MODEL, order="open"), "segment_id") == [3]


@pytest.mark.parametrize("order", ORDERS)
class TestEveryOrder:
    def test_leaves_out_what_this_person_has_judged(self, order):
        labels = {
            "open": TestLeftUnlabelled.LABELS + "        2          | section | EXP  | user:me    |\n",
        }.get(order, TestAtOdds.LABELS + "        2          | aspect | CLA  | 1        | user:me    |\n")
        layer = "section" if order == "open" else "aspect"
        found = given(labels)
        ids = [
            spec.ids(review_queue(found, layer, MODEL, order=order, by=by), "segment_id") for by in ("user:me", "anno3")
        ]
        assert 2 not in ids[0]
        assert order == "open" or 2 in ids[1], "to others it is one more answer"

    def test_own_labels_in_another_layer_leave_nothing_out(self, order):
        mine = "        2          | section | MET  | -1       | user:me    |\n"
        whole = review_queue(given(TestAtOdds.LABELS), "aspect", MODEL, order=order).collect()
        assert (
            review_queue(given(TestAtOdds.LABELS + mine), "aspect", MODEL, order=order, by="user:me")
            .collect()
            .equals(whole)
        )

    def test_other_models_are_nobody(self, order):
        found = given(TestAtOdds.LABELS)
        assert not review_queue(found, "aspect", "model:other@2", order=order).collect().height

    def test_bears_nothing_at_all(self, order):
        found = review_queue(frames(), "aspect", MODEL, order=order).collect()
        assert found.columns == ["segment_id", "review_id", "unsure", "at_odds"]
        assert not found.height

    def test_does_not_hang_on_the_order_of_rows(self, order):
        made = generated(3)
        first = review_queue(made, "aspect", MODEL, order=order).collect()
        assert first.height
        for seed in (1, 2):
            assert review_queue(shuffled(made, seed), "aspect", MODEL, order=order).collect().equals(first)

    def test_is_the_same_under_other_ids(self, order):
        made = generated(4)
        first = review_queue(made, "aspect", MODEL, order=order).collect()
        turned = (9000 - pl.col("segment_id")).alias("segment_id")
        other = made._replace(segments=made.segments.with_columns(turned), labels=made.labels.with_columns(turned))
        again = review_queue(other, "aspect", MODEL, order=order).collect()
        assert (9000 - again["segment_id"]).to_list() == first["segment_id"].to_list()

    def test_agrees_with_a_count_in_plain_python(self, order):
        for seed in range(6):
            made = generated(seed)
            found = review_queue(made, "aspect", MODEL, order=order, by="user:me").collect()
            wanted = counted(made, order)
            assert sorted(found["segment_id"]) == sorted(wanted)
            for segment, _, unsure, odds in found.iter_rows():
                assert (unsure, odds) == pytest.approx(wanted[segment], abs=1e-6)
            keys = [ranked(order, *wanted[segment]) for segment in found["segment_id"]]
            assert keys == sorted(keys)


def test_a_sample_is_drawn_by_its_seed_and_hangs_on_no_label():
    made = generated(5)
    first, again, other = (
        review_queue(made, "aspect", MODEL, order="sample", seed=seed).collect()["segment_id"].to_list()
        for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other
    turned = made._replace(labels=made.labels.with_columns(1 - pl.col("confidence")))
    assert review_queue(turned, "aspect", MODEL, order="sample").collect()["segment_id"].to_list() == first


def test_the_beginning_of_a_sample_has_the_share_of_the_whole():
    n = 4000
    papers = pl.DataFrame({"paper_id": range(n), "corpus": "demo", "paper_key": [f"p{at}" for at in range(n)]})
    base = frames(PAPERS, REVIEWS, SEGMENTS)
    reviews = pl.DataFrame(
        {"review_id": range(n), "paper_id": range(n), "review_key": "r", "kind": "review", "position": 0}
    )
    segments = pl.DataFrame(
        {"segment_id": range(n), "review_id": range(n), "paper_id": range(n), "position": 0, "text": "Text."}
    )
    labels = pl.DataFrame(
        {
            "segment_id": range(n), "review_id": range(n), "paper_id": range(n), "scheme": "peer-review-analyze",
            "layer": "section", "code": ["MET" if at % 4 else "EXP" for at in range(n)], "annotator": MODEL,
            "confidence": 0.5,
        }
    )  # fmt: skip
    fit = [
        (pl.concat([own.collect(), part.cast({k: v for k, v in own.collect_schema().items() if k in part.columns})],
                   how="diagonal"))
        for own, part in zip(base[:4], (papers, reviews, segments, labels), strict=True)
    ]  # fmt: skip
    made = base._replace(**dict(zip(("papers", "reviews", "segments", "labels"), (f.lazy() for f in fit), strict=True)))
    drawn = review_queue(made, "section", MODEL, order="sample").collect()["segment_id"].to_list()[:1000]
    share = sum(not at % 4 for at in drawn) / 1000
    assert 0.25 - 4 * (0.25 * 0.75 / 1000) ** 0.5 < share < 0.25 + 4 * (0.25 * 0.75 / 1000) ** 0.5


def test_an_unknown_layer_is_an_error():
    with pytest.raises(KeyError):
        review_queue(frames(), "no-such-layer", MODEL)


class TestGuessedLayers:
    def test_layers_that_models_labelled_and_how_many_labels_a_sentence_has(self):
        found = given("""
            segment_id | layer   | code | annotator  | review_id
            -----------+---------+------+------------+----------
            1          | section | MET  | model:en@1 |
            1          | section | EXP  | model:en@1 |
            2          | section | MET  | model:en@1 |
            1          | aspect  | EMP  | model:en@1 |
            1          | aspect  | EMP  | gold       |
            1          | aspect  | CLA  | gold       |
            1          | aspect  | CLA  | anno2      |
            3          | purpose | SUG  | gold       |
                       | quality | CLA  | model:en@1 | 1
        """)
        expect(
            guessed_layers(found),
            """
            layer   | annotator  | n | per_segment
            --------+------------+---+------------
            section | model:en@1 | 3 | 1.5
            aspect  | model:en@1 | 1 | 1.5
            """,
        )

    def test_bears_nothing_at_all(self):
        assert not guessed_layers(frames()).collect().height


# --- an oracle -------------------------------------------------------------------------------------------------------


def generated(seed: int):
    """Two papers with labels of a model, of two people and of whoever judges, some of them twice."""
    chance = random.Random(seed)  # noqa: S311  no secret
    rows = []
    for segment in range(1, 31):
        for annotator, much in ((MODEL, 0.7), ("gold", 0.4), ("anno2", 0.2), ("user:me", 0.1)):
            if chance.random() < much:
                for _ in range(chance.choice((1, 1, 2))):
                    code = chance.choice(("EMP", "CLA", "NOV", "none", "CNT"))
                    sign = "" if code in ("none", "CNT") else chance.choice(("-1", "0", "1"))
                    p = f"{chance.random():.3f}" if annotator == MODEL and chance.random() < 0.9 else ""
                    rows.append(f"{segment} | aspect | {code} | {sign} | {annotator} | {p}")
    labels = "\n".join(["segment_id | layer | code | polarity | annotator | confidence", "---+---", *rows])
    segments = "\n".join(
        ["segment_id | review_id", "---+---", *(f"{at} | {1 if at <= 15 else 2}" for at in range(1, 31))]
    )
    models = """
        layer  | code | threshold
        -------+------+----------
        aspect | EMP  | 0.3
        aspect | CLA  | 0.6
    """
    return frames(PAPERS, REVIEWS, segments, labels, models)


def counted(made, order: str) -> dict[int, tuple[float | None, float | None]]:
    """`unsure` and `at_odds` of the sentences in a queue, by segment, counted without Polars."""
    thresholds = {"EMP": 0.3, "CLA": 0.6}
    given: dict[int, dict[str, set]] = {}
    sure: dict[int, list[float]] = {}
    for row in made.labels.collect().iter_rows(named=True):
        about = given.setdefault(row["segment_id"], {})
        if row["annotator"] != MODEL and row["code"] == "CNT" and row["annotator"] != "user:me":
            continue
        about.setdefault(row["annotator"], set()).add((row["code"], row["polarity"]))
        if row["annotator"] == MODEL and row["confidence"] is not None:
            t, p = thresholds.get(row["code"], 0.5), row["confidence"]
            sure.setdefault(row["segment_id"], []).append((p - t) / (1 - t) if p >= t else (t - p) / t)
    found = {}
    for segment in made.segments.collect()["segment_id"]:
        about = given.get(segment, {})
        if "user:me" in about:
            continue
        people = [answer for name, answer in about.items() if name not in (MODEL, "user:me")]
        if order == "open":
            if MODEL not in about and not people:
                found[segment] = (None, None)
            continue
        if MODEL not in about:
            continue
        apart = [1 - len(about[MODEL] & answer) / len(about[MODEL] | answer) for answer in people]
        odds = sum(apart) / len(apart) if apart else None
        if order != "odds" or odds:
            found[segment] = (1 - min(sure[segment]) if segment in sure else None, odds)
    return found


def ranked(order: str, unsure: float | None, odds: float | None) -> tuple:
    """What comes first in an order has the lesser rank; a random order has none but by who answered."""
    answered, least = odds is not None, (unsure is None, -round(unsure or 0, 6))
    return {
        "unsure": (answered, *least),
        "odds": (-round(odds or 0, 6), unsure is None, round(unsure or 0, 6)),
        "sample": (answered,),
        "open": (),
    }[order]
