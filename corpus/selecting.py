"""What a command is about, as the address of the dashboard says it."""

from __future__ import annotations

from urllib.parse import parse_qs

from queries.filters import KEYS, FilterError, Filters


def selected(address: str) -> Filters:
    """The filters of `corpus=demo&label=MET-NEG`; FilterError for a key that is no filter."""
    query = parse_qs(address.lstrip("?"), keep_blank_values=True)
    if unknown := [key for key in query if key not in KEYS]:
        raise FilterError(f"--select: “{unknown[0]}” is no filter: use {', '.join(KEYS)}.")
    return Filters.from_query(query)
