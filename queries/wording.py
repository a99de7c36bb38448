"""How a selection reads: one English sentence that says all of it, and nothing that is not asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from queries.filters import Filters

_KINDS = {"review": "reviews proper", "meta_review": "meta-reviews", "rebuttal": "rebuttals", "comment": "comments"}
_DECISIONS = {"accept": "accepted", "reject": "rejected", "withdrawn": "withdrawn"}


def sentence(filters: Filters, n: Mapping[str, int] | None = None) -> str:
    """The sentence for `filters`; with `n` (n_papers, n_reviews, n_segments: what is there of them), how much it is."""
    kinds = _list((_KINDS[kind] for kind in filters.kinds), "and") or "reviews"
    about = [part for part in (_rated(*filters.rating), _labelled(filters), _as_a_whole(filters)) if part]
    reviews = f"{kinds} {', '.join(about)}{',' if len(about) > 1 else ''}"
    said = " ".join(part for part in (reviews.strip(), _papers(filters), _in_sentences(filters)) if part).rstrip(",")
    if said == "reviews":
        said = "all reviews"
    said += f", with labels by {filters.whose} only" if filters.whose else ""
    return f"{said[0].upper()}{said[1:]}{_amount(n)}."


def _papers(filters: Filters) -> str:
    """`of accepted papers at ICLR 2018 in the corpus demo`."""
    venues, years = _list(filters.venues), _list(filters.years)
    where = [f"at {venues}"] if venues else []
    if years:
        where += [years if len(filters.venues) == 1 and len(filters.years) == 1 else f"in {years}"]
    if filters.corpora:
        where += [f"in the {_plural('corpus', 'corpora', filters.corpora)} {_list(filters.corpora)}"]
    what = "papers"
    if filters.papers:
        what = f"{_plural('paper', 'papers', filters.papers)} {_list(filters.papers)}"
    decided = _list(_DECISIONS[decision] for decision in filters.decisions if decision in _DECISIONS)
    if len(filters.decisions) > 1 and not set(filters.decisions) <= set(_DECISIONS):
        where += [f"that were {decided} or whose decision is unknown"]
    elif decided:
        what = f"{decided} {what}"
    elif filters.decisions:
        where += ["whose decision is unknown"]
    return f"of {' '.join((what, *where))}" if where or what != "papers" else ""


def _labelled(filters: Filters) -> str:
    """`labelled by gold or anno2 in the scheme review-quality`."""
    by = f"by {_list(filters.annotators)}" if filters.annotators else ""
    under = (
        f"in the {_plural('scheme', 'schemes', filters.schemes)} {_list(filters.schemes)}" if filters.schemes else ""
    )
    return " ".join(part for part in ("labelled" if by or under else "", by, under) if part)


def _rated(least: float | None, most: float | None) -> str:
    if least is None and most is None:
        return ""
    if least is None or most is None:
        return f"rated {most:g} or lower" if least is None else f"rated {least:g} or higher"
    return f"rated {least:g}" if least == most else f"rated from {least:g} to {most:g}"


def _as_a_whole(filters: Filters) -> str:
    """`labelled quality:CLA-POS (clarity of the review, positive) as a whole`."""
    words = [condition.words() for condition in filters.conditions if condition.target == "review"]
    return f"labelled {_both(words)} as a whole" if words else ""


def _in_sentences(filters: Filters) -> str:
    """`with a sentence labelled both MET-NEG (methodology, negative) and MAJ (major), containing “baseline”`."""
    words = [condition.words() for condition in filters.conditions if condition.target == "segment"]
    labelled = f"labelled {_both(words)}" if words else ""
    how = "matching the regular expression" if filters.regex else "containing"
    text = f"{how} “{filters.text}”" if filters.text else ""
    asked = ", ".join(part for part in (labelled, text) if part)
    return f"with a sentence {asked}" if asked else ""


def _amount(n: Mapping[str, int] | None) -> str:
    """`: 3 sentences in 2 reviews of 1 paper`, of what `n` tells."""
    nouns = {"n_segments": "sentence", "n_reviews": "review", "n_papers": "paper"}
    told = [(n[key], noun) for key, noun in nouns.items() if key in n] if n else []
    if not told:
        return ""
    if not any(number for number, _ in told):
        return ": nothing matches"
    amounts = [f"{number:,} {noun if number == 1 else noun + 's'}" for number, noun in told]
    links = {"review": " in ", "paper": " of "}
    return ": " + "".join(
        (links[noun] if place else "") + amount
        for place, (amount, (_, noun)) in enumerate(zip(amounts, told, strict=True))
    )


def _list(values: Iterable[object], word: str = "or") -> str:
    """`a`, `a or b`, `a, b or c`."""
    *others, last = [str(value) for value in values] or [""]
    return f"{', '.join(others)} {word} {last}" if others else last


def _both(words: list[str]) -> str:
    """`a`, `both a and b`, `all of a, b and c`."""
    lead = {1: "", 2: "both "}.get(len(words), "all of ")
    return lead + _list(words, "and")


def _plural(one: str, many: str, values: tuple) -> str:
    return one if len(values) == 1 else many
