"""Published label systems, one TOML file each: layers, codes, names, definitions, aliases, source."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import NamedTuple

#: Shared aspects that codes of different schemes are mapped onto.
COMMON_ASPECTS = (
    "clarity",
    "originality",
    "soundness",
    "substance",
    "impact",
    "comparison",
    "replicability",
    "appropriateness",
    "presentation",
    "recommendation",
    "none",
)


class Code(NamedTuple):
    """One answer a layer allows. `common` is a shared aspect, null where none fits."""

    code: str
    name: str
    definition: str
    common: str | None = None


class Layer(NamedTuple):
    """One question a scheme asks, of a `segment` or of a whole `review`."""

    name: str
    title: str
    question: str
    polarised: bool
    target: str
    codes: tuple[Code, ...]


class Scheme(NamedTuple):
    """A published label system. `aliases` maps upper-case spellings to codes."""

    name: str
    title: str
    source: str
    doi: str | None
    layers: tuple[Layer, ...]
    aliases: dict[str, str]

    def layers_of(self, code: str) -> tuple[Layer, ...]:
        """The layers in which `code` is an answer, in the scheme's order."""
        return tuple(layer for layer in self.layers if any(code == c.code for c in layer.codes))


@cache
def schemes() -> tuple[Scheme, ...]:
    """Every bundled scheme, sorted by name."""
    files = sorted(f.name for f in resources.files(__name__).iterdir() if f.name.endswith(".toml"))
    return tuple(_parse(tomllib.loads((resources.files(__name__) / f).read_text("utf-8"))) for f in files)


def scheme(name: str) -> Scheme:
    """The bundled scheme called `name`; KeyError where there is none."""
    return {s.name: s for s in schemes()}[name]


def _parse(table: dict) -> Scheme:
    layers = tuple(
        Layer(**{**layer, "codes": tuple(Code(**code) for code in layer["codes"])}) for layer in table["layers"]
    )
    return Scheme(table["name"], table["title"], table["source"], table.get("doi"), layers, table["aliases"])
