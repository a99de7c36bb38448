"""Answers: on how many segments a layer was answered, by people or by a model, and on how many of them each code given.

An answer is one annotator's look at one segment. A person has answered where a label of theirs in the layer is, be it
`none`, but for CNT ("cannot tell"), which is no answer. A model has answered every segment that it was shown: where it
gave no label it abstained, which is part of how often it finds what is there, so such segments have to be counted.
"""

from __future__ import annotations

import polars as pl

from corpus.schemes import COMMON, keyed_layers
from corpus.tables import Frames
from queries.layers import of_layer
from queries.provenance import by_model, model_names
from queries.vocabulary import current

_PAPER = ("paper_id", "source")
_UNIT = (*_PAPER, "segment_id", "annotator")


def answers(
    frames: Frames, *, layer: str, codes: pl.LazyFrame | None = None, polarities: bool = True, any_code: bool = True,
    whole: Frames | None = None,
) -> pl.LazyFrame:  # fmt: skip
    """One row per paper, source, code and polarity that was given, and one for each paper and source; sorted by these.

    layer         by its key, or `common`
    codes         a frame with a column `code`: those to have rows; null: all that are given
    polarities    whether codes are counted by polarity too
    any_code      whether answers with any code are counted; if not, n is 0 where `code` is null
    whole         the frames before any filter, which tell what a model was shown; null: `frames`
    source        the model's annotator, as text; null: people, all of them together
    code          null: any code but `none`
    polarity      null: whatever it is
    n             answers with it; one with a code twice counts once
    answered      answers of the source in the paper, on the row whose code and polarity are null, which every paper
                  and source with answers has; 0 on the others

    People's answers stand: where a person has a label in the layer, what a model said of the segment is left out. A
    model was shown the segments of every review in which it has a label of the layer's scheme, if it has labels of the
    layer in any review of that kind; a review in which it found nothing at all in any layer of the scheme is missed.
    Labels on whole reviews are left out. Raises KeyError for a layer that no scheme has.
    """
    asking = _asking(layer)
    on_segments = pl.col("segment_id").is_not_null()
    asked = frames.labels.filter(on_segments & asking)
    given = of_layer(frames.labels, frames.codes, layer).filter(on_segments)
    people = asked.filter(~by_model(asked))
    told = pl.col("code").cast(pl.String) != "CNT"
    nobody = pl.lit(None, dtype=pl.String).alias("source")
    totals = [people.filter(told).select("paper_id", nobody, "segment_id", "annotator").unique()]
    units = [given.filter(~by_model(given) & told).with_columns(nobody)]
    if model_names(frames.labels) != ():
        source = pl.col("annotator").cast(pl.String).alias("source")
        seen = people.select("segment_id")
        of_models = given.filter(by_model(given) & told).join(seen, on="segment_id", how="anti")
        units.append(of_models.with_columns(source))
        models = asked.filter(by_model(asked)).select("annotator").unique()
        shown = _shown(whole or frames, models, layer, asking).join(frames.segments, on="review_id")
        totals.append(shown.join(seen, on="segment_id", how="anti").with_columns(source).select(_UNIT))
    found = pl.concat([each.select(*_UNIT, "code", "polarity") for each in units]).unique()
    return _counted(found, pl.concat(totals), codes, polarities, any_code)


def models_asked(frames: Frames, *, layer: str) -> pl.LazyFrame:
    """The models with labels on segments in a layer, by annotator as text: source, n (labels); sorted by source."""
    labels = of_layer(frames.labels, frames.codes, layer).filter(pl.col("segment_id").is_not_null())
    counted = labels.filter(by_model(labels)).group_by("annotator").agg(pl.len().alias("n"))
    return counted.select(pl.col("annotator").cast(pl.String).alias("source"), "n").sort("source")


def _counted(
    found: pl.LazyFrame, totals: pl.LazyFrame, codes: pl.LazyFrame | None, polarities: bool, any_code_: bool
) -> pl.LazyFrame:
    """The rows of `answers` from distinct answers with a code, and from all answers."""
    known = found.collect_schema()
    any_code, any_polarity = (pl.lit(None, dtype=known[name]).alias(name) for name in ("code", "polarity"))
    named = found.filter(pl.col("code").cast(pl.String) != "none")
    own = found if codes is None else found.join(codes.select("code").unique(), on="code", how="semi")
    judged = pl.col("polarity").is_not_null()
    pooled = [own.with_columns(any_polarity)]  # an answer may be there several times
    pooled += [named.with_columns(any_code, any_polarity)] if any_code_ else []
    pooled += [named.filter(judged).with_columns(any_code)] if any_code_ and polarities else []
    key = (*_PAPER, "code", "polarity")
    ways = [each.select(*_UNIT, "code", "polarity").unique() for each in pooled]
    ways += [own.filter(judged).select(*_UNIT, "code", "polarity")] if polarities else []
    n = pl.concat(ways).group_by(key).agg(pl.len().cast(pl.Int64).alias("n"))
    answered = totals.group_by(_PAPER).agg(pl.len().cast(pl.Int64).alias("answered"))
    every = answered.with_columns(any_code, any_polarity).join(n, on=key, how="left", nulls_equal=True)
    rest = n.filter(pl.col("code").is_not_null() | judged).with_columns(answered=pl.lit(0, dtype=pl.Int64))
    columns = (*key, "n", "answered")
    return pl.concat([every.with_columns(pl.col("n").fill_null(0)).select(columns), rest.select(columns)]).sort(key)


def _shown(whole: Frames, models: pl.LazyFrame, layer: str, asking: pl.Expr) -> pl.LazyFrame:
    """annotator, review_id: the reviews that each of `models` was shown for the layer."""
    labels = whole.labels.filter(by_model(whole.labels)).join(models, on="annotator", how="semi")
    kinds = whole.reviews.select("review_id", "kind")
    schemes = pl.any_horizontal(pl.col("scheme") == scheme for scheme in {scheme for scheme, _ in _pairs(layer)})
    of_scheme, of_layer_ = (
        labels.filter(each).select("annotator", "review_id").unique().join(kinds, on="review_id")
        for each in (schemes, asking)
    )
    labelled_kinds = of_layer_.select("annotator", "kind").unique()
    return of_scheme.join(labelled_kinds, on=("annotator", "kind"), how="semi").select("annotator", "review_id")


def _pairs(layer: str) -> list[tuple[str, str]]:
    """Scheme and layer behind a key; of `common` all that ask for an aspect."""
    if layer == COMMON:
        asking = current().asking
        return sorted({(s, of) for aspect, all_ in asking.items() if aspect != "none" for s, of, _ in all_})
    scheme, asked = keyed_layers()[layer]
    return [(scheme.name, asked.name)]


def _asking(layer: str) -> pl.Expr:
    return pl.any_horizontal((pl.col("scheme") == scheme) & (pl.col("layer") == of) for scheme, of in _pairs(layer))
