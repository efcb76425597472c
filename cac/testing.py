"""Helpers for tests of the library and of what is plugged into it.

A marked-up row carries text, mentions and expectation together::

    "Denies <e negated>fever</e> but has <e>cough</e>."

``<e FLAGS>words</e>`` is a mention; FLAGS are the dimensions of :class:`cac.types.Assertion` that
must be true, separated by blanks; all others must be false. No flags: affirmed.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from typing import Any

from cac.codes.table import CodeTable
from cac.extract.context import assess_spans
from cac.extract.cues import DIMENSIONS
from cac.match.index import TermIndex
from cac.match.matchers import Hit, clauses
from cac.match.protocol import Matcher, MatchText
from cac.match.spelling import opposed
from cac.text.reader import read

__all__ = ["MATCHER_NOTES", "assert_assertions", "check_matcher", "parse_markup"]

MATCHER_NOTES = (
    "Assessment: Type 2 diabetes mellitus with hyperglycemia. Essential hypertension.",
    "No fever, cough or chest pain. Denies headache but has nausea.",
    "1. Osteoarthritis of the left hip and the right knee.\n2. CKD stage 3a, anemia.\n",
    "ASSESSMENT AND PLAN:\n- Obstrutcive sleap apnoea, on CPAP\n- congestive heartfailure\n- hyper tension\n",
    "He has pain. Knee is normal. Fracture, distal radius, left, closed, after a fall.",
    "Impression: hypotyroidism; ileom obstruction; pneumnia without sepsis",
    "Größe 180 cm — naïve patient’s “asthma” \U0001f600 COPD\tGERD\r\nPlan: albuterol.",
    "Family history: breast cancer (mother). Status post appendectomy 2010.",
    "Assessment: Type 2 diabetes mellitus without complications; dementia, no behavioral disturbance.",
    "unremarkable " * 12,
)
"""Notes that ``check_matcher`` reads, written for it; a matcher's author may add some."""

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


def check_matcher(
    matcher: Matcher, index: TermIndex | None = None, notes: Sequence[str] = MATCHER_NOTES
) -> None:
    """Check that a matcher keeps the contract of ``cac.match.protocol.Matcher``.

    Parameters
    ----------
    matcher
        The object that is registered, or is going to be.
    index
        The index to search; that of the newest release by default.
    notes
        Texts to try it on.

    Raises
    ------
    AssertionError
        Naming every check that failed: ``name``, ``empty``, ``type``, ``offsets``, ``sorted``, ``sentence``,
        ``barrier``, ``words``, ``guards``, ``deterministic``, ``mutation``. Notes are named by number.

    Examples
    --------
    >>> from cac.match.standard import SEQUENCE
    >>> check_matcher(SEQUENCE)
    """
    index = index if index is not None else TermIndex.open(CodeTable.open())
    name = getattr(matcher, "name", None)
    problems: list[str] = []
    if not (isinstance(name, str) and name.strip()):
        problems.append("name: a matcher has a name")
    if _hits(matcher, _match_text("", index), index) != []:
        problems.append("empty: a note without words has no hits")
    seen: list[tuple[int, Any]] = []
    for number, note in enumerate(notes):
        text = _match_text(note, index)
        before = copy.deepcopy((text.stream, text.clauses.words, text.clauses.starts))
        earlier: list[Hit] = []
        got = _hits(matcher, text, index, earlier)
        seen.append((number, got))
        if earlier or before != (text.stream, text.clauses.words, text.clauses.starts):
            problems.append(f"mutation: note {number} was changed")
        if not isinstance(got, list) or not all(isinstance(h, Hit) for h in got):
            problems.append(f"type: note {number} gives no list of hits")
            continue
        problems += (f"{fault} (note {number})" for fault in _faults(got, text, index))
    for number, got in reversed(seen):
        if got != _hits(matcher, _match_text(notes[number], index), index):
            problems.append(f"deterministic: note {number} gives other hits the second time")
    if problems:
        raise AssertionError(f"matcher {name!r}: " + "; ".join(dict.fromkeys(problems)))


def _match_text(note: str, index: TermIndex) -> MatchText:
    parsed = read(note)
    stream = index.canon.stream(parsed)
    return MatchText(parsed, stream, clauses(stream, index))


def _hits(matcher: Matcher, text: MatchText, index: TermIndex, found: list[Hit] | None = None) -> Any:
    return matcher.hits(text, index, found if found is not None else [])


def _faults(hits: list[Hit], text: MatchText, index: TermIndex) -> Iterator[str]:
    """What is wrong with the hits of one note, each fault once."""
    stream, number = text.stream, text.clauses.number.tolist()
    n, entries = len(stream.atoms), int(index.arrays["counts"][1])
    inside = []
    for h in hits:
        ascending = list(h.positions) == sorted(set(h.positions))
        if not h.positions or not ascending or h.start < 0 or h.end >= n or not 0 <= h.entry < entries:
            yield "offsets: positions are ascending and within the note, entries within the index"
        else:
            inside.append(h)
    if [h.positions for h in hits] != sorted(h.positions for h in hits):
        yield "sorted: hits come in order of their positions"
    for h in inside:
        if len({stream.sentence[p] for p in h.positions}) > 1:
            yield "sentence: a hit stays inside one sentence"
        elif any(number[q] != number[q - 1] and q not in h.positions for q in range(h.start + 1, h.end + 1)):
            yield "barrier: a hit reaches across a barrier word only where that is one of its own words"
        yield from _word_faults(h, text, index)


def _word_faults(hit: Hit, text: MatchText, index: TermIndex) -> Iterator[str]:
    """Whether an entry's words are those of the note, up to the edits the hit states."""
    atoms = text.stream.atoms
    edited = {p for e in hit.edits for p in e.positions}
    words = [atoms[p] for p in hit.positions if p not in edited]
    words += [w for e in hit.edits for w in e.read_as]
    if not edited <= set(hit.positions) or set(words) != {
        index.words[w] for w in index.entry_words(hit.entry)
    }:
        yield "words: the words of an entry are those at its positions, or the edits say what was read"
    for e in hit.edits:
        written, read_as = "".join(atoms[p] for p in e.positions), "".join(e.read_as)
        if e.distance < 1 or (written != read_as and not _may_read(written, read_as)):
            yield "guards: short words, figures and opposites are never read as others"


def _may_read(written: str, read_as: str) -> bool:
    """Whether letters may be read as others at all (the design's guards)."""
    return (
        min(len(written), len(read_as)) > 4
        and written.isalpha()
        and {written, read_as}.isdisjoint(("right", "left", "bilateral"))
        and not opposed(written, read_as)
    )
