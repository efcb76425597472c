"""What a procedure descriptor, or a clause of a note, asserts: words, "with" and "without", axes.

A descriptor is read by the conventions of procedure nomenclature: the part before a semicolon is common to
a family of codes and the part behind it is the code's own; brackets hold examples and remarks; "with or
without" and "when performed" change nothing. The axes (approach, side, extent, guidance ...) are rows of
``procedures/descriptor_axes.csv``: two values of one axis cannot both be true.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cac.errors import TableError
from cac.match.words import STOP_WORDS, fold
from cac.resources import read_table, required

__all__ = [
    "Canonical",
    "Wording",
    "contradicts",
    "load_axes",
    "load_short_words",
    "plain_words",
    "read_wording",
]

Canonical = Callable[[str], Sequence[str]]
"""Makes canonical words of a text: ``Canon.text``, or ``plain_words``."""

_TOKEN = re.compile(r"w/o\b|w/|s/p\b|[^\W_]+(?:['’][^\W_]+)*|[,;:.()\[\]]")
_BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")
_REMARK = re.compile(r"\bseparate procedure\b|\blist separately\b")
_EITHER = re.compile(r"\b(?:with or without|with/without|w/wo|w/ or w/o)\b")
_PERFORMED = re.compile(
    r"\b(?:including|includes|with)\b(?P<what>[^,;]*?)\b(?:when|if) (?:performed|used|done|applicable)\b"
)
_NEGATIONS = frozenset(("without", "w/o", "no", "not", "non", "sans"))
_POSITIVES = frozenset(("with", "w/"))
_EDGES = frozenset((",", ";", ":", ".", "(", ")", "[", "]", "but", "then", "followed", "however"))
_NEGATED_WORDS = 6
_EMPTY_WORDS = frozenset(
    "patient any method other procedure include including includes when performed used use via per each "
    "using than without not no eg ie etc same session service separate code".split()
)
"""Words of descriptors that name nothing."""

_CONTRAST = re.compile(r"\bcontrast|\bnoncontrast|\bgadolinium")
_CONTRAST_WORDS = frozenset(
    "contrast noncontrast material further section sequence image followed iv intravenous gadolinium".split()
)
_BOTH = re.compile(
    r"\b(?:with(?:out)?|w/o?) (?:and|&|then|followed by|plus) (?:with(?:out)?|w/o?)\b"
    r"|\bwithout\b.{0,40}\bfollowed by\b.{0,20}\bcontrast|\bbefore and after\b.{0,30}\bcontrast"
    r"|\b(?:pre|without)\b.{0,30}\b(?:and|then)\b.{0,12}\b(?:post|with)\b.{0,20}contrast"
)
_NO_CONTRAST = re.compile(r"\b(?:without|w/o|no|non|not)\b(?: \w+){0,4} ?contrast|\bnoncontrast")


@dataclass(frozen=True, slots=True)
class Wording:
    """A text taken apart.

    Attributes
    ----------
    words
        Canonical words it asserts, common part and own part.
    optional
        Words in brackets and behind "with or without": they may be documented, and need not be.
    denied
        Words behind "without" or "no".
    added
        Words behind "with".
    axes
        Axis to the values asserted, sorted; "contrast" has "with", "without" and "both".
    """

    words: frozenset[str]
    optional: frozenset[str]
    denied: frozenset[str]
    added: frozenset[str]
    axes: tuple[tuple[str, tuple[str, ...]], ...]


def plain_words(text: str) -> tuple[str, ...]:
    """Canonical words without synonyms: folded for number, stop words dropped.

    Examples
    --------
    >>> plain_words("Biopsies of the left kidneys")
    ('biopsy', 'left', 'kidney')
    """
    return tuple(fold(w) for w in _TOKEN.findall(text.lower()) if w[0].isalnum() and w not in STOP_WORDS)


def read_wording(text: str, canonical: Canonical = plain_words, *, short: bool = False) -> Wording:
    """Take a descriptor or a clause apart.

    Parameters
    ----------
    text
        A descriptor with its common part, or the words of a clause.
    canonical
        Makes canonical words; the same for descriptors and clauses.
    short
        The text is an abbreviated short descriptor.

    Examples
    --------
    >>> w = read_wording("Repair of kite, open; with tail (eg, ribbon), without string")
    >>> sorted(w.words), sorted(w.optional), sorted(w.denied), w.axes
    (['kite', 'open', 'repair', 'tail'], ['ribbon'], ['string'], (('approach', ('open',)),))
    """
    lower = " ".join(text.lower().replace("and/or", "or").replace("-", " ").split())
    if short:
        lower = _spelled_out(lower)
    optional: list[str] = []
    lower = _PERFORMED.sub(lambda m: _aside(m["what"], optional), lower)
    lower = _BRACKETS.sub(lambda m: _aside(m[0][1:-1], optional), lower)
    asserted, denied, added, either = _segments(_EITHER.sub(" either ", lower))
    optional += either
    axes = _axes(asserted)
    forms = load_forms()
    asserted, denied, added, optional = (
        [forms.get(word, word) for word in part] for part in (asserted, denied, added, optional)
    )
    empty, words = _EMPTY_WORDS, frozenset(canonical(" ".join(asserted)))
    if contrast := _contrast(lower):
        # Contrast is an axis, however many words are spent on it; to be without it needs none.
        axes["contrast"] = (contrast,)
        empty |= _CONTRAST_WORDS
        words -= empty
        words |= {"contrast"} if contrast != "without" else set()
    else:
        words -= empty
    return Wording(
        words,
        frozenset(canonical(" ".join(optional))) - words - empty,
        frozenset(canonical(" ".join(denied))) - empty,
        frozenset(canonical(" ".join(added))) - empty,
        tuple(sorted(axes.items())),
    )


def contradicts(descriptor: Wording, clause: Wording) -> bool:
    """Whether a clause says the opposite of what a descriptor asserts.

    Two values of one axis; something the descriptor has "with" that the clause denies; something it has
    "without" that the clause documents.

    Examples
    --------
    >>> clause = read_wording("open repair of kite without tail")
    >>> contradicts(read_wording("Repair of kite; with tail"), clause)
    True
    >>> contradicts(read_wording("Repair of kite, percutaneous"), clause)
    True
    >>> contradicts(read_wording("Repair of kite, open or percutaneous"), clause)
    False
    """
    theirs = dict(clause.axes)
    for axis, values in descriptor.axes:
        said = theirs.get(axis)
        if said is not None and not set(said) & set(values):
            return True
    refused = clause.denied - clause.words
    if (descriptor.added | descriptor.words) & refused and not descriptor.denied >= refused:
        return True
    return bool(descriptor.denied) and descriptor.denied <= clause.words


@lru_cache(maxsize=1)
def load_axes() -> Mapping[str, tuple[tuple[tuple[str, ...], str, str], ...]]:
    """First word → (all words, axis, value), longest first. Raises TableError naming every bad row."""
    columns = ("axis", "value", "words", "note")
    rows = read_table("procedures/descriptor_axes.csv", columns, {c: required for c in columns[:3]})
    found: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
    seen: set[tuple[str, str]] = set()
    problems: list[str] = []
    for row in rows:
        if (row["axis"], row["words"]) in seen or row["words"] != row["words"].lower():
            problems.append(f"descriptor_axes.csv: {row['words']!r} stands there twice or not in lower case")
        seen.add((row["axis"], row["words"]))
        words = tuple(row["words"].split())
        found.setdefault(words[0], []).append((words, row["axis"], row["value"]))
    if problems:
        raise TableError(f"descriptor axes: {len(problems)} bad rows", problems)
    return {w: tuple(sorted(rest, key=lambda r: (-len(r[0]), r))) for w, rest in found.items()}


@lru_cache(maxsize=1)
def load_short_words() -> Mapping[str, str]:
    """Abbreviations of short descriptors and what they stand for. Raises TableError naming every bad row."""
    rows = read_table(
        "procedures/descriptor_short_words.csv", ("short", "words"), {"short": required, "words": required}
    )
    found: dict[str, str] = {}
    problems: list[str] = []
    for row in rows:
        if found.setdefault(row["short"], row["words"]) != row["words"] or row["short"] == row["words"]:
            problems.append(f"descriptor_short_words.csv: {row['short']!r} stands there twice or for itself")
    if problems:
        raise TableError(f"short words: {len(problems)} bad rows", problems)
    return found


@lru_cache(maxsize=1)
def load_forms() -> Mapping[str, str]:
    """Words for what was done, in notes and in descriptors, to one form: "injected" → "injection".

    Raises TableError naming every bad row.
    """
    rows = read_table(
        "procedures/descriptor_forms.csv", ("word", "form"), {"word": required, "form": required}
    )
    found = {r["word"]: r["form"] for r in rows}
    problems = [
        f"descriptor_forms.csv: {w!r} is the form of another word" for w in found.values() if w in found
    ]
    if problems or len(found) < len(rows):
        raise TableError("descriptor forms: a word stands there twice or leads to another", sorted(problems))
    return found


def _spelled_out(text: str) -> str:
    known = load_short_words()
    parts = re.split(r"(\s+|/(?!o\b|\s|$))", text.replace("w/o", " without ").replace("w/", " with "))
    return " ".join(known.get(part, part) for part in parts if part.strip(" /"))


def _aside(text: str, optional: list[str]) -> str:
    if not _REMARK.search(text):
        optional += _TOKEN.findall(text)
    return " "


def _segments(text: str) -> tuple[list[str], list[str], list[str], list[str]]:
    """Tokens asserted, denied, added by "with" (these are asserted too), and named as either way."""
    asserted: list[str] = []
    denied: list[str] = []
    added: list[str] = []
    either: list[str] = []
    mode, left = "", 0
    for token in _TOKEN.findall(text):
        if token == "either":
            mode = "either"
        elif token in _EDGES:
            mode = ""
        elif token in _NEGATIONS:
            mode, left = "denied", _NEGATED_WORDS
        elif token in _POSITIVES:
            mode = "added"
        elif mode == "either":
            either.append(token)
        elif mode == "denied":
            denied.append(token)
            left -= token not in STOP_WORDS
            mode = mode if left else ""
        else:
            asserted.append(token)
            if mode == "added":
                added.append(token)
    return asserted, denied, added, either


def _axes(tokens: Sequence[str]) -> dict[str, tuple[str, ...]]:
    table = load_axes()
    found: dict[str, set[str]] = {}
    for i, token in enumerate(tokens):
        for words, axis, value in table.get(token, ()):
            if tuple(tokens[i : i + len(words)]) == words:
                found.setdefault(axis, set()).add(value)
    return {axis: _sorted(values) for axis, values in found.items()}


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(values))


def _contrast(text: str) -> str:
    """What a text says of contrast: "with", "without", "both", or "" for nothing."""
    if not _CONTRAST.search(text):
        return ""
    if _BOTH.search(text):
        return "both"
    return "without" if _NO_CONTRAST.search(text) else "with"
