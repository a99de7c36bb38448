"""Agreement: how far annotators say the same of the same sentences, beyond what chance would give."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from corpus.tables import Frames
from queries.fitting import Schema, fitted
from queries.intervals import thin
from queries.pairings import by_model, pairings
from queries.reliability import Estimate, alpha, jaccard, kappa, masi

_LAYER = ("corpus", "scheme", "layer", "question")
_NUMBERS = ("alpha", "low", "high")
_DISTANCES = {"masi": masi, "jaccard": jaccard}


def agreement(frames: Frames, *, layer: str | None = None, distance: str = "masi") -> pl.LazyFrame:
    """One row per corpus, scheme, layer and question that two or more people answer; sorted by these.

    layer         the key of the layer, or `common` for the shared aspects; null for every layer of every scheme
    distance      of two sets of codes: `masi` or `jaccard` (queries.reliability); for single codes both are nominal
    question      code, polarity or placed: see queries.pairings, which also tells what is compared
    n_annotators  people who answer for a segment that another one answers for; models are left out
    n_segments, n_reviews, n_papers
                  segments that two or more people answer for, and where they stand
    several       whether anybody gives more than one code, or polarity, to a segment
    same          share of the pairs of people's answers that are the same in full, 0 to 1
    alpha         Krippendorff's alpha, at most 1; 0 is chance. Null where all answers are alike
    low, high     95 % interval, papers drawn again (queries.bootstrap); null with one paper
    share         for codes and polarities: n of the pairs of people that both answer, over those that one or both have
                  labelled in the reviews that both have labelled, 0 to 1; null for `placed`, which leaves nothing out
    thin          whether it rests on too little: see queries.intervals
    """
    pairs = pairings(frames, layer=layer).filter(pl.col("weight").is_not_null())
    who = (
        pl.concat([pairs.select(*_LAYER, pl.col(side).alias("who")) for side in ("first", "second")])
        .group_by(_LAYER)
        .agg(pl.col("who").n_unique().alias("n_annotators"))
    )
    alike = pl.col("first_answer") == pl.col("second_answer")
    most = pl.max_horizontal(pl.col("first_answer", "second_answer").list.len()).max()
    counted = pairs.group_by(_LAYER).agg(
        pl.col("units").sum().round().cast(pl.UInt32).alias("n_segments"),
        pl.col("review_id").n_unique().alias("n_reviews"),
        pl.col("paper_id").n_unique().alias("n_papers"),
        (most > 1).alias("several"),
        (pl.col("n").filter(alike).sum() / pl.col("n").sum()).alias("same"),
        pl.col("n").sum().alias("n_pairs"),
    )
    cells = _cells(pairs, _LAYER)
    fits = fitted(cells, lambda rows: _fit(rows, _LAYER, distance), keeps=_LAYER, adds=_adds(_NUMBERS))
    return (
        counted.join(who, on=_LAYER, how="left")
        .join(fits, on=_LAYER, how="left")
        .join(_either(pairs, _LAYER[:3]), on=_LAYER[:3], how="left")
        .with_columns(
            pl.when(pl.col("question") != "placed").then(pl.col("n_pairs") / pl.col("n_either")).alias("share"),
            thin("n_papers", "n_segments").alias("thin"),
        )
        .select(
            *(*_LAYER, "n_annotators", "n_segments", "n_reviews", "n_papers", "several", "same"),
            *(*_NUMBERS, "share", "thin"),
        )
        .sort(_LAYER)
    )


def annotator_pairs(frames: Frames, *, layer: str | None = None, distance: str = "masi") -> pl.LazyFrame:
    """One row per corpus, scheme, layer, question and pair of annotators, models among them; sorted by these.

    layer, distance, question, several, same, share, thin
                  as in `agreement`, here of the pair
    first, second the annotators, the first by name first
    by_model      whether one of the two is a model
    n_segments, n_reviews, n_papers
                  segments that both answer for, and where they stand
    n_either      segments that one or both have labelled in the reviews that both have
    kappa         Cohen's kappa, a set of codes taken as one answer; null where both give one answer throughout
    kappa_low, kappa_high
                  95 % interval, papers drawn again; null with one paper
    alpha, low, high
                  as in `agreement`, of the two
    """
    of = (*_LAYER, "first", "second")
    pairs = pairings(frames, layer=layer).with_columns(pl.col("n").cast(pl.Float64).alias("weight"))
    alike = pl.col("first_answer") == pl.col("second_answer")
    most = pl.max_horizontal(pl.col("first_answer", "second_answer").list.len()).max()
    counted = pairs.group_by(of).agg(
        pl.col("n").sum().alias("n_segments"),
        pl.col("review_id").n_unique().alias("n_reviews"),
        pl.col("paper_id").n_unique().alias("n_papers"),
        (most > 1).alias("several"),
        (pl.col("n").filter(alike).sum() / pl.col("n").sum()).alias("same"),
    )
    numbers = ("kappa", "kappa_low", "kappa_high", *_NUMBERS)
    cells = _cells(pairs, of)
    fits = fitted(cells, lambda rows: _fit(rows, of, distance, kappas=True), keeps=of, adds=_adds(numbers))
    key = [each for each in of if each != "question"]
    return (
        counted.join(fits, on=of, how="left")
        .join(_either(pairs, key), on=key, how="left")
        .with_columns(
            pl.when(pl.col("question") != "placed").then(pl.col("n_segments") / pl.col("n_either")).alias("share"),
            (by_model("first") | by_model("second")).alias("by_model"),
            thin("n_papers", "n_segments").alias("thin"),
        )
        .select(
            *(*of, "by_model", "n_segments", "n_reviews", "n_papers", "n_either", "several", "same"),
            *(*numbers, "share", "thin"),
        )
        .sort(of)
    )


def _either(pairs: pl.LazyFrame, key: Sequence[str]) -> pl.LazyFrame:
    """Segments that one or both of two annotators have labelled in the reviews that both have, summed over pairs."""
    one = pl.concat_list("first_answer", "second_answer").list.contains("labelled")
    placed = pairs.filter((pl.col("question") == "placed") & one)
    return placed.group_by(key).agg(pl.col("n").sum().alias("n_either"))


def _cells(pairs: pl.LazyFrame, of: Sequence[str]) -> pl.LazyFrame:
    """The pairs of answers by paper: what the coefficients are computed from."""
    answers = ["first_answer", "second_answer"]
    summed = pairs.group_by(*of, "paper_id", *answers).agg(pl.col("n", "weight").sum())
    return summed.sort(*of, "paper_id", *answers)


def _adds(names: Sequence[str]) -> Schema:
    return dict.fromkeys(names, pl.Float64)


def _fit(rows: pl.DataFrame, of: Sequence[str], distance: str, kappas: bool = False) -> pl.DataFrame:
    """The coefficients of each group of the counted rows."""
    found = []
    for _, cells in rows.group_by(of, maintain_order=True):
        answers = pl.concat([cells["first_answer"], cells["second_answer"]]).to_list()
        number = {each: at for at, each in enumerate(sorted({tuple(answer) for answer in answers}))}
        at = np.array([number[tuple(answer)] for answer in answers])
        first, second = at[: cells.height], at[cells.height :]
        papers = cells["paper_id"].to_numpy()
        apart = _DISTANCES[distance]([frozenset(each) for each in number])
        row = cells.row(0, named=True)
        told = {name: row[name] for name in of}
        if kappas:
            told |= _told("kappa", "kappa_", kappa(papers, first, second, cells["n"].to_numpy()))
        found.append(told | _told("alpha", "", alpha(papers, first, second, cells["weight"].to_numpy(), apart)))
    if not found:
        return rows.select(of).with_columns(
            pl.lit(None, dtype=pl.Float64).alias(name)
            for name in (*(("kappa", "kappa_low", "kappa_high") if kappas else ()), *_NUMBERS)
        )
    kept = {name: rows.schema[name] for name in of}
    return pl.DataFrame(found, schema_overrides=kept, infer_schema_length=None)


def _told(name: str, prefix: str, found: Estimate) -> dict[str, float | None]:
    return {name: found.value, f"{prefix}low": found.low, f"{prefix}high": found.high}
