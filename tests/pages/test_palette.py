"""The palette: one source, legible, and told apart by people with colour blindness."""

from __future__ import annotations

import itertools
import math
import tomllib
from pathlib import Path

import pytest

from pages.parts import palette

CONFIG = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text("utf-8"))
MODES = {"light": palette.LIGHT, "dark": palette.DARK}

#: Machado, Oliveira, Fernandes (2009), severity 1, on linear RGB.
SIGHT = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(colour: str) -> list[float]:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def contrast(one: str, other: str) -> float:
    """Contrast as WCAG 2 reckons it."""
    bright = [
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(colour), strict=True)) for colour in (one, other)
    ]
    return (max(bright) + 0.05) / (min(bright) + 0.05)


def lab(rgb: list[float]) -> tuple[float, float, float]:
    """CIE L*a*b* under D65."""
    rows = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
    xyz = [sum(w * c for w, c in zip(row, rgb, strict=True)) for row in rows]
    f = [t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (xyz[0] / 0.95047, xyz[1], xyz[2] / 1.08883)]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def distance(one: str, other: str, sight: str) -> float:
    """The difference (CIE76) that is left of two colours for this sight."""
    seen = []
    for colour in (one, other):
        rgb = linear(colour)
        seen.append(lab([min(1, max(0, sum(w * c for w, c in zip(row, rgb, strict=True)))) for row in SIGHT[sight]]))
    return math.dist(*seen)


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
class TestMode:
    def test_marks_stand_out_from_the_page(self, mode):
        assert all(contrast(mark, mode.background) >= 3 for mark in mode.marks)

    def test_text_can_be_read_on_the_page_and_on_every_tint(self, mode):
        for behind in (mode.background, mode.raised, *mode.tints, *mode.washes):
            assert contrast(mode.text, behind) >= 7, behind
        assert contrast(mode.muted, mode.background) >= 4.5
        assert contrast(mode.muted, mode.raised) >= 4.5

    @pytest.mark.parametrize("sight", SIGHT)
    def test_polarities_are_told_apart(self, mode, sight):
        assert all(distance(*pair, sight) >= 25 for pair in itertools.combinations(mode.marks, 2))

    @pytest.mark.parametrize("sight", SIGHT)
    def test_highlights_are_told_apart_and_from_the_page(self, mode, sight):
        negative, neutral, positive = mode.tints
        assert distance(negative, positive, sight) >= 20
        assert all(distance(tint, neutral, sight) >= 7 for tint in (negative, positive))
        assert all(distance(tint, mode.background, sight) >= 7 for tint in mode.tints)

    def test_no_polarity_and_none_are_neither_neutral_nor_each_other(self, mode):
        assert distance(mode.blank, mode.marks[1], "full") >= 20
        assert distance(mode.blank, mode.nothing, "full") >= 20


@pytest.mark.parametrize("name", MODES)
def test_the_theme_is_the_palette(name):
    mode, theme = MODES[name], CONFIG["theme"][name]
    assert theme["chartCategoricalColors"] == list(palette.chart_categories(mode))
    assert theme["chartDivergingColors"] == list(mode.diverging)
    assert theme["chartSequentialColors"] == list(mode.sequential)
    assert (theme["backgroundColor"], theme["textColor"]) == (mode.background, mode.text)
    assert theme["secondaryBackgroundColor"] == mode.raised


def test_no_other_file_of_the_pages_names_a_colour():
    here = Path(palette.__file__).parent
    others = [p for p in here.parent.rglob("*") if p.suffix in (".py", ".js") and p.name != "palette.py"]
    assert not [path.name for path in others if "#" in path.read_text("utf-8") and _hex(path.read_text("utf-8"))]


def _hex(text: str) -> list[str]:
    import re

    return re.findall(r"#[0-9a-fA-F]{6}\b", text)


def test_nothing_is_sent_home():
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["client"]["showErrorDetails"] == "none"
