"""Adjusted trend: queries.trend where models label, as counted and corrected (queries.adjusted_measures)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from corpus.tables import Frames
from queries.adjusted_measures import Values, needed, papers, values
from queries.adjusted_shares import grouped, parted, with_rates
from queries.answers import answers
from queries.correction import corrected, interval, nulled
from queries.fitting import fitted
from queries.intervals import LEVEL, thin
from queries.measures import Measure, frequent, named
from queries.resampling import RESAMPLES
from queries.trend import Over, placed

_WHOLE = ("n", "part", "whole", "by_model", "n_papers")
_NUMBERS = ("value", "low", "high", "counted", "counted_low", "counted_high", "best_f1")


def adjusted_trend(
    frames: Frames, *, layer: str, over: Over = "year", split: Over | None = None, measure: Measure = "sentence",
    codes: Sequence[str] | None = None, most: int = 6, lines: int = 4, whole: Frames | None = None,
    resamples: int = RESAMPLES, level: float = LEVEL, seed: int = 1,
) -> pl.LazyFrame:  # fmt: skip
    """One row per value of `over`, of `split`, and code; sorted by these, null last, codes in the order of the scheme.

    whole         the frames before any filter, which tell what a model was shown; null: `frames`
    n             answers with the code (queries.answers)
    part, whole   what the measure divides, as counted: see queries.adjusted_measures
    by_model      of all answers in the cell those of models
    value, low, high
                  the measure, corrected where a model answered; null where it cannot be, or nothing is there
    counted, counted_low, counted_high
                  as counted, with an interval of papers drawn again alone
    best_f1, weak, reason
                  as in queries.adjusted_shares, `reason` also `vanishing`: after correction there may be nothing below
                  the line

    The other options and columns are as in queries.trend. A measure of polarity has rows of codes that are in the cell;
    `sentence` has one for every code. Raises ValueError for a measure that cannot be corrected.
    """
    needed(measure, ())
    used = frequent(named(frames, layer))
    if codes is not None:
        used = used.filter(pl.col("code").cast(pl.String).is_in(list(codes)))
    used = used.head(most) if codes is None else used
    cell = ["at", "split"]
    rows = answers(frames, layer=layer, codes=used, polarities=measure != "sentence", any_code=False, whole=whole)
    where = placed(frames, layer=layer, over=over, split=split, lines=lines)

    def fit(frame: pl.DataFrame) -> pl.DataFrame:
        measured, given = parted(frame)
        grid, given = grouped(given, cell)
        own = given["code"].drop_nulls().unique().sort().cast(pl.String).to_list()
        whats = needed(measure, own)
        found = corrected(given, measured, whats, n_groups=grid.height, resamples=resamples, level=level, seed=seed)
        n_papers = papers(given, measure, own, grid.height)
        tables = [
            columns(values(measure, each, own), n_papers[each.groups], level).with_columns(
                _group=np.repeat(np.arange(each.groups.start, each.groups.stop, dtype=np.uint32), len(own)),
                by_model=np.repeat(each.by_model, len(own)).astype(int),
                code=pl.Series(own * len(each.by_model), dtype=pl.String),
            )
            for each in found
        ]
        if not tables or not own:
            return pl.DataFrame(schema=dict.fromkeys((*cell, "code", "reason"), pl.String)).with_columns(
                pl.lit(None).alias(name) for name in (*_WHOLE, *_NUMBERS, "weak")
            )
        return grid.join(pl.concat(tables), on="_group")

    adds = {
        **dict.fromkeys(_WHOLE, pl.Int64),
        **dict.fromkeys(_NUMBERS, pl.Float64),
        "weak": pl.Boolean,
        "reason": pl.String,
    }
    made = fitted(with_rates(rows.join(where, on="paper_id"), frames, layer), fit, keeps=(*cell, "code"), adds=adds)
    there = pl.col("whole" if measure == "sentence" else "n") > 0
    return (
        made.filter(there)
        .with_columns(thin(n="whole").alias("thin"))
        .select(*cell, "code", *_WHOLE, *_NUMBERS, "weak", "reason", "thin")
        .sort(*cell, "code", nulls_last=True)
    )


def columns(found: Values, n_papers: np.ndarray, level: float) -> pl.DataFrame:
    """A measure of groups × codes as rows: groups one after another, in each the codes."""
    several = n_papers > 1
    ends = {
        "counted_": interval(found.drawn_counted, several, level),
        "": interval(found.drawn_value, several, level),
    }
    numbers = {"counted": found.counted, "value": found.value, "best_f1": found.best_f1}
    numbers |= {
        f"{start}{end}": each for start, pair in ends.items() for end, each in zip(("low", "high"), pair, strict=True)
    }
    counts = {"n": found.labels, "part": found.part, "whole": found.whole, "n_papers": n_papers}
    return pl.DataFrame(
        {name: each.ravel().astype(np.int64) for name, each in counts.items()}
        | {name: nulled(each) for name, each in numbers.items()}
        | {"weak": pl.Series(found.weak.ravel(), dtype=pl.Boolean)}
        | {"reason": pl.Series([each or None for each in found.reasons.ravel()], dtype=pl.String)}
    )
