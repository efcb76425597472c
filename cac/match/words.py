"""Words as the matcher sees them: folded for number, joined with their grade, stop words known.

The same functions run over code titles, lexicon rows and notes, so a folded form never has to be
good English; it only has to be the same on both sides and never merge two meanings.
"""

from __future__ import annotations

import re

__all__ = [
    "BARRIER_WORDS",
    "IRREGULAR",
    "JOIN_WORDS",
    "LETTERED_WORDS",
    "STOP_WORDS",
    "as_grade",
    "fold",
    "split_words",
]

STOP_WORDS = frozenset(
    "of the a an in with to and or for by on due at as from his her their my w/ this that its your our "
    "is was are were be been has have had".split()
)
"""Words that neither identify a condition nor separate two of them."""

BARRIER_WORDS = frozenset(
    "no not denies denied deny without w/o but however except although though patient pt he she which who "
    "because after before then negative positive if when while until unless reports states s/p ; rule r/o "
    "possible possibly probable probably suspected suspect "
    "likely versus vs concern concerning question questionable consistent compatible suggestive suggesting "
    "suggests indicative presumed presumptive".split()
)
"""Words a bag of words may not reach across."""

JOIN_WORDS = frozenset("type stage grade degree class category nyha factor trisomy".split())
"""Words that are one word with the grade that follows: "type 2", "stage iii"."""

LETTERED_WORDS = frozenset("hepatitis influenza flu vitamin hemophilia group type hemoglobin class".split())
"""Words that are one word with a single letter that follows: "hepatitis a", "vitamin d"."""

IRREGULAR = {"feet": "foot", "teeth": "tooth", "both": "bilateral"}
"""Words that no rule folds; "both" early, so that synonyms with a side know it."""

_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
_ORDINAL = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}
_GRADE = re.compile(r"([ivx]+|\d{1,2})([a-d]?)")
_KEEP_S = frozenset(
    "aids sars sirs crps mers gas yes this was has its his us is as plus minus versus".split()
)
_SPLIT = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def fold(word: str) -> str:
    """Fold number and possession: ``fractures`` → ``fracture``, ``crohn's`` → ``crohn``.

    Examples
    --------
    >>> fold("biopsies"), fold("masses"), fold("diabetes"), fold("arthritis")
    ('biopsy', 'mass', 'diabete', 'arthritis')
    """
    if word in IRREGULAR:
        return IRREGULAR[word]
    for mark in ("'s", "’s", "'", "’"):
        if word.endswith(mark):
            word = word[: -len(mark)]
            break
    if word.endswith("omas"):
        return word[:-1]
    if len(word) < 4 or word[-1] != "s" or word in _KEEP_S or word[-2] in "suia" or not word.isalpha():
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    return word[:-1]


def as_grade(word: str) -> str | None:
    """A grade in arabic figures, or None: ``iii`` → ``3``, ``3a`` → ``3a``, ``iv`` → ``4``."""
    m = _GRADE.fullmatch(word)
    if m is None:
        return _ORDINAL.get(word)
    number, letter = m.groups()
    if number.isdigit():
        return number + letter
    return _ROMAN[number] + letter if number in _ROMAN else None


def split_words(text: str) -> list[str]:
    """The lower-case words of a lexicon term, hyphens and punctuation dropped."""
    return [w.lower() for w in _SPLIT.findall(text)]
