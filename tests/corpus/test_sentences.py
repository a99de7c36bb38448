"""Sentence boundaries: every rule by an example in our own words, properties on any text, agreement with annotators."""

import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus import sentences as module
from corpus.sentences import boundaries

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
PRA, DISAPERE = CORPORA / "peer-review-analyze", CORPORA / "disapere"

# One example per line: "|" marks where a sentence must start, "⏎" a line break; nowhere else may one start.
EXAMPLES = """
plain                 The idea is neat. |It works.
several stops         Really?! |Yes. |Great! |Is it?
abbreviation          Gray et al. show it, cf. Sec. 4, Fig. 3 and Eq. (4), i.e. the bound w.r.t. the norm vs. a guess.
abbreviation          Many tricks, e.g. Dropout, help resp. Mixup hurts. |Fine.
et al. Capital        As in Gray et al. Table 2 differs.
et al. at the end     It repeats Gray et al. |The gain is small.
etc. at the end       They test CNNs, RNNs, etc. |Results are fine.
initial               As A. Smith and B. C. Jones and J.-P. Roe wrote, it fails. |So what?
initial as variable   It lacks the matrix D. |From there on I am lost.
citation              Known since long [1]. |The proof is old (2017). |The rest is new.
decimal               It gains 0.5 points over v2.1.3 in Section 3.1. |Why?
file name             They use torch.Tensor and foo.py for it.
URL                   Code is at https://example.org/a.B/c?d=E. |The rest is fine.
URL in brackets       See (www.example.org/x.html). |The rest is fine.
ellipsis              It seems ... odd to me. |Hmm... |The rest is fine.
quote after stop      They say "it works." |The proof is missing. |(It should not be.) |I disagree.
quote goes on         They write "it works." and leave.
question goes on      The choice (why not ten?) seems odd.
small letter          The method is unclear. |i think it fails.
forgotten space       The method is unclear.|The rest is fine.
formula               With $x. The y = 2. Z$ it holds. |Then \\( a. B \\) fails.
formula, displayed    With $$ a. B $$ and \\[ c. D \\] it holds. |Fine.
formula over lines    With $a =⏎- B. C$ it holds. |Fine.
formula, blank line   With $$ a⏎ ⏎|b $$ and $c⏎⏎|d$ it fails.
formula at the end    It follows that $x=1$. |The rest is fine.
price                 One costs $5. |The other costs $10.
numbered points       1. Foo is bad.⏎|2. Bar is good.⏎|3) Baz⏎|(a) The end⏎|(b) Fin
numbered points       1. Foo is bad
question, points      Why so? |(b) and why now?
question marks        Q1: Foo is it?⏎|Q2. Bar is it?
bullets               - foo is bad⏎|- bar⏎|* baz⏎|• qux⏎|+ quux
bullet wraps          - foo is bad and goes on for long enough to be wrapped here⏎  because it is long⏎|- bar
markdown heading      ## Summary⏎|we like it. |Much.⏎|# Rest⏎|It is fine.
heading with colon    Strengths:⏎|well written⏎|- novel
heading               Weaknesses⏎|lacks novelty
heading               Minor points⏎|The font is small.
blank line            not finished⏎⏎|but a new paragraph⏎ ⏎|and another
soft wrap             This is a line that somebody wrapped at some sixty-five columns⏎so it goes on. |Fine.
soft wrap, capital    This is a line that somebody wrapped at some sixty-five columns of⏎LaTeX source. |Fine.
stop at line end      This line ends.⏎|this one begins small.
reference             [3] Gray, A. and Roe, B. A study of tea. Journal of Tea. 2011.⏎|[4] Foo et al. Bar. ICML 2012.
cited in an argument  [3] was shown by Gray et al. in 2011. |We do not agree.
other scripts         它很好。|我不懂。
white space           ⏎ The idea is neat.   |It works. ⏎
""".strip().splitlines()


def sentences(text: str) -> list[str]:
    """The sentences with the white space after them."""
    starts = boundaries(text)
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)] if starts else []


@pytest.mark.parametrize("line", EXAMPLES, ids=lambda line: line[:22].strip())
def test_rule(line):
    expected = line[22:].replace("⏎", "\n").split("|")
    assert sentences("".join(expected)) == expected


def test_nothing_in_nothing_out():
    assert boundaries("") == [] == sentences("")
    assert boundaries(" \n\n ") == [0]


def check(text):
    starts = boundaries(text)
    assert bool(starts) == bool(text)
    assert starts[:1] in ([], [0])
    assert all(a < b for a, b in pairwise([*starts, len(text)]))
    assert "".join(sentences(text)) == text
    assert not text.strip() or all(sentence.strip() for sentence in sentences(text))


PARTS = st.lists(
    st.sampled_from(
        "A b The al e.g . ? ! … 。 , : ( ) [ ] [1] $ $$ \\( \\) # - * 1. (a) 2017 \" ” ' _ www. é 中 \0 \ufeff".split(
            " "
        )
    )
    | st.sampled_from([" ", "  ", "\n", "\n\n", "\r\n", "\t", "\x1c", "\x85", "\u00a0", "\u2028", "https://"])
).map("".join)


@settings(deadline=None, max_examples=300)
@given(st.text(st.characters(exclude_categories=["Cs"])) | PARTS)
@example("\0")
@example("a.\0 B")
@example("a\u0301. \u200b")
def test_any_text_is_tiled(text):
    check(text)


@settings(deadline=None)
@given(PARTS, st.integers(1, 12))
def test_pieces_tile_too(text, size):
    piece, module.PIECE = module.PIECE, size
    try:
        check(text)
    finally:
        module.PIECE = piece


def test_pieces_are_cut_at_blank_lines(monkeypatch):
    text = "The idea is neat. It works.\n\nWe wrap here\nand go on.\n \n- Fine. " * 50
    whole = boundaries(text)
    monkeypatch.setattr(module, "PIECE", 100)
    assert boundaries(text) == whole


def test_vocabulary_is_bounded(monkeypatch):
    monkeypatch.setattr(module, "WORDS", 50)
    sentences(" ".join(f"word{i}" for i in range(100)))
    full = module.pipeline()
    sentences("Fine.")
    assert module.pipeline() is not full


def test_import_is_cheap():
    code = "import sys, corpus.sentences; sys.exit('spacy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def squeezed(text):
    return "".join(text.split())


def annotated_pra():
    """Text and ends of sentences, counted without white space. A stop after a tag belongs to the sentence before."""
    for path in sorted(PRA.glob("*/*/*/Annotated/*.txt")):
        raw = path.parents[1] / "Raw" / path.name.replace("_annotated", "")
        try:
            text = json.loads(raw.read_text("utf-8"))
            parts = [
                squeezed(json.loads(f'"{part.strip().strip(chr(34))}"', strict=False))
                for part in re.split(r"\[\[.*?\]\]+", path.read_text("utf-8"), flags=re.DOTALL)
            ]
        except (OSError, ValueError):
            continue
        packed, ends, at = "".join(parts), set(), 0
        if packed == squeezed(text):
            for part in parts:
                at += len(part)
                ends.add(at + len(re.match(r"[.,;:!?)\]\"”']*", packed[at:])[0]))
            yield text, ends


def annotated_disapere():
    for path in sorted([*DISAPERE.glob("dev/*.json"), *DISAPERE.glob("train/*.json")]):
        rows = json.loads(path.read_text("utf-8"))["review_sentences"]
        text = "".join(row["text"] + (row["suffix"] or " ") for row in rows)
        packed = [squeezed("".join(row["text"] for row in rows[: n + 1])) for n in range(len(rows))]
        yield text, {len(part) for part in packed}


@pytest.mark.parametrize(
    ("folder", "annotated", "least"), [(PRA, annotated_pra, 0.895), (DISAPERE, annotated_disapere, 0.92)]
)
def test_agreement_with_annotators(folder, annotated, least):
    if not folder.is_dir():
        pytest.skip(f"needs the real corpora: {folder} is missing")
    hits = found = gold = 0
    for text, ends in annotated():
        last = len(squeezed(text))
        inner = {len(squeezed(text[:start])) for start in boundaries(text)} - {0, last}
        ends -= {0, last}
        hits, found, gold = hits + len(inner & ends), found + len(inner), gold + len(ends)
    f1 = 2 * hits / (found + gold)
    print(f"{folder.name}: precision {hits / found:.3f}, recall {hits / gold:.3f}, F1 {f1:.4f}")
    assert f1 >= least
