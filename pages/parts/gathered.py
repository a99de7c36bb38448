"""Gathered: what the brief of a paper is drawn from, and which papers it is compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    among    the filters that say which papers it is compared with, n of them
    judged   the layers with a polarity that the paper is labelled in, by key
    """

    shown: reading.Paper
    open: str
    layer: str
    who: str | None
    filters: Filters
    found: Mapping[str, pl.DataFrame]
    among: Filters
    n: int
    judged: Sequence[str]

    def sentence(self, review_id: int, position: int) -> str:
        """The text of a sentence, as it is."""
        return next(each["text"] for each in self.shown.segments[review_id] if each["position"] == position)

    @property
    def compared(self) -> str:
        """What the paper is compared with, in words; not escaped."""
        others = f"{max(0, self.n - 1):,} other labelled {'paper' if self.n == 2 else 'papers'}"
        if self.among.venues:
            return f"{others} of {self.among.venues[0]} {self.among.years[0]}"
        return f"{others} of the whole database, as its venue and year have fewer than {ENOUGH_PAPERS}"

    def link(self, **own: object) -> str:
        """The link to the paper's reviews, escaped."""
        return verbatim.html(self.href(**own))

    def href(self, **own: object) -> str:
        """The link to the paper's reviews, not yet escaped."""
        return address.href("paper", self.filters, open=self.open, who=self.who, **{"layer": self.layer, **own})


def gathered(chosen: frames.Selection, shown: reading.Paper, opened: str, layer: str, who: str | None) -> Brief:
    """What a brief needs, collected: of the whole paper and its peers, whatever the filters."""
    whole = chosen.snapshot.frames
    if who is not None:
        whole = whole._replace(labels=whole.labels.filter(pl.col("annotator") == who))
    row, what = shown.row, f"{opened} {layer} {who or ''}"
    judged = _judged(shown, layer)
    asked = layer if layer in judged or not judged else judged[0]
    n = frames.collect(chosen, f"peers {what}", n=peers(whole, paper_id=row["paper_id"], layer=asked))["n"]
    n_near, n_all = n.row(0)
    near = n_near >= ENOUGH_PAPERS
    among = Filters(corpora=(row["corpus"],), venues=(row["venue"],), years=(row["year"],)) if near else Filters()
    plans = _plans(whole, among.apply(whole), opened, row["paper_id"], layer, judged)
    found = frames.collect(chosen, f"brief {what}", **plans)
    return Brief(shown, opened, layer, who, chosen.filters, found, among, n_near if near else n_all, judged)


def _judged(shown: reading.Paper, layer: str) -> list[str]:
    """The layers with a polarity that the paper is labelled in; the shared aspects stand for their own if shown."""
    keys = [key for key in shown.layers() if codes.layers()[key].polarised and key != COMMON]
    if layer != COMMON:
        return keys
    asking = {key for key in keys if any(code.common not in (None, "none") for code in current().codes[key].values())}
    return [COMMON, *(key for key in keys if key not in asking)]


def _plans(
    whole: Frames, among: Frames, opened: str, paper_id: int, layer: str, judged: Sequence[str]
) -> dict[str, pl.LazyFrame]:
    own = Filters(papers=(opened,)).apply(whole)
    return {
        "read": reading_set(own),
        "opposed": opposed_sentences(own, layer=layer),
        "profile": profile_intervals(among, layer=layer, only=[paper_id]),
        **{f"blind {key}": blind_spots(among, layer=key, only=[paper_id]) for key in judged},
    }
