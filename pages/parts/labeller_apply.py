"""Letting a labeller label the selection: at which precision, what to expect, and taking its labels out again."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from corpus.labeller_jobs import Job
from pages.parts import address, frames, provenance, sheets, states, verbatim
from pages.parts import labeller_charts as drawn
from pages.parts.labeller_known import Known, number, precision_words, table
from pages.parts.labeller_progress import begin, button
from pages.parts.labeller_report import titles
from queries.expected_labels import expected_labels
from queries.filters import Filters
from queries.to_label import to_label

_BEST = "best"
_USUAL = 0.7


def stated(on: Known) -> float | None:
    """The choice of the precision, bound to the address; null for the best F1."""
    there = table(on.report, "coverage")["precision"].drop_nulls().unique().sort().to_list()
    options = [f"{each:.2f}" for each in there] + [_BEST]
    usual = f"{_USUAL:.2f}" if f"{_USUAL:.2f}" in options else _BEST
    if on.labelled and (earlier := _spelled(on.labelled["precision"])) in options:
        usual = earlier  # its labels all have one precision
    wanted = address.value("precision")
    if wanted and wanted not in options:
        st.warning(f"The address asks for the precision “{verbatim.markdown(wanted)}”, which cannot be stated here.")
    now = wanted if wanted in options else usual
    widget = "own_precision"
    st.session_state[widget] = now
    st.segmented_control(
        "Stated precision: how often a label shall be right",
        options,
        key=widget,
        required=True,
        format_func=lambda each: "best F1: answer everything" if each == _BEST else each.removeprefix("0"),
        on_change=address.writer("precision", widget, now),
        help="Of the labels that it gives, as many shall be right; what it is less sure of stays unlabelled.",
    )
    return None if now == _BEST else float(str(now))


def _spelled(precision: float | None) -> str:
    return _BEST if precision is None else f"{precision:.2f}"


def form(chosen: frames.Selection, on: Known, job: Job | None) -> None:
    """What is in the selection, what to expect, and the button; `job` is the database's last, null for none."""
    n = frames.collect(
        chosen,
        f"labeller: to label {on.annotator}",
        n=to_label(chosen.frames, chosen.snapshot.frames, on.scheme, on.annotator),
    )["n"].row(0, named=True)
    precision = stated(on)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _expected(on, precision, n["n_segments"])
    with right:
        _amounts(on, n)
    why = _refused(chosen, on, precision, n)
    if why:
        states.note(why)
    label = f"Label {n['n_segments']:,} {'sentence' if n['n_segments'] == 1 else 'sentences'}"
    select = urlencode(chosen.filters.to_query(), doseq=True)
    button(
        chosen, job, label, ":material/new_label:", "annotate", useless=bool(why),
        open=on.open, select=select, precision=precision,
    )  # fmt: skip
    sheets.said(
        "The selection is what the filters above leave. Reviews are labelled whole. This labeller’s "
        "earlier labels on these sentences are replaced, labels of people and of other models stay."
    )
    _curves(on, precision)
    _remove(chosen, on, job)


def _refused(chosen: frames.Selection, on: Known, precision: float | None, n: Mapping[str, int]) -> str:
    """Why nothing can be labelled, as HTML; empty where it can."""
    if not on.at_hand:
        return "<b>Its files are not here,</b> only its report and its labels: it cannot label anything more."
    if not n["n_segments"]:
        return "<b>There is no sentence in this selection.</b>"
    part = set(chosen.filters.restricted) - {"whose"}
    if on.labelled and part and _spelled(on.labelled["precision"]) != _spelled(precision):
        clear = verbatim.html(
            address.href("labeller", Filters(), open=on.open, view="label", precision=_spelled(precision))
        )
        return (
            f"<b>It labelled {precision_words(on.labelled['precision'])} here.</b> For a part of the database choose "
            f'the same, or <a href="{clear}" data-go>clear the filters</a> to label everything anew.'
        )
    return ""


def _expected(on: Known, precision: float | None, n_segments: int) -> None:
    """What was measured on held-out papers at the precision, a row a layer."""
    plan = expected_labels(table(on.report, "coverage").lazy(), table(on.report, "codes").lazy(), precision)
    found = {row["layer"]: row for row in frames.collect_once(plan).iter_rows(named=True)}
    rows = []
    for layer, title in titles(on).items():
        row = found.get(layer, {"share": None, "achieved": None, "n": None})
        short = row["achieved"] is not None and precision is not None and row["achieved"] < precision - 0.05
        rows.append(
            [
                verbatim.html(title),
                "–" if row["share"] is None else f"<b>{row['share']:.0%}</b>",
                provenance.decimals(row["achieved"]) + (' <span class="rs-muted">below</span>' if short else ""),
                number(row["n"]),
            ]
        )
    sheets.table("What to expect", ("Layer", "#Labelled", "#Right of these", "#Held-out sentences"), rows)
    below = "“Below”: at least .05 less often right than stated. " if any("below" in row[2] for row in rows) else ""
    sheets.said(f"Measured on papers kept apart from training. {below}Expect less on reviews of other venues.")


def _amounts(on: Known, n: Mapping[str, int]) -> None:
    """How much will be shown, and what is labelled already."""
    cells = [("sentences will be shown", f"{n['n_segments']:,}", f"in {_reviews(n['n_reviews'])}")]
    cells.append(("of these people labelled", f"{n['n_people']:,}", "what they answered stands"))
    if on.labelled:
        cells.append(("it labelled before", f"{n['n_model']:,}", precision_words(on.labelled["precision"])))
    html = "".join(f"<div><dt>{name}</dt><dd>{amount} <small>{more}</small></dd></div>" for name, amount, more in cells)
    st.html(f'<dl class="rs rs-lab-figures">{html}</dl>')


def _reviews(n: int) -> str:
    return f"{n:,} {'review' if n == 1 else 'reviews'}"


def _curves(on: Known, precision: float | None) -> None:
    """How much it labels at each precision, and what it reaches."""
    rows, names = table(on.report, "coverage"), titles(on)
    if not rows.height:
        return
    drawn.legend(names)
    left, right = st.columns(2, gap="large")
    with left:
        drawn.head("Sentences labelled", "Share of held-out sentences that get a label.")
        drawn.coverage(rows, names, reached=False, key="labeller_share", on=None, at=precision)
    with right:
        drawn.head("Precision reached", "On held-out papers; on the dashed line it is as stated.")
        drawn.coverage(rows, names, reached=True, key="labeller_reached", on=None, at=precision)


def _remove(chosen: frames.Selection, on: Known, job: Job | None) -> None:
    """The way to take all of its labels out; nothing where it has none here."""
    if not on.labelled:
        return
    with st.popover("Remove this model’s labels …", icon=":material/delete:"):
        st.markdown(
            f"All labels of **{verbatim.markdown(on.name)}** are taken out of the database: on "
            f"{on.labelled['n_labelled']:,} sentences, whatever the filters. The labeller itself stays where it is."
        )
        st.button(
            "Remove them",
            key="labeller_forget",
            type="primary",
            disabled=job is not None and job.alive,
            on_click=begin,
            args=(chosen, "forget"),
            kwargs={"annotator": on.annotator},
        )
