"""Lemmas: the form under which a dictionary lists a word, looked up with spaCy where its tables are installed.

The tables are in the package spacy-lookups-data, which is an extra of its own (`reviewscope[lemmas]`): 100 MB.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

import polars as pl

#: Words that one spaCy Doc holds.
_WORDS = 10_000


def installed() -> bool:
    """Whether words can be looked up here."""
    return find_spec("spacy_lookups_data") is not None


def lemmas(words: Iterable[str]) -> pl.DataFrame | None:
    """One row per distinct word, sorted by it: `word` and its English `lemma`; null (None) where not installed.

    Words are looked up as they stand, without regard to what is around them: `left` is always `leave`. A word that the
    table does not know is its own lemma.
    """
    distinct = sorted(set(words))
    if not installed():
        return None
    import spacy
    from spacy.tokens import Doc

    nlp = spacy.blank("en")  # made anew: its vocabulary is let go with all the words it has met
    lemmatizer = nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    nlp.initialize()
    docs = (Doc(nlp.vocab, distinct[at : at + _WORDS]) for at in range(0, len(distinct), _WORDS))
    found = [token.lemma_.lower() for doc in docs for token in lemmatizer(doc)]
    return pl.DataFrame({"word": distinct, "lemma": found}, schema={"word": pl.String, "lemma": pl.String})
