"""Agreement: how far annotators say the same of the same sentences, beyond what chance would give."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from corpus.tables import Frames
from queries.fitting import Schema, fitted
from queries.intervals import thin
from queries.pairings import by_model, pairings
from queries.reliability import alpha, estimates, jaccard, kappa, masi

_LAYER = ("corpus", "scheme", "layer", "question")
_NUMBERS = ("alpha", "low", "high")
_COUNTS: Schema = {
    **dict.fromkeys(("n_segments", "n_reviews", "n_papers"), pl.UInt32),
    **{"several": pl.Boolean, "same": pl.Float64},
}
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
    adds: Schema = {
        "n_annotators": pl.UInt32,
        **_COUNTS,
        **dict.fromkeys((*_NUMBERS, "share"), pl.Float64),
    }
    found = fitted(pairs, lambda rows: _agreed(rows, distance), keeps=_LAYER, adds=adds)
    return (
        found.with_columns(thin("n_papers", "n_segments").alias("thin"))
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
    numbers = ("kappa", "kappa_low", "kappa_high", *_NUMBERS)
    adds: Schema = {**_COUNTS, "n_either": pl.UInt32, **dict.fromkeys((*numbers, "share"), pl.Float64)}
    found = fitted(pairings(frames, layer=layer), lambda rows: _agreed(rows, distance, of), keeps=of, adds=adds)
    return (
        found.with_columns(
            (by_model("first") | by_model("second")).alias("by_model"),
            thin("n_papers", "n_segments").alias("thin"),
        )
        .select(
            *(*of, "by_model", "n_segments", "n_reviews", "n_papers", "n_either", "several", "same"),
            *(*numbers, "share", "thin"),
        )
        .sort(of)
    )


def _agreed(rows: pl.DataFrame, distance: str, of: Sequence[str] = _LAYER) -> pl.DataFrame:
    """The numbers of each group of pairings: of the layer's people, or, where `of` names them, of two annotators."""
    two = "first" in of
    if two:
        rows = rows.with_columns(pl.col("n").cast(pl.Float64).alias("weight"), pl.col("n").alias("units"))
    key = [name for name in of if name != "question"]
    labelled = pl.concat_list("first_answer", "second_answer").list.contains("labelled")
    either = (
        rows.filter((pl.col("question") == "placed") & labelled).group_by(key).agg(pl.col("n").sum().alias("n_either"))
    )
    alike = pl.col("first_answer") == pl.col("second_answer")
    most = pl.max_horizontal(pl.col("first_answer", "second_answer").list.len()).max()
    counted = rows.group_by(of).agg(
        pl.col("units").sum().round().cast(pl.UInt32).alias("n_segments"),
        pl.col("review_id").n_unique().alias("n_reviews"),
        pl.col("paper_id").n_unique().alias("n_papers"),
        (most > 1).alias("several"),
        (pl.col("n").filter(alike).sum() / pl.col("n").sum()).alias("same"),
        pl.col("n").sum().alias("n_pairs"),
        pl.concat([pl.col("first"), pl.col("second")]).n_unique().alias("n_annotators"),
    )
    share = pl.when(pl.col("question") != "placed").then(pl.col("n_pairs") / pl.col("n_either"))
    return (
        counted.join(_coefficients(rows, of, distance), on=of, how="left")
        .join(either, on=key, how="left")
        .with_columns(share.alias("share"), pl.col("n_either").fill_null(0))
    )


def _coefficients(rows: pl.DataFrame, of: Sequence[str], distance: str) -> pl.DataFrame:
    """Alpha, and kappa of two annotators, of each group of pairings; all groups from the same draws of papers."""
    answers = ["first_answer", "second_answer"]
    cells = rows.group_by(*of, "paper_id", *answers).agg(pl.col("n", "weight").sum()).sort(*of, "paper_id", *answers)
    cells = cells.with_columns((pl.col("paper_id").rank("dense") - 1).alias("paper"))
    asked, told = [], []
    for group, each in cells.group_by(of, maintain_order=True):
        values = pl.concat([each[side] for side in answers]).unique().to_list()
        number = pl.DataFrame({"answer": sorted(values)}, schema={"answer": pl.List(pl.String)}).with_row_index("at")
        first, second = (
            each.join(number, left_on=side, right_on="answer", how="left", maintain_order="left")["at"].to_numpy()
            for side in answers
        )
        papers = each["paper"].to_numpy().astype(np.int64)
        first, second = first.astype(np.int64), second.astype(np.int64)
        apart = _DISTANCES[distance]([frozenset(answer) for answer in number["answer"]])
        told.append(dict(zip(of, group, strict=True)))
        asked.append(alpha(papers, first, second, each["weight"].to_numpy(), apart))
        if "first" in of:
            asked.append(kappa(papers, first, second, each["n"].to_numpy()))
    found = estimates(asked, cells["paper"].n_unique())
    step = 2 if "first" in of else 1
    for at, row in enumerate(told):
        row |= dict(zip(_NUMBERS, found[step * at], strict=True))
        if step == 2:
            row |= dict(zip(("kappa", "kappa_low", "kappa_high"), found[2 * at + 1], strict=True))
    numbers = (*_NUMBERS, *(("kappa", "kappa_low", "kappa_high") if step == 2 else ()))
    return pl.DataFrame(told, schema={**{name: rows.schema[name] for name in of}, **dict.fromkeys(numbers, pl.Float64)})
