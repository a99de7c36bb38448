"""How conditions are spelled, understood and refused."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spec import CODE, LAYER, SCHEME

from corpus.schemes import schemes
from queries.conditions import Condition, FilterError, spelling

LABELS = [
    (scheme.name, layer.name, code.code, polarity)
    for scheme in schemes()
    for layer in scheme.layers
    for code in layer.codes
    for polarity in ((None, -1, 0, 1) if layer.polarised else (None,))
]
ALLOWED = sorted(
    {
        Condition(layer, code, polarity).checked()
        for _, own_layer, own_code, own_polarity in LABELS
        for layer in (None, own_layer)
        for code in (None, own_code)
        for polarity in (None, own_polarity)
        if (layer, code, polarity) != (None, None, None)
    },
    key=str,
)


@pytest.mark.parametrize(
    ("text", "layer", "code", "polarity"),
    [
        ("MET-NEG", "section", "MET", -1),
        ("MAJ", "significance", "MAJ", None),
        ("EMP-NEU", "aspect", "EMP", 0),
        ("aspect-NEG", "aspect", None, -1),
        ("aspect", "aspect", None, None),
        ("POS", None, None, 1),
        ("CLA-NEG", "aspect", "CLA", -1),
        ("quality:CLA-POS", "quality", "CLA", 1),
        ("JUS-POS", "quality", "JUS", 1),
        ("CNT", None, "CNT", None),
        ("purpose:CNT", "purpose", "CNT", None),
        ("none", None, "none", None),
        ("aspect:none", "aspect", "none", None),
    ],
)
def test_spelling_and_meaning(text, layer, code, polarity):
    assert Condition.parse(text) == (layer, code, polarity)
    assert str(Condition.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("met-neg", "MET-NEG"),
        (" MAJ ", "MAJ"),
        ("section:MET", "MET"),
        ("Aspect-neg", "aspect-NEG"),
        ("DSN", "DIS"),  # an older spelling
        ("aspect:CLA", "CLA"),
        ("None", "none"),
    ],
)
def test_other_spellings_of_the_same(text, meant):
    assert str(Condition.parse(text)) == meant


@pytest.mark.parametrize("condition", ALLOWED, ids=str)
def test_every_condition_parses_back(condition):
    assert Condition.parse(str(condition)) == condition


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("XYZ", "“XYZ” is no code: use one of ABS, INT, RWK,"),
        ("XYZ-NEG", "“XYZ” is no code: use one of ABS,"),
        ("aspect:MET", "“MET” is no code of the layer aspect: use one of APR, NOV, IMP, CMP, PNF,"),
        ("tone:MET", "“tone” is no layer: use one of section, aspect, purpose, significance, quality."),
        ("MAJ-NEG", "“MAJ-NEG”: MAJ takes no polarity"),
        ("purpose-POS", "“purpose-POS”: purpose takes no polarity"),
        ("MET-BAD", "“MET-BAD” is no code"),
        ("", "“” is no label"),
        ("-NEG", "“-NEG” is no label"),
        (":MET", "“:MET” is no label"),
        ("quality:", "“quality:” is no label"),
        ("MET-NEG-NEG", "“MET-NEG” is no code"),
    ],
)
def test_refusals_name_what_is_allowed(text, said):
    with pytest.raises(FilterError) as refusal:
        Condition.parse(text)
    assert str(refusal.value).startswith(said)


@settings(deadline=None)
@given(st.text(st.sampled_from("METNEGPOSaspect:- é\n"), max_size=16) | st.text(max_size=8))
def test_any_text_is_a_condition_or_refused_for_people(text):
    try:
        condition = Condition.parse(text)
    except FilterError:
        return
    assert Condition.parse(str(condition)) == condition


@pytest.mark.parametrize("polarity", [2, -2])
def test_a_polarity_that_is_none_is_refused(polarity):
    with pytest.raises(FilterError, match="no polarity"):
        Condition("section", "MET", polarity).checked()


def test_a_condition_that_asks_for_nothing_is_refused():
    with pytest.raises(FilterError, match="needs a layer"):
        Condition().checked()


def test_bare_codes_mean_sentences_first():
    assert (Condition.parse("NOV").target, Condition.parse("quality:NOV").target) == ("segment", "review")
    assert Condition.parse("POS").layers == ("section", "aspect")
    assert Condition.parse("CNT").layers == ("section", "aspect", "purpose", "significance")
    assert Condition.parse("quality").target == "review"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("MET-NEG", "MET-NEG (methodology, negative)"),
        ("MAJ", "MAJ (major)"),
        ("aspect-NEG", "aspect-NEG (any aspect, negative)"),
        ("POS", "POS (any label, positive)"),
        ("CNT", "CNT (cannot tell)"),
        ("CLA-POS", "CLA-POS (clarity, positive)"),
        ("quality:CLA-POS", "quality:CLA-POS (clarity of the review, positive)"),
        ("aspect:none", "aspect:none (no aspect)"),
    ],
)
def test_words(text, words):
    assert Condition.parse(text).words() == words


def test_labels_are_spelled_as_the_conditions_that_ask_for_them():
    types = {"scheme": SCHEME, "layer": LAYER, "code": CODE, "polarity": pl.Int8}
    labels = pl.LazyFrame(LABELS, schema=types, orient="row")
    spelled = labels.select(spelling().alias("text")).collect()["text"].to_list()
    assert spelled == [str(Condition(layer, code, polarity)) for _, layer, code, polarity in LABELS]
    assert len(set(spelled)) == len(LABELS)
