"""Whatever a file holds, no reader breaks off, no byte is lost, and the cost grows with the length, not its square."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpus.formats import bracket, read, review_page
from corpus.formats.source import Place, Source
from corpus.records import Reading
from corpus.sentences import boundaries

TAG = "[[MET-NEG], [EMP-NEG], [CRT], [MAJ]]"
FRAGMENTS = (
    *(
        "[[",
        "]]",
        "[",
        "]",
        ",",
        ", ",
        "], [",
        "MET-NEG",
        "EMp-NEG",
        "RES_NEG",
        "null",
        "NULL",
        "CNT",
        "WRC-POS",
        "MAJ",
    ),
    *("[[MET-NEG]]", TAG, "[[CLA-POS],[JUS-NEG]]", "[[EXP-NEU]NOV-NEU], [SMY]]", "[[RWK-POS<MET-POS]]", "[MET-NEG]"),
    *(
        "\\n",
        "\\\\",
        '\\"',
        "\\u20",
        "\\u2019",
        "\\ud83d",
        "\\ude00",
        "\\ud83d\\ude00",
        "\\",
        "\\q",
        "\\u0000",
        "u",
        "n",
    ),
    *("\\nabla", "\\\\Delta", '"', "'", "19", ".", " . ", "...", "?", "e.g. ", "et al. ", "Fig. 3", "$x. Y$", "(", ")"),
    *("😀", "é", "’", "\u2028", "\x85", "\x0b", "\0", "\r\n", "\r", "\n", "\n\n", "\t", " ", "  ", "\ufeff", "\ufffd"),
    *(
        "Paper ID: | 7 |\n",
        "---|---|\n",
        "Title: | T |\n",
        "Reviewer 2\n",
        "## Minor\n",
        "A word",
        " The end",
        "a" * 50,
    ),
)
MIXED = st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join)
TEXTS = st.one_of(MIXED, st.text(max_size=60), st.tuples(MIXED, st.text(max_size=10), MIXED).map("".join))
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252", "latin-1")


@st.composite
def mangled(draw) -> bytes:
    """Text in some encoding, cut off anywhere, with bytes dropped or put in anywhere."""
    encoding = draw(st.sampled_from(ENCODINGS))
    data = draw(TEXTS).encode(encoding, "replace")
    if encoding == "utf-16-be":
        data = b"\xfe\xff" + data
    data = data[draw(st.integers(0, 3)) : len(data) - draw(st.integers(0, 3))]
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.binary(max_size=3)) + data[at + draw(st.integers(0, 2)) :]
    return data


FILES = st.one_of(TEXTS.map(lambda text: text.encode("utf-8", "replace")), mangled(), st.binary(max_size=80))
quick = settings(deadline=None, max_examples=250, suppress_health_check=[HealthCheck.too_slow])


# The oracle: a decoder of our own, which knows of spans and bytes only.


def characters(data: bytes, encoding: str) -> str:
    """Bytes as text; what is no UTF-8, and the byte too many of UTF-16, is taken byte by byte as Windows-1252."""
    if encoding != "utf-8":
        even = len(data) // 2 * 2
        return data[:even].decode(encoding, "surrogatepass") + data[even:].decode("cp1252", "replace")
    found = ""
    while data:
        try:
            return found + data.decode()
        except UnicodeDecodeError as error:
            found += data[: error.start].decode() + data[error.start : error.end].decode("cp1252", "replace")
            data = data[error.end :]
    return found


def halves_replaced(text: str) -> str:
    """Half a surrogate pair is the replacement character."""
    return "".join("\ufffd" if 0xD800 <= ord(char) < 0xE000 else char for char in text)


def literal(raw: str) -> str:
    """The inside of a JSON string literal, one character at a time; a backslash that escapes nothing stays."""
    plain = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
    units, at = [], 0
    while at < len(raw):
        char, following, digits = raw[at], raw[at + 1 : at + 2], raw[at + 2 : at + 6]
        if char == "\\" and following in plain and following:
            units.append(plain[following])
            at += 2
        elif char == "\\" and following == "u" and len(digits) == 4 and set(digits) <= set("0123456789abcdefABCDEF"):
            units.append(chr(int(digits, 16)))
            at += 6
        else:
            units.append(char)
            at += 1
    # Pairs of surrogates become one character, halves the replacement character.
    return "".join(units).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def encoding_of(data: bytes) -> str:
    return {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(data[:2], "utf-8")


def assert_lossless(data: bytes, reading: Reading) -> None:
    """Spans tile the bytes; every segment is its spans decoded; every text span belongs to a segment."""
    at = 0
    for span in reading.spans:
        assert span.start == at, "spans do not tile the file"
        assert span.start < span.end, "an empty span"
        assert (span.kind == "text") <= (span.segment is not None), "a text span of no segment"
        at = span.end
    assert at == len(data), "spans do not reach the end of the file"
    encoding = encoding_of(data)
    for number, review in enumerate(reading.reviews):
        raw = [
            "".join(
                halves_replaced(characters(data[span.start : span.end], encoding))
                for span in reading.spans
                if span.kind == "text" and (span.review, span.segment) == (number, place)
            )
            for place in range(len(review.segments))
        ]
        texts = [segment.text for segment in review.segments]
        assert texts in (raw, [literal(piece) for piece in raw]), "a segment is not what its spans say"
    for problem in reading.problems:
        if problem.start is not None:
            assert 0 <= problem.start <= problem.end <= len(data), f"{problem.kind} lies outside the file"
        assert problem.review is None or problem.review < len(reading.reviews)
    for text in (p.snippet or "" for p in reading.problems):
        text.encode()  # a lone surrogate cannot be stored


def source(data: bytes, twin: bytes | None = None) -> Source:
    return Source("f.txt", "f", data, Place(), None if twin is None else Source("r.txt", "r", twin))


@quick
@given(FILES)
@example(b"")
@example(b"\xef\xbb\xbf")
@example(b"\xff\xfe")
@example(b"\xff\xfeA\x00\x00\xd8")
@example(b'"')
@example(b'""')
@example(b'"\\"')
@example(b"\\[[MET-NEG]]")
@example(b"x\\n\\u20[[MET-NEG]][[MET-NEG]] 19")
@example(b"x\\n\\[[MET-NEG]] n \\q \\n \\n B.[[MET-NEG]]")
@example(b"\xe2\x80[[MET-NEG]]\x99")
def test_bracket_text_loses_nothing(data):
    assert_lossless(data, bracket.read(source(data)))


@quick
@given(FILES)
@example(b"Paper ID: | 7 |\n")
@example(b"Paper ID: | 7 |\r\n\r\nOne.\r\n\r\nTwo.")
@example(b"Reviewer 1\nReviewer 2\n")
@example(b"\xff\xfeR\x00e\x00")
def test_review_pages_lose_nothing(data):
    assert_lossless(data, review_page.read(source(data)))


@quick
@given(MIXED, MIXED)
def test_review_pages_with_a_head_lose_nothing(head, body):
    data = f"Paper ID: | 7 |\n{head}\n\n{body}\n\nReviewer 2\n{body}".encode()
    assert_lossless(data, review_page.read(source(data)))


@quick
@given(FILES, st.sampled_from([None, "bracket", "review-page"]))
def test_no_reader_breaks_off(data, forced):
    name, reading = read(source(data), forced)
    assert "failed_file" not in {problem.kind for problem in reading.problems}
    assert_lossless(data, reading)
    assert (name == "none") == ([span.kind for span in reading.spans] in ([], ["unread"]))


@quick
@given(FILES, FILES)
@example(b"One. Two.[[MET-NEG]]", rb'"One. \ud83d Two."')
@example(b"One.[[MET-NEG]]", b"[" * 100_000)
@example(b"One.[[MET-NEG]]", b"9" * 10_000)
@example(b"[[MET-NEG]]", b"One.")
@example(b"", b"One.")
def test_a_raw_twin_of_any_kind_breaks_nothing(data, twin):
    assert_lossless(data, bracket.read(source(data, twin)))


@quick
@given(MIXED)
def test_a_twin_with_the_same_text_does_not_differ(text):
    read_once = bracket.read(source((text + TAG).encode()))
    whole = "".join(segment.text for segment in read_once.reviews[0].segments)
    if "\\" in whole or whole.strip()[:1] == '"' or whole[:1] == "\ufeff":
        return  # such a twin is read as a JSON string or loses its byte-order mark
    again = bracket.read(source((text + TAG).encode(), whole.encode()))
    assert "differs_from_raw" not in {problem.kind for problem in again.problems}


@quick
@given(TEXTS)
def test_sentences_tile_the_text(text):
    starts = boundaries(text)
    assert starts == sorted(set(starts))
    assert starts[:1] == ([0] if text else [])
    assert all(0 <= start < len(text) for start in starts)


def test_a_surrogate_pair_that_a_tag_splits_is_put_together():
    data = (rb"Fine.\n Nice \ud83d" + TAG.encode() + rb"\ude00 work.\n" + TAG.encode()) * 2
    (review,) = bracket.read(source(data)).reviews
    assert "".join(segment.text for segment in review.segments) == "Fine.\n Nice 😀 work.\n" * 2


@pytest.mark.parametrize(
    ("data", "byte"), [(b"\xef\xbb\xbfNa\xefve.", "0xEF at byte 5"), (b"\xff\xfeA\0x", "0x78 at byte 4")]
)
def test_the_first_byte_that_fits_no_encoding_is_named(data, byte):
    (problem,) = bracket.read(source(data)).problems
    assert problem.kind == "not_utf8"
    assert byte in problem.detail


def test_utf16_that_lost_its_last_byte_keeps_its_labels():
    data = f"\ufeffGood.{TAG} Bad.{TAG}".encode("utf-16-le")[:-1]
    (review,) = bracket.read(source(data)).reviews
    assert review.segments[0].text == "Good."
    assert [label.code for label in review.segments[0].labels] == ["MET", "EMP", "CRT", "MAJ"]
