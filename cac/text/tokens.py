"""Words of a note, with offsets that always refer to the text as the caller gave it.

One compiled expression finds the tokens and everything around it runs in C: splitting on a
capturing group yields gaps and tokens in turn, and their running lengths are the offsets. A
``Doc`` or an object per token would cost more than the rest of the pipeline.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from itertools import accumulate

from cac.resources import Check, read_table, required
from cac.types import Tokens

__all__ = ["lower_words", "tokenize"]

# Combining marks are not ``\w`` for Python's re; these ranges cover the scripts in daily use.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u0610-\u061a\u064b-\u065f\u0670"
    "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u0b82\u0bbe-\u0bcd"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f"
)
_APOSTROPHES = "'\u2019\u02bc\u2018"

# Most tokens are a plain word or a stop before a blank: two alternatives that fail or succeed fast.
_COMMON = r"[A-Za-z]++(?=[\ \n.,:;)])|[.,](?=[\ \n])|[A-Za-z0-9]++(?=[\ \n])"
# What may follow a run of letters and digits inside the same token.
_WORD = rf"""
    [^\W_]++
    (?:(?=[.,:/\-{_APOSTROPHES}{_MARKS}])(?:
        (?<=\d)[.:]\d[^\W_]*                        # 7.5  10:30  E11.22  2.5mg
      | (?<=\d),\d\d\d(?!\d)                        # 1,000
      | (?<=\d)/\d\d?/\d\d(?:\d\d)?(?!\d)           # 3/4/2024
      | (?<=\d)-\d\d?-\d\d\d\d(?!\d)                # 3-4-2024
      | (?<=\d\d\d\d)-\d\d-\d\d(?!\d)               # 2024-03-04
      | [{_APOSTROPHES}][^\W_]+                     # Crohn's
      | [{_MARKS}]+[^\W_]*                          # decomposed accents
    ))*+
"""

# Folded in ``lower`` only. Dashes become the hyphen, quotes the straight ones.
_FOLD = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u00b4\u2032\uff07", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"),
    **{chr(0xFF10 + d): str(d) for d in range(10)},
    **{chr(0xFF21 + i): chr(0x61 + i) for i in range(26)},
    **{chr(0xFF41 + i): chr(0x61 + i) for i in range(26)},
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\u2044": "/",
    "\uff0e": ".",
    "\uff0c": ",",
    "\uff1a": ":",
    "\uff0f": "/",
    "\u00ad": "",
    "\u200b": "",
}
_FOLDABLE = re.compile("[" + "".join(map(re.escape, _FOLD)) + "]")


def tokenize(text: str) -> Tokens:
    """Split a text into tokens.

    A token is a run of letters and digits ("3a", "CO2", "E11"), a number with its decimals or
    thousands ("7.5", "1,000"), a date or time, a word with its apostrophe ("Crohn's"), a piece of
    slashed shorthand from ``data/lexicon/sentence_shorthand.csv`` ("s/p", "n/v/d"), or one
    character of anything else. White space is no token.

    Parameters
    ----------
    text
        Any string, lone surrogates included.

    Returns
    -------
    Tokens
        ``text[starts[i]:ends[i]] == words[i]`` for every ``i``; ``lower`` holds the words
        case-folded, with typographic quotes, dashes, ligatures and full-width digits made plain.

    Examples
    --------
    >>> tokenize("55 y/o s/p R-TKA, Crohn's.").words
    ('55', 'y/o', 's/p', 'R', '-', 'TKA', ',', "Crohn's", '.')
    """
    parts = _splitter()(text)
    words = parts[1::2]
    if not words:
        return Tokens((), (), (), ())
    bounds = tuple(accumulate(map(len, parts)))
    # Of plain letters nothing has to be folded but their case.
    lower = tuple(map(str.lower, words)) if text.isascii() else lower_words(words)
    return Tokens(tuple(words), lower, bounds[:-1:2], bounds[1::2])


def lower_words(words: list[str]) -> tuple[str, ...]:
    """Case-fold words for look-up, in the same order and number.

    Examples
    --------
    >>> lower_words(["Crohn\u2019s", "\ufb01brosis"])
    ("crohn's", 'fibrosis')
    """
    if not words:
        return ()
    joined = " ".join(words)
    if not joined.isascii():
        joined = _FOLDABLE.sub(lambda m: _FOLD[m[0]], joined)
        if not unicodedata.is_normalized("NFC", joined):
            joined = unicodedata.normalize("NFC", joined)
    return tuple(joined.casefold().split(" "))


@cache
def _splitter() -> Callable[[str], list[str]]:
    rows = read_table("lexicon/sentence_shorthand.csv", ("term", "meaning"), _CHECKS)
    terms = sorted({r["term"] for r in rows}, key=lambda t: (-len(t), t))
    shorthand = "|".join(re.escape(t) + ("" if t.endswith("/") else r"(?!\w|/\w)") for t in terms)
    # The first look-ahead rejects the commonest gap at once; the other keeps the long alternation
    # away from words without a slash.
    pattern = rf"(?!\ )({_COMMON}|(?=[A-Za-z]{{1,2}}/)(?i:{shorthand})|{_WORD}|(?<![\w.])\.\d+|\S)"
    return re.compile(pattern, re.VERBOSE).split


def _slashed(cell: str) -> str | None:
    ok = "/" in cell and re.fullmatch(r"[a-z]{1,2}(/[a-z]{1,2})*/?", cell)
    return None if ok else "is no slashed shorthand"


_CHECKS: dict[str, Check] = {"term": _slashed, "meaning": required}
