"""Reviewer agreement: how far the reviewers of one paper judge its aspects alike, beyond what chance would give."""

from __future__ import annotations

import numpy as np
import polars as pl

from corpus.tables import Frames
from queries.contradictions import NO_ASPECT
from queries.fitting import fitted
from queries.intervals import thin
from queries.layers import of_layer
from queries.reliability import Estimate, alpha, ordinal

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
    """The numbers of each scheme and layer as a whole, then of its codes."""
    found = []
    for (scheme, layer), of_it in units.sort(*_CODE, "paper_id").group_by("scheme", "layer", maintain_order=True):
        found.append({"scheme": scheme, "layer": layer, "code": None} | _numbers(of_it))
        for (code,), of_code in of_it.group_by("code", maintain_order=True):
            found.append({"scheme": scheme, "layer": layer, "code": code} | _numbers(of_code))
    if not found:
        return units.clear().select(*_CODE, *(pl.lit(None).alias(name) for name in (*_COUNTS, *_NUMBERS)))
    return pl.DataFrame(found, schema_overrides={name: units.schema[name] for name in _CODE}, infer_schema_length=None)


def _numbers(units: pl.DataFrame) -> dict[str, float | None]:
    n = units.select(str(side) for side in _SIDES).to_numpy().astype(float)
    papers = units["paper_id"].to_numpy()
    of_unit = n.sum(axis=1)
    cells = {
        (a, b): n[:, a] * (n[:, a] - 1) / 2 if a == b else n[:, a] * n[:, b] for a in range(3) for b in range(a, 3)
    }
    places = [np.full(len(n), at) for at in range(3)]
    columns = (
        np.tile(papers, len(cells)),
        np.concatenate([places[a] for a, _ in cells]),
        np.concatenate([places[b] for _, b in cells]),
        np.concatenate([count / (of_unit - 1) for count in cells.values()]),
    )
    as_ordered, as_names = alpha(*columns, ordinal), alpha(*columns, 1 - np.eye(3))
    pairs = {key: float(count.sum()) for key, count in cells.items()}
    n_pairs, opposed = sum(pairs.values()), pairs[0, 2]
    sided = opposed + pairs[0, 0] + pairs[2, 2]
    return {
        **{"n_units": len(n), "n_papers": len(set(papers)), "n_pairs": n_pairs, "n_sided": sided},
        **{"n_opposed": opposed, "opposed": opposed / sided if sided else None},
        "same": (pairs[0, 0] + pairs[1, 1] + pairs[2, 2]) / n_pairs,
        **_told("alpha", "", as_ordered),
        **_told("nominal", "nominal_", as_names),
    }


def _told(name: str, prefix: str, found: Estimate) -> dict[str, float | None]:
    return {name: found.value, f"{prefix}low": found.low, f"{prefix}high": found.high}
