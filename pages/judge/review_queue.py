"""Review queue: the sentences that a person should judge next, one at a time, a key for each answer."""

from pages.parts import codes, frames, method, permission, queue, queue_words, sheets, states
from queries.counts import counts
from queries.guessed_layers import guessed_layers

chosen = frames.selection()
sheets.style("queue")
whole = queue.whole(chosen)
found = frames.collect(
    chosen, "review queue", counts=counts(chosen.frames), given=guessed_layers(whole), codes=whole.codes
)
question = "Where is the model unsure, and is it right?"
if states.heading("Review queue", chosen, found["counts"], question):
    on = queue.asked(chosen, found["given"])
    if on is None:
        states.no_labels(found["counts"])
        queue.nothing()
    else:
        known = codes.by_code(found["codes"], frames.hints(chosen))
        name = queue.me()
        if permission.may_write():
            queue.introduce(name)
        queue.sit(chosen, on, name)
        queue.draw(chosen, on, name, known)
        queue.listed(chosen, on, name, known)
    method.computed(queue_words.WORDS, formulas=queue_words.FORMULAS, sources=queue_words.SOURCES)
