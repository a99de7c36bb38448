"""Agreement in numbers: the coefficients at a glance, alpha layer by layer, pairs of annotators, reviewers by code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl
import streamlit as st

from corpus.schemes import COMMON
from corpus.tables import MODEL, Frames
from pages.parts import address, codes, offered, sheets, states, tables, verbatim
from pages.parts.alphas import between, coefficient, coefficients
from pages.parts.plots import Dot
from pages.parts.provenance import is_model, short
from pages.parts.quality import percent
from queries.agreement import agreement, annotator_pairs
from queries.counts import counts
from queries.filters import Filters
from queries.reviewer_agreement import reviewer_agreement
from queries.vocabulary import current

#: What annotators are compared in: in words, with the colour of its dots.
QUESTIONS = {"code": ("which code", 0), "polarity": ("which polarity", 1), "placed": ("whether to label", 2)}
_SIGNS = ("●", "■", "▲")
VIEWS = {"codes": "Codes", "polarity": "Polarity"}


class Asked(NamedTuple):
    """What the page is about: key of the layer, `code` or `polarity`, key of the layer that reviewers are compared in.

    The last is null where no layer here has a polarity.
    """

    key: str
    question: str
    reviewers: str | None


def first_plans(part: Frames, whole: Frames) -> dict[str, pl.LazyFrame]:
    """What the page needs before it knows which layer to show; `whole` are the reviews with all that is in them."""
    return {"counts": counts(part), "agreement": agreement(whole), "codes": part.codes}


def plans(whole: Frames, on: Asked) -> dict[str, pl.LazyFrame]:
    """What the page needs of one layer."""
    pairs = annotator_pairs(whole, layer=on.key)
    shared = {"shared": agreement(whole, layer=COMMON)} if on.key == COMMON else {}
    judged = {"reviewers": reviewer_agreement(whole, layer=on.reviewers)} if on.reviewers else {}
    return {"pairs": pairs, **shared, **judged}


def asked(layers: pl.DataFrame, rows: pl.DataFrame) -> Asked:
    """Draws the choice of a layer and reads the address; `layers` are queries.layers, `rows` queries.agreement."""
    offer = offered.layer(layers)
    keys = {pair: key for key, pair in current().pairs.items()}
    compared = [keys.get(pair, "") for pair in rows.select(pl.col("scheme", "layer").cast(pl.String)).rows()]
    default = offer.chosen
    if offered.asked() is None and default not in compared and default != COMMON:
        default = next((key for key in compared if key in offer.options), default)
    key = address.choice("layer", offer.options, default, "Layer", offered.names(offer.options))
    polarised = [option for option in (key, *offer.options) if codes.layers()[option].polarised]
    question = "polarity" if address.value("view") == "polarity" and codes.layers()[key].polarised else "code"
    return Asked(key, question, next(iter(polarised), None))


# --- at a glance -----------------------------------------------------------------------------------------------------


def strip(found: Mapping[str, pl.DataFrame], on: Asked) -> None:
    """The coefficients of the layer as figures that lead to their sections."""
    cells = [_of_annotators(found, on, question) for question in ("code", "polarity")]
    if not codes.layers()[on.key].polarised:
        cells.pop()
    cells += _of_model(found["pairs"], on)
    cells += _of_reviewers(found.get("reviewers"), on)
    st.html(f'<dl class="rs rs-strip">{"".join(cells)}</dl>')


def _of_annotators(found: Mapping[str, pl.DataFrame], on: Asked, question: str) -> str:
    title = f"Annotators, {QUESTIONS[question][0]}"
    rows = layer_rows(found, on.key).filter(pl.col("question") == question)
    if not rows.height:
        return _figure("annotators", title, "–", "nothing that two people labelled")
    row = rows.sort("n_segments", descending=True).row(0, named=True)
    told = f"{between(row)} · {row['n_segments']:,} sentences of {row['n_papers']:,} papers"
    told += f" · {row['corpus']}" if rows.height > 1 else ""
    return _figure("annotators", title, coefficient(row["alpha"]), told, row["thin"])


def _of_model(pairs: pl.DataFrame, on: Asked) -> list[str]:
    """How far a model agrees with a person, where one can be compared with one: with whom it shares most sentences."""
    both = [pl.col(side).cast(pl.String).str.starts_with(MODEL) for side in ("first", "second")]
    rows = pairs.filter((pl.col("question") == on.question) & (both[0] != both[1]))
    if not rows.height:
        return []
    row = rows.sort("n_segments", "first", "second", descending=[True, False, False]).row(0, named=True)
    model, person = sorted((row["first"], row["second"]), key=lambda name: not is_model(name))
    told = f"{between(row)} · {row['n_segments']:,} sentences · {short(model)} and {person}"
    title = f"A model and a person, {QUESTIONS[on.question][0]}"
    return [_figure("annotators", title, coefficient(row["alpha"]), told, row["thin"])]


def _of_reviewers(rows: pl.DataFrame | None, on: Asked) -> list[str]:
    titles = ("Reviewers of one paper", "Reviewers on opposite sides")
    if rows is None or not rows.height:
        return [_figure("reviewers", title, "–", "no code that two of a paper judge") for title in titles]
    row = rows.row(0, named=True)
    title = offered.names([on.reviewers or ""])[on.reviewers or ""]
    told = f"{between(row)} · {row['n_papers']:,} papers, {title}"
    sided = f"of {row['n_sided']:,} pairs that take sides"
    return [
        _figure("reviewers", titles[0], coefficient(row["alpha"]), told, row["thin"]),
        _figure("reviewers", titles[1], "–" if row["opposed"] is None else percent(row["opposed"]), sided, row["thin"]),
    ]


def _figure(anchor: str, title: str, value: str, told: str, thin: bool = False) -> str:
    kind = " thin" if thin else ""
    return (
        f'<div class="rs-figure{kind}"><dt><a href="#{anchor}">{verbatim.html(title)}</a></dt>'
        f"<dd>{value} <small>{verbatim.html(told)}</small></dd></div>"
    )


def layer_rows(found: Mapping[str, pl.DataFrame], key: str) -> pl.DataFrame:
    """The rows of queries.agreement for one layer."""
    if key == COMMON:
        return found["shared"]
    scheme, layer = current().pairs[key]
    rows = found["agreement"]
    return rows.filter((rows["scheme"].cast(pl.String) == scheme) & (rows["layer"].cast(pl.String) == layer))


# --- annotators ------------------------------------------------------------------------------------------------------


def nobody(filters: Filters, pairs: pl.DataFrame) -> None:
    """Says what it takes to measure the agreement of annotators."""
    if filters.annotators:
        query = {key: values for key, values in filters.to_query().items() if key != "annotator"}
        link = verbatim.html(address.href("agreement", Filters.from_query(query), layer=address.value("layer")))
        states.note(
            "<b>The filter on annotators leaves one.</b> Agreement needs two: "
            f'<a href="{link}" data-go>drop the annotator</a>.'
        )
        return
    if filters.whose == "models":
        query = {key: values for key, values in filters.to_query().items() if key != "whose"}
        link = verbatim.html(address.href("agreement", Filters.from_query(query), layer=address.value("layer")))
        states.note(
            "<b>Labels by models only are asked for above,</b> so there are no people to agree: "
            f'<a href="{link}" data-go>see people and models</a>.'
        )
        return
    told = "<b>One person labelled each sentence here,</b> so how far people agree cannot be told. "
    told += (
        "A model’s labels can be compared with a person’s: see below. "
        if pairs.height
        else "It takes labels of a second person on the same reviews, ingested into the same database: files named "
        "<b>ID.annotator.json</b> (DISAPERE) or <b>annotator_2.jsonl</b> (SubstanReview), or a table with "
        "a column <b>annotator</b>. "
    )
    states.note(told + 'What reviewers of one paper agree on is told <a href="#reviewers">below</a> all the same.')


def overview(rows: pl.DataFrame, filters: Filters) -> None:
    """Alpha of every layer and question; a click chooses the layer. `rows` are queries.agreement."""
    keys = {pair: key for key, pair in current().pairs.items()}
    of = [(keys.get((str(row["scheme"]), str(row["layer"])), ""), row) for row in rows.iter_rows(named=True)]
    n = {(key, row["corpus"]): row["n_segments"] for key, row in of if row["question"] == "code"}
    of = [(key, row) for key, row in of if row["question"] != "placed" or _open(n.get((key, row["corpus"]), 0), row)]
    names = offered.names(dict.fromkeys(key for key, _ in of))
    several = rows["corpus"].n_unique() > 1
    dots: list[Dot] = []
    for key, row in of:
        words, hue = QUESTIONS[row["question"]]
        view = "polarity" if row["question"] == "polarity" else None
        dots.append(
            {
                "name": names.get(key, key) + (f" · {row['corpus']}" if several else ""),
                "series": words,
                "kind": f"hue {hue}",
                "value": row["alpha"],
                "low": row["low"],
                "high": row["high"],
                "n": f"{row['n_segments']:,} sentences, {row['n_reviews']:,} reviews, {row['n_papers']:,} papers",
                "thin": row["thin"],
                "go": address.href("agreement", filters, layer=key, view=view),
            }
        )
    shown = [dot for dot in dots if dot["value"] is not None]
    series = list(dict.fromkeys(dot["series"] for dot in shown))
    legend = "".join(
        f'<span><b style="color:var(--rs-hue-{hue})">{_SIGNS[series.index(words)]}</b> {words}</span>'
        for words, hue in QUESTIONS.values()
        if words in series
    )
    st.html(f'<div class="rs rs-legend">{legend}</div>')
    told = "; ".join(f"{dot['name']}, {dot['series']}: {coefficient(dot['value'])}" for dot in shown[:12])
    coefficients(shown, key="agreement_layers", alt_text=f"Krippendorff’s alpha by layer. {told}.", marks=True)


def _open(n: int, placed: Mapping) -> bool:
    """Whether it is a question where to label: not where two people labelled nine of ten sentences."""
    return n < 0.9 * placed["n_segments"]


def pairs(rows: pl.DataFrame, on: Asked, filters: Filters) -> None:
    """The pairs of annotators of the layer as a table; `rows` are queries.annotator_pairs."""
    asked_of = rows.filter(pl.col("question") == on.question)
    several = asked_of["corpus"].n_unique() > 1
    heads = ("Annotators", "#Sentences", "#Papers", "#Compared", "#Alike", "#Cohen’s κ", "#α")
    sheets.table("Pairs of annotators", heads, [_pair(row, on, filters, several) for row in asked_of.to_dicts()])


def _pair(row: Mapping, on: Asked, filters: Filters, several: bool) -> list[str]:
    pair, view = f"{row['first']}~{row['second']}", "polarity" if on.question == "polarity" else None
    link = verbatim.html(address.href("agreement", filters, layer=on.key, view=view, pair=pair))
    name = f'<a href="{link}" data-go>{annotator(row["first"])} and {annotator(row["second"])}</a>'
    name += f"<small>{verbatim.html(row['corpus'])}</small>" if several else ""
    share = "–" if row["share"] is None else percent(row["share"])
    numbers = [
        f"{coefficient(row[which])}<small>{between(row, prefix)}</small>"
        for which, prefix in (("kappa", "kappa_"), ("alpha", ""))
    ]
    cells = [f"{row['n_segments']:,}", f"{row['n_papers']:,}", share, percent(row["same"]), *numbers]
    return [name, *(f'<span class="rs-muted">{cell}</span>' if row["thin"] else cell for cell in cells)]


def annotator(name: str) -> str:
    """An annotator's name as HTML; a model is marked as one."""
    shown = verbatim.html(name)
    return f'{shown} <span class="rs-chip nothing">a model</span>' if is_model(name) else shown


def view(on: Asked) -> None:
    """Draws the choice between codes and polarities, where the layer has any."""
    if codes.layers()[on.key].polarised:
        address.choice("view", list(VIEWS), "codes", "View", VIEWS)


def twin(rows: pl.DataFrame) -> None:
    """Every number of the chart as a table."""
    columns = ["n_segments", "n_reviews", "n_papers", "n_annotators", "several", "same", "share"]
    named = rows.select(
        "corpus", pl.col("layer", "question").cast(pl.String), "alpha", "low", "high", *columns
    )  # fmt: skip
    with st.expander("Show as table", icon=":material/table:"):
        tables.numbers(named.rename({"same": "alike", "share": "compared", "several": "several codes"}))
