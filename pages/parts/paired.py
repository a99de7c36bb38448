"""Pairs of codes: which layers they are of, how they are counted, and what was found; pair_matrix draws it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from corpus.schemes import COMMON
from corpus.tables import Frames
from pages.parts import address, codes, offered, palette, plots, states, verbatim
from pages.parts.codes import Code
from queries.codes_per_segment import codes_per_segment
from queries.cooccurrence import Unit, cooccurrence
from queries.counts import counts
from queries.filters import Condition, Filters
from queries.pair_sentences import pair_sentences
from queries.vocabulary import current

UNITS = {"segment": "In one sentence", "review": "In one review", "paper": "In one paper"}
NOUNS = {"segment": "sentence", "review": "review", "paper": "paper"}
MEASURES = {"lift": "Lift", "ppmi": "PPMI"}
ORDERS = {"scheme": "Scheme’s order", "alike": "Alike side by side"}
VIEWS = {"codes": "Codes", "polarity": "With polarity"}
_SIGNS = (-1, 0, 1, None)


class Asked(NamedTuple):
    """What the address asks for: keys of the layers, and how pairs are counted, shown and put in order."""

    rows: str
    columns: str
    unit: Unit
    measure: str
    order: str
    polarity: bool

    @property
    def key(self) -> str:
        """What shapes the plans, as text."""
        return " ".join(str(each) for each in (self.rows, self.columns, self.unit, self.polarity))


class Term(NamedTuple):
    """One side of a pair: a code, with a polarity where these are told apart."""

    code: Code
    polarity: int | None
    signed: bool

    @property
    def name(self) -> str:
        """In words; not escaped."""
        if not self.signed or not self.code.polarised:
            return self.code.name
        return f"{self.code.name}, {palette.POLARITIES[self.polarity][2]}"

    @property
    def short(self) -> str:
        """What stands for it in the matrix; not escaped."""
        return self.code.short + (palette.POLARITIES[self.polarity][1] if self.signed and self.code.polarised else "")

    @property
    def condition(self) -> Condition:
        """What asks for its sentences."""
        return Condition(self.code.layer, self.code.code, self.polarity).checked()


def asked(layers: pl.DataFrame) -> Asked:
    """Draws the controls and reads the address; `layers` are the rows of queries.layers."""
    offer = offered.layer(layers)
    names = offered.names(offer.options)
    options, default = _partners(layers, offer.options, offer.chosen)
    wanted = address.value("with")
    told = {wanted: names[default]} if wanted and current().key(wanted) else {}
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with _named("Rows", offer.options):
            rows = address.choice("layer", offer.options, offer.chosen, "Rows", names)
        with _named("Columns", options):
            columns = address.choice("with", options, default, "Columns", {**names, **offered.names(options), **told})
    polarised = [key for key in (rows, columns) if codes.layers()[key].polarised]
    views = list(VIEWS) if polarised else ["codes"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        unit = address.choice("unit", list(UNITS), "segment", "Unit", UNITS)
        view = address.choice("view", views, "codes", "View", VIEWS)
        measure = address.choice("measure", list(MEASURES), "lift", "Measure", MEASURES)
        order = address.choice("order", list(ORDERS), "scheme", "Order", ORDERS)
    return Asked(rows, columns, cast(Unit, unit), measure, order, view == "polarity")


def _named(text: str, options: Sequence[str]) -> DeltaGenerator:
    """A place for a choice that would not tell what it chooses, after a word that does if there is a choice."""
    box = st.container(horizontal=True, vertical_alignment="center", gap="small", width="content")
    if len(options) > 1:
        with box:
            st.html(f'<span class="rs rs-asks">{verbatim.html(text)}</span>', width="content")
    return box


def _partners(layers: pl.DataFrame, options: Sequence[str], rows: str) -> tuple[list[str], str]:
    """The layers for the columns, and which: what the address asks for, else another one of the same scheme.

    Beside the shared aspects it is that which labels most and asks for something else.
    """
    known, pairs = codes.layers(), current().pairs
    wanted = current().key(address.value("with") or "")
    asks = dict(
        zip(
            map(tuple, layers.select(pl.col("scheme", "layer").cast(pl.String)).rows()),
            layers.select("asks_aspect", "n_on_segments").rows(),
            strict=True,
        )
    )
    others = [key for key in options if key != rows and key != COMMON]
    near = [key for key in others if _scheme(key) == _scheme(rows)]
    far = sorted(
        others, key=lambda key: (asks[pairs[key]][0], -asks[pairs[key]][1]) if pairs[key] in asks else (True, 0)
    )
    default = next(iter([*near, *far]), rows)
    if wanted and known[wanted].target == "segment":
        default = wanted
    return [key for key in known if key in options or key == default], default


def _scheme(key: str) -> str | None:
    """The name of a layer's scheme; null for the shared aspects."""
    return current().pairs[key][0] if key in current().pairs else None


def plans(part: Frames, on: Asked) -> dict[str, pl.LazyFrame]:
    """What the page needs, for one pass."""
    return {
        "counts": counts(part),
        "codes": part.codes,
        "pairs": cooccurrence(part, rows=on.rows, columns=on.columns, unit=on.unit, polarity=on.polarity),
        "each": codes_per_segment(part, layer=on.rows),
        "sentences": pair_sentences(part, rows=on.rows, columns=on.columns, polarity=on.polarity),
    }


class Pairs(NamedTuple):
    """The pairs of a page.

    found         rows of queries.cooccurrence by both terms; within one layer from either side
    once          the same, each pair once
    rows, columns the terms in the order asked for
    example       rows of queries.pair_sentences
    """

    found: Mapping[tuple[Term, Term], Mapping]
    once: Sequence[tuple[tuple[Term, Term], Mapping]]
    rows: Sequence[Term]
    columns: Sequence[Term]
    example: Mapping[tuple[Term, Term], Mapping]
    on: Asked


def gathered(found: Mapping[str, pl.DataFrame], on: Asked) -> Pairs:
    """The collected plans as what is drawn."""
    known = codes.by_code(found["codes"])

    def terms(row: Mapping) -> tuple[Term, Term]:
        return (
            Term(known[on.rows, str(row["first"])], row["first_polarity"], on.polarity),
            Term(known[on.columns, str(row["second"])], row["second_polarity"], on.polarity),
        )

    once = [(terms(row), row) for row in found["pairs"].iter_rows(named=True)]
    pairs = dict(once)
    places: tuple[dict[Term, int], dict[Term, int]] = ({}, {})
    for (first, second), row in once:
        places[0][first], places[1][second] = row["place_first"], row["place_second"]
        if on.rows == on.columns:
            pairs[second, first] = {**row, "n_first": row["n_second"], "n_second": row["n_first"]}
            places[0][second], places[1][first] = row["place_second"], row["place_first"]
    rows, columns = (sorted(side, key=side.__getitem__ if on.order == "alike" else _in_scheme) for side in places)
    example = {terms(row): row for row in found["sentences"].iter_rows(named=True)}
    return Pairs(pairs, once, rows, columns, example, on)


def _in_scheme(term: Term) -> tuple[int, int]:
    return term.code.position, _SIGNS.index(term.polarity)


def nothing(pairs: Pairs, each: pl.DataFrame) -> bool:
    """Says, and returns, whether there is no pair, or none that could come together.

    `each` has the rows of queries.codes_per_segment for the layer of the rows.
    """
    if not pairs.found:
        noun = NOUNS[pairs.on.unit]
        wider = "" if pairs.on.unit == "paper" else ", or a wider unit"
        states.note(
            f"<b>No {noun} here is labelled in both layers</b> with codes to be paired. Choose other layers{wider}."
        )
        return True
    if pairs.on.unit == "segment" and pairs.on.rows == pairs.on.columns and (each["most"] < 2).all():
        states.note(
            "<b>Each sentence is given one code of this layer,</b> so that two of them never stand on one: where they "
            "seem to, two annotators differ. They come together in a wider unit: in one review, or in one paper."
        )
        return True
    return False


def words(row: Mapping, on: Asked) -> str:
    """What the matrix counts; `row` is any of queries.cooccurrence. Not escaped."""
    names = codes.layer_names({on.rows, on.columns})
    layers = names[on.rows] if on.rows == on.columns else f"{names[on.rows]} and {names[on.columns]}"
    noun = NOUNS[on.unit]
    counted = f"{row['n']:,} {noun}{'' if row['n'] == 1 else 's'} of {row['n_papers']:,} "
    counted += f"paper{'' if row['n_papers'] == 1 else 's'} with labels for {layers.lower()}."
    led = "A cell leads to the sentences that have both."
    if on.unit != "segment":
        led = f"Codes of one {noun} need not be on one sentence: a cell leads to the sentences with the row’s code."
    mixed = " Where several schemes meet, a code that one of them lacks keeps apart from what only that one has."
    return f"{counted} {led}{mixed if COMMON in (on.rows, on.columns) else ''}"


def sentences(filters: Filters, *terms: Term) -> str:
    """The link to the sentences that have all of these labels, and what the filters ask for."""
    query = filters.to_query()
    labels = dict.fromkeys([*query.get("label", []), *(str(term.condition) for term in terms)])
    return address.href("sentences", Filters.from_query(query | {"label": list(labels)}))


def number(value: float | None) -> str:
    """Two digits that count: 14, 2.1, 0.35; ≈ 0 for under half a hundredth, 0 for nothing at all, – for null."""
    if value is None:
        return "–"
    if not value:
        return "0"
    if value < 0.005:
        return "≈ 0"
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 0.995 else f"{value:.2f}"


def probability(q: float | None) -> str:
    """`< 0.001` below that; – for null."""
    return "–" if q is None else "< 0.001" if q < 0.001 else f"{q:.3f}"


def twin(pairs: Pairs) -> None:
    """All numbers as a table, each pair once."""
    rows = [
        {
            **{"first": first.name, "second": second.name, "together": row["n_both"], "with first": row["n_first"]},
            **{"with second": row["n_second"], "of": row["n"], "by chance": row["expected"], "lift": row["lift"]},
            **{"low": row["low"], "high": row["high"], "PMI": row["pmi"], "PPMI": row["ppmi"], "phi": row["phi"]},
            **{"signed G²": row["g2"], "design effect": row["deff"], "q": probability(row["q"])},
            **{"papers with both": row["n_papers_both"], "papers": row["n_papers"], "rests on little": row["thin"]},
        }
        for (first, second), row in pairs.once
    ]
    plots.twin(pl.DataFrame(rows, infer_schema_length=None))
