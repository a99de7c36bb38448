"""What goes with an export: which selection of which snapshot it is, how much it holds, and the schemes it uses."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version

from corpus.exporters.selected import Selected
from corpus.store import Snapshot

#: Told after each review: reviews done, reviews in all, bytes written.
Progress = Callable[[int, int, int], None]


class Tally:
    """Counts what passes through, and what was left out or changed, by what it is."""

    def __init__(self, total: int, progress: Progress | None, size: Callable[[], int]):
        self.reviews = self.segments = self.labels = 0
        self.schemes: set[str] = set()
        self.annotators: set[str] = set()
        self.corpora: set[str] = set()
        self.left_out: Counter[str] = Counter()
        self._total, self._progress, self._size = total, progress, size

    def over(self, reviews: Iterable[Selected]) -> Iterator[Selected]:
        """The reviews, counted; papers without a review are let through uncounted."""
        for each in reviews:
            yield each
            self.corpora.add(each.corpus)
            if each.review is None:
                continue
            self.reviews += 1
            self.segments += len(each.chosen)
            for label in each.labels:
                self.labels += 1
                self.schemes.add(label.scheme)
                self.annotators.add(label.annotator)
            if self._progress:
                self._progress(self.reviews, self._total, self._size())

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out or changed, each with how often."""
        return tuple(f"{n:,} {what}" for what, n in sorted(self.left_out.items()) if n)


def manifest(snapshot: Snapshot, to: str, words: str, annotator: str | None, tally: Tally) -> str:
    """What was written, as a JSON object; `annotator` is null for all.

    It has Reviewscope's version, the snapshot's fingerprint, the selection, counts, what was left out, the definitions
    of the schemes that its labels are of, as TOML by name, and how the models that made labels of it were measured.
    """
    reports = snapshot.rows("SELECT annotator, report FROM models ORDER BY annotator")
    tomls = dict(snapshot.rows("SELECT scheme, toml FROM schemes ORDER BY scheme"))
    told = {
        "reviewscope": version("reviewscope"),
        "format": to,
        "selection": words,
        "annotator": annotator,
        "snapshot": snapshot.fingerprint,
        "reviews": tally.reviews,
        "segments": tally.segments,
        "labels": tally.labels,
        "left out": list(tally.notes),
        "schemes": {name: tomls[name] for name in sorted(tally.schemes)},
    }
    if models := {name: json.loads(report) for name, report in reports if name in tally.annotators}:
        told["models"] = models
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"
