"""Reviews unlike the others: the distance against scipy, and what must change nothing."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.spatial.distance import jensenshannon
from spec import expect, frames, shuffled
from test_query_shape import random_reviews, reviews

from queries.review_strips import review_strips
from queries.shape import course
from queries.shape_outliers import shape_outliers

USUAL = "SMY SMY SMY APC APC APC CRT CRT QSN QSN"
TURNED = " ".join(USUAL.split()[::-1])


def by_hand(given, bins: int = 10) -> dict[int, float]:
    """The distance of each review, by loops and scipy."""
    rows = course(given, layer="purpose", bins=bins).collect().to_dicts()
    names = sorted({row["code"] for row in rows})
    masses: dict[int, np.ndarray] = {}
    for row in rows:
        own = masses.setdefault(row["review_id"], np.zeros((bins, len(names))))
        own[row["bin"], names.index(row["code"])] += row["mass"]
    sentences = dict(given.segments.collect().group_by("review_id").len().iter_rows())

    def smooth(course: np.ndarray) -> np.ndarray:
        made = np.zeros_like(course)
        for at in range(bins):
            weights = {near: {0: 2, 1: 1}[abs(near - at)] for near in (at - 1, at, at + 1) if 0 <= near < bins}
            made[at] = sum(weight * course[near] for near, weight in weights.items()) / sum(weights.values())
        return made

    mean = smooth(sum(masses.values()))
    mean /= mean.sum(axis=1, keepdims=True)
    found = {}
    for review, own in masses.items():
        smoothed = smooth(own)
        there = [at for at in range(bins) if smoothed[at].sum() > 0]
        each = [smoothed[at] * sentences[review] / bins + mean[at] for at in there]
        found[review] = float(np.mean([jensenshannon(e, mean[at], base=2) for e, at in zip(each, there, strict=True)]))
    return found


def test_the_distance_is_scipys():
    given = reviews(*random_reviews(), per_paper=2)
    wanted = by_hand(given)
    found = shape_outliers(given, layer="purpose", least=1, n=100).collect()
    assert dict(found.select("review_id", "distance").iter_rows()) == pytest.approx(wanted, abs=1e-8)
    assert found["distance"].is_sorted(descending=True)
    assert found["n_ranked"].to_list() == [len(wanted)] * len(wanted)


def test_a_review_that_goes_the_other_way_departs_most():
    found = shape_outliers(reviews(*[USUAL] * 20, TURNED), layer="purpose", n=3).collect()
    assert found["review_id"][0] == 20
    assert found["distance"][0] > 5 * found["distance"][1]
    row = found.row(0, named=True)
    assert (row["part"], row["code"]) in {(0, "QSN"), (2, "SMY")}
    assert row["share"] > 0.4 > 0.1 > row["mean"]


def test_reviews_that_are_all_alike_have_no_distance_and_stand_in_order():
    found = shape_outliers(reviews(*[USUAL] * 4, per_paper=2), layer="purpose").collect()
    assert found["distance"].to_list() == [0] * 4
    assert found["review_id"].to_list() == [0, 1, 2, 3]


def test_short_reviews_are_not_ranked_but_count_for_the_mean():
    given = reviews(*["SMY"] * 50, USUAL, TURNED)
    found = shape_outliers(given, layer="purpose", least=10).collect()
    assert set(found["review_id"]) == {50, 51}
    assert found["n_ranked"].to_list() == [2, 2]
    assert found["distance"].min() > 0.3, "the mean is that of the fifty"


def test_a_short_review_has_to_depart_further_than_a_long_one():
    other = "CRT " * 8
    found = shape_outliers(reviews(*[USUAL] * 60, other, other * 4), layer="purpose", n=2).collect()
    assert found["review_id"].to_list() == [61, 60]


def test_unlabelled_tenths_tell_nothing():
    half = " ".join([*USUAL.split()[:5], *"-----"])
    found = shape_outliers(reviews(*[USUAL] * 20, half, TURNED), layer="purpose", least=5, n=30).collect()
    distance = dict(found.select("review_id", "distance").iter_rows())
    assert distance[20] < distance[21] / 3


def test_invariances():
    written = random_reviews()
    one = shape_outliers(reviews(*written), layer="purpose", least=1, n=100).collect()
    mixed = shape_outliers(shuffled(reviews(*written)), layer="purpose", least=1, n=100).collect()
    assert one.equals(mixed.with_columns(share=one["share"], mean=one["mean"]))
    assert mixed["share"].to_numpy() == pytest.approx(one["share"].to_numpy())
    turned = [" ".join(each.split()[::-1]) for each in written]
    mirrored = shape_outliers(reviews(*turned), layer="purpose", least=1, n=100).collect()
    by_review = dict(one.select("review_id", "distance").iter_rows())
    assert dict(mirrored.select("review_id", "distance").iter_rows()) == pytest.approx(by_review)
    twice = shape_outliers(reviews(*written, *written), layer="purpose", least=1, n=200).collect()
    doubled = dict(twice.select("review_id", "distance").iter_rows())
    assert {review: doubled[review] for review in by_review} == pytest.approx(by_review)


def test_empty_and_nothing_long_enough():
    for given in (frames(), reviews("SMY CRT"), reviews("- - -")):
        found = shape_outliers(given, layer="purpose").collect()
        assert found.is_empty()
        assert {"distance", "part", "share", "review_key", "title"} <= set(found.columns)


def test_strips_have_every_sentence_of_the_reviews_and_labels_once():
    given = frames(
        reviews="review_id | paper_id\n---\n1 | 1\n2 | 1\n3 | 1",
        segments="segment_id | review_id | position | text\n---\n"
        "12 | 1 | 1 | Two.\n11 | 1 | 0 | One.\n21 | 2 | 0 | Else.\n31 | 3 | 0 | Not asked for.",
        labels="""
        segment_id | layer   | code | polarity | annotator
        -----------+---------+------+----------+----------
        11         | aspect  | CLA  | 1        | gold
        11         | aspect  | EMP  | -1       | gold
        11         | aspect  | EMP  | -1       | anno2
        12         | section | MET  |          | gold
        31         | aspect  | EMP  | -1       | gold
        """,
    )
    asked = pl.LazyFrame({"review_id": [1, 2]}, schema={"review_id": pl.UInt32})
    found = review_strips(given, asked, layer="aspect").collect()
    assert found["text"].to_list() == ["One.", "Two.", "Else."]
    assert found["code_list"].to_list() == [["EMP", "CLA"], None, None]
    assert found["polarity_list"].to_list() == [[-1, 1], None, None]
    part = given._replace(segments=given.segments.filter(pl.col("segment_id") == 11))
    assert review_strips(part, asked, layer="aspect").collect().height == 1
    assert review_strips(part, asked, layer="aspect", whole=given.segments).collect().height == 3
    expect(review_strips(given, asked.head(0), layer="aspect"), "segment_id | text\n---\n")
