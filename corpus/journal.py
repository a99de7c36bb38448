"""The journal of what people judge in the dashboard, beside the store: a keystroke appends a line and no more."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock, Timeout

from corpus.store import StoreError, writing
from corpus.tables import USER

ACTIONS = ("accept", "change", "skip")
_WORDS = ("annotator", "corpus", "paper_key", "review_key", "text", "scheme", "layer", "action")
#: For how many seconds another process that writes the journal is waited for: a line takes it milliseconds.
_WAIT = 10
#: The most that a place in a text can be: what the store's columns hold.
_LAST = 2**32 - 1


class Judgement(NamedTuple):
    """One answer of one person to the question that a layer asks about a sentence.

    at                  when, with its time zone
    annotator           user:<name>
    start, end, text    the sentence: code points of the review's text, and what stands there
    answer              codes with their polarities; empty for `skip`, which makes no label
    action              accept, change (of what the model said) or skip
    model               the model whose answer was shown; null for none
    """

    at: datetime
    annotator: str
    corpus: str
    paper_key: str
    review_key: str
    start: int
    end: int
    text: str
    scheme: str
    layer: str
    answer: tuple[tuple[str, int | None], ...]
    action: str
    model: str | None = None

    @property
    def about(self) -> tuple:
        """What a later judgement must share to stand instead of this one: person, sentence, scheme and layer."""
        return *self[1:8], self.scheme, self.layer


class Journal:
    """The judgements that are not in the store yet, in the file `<db>.judgements.jsonl`.

    Several processes may write it. While they are being settled judgements are in a second file; a line that was torn
    by a crash, or is no judgement, is told in `torn` and passed over. When the others have been settled it goes to the
    file `<db>.judgements.torn`, so that nothing is lost.
    """

    def __init__(self, db: Path | str):
        self.db = Path(db)
        self.path = self.db.with_name(f"{self.db.name}.judgements.jsonl")
        self.settling = self.path.with_name(f"{self.path.name}.settling")
        self.rest = self.db.with_name(f"{self.db.name}.judgements.torn")
        #: What could not be read when the journal was last read, in words.
        self.torn: tuple[str, ...] = ()

    def append(self, judgement: Judgement) -> None:
        """Writes a judgement; when this returns it is on the disk. StoreError where it cannot be."""
        told = judgement._asdict() | {"at": judgement.at.isoformat()}
        with self._held():
            self._write(told)

    def undo(self, annotator: str) -> Judgement | None:
        """Takes a person's last judgement back and returns it; null where the journal has none. StoreError as above.

        And where it is being settled. What a killed run left half settled is taken back as any other; it may have come
        into the store all the same, where a new judgement replaces it.
        """
        if not self.path.exists() and not self.settling.exists():
            return None
        with self._held():
            busy = self._merge() if self.settling.exists() else None
            mine = self._of(annotator, self.path)
            if busy and not mine and self._of(annotator, self.settling):
                raise busy
            if mine:
                self._write({"undo": annotator, "at": mine[-1].at.isoformat()})
        return mine[-1] if mine else None

    def pending(self) -> tuple[Judgement, ...]:
        """The judgements that stand, oldest first: of each person, sentence and layer the last, skips among them."""
        if not self.path.exists() and not self.settling.exists():
            self.torn = ()
            return ()
        with self._held(to_read=True):
            return self._standing(self.settling, self.path)

    def set_aside(self) -> tuple[Judgement, ...]:
        """Moves all judgements out of the way of those to come, and returns them as `pending` does.

        They are still pending, until `put_back` tells which of them stay so.
        """
        if not self.path.exists() and not self.settling.exists():
            return ()
        with self._held():
            if self.settling.exists():  # a run before this one was killed
                self._replace(self.settling, self._all_lines())
                self.path.unlink(missing_ok=True)
            else:
                os.replace(self.path, self.settling)
            return self._standing(self.settling)

    def put_back(self, left: Iterable[Judgement]) -> None:
        """Ends what `set_aside` began: only `left` of what it returned go on being pending."""
        with self._held():
            self._keep_torn()
            told = (each._asdict() | {"at": each.at.isoformat()} for each in left)
            lines = b"".join(_line(each) for each in told) + _whole_lines(self.path)
            if lines:
                self._replace(self.path, lines)
            self.settling.unlink(missing_ok=True)

    @contextmanager
    def _held(self, to_read: bool = False) -> Iterator[None]:
        try:
            lock = FileLock(f"{self.path}.lock", timeout=_WAIT)
            try:
                lock.acquire()
            except OSError:
                if not to_read:  # in a folder that nobody can write to, nobody writes meanwhile
                    raise
            try:
                yield
            finally:
                lock.release()
        except Timeout as error:
            raise StoreError(f"{self.path}: another process is writing it. Try again.") from error
        except OSError as error:
            raise StoreError(f"{self.path}: it cannot be written: {error.strerror or error}.") from error

    def _write(self, told: dict[str, Any]) -> None:
        with self.path.open("ab+") as file:
            if file.tell() and not _ends_whole(file):
                file.write(b"\n")  # what a crash left of a line stays a line of its own
            file.write(_line(told))
            file.flush()
            os.fsync(file.fileno())

    def _replace(self, path: Path, lines: bytes) -> None:
        beside = path.with_name(f"{path.name}.new")
        with beside.open("wb") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)

    def _all_lines(self) -> bytes:
        return b"".join(_whole_lines(path) for path in (self.settling, self.path))

    def _of(self, annotator: str, path: Path) -> list[Judgement]:
        return [each for each in self._read(path) if each.annotator == annotator]

    def _merge(self) -> StoreError | None:
        """Brings back what a killed run set aside; the error, if it may be that the run is still at work."""
        try:
            with writing(self.db):  # who settles holds this, too
                self._replace(self.settling, self._all_lines())
                os.replace(self.settling, self.path)
        except StoreError as error:
            return error
        return None

    def _keep_torn(self) -> None:
        """Adds the lines of what was set aside that are no judgements to those of before."""
        torn = [line for _, line, told in _lines(self.settling) if told is None]
        if torn:
            with self.rest.open("ab") as file:
                file.write(b"".join(line + b"\n" for line in torn))
                file.flush()
                os.fsync(file.fileno())

    def _standing(self, *paths: Path) -> tuple[Judgement, ...]:
        self.torn = ()
        last: dict[tuple, Judgement] = {}
        for path in paths:
            for each in self._read(path):
                last.pop(each.about, None)
                last[each.about] = each
        return tuple(last.values())

    def _read(self, path: Path) -> list[Judgement]:
        """The judgements in a file, in order, without those that were taken back."""
        found: list[Judgement] = []
        for number, line, told in _lines(path):
            if told is None:
                shown = line[:80].decode("utf-8", "replace")
                self.torn += (f"{path.name}, line {number}, is no judgement, or half of one: {shown}",)
            elif isinstance(told, Judgement):
                found.append(told)
            else:
                _take_back(found, *told)
        return found


def _lines(path: Path) -> Iterator[tuple[int, bytes, Judgement | tuple[str, datetime] | None]]:
    """The lines of a file with their numbers and what each tells: a judgement, whose of when is taken back, or null."""
    for number, line in enumerate(path.read_bytes().split(b"\n") if path.exists() else (), start=1):
        if line.strip():
            try:
                yield number, line, _told(json.loads(line))
            except (ValueError, TypeError, KeyError, RecursionError):
                yield number, line, None


def _take_back(found: list[Judgement], annotator: str, at: datetime) -> None:
    gone = next((each for each in reversed(found) if (each.annotator, each.at) == (annotator, at)), None)
    found[:] = [each for each in found if each != gone]  # a crash may have left it twice


def _told(line: dict[str, Any]) -> Judgement | tuple[str, datetime]:
    """A judgement as JSON holds it, or whose of when is taken back. ValueError, TypeError or KeyError for all else."""
    at = datetime.fromisoformat(line["at"])
    if "undo" in line:
        return _user(line["undo"]), at
    words = {name: _word(line[name]) for name in _WORDS}
    start, end = line["start"], line["end"]
    model = None if line.get("model") is None else _word(line["model"])
    if not (
        (at.tzinfo is not None and 1 < at.year < 9999)  # so that it is a time in every zone
        and (type(start) is type(end) is int and 0 <= start <= end <= _LAST)
        and words["action"] in ACTIONS
    ):
        raise ValueError
    _user(words["annotator"])
    answer = tuple((_word(code), _sign(sign)) for code, sign in line["answer"])
    return Judgement(at=at, start=start, end=end, answer=answer, model=model, **words)


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    value.encode()  # ValueError for halves of characters, which no store holds
    return value


def _user(value: Any) -> str:
    if not _word(value).startswith(USER) or value == USER:
        raise ValueError
    return value


def _sign(value: Any) -> int | None:
    if value is not None and (type(value) is not int or value not in (-1, 0, 1)):
        raise ValueError
    return value


def _line(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=True).encode() + b"\n"


def _ends_whole(file: Any) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _whole_lines(path: Path) -> bytes:
    data = path.read_bytes() if path.exists() else b""
    return data if data.endswith(b"\n") or not data else data + b"\n"
