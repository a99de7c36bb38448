"""Schemes, layers and codes in words: names for choices, chips, legends and tooltips, order and hue.

Layers go by their keys, as in addresses and conditions; the shared aspects are the layer `common`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import polars as pl

from corpus.schemes import COMMON, Layer, schemes
from pages.parts import palette, verbatim
from pages.parts.provenance import Guess
from queries.filters import Condition, FilterError
from queries.vocabulary import SHARED, current

#: A code that is longer is shown by its name.
SHORT = 5


class Code(NamedTuple):
    """A code with its words; `layer` is a key, `position` the code's place in the layer, from 0.

    `hints` are the models that do not know the code well enough, each with the reason in words.
    """

    layer: str
    code: str
    name: str
    definition: str
    polarised: bool
    position: int
    hints: tuple[tuple[str, str], ...] = ()

    def hint(self, models: Iterable[str]) -> str | None:
        """Why labels of these models are but a hint, in words; null where one of them knows the code, or none is told.

        Not escaped.
        """
        told, asked = dict(self.hints), list(models)
        return "\n".join(told[model] for model in asked) if asked and all(model in told for model in asked) else None

    @property
    def short(self) -> str:
        """What stands for it where there is little room: the code itself, its name where the code is a long word.

        `none` goes by its name, which tells the layers apart: no aspect, no action.
        """
        return self.code if len(self.code) <= SHORT and self.code != "none" else self.name


def layers() -> dict[str, Layer]:
    """Every layer by key, in the schemes' order; the shared aspects come last."""
    return current().layers


def scheme_names() -> dict[str, str]:
    """What each scheme is called in short: its title as far as the colon, `Shared aspects` for the crosswalk."""
    short = {scheme.name: verbatim.clip(scheme.title.partition(":")[0], 32) for scheme in schemes()}
    n = Counter(short.values())
    return {name: title if n[title] == 1 else name for name, title in short.items()} | {COMMON: SHARED.title}


def layer_names(keys: Iterable[str] | None = None) -> dict[str, str]:
    """The titles of these layers, of all by default; where two have one title, with their schemes."""
    known = current()
    titles = {key: known.layers[key].title for key in (known.layers if keys is None else keys)}
    n, of = Counter(titles.values()), scheme_names()
    return {key: title if n[title] == 1 else f"{title} · {of[known.pairs[key][0]]}" for key, title in titles.items()}


def by_code(
    codes: pl.DataFrame, hints: Mapping[tuple[str, str, str], Mapping[str, str]] | None = None
) -> dict[tuple[str, str], Code]:
    """The rows of the codes table by key of the layer and code, in its order; then the shared aspects.

    `hints` are those of pages.parts.provenance.reasons. A shared aspect is a hint of a model where all are that it
    could know it by.
    """
    hints = hints or {}
    keys = {pair: key for key, pair in current().pairs.items()}
    columns = ("scheme", "layer", "code", "name", "definition", "polarised", "position")
    rows = (
        (keys.get((scheme, layer), f"{scheme}:{layer}"), *row) for scheme, layer, *row in codes.select(columns).rows()
    )
    found = {(row[0], row[1]): Code(*row) for row in rows}
    for (scheme, layer, code), told in hints.items():
        key = (keys.get((scheme, layer), f"{scheme}:{layer}"), code)
        if key in found:
            found[key] = found[key]._replace(hints=tuple(told.items()))
    shared = (
        Code(COMMON, code.code, code.name, code.definition, True, at, _shared(code.code, hints))
        for at, code in enumerate(SHARED.codes)
    )
    return found | {(COMMON, code.code): code for code in shared}


def _shared(aspect: str, hints: Mapping[tuple[str, str, str], Mapping[str, str]]) -> tuple[tuple[str, str], ...]:
    """The models that know none of the codes by which their scheme asks for a shared aspect, and why."""
    found = {}
    for model in sorted({model for told in hints.values() for model in told}):
        schemes_of = {key[0] for key, told in hints.items() if model in told}
        asked = [key for key in current().asking.get(aspect, ()) if key[0] in schemes_of]
        if asked and all(model in hints.get(key, {}) for key in asked):
            found[model] = "\n".join(f"{key[2]}: {hints[key][model]}" for key in asked)
    return tuple(found.items())


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


def chip(code: Code, polarity: int | None, extra: str = "", guess: Guess | None = None) -> str:
    """A label as a chip of HTML: sign, spelling; in words on hover. `extra` is put before the closing tag.

    A model's `guess` is drawn as one, and greyed with the reason where the model does not know the code.
    """
    _, sign, word = palette.POLARITIES[polarity]
    kind = tone(code, polarity)
    words = f"{_layer(code.layer)}: {code.name}" + (f", {word}" if kind not in ("hue", "nothing") else "")
    style = f' style="{wash(code)}"' if kind == "hue" else ""
    sign = palette.NOTHING[1] if kind == palette.NOTHING[0] else sign
    shown = f"{sign} {code.short}" if kind != "hue" else code.short
    if guess:
        hint = code.hint([guess.model])
        words += f": {guess.words}"
        words, kind = (f"{words}\n{hint}", f"{kind} guess weak") if hint else (words, f"{kind} guess")
    tip = verbatim.html(f"{words}\n{code.definition}")
    return (
        f'<span class="rs-chip {kind}"{style} data-tip="{tip}" tabindex="0" aria-label="{verbatim.html(words)}">'
        f"{verbatim.html(shown)}{extra}</span>"
    )


def _layer(key: str) -> str:
    """The title of a layer; with its scheme where the key names it, because another scheme has such a layer too."""
    known = current()
    title = known.layers[key].title if key in known.layers else key
    return f"{title} ({scheme_names()[known.pairs[key][0]]})" if key in known.pairs and ":" in key else title


def spelled(text: str, codes: Mapping[tuple[str, str], Code], guess: Guess | None = None) -> str:
    """The chip for a label as filters spell it (`MET-NEG`, `quality:CLA-POS`), or for a model's guess of one."""
    try:
        condition = Condition.parse(text)
        code = codes[condition.layers[0], condition.code or ""]
    except (FilterError, KeyError):
        return f'<span class="rs-chip">{verbatim.html(text)}</span>'
    return chip(code, condition.polarity, guess=guess)
