"""Conditions on labels: what a sentence, or a whole review, must be labelled with to be part of a selection.

A condition is written as a label is spelled: `MET-NEG`, `MAJ`, `POS` (any positive label), `aspect-NEG` (any code
of a layer), `quality:CLA-POS` (a code of the layer named). A bare code is one of the layers that label sentences;
only where none of them has it is it one of the layers that label whole reviews. So `CLA` is the clarity of the paper,
`quality:CLA` the clarity of the review.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import polars as pl

from corpus.schemes import Code, Layer, schemes

#: How a polarity is spelled after a code, and in words. A null polarity has no spelling and is no condition.
POLARITIES = {-1: "NEG", 0: "NEU", 1: "POS"}
POLARITY_NAMES = {-1: "negative", 0: "neutral", 1: "positive"}


class FilterError(ValueError):
    """A filter that cannot be meant as it stands; the message is for the person who wrote it."""


class Condition(NamedTuple):
    """A label asked for. null (None) in a field: any layer, any code, any polarity or none."""

    layer: str | None = None
    code: str | None = None
    polarity: int | None = None

    @classmethod
    def parse(cls, text: str) -> Condition:
        """The condition that `text` spells, in any case, aliases of codes allowed. Raises FilterError."""
        head, dash, tail = text.strip().rpartition("-")
        polarity = _polarity(tail)
        name = text.strip() if polarity is None else head
        prefix, colon, code = name.rpartition(":")
        if (colon and not (prefix and code)) or (dash and not name) or not (name or polarity is not None):
            raise FilterError(f"“{text}” is no label. {_spellings()}")
        if colon:
            return cls(prefix, code, polarity).checked()
        if name.casefold() in _layers():
            return cls(name, None, polarity).checked()
        return cls(None, name or None, polarity).checked()

    def __str__(self) -> str:
        """The spelling that parses to the condition: with the layer only if the code by itself means another."""
        name = self.code or self.layer or ""
        if self.layer and self.code and self.layer != _named_layers().get(self.code):
            name = f"{self.layer}:{self.code}"
        polarity = "" if self.polarity is None else POLARITIES.get(self.polarity, str(self.polarity))
        return "-".join(part for part in (name, polarity) if part)

    def checked(self) -> Condition:
        """The condition with names as the schemes spell them and the layer filled in where the code leaves no choice.

        Raises FilterError, naming what is allowed, for a layer, code or polarity that no label can have.
        """
        if not (self.layer or self.code or self.polarity is not None):
            raise FilterError(f"A condition needs a layer, a code or a polarity. {_spellings()}")
        if self.polarity is not None and self.polarity not in POLARITIES:
            raise FilterError(f"“{self.polarity}” is no polarity: use -1, 0 or 1.")
        layer = self.layer.strip().casefold() if self.layer else None
        if layer is not None and layer not in _layers():
            raise FilterError(f"“{self.layer}” is no layer: use one of {', '.join(_layers())}.")
        found = Condition(layer, _code(self.code, layer) if self.code else None, self.polarity)
        if not found.layers:
            raise FilterError(f"“{found}”: {layer or found.code} takes no polarity. Leave it off.")
        return found._replace(layer=found.layers[0]) if found.code and len(found.layers) == 1 else found

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers in which a label can meet the condition, all with the same target."""
        fitting = [
            layer
            for layer in _layers().values()
            if self.layer in (None, layer.name)
            and (self.code is None or self.code in _codes(layer.name))
            and (self.polarity is None or layer.polarised)
        ]
        on_segments = tuple(layer.name for layer in fitting if layer.target == "segment")
        return on_segments or tuple(layer.name for layer in fitting)

    @property
    def target(self) -> str:
        """What the label is on: a `segment` or a whole `review`."""
        return _layers()[self.layers[0]].target

    @property
    def order(self) -> tuple[int, int, int]:
        """Where it stands among conditions: in the schemes' order, a wider one before the narrower."""
        names = list(_layers())
        codes = list(_codes(self.layer)) if self.layer else list(_all_codes())
        return (
            names.index(self.layer) if self.layer else -1,
            codes.index(self.code) if self.code else -1,
            -2 if self.polarity is None else self.polarity,
        )

    def predicate(self) -> pl.Expr:
        """Whether a row of labels meets the condition; false, never null, where its polarity is null."""
        if self.layer is None:
            asked = pl.col("layer").is_in(self.layers)
        else:
            asked = pl.col("layer") == self.layer
        if self.code is not None:
            asked &= pl.col("code") == self.code
        if self.polarity is not None:
            asked &= pl.col("polarity").eq_missing(self.polarity)
        return asked

    def words(self) -> str:
        """The condition as it is spelled, then what it means: `MET-NEG (methodology, negative)`."""
        if self.code:
            name = dict.fromkeys(_codes(layer)[self.code].name for layer in self.layers)
            what = " or ".join(name)
            if self.target == "review" and self.layer:
                what = f"{what} of the review"
        else:
            what = f"any {_layers()[self.layer].title.lower()}" if self.layer else "any label"
        spelled = "" if self.polarity is None else f", {POLARITY_NAMES[self.polarity]}"
        return f"{self} ({what}{spelled})"


def spelling() -> pl.Expr:
    """The spelling of the label in a row of labels, as of the condition that asks for it. Text: for distinct rows."""
    layers = {layer: [code for code, meant in _named_layers().items() if meant == layer] for layer in _layers()}
    alone = pl.any_horizontal(
        (pl.col("layer") == layer) & pl.col("code").is_in(codes) for layer, codes in layers.items()
    )
    prefix = pl.when(alone).then(pl.lit("")).otherwise(pl.concat_str("layer", pl.lit(":")))
    suffix = pl.col("polarity").replace_strict(
        list(POLARITIES), [f"-{name}" for name in POLARITIES.values()], default="", return_dtype=pl.String
    )
    return pl.concat_str(prefix, "code", suffix)


@cache
def _layers() -> dict[str, Layer]:
    """Every layer by name, in the schemes' order; schemes that share a layer's name share its target."""
    return {layer.name: layer for scheme in schemes() for layer in scheme.layers}


@cache
def _codes(layer: str) -> dict[str, Code]:
    """The codes of a layer by code, in the schemes' order."""
    return {c.code: c for scheme in schemes() for each in scheme.layers if each.name == layer for c in each.codes}


@cache
def _all_codes() -> dict[str, str]:
    """Every code and alias, upper-case or as it is, with the code it stands for."""
    own = {code: code for layer in _layers() for code in _codes(layer)}
    return own | {alias: code for scheme in schemes() for alias, code in scheme.aliases.items() if alias not in own}


@cache
def _named_layers() -> dict[str, str]:
    """Codes that mean one layer only when written without it, with that layer."""
    meant = {code: Condition(None, code).layers for code in set(_all_codes().values())}
    return {code: layers[0] for code, layers in meant.items() if len(layers) == 1}


def _polarity(text: str) -> int | None:
    return next((number for number, name in POLARITIES.items() if name == text.strip().upper()), None)


def _code(text: str, layer: str | None) -> str:
    """The code that `text` spells within a layer or, without one, within any. Raises FilterError."""
    asked = text.strip().casefold()
    allowed = _codes(layer) if layer else dict.fromkeys(_all_codes().values())
    found = next((code for name, code in _all_codes().items() if name.casefold() == asked), None)
    if found not in allowed:
        where = f" of the layer {layer}" if layer else ""
        hint = "" if layer else f" {_spellings()}"
        raise FilterError(f"“{text}” is no code{where}: use one of {', '.join(allowed)}.{hint}")
    return str(found)


def _spellings() -> str:
    return (
        "Write a code (MET), a code with a polarity (MET-NEG, -NEU, -POS), a polarity (NEG), or a layer "
        f"({', '.join(_layers())}) with a polarity (aspect-NEG) or a code (aspect:CNT)."
    )
