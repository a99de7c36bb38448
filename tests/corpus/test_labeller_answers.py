"""What counts as an answer of people, and what can be learnt from it: missing, none, neutral and negative differ."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled import SCHEME, judge, papers, store
from spacy.vocab import Vocab

from corpus.judgements import settle
from corpus.labeller.answers import answered, digest, heads
from corpus.labeller.documents import SEGMENTS, Tokens, document, segments, tell, told
from corpus.labeller.errors import LabellerError
from corpus.labeller.fitting import folds
from corpus.labeller.linear import CODES, POLARITY, Head
from corpus.labeller.training import documents
from corpus.relabelling import COLUMNS, relabel
from corpus.store import Snapshot


def found(db, **more):
    snapshot = Snapshot.open(db)
    try:
        return answered(snapshot.frames, SCHEME, **more)
    finally:
        snapshot.close()


def said(of) -> dict[str, list[tuple]]:
    """By sentence layer, code and polarity."""
    texts = of.reviews.select("segment_ids", "texts").explode("segment_ids", "texts")
    joined = of.answers.join(texts, left_on="segment_id", right_on="segment_ids")
    made: dict[str, list[tuple]] = {}
    for text, *rest in joined.select("texts", "layer", "code", "polarity").rows():
        made.setdefault(text.strip(), []).append(tuple(rest))
    return made


TEXT = (
    "Not judged.[[CNT], [CNT], [CNT], [CNT]] Nothing here.[[OAL-NEU], [null]] Odd.[[QQQ-POS], [NOV-NEG]] "
    "Unsigned.[[MET], [NOV]] Neutral.[[MET-NEU], [NOV-NEU], [DIS], [GEN]] Nobody said a thing."
)


def test_an_open_question_is_no_answer_and_none_is_one(tmp_path):
    got = said(found(store(tmp_path, {"p0": TEXT})))
    assert got == {
        "Nothing here.": [("aspect", "none", None), ("section", "OAL", 0)],
        "Odd.": [("aspect", "NOV", -1)],
        "Unsigned.": [("aspect", "NOV", None), ("section", "MET", None)],
        "Neutral.": [
            ("aspect", "NOV", 0),
            ("purpose", "DIS", None),
            ("section", "MET", 0),
            ("significance", "GEN", None),
        ],
    }


def test_a_person_who_judged_here_counts_before_the_corpus_and_then_the_first_by_name(tmp_path):
    db = store(tmp_path, {"p0": "One.[[MET-POS], [NOV-POS]] Two.[[MET-POS], [NOV-POS]] Three."})
    judge(db, [(1, "aspect", "CLA", -1), (3, "aspect", "EMP", 0)], "user:zoe")
    judge(db, [(1, "aspect", "IMP", 1)], "user:kim")
    settle(db)
    got = said(found(db))
    assert got == {
        "One.": [("aspect", "IMP", 1), ("section", "MET", 1)],
        "Two.": [("aspect", "NOV", 1), ("section", "MET", 1)],
        "Three.": [("aspect", "EMP", 0)],
    }


def test_an_answer_that_a_person_left_open_takes_the_corpuss_out(tmp_path):
    db = store(tmp_path, {"p0": "One.[[MET-POS], [NOV-POS]] Two.[[MET-POS], [NOV-POS]]"})
    judge(db, [(1, "aspect", "CNT", None)])
    settle(db)
    assert said(found(db))["One."] == [("section", "MET", 1)]


def test_labels_of_a_model_teach_nothing(tmp_path):
    db = store(tmp_path, {"p0": "One.[[MET-POS], [NOV-POS]]", "p1": "Two."})
    batch = pl.DataFrame([(2, SCHEME, "aspect", "NOV", 1, 0.9)], schema=COLUMNS, orient="row")
    relabel(db, "model:other@1", [batch], within=None, record=None)
    assert set(said(found(db))) == {"One."}


REFUSED = {
    "no such scheme": ({"scheme": "nonsense"}, r"There is no scheme 'nonsense'; known are peer-review-analyze, "),
    "no such scheme beside": ({"also": ("nonsense",)}, "There is no scheme 'nonsense'"),
    "no such corpus": ({"corpora": ("nowhere",)}, "There is no corpus 'nowhere' here; there are made"),
    "nobody labelled by it": ({"scheme": "disapere"}, "Nobody labelled a sentence by the scheme 'disapere' here"),
}


@pytest.mark.parametrize(("more", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_learnt_from_is_told(tmp_path, more, message):
    snapshot = Snapshot.open(store(tmp_path, papers(2)))
    asked = {"scheme": SCHEME} | more
    with pytest.raises(LabellerError, match=message):
        answered(snapshot.frames, asked.pop("scheme"), **asked)


def test_only_the_corpora_asked_for_are_learnt_from(tmp_path):
    db = store(tmp_path, papers(3), "one")
    store(tmp_path, papers(2, seed=1), "two")
    assert found(db).reviews["paper"].to_list() == ["one/p000", "one/p001", "one/p002", "two/p000", "two/p001"]
    only = found(db, corpora=["two"])
    assert only.reviews["paper"].to_list() == ["two/p000", "two/p001"]
    assert set(only.answers["segment_id"]) <= set(only.reviews["segment_ids"].explode())


# --- questions --------------------------------------------------------------------------------------------------------


def test_questions_are_those_that_enough_people_answered(tmp_path):
    given_ = papers(14)
    for at, name in enumerate(given_):
        given_[name] = [one._replace(tag=one.tag.replace("[null]", "[CNT]")) for one in given_[name]]
        if at < 2:  # a code of two papers only
            given_[name][0] = given_[name][0]._replace(tag="[[FWK-POS], [APR-POS], [APC], [MAJ]]")
    of = found(store(tmp_path, given_))
    made = heads(of, SCHEME)
    assert [(head.layer, head.what) for head in made] == [
        *(("section", CODES), ("section", POLARITY), ("aspect", CODES), ("aspect", POLARITY)),
        *(("purpose", CODES), ("significance", CODES)),
    ]
    by = {(head.layer, head.what): head for head in made}
    assert by["section", CODES].names == ("INT", "MET", "EXP"), "in the scheme's order, without FWK"
    assert set(by["aspect", CODES].names) == {"NOV", "CLA", "EMP"}, "nobody said none"
    assert by["section", POLARITY].names == ("NEG", "NEU", "POS")
    assert not by["section", CODES].single
    assert by["purpose", CODES].single
    assert all(head.kinds == ("review",) and head.scheme == SCHEME for head in made)
    starts = [head.start for head in made]
    assert starts == np.cumsum([0, *(len(head.names) for head in made[:-1])]).tolist()


TOO_LITTLE = {
    "ten papers": (papers(10), "section: labels on 10 papers, and 12 are needed, so that some can be kept"),
    "few sentences": (papers(13, each=2), "section: 26 labelled sentences, and 40 are needed"),
    "one class": (
        {f"p{n}": "".join(f"Sentence {at}.[[MET-POS], [NOV-POS]] " for at in range(5)) for n in range(14)},
        r"section: one code only is given often enough \(MET\); two are needed to tell apart",
    ),
}


@pytest.mark.parametrize(("given_", "message"), TOO_LITTLE.values(), ids=TOO_LITTLE.keys())
def test_too_little_to_learn_from_is_told(tmp_path, given_, message):
    of = found(store(tmp_path, given_))
    with pytest.raises(LabellerError, match=message):
        heads(of, SCHEME)


# --- documents --------------------------------------------------------------------------------------------------------

ASPECT = Head("aspect", CODES, ("NOV", "CLA", "none"), False, 0, "s")
SIGN = Head("aspect", POLARITY, ("NEG", "NEU", "POS", "null"), True, 3, "s")
ACTION = Head("action", CODES, ("ask", "tell"), True, 7, "s")
HEADS = (ASPECT, SIGN, ACTION)


def answers(*labels: tuple[int, str, str, str], n: int = 1) -> tuple[np.ndarray, np.ndarray]:
    doc = document(Vocab(), [f"Sentence {at}. " for at in range(n)], [None] * n)
    tell(doc, ((at, "s", layer, code, sign) for at, layer, code, sign in labels))
    return told(doc, HEADS)


def test_a_layer_that_says_nothing_of_a_sentence_is_not_known_there():
    gold, known = answers((1, "aspect", "NOV", "POS"), n=3)
    assert known[:, ASPECT.outputs].tolist() == [[0] * 3, [1] * 3, [0] * 3]
    assert known[:, SIGN.outputs].tolist() == [[0] * 4, [1] * 4, [0] * 4]
    assert not known[:, ACTION.outputs].any()
    assert gold[1].tolist() == [1, 0, 0, 0, 0, 1, 0, 0, 0]
    assert not (gold * (1 - known)).any()


def test_none_is_an_answer_and_has_no_polarity():
    gold, known = answers((0, "aspect", "none", "null"))
    assert gold[0, ASPECT.outputs].tolist() == [0, 0, 1]
    assert not known[0, SIGN.outputs].any()


def test_a_code_without_a_polarity_is_null_and_not_neutral():
    null, neutral = (answers((0, "aspect", "NOV", sign))[0][0, SIGN.outputs].tolist() for sign in ("null", "NEU"))
    assert (null, neutral) == ([0, 0, 0, 1], [0, 1, 0, 0])


def test_a_code_that_is_not_learnt_is_an_answer_only_where_several_may_hold():
    gold, known = answers((0, "aspect", "IMP", "POS"), (0, "action", "argue", "null"))
    assert known[0, ASPECT.outputs].all(), "it is none of the others"
    assert not gold[0, ASPECT.outputs].any()
    assert not known[0, ACTION.outputs].any(), "which of the others it is nearest to nobody said"


signs = st.lists(st.sampled_from(["NEG", "NEU", "POS", "null"]), max_size=7)


@given(signs)
@settings(deadline=None)
def test_the_most_frequent_polarity_counts_and_of_equals_the_one_that_is_not_neutral(given_):
    gold, known = answers(*((0, "aspect", "NOV", sign) for sign in given_))
    counts = Counter(given_)
    if not counts:
        assert not known[0, SIGN.outputs].any()
        return
    most = [sign for sign in SIGN.names if counts[sign] == max(counts.values())]
    best = [sign for sign in most if sign in ("NEG", "POS")] or [sign for sign in most if sign == "NEU"] or most
    assert known[0, SIGN.outputs].all()
    assert [name for name, each in zip(SIGN.names, gold[0, SIGN.outputs], strict=True) if each] == best[:1]


texts = st.lists(st.text(alphabet="aZ é.。🙂_-3\n\t\u00a0", max_size=8), min_size=1, max_size=6)


@given(texts)
@settings(deadline=None)
def test_a_document_is_the_review_whatever_is_in_it(given_):
    doc = document(Vocab(), given_, [None] * len(given_))
    assert doc.text == "".join(given_)
    assert [span.text for span in segments(doc)] == given_


@given(st.text(alphabet="aZ é.?!。🙂_-3\n\t\u00a0", max_size=60))
@settings(deadline=None)
def test_sentences_that_are_found_tile_a_text(text):
    doc = Tokens(Vocab())(text)
    assert doc.text == text
    found = segments(doc)
    assert [found[0].start, found[-1].end] == [0, len(doc)] if found else not text
    assert all(a.end == b.start for a, b in pairwise(found))


def test_documents_carry_fields_and_what_people_said(tmp_path):
    of = found(store(tmp_path, {"p0": TEXT}))
    (one,) = documents(of)
    assert one.paper == "made/p0"
    assert one.example.predicted.text == one.example.reference.text == "".join(of.reviews["texts"][0])
    assert set(one.doc.spans) == {SEGMENTS}, "what is shown says nothing"
    assert [span.label_ for span in one.example.reference.spans[f"{SCHEME}/aspect"]] == [
        *("none", "NOV-NEG", "NOV", "NOV-NEU"),
    ]


def test_papers_that_share_a_review_are_one_when_papers_are_held_out(tmp_path):
    given_ = papers(4)
    given_["copy"] = given_["p002"]
    given_["short"], given_["as short"] = "Fine.[[MET-POS], [NOV-POS]]", "Fine.[[MET-POS], [NOV-POS]]"
    of = found(store(tmp_path, given_))
    name = dict(zip(of.reviews["paper"], (each.paper for each in documents(of)), strict=True))
    assert name["made/copy"] == name["made/p002"]
    assert len(set(name.values())) == 6, "two words may be the same by chance"


@pytest.mark.parametrize("seed", range(5))
def test_folds_keep_papers_together_and_are_even(seed):
    names = [f"p{n}" for n in np.random.default_rng(seed).integers(40, size=300)]
    at = folds(names, 5, seed)
    by = {name: set(at[[each == name for each in names]]) for name in set(names)}
    assert {len(each) for each in by.values()} == {1}
    sizes = Counter(next(iter(each)) for each in by.values())
    assert max(sizes.values()) - min(sizes.values()) <= 1
    assert not np.array_equal(at, folds(names, 5, seed + 1))


def test_a_review_is_known_by_its_text_alone():
    assert digest(["One. ", "Two."]) == digest(["One. Two."]) != digest(["One. Two"])
