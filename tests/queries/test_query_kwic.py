"""A concordance against Python's re over the joined text of reviews, and what its orders are."""

from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from spec import expect, frames, shuffled
from written import twice, written

from queries.filters import FilterError, Filters
from queries.hits import cut, extent, hits, matches
from queries.kwic import ORDERS, kwic

#: Patterns that mean the same to Python's re and to the Rust crate: greedy, no empty alternative before another.
PATTERNS = (
    "a",
    "A",
    "ab+",
    "(a|b)(a)?",
    "[^a ]",
    ".",
    "(?s).",
    "a*",
    r"\bab?\b",
    r"\w+",
    "^a",
    "a$",
    "ä|😀",
    r"(a+)+b",
)
TEXTS = st.text(alphabet="abAB äé😀-'.\n", max_size=10)
REVIEWS = st.lists(st.lists(st.lists(TEXTS, max_size=4), max_size=3), max_size=3)


def by_hand(papers, chosen: set[int], pattern: str, width: int) -> list[tuple]:
    """Every match in a chosen segment, in the order of the text, with what is around it in the review."""
    pattern = re.sub(r"\$$", r"\\Z", pattern)  # in Python the end may also have a line break after it
    found, number = [], 0
    for at, reviews in enumerate(papers):
        for place, sentences in enumerate(reviews):
            whole, offset = "".join(sentences), 0
            for position, text in enumerate(sentences):
                for match in re.finditer(pattern, text, re.IGNORECASE) if number in chosen else ():
                    start, end = offset + match.start(), offset + match.end()
                    if match[0]:
                        left, right = whole[max(0, start - width) : start], whole[end : end + width]
                        found.append((f"p{at:03}", f"r{place}", position, start, end, left, match[0], right))
                offset += len(text)
                number += 1
    return found


COLUMNS = ("paper_key", "review_key", "position", "start", "end", "left", "node", "right")


def lines(given_frames, **options) -> list[tuple]:
    return kwic(given_frames, **options).select(COLUMNS).collect().rows()


@settings(deadline=None, max_examples=80)
@example([[["x", "", "aa😀", "ab"]]], "a*", 3, [True])
@given(REVIEWS, st.sampled_from(PATTERNS), st.integers(0, 6), st.lists(st.booleans(), min_size=1, max_size=8))
def test_hits_and_contexts_are_those_of_re_over_the_joined_text(papers, pattern, width, mask):
    whole = written(papers)
    chosen = {number for number in range(40) if mask[number % len(mask)]}
    part = whole._replace(segments=whole.segments.filter(pl.col("segment_id").is_in(list(chosen))))
    options = {"pattern": f"(?i){pattern}", "around": whole.segments, "width": width}
    found = lines(part, **options)
    assert found == by_hand(papers, chosen, pattern, width)
    joined = {(f"p{p:03}", f"r{r}"): "".join(text) for p, each in enumerate(papers) for r, text in enumerate(each)}
    for paper, review, _, start, end, left, node, right in found:
        assert joined[paper, review][start - len(left) : end + len(right)] == left + node + right
    pieces = cut(part.segments, f"(?i){pattern}").select("segment_id", "text", "gap", "node").collect()
    assert set(pieces["segment_id"]) == set(hits(part.segments, pattern=f"(?i){pattern}").collect()["segment_id"])
    for (_, text), rows in pieces.group_by("segment_id", "text", maintain_order=True):
        assert "".join(each for row in rows.select("gap", "node").iter_rows() for each in row) == text
        assert rows["node"].to_list()[-1] == ""
    assert lines(shuffled(part), **options | {"around": shuffled(whole).segments}) == found


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['-][^\W_]+)*", text.lower())


def key(order: str, row: tuple) -> list:
    left, node, right = words(row[5][-120:]), row[6], words(row[7][:120])
    n = int(order[-1]) if order[-1].isdigit() else 0
    if order.startswith("left"):
        return [[*reversed(left), "", "", ""][at] for at in range(n)]
    if order.startswith("right"):
        return [[*right, "", "", ""][at] for at in range(n)]
    if order == "retrograde":
        return [" ".join(left[-3:])[::-1]]
    return [node.lower()] if order == "node" else []


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(st.lists(st.text(alphabet="aAbé 'x-", max_size=14), max_size=3), max_size=2), max_size=3),
    st.sampled_from([order for order in ORDERS if order not in ("paper", "year")]),
    st.integers(0, 5),
    st.integers(1, 4),
)
def test_lines_are_sorted_before_a_page_is_cut(papers, order, offset, n):
    given_frames = written(papers)
    text = by_hand(papers, set(range(40)), "a+", 200)
    wanted = sorted(text, key=lambda row: (key(order, row), text.index(row)))
    assert lines(given_frames, pattern="(?i)a+", order=order, width=200) == wanted
    page = lines(given_frames, pattern="(?i)a+", order=order, width=200, offset=offset, n=n)
    assert page == wanted[offset : offset + n]


PAPERS = [
    [["The baseline is weak. ", "A strong baseline, please. "], ["No hit here. "]],
    [["Baselines: running the baseline. "]],
]


def nodes(order: str, **columns) -> list[str]:
    rows = kwic(written(PAPERS, **columns), pattern="(?i)baselines?", order=order, width=9).collect()
    return [f"{left}[{node}]" for left, node in rows.select("left", "node").rows()]


def test_orders_in_words():
    the, strong, first, running = "The [baseline]", "A strong [baseline]", "[Baselines]", "ning the [baseline]"
    assert nodes("text") == [the, strong, first, running]
    assert nodes("left1") == [first, strong, the, running], "no word to the left comes first, ties as in the text"
    assert nodes("left2") == [first, strong, the, running], "The has no second word, running the has"
    assert nodes("retrograde") == [first, the, running, strong], "eht, eht gninnur, gnorts A"
    assert nodes("node") == [the, strong, running, first]
    assert nodes("right1") == [running, the, strong, first], "nothing, is, please, running"
    assert nodes("paper", title=[None, "A title"]) == [first, running, the, strong], "a paper without title is last"
    assert nodes("year", year=[2020, 2019]) == [first, running, the, strong]
    assert nodes("year", year=[None, 2019]) == [first, running, the, strong], "an unknown year is last"


GIVEN = frames(
    papers="paper_id | title | venue | year | decision\n---\n7 | Tides | Harbour | 2021 | accept",
    reviews="review_id | paper_id | reviewer | rating\n---\n1 | 7 | Pilot | 4",
    segments="segment_id | review_id | text\n---\n11 | 1 | No anchor, no anchor.\n12 | 1 | Fine.\n13 | 1 | An anchor.",
    labels="""
        segment_id | layer   | code | polarity | annotator
        -----------+---------+------+----------+----------
        11         | aspect  | EMP  | -1       | gold
        11         | aspect  | EMP  | -1       | anno2
        11         | aspect  | CLA  | 1        | gold
        11         | section | MET  | -1       | gold
        12         | aspect  | NOV  | 1        | gold
    """,
)


def test_a_line_tells_where_it_is_from_and_what_its_sentence_is_labelled():
    found = kwic(GIVEN, pattern="anchor", layer="aspect", width=4)
    expect(
        found,
        """
        paper_key | title | venue   | decision | review_key | reviewer | rating | start | labels
        ----------+-------+---------+----------+------------+----------+--------+-------+------------------------
        p7        | Tides | Harbour | accept   | r1         | Pilot    | 4      | 3     | MET-NEG EMP-NEG CLA-POS
        p7        | Tides | Harbour | accept   | r1         | Pilot    | 4      | 14    | MET-NEG EMP-NEG CLA-POS
        p7        | Tides | Harbour | accept   | r1         | Pilot    | 4      | 29    |
        """,
    )
    people = {"model": None, "confidence": None}
    emp, cla = {"code": "EMP", "polarity": -1, **people}, {"code": "CLA", "polarity": 1, **people}
    assert found.collect()["marks"].to_list() == [[emp, cla], [emp, cla], None]
    shared = kwic(GIVEN, pattern="anchor", layer="common").collect()["marks"].to_list()[0]
    assert shared == [{"code": "clarity", "polarity": 1, **people}, {"code": "soundness", "polarity": -1, **people}]
    assert kwic(GIVEN, pattern="anchor").collect()["marks"].to_list() == [None] * 3


def test_labels_of_the_selection_hold_on_the_same_sentence():
    part = Filters.from_query({"q": "anchor", "label": "EMP-NEG"}).apply(GIVEN)
    found = kwic(part, pattern="(?i)anchor", around=GIVEN.segments, width=30).collect()
    assert found["segment_id"].to_list() == [11, 11]
    assert found["right"].to_list()[1] == ".Fine.An anchor.", "the context is of the whole review"


def test_a_tenth_of_the_review():
    given_frames = written([[["0123456789" * 2]]])
    of = {tenth: kwic(given_frames, pattern=r"\d", tenth=tenth).collect()["start"].to_list() for tenth in range(10)}
    assert of == {tenth: [2 * tenth, 2 * tenth + 1] for tenth in range(10)}
    assert hits(given_frames.segments, pattern="9").collect()["tenth"].to_list() == [4, 9]


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("x*", ["xx", "x"]),  # also matches nothing, in nine places
        (r"\b", []),
        ("(?s).*", ["a xx\nb x"]),
        (".*", ["a xx", "b x"]),
        ("(x)(x)?", ["xx", "x"]),
        ("xx|x", ["xx", "x"]),
        ("x|xx", ["x", "x", "x"]),
        ("X", []),
        ("(?i)X+", ["xx", "x"]),
        ("$1|\\$", []),
    ],
)
def test_what_is_a_hit(pattern, wanted):
    given_frames = written([[["a xx\nb x"]]])
    assert kwic(given_frames, pattern=pattern).collect()["node"].to_list() == wanted
    assert extent(hits(given_frames.segments, pattern=pattern)).collect().row(0)[0] == len(wanted)


def test_nested_quantifiers_on_a_long_text_end():
    # Backtracking takes 2^100,000 steps here.
    given_frames = written([[["a" * 100_000 + "b"], ["a" * 100_000]]])
    assert kwic(given_frames, pattern="(a+)+$").collect()["end"].to_list() == [100_000]


@pytest.mark.parametrize("pattern", ["", "(", "a{2,1}", r"(?<=a)b", r"\1", r"(\w{1000}){1000}"])
def test_a_pattern_that_cannot_be_run_is_told(pattern):
    given_frames = written(PAPERS)
    for query in (kwic, lambda f, pattern: hits(f.segments, pattern=pattern)):
        with pytest.raises(FilterError):
            query(given_frames, pattern=pattern)
    with pytest.raises(ValueError, match="no order of a concordance"):
        kwic(given_frames, pattern="a", order="backwards")


def test_a_corpus_twice_has_every_hit_twice():
    given_frames = written(PAPERS)
    once, both = (kwic(each, pattern="(?i)baseline", width=5).collect() for each in (given_frames, twice(given_frames)))
    assert both.select(COLUMNS).rows() == once.select(COLUMNS).rows() * 2
    told = extent(hits(twice(given_frames).segments, pattern="(?i)baseline")).collect()
    assert told.row(0, named=True) == {"n": 8, "n_segments": 6, "n_reviews": 4, "n_papers": 4}


def test_nothing_there_gives_no_rows():
    assert kwic(frames(), pattern="a", order="left3", layer="aspect").collect().is_empty()
    assert kwic(written([[]]), pattern="a").collect().is_empty()
    assert extent(hits(frames().segments, pattern="a")).collect().row(0) == (0, 0, 0, 0)
    assert matches(frames().segments, pattern="a").collect()["n"].to_list() == [0]


def test_a_quick_look_counts_empty_matches_too():
    assert matches(written([[["a xx"]]]).segments, pattern="x*").collect()["n"].to_list() == [3]
