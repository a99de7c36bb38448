"""How good the data are: share labelled, codes never used, problems that readers met."""

from __future__ import annotations

import polars as pl
import streamlit as st

from corpus.problems import PROBLEM_KINDS
from corpus.schemes import Layer
from pages.parts import verbatim


def strip(share: pl.DataFrame, decided: pl.DataFrame, n_problems: int) -> None:
    """The figures on top of the overview: how far the data can be relied on.

    `share` is queries.coverage and `decided` queries.decisions of the selection, `n_problems` are those of the store.
    """
    labelled = share.row(0, named=True)
    papers = sum(decided["n"].to_list())
    known = sum(n for n, decision in zip(decided["n"], decided["decision"], strict=True) if decision is not None)
    figures = [
        _figure(
            "Sentences with a label",
            *_share(labelled["n_labelled_segments"], labelled["n_segments"], labelled["share"]),
        ),
        _figure(
            "Reviews with a label",
            *_share(labelled["n_labelled_reviews"], labelled["n_reviews"], labelled["review_share"]),
        ),
        _figure("Papers with a decision", *_share(known, papers, known / papers if papers else None)),
        _figure("Problems in the files", f"{n_problems:,}", "in the whole database"),
    ]
    st.html(f'<dl class="rs rs-strip">{"".join(figures)}</dl>')


def _figure(name: str, value: str, detail: str = "", share: float | None = None) -> str:
    bar = "" if share is None else f'<div class="rs-bar" aria-hidden="true"><i style="width:{share:.1%}"></i></div>'
    return f'<div class="rs-figure"><dt>{name}</dt><dd>{verbatim.html(value)} <small>{detail}</small></dd>{bar}</div>'


def _share(part: int, whole: int, share: float | None) -> tuple[str, str, float | None]:
    """The share in words, what it is of, and the share for the bar; null where there is nothing to be labelled."""
    return ("–", "there are none", None) if share is None else (percent(share), f"{part:,} of {whole:,}", share)


def percent(share: float) -> str:
    """The share in percent; all and nothing are said only where it is so."""
    if 0 < share < 0.01 or 0.99 < share < 1:
        return "<1%" if share < 0.5 else ">99%"
    return f"{share:.0%}"


def covered(layer: Layer, layers: pl.DataFrame) -> str:
    """What a layer asks and how much of the selection it covers; `layers` is queries.coverage by layer. Not escaped."""
    row = next((row for row in layers.iter_rows(named=True) if row["layer"] == layer.name), None)
    if row is None:
        return layer.question
    whole = layer.target == "review"
    share = row["review_share"] if whole else row["share"]
    of = f" {percent(share)} of the {'reviews' if whole else 'sentences'} answer it." if share is not None else ""
    return f"{layer.question}{of}"


def never_used(layer: Layer, unused: pl.DataFrame) -> None:
    """Names the codes of a layer that no label of the selection uses."""
    names = [row["name"] for row in unused.iter_rows(named=True) if row["layer"] == layer.name]
    if names:
        st.caption(verbatim.markdown(f"Not used here: {', '.join(names)}."))


def listed(problems: pl.DataFrame, counts: pl.DataFrame) -> None:
    """Problems by kind, each with its meaning, and the list behind them. The filters do not touch it.

    `counts` is queries.problem_counts.
    """
    st.subheader("Problems met while reading", anchor=False)
    if not problems.height:
        st.html('<div class="rs rs-note"><b>None.</b> Every file was taken at face value.</div>')
        return
    kinds = counts.rows()
    chips = "".join(
        f'<span class="rs-chip" tabindex="0" data-tip="{verbatim.html(PROBLEM_KINDS[kind])}">'
        f"{verbatim.html(kind.replace('_', ' '))} <b>{n:,}</b></span>"
        for kind, n in kinds
    )
    st.html(f'<div class="rs rs-chips">{chips}</div>')
    with st.expander("Show as table", icon=":material/table:"):
        kind = st.selectbox("Kind", [k for k, _ in kinds], format_func=lambda k: k.replace("_", " "), width=320)
        st.caption(verbatim.markdown(PROBLEM_KINDS[kind]))
        rows = problems.filter(problems["kind"] == kind).select("corpus", "path", "start", "end", "detail", "snippet")
        st.dataframe(rows, hide_index=True, placeholder="", height=320)
