"""DISAPERE: pairs of a review and a rebuttal with sentence labels and alignments, and what may be wrong with them."""

from __future__ import annotations

import copy
import json
from collections import Counter
from typing import Any

import pytest

from corpus.formats import disapere, read
from corpus.formats.source import Source
from corpus.problems import PROBLEM_KINDS
from corpus.records import Alignment, Reading, Review

META = {
    "forum_id": "f1",
    "review_id": "r1",
    "rebuttal_id": "b1",
    "title": "Umbrellas at Scale",
    "reviewer": "AnonReviewer2",
    "rating": 6,
    "conference": "ICLR2019",
    "permalink": "https://example.org/f1",
    "annotator": "anno7",
}


def said(index: int, text: str, suffix: str, *codes: str) -> dict[str, Any]:
    """A sentence of a review."""
    names = ("review_action", "fine_review_action", "aspect", "polarity")
    return {
        "review_id": "r1",
        "sentence_index": index,
        "text": text,
        "suffix": suffix,
        **dict(zip(names, codes, strict=True)),
    }


def replied(index: int, text: str, suffix: str, stance: str, action: str, *alignment: Any) -> dict[str, Any]:
    """A sentence of a rebuttal."""
    told = {"sentence_index": index, "text": text, "suffix": suffix, "rebuttal_stance": stance}
    return {**told, "rebuttal_action": action, "alignment": list(alignment), "details": {}}


PAIR = {
    "metadata": META,
    "review_sentences": [
        said(0, "Rain “falls” on α.", "", "arg_structuring", "arg-structuring_summary", "none", "none"),
        said(1, "It is new.", "\n\n", "arg_evaluative", "none", "asp_originality", "pol_positive"),
        said(2, "Typo on page 3.", "", "arg_request", "arg-request_typo", "asp_clarity", "none"),
        said(3, "Something is off.", "\n", "arg_evaluative", "none", "none", "pol_negative"),
    ],
    "rebuttal_sentences": [
        replied(0, "Thanks!", "\n", "nonarg", "rebuttal_social", "context_global", None),
        replied(1, "Mended.", "", "concur", "rebuttal_done", "context_sentences", [2, 3]),
        replied(2, "See above.", "", "nonarg", "rebuttal_structuring", "context_in-rebuttal", None),
    ],
}


def changed(*path: Any, to: Any) -> dict[str, Any]:
    """The pair with the value at a path changed, or taken away where `to` is the ellipsis."""
    pair = copy.deepcopy(PAIR)
    inner: Any = pair
    for step in path[:-1]:
        inner = inner[step]
    if to is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return pair


def read_text(text: str | bytes, path: str = "disapere/r1.json") -> Reading:
    name, reading = read(Source(path, "p", text if isinstance(text, bytes) else text.encode()), "disapere")
    assert name == "disapere", reading.problems
    return reading


def read_pair(pair: Any = PAIR, path: str = "disapere/r1.json", **style: Any) -> Reading:
    return read_text(json.dumps(pair, indent=2, **style), path)


def text_of(review: Review) -> str:
    return "".join(segment.text for segment in review.segments)


def kinds(reading: Reading) -> list[str]:
    assert {problem.kind for problem in reading.problems} <= set(PROBLEM_KINDS)
    return [problem.kind for problem in reading.problems]


def rows(review: Review) -> list[list[tuple]]:
    return [[(x.layer, x.code, x.polarity, x.raw, x.annotator) for x in s.labels] for s in review.segments]


def test_a_pair_is_a_review_and_a_rebuttal_of_one_paper():
    review, rebuttal = read_pair().reviews
    assert review.paper == rebuttal.paper
    assert review.paper[:4] == ("f1", "Umbrellas at Scale", "ICLR", 2019)
    assert (review.key, review.kind, review.reviewer, review.rating) == ("r1", "review", "AnonReviewer2", 6.0)
    assert (rebuttal.key, rebuttal.kind, rebuttal.reviewer, rebuttal.rating) == ("b1", "rebuttal", None, None)
    assert review.scores == rebuttal.scores == {"annotator": (None, "anno7")}
    assert read_pair().problems == ()


def test_sentences_are_segments_and_a_space_stands_in_for_what_the_corpus_lost():
    review, rebuttal = read_pair().reviews
    assert [s.text for s in review.segments] == [
        "Rain “falls” on α. ",
        "It is new.\n\n",
        "Typo on page 3. ",
        "Something is off.\n",
    ]
    assert text_of(rebuttal) == "Thanks!\nMended. See above."


def test_golden_labels_of_the_review():
    found = rows(read_pair().reviews[0])
    assert sum(map(len, found)) == 12
    assert found[0] == [
        ("review_action", "arg_structuring", None, "arg_structuring", "gold"),
        ("fine_review_action", "arg-structuring_summary", None, "arg-structuring_summary", "gold"),
        ("aspect", "none", None, "none", "gold"),
    ]
    assert found[1][2] == ("aspect", "asp_originality", 1, "asp_originality pol_positive", "gold")
    assert found[2][2] == ("aspect", "asp_clarity", None, "asp_clarity", "gold")
    assert found[3][2] == ("aspect", "none", -1, "none pol_negative", "gold")


def test_a_review_that_nobody_answered_stands_alone():
    told = changed(REPLIED, to=[])
    told["metadata"]["rebuttal_id"] = None
    reading = read_pair(told)
    assert [review.kind for review in reading.reviews] == ["review"]
    assert reading.problems == ()


def test_golden_labels_and_alignments_of_the_rebuttal():
    rebuttal = read_pair().reviews[1]
    assert [[row[:2] for row in on] for on in rows(rebuttal)] == [
        [("rebuttal_stance", "nonarg"), ("rebuttal_action", "rebuttal_social")],
        [("rebuttal_stance", "concur"), ("rebuttal_action", "rebuttal_done")],
        [("rebuttal_stance", "nonarg"), ("rebuttal_action", "rebuttal_structuring")],
    ]
    assert [s.alignments for s in rebuttal.segments] == [
        (Alignment("context_global", "r1"),),
        (Alignment("context_sentences", "r1", 2), Alignment("context_sentences", "r1", 3)),
        (Alignment("context_in-rebuttal"),),
    ]


def test_a_neutral_polarity_is_zero_and_none_is_null():
    found = rows(read_pair(changed("review_sentences", 1, "polarity", to="pol_neutral")).reviews[0])
    assert found[1][2][1:4] == ("asp_originality", 0, "asp_originality pol_neutral")


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_text_spans_are_the_segments_and_all_spans_tile_the_file(ascii_only, encoding, line_break):
    text = json.dumps(PAIR, indent=1, ensure_ascii=ascii_only).replace("\n", line_break)
    data = text.encode(encoding)
    reading = read_text(data)
    width = encoding if encoding != "utf-16" else "utf-16-le"
    assert [span.start for span in reading.spans] == [0, *(span.end for span in reading.spans[:-1])]
    assert reading.spans[-1].end == len(data)
    stood: dict[tuple, str] = {}
    for span in reading.spans:
        if span.kind == "text":
            at = (span.review, span.segment)
            stood[at] = stood.get(at, "") + json.loads(f'"{data[span.start : span.end].decode(width)}"')
    for number, review in enumerate(reading.reviews):
        for place, segment in enumerate(review.segments):
            assert segment.text in (stood[number, place], stood[number, place] + " ")


@pytest.mark.parametrize(
    ("path", "by", "annotator", "found"),
    [
        ("disapere/r1.json", "anno7", "gold", []),
        ("disapere/r1.anno7.json", "anno7", "anno7", []),
        ("a.zip!/x/r1.anno7.json", None, "anno7", []),
        ("x\\r1.anno7.json", "anno7", "anno7", []),
        ("r1.second.json", None, "second", []),
        ("copy.anno12.json", "anno12", "anno12", []),
        ("r1.anno12.json", "anno7", "anno7", ["bad_value"]),
        ("train.v2.json", "anno7", "gold", []),
    ],
)
def test_the_file_name_tells_whether_the_labels_are_another_annotators(path, by, annotator, found):
    reading = read_pair(changed("metadata", "annotator", to=by), path)
    labels = [label for review in reading.reviews for segment in review.segments for label in segment.labels]
    links = [link for review in reading.reviews for segment in review.segments for link in segment.alignments]
    assert {label.annotator for label in labels} == {link.annotator for link in links} == {annotator}
    assert kinds(reading) == found
    assert [(review.paper.key, review.key) for review in reading.reviews] == [("f1", "r1"), ("f1", "b1")]


@pytest.mark.parametrize(
    ("told", "venue", "year"),
    [
        ("ICLR2020", "ICLR", 2020),
        ("NeurIPS 2018", "NeurIPS", 2018),
        ("ACL-2017", "ACL", 2017),
        ("2019", None, 2019),
        ("ICLR", "ICLR", None),
        (None, None, None),
    ],
)
def test_venue_and_year(told, venue, year):
    paper = read_pair(changed("metadata", "conference", to=told)).reviews[0].paper
    assert (paper.venue, paper.year) == (venue, year)


REVIEWED, REPLIED = "review_sentences", "rebuttal_sentences"
BAD = [
    (("metadata", "forum_id"), ..., ["bad_value"]),
    (("metadata", "forum_id"), " ", ["bad_value"]),
    (("metadata", "review_id"), [], ["bad_value"]),
    (("metadata", "rebuttal_id"), None, ["bad_value"]),
    (("metadata", "rebuttal_id"), "r1", ["bad_value"]),
    (("metadata", "title"), 7, ["bad_value"]),
    (("metadata", "reviewer"), {}, ["bad_value"]),
    (("metadata", "annotator"), 3, ["bad_value"]),
    (("metadata", "conference"), [2019], ["bad_value"]),
    (("metadata", "rating"), "good", ["bad_value"]),
    (("metadata", "rating"), True, ["bad_value"]),
    (("metadata", "rating"), 10**400, ["bad_value"]),
    (("metadata", "rating"), "nan", ["bad_value"]),
    ((REVIEWED,), None, ["bad_value", "broken_link", "broken_link"]),
    ((REVIEWED,), [], ["empty_review", "broken_link", "broken_link"]),
    ((REPLIED,), {}, ["bad_value"]),
    ((REPLIED,), [], ["empty_review"]),
    ((REVIEWED, 1), "words", ["bad_record"]),
    ((REVIEWED, 1), None, ["bad_record"]),
    ((REVIEWED, 1, "text"), ..., ["bad_value"]),
    ((REVIEWED, 1, "text"), "", ["bad_value"]),
    ((REVIEWED, 1, "text"), 12, ["bad_value"]),
    ((REVIEWED, 1, "suffix"), None, ["bad_value"]),
    ((REVIEWED, 1, "sentence_index"), "1", ["bad_value"]),
    ((REVIEWED, 1, "sentence_index"), 10**4000, ["bad_value"]),
    ((REVIEWED, 1, "sentence_index"), 0, ["bad_value", "bad_value"]),
    ((REVIEWED, 3, "sentence_index"), 9, ["bad_value", "broken_link"]),
    ((REVIEWED, 1, "review_action"), None, ["bad_value"]),
    ((REVIEWED, 1, "review_action"), "arg_praise", ["unknown_code"]),
    ((REVIEWED, 1, "fine_review_action"), ["none"], ["bad_value"]),
    ((REVIEWED, 1, "aspect"), "asp_smell", ["unknown_code"]),
    ((REVIEWED, 1, "aspect"), None, ["bad_value", "bad_value"]),
    ((REVIEWED, 1, "polarity"), "pol_mixed", ["unexpected_polarity"]),
    ((REVIEWED, 1, "polarity"), 1, ["bad_value"]),
    ((REPLIED, 1, "rebuttal_stance"), "maybe", ["unknown_code"]),
    ((REPLIED, 1, "rebuttal_action"), ..., ["bad_value"]),
    ((REPLIED, 1, "alignment"), ..., ["bad_value"]),
    ((REPLIED, 1, "alignment"), "context_none", ["bad_value"]),
    ((REPLIED, 1, "alignment"), ["context_sentences", 2], ["bad_value"]),
    ((REPLIED, 1, "alignment"), ["context_moon", [1]], ["unknown_code"]),
    ((REPLIED, 1, "alignment"), [None, [1]], ["unknown_code"]),
    ((REPLIED, 1, "alignment"), ["context_sentences", []], ["broken_link"]),
    ((REPLIED, 1, "alignment"), ["context_sentences", [1, 99]], ["broken_link"]),
    ((REPLIED, 1, "alignment"), ["context_sentences", [-1, 1]], ["broken_link"]),
    ((REPLIED, 1, "alignment"), ["context_sentences", ["1", True, 1.0]], ["bad_value"] * 3),
    ((REPLIED, 1, "alignment"), ["context_sentences", [1, 1]], ["bad_value"]),
]


@pytest.mark.parametrize(("path", "to", "found"), BAD, ids=[f"{p[-1]}-{str(to)[:20]}" for p, to, _ in BAD])
def test_what_is_not_as_it_should_be_is_a_problem_with_its_place_and_the_rest_is_read(path, to, found):
    reading = read_pair(changed(*path, to=to))
    assert kinds(reading) == found
    assert all(problem.detail.startswith("line ") and problem.start is not None for problem in reading.problems)
    assert reading.reviews


def test_a_problem_points_at_the_value():
    text = json.dumps(changed(REVIEWED, 1, "aspect", to="asp_smell"), indent=2, ensure_ascii=False)
    (problem,) = read_text(text).problems
    assert text.encode()[problem.start : problem.end] == b"asp_smell"
    line = text[: text.index("asp_smell")].count("\n") + 1
    assert abs(int(problem.detail.split()[1].strip(":")) - line) < 10
    assert "asp_originality" in problem.detail, "what is allowed is told"


@pytest.mark.parametrize(
    "sentence", [None, "words", {"sentence_index": 1}, {**PAIR[REVIEWED][1], "text": None, "suffix": ""}]
)
def test_a_sentence_without_text_keeps_its_place(sentence):
    review, rebuttal = read_pair(changed(REVIEWED, 1, to=sentence)).reviews
    assert len(review.segments) == 4
    assert review.segments[1].text == ""
    assert [a.position for a in rebuttal.segments[1].alignments] == [2, 3]


def test_alignments_follow_the_sentence_index_where_it_is_not_the_place():
    pair = copy.deepcopy(PAIR)
    del pair[REVIEWED][1]
    reading = read_pair(pair)
    assert [a.position for a in reading.reviews[1].segments[1].alignments] == [1, 2]
    assert kinds(reading) == ["bad_value"]


def test_a_rating_in_digits_is_a_number_and_none_is_null():
    assert read_pair(changed("metadata", "rating", to="7")).reviews[0].rating == 7.0
    assert read_pair(changed("metadata", "rating", to=None)).reviews[0].rating is None
    assert read_pair(changed("metadata", "rating", to=None)).problems == ()


def test_several_pairs_in_a_file_as_an_array_or_one_a_line():
    second = changed("metadata", "review_id", to="r2")
    second["metadata"]["rebuttal_id"] = "b2"
    for text in (json.dumps([PAIR, second]), f"{json.dumps(PAIR)}\n{{broken\n{json.dumps(second)}\n"):
        name, reading = read(Source("all.jsonl", "p", text.encode()))
        assert name == "disapere"
        assert [review.key for review in reading.reviews] == ["r1", "b1", "r2", "b2"]


def test_a_pair_twice_in_a_file_is_read_once():
    reading = read_text("\n".join([json.dumps(PAIR)] * 2))
    assert [review.key for review in reading.reviews] == ["r1", "b1"]
    assert kinds(reading) == ["duplicate_review"]
    assert "line 2" in reading.problems[0].detail


def test_keys_stand_in_for_missing_metadata():
    reading = read_text(
        "\n".join([json.dumps({k: v for k, v in PAIR.items() if k != "metadata"})] * 2), "x/notes.jsonl"
    )
    assert [(r.paper.key, r.key) for r in reading.reviews] == [
        ("notes-1", "1"),
        ("notes-1", "1-rebuttal"),
        ("notes-2", "2"),
        ("notes-2", "2-rebuttal"),
    ]
    assert set(kinds(reading)) == {"bad_value"}


@pytest.mark.parametrize("record", [{}, {"metadata": META}, {"review_sentences": "none"}, {"reviews": []}])
def test_a_record_without_sentences_is_not_read(record):
    reading = read_pair([record, PAIR])
    assert kinds(reading)[0] == "bad_record"
    assert [review.key for review in reading.reviews] == ["r1", "b1"]


HOSTILE = [
    0,
    -1,
    1.5,
    1e300,
    True,
    None,
    "",
    " ",
    "none",
    "\ud800",
    "\u0000",
    [],
    [[]],
    [None],
    {},
    {"a": {}},
    [1, "x", {}],
]


def paths(value: Any, at: tuple = ()) -> list[tuple]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [p for key, below in inner for p in (((*at, key)), *paths(below, (*at, key)))]


def test_no_value_in_any_field_breaks_the_reader_off():
    for path in paths(PAIR):
        for value in HOSTILE:
            reading = read_pair(changed(*path, to=value))
            assert kinds(reading).count("failed_file") == 0
            assert reading.spans[-1].end == len(json.dumps(changed(*path, to=value), indent=2))


def test_deep_nesting_does_not_break_the_reader_off():
    deep = "[" * 400 + "]" * 400
    text = json.dumps(changed(REVIEWED, 1, "aspect", to="@")).replace('"@"', deep)
    assert kinds(read_text(text)) == ["bad_value", "bad_value"]
    reading = read_text(json.dumps(PAIR).replace('"pol_negative"', "[" * 200_000 + "]" * 200_000))
    assert kinds(reading) == ["bad_json"]


def test_the_sniffer_takes_its_own_and_leaves_the_others():
    assert read(Source("r1.json", "p", json.dumps(PAIR).encode()))[0] == "disapere"
    others: list[Any] = [
        {"id": "1", "title": "T", "abstract": "A", "reviews": [{"comments": "Fine.", "IS_META_REVIEW": False}]},
        {"id": 1, "review": "Good.", "label": [[0, 4, "Eval_pos_1"]]},
        {"id": "1", "text": "Good.", "labels": [[0, 4, "summary"]]},
        {"metadata": {}, "reviews": []},
        {"notes": [{"id": "n", "forum": "f", "content": {"review": "Good."}}]},
        [],
        [1, "metadata"],
    ]
    for other in others:
        assert not disapere.sniff(Source("x.json", "p", json.dumps(other).encode()))
    for text in ("title,review\nT,Good.\n", "It is fine. [[MET-POS], [EMP-POS]]", "Just words.", ""):
        assert not disapere.sniff(Source("x.txt", "p", text.encode()))


def test_every_layer_of_the_scheme_is_read():
    reading = read_pair()
    read_layers = Counter(x.layer for r in reading.reviews for s in r.segments for x in s.labels)
    assert set(read_layers) == {layer for side in disapere.LAYERS.values() for layer in side}
