"""The codes of the snapshot in words: names for chips, legends and tooltips, order and hue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from corpus.schemes import Layer, schemes
from pages.parts import palette, verbatim
from queries.filters import Condition, FilterError


class Code(NamedTuple):
    """A code with its words; `position` is its place in the layer, from 0."""

    layer: str
    code: str
    name: str
    definition: str
    polarised: bool
    position: int


def layers() -> dict[str, Layer]:
    """Every layer by name, in the schemes' order."""
    return {layer.name: layer for scheme in schemes() for layer in scheme.layers}


def by_code(codes: pl.DataFrame) -> dict[tuple[str, str], Code]:
    """The rows of the codes table by layer and code, in its order."""
    columns = ("layer", "code", "name", "definition", "polarised", "position")
    return {(row[0], row[1]): Code(*row) for row in codes.select(columns).iter_rows()}


def tone(code: Code | None, polarity: int | None) -> str:
    """The CSS class of a label: its polarity, `nothing` for the code none, the code's hue where layers have none."""
    if code is not None and code.code == "none":
        return palette.NOTHING[0]
    if code is not None and not code.polarised:
        return "hue"
    return palette.POLARITIES[polarity][0]


def wash(code: Code) -> str:
    """The style attribute that gives a code without polarity its hue."""
    at = palette.hue(code.position)
    return f"--wash:var(--rs-wash-{at});--hue:var(--rs-hue-{at})"


def chip(code: Code, polarity: int | None, extra: str = "") -> str:
    """A label as a chip of HTML: sign, spelling; in words on hover. `extra` is put before the closing tag."""
    _, sign, word = palette.POLARITIES[polarity]
    kind = tone(code, polarity)
    words = f"{code.layer}: {code.name}" + (f", {word}" if kind not in ("hue", "nothing") else "")
    style = f' style="{wash(code)}"' if kind == "hue" else ""
    sign = palette.NOTHING[1] if kind == palette.NOTHING[0] else sign
    shown = f"{sign} {code.code}" if kind != "hue" else code.code
    tip = verbatim.html(f"{words}\n{code.definition}")
    return (
        f'<span class="rs-chip {kind}"{style} data-tip="{tip}" tabindex="0" aria-label="{verbatim.html(words)}">'
        f"{verbatim.html(shown)}{extra}</span>"
    )


def spelled(text: str, codes: Mapping[tuple[str, str], Code]) -> str:
    """The chip for a label as filters spell it (`MET-NEG`, `quality:CLA-POS`)."""
    try:
        condition = Condition.parse(text)
        code = codes[condition.layers[0], condition.code or ""]
    except (FilterError, KeyError):
        return f'<span class="rs-chip">{verbatim.html(text)}</span>'
    return chip(code, condition.polarity)
