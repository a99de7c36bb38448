"""Reviews as HTML: text with its sentences highlighted by one layer, the key that filters, codes by reviewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from corpus.schemes import Layer
from pages.parts import address, codes, palette, tables, verbatim
from pages.parts.codes import Code
from pages.parts.provenance import Guess
from queries.filters import Filters


class Label(NamedTuple):
    """A label as it is drawn; `by` names its people where a paper has several, `guess` tells that it is a model's."""

    code: Code
    polarity: int | None
    by: tuple[str, ...] = ()
    guess: Guess | None = None

    @property
    def hint(self) -> str | None:
        """Why the guess is but a hint; null where it is more, or no guess."""
        return self.code.hint([self.guess.model]) if self.guess else None


class Answer(NamedTuple):
    """What a sentence of a rebuttal answers: ids of the sentences, or of the review; how many; in words."""

    to: tuple[str, ...]
    n: str
    words: str


class Marks(NamedTuple):
    """What is marked in the text: labels of the layer shown, by segment; labels on whole reviews, by review; segments
    that the filters select, none where they do not restrict segments; answers by segment of a rebuttal.
    """

    labels: Mapping[int, list[Label]]
    whole: Mapping[int, list[Label]]
    met: frozenset[int]
    answers: Mapping[int, Answer]


_KINDS = {"review": "Review", "meta_review": "Meta-review", "rebuttal": "Rebuttal", "comment": "Comment"}


class View(NamedTuple):
    """How the reader looks at a paper: the paper's address, the layer shown, the code and polarity asked for."""

    filters: Filters
    open: str
    layer: str
    asked: str | None
    who: str | None = None

    def link(self, asked: str | None) -> str:
        """The attributes of the link to the same paper with other sentences asked for."""
        kept = {key: address.value(key) for key in ("sort", "find")}
        link = address.href("paper", self.filters, open=self.open, layer=self.layer, who=self.who, code=asked, **kept)
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
        return self.asked in (label.code.code, codes.tone(label.code, label.polarity))


def name(review: Mapping) -> str:
    """What a review is called; not escaped."""
    name = _KINDS[review["kind"]]
    by = (review["reviewer"] or "").replace("_", " ")
    return f"{name} by {by}" if by else f"{name} {review['review_key']}"


def panes(reviews: Sequence[Mapping], segments: Mapping[int, Sequence[Mapping]], marks: Marks, view: View) -> None:
    """Draws reviews side by side; `segments` are by review, in reading order."""
    found = (_pane(each, segments.get(each["review_id"], []), marks, view) for each in reviews)
    st.html(f'<div class="rs rs-panes">{"".join(found)}</div>')


def _pane(review: Mapping, segments: Sequence[Mapping], marks: Marks, view: View) -> str:
    """One review: its head, then its text, with a heading wherever another field of the form begins."""
    title = verbatim.html(name(review))
    facts = [f"{review['n_words']:,} words"]
    facts += [f"rating {review['rating']:g}"] if review["rating"] is not None else []
    facts += [f"confidence {review['confidence']:g}"] if review["confidence"] is not None else []
    labelled = any(segment["segment_id"] in marks.labels for segment in segments)
    if not segments:
        facts.append("no text")
    elif marks.labels and not labelled:
        facts.append("no labels in this layer")
    chips = "".join(_whole(label) for label in marks.whole.get(review["review_id"], []))
    chips = f'<div class="rs-chips" aria-label="Labels of the whole review">{chips}</div>' if chips else ""
    dim = " rs-dim" if view.asked and labelled else ""
    text, field = "", None
    for segment in segments:
        if segment["field"] != field and segment["field"] is not None:
            text = f'{text.rstrip()}<h3 class="rs-field">{verbatim.html(_field(segment["field"]))}</h3>'
        field = segment["field"]
        text += _sentence(review, segment, marks, view)
    return (
        f'<article class="rs-pane" id="pane-{review["review_id"]}"><header><h2>{title}</h2><p>{" · ".join(facts)}</p>'
        f'{chips}</header><div class="rs-text{dim}" tabindex="0" role="region" aria-label="{title}">{text}</div>'
        "</article>"
    )


def _field(name: str) -> str:
    """The name of a form's field in words."""
    words = " ".join(name.replace("_", " ").split())
    return words[:1].upper() + words[1:]


def _whole(label: Label) -> str:
    by = f" <small>{verbatim.html(', '.join(label.by))}</small>" if label.by else ""
    return codes.chip(label.code, label.polarity, by, label.guess)


def _sentence(review: Mapping, segment: Mapping, marks: Marks, view: View) -> str:
    """One segment: marked if it has labels of the layer, the white space around it left outside the mark."""
    text, labels = segment["text"], marks.labels.get(segment["segment_id"], [])
    inner = verbatim.html(text.strip())
    before = text[: len(text) - len(text.lstrip())] if segment["position"] else ""
    after = text[len(text.rstrip()) :] if inner else ""
    after = _answer(marks.answers.get(segment["segment_id"])) + after
    at = address.anchor(f"{review['review_key']}:{segment['position']}")
    kind = "rs-seg met" if segment["segment_id"] in marks.met else "rs-seg"
    if not labels:
        return f'{before}<span class="{kind}" id="{at}">{inner}</span>{after}'
    if any(view.asks(label) for label in labels):
        kind += " asked"
    tones = {codes.tone(label.code, label.polarity) for label in labels}
    tones -= {"nothing", "blank"} if tones - {"nothing", "blank"} else set()
    tone = next(iter(tones)) if len(tones) == 1 else "mixed"
    if all(label.guess for label in labels):
        kind += " guess weak" if all(label.hint for label in labels) else " guess"
    style = f' style="{codes.wash(labels[0].code)}"' if tone == "hue" else ""
    lines = "\n" if any(label.guess for label in labels) else "; "
    said = verbatim.html(lines.join(_words(label) for label in labels))
    signs = verbatim.html(" ".join(_sign(label) for label in labels))
    spelled = verbatim.html(" ".join(label.code.code for label in labels))
    return (
        f'{before}<mark class="{kind} {tone}"{style} id="{at}" tabindex="0" data-codes="{spelled}" '
        f'data-sign="{signs}" data-tip="{said}" aria-description="{said}">{inner}</mark>{after}'
    )


def _answer(answer: Answer | None) -> str:
    """The link from a sentence of a rebuttal to what it answers."""
    if answer is None:
        return ""
    to, said = verbatim.html(" ".join(answer.to)), verbatim.html(answer.words)
    return (
        f'<a class="rs-answer" href="#{verbatim.html(answer.to[0])}" data-to="{to}" data-tip="{said}" '
        f'aria-label="{said}">↩ {answer.n}</a>'
    )


def _words(label: Label) -> str:
    """The label in words: what it says, by whom, whether it is a guess and how good a one."""
    code, polarity, by, guess = label
    judges = code.polarised and codes.tone(code, polarity) != palette.NOTHING[0]
    words = f"{code.name}, {palette.POLARITIES[polarity][2]}" if judges else code.name
    words += f" ({', '.join(by)})" if by else ""
    words += f": {guess.words}" if guess else ""
    return f"{words} ({label.hint})" if label.hint else words


def _sign(label: Label) -> str:
    code, polarity = label.code, label.polarity
    if codes.tone(code, polarity) == palette.NOTHING[0]:
        return palette.NOTHING[1]
    return f"{code.short}{palette.POLARITIES[polarity][1]}" if code.polarised and polarity is not None else code.short


def key(layer: Layer, used: Sequence[Code], n: Mapping[str, int], view: View, guesses: str = "") -> None:
    """Draws the key to the colours, each entry a filter; `n` counts the labels by what the key can ask for.

    guesses   what marks guesses, as HTML; empty where there are none
    """
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
    chips += [f'<span class="rs-legend">{guesses}</span>'] if guesses else []
    help = "Key; an entry shows only its sentences"
    st.html(f'<div class="rs rs-key" role="group" aria-label="{help}">{"".join(chips)}</div>', width="content")


def _tone(code: Code) -> tuple[str, str]:
    """Class and style attribute of a code in a layer without polarity."""
    tone = codes.tone(code, None)
    return tone, f' style="{codes.wash(code)}"' if tone == "hue" else ""


def matrix(
    reviews: Sequence[Mapping],
    cells: Mapping[tuple[int, str], Mapping],
    used: Sequence[Code],
    view: View,
    models: Sequence[str] = (),
) -> None:
    """Draws reviewers by code. Heads filter, cells jump to their sentences. `cells` are the rows of queries.matrix.

    `models` are those whose labels are among them.

    Left out are kinds that the layer labels nowhere here: no rebuttal is asked for the aspects of a paper.
    """
    labelled = {review for review, _ in cells}
    kinds = {review["kind"] for review in reviews if review["review_id"] in labelled}
    reviews = [review for review in reviews if review["kind"] in kinds]
    most = max((row["n"] for row in cells.values()), default=1)
    hints = tables.guessed_only(cells, used, models)
    heads = "".join(
        tables.header(code, view.turn(code.code), f' class="{view.on(code.code)}"', hint)
        for code, hint in zip(used, hints, strict=True)
    )
    body = "".join(
        f'<tr><th scope="row" class="name">{verbatim.html(name(review))}</th>'
        + "".join(
            f"<td>{_cell(code, cells.get((review['review_id'], code.code)), most, review, models)}</td>"
            for code in used
        )
        + "</tr>"
        for review in reviews
    )
    head = f'<tr><th scope="col" class="name"><b>Reviewer</b></th>{heads}</tr>'
    st.html(tables.grid("Codes by reviewer", head, body, "rs-matrix"))


def _cell(code: Code, row: Mapping | None, most: int, review: Mapping, models: Sequence[str]) -> str:
    pane_id = f"pane-{review['review_id']}"
    link = f'href="#{pane_id}" data-pane="{pane_id}" data-jump="{verbatim.html(code.code)}"'
    return tables.cell(code, row, most, link, models)
