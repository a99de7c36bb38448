"""Adjusted measures: the measures of queries.measures that can be corrected for a model, from corrected counts.

sentence             corrected answers with the code, of all answers
negative, positive   corrected answers with the code and that polarity, over those with the code and any polarity; of a
                     model's answers with the code as many have one as had of people's on the held-out papers
net                  the difference of the two, from -1 to 1

Shares of labels and of reviews are not corrected: how many labels a sentence would have had, or which reviews would
have a code at all, does not follow from rates per sentence. The two counts of a ratio are corrected by rates that are
drawn apart, although they were measured on the same sentences and so err alike: its interval is rather too wide for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from queries.correction import JUDGED, Corrected, What, ratio, vanishing
from queries.measures import Measure

CORRECTABLE: tuple[Measure, ...] = ("negative", "positive", "net", "sentence")
_SIGNS: dict[Measure, tuple[int, ...]] = {"negative": (-1,), "positive": (1,), "net": (-1, 1), "sentence": ()}


class Values(NamedTuple):
    """A measure of groups × codes; of what is `drawn`, draws × groups × codes. nan where there is none.

    part, whole   what it divides, as counted
    counted       as counted; value: corrected; loose: the same, not cut to what a share can be
    reasons       why value is nan, "" where it is not: see queries.correction.REASONS
    """

    part: np.ndarray
    whole: np.ndarray
    labels: np.ndarray
    counted: np.ndarray
    value: np.ndarray
    loose: np.ndarray
    drawn_counted: np.ndarray
    drawn_value: np.ndarray
    drawn_loose: np.ndarray
    reasons: np.ndarray
    best_f1: np.ndarray
    weak: np.ndarray

    def uncorrected(self) -> Values:
        """The same as counted."""
        drawn, nothing = self.drawn_counted, np.full_like(self.reasons, "")
        return self._replace(
            value=self.counted, loose=self.counted, drawn_value=drawn, drawn_loose=drawn, reasons=nothing
        )


def needed(measure: Measure, codes: Sequence[str]) -> list[What]:
    """What has to be counted for a measure of these codes. Raises ValueError for one that cannot be corrected."""
    if measure not in CORRECTABLE:
        raise ValueError(f"“{measure}” cannot be corrected: use one of {', '.join(CORRECTABLE)}.")
    signs = [*_SIGNS[measure], *([JUDGED] if _SIGNS[measure] else [])]
    return [(code, sign) for code in codes for sign in (None, *signs)]


def values(measure: Measure, found: Corrected, codes: Sequence[str]) -> Values:
    """The measure of each code, from counts of what it needs in the order of `needed`."""
    whats = needed(measure, codes)
    at = {sign: np.array([whats.index((code, sign)) for code in codes], dtype=int) for _, sign in whats}
    ends = (-1.0, 1.0) if measure == "net" else (0.0, 1.0)

    def divided(counts: np.ndarray, answered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if measure == "sentence":
            return counts[..., at[None]], np.broadcast_to(answered[..., None], counts[..., at[None]].shape)
        parts = [counts[..., at[sign]] * (-1 if measure == "net" and sign < 0 else 1) for sign in _SIGNS[measure]]
        return sum(parts[1:], parts[0]), counts[..., at[JUDGED]]

    made = {}
    for way, amounts in (("", found.seen), ("drawn_", found.drawn)):
        part, whole = divided(amounts.counted, amounts.answered)
        made[f"{way}part"], made[f"{way}whole"], made[f"{way}counted"] = part, whole, ratio(part, whole, ends)
        made[f"{way}value"] = ratio(*divided(amounts.corrected, amounts.answered), ends)
        made[f"{way}loose"] = ratio(*divided(amounts.loose, amounts.answered), None)
    reasons = _reasons(found, at)
    empty = (reasons == "") & vanishing(made["drawn_value"]) & ~vanishing(made["drawn_counted"])
    reasons = np.where(empty, "vanishing", reasons)
    there = reasons == ""
    for name in ("value", "loose"):
        made[name] = np.where(there, made[name], np.nan)
        made[f"drawn_{name}"] = np.where(there, made[f"drawn_{name}"], np.nan)
    kept = {name: each for name, each in made.items() if name in Values._fields}
    f1, weak = found.best_f1[:, at[None]], found.weak[:, at[None]]
    return Values(**kept, labels=found.seen.counted[:, at[None]], reasons=reasons, best_f1=f1, weak=weak)


def _reasons(found: Corrected, at: dict[int | None, np.ndarray]) -> np.ndarray:
    """What is amiss with any of the counts that a measure needs, the first of them."""
    reasons = found.reasons[:, at[None]] if set(at) == {None} else np.full_like(found.reasons[:, at[None]], "")
    for sign, places in at.items():
        if sign is not None:
            reasons = np.where(reasons == "", found.reasons[:, places], reasons)
    return reasons


def papers(given: pl.DataFrame, measure: Measure, codes: Sequence[str], n_groups: int) -> np.ndarray:
    """The papers that each value is made of, groups × codes: those with answers, or with a polarity for the code."""
    found = np.zeros((n_groups, len(codes)), dtype=int)
    if measure == "sentence":
        answered = given.filter(pl.col("answered") > 0).group_by("_group").agg(pl.col("paper_id").n_unique())
        for group, n in answered.rows():
            found[group] = n
        return found
    judged = given.filter(pl.col("code").is_not_null() & pl.col("polarity").is_not_null())
    place = {code: at for at, code in enumerate(codes)}
    for group, code, n in judged.group_by("_group", "code").agg(pl.col("paper_id").n_unique()).rows():
        if code in place:
            found[group, place[code]] = n
    return found
