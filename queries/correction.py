"""Correction: how many labels people would have given, from a model's counts, with all that is uncertain in it.

Adjusted counting (Forman 2008, https://doi.org/10.1007/s10618-008-0097-y; of medical tests Rogan & Gladen 1978,
https://doi.org/10.1093/oxfordjournals.aje.a112510). A model that gives a code on the share q of n segments would, if
people give it on the share s, do so on s tpr + (1 - s) fpr of them; so s = (q - fpr) / (tpr - fpr), cut to 0 to 1, and
people would have given it n s times. What people counted themselves is added as it is.

Papers are drawn again (queries.resampling), and with each draw of papers one of the rates (queries.confusion_rates):
the interval joins both. All that is taken from one call shares its draws. Assumed is that the model errs here as it did
on the held-out papers.

Where a model fills gaps only, up to a tenth of a group's answers, and cannot be corrected or does not know the code,
that is no reason to give up what people said: its answers are then taken to hold the code as often as theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy import sparse

from queries.confusion_rates import Rates, rates
from queries.intervals import LEVEL
from queries.resampling import RESAMPLES, bounds, sums
from queries.weak_codes import LEAST_F1

#: What is counted: a code (null: any) with a polarity (null: whatever it is), or JUDGED: with any polarity at all.
What = tuple[str | None, int | None]
JUDGED = 2
REASONS = ("unmeasured", "indistinct", "vanishing")
#: Of all answers of a group, up to this share a model fills gaps between people's.
GAPS = 0.1
#: Numbers that are drawn at a time.
_AT_ONCE = 6_000_000
#: A ratio of which more draws than this have nothing below the line has no interval worth the name.
_MOST_EMPTY = 0.05


class Amounts(NamedTuple):
    """Counts of groups × what is counted, or of draws × groups × what is counted; `answered` without the last.

    counted   as they are
    corrected as people would have given them; nan where that cannot be told
    loose     the same, not cut to 0 to 1: what a test needs
    """

    counted: np.ndarray
    corrected: np.ndarray
    loose: np.ndarray
    answered: np.ndarray


class Corrected(NamedTuple):
    """What was counted and what is drawn of it; `by_model` are the answers of models, by group.

    reasons   groups × what is counted: why it cannot be corrected, "" where it can
    best_f1   likewise: the least of the models that answered more than gaps there, nan for unknown; inf without any
    weak      likewise: whether such a model has an F1 under LEAST_F1, or an unknown one, for the code
    """

    groups: slice
    seen: Amounts
    drawn: Amounts
    by_model: np.ndarray
    reasons: np.ndarray
    best_f1: np.ndarray
    weak: np.ndarray


def corrected(
    rows: pl.DataFrame, measured: pl.DataFrame, whats: Sequence[What], *, n_groups: int, resamples: int = RESAMPLES,
    level: float = LEVEL, seed: int = 1, together: bool = False,
) -> list[Corrected]:  # fmt: skip
    """The counts of each group and of each of `whats`, for some groups at a time, all from the same draws of papers.

    rows      those of queries.answers, with `_group`, a number from 0; a paper may be in several groups
    measured  those of queries.confusion_rates
    together  all groups at a time, for what is taken between them
    """
    known = {tuple(row[name] for name in ("source", "code", "polarity")): row for row in measured.to_dicts()}
    models = sorted(set(rows["source"].drop_nulls()))
    f1 = {key[:2]: row["best_f1"] for key, row in known.items() if key[2] is None}
    of = {
        (model, what): rates(
            known.get((model, *what)), key=f"{model}|{what[0]}|{what[1]}", level=level, resamples=resamples, seed=seed
        )
        for model in models
        for what in dict.fromkeys(_measured_as(each) for each in whats)
    }
    ids, place = np.unique(rows["paper_id"].to_numpy(), return_inverse=True)
    placed = _placed(rows.with_columns(_paper=place), whats)
    width = (len(models) + 1) * (len(whats) + 1)
    step = max(1, n_groups if together else _AT_ONCE // (resamples * width))
    return [
        _some(placed, models, whats, of, (slice(at, min(at + step, n_groups)), len(ids), resamples, seed), f1)
        for at in range(0, n_groups, step)
    ]


def _measured_as(what: What) -> What:
    """The row of queries.confusion_rates by which it is corrected: labels with any polarity by those of the code."""
    return (what[0], None) if what[1] == JUDGED else what


def _placed(rows: pl.DataFrame, whats: Sequence[What]) -> pl.DataFrame:
    """The rows with their place among `whats` as `_what`, and where they are judged as `_judged`, null for none."""
    known = pl.DataFrame(list(whats), schema={"code": pl.String, "polarity": pl.Int8}, orient="row")
    known = known.with_columns(pl.col("code").cast(rows.schema["code"])).with_row_index("_what")
    judged = known.filter(pl.col("polarity") == JUDGED).select("code", pl.col("_what").alias("_judged"))
    once = rows.join(known, on=["code", "polarity"], how="left", nulls_equal=True, maintain_order="left")
    both = once.join(judged, on="code", how="left", maintain_order="left")
    return both.with_columns(pl.when(pl.col("polarity").is_not_null()).then(pl.col("_judged")).alias("_judged"))


def _some(
    placed: pl.DataFrame, models: Sequence[str], whats: Sequence[What], of: Mapping[tuple[str, What], Rates],
    size: tuple[slice, int, int, int], f1: Mapping[tuple[str, str | None], float | None],
) -> Corrected:  # fmt: skip
    groups, n_papers, resamples, seed = size
    shape = (groups.stop - groups.start, len(models) + 1, len(whats) + 1)
    own = placed.filter(pl.col("_group").is_between(groups.start, groups.stop - 1))
    order = {model: at + 1 for at, model in enumerate(models)}
    source = np.array([order.get(each, 0) for each in own["source"]], dtype=int)
    start = ((own["_group"].to_numpy() - groups.start) * shape[1] + source) * shape[2]
    paper = own["_paper"].to_numpy()
    amounts, at, by = [own["answered"].to_numpy()], [start + len(whats)], [paper]
    for name in ("_what", "_judged"):
        there = own[name].is_not_null().to_numpy()
        amounts.append(own["n"].to_numpy()[there])
        at.append(start[there] + own[name].drop_nulls().to_numpy())
        by.append(paper[there])
    flat = np.concatenate([np.asarray(each, dtype=float) for each in amounts])
    matrix = sparse.csr_array((flat, (np.concatenate(by), np.concatenate(at))), shape=(n_papers, int(np.prod(shape))))
    seen = np.asarray(matrix.sum(axis=0)).reshape(shape)
    drawn = sums(matrix, resamples=resamples, seed=seed).reshape(resamples, *shape)
    found = [[of[model, _measured_as(what)] for what in whats] for model in models]
    weak = np.array([[_is_weak(f1.get((model, what[0]))) for what in whats] for model in models], dtype=bool)
    more, gaps = _more(seen[..., -1])
    reasons = _reasons(found, more, len(whats))
    bad = np.array([[bool(each.reason) for each in row] for row in found], dtype=bool) | weak
    as_people = gaps[..., None] & bad.reshape(len(models), len(whats))
    points, draws = (
        [np.array([[getattr(each, f"{way}{name}") for each in row] for row in found]) for name in ("tpr", "fpr")]
        for way in ("", "drawn_")
    )
    judged = np.array([[r.judged if what[1] == JUDGED else 1.0 for r, what in zip(row, whats, strict=True)]
                       for row in found])  # fmt: skip
    of_draws = [np.moveaxis(each, -1, 0)[:, None] if models else each for each in draws]
    return Corrected(
        groups,
        _amounts(seen, points[0], points[1], judged, _sources(whats), reasons, as_people),
        _amounts(drawn, of_draws[0], of_draws[1], judged, _sources(whats), reasons, as_people),
        seen[:, 1:, -1].sum(axis=1),
        reasons,
        _least_f1(found, more, len(whats)),
        (more[..., None] & weak.reshape(len(models), len(whats))).any(axis=1),
    )


def _is_weak(f1: float | None) -> bool:
    return f1 is None or f1 < LEAST_F1


def _more(answered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of answers by group and source, whether each model has more than gaps, and whether it has gaps only."""
    own, every = answered[:, 1:], answered.sum(axis=1, keepdims=True)
    few = (own <= GAPS * every) & (answered[:, :1] > 0)
    return (own > 0) & ~few, (own > 0) & few


def _sources(whats: Sequence[What]) -> list[int]:
    """For each of `whats` the place of that whose counts are corrected: of JUDGED that of the code."""
    return [list(whats).index(_measured_as(what)) for what in whats]


def _amounts(
    given: np.ndarray,
    tpr: np.ndarray,
    fpr: np.ndarray,
    judged: np.ndarray,
    of: list[int],
    reasons: np.ndarray,
    as_people: np.ndarray,
) -> Amounts:
    """Counts and corrected counts of … × groups × sources × (what is counted, then answers).

    as_people   groups × models × what is counted: where a model's answers hold it as often as people's
    """
    counts, n = given[..., :-1], given[..., -1:]
    total, answered = counts.sum(axis=-2), n[..., 0].sum(axis=-1)
    if counts.shape[-2] == 1:
        return Amounts(total, total, total, answered)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = counts[..., 1:, of] / n[..., 1:, :]
        loose = (share - fpr) / np.maximum(tpr - fpr, 1e-3)
        theirs = counts[..., :1, :] / n[..., :1, :]
        by_models = [
            np.where(n[..., 1:, :] > 0, n[..., 1:, :] * np.where(as_people, theirs, each * judged), 0).sum(axis=-2)
            for each in (np.clip(loose, 0, 1), loose)
        ]
    cut, uncut = (np.where(reasons == "", counts[..., 0, :] + each, np.nan) for each in by_models)
    return Amounts(total, cut, uncut, answered)


def _reasons(found: list[list[Rates]], more: np.ndarray, n: int) -> np.ndarray:
    """Why the counts of a group cannot be corrected: what is amiss with a model that answered more than gaps."""
    reasons = np.full((len(more), n), "", dtype="<U12")
    for model, row in enumerate(found):
        for at, each in enumerate(row):
            if each.reason:
                reasons[more[:, model] & (reasons[:, at] != REASONS[0]), at] = each.reason
    return reasons


def _least_f1(found: list[list[Rates]], more: np.ndarray, n: int) -> np.ndarray:
    least = np.full((len(more), n), np.inf)
    for model, row in enumerate(found):
        own = np.array([np.nan if each.best_f1 is None else each.best_f1 for each in row])
        least = np.where(more[:, model, None], np.minimum(least, own), least)
    return least


def ratio(parts: np.ndarray, wholes: np.ndarray, ends: tuple[float, float] | None = (0.0, 1.0)) -> np.ndarray:
    """parts / wholes, cut to `ends` (null: not cut); nan where the whole is not above 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(wholes > 0, parts / wholes, np.nan)
    return found if ends is None else np.clip(found, *ends)


def interval(drawn: np.ndarray, several: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Percentile bounds of draws × groups × what is counted; nan where there are not `several` papers."""
    ends = bounds(drawn.reshape(len(drawn), -1), level)
    low, high = (np.where(several, end.reshape(drawn.shape[1:]), np.nan) for end in ends)
    return low, high


def nulled(values: np.ndarray) -> pl.Series:
    """The numbers in one row, null where they are nan or infinite."""
    flat = np.asarray(values, dtype=float).ravel()
    return pl.Series(np.where(np.isfinite(flat), flat, np.nan), dtype=pl.Float64).fill_nan(None)


def vanishing(drawn: np.ndarray) -> np.ndarray:
    """Whether more than a twentieth of the draws have nothing below the line."""
    return np.isnan(drawn).mean(axis=0) > _MOST_EMPTY
