"""Corrected shares: by hand, against scipy and statsmodels, and in worlds whose truth is known."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from drawn import corpus, twice
from guessed import MODEL, World, models, world
from scipy import stats
from spec import expect, frames, shuffled
from statsmodels.stats.proportion import proportion_confint

from queries import confusion_rates
from queries.adjusted_shares import adjusted_shares
from queries.bootstrap import bootstrap
from queries.confusion_rates import rates
from queries.filters import Filters
from queries.measures import measures

#: People answered 20 and 21, of which 20 has EMP; the model was shown the other eight and gave EMP to three of them.
SMALL = frames(
    papers="paper_id | year\n---\n1 | 2019\n2 | 2020",
    reviews="review_id | paper_id\n---\n1 | 1\n2 | 2",
    segments="segment_id | review_id\n---\n" + "\n".join(f"{r}{i} | {r}" for r in (1, 2) for i in range(5)),
    labels="""
        segment_id | layer  | code | polarity | annotator
        -----------+--------+------+----------+-----------
        10         | aspect | EMP  | -1       | model:en@1
        11         | aspect | EMP  | 1        | model:en@1
        12         | aspect | CLA  | 1        | model:en@1
        20         | aspect | EMP  | 1        | gold
        21         | aspect | none |          | gold
        22         | aspect | EMP  | -1       | model:en@1
    """,
)
#: tpr 240/400 = .6 and fpr 30/600 = .05; of -1 150/200 = .75 and 40/800 = .05. CLA is told apart from nothing.
MEASURED = models("""
    code | polarity | n_segments | n_gold | n_model | n_both | best_f1
    -----+----------+------------+--------+---------+--------+--------
    EMP  |          | 1000       | 400    | 270     | 240    | 0.6
    EMP  | -1       | 1000       | 200    | 190     | 150    | 0.3
    EMP  | 1        | 1000       | 200    | 150     | 90     | 0.6
    CLA  |          | 1000       | 100    | 90      | 12     | 0.2
""")
GIVEN = SMALL._replace(models=MEASURED)


class TestByHand:
    def test_people_are_counted_and_the_model_is_corrected(self):
        # EMP: (3/8 - .05) / (.6 - .05) = .59091 of 8, and 1 of people's 2: 5.7273 / 10
        # EMP negative: (2/8 - .05) / (.75 - .05) = .28571 of 8, and none of people's: 2.2857 / 10
        # EMP positive: tpr 90/200 = .45, fpr 60/800 = .075: (1/8 - .075) / .375 = .13333 of 8, and 1: 2.0667 / 10
        expect(
            adjusted_shares(GIVEN, layer="aspect"),
            """
            code | polarity | n | answered | by_model | n_papers | counted | value   | weak  | reason     | thin
            -----+----------+---+----------+----------+----------+---------+---------+-------+------------+-----
            EMP  | -1       | 2 | 10       | 8        | 2        | 0.2     | 0.22857 | false |            | true
            EMP  | 1        | 2 | 10       | 8        | 2        | 0.2     | 0.20667 | false |            | true
            EMP  |          | 4 | 10       | 8        | 2        | 0.4     | 0.57273 | false |            | true
            CLA  | 1        | 1 | 10       | 8        | 2        | 0.1     |         | true  | unmeasured | true
            CLA  |          | 1 | 10       | 8        | 2        | 0.1     |         | true  | indistinct | true
            none |          | 1 | 10       | 8        | 2        | 0.1     |         | true  | unmeasured | true
                 | -1       | 2 | 10       | 8        | 2        | 0.2     |         | true  | unmeasured | true
                 | 1        | 3 | 10       | 8        | 2        | 0.3     |         | true  | unmeasured | true
                 |          | 5 | 10       | 8        | 2        | 0.5     |         | true  | unmeasured | true
            """,
        )

    def test_groups_are_those_of_papers(self):
        # 2019: the model alone, (2/5 - .05) / .55 = .63636; 2020: (1/3 - .05) / .55 = .51515 of 3 and 1: 2.5455 / 5
        found = adjusted_shares(GIVEN, layer="aspect", by=["year"], polarities=False, codes=["EMP"])
        expect(
            found.filter(pl.col("code").is_not_null()),
            "year | n | answered | by_model | n_papers | value | low\n---\n"
            "2019 | 2 | 5 | 5 | 1 | 0.63636 |\n2020 | 2 | 5 | 3 | 1 | 0.50909 |",
        )

    def test_a_share_stays_between_nothing_and_all(self):
        few = GIVEN._replace(labels=GIVEN.labels.filter(pl.col("code") != "EMP"))
        one = GIVEN.labels.filter((pl.col("code") == "EMP") & (pl.col("segment_id") == 20))
        row = found(few._replace(labels=pl.concat([few.labels, one])))
        # the model's 5 sentences of review 1 are left, as it has no label in review 2; it has EMP rarer than it errs
        assert row["value"] == pytest.approx(1 / 7), "people's alone is left"
        many = [f"{r}{i} | aspect | EMP | model:en@1" for r in (1, 2) for i in range(5)]
        text = "segment_id | layer | code | annotator\n---\n" + "\n".join(many)
        reviews = "review_id | paper_id\n---\n1 | 1\n2 | 2"
        segments = "segment_id | review_id\n---\n" + "\n".join(f"{r}{i} | {r}" for r in (1, 2) for i in range(5))
        every = frames("paper_id\n---\n1\n2", reviews, segments, text)._replace(models=MEASURED)
        assert found(every)["value"] == 1


def found(given, code="EMP", **options):
    rows = adjusted_shares(given, layer="aspect", polarities=False, codes=[code], **options)
    return rows.filter(pl.col("code").is_not_null()).collect().row(0, named=True)


ROW = {"n_segments": 200, "n_gold": 80, "n_model": 70, "n_both": 60, "best_f1": 0.7, "judged": None}


class TestOracles:
    def test_the_rates_are_drawn_from_scipys_beta_as_statsmodels_has_jeffreys_interval(self, monkeypatch):
        monkeypatch.setattr(confusion_rates, "DESIGN", 1.0)
        of = rates(ROW, key="x", level=0.95, resamples=50_000, seed=1)
        assert (of.tpr, of.fpr, of.reason) == (60 / 80, 10 / 120, None)
        for drawn, k, n in ((of.drawn_tpr, 60, 80), (of.drawn_fpr, 10, 120)):
            assert stats.kstest(drawn, stats.beta(k + 0.5, n - k + 0.5).cdf).pvalue > 0.001
            wanted = proportion_confint(k, n, method="jeffreys")
            assert np.quantile(drawn, [0.025, 0.975]) == pytest.approx(wanted, abs=0.004)

    def test_segments_of_papers_count_for_less(self):
        """The variance of a rate is about DESIGN times that of as many single segments."""
        of = rates({**ROW, "n_segments": 20_000, "n_gold": 8_000, "n_model": 7_000, "n_both": 6_000}, key="x",
                   level=0.95, resamples=50_000, seed=1)  # fmt: skip
        assert of.drawn_tpr.var() == pytest.approx(1.5 * 0.75 * 0.25 / 8_000, rel=0.03)

    def test_the_same_key_has_the_same_draws_and_another_has_others(self):
        one, same, other = (rates(ROW, key=key, level=0.95, resamples=50, seed=1) for key in ("a", "a", "b"))
        assert (one.drawn_tpr == same.drawn_tpr).all()
        assert not (one.drawn_tpr == other.drawn_tpr).any()

    @pytest.mark.parametrize(
        ("gold", "model", "both", "reason"),
        [(0, 5, 0, "unmeasured"), (200, 50, 50, "unmeasured"), (20, 20, 5, "indistinct"), (80, 30, 25, None)],
    )
    def test_rates_that_cannot_be_inverted_say_why(self, gold, model, both, reason):
        row = {**ROW, "n_gold": gold, "n_model": model, "n_both": both}
        assert rates(row, key="x", level=0.95, resamples=2_000, seed=1).reason == reason

    def test_with_rates_that_are_sure_the_interval_is_that_of_papers_moved(self):
        """(q - fpr) / (tpr - fpr) is linear: so is the interval, which scipy draws for q."""
        given = world(World(0.3), 5)
        sure = models(
            "code | n_segments | n_gold | n_model | n_both\n---\nEMP | 200000000 | 100000000 | 68000000 | 60000000"
        )
        row = found(given._replace(models=sure), resamples=20_000)
        of = given.labels.filter(pl.col("code") == "EMP").group_by("paper_id").len().collect()
        n = dict(of.rows())
        part, whole = np.array([n.get(at, 0) for at in range(1, 61)], float), np.full(60, 12.0)
        drawn = stats.bootstrap(
            (part, whole), lambda a, b, axis: a.sum(axis=axis) / b.sum(axis=axis), paired=True, vectorized=True,
            method="percentile", n_resamples=20_000, rng=np.random.default_rng(2),
        ).confidence_interval  # fmt: skip
        assert row["value"] == pytest.approx((part.sum() / 720 - 0.08) / 0.52)
        wanted = [(end - 0.08) / 0.52 for end in (drawn.low, drawn.high)]
        assert [row["low"], row["high"]] == pytest.approx(wanted, abs=0.06 * (wanted[1] - wanted[0]))

    def test_without_models_it_is_the_plain_share_exactly(self):
        """Against the bootstrap of the measure `sentence`, draw for draw."""
        given = corpus(40, seed=3)
        counts = measures(given, layer="aspect", measure="sentence").join(given.papers, on="paper_id")
        wanted = bootstrap(counts, by=["year", "code"]).collect()
        rows = adjusted_shares(given, layer="aspect", by=["year"], polarities=False).collect()
        rows = rows.filter(pl.col("code").cast(pl.String).is_in(["EMP", "CLA", "NOV"]))
        assert rows.select("year", "code", "value", "low", "high").equals(
            wanted.select("year", "code", "value", "low", "high")
        )
        assert rows["counted_low"].equals(rows["low"].alias("counted_low"))
        assert not rows["weak"].any()
        assert rows["by_model"].sum() == 0


class TestWorlds:
    @pytest.mark.parametrize("share", [0.05, 0.3])
    def test_the_interval_has_the_truth_and_that_of_counts_has_not(self, share):
        """100 worlds each: the model gives EMP to share × .6 + (1 - share) × .08 of the sentences."""
        rows = [found(world(World(share), seed), resamples=300) for seed in range(100)]
        assert all(row["reason"] is None for row in rows)
        corrected = np.mean([row["low"] <= share <= row["high"] for row in rows])
        counted = np.mean([row["counted_low"] <= share <= row["counted_high"] for row in rows])
        assert corrected >= 0.9
        assert counted < 0.8
        middle = np.mean([row["value"] for row in rows])
        assert middle == pytest.approx(share, abs=0.02)

    def test_less_is_sure_the_fewer_segments_were_held_out(self):
        wide, narrow = (
            np.mean([row["high"] - row["low"] for row in (found(world(World(0.2, held_out=n), s)) for s in range(5))])
            for n in (250, 10_000)
        )
        assert wide > 1.3 * narrow

    def test_what_people_labelled_needs_no_correction_and_narrows_the_band(self):
        """Half of the papers' labels as if people had given them: the model's half alone is corrected."""
        given = world(World(0.3), 7)
        person = pl.lit("gold", given.labels.collect_schema()["annotator"])
        half = pl.when(pl.col("paper_id") <= 30).then(person).otherwise("annotator").alias("annotator")
        mixed = given._replace(labels=given.labels.with_columns(half))
        people = found(Filters(whose="people").apply(mixed))
        model = found(Filters(whose="models").apply(mixed))
        both = found(mixed)
        n = people["answered"] + model["answered"]
        assert both["answered"] == n
        wanted = (people["value"] * people["answered"] + model["value"] * model["answered"]) / n
        assert both["value"] == pytest.approx(wanted)

    @pytest.mark.parametrize(("n", "gaps"), [(3, True), (12, False)])
    def test_gaps_are_filled_as_people_answered_where_the_model_does_not_know_the_code(self, n, gaps):
        """Of 60 papers' answers the model has those of a twentieth, and of a fifth, which are no gaps any more."""
        given = corpus(60)
        person = given.labels.collect_schema()["annotator"]
        by = pl.when(pl.col("paper_id") <= n).then(pl.lit(MODEL, person)).otherwise("annotator").alias("annotator")
        both = given._replace(labels=given.labels.with_columns(by))
        row, people = found(both), found(Filters(whose="people").apply(both))
        assert (row["by_model"] <= 0.1 * row["answered"]) == gaps
        if gaps:
            assert (row["reason"], row["weak"]) == (None, False)
            assert row["value"] == pytest.approx(people["value"])
        else:
            assert (row["value"], row["reason"], row["weak"]) == (None, "unmeasured", True)


class TestInvariances:
    def test_the_order_of_rows_is_of_no_matter(self):
        given = world(World(0.2), 1)
        of = {"layer": "aspect", "by": ["decision"], "resamples": 50}
        assert adjusted_shares(given, **of).collect().equals(adjusted_shares(shuffled(given), **of).collect())

    def test_a_corpus_twice_over_has_the_same_values_in_narrower_bands(self):
        given = world(World(0.2), 1)
        double = twice(given)._replace(models=given.models)
        once, again = found(given), found(double)
        assert again["value"] == pytest.approx(once["value"])
        assert again["n_papers"] == 2 * once["n_papers"]
        assert again["high"] - again["low"] < once["high"] - once["low"]
        narrower = (again["counted_high"] - again["counted_low"]) / (once["counted_high"] - once["counted_low"])
        assert narrower == pytest.approx(0.5**0.5, abs=0.08), "but the rates are no surer: the corrected one is wider"

    def test_other_codes_do_not_change_a_code(self):
        alone, among = (adjusted_shares(GIVEN, layer="aspect", codes=codes) for codes in (["EMP"], None))
        kept = pl.col("code") == "EMP"
        assert alone.filter(kept).collect().equals(among.filter(kept).collect())

    def test_nothing_is_nothing(self):
        for by in ([], ["year"]):
            assert adjusted_shares(frames(), layer="aspect", by=by).collect().is_empty()
        bare = GIVEN._replace(labels=GIVEN.labels.head(0))
        assert adjusted_shares(bare, layer="aspect").collect().is_empty()
        unlabelled = adjusted_shares(GIVEN._replace(models=MEASURED.head(0)), layer="aspect", codes=["EMP"]).collect()
        assert set(unlabelled["reason"]) == {"unmeasured"}, "a model without a record"

    def test_a_model_that_was_measured_for_another_layer_is_unmeasured(self):
        row = found(
            GIVEN._replace(models=MEASURED.with_columns(layer=pl.lit("section", MEASURED.collect_schema()["layer"])))
        )
        assert row["reason"] == "unmeasured"
        assert MODEL in set(GIVEN.labels.collect()["annotator"].cast(pl.String))
