"""Charts in the palette. Each takes rows that a query gave, draws them and tells what was clicked.

Colours come from the theme in the reader's mode: scales name a domain that starts with `palette.CHART_DOMAIN`, and
the theme's categorical colours stand in the same order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import altair as alt
import polars as pl
import streamlit as st

from corpus.schemes import Layer
from pages.parts import address, palette, provenance, tables, verbatim
from pages.parts.codes import Code
from queries.filters import Condition, Filters

_DECISIONS = ("accept", "reject", "withdrawn")
_ORDER = (-1, 1, 0, None)
_HOLLOW = ("no polarity", "none")
_NONE = {"n": 0, "share": 0.0, "n_models": 0}
_TICK = "format(datum.value >= {second} ? round(datum.value - {second}) : abs(datum.value), '~s')"


def distribution(
    key: str,
    layer: Layer,
    rows: Iterable[dict],
    codes: Sequence[Code],
    filters: Filters,
    models: Sequence[str] = (),
) -> None:
    """The labels of one layer, that with the key `key`, by code: negative to the left of a line, positive to its right.

    In a column of their own stand, filled, the neutral ones, then in outline those without polarity; the code `none`
    has a dotted outline. Both columns have one scale. A click goes to the sentences behind a bar. `rows` are those of
    queries.distribution for the layer, with how many of their labels are the models' as `n_models`: that part of a bar
    is lighter and dashed, and grey where the `models` do not know the code.
    """
    found = {(row["code"], row["polarity"]): row for row in rows}
    used = [code for code in codes if any((code.code, polarity) in found for polarity in palette.POLARITIES)]
    bars, second = _bars(key, layer, used, found, filters, models)
    total, guessed = (sum(row.get(n, 0) for row in found.values()) for n in ("n", "n_models"))
    words = f"{layer.title}: {total:,} labels by code" + (" and polarity." if layer.polarised else ".")
    words += f" {guessed:,} of them are guesses of {provenance.named(models)}." if guessed else ""
    alt_text = f"Bar chart. {words} {_most(used, found)}"
    _draw(_stacked(bars, second, used), f"distribution_{key}", alt_text)
    hints([code for code in used if any(found.get((code.code, p), _NONE).get("n_models") for p in _ORDER)], models)
    with st.expander("Show as table", icon=":material/table:"):
        tables.numbers(_twin(used, found, layer.polarised, models if guessed else ()))


def _bars(
    key: str, layer: Layer, used: Sequence[Code], found: dict, filters: Filters, models: Sequence[str]
) -> tuple[list[dict], float]:
    """The stretches of every bar, and where the second column starts: right of the longest positive bar.

    People's labels stand nearest the line, so that their lengths can be compared.
    """
    n = {(code.code, polarity): found.get((code.code, polarity), _NONE) for code in used for polarity in _ORDER}
    most = max((row["n"] for (_, polarity), row in n.items() if polarity == 1), default=0)
    widest = max((row["n"] for row in n.values()), default=0)
    second = most + 0.12 * (widest + most) if layer.polarised else 0.0
    made = []
    for code in used:
        for polarity, start in {-1: 0, 1: 0, 0: second, None: second + n[code.code, 0]["n"]}.items():
            row = n[code.code, polarity]
            guessed = row.get("n_models", 0)
            way = -1 if polarity == -1 else 1
            for by, at, part in (("people", 0, row["n"] - guessed), ("models", row["n"] - guessed, guessed)):
                if part:
                    bar = _bar(code, polarity, models if by == "models" else ())
                    share = row["share"] * part / row["n"]
                    ends = sorted((start + way * at, start + way * (at + part)))
                    link = sentences(filters, Condition(key, code.code, polarity))
                    made.append(bar | {"from": ends[0], "to": ends[1], "n": part, "share": share, "go": link})
    return made, second


def _bar(code: Code, polarity: int | None, models: Sequence[str]) -> dict:
    """How a stretch is drawn: of people's labels, or of those of `models`."""
    kind = _kind(code, polarity)
    hint = code.hint(models)
    light = provenance.LIGHT if models else 1
    by = provenance.named(models) if models else "people"
    return {
        **{"name": code.name, "kind": kind, "colour": "none" if hint else kind},
        "fade": 0.12 * light if kind in _HOLLOW else light,
        "dash": "guess" if models else "none" if kind == "none" else "full",
        **{"by": by, "told": f"{by}. {hint}" if hint else by},
    }


def _kind(code: Code, polarity: int | None) -> str:
    """What gives a bar its colour: `none`, the polarity, or where the layer has none the hue of the code."""
    if code.code == "none":
        return "none"
    return palette.POLARITIES[polarity][2] if code.polarised else f"hue {palette.hue(code.position)}"


def _stacked(bars: list[dict], second: float, used: Sequence[Code]) -> alt.Chart:
    colour = alt.Scale(domain=[*palette.CHART_DOMAIN, *(f"hue {at}" for at in range(len(palette.LIGHT.washes)))])
    axis = alt.Axis(values=_ticks(bars, second), labelExpr=_TICK.format(second=second - 1e-6), labelOverlap=True)
    dashes = alt.Scale(domain=["full", "none", "guess"], range=[[1, 0], [1.2, 2], list(provenance.DASHES)])
    guessed = any(bar["dash"] == "guess" for bar in bars)
    base = alt.Chart(alt.Data(values=bars)).encode(
        x=alt.X("from:Q", title=None, axis=axis, scale=alt.Scale(nice=False)),
        x2="to:Q",
        y=alt.Y("name:N", title=None, sort=[code.name for code in used], axis=alt.Axis(labelLimit=150)),
        color=alt.Color("colour:N", scale=colour, legend=None),
        stroke=alt.Stroke("colour:N", scale=colour, legend=None),
        fillOpacity=alt.FillOpacity("fade:Q", scale=None),
        strokeDash=alt.StrokeDash("dash:N", scale=dashes, legend=None),
        tooltip=[
            alt.Tooltip("name:N", title="code"),
            *([alt.Tooltip("kind:N", title="polarity")] if second else []),
            alt.Tooltip("n:Q", title="labels", format=","),
            *([alt.Tooltip("told:N", title="by")] if guessed else []),
            alt.Tooltip("share:Q", title="of the layer", format=".1%"),
        ],
    )
    marks = base.mark_bar(height={"band": 0.66}, strokeWidth=1.2, cursor="pointer")
    return marks.properties(height=26 * len(used) + 44)


def _ticks(bars: list[dict], second: float) -> list[float]:
    """Round numbers for both columns, counted from the start of each."""
    left, right = -min((bar["from"] for bar in bars), default=0), max((bar["to"] for bar in bars), default=0)
    step = next(s for s in (10**e * m for e in range(9) for m in (1, 2, 5)) if s * 8 >= left + right)
    first = range(-int(left // step) * step, int(0.9 * second) + 1, step) if second else ()
    return [*first, *(second + at for at in range(0, int(right - second) + 1, step))]


def decisions(rows: Iterable[dict], filters: Filters) -> None:
    """Papers by venue and year, split by decision. `rows` are those of queries.decisions."""
    bars = [
        {
            "where": " ".join(str(part) for part in (row["venue"], row["year"]) if part is not None) or "unknown venue",
            "decision": row["decision"] or "unknown",
            "order": (*_DECISIONS, "unknown").index(row["decision"] or "unknown"),
            "n": row["n"],
            "share": row["share"],
            "go": address.href("papers", _narrowed(filters, row)),
        }
        for row in rows
    ]
    domain = ["", "", "", "", "unknown", *_DECISIONS]
    domain[:4] = [f"_{place}" for place in range(4)]  # the places of the polarities, which decisions leave free
    chart = (
        alt.Chart(alt.Data(values=bars))
        .mark_bar(cursor="pointer", height={"band": 0.66})
        .encode(
            x=alt.X("n:Q", title="papers", stack="zero", axis=alt.Axis(format="~s", tickCount=5)),
            y=alt.Y("where:N", title=None, axis=alt.Axis(labelLimit=150)),
            color=alt.Color("decision:N", scale=alt.Scale(domain=domain), legend=None),
            order="order:O",
            tooltip=[
                alt.Tooltip("where:N", title="venue"),
                alt.Tooltip("decision:N"),
                alt.Tooltip("n:Q", title="papers", format=","),
                alt.Tooltip("share:Q", title="of its papers", format=".0%"),
            ],
        )
        .properties(height=26 * len({bar["where"] for bar in bars}) + 64)
    )
    legend(polarised=False)
    told = "; ".join(f"{bar['where']}: {bar['n']:,} {bar['decision']}" for bar in bars[:12])
    _draw(chart, "decisions", f"Bar chart of papers by venue, year and decision. {told}.")
    with st.expander("Show as table", icon=":material/table:"):
        tables.numbers(
            pl.DataFrame(
                [
                    {"venue and year": b["where"], "decision": b["decision"], "papers": b["n"], "share": b["share"]}
                    for b in bars
                ]
            )
        )


def hints(guessed: Sequence[Code], models: Sequence[str]) -> None:
    """Names, below what is drawn of them, the codes that the `models` guessed without knowing them well enough."""
    weak = [(code.name, hint) for code in guessed if (hint := code.hint(models))]
    chips = "".join(
        f'<span class="rs-chip guess weak" data-tip="{verbatim.html(hint)}" tabindex="0">{verbatim.html(name)}</span>'
        for name, hint in weak
    )
    if weak:
        verb = "knows" if len(models) == 1 else "know"
        words = f"Grey: hints, not measurements. What {provenance.named(models)} hardly {verb}:"
        st.html(f'<div class="rs rs-aside rs-hints">{verbatim.html(words)} {chips}</div>')


def legend(polarised: bool, guesses: bool = False) -> None:
    """What the colours of the distributions mean, or those of the decisions; in HTML, so that it wraps on a phone.

    guesses   whether some of what is drawn are a model's
    """
    if polarised:
        kinds = [(f"--rs-{name}", "", word) for name, _, word in palette.POLARITIES.values() if name != "blank"]
        kinds += [("--rs-blank", "hollow", "no polarity given"), ("--rs-muted", "dotted", "none: nothing of the list")]
    else:
        kinds = [(f"--rs-hue-{place}", "", word) for place, word in enumerate(_DECISIONS)]
        kinds += [("--rs-nothing", "", "unknown")]
    items = "".join(
        f'<span><i class="{kind}" style="--tone:var({tone})"></i>{word}</span>' for tone, kind, word in kinds
    )
    items += provenance.meaning() if guesses else ""
    st.html(f'<div class="rs rs-legend">{items}</div>')


def _narrowed(filters: Filters, row: dict) -> Filters:
    """The filters cut down to one bar's venue, year and decision; a null venue or year asks for nothing."""
    query = filters.to_query() | {"decision": [row["decision"] or "none"]}
    return Filters.from_query(query | {k: [str(row[k])] for k in ("venue", "year") if row[k] is not None})


def _draw(chart: alt.Chart, key: str, alt_text: str) -> None:
    """Draws the chart. Each bar's data has the link it stands for as `go`; live.js follows it on a click."""
    st.altair_chart(chart, key=key, alt=alt_text, width="stretch")


def sentences(filters: Filters, label: Condition) -> str:
    """The link to the sentences with one label more; to the reviews' papers for a label on whole reviews."""
    query = filters.to_query()
    asked = dict.fromkeys([*query.get("label", []), str(label.checked())])
    path = "papers" if label.checked().target == "review" else "sentences"
    return address.href(path, Filters.from_query(query | {"label": list(asked)}))


def _most(used: Sequence[Code], found: dict) -> str:
    """The most frequent codes in words."""
    n = {code.name: sum(found.get((code.code, p), {"n": 0})["n"] for p in palette.POLARITIES) for code in used}
    most = sorted(n, key=lambda name: -n[name])[:3]
    return "Most frequent: " + ", ".join(f"{name} ({n[name]:,})" for name in most) + "."


def _twin(used: Sequence[Code], found: dict, polarised: bool, models: Sequence[str]) -> pl.DataFrame:
    """The chart's numbers as a table; with those of `models`, where there are any, and why some are hints."""
    columns: dict[int | None, str] = {None: "labels"}
    if polarised:
        columns = {-1: "negative", 0: "neutral", 1: "positive", None: "no polarity"}
    rows = []
    for code in used:
        n = {polarity: found.get((code.code, polarity), _NONE) for polarity in columns}
        row = {"code": code.code, "name": code.name} | {columns[p]: each["n"] for p, each in n.items()}
        if models:
            row |= {"of these by models": sum(each.get("n_models", 0) for each in n.values())}
            row |= {"hint": code.hint(models)}
        rows.append(row)
    return pl.DataFrame(rows, infer_schema_length=None)


def caption(text: str) -> None:
    """A line under a heading of a chart; `text` may hold data."""
    st.caption(verbatim.markdown(text))
