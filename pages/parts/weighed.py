"""Weighed: a paper beside others. How sure the judgement on it is, and what nobody speaks of."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pages.parts import charts, codes, plots, sheets, states, verbatim
from pages.parts.codes import Code
from pages.parts.gathered import Brief
from queries.filters import Condition

#: A silence that is less probable than this is marked.
UNUSUAL = 0.1


def blind(brief: Brief) -> None:
    """What no reviewer speaks of, the most unusual silence first."""
    rows = [(key, row) for key in brief.judged for row in brief.found[f"blind {key}"].iter_rows(named=True)]
    sheets.section("blind", "What nobody speaks of", len(rows))
    if not rows:
        states.note(
            "<b>Nothing is left out</b> that reviewers of other papers speak of."
            if brief.judged
            else "<b>No layer here has a polarity:</b> what the paper is judged on is not labelled."
        )
        return
    sheets.said(
        f"Compared with {verbatim.html(brief.compared)}. Chance: how often as many reviews of a paper all pass it over."
    )
    rows.sort(key=lambda each: each[1]["silence"])
    titles = codes.layer_names(brief.judged)
    cells = [
        (
            f'<a href="{verbatim.html(charts.sentences(brief.counted(key), Condition(key, row["code"])))}" data-go>'
            f"{verbatim.html(brief.shown.codes[key, row['code']].name)}</a><small>{verbatim.html(titles[key])}</small>",
            f"{_quiet(row['thin'])}{row['share']:.0%}<small>{row['low']:.0%} – {row['high']:.0%}</small>",
            f"{_quiet(row['thin'])}{_unusual(row['silence'])}",
        )
        for key, row in rows
    ]
    sheets.table("What nobody speaks of", ("No review mentions", "#Others do", "#Chance"), cells)


def _quiet(thin: bool) -> str:
    return '<i class="rs-thin" data-tip="Rests on fewer than 30 papers" tabindex="0">~</i>' if thin else ""


def _unusual(silence: float) -> str:
    """The probability, strong where it is small."""
    shown = "under 1%" if silence < 0.01 else f"{silence:.0%}"
    return f"<b>{shown}</b>" if silence < UNUSUAL else shown


def profile(brief: Brief) -> None:
    """The net polarity of each code with its interval; a click shows the sentences in the reviews."""
    rows = brief.found["profile"]
    sheets.section("profile", "How sure the judgement is")
    layer = codes.layers()[brief.layer]
    if not rows.height:
        why = "no label of a review has one" if layer.polarised else "labels of this layer have none"
        states.note(f"<b>No polarity:</b> {why}.")
        return
    guesses = brief.shown.models(brief.layer)
    grey = "Grey: under 5, or guesses at what the model hardly knows. Dashed: a model’s guesses are among its labels; "
    grey += "with a ring: nothing else."
    sheets.said(
        "Net polarity, drawn towards the papers it is compared with: the fewer labels, the more. "
        + (grey if guesses else "Grey: under 5.")
    )
    guessed = brief.shown.guessed(brief.layer)
    dots = [
        _dot(brief, brief.shown.codes[brief.layer, row["code"]], row, *guessed.get(row["code"], (0, 0)))
        for row in rows.iter_rows(named=True)
    ]
    told = "; ".join(f"{dot['name']}: {dot['value']:+.2f}, {dot['n']}" for dot in dots if dot["value"] is not None)
    plots.dots(
        dots, key="profile", title="net polarity", format="+.1f", zero=0, domain=(-1, 1),
        alt_text=f"Dots with intervals: net polarity by code, from all negative to all positive. {told}.",
    )  # fmt: skip
    plots.twin(_twin(brief, rows))


def _dot(brief: Brief, code: Code, row: Mapping, n_models: int, n: int) -> plots.Dot:
    """A code of the profile; `n_models` of its `n` labels are models'."""
    by = f"; {'all' if n_models == n else f'{n_models:,} of {n:,}'} guessed by a model" if n_models else ""
    hint = code.hint(brief.shown.models(brief.layer)) if n_models and n_models == n else None
    net = row["net_shrunk"]
    counted = f"{row['n']} {'label' if row['n'] == 1 else 'labels'}"
    return plots.Dot(
        name=code.name,
        series="this paper",
        kind="negative" if row["net_high"] < 0 else "positive" if row["net_low"] > 0 else "neutral",
        value=net,
        low=row["net_low"],
        high=row["net_high"],
        n=f"{counted}: {row['positive']} positive, {row['neutral']} neutral, {row['negative']} negative{by}",
        thin=row["thin"] or hint is not None,
        hollow=bool(n_models) and n_models == n,
        guess=bool(n_models),
        go=brief.href(code=code.code),
    )


def _twin(brief: Brief, rows: pl.DataFrame) -> pl.DataFrame:
    """The profile as numbers: as counted, shrunk, with the interval, and what it is shrunk to."""
    made: list[dict] = []
    for row in rows.iter_rows(named=True):
        cells = {"code": row["code"], "name": brief.shown.codes[brief.layer, row["code"]].name, "labels": row["n"]}
        for title, raw, name in (
            ("net", "net", "net"),
            ("negative", "negative_share", "negative"),
            ("positive", "positive_share", "positive"),
        ):
            cells |= {f"{title} as counted": row[raw], f"{title} shrunk": row[f"{name}_shrunk"]}
            cells |= {f"{title} from": row[f"{name}_low"], f"{title} to": row[f"{name}_high"]}
            cells |= {f"{title} of all": row[f"prior_{name}"]}
        made.append(cells | {"others weigh as": row["prior_weight"], "other papers": row["n_units"] - 1})
    return pl.DataFrame(made, infer_schema_length=None)
