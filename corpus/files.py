"""Which files a path holds: folders walked, archives opened in place, raw twins paired, system litter passed over."""

from __future__ import annotations

import hashlib
import lzma
import os
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from corpus.formats.place import place
from corpus.formats.source import Place, Source
from corpus.parts import WHOLE, Part, divisible, parts

# What systems and archivers leave behind, what our export lays beside a file, and the papers that come with a corpus.
_LITTER = re.compile(
    r"\.DS_Store|\._.*|__MACOSX|Thumbs\.db|desktop\.ini|\.git|(?:.*\.)?selection\.json|(?:README|LICEN[CS]E|CITATION|CHANGELOG)(?:\..*)?",
    re.IGNORECASE,
)


# What a damaged, encrypted or unusual archive makes the standard library raise.
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, NotImplementedError, ValueError)


#: An archive's member that is this many times larger than packed, and not small, is no text that anyone wrote.
_EXPANSION, _SMALL = 100, 2**20


class MissingPath(ValueError):
    """A path on the command line that is not there; the message is for people."""


class UnsafeArchive(OSError):
    """A member of an archive that is not opened, for what it would expand to or where it points."""


@dataclass(frozen=True)
class File:
    """A file to read, or a part of a large one, not yet opened.

    `corpus` is the name its folder suggests; `folder` is null in an archive; the rest is as in `Source`.
    """

    path: str
    origin: str
    corpus: str
    size: int
    place: Place
    load: Callable[[], bytes]
    folder: Path | None = None
    twin: File | None = None
    root: str = ""
    whole: str | None = None
    part: Part | None = None
    file: Path | None = None

    def source(self) -> Source:
        """The file with its bytes, without its twin; OSError where the system does not let us read it."""
        source = Source(
            self.path, self.origin, self.load(), self.place, root=self.root, whole=self.whole, file=self.file
        )
        if self.part is None:
            return source
        lines, records, header = self.part.lines, self.part.records, self.part.header
        return replace(source, first_line=lines + 1, first_record=records, header=header)


@dataclass(frozen=True)
class Gathering:
    """The files of some paths in order, raw twins within their annotated files, and how many were passed over."""

    files: tuple[File, ...]
    passed_over: int


#: How a store's name is continued by those of the files that belong to it.
BESIDE = (
    *("", ".lock", ".partial"),
    *(f".judgements.{end}" for end in ("jsonl", "jsonl.lock", "jsonl.settling", "torn")),
)


def gather(paths: Iterable[Path], leave_out: Path | None = None) -> Gathering:
    """Every file at or under `paths`, each once, sorted by path; MissingPath where one of the paths is not there.

    The store at `leave_out` and what belongs to it are passed over.
    """
    paths = list(paths)
    for path in paths:
        if not path.exists():
            hint = " Only `ingest` fetches a venue." if str(path).startswith("openreview:") else ""
            raise MissingPath(f"{path}: there is no such file or folder.{hint}")
    own = {_digest(f"{leave_out.resolve()}{end}") for end in BESIDE} if leave_out else set()
    found: dict[str, File] = {}
    passed_over = 0
    for path in paths:
        named = path.resolve()
        root = _digest(str(named if named.is_dir() else named.parent))
        for file in _walk(path):
            if file is None or file.origin in own:
                passed_over += 1
            else:
                found.setdefault(file.origin, replace(file, root=root))
    in_order = sorted(_pair(found.values()), key=_order)
    return Gathering(tuple(in_order), passed_over)


def _order(file: File) -> tuple[str, str, int, str]:
    """By corpus and path; the parts of a file as they stand in it."""
    return file.corpus, file.path.partition(" (part ")[0], file.part.start if file.part else 0, file.origin


def _walk(path: Path) -> Iterator[File | None]:
    """The files under `path`; null for every file passed over."""
    root = path.resolve()
    if not root.is_dir():
        yield from _open(root, root.name, root.parent.name)
        return
    closed: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=closed.append):
        folders.sort()
        inside = Path(folder).relative_to(root).parts
        for name in sorted(names):
            if _litter((*inside, name)):
                yield None
            else:
                shown = str(PurePosixPath(root.name, *inside, name))
                yield from _open(Path(folder, name), shown, root.name)
    for error in closed:
        place_of_it = Path(error.filename or root)
        shown = str(PurePosixPath(root.name, *place_of_it.relative_to(root).parts))
        yield _closed(place_of_it, shown, root.name, error)


def _litter(parts: Iterable[str]) -> bool:
    return any(_LITTER.fullmatch(part) for part in parts)


def _open(path: Path, shown: str, corpus: str) -> Iterator[File | None]:
    if path.suffix.lower() == ".zip" and path.is_file() and zipfile.is_zipfile(path):
        try:
            yield from list(_members(path, shown))
        except _DAMAGED as error:
            yield _closed(path, shown, corpus, OSError(f"a damaged archive ({error})"))
        return
    if path.exists() and not path.is_file():
        yield _closed(path, shown, corpus, OSError("neither a file nor a folder"))
        return
    told = place(tuple(map(_speakable, path.parts)))
    size = path.stat().st_size if path.exists() else 0
    whole = File(
        _speakable(shown),
        _digest(str(path)),
        told.corpus or _speakable(corpus),
        size,
        told,
        path.read_bytes,
        path.parent,
        file=path,
    )
    try:
        yield from _parts(whole, path) if size > WHOLE and divisible(path, size) else (whole,)
    except OSError:
        yield whole  # loading it tells why


def _parts(whole: File, path: Path) -> list[File]:
    """The parts of a large file, each a file of its own; its name says which part it is."""
    return [
        replace(
            whole,
            path=f"{whole.path} (part {number})",
            origin=_digest(f"{path} (part {number})"),
            size=part.end - part.start,
            load=partial(part.read, path),
            whole=whole.origin,
            part=part,
            file=None,
        )
        for number, part in enumerate(parts(path), start=1)
    ]


def _closed(path: Path, shown: str, corpus: str, error: OSError) -> File:
    """A file or folder that is there and cannot be read: it says why when it is loaded."""
    return File(_speakable(shown), _digest(str(path)), _speakable(corpus), 0, Place(), partial(_refuse, error))


def _refuse(error: OSError) -> bytes:
    raise error


def _members(archive: Path, shown: str) -> Iterator[File | None]:
    with zipfile.ZipFile(archive) as opened:
        members = [member for member in opened.infolist() if not member.is_dir()]
    times: Counter[str] = Counter()
    for member in sorted(members, key=lambda member: (member.filename, member.header_offset)):
        parts = PurePosixPath(_speakable(member.filename)).parts
        if _litter(parts):
            yield None
            continue
        told = place((archive.stem, *parts))
        times[member.filename] += 1
        again = f"#{times[member.filename]}/" if times[member.filename] > 1 else ""
        refused = _danger(member)
        yield File(
            path=_speakable(f"{shown}!/{again}{member.filename}"),
            origin=_digest(f"{archive}!/{again}{member.filename}"),
            corpus=told.corpus or _speakable(archive.stem),
            size=0 if refused else member.file_size,
            place=Place() if refused else told,
            load=partial(_refuse, UnsafeArchive(refused)) if refused else partial(_read_member, archive, member),
        )


def _danger(member: zipfile.ZipInfo) -> str | None:
    """Why a member is not opened; null where nothing speaks against it."""
    name = member.filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/") or re.match(r"[A-Za-z]:/", name):
        return f"{_speakable(member.filename)!r} points outside the archive; it was not read."
    if member.file_size > _SMALL and member.file_size > _EXPANSION * member.compress_size:
        times = member.file_size // max(1, member.compress_size)
        return f"{member.compress_size:,} bytes expand {times:,}-fold; at most {_EXPANSION}-fold is read."
    return None


def _read_member(archive: Path, member: zipfile.ZipInfo) -> bytes:
    try:
        with zipfile.ZipFile(archive) as opened:
            return opened.read(member)
    except _DAMAGED as error:
        raise OSError(str(error)) from error


def _speakable(name: str) -> str:
    """A name without the lone surrogates that stand for bytes which are no UTF-8: they cannot be stored or printed."""
    return name.encode("utf-8", "backslashreplace").decode()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _pair(files: Iterable[File]) -> Iterator[File]:
    """Puts each raw twin into the annotated file of the same paper and reviewer; a raw file alone stays a file."""
    files = list(files)
    raw: dict[tuple[str, str | None], File] = {}
    for file in files:
        if file.place.raw and file.place.reviewer:
            raw.setdefault(_pair_key(file), file)
    paired = {}
    for file in files:
        if (
            not file.place.raw
            and file.place.reviewer
            and (twin := raw.pop(_pair_key(file), None) or _twin_beside(file))
        ):
            paired[file.origin] = replace(file, twin=twin)
    twins = {file.twin.origin for file in paired.values() if file.twin}
    return (paired.get(file.origin, file) for file in files if file.origin not in twins)


def _twin_beside(file: File) -> File | None:
    """The raw twin of an annotated file that was named without the folder of its twin."""
    if file.folder is None or file.folder.name.lower() != "annotated":
        return None
    raw = file.folder.parent / "Raw"
    for path in sorted(raw.glob("*.txt")) if raw.is_dir() else ():
        shown = str(PurePosixPath(file.path).parent.parent / "Raw" / path.name)
        for other in _open(path, shown, file.corpus):
            if other and other.place.raw and other.place.reviewer == file.place.reviewer:
                return other
    return None


def _pair_key(file: File) -> tuple[str, str | None]:
    parts = file.path.split("/")
    paper = "/".join(parts[:-2]) if parts[-2:-1] and parts[-2].lower() in ("raw", "annotated") else "/".join(parts[:-1])
    return paper, file.place.reviewer
