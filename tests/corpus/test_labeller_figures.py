"""The figures of a report: confusion, F1, accuracy, calibration and coverage, against plain counting and by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest

from corpus.labeller.figures import Checked, confusion, figures, labels
from corpus.labeller.linear import CODES, POLARITY, Head
from corpus.labeller.policy import PRECISIONS, Policy

ASPECT = Head("aspect", CODES, ("NOV", "CLA", "none"), False, 0, "s")
SIGN = Head("aspect", POLARITY, ("NEG", "NEU", "POS", "null"), True, 3, "s")
ACTION = Head("action", CODES, ("ask", "tell"), True, 7, "s", ("comment", "review"))
OTHER = Head("aspect", CODES, ("X", "Y"), True, 9, "other")
HEADS = (ASPECT, SIGN, ACTION, OTHER)
SIGNS = {"NEG": -1, "NEU": 0, "POS": 1, "null": None}


def table(rows: list[tuple], *names: str) -> pl.DataFrame:
    types = {"segment_id": pl.UInt32, "polarity": pl.Int8}
    return pl.DataFrame(rows, {name: types.get(name, pl.String) for name in names}, orient="row")


def answers(*rows: tuple[int, str, str, int | None]) -> pl.DataFrame:
    return table(list(rows), "segment_id", "layer", "code", "polarity")


def sentences(*kinds: str) -> pl.DataFrame:
    rows = [(at, f"paper {at % 3}", kind) for at, kind in enumerate(kinds)]
    return table(rows, "segment_id", "paper", "kind")


def policy(heads=HEADS) -> Policy:
    """Probabilities as they are; a code is given from ½ on or, at a stated precision, from that on."""
    made = Policy.of(None, heads)
    made.precise.update({f"{each:.2f}": np.full(len(made.best), each) for each in PRECISIONS})
    return made


def checked(sentences: pl.DataFrame, told: pl.DataFrame, raw: np.ndarray, heads=HEADS) -> Checked:
    """With the answers as arrays, worked out anew."""
    gold, known = np.zeros(raw.shape, np.float32), np.zeros(raw.shape, np.float32)
    for segment, layer, code, polarity in told.rows():
        at = sentences["segment_id"].to_list().index(segment)
        for head in heads:
            if head.layer == layer and head.scheme == "s":
                name = code if head.what == CODES else next(n for n, v in SIGNS.items() if v == polarity)
                if head.what == CODES or code != "none":
                    known[at, head.outputs] = 1
                    gold[at, head.start + head.names.index(name)] = 1
    return Checked(sentences, told, raw.astype(np.float32), gold, known)


def counted(kinds: list[str], gold: list[tuple], model: list[tuple]) -> dict[tuple, tuple[int, int, int, int]]:
    """layer, code, polarity: n_segments, n_gold, n_model, n_both; plain Python."""
    about = {"aspect": {"review"}, "action": {"review", "comment"}}
    asked = {(layer, at) for at, layer, _, _ in gold if kinds[at] in about[layer]}
    units: dict[str, set[tuple]] = {"gold": set(), "model": set()}
    for name, rows in (("gold", gold), ("model", model)):
        for at, layer, code, polarity in rows:
            if (layer, at) in asked:
                units[name] |= {(at, layer, code, None)} | ({(at, layer, None, None)} if code != "none" else set())
                if polarity is not None:
                    units[name] |= {(at, layer, code, polarity), (at, layer, None, polarity)}
    each = [Counter(unit[1:] for unit in some) for some in (*units.values(), units["gold"] & units["model"])]
    sizes = Counter(layer for layer, _ in asked)
    return {unit: (sizes[unit[0]], *(one[unit] for one in each)) for unit in set().union(*each)}


@pytest.mark.parametrize("seed", range(8))
def test_confusion_is_what_plain_counting_finds(seed):
    random = np.random.default_rng(seed)
    kinds = random.choice(["review", "rebuttal", "comment"], 40, p=[0.7, 0.1, 0.2]).tolist()

    def said(share: float) -> list[tuple]:
        rows = set()
        for at in range(40):
            for layer, codes in (("aspect", ("NOV", "CLA", "none")), ("action", ("ask", "tell"))):
                if random.random() < share:
                    for code in random.choice(codes, int(random.integers(1, 3)), replace=False).tolist():
                        sign = None if layer == "action" or code == "none" else random.choice([-1, 0, 1, None])
                        rows.add((at, layer, code, sign))
        return sorted(rows, key=str)

    gold, model = said(0.7), said(0.8)
    given = answers(*model).with_columns(scheme=pl.lit("s"), confidence=pl.lit(0.5))
    found = confusion(checked(sentences(*kinds), answers(*gold), np.zeros((40, 11))), given, HEADS)
    got = {tuple(row[:3]): tuple(row[3:7]) for row in found.rows()}
    assert got == counted(kinds, gold, model)
    for row in found.iter_rows(named=True):
        n, both = (row["n_gold"], row["n_model"]), row["n_both"]
        assert row["precision"] == (both / n[1] if n[1] else None)
        assert row["recall"] == (both / n[0] if n[0] else None)
        assert row["f1"] == (pytest.approx(2 * both / sum(n)) if n[0] else None)


#: Four sentences of reviews and one of a rebuttal, which the layer is not about.
KINDS = ("review", "review", "review", "review", "rebuttal")
GOLD = [(0, "aspect", "NOV", 1), (0, "aspect", "CLA", -1), (1, "aspect", "CLA", -1), (2, "aspect", "none", None)]
GOLD += [(3, "aspect", "NOV", None), (4, "aspect", "NOV", 1)]
RAW = np.array(
    [  #  NOV  CLA  none  NEG  NEU  POS  null
        [0.9, 0.2, 0.1, 0.1, 0.2, 0.6, 0.1],  # said: NOV-POS; people: NOV-POS, CLA-NEG
        [0.1, 0.8, 0.3, 0.6, 0.2, 0.1, 0.1],  # CLA-NEG, as people
        [0.6, 0.1, 0.3, 0.1, 0.7, 0.1, 0.1],  # NOV-NEU; people: none
        [0.1, 0.1, 0.7, 0.1, 0.1, 0.1, 0.7],  # none; people: NOV without a polarity
        [0.9, 0.1, 0.1, 0.1, 0.1, 0.7, 0.1],
    ]
)


@pytest.fixture
def by_hand() -> dict:
    one = (ASPECT, SIGN)
    return figures(checked(sentences(*KINDS), answers(*GOLD), RAW, one), one, policy(one))


def test_codes_by_hand(by_hand):
    got = {
        (row["code"], row["polarity"]): tuple(row[f"n_{of}"] for of in ("segments", "gold", "model", "both"))
        for row in by_hand["codes"]
    }
    assert got == {
        ("NOV", None): (4, 2, 2, 1),
        ("CLA", None): (4, 2, 1, 1),
        ("none", None): (4, 1, 1, 0),
        (None, None): (4, 3, 3, 2),
        ("NOV", 1): (4, 1, 1, 1),
        ("NOV", 0): (4, 0, 1, 0),
        ("CLA", -1): (4, 2, 1, 1),
        (None, 1): (4, 1, 1, 1),
        (None, 0): (4, 0, 1, 0),
        (None, -1): (4, 2, 1, 1),
    }
    assert {row["threshold"] for row in by_hand["codes"] if row["code"] and row["polarity"] is None} == {0.5}


def test_layers_by_hand(by_hand):
    (layer,) = by_hand["layers"]
    # Codes: 5 by people, 4 by the model, 2 by both; F1 of NOV 2/4, of CLA 2/3, of none 0.
    assert layer["micro_f1"] == pytest.approx(4 / 9)
    assert layer["macro_f1"] == pytest.approx((1 / 2 + 2 / 3) / 3)
    assert layer["accuracy"] == pytest.approx(1 / 4), "of the sets of codes one only is as people have it"
    assert layer["n_segments"] == 4


def test_calibration_error_by_hand():
    # The likeliest code of each: .9, .8, .6 and .7, of which the first two are right; each in a bin of its own:
    # |.9-1| + |.8-1| + |.6-0| + |.7-0|, over 4.
    one = (ASPECT, SIGN)
    told = figures(checked(sentences(*KINDS[:4]), answers(*GOLD[:5]), RAW[:4], one), one, policy(one))
    (layer,) = told["layers"]
    assert layer["ece"] == pytest.approx((0.1 + 0.2 + 0.6 + 0.7) / 4, abs=1e-5)
    assert layer["ece_before"] == pytest.approx(layer["ece"])
    assert [(row["low"], row["n"], row["share"]) for row in told["calibration"]] == [
        *((0.6, 1, 0), (0.7, 1, 0), (0.8, 1, 1), (0.9, 1, 1)),
    ]


def test_calibration_error_weighs_bins_by_their_sentences():
    # .91 (right) and .97 (wrong) share a bin: |.94 - .5|, twice; .55 (right) has one: |.55 - 1|.
    one = (Head("aspect", CODES, ("NOV", "CLA"), False, 0, "s"),)
    raw = np.array([[0.91, 0.1], [0.97, 0.1], [0.2, 0.55]])
    gold = answers((0, "aspect", "NOV", None), (1, "aspect", "CLA", None), (2, "aspect", "CLA", None))
    told = figures(checked(sentences(*KINDS[:3]), gold, raw, one), one, policy(one))
    assert told["layers"][0]["ece"] == pytest.approx((2 * 0.44 + 0.45) / 3, abs=1e-5)
    assert [(row["n"], row["share"]) for row in told["calibration"]] == [(1, 1), (2, 0.5)]


def test_polarity_by_hand():
    one = (ASPECT, SIGN)
    told = figures(checked(sentences(*KINDS[:4]), answers(*GOLD[1:5]), RAW[:4], one), one, policy(one))
    (layer,) = told["layers"]
    # Given by people: NEG (said: POS), NEG (NEG), null (null). F1 of NEG 2/3, of null 1.
    assert layer["polarity_accuracy"] == pytest.approx(2 / 3)
    assert layer["polarity_macro_f1"] == pytest.approx((2 / 3 + 1) / 2)


def test_the_same_figures_whatever_the_order_of_sentences():
    random = np.random.default_rng(0)
    n = 60
    raw = random.random((n, 11))
    gold = [(at, "aspect", str(random.choice(["NOV", "CLA"])), int(random.integers(-1, 2))) for at in range(n)]
    here = checked(sentences(*["review"] * n), answers(*gold), raw)
    order = random.permutation(n)
    there = Checked(
        here.sentences[order],
        here.answers.sample(fraction=1, shuffle=True, seed=1),
        *(each[order] for each in here[2:]),
    )
    one, other = (figures(each, HEADS, policy()) for each in (here, there))
    assert one["codes"] == other["codes"]
    for mine, theirs in zip(one["layers"], other["layers"], strict=True):
        assert mine.pop("kinds") == theirs.pop("kinds")
        assert mine == pytest.approx(theirs)


def test_a_layer_that_nobody_was_asked_about_has_no_figures():
    one = (ASPECT, SIGN)
    told = figures(checked(sentences(*KINDS), answers(), RAW, one), one, policy(one))
    (layer,) = told["layers"]
    assert (layer["n_segments"], told["codes"], told["calibration"]) == (0, [], [])
    assert {layer[key] for key in ("micro_f1", "macro_f1", "accuracy", "ece", "polarity_accuracy")} == {None}


def test_coverage_at_a_stated_precision():
    one = (ASPECT, SIGN)
    told = figures(checked(sentences(*KINDS), answers(*GOLD), RAW, one), one, policy(one))
    rows = {row["precision"]: row for row in told["coverage"]}
    # From .5 on: NOV, CLA, NOV, none are given, two rightly; from .75 on: NOV and CLA; from .9 on, as float32, NOV.
    assert (rows[0.5]["achieved"], rows[0.5]["share"], rows[0.5]["n"]) == (0.5, 1, 4)
    assert (rows[0.75]["achieved"], rows[0.75]["share"]) == (1, 0.5)
    assert (rows[0.95]["achieved"], rows[0.95]["share"]) == (None, 0)


def test_labels_say_what_was_decided_and_how_sure_it_is():
    raw = np.zeros((3, 11), np.float32)
    raw[:, :7] = RAW[[0, 2, 4]]
    raw[:, 7:9] = [[0.3, 0.7], [0.6, 0.4], [0.2, 0.8]]
    raw[:, 9:] = 0.5
    raw = np.vstack([raw, raw[:1]])
    raw[3, :7] = [0.1, 0.1, 0.7, 0.1, 0.1, 0.7, 0.1]  # none, and were it a code it would be positive
    told = labels(sentences("review", "comment", "rebuttal", "review"), raw, HEADS, policy(), None)
    rows = [(*row[:5], round(row[5], 3)) for row in told.rows()]
    # The aspect is about reviews only, the action about comments, too; another scheme's answers are not given.
    assert sorted(rows) == [
        (0, "s", "action", "tell", None, 0.7),
        (0, "s", "aspect", "NOV", 1, round(0.9 * 0.6, 3)),
        (1, "s", "action", "ask", None, 0.6),
        (3, "s", "action", "tell", None, 0.7),
        (3, "s", "aspect", "none", None, 0.7),
    ]
