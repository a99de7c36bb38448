"""Every colour that carries data, once: charts, highlights, cells and chips take theirs from here.

`.streamlit/config.toml` repeats the chart colours, because Streamlit reads them from there; a test holds the two
together and checks contrast, also as people with protanopia, deuteranopia and tritanopia see it. The interface itself
is ink on paper: a colour on a page is always a judgement or a code.
"""

from __future__ import annotations

from typing import NamedTuple


class Mode(NamedTuple):
    """The colours of one mode. `marks` are for bars, cells and signs, `tints` lie behind text; in each:
    negative, neutral, positive. `blank` marks a label without polarity, `nothing` the code `none`.
    """

    background: str
    raised: str
    text: str
    muted: str
    line: str
    marks: tuple[str, str, str]
    tints: tuple[str, str, str]
    blank: str
    nothing: str
    diverging: tuple[str, ...]
    sequential: tuple[str, ...]
    categorical: tuple[str, ...]
    washes: tuple[str, ...]


LIGHT = Mode(
    background="#fcfcfa",
    raised="#f2f2ee",
    text="#22262b",
    muted="#5d646d",
    line="#dcddd8",
    marks=("#c2500a", "#7d838b", "#1f6fb8"),
    tints=("#fadac3", "#e2e4e7", "#cde3f6"),
    blank="#b9a6d6",
    nothing="#d3d4d0",
    diverging=(
        *("#8a3503", "#a8430a", "#c2500a", "#dd8448", "#efc1a0"),
        *("#a9cdea", "#6ba6d8", "#1f6fb8", "#185a97", "#0f4273"),
    ),
    sequential=(
        *("#eef0f2", "#dde1e5", "#c8ced5", "#b1b9c3", "#98a3b0"),
        *("#808c9b", "#697686", "#536070", "#3e4a59", "#2b3542"),
    ),
    categorical=("#2a8c82", "#a8327d", "#8a7a12", "#6a51b5", "#4f8a2c", "#b0455a", "#5b6b7d", "#44484d"),
    washes=("#cdebe6", "#f3d5e8", "#ece5b4", "#e0daf5", "#dbeccb", "#f5d6db", "#dde3ea", "#ebebe6"),
)

DARK = Mode(
    background="#16181b",
    raised="#1f2226",
    text="#e4e6e9",
    muted="#a0a7b0",
    line="#33373d",
    marks=("#f0883e", "#8d949d", "#5aa9ef"),
    tints=("#55290c", "#373b41", "#123c62"),
    blank="#7f6aa6",
    nothing="#4a4e54",
    diverging=(
        *("#ffc194", "#f7a469", "#f0883e", "#b8642a", "#6d3d1c"),
        *("#1d4a73", "#33719f", "#5aa9ef", "#8cc4f5", "#bfdffa"),
    ),
    sequential=(
        *("#23272c", "#2f353c", "#3c444d", "#4b545f", "#5c6774"),
        *("#6f7b89", "#84909e", "#9ba6b3", "#b4bdc8", "#d0d6de"),
    ),
    categorical=("#4fb8ab", "#d977b4", "#c4b24a", "#a592e6", "#86bf5f", "#e0899a", "#9aa9ba", "#c9ccd0"),
    washes=("#12413c", "#4a1f3b", "#3f3910", "#332a57", "#28401a", "#4c2129", "#2f3842", "#2b2d30"),
)

#: Polarity → name of the class and of the CSS variable, sign, word. None: the label has no polarity.
POLARITIES: dict[int | None, tuple[str, str, str]] = {
    -1: ("negative", "−", "negative"),
    0: ("neutral", "○", "neutral"),
    1: ("positive", "+", "positive"),
    None: ("blank", "·", "no polarity"),
}


def chart_categories(mode: Mode) -> tuple[str, ...]:
    """The order of `theme.chartCategoricalColors`: the polarities first, so that charts pick them by place."""
    return (*mode.marks, mode.blank, mode.nothing, *mode.categorical)


#: Class, sign and word of the code `none`: the annotator looked and found nothing. Not neutral, not unlabelled.
NOTHING = ("nothing", "∅", "none")

#: Domain of every chart's colour scale; the theme of the reader's mode supplies the range.
CHART_DOMAIN = ("negative", "neutral", "positive", "no polarity", "none")


def variables() -> str:
    """The palette as CSS variables; `light-dark()` follows the mode that the reader chose in Streamlit."""
    pairs = {
        **{name: (getattr(LIGHT, name), getattr(DARK, name)) for name in ("background", "raised", "text", "muted")},
        **{name: (getattr(LIGHT, name), getattr(DARK, name)) for name in ("line", "blank", "nothing")},
    }
    for at, name in enumerate(("negative", "neutral", "positive")):
        pairs[name] = (LIGHT.marks[at], DARK.marks[at])
        pairs[f"{name}-tint"] = (LIGHT.tints[at], DARK.tints[at])
    for at in range(len(LIGHT.washes)):
        pairs[f"hue-{at}"] = (LIGHT.categorical[at], DARK.categorical[at])
        pairs[f"wash-{at}"] = (LIGHT.washes[at], DARK.washes[at])
    return "".join(f"--rs-{name}:light-dark({light},{dark});" for name, (light, dark) in pairs.items())


def hue(position: int) -> int:
    """The number of the wash and hue for the code at `position` of a layer without polarity; ink past the end."""
    return min(position, len(LIGHT.washes) - 1)
