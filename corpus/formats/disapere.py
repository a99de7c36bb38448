"""Reader of DISAPERE: a review and the rebuttal to it in one JSON object, sentence by sentence, both labelled.

Kennard et al. (2022), DISAPERE: A Dataset for Discourse Structure in Peer Review Discussions, NAACL 2022,
doi:10.18653/v1/2022.naacl-main.89. A record has `metadata`, `review_sentences` and `rebuttal_sentences`; it becomes two
reviews of the paper `forum_id`, of kind review and rebuttal. A segment is a sentence with what follows it in the
original (`suffix`); where the corpus lost that, one space is put after it.

To know before counting: the authors' own preparation publishes a neutral polarity as `none`, so null may be either; it
publishes an alignment with exactly the first n sentences of a review as `context_global`; and it drops sentences of a
few rebuttals, where `sentence_index` has gaps. `details` of a rebuttal action (`manuscript_change`,
`request_out_of_scope`) have no column and stay in the source only, as does `permalink`, which the ids make up.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from corpus.formats.draft import Draft, Piece, joined
from corpus.formats.form_values import identity, score, shown, venue_and_year
from corpus.formats.located import Literal, Node
from corpus.formats.source import Source
from corpus.records import Alignment, Label, Paper, Reading
from corpus.schemes import scheme

REVIEW, REBUTTAL = "review_sentences", "rebuttal_sentences"
LAYERS = {
    REVIEW: ("review_action", "fine_review_action", "aspect"),
    REBUTTAL: ("rebuttal_stance", "rebuttal_action"),
}
#: Published polarities; the schema's neutral is read too, although the published files hold none.
POLARITIES = {"pol_negative": -1, "pol_neutral": 0, "pol_positive": 1, "none": None}
#: How a sentence of a rebuttal may refer: to sentences, to the review as a whole, to the rebuttal itself, to nothing.
CONTEXTS = tuple(f"context_{kind}" for kind in ("sentences", "global", "in-rebuttal", "none", "unknown", "error"))

_MOST = 10**6  # no review has so many sentences; a larger number is damage


def sniff(source: Source) -> bool:
    """Whether one of the first records has the sentences of a review or rebuttal and another part of a pair."""
    return any(
        any(isinstance(record.get(side), list) for side in LAYERS)
        and sum(part in record for part in ("metadata", *LAYERS)) > 1
        for record in source.documents.records()[:3]
    )


def read(source: Source) -> Reading:
    """Every pair of a file, two reviews each, under the keys `review_id` and `rebuttal_id`.

    A review with no sentence of a rebuttal and no `rebuttal_id` is one that nobody answered, and stands alone.
    Labels are by `gold`, in a file named `<id>.<annotator>.json` by that annotator. A pair whose review was read before
    is `duplicate_review`; a record without sentences is `bad_record`.
    """
    draft = Draft(source)
    known: set[tuple[str, str]] = set()
    for number, record in enumerate(draft.records(), start=source.first_record + 1):
        if any(isinstance(record.get(side), list) for side in LAYERS):
            _Pair(draft, record, number, known).add()
        else:
            draft.report(
                "bad_record", f"line {record.line}: neither {REVIEW} nor {REBUTTAL} is a list; it was not read.", record
            )
    return draft.reading()


class _Pair:
    """One record on its way into a draft; `known` holds (paper, review) keys that the file told before."""

    def __init__(self, draft: Draft, record: Node, number: int, known: set[tuple[str, str]]):
        self._draft, self._record, self._known = draft, record, known
        self._meta = self._metadata()
        key = self._id("forum_id", f"{draft.source.paper_key}-{number}")
        venue, year = venue_and_year(self._string(self._meta, "conference", needed=False) or "")
        self._paper = Paper(key, _plain(self._string(self._meta, "title")), venue, year)
        self._review_key = self._id("review_id", str(number))
        self._by = _plain(self._string(self._meta, "annotator", needed=False))
        self._annotator = self._labeller()

    def add(self) -> None:
        """Adds the review and the rebuttal, each where the record has it."""
        if not self._free(self._review_key, "the pair"):
            return
        scores = {"annotator": (None, self._by)} if self._by else {}
        review, rebuttal = self._nodes(REVIEW), self._nodes(REBUTTAL)
        places: dict[int, int] = {}
        if review is not None:
            places = self._places(review, REVIEW)
            reviewer = _plain(self._string(self._meta, "reviewer", needed=False))
            told = {"reviewer": reviewer, "rating": self._rating(), "scores": scores}
            self._put(self._review_key, self._sentences(review, REVIEW), "review", **told)
        if rebuttal == [] and self._meta.get("rebuttal_id") is None:
            return  # nobody answered this review
        if rebuttal is not None and self._free(key := self._rebuttal_key(), "the rebuttal"):
            self._places(rebuttal, REBUTTAL)
            self._put(key, self._sentences(rebuttal, REBUTTAL, places), "rebuttal", scores=scores)

    def _put(self, key: str, pieces: list[Piece], kind: str, **told: Any) -> None:
        number = self._draft.add(self._paper, key, pieces, kind=kind, annotator=self._annotator, **told)
        if not any(piece.text.strip() for piece in pieces):
            self._draft.report("empty_review", f"line {self._record.line}: {kind} without text.", self._record, number)

    def _sentences(self, nodes: list, side: str, places: dict[int, int] | None = None) -> list[Piece]:
        """A piece for every sentence, in the file's order; what is no sentence keeps its place without text."""
        pieces = []
        for place, node in enumerate(nodes, start=1):
            if not isinstance(node, Node):
                self._report("bad_record", node, f"{side}, sentence {place} is no object; its place stays empty", node)
                pieces.append(joined())
                continue
            text, suffix = (self._string(node, name, filled=False) or "" for name in ("text", "suffix"))
            if not text.strip() and isinstance(node.get("text"), str):
                self._report("bad_value", node, f"{side}, sentence {place} has no text", text)
            lost = bool(text) and not suffix and not text[-1].isspace() and place < len(nodes)
            labels = tuple(label for layer in LAYERS[side] for label in self._labels(node, layer))
            alignments = () if places is None else self._alignments(node, places)
            pieces.append(joined(text, suffix, " " if lost else "", labels=labels, alignments=alignments))
        return pieces

    def _labels(self, node: Node, layer: str) -> list[Label]:
        """The label of a layer, if any; that of the aspect carries the polarity, and both stand in its `raw`."""
        code = self._string(node, layer)
        polarity, raw = None, code or ""
        if layer == "aspect":
            polarity, spelled = self._polarity(node)
            raw += f" {spelled}" if spelled not in (None, "none") else ""
            if code is None and polarity is not None:
                self._report("bad_value", node, f"polarity is {spelled!r} and there is no aspect that it could be of")
        if code is None:
            return []
        if code not in _codes()[layer]:
            allowed = ", ".join(_codes()[layer])
            self._report("unknown_code", node, f"{layer} is {shown(code)}; allowed are {allowed}", code)
            return []
        return [Label("disapere", layer, str(code), polarity, str(raw), self._annotator)]

    def _polarity(self, node: Node) -> tuple[int | None, str | None]:
        spelled = self._string(node, "polarity")
        if spelled is not None and spelled not in POLARITIES:
            allowed = ", ".join(POLARITIES)
            told = f"polarity is {shown(spelled)}; allowed are {allowed}"
            self._report("unexpected_polarity", node, told, spelled)
        return POLARITIES.get(spelled or "none"), _plain(spelled)

    def _alignments(self, node: Node, places: dict[int, int]) -> tuple[Alignment, ...]:
        """One alignment a sentence of the review; one without a place where the kind names none."""
        told = node.get("alignment")
        if not isinstance(told, list) or len(told) != 2 or not isinstance(told[1], list | None):
            self._report("bad_value", node, "alignment is no pair of a kind and a list of sentences")
            return ()
        kind, indices = told[0], told[1] or []
        if not isinstance(kind, str) or kind not in CONTEXTS:
            allowed = ", ".join(CONTEXTS)
            self._report("unknown_code", node, f"the alignment is of kind {shown(kind)}; allowed are {allowed}", kind)
            return ()
        if not indices:
            if kind == "context_sentences":
                self._report("broken_link", node, "the alignment is with sentences and names none")
            whole = self._review_key if kind == "context_global" and places else None
            return (Alignment(str(kind), whole, None, self._annotator),)
        found: dict[int, None] = {}
        for index in indices:
            if type(index) is not int:
                self._report("bad_value", node, f"the alignment has {shown(index)} for the number of a sentence")
            elif index not in places:
                self._report("broken_link", node, f"the alignment is with sentence {shown(index)}, which is not there")
            elif places[index] in found:
                self._report("bad_value", node, f"the alignment has sentence {index} twice; it counts once")
            else:
                found[places[index]] = None
        return tuple(Alignment(str(kind), self._review_key, place, self._annotator) for place in found)

    def _places(self, nodes: list, side: str) -> dict[int, int]:
        """The place in the list of every `sentence_index`; numbers that are odd, missing or twice are reported."""
        places: dict[int, int] = {}
        due = 0
        for place, node in enumerate(nodes):
            index = node.get("sentence_index") if isinstance(node, Node) else due
            if type(index) is not int or not 0 <= index < _MOST:
                self._report("bad_value", node, f"sentence_index is {shown(index)}; {due} stands for it")
                index = due
            elif index in places:
                self._report("bad_value", node, f"sentence_index is {index} again; the first sentence has it")
            elif index != due:
                told = (
                    f"sentence_index is {shown(index)} where {due} was due; {side} lacks sentences or is out of order"
                )
                self._report("bad_value", node, told)
            places.setdefault(index, place)
            due = index + 1
        return places

    def _metadata(self) -> Node:
        found = self._record.get("metadata")
        if isinstance(found, Node):
            return found
        self._report("bad_value", self._record, f"metadata is {shown(found)} instead of an object")
        nothing = Node()
        nothing.start, nothing.line = self._record.start, self._record.line
        return nothing

    def _nodes(self, side: str) -> list | None:
        found = self._record.get(side)
        if isinstance(found, list):
            return found
        self._report("bad_value", self._record, f"{side} is {shown(found)} instead of a list")
        return None

    def _labeller(self) -> str:
        """Who made the labels: `gold`, or of a file `<id>.<annotator>.json` that annotator, as the metadata name it."""
        name = self._draft.source.name
        inner, _, named = name.rpartition(".")[0].rpartition(".")
        if not inner or not (inner == self._review_key or re.fullmatch(r"anno\w*", named)):
            return "gold"
        if self._by and self._by != named:
            self._report("bad_value", self._meta, f"the file is named for {named}, its annotator is {self._by}")
        return self._by or named

    def _rebuttal_key(self) -> str:
        key = self._id("rebuttal_id", f"{self._review_key}-rebuttal")
        if key != self._review_key:
            return key
        self._report("bad_value", self._meta, f"rebuttal_id is that of the review; {key}-rebuttal stands for it")
        return f"{key}-rebuttal"

    def _id(self, name: str, otherwise: str) -> str:
        found = self._meta.get(name)
        if (key := identity(found)) is not None:
            return key
        self._report("bad_value", self._meta, f"{name} is {shown(found)}; {otherwise!r} stands for it", found)
        return otherwise

    def _free(self, key: str, what: str) -> bool:
        if (self._paper.key, key) in self._known:
            told = f"{key} of {self._paper.key} stands in this file already; {what} was not read"
            self._report("duplicate_review", self._record, told)
            return False
        self._known.add((self._paper.key, key))
        return True

    def _string(self, node: Node, name: str, *, needed: bool = True, filled: bool = True) -> str | None:
        """A string of an object; null and a problem where it is none, is not there though `needed`, or not `filled`."""
        found = node.get(name)
        if isinstance(found, str) and (found.strip() or not filled):
            return found
        if found is not None or needed:
            self._report("bad_value", node, f"{name} is {shown(found)} instead of text", found)
        return None

    def _rating(self) -> float | None:
        """A number, or one that is spelled as text; null where there is none, with a problem if something is there."""
        found = self._meta.get("rating")
        value, words = score(found) or (None, None)
        if found is not None and (value is None or words is not None):
            self._report("bad_value", self._meta, f"rating is {shown(found)} instead of a number", found)
            return None
        return value

    def _report(self, kind: str, node: Any, told: str, at: Any = None) -> None:
        """Reports with the line of `node`, at the string `at` where that has a place."""
        node = node if isinstance(node, Node) else self._record
        self._draft.report(kind, f"line {node.line}: {told}.", at if isinstance(at, Literal) else node)


@cache
def _codes() -> dict[str, tuple[str, ...]]:
    """The codes of every layer of the scheme."""
    return {layer.name: tuple(code.code for code in layer.codes) for layer in scheme("disapere").layers}


def _plain(text: str | None) -> str | None:
    """A string without its place in the file."""
    return None if text is None else str(text)
