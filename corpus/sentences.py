"""spaCy sentence boundaries for scientific reviews, as offsets: the slices between them tile the text.

The rules live in one spaCy component, `review_sentences`, that sets `token.is_sent_start`. They look for places where
a sentence may end (a stop, a line break) and then for a reason why it does not: an abbreviation, an initial, a formula,
a soft-wrapped line. No rule looks across a blank line, so long texts are cut there and read piece by piece.
"""

from __future__ import annotations

import re
import sys
import threading
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # importing spaCy takes a second: only those who split text pay for it
    from spacy.language import Language
    from spacy.tokens import Doc

PIECE = 200_000  # characters read at once by one Doc; spaCy asks for some hundred bytes a word
WORDS = 200_000  # a spaCy vocabulary keeps every word it ever met: past this size the pipeline is built anew
SHORT = 45  # characters: a line below that was not wrapped, the next word would still have fitted on it

# A stop after these ends no sentence; they are compared in lower case, without their last stop.
GOES_ON = frozenset(
    "e.g i.e eg ie cf c.f vs viz w.r.t wrt s.t a.k.a resp approx ca et fig figs eq eqs eqn eqns sec secs sect tab thm "
    "prop lem cor def ref refs alg algo chap ch vol pp pg dr prof mr mrs ms st dept".split()
)
# A stop after these, or after an initial, ends a sentence only where one of the openers follows.
MAY_GO_ON = frozenset("al no nos p app min max inc ltd u.s u.k ph.d std avg dist incl".split())
INITIALS = re.compile(r"(?:[A-Z]\.?-?)*(?<![A-Z])[A-Z]")
OPENERS = frozenset(
    "the this that these those there it its they their he she we our i my in on at as if for from to with by but and "
    "also however although while when since because overall moreover furthermore finally additionally thus therefore "
    "hence here what why how is are can could do does did please some most many one another each all both first "
    "second no not a an".split()
)

STOPS = ".!?…。！？"
CLOSERS = "\"'”’»)\\]}*`"
MARKER = (
    r"(?:[-*•‣◦▪●–—+>]+|#{1,6}|\[\d{1,2}\]"  # bullets, markdown headings, [1]
    r"|\(?(?:\d{1,2}[a-z]?|[a-zA-Z]|[ivx]{1,4}|[pPQRCW]\d{1,2})[.):]{1,2})"  # 1. 2) (a) iv. 3a) Q1: W2.
)
POINT = re.compile(rf"{MARKER}(?=\s)|[-•*]+(?=[A-Za-z(])|\(?\d{{1,2}}[.)](?=[A-Z])")
ONLY_MARKER = re.compile(rf"\s*(?:{MARKER}\s*)+$")
HEADING = re.compile(
    r"#|[*_ ]*(?:(?:paper |main )?(?:summary|strengths?|weakness(?:es)?)|pros?|cons?|questions?|"
    r"(?:minor |major |other |detailed |general )?comments?|"
    r"clarity|quality|originality|significance|novelty|typos|references?)[*_ ]*$",
    re.IGNORECASE,
)
LINE_END = re.compile(rf"[{STOPS}:][{CLOSERS}]*$")

# A place where a sentence may end: stops with what closes after them, or a line break, with all white space around it.
PLACE = re.compile(rf"(?P<stop>[{STOPS}]+)(?P<close>[{CLOSERS}]*)(?P<space>\s*)|(?<!\s)(?P<line>\s*\n\s*)")
WORD_BEFORE = re.compile(r"[^\s(\[{\"'“‘,;:/—–]*$")
WORD_AFTER = re.compile(r"[\"'“‘(\[*_`]*([^\W\d_]*)")

# Stretches that no boundary falls into: formulas, addresses, entries of a list of references. Pandoc's rule tells a
# formula's dollars from prices: no white space inside them, no digit after.
WHOLE = re.compile(
    r"""
      \$\$ [^$\n]+ (?:\n(?!\s*\n)[^$\n]+)* \$\$
    | (?<![\\$]) \$ (?=[^\s$]) (?:[^$\n\\] | \\. | \n(?!\s*\n)){0,400}? (?<=[^\s\\]) \$ (?!\d)
    | \\\( (?:[^\n\\] | \\[^(\n] | \n(?!\s*\n)){0,1000}? \\\)
    | \\\[ (?:[^\n\\] | \\[^[\n] | \n(?!\s*\n)){0,1000}? \\\]
    | (?:https?://|www\.) \S* [^\s.,;:!?)\]}>"']
    | ^[ \t]* \[[^\]\n]{1,14}\] [:.]? [ \t]+ (?=\S.*(?:19|20)\d\d)
      (?=.*(?:et\ al|,\ [A-Z]\.|[a-z],\ and\ [A-Z]|arXiv|Proc|Conference|Journal|Trans|ICLR|ICML|NIPS|NeurIPS|CVPR))
      (?!.*\b(?:I|[Ww]e|[Tt]his|authors?|paper|should|would|does|not)\b) .*
    """,
    re.VERBOSE | re.MULTILINE,
)


def boundaries(text: str) -> list[int]:
    """Where the sentences of `text` start, in code points, sorted; 0 is the first. A text without any has no sentence.

    White space after a sentence belongs to it, white space before the first one too; no sentence is white space only,
    unless the whole text is. A paragraph of more than `PIECE` characters is cut at white space near that length.
    """
    starts = []
    with _one_at_a_time:
        for offset, piece in _pieces(text):
            if len(pipeline().vocab) > WORDS:
                pipeline.cache_clear()
            starts += [offset + sentence.start_char for sentence in pipeline()(piece).sents]
    return starts


_one_at_a_time = threading.RLock()  # Streamlit has many threads, a growing vocabulary is not made for them


@lru_cache(maxsize=1)
def pipeline() -> Language:
    """A blank English pipeline with the component `review_sentences`, which it also registers with spaCy."""
    import numpy as np
    import spacy
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

    @spacy.Language.component("review_sentences", assigns=["token.is_sent_start"])
    def review_sentences(doc: Doc) -> Doc:
        begins = np.isin(doc.to_array("IDX"), np.array(_starts(doc.text), dtype=np.uint64))
        # token.is_sent_start looks at the whole Doc at each assignment; 1 and -1 are its true and false
        values = np.where(begins, 1, -1).astype(np.int64).view(np.uint64)[:, None]
        return doc.from_array(["SENT_START"], values)  # type: ignore[arg-type]  # thinc's stubs know no uint64

    def tokens(text: str) -> Doc:
        # spaCy's own tokenizer needs quadratic time for "((((…" and leaves stops inside tokens where a sentence ends
        words = re.findall(r"\s+|\w+|[^\w\s]", text)
        return Doc(nlp.vocab, words=words, spaces=[False] * len(words))

    nlp = spacy.blank("en", vocab=Vocab())  # no lexical attributes: a new word costs a tenth
    nlp.tokenizer = tokens
    nlp.max_length = sys.maxsize  # _pieces bounds the length, but for a single word or a gap that is longer
    nlp.add_pipe("review_sentences")
    return nlp


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Offset and text of stretches of about PIECE characters; all but the first start with a word."""
    offset = 0
    while offset < len(text):
        word = _skip_space(text, offset)
        last, cut = word + PIECE, len(text)
        if last < len(text):
            found = (at for gap in ("\n\n", "\n", " ") if (at := text.rfind(gap, word, last)) > 0)
            cut = _skip_space(text, next(found, last))
        yield offset, text[offset:cut]
        offset = cut


def _skip_space(text: str, at: int) -> int:
    return found.end() if (found := re.compile(r"\s*").match(text, at)) else at


def _starts(text: str) -> list[int]:
    """Where the sentences of one piece start, by the rules."""
    whole = [found.span() for found in WHOLE.finditer(text)]
    begins = [begin for begin, _ in whole]
    starts, first_word = [0], _skip_space(text, 0)
    for place in PLACE.finditer(text):
        at = place.end()
        if at <= first_word or at == len(text):
            continue
        within = bisect_left(begins, at) - 1
        if within >= 0 and at < whole[within][1]:
            continue
        space = place["space"] or place["line"] or ""
        breaks = space.count("\n")
        if breaks > 1 or (_line_ends(text, at - len(space), at) if breaks else _stop_ends(text, place, starts[-1])):
            starts.append(at)
    return starts


def _line_ends(text: str, end: int, at: int) -> bool:
    """Whether the single line break in text[end:at] ends a sentence, or only wraps one."""
    line = text[text.rfind("\n", 0, end) + 1 : end].strip()
    if LINE_END.search(line) or POINT.match(text, at) or HEADING.match(line):
        return True
    if text[at].islower():
        return False
    return bool(POINT.match(line)) or (len(line) < SHORT and not line.endswith((",", ";", "(")))


def _stop_ends(text: str, place: re.Match[str], start: int) -> bool:
    """Whether the stop found by PLACE ends the sentence that began at `start`; no line break follows it."""
    stop, closed, at = place["stop"], place["close"], place.end()
    words = WORD_BEFORE.search(text[max(start, place.start() - 30) : place.start()]), WORD_AFTER.match(text, at)
    before, after = words[0][0] if words[0] else "", words[1][1] if words[1] else ""
    key, opens, goes_lower = before.lower(), after.lower() in OPENERS, after[:1].islower()
    if stop[-1] in "。！？":
        return True
    if not place["space"]:  # a space was forgotten, as in "unclear.The"; but not in "torch.Tensor", "U.S.", "e.g.The"
        return len(before) > 2 and before.isalpha() and before.islower() and opens and after.istitle()
    if at - start < 20 and ONLY_MARKER.match(text[start:at]):
        return False
    if stop != ".":
        asks = stop.strip(".…") != ""  # "..." before a small letter is a pause, "?" before a word as "is" an end
        return not goes_lower or (asks and bool(POINT.match(text, at) or (opens and not closed)))
    if closed:
        return not goes_lower
    if key in GOES_ON:
        return False
    if key in MAY_GO_ON or INITIALS.fullmatch(before):
        return opens and not goes_lower
    return not goes_lower or (len(before) > 3 and before.isalpha())
