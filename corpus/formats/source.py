"""A source file as readers see it: its bytes, its text with offsets back to the bytes, its place in a tree."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property

from corpus.records import Problem

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_UNDECODED = re.compile(r"[\udc80-\udcff]+")


@dataclass(frozen=True, slots=True)
class Place:
    """What the path of a file tells; null where it does not."""

    corpus: str | None = None
    venue: str | None = None
    year: int | None = None
    decision: str | None = None
    paper_key: str | None = None
    reviewer: str | None = None
    named_paper: str | None = None
    raw: bool = False


@dataclass(frozen=True)
class Source:
    """One file: `path` as shown to people, `origin` a digest of where it lies, `twin` the raw copy beside it."""

    path: str
    origin: str
    data: bytes
    place: Place = field(default_factory=Place)
    twin: Source | None = None

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        name = re.split(r"[/\\]", self.path)[-1]
        return name.rpartition(".")[0] or name

    @cached_property
    def text(self) -> SourceText:
        """The decoded text; the same object every time."""
        return decode(self.data)


class SourceText:
    """Decoded text of a source and the way from its code points back to bytes.

    `text` has no byte-order mark; `lead` is that mark's length in bytes. Lone bytes that are no UTF-8 stand in `text`
    as their Windows-1252 character, or U+FFFD, one for one, and are reported in `problems`.
    """

    def __init__(self, text: str, lead: int, encoding: str, problems: tuple[Problem, ...], misfits: frozenset[int]):
        self.text = text
        self.lead = lead
        self.encoding = encoding
        self.problems = problems
        self._misfits = misfits

    @cached_property
    def _wide(self) -> tuple[list[int], list[int]]:
        """Places of the characters that take more than the encoding's least width, and bytes added up to each."""
        unit = 1 if self.encoding == "utf-8" else 2
        places: list[int] = []
        extra = [0]
        for match in _NON_ASCII.finditer(self.text):
            width = 1 if match.start() in self._misfits else len(match[0].encode(self.encoding, "surrogatepass"))
            if width > unit:
                places.append(match.start())
                extra.append(extra[-1] + width - unit)
        return places, extra

    def byte(self, index: int) -> int:
        """The byte offset at which code point `index` of the text starts."""
        unit = 1 if self.encoding == "utf-8" else 2
        if unit == 1 and self.text.isascii():
            return self.lead + index
        places, extra = self._wide
        return self.lead + unit * index + extra[bisect_left(places, index)]

    @cached_property
    def bytewise(self) -> bool:
        """Whether code points and bytes of the source have the same offsets."""
        return self.encoding == "utf-8" and not self.lead and self.text.isascii()


def decode(data: bytes) -> SourceText:
    """Bytes as text: UTF-8 with or without a mark, UTF-16 with one; else UTF-8 with misfits taken as Windows-1252."""
    mark, encoding = next(((m, e) for m, e in _BOMS if data.startswith(m)), (b"", "utf-8"))
    body = data[len(mark) :]
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            return _decode_misfits(data, 0, error)
        return _decode_misfits(body, len(mark), error)
    found = () if encoding == "utf-8" else (Problem("not_utf8", f"{encoding.upper()}; read as such.", 0, len(mark)),)
    return SourceText(text, len(mark), encoding, found, frozenset())


def _decode_misfits(body: bytes, lead: int, error: UnicodeDecodeError) -> SourceText:
    loose = body.decode("utf-8", "surrogateescape")
    misfits = frozenset(i for m in _UNDECODED.finditer(loose) for i in range(m.start(), m.end()))
    text = _UNDECODED.sub(lambda m: "".join(_windows_1252(c) for c in m[0]), loose)
    start = lead + error.start
    detail = (
        f"{len(misfits)} bytes are not UTF-8 ({error.reason}), the first 0x{body[error.start]:02X} at byte {start}."
    )
    problem = Problem("not_utf8", detail, start, start + 1, text[max(0, min(misfits) - 30) : min(misfits) + 30])
    return SourceText(text, lead, "utf-8", (problem,), misfits)


def _windows_1252(escaped: str) -> str:
    return bytes([ord(escaped) - 0xDC00]).decode("cp1252", "replace")
