"""Key words as two ranked lists, with bars and links to their concordances, and as a table."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import streamlit as st

from pages.parts import plots, verbatim
from pages.parts.keywords import COLUMNS, NOUNS, SHORT, Keys
from queries.keyness import DRAWN, LEAST_PAPERS, RANKS

_ONE = {"word": "Word", "bigram": "Pair", "lemma": "Lemma"}
_SIDES = ("target", "reference")
_TONES = ("first", "second")


def first_of(keys: Keys, side: int) -> list[dict]:
    """The terms of one side, the most key first, as rows of queries.keyness."""
    rank = RANKS[keys.measure]
    there = keys.rows.filter((keys.rows["log_ratio"].sign() == (1 if side == 0 else -1)) & (keys.rows[rank] <= DRAWN))
    return there.sort(rank).to_dicts()


def listed(keys: Keys, side: int) -> None:
    """Draws the ranked list of one side: word, bar, how many times as often, how often here and there."""
    name = verbatim.html(verbatim.clip(keys.cohorts[side].name, 44))
    head = f'<div class="rs rs-keys-head">{plots.sign(side)}<span>More in <b>{name}</b></span></div>'
    rows = first_of(keys, side)
    if not rows:
        why = f"None of the {NOUNS[keys.unit]} that this side uses more is in {LEAST_PAPERS} papers of it."
        st.html(f'{head}<div class="rs rs-note">{why}</div>')
        return
    most = max((abs(row[COLUMNS[keys.measure]] or 0) for row in rows), default=1) or 1
    body = "".join(_item(keys, row, side, most) for row in rows)
    heads = (_ONE[keys.unit], "Times as often", "n here : there")
    top = "".join(f'<th scope="col">{each}</th>' for each in heads)
    label = f"More in {name}, by {SHORT[keys.measure]}"
    st.html(
        f'{head}<table class="rs rs-keys {_TONES[side]}" aria-label="{label}"><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _item(keys: Keys, row: Mapping, side: int, most: float) -> str:
    here, there = ("target", "reference") if side == 0 else ("reference", "target")
    link, other = (verbatim.html(keys.go(row, place)) for place in (side, 1 - side))
    share = abs(row[COLUMNS[keys.measure]] or 0) / most
    unsure = "" if keys.firm(row) else ' class="unsure"'
    tip = verbatim.html(told(keys, row))
    word = verbatim.html(row["term"])
    return (
        f'<tr{unsure}><th scope="row"><a href="{link}" data-go data-tip="{tip}">{word}</a>'
        f'<i style="--share:{share:.1%}"></i></th><td>{_times(row, side)}</td>'
        f'<td><a href="{link}" data-go aria-label="{word} here">{row[f"n_{here}"]:,}</a> : '
        f'<a href="{other}" data-go aria-label="{word} there">{row[f"n_{there}"]:,}</a></td></tr>'
    )


def _times(row: Mapping, side: int) -> str:
    """How many times as often a side uses a term, with the interval; the other side's zero has no ratio."""
    way = 1 if side == 0 else -1
    if not row["n_reference" if side == 0 else "n_target"]:
        return "only here"
    ends = sorted(2 ** (way * row[end]) for end in ("low", "high")) if row["low"] is not None else None
    span = f" <small>{_ratio(ends[0])}–{_ratio(ends[1])}</small>" if ends else ""
    return f"{_ratio(2 ** (way * row['log_ratio']))}×{span}"


def _ratio(value: float) -> str:
    return (
        f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 10 else f"{value:,.0f}" if value < 1000 else "≥1,000"
    )


def told(keys: Keys, row: Mapping) -> str:
    """All numbers of a term, line by line; not escaped."""
    lines = [row["term"]]
    for name, cohort in zip(("target", "reference"), keys.cohorts, strict=True):
        dp = row[f"dp_{name}"]
        lines.append(
            f"{verbatim.clip(cohort.name, 40)}: {row[f'n_{name}']:,} times, {row[f'rate_{name}']:,.0f} per million, in "
            f"{row[f'papers_{name}']:,} papers, {row[f'reviews_{name}']:,} reviews" + (f", DP {dp:.2f}" if dp else "")
        )
    interval = f" [{row['low']:+.2f}, {row['high']:+.2f}]" if row["low"] is not None else ""
    z = "–" if row["log_odds"] is None else f"{row['log_odds']:+.2f}"
    lines += [f"G² {row['g2']:+,.1f}, q {chance(row['q'])}", f"log ratio {row['log_ratio']:+.2f}{interval}", f"z {z}"]
    return "\n".join(lines)


def chance(q: float) -> str:
    """A q-value in words of three digits."""
    return "< 0.0001" if q < 0.0001 else f"{q:.4f}" if q < 0.01 else f"{q:.2f}"


def twin(keys: Keys, rows: pl.DataFrame) -> None:
    """The numbers of the terms that are drawn, in the order of the measure."""
    names = [verbatim.clip(cohort.name, 24) for cohort in keys.cohorts]
    names = names if len(set(names)) == 2 else ["A", "B"]
    numbers = {"n": "n", "rate": "per million", "papers": "papers", "reviews": "reviews", "dp": "DP"}
    sides = {
        f"{each}_{side}": f"{title}, {name}"
        for each, title in numbers.items()
        for side, name in zip(_SIDES, names, strict=True)
    }
    measures = {"g2": "G²", "q": "q", "log_ratio": "log ratio", "low": "from", "high": "to", "log_odds": "z"}
    order = rows.sort(pl.col(COLUMNS[keys.measure]).abs(), "term", descending=[True, False], nulls_last=True)
    shown = order.select("term", *sides, *measures).rename(sides | measures)
    formats = {name: "%.2f" for name, kind in shown.schema.items() if kind.is_float()}
    formats |= {name: "%.1f" for name in shown.columns if name.startswith("per million")} | {"q": "%.2g"}
    plots.twin(shown, formats)
