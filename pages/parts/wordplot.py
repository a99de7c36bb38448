"""The cloud of words: how often one cohort uses each, against how often the other does; on the diagonal both alike.

Both axes are stretched in the same way, by rank, so that each tenth of an axis holds as many rates: frequencies of
words differ by powers of ten, and most would lie on each other on any other axis (as Scattertext has it).
"""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import altair as alt
import numpy as np
import polars as pl

from pages.parts import palette, plots, verbatim
from pages.parts.keywords import COLUMNS, SHORT, Keys
from pages.parts.wordlists import chance
from queries.keyness import RANKS, ZERO

#: Dots of a chart, and of these the most key of each side; the others are the most frequent.
MOST, KEY = 1_200, 250
#: The height of the chart, and widths at which labels must not touch: from a phone's, from a desktop's.
HEIGHT = 500
NARROW, WIDE = (250, 300, 400), (400, 480, 640, 900)
#: Labels that are tried on each side.
_NAMED = {NARROW: 12, WIDE: 40}
#: Rates per million that the axes may name, and how far apart those named are at least.
_TICKS = tuple(m * 10**e for e in range(-1, 7) for m in (1, 2, 5))
_APART = 0.085
_LETTER, _LINE, _DOT = 6.6, 14.0, 4.0
#: The marked area, and how many of its dots it names.
_AREA, _IN_AREA = "area", 14
#: Key dots of each side that names do not cover.
_AVOIDED = 120

Point = tuple[float, float]


class Label(NamedTuple):
    """Where the name of a dot stands: its anchor, and how far from the dot in pixels."""

    align: Literal["left", "center", "right"]
    dx: float
    dy: float


_PLACES = (
    *(Label("left", 6, 0), Label("right", -6, 0), Label("center", 0, -10), Label("center", 0, 10)),
    *(Label("left", 5, -9), Label("right", -5, -9), Label("left", 5, 9), Label("right", -5, 9)),
)


def drawn(keys: Keys, find: str) -> tuple[pl.DataFrame, set[str]]:
    """The rows that have a dot, and of these the terms that are looked for: those that are it, else that hold it."""
    rows, rank = keys.rows, RANKS[keys.measure]
    wanted = " ".join(find.casefold().replace("’", "'").split())
    exact = rows.filter(rows["term"] == wanted)
    held = rows.filter(rows["term"].str.contains(wanted, literal=True)).head(40) if wanted else rows.clear()
    marked = set((exact if exact.height else held)["term"])
    key = rows.filter((pl.col(rank) <= KEY).fill_null(False) | pl.col("term").is_in(list(marked)))
    frequent = rows.filter(~pl.col("term").is_in(key["term"].to_list())).sort(
        pl.col("n_target") + pl.col("n_reference"), "term", descending=[True, False]
    )
    return pl.concat([key, frequent.head(max(0, MOST - key.height))]), marked


def chart(keys: Keys, rows: pl.DataFrame, marked: set[str]) -> None:
    """Draws the dots, the names of the most key ones and of those looked for."""
    dots = [_dot(keys, row, row["term"] in marked) for row in rows.iter_rows(named=True)]
    strongest = sorted(abs(dot["value"]) for dot in dots)[int(0.97 * (len(dots) - 1))] or 1
    for dot in dots:
        dot["depth"] = (
            0.3 if dot["kind"] == plots.THIN else round(0.25 + 0.7 * min(1, abs(dot["value"]) / strongest), 2)
        )
    stretch = Stretch([rate for dot in dots for rate in (dot["x"], dot["y"])])
    for dot in dots:
        dot["x"], dot["y"] = round(stretch(dot["x"]), 4), round(stretch(dot["y"]), 4)
    names = [*_names(dots, NARROW), *_names(dots, WIDE)]
    told = "; ".join(
        f"more in {each.name}: {', '.join(dot['term'] for dot in _order(dots, place)[:5]) or 'none'}"
        for place, each in enumerate(keys.cohorts)
    )
    words = f"Scatter plot of {len(dots):,} terms by rate per million, the most key by {SHORT[keys.measure]}: "
    words += f"{verbatim.clip(told, 400)}."
    plots.draw(_layers(keys, dots, names, stretch), key="words", alt_text=words)


class Stretch:
    """Where rates stand on an axis from 0 to 1: evenly by rank, in between by proportion."""

    def __init__(self, rates: Sequence[float]) -> None:
        self.rates = sorted(set(rates))

    def __call__(self, rate: float) -> float:
        if len(self.rates) < 2:
            return 0.5
        at = min(max(bisect_left(self.rates, rate), 1), len(self.rates) - 1)
        low, high = self.rates[at - 1], self.rates[at]
        place = (at - 1 + min(max((rate - low) / (high - low), 0), 1)) / (len(self.rates) - 1)
        return 0.03 + 0.94 * place

    def ticks(self) -> list[tuple[float, str]]:
        """Places of round rates, far enough apart, each with its words."""
        found: list[tuple[float, str]] = []
        for rate in _TICKS:
            if self.rates and self.rates[0] <= rate <= self.rates[-1]:
                place = self(rate)
                if not found or place - found[-1][0] >= _APART:
                    found.append((place, f"{rate:,g}"))
        return found


def _dot(keys: Keys, row: Mapping, marked: bool) -> dict:
    """The data of a dot. A count is spread within half a unit, so that rare words do not lie upon each other."""
    seed = zlib.crc32(row["term"].encode())
    spread = ((seed & 0xFFFF) / 0x10000 - 0.5, (seed >> 16) / 0x10000 - 0.5)
    y, x = (
        (max(row[f"n_{side}"], ZERO) + 0.7 * by * (1 if row[f"n_{side}"] else 0.5)) / row[f"size_{side}"] * 1e6
        for side, by in zip(("target", "reference"), spread, strict=True)
    )
    side = 0 if row["log_ratio"] > 0 else 1
    value = row[COLUMNS[keys.measure]] or 0.0
    interval = f" [{row['low']:+.2f}, {row['high']:+.2f}]" if row["low"] is not None else ""
    return {
        **{"term": row["term"], "x": x, "y": y, "marked": marked, "side": side, "value": value},
        "kind": keys.cohorts[side].hue if keys.firm(row) else plots.THIN,
        "tone": keys.cohorts[side].hue if keys.firm(row) else "neutral",
        "rank": row[RANKS[keys.measure]],
        "shape": keys.cohorts[side].shape,
        **{
            f"{name}_{at}": _side(row, side) for at, side in (("a", "target"), ("b", "reference")) for name in ("side",)
        },
        "g2": f"{row['g2']:+,.1f}, q {chance(row['q'])}",
        "ratio": f"{row['log_ratio']:+.2f}{interval}",
        "odds": "–" if row["log_odds"] is None else f"{row['log_odds']:+.2f}",
        "go": keys.go(row),
    }


def _side(row: Mapping, side: str) -> str:
    dp = row[f"dp_{side}"]
    return (
        f"{row[f'n_{side}']:,} times, {row[f'rate_{side}']:,.1f} per million; in {row[f'papers_{side}']:,} papers, "
        f"{row[f'reviews_{side}']:,} reviews" + ("" if dp is None else f"; DP {dp:.2f}")
    )


def _order(dots: Sequence[dict], side: int) -> list[dict]:
    """The dots of a side that have a rank, the most key first."""
    return sorted((dot for dot in dots if dot["side"] == side and dot["rank"]), key=lambda dot: dot["rank"])


def _names(dots: Sequence[dict], widths: tuple[int, ...]) -> list[dict]:
    """The labels for these widths: first the words looked for, then the most key of both sides in turn."""
    any_firm = any(dot["kind"] != plots.THIN for dot in dots)
    worth = [dot for dot in dots if not any_firm or dot["kind"] != plots.THIN]
    sides = [_order(worth, side)[: _NAMED[widths]] for side in (0, 1)]
    turns = [side[at] for at in range(_NAMED[widths]) for side in sides if at < len(side)]
    order = [*(dot for dot in dots if dot["marked"]), *(dot for dot in turns if not dot["marked"])]
    others = [dot for side in (0, 1) for dot in _order(dots, side)[:_AVOIDED] if dot["kind"] != plots.THIN]
    points, avoided = ([(dot["x"], 1 - dot["y"]) for dot in some] for some in (order, others))
    must = sum(dot["marked"] for dot in order)
    found = placed(points, [dot["term"] for dot in order], widths, HEIGHT, avoided, must)
    return [
        {**dot, "place": _PLACES.index(label), "wide": widths is WIDE}
        for dot, label in zip(order, found, strict=True)
        if label
    ]


def placed(
    points: Sequence[Point],
    names: Sequence[str],
    widths: Sequence[float],
    height: float,
    avoided: Sequence[Point] = (),
    must: int = 0,
) -> list[Label | None]:
    """A place for each name, in their order, such that none touches another or another's dot; null (None): no room.

    points   of the names, from the left and from the top, 0 to 1; `avoided` are further dots
    widths   pixels at which it must hold
    must     how many of the first names may cover dots, but not each other
    """
    every = np.array([*points, *avoided], dtype=float).reshape(-1, 2)
    sizes = [np.array([width, height], dtype=float) for width in widths]
    taken = [np.hstack([every * size - _DOT, every * size + _DOT]) for size in sizes]
    found: list[Label | None] = []
    for at, (point, name) in enumerate(zip(points, names, strict=True)):
        own = (every == every[at]).all(axis=1) | (at < must)
        room = None
        for place in _PLACES:
            boxes = [_box(np.array(point) * size, len(name) * _LETTER, place) for size in sizes]
            inside = all(
                (box[:2] >= 0).all() and (box[2:] <= size).all() for box, size in zip(boxes, sizes, strict=True)
            )
            if inside and not any(_touch(box, others, own) for box, others in zip(boxes, taken, strict=True)):
                room = place
                taken = [np.vstack([others, box]) for box, others in zip(boxes, taken, strict=True)]
                break
        found.append(room)
    return found


def _box(at: np.ndarray, wide: float, place: Label) -> np.ndarray:
    """The left, upper, right and lower end of a label at a dot."""
    left = at[0] + place.dx - {"left": 0, "center": wide / 2, "right": wide}[place.align]
    middle = at[1] + place.dy
    return np.array([left, middle - _LINE / 2, left + wide, middle + _LINE / 2])


def _touch(box: np.ndarray, others: np.ndarray, own: np.ndarray) -> bool:
    """Whether a box meets one of the others; of the dots, which come first, those of `own` do not count."""
    meets = (box[:2] < others[:, 2:]).all(axis=1) & (others[:, :2] < box[2:]).all(axis=1)
    return bool((meets & ~np.pad(own, (0, len(others) - len(own)))).any())


def _layers(keys: Keys, dots: list[dict], names: list[dict], stretch: Stretch) -> plots.Chart:
    a, b = (verbatim.clip(each.name, 40) for each in keys.cohorts)
    ticks = stretch.ticks()
    said = "".join(f"abs(datum.value - {place:.4f}) < 0.001 ? '{rate}' : " for place, rate in ticks) + "''"
    scale = alt.Scale(domain=[0, 1], nice=False)
    axis = alt.Axis(values=[round(place, 4) for place, _ in ticks], labelExpr=said, grid=True, gridOpacity=0.5)
    x = alt.X("x:Q", scale=scale, axis=axis, title=f"per million words in {b}")
    y = alt.Y("y:Q", scale=scale, axis=axis, title=f"per million words in {a}")
    tip = [alt.Tooltip("term:N", title="term"), alt.Tooltip("side_a:N", title=a), alt.Tooltip("side_b:N", title=b)]
    tip += [
        alt.Tooltip("g2:N", title="G²"),
        alt.Tooltip("ratio:N", title="log ratio"),
        alt.Tooltip("odds:N", title="z"),
    ]
    tone = alt.Color("tone:N", scale=plots.colour(), legend=None)
    brush = alt.selection_interval(name=_AREA, empty=False)
    alike = alt.Chart(alt.Data(values=[{"x": at, "y": at} for at in (0, 1)])).mark_line(
        strokeDash=[4, 3], strokeWidth=1, color=palette.LIGHT.marks[1], opacity=0.7
    )
    cloud = alt.Chart(pl.DataFrame(dots, infer_schema_length=None))  # a frame: values are checked one by one, slowly
    points = cloud.mark_point(size=40, filled=True, cursor="pointer").encode(
        x=x,
        y=y,
        tooltip=tip,
        color=alt.Color("kind:N", scale=plots.colour(), legend=None),
        shape=alt.Shape("shape:N", scale=None, legend=None),
        opacity=alt.Opacity("depth:Q", scale=None, legend=None),
    )
    rings = cloud.transform_filter("datum.marked").mark_point(size=130, strokeWidth=2, filled=False, cursor="pointer")
    layers = [alike.encode(x=x, y=y), points.add_params(brush), rings.encode(x=x, y=y, color=tone, tooltip=tip)]
    # without a tooltip of their own they would not be clickable beside a layer with a selection
    layers += [text.encode(x=x, y=y, text="term:N", color=tone, tooltip=tip) for text in _texts(names)]
    in_area = cloud.transform_filter(brush).transform_window(
        nth="row_number()", sort=[alt.SortField("depth", order="descending"), alt.SortField("term")]
    )
    area = in_area.transform_filter(f"datum.nth <= {_IN_AREA}").mark_text(align="left", dx=7, fontSize=11.5)
    layers.append(area.encode(x=x, y=y, text="term:N", color=tone, tooltip=tip))
    return alt.layer(*layers).properties(height=HEIGHT)


def _texts(names: Sequence[dict]) -> list[alt.Chart]:
    """The labels, those of a narrow or those of a wide chart by its width; none while an area is marked."""
    if not names:
        return []
    every = alt.Chart(pl.DataFrame(names, infer_schema_length=None)).transform_filter(
        f"datum.wide == (width >= {WIDE[0]}) && !length(data('{_AREA}_store'))"
    )
    return [
        every.transform_filter(f"datum.place == {at}").mark_text(
            align=place.align, dx=place.dx, dy=place.dy, baseline="middle", fontSize=11.5, cursor="pointer",
            fontWeight=alt.ExprRef("datum.marked ? 'bold' : 'normal'"),
        )
        for at, place in enumerate(_PLACES)
        if any(name["place"] == at for name in names)
    ]  # fmt: skip
