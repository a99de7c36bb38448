"""Whose labels: a person's judgement and a model's guess in words, and what tells them apart where they are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl
import streamlit as st

from corpus.tables import MODEL
from pages.parts import verbatim
from queries.weak_codes import LEAST_F1

#: How strongly a model's part of a chart is drawn, and the dashes around it.
LIGHT, DASHES = 0.42, (3, 2)
TIP = (
    "A model’s label is a guess, not a person’s judgement. “Labels by”, above, chooses between them: with both, a "
    "guess is left out where a person answered the same question of the same sentence."
)


class Guess(NamedTuple):
    """A label that only a model gave: its annotator, and its calibrated probability, null where it has none."""

    model: str
    confidence: float | None

    @property
    def words(self) -> str:
        """`a guess of model bows@1, confidence .83`; not escaped."""
        sure = "" if self.confidence is None else f", confidence {decimals(self.confidence)}"
        return f"a guess of model {short(self.model)}{sure}"


def guessed(found: Mapping | None) -> Guess | None:
    """The guess of a row that has `model` and `confidence`; null where a person gave the label."""
    return Guess(found["model"], found["confidence"]) if found and found.get("model") else None


def mark(found: Mapping) -> str:
    """A chip beside a sentence that is shown for a label which only a model gave, as HTML; nothing for a person's."""
    guess = guessed(found)
    if guess is None:
        return ""
    words = verbatim.html(guess.words)
    return f'<span class="rs-chip guess" data-tip="{words}" tabindex="0" aria-label="{words}">a guess</span> '


def is_model(annotator: str) -> bool:
    """Whether an annotator is a model, by its name."""
    return annotator.startswith(MODEL)


def short(annotator: str) -> str:
    """A model's name and version, without what marks it as a model; not escaped."""
    return annotator.removeprefix(MODEL)


def named(annotators: Sequence[str], most: int = 2) -> str:
    """`the model bows@1`, `the models bows@1 and bows@2`, `3 models`; not escaped."""
    if len(annotators) > most:
        return f"{len(annotators):,} models"
    return f"the {'model' if len(annotators) == 1 else 'models'} {' and '.join(short(name) for name in annotators)}"


def decimals(value: float | None, digits: int = 2) -> str:
    """A share as it is written of models, `.83`; a dash where there is none."""
    if value is None:
        return "–"
    shown = f"{value:.{digits}f}"
    return shown if value >= 0.995 else shown.removeprefix("0")


def shares(n: int, of: int, models: Sequence[str]) -> str:
    """Whose labels these are, as HTML: `n` of them are the models'. Nothing where all are people's."""
    if not n:
        return ""
    by = verbatim.html(named(models))
    told = "" if n == of else f"<span><b>{of - n:,}</b> by people</span>"
    amount = f"all by {by}" if n == of else f"<b>{n:,}</b> by {by}"
    names = "\n".join(short(name) for name in models)
    tip = verbatim.html(TIP + (f"\n{names}" if len(models) > 2 else ""))
    return f'{told}<span class="rs-chip guess" data-tip="{tip}" tabindex="0">{amount}</span>'


def meaning(hints: bool = False) -> str:
    """What the drawing of guesses means, as items of a legend in HTML; with `hints` what grey ones mean too."""
    means = {"guess": "dashed and lighter: a model’s guess"}
    means |= {"guess weak": "grey: a guess at what the model hardly knows, a hint"} if hints else {}
    return "".join(
        f'<span><i class="{kind}" style="--tone:var(--rs-muted)"></i>{word}</span>' for kind, word in means.items()
    )


def legend(n: pl.DataFrame, hints: bool) -> None:
    """Draws what marks guesses, where `n`, queries.counts, tells of any."""
    if n["n_model_labels"][0]:
        st.html(f'<div class="rs rs-legend">{meaning(hints)}</div>')


def whose(rows: pl.DataFrame, models: Sequence[str]) -> None:
    """Says under the heading of a chart whose labels it counts; nothing where all are people's.

    `rows` have n, and n_models as `told` gives it.
    """
    if said := shares(int(rows["n_models"].sum()), int(rows["n"].sum()), models):
        st.html(f'<div class="rs rs-n">{said}</div>')


def told(rows: pl.DataFrame, by: pl.DataFrame | None, on: Sequence[str]) -> pl.DataFrame:
    """The rows with how many of their labels are models' as `n_models`; `by` are queries.provenance, null for none."""
    if by is None:
        return rows.with_columns(pl.lit(0, pl.UInt32).alias("n_models"))
    counted = by.select(*on, "n_models")
    joined = rows.join(counted, on=list(on), how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(pl.col("n_models").fill_null(0))


def reasons(weak: pl.DataFrame) -> dict[tuple[str, str, str], dict[str, str]]:
    """Why a model's labels of a code are hints, in words by scheme, layer, code and then annotator; not escaped.

    `weak` are the rows of queries.weak_codes.
    """
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    for row in weak.iter_rows(named=True):
        found.setdefault((row["scheme"], row["layer"], row["code"]), {})[row["annotator"]] = reason(row)
    return found


def reason(row: Mapping) -> str:
    """Why a model's labels of a code are hints: a row of queries.weak_codes in words; not escaped."""
    model, hint = short(row["annotator"]), "this code is a hint, not a measurement"
    if row["n_segments"] is None:
        return f"{model} was never measured on it: {hint}"
    on = f"on {row['n_segments']:,} held-out {'sentence' if row['n_segments'] == 1 else 'sentences'}"
    if row["best_f1"] is None:
        return f"{model}: F1 unknown {on}, {row['n_gold']:,} of them with it: {hint}"
    least = decimals(LEAST_F1, 1)
    return f"{model}: F1 {decimals(row['best_f1'])} {on}, {row['n_gold']:,} of them with it: under {least} {hint}"
