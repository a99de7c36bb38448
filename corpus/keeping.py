"""What a new snapshot keeps of the old one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from pathlib import Path

from duckdb import DuckDBPyConnection

from corpus.checks import enums
from corpus.parts import WHOLE
from corpus.review_keys import HeldReview, Key
from corpus.store import attachment
from corpus.tables import TABLES

# What people judged and lost is told for as long as there is a store, whichever file it was about.
_LASTING = """
    INSERT INTO problems SELECT NULL, NULL, NULL, NULL, kind::VARCHAR, detail, snippet FROM old.problems
    WHERE kind::VARCHAR IN ('lost_judgement', 'stale_model_labels')
"""


def keep(connection: DuckDBPyConnection, old: Path, replaced: Set[int], allow: Callable[[int], None]) -> None:
    """Copies what the old snapshot holds, but for the sources `replaced` and all that came from them.

    `connection` uses the new snapshot; the old one stays attached to it as `old`. `allow` is told first how many bytes
    of sources come with it.
    """
    _attach(connection, old, allow)
    gone = ", ".join(map(str, sorted(replaced))) or "NULL"
    sources = f"source_id NOT IN ({gone}) AND coalesce(twin_of NOT IN ({gone}), true)" if replaced else "true"
    kept = f"SELECT source_id FROM old.sources WHERE {sources}"
    reviews = f"review_id IN (SELECT review_id FROM old.reviews WHERE source_id IN ({kept}))"
    own_or_kept = f"{reviews} AND (source_id IS NULL OR source_id IN ({kept}))"
    conditions = {
        "sources": sources,
        "reviews": f"source_id IN ({kept})",
        "spans": f"source_id IN ({kept})",
        "problems": f"(source_id IS NULL OR source_id IN ({kept})) AND kind <> 'conflicting_paper'",
        "segments": reviews,
        **dict.fromkeys(("labels", "alignments", "scores"), own_or_kept),
        **dict.fromkeys(("models", "model_codes"), "true"),
    }
    _copy(connection, conditions)
    connection.execute(f"{_LASTING} AND source_id IS NOT NULL AND source_id NOT IN ({kept})")
    for column, table_name in (("aligned_segment_id", "segments"), ("aligned_review_id", "reviews")):
        there = f"SELECT {column.removeprefix('aligned_')} FROM {table_name}"
        connection.execute(f"UPDATE alignments SET {column} = NULL WHERE {column} NOT IN ({there})")


def keep_all(connection: DuckDBPyConnection, old: Path, allow: Callable[[int], None], **conditions: str) -> None:
    """Copies all that the old snapshot holds; of the tables named the rows that meet a condition.

    `connection` and `allow` as for `keep`.
    """
    _attach(connection, old, allow)
    everything = {table.name: "true" for table in TABLES if table.name not in ("schemes", "codes", "meta")}
    _copy(connection, everything | conditions)


def _attach(connection: DuckDBPyConnection, old: Path, allow: Callable[[int], None]) -> None:
    connection.execute(attachment(old, "old"))
    query = "SELECT coalesce(sum(n_bytes), 0)::BIGINT FROM old.sources WHERE n_bytes <= ? AND whole IS NULL"
    allow(int(connection.execute(query, [WHOLE]).fetchall()[0][0]))


def _copy(connection: DuckDBPyConnection, conditions: Mapping[str, str]) -> None:
    """Copies of every table the rows that meet its condition; enumerated values by name, as more may be known now."""
    kinds = enums()
    for table in TABLES:
        if table.name in conditions:
            columns = ", ".join(f'"{c.name}"::VARCHAR' if c.type in kinds else f'"{c.name}"' for c in table.columns)
            order = f" ORDER BY {', '.join(table.key)}" if table.key else ""
            connection.execute(
                f"INSERT INTO {table.name} SELECT {columns} FROM old.{table.name} WHERE {conditions[table.name]}{order}"
            )


def told_papers(connection: DuckDBPyConnection) -> tuple[list[tuple], list[tuple]]:
    """What the kept sources and the metadata tell of papers, as `Papers.remember` takes it."""
    ids = connection.sql("SELECT corpus, paper_key, paper_id FROM old.papers").fetchall()
    told = connection.sql(
        "SELECT p.corpus, p.paper_key, s.path, t.source_id, t.fields, t.extra FROM old.tellings t "
        "JOIN old.papers p USING (paper_id) LEFT JOIN sources s USING (source_id) "
        "WHERE t.source_id IS NULL OR s.source_id IS NOT NULL"
    ).fetchall()
    return ids, told


def held_reviews(connection: DuckDBPyConnection) -> Iterator[tuple[Key, HeldReview]]:
    """The reviews that the kept sources hold."""
    who = " UNION ".join(f"SELECT review_id, annotator FROM {table}" for table in ("labels", "alignments"))
    cursor = connection.cursor()
    cursor.execute("USE fresh")
    rows = cursor.execute(
        "SELECT p.corpus, p.paper_key, r.review_key, s.path, coalesce(t.digest, md5('')), coalesce(a.who, []), "
        "r.rating IS NOT NULL OR r.confidence IS NOT NULL OR EXISTS (FROM scores c WHERE c.review_id = r.review_id) "
        "FROM reviews r JOIN old.papers p USING (paper_id) JOIN sources s USING (source_id) "
        "LEFT JOIN (SELECT review_id, md5(string_agg(text, '' ORDER BY position)) AS digest FROM segments "
        "GROUP BY review_id) t USING (review_id) "
        f"LEFT JOIN (SELECT review_id, list(annotator) AS who FROM ({who}) GROUP BY review_id) a USING (review_id)"
    )
    while batch := rows.fetchmany(10_000):
        for corpus, paper, review, path, digest, who, scored in batch:
            yield (corpus, paper, review), HeldReview(path, digest, frozenset(who), scored)
