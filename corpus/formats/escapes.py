"""Text that was copied out of a JSON string literal: whether a file is such text, and its decoding with offsets."""

from __future__ import annotations

import json
import re
from bisect import bisect_right

# The standard library's decoder is several times faster than a substitution, and takes nearly every text.
_LITERAL = json.JSONDecoder(strict=False).raw_decode
_TOKEN = re.compile(r"\\(u[0-9a-fA-F]{4}|[A-Za-z]+|.)", re.DOTALL)
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\[\"\\/bfnrt]|\\", re.DOTALL
)
_CHARACTERS = {r"\"": '"', r"\\": "\\", r"\/": "/", r"\b": "\b", r"\f": "\f", r"\n": "\n", r"\r": "\r", r"\t": "\t"}

#: LaTeX commands that begin like a JSON escape: whole runs of letters after one backslash.
_LATEX = frozenset(
    "nabla nu ne neq neg not nolimits newline newcommand nonumber notin natural ni nleq ngeq nsim noindent "
    "theta tau tilde times text textbf textit textrm texttt textsc textstyle to top triangle tan tanh tfrac tr "
    "beta bar begin bf bm big bigg bigl bigr bigcup bigcap bigoplus boldsymbol binom bot bullet b because between "
    "frac forall flat footnote fbox frown rho right rightarrow rangle rceil rfloor ref rm real r rVert rvert "
    "u underline uparrow upsilon uplus update usepackage url underbrace underset".split()
)


def escaped(text: str) -> bool:
    r"""Whether `text` is the inside of a JSON string literal rather than plain text with LaTeX in it.

    `\"`, `\\`, `\u2019` and a `\n` that begins no LaTeX command speak for it; LaTeX commands (`\nabla`, `\alpha`),
    backslashes that no literal may hold and real line breaks speak against it. A tag that splits an escape does not
    count.
    """
    if "\\" not in text:
        return False
    lines = text.strip().count("\n")
    if not lines and r"\n\n" in text:
        return True  # an escaped blank line and no real one: the common case, told without a count
    score = -lines
    for token in _TOKEN.findall(text):
        first = token[0]
        if len(token) > 1 and first == "u" and len(token) == 5 and not token[1:].isalpha():
            score += 1
        elif token in _LATEX or (first.isalpha() and first not in "bfnrtu"):
            score -= 1
        elif first in 'nrt"\\' or (len(token) == 5 and first == "u"):
            score += 1
        elif first not in "[/ bfu":
            score -= 1
    return score > 0


def unescape(raw: str) -> tuple[str, tuple[int, ...]]:
    """`raw` with its escapes decoded, and where in it a backslash escapes nothing or half a surrogate pair stands.

    A backslash that escapes nothing stays; half a surrogate pair becomes U+FFFD.
    """
    if "\\" not in raw:
        return raw, ()
    if "\\ud" not in raw and "\\uD" not in raw:
        try:
            text, end = _LITERAL(f'"{raw}"')
            if end == len(raw) + 2:
                return text, ()
        except ValueError:
            pass  # a bad escape: the way below names the place
    bad = (m.start() for m in _ESCAPE.finditer(raw) if m[0] == "\\" or _character(m) == "\ufffd")
    return _ESCAPE.sub(_character, raw), tuple(bad)


def _character(match: re.Match[str]) -> str:
    found = match[0]
    if len(found) < 3:
        return _CHARACTERS.get(found, found)
    if len(found) == 12:
        return chr(0x10000 + ((int(found[2:6], 16) - 0xD800) << 10) + int(found[8:], 16) - 0xDC00)
    code = int(found[2:], 16)
    return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)


class Unescaped:
    """Decoded text with the way back: `raw_index(i)` is where code point `i` of `text` starts in the raw text."""

    def __init__(self, raw: str, is_escaped: bool):
        self.text, self.bad = unescape(raw) if is_escaped else (raw, ())
        self._ends: list[int] = []
        self._lost = [0]
        if is_escaped and "\\" in raw:
            for match in _ESCAPE.finditer(raw):
                if len(match[0]) > 1:
                    self._ends.append(match.end() - self._lost[-1] - (len(match[0]) - 1))
                    self._lost.append(self._lost[-1] + len(match[0]) - 1)

    def raw_index(self, index: int) -> int:
        """Offset in the raw text of code point `index` of the decoded text."""
        return index + self._lost[bisect_right(self._ends, index)]
