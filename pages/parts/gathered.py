"""Gathered: what the brief of a paper is drawn from, and which papers it is compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import polars as pl

from corpus.schemes import COMMON
from corpus.tables import Frames
from pages.parts import address, codes, frames, reading, verbatim
from queries.blind_spots import blind_spots
from queries.filters import Filters
from queries.intervals import ENOUGH_PAPERS
from queries.opposed_sentences import opposed_sentences
from queries.peers import peers
from queries.profile_intervals import profile_intervals
from queries.reading_set import reading_set
from queries.vocabulary import current


class Brief(NamedTuple):
    """What a brief is drawn from.

    found    the rows of the queries
    among    by layer, the filters that say which papers it is compared with, and
    n        how many these are that are labelled in the layer, itself among them
    judged   the layers with a polarity that the paper is labelled in, by key
    """

    shown: reading.Paper
    open: str
    layer: str
    who: str | None
    filters: Filters
    found: Mapping[str, pl.DataFrame]
    among: Mapping[str, Filters]
    n: Mapping[str, int]
    judged: Sequence[str]

    def sentence(self, review_id: int, position: int) -> str:
        """The text of a sentence, as it is."""
        return next(each["text"] for each in self.shown.segments[review_id] if each["position"] == position)

    @property
    def compared(self) -> str:
        """What the paper is compared with, in words; not escaped. With the layers, where it differs among them."""
        titles = codes.layer_names(self.among)
        of: dict[str, list[str]] = {}
        for key in self.among:
            of.setdefault(self._others(key), []).append(titles[key])
        if len(of) == 1:
            return next(iter(of))
        return "; ".join(f"{others} ({', '.join(layers)})" for others, layers in of.items())

    def _others(self, layer: str) -> str:
        n, among = self.n[layer], self.among[layer]
        others = f"{max(0, n - 1):,} other labelled {'paper' if n == 2 else 'papers'}"
        if among.venues:
            return f"{others} of {among.venues[0]} {among.years[0]}"
        return f"{others} of the whole database, as its venue and year have fewer than {ENOUGH_PAPERS}"

    def counted(self, layer: str) -> Filters:
        """The filters of what is counted of other papers: labels of the annotator, if one is chosen, on reviews."""
        return replace(self.among[layer], annotators=(self.who,) if self.who is not None else (), kinds=("review",))

    def link(self, **own: object) -> str:
        """The link to the paper's reviews, escaped."""
        return verbatim.html(self.href(**own))

    def href(self, **own: object) -> str:
        """The link to the paper's reviews, not yet escaped."""
        return address.href("paper", self.filters, open=self.open, who=self.who, **{"layer": self.layer, **own})


def gathered(chosen: frames.Selection, shown: reading.Paper, opened: str, layer: str, who: str | None) -> Brief:
    """What a brief needs, collected: of the whole paper and its peers, whatever the filters but whose labels count."""
    whole = reading.by(chosen, who)
    row, what = shown.row, f"{opened} {layer} {who or ''}"
    judged = _judged(shown, layer)
    # A venue may have enough papers that are labelled in one layer and too few in another.
    asked = {key: peers(whole, paper_id=row["paper_id"], layer=key) for key in judged or [layer]}
    counts = {key: rows.row(0) for key, rows in frames.collect(chosen, f"peers {what}", **asked).items()}
    near = {key: n_near >= ENOUGH_PAPERS for key, (n_near, _) in counts.items()}
    n = {key: n_near if near[key] else n_all for key, (n_near, n_all) in counts.items()}
    anywhere = Filters(whose=chosen.filters.whose)
    among = {key: _near(row, anywhere) if near[key] else anywhere for key in counts}
    found = frames.collect(chosen, f"brief {what}", **_plans(whole, among, opened, row["paper_id"], layer, judged))
    return Brief(shown, opened, layer, who, chosen.filters, found, among, n, judged)


def _near(paper: Mapping, anywhere: Filters) -> Filters:
    """The papers of its corpus, venue and year."""
    return replace(anywhere, corpora=(paper["corpus"],), venues=(paper["venue"],), years=(paper["year"],))


def _judged(shown: reading.Paper, layer: str) -> list[str]:
    """The layers with a polarity that the paper is labelled in; the shared aspects stand for their own if shown."""
    keys = [key for key in shown.layers() if codes.layers()[key].polarised and key != COMMON]
    if layer != COMMON:
        return keys
    asking = {key for key in keys if any(code.common not in (None, "none") for code in current().codes[key].values())}
    return [COMMON, *(key for key in keys if key not in asking)]


def _plans(
    whole: Frames, among: Mapping[str, Filters], opened: str, paper_id: int, layer: str, judged: Sequence[str]
) -> dict[str, pl.LazyFrame]:
    of = {key: filters.apply(whole) for key, filters in among.items()}
    own = Filters(papers=(opened,)).apply(whole)
    return {
        "read": reading_set(own),
        "opposed": opposed_sentences(own, layer=layer),
        "profile": profile_intervals(of.get(layer, whole), layer=layer, only=[paper_id]),
        **{f"blind {key}": blind_spots(of[key], layer=key, only=[paper_id]) for key in judged},
    }
