"""Hits: every match of a pattern in the sentences of a selection, with its place in the review."""

from __future__ import annotations

import polars as pl

from queries.filters import FilterError, Filters

#: More matches than these are letters or the most common words: nothing to read line by line, and long to count.
MOST = 500_000
#: Parts that a review is cut into where it is asked in which of them hits stand.
TENTHS = 10


def checked(pattern: str) -> str:
    """The pattern itself. Raises FilterError, which is a ValueError, for one that is empty or cannot be run."""
    if not pattern:
        raise FilterError("A concordance needs a text or a regular expression to look for.")
    Filters(text=pattern, regex=True)
    return pattern


def cut(segments: pl.LazyFrame, pattern: str) -> pl.LazyFrame:
    """The segments with a hit, cut at their hits: one row per hit, and a last one per segment; in the text's order.

    pattern       for the Rust crate `regex`; checked by who calls
    paper_id, review_id, segment_id, position, text
                  as in segments
    gap           what stands before the hit, since the one before it; in the last row what stands after all of them
    node          the hit; empty in the last row. The gaps and nodes of a segment, joined, are its text
    since, end    in code points of the segment: where the gap begins, 0 without a hit before; where the node ends

    A match without any character is no hit.
    """
    nodes, gaps = pl.col("text").str.extract_all(pattern), pl.col("text").str.split(pattern, literal=False)
    met = segments.filter(pl.col("text").str.contains(pattern)).with_columns(nodes.alias("node"), gaps.alias("gap"))
    length, size = (pl.col(each).str.len_chars().cast(pl.Int64) for each in ("text", "node"))
    whole = (pl.col("gap").str.len_chars().cast(pl.Int64) + size).cum_sum()
    first, last = (pl.col("segment_id").ne_missing(pl.col("segment_id").shift(by)) for by in (1, -1))
    since = pl.when(first).then(0).otherwise(pl.col("end").shift(1))
    # One run of cumulated lengths through all segments, less what stood before each: far faster than a window each.
    return (
        met.select(
            *("paper_id", "review_id", "segment_id", "position", "text"),
            pl.concat_list("node", pl.lit("")),
            "gap",
            (length.cum_sum() - length).alias("before"),
        )
        .explode("node", "gap")
        .with_columns((whole - pl.col("before")).alias("end"), last.alias("last"))
        .filter((pl.col("node") != "") | pl.col("last"))
        .with_columns(since.alias("since"))
        .with_columns(pl.col("text").str.slice(pl.col("since"), pl.col("end") - pl.col("since") - size).alias("gap"))
        .filter((pl.col("node") != "") | (pl.col("since") > 0))
        .select("paper_id", "review_id", "segment_id", "position", "text", "gap", "node", "since", "end")
    )


def hits(segments: pl.LazyFrame, *, pattern: str, around: pl.LazyFrame | None = None) -> pl.LazyFrame:
    """One row per match, from left to right without overlap; sorted by segment_id and place in it.

    pattern       for the Rust crate `regex`, which takes linear time. A match without any character is no hit
    around        the segments that reviews are made of; by default `segments`, which may be a selection of them
    paper_id, review_id, segment_id, position
                  as in segments
    node          the match as it stands
    start, end    its first code point in the review, from 0, and the one after its last
    length        of the review in code points
    tenth         of the review in which it begins, 0 to 9

    Raises FilterError for a pattern that is empty or cannot be run.
    """
    found = cut(segments, checked(pattern)).filter(pl.col("node") != "").drop("text", "gap", "since").cache()
    size = pl.col("node").str.len_chars().cast(pl.Int64)
    return (
        found.join(_offsets(segments if around is None else around, found), on="segment_id")
        .with_columns((pl.col("offset") + pl.col("end")).alias("end"))
        .with_columns((pl.col("end") - size).alias("start"))
        .with_columns((pl.col("start") * TENTHS // pl.col("length")).cast(pl.UInt8).alias("tenth"))
        .select(*("paper_id", "review_id", "segment_id", "position", "node", "start", "end", "length", "tenth"))
        .sort("segment_id", "start")
    )


def extent(found: pl.LazyFrame) -> pl.LazyFrame:
    """One row for rows of `hits`: n, and n_segments, n_reviews and n_papers with any."""
    return found.select(
        pl.len().alias("n"), *(pl.col(f"{each}_id").n_unique().alias(f"n_{each}s") for each in _WITH_HITS)
    )


def matches(segments: pl.LazyFrame, *, pattern: str) -> pl.LazyFrame:
    """One row: `n`, how often the pattern matches, empty matches too. A quick look before all hits are asked for."""
    return segments.select(pl.col("text").str.count_matches(checked(pattern)).sum().alias("n"))


_WITH_HITS = ("segment", "review", "paper")


def _offsets(segments: pl.LazyFrame, found: pl.LazyFrame) -> pl.LazyFrame:
    """segment_id, offset (its first code point in the review), length (of the review): for the reviews of `found`."""
    review, reached = pl.col("review_id"), pl.col("reached")
    first, last = review.ne_missing(review.shift(1)), review.ne_missing(review.shift(-1))
    base = pl.when(first).then(reached - pl.col("size")).forward_fill()
    return (
        segments.join(found.select("review_id").unique(), on="review_id", how="semi")
        .select("review_id", "segment_id", "position", pl.col("text").str.len_chars().cast(pl.Int64).alias("size"))
        .sort("review_id", "position")
        .with_columns(pl.col("size").cum_sum().alias("reached"))
        .with_columns(base.alias("base"), pl.when(last).then(reached).backward_fill().alias("top"))
        .select(
            "segment_id",
            (reached - pl.col("size") - pl.col("base")).alias("offset"),
            (pl.col("top") - pl.col("base")).alias("length"),
        )
    )
