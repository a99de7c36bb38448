"""How far one is in the review queue: what was judged, what a sample tells of the model, what waits to be written."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, tzinfo
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
import streamlit as st

from corpus.judgements import settle
from pages.parts import address, frames, permission, provenance, verbatim
from pages.parts import queue_desk as desks
from pages.parts.queue_desk import Desk
from queries.filters import Filters
from queries.intervals import wilson

if TYPE_CHECKING:
    from pages.parts.queue import On

_WORDS = {"accept": "accepted", "change": "changed", "skip": "skipped"}


def draw(chosen: frames.Selection, on: On, desk: Desk, found: pl.DataFrame, left: int, judges: bool) -> None:
    """Draws it beside the desk; `found` is the queue, `left` how many of it are not judged yet."""
    if not judges:
        if not permission.may_write():
            st.html(f'<div class="rs rs-note">{permission.how()}</div>')
        st.html(f'<div class="rs rs-q-figures"><dl>{_figure("in this queue", f"{left:,}")}</dl></div>')
        return
    counted = _today(chosen, desk)
    done = sum(counted.values())
    parts = "".join(f"<li><b>{counted[key]:,}</b> {word}</li>" for key, word in _WORDS.items())
    figures = _figure("judged today", f"{done:,}", f'<ul class="rs-q-parts">{parts}</ul>')
    figures += _figure("left in this queue", f"{left:,}")
    figures += _sample(chosen, on, desk, found) if on.order == "sample" else ""
    who = verbatim.html(desk.me)
    st.html(f'<div class="rs rs-q-figures"><p>You are <b>{who}</b></p><dl>{figures}</dl></div>')
    _journal(chosen, on, desk, found)
    if st.button("Not you?", type="tertiary", key="queue_other", help="Judge under another name"):
        st.session_state["me"] = ""
        st.rerun()


def _figure(words: str, number: str, more: str = "") -> str:
    return f"<div><dt>{words}</dt><dd>{number}{more}</dd></div>"


def _sample(chosen: frames.Selection, on: On, desk: Desk, found: pl.DataFrame) -> str:
    """How often the model was right in the random sample so far, with its interval."""
    open_ = found.filter(pl.col("at_odds").is_null())
    now = _streak(found, desk)
    kept = _kept()[_sampled(chosen, on, desk)]
    accepted, changed = (now[key] + kept[key] for key in ("accept", "change"))
    n = accepted + changed
    low, high = wilson(pl.lit(accepted), pl.lit(n))
    bounds = frames.collect_once(pl.LazyFrame({"x": [0]}).select(low, high)).row(0)
    note = (
        ""
        if open_.height
        else ('<small class="rs-q-note">People labelled all of these: the model may have learned from them.</small>')
    )
    if not n:
        return _figure("the model was right", "–", "<small>in the sample so far</small>" + note)
    said = f"<small>of {n:,}, 95&nbsp;%: {bounds[0]:.0%}–{bounds[1]:.0%}</small>"
    bar = (
        f'<div class="rs-q-bar" role="img" aria-label="{accepted / n:.0%}, from {bounds[0]:.0%} to {bounds[1]:.0%}">'
        f'<i style="left:{bounds[0]:.1%};width:{bounds[1] - bounds[0]:.1%}"></i>'
        f'<b style="left:{accepted / n:.1%}"></b></div>'
    )
    return _figure("the model was right", f"{accepted / n:.0%} ", said + bar + note)


def _journal(chosen: frames.Selection, on: On, desk: Desk, found: pl.DataFrame) -> None:
    """What waits in the journal, the button that writes it to the corpus, and where to find what was written."""
    mine = sum(each.action != "skip" for each in desk.judged.values())
    waiting = mine + desk.others
    others = f", {desk.others:,} of them by others" if desk.others else ""
    words = f"<b>{waiting:,}</b> {'answer waits' if waiting == 1 else 'answers wait'} in the journal{others}."
    st.html(f'<p class="rs rs-q-waits">{words} Exports and training take them along.</p>')
    if st.button("Write to the corpus", icon=":material/save:", disabled=not waiting, key="queue_write"):
        _write(chosen, on, desk, found)
    if told := st.session_state.pop("queue_written", None):
        (st.warning if told.left or told.told else st.success)(verbatim.markdown(told))
    if desk.annotator in chosen.choices["annotator"]:
        own, both = (Filters(annotators=names) for names in ((desk.annotator,), (desk.annotator, on.model)))
        links = (
            ("Your labels", address.href("sentences", own)),
            (f"You and {provenance.short(on.model)}", address.href("agreement", both, layer=on.key)),
        )
        shown = " · ".join(
            f'<a href="{verbatim.html(link)}" data-go>{verbatim.html(title)}</a>' for title, link in links
        )
        st.html(f'<p class="rs rs-q-links">{shown}</p>')


def _write(chosen: frames.Selection, on: On, desk: Desk, found: pl.DataFrame) -> None:
    """Turns the journal into labels of the corpus; what cannot be written stays in it, and is told."""
    counted = desks.today([*desk.judged.values()], _day(), _zone())
    streak = _streak(found, desk)
    try:
        with st.spinner("Writing …"):
            told = settle(chosen.snapshot.path, wait=20)
    except (OSError, frames.StoreError) as error:
        desk.trouble = desk.words(error)
        st.error(verbatim.markdown(desk.trouble))
        return
    _kept()[_settled(chosen, desk)] += counted
    if on.order == "sample":
        _kept()[_sampled(chosen, on, desk)] += streak
    st.session_state["queue_written"] = told
    st.rerun()


def _streak(found: pl.DataFrame, desk: Desk) -> Counter[str]:
    """What became of the beginning of the queue: of the sentences that nobody labelled, where there are any."""
    unanswered = found.filter(pl.col("at_odds").is_null())
    return desks.streak((unanswered if unanswered.height else found)["segment_id"].to_list(), desk.done)


@st.cache_resource(show_spinner=False)
def _kept() -> defaultdict[tuple, Counter[str]]:
    """What judgements came to that are no longer in the journal, since the server was started."""
    return defaultdict(Counter)


def _settled(chosen: frames.Selection, desk: Desk) -> tuple:
    return (str(chosen.snapshot.path), desk.me, _day())


def _sampled(chosen: frames.Selection, on: On, desk: Desk) -> tuple:
    return (str(chosen.snapshot.path), desk.me, on.key, on.model, urlencode(chosen.filters.to_query(), doseq=True))


def _today(chosen: frames.Selection, desk: Desk) -> Counter[str]:
    return desks.today([*desk.judged.values()], _day(), _zone()) + _kept()[_settled(chosen, desk)]


def _zone() -> tzinfo:
    """The visitor's time zone."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _day() -> date:
    return datetime.now(_zone()).date()
