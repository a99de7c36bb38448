"""Opposed: reviewers of one paper on opposite sides, their sentences side by side; how often, and on which papers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import polars as pl
import streamlit as st

from corpus.tables import Frames
from pages.parts import address, charts, codes, frames, plots, provenance, review, sheets, states, tables, verbatim
from pages.parts.codes import Code
from pages.parts.offered import Offer
from queries.contradicted_papers import contradicted_papers
from queries.contradiction_rates import contradiction_rates
from queries.counts import counts
from queries.filters import Filters
from queries.intervals import ENOUGH_OBSERVATIONS, ENOUGH_PAPERS
from queries.opposed_sentences import opposed_sentences

#: Papers on a page of the list, papers at its side, and sentences of one review before the rest is a link away.
PAGE, MOST, SENTENCES = 8, 6, 3
_STANCES = {-1: ("negative", "negative"), 1: ("positive", "positive")}


def plans(part: Frames, layer: str) -> dict[str, pl.LazyFrame]:
    """What the page is made of, whatever code it shows."""
    return {
        "counts": counts(part),
        "rates": contradiction_rates(part, layer=layer),
        "most": contradicted_papers(part, layer=layer).head(MOST),
        "codes": part.codes,
    }


def layers(offer: Offer) -> list[str]:
    """The layers to choose between: those with a polarity, and the one that is shown."""
    return [key for key in offer.options if codes.layers()[key].polarised or key == offer.chosen]


def nothing(rates: pl.DataFrame, layer: str, filters: Filters) -> bool:
    """Whether no two reviews can be held against each other; says why."""
    title = verbatim.html(codes.layers()[layer].title)
    if filters.text or any(condition.target == "segment" for condition in filters.conditions):
        states.note(
            "<b>The filters keep some sentences of a review only.</b> Sides are counted on those; filters on papers or "
            "reviews leave reviews whole."
        )
    if rates.height:
        return False
    if not codes.layers()[layer].polarised:
        states.note(f"<b>{title}: labels of this layer have no polarity,</b> so nobody takes a side. Choose another.")
    else:
        states.note(
            "<b>No two reviews of a paper here take a side on the same thing.</b> It takes two labelled reviews of a "
            "paper, each with more positive than negative labels of a code, or more negative ones."
        )
    return True


def asked(rates: pl.DataFrame, known: Mapping[tuple[str, str], Code], layer: str) -> str:
    """The code whose contradictions are listed: the address's, else the one with the most of them."""
    there = rates["code"].cast(pl.String).to_list()
    wanted = address.value("code")
    if wanted in there:
        return str(wanted)
    if wanted:
        name = known[layer, wanted].name if (layer, wanted) in known else wanted
        st.warning(
            f"No two reviews of a paper here take a side on “{verbatim.markdown(name)}”; the address asks for it."
        )
    return there[int(rates["n_opposed"].arg_max() or 0)]


def chart(rates: pl.DataFrame, known: Mapping[tuple[str, str], Code], filters: Filters, layer: str) -> None:
    """Draws the rate of each code with its interval, the highest first, what is thin last; a click lists its papers."""
    rows = [
        plots.Dot(
            name=known[layer, row["code"]].name,
            series="pairs of reviews",
            kind="hue 0",
            value=row["rate"],
            low=row["low"],
            high=row["high"],
            n=rests_on(row),
            thin=row["thin"],
            go=address.href("contradictions", filters, layer=layer, code=row["code"]),
        )
        for row in rates.sort("thin", "rate", descending=[False, True], maintain_order=True).iter_rows(named=True)
    ]
    told = "; ".join(f"{row['name']}: {row['value']:.0%} of {row['n']}" for row in rows if row["value"] is not None)
    plots.dots(
        rows,
        key="contradictions",
        title="pairs on opposite sides",
        alt_text=f"Dots with intervals: how often two reviews of a paper contradict each other. {told}.",
        domain=(0, 1),
    )


def turn(rates: pl.DataFrame, known: Mapping[tuple[str, str], Code], filters: Filters, layer: str, code: str) -> None:
    """Draws the codes as links, each with its n: what a click on the chart does, for whoever uses no mouse."""
    chips = ""
    for row in rates.iter_rows(named=True):
        now = row["code"] == code
        link = verbatim.html(address.href("contradictions", filters, layer=layer, code=row["code"]))
        kind = " on" if now else " thin" if row["thin"] else ""
        chips += (
            f'<a class="rs-chip{kind}" href="{link}" data-go{" aria-current=true" if now else ""}>'
            f"{verbatim.html(known[layer, row['code']].name)} <b>{row['n_opposed']:,} of {row['n_pairs']:,}</b></a>"
        )
    st.html(f'<div class="rs rs-key" role="group" aria-label="Opposed pairs by code; a click lists them">{chips}</div>')
    grey = f" Grey: under {ENOUGH_PAPERS} papers or {ENOUGH_OBSERVATIONS} pairs." if rates["thin"].any() else ""
    charts.caption(f"Opposed pairs of reviews, of those that both take a side. A click lists their papers.{grey}")


def rests_on(row: Mapping) -> str:
    """`225 of 507 pairs, 214 papers`."""
    papers = "paper" if row["n_papers"] == 1 else "papers"
    return f"{row['n_opposed']:,} of {row['n_pairs']:,} pairs, {row['n_papers']:,} {papers}"


def twin(rates: pl.DataFrame, known: Mapping[tuple[str, str], Code], layer: str) -> pl.DataFrame:
    """The chart's numbers."""
    return pl.DataFrame(
        [
            {
                **{"code": row["code"], "name": known[layer, row["code"]].name, "pairs of reviews": row["n_pairs"]},
                **{"papers": row["n_papers"], "opposed": row["n_opposed"], "share": row["rate"]},
                **{"from": row["low"], "to": row["high"], "too few to tell": row["thin"]},
            }
            for row in rates.iter_rows(named=True)
        ],
        infer_schema_length=None,
    )


def most(rows: pl.DataFrame, known: Mapping[tuple[str, str], Code], filters: Filters, layer: str) -> None:
    """Draws the most contradicted papers, each a link to its brief, its codes to the sentences."""
    cells = []
    for row in rows.iter_rows(named=True):
        key = f"{row['corpus']}/{row['paper_key']}"
        link = verbatim.html(address.href("paper", filters, open=key, layer=layer, view="brief"))
        title = f'<a href="{link}" data-go>{verbatim.html(verbatim.clip(tables.title_of(row), 60))}</a>'
        chips = "".join(
            f'<a class="rs-chip" href="{verbatim.html(_in_paper(key, filters, layer, each["code"]))}" data-go '
            f'data-tip="{verbatim.html(known[layer, each["code"]].name)}">'
            f"{verbatim.html(known[layer, each['code']].short)} <b>{each['n']}</b></a>"
            for each in row["codes"]
        )
        cells.append(
            (
                f'{title}<small class="facts">{_badge(row)}{verbatim.html(_where(row, key))}</small>',
                f"{row['n_opposed']}<small>of {row['n_pairs']}</small>",
                f'<div class="rs-chips">{chips}</div>',
            )
        )
    sheets.table("Most contradicted papers", ("Most contradicted papers", "#Opposed", "On"), cells)


def listed(chosen: frames.Selection, layer: str, code: Code, row: Mapping) -> None:
    """Draws the contradictions on one code, paper by paper. `row` is that of the rates."""
    part = chosen.frames
    plan = contradicted_papers(part, layer=layer, code=code.code)
    rows = frames.collect(chosen, f"contradicted {layer} {code.code}", rows=plan)["rows"]
    sheets.section("opposed", f"Contradictions on {code.name}", row["n_opposed"])
    if not rows.height:
        states.note(f"<b>None.</b> {verbatim.html(rests_on(row))}: all on the same side.")
        return
    offset, pages = address.paging("page", rows.height, PAGE)
    shown = rows.slice(offset, PAGE)
    keys = tuple(f"{corpus}/{key}" for corpus, key in shown.select("corpus", "paper_key").iter_rows())
    some = replace(chosen.filters, papers=keys).apply(chosen.snapshot.frames)
    said = opposed_sentences(some, layer=layer, code=code.code)
    found = frames.collect(chosen, f"opposed {layer} {code.code} {offset}", rows=said)["rows"]
    charts.caption(
        f"{_range(offset, shown.height, rows.height)}, the most opposed pairs first. "
        "Left, what reviewers on the negative side criticise; right, what those on the positive side praise."
    )
    of = {
        paper: list(group) for paper, group in groupby(found.iter_rows(named=True), key=lambda each: each["paper_id"])
    }
    drawn = (
        side_by_side(of.get(paper["paper_id"], []), _head(paper, chosen.filters, layer, code), chosen.filters, layer)
        for paper in shown.iter_rows(named=True)
    )
    st.html(f'<div class="rs">{"".join(drawn)}</div>')
    address.pager("page", offset, PAGE, pages)


def side_by_side(rows: Iterable[Mapping], head: str, filters: Filters, layer: str, who: str | None = None) -> str:
    """One contradiction as HTML: `rows` are those of queries.opposed_sentences for a paper and code, `head` is HTML."""
    stances: dict[int, str] = {-1: "", 1: ""}
    for side, of_side in groupby(rows, key=lambda row: row["side"]):
        for _, of_review in groupby(of_side, key=lambda row: row["review_id"]):
            stances[side] += _stance(list(of_review), filters, layer, who)
    columns = "".join(
        f'<div class="rs-stance {kind}" role="group" aria-label="{word} side">{stances[side]}</div>'
        for side, (kind, word) in _STANCES.items()
    )
    return f'<section class="rs-opposed"><header>{head}</header>{columns}</section>'


def _stance(rows: Sequence[Mapping], filters: Filters, layer: str, who: str | None) -> str:
    """What one reviewer says on one side."""
    first = rows[0]
    key = f"{first['corpus']}/{first['paper_key']}"
    _, word = _STANCES[first["side"]]
    facts = f"net {tables.signed(first['net'])}, {len(rows)} {word} {'sentence' if len(rows) == 1 else 'sentences'}"
    said = "".join(
        f"<p>{verbatim.html(row['text'].strip())} {provenance.mark(row)}{place(key, row, filters, layer, who)}</p>"
        for row in rows[:SENTENCES]
    )
    if len(rows) > SENTENCES:
        link = verbatim.html(_in_paper(key, filters, layer, first["code"], who))
        said += f'<p><a class="rs-in" href="{link}" data-go>and {len(rows) - SENTENCES} more in the paper</a></p>'
    return f"<article><h4>{verbatim.html(review.name(first))} <small>{facts}</small></h4>{said}</article>"


def place(key: str, row: Mapping, filters: Filters, layer: str, who: str | None = None) -> str:
    """The link to a sentence in its review; `row` has review_key and position."""
    at = f"{row['review_key']}:{row['position']}"
    link = address.href("paper", filters, open=key, layer=layer, who=who, at=at)
    return f'<a class="rs-in" href="{verbatim.html(link)}" data-go>Show in the review</a>'


def _range(offset: int, n: int, total: int) -> str:
    """`Papers 9–16 of 40`, `1 paper`."""
    if n == total:
        return f"{total:,} {'paper' if total == 1 else 'papers'}"
    return f"Papers {offset + 1:,}–{offset + n:,} of {total:,}"


def _head(row: Mapping, filters: Filters, layer: str, code: Code) -> str:
    key = f"{row['corpus']}/{row['paper_key']}"
    link = verbatim.html(_in_paper(key, filters, layer, code.code))
    brief = verbatim.html(address.href("paper", filters, open=key, layer=layer, view="brief"))
    pairs = f"{row['n_opposed']} of {row['n_pairs']} {'pair' if row['n_pairs'] == 1 else 'pairs'} opposed"
    return (
        f'<h3><a href="{link}" data-go>{verbatim.html(tables.title_of(row))}</a></h3>'
        f"<span>{_badge(row)}{verbatim.html(_where(row, key))}</span><span>{pairs}</span>"
        f'<a class="more" href="{brief}" data-go>Brief</a>'
    )


def _in_paper(key: str, filters: Filters, layer: str, code: str, who: str | None = None) -> str:
    return address.href("paper", filters, open=key, layer=layer, who=who, code=code)


def _badge(row: Mapping) -> str:
    return f'<span class="rs-badge {row["decision"]}">{row["decision"]}</span> ' if row["decision"] else ""


def _where(row: Mapping, key: str) -> str:
    where = " ".join(str(part) for part in (row["venue"], row["year"]) if part is not None)
    return " · ".join(part for part in (where, key if row["title"] else row["corpus"]) if part)
