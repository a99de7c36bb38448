"""The files of an export as bracket text, and what of a selection they cannot hold."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from corpus.exporters.bracket_paths import path_of
from corpus.exporters.bracket_text import SPELLINGS, Dialect, Stretch, dialect, holds, written
from corpus.exporters.cells import cell
from corpus.exporters.manifest import Tally
from corpus.exporters.selected import Extract, Selected
from corpus.formats import bracket
from corpus.formats.source import Source
from corpus.formats.tags import has_tag
from corpus.records import Label, Paper, Review
from corpus.store import Snapshot
from corpus.tables import MODEL

_MODELS = "labels of models, which no tag could tell from people's; --annotator writes one model's"
_NOT_HELD = ("rating", "confidence", "date", "reviewer")


class Unchosen(ValueError):
    """Several people labelled a review, none of them gold, and nobody was chosen; the message names them."""


def chosen_annotators(extract: Extract, annotator: str | None) -> dict[int, str]:
    """Whose labels are written, by review: those of `annotator`, else gold's, else the only person's.

    A tag tells nobody's name: a model's labels would pass for people's, so they are written if they are asked for.
    """
    by_review: dict[int, set[str]] = {}
    for review_id, name in extract.annotators():
        if annotator is not None or not name.startswith(MODEL):
            by_review.setdefault(review_id, set()).add(name)
    chosen = {}
    for review_id, names in by_review.items():
        if annotator is None and "gold" not in names and len(names) > 1:
            raise Unchosen(f"A review is labelled by {', '.join(sorted(names))}: choose one with --annotator.")
        chosen[review_id] = annotator or ("gold" if "gold" in names else min(names))
    return chosen


class Files:
    """Bracket text of the reviews of an extract, as (path, bytes), with counts and what was left out."""

    def __init__(self, snapshot: Snapshot, extract: Extract, annotator: str | None, tally: Tally):
        self._snapshot, self._extract, self._tally = snapshot, extract, tally
        self.left_out = tally.left_out
        self._annotators = chosen_annotators(extract, annotator)
        self._paths: Counter[str] = Counter()
        self._papers: dict[tuple[str, str], Paper] = {}

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        """The reviews, one a file, then for each corpus the papers' particulars as `--metadata` takes them."""
        for each in self._tally.over(self._held(each) for each in self._extract):
            self._papers[each.corpus, each.paper.key] = each.paper
            if each.review is None:
                self.left_out["papers without a review"] += 1
                continue
            yield self._file(each)
        for corpus, papers in groupby(sorted(self._papers), key=lambda key: key[0]):
            told = [self._papers[key] for key in papers]
            path, _ = path_of(Selected(corpus, Paper("papers")), Review(Paper("papers"), "1", ()))
            yield f"{path.parts[0]}.papers.csv", _particulars(told)

    def _file(self, each: Selected) -> tuple[str, bytes]:
        review = each.review
        assert review is not None  # for the type checker: papers without a review come to no file
        stretches, way = self._source_of(each)
        text = written(review, stretches, way)
        if not _comes_back(review, text):
            way, text = self._otherwise(review, way, text)
        path, told = path_of(each, review)
        self._paths[str(path).casefold()] += 1
        if (times := self._paths[str(path).casefold()]) > 1:
            path, told = path.with_name(f"{path.stem}~{times}{path.suffix}"), False
        if not told:
            self.left_out["reviews whose key no path can hold; they are read under another one"] += 1
        return str(path), text.encode(way.encoding)

    def _held(self, each: Selected) -> Selected:
        """The review with the labels that bracket text can hold; the others are counted as left out."""
        review = each.review
        if review is None:
            return each
        annotator = self._annotators.get(each.review_id or 0)

        def kept(label: Label, on_review: bool = False) -> bool:
            if label.annotator != annotator:
                if label.annotator.startswith(MODEL):
                    self.left_out[_MODELS] += 1
                return False
            can = holds(label, on_review)
            if can and label.start is None:
                return True
            why = "on a part of a segment, or on several" if can else "that no bracket tag can hold"
            self.left_out[f"labels of {label.scheme} {why}"] += 1
            return False

        whole = tuple(label for label in review.labels if kept(label, on_review=True))
        segments = tuple(
            s._replace(labels=tuple(label for label in s.labels if kept(label)), alignments=()) for s in review.segments
        )
        for name in _NOT_HELD:
            if getattr(review, name) not in (None, review.key):
                self.left_out[f"reviews' {name}"] += 1
        self.left_out["kinds of review"] += review.kind != "review"
        self.left_out["scores"] += len(review.scores)
        self.left_out["fields of a form"] += any(s.field for s in review.segments)
        self.left_out["alignments"] += sum(len(s.alignments) for s in review.segments)
        return each._replace(review=review._replace(segments=segments, labels=whole))

    def _otherwise(self, review: Review, way: Dialect, text: str) -> tuple[Dialect, str]:
        """Another spelling that does come back, for a text that looks like another dialect's; else the same, told."""
        for other in _ways(way):
            if _comes_back(review, again := written(review, (), other)):
                return other, again
        self.left_out["reviews that read differently again, as where segments without labels run into the next"] += 1
        return way, text

    def _source_of(self, each: Selected) -> tuple[list[Stretch], Dialect]:
        """The stretches of the file that a review was read from, and its way of spelling."""
        if each.format != "bracket" or each.source_id is None or each.review is None:
            return [], Dialect(SPELLINGS[0])
        rows = self._snapshot.rows(
            'SELECT p.kind::VARCHAR, p."start", p."end", s.position FROM spans p '
            f"LEFT JOIN segments s USING (segment_id) WHERE p.source_id = {each.source_id} ORDER BY p.position"
        )
        ((raw,),) = self._snapshot.rows(f"SELECT raw FROM sources WHERE source_id = {each.source_id}")
        first = next((n for n, row in enumerate(rows) if row[0] != "separator"), len(rows))
        last = max((n for n, row in enumerate(rows) if row[0] == "separator" and n >= first), default=None)
        is_end = last is not None and not any(row[0] == "text" for row in rows[last:])
        before = "".join(_opening(raw, start, end) for _, start, end, _ in rows[:first])
        after = "" if last is None else _closing(raw, is_end, *rows[last][1:3])
        kinds = ["closing" if after and n == last else row[0] for n, row in enumerate(rows)]
        stretches = [
            Stretch(kind, end - start, segment) for kind, (_, start, end, segment) in zip(kinds, rows, strict=True)
        ]
        return stretches, dialect(each.review, stretches, (before, after), _encoding(raw))


def _opening(raw: bytes | None, start: int, end: int) -> str:
    """A byte order mark, or the opening quotation mark with the white space before it."""
    if raw is None:
        return "\ufeff" if (start, end) == (0, 3) else " " * (end - start - 1) + '"'
    return _decoded(raw, start, end)


def _closing(raw: bytes | None, is_end: bool, start: int, end: int) -> str:
    """The closing quotation mark with the white space after it; empty for the blank of a split escape."""
    told = _decoded(raw, start, end) if raw is not None else '"' + " " * (end - start - 1) if is_end else ""
    return told if told[:1] == '"' else ""


def _decoded(raw: bytes, start: int, end: int) -> str:
    """A stretch that is neither text nor tag."""
    return raw[start:end].decode(_encoding(raw), "replace")


def _encoding(raw: bytes | None) -> str:
    """The encoding that a byte order mark tells; else UTF-8."""
    return {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get((raw or b"")[:2], "utf-8")


def _ways(way: Dialect) -> Iterator[Dialect]:
    for spell in SPELLINGS:
        yield way._replace(spell=spell)
        yield Dialect(spell, before='"', after='"')


def _comes_back(review: Review, text: str) -> bool:
    """Whether the reader finds the same segments with the same labels."""
    if not any(s.labels for s in review.segments) and not review.labels:
        return not has_tag(text)  # its sentences are cut anew, by whichever reader takes it
    if not has_tag(text):
        return False
    (found,) = bracket.read(Source("r.txt", "", text.encode())).reviews
    if not review.segments or not any(s.labels for s in review.segments):
        same_text = "".join(s.text for s in found.segments) == "".join(s.text for s in review.segments)
        return same_text and _codes(found.labels) == _codes(review.labels)
    return _codes(found.labels) == _codes(review.labels) and [(s.text, _codes(s.labels)) for s in found.segments] == [
        (s.text, _codes(s.labels)) for s in review.segments
    ]


def _codes(labels: Sequence[Label]) -> list[tuple]:
    return sorted((label.scheme, label.layer, label.code, repr(label.polarity)) for label in labels)


def _particulars(papers: Sequence[Paper]) -> bytes:
    """The papers as a CSV file, one a row."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("paper_key", *Paper._fields[1:]))
    writer.writerows(map(cell, paper) for paper in papers)
    return b"\xef\xbb\xbf" + out.getvalue().encode()
