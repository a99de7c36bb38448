"""Key word in context: every hit of a pattern in the middle of its line, sorted by what stands around it.

The order of a concordance is what shows a word's uses: sorted by the words to its right, `baseline` falls into
baseline methods, baselines are, baselines should (Sinclair 1991, Corpus, Concordance, Collocation; Kilgarriff et al.
2014, https://doi.org/10.1007/s40607-014-0009-9).
"""

from __future__ import annotations

import polars as pl

from corpus.tables import Frames
from queries.hits import hits
from queries.layers import of_layer
from queries.passages import passages
from queries.provenance import guess
from queries.tokens import words

#: Left and right with a number: by that many words, the nearest first.
ORDERS = (
    *("text", "left1", "left2", "left3", "right1", "right2", "right3"),
    *("node", "retrograde", "paper", "year"),
)
#: Code points on either side in which the words to sort by are looked for.
_REACH = 120
_IN_TEXT = ("place", "start")


def kwic(
    frames: Frames,
    *,
    pattern: str,
    around: pl.LazyFrame | None = None,
    order: str = "text",
    width: int = 80,
    layer: str | None = None,
    tenth: int | None = None,
    offset: int = 0,
    n: int | None = None,
) -> pl.LazyFrame:
    """One row per hit of `pattern` (queries.hits), in the order asked for, then in that of the text.

    around        the segments that contexts are taken from, by default those of `frames`: a selection has holes
    order         `text`: by corpus, paper_key, place of the review, place in it. `left2`: by two words to the left, the
                  nearest first; `right2` likewise; `retrograde`: by the three words to the left, read backwards letter
                  by letter, so that endings come together. `node`: by the match itself. `paper`: by title, papers
                  without one last; `year`: the earliest first, unknown ones last. Case and punctuation count in none.
                  Letters go by code point: accented ones come after z
    width         code points of context on either side, from neighbouring segments too
    layer         key of a layer, whose labels give `marks`; null for none
    tenth         only hits that begin in this tenth of their review, 0 to 9
    offset, n     the stretch of rows to give, after sorting; n null for all. Texts around are made for that stretch
                  only, unless they are what is sorted by
    corpus, paper_id, paper_key, title, venue, year, decision, review_id, review_key, reviewer, kind, rating,
    segment_id, position, labels, label_list, guesses
                  as in queries.passages, of the segment that the hit is in
    left, node, right
                  joined, a stretch of the review as it is written
    start, end    of the node in the review, in code points
    marks         the segment's labels in `layer`, each once, as structs of `code` (text), `polarity` and, where only a
                  model gave it, `model` and `confidence` (queries.provenance.guess), in the schemes' order; null where
                  the segment has none

    Raises FilterError for a pattern that is empty or cannot be run, ValueError for an order that is not one of ORDERS,
    KeyError for an unknown layer.
    """
    if order not in ORDERS:
        raise ValueError(f"“{order}” is no order of a concordance: use one of {', '.join(ORDERS)}.")
    whole = frames.segments if around is None else around
    found = hits(frames.segments, pattern=pattern, around=whole).join(_places(frames), on="review_id")
    if tenth is not None:
        found = found.filter(pl.col("tenth") == tenth)
    if order.startswith(("left", "right", "retrograde")):
        found = _contexts(found, whole, _REACH)
    keys = _keys(order)
    rows = found.sort(*keys, *_IN_TEXT, nulls_last=True).slice(offset, n).with_row_index("rank").cache()
    rows = _contexts(rows, whole, width).select("rank", "segment_id", "start", "end", "left", "node", "right").cache()
    segments = frames.segments.join(rows, on="segment_id", how="semi")
    told = passages(frames._replace(segments=segments)).drop(
        "text", "guess_list", "review_labels", "review_label_list", "review_guesses", "review_guess_list"
    )
    return (
        rows.join(told, on="segment_id", how="left")
        .join(_marks(frames, layer, rows), on="segment_id", how="left")
        .sort("rank")
        .select(
            *("corpus", "paper_id", "paper_key", "title", "venue", "year", "decision", "review_id", "review_key"),
            *("reviewer", "kind", "rating", "segment_id", "position", "start", "end", "left", "node", "right"),
            *("labels", "label_list", "guesses", "marks"),
        )
    )


def _keys(order: str) -> list[pl.Expr]:
    """What rows are sorted by, before their place in the text."""
    left, right, n = words("left"), words("right"), int(order[-1]) if order[-1].isdigit() else 0
    if order.startswith("left"):
        return [left.list.get(-at, null_on_oob=True).fill_null("") for at in range(1, n + 1)]
    if order.startswith("right"):
        return [right.list.get(at, null_on_oob=True).fill_null("") for at in range(n)]
    return {
        "retrograde": [left.list.tail(3).list.join(" ").str.reverse()],
        "node": [pl.col("node").str.to_lowercase()],
        "paper": [pl.col("title").str.to_lowercase()],
        "year": [pl.col("year")],
    }.get(order, [])


def _places(frames: Frames) -> pl.LazyFrame:
    """review_id, place (of the review among all), and of its paper title and year."""
    order = ("corpus", "paper_key", "paper_id", "at", "review_id")
    return (
        frames.reviews.select("review_id", "paper_id", pl.col("position").alias("at"))
        .join(frames.papers.select("paper_id", "corpus", "paper_key", "title", "year"), on="paper_id")
        .sort(order)
        .select("review_id", "title", "year")
        .with_row_index("place")
    )


def _contexts(rows: pl.LazyFrame, segments: pl.LazyFrame, width: int) -> pl.LazyFrame:
    """The rows with `left` and `right`: what stands before and after their node in the review, as far as it goes."""
    reviews = (
        segments.join(rows.select("review_id").unique(), on="review_id", how="semi")
        .sort("review_id", "position")
        .group_by("review_id", maintain_order=True)
        .agg(pl.col("text").str.join(""))
    )
    first = pl.max_horizontal(pl.col("start") - width, pl.lit(0))
    left = pl.col("text").str.slice(first, pl.col("start") - first)
    right = pl.col("text").str.slice(pl.col("end"), width)
    return (
        rows.drop("left", "right", strict=False)
        .join(reviews, on="review_id", how="left")
        .with_columns(left.alias("left"), right.alias("right"))
        .drop("text")
    )


def _marks(frames: Frames, layer: str | None, rows: pl.LazyFrame) -> pl.LazyFrame:
    """segment_id and `marks`, the labels in the layer, for the segments of `rows`."""
    labels = frames.labels.join(rows, on="segment_id", how="semi")
    asked = labels.limit(0) if layer is None else of_layer(labels, frames.codes, layer)
    key = ("segment_id", "code", "polarity")
    return (
        asked.group_by(key)
        .agg(guess(asked))
        .unnest("guess")
        .sort(key, nulls_last=True)
        .group_by("segment_id", maintain_order=True)
        .agg(pl.struct(pl.col("code").cast(pl.String), "polarity", "model", "confidence").alias("marks"))
    )
