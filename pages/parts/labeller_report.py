"""The report of a labeller: what it learnt from, how well it knows each layer and code, how sure it may be believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

import polars as pl
import streamlit as st

from pages.parts import address, charts, codes, frames, offered, plots, provenance, sheets, states, verbatim
from pages.parts import labeller_charts as drawn
from pages.parts.codes import Code
from pages.parts.labeller_known import Known, number, part, precision_words, table, when
from queries.f1_intervals import f1_intervals
from queries.filters import Condition
from queries.intervals import ENOUGH_OBSERVATIONS
from queries.weak_codes import LEAST_F1

#: Stated precisions whose coverage the table of layers tells.
_TOLD = (0.7, 0.9)
#: Codes of a layer whose chart leaves room for another one below it.
_FEW = 10
#: From here on no number is an amount of anything that a labeller has.
_MOST = 1e15


def draw(on: Known, chosen: frames.Selection, all_codes: pl.DataFrame) -> None:
    """The whole report, with the layer that the address asks for; `all_codes` are those of the frames."""
    names = titles(on)
    headline(on)
    if not names:
        states.note("<b>Its report tells of no layer.</b>")
        return
    keys = {on.key(layer): layer for layer in names}
    wanted = offered.asked()
    layer = keys[wanted] if wanted in keys else next(iter(keys.values()))
    layers(on, chosen, layer)
    known = codes.by_code(all_codes)
    rows = known_codes(on, layer)
    with st.container(horizontal=True, vertical_alignment="center"):
        shown = offered.names(key for key in keys if key in codes.layers())
        shown |= {key: names[each] for key, each in keys.items()}
        address.choice("layer", list(keys), on.key(layer), "Layer", shown)
    left, right = st.columns([3, 2], gap="large")
    with left:
        by_code(on, layer, rows, chosen, known)
        twin(on, layer, rows, known)
        if rows.height <= _FEW:
            _sure(on, layer)
    with right:
        _stated(on, layer)
        if rows.height > _FEW:
            _sure(on, layer)
    curves = table(on.report, "learning")
    if curves.height:
        sheets.section("learning", "How it learnt")
        drawn.legend(names)
        drawn.learning(curves, names, key="labeller_learning")
    data(on)


def _stated(on: Known, layer: str) -> None:
    """How much it labels at a stated precision, and what it reaches."""
    names, rows = titles(on), table(on.report, "coverage")
    if rows.height:
        drawn.legend(names)
        drawn.head("Sentences labelled", "by stated precision; what it is less sure of it leaves unlabelled")
        drawn.coverage(rows, names, reached=False, key=f"labeller_share_{layer}", on=layer, at=None)
        drawn.head("Precision reached", "on papers kept apart; on the dashed line it is as stated")
        drawn.coverage(rows, names, reached=True, key=f"labeller_reached_{layer}", on=layer, at=None)


def _sure(on: Known, layer: str) -> None:
    """How sure it is, and how right."""
    names = titles(on)
    bins = table(on.report, "calibration").filter(pl.col("layer") == layer)
    if bins.height:
        drawn.head("How sure, how right", f"{names[layer]}: the likeliest code of each sentence; size is their number")
        drawn.reliability(bins, hue=list(names).index(layer), key=f"labeller_reliability_{layer}", title=names[layer])


def titles(on: Known) -> dict[str, str]:
    """What its layers are called, by layer; one that its scheme does not have here by its name."""
    known = codes.layers()
    return {layer: known[key].title if (key := on.key(layer)) in known else layer for layer in on.layers}


def headline(on: Known) -> None:
    """What it is, in a line."""
    report = on.report
    learnt, apart = part(report, "training"), part(report, "held_out")
    corpora = report.get("corpora")
    of = f" ({', '.join(map(str, corpora))})" if isinstance(corpora, list) and corpora else ""
    speed = part(report, "speed").get("segments_per_second")
    parts = [
        f"<b>{verbatim.html(on.name)}</b> labels by {verbatim.html(report.get('title') or on.scheme)}",
        f"learnt from {_amounts(learnt)}{verbatim.html(of)}",
        f"checked on {_amounts(apart)} kept apart",
        f"trained in <b>{verbatim.html(span(learnt.get('seconds')))}</b>",
        f"<b>{_size(report.get('size_bytes'))}</b> on disk",
    ]
    if _shown(speed):
        parts.append(f"<b>{speed:,.0f}</b> sentences a second")
    if on.labelled:
        row = on.labelled
        parts.append(
            f"labelled <b>{row['n_labelled']:,}</b> of {row['n_segments']:,} sentences here "
            f"{precision_words(row['precision'])}"
        )
    st.html(f'<div class="rs rs-n rs-lab-says">{"".join(f"<span>{part}</span>" for part in parts)}</div>')


def _amounts(n: Mapping[str, Any]) -> str:
    """`10,911 sentences of 240 papers`, as HTML."""
    return f"<b>{number(n.get('n_segments'))}</b> sentences of <b>{number(n.get('n_papers'))}</b> papers"


def span(seconds: object) -> str:
    """How long something took: `14 s`, `3 min 9 s`."""
    if not _shown(seconds):
        return "–"
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60:,} min {whole % 60} s"


def _size(n: object) -> str:
    return f"{n / 1e6:,.1f} MB" if _shown(n) else "–"


def _shown(value: object) -> TypeGuard[int | float]:
    """Whether it is a number that can be an amount: what a database tells of a labeller may be anything."""
    return isinstance(value, int | float) and 0 <= value < _MOST  # nor is NaN


def layers(on: Known, chosen: frames.Selection, layer: str) -> None:
    """How well each layer is known, a row each, which leads to its codes."""
    names, told = titles(on), table(on.report, "layers")
    share = {
        (name, round(precision, 2)): each
        for name, precision, each in table(on.report, "coverage").select("layer", "precision", "share").iter_rows()
    }
    heads = ["Layer", "#Held-out sentences", "#Micro-F1", "#Macro-F1", "#Exact"]
    heads += ["#Polarity right", "#Polarity macro-F1", "#Calibration error", *(f"#Labelled at {p:.2f}" for p in _TOLD)]
    rows = []
    for row in told.iter_rows(named=True):
        link = address.href("labeller", chosen.filters, open=on.open, layer=on.key(row["layer"]))
        mark = ' aria-current="true" class="rs-lab-on"' if row["layer"] == layer else ""
        ece = [provenance.decimals(row[each]) for each in ("ece", "ece_before")]
        before = f' <span class="rs-muted">was&nbsp;{ece[1]}</span>' if row["ece_before"] is not None else ""
        rows.append(
            [
                f'<a href="{verbatim.html(link)}" data-go{mark}>{verbatim.html(names[row["layer"]])}</a>',
                number(row["n_segments"]),
                f"<b>{provenance.decimals(row['micro_f1'])}</b>",
                *(provenance.decimals(row[key]) for key in ("macro_f1", "accuracy")),
                *(provenance.decimals(row[key]) for key in ("polarity_accuracy", "polarity_macro_f1")),
                f"{ece[0]}{before}",
                *(_percent(share.get((row["layer"], precision))) for precision in _TOLD),
            ]
        )
    sheets.table("Layers", heads, rows)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def known_codes(on: Known, layer: str) -> pl.DataFrame:
    """queries.f1_intervals of a layer, the best first."""
    rows = frames.collect_once(f1_intervals(table(on.report, "codes").lazy()))
    return rows.filter(pl.col("layer") == layer).sort("f1", "code", descending=[True, False], nulls_last=True)


def by_code(on: Known, layer: str, rows: pl.DataFrame, chosen: frames.Selection, known: Mapping[tuple, Code]) -> None:
    """F1 of each code, with its interval; grey with the reason where it is weak or rests on little."""
    key = on.key(layer)
    drawn.head("F1 by code", "On papers kept apart; the bar is a 95 % interval. A click leads to the code’s sentences.")
    if not rows.height:
        states.note("<b>No code of this layer was checked.</b>")
        return
    hue = f"hue {list(titles(on)).index(layer) % 8}"
    dots: list[plots.Dot] = [
        {
            "name": verbatim.clip(_name(known, key, row["code"]), 40),
            "series": "F1",
            "kind": hue,
            "value": row["f1"],
            "low": row["low"],
            "high": row["high"],
            "n": f"{row['n_gold'] or 0:,} of {row['n_segments'] or 0:,} held-out sentences" + _because(row, "; "),
            "thin": bool(row["weak"] or row["thin"]),
            "go": _link(chosen, key, row["code"], known),
        }
        for row in rows.iter_rows(named=True)
    ]
    told = ", ".join(f"{dot['name']} {provenance.decimals(dot['value'])}" for dot in dots[:6])
    plots.dots(
        dots, key=f"labeller_codes_{layer}", title="F1", format=".2f", zero=LEAST_F1, domain=(0, 1),
        alt_text=f"Dots: F1 by code of {titles(on)[layer]}, the best first: {told}.",
    )  # fmt: skip
    _hints(rows, key, known)


def _name(known: Mapping[tuple, Code], key: str, code: str) -> str:
    return known[key, code].name if (key, code) in known else code


def _because(row: Mapping[str, Any], before: str = "") -> str:
    """Why a code is grey, in words; nothing where it is not. Not escaped."""
    if row["f1"] is None:
        return f"{before}nobody gave it on the papers kept apart, so that its F1 is unknown"
    if row["weak"]:
        return f"{before}F1 under {provenance.decimals(LEAST_F1)}: a hint, not a measurement"
    if row["thin"]:
        return f"{before}under {ENOUGH_OBSERVATIONS} held-out sentences have it: its F1 says little"
    return ""


def _link(chosen: frames.Selection, key: str, code: str, known: Mapping[tuple, Code]) -> str:
    return charts.sentences(chosen.filters, Condition(key, code, None)) if (key, code) in known else ""


def _hints(rows: pl.DataFrame, key: str, known: Mapping[tuple, Code]) -> None:
    """Names the grey codes below the chart, each with the reason."""
    chips = "".join(
        f'<span class="rs-chip guess weak" tabindex="0" data-tip="{verbatim.html(_because(row))}">'
        f"{verbatim.html(_name(known, key, row['code']))}</span>"
        for row in rows.filter(pl.col("weak") | pl.col("thin")).iter_rows(named=True)
    )
    if chips:
        st.html(
            f'<div class="rs rs-aside rs-hints">Grey: F1 under {provenance.decimals(LEAST_F1)}, or under '
            f"{ENOUGH_OBSERVATIONS} held-out sentences. {chips}</div>"
        )


def twin(on: Known, layer: str, rows: pl.DataFrame, known: Mapping[tuple, Code]) -> None:
    """The numbers of each code as a table, and of each polarity of it."""
    key = on.key(layer)
    told = [
        {"code": row["code"], "name": _name(known, key, row["code"]), **_numbers(row), "low": row["low"]}
        | {"high": row["high"], "threshold": row["threshold"], "grey because": _because(row) or None}
        for row in rows.iter_rows(named=True)
    ]
    types: dict[str, Any] = {**dict.fromkeys(("precision", "recall", "F1", "low", "high", "threshold"), pl.Float64)}
    with st.expander("Show as table", icon=":material/table:"):
        frame = pl.DataFrame(told, schema_overrides={**types, "grey because": pl.String}, infer_schema_length=None)
        st.dataframe(frame, hide_index=True, placeholder="", column_config=_formats(types))
        signed = table(on.report, "codes").filter(
            (pl.col("layer") == layer) & (pl.col("polarity").is_not_null() | pl.col("code").is_null())
        )
        if signed.height:
            st.caption("By polarity; a row without a code is about any code but “none”.")
            more = [
                {"code": row["code"], "polarity": row["polarity"], **_numbers(row)}
                for row in signed.iter_rows(named=True)
            ]
            types.update({"code": pl.String, "polarity": pl.Int64})
            few = {name: kind for name, kind in types.items() if name in more[0]}
            frame = pl.DataFrame(more, schema_overrides=few, infer_schema_length=None)
            st.dataframe(frame, hide_index=True, placeholder="", column_config=_formats(few))


def _numbers(row: Mapping[str, Any]) -> dict[str, Any]:
    counted = {"held-out sentences": row["n_segments"], "by people": row["n_gold"]}
    counted |= {"by the labeller": row["n_model"], "by both": row["n_both"]}
    return counted | {"precision": row["precision"], "recall": row["recall"], "F1": row["f1"]}


def _formats(types: Mapping[str, Any]) -> dict[str, Any]:
    return {name: st.column_config.NumberColumn(format="%.2f") for name, kind in types.items() if kind == pl.Float64}


def data(on: Known) -> None:
    """Where it comes from: fingerprint, seed, versions."""
    report = on.report
    training, also = part(report, "training"), report.get("also")
    facts = {
        "Annotator": on.annotator,
        "Made, UTC": when(report.get("made_at")),
        "Fingerprint of the labels learnt from": training.get("fingerprint"),
        "Papers kept apart": part(report, "held_out").get("how"),
        "Seed": report.get("seed"),
        "Epochs": report.get("epochs"),
        "Learnt beside": ", ".join(map(str, also)) if isinstance(also, list) and also else "nothing",
        "Share of the second stage": _spelled(report.get("second_stage")),
        "Versions": _spelled(report.get("versions")),
    }
    rows = "".join(
        f"<dt>{verbatim.html(name)}</dt><dd>{verbatim.html('–' if value is None else value)}</dd>"
        for name, value in facts.items()
    )
    with st.expander("Where it comes from", icon=":material/fingerprint:"):
        st.html(f'<dl class="rs rs-lab-facts">{rows}</dl>')


def _spelled(found: object) -> str:
    return ", ".join(f"{name} {value}" for name, value in found.items()) or "–" if isinstance(found, Mapping) else "–"
