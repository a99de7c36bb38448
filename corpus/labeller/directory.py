"""A labeller on disk: spaCy's files, the report, and what it was checked on, so that its figures can be made again.

No file of it is code, and none is unpickled. The words of the corpora are not in it: features are hashed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from spacy.language import Language
from spacy.util import load_model_from_path

from corpus.labeller.cards import card
from corpus.labeller.component import NAME, ReviewLabeller
from corpus.labeller.errors import LabellerError
from corpus.labeller.figures import Checked
from corpus.labeller.linear import CODES
from corpus.labeller.policy import PRECISIONS
from corpus.labeller.reports import FORMAT, REPORT, read_report
from corpus.schemes import register, schemes
from corpus.schemes.definition import parse
from corpus.tables import MODEL

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SEEN, _SCHEME = "seen.json", "scheme.toml"
_ARRAYS, _SENTENCES, _ANSWERS = "checked.npz", "checked_sentences.parquet", "checked_answers.parquet"


class Trained(NamedTuple):
    """What training leaves: the pipeline, its report, what it was checked on, digests of the reviews it learnt from."""

    nlp: Language
    report: dict[str, Any]
    checked: Checked
    seen: list[str]


class Labeller:
    """A labeller as it was saved; use `load`."""

    def __init__(self, path: Path, nlp: Language, report: dict[str, Any]):
        self.path, self.nlp, self.report = path, nlp, report

    @property
    def annotator(self) -> str:
        """Whose labels its labels are: `model:<name>@<version>`."""
        return self.report["annotator"]

    @property
    def scheme(self) -> str:
        """The scheme that it labels by."""
        return self.report["scheme"]

    @property
    def component(self) -> ReviewLabeller:
        """The trained component of its pipeline."""
        return self.nlp.get_pipe(NAME)  # type: ignore[return-value]

    @cached_property
    def seen(self) -> frozenset[str]:
        """Digests of the reviews that it learnt from (`answers.digest`)."""
        return frozenset(json.loads((self.path / _SEEN).read_text("utf-8")))

    @cached_property
    def checked(self) -> Checked:
        """Its guesses on the papers that were kept apart while it was tuned."""
        with (self.path / _ARRAYS).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            raw, gold, known = (arrays[name].astype(np.float32) for name in ("raw", "gold", "known"))
        sentences, answers = (pl.read_parquet(self.path / name) for name in (_SENTENCES, _ANSWERS))
        return Checked(sentences, answers, raw, gold, known)


def free(to: Path, name: str) -> str:
    """The name, if it may be one and if a labeller may be written to `to`; LabellerError if not.

    Asked before training, which takes minutes.
    """
    if not _NAME.fullmatch(name):
        raise LabellerError(
            f"A labeller cannot be called {name!r}: use letters, digits, . _ and -, a letter or digit first."
        )
    try:
        if to.exists() and not (to.is_dir() and (_is_labeller(to) or not any(to.iterdir()))):
            raise LabellerError(
                f"{to}: something else is there; name a new directory, or that of a labeller to replace."
            )
        above = next(each for each in to.absolute().parents if each.exists())
    except OSError as error:
        raise LabellerError(f"{to}: it cannot be written: {error.strerror or error}.") from error
    if not (above.is_dir() and os.access(above, os.W_OK | os.X_OK)):
        raise LabellerError(f"{to}: it cannot be written: {above} is no folder that may be written to.")
    return name


def _is_labeller(path: Path) -> bool:
    """Whether a directory holds a labeller of this or another version, so that another may take its place."""
    try:
        told = json.loads((path / REPORT).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and str(told.get("annotator")).startswith(MODEL) and (path / "config.cfg").is_file()


def version_of(fingerprint: str, scheme: str, also: Sequence[str], seed: int) -> str:
    """Of a labeller: the same for the same labels, options and code."""
    code = b"".join(file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py")))
    told = json.dumps([fingerprint, scheme, list(also), seed, hashlib.sha256(code).hexdigest()])
    return hashlib.sha256(told.encode()).hexdigest()[:8]


def save(to: Path, trained: Trained) -> dict[str, Any]:
    """Writes a labeller beside its place and puts it there at once; its report, with size and versions."""
    to = to.absolute()
    partial, earlier = (to.with_name(f".{to.name}.{what}") for what in ("partial", "earlier"))
    try:
        if earlier.exists() and not to.exists():  # left over by a process that was killed
            os.replace(earlier, to)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        # Without the vocabulary: it would hold every word of the corpora, and nothing needs it.
        trained.nlp.to_disk(partial, exclude=["vocab"])
        checked = trained.checked
        np.savez_compressed(
            partial / _ARRAYS,
            raw=checked.raw.astype(np.float16),
            gold=checked.gold.astype(np.uint8),
            known=checked.known.astype(np.uint8),
        )
        checked.sentences.with_columns(pl.col("paper").hash(seed=0)).write_parquet(partial / _SENTENCES)
        checked.answers.write_parquet(partial / _ANSWERS)
        (partial / _SEEN).write_text(json.dumps(sorted(trained.seen)), "utf-8")
        scheme = next(each for each in schemes() if each.name == trained.report["scheme"])
        (partial / _SCHEME).write_text(scheme.toml, "utf-8")
        size = sum(file.stat().st_size for file in partial.rglob("*") if file.is_file())
        needed = ("reviewscope", "spacy", "thinc", "numpy", "scipy", "vaderSentiment")
        versions = {name: installed(name) for name in needed}
        report = {"format": FORMAT, **trained.report, "size_bytes": size, "versions": versions}
        (partial / REPORT).write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")
        (partial / "README.md").write_text(card(report), "utf-8")
        _put(partial, to, earlier)
    except OSError as error:
        raise LabellerError(f"{to}: it cannot be written: {error.strerror or error}.") from error
    finally:
        for each in (partial, *([earlier] if to.exists() else [])):
            shutil.rmtree(each, ignore_errors=True)
    return report


def _put(partial: Path, to: Path, earlier: Path) -> None:
    """Renames what was written; what was there before goes only when that is done."""
    if to.exists() and any(to.iterdir()):
        shutil.rmtree(earlier, ignore_errors=True)
        os.replace(to, earlier)
    try:
        os.replace(partial, to)
    except OSError:
        if earlier.exists():
            os.replace(earlier, to)
        raise


def load(path: Path | str) -> Labeller:
    """The labeller at `path`. LabellerError where there is none, where it is damaged, or does not fit the schemes."""
    path = Path(path)
    report = read_report(path)
    try:
        own = parse((path / _SCHEME).read_text("utf-8"), str(path / _SCHEME))
        if own.name not in {each.name for each in schemes()}:  # one of a store that is open stays as it is there
            register(own)
        nlp = load_model_from_path(path, exclude=["vocab"])
        labeller = Labeller(path, nlp, report)
        heads = labeller.component.heads
        assert labeller.scheme == heads[0].scheme
        assert set(labeller.component.policy.precise) == {f"{each:.2f}" for each in PRECISIONS}, "it has no thresholds"
        labeller.component.predict([nlp.make_doc("It reads well.")])
        sentences, _, *arrays = labeller.checked
        shape = (sentences.height, sum(len(head.names) for head in heads))
        assert all(each.shape == shape for each in arrays), "what it was checked on does not fit together"
        assert all(isinstance(each, str) for each in labeller.seen)
        datetime.fromisoformat(report["made_at"])
    except (
        Exception
    ) as error:  # whatever spaCy, thinc and numpy raise on files that are cut, changed or of another version
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise LabellerError(f"{path}: the labeller is damaged or was made by other versions ({why[:200]}).") from error
    refuse_strangers(labeller)
    return labeller


def refuse_strangers(labeller: Labeller) -> None:
    """LabellerError where it gives a code that its scheme, as it is known now, does not have.

    To be asked again once a store is open, which may bring another version of the scheme.
    """
    known = {(s.name, layer.name, code.code) for s in schemes() for layer in s.layers for code in layer.codes}
    for head in labeller.component.heads:
        for name in head.names if head.what == CODES and head.scheme == labeller.scheme else ():
            if (head.scheme, head.layer, name) not in known:
                raise LabellerError(
                    f"{labeller.path}: it gives the code {name} in the layer {head.layer}, which the scheme "
                    f"{head.scheme} does not have here. Train it anew by the scheme as it is now."
                )
