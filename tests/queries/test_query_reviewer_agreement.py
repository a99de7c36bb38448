"""How far reviewers of one paper judge its aspects alike."""

from __future__ import annotations

import krippendorff
import numpy as np
import polars as pl
import pytest
from spec import expect, frames, shuffled

from corpus.tables import Frames
from queries.contradiction_rates import contradiction_rates
from queries.reviewer_agreement import reviewer_agreement

_POLARITY = {"-": -1, "0": 0, "+": 1}


def judged(papers: list[dict[str, str]], annotator: str = "gold") -> Frames:
    """Frames in which each paper has reviews that judge codes: {"EMP": "-+."} is three reviews, the third silent."""
    reviews, segments, labels = [], [], []
    for paper, codes in enumerate(papers):
        for place in range(max(map(len, codes.values()), default=0)):
            review = 10 * paper + place
            reviews.append(f"{review} | {paper}")
            segments.append(f"{review} | {review}")
            labels += [
                f"{review} | aspect | {code} | {_POLARITY[sides[place]]} | {annotator}"
                for code, sides in codes.items()
                if place < len(sides) and sides[place] != "."
            ]
    return frames(
        "paper_id\n---\n" + "\n".join(map(str, range(len(papers)))),
        "review_id | paper_id\n---\n" + "\n".join(reviews),
        "segment_id | review_id\n---\n" + "\n".join(segments),
        "segment_id | layer | code | polarity | annotator\n---\n" + "\n".join(labels),
    )


def at_random(seed: int, n: int = 50) -> list[dict[str, str]]:
    """Papers that reviewers, one to four and some of them silent, lean to one side on."""
    random = np.random.default_rng(seed)

    def sides(lean: float) -> str:
        drawn = np.digitize(lean + random.normal(size=int(random.integers(1, 5))), [-0.4, 0.4])
        return "".join("." if random.random() < 0.2 else "-0+"[side] for side in drawn)

    return [{"EMP": sides(lean), "CLA": sides(lean)} for lean in random.normal(0, 0.8, n)]


def counts(papers: list[dict[str, str]], codes: tuple[str, ...]) -> np.ndarray:
    """Papers × codes by side, for the library."""
    return np.array([[paper.get(code, "").count(side) for side in "-0+"] for paper in papers for code in codes])


def row(given: Frames, code: str | None = None) -> dict:
    asked = pl.col("code").is_null() if code is None else pl.col("code") == code
    return reviewer_agreement(given).filter(asked).collect().row(0, named=True)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("code", [None, "EMP", "CLA"])
def test_ordinal_and_nominal_alpha_are_those_of_the_library(seed, code):
    papers = at_random(seed)
    found = row(judged(papers), code)
    table = counts(papers, (code,) if code else ("EMP", "CLA"))
    domain = [-1, 0, 1]
    for name, level in (("alpha", "ordinal"), ("nominal", "nominal")):
        wanted = krippendorff.alpha(value_counts=table, value_domain=domain, level_of_measurement=level)
        assert found[name] == pytest.approx(wanted)
    assert found["n_units"] == (table.sum(axis=1) > 1).sum()
    assert found["low"] < found["alpha"] < found["high"]
    assert found["nominal_low"] < found["nominal"] < found["nominal_high"]


def test_ordinal_by_hand():
    # Two papers, (- 0) and (+ +): n = 1, 1, 2, so mid-ranks are .5, 1.5 and 3. Seen, in both orders, 2 (1.5 - .5)² = 2;
    # expected, in both orders and over n - 1 = 3: 2 (1·1·1 + 1·2·6.25 + 1·2·2.25) / 3 = 12. alpha = 1 - 2/12.
    assert row(judged([{"EMP": "-0"}, {"EMP": "++"}]))["alpha"] == pytest.approx(1 - 2 / 12)


def test_counts_and_percent_opposed_by_hand():
    given = judged([{"EMP": "-+0", "CLA": "++"}, {"EMP": "--"}, {"EMP": "+", "CLA": "-."}])
    expect(
        reviewer_agreement(given),
        """
        code | n_units | n_papers | n_pairs | same | n_sided | n_opposed | opposed
        -----+---------+----------+---------+------+---------+-----------+--------
             | 3       | 2        | 5       | 0.4  | 3       | 1         | 0.333
        EMP  | 2       | 2        | 4       | 0.25 | 2       | 1         | 0.5
        CLA  | 1       | 1        | 1       | 1.0  | 1       | 0         | 0.0
        """,
    )


@pytest.mark.parametrize("seed", range(3))
def test_opposed_pairs_are_those_of_contradictions(seed):
    given = judged(at_random(seed))
    wanted = contradiction_rates(given).select("code", "n_pairs", "n_opposed").collect().rows()
    found = reviewer_agreement(given).filter(pl.col("code").is_not_null())
    assert found.select("code", "n_sided", "n_opposed").collect().rows() == wanted


def test_a_side_is_the_sign_of_all_labels_of_a_review_and_torn_is_in_the_middle():
    given = frames(
        "paper_id\n---\n1",
        "review_id | paper_id\n---\n1 | 1\n2 | 1",
        "segment_id | review_id\n---\n11 | 1\n12 | 1\n13 | 1\n21 | 2\n22 | 2",
        """
        segment_id | layer  | code | polarity | annotator
        -----------+--------+------+----------+----------
        11         | aspect | EMP  | -1       | gold
        12         | aspect | EMP  | -1       | gold
        13         | aspect | EMP  | 1        | gold
        21         | aspect | EMP  | -1       | gold
        22         | aspect | EMP  | 1        | gold
        11         | aspect | CLA  |          | gold
        21         | aspect | CLA  | 1        | gold
        11         | aspect | none |          | gold
        21         | aspect | CNT  |          | gold
        """,
    )
    expect(reviewer_agreement(given), "code | n_pairs | n_sided | same\n---\n | 1 | 0 | 0.0\nEMP | 1 | 0 | 0.0")
    assert row(given)["opposed"] is None


def test_only_reviews_count_and_layers_by_key():
    given = judged([{"EMP": "-+", "CLA": "++"}])
    kinds = pl.Enum(["review", "meta_review", "rebuttal", "comment"])
    rebuttal = pl.when(pl.col("review_id") == 1).then(pl.lit("rebuttal")).otherwise(pl.lit("review")).cast(kinds)
    assert reviewer_agreement(given._replace(reviews=given.reviews.with_columns(kind=rebuttal))).collect().is_empty()
    assert reviewer_agreement(given, layer="section").collect().is_empty()
    expect(reviewer_agreement(given, layer="common"), "code | n_pairs\n---\n | 2\nclarity | 1\nsoundness | 1")


def test_one_class_one_paper_and_nothing():
    alike = row(judged([{"EMP": "--"}, {"EMP": "---"}]))
    assert (alike["same"], alike["alpha"], alike["low"], alike["nominal"]) == (1, None, None, None)
    one = row(judged([{"EMP": "-+", "CLA": "++"}]))
    assert (one["low"], one["high"], one["thin"]) == (None, None, True)
    assert one["alpha"] is not None
    for nothing in (frames(), judged([{"EMP": "-"}, {"EMP": "+"}])):
        assert reviewer_agreement(nothing).collect().is_empty()


def test_shuffled_twice_over_and_turned_round():
    papers = at_random(1)
    given = judged(papers)
    assert reviewer_agreement(given).collect().equals(reviewer_agreement(shuffled(given)).collect())
    once, twice = row(given), row(judged(papers + papers))
    n = counts(papers, ("EMP", "CLA"))
    n = int(n[n.sum(axis=1) > 1].sum())
    assert 1 - twice["nominal"] == pytest.approx((1 - once["nominal"]) * (2 * n - 1) / (2 * n - 2))
    turned = row(given._replace(labels=given.labels.with_columns(-pl.col("polarity"))))
    for name in ("alpha", "nominal", "opposed", "same"):
        assert turned[name] == pytest.approx(once[name])
