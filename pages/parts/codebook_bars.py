"""What a card of the codebook draws of a code: how often it is used, how it judges, how well models know it."""

from __future__ import annotations

from collections.abc import Mapping

from corpus.schemes import Code, Layer
from pages.parts import verbatim
from pages.parts.palette import NOTHING, POLARITIES
from pages.parts.provenance import decimals, reason, short
from queries.weak_codes import LEAST_F1

_SIGNS = ((-1, "negative"), (0, "neutral"), (1, "positive"))


def split(layer: Layer, code: Code, row: Mapping, most: int, guessed: Mapping[int | None, int]) -> str:
    """A bar as long as the code is frequent in its layer, split by polarity and by whose labels they are; HTML.

    `row` is one of queries.codebook, `most` the labels of the most frequent code of the layer, `guessed` by polarity
    how many labels are models'.
    """
    n, models = row["n"], sum(guessed.values())
    # tone, class, word, labels, of these by models
    if code.code == "none":
        parts = [("--rs-muted", "dotted", NOTHING[2], n, models)]
    elif not layer.polarised:
        parts = [("--rs-muted", "", "labels", n, models)]
    else:
        parts = [(f"--rs-{POLARITIES[at][0]}", "", name, row[name] or 0, guessed.get(at, 0)) for at, name in _SIGNS]
        blank = n - sum(part[3] for part in parts)
        parts.append(("--rs-blank", "hollow", POLARITIES[None][2], blank, guessed.get(None, 0)))
    words = verbatim.html(", ".join(_words(*part[2:]) for part in parts if part[3]))
    bars = "".join(
        f'<i class="{kind}{by}" style="--tone:var({tone});flex:{length}"></i>'
        for tone, kind, _, labels, by_models in parts
        for by, length in (("", labels - by_models), (" guess", by_models))
        if length
    )
    return (
        f'<div class="rs-split" style="width:{n / most:.1%}" tabindex="0" role="img" aria-label="{words}" '
        f'data-tip="{words}">{bars}</div>'
    )


def _words(word: str, n: int, by_models: int) -> str:
    return f"{n:,} {word}" + (f" ({by_models:,} by a model)" if by_models else "")


def knows(row: Mapping) -> str:
    """How well a model knows a code, as HTML: a row of queries.weak_codes.known_codes."""
    told = (
        f"F1 <b>{decimals(row['f1'])}</b> · precision {decimals(row['precision'])} · recall {decimals(row['recall'])}"
    )
    if row["best_f1"] is not None and decimals(row["best_f1"]) != decimals(row["f1"]):
        told += f" · F1 {decimals(row['best_f1'])} where it does not abstain"
    on = f"on {row['n_segments']:,} held-out sentences, {row['n_gold']:,} of them with it"
    name = verbatim.html(short(row["annotator"]))
    if not row["weak"]:
        return f'<div class="rs-knows"><span class="rs-chip guess">{name}</span> {told} <small>{on}</small></div>'
    chip = f'<span class="rs-chip guess weak" data-tip="{verbatim.html(reason(row))}" tabindex="0">{name}</span>'
    why = "F1 unknown" if row["best_f1"] is None else f"F1 under {decimals(LEAST_F1, 1)}"
    return f'<div class="rs-knows weak">{chip} {told} <small>{on}; {why}: a hint, not a measurement</small></div>'
