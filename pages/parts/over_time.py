"""Trends: what the address asks for, what there is to choose from, and the choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl
import streamlit as st

from corpus.tables import Frames
from pages.parts import address, adjusted, codes, frames, measured, states, verbatim
from queries.adjusted_measures import CORRECTABLE
from queries.adjusted_trend import adjusted_trend
from queries.counts import counts
from queries.filters import Filters
from queries.measures import Measure, frequent, named
from queries.trend import OVER, Over, places, trend

#: Panels: those shown by default, and the most that may be asked for.
PANELS, MOST = 6, 12
#: Lines of a split.
LINES = 4
TITLES: dict[str, str] = {each: each.capitalize() for each in OVER}
_SPLITS = {"none": "No split"} | {key: f"by {key}" for key in OVER}


class Asked(NamedTuple):
    """What the page is to draw: of which layer, over what, split by what (null: not), which measure, which codes.

    `codes` is null for the most frequent; `unknown` are those of the address that have no labels here. `way` is how a
    model's labels are counted.
    """

    layer: str
    over: Over
    split: Over | None
    measure: Measure
    codes: tuple[str, ...] | None
    unknown: tuple[str, ...]
    way: adjusted.Way = adjusted.Way()

    @property
    def key(self) -> str:
        """What shapes the page's query, which is the same for what is counted and what is corrected."""
        return str(self._replace(way=self.way._replace(counted=False, blocked="", another=False)))


def groups(part: Frames, layer: str) -> dict[str, pl.LazyFrame]:
    """What there is to choose from: counts, the codes used, how many papers each year, venue … has, and models."""
    by = {str(key): places(part, layer=layer, over=key) for key in OVER}
    own = {"used": frequent(named(part, layer)), "models": adjusted.models(part, layer)}
    return {"counts": counts(part), "codes": part.codes, **own, **by}


def asked(layer: str, there: Mapping[str, pl.DataFrame], filters: Filters) -> Asked:
    """What the address asks for, as far as it can be had; else the first of years, venues … that has two values."""
    options = _over(there)
    several = [key for key in options if known(there[key]).height > 1]
    over = next((key for key in options if key == address.value("over")), [*several, *options][0])
    split = next((key for key in _splits(there, over) if key == address.value("split")), None)
    of = [code for text in address.query().get("code", []) for code in text.split(",") if code]
    used = set(there["used"]["code"].cast(pl.String))
    found = tuple(dict.fromkeys(code for code in of if code in used))[:MOST]
    unknown = tuple(dict.fromkeys(code for code in of if code not in used))
    measure = measured.asked(layer, guessed=there["models"].height > 0)
    way = adjusted.way([there["models"]], measure, [filters])
    return Asked(layer, over, split, measure, found or None, unknown, way)


def plans(chosen: frames.Selection, on: Asked) -> dict[str, pl.LazyFrame]:
    """The page's query: where models' labels count and the measure can be corrected, with what is counted beside it."""
    part = chosen.frames
    if on.way.models and on.measure in CORRECTABLE:
        rows = adjusted_trend(
            part, layer=on.layer, over=on.over, split=on.split, measure=on.measure, codes=on.codes, most=PANELS,
            lines=LINES, whole=chosen.snapshot.frames,
        )  # fmt: skip
        return {"rows": rows}
    rows = trend(
        part, layer=on.layer, over=on.over, split=on.split, measure=on.measure, codes=on.codes, most=PANELS, lines=LINES
    )
    return {"rows": rows}


def controls(on: Asked, there: Mapping[str, pl.DataFrame], layers: Sequence[str], names: Mapping[str, str]) -> None:
    """Draws the choices; tells what of the address is not to be had here."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        address.choice("over", _over(there), on.over, "Over", TITLES)
        address.choice("split", ["none", *_splits(there, on.over)], on.split or "none", "Split", _SPLITS)
        address.choice("layer", layers, on.layer, "Layer", names)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        measured.choice(on.layer, on.measure)
        _pick(on, there)
        adjusted.choice(on.way)
    told = [f"no label here has the code {code}" for code in on.unknown]
    told += [
        f"papers here cannot be {word} by {wanted}"
        for key, word, got in (("over", "placed", on.over), ("split", "split", on.split))
        if (wanted := address.value(key)) in OVER and wanted != got
    ]
    told += [f"this layer has no polarities, so there is no {address.value('measure')}"] * measured.missing(on.layer)
    if told:
        states.note(f"<b>Not all that the address asks for is to be had:</b> {verbatim.html('; '.join(told))}.")


def _pick(on: Asked, there: Mapping[str, pl.DataFrame]) -> None:
    """The codes to draw, bound to the address."""
    used = there["used"].sort("code")["code"].cast(pl.String).to_list()
    known = codes.by_code(there["codes"])
    now = list(on.codes) if on.codes else there["used"]["code"].cast(pl.String).to_list()[:PANELS]
    shown = st.session_state["own_code"] = [code for code in used if code in now]
    with st.popover(f"Codes · {len(now)} of {len(used)}", icon=":material/checklist:"):
        st.pills(
            f"Codes to draw, up to {MOST}. None chosen: the {PANELS} most frequent.",
            used,
            selection_mode="multi",
            key="own_code",
            format_func=lambda code: verbatim.markdown(known[on.layer, code].name),
            on_change=address.writer("code", "own_code", shown, ",".join),
        )


def known(rows: pl.DataFrame) -> pl.DataFrame:
    """Of queries.trend.places the rows of values, without that of the papers that have none."""
    return rows.filter(rows["value"].is_not_null())


def labelled(rows: pl.DataFrame) -> pl.DataFrame:
    """Those of values whose papers have labels in the layer."""
    return known(rows).filter(pl.col("n_labelled") > 0)


def lines(rows: pl.DataFrame) -> list[str]:
    """The values in the order in which queries.trend takes the lines of a split: the most labelled papers first."""
    return labelled(rows).sort("n_labelled", "value", descending=[True, False])["value"].to_list()


def _over(there: Mapping[str, pl.DataFrame]) -> list[Over]:
    """What papers here can be placed by: years, even if there is only one, and what has two values."""
    found = [key for key in OVER if known(there[key]).height > (0 if key == "year" else 1)]
    return found or ["corpus"]


def _splits(there: Mapping[str, pl.DataFrame], over: Over) -> list[Over]:
    """What each year or group can be split by: what has two values."""
    return [key for key in OVER if key not in (over, "year") and labelled(there[key]).height > 1]
