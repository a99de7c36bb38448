"""How good a labeller is: what it said about sentences that people labelled and that it had not seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from corpus.labeller.guesses import guesses
from corpus.labeller.linear import CODES, POLARITY, Head
from corpus.labeller.policy import PRECISIONS, Policy, decide

BINS = 10
UNIT = ("layer", "code", "polarity")


class Checked(NamedTuple):
    """Guesses on sentences that people labelled.

    sentences     segment_id, paper, kind: one row a sentence, in the order of the rows of the others
    answers       segment_id, layer, code, polarity: what people said by the labeller's scheme
    raw           probabilities as the model gives them, sentences × outputs
    gold, known   the answers and whether each is known, likewise
    """

    sentences: pl.DataFrame
    answers: pl.DataFrame
    raw: np.ndarray
    gold: np.ndarray
    known: np.ndarray


def labels(
    sentences: pl.DataFrame, found: np.ndarray, heads: Sequence[Head], policy: Policy, precision: float | None
) -> pl.DataFrame:
    """The labels that a labeller gives: segment_id, scheme, layer, code, polarity, confidence.

    sentences   segment_id and kind (of the review), a row for each row of `found`, which is calibrated
    """
    ids, kinds = sentences["segment_id"].to_numpy(), sentences["kind"].to_list()
    given = decide(found, heads, policy, precision)
    rows = [
        (int(ids[at]), head.scheme, head.layer, code, polarity, min(confidence, 1.0))
        for at, head, code, polarity, confidence in guesses(found, given, heads, kinds)
    ]
    types = {"segment_id": pl.UInt32, "scheme": pl.String, "layer": pl.String, "code": pl.String}
    return pl.DataFrame(rows, types | {"polarity": pl.Int8, "confidence": pl.Float32}, orient="row")


def figures(checked: Checked, heads: Sequence[Head], policy: Policy) -> dict[str, Any]:
    """`layers`, `codes`, `calibration` and `coverage` of a report; see docs/labeller.md for what each column says."""
    found = policy.calibrated(checked.raw)
    best = labels(checked.sentences, found, heads, policy, None)
    codes = confusion(checked, best, heads)
    own = [head for head in heads if head.scheme == heads[0].scheme]
    return {
        "layers": [_layer(head, own, codes, checked, found, best, policy) for head in own if head.what == CODES],
        "codes": _with_thresholds(codes, own, policy).to_dicts(),
        "calibration": [row for head in own if head.what == CODES for row in _reliability(head, checked, found)],
        "coverage": [row for head in own if head.what == CODES for row in _coverage(head, checked, found, own, policy)],
    }


def asked(checked: Checked, heads: Sequence[Head]) -> pl.DataFrame:
    """segment_id, layer: the sentences about which people answered a layer that the labeller knows."""
    kinds = pl.DataFrame(
        [(head.layer, kind) for head in heads if head.what == CODES for kind in head.kinds],
        {"layer": pl.String, "kind": pl.String},
        orient="row",
    )
    here = checked.sentences.select("segment_id", "kind")
    told = checked.answers.select("segment_id", "layer").unique()
    return told.join(here, on="segment_id").join(kinds, on=["layer", "kind"], how="semi").drop("kind")


def confusion(checked: Checked, given: pl.DataFrame, heads: Sequence[Head]) -> pl.DataFrame:
    """layer, code, polarity, n_segments, n_gold, n_model, n_both, precision, recall, f1: see the table model_codes."""
    there = asked(checked, [head for head in heads if head.scheme == heads[0].scheme])
    gold, model = (
        _units(each.join(there, on=["segment_id", "layer"], how="semi")) for each in (checked.answers, given)
    )
    both = gold.join(model, on=["segment_id", *UNIT], how="semi", nulls_equal=True)
    counted = (
        pl.concat([each.with_columns(of=pl.lit(of)) for of, each in (("gold", gold), ("model", model), ("both", both))])
        .group_by(UNIT)
        .agg((pl.col("of") == of).sum().cast(pl.UInt32).alias(f"n_{of}") for of in ("gold", "model", "both"))
    )
    sizes = there.group_by("layer").agg(pl.len().cast(pl.UInt32).alias("n_segments"))
    n_both = pl.col("n_both")
    return (
        counted.join(sizes, on="layer")
        .with_columns(
            precision=pl.when(pl.col("n_model") > 0).then(n_both / pl.col("n_model")),
            recall=pl.when(pl.col("n_gold") > 0).then(n_both / pl.col("n_gold")),
            f1=pl.when(pl.col("n_gold") > 0).then(2 * n_both / (pl.col("n_gold") + pl.col("n_model"))),
        )
        .select(*UNIT, "n_segments", "n_gold", "n_model", "n_both", "precision", "recall", "f1")
        .sort(UNIT, nulls_last=True)
    )


def _units(given: pl.DataFrame) -> pl.DataFrame:
    """A row for each thing said of a sentence: a code, a code with a polarity, a polarity, anything but `none`."""
    code, polarity = pl.col("code"), pl.col("polarity").cast(pl.Int8)
    no_code, no_polarity = pl.lit(None, pl.String), pl.lit(None, pl.Int8)
    signed = given.filter(polarity.is_not_null())
    parts = [
        given.select("segment_id", "layer", code, no_polarity.alias("polarity")),
        signed.select("segment_id", "layer", code, polarity),
        signed.select("segment_id", "layer", no_code.alias("code"), polarity),
        given.filter(code != "none").select(
            "segment_id", "layer", no_code.alias("code"), no_polarity.alias("polarity")
        ),
    ]
    return pl.concat(parts).unique()


def _with_thresholds(codes: pl.DataFrame, own: Sequence[Head], policy: Policy) -> pl.DataFrame:
    rows = [
        (head.layer, name, None, float(policy.best[head.start + at]))
        for head in own
        if head.what == CODES and not head.single
        for at, name in enumerate(head.names)
    ]
    types = {"layer": pl.String, "code": pl.String, "polarity": pl.Int8, "threshold": pl.Float64}
    return codes.join(pl.DataFrame(rows, types, orient="row"), on=UNIT, how="left", nulls_equal=True)


def _layer(
    head: Head,
    own: Sequence[Head],
    codes: pl.DataFrame,
    checked: Checked,
    found: np.ndarray,
    best: pl.DataFrame,
    policy: Policy,
) -> dict[str, Any]:
    here = codes.filter(pl.col("layer") == head.layer, pl.col("code").is_not_null(), pl.col("polarity").is_null())
    gold, model, both = here.select(pl.col("n_gold", "n_model", "n_both").sum()).row(0)
    told: dict[str, Any] = {"layer": head.layer, "kinds": list(head.kinds), "n_segments": here["n_segments"].max() or 0}
    told |= {"micro_f1": 2 * both / (gold + model) if gold else None}
    told |= {"macro_f1": here.filter(pl.col("n_gold") > 0)["f1"].mean(), "accuracy": _accuracy(head, checked, best)}
    before, after = (_ece(_bins(*_top(head, checked, each))) for each in (checked.raw, found))
    told |= {"ece_before": before, "ece": after}
    signed = next((each for each in own if each.layer == head.layer and each.what == POLARITY), None)
    return told | (_polarity(signed, checked, found, policy) if signed else {})


def _accuracy(head: Head, checked: Checked, given: pl.DataFrame) -> float | None:
    """Share of sentences whose codes in the layer are exactly those that people gave."""
    there = asked(checked, [head])
    sets = [
        each.filter(pl.col("layer") == head.layer)
        .join(there, on=["segment_id", "layer"], how="semi")
        .group_by("segment_id")
        .agg(pl.col("code").unique().sort().str.join(" ").alias("codes"))
        for each in (checked.answers, given)
    ]
    same = sets[0].join(sets[1], on=["segment_id", "codes"], how="semi")
    return same.height / sets[0].height if sets[0].height else None


def _polarity(head: Head, checked: Checked, found: np.ndarray, policy: Policy) -> dict[str, float | None]:
    """Over the sentences that people gave a polarity in the layer: accuracy, and the mean F1 of the polarities."""
    rows = checked.known[:, head.start] > 0
    if not rows.any():
        return {"polarity_accuracy": None, "polarity_macro_f1": None}
    truth = checked.gold[rows][:, head.outputs].argmax(1)
    said = decide(found[rows], [head], policy, None)[:, head.outputs].argmax(1)
    of = np.unique(truth)
    f1 = [2 * ((said == at) & (truth == at)).sum() / ((said == at).sum() + (truth == at).sum()) for at in of]
    return {"polarity_accuracy": float((said == truth).mean()), "polarity_macro_f1": float(np.mean(f1))}


def _top(head: Head, checked: Checked, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each sentence whose layer was answered the highest probability, and whether that code was given."""
    rows = checked.known[:, head.start] > 0
    p, y = found[rows][:, head.outputs], checked.gold[rows][:, head.outputs]
    at = p.argmax(1)
    return p[np.arange(len(p)), at], y[np.arange(len(p)), at]


def _bins(p: np.ndarray, y: np.ndarray) -> list[tuple[float, float, float, float, int]]:
    """Low and high end, mean confidence, share that is right, n: of the bins of equal width that have any."""
    which = np.minimum((p * BINS).astype(int), BINS - 1)
    return [
        (at / BINS, (at + 1) / BINS, float(p[which == at].mean()), float(y[which == at].mean()), int(n))
        for at, n in enumerate(np.bincount(which, minlength=BINS))
        if n
    ]


def _ece(bins: Sequence[tuple[float, float, float, float, int]]) -> float | None:
    """Expected calibration error of the likeliest code (Guo et al. 2017, https://arxiv.org/abs/1706.04599)."""
    n = sum(each[4] for each in bins)
    return sum(abs(confidence - share) * m for _, _, confidence, share, m in bins) / n if n else None


def _reliability(head: Head, checked: Checked, found: np.ndarray) -> list[dict[str, Any]]:
    names = ("low", "high", "confidence", "share", "n")
    return [{"layer": head.layer, **dict(zip(names, each, strict=True))} for each in _bins(*_top(head, checked, found))]


def _coverage(
    head: Head, checked: Checked, found: np.ndarray, own: Sequence[Head], policy: Policy
) -> list[dict[str, Any]]:
    """For each precision that may be stated: the one reached, and the share of sentences that get a code."""
    there = asked(checked, [head])
    n, rows = there.height, []
    for precision in PRECISIONS:
        given = labels(checked.sentences, found, own, policy, precision)
        here = given.join(there, on=["segment_id", "layer"], how="semi")
        right = here.join(checked.answers, on=["segment_id", "layer", "code"], how="semi").height
        told = {"layer": head.layer, "precision": precision}
        told |= {"achieved": right / here.height if here.height else None}
        rows.append(told | {"share": here["segment_id"].n_unique() / n if n else None, "n": n})
    return rows
