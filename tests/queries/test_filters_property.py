"""Filters against a plain reading of the rules in Python, on small frames of every kind."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from spec import TYPES, codes, ids
from test_filter_conditions import ALLOWED, LABELS

from corpus.schemes import COMMON, layer_key, scheme
from corpus.tables import DECISIONS, REVIEW_KINDS, Frames
from queries.filters import Condition, Filters

WORDS = ("Baseline", "clear", "a.b", "(x)", "50%")
PATTERNS = (r"^base", r"a.b", r"\d+%$", r"clear|\(x\)")
PYTHON = {r"^base": lambda t: t.startswith("base"), r"\d+%$": lambda t: t.endswith("0%")}
PYTHON |= {r"a.b": lambda t: "a.b" in t, r"clear|\(x\)": lambda t: "clear" in t or "(x)" in t}


def some(values, most: int = 2) -> st.SearchStrategy[tuple]:
    return st.just(()) | st.lists(st.sampled_from(values), max_size=most).map(tuple)


names = st.lists(st.text(min_size=1, max_size=6), max_size=3).map(tuple)
bounds = st.tuples(*[st.none() | st.floats(-1e6, 1e6)] * 2).map(
    lambda pair: tuple(sorted(pair)) if None not in pair else pair
)


@settings(deadline=None)
@given(
    st.builds(
        Filters,
        corpora=names,
        venues=names,
        years=st.lists(st.integers(1, 9999), max_size=3).map(tuple),
        decisions=some((*DECISIONS, "none")),
        papers=names,
        schemes=some(("peer-review-analyze", "review-quality")),
        conditions=some(ALLOWED, 4),
        annotators=names,
        kinds=some(REVIEW_KINDS),
        text=st.text(max_size=12),
        rating=bounds,
        whose=st.sampled_from(("", "people", "models")),
    )
    | st.builds(Filters, text=st.sampled_from(PATTERNS), regex=st.booleans(), rating=bounds)
)
def test_a_url_and_back(filters):
    query = filters.to_query()
    assert Filters.from_query(query) == filters
    assert all(query.values()), "only what is set"
    assert (query == {}) == (filters == Filters())
    assert filters.sentence()[-1] == "."
    assert (filters.sentence() == "All reviews.") == (filters == Filters())


@settings(deadline=None)
@given(st.text(min_size=1, max_size=30))
def test_any_text_finds_itself(text):
    found = pl.LazyFrame({"text": [text, f"before {text} after", ""]}).select(Filters(text=text).predicate("segments"))
    assert found.collect().to_series().to_list() == [True, True, False]


@st.composite
def rows(draw) -> dict[str, list[dict]]:
    """Tables of up to four papers, each with a few reviews, segments and labels, not labelled at all included."""
    tables: dict[str, list[dict]] = {name: [] for name in TYPES}
    for paper in range(draw(st.integers(0, 4))):
        tables["papers"].append(
            {
                "paper_id": paper,
                "corpus": draw(st.sampled_from(("a", "b"))),
                "paper_key": f"{paper}",
                "venue": draw(st.sampled_from(("ICLR", "ARR", None))),
                "year": draw(st.sampled_from((2017, 2018, None))),
                "decision": draw(st.sampled_from((*DECISIONS, None))),
            }
        )
        for _ in range(draw(st.integers(0, 3))):
            _review(draw, tables, paper)
    return tables


def _review(draw, tables: dict[str, list[dict]], paper: int) -> None:
    review = len(tables["reviews"])
    tables["reviews"].append(
        {
            "review_id": review,
            "paper_id": paper,
            "kind": draw(st.sampled_from(REVIEW_KINDS)),
            "rating": draw(st.sampled_from((1.0, 4.5, 8.0, None))),
        }
    )
    on = [None]
    for position in range(draw(st.integers(0, 4))):
        text = " ".join(draw(st.lists(st.sampled_from(WORDS), max_size=3)))
        on.append(len(tables["segments"]))
        ids = {"segment_id": on[-1], "review_id": review, "paper_id": paper}
        tables["segments"].append({**ids, "position": position, "text": text})
    for segment in draw(st.lists(st.sampled_from(on), max_size=8)):
        layers = ("quality",) if segment is None else ("section", "aspect", "significance")
        # few codes, so that conditions meet labels
        label = draw(st.sampled_from([row for row in LABELS if row[1] in layers and row[2] in FEW]))
        label = dict(zip(("scheme", "layer", "code", "polarity"), label, strict=True))
        ids = {"paper_id": paper, "review_id": review, "segment_id": segment}
        tables["labels"].append({**ids, **label, "annotator": draw(st.sampled_from(WHO))})


WHO = ("gold", "anno2", "model:en@1", "user:me")
FEW = ("MET", "EMP", "CLA", "none", "CNT", "MAJ", "JUS", "asp_clarity", "arg_other")
ASKED = (*FEW, "clarity")
CONDITIONS = [c for c in ALLOWED if c.code in (None, *ASKED) and set(c.layers) != {"purpose"}]
filters_on_rows = st.builds(
    Filters,
    corpora=some(("a", "c"), 1),
    venues=some(("ICLR", "Nowhere")),
    years=some((2017, 2020)),
    decisions=some((*DECISIONS, "none")),
    papers=some(("a/0", "b/1", "a/1")),
    schemes=some(("peer-review-analyze", "review-quality"), 1),
    conditions=some(CONDITIONS),
    annotators=some(("gold", "anno2", "model:en@1", "nobody")),
    kinds=some(REVIEW_KINDS),
    text=st.just("") | st.sampled_from(WORDS + PATTERNS),
    regex=st.booleans(),
    rating=st.sampled_from([(None, None), (4.5, None), (None, 4.5), (2, 9)]),
    whose=st.sampled_from(("", "", "people", "models")),
)


def meets(label: dict, condition: Condition) -> bool:
    key = layer_key(label["scheme"], label["layer"])
    code = label["code"]
    if condition.layer == COMMON:
        of = scheme(label["scheme"])
        layer = next(layer for layer in of.layers if layer.name == label["layer"])
        aspect = next(c.common for c in layer.codes if c.code == code)
        meant = aspect is not None and condition.code in (None, aspect)
    else:
        meant = key in condition.layers and condition.code in (None, code)
    return meant and (condition.polarity is None or condition.polarity == label["polarity"])


def selected(filters: Filters, tables: dict[str, list[dict]]) -> tuple[list, list, list, list]:
    """Papers, reviews, segments and labels of the selection, read off the rules one by one."""

    def paper_fits(row: dict) -> bool:
        return (
            (not filters.corpora or row["corpus"] in filters.corpora)
            and (not filters.venues or row["venue"] in filters.venues)
            and (not filters.years or row["year"] in filters.years)
            and (not filters.decisions or (row["decision"] or "none") in filters.decisions)
            and (not filters.papers or f"{row['corpus']}/{row['paper_key']}" in filters.papers)
        )

    def label_fits(row: dict) -> bool:
        return (not filters.schemes or row["scheme"] in filters.schemes) and (
            not filters.annotators or row["annotator"] in filters.annotators
        )

    def stands(row: dict) -> bool:
        guess = row["annotator"].startswith("model:")
        if filters.whose:
            return guess == (filters.whose == "models")
        if not guess or row["annotator"] in filters.annotators:
            return True
        same = ("scheme", "layer", "segment_id") if row["segment_id"] is not None else ("scheme", "layer", "review_id")
        return not any(
            not other["annotator"].startswith("model:")
            and (other["segment_id"] is None) == (row["segment_id"] is None)
            and all(other[key] == row[key] for key in same)
            for other in tables["labels"]
        )

    def text_fits(text: str) -> bool:
        if not filters.text:
            return True
        if filters.regex and filters.text in PYTHON:
            return PYTHON[filters.text](text.lower())
        if filters.regex:  # a word taken as a pattern: "a.b" and "50%" mean themselves here, "(x)" means x
            return filters.text.lower().strip("()") in text.lower()
        return filters.text.lower() in text.lower()

    of_reviews = [c for c in filters.conditions if c.target == "review"]
    of_segments = [c for c in filters.conditions if c.target == "segment"]
    papers = {row["paper_id"] for row in tables["papers"] if paper_fits(row)}
    asked = [row for row in tables["labels"] if label_fits(row)]
    labels = [row for row in asked if stands(row)]
    least, most = filters.rating
    reviews = set()
    for row in tables["reviews"]:
        own = [label for label in labels if label["review_id"] == row["review_id"]]
        if (
            row["paper_id"] in papers
            and (not filters.kinds or row["kind"] in filters.kinds)
            and (least is None or (row["rating"] is not None and row["rating"] >= least))
            and (most is None or (row["rating"] is not None and row["rating"] <= most))
            and (
                not (filters.schemes or filters.annotators)
                or any(label["review_id"] == row["review_id"] for label in asked)
            )
            and all(any(meets(label, c) for label in own) for c in of_reviews)
        ):
            reviews.add(row["review_id"])
    segments = set()
    for row in tables["segments"]:
        own = [label for label in labels if label["segment_id"] == row["segment_id"]]
        if (
            row["review_id"] in reviews
            and text_fits(row["text"])
            and all(any(meets(label, c) for label in own) for c in of_segments)
        ):
            segments.add(row["segment_id"])
    if of_segments or filters.text:
        reviews = {row["review_id"] for row in tables["segments"] if row["segment_id"] in segments}
        kept = [label for label in labels if label["segment_id"] in segments]
    else:
        kept = [label for label in labels if label["review_id"] in reviews]
    below = of_segments or of_reviews or filters.text or filters.kinds or filters.schemes or filters.annotators
    if below or filters.rating != (None, None):
        papers = {row["paper_id"] for row in tables["reviews"] if row["review_id"] in reviews}
    return sorted(papers), sorted(reviews), sorted(segments), kept


@settings(max_examples=300, deadline=None)
@given(rows(), filters_on_rows)
def test_a_selection_is_what_the_rules_say(tables, filters):
    frames = Frames(*(pl.LazyFrame(tables[name], schema=types) for name, types in TYPES.items()), codes())
    found = filters.apply(frames)
    papers, reviews, segments, labels = selected(filters, tables)
    assert ids(found.papers, "paper_id") == papers
    assert ids(found.reviews, "review_id") == reviews
    assert ids(found.segments, "segment_id") == segments
    columns = ["review_id", "segment_id", "layer", "code", "polarity", "annotator"]
    kept = found.labels.select(columns).collect().rows()
    assert sorted(kept, key=str) == sorted((tuple(row[c] for c in columns) for row in labels), key=str)
