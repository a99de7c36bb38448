"""Corrected trends: measures by hand, as the trend where people label alone, in worlds whose truth is known."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from drawn import corpus
from guessed import World, models, world
from spec import expect, frames, shuffled

from queries.adjusted_measures import CORRECTABLE
from queries.adjusted_shares import adjusted_shares
from queries.adjusted_trend import adjusted_trend
from queries.trend import trend

#: tpr 240/400 = .6 and fpr 30/600 = .05; of -1 150/200 = .75 and 40/800 = .05; of 1 90/200 = .45 and 60/800 = .075.
#: People gave EMP a polarity on 360 of 400 segments.
MEASURED = models("""
    code | polarity | n_segments | n_gold | n_model | n_both
    -----+----------+------------+--------+---------+-------
    EMP  |          | 1000       | 400    | 270     | 240
    EMP  | -1       | 1000       | 160    | 162     | 120
    EMP  | 1        | 1000       | 200    | 150     | 90
""")
LABELS = """
    segment_id | layer  | code | polarity | annotator
    -----------+--------+------+----------+-----------
    10         | aspect | EMP  | -1       | model:en@1
    11         | aspect | EMP  | 1        | model:en@1
    12         | aspect | CLA  | 1        | model:en@1
    20         | aspect | EMP  | 1        | gold
    20         | aspect | EMP  | 0        | gold
    21         | aspect | none |          | gold
    22         | aspect | EMP  | -1       | model:en@1
"""
GIVEN = frames(
    papers="paper_id | year\n---\n1 | 2019\n2 | 2020",
    reviews="review_id | paper_id\n---\n1 | 1\n2 | 2",
    segments="segment_id | review_id\n---\n" + "\n".join(f"{r}{i} | {r}" for r in (1, 2) for i in range(5)),
    labels=LABELS,
)._replace(models=MEASURED)

# EMP of 2019: (2/5 - .05) / .55 = .63636 of 5: 3.1818, of which 360/400 have a polarity: 2.8636
# negative: tpr 120/160 = .75, fpr 42/840 = .05: (1/5 - .05) / .7 = .21429 of 5: 1.0714; / 2.8636 = .37415
# positive: (1/5 - .075) / .375 = .33333 of 5: 1.6667; / 2.8636 = .58201; net .58201 - .37415 = .20786
# 2020: EMP (1/3 - .05) / .55 = .51515 of 3: 1.5455, judged 1.3909, with people's 2 (1 and 0): 3.3909
# negative (1/3 - .05) / .7 = .40476 of 3: 1.2143; / 3.3909 = .35810. positive: none of 3, people's 1: .29491
# net (1 - 1.2143) / 3.3909 = -.06320. Sentences: people's 1 and 1.5455 of 5: .50909; CLA and none were not measured
WANTED = {
    "negative": "2019 | EMP | 2 | 1 | 2 | 0.5 | 0.37415\n2020 | EMP | 2 | 1 | 3 | 0.33333 | 0.35810",
    "positive": "2019 | EMP | 2 | 1 | 2 | 0.5 | 0.58201\n2020 | EMP | 2 | 1 | 3 | 0.33333 | 0.29491",
    "net": "2019 | EMP | 2 | 0 | 2 | 0 | 0.20786\n2020 | EMP | 2 | 0 | 3 | 0 | -0.06320",
    "sentence": "2019 | EMP | 2 | 2 | 5 | 0.4 | 0.63636\n2020 | EMP | 2 | 2 | 5 | 0.4 | 0.50909",
}


@pytest.mark.parametrize("measure", CORRECTABLE)
def test_measures_by_hand(measure):
    found = adjusted_trend(GIVEN, layer="aspect", measure=measure, codes=["EMP"])
    expect(found, f"at | code | n | part | whole | counted | value\n---\n{WANTED[measure]}")


def test_what_cannot_be_corrected_has_a_reason_and_its_count():
    found = adjusted_trend(GIVEN, layer="aspect", measure="sentence")
    expect(
        found.filter(pl.col("code") == "CLA"),
        "at | counted | value | weak | reason\n---\n2019 | 0.2 | | true | unmeasured\n2020 | 0 | | true | unmeasured",
    )


def test_a_share_of_what_may_not_be_there_has_no_value():
    """The model gives EMP as often as it errs, so that corrected counts are nought in most draws."""
    rare = frames(
        papers="paper_id\n---\n" + "\n".join(map(str, range(1, 41))),
        reviews="review_id | paper_id\n---\n" + "\n".join(f"{p} | {p}" for p in range(1, 41)),
        segments="segment_id | review_id\n---\n"
        + "\n".join(f"{10 * p + i} | {p}" for p in range(1, 41) for i in range(10)),
        labels="segment_id | layer | code | polarity | annotator\n---\n"
        + "\n".join(f"{10 * p} | {'aspect' if p < 21 else 'section'} | {'EMP' if p < 21 else 'MET'} | -1 | model:en@1"
                    for p in range(1, 41)),
    )._replace(models=MEASURED)  # fmt: skip
    row = adjusted_trend(rare, layer="aspect", over="corpus", measure="negative").collect().row(0, named=True)
    assert (row["counted"], row["value"], row["low"], row["reason"]) == (1, None, None, "vanishing")


@pytest.mark.parametrize("measure", CORRECTABLE)
def test_where_people_label_alone_it_is_the_trend(measure):
    drawn = corpus(60, seed=4)
    of = {"layer": "aspect", "measure": measure, "split": "venue"}
    columns = ("at", "split", "code", "part", "whole", "n_papers", "value")
    found, wanted = (each(drawn, **of).select(columns).collect() for each in (adjusted_trend, trend))
    assert found.equals(wanted.with_columns(pl.col("n_papers").cast(pl.Int64)))
    ends = ("low", "high")
    found, wanted = (each(drawn, **of).select(ends).collect() for each in (adjusted_trend, trend))
    # papers are the same but for `net` and the shares of polarity, in which those without the code are drawn as well
    assert (found - wanted).select(pl.max_horizontal(pl.all().abs().max())).item() < (0.3 if measure == "net" else 0.15)


def test_shares_of_sentences_are_the_adjusted_ones():
    given = world(World(0.2), 3, n_papers=(40, 30))
    row = adjusted_trend(given, layer="aspect", over="decision").collect()
    same = adjusted_shares(given, layer="aspect", by=["decision"], polarities=False, codes=["EMP"])
    same = same.filter(pl.col("code").is_not_null()).collect()
    columns = ["value", "low", "high", "counted", "counted_low", "counted_high", "n_papers"]
    assert row.select(columns).rows() == same.select(columns).rows()


def test_negative_shares_of_known_worlds_lie_in_their_bands():
    """Of the sentences with EMP 60 % are negative; the model finds negative ones better than positive ones."""
    hits = []
    for seed in range(40):
        random = np.random.default_rng(seed)
        n_papers, per = 50, 12
        paper = np.repeat(np.arange(1, n_papers + 1), per)
        truth = random.choice([None, -1, 1], len(paper), p=[0.7, 0.18, 0.12])
        held = random.choice([None, -1, 1], 2_000, p=[0.7, 0.15, 0.15])
        said, told = (_guess(random, each) for each in (truth, held))
        rows = [
            ("EMP", sign, len(held), *(int(np.sum(each)) for each in _table(held, told, sign)))
            for sign in (None, -1, 1)
        ]
        text = "code | polarity | n_segments | n_gold | n_model | n_both\n---\n" + "\n".join(
            " | ".join("" if cell is None else str(cell) for cell in row) for row in rows
        )
        on = [at for at, each in enumerate(said) if each is not None]
        labels = [f"{at + 1} | aspect | EMP | {said[at]} | model:en@1" for at in on]
        labels += [f"{at + 1} | section | MET | | model:en@1" for at in range(0, len(paper), per)]
        given = frames(
            papers="paper_id\n---\n" + "\n".join(map(str, range(1, n_papers + 1))),
            reviews="review_id | paper_id\n---\n" + "\n".join(f"{p} | {p}" for p in range(1, n_papers + 1)),
            segments="segment_id | review_id\n---\n" + "\n".join(f"{at + 1} | {p}" for at, p in enumerate(paper)),
            labels="segment_id | layer | code | polarity | annotator\n---\n" + "\n".join(labels),
        )._replace(models=models(text))
        of = {"layer": "aspect", "over": "corpus", "measure": "negative", "resamples": 300}
        row = adjusted_trend(given, **of).collect().row(0, named=True)
        hits.append((row["low"] <= 0.6 <= row["high"], row["counted_low"] <= 0.6 <= row["counted_high"]))
    corrected, counted = np.mean(hits, axis=0)
    assert corrected >= 0.9
    assert counted < 0.5


def _guess(random, truth) -> list:
    """What the model says: it finds 80 % of negative, 50 % of positive sentences; 10 % of others seem bad to it."""
    found = []
    for each in truth:
        p = {None: (0.1, 0.02), -1: (0.8, 0.02), 1: (0.05, 0.5)}[each]
        found.append(random.choice([-1, 1, None], p=[*p, 1 - sum(p)]))
    return found


def _table(gold, model, sign):
    own = [np.array([each is not None if sign is None else each == sign for each in side]) for side in (gold, model)]
    return own[0], own[1], own[0] & own[1]


def test_the_order_of_rows_is_of_no_matter_and_no_labels_are_no_rows():
    of = {"layer": "aspect", "measure": "negative", "resamples": 50}
    assert adjusted_trend(GIVEN, **of).collect().equals(adjusted_trend(shuffled(GIVEN), **of).collect())
    for measure in CORRECTABLE:
        assert adjusted_trend(frames(), layer="aspect", measure=measure).collect().is_empty()


def test_many_groups_are_drawn_in_parts_with_the_same_draws(monkeypatch):
    given = world(World(0.2), 3, n_papers=(40, 30, 20))
    whole = adjusted_trend(given, layer="aspect", over="decision", resamples=100).collect()
    monkeypatch.setattr("queries.correction._AT_ONCE", 1)
    assert adjusted_trend(given, layer="aspect", over="decision", resamples=100).collect().equals(whole)


@pytest.mark.parametrize("measure", ["share", "mention", "mean"])
def test_a_measure_that_cannot_be_corrected_is_told(measure):
    with pytest.raises(ValueError, match="cannot be corrected: use one of negative"):
        adjusted_trend(GIVEN, layer="aspect", measure=measure)
    with pytest.raises(ValueError, match="places no paper"):
        adjusted_trend(GIVEN, layer="aspect", over="moon")
