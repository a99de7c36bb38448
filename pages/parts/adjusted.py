"""Corrected shares: what is counted of a model's labels and what people would have given, on pages that show either.

A page asks `way` whether models' labels are counted and whether they can be corrected, draws `choice`, and shows rows
of queries.adjusted_trend or adjusted_comparison through `shown`. `plans` and `draw` put a chart of corrected shares
beside any other chart of a layer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from corpus.tables import Frames
from pages.parts import address, charts, plots, provenance, states, verbatim
from pages.parts.codes import Code
from queries.adjusted_measures import CORRECTABLE
from queries.adjusted_shares import adjusted_shares
from queries.answers import models_asked
from queries.confusion_rates import LEAST
from queries.correction import GAPS
from queries.filters import Condition, Filters
from queries.measures import UNNAMED, Measure
from queries.weak_codes import LEAST_F1

#: The key of an address that asks for counts as they are.
KEY = "counted"
_WAYS = {"no": "Corrected for the model", "yes": "As counted"}
#: Why a share is not corrected, after the names of codes.
REASONS = {
    "unmeasured": "never measured on held-out papers",
    "indistinct": "the model hardly tells sentences with it from others",
    "vanishing": "after correction there may be none at all",
}

WORDS = (
    "**A model's labels** are corrected by adjusted counting. On papers held out from its training it gave a code to "
    "a share tpr of the sentences to which people gave it, and to a share fpr of the others; sentences on which it "
    "abstained are among those it gave none. So from the share q that it labels here follows the share s to which "
    "people would have given the code. What people labelled is added as it is, and a model's labels only count where "
    "no person answered: n sentences are people's, m a model's. Negative and positive shares divide two such counts."
    "\n\n"
    "The band joins two things: which papers there are (they are drawn again), and how unsure tpr and fpr are (each "
    "is drawn with the papers from a beta distribution, with Jeffreys' prior; held-out sentences come in papers too, "
    "so one and a half count as one). Cohorts share these draws. As counted, only the first is in the band. Where the "
    f"lower end of tpr − fpr is not above {LEAST:g}, nothing is drawn: dividing by it would say nothing. A model that "
    f"fills gaps only, up to {GAPS:.0%} of the answers, is then taken to have said what people say.\n\n"
    "It holds if the model errs here as it did on the held-out papers; another venue, time or topic may differ, which "
    "no calculation here can tell. A share of reviews or of labels is not corrected, nor is anything once sentences "
    "were chosen by their words or labels. Where a model labels, "
    "differences are tested by their standard error in the draws, on Student's distribution with the papers of the "
    "smaller cohort less one; signs are not flipped."
)
FORMULAS = (
    r"s = \frac{q - \mathrm{fpr}}{\mathrm{tpr} - \mathrm{fpr}} \in [0, 1] \qquad "
    r"\text{share} = \frac{x_\text{people} + m\,s}{n + m}",
    r"\mathrm{tpr}^* \sim \mathrm{Beta}(\tfrac{k}{1.5} + \tfrac12,\ \tfrac{n_\text{gold} - k}{1.5} + \tfrac12) \qquad "
    r"\mathrm{fpr}^* \sim \mathrm{Beta}(\tfrac{n_\text{model} - k}{1.5} + \tfrac12,\ \ldots) \qquad k = n_\text{both}",
)
SOURCES = (
    ("Forman 2008, Quantifying counts and costs via classification", "https://doi.org/10.1007/s10618-008-0097-y"),
    (
        "Rogan & Gladen 1978, Estimating prevalence from the results of a screening test",
        "https://doi.org/10.1093/oxfordjournals.aje.a112510",
    ),
    (
        "Brown, Cai & DasGupta 2001, Interval estimation for a binomial proportion",
        "https://doi.org/10.1214/ss/1009213286",
    ),
)


class Way(NamedTuple):
    """How labels are counted here. `models` are those whose labels count, empty where all are people's.

    counted   whether the address asks for counts as they are
    blocked   why nothing can be corrected, as HTML; empty where it can
    another   whether another measure could be
    """

    models: tuple[str, ...] = ()
    counted: bool = False
    blocked: str = ""
    another: bool = False

    @property
    def corrects(self) -> bool:
        """Whether corrected values are shown."""
        return bool(self.models) and not self.counted and not self.blocked

    @property
    def empty(self) -> bool:
        """Whether corrected values are asked for and cannot be had."""
        return bool(self.models) and not self.counted and bool(self.blocked)


def models(part: Frames, layer: str) -> pl.LazyFrame:
    """The models whose labels in a layer count in a selection."""
    return models_asked(part, layer=layer)


def way(found: Iterable[pl.DataFrame], measure: Measure, filters: Iterable[Filters]) -> Way:
    """How labels are counted of selections with these `filters`; `found` are the rows of `models` of each."""
    names = sorted({name for rows in found for name in rows["source"]})
    if not names:
        return Way()
    blocked, another = "", False
    if any(each.text or any(c.target == "segment" for c in each.conditions) for each in filters):
        blocked = (
            "the sentences here were chosen by their words or labels, and how the model errs was measured on all "
            "sentences"
        )
    elif measure not in CORRECTABLE:
        of = {"share": "labels", "mention": "reviews"}[measure]
        blocked = f"how the model errs was measured sentence by sentence, from which no share of {of} follows"
        another = True
    return Way(tuple(names), address.value(KEY) == "yes", blocked, another)


def choice(on: Way) -> None:
    """Draws the switch between corrected and counted; nothing where all labels are people's."""
    if on.models:
        address.choice(KEY, list(_WAYS), "yes" if on.counted else "no", "Model labels", _WAYS)


def told(on: Way, filters: Filters) -> None:
    """Says that what is asked for cannot be corrected, with links to what can be shown; nothing where it can."""
    if not on.empty:
        return
    kept = {key: values for key, values in address.query().items() if key in address.KEPT}
    here = address.here()
    links = [(address.href(here, filters, **kept | {KEY: ["yes"]}), "show it as counted")]
    if on.another:
        links.insert(0, (address.href(here, filters, **kept | {"measure": ["sentence"]}), "show shares of sentences"))
    shown = " or ".join(f'<a href="{verbatim.html(link)}" data-go>{words}</a>' for link, words in links)
    states.note(
        f"<b>Not drawn.</b> Labels of {verbatim.html(provenance.named(on.models))} count here and this cannot be "
        f"corrected for it: {on.blocked}. You can {shown}."
    )


def shown(rows: pl.DataFrame, on: Way) -> pl.DataFrame:
    """The rows with `value`, `low` and `high` as they are to be drawn: corrected, or as counted."""
    if "counted" not in rows.columns or not on.counted:
        return rows
    counted = {"value": "counted", "low": "counted_low", "high": "counted_high"}
    return rows.with_columns(
        *(pl.col(old).alias(new) for new, old in counted.items()), pl.lit(None, pl.String).alias("reason")
    )


def means(on: Way, how: str = "Dashed rings") -> str:
    """What is drawn of a model's labels, in words, as HTML, by `how` they look; empty where all are people's."""
    if not on.models:
        return ""
    by = verbatim.html(provenance.named(on.models))
    said = f" <b>{how}: with labels of {by}</b>, "
    if on.corrects:
        return said + "corrected by how it errs on held-out papers; the interval includes how unsure that is."
    return said + "as counted: how it errs is neither taken out nor in the interval."


def amiss(rows: Iterable[Mapping], names: Mapping[str, str], on: Way) -> None:
    """Says what is not drawn because it cannot be corrected, and what is grey because the model does not know it.

    `rows` have code, reason, weak and best_f1; `names` are the codes in words.
    """
    every, found = list(rows), []
    there = {row["code"] for row in every if row["value"] is not None}
    if on.corrects:
        for reason, words in REASONS.items():
            codes = list(dict.fromkeys(row["code"] for row in every if row["reason"] == reason))
            if codes:
                listed = ", ".join(verbatim.html(names[code]) + " (in part)" * (code in there) for code in codes)
                found.append(f"<b>Not drawn: {listed}.</b> {words[0].upper()}{words[1:]}.")
    drawn = [row for row in every if row["value"] is not None]
    weak: dict[str, float | None] = {row["code"]: row["best_f1"] for row in drawn if row.get("weak")}
    if weak:
        listed = ", ".join(f"{verbatim.html(names[code])} ({_f1(weak[code])})" for code in weak)
        least = provenance.decimals(LEAST_F1, 1)
        found.append(f"<b>A hint only: {listed}.</b> F1 on held-out papers is under {least}, so it is grey.")
    if found:
        states.note("<br>".join(found))


def rests(row: Mapping) -> str:
    """What a value owes to a model, in words, after what it rests on: what was counted, how well the code is known."""
    if not row.get("by_model"):
        return ""
    said = f"; {row['by_model']:,} sentences by a model"
    if row["counted"] is not None and row["counted"] != row["value"]:
        said += f", as counted {row['counted']:.2f}"
    return said + (f"; {_f1(row['best_f1'])}" if row["weak"] else "")


def _f1(value: float | None) -> str:
    return "F1 unknown" if value is None else f"F1 {provenance.decimals(value)}"


# --- beside another chart --------------------------------------------------------------------------------------------


def plans(part: Frames, layer: str, whole: Frames | None = None) -> dict[str, pl.LazyFrame]:
    """What `draw` needs of a selection: the corrected share of sentences with each code of a layer, and the models.

    whole     the frames before any filter
    """
    return {
        "adjusted": adjusted_shares(part, layer=layer, polarities=False, whole=whole),
        "models": models(part, layer),
    }


def draw(layer: str, found: Mapping[str, pl.DataFrame], known: Sequence[Code], filters: Filters) -> None:
    """A compact chart of the corrected share of sentences with each code, with its interval, and what is not in it.

    Nothing where no model's labels count. `found` has the frames of `plans`, `known` the codes of the layer in order.
    """
    on = way([found["models"]], "sentence", [filters])
    if not on.models:
        return
    on = on._replace(counted=False)
    if on.blocked:
        states.note(f"<b>Nothing is corrected here:</b> {on.blocked}.")
        return
    order = {code.code: code for code in known if code.code not in UNNAMED}
    rows = [row for row in found["adjusted"].iter_rows(named=True) if row["code"] in order]
    rows.sort(key=lambda row: order[row["code"]].position)
    marks = [_dot(row, order[row["code"]], layer, filters) for row in rows]
    by = verbatim.html(provenance.named(on.models))
    if not any(mark["value"] is not None for mark in marks):
        states.note(f"<b>Nothing can be corrected.</b> No code here was measured well enough for {by}.")
    else:
        alt_text = "; ".join(f"{row['name']}: {row['value']:.0%}" for row in marks if row["value"] is not None)
        plots.dots(
            marks, key=f"adjusted_{layer}", title="corrected share of sentences, 95 %",
            alt_text=f"Dots with intervals: corrected share of sentences by code. {alt_text}.",
            domain=(0.0, max([0.05, *(row["high"] or row["value"] or 0 for row in rows)])),
        )  # fmt: skip
    amiss(rows, {code: each.name for code, each in order.items()}, on)


def _dot(row: Mapping, code: Code, layer: str, filters: Filters) -> plots.Dot:
    papers = "paper" if row["n_papers"] == 1 else "papers"
    return {
        "name": code.name,
        "series": "corrected",
        "kind": f"hue {0}",
        "value": row["value"],
        "low": row["low"],
        "high": row["high"],
        "n": f"{row['n']:,} of {row['answered']:,} sentences, {row['n_papers']:,} {papers}{rests(row)}",
        "thin": row["thin"] or row["weak"],
        "hollow": row["by_model"] > 0,
        "guess": row["by_model"] > 0,
        "go": charts.sentences(filters, Condition(layer, code.code)) if row["n"] else "",
    }
