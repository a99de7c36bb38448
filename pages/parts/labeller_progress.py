"""The job that is at work, drawn anew each second, and what became of the last one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import streamlit as st

from corpus.labeller_jobs import WRITES, Job, JobError, dismiss, latest, start, stop
from pages.parts import address, codes, frames, permission, provenance, verbatim
from pages.parts import labeller_charts as drawn
from pages.parts.labeller_known import table, when
from pages.parts.labeller_report import span
from queries.filters import FilterError, Filters
from queries.vocabulary import current

_EVERY = 1.0  # seconds between two looks at a job


def begin(chosen: frames.Selection, kind: str, **options: Any) -> None:
    """Starts a job; a button's callback. What is wrong is told when the page is drawn."""
    st.session_state["labeller_wrong"] = None
    if not permission.may_write():
        return
    try:
        start(chosen.snapshot.path, kind, **options)
    except JobError as error:
        st.session_state["labeller_wrong"] = str(error)


def end(chosen: frames.Selection, job: Job) -> None:
    """Asks a job to stop, or makes it; a button's callback. One that writes is left alone: it will soon be done."""
    now = last(chosen)
    if now is not None and now.path == job.path and permission.may_write() and not _writes(now):
        stop(now)


def _writes(job: Job) -> bool:
    return job.stage == WRITES.get(job.kind)


def last(chosen: frames.Selection) -> Job | None:
    """The last job of the database; null where there is none."""
    return latest(chosen.snapshot.path)


def draw(chosen: frames.Selection, job: Job | None) -> None:
    """The job while it is at work, what became of it afterwards, and why the one that was asked for did not begin."""
    if wrong := st.session_state.pop("labeller_wrong", None):
        st.error(verbatim.markdown(wrong), icon=":material/error:")
    if job is not None and job.alive:
        st.fragment(_live, run_every=_EVERY)(chosen)
    elif job is not None and permission.may_write():  # for others it is no news what somebody did
        _ended(chosen, job)


def button(
    chosen: frames.Selection, job: Job | None, label: str, icon: str, kind: str, *, useless: bool, **options: Any
) -> None:
    """The button that starts a job, in whose place the job is while there is one; it cannot be pressed if `useless`."""
    if job is None or not job.alive:
        st.button(
            label, key=f"labeller_{kind}", type="primary", icon=icon, disabled=useless,
            on_click=begin, args=(chosen, kind), kwargs=options,
        )  # fmt: skip
    draw(chosen, job)


def _live(chosen: frames.Selection) -> None:
    job = latest(chosen.snapshot.path)
    if job is None or not job.alive:
        st.rerun()
    with st.container(border=True, key="labeller_job"):
        left, right = st.columns([5, 1], vertical_alignment="center")
        with left:
            _bar(job)
        if permission.may_write():
            with right:
                late = job.state == "stopping"
                label = "End it" if late else "Stop"
                st.button(
                    label,
                    key="labeller_stop",
                    icon=":material/stop_circle:",
                    on_click=end,
                    args=(chosen, job),
                    width="stretch",
                    disabled=_writes(job),
                    help="It writes, and will be done in a moment." if _writes(job) else None,
                )
        curves = table({"learning": job.learning}, "learning")
        names = {
            layer: _title(str(job.options.get("scheme")), layer)
            for layer in curves["layer"].unique(maintain_order=True)
        }
        if curves.height:
            drawn.legend(names)
            drawn.learning(curves, names, key="labeller_live")


def _bar(job: Job) -> None:
    """What it does, for how long, and how far it is; a bar that runs to and fro where that is not known yet."""
    share = min(1.0, job.done / job.of) if job.of else None
    stage = "Stopping" if job.state == "stopping" and not _writes(job) else job.stage
    how_far = "" if share is None else f' aria-valuenow="{share:.0%}"'.replace("%", "")
    inner = '<i class="busy"></i>' if share is None else f'<i style="width:{share:.1%}"></i>'
    steps = f"<span>{job.done:,} of {job.of:,}</span>" if job.of > 1 else ""
    st.html(
        f'<div class="rs rs-lab-job"><div><b>{verbatim.html(_called(job))}</b></div>'
        f'<div class="rs-n"><span role="status">{verbatim.html(stage)} …</span>{steps}'
        f"<span>{span(job.seconds)}</span></div>"
        f'<div class="rs-bar" role="progressbar" aria-label="{verbatim.html(stage)}" aria-valuemin="0" '
        f'aria-valuemax="100"{how_far}>{inner}</div></div>'
    )


def _called(job: Job) -> str:
    """What the job is, in words; not escaped."""
    options = job.options
    if job.kind == "train":
        scheme = codes.scheme_names().get(options.get("scheme", ""), options.get("scheme"))
        return f"Training {options.get('name')} on {scheme}"
    if job.kind == "annotate":
        return f"Labelling with {options.get('open')}"
    return f"Taking out the labels of {provenance.short(str(options.get('annotator')))}"


def _title(scheme: str, layer: str) -> str:
    key = current().key(f"{scheme}:{layer}")
    return codes.layers()[key].title if key else layer


def _ended(chosen: frames.Selection, job: Job) -> None:
    """What became of the job, with what to do next."""
    told = {
        "done": _done,
        "failed": lambda _, job: f"<b>{verbatim.html(_called(job))} failed.</b> {verbatim.html(job.said)}",
        "stopped": lambda _, job: f"<b>{verbatim.html(_called(job))} was stopped.</b> {_nothing(job)}",
        "interrupted": lambda _, job: (
            f"<b>{verbatim.html(_called(job))} was interrupted.</b> Its process is gone. {_nothing(job)}"
        ),
    }[job.state]
    facts = f"<small>{when(job.ended)} UTC, after {span(job.seconds)}</small>"
    kind = "" if job.state == "done" else " bad"
    with st.container(horizontal=True, vertical_alignment="center", key="labeller_ended"):
        st.html(f'<div class="rs rs-note rs-lab-ended{kind}" role="status">{told(chosen, job)} {facts}</div>')
        st.button("Dismiss", key="labeller_dismiss", type="tertiary", on_click=dismiss, args=(job,), width="content")


def _nothing(job: Job) -> str:
    """What is there of a job that did not come to its end."""
    if _writes(job):
        return "It was writing: all of it is there now, or nothing."
    if job.kind == "annotate":
        return "Nothing was written to the database. Started again as it was, it goes on from there."
    return "Nothing was written."


def _done(chosen: frames.Selection, job: Job) -> str:
    result = job.result
    if job.kind == "train":
        link = address.href("labeller", chosen.filters, open=result.get("open"), view="report")
        name = provenance.short(str(result.get("annotator")))
        return f'<b>{verbatim.html(name)} is trained.</b> <a href="{verbatim.html(link)}" data-go>See its report</a>'
    name = provenance.short(str(result.get("annotator")))
    if job.kind == "forget":
        return f"<b>{_number(result, 'labels')} labels of {verbatim.html(name)} are taken out.</b>"
    link = address.href("sentences", _labelled(job))
    left = ", ".join(
        f"{verbatim.html(_title(str(result.get('scheme')), str(layer)))} {1 - share:.0%}"
        for layer, share in _shares(result).items()
    )
    return (
        f"<b>{_number(result, 'segments')} of {_number(result, 'n_segments')} sentences labelled</b> by "
        f"{verbatim.html(name)}, with {_number(result, 'labels')} labels. "
        f'<a href="{verbatim.html(link)}" data-go>Read them</a><br>Left unlabelled, by layer: {left or "–"}.'
    )


def _shares(result: Mapping[str, Any]) -> Mapping[str, float]:
    found = result.get("shares")
    return {k: v for k, v in found.items() if isinstance(v, int | float)} if isinstance(found, Mapping) else {}


def _number(result: Mapping[str, Any], key: str) -> str:
    found = result.get(key)
    return f"{found:,}" if isinstance(found, int) else "–"


def _labelled(job: Job) -> Filters:
    """The selection that was labelled, with the labels of models only."""
    query = parse_qs(str(job.options.get("select", "")))
    try:
        return Filters.from_query({**query, "whose": ["models"]})
    except FilterError:  # a scheme of then is not here any more
        return Filters(whose="models")
