"""Brief: a paper in two minutes. What to read, on what reviewers disagree, what nobody speaks of, how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

import streamlit as st

from corpus.schemes import layer_key
from pages.parts import codes, frames, method, opposed, provenance, reading, review, sheets, states, verbatim, weighed
from pages.parts.gathered import Brief, gathered
from pages.parts.provenance import Guess


def draw(chosen: frames.Selection, shown: reading.Paper, opened: str, layer: str, who: str | None) -> None:
    """Draws the brief of a paper that has labels on sentences."""
    brief = gathered(chosen, shown, opened, layer, who)
    sheets.style("brief")
    if shown.models(layer):
        st.html(f'<div class="rs rs-legend">{provenance.meaning(bool(frames.hints(chosen)))}</div>')
    left, right = st.columns([5, 4], gap="large")
    with left:
        _read(brief)
    with right:
        weighed.profile(brief)
        weighed.blind(brief)
    _contradictions(brief)
    _told(brief)


def _read(brief: Brief) -> None:
    """The sentences to read, review by review, each with what it says and its place."""
    rows = brief.found["read"]
    if not rows.height:
        sheets.section("read", "Nothing that has to be read")
        states.note("<b>No reviewer judges anything negatively</b> in a labelled sentence: there is no point to cover.")
        return
    n, row = rows.height, rows.row(0, named=True)
    sheets.section("read", "Read this sentence" if n == 1 else f"Read these {n} sentences")
    sheets.said(_covering(row, n))
    reviews = {each["review_id"]: each for each in brief.shown.reviews}
    guesses = _guesses(brief)
    items = ""
    for review_id, of_review in groupby(rows.iter_rows(named=True), key=lambda each: each["review_id"]):
        items += f'<li class="head">{verbatim.html(review.name(reviews[review_id]))}</li>'
        for each in of_review:
            at = f"{reviews[review_id]['review_key']}:{each['position']}"
            text = verbatim.html(brief.sentence(review_id, each["position"]).strip())
            keys = [(layer_key(point["scheme"], point["layer"]), point["code"]) for point in each["points"]]
            marks = ((key, guesses.get((each["segment_id"], *key))) for key in keys)
            chips = "".join(codes.chip(brief.shown.codes[key], -1, guess=guess) for key, guess in marks)
            place = f'<a class="rs-in" href="{brief.link(at=at)}" data-go>Show in the review</a>'
            items += f'<li><p>{text} {place}</p><div class="rs-chips">{chips}</div></li>'
    st.html(f'<ol class="rs rs-read">{items}</ol>')


def _guesses(brief: Brief) -> dict[tuple[int, str, str], Guess | None]:
    """By segment, layer and code the guess of each negative label; null where it is a person's."""
    return {
        (segment, key, label.code.code): label.guess
        for key in brief.shown.layers()
        for segment, labels in brief.shown.on_segments(key).items()
        for label in labels
        if label.polarity == -1
    }


def _covering(row: Mapping, n: int) -> str:
    """What so many sentences say between them, in words; `row` is one of queries.reading_set."""
    major = "major " if row["covered"] == "major" else ""
    points = f"the one {major}point" if row["n_points"] == 1 else f"all {row['n_points']:,} {major}points"
    sure = "the fewest that do" if row["exact"] else "few that do, though perhaps not the fewest"
    said = f"{'It says' if n == 1 else 'They say'} {points} against the paper, each reviewer’s counted apart"
    if n > 1:
        said += f": {sure}"
    if row["n_sentences"] > n:
        said += f", of {row['n_sentences']:,} that say one"
    if row["n_other"]:
        further = "point is" if row["n_other"] == 1 else "points are"
        said += f". {row['n_other']:,} further negative {further} left out, as nobody labels them major"
    return f"{said}."


def _contradictions(brief: Brief) -> None:
    """What the reviewers on opposite sides say, code by code."""
    rows, layer = brief.found["opposed"], codes.layers()[brief.layer]
    n = rows["code"].n_unique()
    sheets.section("opposed", "Where reviewers disagree", n)
    n_reviews = sum(each["kind"] == "review" for each in brief.shown.reviews)
    if not n:
        title = verbatim.html(layer.title.lower())
        if not layer.polarised:
            states.note(f"<b>Labels of {title} have no polarity,</b> so nobody takes a side. Choose another layer.")
        elif n_reviews < 2:
            states.note(
                "<b>There is one review,</b> and nobody to contradict it." if n_reviews else "<b>No review.</b>"
            )
        else:
            states.note(f"<b>Nowhere.</b> No two reviewers take opposite sides on a code of {title}.")
        return
    sheets.said("Left, what reviewers on the negative side criticise; right, what those on the positive side praise.")
    drawn = ""
    for name, of_code in groupby(rows.iter_rows(named=True), key=lambda each: each["code"]):
        code = brief.shown.codes[brief.layer, name]
        head = f'<h3><a href="{brief.link(code=name)}" data-go>{verbatim.html(code.name)}</a></h3>'
        drawn += opposed.side_by_side(of_code, head, brief.filters, brief.layer, brief.who)
    st.html(f'<div class="rs">{drawn}</div>')


def _told(brief: Brief) -> None:
    method.computed(
        "**To read.** A point is a code that one reviewer judges negatively, on whichever of their sentences, in any "
        "layer with a polarity; where some points stand on sentences that are labelled major (MAJ), only those count. "
        "Of the choices of sentences that say every point, one of the fewest is found by integer programming, and of "
        "those the one whose sentences stand earliest.\n\n"
        "**Disagreement.** A reviewer's side on a code is the sign of their positive less their negative labels.\n\n"
        f"**What nobody speaks of.** Compared with {verbatim.markdown(brief.compared)}: the share of the others that "
        "have the code, with Wilson's interval. Papers differ in how many of their reviews mention it as a beta "
        "distribution says, so the chance that n reviews all pass it over is a beta-binomial probability.\n\n"
        "**Net polarity.** A paper's labels of a code are taken as drawn from shares of its own, and these from a "
        "Dirichlet distribution whose mean is the share among all labels and whose weight M is estimated from how "
        "papers differ, by moments. Shown: the posterior mean and the 95 % credible interval. Labels of one reviewer "
        "hang together more than this allows for, so the intervals are rather too narrow.",
        formulas=[
            r"\hat p = \frac{x + M\,\bar p}{n + M} \qquad "
            r"P(\text{silence of } n \text{ reviews}) = \frac{B(a,\, b + n)}{B(a,\, b)}"
        ],
        sources=[
            ("Kleinman 1973: Proportions with extraneous variance", "https://doi.org/10.1080/01621459.1973.10481332"),
            ("Efron 2010: Large-scale inference, chapter 1", "https://doi.org/10.1017/CBO9780511761362"),
            ("Huangfu & Hall 2018: HiGHS, which solves it", "https://doi.org/10.1007/s12532-017-0130-5"),
            ("Wilson 1927: Probable inference", "https://doi.org/10.1080/01621459.1927.10502953"),
        ],
    )
