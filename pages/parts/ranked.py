"""Attention: the weights of the signs, the ranking with what each sign adds, and where each number leads."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl
import streamlit as st

from corpus.exporters.cells import neutral
from pages.parts import address, codes, frames, palette, tables, verbatim
from queries.attention import EVEN, attention
from queries.counts import counts
from queries.filters import Filters
from queries.warning_signs import SIGNS, warning_signs

PAGE = 50
#: The heaviest that a sign can be made.
MOST = 10.0
NAMES = {
    "spread": "Spread",
    "contradiction": "Contradictions",
    "mismatch": "Mismatch",
    "thin": "Thin reviews",
    "missing": "Missing reviews",
}
MEANINGS = {
    "spread": "How far its ratings lie apart; without ratings, its reviewers’ net polarity.",
    "contradiction": "Pairs of its reviews on opposite sides of one code.",
    "mismatch": "Its review that is farthest from what the labels lead one to expect, in standard deviations.",
    "thin": "Its reviews that are far shorter than their corpus’s.",
    "missing": "How many reviews fewer it has than is usual at its venue.",
}
_UNMEASURED = {
    "spread": "Needs two reviews with a rating, at a venue with others to compare, or two with judged sentences.",
    "contradiction": "No two of its reviews take a side on the same code.",
    "mismatch": "Nothing could be expected of its reviews: no labels, or too few papers to learn from.",
    "thin": "Its corpus has too few reviews to tell what is short.",
    "missing": "It is the only paper of its venue.",
}
_OF = {"rating": "of ratings", "net": "of net polarity", "decision": "of the decision"}


def whole(chosen: frames.Selection) -> frames.Selection:
    """The selection without what is asked of sentences and of single reviews: signs are of whole papers."""
    return chosen._replace(filters=_whole(chosen.filters))


def _whole(filters: Filters) -> Filters:
    return replace(filters, conditions=(), kinds=(), text="", regex=False, rating=(None, None))


def plans(chosen: frames.Selection, layer: str) -> dict[str, pl.LazyFrame]:
    """What the page weighs: the selection's papers, each with the signs of all its reviews.

    A word, a label, a kind or a rating that is asked for chooses papers and cuts nothing out of them. Annotators and
    schemes choose labels too, but no reviews. What is usual is looked for in the whole database. `n_labels` is how many
    labels the signs rest on.
    """
    part, everything = chosen.frames, chosen.every
    around = replace(_whole(chosen.filters), annotators=(), schemes=()).apply(everything)
    asked = chosen.snapshot.frames.labels.join(around.reviews.select("review_id"), on="review_id", how="semi")
    around = around._replace(labels=chosen.filters.standing(asked))
    ids = part.papers.select("paper_id")
    signs = warning_signs(around, layer=layer, whole=everything)
    return {
        "counts": counts(part),
        "signs": signs.join(ids, on="paper_id", how="semi", maintain_order="left"),
        "labels": around.labels.join(ids, on="paper_id", how="semi").select(pl.len().alias("n_labels")),
    }


def order(chosen: frames.Selection, layer: str, signs: pl.DataFrame, weights: Mapping[str, float]) -> pl.DataFrame:
    """The papers in the order of their scores."""
    what = f"attention {layer} {_spelled(weights)}"
    return frames.collect(chosen, what, ranked=attention(signs.lazy(), weights=weights))["ranked"]


def asked() -> dict[str, float]:
    """The weights that the address asks for, all 1 by default; what makes no sense is told."""
    text = address.value("weights")
    if text is None:
        return dict(EVEN)
    try:
        given = [float(each) for each in text.split(",")]
    except ValueError:
        given = []
    if len(given) == len(SIGNS) and all(math.isfinite(each) and 0 <= each <= MOST for each in given) and any(given):
        return dict(zip(SIGNS, given, strict=True))
    names = ", ".join(NAMES[sign].lower() for sign in SIGNS)
    st.warning(
        f"The address asks for the weights “{verbatim.markdown(text)}”: give {len(SIGNS)} numbers from 0 to {MOST:g}, "
        f"not "
        f"all 0, in the order {names}. Shown: all 1."
    )
    return dict(EVEN)


def _spelled(weights: Mapping[str, float]) -> str:
    return ",".join(f"{weights[sign]:g}" for sign in SIGNS)


def controls(weights: Mapping[str, float]) -> None:
    """A number for each sign, bound to the address."""

    def write() -> None:
        new = {sign: st.session_state[f"own_weight_{sign}"] for sign in SIGNS}
        same = all(value == 1 for value in new.values()) or not any(new.values())
        address.put("weights", None if same else _spelled(new))
        address.put("page", None)

    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        for sign in SIGNS:
            st.session_state[f"own_weight_{sign}"] = float(weights[sign])
            st.number_input(
                NAMES[sign], min_value=0.0, max_value=MOST, step=0.5, format="%g", key=f"own_weight_{sign}", width=132,
                help=MEANINGS[sign], on_change=write,
            )  # fmt: skip
        if dict(weights) != dict(EVEN):
            st.button("All alike", icon=":material/undo:", on_click=lambda: address.put("weights", None))


def legend(ranked: pl.DataFrame, weights: Mapping[str, float]) -> None:
    """The colours of the signs, their weights, and how many papers each could be measured on."""
    items = "".join(
        f'<span data-tip="{verbatim.html(MEANINGS[sign])}" tabindex="0"><i style="{_tone(sign)}"></i>'
        f"{NAMES[sign].lower()} × {weights[sign]:g}, measured on {ranked[sign].count():,}</span>"
        for sign in SIGNS
    )
    st.html(f'<div class="rs rs-legend">{items}</div>')


def _tone(sign: str) -> str:
    return f"--tone:var(--rs-hue-{palette.hue(SIGNS.index(sign))})"


def table(rows: pl.DataFrame, layer: str, filters: Filters) -> None:
    """One page of the ranking: rank, paper, score with its parts, and the signs as links to what is behind them."""
    heads = '<th scope="col" class="at">#</th><th scope="col" class="name"><b>Paper</b></th>'
    heads += '<th scope="col" class="score"><b>Score</b></th>'
    heads += "".join(
        f'<th scope="col" class="num" data-tip="{verbatim.html(MEANINGS[sign])}" tabindex="0">'
        f'<b><i class="rs-swatch" style="{_tone(sign)}"></i>{NAMES[sign]}</b></th>'
        for sign in SIGNS
    )
    body = "".join(_row(row, layer, filters) for row in rows.iter_rows(named=True))
    st.html(tables.grid("Papers that need a second look", f"<tr>{heads}</tr>", body, kind="rs-rank"))


def _row(row: Mapping, layer: str, filters: Filters) -> str:
    key = f"{row['corpus']}/{row['paper_key']}"
    brief = verbatim.html(address.href("paper", filters, open=key, layer=layer, view="brief"))
    where = " ".join(str(part) for part in (row["venue"], row["year"]) if part is not None)
    badge = f'<span class="rs-badge {row["decision"]}">{row["decision"]}</span> ' if row["decision"] else ""
    facts = " · ".join(part for part in (where, key if row["title"] else row["corpus"]) if part)
    name = (
        f'<th scope="row" class="name"><a href="{brief}" data-go>{verbatim.html(tables.title_of(row))}</a>'
        f'<small class="facts">{badge}{verbatim.html(facts)}</small></th>'
    )
    links = _links(row, key, layer, filters)
    cells = "".join(f'<td class="num">{_cell(sign, row, links[sign])}</td>' for sign in SIGNS)
    rank = "–" if row["rank"] is None else f"{row['rank']:,}"
    return f'<tr data-href="{brief}"><td class="at">{rank}</td>{name}<td class="score">{_score(row)}</td>{cells}</tr>'


def _links(row: Mapping, key: str, layer: str, filters: Filters) -> dict[str, str]:
    """Where each sign leads: the paper's reviews, its contradictions, its mismatches, its data.

    The page of a paper shows it whole; the others show what their filters leave, so these ask for whole papers.
    """
    about = _whole(filters)
    alone = replace(about, papers=(key,))
    of = row["mismatch_of"]
    return {
        "spread": address.href("paper", filters, open=key, layer=layer),
        "contradiction": address.href("contradictions", alone, layer=layer),
        "mismatch": address.href("mismatch", about, layer=layer, measure=of, open=key),
        "thin": address.href("data-quality", alone),
        "missing": address.href("data-quality", alone),
    }


def _score(row: Mapping) -> str:
    if row["score"] is None:
        return '<span class="rs-none" data-tip="No sign with a weight could be measured." tabindex="0">–</span>'
    parts = "".join(
        f'<i style="{_tone(sign)};width:{row[f"part_{sign}"]:.2%}" data-tip="{_part(sign, row)}"></i>'
        for sign in SIGNS
        if row[f"part_{sign}"]
    )
    told = "; ".join(_part(sign, row) for sign in SIGNS if row[f"part_{sign}"] is not None)
    n = f"{row['n_signs']} {'sign' if row['n_signs'] == 1 else 'signs'}"
    return (
        f"<b>{row['score']:.2f}</b><small>of {n}</small>"
        f'<div class="rs-parts" role="img" aria-label="{verbatim.html(told)}">{parts}</div>'
    )


def _part(sign: str, row: Mapping) -> str:
    return f"{NAMES[sign]}: more than {row[f'scaled_{sign}']:.0%} of papers, adds {row[f'part_{sign}']:.2f}"


def _cell(sign: str, row: Mapping, link: str) -> str:
    """A sign's number as a link, with what it is of; a dash that says why where it could not be measured."""
    if row[sign] is None:
        return f'<span class="rs-none" data-tip="{verbatim.html(_UNMEASURED[sign])}" tabindex="0">–</span>'
    reviews = f"of {row['n_reviews']:,}"
    shown = {
        "spread": lambda: (f"{row['spread']:.2f}", _OF[row["spread_of"]]),
        "contradiction": lambda: (f"{row['contradiction']:,}", f"of {row['n_pairs']:,} pairs"),
        "mismatch": lambda: (f"{row['mismatch']:.1f}", _OF[row["mismatch_of"]]),
        "thin": lambda: (f"{row['thin']:,}", reviews),
        "missing": lambda: (f"{row['missing']:g}", f"has {row['n_reviews']:,}, usual {row['usual']:g}"),
    }
    number, small = shown[sign]()
    return f'<a href="{verbatim.html(link)}" data-go>{number}</a><small>{small}</small>'


def twin(rows: pl.DataFrame) -> pl.DataFrame:
    """The ranking as numbers."""
    return rows.select(
        *("rank", "corpus", "paper_key", "title", "venue", "year", "decision", "score", "n_signs", "n_reviews"),
        *("spread", "spread_of", "contradiction", "n_pairs", "mismatch", "mismatch_of", "thin", "missing", "usual"),
        *(f"scaled_{sign}" for sign in SIGNS),
        *(f"part_{sign}" for sign in SIGNS),
    )


def download(rows: pl.DataFrame) -> None:
    """The button that gives the whole ranking as a file."""
    st.download_button(
        f"Download {rows.height:,} as CSV",
        lambda: as_csv(twin(rows)),
        file_name="attention.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        help="Every paper with its score, its signs as measured, scaled and weighed. UTF-8. Text that a spreadsheet "
        "would run as a formula begins with an apostrophe.",
    )


def as_csv(rows: pl.DataFrame) -> bytes:
    """Rows as CSV: UTF-8 with a byte order mark, null as empty, no cell a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(rows.columns)
    for row in rows.iter_rows():
        writer.writerow([neutral(value) for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def words(offset: int, shown: int, total: int) -> str:
    """What of the ranking is shown, and what a score is."""
    return (
        f"Papers {offset + 1:,}–{offset + shown:,} of {total:,}. Score: the weighted mean of the signs, each as the "
        "share of the other papers that have less of it. It puts papers into an order and judges none of them. "
        "Signs are of whole papers, whichever sentences the filters pick. "
        "A click on a paper opens its brief, on a number what is behind it."
    )


def layers(options: Sequence[str]) -> list[str]:
    """The layers to choose between: those with a polarity, as the others tell no sides."""
    return [key for key in options if codes.layers()[key].polarised]
