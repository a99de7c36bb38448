"""The desk of whoever judges: what they have judged, what is next, and what their keys ask for, written to the journal.

The journal is the truth; a desk is a session's view of it, read anew whenever the page is opened.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Any, NamedTuple

from corpus.judgements import Journal, Judgement
from corpus.tables import USER

#: What a person may be called: it is part of an annotator's name.
NAME = re.compile(r"[\w.-]{1,40}")

#: A code with its polarity, null where it has none.
Answer = tuple[tuple[str, int | None], ...]
Place = tuple[str, str, str, int, int]


class Item(NamedTuple):
    """A sentence on the desk: where it is, what it says, what the model answered."""

    segment_id: int
    place: Place
    text: str
    model: Answer


class Layer(NamedTuple):
    """The layer that is judged: key, scheme and name; its codes, each with whether it can have a polarity."""

    key: str
    scheme: str
    name: str
    codes: Mapping[str, bool]


@dataclass
class Desk:
    """One person's desk for one queue. `find` gives the segments at places, for what was judged before.

    judged      the person's judgements that are in the journal, by place and layer; the last one of each
    others      how many judgements of other people wait in the journal
    done        what became of sentences judged in this layer, by segment
    items       what was laid on the desk so far, by segment; `shown`: the same as it is drawn
    ack         which browser's log was taken last, and up to which event
    front       sentences that an undo brought back, which come before all others
    brought     how often an undo brought back a sentence that no key of this page had judged, and the last such
    trouble     why the journal could not be written; null while it can
    torn        what of it could not be read
    told        what else a person should know of what their key did
    """

    context: str
    journal: Journal
    me: str
    layer: Layer
    model: str
    find: Callable[[Sequence[Place]], Mapping[Place, int]]
    judged: dict[tuple[Place, str, str], Judgement] = field(default_factory=dict)
    others: int = 0
    done: dict[int, str] = field(default_factory=dict)
    items: dict[int, Item] = field(default_factory=dict)
    shown: dict[int, dict[str, Any]] = field(default_factory=dict)
    ack: tuple[str, int] = ("", 0)
    brought: tuple[int, int] = (0, 0)
    front: list[int] = field(default_factory=list)
    trouble: str | None = None
    torn: tuple[str, ...] = ()
    told: str | None = None

    @property
    def annotator(self) -> str:
        return USER + self.me

    def read(self) -> None:
        """Reads the journal; OSError or ValueError where it cannot be."""
        pending = self.journal.pending()
        self.torn = self.journal.torn
        mine = [each for each in pending if each.annotator == self.annotator]
        self.others = len(pending) - len(mine)
        self.judged = {(place(each), each.scheme, each.layer): each for each in mine}
        here = {at: each.action for (at, *layer), each in self.judged.items() if layer == self._layer}
        known = {item.place: item.segment_id for item in self.items.values()}
        known |= self.find([at for at in here if at not in known])
        self.done = {known[at]: action for at, action in here.items() if at in known}

    def words(self, error: Exception) -> str:
        """What went wrong, without where on the machine the database lies."""
        return str(error).replace(str(self.journal.db), self.journal.db.name)

    @property
    def _layer(self) -> list[str]:
        return [self.layer.scheme, self.layer.name]

    def take(self, log: Any) -> None:
        """Does what the browser's log asks for, each event once, as far as the journal can be written.

        What makes no sense is passed over: only a page that was tampered with sends it.
        """
        if not isinstance(log, Mapping) or log.get("context") != self.context:
            return
        client, events = str(log.get("client")), log.get("events")
        received = self.ack[1] if self.ack[0] == client else 0
        for event in events if isinstance(events, list) else ():
            n = event.get("n") if isinstance(event, Mapping) else None
            if not isinstance(n, int) or n <= received:
                continue
            try:
                self._undo(event.get("id")) if event.get("do") == "undo" else self._judge(event)
            except (OSError, ValueError) as error:
                self.trouble = self.words(error)
                break
            self.trouble, received = None, n
        self.ack = (client, received)

    def _judge(self, event: Mapping[str, Any]) -> None:
        item, does = self.items.get(event.get("id", -1)), event.get("do")
        if item is None or does not in ("accept", "change", "skip"):
            return
        answer = {"accept": item.model, "skip": ()}.get(does) if does != "change" else self._answer(event.get("answer"))
        if answer is None or (does != "skip" and not answer):
            return
        if does == "change" and set(answer) == set(item.model):
            does = "accept"
        corpus, paper_key, review_key, start, end = item.place
        judgement = Judgement(
            at=datetime.now(UTC),
            annotator=self.annotator,
            corpus=corpus,
            paper_key=paper_key,
            review_key=review_key,
            start=start,
            end=end,
            text=item.text,
            scheme=self.layer.scheme,
            layer=self.layer.name,
            answer=answer,
            action=does,
            model=self.model,
        )
        self.journal.append(judgement)
        self.told = None
        self.judged[item.place, self.layer.scheme, self.layer.name] = judgement
        self.done[item.segment_id] = does
        if item.segment_id in self.front:
            self.front.remove(item.segment_id)

    def _answer(self, given: Any) -> Answer | None:
        """The answer as sent, in the layer's order; null where the layer knows no such answer."""
        pairs = {(each[0], each[1]) for each in given or () if isinstance(each, list) and len(each) == 2}
        for code, polarity in pairs:
            if code not in self.layer.codes or polarity not in (None, -1, 0, 1):
                return None
            if polarity is not None and not self.layer.codes[code]:
                return None
        order = list(self.layer.codes)
        return tuple(sorted(pairs, key=lambda pair: (order.index(pair[0]), pair[1] is None, pair[1] or 0)))

    def _undo(self, expected: int | None) -> None:
        """Takes the last judgement back; brings its sentence back, if the page does not show it by itself."""
        gone = self.journal.undo(self.annotator)
        if gone is None:
            self.told = "There is nothing to take back: what is in the corpus is no longer in the journal."
            return
        known = {item.place: item.segment_id for item in self.items.values()}
        self.read()
        self.told = None
        at = place(gone)
        if [gone.scheme, gone.layer] != self._layer:
            self.told = "Taken back: your last answer, given in another layer."
            return
        segment = known.get(at) if at in known else self.find([at]).get(at)
        if segment is None:
            self.told = "Taken back: your last answer. Its sentence is not in this selection."
        elif segment != expected:
            self.brought = (self.brought[0] + 1, segment)
            self.front.insert(0, segment)


def place(judgement: Judgement) -> Place:
    """Where a judgement's sentence stands: corpus, paper, review, first code point and the one after the last."""
    return (judgement.corpus, judgement.paper_key, judgement.review_key, judgement.start, judgement.end)


def today(judged: Sequence[Judgement], day: date, zone: tzinfo) -> Counter[str]:
    """How many judgements of a day, as it is in a time zone, were accepted, changed and skipped."""
    return Counter(each.action for each in judged if each.at.astimezone(zone).date() == day)


def streak(order: Sequence[int], done: Mapping[int, str]) -> Counter[str]:
    """What became of the sentences at the beginning of a queue, as far as all of them are judged.

    In a random order that beginning is a random sample, whatever else was judged meanwhile.
    """
    found: Counter[str] = Counter()
    for segment in order:
        if segment not in done:
            break
        found[done[segment]] += 1
    return found
