"""Training a labeller: by which scheme, on what, and what it is to be called."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import streamlit as st

from corpus.labeller_jobs import NAME, Job
from pages.parts import address, charts, codes, frames, sheets, states, verbatim
from pages.parts.labeller_known import Known, when
from pages.parts.labeller_progress import button
from queries.answered_schemes import answered_schemes


def answered(chosen: frames.Selection) -> pl.DataFrame:
    """queries.answered_schemes of the whole database."""
    everything = chosen._replace(filters=chosen.filters.__class__())
    return frames.collect(everything, "answered schemes", rows=answered_schemes(chosen.snapshot.frames))["rows"]


def form(chosen: frames.Selection, known: Sequence[Known], job: Job | None) -> None:
    """What to learn from, and the button; `job` is the database's last, null for none."""
    rows = answered(chosen).with_columns(pl.col("scheme").cast(pl.String))
    if not rows.height:
        states.note(
            "<b>Nobody labelled a sentence here: there is nothing to learn from.</b> Read a labelled corpus into this "
            "database, <code>reviewscope ingest PATH --db FILE</code>, or judge sentences in the <i>Review queue</i>."
        )
        return
    sheets.said("Of the whole database, whatever the filters above. Labels of models are never learnt from.")
    there = (
        rows.group_by("scheme", maintain_order=True).agg(pl.col("n_segments").sum()).sort("n_segments", descending=True)
    )
    schemes = there["scheme"].to_list()
    of = dict(there.iter_rows())
    names = codes.scheme_names()
    shown = {name: f"{names.get(name, name)} · {of.get(name, 0):,} sentences" for name in {*names, *schemes}}
    with st.container(horizontal=True, vertical_alignment="center"):
        scheme = address.choice("scheme_of", schemes, schemes[0], "Scheme", shown)
        if len(schemes) == 1:
            charts.caption(shown[scheme])
    own = rows.filter(pl.col("scheme") == scheme)
    left, right = st.columns([3, 2], gap="large")
    with left:
        corpora = st.multiselect(
            "Corpora to learn from",
            own["corpus"].to_list(),
            key=f"labeller_corpora_{scheme}",
            placeholder=f"all {own.height}" if own.height > 1 else own["corpus"][0],
            filter_mode="contains",
            select_all=False,
        )
        also = st.multiselect(
            "Learn other schemes beside",
            [each for each in schemes if each != scheme],
            key=f"labeller_also_{scheme}",
            placeholder="none",
            select_all=False,
            format_func=lambda name: shown[name],
            help="Its guesses by another scheme can help it with this one, most where few sentences are labelled. "
            "It labels by the one scheme only.",
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input("Name", value=scheme, max_chars=64, key=f"labeller_name_{scheme}", width=280).strip()
            seed = st.number_input(
                "Seed", 0, 2**31 - 1, 0, key="labeller_seed", width=110,
                help="Of the split of papers and the order of sentences: the same seed and labels give the same.",
            )  # fmt: skip
    with right:
        _amounts(own.filter(pl.col("corpus").is_in(corpora)) if corpora else own)
    fine = NAME.fullmatch(name) is not None
    if not fine:
        st.error("A name has 1 to 64 letters, digits, dots, underscores and hyphens, a letter or digit first.")
    elif taken := next((each for each in known if each.open == name), None):
        made = verbatim.html(f"{taken.name}, made {when(taken.report.get('made_at'))}")
        states.note(f"It takes the place of {made}. Give it another name to keep both.")
    button(
        chosen, job, "Train", ":material/model_training:", "train", useless=not fine,
        scheme=scheme, name=name, corpora=corpora, also=also, seed=int(seed),
    )  # fmt: skip
    sheets.said(
        "It takes seconds for some hundred sentences and a few minutes for ten thousand, on one core, in a process of "
        "its own: leave the page, it goes on. Until it is done nothing is written."
    )


def _amounts(own: pl.DataFrame) -> None:
    """How much there is to learn from."""
    figures = [
        (f"{int(own[column].sum()):,}", noun)
        for column, noun in (("n_segments", "labelled sentences"), ("n_reviews", "reviews"), ("n_papers", "papers"))
    ]
    cells = "".join(f"<div><dt>{noun}</dt><dd>{number}</dd></div>" for number, noun in figures)
    st.html(f'<dl class="rs rs-lab-figures">{cells}</dl>')
