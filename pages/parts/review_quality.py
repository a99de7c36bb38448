"""Measures of reviews: the groups that are measured, what the page collects of them, all measures at a glance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl
import streamlit as st

from pages.parts import address, cohorts, frames, states, tables, verbatim
from pages.parts.cohorts import Cohort
from pages.parts.measure_words import WORDS
from pages.parts.whole_reviews import whole_reviews
from queries.counts import counts
from queries.coverage import coverage, unused
from queries.distribution import distribution
from queries.filters import Filters
from queries.measure_distribution import measure_bins, measure_distribution
from queries.provenance import provenance
from queries.review_measures import MEASURES, review_measures, wording
from queries.vocabulary import current

VIEWS = {"one": "One group", "cohorts": "Side by side"}


class Asked(NamedTuple):
    """What the page is about: a measure, the groups it is compared in, the range of values that is listed, if any."""

    measure: str
    groups: Sequence[Cohort]
    between: tuple[float, float | None] | None

    @property
    def key(self) -> str:
        """What it depends on, for the names of what is collected."""
        return f"{self.measure} {[(group.key, group.place) for group in self.groups]}"


def asked(chosen: frames.Selection) -> Asked:
    """Draws the controls and reads the address."""
    side_by_side = address.value("split") or address.value("cohort")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        names = {name: words.title for name, words in WORDS.items()}
        measure = address.choice("measure", MEASURES, MEASURES[0], "Measure", names)
        view = address.choice("view", list(VIEWS), "cohorts" if side_by_side else "one", "Groups", VIEWS)
    groups: Sequence[Cohort] = [Cohort("All reviews", chosen.filters, 0)]
    if view == "cohorts":
        groups = cohorts.asked(chosen)
        cohorts.controls(chosen, groups)
    return Asked(measure, groups, _between(address.value("with")))


def _between(text: str | None) -> tuple[float, float | None] | None:
    """The bounds that `120..140` or `750..` spell; null, after a warning, for what spells none."""
    if not text:
        return None
    least, dots, below = text.partition("..")
    try:
        bounds = float(least), float(below) if below else None
    except ValueError:
        bounds = math.nan, None
    if not dots or not all(math.isfinite(bound) for bound in bounds if bound is not None):
        st.warning(f"The address asks for the values “{verbatim.markdown(text)}”, which are no range such as 120..140.")
        return None
    return bounds


def worded(chosen: frames.Selection) -> pl.DataFrame:
    """The wording of every review of the snapshot, counted once whatever the filters."""
    every = chosen._replace(filters=Filters())
    return frames.collect(every, "quality: wording", rows=wording(chosen.snapshot.frames))["rows"]


def _measures(chosen: frames.Selection, group: Cohort, words: pl.DataFrame) -> pl.LazyFrame:
    """The measures of a group's reviews: of the kinds that its filters ask for, else of reviews proper."""
    kinds = group.filters.kinds or ("review",)
    part = whole_reviews(chosen, group.filters)
    return review_measures(part, kinds=kinds, worded=words.lazy()).with_columns(
        pl.lit(group.place, dtype=pl.UInt8).alias("cohort")
    )


def measured(chosen: frames.Selection, on: Asked, words: pl.DataFrame) -> pl.LazyFrame:
    """The measures of all groups, one row per review and group."""
    return pl.concat([_measures(chosen, group, words) for group in on.groups])


def usual(chosen: frames.Selection, words: pl.DataFrame) -> pl.LazyFrame:
    """The measures of all reviews of the snapshot: what is usual does not hang on the filters."""
    return review_measures(chosen.every, kinds=("review", "meta_review", "rebuttal", "comment"), worded=words.lazy())


def first_plans(chosen: frames.Selection) -> dict[str, pl.LazyFrame]:
    """What the page needs before it knows the groups."""
    part = chosen.frames
    return {
        "counts": counts(part),
        "codes": part.codes,
        "distribution": distribution(part.labels.filter(pl.col("segment_id").is_null())),
        "whose": provenance(
            part.labels.filter(pl.col("segment_id").is_null()), by=("scheme", "layer", "code", "polarity")
        ),
        "layers": coverage(part.segments, part.labels, by=("scheme", "layer")),
        "unused": unused(part.codes, part.labels),
    }


def plans(measures: pl.LazyFrame, on: Asked) -> dict[str, pl.LazyFrame]:
    """What the charts need."""
    return {
        "spread": measure_distribution(measures, names=MEASURES),
        "bins": measure_bins(measures, name=on.measure),
    }


# --- all measures at a glance ----------------------------------------------------------------------------------------


def number(value: float | None, name: str) -> str:
    """A value of a measure as it is written, a digit more than on its axis; a dash where there is none."""
    if value is None:
        return "–"
    form = WORDS[name].format
    finer = form.replace(".0%", ".1%") if form.endswith("%") else ",.1f" if name == "n_sentences" else form
    shown = format(value, finer).removesuffix(".0").replace(".0%", "%")
    return (shown[1:] if float(shown.strip("+-%").replace(",", "")) == 0 and shown[0] in "+-" else shown).replace(
        "-", "−"
    )


def link(name: str, on: Asked, filters: Filters, **own: object) -> str:
    """The address of the page with another measure, or range, and the same groups."""
    kept = {key: values for key, values in address.query().items() if key in ("view", "split", "cohort")}
    return address.href("quality", filters, measure=name, **kept, **own)


_KINDS = {"Measure": ' class="name"', "Group": ' class="group"'}


def glance(spread: pl.DataFrame, on: Asked, filters: Filters) -> None:
    """Every measure that a group has: mean with its interval, median, the middle half; a click chooses it."""
    rows: dict[str, list[Mapping]] = {}
    for row in spread.iter_rows(named=True):
        if row["n"]:
            rows.setdefault(row["measure"], []).append(row)
    several = len(on.groups) > 1
    titles = ["Measure", *(["Group"] if several else []), "Mean", "Median", "Reviews", ""]
    head = "".join(f'<th scope="col"{_KINDS.get(title, "")}><b>{title}</b></th>' for title in titles)
    body = "".join(_glanced(name, of, on, filters, several) for name, of in rows.items())
    st.html(tables.grid("Measures at a glance", f"<tr>{head}</tr>", body, "rs-glance"))


def _glanced(name: str, of: Sequence[Mapping], on: Asked, filters: Filters, several: bool) -> str:
    ends = [row[end] for row in of for end in ("first", "third", "low", "high", "mean") if row[end] is not None]
    least, most = min(ends), max(ends)
    wide = (most - least) or 1.0
    least, wide = least - 0.06 * wide, 1.12 * wide
    words, hues = WORDS[name], {group.place: group.hue for group in on.groups}
    unit = "" if words.unit == words.title.lower() else f"<small>{verbatim.html(words.unit)}</small>"
    to = verbatim.html(link(name, on, filters))
    chosen = ' class="name on"' if name == on.measure else ' class="name"'
    title = (
        f'<th scope="row" rowspan="{len(of)}"{chosen}><a href="{to}" data-go data-tip="{verbatim.html(words.means)}">'
        f"{verbatim.html(words.title)}</a>{unit}</th>"
    )
    found = ""
    for place, row in enumerate(of):
        at = {
            key: (row[key] - least) / wide
            for key in ("first", "third", "median", "mean", "low", "high")
            if row[key] is not None
        }
        style = ";".join(f"--{key}:{share:.1%}" for key, share in at.items())
        hue = hues[row["cohort"]].rpartition(" ")[2] if several else "0"
        tone = "var(--rs-muted)" if row["thin"] else f"var(--rs-hue-{hue})"
        between = (
            "" if row["low"] is None else f"<small>{number(row['low'], name)} to {number(row['high'], name)}</small>"
        )
        tip = (
            f"{on.groups[row['cohort']].name if several else words.title}\nmiddle half of the reviews: "
            f"{number(row['first'], name)} to {number(row['third'], name)}"
        )
        box = (
            f'<span class="rs-box{" even" if row["low"] is None else ""}" style="{style};--tone:{tone}" '
            f'data-tip="{verbatim.html(tip)}"><i></i><i class="median"></i><i class="mean"></i><b></b></span>'
        )
        muted = ' class="num rs-muted"' if row["thin"] else ' class="num"'
        group = verbatim.html(verbatim.clip(on.groups[row["cohort"]].name, 28))
        of_group = f'<td class="group"><b style="background:{tone}"></b>{group}</td>' if several else ""
        found += (
            f"<tr>{title if place == 0 else ''}{of_group}<td{muted}>{number(row['mean'], name)}{between}</td>"
            f"<td{muted}>{number(row['median'], name)}</td><td{muted}>{row['n']:,}</td><td>{box}</td></tr>"
        )
    return found


def nothing(chosen: frames.Selection) -> None:
    """Says that there is no review to measure."""
    states.note(
        "<b>No reviews to measure.</b> Rebuttals, meta-reviews and comments are measured where "
        "<i>Filters → Kind</i> asks for them."
        if not chosen.filters.kinds
        else "<b>Nothing of this kind to measure.</b>"
    )


def twin(spread: pl.DataFrame, on: Asked) -> None:
    """The numbers of all measures as a table."""
    names = pl.DataFrame({"cohort": [group.place for group in on.groups], "group": [group.name for group in on.groups]})
    rows = spread.filter(spread["n"] > 0).join(names.cast({"cohort": pl.UInt8}), on="cohort", how="left")
    titles = {name: words.title for name, words in WORDS.items()}
    columns = ["n", "n_papers", "mean", "low", "high", "first", "median", "third", "least", "most"]
    with st.expander("Show as table", icon=":material/table:"):
        tables.numbers(
            rows.select("group", pl.col("measure").cast(pl.String).replace(titles), *columns).rename(
                {"n": "reviews", "n_papers": "papers", "first": "first quartile", "third": "third quartile"}
            )
        )


def labelled(rows: pl.DataFrame) -> list[str]:
    """The keys of the layers that label whole reviews here; `rows` are queries.distribution."""
    there = set(rows.select(pl.col("scheme", "layer").cast(pl.String)).unique().rows())
    return [key for key, pair in current().pairs.items() if pair in there]
