"""Beside the lines of a concordance: where in reviews hits stand, how often they come and how evenly."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import polars as pl

from pages.parts import address, plots, sheets
from pages.parts.plots import Dot
from queries.filters import Condition, Filters
from queries.intervals import thin

_INK = "hue 7"
#: Value of a filter for a value of the papers; null values have a spelling only where decisions are.
_UNKNOWN = {"decision": "none"}


def tenths(rows: pl.DataFrame, filters: Filters, own: Mapping) -> None:
    """Draws queries.dispersion: the share of hits in each tenth of a review; a click shows these hits."""
    told = rows.with_columns(thin().alias("thin")).to_dicts()
    data = [
        {
            **{key: row[key] for key in ("share", "low", "high", "n")},
            "tenth": row["tenth"] + 1,
            "kind": plots.THIN if row["thin"] else _INK,
            "go": address.href("concordance", filters, **own, tenth=row["tenth"] + 1),
        }
        for row in told
    ]
    colour = alt.Color("kind:N", scale=plots.colour(), legend=None)
    axis = alt.Axis(title="tenth of the review: its beginning to its end", labelAngle=0)
    base = alt.Chart(alt.Data(values=data)).encode(x=alt.X("tenth:O", axis=axis), tooltip=_tips())
    grey = alt.condition(f"datum.kind === '{plots.THIN}'", alt.value(0.8), alt.value(0.4))
    bars = base.mark_bar(cursor="pointer").encode(
        opacity=grey,
        y=alt.Y("share:Q", title="share of the hits", axis=alt.Axis(format=".0%", tickCount=4)),
        color=colour,
    )
    lines = base.mark_rule(strokeWidth=2.2, cursor="pointer").encode(y="low:Q", y2="high:Q", color=colour)
    even = alt.Chart(alt.Data(values=[{"at": 0.1, "kind": "neutral"}])).mark_rule(strokeDash=[4, 3])
    words = ", ".join(f"{row['n']:,} in tenth {row['tenth'] + 1}" for row in told)
    chart = alt.layer(bars, lines, even.encode(y="at:Q", color=colour)).properties(height=190)
    plots.draw(chart, key="tenths", alt_text=f"Bar chart of hits by tenth of the review: {words}.")
    plots.twin(rows.with_columns(pl.col("tenth") + 1))


def _tips() -> list[alt.Tooltip]:
    shares = (("share", "share of the hits"), ("low", "from"), ("high", "to"))
    return [
        alt.Tooltip("tenth:O", title="tenth"),
        alt.Tooltip("n:Q", title="hits", format=","),
        *(alt.Tooltip(f"{key}:Q", title=title, format=".1%") for key, title in shares),
    ]


def evenness(row: Mapping) -> None:
    """Says how evenly hits fall on papers: a row of queries.dispersion.evenness."""
    if row["dp"] is None or row["of_papers"] < 2:
        return
    verdict = "as evenly as chance would spread them"
    if row["dp"] > row["high"]:
        verdict = "<b>unevenly</b>: some papers have more than chance would give them"
    elif row["dp"] < row["low"]:
        verdict = "<b>more evenly</b> than chance would spread them"
    sheets.said(
        f"{row['n_papers']:,} of {row['of_papers']:,} papers have a hit, {verdict}. Deviation of proportions "
        f"<b>{row['dp']:.2f}</b>; by chance {row['by_chance']:.2f} ({row['low']:.2f}–{row['high']:.2f})."
    )


def rates(rows: pl.DataFrame, over: str, layer: str | None, filters: Filters, own: Mapping) -> None:
    """Draws queries.dispersion.frequency by one column; a click shows the hits of that value."""
    marked = rows.with_columns(thin().alias("thin")).to_dicts()
    dots = [
        Dot(
            name="unknown" if row[over] is None else str(row[over]),
            series=f"hits by {over}",
            kind=row[over] if over == "polarity" and row[over] else _INK,
            value=row["rate"],
            low=row["low"],
            high=row["high"],
            n=f"{row['n']:,} hits in {row['n_words']:,} words of {row['n_papers']:,} papers",
            thin=row["thin"],
            go=_narrowed(filters, over, row[over], layer, own),
        )
        for row in marked
        if row[over] is not None or over != "polarity"
    ]
    words = "; ".join(f"{dot['name']}: {dot['value']:.2f}" for dot in dots[:12])
    title = "hits per 1,000 words"
    plots.dots(dots, key="rates", title=title, alt_text=f"Dot plot of {title} by {over}. {words}.", format=".2~f")
    plots.twin(rows)


def _narrowed(filters: Filters, over: str, value: object, layer: str | None, own: Mapping) -> str:
    """The link to the concordance of one value; empty where no filter can ask for it."""
    query = filters.to_query()
    if over == "polarity":
        sign = {"negative": -1, "neutral": 0, "positive": 1}[str(value)]
        asks = {"label": [*query.get("label", ()), str(Condition(layer, None, sign).checked())]}
    elif value is None and over not in _UNKNOWN:
        return ""
    else:
        asks = {over: [_UNKNOWN[over] if value is None else str(value)]}
    return address.href("concordance", Filters.from_query(query | asks), **own)
