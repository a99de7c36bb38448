"""Where sentences of scientific reviews start, by rules: no training, no state, time that grows with the length only.

The rules look for places where a sentence may end (a stop, a line break) and then for a reason why it does not: an
abbreviation, an initial, a formula, an address, an entry of a list of references, an open bracket, a soft-wrapped line.
None of them looks across a blank line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SHORT = 45  # characters: a line below that was not wrapped, the next word would still have fitted on it
ENTRY = 700  # characters: no entry of a list of references is longer
LONG_WORD = 7  # letters: a word that ends in so many small ones is no abbreviation

# A stop after these ends no sentence; they are compared in lower case, without their last stop.
GOES_ON = frozenset(
    "e.g i.e eg ie cf c.f vs viz w.r.t wrt s.t a.k.a resp esp approx ca et fig figs eq eqs eqn eqns sec secs sect tab "
    "thm prop lem cor def ref refs alg algo chap ch vol pp pg dr prof proc mr mrs ms st dept".split()
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
# A stop after these ends no sentence where a digit follows.
COUNTED = frozenset("table tables figure figures section sections equation equations page line lines fn".split())

STOPS = ".!?…。！？"
CLOSERS = "\"'”’»)]}*`"
MARKER = (
    r"(?:[-*•‣◦▪●–—+>]+|#{1,6}|\[\d{1,2}\]|[(\[][-+*][)\]]"  # bullets, markdown headings, [1], (+)
    r"|\(?(?:\d{1,2}[a-z]?|[a-zA-Z]|[ivx]{1,4}|[pPQRCW]\d{1,2})[.):]{1,2})"  # 1. 2) (a) iv. 3a) Q1: W2.
)
POINT = re.compile(rf"{MARKER}(?=\s)|[-•*]+(?=[A-Za-z(])|\(?\d{{1,2}}[.)](?=[A-Z])")
# What only says where the sentence after it belongs: "2.", "* Section 7.1.", "p. 8.", "1. [Clarity.]"
LEADS_IN = re.compile(
    rf"\s*(?:{MARKER}\s*)*+"
    r"(?:(?:sec|sect|section|page|p|pp|fig|figure|table|tab|eq|eqn|equation|lines?|fn)\b\.?\s*\(?\d[\w.()–-]*\.\s*"
    r"|[\[*]+[A-Z]\w*\.[\]*]+\s*)?$",
    re.IGNORECASE,
)
HEADING = re.compile(
    r"#|[=_~-]{3,}(?:.*[=_~-]{3})?$|\[[^\]]{1,40}\]$"
    r"|[*_ ]*(?:(?:paper |main )?(?:summary|strengths?|weakness(?:es)?)|pros?|cons?|questions?|"
    r"(?:minor |major |other |detailed |general )?comments?|"
    r"clarity|quality|originality|significance|novelty|typos|references?)[*_ ]*$",
    re.IGNORECASE,
)
RULER = re.compile(r"([-=_*~#])\1{2,}[ \t]*(?=\n|$)")  # drawn under a heading

# A place where a sentence may end: stops with what closes after them, or a line break, with the white space after it.
# It begins with a set of characters, so that the search for it is a fast loop.
PLACE = re.compile(
    rf"[{STOPS}\n](?:(?<=\n)|(?P<more>[{STOPS}]*)(?P<close>[{re.escape(CLOSERS)}]*(?:[ ][\"”](?=\n|$))?))(?P<space>\s*)"
)
WORD_AFTER = re.compile(r"[\"'“‘(\[*_`]*([^\W\d_]*)")
SPACE = re.compile(r"\s*")

# Stretches that no boundary falls into. Pandoc's rule tells a formula's dollars from prices: no white space inside
# them, no digit after.
FORMULA = re.compile(
    r"""
      \$\$ [^$\n]++ (?:\n(?!\s*\n)[^$\n]++)*+ \$\$
    | (?<![\\$]) \$ (?=[^\s$]) (?:[^$\n\\] | \\. | \n(?!\s*\n)){0,400}? (?<=[^\s\\]) \$ (?!\d)
    | \\\( (?:[^\n\\] | \\[^(\n] | \n(?!\s*\n)){0,1000}? \\\)
    | \\\[ (?:[^\n\\] | \\[^[\n] | \n(?!\s*\n)){0,1000}? \\\]
    """,
    re.VERBOSE,
)
ADDRESS = re.compile(r"://(?:(?<=http://)|(?<=https://))\S*[^\s.,;:!?)\]}>\"']")
WWW = re.compile(r"www\.\S*[^\s.,;:!?)\]}>\"']")
WHOLE = ((FORMULA, "$"), (FORMULA, "\\"), (ADDRESS, "://"), (WWW, "www."))  # and what a text without them lacks

# An entry of a list of references begins with names, or with a label such as [Foo17] …
_INITIALS = r"(?:[A-Z]\.[ -]?){1,3}"
_NAME = r"[A-Z][\w’'-]++"
_FULL_NAME = rf"{_NAME}(?:[ ][A-Z]\.?)?(?:[ ][a-z]{{2,3}})?[ ]{_NAME}"
NAMES = re.compile(
    rf"""
    (?P<mark> (?:\[[^\]\n]{{1,14}}\][:.]? | \(?\d{{1,2}}[.)] | [-*•]) [ \t]*+ )?
    (?: {_NAME},[ ] (?: {_INITIALS} | {_NAME}(?:[ ](?:{_NAME}|[A-Z]\.?)){{0,2}} [ ]?(?=[.,;]|[ ]and[ ]) )
      | {_INITIALS} (?:[a-z]{{2,3}}[ ]){{0,2}} {_NAME} (?=[.,;]|[ ]and[ ]|[ ]et[ ]al)
      | {_FULL_NAME} (?:,[ ]and[ ]|,[ ]|[ ]and[ ]) {_FULL_NAME} (?=[.,;:]|[ ]and[ ])
      | (?(mark) {_NAME}(?:[ ][A-Z]\.?)?(?:[ ][a-z]{{2,3}})?(?:[ ]{_NAME})? (?:[.,]|[ ]and[ ]|[ ]et[ ]al) | (?!) )
    )
    """,
    re.VERBOSE,
)
LABELLED = re.compile(r"\[[^\]\n]{1,14}\][:.]?[ \t]+")
# … has a year, says where it was published, and does not argue.
YEAR = re.compile(r"(?:19|20)\d\d")
YEAR_LAST = re.compile(r"(?:19|20)\d\d[a-z]?[).,]*\s*\Z")
PUBLISHED = re.compile(
    r"et al|, [A-Z]\.|[a-z], and [A-Z]|arXiv|Proc|Conference|Journal|Trans|Workshop|University|Press|[Pp]reprint|ICLR|"
    r"ICML|NIPS|NeurIPS|CVPR|ICCV|ECCV|AAAI|IJCAI|ACL|EMNLP|NAACL|AISTATS|JMLR|COLT|UAI|ICASSP|Interspeech|IEEE|ACM"
)
ARGUES = re.compile(
    r"\b(?:I|[Ww]e|[Tt]his|[Tt]hey|[Tt]heir|authors?|paper|should|would|does|did|not|was|were|has|have|which)\b"
)


def starts(text: str) -> list[int]:
    """Where the sentences of `text` start, in code points, sorted; the first is 0, each other a character of ink."""
    found, first, end = [0], skip_space(text, 0), len(text)
    stretches = _whole(text)
    begin, until = next(stretches)
    held = _entry(text, first)  # no boundary before this
    for place in PLACE.finditer(text):
        at = place.end()
        if at <= first or at == end:
            continue
        while until <= at:
            begin, until = next(stretches)
        if at < held or at > begin:
            continue
        more, close, space = place.groups()
        breaks = space.count("\n") + (more is None)
        if breaks:
            held = _entry(text, at)
            if breaks > 1 or held or _line_ends(text, at - len(space) - (more is None), at):
                found.append(at)
            continue
        begun, stop = max(found[-1], first), place.start()
        # Most stops stand between a long word in small letters and a capital: no rule has anything to say to these.
        plain = space and not more and not close and text[at].isupper() and text[stop] == "."
        plain = plain and stop - LONG_WORD > begun and _small_letters(text[stop - LONG_WORD : stop])
        if (plain or _stop_ends(text, stop, place, begun)) and not _bracketed(text, at, begun):
            found.append(at)
    return found


def skip_space(text: str, at: int) -> int:
    """The first place from `at` on that is no white space."""
    return found.end() if (found := SPACE.match(text, at)) else at


def _small_letters(word: str) -> bool:
    return word.isalpha() and word.islower()


def _whole(text: str) -> Iterator[tuple[int, int]]:
    """Formulas and addresses, from left to right; then for ever one behind the end."""
    kinds = dict.fromkeys(kind for kind, needed in WHOLE if needed in text)
    last = 0
    for begin, end in sorted(found.span() for kind in kinds for found in kind.finditer(text)):
        if end > last:
            yield begin, end
            last = end
    while True:
        yield len(text), len(text) + 1


def _entry(text: str, at: int) -> int:
    """Where the entry of a list of references ends that starts at `at`, which starts a line; 0 if there is none."""
    named = NAMES.match(text, at)
    if not named and not (text.startswith("[", at) and LABELLED.match(text, at)):
        return 0
    end = at
    for _ in range(4):  # lines
        stop = text.find("\n", end + 1, at + ENTRY)
        if stop < 0:
            end = len(text) if len(text) <= at + ENTRY else end
            break
        end, after = stop, skip_space(text, stop)
        goes_on = text.count("\n", end, after) < 2 and not POINT.match(text, after) and not NAMES.match(text, after)
        dated = YEAR.search(text, at, end)
        if not goes_on or (dated and text[end - 1] == ".") or YEAR_LAST.search(text, max(at, end - 12), end):
            break
    entry = text[at:end]
    published = PUBLISHED.search(entry) or (named and named["mark"])
    return end if YEAR.search(entry) and published and not ARGUES.search(entry) else 0


def _line_ends(text: str, end: int, at: int) -> bool:
    """Whether the single line break in text[end:at] ends a sentence, or only wraps one."""
    line = text[text.rfind("\n", 0, end) + 1 : end].strip()
    last = line.rstrip(CLOSERS)[-1:]
    if RULER.match(text, at) and len(line) < SHORT and last not in STOPS:
        return False
    if HEADING.match(line) or POINT.match(text, at):
        return True
    if last and last in STOPS + ":":
        return not (line[-1] == "." and _last_word(line, 0, len(line) - 1).lower() in GOES_ON)
    if text[at].islower():
        return False
    return bool(POINT.match(line)) or (len(line) < SHORT and not line.endswith((",", ";", "(")))


def _last_word(text: str, start: int, end: int) -> str:
    """The word before `end`, without brackets and the like before it."""
    window = text[max(start, end - 30) : end]
    word = window.rsplit(None, 1)[-1] if window and not window[-1].isspace() else ""
    if not word.isalnum():
        for sign in "([{\"'“‘,;:/—–":
            word = word[word.rfind(sign) + 1 :]
    return word


def _stop_ends(text: str, stop: int, place: re.Match[str], start: int) -> bool:
    """Whether the stop found by PLACE at `stop` ends the sentence that began at `start`; no line break follows it."""
    stops, close, at = text[stop] + place["more"], place["close"], place.end()
    word = WORD_AFTER.match(text, at)
    before, after = _last_word(text, start, stop), word[1] if word else ""
    if stops[-1] in "。！？":
        return True
    if text[at] in ",;:!?)]}" or (text[at] == "." and not text.startswith("..", at)):  # nothing begins with these
        return False
    opens, goes_lower = after.lower() in OPENERS, after[:1].islower() and not after.startswith(("http", "www"))
    if not place["space"]:  # a space was forgotten, as in "unclear.The"; but not in "torch.Tensor", "U.S.", "e.g.The"
        return len(before) > 2 and _small_letters(before) and opens and after.istitle()
    if at - start < 40 and LEADS_IN.match(text[start:at]):
        return False
    if stops != ".":
        asks = stops.strip(".…") != ""  # "..." before a small letter is a pause, "?" before a word as "is" an end
        return not goes_lower or (asks and bool(POINT.match(text, at) or (opens and not close)))
    if close:
        return not goes_lower
    return _full_stop_ends(text, stop, at, before, opens, goes_lower)


def _full_stop_ends(text: str, stop: int, at: int, before: str, opens: bool, goes_lower: bool) -> bool:
    """Whether a single full stop with white space after it ends a sentence; `before` is the word before it."""
    key = before.lower()
    if key in GOES_ON or (key in COUNTED and text[at].isdigit()):
        return False
    if not before and text[at] in "|=&~/":  # a norm, ||.||, and the like
        return False
    if before.isdigit() and len(before) < 3:  # a number of a list in the line, "Cons: 1. …"
        number = stop - len(before)
        if text[max(0, number - 4) : number].rstrip().endswith(":"):
            return False
    if key in MAY_GO_ON or INITIALS.fullmatch(before):
        return opens and not goes_lower
    return not goes_lower or (len(before) > 3 and before.isalpha()) or (opens and before[-1:] in (")", "]"))


def _bracketed(text: str, at: int, start: int) -> bool:
    """Whether `at` is inside brackets that open in the sentence that began at `start`, not with it, and soon close."""
    opened = text.rfind("(", max(start + 1, at - 300), at)
    if opened < 0 or text.find(")", opened, at) >= 0:
        return False
    closed = text.find(")", at, at + 200)
    return closed >= 0 and text.find("\n", at, closed) < 0
