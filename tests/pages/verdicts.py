"""A database in invented text with enough papers to learn from: decisions and ratings that lean on the labels."""

from __future__ import annotations

from collections.abc import Sequence

from shelf import HOSTILE, Paper, Review, Sentence

_PRAISE: Sentence = ("The mooring holds in every tide. ", "MET-POS EMP-POS")
_DOUBT: Sentence = ("The mooring was never tried in a storm. ", "MET-NEG EMP-NEG")
_CLEAR: Sentence = ("Written so that a deckhand can follow. ", "OAL-POS CLA-POS")
_VAGUE: Sentence = ("I lost my bearings in section 2. ", "OAL-NEG CLA-NEG")
_ASIDE: Sentence = ("I have sailed there myself. ", "EXT-NEU none@aspect")


def verdicts(n: int = 48, *, rated: bool = True, decided: bool = True) -> list[Paper]:
    """`n` papers with two reviews each, and the hostile one; every fourth decision goes against its reviews."""
    found = []
    for number in range(n):
        good, odd = number % 2 == 0, number % 4 == 3
        first = [_PRAISE, _CLEAR, _ASIDE] if good else [_DOUBT, _VAGUE, _ASIDE]
        second = [_PRAISE, _DOUBT, *[_CLEAR] * (number % 3)] if number % 5 else [_DOUBT, _PRAISE, _VAGUE]
        ratings = (7 + number % 3, 5) if good else (3 - number % 3, 4 + number % 2)
        reviews = [
            Review(sentences, reviewer=f"Mate {place + 1}", rating=rating if rated else None)
            for place, (sentences, rating) in enumerate(zip((first, second), ratings, strict=True))
        ]
        decision = "accept" if good != odd else "reject"
        found.append(
            Paper(f"hull-{number:02}", f"Hull number {number}", reviews, decision=decision if decided else None)
        )
    hostile = Review([(f"{HOSTILE}. ", "MET-POS EMP-POS"), _CLEAR], reviewer=HOSTILE, rating=1 if rated else None)
    bad = Paper("bad<b>", HOSTILE, [hostile, hostile], decision="reject" if decided else None)
    return [*found[:1], bad, *found[1:]]


def texts(app) -> str:
    """All the HTML of a page."""
    return "\n".join(element.proto.body for element in app.get("html"))


def charts(app) -> Sequence:
    return app.get("arrow_vega_lite_chart") or app.get("vega_lite_chart")
