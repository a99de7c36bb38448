"""What the path of a file tells: the tree of Peer-Review-Analyze, and trees laid out like it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.formats.source import Place

_VENUE_YEAR = re.compile(r"(?P<venue>[A-Za-z][\w&+.]*)-(?P<year>(?:19|20)\d\d)(?:-\d+)?")
_DECISIONS = {"accepted": "accept", "rejected": "reject", "withdrawn": "withdrawn"}
_REVIEWER = re.compile(r"(?:(?P<paper>.+)-)?(?P<reviewer>R\d+)(?:[-_]+annotated)?", re.IGNORECASE)


def place(parts: Sequence[str]) -> Place:
    """Reads `…/<corpus>/<VENUE-YEAR-n>/<Accepted|Rejected|Withdrawn>/<paper>/[Annotated|Raw]/<VENUEYEAR-paper-Rn>.txt`.

    A path that is not of this shape tells nothing: every field is null.
    """
    for at in range(len(parts) - 3):
        venue = _VENUE_YEAR.fullmatch(parts[at])
        decision = _DECISIONS.get(parts[at + 1].lower())
        if venue and decision:
            return _in_tree(parts, at, venue, decision)
    return Place()


def _in_tree(parts: Sequence[str], at: int, venue: re.Match[str], decision: str) -> Place:
    stem = parts[-1].rpartition(".")[0] or parts[-1]
    name = _REVIEWER.fullmatch(stem)
    prefix = f"{venue['venue']}{venue['year']}-"
    paper = name["paper"].removeprefix(prefix) if name and name["paper"] else None
    return Place(
        corpus=parts[at - 1] if at else None,
        venue=venue["venue"],
        year=int(venue["year"]),
        decision=decision,
        paper_key=parts[at + 2],
        reviewer=name["reviewer"].upper() if name else None,
        named_paper=paper if name and name["paper"] and name["paper"].startswith(prefix) else None,
        raw=parts[-2].lower() == "raw",
    )
