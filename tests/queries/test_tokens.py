"""What counts as a word."""

import polars as pl
import pytest
from spec import expect, frames, shuffled

from queries.filters import Filters
from queries.tokens import pattern, tokens, words

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


def test_accents_written_as_characters_of_their_own_stay_in_the_word():
    assert pl.DataFrame({"text": ["Cafe\u0301 हिन्दी"]}).select(words()).item().to_list() == ["cafe\u0301", "हिन्दी"]


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("art", "State of the Art.", True),
        ("art", "The start, partly.", False),
        ("isn't", "It isn’t clear.", True),
        ("state of", "the state\nof things", True),
        ("state of", "the state, of things", True),
        ("state of", "the state offers", False),
        ("x", "where $x_i$ is", True),
        ("x", "next max", False),
        ("α2", "with α2.", True),
        ("state-of-the-art", "a state-of-the-art model", True),
    ],
)
def test_the_pattern_of_a_term_finds_it_as_a_filter_does(term, text, found):
    searched = Filters(text=pattern(term), regex=True)
    assert pl.DataFrame({"text": [text]}).select(searched.predicate("segments")).item() is found


def test_the_pattern_of_a_lemma_finds_each_of_its_forms():
    searched = Filters(text=pattern("be", "is", "was"), regex=True).predicate("segments")
    texts = ["It was so.", "To be.", "A wasp, a bee, this."]
    assert pl.DataFrame({"text": texts}).select(searched).to_series().to_list() == [True, True, False]


def test_every_word_of_a_text_is_found_in_it_by_its_pattern():
    text = "The proof’s $\\ell_1$-norm isn't well-motivated (e.g. Fig. 3a); naïve, 0.5 vs 1e-3, don’t x_i, α/β!"
    frame = pl.DataFrame({"text": [text]})
    for word in frame.select(words()).item():
        assert frame.select(Filters(text=pattern(word), regex=True).predicate("segments")).item(), word
