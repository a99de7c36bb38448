"""Reviewer agreement: how far the reviewers of one paper judge its aspects alike, beyond what chance would give."""

from __future__ import annotations

import numpy as np
import polars as pl

from corpus.tables import Frames
from queries.contradictions import NO_ASPECT
from queries.fitting import fitted
from queries.intervals import thin
from queries.layers import of_layer
from queries.reliability import Statistic, alpha, estimates, ordinal

_SIDES = (-1, 0, 1)
_CODE = ("scheme", "layer", "code")
_COUNTS = ("n_units", "n_papers", "n_pairs", "n_sided", "n_opposed")
_NUMBERS = ("alpha", "low", "high", "nominal", "nominal_low", "nominal_high", "same", "opposed")


def reviewer_agreement(frames: Frames, *, layer: str = "aspect") -> pl.LazyFrame:
    """One row for the whole layer (code null), then one per code that two reviews of a paper judge; in that order.

    layer         the key of the layer, or `common` for the shared aspects
    scheme, layer, code
    n_units       papers × codes that two or more reviews of the paper judge
    n_papers      papers among these
    n_pairs       pairs of such reviews
    same          share of the pairs with the same net side, 0 to 1
    n_sided, n_opposed, opposed
                  pairs that both take a side, those that take opposite ones (as in queries.contradictions), and their
                  share, 0 to 1; null where no pair takes sides
    alpha         Krippendorff's alpha of the sides as ordered values, at most 1; 0 is chance, below 0 reviewers differ
                  more than chance would make them. Null where all sides are alike
    low, high     95 % interval, papers drawn again (queries.bootstrap); null with one paper
    nominal, nominal_low, nominal_high
                  the same with sides as mere names: neutral is then as far from negative as positive is
    thin          whether it rests on too little: see queries.intervals; its observations are n_units

    A review's net side on a code is the sign of its positive less its negative labels of the code, whatever the
    annotator: 0 where it is neutral or torn. A review that gave the code no polarity did not judge it. Only reviews
    count (no rebuttals, meta-reviews or comments), and no code that stands for no aspect.
    """
    reviews = frames.reviews.filter(pl.col("kind") == "review").select("review_id")
    labels = of_layer(frames.labels, frames.codes, layer).filter(
        ~pl.col("code").cast(pl.String).is_in(NO_ASPECT) & pl.col("polarity").is_not_null()
    )
    unit = ["paper_id", *_CODE]
    judged = (
        labels.join(reviews, on="review_id", how="semi")
        .group_by(*unit, "review_id")
        .agg(pl.col("polarity").cast(pl.Int64).sum().sign().alias("side"))
    )
    units = judged.group_by(unit).agg((pl.col("side") == side).sum().alias(str(side)) for side in _SIDES)
    several = pl.sum_horizontal(str(side) for side in _SIDES) > 1
    counted = units.filter(several).sort(unit)
    adds = {**dict.fromkeys(_COUNTS, pl.UInt32), **dict.fromkeys(_NUMBERS, pl.Float64)}
    found = fitted(counted, _fit, keeps=_CODE, adds=adds)
    return found.with_columns(thin("n_papers", "n_units").alias("thin"))


def _fit(units: pl.DataFrame) -> pl.DataFrame:
    """The numbers of each scheme and layer as a whole, then of its codes; all from the same draws of papers."""
    units = units.sort(*_CODE, "paper_id").with_columns((pl.col("paper_id").rank("dense") - 1).alias("paper"))
    groups: list[tuple[dict, pl.DataFrame]] = []
    for (scheme, layer), of_it in units.group_by("scheme", "layer", maintain_order=True):
        groups.append(({"scheme": scheme, "layer": layer, "code": None}, of_it))
        for (code,), of_code in of_it.group_by("code", maintain_order=True):
            groups.append(({"scheme": scheme, "layer": layer, "code": code}, of_code))
    counted = [_counted(of_it) for _, of_it in groups]
    found = estimates([each for _, statistics in counted for each in statistics], units["paper"].n_unique())
    rows = []
    for at, ((key, _), (counts, _)) in enumerate(zip(groups, counted, strict=True)):
        ordered, nominal = found[2 * at], found[2 * at + 1]
        rows.append(key | counts | dict(zip(_NUMBERS[:6], (*ordered, *nominal), strict=True)))
    types = {name: units.schema[name] for name in _CODE} | dict.fromkeys(_COUNTS, pl.UInt32)
    return pl.DataFrame(rows, schema=types | dict.fromkeys(_NUMBERS, pl.Float64))


def _counted(units: pl.DataFrame) -> tuple[dict[str, float | None], tuple[Statistic, Statistic]]:
    """What can be counted of some units, and their alpha with sides in order and with sides as names."""
    n = units.select(str(side) for side in _SIDES).to_numpy().astype(float)
    papers = units["paper"].to_numpy().astype(np.int64)
    cells = {
        (a, b): n[:, a] * (n[:, a] - 1) / 2 if a == b else n[:, a] * n[:, b] for a in range(3) for b in range(a, 3)
    }
    first, second = (np.repeat([cell[side] for cell in cells], len(n)) for side in (0, 1))
    weight = np.concatenate([count / (n.sum(axis=1) - 1) for count in cells.values()])
    columns = np.tile(papers, len(cells)), first, second, weight
    pairs = {key: round(float(count.sum())) for key, count in cells.items()}
    n_pairs, opposed = sum(pairs.values()), pairs[0, 2]
    sided = opposed + pairs[0, 0] + pairs[2, 2]
    counts: dict[str, float | None] = {"n_units": len(n), "n_papers": len(np.unique(papers)), "n_pairs": n_pairs}
    counts |= {"n_sided": sided, "n_opposed": opposed, "opposed": opposed / sided if sided else None}
    counts |= {"same": (pairs[0, 0] + pairs[1, 1] + pairs[2, 2]) / n_pairs}
    return counts, (alpha(*columns, ordinal), alpha(*columns, 1 - np.eye(3)))
