"""Agreement in numbers: the coefficients at a glance, alpha layer by layer, pairs of annotators, reviewers by code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl
import streamlit as st

from corpus.schemes import COMMON
from corpus.tables import Frames
from pages.parts import address, codes, offered, sheets, states, tables, verbatim
from pages.parts.alphas import between, coefficient, coefficients
from pages.parts.plots import Dot
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
    return f'{shown} <span class="rs-chip nothing">a model</span>' if name.startswith("model:") else shown


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


COMPARED = (
    "Over the whole reviews of the selection. Compared are sentences that <b>both</b> of two annotators labelled in a "
    "layer; which share of those that either labelled this is stands under <i>Compared</i>. Models are never among the "
    "people. A click on a dot chooses its layer."
)

WORDS = """
**Krippendorff’s α** sets the disagreement of annotators against that expected if their answers were shuffled: 1 is
perfect, 0 chance, below 0 worse. It takes any number of annotators and missing answers. Where one may give a sentence
several codes, two answers differ by **MASI**: not at all if they are the same set, wholly if they share nothing, and in
between according to what they share. **Which polarity** is asked where both gave one, **whether to label** of all
sentences of the reviews that both labelled in the layer; it is shown where two people labelled under nine in ten.

**Cohen’s κ** is of one pair, with each annotator’s own frequencies as chance; a set of codes is one answer there. In
the **matrix** what both gave stands on the diagonal; what only one gave stands against all that only the other gave,
against “–” if that is nothing. **By code**, α is of having the code or not.

Krippendorff relies on data from α = .800 on and draws tentative conclusions from .667 on: customs, not laws, and
meant for annotators who follow instructions. **Gold labels** may have been made from those of the others; agreement
with them is then no agreement of independent people. Where labels are on stretches of text, annotators cut a review in
different places: a label counts for every segment with which it shares half of the shorter of the two, and segments of
under three words, crumbs between stretches, do not count.

**Reviewers** follow no instruction: they may rightly see different things, and a low α among them is a finding, not a
fault of the data. Compared are the net sides of two or more reviews of one paper on one code: negative, positive, or
between the two where its labels are neutral or even. *Ordered* takes neutral to lie between the others, *nominal* does
not. *Opposed* is the share of pairs that take sides and take opposite ones, as on the page *Contradictions*.

**Intervals** (95 %) draw the papers again a thousand times, with all that belongs to them. Grey and hollow: under 30
papers or 5 observations.
"""
FORMULAS = (
    r"\alpha = 1 - \frac{D_o}{D_e}, \quad "
    r"D_o = \frac{1}{n} \sum_u \sum_{i \neq j} \frac{\delta(c_{ui}, c_{uj})}{m_u - 1}, "
    r"\quad D_e = \frac{1}{n (n-1)} \sum_{c,k} n_c\, n_k\, \delta(c, k)",
    r"\delta_{\text{MASI}}(A, B) = 1 - \frac{|A \cap B|}{|A \cup B|}\, M, \quad"
    r"M = 1,\ \tfrac{2}{3},\ \tfrac{1}{3},\ 0 \text{ for equal, nested, overlapping, disjoint sets}",
    r"\kappa = \frac{p_o - p_e}{1 - p_e}",
)
SOURCES = (
    (
        "Krippendorff 2011, Computing Krippendorff’s Alpha-Reliability",
        "https://repository.upenn.edu/asc_papers/43",
    ),
    (
        "Krippendorff 2004, Reliability in content analysis: some common misconceptions and recommendations",
        "https://doi.org/10.1111/j.1468-2958.2004.tb00738.x",
    ),
    ("Passonneau 2006, Measuring agreement on set-valued items (MASI)", "https://aclanthology.org/L06-1392/"),
    ("Cohen 1960, A coefficient of agreement for nominal scales", "https://doi.org/10.1177/001316446002000104"),
    ("Davison & Hinkley 1997, resampling clusters", "https://doi.org/10.1017/CBO9780511802843"),
)
