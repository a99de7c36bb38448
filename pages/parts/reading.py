"""One paper, gathered for the page: its reviews, their sentences and labels, its neighbours in the selection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import polars as pl

from corpus.schemes import COMMON
from corpus.tables import GOLD, Frames
from pages.parts import address, codes, frames, listing, offered, states, verbatim
from pages.parts.codes import Code
from pages.parts.provenance import Guess, is_model, short, told
from pages.parts.review import Label
from queries.crosswalk import crosswalk
from queries.filters import Filters
from queries.layers import of_layer
from queries.matrix import matrix
from queries.provenance import provenance
from queries.vocabulary import current

_IN_ORDER = ("segment_id", "scheme", "layer", "code", "polarity", "annotator")


class Place(NamedTuple):
    """Where a paper stands in the selection: addresses in order, and its place from 0, null if not among them."""

    papers: tuple[str, ...]
    at: int | None

    def step(self, by: int) -> str | None:
        """The address of the neighbour, null at either end."""
        to = (self.at if self.at is not None else -1) + by
        return self.papers[to] if 0 <= to < len(self.papers) else None


class Paper(NamedTuple):
    """What a store holds of one paper; every frame in reading order.

    `labels` are of every scheme, `shared` the same as shared aspects; `given` and `given_shared` have what models said
    where people answered too. `several` names the annotators where the labels are by more than one, else nobody.
    """

    row: Mapping
    reviews: list[dict]
    segments: Mapping[int, list[dict]]
    labels: pl.DataFrame
    shared: pl.DataFrame
    given: pl.DataFrame
    given_shared: pl.DataFrame
    codes: Mapping[tuple[str, str], Code]
    met: frozenset[int]
    several: tuple[str, ...]

    def by(self, who: str | None) -> Paper:
        """The paper with the labels of one annotator only, all of them; where none is named, with those that stand."""
        if who is None:
            return self
        labels, shared = (each.filter(each["annotator"] == who) for each in (self.given, self.given_shared))
        return self._replace(labels=labels, shared=shared, several=())

    def layers(self) -> list[str]:
        """The layers that label sentences of the paper, by key in the schemes' order.

        The shared aspects come first where several schemes ask for some, or where the address asks for them.
        """
        rows = self.labels.filter(self.labels["segment_id"].is_not_null()).select("scheme", "layer").unique().rows()
        own = [key for key, pair in current().pairs.items() if pair in rows]
        asking = {current().pairs[key][0] for key in own if any(c.common not in (None, "none") for c in _all(key))}
        several = len(asking) > 1 or (offered.asked() == COMMON and self.shared.height)
        return [*([COMMON] if several else []), *own]

    def places(self) -> set[str]:
        """Where its sentences stand, as links to them say it: `review_key:position`."""
        return {
            f"{review['review_key']}:{segment['position']}"
            for review in self.reviews
            for segment in self.segments.get(review["review_id"], [])
        }

    def on_segments(self, layer: str) -> dict[int, list[Label]]:
        """The labels of a layer by segment; one on a stretch of text is on every segment that it overlaps."""
        found: dict[int, list[dict]] = {}
        for row in self._of(layer):
            for segment in self._reached(row):
                found.setdefault(segment, []).append(row)
        return {segment: self._labels(layer, rows) for segment, rows in found.items()}

    def on_reviews(self) -> dict[int, list[Label]]:
        """The labels on whole reviews by review."""
        whole = self.labels.filter(self.labels["segment_id"].is_null())
        found: dict[int, list[Label]] = {}
        for key, pair in current().pairs.items():
            rows = whole.filter((whole["scheme"] == pair[0]) & (whole["layer"] == pair[1]))
            for review in rows["review_id"].unique(maintain_order=True):
                labels = self._labels(key, rows.filter(rows["review_id"] == review).to_dicts())
                found.setdefault(review, []).extend(labels)
        return found

    def in_key(self, layer: str) -> Counter[str]:
        """How many labels of a layer each entry of the key stands for."""
        polarised = codes.layers()[layer].polarised
        of_layer = ((self.codes[layer, row["code"]], row["polarity"]) for row in self._of(layer))
        return Counter(codes.tone(code, polarity) if polarised else code.code for code, polarity in of_layer)

    def used(self, layer: str) -> list[Code]:
        """The codes of a layer that the paper has, in order."""
        there = {row["code"] for row in self._of(layer)}
        return [code for (of, name), code in self.codes.items() if of == layer and name in there]

    def models(self, layer: str) -> list[str]:
        """The models that labelled sentences of the paper in a layer, as far as their labels stand."""
        return sorted({row["annotator"] for row in self._of(layer) if is_model(row["annotator"])})

    def guessed(self, layer: str) -> dict[str, tuple[int, int]]:
        """For each code of a layer how many of its labels on sentences are models', and how many there are."""
        found: dict[str, tuple[int, int]] = {}
        for row in self._of(layer):
            models, n = found.get(row["code"], (0, 0))
            found[row["code"]] = (models + is_model(row["annotator"]), n + 1)
        return found

    def _of(self, layer: str) -> list[dict]:
        """The labels of a layer on segments."""
        if layer == COMMON:
            return self.shared.to_dicts()
        scheme, name = current().pairs[layer]
        own = (pl.col("scheme") == scheme) & (pl.col("layer") == name) & pl.col("segment_id").is_not_null()
        return self.labels.filter(own).to_dicts()

    def _reached(self, row: Mapping) -> list[int]:
        """The segments that a label is about: its own, or all that its stretch overlaps by more than white space."""
        if row["start"] is None or row["end"] is None:
            return [row["segment_id"]]
        found, at = [], 0
        for segment in self.segments.get(row["review_id"], []):
            if segment["text"][max(0, row["start"] - at) : max(0, row["end"] - at)].strip():
                found.append(segment["segment_id"])
            at += len(segment["text"])
        return found or [row["segment_id"]]

    def _labels(self, layer: str, rows: Sequence[Mapping]) -> list[Label]:
        """The labels of one segment or review, each once, with its annotators where there are several."""
        found: dict[tuple[Code, int | None], list[Mapping]] = {}
        for row in rows:
            found.setdefault((self.codes[layer, row["code"]], row["polarity"]), []).append(row)
        return [
            Label(code, polarity, tuple(dict.fromkeys(self._by(by))), _guess(by))
            for (code, polarity), by in found.items()
        ]

    def _by(self, rows: Sequence[Mapping]) -> list[str]:
        """Who is named beside a label: the people, where several labelled; a model is told as a guess."""
        people = [name for name in self.several if not is_model(name)]
        return [row["annotator"] for row in rows if row["annotator"] in people] if len(people) > 1 else []


def _guess(rows: Sequence[Mapping]) -> Guess | None:
    """The surest guess of a label that only models gave; null where a person gave it."""
    if not all(is_model(row["annotator"]) for row in rows):
        return None
    surest = max(rows, key=lambda row: -1 if row["confidence"] is None else row["confidence"])
    return Guess(surest["annotator"], surest["confidence"])


def _all(key: str) -> list:
    return list(current().codes[key].values())


def place(chosen: frames.Selection, wanted: str | None) -> tuple[pl.DataFrame, Place]:
    """The counts of the selection, and where the paper `wanted` stands in it; the first where none is wanted.

    The order is that of the list one comes from, as the address tells it.
    """
    layer = offered.layer(offered.used(chosen)).chosen
    found = frames.collect(chosen, f"papers {layer}", **listing.plans(chosen.frames, layer))
    rows, _, _ = listing.in_order(found)
    papers = tuple(f"{corpus}/{key}" for corpus, key in rows.select("corpus", "paper_key").rows())
    if wanted is None:
        return found["counts"], Place(papers, 0 if papers else None)
    return found["counts"], Place(papers, papers.index(wanted) if wanted in papers else None)


def paper(chosen: frames.Selection, wanted: str) -> Paper | None:
    """The whole paper at the address `wanted`; null where there is none. Filters cut nothing out of it but labels.

    Of these it has those of people, of models or of both, as `whose` asks for.
    """
    own = Filters(papers=(wanted,), whose=chosen.filters.whose)
    whole = own.apply(chosen.snapshot.frames)
    reviews = whole.reviews.select("review_id")
    given = chosen.snapshot.frames.labels.filter(own.predicate("labels")).join(reviews, on="review_id", how="semi")
    met = replace(chosen.filters, papers=(wanted,)).apply(chosen.snapshot.frames).segments
    row = frames.collect(chosen, f"paper {wanted}: row", papers=whole.papers)["papers"]
    if not row.height:
        return None
    found = frames.collect(
        chosen,
        f"paper {wanted}",
        reviews=whole.reviews.sort("position", "review_id"),
        segments=whole.segments.sort("review_id", "position"),
        labels=whole.labels.sort(_IN_ORDER),
        shared=crosswalk(whole.labels, whole.codes),
        given=given.sort(_IN_ORDER),
        given_shared=crosswalk(given, whole.codes),
        codes=whole.codes,
        met=met.select("segment_id"),
    )
    segments: dict[int, list[dict]] = {}
    for segment in found["segments"].iter_rows(named=True):
        segments.setdefault(segment["review_id"], []).append(segment)
    restricted = chosen.filters.text or any(c.target == "segment" for c in chosen.filters.conditions)
    annotators = tuple(found["given"]["annotator"].cast(pl.String).unique().sort())
    return Paper(
        row.row(0, named=True),
        found["reviews"].to_dicts(),
        segments,
        found["labels"],
        found["shared"],
        found["given"],
        found["given_shared"],
        codes.by_code(found["codes"], frames.hints(chosen)),
        frozenset(found["met"]["segment_id"]) if restricted else frozenset(),
        annotators if len(annotators) > 1 else (),
    )


_CELL = ("review_id", "code")


def by_reviewer(chosen: frames.Selection, shown: Paper, layer: str, who: str | None) -> pl.DataFrame:
    """queries.matrix of the paper in a layer, of one annotator's labels or of all."""
    paper_id = shown.row["paper_id"]
    whole = by(chosen, who)
    labels = whole.labels.filter(pl.col("paper_id") == paper_id)
    found = frames.collect(
        chosen,
        f"paper {paper_id}: {layer} by {who or ''}",
        rows=matrix(whole, paper_id=paper_id, layer=layer),
        whose=provenance(of_layer(labels, whole.codes, layer), by=_CELL),
    )
    return told(found["rows"], found["whose"], _CELL)


def by(chosen: frames.Selection, who: str | None) -> Frames:
    """All tables with the labels of one annotator, all of them; where none is named, with those that stand."""
    if who is None:
        return chosen.every
    whole = chosen.snapshot.frames
    return whole._replace(labels=whole.labels.filter(pl.col("annotator") == who))


def cells(rows: pl.DataFrame) -> dict[tuple[int, str], Mapping]:
    """The rows of the matrix by review and code."""
    return {(row["review_id"], row["code"]): row for row in rows.iter_rows(named=True)}


def annotators(names: Sequence[str], who: str | None, chosen: frames.Selection) -> None:
    """Draws the choice of whose labels are shown, where several people, or models, labelled the paper."""
    options = ("", *sorted(names, key=lambda name: (name != GOLD, name)))
    known = {"": "All annotators"} | {
        name: f"{short(name)} (a model)" if is_model(name) else name for name in chosen.choices["annotator"]
    }
    address.choice("who", options, who or "", "Annotator", known)
    if (asked := address.value("who")) in chosen.choices["annotator"] and names and asked not in names:
        states.note(f"<b>Nothing here is labelled by {verbatim.html(asked)}.</b> Shown: all annotators.")


def in_brief() -> bool:
    """Draws the choice between the reviews and the brief; whether it is the brief."""
    names = {"reviews": "Reviews", "brief": "Brief"}
    return address.choice("view", list(names), "reviews", "View", names) == "brief"
