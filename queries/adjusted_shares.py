"""Adjusted shares: on how many of the sentences that people or a model answered each code is, corrected for the model.

Adjusted counting: see queries.correction. Hopkins & King 2010 (https://doi.org/10.1111/j.1540-5907.2009.00428.x) invert
the whole table of confusions, or that of words, which several codes on one sentence do not have and rare codes cannot
fill. Prediction-powered inference (Angelopoulos et al. 2023, https://doi.org/10.1126/science.adi6000) and design-based
supervised learning (Egami et al. 2023, https://arxiv.org/abs/2306.04746) assume nothing of the model, but need
sentences drawn at random from those that are counted, and labelled by people; here are none: what people labelled is
other papers. What can be known of the model is its rates there, and they are what adjusted counting asks for.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from corpus.tables import Frames
from queries.answers import answers
from queries.confusion_rates import confusion_rates
from queries.correction import Corrected, What, corrected, interval, nulled, ratio
from queries.fitting import fitted
from queries.intervals import LEVEL, thin
from queries.resampling import RESAMPLES


def adjusted_shares(
    frames: Frames, *, layer: str, by: Sequence[str] = (), polarities: bool = True, codes: Sequence[str] | None = None,
    whole: Frames | None = None, resamples: int = RESAMPLES, level: float = LEVEL, seed: int = 1,
) -> pl.LazyFrame:  # fmt: skip
    """One row per group, code and polarity that was given; sorted by these, nulls last.

    by            columns of papers that make a group, as they are there; a paper is in one group
    polarities    whether there are rows by polarity
    codes         which; null for all that were given, `none` among them
    whole         the frames before any filter, which tell what a model was shown; null: `frames`
    code          null: any code but `none`, so that the share is that of sentences that name anything; every group
                  with answers has that row
    polarity      null: whatever it is
    n             answers with it (queries.answers)
    answered      answers, the whole of the shares; by_model: those of models, on segments that no person answered
    n_papers      papers with answers
    counted, counted_low, counted_high
                  n / answered, with an interval of papers drawn again
    value, low, high
                  the same after correction of what models counted, with an interval that includes how uncertain
                  their rates are; null where it cannot be corrected. Where no model answered, as counted
    best_f1       the least of the models that answered more than gaps there; null: unknown, or no model did
    weak          whether that of the code is under 0.4, or unknown, of such a model
    reason        why value is null: `unmeasured`, `indistinct` (queries.confusion_rates.Rates); null: it is not
    thin          whether it rests on under 30 papers or 5 answers: see queries.intervals

    Intervals are null with fewer than two papers. Raises KeyError for a layer that no scheme has.
    """
    group = list(by)
    rows = answers(frames, layer=layer, polarities=polarities, whole=whole)
    if codes is not None:
        rows = rows.filter(pl.col("code").is_null() | pl.col("code").cast(pl.String).is_in(list(codes)))
    placed = rows.join(frames.papers.select("paper_id", *group), on="paper_id")

    def fit(frame: pl.DataFrame) -> pl.DataFrame:
        measured, given = parted(frame)
        grid, given = grouped(given, group)
        whats = sorted(set(zip(given["code"].cast(pl.String), given["polarity"], strict=True)), key=_order)
        found = corrected(given, measured, whats, n_groups=grid.height, resamples=resamples, level=level, seed=seed)
        papers = given.filter(pl.col("answered") > 0).group_by("_group").agg(pl.col("paper_id").n_unique().alias("n"))
        n_papers = grid.join(papers, on="_group", how="left", maintain_order="left")["n"].to_numpy()
        table = pl.concat([_rows(each, whats, n_papers, level) for each in found] or [_rows(None, (), n_papers, level)])
        return grid.join(table, on="_group").filter((pl.col("n") > 0) | pl.col("code").is_null())

    whole_numbers = {**dict.fromkeys(("n", "answered", "by_model"), pl.Int64), "n_papers": pl.UInt32}
    floats = dict.fromkeys(("counted", "counted_low", "counted_high", "value", "low", "high", "best_f1"), pl.Float64)
    adds = {**whole_numbers, **floats, "weak": pl.Boolean, "reason": pl.String}
    kept = (*group, "code", "polarity")
    made = fitted(with_rates(placed, frames, layer), fit, keeps=kept, adds=adds)
    there = (pl.col("n") > 0) | (pl.col("polarity").is_null())
    columns = (*kept, *whole_numbers, *floats, "weak", "reason", "thin")
    made = made.filter(there).with_columns(thin(n="answered").alias("thin"))
    return made.select(columns).sort(kept, nulls_last=True)


def with_rates(rows: pl.LazyFrame, frames: Frames, layer: str) -> pl.LazyFrame:
    """Answers, sorted, with the models' rates as rows without a paper: what is fitted is one frame."""
    both = pl.concat([rows, confusion_rates(frames, layer=layer)], how="diagonal")
    return both.sort("paper_id", "source", "code", "polarity", nulls_last=True)


def parted(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rates, and the answers, of a frame of `with_rates`."""
    measured = pl.col("paper_id").is_null()
    return frame.filter(measured), frame.filter(~measured)


def grouped(given: pl.DataFrame, group: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The groups, sorted, with their numbers as `_group`; and the rows with those of theirs."""
    if not group:
        one = pl.DataFrame({"_group": [0] * bool(given.height)}, schema={"_group": pl.UInt32})
        return one, given.with_columns(_group=pl.lit(0, dtype=pl.UInt32))
    grid = given.select(group).unique().sort(group, nulls_last=True).with_row_index("_group")
    return grid, given.join(grid, on=list(group), nulls_equal=True)


def _order(what: What) -> tuple:
    return what[0] is None, what[0] or "", what[1] is None, what[1] or 0


def _rows(found: Corrected | None, whats: Sequence[What], n_papers: np.ndarray, level: float) -> pl.DataFrame:
    """One row per group and what is counted."""
    n = len(whats)
    columns: dict[str, np.ndarray] = dict.fromkeys(("n", "answered", "by_model", "n_papers"), np.zeros(0, dtype=int))
    columns |= dict.fromkeys(("counted", "counted_low", "counted_high", "value", "low", "high", "best_f1"), np.zeros(0))
    groups, reasons, weak = np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=str), np.zeros(0, dtype=bool)
    if found is not None:
        seen, drawn, papers = found.seen, found.drawn, n_papers[found.groups]
        groups, reasons = np.repeat(np.arange(found.groups.start, found.groups.stop, dtype=np.uint32), n), found.reasons
        columns |= {"n": seen.counted, "best_f1": found.best_f1}
        weak = found.weak
        columns |= {"answered": np.repeat(seen.answered, n), "by_model": np.repeat(found.by_model, n)}
        columns |= {"n_papers": np.repeat(papers, n)}
        for name, point, draws in (
            ("counted", seen.counted, drawn.counted),
            ("value", seen.corrected, drawn.corrected),
        ):
            start = "counted_" if name == "counted" else ""
            ends = interval(ratio(draws, drawn.answered[..., None]), papers[:, None] > 1, level)
            columns |= {name: ratio(point, seen.answered[:, None]), f"{start}low": ends[0], f"{start}high": ends[1]}
    whole = {name: columns[name].ravel().astype(np.int64) for name in ("n", "answered", "by_model", "n_papers")}
    floats = {name: nulled(columns[name]) for name in columns if name not in whole}
    codes, polarities = ([what[at] for what in whats] * (len(groups) // max(n, 1)) for at in (0, 1))
    told = {
        "_group": groups,
        "code": codes,
        "polarity": polarities,
        "weak": weak.ravel(),
        "reason": [each or None for each in reasons.ravel()],
    }
    types = {"code": pl.String, "polarity": pl.Int8, "reason": pl.String, "weak": pl.Boolean, "_group": pl.UInt32}
    return pl.DataFrame({**told, **whole, **floats}, schema_overrides=types)
