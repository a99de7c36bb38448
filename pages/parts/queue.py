"""The review queue: what is offered for judging, in which order, and the desk at which it is done."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import unquote

import polars as pl
import streamlit as st

from corpus.judgements import Journal
from corpus.schemes import keyed_layers
from corpus.tables import USER, Frames
from pages.parts import (
    address,
    codes,
    frames,
    offered,
    permission,
    provenance,
    queue_items,
    queue_keys,
    states,
    tables,
    verbatim,
)
from pages.parts import queue_desk as desks
from pages.parts import queue_progress as progress
from pages.parts.queue_desk import Desk, Place
from queries.located import located
from queries.review_queue import ORDERS, Order, review_queue
from queries.vocabulary import current

#: Orders in words.
NAMES: dict[str, str] = {
    "unsure": "Least sure",
    "odds": "At odds with people",
    "sample": "Random sample",
    "open": "Left unlabelled",
}
#: Sentences that lie ready, so that the next one is there at once; for those who only read.
AHEAD, READ = 12, 50
#: Up to so many labels a sentence, on average, a layer is taken to have one answer: a pick replaces the last one.
SINGLE = 1.05


class On(NamedTuple):
    """What is judged: key of the layer, the model, the order; whether a sentence has one answer in the layer."""

    key: str
    model: str
    order: Order
    single: bool


def whole(chosen: frames.Selection) -> Frames:
    """The selection with everybody's labels on its sentences, also where they do not stand in it."""
    part, every = chosen.frames, chosen.snapshot.frames
    labels = every.labels.join(part.segments.select("segment_id"), on="segment_id", how="semi")
    return Frames(part.papers, part.reviews, part.segments, labels, part.codes, every.models)


def asked(chosen: frames.Selection, given: pl.DataFrame) -> On | None:
    """What the address asks for, and the controls that change it; null where no model labelled a sentence here.

    `given` are the rows of queries.guessed_layers.
    """
    if chosen.filters.schemes:
        given = given.filter(pl.col("scheme").cast(pl.String).is_in(chosen.filters.schemes))
    there = {pair: key for key, pair in current().pairs.items()}
    of: dict[str, dict[str, float]] = {}
    for scheme, layer, model, _, per_segment in given.iter_rows():
        of.setdefault(there[scheme, layer], {})[model] = per_segment
    if not of:
        return None
    keys = [key for key in codes.layers() if key in of]
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = offered.asked()
        key = wanted if wanted in of else offered.default(keys)
        key = address.choice("layer", keys, key, "Layer", offered.names(keys))
        models = sorted(of[key])
        named = next((name for name in chosen.filters.annotators if name in models), models[-1])
        model = address.choice("who", models, named, "Model", {name: provenance.short(name) for name in models})
        order = address.choice("order", ORDERS, "unsure", "Order", NAMES)
    return On(key, model, next(each for each in ORDERS if each == order), of[key][model] <= SINGLE)


def nothing() -> None:
    """Says that there is nothing to judge, and how to get it."""
    states.note(
        "<b>No model labels here.</b> The queue holds sentences that a model labelled. Train one on labelled reviews "
        "and let it label the rest: <code>reviewscope train --db FILE --scheme NAME --to DIR</code>, then "
        "<code>reviewscope annotate --db FILE --model DIR</code>, or the page <i>Labeller</i>."
    )


def me() -> str | None:
    """The name under which this visitor judges: told in this session, else remembered by the browser; null for none."""
    told = st.session_state.get("me")
    if told is None:
        told = unquote(dict(st.context.cookies).get("rs-me", ""))
    return told if desks.NAME.fullmatch(told) else None


def introduce(name: str | None) -> None:
    """Asks for the name, once."""
    if name:
        return
    with st.form("introduce", border=True):
        st.markdown("**Who judges?** Your answers become labels by `user:` and this name.")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            told = st.text_input("Your name: letters, digits, . _ -", max_chars=40, key="name", width=280)
            if st.form_submit_button("Begin", type="primary"):
                if desks.NAME.fullmatch(told.strip()):
                    st.session_state["me"] = told.strip()
                    st.rerun()
                st.error("A name is 1 to 40 letters, digits, dots, underscores and hyphens, such as ada.l")


def rows(chosen: frames.Selection, on: On, name: str | None) -> pl.DataFrame:
    """queries.review_queue, kept for the session's next keys."""
    plan = review_queue(whole(chosen), on.key, on.model, order=on.order, by=name and USER + name)
    return frames.collect(chosen, f"queue {on} {name}", rows=plan)["rows"]


def sit(chosen: frames.Selection, on: On, name: str | None) -> Desk:
    """The desk of this session, with the journal as it is now."""
    scheme, layer = keyed_layers()[on.key]
    may = permission.may_write()
    told = repr((chosen.key, chosen.filters.to_query(), on, name, may))
    context = sha256(told.encode()).hexdigest()[:16]  # the same in another process: keys outlast a server
    desk = st.session_state.get("queue_desk")
    if desk is None or desk.context != context:
        own = {code.code: layer.polarised and code.code not in queue_keys.ALONE for code in layer.codes}
        desk = Desk(
            context,
            Journal(chosen.snapshot.path),
            name or "",
            desks.Layer(on.key, scheme.name, layer.name, own),
            on.model,
            lambda places: _find(chosen, places),
        )
        st.session_state["queue_desk"] = desk
    try:
        desk.read()
    except (OSError, ValueError) as error:
        desk.trouble = desk.words(error)
    return desk


def _find(chosen: frames.Selection, places: Sequence[Place]) -> dict[Place, int]:
    """The segments at these places, as far as any stand there in the snapshot."""
    if not places:
        return {}
    found = frames.collect_once(located(chosen.snapshot.frames, pl.LazyFrame(places, schema=_PLACE, orient="row")))
    return {(corpus, paper, review, start, end): at for at, corpus, paper, review, start, end in found.iter_rows()}


_PLACE = {"corpus": pl.String, "paper_key": pl.String, "review_key": pl.String, "start": pl.Int64, "end": pl.Int64}


def heard() -> None:
    """Takes what keys asked for; the component calls it before the page is drawn again."""
    desk = st.session_state.get("queue_desk")
    if desk is not None and desk.me and permission.may_write():
        desk.take(queue_keys.log())


@st.fragment
def draw(chosen: frames.Selection, on: On, name: str | None, known: queue_items.Codes) -> None:
    """The desk, and beside it how far one is. A key runs this part of the page alone."""
    desk, found = st.session_state["queue_desk"], rows(chosen, on, name)
    judges = bool(name and permission.may_write())
    rest = found.filter(~pl.col("segment_id").is_in(list(desk.done)))
    ahead = _lay(chosen, on, desk, rest, AHEAD if judges else READ, known)
    left, right = st.columns([3, 1], gap="large")
    with left:
        queue_keys.mount(
            {
                "context": desk.context,
                "ack": desk.ack,
                "brought": desk.brought,
                "me": name or "",
                "forget": st.session_state.get("me") == "",
                "judges": judges,
                "single": on.single,
                "next": ahead,
                "items": [desk.shown[segment] for segment in ahead],
                "left": rest.height,
                "codes": queue_keys.offered([code for code in known.values() if code.layer == on.key], on.model),
                "done": _done(on, found.height),
                "hint": _hint(on, judges),
            },
            heard,
        )
        if desk.trouble:
            st.error(f"The journal cannot be used. {verbatim.markdown(desk.trouble)}", icon=":material/error:")
        for torn in desk.torn:
            st.warning(verbatim.markdown(torn))
        if desk.told:
            st.info(verbatim.markdown(desk.told))
    with right:
        progress.draw(chosen, on, desk, found, rest.height, judges)


def _lay(
    chosen: frames.Selection, on: On, desk: Desk, rest: pl.DataFrame, n: int, known: queue_items.Codes
) -> list[int]:
    """Lays the next `n` sentences on the desk, several times as many at once where some are not there yet."""
    more = dict.fromkeys(desk.front) | dict(rest.select("segment_id", "unsure").head(max(n, 5 * AHEAD)).iter_rows())
    ahead = list(more)[: n + len(desk.front)]
    if not all(segment in desk.items for segment in ahead):
        fresh = {segment: unsure for segment, unsure in more.items() if segment not in desk.items}
        for segment, (item, shown) in queue_items.items(chosen, on.key, on.model, fresh, known).items():
            desk.items[segment], desk.shown[segment] = item, shown
    return [segment for segment in ahead if segment in desk.items]


def _hint(on: On, judges: bool) -> str:
    """How the keys work, in a line, as HTML."""
    if not judges:
        return "← and → turn over the sentences."
    polarised = current().layers[on.key].polarised
    words = ["The key of a code puts it in your answer, Enter gives the answer."]
    if polarised:
        words.append("The same key again turns its polarity: − ○ +, then off; − 0 + set it at once.")
    words.append("A further code takes the place of the first." if on.single else "A sentence may have several codes.")
    return " ".join(words)


def _done(on: On, n: int) -> str:
    """What is said when nothing is left, as HTML."""
    empty = {
        "unsure": "You have judged every sentence that the model labelled here.",
        "odds": "The model is nowhere at odds with people here: nobody answered this layer on a sentence that it "
        "labelled, or all agree with it, or you judged them.",
        "sample": "You have judged every sentence that the model labelled here.",
        "open": "The model left no sentence open here in the reviews that it labelled.",
    }
    if not n:
        return f"<b>Nothing to judge in this order.</b> {empty[on.order]}"
    return "<b>All judged.</b> Choose another layer or order, or write your answers to the corpus."


def listed(chosen: frames.Selection, on: On, name: str | None, known: queue_items.Codes) -> None:
    """The beginning of the queue as a table, made when it is opened."""
    found = rows(chosen, on, name)
    if not found.height:
        return
    with st.expander("Show the beginning of the queue as table", icon=":material/table:"):
        first = found.head(READ)
        shown = queue_items.items(
            chosen, on.key, on.model, dict(first.select("segment_id", "unsure").iter_rows()), known
        )
        lines = [
            {
                "paper": "/".join(item.place[:2]),
                "review": item.place[2],
                "sentence": verbatim.clip(item.text, 200),
                "model": " ".join(queue_items.spelled(code, polarity) for code, polarity in item.model),
                "unsure": unsure,
                "at odds": odds,
            }
            for segment, _, unsure, odds in first.iter_rows()
            if (item := shown[segment][0])
        ]
        tables.numbers(pl.DataFrame(lines, schema_overrides={"unsure": pl.Float64, "at odds": pl.Float64}))
