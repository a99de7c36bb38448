"""Tokens: the words of segments, as every query on wording counts them."""

from __future__ import annotations

import polars as pl

#: A run of letters with their accents and digits, with hyphens and apostrophes inside it.
WORD = r"[\p{L}\p{M}\p{N}]+(?:['-][\p{L}\p{M}\p{N}]+)*"

#: How apostrophes are typed, in a pattern.
_APOSTROPHES = "['’ʼ‘]"

#: Words of formulas, which often stand beside an underscore; so do symbols of one or two characters.
_SYMBOLS = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi "
    "varphi chi psi omega ell max min".split()
)


def words(text: str | pl.Expr = "text") -> pl.Expr:
    """The words of a text as a list, in order, in lower case; curly apostrophes are straight. No words: empty list."""
    column = pl.col(text) if isinstance(text, str) else text
    return column.str.to_lowercase().str.replace_all("[’ʼ‘]", "'").str.extract_all(WORD)


def tokens(segments: pl.LazyFrame) -> pl.LazyFrame:
    """One row per word of each segment; sorted by segment_id and place.

    paper_id, review_id, segment_id
                  as in segments
    place         of the word in the segment, from 0
    token         the word in lower case
    """
    listed = segments.select("paper_id", "review_id", "segment_id", words().alias("token"))
    places = pl.int_ranges(pl.col("token").list.len()).alias("place")
    return (
        listed.filter(pl.col("token").list.len() > 0)
        .with_columns(places)
        .explode("token", "place")
        .select("paper_id", "review_id", "segment_id", "place", "token")
        .sort("segment_id", "place")
    )


def pattern(*forms: str) -> str:
    r"""The pattern, for a filter's text, that finds words of `tokens` in a text: `\bword\b`, of several any.

    Words with a space between them are neighbours, whatever stands between them that is no word. A symbol, such as x or
    alpha, may stand beside an underscore, as in formulas; other words are not looked for inside a name_like_this. It
    also finds what is part of a hyphenated word.
    """
    found = "|".join(r"[\W_]+".join(_escaped(word) for word in form.split(" ")) for form in forms)
    within = found if len(forms) == 1 else f"(?:{found})"
    edge = r"(?:\b|_)" if all(len(form) < 3 or form in _SYMBOLS for form in forms) else r"\b"
    return f"{edge}{within}{edge}"


def _escaped(word: str) -> str:
    """The word in a pattern; of what a word is made of, only apostrophes are typed in many shapes."""
    return word.replace("'", _APOSTROPHES)
