"""Small tables in, expected rows out.

A table is written as one reads it: names, a rule, rows. An empty cell is null; `""` is an empty string.

    paper_id | venue | decision
    ---------+-------+---------
    1        | ICLR  | accept
    2        | ICLR  |
"""

from __future__ import annotations

import polars as pl
import pytest

from corpus.checks import enums
from corpus.schemes import keyed_layers, schemes
from corpus.tables import DECISIONS, REVIEW_KINDS, Frames

_ENUMS = enums()
SCHEME, LAYER, CODE = (pl.Enum(_ENUMS[name]) for name in ("scheme_t", "layer_t", "code_t"))
ANNOTATOR = pl.Enum(["gold", "anno2", "model:en@1", "user:me"])

#: The columns of Frames, with their types.
TYPES = {
    "papers": {
        "paper_id": pl.UInt32,
        "corpus": pl.String,
        "paper_key": pl.String,
        "title": pl.String,
        "venue": pl.String,
        "year": pl.Int16,
        "decision": pl.Enum(DECISIONS),
    },
    "reviews": {
        "review_id": pl.UInt32,
        "paper_id": pl.UInt32,
        "corpus": pl.String,
        "review_key": pl.String,
        "reviewer": pl.String,
        "kind": pl.Enum(REVIEW_KINDS),
        "position": pl.UInt16,
        "rating": pl.Float32,
    },
    "segments": {
        "segment_id": pl.UInt32,
        "review_id": pl.UInt32,
        "paper_id": pl.UInt32,
        "position": pl.UInt16,
        "text": pl.String,
        "field": pl.Categorical,
    },
    "labels": {
        "paper_id": pl.UInt32,
        "review_id": pl.UInt32,
        "segment_id": pl.UInt32,
        "scheme": SCHEME,
        "layer": LAYER,
        "code": CODE,
        "polarity": pl.Int8,
        "annotator": ANNOTATOR,
        "confidence": pl.Float32,
        "start": pl.UInt32,
        "end": pl.UInt32,
    },
}
#: The columns of Frames.models.
MODELS = {
    "annotator": ANNOTATOR,
    "scheme": SCHEME,
    "layer": LAYER,
    "code": CODE,
    "polarity": pl.Int8,
    "n_segments": pl.UInt32,
    "n_gold": pl.UInt32,
    "n_model": pl.UInt32,
    "n_both": pl.UInt32,
    "f1": pl.Float32,
    "precision": pl.Float32,
    "recall": pl.Float32,
    "best_f1": pl.Float32,
    "threshold": pl.Float32,
}
#: A column of labels that only a table which names it has: most queries do without.
LINK = {"link": pl.Enum([f"{side}_{number}" for side in ("neg", "pos") for number in range(1, 10)])}

#: The scheme that a layer is of where a table does not say: that whose key is the bare name.
_SCHEME_OF = {key: scheme.name for key, (scheme, _) in keyed_layers().items()}


def cells(text: str) -> list[dict[str, str]]:
    """The rows of a table as it is written."""
    head, rule, *rows = [line for line in text.splitlines() if line.strip()]
    assert set(rule.strip()) <= set("-+"), f"no rule under the names: {rule}"
    names = [name.strip() for name in head.split("|")]
    found = []
    for row in rows:
        values = [value.strip() for value in row.split("|")]
        assert len(values) == len(names), f"{len(values)} cells for {len(names)} names: {row}"
        found.append(dict(zip(names, values, strict=True)))
    return found


def value(cell: str, dtype: pl.DataType | type[pl.DataType]) -> object:
    """What a cell stands for in a column of that type."""
    if cell == "":
        return None
    if dtype == pl.List(pl.String):
        return cell.split()
    if dtype.is_integer():
        return int(cell)
    if dtype.is_float():
        return float(cell)
    if dtype == pl.Boolean:
        return {"true": True, "false": False}[cell]
    return "" if cell == '""' else cell


def frames(papers: str = "", reviews: str = "", segments: str = "", labels: str = "", models: str = "") -> Frames:
    """Frames from tables, each of which may leave out columns that follow from another table or are of no matter."""
    given = {"papers": papers, "reviews": reviews, "segments": segments, "labels": labels, "models": models}
    tables = {name: cells(text) if text.strip() else [] for name, text in given.items()}
    for row in tables["papers"]:
        row.setdefault("corpus", "demo")
        row.setdefault("paper_key", f"p{row['paper_id']}")
    for place, row in enumerate(tables["reviews"]):
        row.setdefault("corpus", "demo")
        row.setdefault("review_key", f"r{row['review_id']}")
        row.setdefault("kind", "review")
        row.setdefault("position", str(place))
    paper_of = {row["review_id"]: row["paper_id"] for row in tables["reviews"]}
    for place, row in enumerate(tables["segments"]):
        row.setdefault("paper_id", paper_of[row["review_id"]])
        row.setdefault("position", str(place))
        row.setdefault("text", "Text.")
    review_of = {row["segment_id"]: row["review_id"] for row in tables["segments"]}
    for row in tables["labels"]:
        row.setdefault("segment_id", "")
        if "review_id" not in row or not row["review_id"]:
            row["review_id"] = review_of[row["segment_id"]]
        row.setdefault("paper_id", paper_of.get(row["review_id"], ""))
        row.setdefault("scheme", _SCHEME_OF[row["layer"]])
        row.setdefault("annotator", "gold")
    for row in tables["models"]:
        row.setdefault("scheme", _SCHEME_OF[row["layer"]])
        row.setdefault("annotator", "model:en@1")
    made = {name: _frame(name, rows) for name, rows in tables.items()}
    return Frames(**made, codes=codes())


def _frame(name: str, rows: list[dict[str, str]]) -> pl.LazyFrame:
    types = {**TYPES, "models": MODELS}[name] | (
        LINK if name == "labels" and any("link" in row for row in rows) else {}
    )
    for row in rows:
        assert set(row) <= set(types), f"{name} has no column {set(row) - set(types)}"
    columns = {column: [value(row.get(column, ""), dtype) for row in rows] for column, dtype in types.items()}
    return pl.LazyFrame(columns, schema=types)


def codes() -> pl.LazyFrame:
    """The codes of every scheme, as the store has them."""
    rows = [
        (scheme.name, layer.name, code.code, code.name, code.definition, code.common, layer.polarised, place)
        for scheme in schemes()
        for layer in scheme.layers
        for place, code in enumerate(layer.codes)
    ]
    types = {"scheme": SCHEME, "layer": LAYER, "code": CODE, "name": pl.String, "definition": pl.String}
    types |= {"common": pl.String, "polarised": pl.Boolean, "position": pl.UInt16}
    return pl.LazyFrame(rows, schema=types, orient="row").sort("scheme", "layer", "position")


def expect(result: pl.LazyFrame, text: str) -> None:
    """That the result's rows are those of the table, in order, as far as the table names columns."""
    found = result.collect()
    wanted = cells(text)
    names = [name.strip() for name in text.strip().splitlines()[0].split("|")]
    rows = [{name: value(row[name], found.schema[name]) for name in names} for row in wanted]
    shown = found.select(names).to_dicts()
    assert len(shown) == len(rows), f"{len(shown)} rows instead of {len(rows)}:\n{found.select(names)}"
    for got, row in zip(shown, rows, strict=True):
        wanted_row = {n: pytest.approx(v, abs=1e-3) if isinstance(v, float) else v for n, v in row.items()}
        assert got == wanted_row, f"\n{found.select(names)}"


def shuffled(given: Frames, seed: int = 1) -> Frames:
    """The same rows in another order."""
    return Frames(*(frame.collect().sample(fraction=1, shuffle=True, seed=seed).lazy() for frame in given))


def ids(frame: pl.LazyFrame, column: str) -> list[int]:
    """The distinct values of a column, null left out, sorted."""
    return sorted(frame.select(column).collect().to_series().drop_nulls().unique().to_list())
