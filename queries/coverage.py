"""Coverage: how much of the text is labelled, and which codes are not used."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

_OF_LABELS = ("scheme", "layer", "annotator")
_OF_SEGMENTS = ("paper_id", "review_id")


def coverage(
    segments: pl.LazyFrame,
    labels: pl.LazyFrame,
    *,
    by: str | Sequence[str] = (),
    papers: pl.LazyFrame | None = None,
) -> pl.LazyFrame:
    """One row per group, sorted by it, nulls last; one row for all where `by` is empty.

    by            any of paper_id, review_id; scheme, layer, annotator, where a group is all segments and the labels
                  that have the value, for values that occur; and, if `papers` are given, columns of theirs (corpus,
                  venue, year, decision)
    n_segments    segments
    n_labelled_segments
                  those with a label of their own
    share         of the segments, 0 to 1; null where there are none
    n_reviews     reviews that have segments
    n_labelled_reviews
                  those with a label on them or on a segment: what tells the coverage of a scheme for whole reviews
    review_share  of the reviews, 0 to 1; null where there are none

    Raises ValueError for a column of papers without `papers`.
    """
    columns = (by,) if isinstance(by, str) else tuple(by)
    asked = [column for column in columns if column in _OF_LABELS]
    place = [column for column in columns if column not in _OF_LABELS]
    of_papers = [column for column in place if column not in _OF_SEGMENTS]
    if of_papers and papers is None:
        raise ValueError(f"coverage by {', '.join(of_papers)} needs papers")

    rows = segments.select("segment_id", *_OF_SEGMENTS)
    if papers is not None and of_papers:
        rows = rows.join(papers.select("paper_id", *of_papers), on="paper_id", how="left")
    sizes = _per(rows, place, pl.len().alias("n_segments"), pl.col("review_id").n_unique().alias("n_reviews"))
    if asked:
        sizes = sizes.join(labels.select(asked).unique(), how="cross")

    own = rows.join(labels.select("segment_id", *asked).unique(), on="segment_id", how="inner")
    whole = rows.select("review_id", *place).unique().join(labels.select("review_id", *asked).unique(), on="review_id")
    found = _per(own, columns, pl.len().alias("n_labelled_segments"))
    reviews = _per(whole, columns, pl.len().alias("n_labelled_reviews"))
    for part in (found, reviews):
        on = {"on": list(columns), "how": "left", "nulls_equal": True} if columns else {"how": "cross"}
        sizes = sizes.join(part, **on)
    labelled = pl.col("n_labelled_segments", "n_labelled_reviews").fill_null(0)
    return (
        sizes.with_columns(labelled)
        .select(
            *columns,
            *("n_segments", "n_labelled_segments"),
            _share("n_labelled_segments", "n_segments").alias("share"),
            *("n_reviews", "n_labelled_reviews"),
            _share("n_labelled_reviews", "n_reviews").alias("review_share"),
        )
        .sort(columns or "n_segments", nulls_last=True)
    )


def unused(codes: pl.LazyFrame, labels: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of `codes` that no label uses, in the schemes' order (scheme, layer, position)."""
    key = ["scheme", "layer", "code"]
    return codes.join(labels.select(key).unique(), on=key, how="anti").sort("scheme", "layer", "position", "code")


def _per(rows: pl.LazyFrame, by: Sequence[str], *counts: pl.Expr) -> pl.LazyFrame:
    return rows.group_by(by).agg(counts) if by else rows.select(counts)


def _share(part: str, whole: str) -> pl.Expr:
    return pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole))
