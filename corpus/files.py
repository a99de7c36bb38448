"""Which files a path holds: folders walked, archives opened in place, raw twins paired, system litter passed over."""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from corpus.formats.place import place
from corpus.formats.source import Place, Source

# What systems and archivers leave behind, and the papers that come with a corpus.
_LITTER = re.compile(
    r"\.DS_Store|\._.*|__MACOSX|Thumbs\.db|desktop\.ini|\.git|(?:README|LICEN[CS]E|CITATION|CHANGELOG)(?:\..*)?",
    re.IGNORECASE,
)


class MissingPath(ValueError):
    """A path on the command line that is not there; the message is for people."""


@dataclass(frozen=True)
class File:
    """A file to read, not yet opened. `corpus` is the name its folder suggests."""

    path: str
    origin: str
    corpus: str
    size: int
    place: Place
    load: Callable[[], bytes]
    twin: File | None = None

    def source(self) -> Source:
        """The file with its bytes; OSError where the system does not let us read it."""
        twin = self.twin.source() if self.twin else None
        return Source(self.path, self.origin, self.load(), self.place, twin)


@dataclass(frozen=True)
class Gathering:
    """The files of some paths in order, raw twins within their annotated files, and how many were passed over."""

    files: tuple[File, ...]
    passed_over: int


def gather(paths: Iterable[Path]) -> Gathering:
    """Every file at or under `paths`, each once. MissingPath where one of the paths is not there."""
    paths = list(paths)
    for path in paths:
        if not path.exists():
            raise MissingPath(f"{path}: there is no such file or folder.")
    found: dict[str, File] = {}
    passed_over = 0
    for path in paths:
        for file in _walk(path):
            if file is None:
                passed_over += 1
            else:
                found.setdefault(file.origin, file)
    return Gathering(tuple(_pair(found.values())), passed_over)


def _walk(path: Path) -> Iterator[File | None]:
    """The files under `path`; null for every file passed over."""
    root = path.resolve()
    if not root.is_dir():
        yield from _open(root, root.name, root.parent.name)
        return
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(_keep(folders))
        here = PurePosixPath(root.name, *Path(folder).relative_to(root).parts)
        for name in sorted(names):
            if _LITTER.fullmatch(name):
                yield None
            else:
                yield from _open(Path(folder, name), str(here / name), root.name)


def _keep(folders: list[str]) -> list[str]:
    return [folder for folder in folders if not _LITTER.fullmatch(folder)]


def _open(path: Path, shown: str, corpus: str) -> Iterator[File | None]:
    if path.suffix.lower() == ".zip" and zipfile.is_zipfile(path):
        yield from _members(path, shown)
        return
    told = place(path.parts)
    size = path.stat().st_size if path.exists() else 0
    yield File(shown, _digest(str(path)), told.corpus or corpus, size, told, path.read_bytes)


def _members(archive: Path, shown: str) -> Iterator[File | None]:
    with zipfile.ZipFile(archive) as opened:
        members = [member for member in opened.infolist() if not member.is_dir()]
    for member in sorted(members, key=lambda member: member.filename):
        parts = PurePosixPath(member.filename).parts
        if any(_LITTER.fullmatch(part) for part in parts):
            yield None
            continue
        told = place((archive.stem, *parts))
        yield File(
            path=f"{shown}!/{member.filename}",
            origin=_digest(f"{archive}!/{member.filename}"),
            corpus=told.corpus or archive.stem,
            size=member.file_size,
            place=told,
            load=partial(_read_member, archive, member.filename),
        )


def _read_member(archive: Path, name: str) -> bytes:
    try:
        with zipfile.ZipFile(archive) as opened:
            return opened.read(name)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:  # damaged, encrypted, unknown method
        raise OSError(str(error)) from error


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _pair(files: Iterable[File]) -> Iterator[File]:
    """Puts each raw twin into the annotated file of the same paper and reviewer; a raw file alone stays a file."""
    files = list(files)
    raw = {_pair_key(file): file for file in files if file.place.raw and file.place.reviewer}
    annotated = {_pair_key(f) for f in files if not f.place.raw and f.place.reviewer}
    used: set[str] = set()
    for file in files:
        twin = None if file.place.raw or not file.place.reviewer else raw.get(_pair_key(file))
        if file.place.raw and file.place.reviewer and _pair_key(file) in annotated:
            continue
        if twin is not None and twin.origin not in used:
            used.add(twin.origin)
            file = replace(file, twin=twin)
        yield file


def _pair_key(file: File) -> tuple[str, str | None]:
    parts = file.path.split("/")
    paper = "/".join(parts[:-2]) if parts[-2:-1] and parts[-2].lower() in ("raw", "annotated") else "/".join(parts[:-1])
    return paper, file.place.reviewer
