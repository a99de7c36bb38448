"""Sentences found again in a snapshot whose text or cuts may differ from those that they were taken from."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb
import polars as pl
from duckdb import DuckDBPyConnection

from corpus.store import attachment

#: What stands between sentences and is no part of their words.
_BLANKS = "chr(32) || chr(9) || chr(10) || chr(13)"
WORDS = f"trim({{}}, {_BLANKS})"

#: What is sought: a number, the review as numbered in this snapshot, first code point, text, the how manieth of how
#: many sentences of these words in its review (null: unknown), and whether it may be found where cuts are others.
SOUGHT = (
    "CREATE TABLE memory.sought (n BIGINT, review_id UINTEGER, start UINTEGER, text VARCHAR, nth BIGINT, of BIGINT, "
    "recut BOOLEAN)"
)

# Digests instead of words: a join holds them in memory.
_THERE = f"""
    CREATE TABLE memory.there AS
    SELECT segment_id, review_id, start, words,
           row_number() OVER same AS nth, count(*) OVER (PARTITION BY review_id, words) AS of
    FROM (SELECT segment_id, review_id, start, hash({WORDS.format("text")}) AS words FROM segments
          WHERE review_id IN (SELECT review_id FROM memory.sought))
    WINDOW same AS (PARTITION BY review_id, words ORDER BY start)
"""
# Of sentences with the same words the one at the same place among as many, else the nearest. Those whose
# like were counted are found once each.
_ORDER = "NOT alike, distance, place"
_FOUND = f"""
    CREATE TABLE memory.found AS
    SELECT n, review_id, segment_id, NULL::UINTEGER AS start, NULL::UINTEGER AS "end" FROM (
        SELECT x.n, x.of, s.review_id, s.segment_id, s.start AS place, (x.of = s.of AND x.nth = s.nth) IS TRUE AS alike,
               abs(s.start::BIGINT - x.start::BIGINT) AS distance
        FROM memory.sought x JOIN memory.there s
            ON s.review_id = x.review_id AND s.words = hash({WORDS.format("x.text")})
        QUALIFY row_number() OVER (PARTITION BY x.n ORDER BY {_ORDER}) = 1
    ) QUALIFY row_number() OVER (PARTITION BY if(of IS NULL, -n, segment_id) ORDER BY {_ORDER}, n) = 1
"""
# Where the words stand but sentences are cut otherwise: the segment in which they begin, with their own extent.
_RECUT = f"""
    INSERT INTO memory.found
    SELECT x.n, x.review_id, s.segment_id, x.at, (x.at + length(x.words))::UINTEGER FROM (
        SELECT n, review_id, words,
               (CASE WHEN substring(whole, 1 + start + lead, length(words)) = words THEN start + lead
                     ELSE instr(whole, words) - 1 END)::INTEGER AS at
        FROM (SELECT n, review_id, start, {WORDS.format("text")} AS words,
                     length(text) - length(ltrim(text, {_BLANKS})) AS lead
              FROM memory.sought WHERE recut AND n NOT IN (SELECT n FROM memory.found))
        JOIN (SELECT review_id, string_agg(text, '' ORDER BY position) AS whole FROM segments
              WHERE review_id IN (SELECT review_id FROM memory.sought WHERE recut) GROUP BY review_id)
        USING (review_id)
        WHERE words <> ''
    ) x JOIN segments s ON s.review_id = x.review_id AND s.start <= x.at AND x.at < s."end" WHERE x.at >= 0
"""


def find(connection: DuckDBPyConnection) -> None:
    """Makes `memory.found` of `memory.sought`: n, review_id, segment_id, start, end; no row for what is not there.

    A sentence is found by its words, white space around them aside. `start`, `end` are code points of the review's
    text, null where a segment is the sentence. No segment is found for two of those with `nth` and `of`.
    """
    connection.execute(_THERE)
    connection.execute(_FOUND)
    connection.execute(_RECUT)
    connection.execute("DROP TABLE memory.there")


def find_in(db: Path, sought: pl.DataFrame) -> pl.DataFrame:
    """Where sentences are in the store at `db`: n, segment_id, start, end as `find` has them.

    `sought` has n, corpus, paper_key, review_key, start and text.
    """
    with closing(duckdb.connect(config={"threads": 1})) as connection:
        connection.execute(attachment(db, "store"))
        connection.execute("USE store")
        connection.execute(SOUGHT)
        connection.execute(
            "INSERT INTO memory.sought SELECT x.n, r.review_id, x.start, x.text, NULL, NULL, true FROM sought x "
            "JOIN papers p ON p.corpus = x.corpus AND p.paper_key = x.paper_key "
            "JOIN reviews r ON r.paper_id = p.paper_id AND r.review_key = x.review_key"
        )
        find(connection)
        return connection.sql('SELECT n, segment_id, start, "end" FROM memory.found ORDER BY n').pl()
