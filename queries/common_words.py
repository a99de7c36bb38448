"""Common words: what a selection speaks of most, for somebody who does not know yet what to look for."""

from __future__ import annotations

import polars as pl

from queries.tokens import words

#: Words that say little by themselves: articles, pronouns, prepositions, conjunctions, auxiliaries, common adverbs;
#: and what web addresses are made of.
FUNCTION_WORDS = frozenset(
    "a about above across after again against all almost along already also although always am among an and "
    "another any are aren't around as at away be because been before being below between both but by can can't "
    "cannot could couldn't did didn't do does doesn't doing don't done down due during each either else "
    "especially even ever every few first for from further get gets given gives had hadn't has hasn't have "
    "haven't having he hence her here hers him his how however i i'd i'm i've if in indeed instead into is isn't "
    "it it's its itself just last least less let lot made make makes many may maybe me might more moreover most "
    "much must my myself namely need needs neither never no nor not nothing now of off often on once one ones "
    "only onto or other others otherwise our ours out over own per perhaps quite rather really same say says "
    "second see seem seems several shall she should shouldn't since so some somewhat still such take than that "
    "that's the their theirs them then there there's therefore these they thing things this those though three "
    "through throughout thus to together too toward towards two under until up upon us use used uses using very "
    "via was wasn't way we we've well were weren't what when where whereas whether which while who whole whose "
    "why will with within without won't would wouldn't yet you your yours http https www org com".split()
)


def common_words(segments: pl.LazyFrame, *, size: int = 1, n: int = 24) -> pl.LazyFrame:
    """One row per word, or per `size` words in a row within a segment; sorted by n_papers from high to low, n, term.

    term          in lower case, words with a space between them. None of its words is a function word, shorter than
                  three letters, or without a letter
    n             how often it occurs; of the same word twice in a row every second time counts too
    n_papers      papers that have it

    The first `n` rows. Function words are those of English: of other languages all words count.
    """
    listed = segments.select("paper_id", words().alias("word")).filter(pl.col("word").list.len() >= size)
    names = [f"word{at}" for at in range(size)]
    runs = (
        pl.col("word").list.slice(at, pl.col("word").list.len() - (size - 1)).alias(names[at]) for at in range(size)
    )
    counted = (
        listed.select("paper_id", *runs)
        .explode(names)
        .group_by("paper_id", *names)
        .agg(pl.len().alias("n"))
        .group_by(names)
        .agg(pl.col("n").sum(), pl.len().alias("n_papers"))
    )
    telling = [
        ~pl.col(each).is_in(sorted(FUNCTION_WORDS))
        & (pl.col(each).str.len_chars() > 2)
        & pl.col(each).str.contains(r"\pL")
        for each in names
    ]
    return (
        counted.filter(telling)
        .select(pl.concat_str(names, separator=" ").alias("term"), "n", "n_papers")
        .sort("n_papers", "n", "term", descending=[True, True, False])
        .head(n)
    )
