"""Decisions on papers as venues put them into words."""

from __future__ import annotations


def decision(words: str | None) -> str | None:
    """`accept`, `reject` or `withdrawn` as the words say ("Accept (poster)", "Not accepted"); null where none."""
    told = (words or "").lower()
    if "withdr" in told:
        return "withdrawn"
    if "reject" in told or "not accept" in told:
        return "reject"
    return "accept" if "accept" in told else None
