"""What counts as a word."""

import polars as pl
import pytest
from spec import expect, frames, shuffled

from queries.tokens import tokens, words

GIVEN = frames(
    reviews="review_id | paper_id\n---\n1 | 7",
    segments="""
        segment_id | review_id | text
        -----------+-----------+-------------------------------
        2          | 1         | State-of-the-art, isn’t it?
        1          | 1         | Ünïque $\\alpha_2$ (3.5%)
        3          | 1         | …
    """,
)


def test_words_in_order_without_punctuation():
    expect(
        tokens(GIVEN.segments),
        """
        paper_id | review_id | segment_id | place | token
        ---------+-----------+------------+-------+-----------------
        7        | 1         | 1          | 0     | ünïque
        7        | 1         | 1          | 1     | alpha
        7        | 1         | 1          | 2     | 2
        7        | 1         | 1          | 3     | 3
        7        | 1         | 1          | 4     | 5
        7        | 1         | 2          | 0     | state-of-the-art
        7        | 1         | 2          | 1     | isn't
        7        | 1         | 2          | 2     | it
        """,
    )


def test_the_order_of_rows_is_of_no_matter():
    assert tokens(shuffled(GIVEN).segments).collect().equals(tokens(GIVEN.segments).collect())


@pytest.mark.parametrize("text", ["", " ", "…", "--"])
def test_no_words(text):
    assert pl.DataFrame({"text": [text]}).select(words()).item().to_list() == []
