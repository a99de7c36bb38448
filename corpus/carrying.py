"""What was labelled here, by a model or a person, carried over to reviews that were read anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Set
from itertools import groupby

from duckdb import DuckDBPyConnection

from corpus.finding import SOUGHT, WORDS, find
from corpus.new_snapshot import MADE_HERE
from corpus.records import Problem
from corpus.tables import MODEL, USER

#: How many labels are carried at a time, a review counting as 20.
_MOST = 100_000
_SIGNS = {-1: ", negative", 0: ", neutral", 1: ", positive"}

# Reviews of the sources `gone` with labels that were made here, in stretches of their numbers that memory holds.
_STRETCHES = f"""
    SELECT min(review_id), max(review_id) FROM (
        SELECT review_id, sum(n + 20) OVER (ORDER BY review_id) // {{most}} AS part
        FROM (SELECT l.review_id, count(*) AS n FROM old.labels l JOIN old.reviews o USING (review_id)
              WHERE o.source_id IN ({{gone}}) AND l.source_id IS NULL AND {MADE_HERE.format("l.")} GROUP BY l.review_id)
    ) GROUP BY part ORDER BY part
"""
# Labels without a source on reviews of a stretch, with the review as this snapshot has it, or null.
_MADE = f"""
    CREATE TABLE memory.made AS
    SELECT l.*, r.review_id AS now_review, a.paper_key, o.review_key, a.corpus,
           dense_rank() OVER (ORDER BY l.segment_id, l.start, l."end") AS n
    FROM old.labels l JOIN old.reviews o ON o.review_id = l.review_id JOIN old.papers a ON a.paper_id = o.paper_id
    LEFT JOIN papers p ON p.corpus = a.corpus AND p.paper_key = a.paper_key
    LEFT JOIN reviews r ON r.paper_id = p.paper_id AND r.review_key = o.review_key
    WHERE o.source_id IN ({{gone}}) AND l.source_id IS NULL AND {MADE_HERE.format("l.")}
        AND l.review_id BETWEEN {{first}} AND {{last}}
"""
_COUNTED = f"""
    SELECT segment_id, start, text, row_number() OVER same AS nth, count(*) OVER (PARTITION BY review_id, words) AS of
    FROM (SELECT *, hash({WORDS.format("text")}) AS words FROM old.segments
          WHERE review_id IN (SELECT review_id FROM memory.made WHERE now_review IS NOT NULL))
    WINDOW same AS (PARTITION BY review_id, words ORDER BY position)
"""
_SEEK = (
    f"""
    INSERT INTO memory.sought
    SELECT m.n, m.now_review, s.start, s.text, s.nth, s.of, m.recut
    FROM (SELECT n, any_value(segment_id) AS segment_id, any_value(now_review) AS now_review,
                 bool_or(starts_with(annotator, '{USER}')) AS recut
          FROM memory.made WHERE segment_id IS NOT NULL AND start IS NULL AND now_review IS NOT NULL GROUP BY n) m
    JOIN ({_COUNTED}) s ON s.segment_id = m.segment_id
    """,
    f"""
    INSERT INTO memory.sought
    SELECT m.n, m.now_review, m.start, substring(t.whole, 1 + m.start, (m.stop - m.start)::BIGINT), NULL, NULL, m.recut
    FROM (SELECT n, any_value(review_id) AS review_id, any_value(now_review) AS now_review, any_value(start) AS start,
                 any_value("end") AS stop, bool_or(starts_with(annotator, '{USER}')) AS recut
          FROM memory.made WHERE start IS NOT NULL AND now_review IS NOT NULL GROUP BY n) m
    JOIN (SELECT review_id, string_agg(text, '' ORDER BY position) AS whole FROM old.segments
          WHERE review_id IN (SELECT review_id FROM memory.made WHERE start IS NOT NULL) GROUP BY review_id) t
    ON t.review_id = m.review_id
    """,
)
# A model is shown segments, not stretches of them: what is cut otherwise now it is to be shown again.
_PLACED = f"""
    CREATE TABLE memory.placed AS
    SELECT m.*, f.segment_id AS now_segment, f.start AS now_start, f."end" AS now_end,
           now_review IS NOT NULL AND (m.segment_id IS NULL OR f.n IS NOT NULL AND
               (f.start IS NULL OR starts_with(annotator, '{USER}'))) AS kept
    FROM memory.made m LEFT JOIN memory.found f USING (n)
"""
#: What a file brings of an annotator's gives way to what that annotator said here on the same segment and layer.
_GIVE_WAY = f"""
    DELETE FROM labels USING (SELECT DISTINCT annotator, now_review, now_segment, scheme::VARCHAR AS scheme,
        layer::VARCHAR AS layer FROM memory.placed WHERE kept) x
    WHERE labels.source_id IS NOT NULL AND {MADE_HERE.format("labels.")}
        AND x.annotator = labels.annotator AND x.now_review = labels.review_id
        AND x.now_segment IS NOT DISTINCT FROM labels.segment_id
        AND x.scheme = labels.scheme::VARCHAR AND x.layer = labels.layer::VARCHAR
"""
_CARRY = """
    INSERT INTO labels
    SELECT (SELECT coalesce(max(label_id), 0) FROM labels) + row_number() OVER (ORDER BY label_id),
           now_review, now_segment, scheme::VARCHAR, layer::VARCHAR, code::VARCHAR, polarity, annotator, confidence,
           raw, link, now_start, now_end, NULL
    FROM memory.placed WHERE kept ORDER BY label_id
"""
_LOST_JUDGEMENTS = f"""
    SELECT m.annotator, m.corpus, m.paper_key, m.review_key, m.n, m.scheme::VARCHAR, m.layer::VARCHAR, m.code::VARCHAR,
           m.polarity, substring(t.whole, 1 + coalesce(m.start, s.start)::BIGINT,
                                 (coalesce(m."end", s."end") - coalesce(m.start, s.start))::BIGINT),
           m.now_review, r.source_id, o.path
    FROM memory.placed m LEFT JOIN old.segments s ON s.segment_id = m.segment_id
    LEFT JOIN (SELECT review_id, string_agg(text, '' ORDER BY position) AS whole FROM old.segments WHERE review_id IN
               (SELECT review_id FROM memory.placed WHERE NOT kept AND starts_with(annotator, '{USER}'))
               GROUP BY review_id) t ON t.review_id = m.review_id
    LEFT JOIN reviews r ON r.review_id = m.now_review LEFT JOIN sources o ON o.source_id = r.source_id
    WHERE NOT kept AND starts_with(m.annotator, '{USER}') ORDER BY ALL
"""
_STALE = f"""
    SELECT annotator, count(*), count(DISTINCT segment_id) FROM memory.placed
    WHERE NOT kept AND starts_with(annotator, '{MODEL}') GROUP BY annotator ORDER BY annotator
"""

#: How many segments each model has labelled, once all labels are in.
RECOUNT = """
    UPDATE models SET n_labelled = n, n_segments = greatest(n_segments, n) FROM (
        SELECT m.annotator, count(DISTINCT l.segment_id) AS n FROM models m LEFT JOIN labels l USING (annotator)
        GROUP BY m.annotator
    ) x WHERE x.annotator = models.annotator
"""

#: Number and path of a file, number of a review, and the problem with it.
Lost = tuple[int | None, str | None, int | None, Problem]


def carry(connection: DuckDBPyConnection, replaced: Set[int]) -> list[Lost]:
    """Puts what was labelled here on reviews of the sources `replaced` onto these reviews as they are now.

    `connection` uses the new snapshot, all of whose reviews are in; the old one is attached to it as `old`. A label
    goes where its sentence is: the same words, in the review of the same key. Returned is what found no sentence, as
    number and path of the file that has the review now, number of the review (all null where there is none), and the
    problem: one for each judgement of a person on a sentence, one for each model.
    """
    gone = ", ".join(map(str, sorted(replaced)))
    lost: list[Lost] = []
    stale: Counter[tuple[str, str]] = Counter()
    for first, last in connection.sql(_STRETCHES.format(gone=gone, most=_MOST)).fetchall():
        connection.execute(_MADE.format(gone=gone, first=first, last=last))
        connection.execute(SOUGHT)
        for statement in _SEEK:
            connection.execute(statement)
        find(connection)
        for statement in (_PLACED, _GIVE_WAY, _CARRY):
            connection.execute(statement)
        lost += _lost_judgements(connection)
        for model, n_labels, n_segments in connection.sql(_STALE).fetchall():
            stale.update({(model, "labels"): n_labels, (model, "segments"): n_segments})
        for table in ("made", "sought", "found", "placed"):
            connection.execute(f"DROP TABLE memory.{table}")
    lost += _stale_models(connection, stale)
    connection.execute(RECOUNT)
    return lost


def _lost_judgements(connection: DuckDBPyConnection) -> Iterator[Lost]:
    rows = connection.sql(_LOST_JUDGEMENTS).fetchall()
    for (who, corpus, paper, review, _, scheme, layer), same in groupby(rows, key=lambda row: row[:7]):
        told = list(same)
        codes = "; ".join(f"{code}{_SIGNS.get(polarity, '')}" for *_, code, polarity, _, _, _, _ in told)
        text, review_id, source_id, path = told[0][9:]
        words = None if text is None else text.strip()
        sentence = "the whole review" if words is None else f"“{words}”"
        gone = "The review is" if review_id is None else "The sentence is"
        detail = (
            f"{who} judged {sentence} of review {review}, paper {paper} of {corpus}: {codes} ({layer}, {scheme}). "
            f"{gone} not there any more."
        )
        yield source_id, path, review_id, Problem("lost_judgement", detail, snippet=words)


def _stale_models(connection: DuckDBPyConnection, stale: Counter[tuple[str, str]]) -> Iterator[Lost]:
    for model in sorted({model for model, _ in stale}):
        n_labels, n_segments = stale[model, "labels"], stale[model, "segments"]
        detail = (
            f"{model}: {n_labels:,} labels on {n_segments:,} sentences that are not there any more. Annotate again."
        )
        connection.execute(
            "UPDATE models SET n_segments = n_segments - least(n_segments, ?) WHERE annotator = ?", [n_segments, model]
        )
        yield None, None, None, Problem("stale_model_labels", detail)
