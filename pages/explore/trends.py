"""Trends: what reviews say over years, venues, tracks, decisions and corpora; one panel a code."""

from pages.parts import adjusted, frames, method, offered, over_time, panels, sheets, states

chosen = frames.selection()
sheets.style("over_time")
part = chosen.frames
offer = offered.layer(offered.used(chosen))
key = offer.chosen
there = frames.collect(chosen, f"trends: groups {key}", **over_time.groups(part, key))
question = "How do reviews change over the years, venues, tracks and decisions?"
if states.heading("Trends", chosen, there["counts"], question) and not states.no_labels(there["counts"]):
    on = over_time.asked(key, there, chosen.filters)
    over_time.controls(on, there, offer.options, offered.names(offer.options))
    if on.way.empty:
        adjusted.told(on.way, chosen.filters)
    else:
        found = frames.collect(chosen, f"trends {on.key}", **over_time.plans(chosen, on))
        panels.draw(on, found["rows"], there, chosen)
    method.computed(**method.joined(panels, adjusted if on.way.models else None))
