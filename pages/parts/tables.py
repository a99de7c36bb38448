"""Tables: papers by code as a grid of cells, and plain tables of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import streamlit as st

from pages.parts import address, palette, provenance, verbatim
from pages.parts.codes import Code, wash
from queries.filters import Filters


def numbers(frame: pl.DataFrame) -> None:
    """A sortable, searchable table of what a chart or a grid shows. Text is shown as it is."""
    formats = {
        name: st.column_config.NumberColumn(format="percent" if name == "share" else "%.2f")
        for name, kind in frame.schema.items()
        if kind.is_float()
    }
    st.dataframe(frame, hide_index=True, column_config=formats, placeholder="")


def cell(code: Code, row: Mapping | None, most: int, link: str, models: Sequence[str] = ()) -> str:
    """One cell: shade and sign by net polarity, size by n; an outline where nothing was judged; null (None): no label.

    `row` holds n, positive, neutral, negative and net, and as `n_models` how many of the labels are the `models`':
    all of them are drawn dashed and lighter, some with a dashed frame; grey where the models do not know the code.
    `link` are the attributes of the cell's link, already escaped.
    """
    if row is None:
        return ""
    net, n = row["net"], row["n"]
    side = 12 + round(14 * (n / max(1, most)) ** 0.5)
    if not code.polarised:
        kind, sign, style, said = "hue", "", f"--size:{side}px;{wash(code)}", ""
    elif net is None or code.code == "none":
        kind, sign, _ = palette.NOTHING if code.code == "none" else palette.POLARITIES[None]
        style = f"--size:{side}px"
        judged = 0 if net is None else row["positive"] + row["neutral"] + row["negative"]
        said = f"{judged} of them with a polarity" if judged else "no polarity given"
    else:
        kind, sign, _ = palette.POLARITIES[(net > 0) - (net < 0)]
        sign = "±" if not net and row["negative"] else sign
        style = f"--size:{side}px;--depth:{round(28 + 72 * abs(net)) if net else 55}%"
        kind += " deep" if abs(net) > 0.5 or not net else ""
        said = f"net {signed(net)}: {row['negative']} negative, {row['neutral']} neutral, {row['positive']} positive"
    words = f"{code.name}: {n} {'label' if n == 1 else 'labels'}" + (f", {said}" if said else "")
    if guessed := row.get("n_models", 0):
        hint = code.hint(models) if guessed == n else None
        kind += (" guess weak" if hint else " guess") if guessed == n else " part"
        words += f"\n{'all' if guessed == n else f'{guessed:,} of them'} by {provenance.named(models)}"
        words += f"\n{hint}" if hint else ""
    shown = verbatim.html(sign if code.polarised else n)
    text = verbatim.html(words)
    return f'<a class="rs-cell {kind}" style="{style}" {link} data-tip="{text}" aria-label="{text}"><i>{shown}</i></a>'


def header(code: Code, link: str, marks: str = "", hint: str | None = None) -> str:
    """The head of a code's column. `marks` are further attributes, `link` those of its link; both already escaped.

    hint   why all that stands below is but a hint, in words; null where it is not
    """
    tip = verbatim.html(f"{code.name}\n{code.definition}" + (f"\n{hint}" if hint else ""))
    if hint:
        marks = marks.replace('class="', 'class="weak ') if "class=" in marks else f'{marks} class="weak"'
    name = "" if code.short == code.name else f"<span>{verbatim.html(code.name)}</span>"
    return f'<th scope="col"{marks}><a {link} data-tip="{tip}"><b>{verbatim.html(code.short)}</b>{name}</a></th>'


def papers(
    rows: Sequence[Mapping],
    cells: Mapping[tuple[int, str], Mapping],
    codes: Sequence[Code],
    filters: Filters,
    sort: str,
    layer: str,
    models: Sequence[str] = (),
) -> None:
    """Draws papers by code. `rows` are those of queries.overview, `cells` of queries.profile by paper and code.

    `models` are those whose labels are among them.
    """
    most = max((row["n"] for row in cells.values()), default=1)
    columns = {"title": "Paper", "reviews": "Reviews", "labels": "Labels", "net": "Net"}
    rated = any(row["rating"] is not None for row in rows)
    heads = [
        _sorter(key, title, filters, sort, layer)
        for key, title in (columns | ({"rating": "Rating"} if rated else {})).items()
    ]
    hints = guessed_only(cells, codes, models)
    heads += [
        header(code, _sort_link(code.code, filters, sort, layer, code.polarised), _sorted(code.code, sort), hint)
        for code, hint in zip(codes, hints, strict=True)
    ]
    way = {"layer": layer, "sort": address.value("sort"), "find": address.value("find")}
    body = "".join(_paper(row, cells, codes, filters, way, most, rated, models) for row in rows)
    st.html(grid("Papers by code", f"<tr>{''.join(heads)}</tr>", body))


def grid(name: str, head: str, body: str, kind: str = "") -> str:
    """A table of HTML in a frame of its own that scrolls sideways where it must; `head` and `body` are its rows."""
    return (
        f'<div class="rs rs-scroll {kind}" tabindex="0" role="region" aria-label="{name}"><table class="rs-grid">'
        f"<thead>{head}</thead><tbody>{body}</tbody></table></div>"
    )


def guessed_only(cells: Mapping, codes: Sequence[Code], models: Sequence[str]) -> list[str | None]:
    """For each code why its column is but a hint: the models, who do not know it, gave all that stands there."""
    people = {code for (_, code), row in cells.items() if row["n"] > row.get("n_models", 0)}
    there = {code for _, code in cells}
    return [code.hint(models) if code.code in there - people else None for code in codes]


def _paper(
    row: Mapping,
    cells: Mapping,
    codes: Sequence[Code],
    filters: Filters,
    way: Mapping,
    most: int,
    rated: bool,
    models: Sequence[str],
) -> str:
    key = f"{row['corpus']}/{row['paper_key']}"
    link = verbatim.html(address.href("paper", filters, open=key, **way))
    where = " ".join(str(part) for part in (row["venue"], row["year"]) if part is not None)
    decision = row["decision"]
    badge = f'<span class="rs-badge {decision}">{decision}</span> ' if decision else ""
    facts = " · ".join(part for part in (where, key if row["title"] else row["corpus"]) if part)
    name = (
        f'<th scope="row" class="name"><a href="{link}" data-go>{verbatim.html(title_of(row))}</a>'
        f'<small class="facts">{badge}{verbatim.html(facts)}</small></th>'
    )
    net = "–" if row["net"] is None else signed(row["net"])
    figures = [f"{row['n_reviews']:,}", f"{row['n_labels']:,}" if row["n_labels"] else "–", net]
    if rated:
        figures.append("–" if row["rating"] is None else f"{row['rating']:.1f}")
    kinds = ("num minor", "num minor", "num", "num minor")
    columns = "".join(f'<td class="{kind}">{figure}</td>' for kind, figure in zip(kinds, figures, strict=False))
    for code in codes:
        to = verbatim.html(address.href("paper", filters, open=key, code=code.code, **way))
        link_ = f'href="{to}" data-go'
        found = cells.get((row["paper_id"], code.code))
        columns += f"<td>{cell(code, found, most, link_, models)}</td>"
    return f'<tr data-href="{link}">{name}{columns}</tr>'


def signed(number: float) -> str:
    """A number from -1 to 1 with its sign, `0.00` without one."""
    shown = f"{number:+.2f}"
    return "0.00" if shown in ("+0.00", "-0.00") else shown.replace("-", "−")


def title_of(row: Mapping) -> str:
    """The title, or for a paper without one its key in words; not escaped."""
    return row["title"] or f"Paper {row['paper_key']}"


def _sort_link(key: str, filters: Filters, sort: str, layer: str, low_first: bool) -> str:
    """The link of a head: what needs attention first (the most negative, or the most), the other way at the next."""
    ways = (f"{key}.up", key) if low_first else (key, f"{key}.up")
    turned = ways[1] if sort == ways[0] else ways[0]
    link = address.href("papers", filters, sort=turned, layer=layer, find=address.value("find"))
    return f'href="{verbatim.html(link)}" data-go'


def _sorted(key: str, sort: str) -> str:
    now, _, way = sort.partition(".")
    return f' aria-sort="{"ascending" if way == "up" else "descending"}"' if now == key else ""


def _sorter(key: str, title: str, filters: Filters, sort: str, layer: str) -> str:
    kind = {"title": ' class="name"', "net": ""}.get(key, ' class="minor"')
    link = _sort_link(key, filters, sort, layer, low_first=key in ("title", "net", "rating"))
    return f'<th scope="col"{kind}{_sorted(key, sort)}><a {link}><b>{title}</b></a></th>'
