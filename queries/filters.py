"""Filters: one value that is a URL, a Polars predicate, a selection of frames and an English sentence.

Every field left at its default asks for nothing. Values within a field are alternatives, fields are all required, and
all conditions on sentences, with the text, must hold on the same sentence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal

import polars as pl

from corpus.schemes import schemes
from corpus.tables import DECISIONS, MODEL, REVIEW_KINDS, Frames
from queries.conditions import Condition, FilterError
from queries.provenance import by_model, model_names, standing
from queries.wording import sentence

__all__ = ["KEYS", "UNKNOWN", "WHOSE", "Condition", "FilterError", "Filters"]

#: Asks for papers whose decision is null; no code and no annotation.
UNKNOWN = "none"

#: By whom labels are to be; by people and models where none of the two is asked for.
WHOSE = ("people", "models")

#: Fields that hold several values, with their keys in a URL.
_KEYS = {
    "corpora": "corpus",
    "venues": "venue",
    "years": "year",
    "decisions": "decision",
    "papers": "paper",
    "schemes": "scheme",
    "conditions": "label",
    "annotators": "annotator",
    "kinds": "kind",
}

#: Every key of a URL that filters understand.
KEYS = (*_KEYS.values(), "q", "re", "rating", "whose")


@dataclass(frozen=True)
class Filters:
    """What to select. Raises FilterError, when built, for whatever no corpus could ever meet or Polars not run.

    corpora, venues, annotators   names; one that no corpus holds matches nothing
    years                         whole numbers
    decisions                     accept, reject, withdrawn, or `none` for papers whose decision is null
    papers                        as corpus/paper_key
    schemes, annotators           reviews with a label of theirs; other labels are out of the selection
    conditions                    labels that must all be on the same segment; one of a layer that labels whole reviews
                                  asks for reviews instead, all of those on the same review
    kinds                         review, meta_review, rebuttal, comment
    text                          what a segment must contain, in any case, white space standing for any white space;
                                  with `regex` a pattern of the Rust crate `regex`, which takes linear time
    rating                        least and greatest overall score, both included, null for no bound; a review without
                                  a rating meets no bound
    whose                         `people` or `models`: labels by them only, which drops no review by itself. Not asked,
                                  models fill the gaps that people left (queries.provenance.standing); labels of a model
                                  that `annotators` names all stay

    Values are put into order and repeats taken out, so that filters that mean the same are equal.
    """

    corpora: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    decisions: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    annotators: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    text: str = ""
    regex: bool = False
    rating: tuple[float | None, float | None] = (None, None)
    whose: str = ""

    def __post_init__(self) -> None:
        settle = {
            **{name: tuple(sorted(set(getattr(self, name)))) for name in ("corpora", "venues", "papers", "annotators")},
            "years": tuple(sorted({_year(year) for year in self.years})),
            "decisions": _known("decision", self.decisions, (*DECISIONS, UNKNOWN)),
            "schemes": _known("scheme", self.schemes, [scheme.name for scheme in schemes()]),
            "kinds": _known("kind", self.kinds, REVIEW_KINDS),
            "conditions": tuple(sorted({c.checked() for c in self.conditions}, key=lambda c: c.order)),
            "regex": self.regex and self.text != "",
            "rating": _bounds(*self.rating),
            "whose": next(iter(_known("choice of whose labels", (self.whose,) if self.whose else (), WHOSE)), ""),
        }
        for name, value in settle.items():
            object.__setattr__(self, name, value)
        if self.text:
            _try(self.pattern, self.text)

    # --- URL ---------------------------------------------------------------------------------------------------------

    @classmethod
    def from_query(cls, query: Mapping[str, str | Sequence[str]]) -> Filters:
        """The filters that the parameters of a URL ask for; keys of others and empty values are passed over."""
        given = {key: [v for v in ([value] if isinstance(value, str) else value) if v] for key, value in query.items()}
        values: dict = {name: tuple(given.get(key, ())) for name, key in _KEYS.items()}
        values["conditions"] = tuple(Condition.parse(text) for text in values["conditions"])
        one = {key: given[key][-1] for key in ("q", "re", "rating", "whose") if given.get(key)}
        regex = one.get("re", "0").casefold() in ("1", "true")
        rating, whose = _range(one.get("rating", "..")), one.get("whose", "")
        return cls(**values, text=one.get("q", ""), regex=regex, rating=rating, whose=whose)

    def to_query(self) -> dict[str, list[str]]:
        """The parameters of a URL that ask for the same; only what is set."""
        query = {key: [str(value) for value in getattr(self, name)] for name, key in _KEYS.items()}
        query |= {"q": [self.text] if self.text else [], "re": ["1"] if self.regex else []}
        if self.rating != (None, None):
            query["rating"] = ["..".join(_number(bound) for bound in self.rating)]
        query["whose"] = [self.whose] if self.whose else []
        return {key: values for key, values in query.items() if values}

    # --- words -------------------------------------------------------------------------------------------------------

    def sentence(self, n: Mapping[str, int] | None = None) -> str:
        """One English sentence that names the selection; with `n`, as a row of `counts`, how much it holds."""
        return sentence(self, n)

    @property
    def restricted(self) -> tuple[str, ...]:
        """The names of the fields that ask for something."""
        return tuple(f.name for f in fields(self) if getattr(self, f.name) != f.default)

    # --- Polars ------------------------------------------------------------------------------------------------------

    @property
    def pattern(self) -> str:
        """The pattern, for the Rust crate `regex`, that a segment's text must match; empty where none is asked."""
        if not self.text:
            return ""
        if self.regex:
            return f"(?i){self.text}"
        return "(?i)" + r"\s+".join(_literal(word) for word in re.split(r"[ \t\r\n]+", self.text))

    def predicate(self, table: Literal["papers", "reviews", "segments", "labels"]) -> pl.Expr:
        """Whether a row of `table` meets what its own columns can tell; true where nothing is asked."""
        return pl.all_horizontal(self._parts(table) or [pl.lit(True)])

    def _parts(self, table: str) -> list[pl.Expr]:
        """What is asked of the columns of `table`."""
        if table == "papers":
            known = [decision for decision in self.decisions if decision != UNKNOWN]
            decided = pl.col("decision").is_in(known).fill_null(UNKNOWN in self.decisions)
            return [
                *_one_of(pl.col("corpus"), self.corpora),
                *_one_of(pl.col("venue"), self.venues),
                *_one_of(pl.col("year"), self.years),
                *([decided] if self.decisions else []),
                *_one_of(pl.concat_str("corpus", pl.lit("/"), "paper_key"), self.papers),
            ]
        if table == "reviews":
            least, most = self.rating
            return [
                *_one_of(pl.col("kind"), self.kinds),
                *([pl.col("rating") >= least] if least is not None else []),
                *([pl.col("rating") <= most] if most is not None else []),
            ]
        if table == "segments":
            return [pl.col("text").str.contains(self.pattern)] if self.text else []
        return [*self._of_label(), *({"people": [~_MODEL], "models": [_MODEL]}.get(self.whose, []))]

    def _of_label(self) -> list[pl.Expr]:
        """What is asked of a label besides by whom it is to be."""
        return [*_one_of(pl.col("scheme"), self.schemes), *_one_of(pl.col("annotator"), self.annotators)]

    def standing(self, labels: pl.LazyFrame) -> pl.LazyFrame:
        """Of `labels` those that the schemes and annotators asked for allow, and that stand as `whose` tells."""
        return self._whose(labels.filter(*self._of_label()))

    def _whose(self, labels: pl.LazyFrame) -> pl.LazyFrame:
        """The labels of those that `whose` asks for; of everybody, people's before models'."""
        if not self.whose:
            return labels if self.annotators else standing(labels)  # named, a model is asked for all that it said
        if self.whose == "people":
            return labels if model_names(labels) == () else labels.filter(~by_model(labels))
        return labels.filter(by_model(labels))

    def apply(self, frames: Frames) -> Frames:
        """The selection: papers, their reviews, the segments of these that meet all, and the labels of those.

        Where anything below papers is asked, papers and reviews stay only if something of theirs does. Labels on whole
        reviews stay with their reviews, but go where a text or a condition on segments is asked. Codes are untouched;
        the order of rows is not fixed.
        """
        papers, reviews, segments, labels, codes, models = frames
        on_papers, on_reviews = (bool(self._parts(table)) for table in ("papers", "reviews"))
        on_labels = bool(self.schemes or self.annotators)
        on_segments = self.text != "" or any(c.target == "segment" for c in self.conditions)
        on_reviews = on_reviews or on_labels or any(c.target == "review" for c in self.conditions)

        labels = labels.filter(*self._of_label())
        if on_papers:
            papers = papers.filter(self.predicate("papers"))
            reviews = _among(reviews, papers, "paper_id")
        if on_labels:
            reviews = _among(reviews, labels, "review_id")
        labels = self._whose(labels)
        reviews = reviews.filter(self.predicate("reviews"))
        for condition in self.conditions:
            if condition.target == "review":
                reviews = _among(reviews, labels.filter(condition.predicate()), "review_id")

        if on_papers or on_reviews:
            segments = _among(segments, reviews, "review_id")
        segments = segments.filter(self.predicate("segments"))
        for condition in self.conditions:
            if condition.target == "segment":
                segments = _among(segments, labels.filter(condition.predicate()), "segment_id")

        if on_segments:
            reviews = _among(reviews, segments, "review_id")
            labels = _among(labels, segments, "segment_id")
        elif on_papers or on_reviews:
            labels = _among(labels, reviews, "review_id")
        if on_segments or on_reviews:
            papers = _among(papers, reviews, "paper_id")
        return Frames(papers, reviews, segments, labels, codes, models)


_MODEL = pl.col("annotator").cast(pl.String).str.starts_with(MODEL)


def _literal(word: str) -> str:
    """A word as it stands, but for apostrophes and quotation marks, which reviewers type in many shapes."""
    marks = (("'’‘ʼ`´", "['’‘ʼ`´]"), ('"“”„', '["“”„]'))
    return "".join(next((found for them, found in marks if c in them), pl.escape_regex(c)) for c in word)


def _one_of(column: pl.Expr, values: tuple) -> list[pl.Expr]:
    """That the column holds one of the values, if any are asked for."""
    return [column.is_in(list(values))] if values else []


def _among(frame: pl.LazyFrame, others: pl.LazyFrame, key: str) -> pl.LazyFrame:
    """The rows of `frame` whose key is one of `others`; none whose key is null."""
    return frame.join(others.select(key), on=key, how="semi")


def _known(field: str, values: Iterable[str], allowed: Sequence[str]) -> tuple[str, ...]:
    """The values, each once, in the order of `allowed`. Raises FilterError for one that is not in it."""
    for value in values:
        if value not in allowed:
            raise FilterError(f"“{value}” is no {field}: use one of {', '.join(allowed)}.")
    return tuple(value for value in allowed if value in set(values))


def _year(value: int | str) -> int:
    try:
        year = int(value)
    except ValueError:
        year = 0
    if not 1 <= year <= 9999:
        raise FilterError(f"“{value}” is no year: use a number such as 2018.")
    return year


def _range(text: str) -> tuple[float | None, float | None]:
    """The bounds that `4..8`, `6..`, `..5` or `7` spell."""
    least, dots, most = text.partition("..")
    try:
        low = float(least) if least.strip() else None
        high = (float(most) if most.strip() else None) if dots else low
    except ValueError:
        raise FilterError(f"“{text}” is no range of ratings: use 4..8, 6.., ..5 or 7.") from None
    return low, high


def _bounds(least: float | None, most: float | None) -> tuple[float | None, float | None]:
    for bound in (least, most):
        if bound is not None and not math.isfinite(bound):
            raise FilterError(f"“{bound}” is no rating: use a number.")
    if least is not None and most is not None and least > most:
        raise FilterError(f"No rating is at least {least:g} and at most {most:g}: use {most:g}..{least:g}.")
    return (None if least is None else float(least)), (None if most is None else float(most))


def _number(bound: float | None) -> str:
    return "" if bound is None else repr(bound).removesuffix(".0")


def _try(pattern: str, text: str) -> None:
    """Raises FilterError if Polars cannot run the pattern."""
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.ComputeError as error:
        reason = next((line for line in reversed(str(error).splitlines()) if line.startswith("error: ")), "")
        why = reason.removeprefix("error: ") or "it is too large"
        raise FilterError(f"“{text}” is no regular expression that can be run: {why}.") from None
