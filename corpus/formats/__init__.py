"""Readers of source files: one registry, one sniffer."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from corpus.formats import bracket, review_page
from corpus.formats.source import Source
from corpus.records import Problem, Reading, Span

#: Text files beyond this many bytes are no reviews.
MAX_TEXT_BYTES = 16 * 2**20


class Reader(NamedTuple):
    """A file format: its name on the command line, what it is, whether a file is of it, and the reading of one."""

    name: str
    title: str
    sniff: Callable[[Source], bool]
    read: Callable[[Source], Reading]


#: Every reader, the most particular first.
READERS = (
    Reader("bracket", "reviews with inline tags such as [[MET-NEG], [EMP-NEG]]", bracket.sniff, bracket.read),
    Reader("review-page", "plain text and proceedings pages without labels", review_page.sniff, review_page.read),
)


def known_formats() -> str:
    """The names of the readers, for messages."""
    return ", ".join(reader.name for reader in READERS)


def read(source: Source, forced: str | None = None) -> tuple[str, Reading]:
    """The name of the reader that fits, or of the one `forced`, and what it reads. Never raises for a file's content.

    What cannot be read is one problem and one span of kind `unread`; the name is then `none`.
    """
    problem = _obstacle(source)
    if problem is None:
        reader = next((r for r in READERS if r.name == forced or (forced is None and r.sniff(source))), None)
        if reader is None:
            problem = Problem("unknown_format", f"No reader takes it for its own. Known formats: {known_formats()}.")
        else:
            try:
                return reader.name, reader.read(source)
            except Exception as error:  # one bad file never stops the others
                problem = Problem(
                    "failed_file", f"The {reader.name} reader broke off: {type(error).__name__}: {error}."
                )
    spans = (Span(0, len(source.data), "unread"),) if source.data else ()
    return "none", Reading((), spans, (problem,))


def _obstacle(source: Source) -> Problem | None:
    data = source.data
    if not data.strip(b" \t\r\n\xef\xbb\xbf"):
        return Problem("empty_file", f"{len(data)} bytes and no text.")
    if len(data) > MAX_TEXT_BYTES:
        found = f"{len(data) / 2**20:.1f} MB; a file of reviews may have {MAX_TEXT_BYTES // 2**20} MB."
        return Problem("oversized_file", found)
    if b"\0" in data[:65_536] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Problem("binary_file", f"A zero byte at byte {data.index(0)}; text files hold none.")
    return None
