"""Mismatch: reviews whose rating, or whose paper's decision, their labels would not lead one to expect."""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.bootstrap import bootstrap
from queries.label_design import label_design
from queries.out_of_fold import Target, out_of_fold


def mismatch(frames: Frames, *, layer: str = "aspect", of: Target = "rating") -> pl.LazyFrame:
    """One row per review that can be judged, the greatest mismatch first, then by paper and review.

    layer         the key of the layer, or `common` for the shared aspects
    of            `rating`, or `decision`: acceptance of the paper
    rank          1 is the greatest mismatch; equal ones in the order of corpus, paper_key, position, review_key
    paper_id, corpus, paper_key, title, venue, year, decision, review_id, review_key, reviewer, kind, position, n
                  as in queries.label_design, papers and reviews
    fold          see queries.out_of_fold
    given, expected, usual, scale
                  see queries.out_of_fold: what is expected comes from a model that has not seen the paper
    residual      given less expected
    standardised  for ratings the residual in standard deviations of the ratings of its corpus, venue and year, over the
                  root mean square of these over all rows; for decisions Pearson's residual, residual /
                  √(expected · (1 − expected))
    probability   how improbable that is: for ratings the share of rows whose standardised residual is as far from 0 or
                  farther; for decisions the probability that was expected of the decision that was taken

    No rows where queries.out_of_fold expects nothing.
    """
    design = label_design(frames, layer=layer)
    titles = frames.papers.select("paper_id", "title")
    names = frames.reviews.select("review_id", "reviewer", "kind")
    residual = pl.col("given") - pl.col("expected")
    if of == "rating":
        scaled = pl.col("residual") / pl.col("scale")
        standardised = scaled / (scaled**2).mean().sqrt()
        probability = pl.col("standardised").abs().rank("max", descending=True) / pl.len()
    else:
        standardised = pl.col("residual") / (pl.col("expected") * (1 - pl.col("expected"))).sqrt()
        probability = 1 - pl.col("residual").abs()
    return (
        out_of_fold(design, of=of)
        .filter(pl.col("expected").is_not_null())
        .with_columns(residual.alias("residual"))
        .with_columns(standardised.fill_nan(0).alias("standardised"))
        .with_columns(probability.alias("probability"), pl.col("standardised").abs().alias("_size"))
        .join(titles, on="paper_id", how="left")
        .join(names, on="review_id", how="left")
        .sort(
            *("_size", "corpus", "paper_key", "position", "review_key", "review_id"),
            descending=[True, *[False] * 5],
        )
        .with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias("rank"))
        .select(
            *("rank", "paper_id", "corpus", "paper_key", "title", "venue", "year", "decision"),
            *("review_id", "review_key", "reviewer", "kind", "position", "n", "fold"),
            *("given", "expected", "usual", "scale", "residual", "standardised", "probability"),
        )
    )


def explained(judged: pl.LazyFrame) -> pl.LazyFrame:
    """One row: how much of the ratings, or decisions, the labels explain, out of fold.

    judged        the rows of `mismatch`
    n_reviews, n_papers
    r2, low, high 1 − Σ(given − expected)² / Σ(given − usual)², with ratings in standard deviations of their corpus,
                  venue and year: 0 is no better than the mean, 1 without error, below 0 worse than the mean. For
                  decisions that is Brier's skill score. 95 % interval, papers drawn again (queries.bootstrap)
    error, usual_error
                  mean distance of what was given from what was expected, and from what is usual, as it was given
    All null but the numbers, which are 0, where there are no rows.
    """
    scaled = [(pl.col("given") - pl.col(name)) / pl.col("scale") for name in ("expected", "usual")]
    counts = judged.select("paper_id", (scaled[0] ** 2).alias("part"), (scaled[1] ** 2).alias("whole"))
    ratio = bootstrap(counts, by=()).select(  # has no row where there are no papers
        pl.lit(0).alias("all"),
        (1 - pl.col("value")).alias("r2"),
        (1 - pl.col("high")).alias("low"),
        (1 - pl.col("low")).alias("high"),
    )
    errors = judged.select(
        pl.lit(0).alias("all"),
        pl.len().alias("n_reviews"),
        pl.col("paper_id").n_unique().alias("n_papers"),
        pl.col("residual").abs().mean().alias("error"),
        (pl.col("given") - pl.col("usual")).abs().mean().alias("usual_error"),
    )
    return errors.join(ratio, on="all", how="left").select(
        *("n_reviews", "n_papers", "r2", "low", "high", "error", "usual_error")
    )
