"""Sentence boundaries: every rule by an example in our own words, properties on any text, the component of spaCy."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
import spacy
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus import sentences as module
from corpus.sentence_component import pipeline
from corpus.sentences import boundaries, splitter_fingerprint, splitting

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
heading underlined    Clarity⏎=====⏎⏎|It reads well.⏎|-----⏎|Edit: fine.
heading, spelled out  ====After the rebuttal====⏎|I have read the answers of everybody else here
heading in brackets   [Pros]⏎|novel
plus and minus        (+) It is well written and the scheme is well explained there⏎|(-) Not tried⏎|[+] Fine
soft wrap             This is a line that somebody wrapped at some sixty-five columns⏎so it goes on. |Fine.
soft wrap, capital    This is a line that somebody wrapped at some sixty-five columns of⏎LaTeX source. |Fine.
stop at line end      This line ends.⏎|this one begins small.
reference             [3] Gray, A. and Roe, B. A study of tea. Journal of Tea. 2011.⏎|[4] Foo et al. Bar. ICML 2012.
reference, names      Gray, A., and B. C. Roe. "A study of tea." (1999) Journal of Tea.⏎|We do not agree.
reference, names      D. Gray and R. Roe, (2015, May). Tea. In Proc. Tea, pp. 1-2. Teapress.⏎|Fine.
reference, wrapped    [2] Ada Gray, Ben Roe. A study of tea and of all that is known⏎in China. In Tea. 2011.⏎|Fine.
reference, numbered   1. Gray, A., Roe, B. (2016). A study of tea: results. In Tea 81.⏎|2. Fine. |Yes.
no reference          Gray and Roe, in 2015, were first. |The arXiv has it.
place of a remark     * Section 7.1. It puzzles us.⏎|p. 8. Figure 7. Why so? |In Section 7. |Why?
heading with stop     3. [Clarity.] It is hard to read. |Yes.
counted               It is not in Table. 3 of the text. |Fine.
list in a line        Cons: 1. The proof fails. |2. The text is long.
abbreviation, wrapped There are many more ways that one could think of to do so, e.g.⏎the other one. |Fine.
in brackets           It fails (what is L? is it M. Then say so) in the end. |(Is it so? |Yes.)
bracket never closed  It fails (as I said. |The rest is fine.
closed, small letter  They train it (as they say). |this fails.
quote set apart       They say "it works. "⏎|Fine.
address after a stop  The code is there. |https://example.org/a
nothing begins so     It works ... ? |Fine. |... or not
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


def test_norm():
    assert sentences("Let || . || be the norm. Fine.") == ["Let || . || be the norm. ", "Fine."]


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


def test_import_is_cheap():
    code = "import sys, corpus.sentences; sys.exit('spacy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_component_agrees_with_the_function():
    nlp = pipeline()
    for line in EXAMPLES:
        text = line[22:].replace("⏎", "\n").replace("|", "")
        assert [sentence.start_char for sentence in nlp(text).sents] == boundaries(text)
    assert not list(nlp("").sents)


@settings(deadline=None, max_examples=100)
@given(PARTS)
def test_component_agrees_on_any_text(text):
    doc = pipeline()(text)
    assert doc.text == text
    assert [sentence.start_char for sentence in doc.sents] == boundaries(text)


def test_component_in_a_pipeline_with_the_tokenizer_of_spacy(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("review_sentences")
    nlp.to_disk(tmp_path)
    text = "As in Eq. 4, it works.  It should. Weaknesses:\n- slow"
    assert [sentence.start_char for sentence in spacy.load(tmp_path)(text).sents] == boundaries(text)


def test_a_long_paragraph_without_a_stop():
    text = "word and " * 120_000
    starts = boundaries(text)
    assert max(b - a for a, b in pairwise([*starts, len(text)])) <= module.PIECE
    assert all(text[start - 1] == " " for start in starts[1:])


def test_another_splitter():
    class Halves:
        fingerprint = "halves"

        def __call__(self, text):
            return [0, len(text) // 2]

    text = "It works. It should."
    with splitting(Halves()):
        assert boundaries(text) == [0, 10]
        assert boundaries("") == []
        assert splitter_fingerprint() == "halves"
        with ThreadPoolExecutor() as pool:  # a visitor's thread goes on with the rules while another ingests
            assert pool.submit(boundaries, "abcdef").result() == [0]
        with splitting(None):
            assert boundaries("abcdef") == [0]
    assert boundaries("abcdef") == [0]
    assert splitter_fingerprint() is None


def test_threads():
    texts = [line[22:].replace("⏎", "\n") for line in EXAMPLES] * 20
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(boundaries, texts)) == list(map(boundaries, texts))
