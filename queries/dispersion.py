"""Dispersion: where in reviews the hits of a pattern stand, how often they come, how evenly they fall on papers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from corpus.tables import Frames
from queries.bootstrap import bootstrap
from queries.fitting import fitted
from queries.hits import TENTHS, hits
from queries.intervals import LEVEL
from queries.layers import of_layer
from queries.polarity import COUNTS
from queries.tokens import words

_DRAWS = 500
#: Counts that are drawn at a time: papers times draws.
_AT_ONCE = 20_000_000
_SIGNS = dict(zip((1, 0, -1), COUNTS, strict=True))


def dispersion(frames: Frames, *, pattern: str, around: pl.LazyFrame | None = None) -> pl.LazyFrame:
    """One row per tenth of a review, counted in its code points: how many of all hits begin in it; sorted by it.

    tenth         0 to 9; each is there
    n             hits that begin in it
    n_papers      papers with a hit, in whatever tenth
    share         of all hits, 0 to 1; null where there is none. A tenth has 0.1 of them where place is of no matter
    low, high     percentile interval of the share, papers resampled; null with fewer than two papers

    The arguments are those of queries.hits; raises as it does.
    """
    found = hits(frames.segments, pattern=pattern, around=around).group_by("paper_id", "tenth").agg(pl.len().alias("n"))
    tenths = pl.LazyFrame({"tenth": range(TENTHS)}, schema={"tenth": pl.UInt8})
    every = found.group_by("paper_id").agg(pl.col("n").sum().alias("whole")).join(tenths, how="cross")
    counts = every.join(found, on=["paper_id", "tenth"], how="left").with_columns(pl.col("n").fill_null(0))
    shares = bootstrap(counts, by=["tenth"], part="n")
    n = pl.col("part").fill_null(0).cast(pl.UInt32).alias("n")
    return (
        tenths.join(shares, on="tenth", how="left")
        .sort("tenth")
        .select("tenth", n, pl.col("n_papers").fill_null(0), pl.col("value").alias("share"), "low", "high")
    )


def frequency(frames: Frames, *, pattern: str, by: Sequence[str] = ("year",), layer: str | None = None) -> pl.LazyFrame:
    """One row per group of the papers that have words: how often the pattern comes, for every 1,000 words; sorted.

    by            columns of papers; or `polarity`, that of a sentence's labels in `layer`: `negative`, `neutral` or
                  `positive`, null for a label without one. A sentence judged in two ways is in both groups, one without
                  a label of the layer in none
    n             hits
    n_words       words of the group (queries.tokens)
    n_papers      papers that have some
    rate          1,000 n / n_words
    low, high     its percentile interval, papers resampled; null with fewer than two papers

    Groups are sorted with null last. Raises FilterError for a pattern that is empty or cannot be run.
    """
    found = hits(frames.segments, pattern=pattern).group_by("segment_id").agg(pl.len().alias("n"))
    counted = (
        frames.segments.select("paper_id", "segment_id", words().list.len().alias("n_words"))
        .join(found, on="segment_id", how="left")
        .with_columns((pl.col("n").fill_null(0) * 1_000).alias("part"))
    )
    if "polarity" in by:
        sign = pl.col("polarity").replace_strict(_SIGNS, return_dtype=pl.Enum(list(reversed(COUNTS))))
        labels = of_layer(frames.labels, frames.codes, str(layer))
        judged = labels.filter(pl.col("segment_id").is_not_null()).select("segment_id", sign.alias("polarity")).unique()
        counted = counted.join(judged, on="segment_id")
    columns = [each for each in by if each != "polarity"]
    sums = (
        counted.group_by("paper_id", *(each for each in by if each == "polarity"))
        .agg(pl.col("part", "n_words").sum())
        .join(frames.papers.select("paper_id", *columns), on="paper_id")
    )
    rates = bootstrap(sums, by=list(by), whole="n_words")
    n = (pl.col("part") / 1_000).round().cast(pl.UInt32).alias("n")
    n_words = pl.col("whole").cast(pl.UInt32).alias("n_words")
    rates = rates.filter(pl.col("whole") > 0)
    return rates.select(*by, n, n_words, "n_papers", pl.col("value").alias("rate"), "low", "high")


def evenness(frames: Frames, *, pattern: str) -> pl.LazyFrame:
    """One row: how evenly hits fall on papers, by Gries's deviation of proportions.

    n             hits
    n_segments, n_papers
                  segments and papers that have one
    of_papers     papers with words (queries.tokens)
    n_words       their words
    dp            half the sum, over papers, of |share of the hits − share of the words|: 0 where every paper has as
                  many as its length lets expect, near 1 where one paper has them all (Gries 2008,
                  https://doi.org/10.1075/ijcl.13.4.02gri). Null without hits
    by_chance     the mean of dp where as many hits fall on words at random. Rare words cannot be spread evenly over
                  many papers, so that dp by itself tells little: what counts is how far it is above this
    low, high     what 95 in 100 such random falls lie between

    Raises FilterError for a pattern that is empty or cannot be run.
    """
    found = hits(frames.segments, pattern=pattern)
    by_paper = found.group_by("paper_id").agg(pl.len().alias("n"), pl.col("segment_id").n_unique().alias("n_segments"))
    sizes = frames.segments.group_by("paper_id").agg(words().list.len().sum().alias("n_words"))
    counts = (
        sizes.join(by_paper, on="paper_id", how="left")
        .join(frames.papers.select("paper_id", "corpus", "paper_key"), on="paper_id")
        .with_columns(pl.col("n", "n_segments").fill_null(0))
        .sort("corpus", "paper_key", "paper_id")
    )
    whole = dict.fromkeys(("n", "n_segments", "n_papers", "of_papers", "n_words"), pl.UInt32)
    return fitted(counts, _evenness, keeps=(), adds={**whole, **dict.fromkeys(_MEASURES, pl.Float64)})


_MEASURES = ("dp", "by_chance", "low", "high")


def _evenness(counts: pl.DataFrame) -> pl.DataFrame:
    """The row of `evenness` from n, n_segments and n_words by paper."""
    n, n_words = int(counts["n"].sum()), int(counts["n_words"].sum())
    told = {"n": n, "n_segments": counts["n_segments"].sum(), "n_papers": (counts["n"] > 0).sum()}
    told |= {"of_papers": (counts["n_words"] > 0).sum(), "n_words": n_words}
    measures = dict.fromkeys(_MEASURES)
    if n and n_words:
        expected = counts["n_words"].to_numpy() / n_words
        measures["dp"] = float(np.abs(counts["n"].to_numpy() / n - expected).sum() / 2)
        drawn = _by_chance(n, expected)
        low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        measures |= {"by_chance": float(drawn.mean()), "low": float(low), "high": float(high)}
    return pl.DataFrame([told | measures])


def _by_chance(n: int, expected: np.ndarray) -> np.ndarray:
    """The deviation of proportions of `n` hits that fall at random, again and again; the seed is fixed."""
    random, found = np.random.default_rng(1), []
    step = max(1, _AT_ONCE // len(expected))
    for start in range(0, _DRAWS, step):
        drawn = random.multinomial(n, expected, size=min(step, _DRAWS - start))
        found.append(np.abs(drawn / n - expected).sum(axis=1) / 2)
    return np.concatenate(found)
