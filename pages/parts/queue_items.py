"""Sentences as they lie on the desk of the review queue: in their context, with what models and people say of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from corpus.schemes import keyed_layers
from pages.parts import address, codes, frames, provenance, review, tables, verbatim
from pages.parts.codes import Code
from pages.parts.provenance import Guess
from pages.parts.queue_desk import Answer, Item
from queries.conditions import POLARITIES
from queries.filters import Filters
from queries.surroundings import surroundings

Codes = Mapping[tuple[str, str], Code]


def items(
    chosen: frames.Selection, layer: str, model: str, segments: Mapping[int, float | None], known: Codes
) -> dict[int, tuple[Item, dict[str, Any]]]:
    """By segment, the sentence as the desk knows it and as the component takes it: HTML, every text escaped.

    `segments` has for each how unsure the model is, null where that is not known.
    """
    scheme, of = keyed_layers()[layer]
    every = chosen.snapshot.frames
    labels = every.labels.filter(
        pl.col("segment_id").is_in(list(segments)) & (pl.col("scheme") == scheme.name) & (pl.col("layer") == of.name)
    )
    plan = labels.select("segment_id", "annotator", "code", "polarity", "confidence").unique().sort(
        "segment_id", "annotator", "confidence", "code", "polarity", descending=[False, False, True, False, False]
    )  # fmt: skip
    given: dict[int, dict[str, list[tuple]]] = {}
    for segment, annotator, *label in frames.collect_once(plan).iter_rows():
        given.setdefault(segment, {}).setdefault(annotator, []).append(tuple(label))
    found = {}
    for row in frames.collect_once(surroundings(every, list(segments))).iter_rows(named=True):
        said = given.get(row["segment_id"], {})
        answer: Answer = tuple(dict.fromkeys((code, polarity) for code, polarity, _ in said.get(model, ())))
        place = (row["corpus"], row["paper_key"], row["review_key"], row["start"], row["end"])
        item = Item(row["segment_id"], place, row["text"], answer)
        lines = [_said(name, said[name], layer, known) for name in _in_order(said, model)]
        if model not in said:
            lines.insert(0, [_who(model), '<span class="rs-muted">left it open</span>'])
        elif (unsure := segments[row["segment_id"]]) is not None:
            lines[0][1] += f'<small class="rs-muted">unsure {provenance.decimals(unsure)}</small>'
        shown = {
            "id": item.segment_id,
            "head": _head(row, chosen.filters, layer),
            "text": _text(row),
            "said": lines,
            "answer": [list(pair) for pair in answer],
        }
        found[item.segment_id] = (item, shown)
    return found


def _in_order(annotators: Iterable[str], model: str) -> list[str]:
    """The model first, then people, then other models."""
    return sorted(annotators, key=lambda name: (name != model, provenance.is_model(name), name))


def _head(row: Mapping[str, Any], filters: Filters, layer: str) -> str:
    """Paper, review and place, the title a link to the sentence in its review."""
    at = f"{row['review_key']}:{row['position']}"
    link = address.href("paper", filters, open=f"{row['corpus']}/{row['paper_key']}", layer=layer, at=at)
    where = " ".join(str(part) for part in (row["venue"], row["year"]) if part is not None)
    field = str(row["field"] or "").replace("_", " ")
    facts = " · ".join(verbatim.html(verbatim.clip(part, 60)) for part in (where, review.name(row), field) if part)
    title = verbatim.html(verbatim.clip(tables.title_of(row), 110))
    return f'<a href="{verbatim.html(link)}" data-go>{title}</a> <span>{facts}</span>'


def _text(row: Mapping[str, Any]) -> str:
    """The sentence with those around it, in quieter ink."""
    before, after = (" ".join(verbatim.clip(text, 260) for text in row[side]) for side in ("before", "after"))
    around = [f'<span class="rs-around">{verbatim.html(text)}</span>' if text else "" for text in (before, after)]
    return f"{around[0]} <strong>{verbatim.html(row['text'].strip()) or '(no words)'}</strong> {around[1]}"


def _said(annotator: str, labels: Sequence[tuple], layer: str, known: Codes) -> list[str]:
    """Who says what: two pieces of HTML."""
    chips = ""
    for code, polarity, confidence in labels:
        guess = Guess(annotator, confidence) if provenance.is_model(annotator) else None
        sure = f" <small>{provenance.decimals(confidence)}</small>" if guess and confidence is not None else ""
        if (layer, code) in known:
            chips += codes.chip(known[layer, code], polarity, sure, guess)
    return [_who(annotator), chips]


def _who(annotator: str) -> str:
    return verbatim.html(f"model {provenance.short(annotator)}" if provenance.is_model(annotator) else annotator)


def spelled(code: str, polarity: int | None) -> str:
    """A label in plain text, as filters spell it but for the layer: `MET-NEG`."""
    return code if polarity is None else f"{code}-{POLARITIES[polarity]}"
