"""What people answered: the labelled reviews of a store, and the questions that a labeller can learn from them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from corpus.labeller.errors import LabellerError
from corpus.labeller.linear import CODES, POLARITY, Head
from corpus.schemes import schemes
from corpus.tables import GOLD, Frames

#: An annotator who "cannot tell" left the question open.
OPEN = ("CNT",)
POLARITIES = {-1: "NEG", 0: "NEU", 1: "POS", None: "null"}
#: A layer is learnt if it was answered on this many sentences, and on this share of its scheme's: below it was not
#: asked, and what stands there are slips.
LEAST_SENTENCES, LEAST_SHARE = 40, 0.02
#: A code is learnt if it was given this often, in this many papers.
LEAST_LABELS, LEAST_PAPERS = 5, 3
#: Below this many papers nothing can be held back for checking.
ENOUGH_PAPERS = 12
#: From this share of sentences with one code only on, the codes of a layer exclude each other.
_SINGLE = 0.98


class Answered(NamedTuple):
    """Reviews with what people answered about their sentences.

    reviews   review_id, paper (corpus/paper_key), kind, segment_ids, texts, fields (lists, in order); sorted by paper
    answers   segment_id, scheme, layer, code, polarity: of one person a sentence and layer
    """

    reviews: pl.DataFrame
    answers: pl.DataFrame


def sentences(frames: Frames) -> pl.LazyFrame:
    """Every review with sentences, as `Answered.reviews`."""
    texts = (
        frames.segments.sort("review_id", "position")
        .group_by("review_id", maintain_order=True)
        .agg(
            pl.col("segment_id").alias("segment_ids"),
            pl.col("text").alias("texts"),
            pl.col("field").cast(pl.String).alias("fields"),
        )
    )
    papers = frames.papers.select("paper_id", paper=pl.concat_str("corpus", pl.lit("/"), "paper_key"))
    kinds = frames.reviews.select("review_id", "paper_id", "review_key", pl.col("kind").cast(pl.String))
    joined = texts.join(kinds, on="review_id").join(papers, on="paper_id").sort("paper", "review_key")
    return joined.select("review_id", "paper", "kind", "segment_ids", "texts", "fields")


def answers(frames: Frames, scheme_names: Sequence[str]) -> pl.LazyFrame:
    """What people answered about sentences, as `Answered.answers`; a model's labels are none.

    Of several people the one counts whose correction it is (`user:…`), then gold, then the first by name.
    """
    who = pl.col("annotator").cast(pl.String)
    rank = pl.when(who.str.starts_with("user:")).then(0).when(who == GOLD).then(1).otherwise(2)
    own = frames.labels.filter(
        pl.col("segment_id").is_not_null(),
        pl.col("scheme").cast(pl.String).is_in(list(scheme_names)),
        ~who.str.starts_with("model:"),
    ).select(
        "segment_id",
        *(pl.col(name).cast(pl.String) for name in ("scheme", "layer", "code")),
        "polarity",
        who=pl.concat_str(rank.cast(pl.String), who),
    )
    first = own.filter(pl.col("who") == pl.col("who").min().over("segment_id", "scheme", "layer"))
    return first.drop("who").filter(~pl.col("code").is_in(list(OPEN))).unique().sort(pl.all())


def answered(frames: Frames, scheme: str, also: Sequence[str] = (), corpora: Sequence[str] = ()) -> Answered:
    """The reviews on which people answered by `scheme`, or by one of `also`. LabellerError where there are none."""
    known = {each.name: each for each in schemes()}
    for name in (scheme, *also):
        if name not in known:
            raise LabellerError(f"There is no scheme {name!r}; known are {', '.join(known)}.")
    if corpora:
        there = frames.papers.select(pl.col("corpus").unique().sort()).collect()["corpus"].to_list()
        if strange := [name for name in corpora if name not in there]:
            raise LabellerError(f"There is no corpus {strange[0]!r} here; there are {', '.join(there) or 'none'}.")
        papers = frames.papers.filter(pl.col("corpus").is_in(list(corpora)))
        frames = frames._replace(papers=papers, reviews=frames.reviews.join(papers, on="paper_id", how="semi"))
    told, reviews = pl.collect_all([answers(frames, (scheme, *also)), sentences(frames)])
    has = reviews.select("review_id", pl.col("segment_ids")).explode("segment_ids")
    told = told.join(has, left_on="segment_id", right_on="segment_ids", how="semi")
    if not told.filter(pl.col("scheme") == scheme).height:
        raise LabellerError(
            f"Nobody labelled a sentence by the scheme {scheme!r} here: there is nothing to learn from."
        )
    labelled = has.join(told, left_on="segment_ids", right_on="segment_id", how="semi")["review_id"].unique()
    return Answered(reviews.filter(pl.col("review_id").is_in(labelled.implode())), told)


def digest(texts: Sequence[str]) -> str:
    """What a review is known by in any store: a digest of its text."""
    return hashlib.sha256("".join(texts).encode()).hexdigest()[:16]


def heads(found: Answered, scheme: str, also: Sequence[str] = ()) -> tuple[Head, ...]:
    """The questions that can be learnt, those of `scheme` first, in the scheme's order; LabellerError if none can."""
    at = found.reviews.select("paper", "kind", pl.col("segment_ids").alias("segment_id")).explode("segment_id")
    placed = found.answers.join(at, on="segment_id")
    made: list[Head] = []
    whys: list[str] = []
    for name in (scheme, *also):
        own = placed.filter(pl.col("scheme") == name)
        for layer in next(each for each in schemes() if each.name == name).layers:
            if layer.target == "segment":
                here = own.filter(pl.col("layer") == layer.name)
                why = _unlearnable(here, own["segment_id"].n_unique())
                if why:
                    whys.append(f"{layer.name}: {why}")
                else:
                    made += _heads(name, layer.name, [c.code for c in layer.codes], here, sum(map(_size, made)))
        if name == scheme and not made:
            raise LabellerError(f"No layer of {scheme!r} can be learnt here. {'; '.join(whys)}.")
    return tuple(made)


def _size(head: Head) -> int:
    return len(head.names)


def _unlearnable(here: pl.DataFrame, of: int) -> str:
    """Why a layer cannot be learnt from these labels; empty if it can."""
    n, papers = here["segment_id"].n_unique(), here["paper"].n_unique()
    if n < LEAST_SENTENCES or n < LEAST_SHARE * of:
        return f"{n:,} labelled sentences, and {max(LEAST_SENTENCES, round(LEAST_SHARE * of)):,} are needed"
    if papers < ENOUGH_PAPERS:
        return f"labels on {papers} papers, and {ENOUGH_PAPERS} are needed, so that some can be kept for checking"
    often = _often(here)
    if len(often) < 2:
        return f"one code only is given often enough ({', '.join(often) or 'none'}); two are needed to tell apart"
    return ""


def _often(here: pl.DataFrame) -> list[str]:
    counted = here.group_by("code").agg(pl.len().alias("n"), pl.col("paper").n_unique().alias("papers"))
    return counted.filter(pl.col("n") >= LEAST_LABELS, pl.col("papers") >= LEAST_PAPERS)["code"].to_list()


def _heads(scheme: str, layer: str, codes: Sequence[str], here: pl.DataFrame, start: int) -> list[Head]:
    often = set(_often(here))
    names = tuple(code for code in codes if code in often)
    sizes = here.group_by("segment_id").agg(pl.col("code").n_unique().alias("n"))["n"]
    kinds = here.group_by("kind").agg(pl.len().alias("n")).filter(pl.col("n") >= LEAST_SHARE * here.height)
    single = (sizes == 1).sum() >= _SINGLE * len(sizes)
    where = (scheme, tuple(sorted(kinds["kind"])))
    made = [Head(layer, CODES, names, single, start, *where)]
    judged = here.filter(pl.col("code") != "none")
    counted = dict(judged.group_by("polarity").agg(pl.col("segment_id").n_unique()).rows())
    least = max(LEAST_LABELS, LEAST_SHARE * sum(counted.values()))
    given = tuple(name for value, name in POLARITIES.items() if counted.get(value, 0) >= least)
    if {"NEG", "POS"} <= set(given):
        made.append(Head(layer, POLARITY, given, True, start + len(names), *where))
    return made
