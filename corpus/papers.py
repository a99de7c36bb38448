"""The papers of a store as they are put together from sources and metadata."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Set

from corpus.metadata import Metadata
from corpus.records import Paper, Problem, Review
from corpus.tables import TABLES

_FIELDS = Paper._fields[1:]
_COLUMNS = next(table for table in TABLES if table.name == "papers").names


class Papers:
    """Papers by corpus and key. Fields that metadata gave stand against what sources tell."""

    def __init__(self, old: Iterable[tuple], kept: Set[int]):
        """`old` are rows of the table papers; `kept` the ids of those that still have reviews."""
        self._rows: dict[tuple[str, str], dict] = {}
        self._used: set[tuple[str, str]] = set()
        for values in old:
            row = dict(zip(_COLUMNS, values, strict=True))
            key = row["corpus"], row["paper_key"]
            if row["paper_id"] in kept:
                self._used.add(key)
            elif row["extra"] is None:
                row |= dict.fromkeys(_FIELDS)  # all that told of it is being read again
            self._rows[key] = row
        self._next = max((row["paper_id"] for row in self._rows.values()), default=0) + 1

    def id(self, corpus: str, key: str) -> int:
        """The paper's number; it is made where there is none yet."""
        row = self._rows.get((corpus, key))
        if row is None:
            row = {**dict.fromkeys(_COLUMNS), "paper_id": self._next, "corpus": corpus, "paper_key": key}
            self._rows[corpus, key] = row
            self._next += 1
        return row["paper_id"]

    def tell(self, corpus: str, paper: Paper) -> list[Problem]:
        """Takes in what a source tells; a problem for every field on which it departs from another source."""
        self.id(corpus, paper.key)
        row = self._rows[corpus, paper.key]
        self._used.add((corpus, paper.key))
        problems = []
        for field in _FIELDS:
            value = getattr(paper, field)
            value = list(value) if isinstance(value, tuple) else value
            if value is None or row[field] == value or (row[field] is not None and row["extra"] is not None):
                continue
            if row[field] is not None:
                detail = f"{field} of paper {paper.key}: {row[field]!r} in another source, {value!r} here."
                problems.append(Problem("conflicting_paper", detail))
            row[field] = value
        return problems

    def join(self, metadata: Metadata, corpora: Set[str]) -> list[Problem]:
        """Joins rows of metadata to the papers of `corpora` by key; a problem for every key without a counterpart."""
        matched: set[str] = set()
        problems = []
        for (corpus, key), row in self._rows.items():
            if corpus not in corpora or (corpus, key) not in self._used:
                continue
            told = metadata.rows.get(key)
            if told is None:
                detail = f"Paper {key} of {corpus} has no row in {metadata.path}."
                problems.append(Problem("unmatched_metadata", detail))
                continue
            matched.add(key)
            row |= {field: value for field, value in told.fields.items() if value is not None}
            row["extra"] = json.dumps(told.extra, ensure_ascii=False, sort_keys=True, default=str)
        for key, told in metadata.rows.items():
            if key not in matched:
                detail = (
                    f"{metadata.path}, row {told.number}: no paper of {', '.join(sorted(corpora))} has the key {key}."
                )
                problems.append(Problem("unmatched_metadata", detail))
        return problems

    def rows(self) -> Iterator[tuple]:
        """Rows of the table papers, of those with a review."""
        return (tuple(row[column] for column in _COLUMNS) for key, row in self._rows.items() if key in self._used)


class ReviewKeys:
    """Which file holds the review of a corpus, paper and key: a second one is a problem, not a review."""

    def __init__(self, held: dict[tuple[str, str, str], str] | None = None):
        self._paths = dict(held or {})

    def claim(self, corpus: str, review: Review, path: str) -> Problem | None:
        """Null where the key was free, and is `path`'s from now on."""
        key = (corpus, review.paper.key, review.key)
        if key not in self._paths:
            self._paths[key] = path
            return None
        detail = f"Paper {review.paper.key} has a review {review.key} from {self._paths[key]} already."
        return Problem("duplicate_review", detail)
