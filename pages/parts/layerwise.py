"""Layers one by one: what the overview shows of each, for the scheme that is chosen."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import streamlit as st

from corpus.schemes import COMMON
from pages.parts import adjusted, charts, codes, frames, provenance, quality, states, verbatim
from pages.parts.offered import Offer
from queries.vocabulary import current


def drawn(offer: Offer, distribution: pl.DataFrame) -> list[str]:
    """The keys of the layers to show, in order: of the scheme chosen, and of all that label whole reviews only."""
    there = set(distribution.select(pl.col("scheme", "layer").cast(pl.String)).unique().rows())
    own = [key for key, pair in current().pairs.items() if pair in there]
    shown = [key for key in own if current().pairs[key][0] == offer.chosen or _of(key) not in offer.options]
    return [*([COMMON] if offer.chosen == COMMON else []), *shown]


def missing(offer: Offer, names: Mapping[str, str]) -> None:
    """Says that the scheme which the address asks for labels nothing here."""
    asked, shown = (verbatim.html(names[name]) for name in (offer.missing or "", offer.chosen or COMMON))
    instead = f" Shown: {shown}." if offer.chosen else ""
    states.note(f"<b>No sentence here is labelled in {asked}.</b>{instead}")


def draw(key: str, found: Mapping[str, pl.DataFrame], chosen: frames.Selection) -> None:
    """One layer: what it asks, how much answers it and whose labels, its labels by code, the codes that are not used.

    `found` has `distribution`, `whose` (queries.provenance by its columns), `layers` (queries.coverage by scheme and
    layer), `unused`, `codes` and the `counts` of the selection.
    """
    layer = codes.layers()[key]
    scheme, name = current().pairs[key]
    own = (pl.col("scheme") == scheme) & (pl.col("layer") == name)
    st.subheader(layer.title, anchor=False)
    charts.caption(quality.covered(layer, found["layers"].filter(own)))
    known = codes.by_code(found["codes"], frames.hints(chosen))
    in_order = [code for code in known.values() if code.layer == key]
    on = ("scheme", "layer", "code", "polarity")
    rows = provenance.told(found["distribution"].filter(own), found.get("whose"), on)
    models = frames.guessers(chosen, found["counts"], key)
    provenance.whose(rows, models)
    charts.distribution(key, layer, rows.iter_rows(named=True), in_order, chosen.filters, models)
    if models:
        charts.caption("Corrected for how the model errs on papers held out from it: shares of sentences.")
        plans = adjusted.plans(chosen.frames, key, chosen.snapshot.frames)
        adjusted.draw(key, frames.collect(chosen, f"overview, {key} corrected", **plans), in_order, chosen.filters)
    quality.never_used(found["unused"].filter(own)["name"])


def _of(key: str) -> str:
    return current().pairs[key][0]
