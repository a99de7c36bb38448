"""Code agreement: how far annotators agree on single codes, one by one: on the segment or not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from corpus.tables import Frames
from queries.fitting import fitted
from queries.intervals import thin
from queries.pairings import pairings
from queries.resampling import bounds, draws

_COUNTS = ("n", "n_both", "n_pairs", "n_papers")
_NUMBERS = ("alpha", "low", "high", "specific")


def code_agreement(
    frames: Frames, *, layer: str, question: str = "code", pair: Sequence[str] | None = None
) -> pl.LazyFrame:
    """One row per corpus and code that anybody gave; sorted by corpus, the most frequent first, then by name.

    layer         the key of the layer, or `common` for the shared aspects
    question      `code`, or `polarity`: one row per polarity then, as -1, 0 and 1
    pair          two annotators by name; null for all people. Models are compared in a pair only
    code          as text
    n             pairs of answers (of two annotators to one segment) of which one or both have the code; with two
                  annotators these are segments
    n_both        pairs of which both have it
    n_pairs       all pairs of answers: see queries.pairings for what is compared
    n_papers      papers with a pair of which one or both have it
    alpha         Krippendorff's alpha of having the code or not; null where all segments have it, or none
    low, high     95 % interval, papers drawn again (queries.bootstrap); null with one paper
    specific      specific agreement, 0 to 1: of an annotator's segments with the code, the share on which another one
                  gives it too (Dice 1945, https://doi.org/10.2307/1932409; Fleiss 1975,
                  https://doi.org/10.2307/2529549). Without a correction for chance
    thin          whether it rests on too little: see queries.intervals; its observations are `n`
    """
    pairs = pairings(frames, layer=layer).filter(pl.col("question") == question)
    if pair:
        told = pl.col("first", "second").cast(pl.String).is_in(list(pair))
        pairs = pairs.filter(pl.all_horizontal(told)).with_columns(pl.col("n").cast(pl.Float64).alias("weight"))
    pairs = pairs.filter(pl.col("weight").is_not_null())
    adds = {**dict.fromkeys(_COUNTS, pl.UInt32), **dict.fromkeys(_NUMBERS, pl.Float64)}
    found = fitted(
        pairs.with_columns(pl.lit(None, dtype=pl.String).alias("code")), _fit, keeps=("corpus", "code"), adds=adds
    )
    return found.with_columns(thin("n_papers", "n").alias("thin")).sort(
        "corpus", "n", "code", descending=[False, True, False]
    )


def _given(pairs: pl.DataFrame) -> pl.DataFrame:
    """By corpus, paper and code, how many pairs have it, and of how many both; null where no pair has a code."""
    sides = ("first_answer", "second_answer")
    has = [pl.col(side).list.contains(pl.col("code")) for side in sides]
    # Every code of a pair once: those of the first, then those that only the second has.
    codes = pairs.with_columns(pl.col(sides[0]).list.set_union(sides[1]).alias("code"))
    given = codes.explode("code", empty_as_null=False).with_columns(pl.all_horizontal(has).alias("both"))
    counted = given.group_by("corpus", "paper_id", "code").agg(
        pl.col("n").sum(),
        pl.col("n").filter("both").sum().alias("n_both"),
        pl.col("weight").sum().alias("either"),
        pl.col("weight").filter("both").sum().alias("alike"),
    )
    whole = pairs.group_by("corpus", "paper_id").agg(pl.col("weight").sum().alias("whole"), n_pairs=pl.col("n").sum())
    return whole.join(counted, on=["corpus", "paper_id"], how="left").sort("corpus", "paper_id", "code")


def _fit(rows: pl.DataFrame) -> pl.DataFrame:
    """The numbers of each corpus and code, from pairings."""
    found = []
    for (corpus,), papers in _given(rows).group_by("corpus", maintain_order=True):
        whole = papers.group_by("paper_id", maintain_order=True).agg(pl.col("whole", "n_pairs").first())
        given = papers.filter(pl.col("code").is_not_null())
        names = given["code"].unique().sort().to_list()
        at = given["paper_id"].replace_strict(whole["paper_id"], range(whole.height), return_dtype=pl.Int64).to_numpy()
        on = given["code"].replace_strict(names, range(len(names)), return_dtype=pl.Int64).to_numpy()
        sums = {}
        for name in ("n", "n_both", "either", "alike"):
            sums[name] = np.zeros((whole.height, len(names)))
            sums[name][at, on] = given[name].to_numpy()
        numbers = _numbers(whole["whole"].to_numpy(), sums["either"], sums["alike"])
        for place, name in enumerate(names):
            found.append(
                {"corpus": corpus, "code": name, "n_pairs": whole["n_pairs"].sum()}
                | {each: int(sums[each][:, place].sum()) for each in ("n", "n_both")}
                | {"n_papers": int((sums["n"][:, place] > 0).sum())}
                | {each: None if np.isnan(values[place]) else float(values[place]) for each, values in numbers.items()}
            )
    if not found:
        return rows.clear().select("corpus", "code", *(pl.lit(None).alias(name) for name in (*_COUNTS, *_NUMBERS)))
    return pl.DataFrame(found, infer_schema_length=None)


def _numbers(whole: np.ndarray, either: np.ndarray, alike: np.ndarray) -> dict[str, np.ndarray]:
    """Alpha with its interval and specific agreement by code; nan where there is none."""
    n_papers, n_codes = either.shape

    def of(drawn: np.ndarray) -> np.ndarray:
        n, n_has = 2 * (drawn.T @ whole)[:, None], drawn.T @ (either + alike)
        differ = 2 * (drawn.T @ (either - alike))  # both orders of every pair of which one alone has the code
        expected = 2 * n_has * (n - n_has)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(expected > 1e-9, 1 - differ * (n - 1) / expected, np.nan)

    low = high = np.full(n_codes, np.nan)
    if n_papers > 1 and n_codes:
        low, high = bounds(np.concatenate([of(drawn.T) for drawn in draws(n_papers, width=n_codes)]))
    with np.errstate(divide="ignore", invalid="ignore"):
        specific = 2 * alike.sum(axis=0) / (either + alike).sum(axis=0)
    return {"alpha": of(np.ones((n_papers, 1)))[0], "low": low, "high": high, "specific": specific}
