"""Collocates: the words that keep company with a pattern, more often than their frequency lets expect.

Surface co-occurrence (Evert 2008, Corpora and collocations, https://doi.org/10.1515/9783110213881.2.1212): every word
of the selection that is not part of a hit is either within the window of a hit or not, and counts once, however many
windows overlap there. Windows end where the sentence ends.
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from corpus.tables import Frames
from queries.fitting import fitted
from queries.hits import checked, cut
from queries.resampling import bounds, replicates
from queries.tokens import pattern as found_by
from queries.tokens import words

#: What collocates can be sorted by, each from the greatest down.
MEASURES = ("log_dice", "g2", "ratio", "n")
SPAN, LEAST = 4, 3

_LETTER, _JOINT = r"[\p{L}\p{M}\p{N}]", "['’ʼ‘-]"
#: What is left, between hits, of a word that a hit is cut out of, after the hit and before it: what the two characters
#: beyond the gap look like then, and what of the gap is part of the word.
_AFTER = (
    (rf"{_LETTER}$", rf"^(?:{_JOINT}?{_LETTER})+"),
    (rf"{_LETTER}{_JOINT}$", rf"^{_LETTER}(?:{_JOINT}?{_LETTER})*"),
)
_BEFORE = (
    (rf"^{_LETTER}", rf"(?:{_LETTER}{_JOINT}?)+$"),
    (rf"^{_JOINT}{_LETTER}", rf"(?:{_LETTER}{_JOINT}?)*{_LETTER}$"),
)


def collocates(
    frames: Frames, *, pattern: str, span: int = SPAN, least: int = LEAST, by: str = "log_dice", n: int = 50
) -> pl.LazyFrame:
    """One row per word (queries.tokens) that stands at most `span` words from a hit; sorted by `by`, then by the word.

    least         of a word's uses within windows: fewer, and it is left out
    by, n         one of MEASURES, from the greatest down; the first n words by it
    token         the word in lower case; words that a hit is, or is a part of, are never counted
    n, expected   its uses within windows, and how many there would be if windows drew words at random
    of            its uses in all, hits left out
    n_hits        hits of the pattern
    log_dice      14 + log2(2 n / (n_hits + of)): 14 for words that are only used together, one less for half as often;
                  hangs on no size of corpus (Rychlý 2008, A lexicographer-friendly association score)
    ratio         n / expected; its binary logarithm is the (pointwise) mutual information of Church & Hanks (1990)
    low, high     percentile interval of the ratio, papers resampled; null with fewer than two papers
    g2            log-likelihood ratio of the two-by-two table (Dunning 1993), negative for fewer than expected. It
                  takes words for independent, which those of one review are not: a measure to sort by, not a test
    n_papers      papers with the word in a window
    of_papers     papers with the word

    Raises FilterError for a pattern that is empty or cannot be run, ValueError for an unknown measure.
    """
    if by not in MEASURES:
        raise ValueError(f"“{by}” is no measure of collocates: use one of {', '.join(MEASURES)}.")
    found = cut(frames.segments, checked(pattern)).cache()
    beside = _beside(found, span).cache()
    others = (
        frames.segments.join(found.select("segment_id").unique(), on="segment_id", how="anti")
        .select("paper_id", words().alias("token"))
        .cache()
    )
    near = beside.filter("near").group_by("paper_id", "token").agg(pl.len().alias("n")).cache()
    kept = near.group_by("token").agg(pl.col("n").sum()).filter(pl.col("n") >= least).select("token")
    used = pl.concat([beside.select("paper_id", "token"), others.explode("token", empty_as_null=False)])
    of = used.join(kept, on="token", how="semi").group_by("paper_id", "token").agg(pl.len().alias("of"))
    by_paper = of.join(near, on=["paper_id", "token"], how="left").with_columns(pl.col("n").fill_null(0)).cache()
    sizes = _sizes(beside, others).cache()
    n_hits = found.select((pl.col("node") != "").sum().alias("n_hits"))
    top = _measured(by_paper, sizes, n_hits).sort(by, "token", descending=[True, False]).head(n).cache()
    rows = by_paper.join(top, on="token", how="semi").select("paper_id", "token", part="n", whole="of")
    every = sizes.select("paper_id", pl.lit(None, dtype=pl.String).alias("token"), "part", "whole")
    between = fitted(
        pl.concat([every, rows], how="vertical_relaxed").sort("paper_id", "token"),
        _intervals,
        keeps=(),
        adds={"token": pl.String, "low": pl.Float64, "high": pl.Float64},
    )
    return (
        top.join(between, on="token", how="left")
        .sort(by, "token", descending=[True, False])
        .select(
            *("token", "n", "expected", "of", "n_hits", "log_dice", "ratio", "low", "high", "g2"),
            *("n_papers", "of_papers"),
        )
    )


def together(pattern: str, token: str, span: int = SPAN) -> str:
    """A pattern, for the Rust crate `regex`, of stretches from a hit of `pattern` to `token` or the other way round.

    At most span − 1 words stand between. It finds every window with the word, but where an underscore or a
    superscript joins words; as it cannot look at what follows, it takes a part of a hyphenated word for the word too.
    """
    node, word = pattern.removeprefix("(?i)"), found_by(token)
    if not re.fullmatch(r"(?:[^\W_]|[ -]|\\s\+)+", node):
        node = f"(?:{node})"
    rest, gap = r"[\w'’-]*", rf"[\W_]*(?:[\w'’-]+[\W_]+){{0,{span - 1}}}?"
    return f"{node}{rest}{gap}{word}|{word}{gap}{rest}{node}"


def _beside(found: pl.LazyFrame, span: int) -> pl.LazyFrame:
    """The words between the hits of queries.hits.cut: paper_id, token, and `near` for one within a window."""
    since, stop = pl.col("since"), pl.col("since") + pl.col("gap").str.len_chars().cast(pl.Int64)
    first = pl.max_horizontal(since - 2, pl.lit(0))
    before, after = pl.col("text").str.slice(first, since - first), pl.col("text").str.slice(stop, 2)
    gap = pl.col("gap")
    for beyond, edges in ((before, _AFTER), (after, _BEFORE)):
        for edge, part in edges:
            gap = pl.when(beyond.str.contains(edge)).then(gap.str.replace(part, "")).otherwise(gap)
    follows, leads = since > 0, pl.col("node") != ""
    from_left, from_right = pl.col("place") < span, pl.col("n_words") - 1 - pl.col("place") < span
    return (
        found.select("paper_id", follows.alias("follows"), leads.alias("leads"), words(gap).alias("token"))
        .with_columns(pl.col("token").list.len().cast(pl.Int64).alias("n_words"))
        .with_columns(pl.int_ranges("n_words").alias("place"))
        .filter(pl.col("n_words") > 0)
        .explode("token", "place")
        .select("paper_id", "token", ((pl.col("follows") & from_left) | (pl.col("leads") & from_right)).alias("near"))
    )


def _sizes(beside: pl.LazyFrame, others: pl.LazyFrame) -> pl.LazyFrame:
    """paper_id, `part`: the words in its windows, `whole`: all its words."""
    own = beside.group_by("paper_id").agg(pl.col("near").sum().alias("part"), pl.len().alias("whole"))
    rest = others.group_by("paper_id").agg(pl.lit(0).alias("part"), pl.col("token").list.len().sum().alias("whole"))
    both = pl.concat([own, rest], how="vertical_relaxed")
    return both.group_by("paper_id").agg(pl.col("part", "whole").cast(pl.Int64).sum())


def _measured(by_paper: pl.LazyFrame, sizes: pl.LazyFrame, n_hits: pl.LazyFrame) -> pl.LazyFrame:
    """One row per word with all that needs no resampling."""
    n, of, near, whole = (pl.col(each).cast(pl.Float64) for each in ("n", "of", "near", "whole"))
    cells = (
        (n, near * of / whole),
        (of - n, (whole - near) * of / whole),
        (near - n, near * (whole - of) / whole),
        (whole - near - of + n, (whole - near) * (whole - of) / whole),
    )
    log_likelihood = 2 * pl.sum_horizontal(pl.when(o > 0).then(o * (o / e).log()).otherwise(0.0) for o, e in cells)
    expected = cells[0][1]
    return (
        by_paper.group_by("token")
        .agg(
            pl.col("n", "of").sum(),
            (pl.col("n") > 0).sum().alias("n_papers"),
            pl.len().alias("of_papers"),
        )
        .join(sizes.select(pl.col("part").sum().alias("near"), pl.col("whole").sum()), how="cross")
        .join(n_hits, how="cross")
        .with_columns(
            expected.alias("expected"),
            (n / expected).alias("ratio"),
            (14 + (2 * n / (pl.col("n_hits") + of)).log(2)).alias("log_dice"),
            pl.when(n < expected).then(-log_likelihood).otherwise(log_likelihood).alias("g2"),
        )
    )


def _intervals(rows: pl.DataFrame) -> pl.DataFrame:
    """`low` and `high` of each word's ratio: of the share of its uses that are in windows to that of all words."""
    tokens = sorted(rows["token"].drop_nulls().unique())
    group = rows["token"].replace_strict({each: at + 1 for at, each in enumerate(tokens)}, default=0).to_numpy()
    if not tokens or rows["paper_id"].n_unique() < 2:
        return pl.DataFrame({"token": tokens, "low": None, "high": None})
    found = replicates(rows["paper_id"].to_numpy(), group, rows["part"].to_numpy(), rows["whole"].to_numpy())
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = bounds(np.where(found[:, :1] > 0, found[:, 1:] / found[:, :1], np.nan))
    between = pl.DataFrame({"token": tokens, "low": low, "high": high})
    return between.with_columns(pl.col("low", "high").fill_nan(None))
