"""Concordance: what the address asks for, its queries, its choices, and what stands there while nothing is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl
import streamlit as st

from corpus.tables import Frames
from pages.parts import address, charts, codes, frames, kwic_table, method, offered, states, verbatim
from queries.choices import choices
from queries.collocates import MEASURES, SPAN, collocates
from queries.common_words import common_words
from queries.dispersion import dispersion, evenness, frequency
from queries.filters import Filters
from queries.hits import MOST, TENTHS, extent, hits, matches
from queries.kwic import ORDERS, kwic
from queries.tokens import pattern as found_by

PAGE = 50
_ORDERS = {
    "text": "Sort: as in the text",
    "left1": "Sort: 1 word left",
    "left2": "Sort: 2 words left",
    "left3": "Sort: 3 words left",
    "right1": "Sort: 1 word right",
    "right2": "Sort: 2 words right",
    "right3": "Sort: 3 words right",
    "node": "Sort: the hit itself",
    "retrograde": "Sort: left, read backwards",
    "paper": "Sort: title of the paper",
    "year": "Sort: year",
}
_SPANS = {"2": "± 2 words", "4": "± 4 words", "6": "± 6 words", "10": "± 10 words"}
_MEASURES = {"log_dice": "logDice", "g2": "G²", "ratio": "Times expected", "n": "How often"}
_OVER = {"year": "Year", "decision": "Decision", "venue": "Venue", "corpus": "Corpus", "polarity": "Polarity"}


class Asked(NamedTuple):
    """What the page is to show: pattern, order, layer (null: none has labels), tenth of the review (null: all), window
    and measure of collocates, what frequencies are told by (null: nothing to tell apart), the choices for the latter.
    """

    pattern: str
    order: str
    layers: Sequence[str]
    layer: str | None
    tenth: int | None
    span: int
    by: str
    over: str | None
    overs: Sequence[str]

    @property
    def own(self) -> dict[str, str | None]:
        """The page's own keys of the address, for links to itself."""
        return {key: address.value(key) for key in ("layer", "order", "with", "measure", "over")}


def part(chosen: frames.Selection) -> Frames:
    """The selection without its text: what hits are looked for in, and how often they come is told of."""
    return chosen.without("q").apply(chosen.snapshot.frames)


def asked(chosen: frames.Selection) -> Asked:
    """What the address asks for, as far as it can be had."""
    offer, used = offered.layer(rows := offered.used(chosen)), rows["n_on_segments"].sum() > 0
    layer = offer.chosen if used else None
    rows = frames.collect(chosen, "concordance: choices", rows=choices(part(chosen)))["rows"]
    overs = [key for key in _OVER if rows.filter(rows["key"] == key).height > 1]
    overs += ["polarity"] * bool(layer and codes.layers()[layer].polarised)
    wanted = {key: address.value(key) for key in ("order", "with", "measure", "over", "tenth")}
    tenth = wanted["tenth"] if wanted["tenth"] in {str(at + 1) for at in range(TENTHS)} else None
    return Asked(
        chosen.filters.pattern,
        wanted["order"] if wanted["order"] in ORDERS else "text",
        offer.options if used else (),
        layer,
        int(tenth) - 1 if tenth else None,
        int(wanted["with"]) if wanted["with"] in _SPANS else SPAN,
        wanted["measure"] if wanted["measure"] in MEASURES else MEASURES[0],
        wanted["over"] if wanted["over"] in overs else next(iter(overs), None),
        overs,
    )


def extent_of(chosen: frames.Selection, on: Asked) -> Mapping[str, int] | None:
    """How many hits there are, and in how much; null (None), after saying why, where nothing can be shown of them."""
    given = part(chosen)
    n = frames.collect(chosen, "concordance: matches", n=matches(given.segments, pattern=on.pattern))["n"]["n"][0]
    if n > MOST:
        states.note(
            f"<b>This matches {n:,} times.</b> Up to {MOST:,} hits can be put in context: ask for a longer word, or "
            "for fewer papers in Filters."
        )
        return None
    found = hits(given.segments, pattern=on.pattern, around=chosen.snapshot.frames.segments)
    kept = found if on.tenth is None else found.filter(pl.col("tenth") == on.tenth)
    told = frames.collect(chosen, f"concordance: extent {on.tenth}", all=extent(found), kept=extent(kept))
    row = told["all"].row(0, named=True)
    if not row["n"]:
        states.note(
            "<b>This matches no character.</b> A pattern such as <code>x*</code> or <code>\\b</code> is met by nothing "
            "at all, so that every sentence has it and there is no word to show. Try <code>x+</code>."
        )
        return None
    return row | {"shown": told["kept"]["n"][0]}


def lines(
    chosen: frames.Selection, on: Asked, offset: int = 0, n: int | None = None, width: int = kwic_table.WIDTH
) -> pl.LazyFrame:
    """The lines of the concordance that are shown."""
    whole = chosen.snapshot.frames.segments
    how = {"around": whole, "order": on.order, "layer": on.layer, "tenth": on.tenth}
    return kwic(part(chosen), pattern=on.pattern, width=width, offset=offset, n=n, **how)  # type: ignore[arg-type]


def spread(chosen: frames.Selection, on: Asked) -> dict[str, pl.DataFrame]:
    """Where hits stand in reviews, how evenly they fall on papers, how often they come by what is chosen."""
    given, whole = part(chosen), chosen.snapshot.frames.segments
    found = frames.collect(
        chosen,
        "concordance: spread",
        tenths=dispersion(given, pattern=on.pattern, around=whole),
        evenness=evenness(given, pattern=on.pattern),
    )
    if on.over:
        rates = frequency(given, pattern=on.pattern, by=[on.over], layer=on.layer)
        found = found | frames.collect(chosen, f"concordance: rates {on.over} {on.layer}", rates=rates)
    return found


def company(chosen: frames.Selection, on: Asked) -> pl.DataFrame:
    """The words that keep company with the hits."""
    plan = collocates(part(chosen), pattern=on.pattern, span=on.span, by=on.by)
    return frames.collect(chosen, f"concordance: collocates {on.span} {on.by}", rows=plan)["rows"]


def controls(chosen: frames.Selection, on: Asked, n: int) -> None:
    """Draws the choices of the lines and the download; says which tenth of the reviews is shown."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        address.choice("order", ORDERS, on.order, "Order", _ORDERS)
        if on.layer:
            address.choice("layer", on.layers, on.layer, "Layer", offered.names(on.layers))
        plan = lines(chosen, on, width=120)
        kwic_table.download(lambda: frames.collect_once(plan), n)
    wanted = address.value("tenth")
    if wanted and on.tenth is None:
        st.warning(f"The address asks for the tenth “{verbatim.markdown(wanted)}” of reviews: there are 1 to {TENTHS}.")
    if on.tenth is not None:
        link = verbatim.html(address.href("concordance", chosen.filters, **on.own))
        states.note(
            f"<b>Hits in the {_ordinal(on.tenth + 1)} tenth of their reviews only.</b> "
            f'<a href="{link}" data-go>Show all hits</a>'
        )


def words(on: Asked, row: Mapping[str, int], offset: int) -> str:
    """Which lines are shown, of how many."""
    if not row["shown"]:
        return "No hit begins there."
    upto = min(offset + PAGE, row["shown"])
    where = "" if on.tenth is not None else f" in {_amount(row['n_segments'], 'sentence')}"
    of = "" if on.tenth is not None else f" of {_amount(row['n_papers'], 'paper')}"
    return f"Hits {offset + 1:,}–{upto:,} of {row['shown']:,}{where}{of}."


def choose_over(on: Asked) -> None:
    """Draws the choice of what frequencies are told by; says so where it is not what the address asks for."""
    wanted = address.value("over")
    if wanted in _OVER and wanted not in on.overs:
        charts.caption(f"By {_OVER[wanted].lower()} there is nothing to tell apart here.")
    if on.over:
        address.choice("over", on.overs, on.over, "By", _OVER)


def choose_company(on: Asked) -> None:
    """Draws the choices of the collocates."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        address.choice("with", tuple(_SPANS), str(on.span), "Window", _SPANS)
        address.choice("measure", MEASURES, on.by, "Measure", _MEASURES)


def invite(chosen: frames.Selection) -> None:
    """What stands there while no word is asked for: a field, and what is much spoken of here."""
    with st.form("ask", width=680):
        st.markdown("**Which word, phrase or pattern?**")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text_input("Text", key="ask_text", label_visibility="collapsed", placeholder="baseline", width=320)
            st.toggle("Regex", key="ask_regex", help="Such as baselines?|ablation; syntax of the Rust crate regex")
            st.form_submit_button("Show its uses", on_click=_ask, icon=":material/align_horizontal_center:")
    segments = chosen.frames.segments
    plans = {"words": common_words(segments, n=30), "pairs": common_words(segments, size=2, n=20)}
    found = frames.collect(chosen, "concordance: common words", **plans)
    if not found["words"].height:
        states.note("<b>No words here.</b> The papers of this selection have no review text.")
        return
    titles = {"words": "Much spoken of in this selection", "pairs": "Two words in a row"}
    listed = ""
    for name, title in titles.items():
        rows = found[name].sort("n", "term", descending=[True, False]).to_dicts()
        chips = "".join(_chip(row, chosen.filters) for row in rows)
        listed += f'<p>{title}</p><div class="rs-chips">{chips}</div>' if chips else ""
    st.html(f'<div class="rs rs-suggested">{listed}</div>')


def how() -> None:
    """Tells how the page computes what it shows."""
    method.computed(
        "A hit is a match of the search text in a sentence, from left to right without overlap; its context runs "
        "on into the sentences around it. **Where in the review** counts code points from its beginning, whatever "
        "part of it is selected. **How often** is told for every 1,000 words of the selection without the search "
        "text. Their intervals (95 %) draw papers again, 1,000 times, because reviews of one paper speak of the "
        "same work.\n\n"
        "**Deviation of proportions**: $h_i$ of $h$ hits and $w_i$ of $w$ words are in paper $i$. 0 is even, 1 "
        "would be all in one paper; a rare word cannot be even, so it stands beside what 500 random falls of as "
        "many hits give.\n\n"
        "**Words beside it** are at most as many words away as the window says, in the same sentence. Every word "
        "counts once, however many hits are near: $O$ of its $f$ uses are in windows, windows hold $R$ of all $N$ "
        "words outside the $h$ hits. Times expected draws papers, as above; G² (in the table) takes words for "
        "independent: sort by it, do not test with it. Grey: words of fewer than 30 papers, or fewer than 5 times "
        "beside a hit.",
        formulas=[
            r"DP = \tfrac12 \sum_i \left| \frac{h_i}{h} - \frac{w_i}{w} \right|",
            r"E = \frac{R f}{N} \qquad \text{times expected} = \frac{O}{E} \qquad"
            r"\text{logDice} = 14 + \log_2 \frac{2\,O}{h + f}",
            r"G^2 = 2 \sum_{ij} O_{ij} \ln \frac{O_{ij}}{E_{ij}}",
        ],
        sources=[
            ("Gries 2008, Dispersions and adjusted frequencies in corpora", "https://doi.org/10.1075/ijcl.13.4.02gri"),
            ("Evert 2008, Corpora and collocations", "https://doi.org/10.1515/9783110213881.2.1212"),
            (
                "Rychlý 2008, A lexicographer-friendly association score",
                "https://nlp.fi.muni.cz/raslan/2008/papers/13.pdf",
            ),
            ("Dunning 1993, Accurate methods for the statistics of surprise", "https://aclanthology.org/J93-1003/"),
            ("Church & Hanks 1990, Word association norms", "https://aclanthology.org/J90-1003/"),
            ("Kilgarriff et al. 2014, The Sketch Engine", "https://doi.org/10.1007/s40607-014-0009-9"),
        ],
    )


def _chip(row: Mapping, filters: Filters) -> str:
    """A word as a link to its concordance, with how often it occurs."""
    asks = Filters.from_query(filters.to_query() | {"q": [found_by(row["term"])], "re": ["1"]})
    link = verbatim.html(address.href("concordance", asks, **{key: address.value(key) for key in ("layer", "order")}))
    tip = verbatim.html(f"{row['n']:,} times in {_amount(row['n_papers'], 'paper')}")
    term = verbatim.html(row["term"])
    return f'<a class="rs-chip" href="{link}" data-go data-tip="{tip}">{term} <small>{row["n"]:,}</small></a>'


def _ask() -> None:
    """The form's text into the address."""
    address.put("q", st.session_state["ask_text"])
    address.put("re", "1" if st.session_state["ask_regex"] and st.session_state["ask_text"] else None)


def _amount(n: int, noun: str) -> str:
    return f"{n:,} {noun if n == 1 else noun + 's'}"


def _ordinal(n: int) -> str:
    return f"{n}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(n, 'th') }"
