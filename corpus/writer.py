"""Writing what was read: a snapshot with what is kept of the old one, then what is added."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Set
from datetime import UTC, datetime
from pathlib import Path

from corpus.carrying import carry
from corpus.columns import extents, label_row
from corpus.formats.source import Source
from corpus.keeping import held_reviews, keep, told_papers
from corpus.metadata import Metadata
from corpus.new_snapshot import NewSnapshot
from corpus.papers import Papers
from corpus.parts import WHOLE
from corpus.records import Further, Problem, Reading, Review, Span
from corpus.review_keys import ReviewKeys
from corpus.settling import SETTLING, STAGED, STRAYS, staged_alignments, staged_labels, staged_scores
from corpus.store import code_digest


class Writer(NewSnapshot):
    """Builds the next snapshot of a store: what is kept of the old one, then what is added. Use it in a `with`."""

    def __init__(self, path: Path, old: Path | None, replaced: Set[int], raw_bytes: int = 0):
        """`raw_bytes` are those of the sources to come whose bytes are kept, as far as that is known."""
        super().__init__(path, raw_bytes, STAGED)
        self.lost_labels = 0
        self._replaced = replaced if old is not None else frozenset[int]()
        self.papers = Papers()
        self.keys = ReviewKeys()
        if old is not None:
            keep(self.connection, old, replaced, self.allow)
            self.papers.remember(*told_papers(self.connection))
            self.keys = ReviewKeys(held_reviews(self.connection))
        self._next = {name: self._highest(name) + 1 for name in ("sources", "reviews", "segments", "labels")}

    def add(self, corpus: str, source: Source, format: str, reading: Reading) -> None:
        """Adds a source and what was read from it; its reviews must be free of duplicates (`keys`)."""
        source_id = self._add_source(corpus, source, format, keep_bytes=format != "none")
        for paper in reading.papers:
            self.papers.tell(corpus, source.path, source_id, paper)
        places = extents(reading.spans)
        review_ids: list[int] = []
        segment_ids: dict[tuple[int, int], int] = {}
        for number, review in enumerate(reading.reviews):
            self.papers.tell(corpus, source.path, source_id, review.paper)
            review_ids.append(self._add_review(corpus, source_id, review))
            for position, segment_id in enumerate(
                self._add_segments(source_id, review_ids[-1], review, number, places)
            ):
                segment_ids[number, position] = segment_id
            self.put_all("staged_alignments", staged_alignments(review, self.papers.id(corpus, review.paper.key), None))
        for further in reading.further:
            self._add_further(corpus, source, source_id, further)
        self._add_spans(source_id, reading.spans, segment_ids)
        for p in reading.problems:
            self._add_problem(p, source_id, None if p.review is None else review_ids[p.review])
        self.flush_when_full()

    def join(self, metadata: Metadata, corpora: Set[str]) -> list[Problem]:
        """Joins metadata to the papers of `corpora`; its problems, which take the place of an earlier join's."""
        self.connection.execute("DELETE FROM problems WHERE kind = 'unmatched_metadata'")
        problems = self.papers.join(metadata, corpora)
        for problem in problems:
            self._add_problem(problem)
        return problems

    def settle(self) -> list[tuple[str | None, Problem]]:
        """Puts together what several sources tell of papers and reviews; paths and problems where they disagree."""
        for table, rows in (("papers", self.papers.rows()), ("tellings", self.papers.tellings())):
            for row in rows:
                self.put(table, row)
                self.flush_when_full()
        found: list[tuple[str | None, Problem]] = []
        for path, source_id, problem in self.papers.conflicts():
            self._add_problem(problem, source_id)
            found.append((path, problem))
        self.flush()
        for statement in SETTLING:
            self.connection.execute(statement)
        for source_id, review_id, key, annotator, n, lost in self.fetch(STRAYS):
            detail = f"{annotator}'s copy of review {key} has another text: {lost} of {n} labels found no sentence."
            problem = Problem("differing_copy", detail)
            self.lost_labels += lost
            self._add_problem(problem, source_id, review_id)
            path = self.fetch(f"SELECT path FROM sources WHERE source_id = {int(source_id)}")[0][0]
            found.append((path, problem))
        if self._replaced:
            found += self._carry()
        return found

    def publish(self, unless: str | None) -> str:
        """Numbers the reviews of every paper, then as any new snapshot."""
        self.flush()
        self._number_reviews()
        return super().publish(unless)

    def _carry(self) -> Iterator[tuple[str | None, Problem]]:
        """Carries over what was labelled here; paths and problems of what found no place."""
        for source_id, path, review_id, problem in carry(self.connection, self._replaced):
            self._add_problem(problem, source_id, review_id)
            yield path, problem

    def _add_further(self, corpus: str, source: Source, source_id: int, further: Further) -> None:
        """Stages what joins a review that another source holds."""
        review = further.review
        paper_id = self.papers.id(corpus, review.paper.key)
        self.papers.tell(corpus, source.path, source_id, review.paper)
        self.put_all("staged_labels", staged_labels(further, paper_id, source_id))
        self.put_all("staged_alignments", staged_alignments(review, paper_id, source_id, further.same))
        self.put_all("staged_scores", staged_scores(review, paper_id, source_id))
        if further.same:
            told = (review.reviewer, review.date, review.rating, review.confidence)
            self.put("staged_particulars", (paper_id, review.key, *told))

    def _add_source(
        self, corpus: str, source: Source, format: str, keep_bytes: bool, twin_of: int | None = None
    ) -> int:
        source_id = self._id("sources")
        digest = hashlib.sha256(source.data).hexdigest()
        now = datetime.now(UTC).replace(tzinfo=None)
        # Large files and their parts stay where they are: DuckDB would hold their bytes in memory, all at once.
        raw = source.data if keep_bytes and source.whole is None and len(source.data) <= WHOLE else None
        where = (source.path, source.origin, source.whole, source.root)
        told = (code_digest(source.mapping), twin_of, now)
        row = (source_id, corpus, *where, format, digest, len(source.data), raw, *told)
        self.put("sources", row, len(source.data))
        if source.twin is not None:
            twin_id = self._add_source(corpus, source.twin, "raw-twin", keep_bytes, source_id)
            if source.twin.data:
                self.put("spans", (twin_id, 0, 0, len(source.twin.data), "twin", None))
        return source_id

    def _add_review(self, corpus: str, source_id: int, review: Review) -> int:
        review_id = self._id("reviews")
        paper_id = self.papers.id(corpus, review.paper.key)
        n_words = len("".join(segment.text for segment in review.segments).split())
        told = (review.key, review.reviewer, review.kind, 0, review.date, review.rating, review.confidence, n_words)
        self.put("reviews", (review_id, paper_id, source_id, *told))
        for label in review.labels:
            self.put("labels", (self._id("labels"), review_id, None, *label_row(label, source_id)))
        for name, (value, detail) in review.scores.items():
            self.put("scores", (review_id, name, value, detail, None))
        return review_id

    def _add_segments(
        self,
        source_id: int,
        review_id: int,
        review: Review,
        number: int,
        places: dict[tuple[int, int], tuple[int, int]],
    ) -> Iterator[int]:
        at = 0
        for position, segment in enumerate(review.segments):
            segment_id = self._id("segments")
            end = at + len(segment.text)
            raw = places.get((number, position), (None, None))
            self.put("segments", (segment_id, review_id, position, segment.text, at, end, segment.field, *raw))
            at = end
            for label in segment.labels:
                self.put("labels", (self._id("labels"), review_id, segment_id, *label_row(label, source_id)))
            yield segment_id

    def _add_spans(self, source_id: int, spans: tuple[Span, ...], segment_ids: dict[tuple[int, int], int]) -> None:
        for position, span in enumerate(spans):
            at = None if span.review is None or span.segment is None else segment_ids[span.review, span.segment]
            self.put("spans", (source_id, position, span.start, span.end, span.kind, at))

    def _add_problem(self, problem: Problem, source_id: int | None = None, review_id: int | None = None) -> None:
        where = (source_id, review_id, problem.start, problem.end)
        self.put("problems", (*where, problem.kind, problem.detail, problem.snippet))

    def _number_reviews(self) -> None:
        """Numbers the reviews of a paper by key, `R2` before `R10`."""
        self.connection.execute(
            "UPDATE reviews SET position = place FROM (SELECT review_id, row_number() OVER "
            "(PARTITION BY paper_id ORDER BY length(review_key), review_key) - 1 AS place FROM reviews) numbered "
            "WHERE numbered.review_id = reviews.review_id"
        )

    def _id(self, table: str) -> int:
        self._next[table] += 1
        return self._next[table] - 1

    def _highest(self, table: str) -> int:
        return self.fetch(f"SELECT coalesce(max({table.removesuffix('s')}_id), 0) FROM {table}")[0][0]
