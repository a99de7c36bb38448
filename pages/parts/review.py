"""Reviews as HTML: text with its sentences highlighted by one layer, the key that filters, codes by reviewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from corpus.schemes import Layer
from pages.parts import address, codes, palette, tables, verbatim
from pages.parts.codes import Code
from queries.filters import Filters

Label = tuple[Code, int | None]

_KINDS = {"review": "Review", "meta_review": "Meta-review", "rebuttal": "Rebuttal", "comment": "Comment"}


class View(NamedTuple):
    """How the reader looks at a paper: the paper's address, the layer shown, the code and polarity asked for."""

    filters: Filters
    open: str
    layer: str
    asked: str | None

    def link(self, asked: str | None) -> str:
        """The attributes of the link to the same paper with other sentences asked for."""
        kept = {key: address.value(key) for key in ("sort", "find")}
        link = address.href("paper", self.filters, open=self.open, layer=self.layer, code=asked, **kept)
        return f'href="{verbatim.html(link)}" data-go'

    def turn(self, asked: str) -> str:
        """The attributes of the link that asks for this, or no longer asks where it is asked for now."""
        now = self.asked == asked
        return self.link(None if now else asked) + (' aria-current="true"' if now else "")

    def on(self, asked: str) -> str:
        """The class of what is asked for now, with a space before it."""
        return " on" if self.asked == asked else ""

    def asks(self, label: Label) -> bool:
        """Whether the key's filter means this label."""
        code, polarity = label
        return self.asked in (code.code, codes.tone(code, polarity))


def name(review: Mapping) -> str:
    """What a review is called; not escaped."""
    name = _KINDS[review["kind"]]
    return f"{name} by {review['reviewer']}" if review["reviewer"] else f"{name} {review['review_key']}"


def panes(
    reviews: Sequence[Mapping],
    segments: Mapping[int, Sequence[Mapping]],
    labels: Mapping[int, list[Label]],
    whole: Mapping[int, list[Label]],
    view: View,
    met: frozenset[int],
) -> None:
    """Draws reviews side by side; `segments` and `whole` are by review, `labels` by segment."""
    found = (
        _pane(each, segments.get(each["review_id"], []), labels, whole.get(each["review_id"], []), view, met)
        for each in reviews
    )
    st.html(f'<div class="rs rs-panes">{"".join(found)}</div>')


def _pane(
    review: Mapping,
    segments: Sequence[Mapping],
    labels: Mapping[int, list[Label]],
    whole: list[Label],
    view: View,
    met: frozenset[int],
) -> str:
    """One review. `labels` are those of the layer shown by segment, `whole` those on the review as a whole;
    `met` the segments that the filters select, none where they do not restrict segments.
    """
    title = verbatim.html(name(review))
    facts = [f"{review['n_words']:,} words"]
    facts += [f"rating {review['rating']:g}"] if review["rating"] is not None else []
    facts += [f"confidence {review['confidence']:g}"] if review["confidence"] is not None else []
    labelled = any(segment["segment_id"] in labels for segment in segments)
    if not labelled:
        facts.append("no labels in this layer" if segments else "no text")
    chips = "".join(codes.chip(code, polarity) for code, polarity in whole)
    chips = f'<div class="rs-chips" aria-label="Labels of the whole review">{chips}</div>' if chips else ""
    dim = " rs-dim" if view.asked and labelled else ""
    text = "".join(_sentence(review, segment, labels.get(segment["segment_id"], []), view, met) for segment in segments)
    return (
        f'<article class="rs-pane" id="pane-{review["review_id"]}"><header><h2>{title}</h2><p>{" · ".join(facts)}</p>'
        f'{chips}</header><div class="rs-text{dim}" tabindex="0" role="region" aria-label="{title}">{text}</div>'
        "</article>"
    )


def _sentence(review: Mapping, segment: Mapping, labels: list[Label], view: View, met: frozenset[int]) -> str:
    """One segment: marked if it has labels of the layer, the white space around it left outside the mark."""
    text = segment["text"]
    inner = verbatim.html(text.strip())
    before = text[: len(text) - len(text.lstrip())] if segment["position"] else ""
    after = text[len(text.rstrip()) :] if inner else ""
    at = address.anchor(f"{review['review_key']}:{segment['position']}")
    kind = "rs-seg met" if segment["segment_id"] in met else "rs-seg"
    if not labels:
        return f'{before}<span class="{kind}" id="{at}">{inner}</span>{after}'
    if any(view.asks(label) for label in labels):
        kind += " asked"
    tones = {codes.tone(code, polarity) for code, polarity in labels}
    tones -= {"nothing", "blank"} if tones - {"nothing", "blank"} else set()
    tone = next(iter(tones)) if len(tones) == 1 else "mixed"
    style = f' style="{codes.wash(labels[0][0])}"' if tone == "hue" else ""
    said = verbatim.html("; ".join(_words(label) for label in labels))
    signs = verbatim.html(" ".join(_sign(label) for label in labels))
    spelled = verbatim.html(" ".join(code.code for code, _ in labels))
    return (
        f'{before}<mark class="{kind} {tone}"{style} id="{at}" tabindex="0" data-codes="{spelled}" '
        f'data-sign="{signs}" data-tip="{said}" aria-description="{said}">{inner}</mark>{after}'
    )


def _words(label: Label) -> str:
    code, polarity = label
    judges = code.polarised and codes.tone(code, polarity) != palette.NOTHING[0]
    return f"{code.name}, {palette.POLARITIES[polarity][2]}" if judges else code.name


def _sign(label: Label) -> str:
    code, polarity = label
    if codes.tone(code, polarity) == palette.NOTHING[0]:
        return palette.NOTHING[1]
    return f"{code.code}{palette.POLARITIES[polarity][1]}" if code.polarised and polarity is not None else code.code


def key(layer: Layer, used: Sequence[Code], n: Mapping[str, int], view: View) -> None:
    """Draws the key to the colours, each entry a filter; `n` counts the labels by what the key can ask for."""
    if layer.polarised:
        tones = (*palette.POLARITIES.values(), palette.NOTHING)
        entries = [(kind, f"{sign} {word}", kind, "") for kind, sign, word in tones]
    else:
        entries = [(code.code, code.name, *_tone(code)) for code in used]
    chips = [
        f'<a class="rs-chip {kind}{view.on(asked)}"{style} {view.turn(asked)}>'
        f"{verbatim.html(shown)} <b>{n[asked]:,}</b></a>"
        for asked, shown, kind, style in entries
        if n.get(asked)
    ]
    if view.asked:
        chips.append(f'<a class="rs-chip" {view.link(None)}>Show all</a>')
    help = "Key; an entry shows only its sentences"
    st.html(f'<div class="rs rs-key" role="group" aria-label="{help}">{"".join(chips)}</div>', width="content")


def _tone(code: Code) -> tuple[str, str]:
    """Class and style attribute of a code in a layer without polarity."""
    tone = codes.tone(code, None)
    return tone, f' style="{codes.wash(code)}"' if tone == "hue" else ""


def matrix(
    reviews: Sequence[Mapping], cells: Mapping[tuple[int, str], Mapping], used: Sequence[Code], view: View
) -> None:
    """Draws reviewers by code. Heads filter, cells jump to their sentences. `cells` are the rows of queries.matrix."""
    most = max((row["n"] for row in cells.values()), default=1)
    heads = "".join(tables.header(code, view.turn(code.code), f' class="{view.on(code.code)}"') for code in used)
    body = "".join(
        f'<tr><th scope="row" class="name">{verbatim.html(name(review))}</th>'
        + "".join(f"<td>{_cell(code, cells.get((review['review_id'], code.code)), most, review)}</td>" for code in used)
        + "</tr>"
        for review in reviews
    )
    head = f'<tr><th scope="col" class="name"><b>Reviewer</b></th>{heads}</tr>'
    st.html(tables.grid("Codes by reviewer", head, body, "rs-matrix"))


def _cell(code: Code, row: Mapping | None, most: int, review: Mapping) -> str:
    pane_id = f"pane-{review['review_id']}"
    return tables.cell(
        code, row, most, f'href="#{pane_id}" data-pane="{pane_id}" data-jump="{verbatim.html(code.code)}"'
    )
