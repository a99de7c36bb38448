"""Sentences in their surroundings, and sentences found again by their places."""

from __future__ import annotations

import polars as pl
from spec import expect, frames, shuffled

from queries.located import located
from queries.surroundings import surroundings

FOUND = frames(
    """
    paper_id | title | venue
    ---------+-------+------
    1        | Tides | Port
    2        |       |
    """,
    """
    review_id | paper_id | reviewer
    ----------+----------+---------
    1         | 1        | Ann
    2         | 2        |
    """,
    """
    segment_id | review_id | position | text
    -----------+-----------+----------+------
    10         | 1         | 0        | Ébb.
    11         | 1         | 1        | Flow!
    12         | 1         | 2        | 𝒯en.
    13         | 1         | 3        | End
    20         | 2         | 0        | Alone
    """,
)


class TestSurroundings:
    def test_neighbours_are_of_the_same_review_and_places_count_code_points(self):
        expect(
            surroundings(FOUND, [12, 10, 20]),
            """
            segment_id | paper_key | title | review_key | reviewer | text  | start | end
            -----------+-----------+-------+------------+----------+-------+-------+----
            10         | p1        | Tides | r1         | Ann      | Ébb.  | 0     | 4
            12         | p1        | Tides | r1         | Ann      | 𝒯en.  | 9     | 13
            20         | p2        |       | r2         |          | Alone | 0     | 5
            """,
        )
        rows = {row["segment_id"]: row for row in surroundings(FOUND, [10, 12, 13, 20]).collect().to_dicts()}
        assert (rows[10]["before"], rows[10]["after"]) == ([], ["Flow!", "𝒯en."])
        assert (rows[12]["before"], rows[12]["after"]) == (["Ébb.", "Flow!"], ["End"])
        assert (rows[13]["before"], rows[13]["after"]) == (["Flow!", "𝒯en."], [])
        assert (rows[20]["before"], rows[20]["after"]) == ([], [])

    def test_a_place_is_where_the_text_stands_in_the_whole_review(self):
        whole = "".join(FOUND.segments.filter(pl.col("review_id") == 1).collect()["text"])
        for row in surroundings(FOUND, [10, 11, 12, 13]).collect().iter_rows(named=True):
            assert whole[row["start"] : row["end"]] == row["text"]

    def test_does_not_hang_on_the_order_of_rows(self):
        first = surroundings(FOUND, [13, 10]).collect()
        assert surroundings(shuffled(FOUND), [10, 13]).collect().equals(first)

    def test_how_many_neighbours(self):
        row = surroundings(FOUND, [11], n=1).collect().row(0, named=True)
        assert (row["before"], row["after"]) == (["Ébb."], ["𝒯en."])

    def test_bears_nothing_at_all(self):
        assert not surroundings(FOUND, []).collect().height
        assert not surroundings(frames(), [1]).collect().height


class TestLocated:
    PLACES = pl.LazyFrame(
        [
            ("demo", "p1", "r1", 9, 13, "there"),
            ("demo", "p1", "r1", 9, 12, "cut otherwise"),
            ("demo", "p2", "r1", 0, 5, "another review"),
            ("other", "p2", "r2", 0, 5, "another corpus"),
            ("demo", "p2", "r2", 0, 5, "there too"),
        ],
        schema=["corpus", "paper_key", "review_key", "start", "end", "note"],
        orient="row",
    )

    def test_finds_what_stands_at_a_place_and_keeps_its_columns(self):
        expect(
            located(FOUND, self.PLACES),
            """
            segment_id | note
            -----------+----------
            12         | there
            20         | there too
            """,
        )

    def test_goes_back_from_surroundings(self):
        around = surroundings(FOUND, [10, 11, 12, 13, 20])
        places = around.select("corpus", "paper_key", "review_key", "start", "end", pl.col("segment_id").alias("was"))
        found = located(shuffled(FOUND), places).collect()
        assert found["segment_id"].to_list() == found["was"].to_list() == [10, 11, 12, 13, 20]

    def test_bears_nothing_at_all(self):
        assert not located(FOUND, self.PLACES.head(0)).collect().height
        assert not located(frames(), self.PLACES).collect().height
