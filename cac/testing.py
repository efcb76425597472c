"""Helpers for tests of the library and of what is plugged into it.

A marked-up row carries text, mentions and expectation together::

    "Denies <e negated>fever</e> but has <e>cough</e>."

``<e FLAGS>words</e>`` is a mention; FLAGS are the dimensions of :class:`cac.types.Assertion` that
must be true, separated by blanks; all others must be false. No flags: affirmed.
"""

from __future__ import annotations

import re

from cac.extract.context import assess_spans
from cac.extract.cues import DIMENSIONS
from cac.text.reader import read

__all__ = ["assert_assertions", "parse_markup"]

_TAG = re.compile(r"<e((?: \w+)*)>|</e>")


def parse_markup(row: str) -> tuple[str, list[tuple[int, int, frozenset[str]]]]:
    """Split a marked-up row into its plain text and its mentions.

    Returns
    -------
    text, mentions
        Each mention is ``(start, end, flags)`` with offsets into the plain text.

    Raises
    ------
    ValueError
        Tags do not match, a row has no mention, or a flag is no dimension.

    Examples
    --------
    >>> parse_markup("No <e negated>fever</e>.")
    ('No fever.', [(3, 8, frozenset({'negated'}))])
    """
    parts: list[str] = []
    mentions: list[tuple[int, int, frozenset[str]]] = []
    opened: tuple[int, frozenset[str]] | None = None
    done = length = 0
    for tag in _TAG.finditer(row):
        parts.append(row[done : tag.start()])
        length += tag.start() - done
        done = tag.end()
        if tag[0] == "</e>":
            if opened is None:
                raise ValueError("</e> without <e>")
            mentions.append((opened[0], length, opened[1]))
            opened = None
        else:
            flags = frozenset(tag[1].split())
            if opened is not None or not flags <= set(DIMENSIONS):
                raise ValueError("an <e> inside an <e>, or an unknown flag")
            opened = (length, flags)
    if opened is not None or not mentions:
        raise ValueError("an <e> without </e>, or no <e> at all")
    return "".join((*parts, row[done:])), mentions


def assert_assertions(row: str) -> None:
    """Assess every mention of a marked-up row and compare with its flags.

    Raises
    ------
    AssertionError
        Naming every mention whose flags differ, with the cues that decided.

    Examples
    --------
    >>> assert_assertions("Denies <e negated>fever</e> but has <e>cough</e>.")
    """
    text, mentions = parse_markup(row)
    found = assess_spans(read(text), [(start, end) for start, end, _ in mentions])
    problems = []
    for (start, end, expected), assertion in zip(mentions, found, strict=True):
        got = {name for name in DIMENSIONS if getattr(assertion, name)}
        if got != expected:
            cues = [(cue.category, cue.text) for cue in assertion.cues]
            problems.append(f"{text[start:end]!r}: expected {sorted(expected)}, got {sorted(got)} by {cues}")
    if problems:
        raise AssertionError("; ".join(problems) + f" in {text!r}")
