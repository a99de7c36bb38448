"""Compare: two to four cohorts code by code, with differences against one of them, tested and corrected."""

from pages.parts import adjusted, codes, cohorts, compared, compared_words, frames, method, offered, sheets, states
from queries.counts import counts

chosen = frames.selection()
sheets.style("over_time")
offer = offered.layer(offered.used(chosen))
key = offer.chosen
found = frames.collect(chosen, "compare", counts=counts(chosen.frames), codes=chosen.frames.codes)
question = "Where do two to four cohorts differ?"
if states.heading("Compare", chosen, found["counts"], question) and not states.no_labels(found["counts"]):
    groups = cohorts.asked(chosen)
    cohorts.controls(chosen, groups)
    guessed = False
    if len(groups) > 1:
        on = compared.asked(key, groups, compared.models(chosen, groups, key))
        guessed = bool(on.way.models)
        compared.controls(on, groups, offer.options, offered.names(offer.options))
        if on.way.empty:
            adjusted.told(on.way, chosen.filters)
        else:
            plans = compared.plans(chosen, groups, on)
            rows = frames.collect(chosen, f"compare {on.key} {[cohort.key for cohort in groups]}", **plans)["rows"]
            compared.draw(on, rows, codes.by_code(found["codes"]), groups)
    method.computed(**method.joined(compared_words, adjusted if guessed else None))
