"""Courses of reviews from their first sentence to their last: which are asked for, and what was found.

course_charts draws them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl
import streamlit as st

from corpus.schemes import COMMON
from pages.parts import address, charts, codes, cohorts, frames, offered, palette, states, verbatim
from pages.parts.codes import Code
from pages.parts.cohorts import Cohort
from queries.counts import counts
from queries.filters import Condition, Filters
from queries.labelled_kinds import labelled_kinds
from queries.layers import layers
from queries.review_strips import review_strips
from queries.shape import KINDS, shape
from queries.shape_outliers import shape_outliers
from queries.vocabulary import current

VIEWS = {"polarity": "Polarity", "codes": "Codes"}
#: Reviews that are listed for each cohort.
LISTED = 8
#: How strong the colour of a code is that has its hue from an earlier one.
PALE = 0.45
#: From bottom to top; what judges nothing lies on top of all.
_SIGNS = (-1, 0, 1, None)


class Asked(NamedTuple):
    """What the address asks for: the key of the layer, and whether polarities are counted instead of codes."""

    layer: str
    polarity: bool


class What(NamedTuple):
    """What is counted: a code, or a polarity of any code; null both for labels without polarity."""

    layer: str
    code: Code | None
    polarity: int | None

    @property
    def name(self) -> str:
        """In words; not escaped."""
        return self.code.name if self.code else palette.POLARITIES[self.polarity][2]

    @property
    def nothing(self) -> bool:
        """Whether it says that there is nothing, or that it cannot be told."""
        return self.code is not None and self.code.code in ("none", "CNT")

    @property
    def hue(self) -> int | None:
        """The number of its hue; null for what goes by polarity, and for nothing."""
        return self.code.position % len(palette.LIGHT.washes) if self.code and not self.nothing else None

    @property
    def pale(self) -> bool:
        """Whether its hue has been used before, by an earlier code of the layer."""
        return self.hue is not None and self.code is not None and self.code.position >= len(palette.LIGHT.washes)

    @property
    def kind(self) -> str:
        """Its colour in charts, as a value of `plots.colour`."""
        if self.nothing:
            return "none"
        return palette.POLARITIES[self.polarity][2] if self.hue is None else f"hue {self.hue}"

    @property
    def tone(self) -> str:
        """Its colour in CSS."""
        if self.nothing:
            return "var(--rs-nothing)"
        full = f"var(--rs-{palette.POLARITIES[self.polarity][0] if self.hue is None else f'hue-{self.hue}'})"
        return f"color-mix(in srgb, {full} {PALE:.0%}, var(--rs-background))" if self.pale else full

    @property
    def order(self) -> tuple[bool, int, int]:
        """Its place from bottom to top."""
        return self.nothing, self.code.position if self.code else 0, _SIGNS.index(self.polarity)

    def go(self, filters: Filters) -> str:
        """The link to its sentences."""
        code = self.code.code if self.code else None
        return charts.sentences(filters, Condition(self.layer, code, self.polarity))


def asked(chosen: frames.Selection, there: pl.DataFrame) -> tuple[Asked, list[Cohort]]:
    """Draws the controls and reads the address: what is counted, and of which cohorts.

    The whole selection is one cohort where the address asks for none. `there` are the rows of queries.layers.
    """
    offer = offered.layer(there)
    default = offer.chosen if address.value("layer") else _default(chosen, offer)
    several = bool(address.value("cohort") or address.value("split"))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        layer = address.choice("layer", offer.options, default, "Layer", offered.names(offer.options))
        views = list(VIEWS) if codes.layers()[layer].polarised else ["codes"]
        view = address.choice("view", views, views[0], "View", VIEWS)
        if several:
            st.button("Show the whole selection as one", icon=":material/undo:", on_click=_together)
        elif key := _first_split(chosen):
            st.button(
                "Set groups side by side",
                icon=":material/view_column_2:",
                help="Accepted and rejected papers, years, or any selections, each with its own course.",
                on_click=address.put,
                args=("split", key),
            )
    groups = [Cohort("All of the selection", chosen.filters, 0, "all")]
    if several:
        found = cohorts.asked(chosen)
        cohorts.controls(chosen, found)
        groups = found or groups
    return Asked(layer, view == "polarity"), groups


def _default(chosen: frames.Selection, offer: offered.Offer) -> str:
    """The layer that tells what most sentences do: one without polarity that labels half of what any of its scheme has.

    Where there is none, such as where few sentences have a purpose, it is what the other pages show, or of one scheme
    the first.
    """
    part = chosen.frames
    kinds = list(chosen.filters.kinds or KINDS)
    reviews = part.reviews.filter(pl.col("kind").cast(pl.String).is_in(kinds))
    labels = part.labels.join(reviews, on="review_id", how="semi")
    rows = frames.collect(chosen, "shape: layers", rows=layers(labels, part.codes))["rows"]
    in_all = dict(
        zip(rows.select(pl.col("scheme", "layer").cast(pl.String)).rows(), rows["n_on_segments"], strict=True)
    )
    pairs = {key: current().pairs[key] for key in offer.options if key != COMMON}
    n = {key: in_all.get(pair, 0) for key, pair in pairs.items()}
    most = {scheme: max(n[key] for key in n if pairs[key][0] == scheme) for scheme, _ in pairs.values()}
    acts = [key for key in n if n[key] and not codes.layers()[key].polarised and 2 * n[key] >= most[pairs[key][0]]]
    if acts:
        return max(acts, key=n.__getitem__)
    return offer.chosen if COMMON in offer.options else next((key for key in n if n[key]), offer.chosen)


def _first_split(chosen: frames.Selection) -> str | None:
    """The key by which the selection falls into groups; null where it does not."""
    groups, own = cohorts.asked(chosen), chosen.filters.to_query()
    if len(groups) < 2:
        return None
    return next((key for key in cohorts.SPLITS if groups[0].filters.to_query().get(key) != own.get(key)), None)


def _together() -> None:
    for key in ("split", "cohort"):
        address.put(key, None)


class Course(NamedTuple):
    """What was found of a cohort: rows of queries.shape by what they count, the outliers and their sentences."""

    cohort: Cohort
    rows: Mapping[What, Sequence[Mapping]]
    outliers: Sequence[Mapping]
    strips: Mapping[int, Sequence[Mapping]]
    kinds: Sequence[Mapping]

    @property
    def n_papers(self) -> int:
        """Papers with labelled sentences."""
        return max((row["n_papers"] for rows in self.rows.values() for row in rows), default=0)


def courses(chosen: frames.Selection, on: Asked, groups: Sequence[Cohort]) -> list[Course]:
    """The course of each cohort, all in one pass."""
    plans: dict[str, pl.LazyFrame] = {"codes": chosen.frames.codes}
    for group in groups:
        plans |= {f"{name} {group.place}": plan for name, plan in _plans(chosen, on, group).items()}
    found = frames.collect(chosen, f"shape {on} {[group.key for group in groups]}", **plans)
    known = codes.by_code(found["codes"])
    return [_course(group, on, known, {n: found[f"{n} {group.place}"] for n in _NAMES}) for group in groups]


_NAMES = ("shape", "outliers", "strips", "kinds")


def _plans(chosen: frames.Selection, on: Asked, group: Cohort) -> dict[str, pl.LazyFrame]:
    """What is needed of a cohort. Places are reckoned in whole reviews, of which it may hold some sentences only."""
    part, whole = group.frames(chosen), chosen.snapshot.frames.segments
    kinds = group.filters.kinds or KINDS
    outliers = shape_outliers(part, layer=on.layer, polarity=on.polarity, kinds=kinds, whole=whole, n=LISTED)
    return {
        "shape": shape(part, layer=on.layer, polarity=on.polarity, kinds=kinds, whole=whole),
        "outliers": outliers,
        "strips": review_strips(part, outliers.select("review_id"), layer=on.layer, whole=whole),
        "kinds": labelled_kinds(part, layer=on.layer),
    }


def _course(
    group: Cohort, on: Asked, known: Mapping[tuple[str, str], Code], found: Mapping[str, pl.DataFrame]
) -> Course:
    rows: dict[What, list[Mapping]] = {}
    for row in found["shape"].iter_rows(named=True):
        rows.setdefault(what(on, known, row["code"], row["polarity"]), []).append(row)
    strips: dict[int, list[Mapping]] = {}
    for row in found["strips"].iter_rows(named=True):
        labels = zip(row["code_list"] or (), row["polarity_list"] or (), strict=True)
        told = dict.fromkeys(what(on, known, *label) for label in labels)
        strips.setdefault(row["review_id"], []).append({**row, "told": list(told)})
    outliers = [
        {**row, "what": what(on, known, row["code"], row["polarity"])}
        for row in found["outliers"].iter_rows(named=True)
    ]
    in_order = {each: rows[each] for each in sorted(rows, key=lambda each: each.order)}
    return Course(group, in_order, outliers, strips, found["kinds"].to_dicts())


def what(on: Asked, known: Mapping[tuple[str, str], Code], code: str | None, polarity: int | None) -> What:
    """What a label counts as: its code, or its polarity; `none` and “cannot tell” count as themselves."""
    if code is not None and (not on.polarity or code in ("none", "CNT")):
        return What(on.layer, known[on.layer, str(code)], None)
    return What(on.layer, None, polarity)


def nothing(found: Sequence[Course], on: Asked, filters: Filters) -> bool:
    """Says, and returns, whether no cohort has a labelled review; names the kinds that have labels in the layer."""
    if any(course.rows for course in found):
        return False
    kinds = list(dict.fromkeys(row["kind"] for course in found for row in course.kinds))
    links = ", ".join(
        f'<a href="{verbatim.html(address.href("shape", _of_kind(filters, kind), layer=on.layer))}" data-go>'
        f"{verbatim.html(cohorts.NAMES[kind].lower())}</a>"
        for kind in kinds
    )
    what_has = f" It labels {links}: choose that kind to see their course." if links else " Choose another layer."
    states.note(f"<b>No review here is labelled in this layer.</b>{what_has}")
    return True


def _of_kind(filters: Filters, kind: str) -> Filters:
    return Filters.from_query(filters.to_query() | {"kind": [kind]})


def count(chosen: frames.Selection) -> pl.DataFrame:
    """queries.counts of the selection."""
    return frames.collect(chosen, "shape: counts", counts=counts(chosen.frames))["counts"]
