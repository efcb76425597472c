"""What the note says about a mention: negated, uncertain, historical, family ...

NegEx and ConText by tokens: one pass over a sentence finds the cues and the punctuation that
matters (:mod:`cac.extract.cues`), each cue is given its scope once, and every mention of the sentence
is looked up among the scopes. Only sentences that hold a mention are read. Nothing reaches over a
sentence, bullet, form line or section edge.

What it cannot do: follow a pronoun, know that "no" belongs to another speaker, or tell a list from a
clause that has neither verb nor conjunction ("no fever, cough" is read as a list).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache

from cac.errors import NoteError
from cac.extract.cues import DIMENSIONS, CueTable, cue_table
from cac.extract.scopes import AFFIRM, Scope, sentence_scopes
from cac.resources import one_of, read_table
from cac.text.reader import read
from cac.types import AFFIRMED, Assertion, Cue, Note

__all__ = ["assess", "assess_spans", "section_defaults"]

_HISTORICAL = DIMENSIONS.index("historical")


def assess(text: str, start: int, end: int) -> Assertion:
    """Assess one span of a text.

    Parameters
    ----------
    text
        The whole note: sections and sentences decide how far cues reach.
    start, end
        The mention, ``text[start:end]``.

    Returns
    -------
    Assertion
        With, for each true dimension, the cue that decided it.

    Raises
    ------
    NoteError
        The text cannot be read, or the offsets are not a non-empty span of it.

    Examples
    --------
    >>> assess("Denies fever, chills or cough.", 24, 29).negated
    True
    >>> assess("Denies fever but has a cough.", 23, 28).affirmed
    True
    """
    note = read(text)
    return assess_spans(note, ((start, end),))[0]


def assess_spans(note: Note, spans: Sequence[tuple[int, int]]) -> list[Assertion]:
    """Assess several spans of a note, in the order given.

    Parameters
    ----------
    note
        A note that has been read.
    spans
        ``(start, end)`` offsets into ``note.text``, in any order; they may overlap. A span that
        runs over a sentence edge is assessed in the sentence it starts in.

    Returns
    -------
    list of Assertion
        One for each span. Cues that lie inside a span are part of what it names, and do not count.

    Raises
    ------
    NoteError
        An offset is not an integer, or a span is empty or outside the note.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> note = read("No fever. Possible pneumonia.")
    >>> [a.negated for a in assess_spans(note, [(3, 8), (19, 28)])]
    [True, False]
    """
    size = len(note.text)
    table = cue_table()
    sentences = note.sentences
    sentence_starts = [s.start for s in sentences]
    # Sentences of which everything is simply stated: most of those that have several mentions.
    stated: set[int] = set()
    found: list[Assertion] = []
    for span in spans:
        start, _ = _checked(span, size)
        index = bisect_right(sentence_starts, start) - 1
        if index in stated and start < sentences[index].end:
            found.append(AFFIRMED)
            continue
        assertion = _assess_span(note, table, index, span)
        if (
            assertion is AFFIRMED
            and index >= 0
            and note.scopes.get(index) == ()
            and start < sentences[index].end
        ):
            stated.add(index)
        found.append(assertion)
    return found


@lru_cache(maxsize=1)
def section_defaults() -> dict[str, str]:
    """Section kind to the dimension that everything in it has, for the kinds that have one.

    Examples
    --------
    >>> section_defaults()["family_history"]
    'family'
    """
    rows = read_table(
        "lexicon/section_kinds.csv",
        ("kind", "title", "assertion", "weight", "note"),
        {"assertion": one_of("", *DIMENSIONS)},
    )
    defaults = {row["kind"]: row["assertion"] for row in rows}
    return {kind: dimension for kind, dimension in defaults.items() if dimension}


def _checked(span: tuple[int, int], size: int) -> tuple[int, int]:
    start, end = span
    if type(start) is not int or type(end) is not int:
        raise NoteError("span offsets must be integers")
    if not 0 <= start < end <= size:
        raise NoteError(f"span {start}..{end} is empty or outside the note of {size} characters")
    return span


def _assess_span(
    note: Note,
    table: CueTable,
    index: int,
    span: tuple[int, int],
) -> Assertion:
    """A span that begins in or after sentence ``index``, and before the next."""
    if not note.sentences:
        return AFFIRMED
    start, end = span
    tokens = note.tokens
    in_header = _in_header(note, index, start)
    if in_header:
        index += 1
    sentence = note.sentences[max(0, index)]
    first, last = sentence.first_token, sentence.last_token
    if in_header:
        # "ALLERGIES - NONE.": a header that is itself a mention is answered by what follows it.
        first = bisect_left(tokens.starts, note.sections[sentence.section].header_start)
        index = -1 - index
    scopes: tuple[Scope, ...] | None = note.scopes.get(index)
    if scopes is None:
        scopes = note.scopes[index] = sentence_scopes(table, tokens, first, last)
    best: dict[int, tuple[int, Scope]] = {}
    if scopes:
        t0 = bisect_right(tokens.ends, start, first, last)
        t1 = max(t0 + 1, bisect_left(tokens.starts, end, first, last))
        for scope in scopes:
            cue_first, cue_last = scope.first, scope.last
            if scope.forward:
                if not cue_first < t0 < scope.high or (scope.only_inside and t0 >= scope.only_inside):
                    continue
                distance = t0 - cue_last
            else:
                if not scope.low < t1 <= cue_first:
                    continue
                distance = cue_first - t1
            known = best.get(scope.dim)
            if known is None or distance < known[0]:
                best[scope.dim] = (distance, scope)
        if AFFIRM in best:
            # "history of hypertension for ten years": the time that runs on makes it current.
            del best[AFFIRM]
            if _HISTORICAL in best and best[_HISTORICAL][1].forward:
                del best[_HISTORICAL]
    default = section_defaults().get(note.sections[sentence.section].kind) if note.sections else None
    if not best and default is None:
        return AFFIRMED
    return _assertion(note, sentence.section, best, default)


def _in_header(note: Note, index: int, start: int) -> bool:
    """Whether ``start`` lies in the header right before sentence ``index + 1``."""
    if (index >= 0 and start < note.sentences[index].end) or index + 1 >= len(note.sentences):
        return False
    section = note.sections[note.sentences[index + 1].section]
    return section.header_start <= start < section.header_end


def _assertion(
    note: Note, section: int, best: dict[int, tuple[int, Scope]], default: str | None
) -> Assertion:
    text, tokens = note.text, note.tokens
    flags = {DIMENSIONS[dim]: True for dim in best}
    cues: list[Cue] = []
    nearest = list(best.values())
    if len(nearest) > 1:
        nearest.sort(key=lambda found: (found[0], found[1].dim))
    for _, scope in nearest:
        start, end = tokens.starts[scope.first], tokens.ends[scope.last - 1]
        low = high = end if scope.forward else start
        if scope.low < scope.high:
            low, high = tokens.starts[scope.low], tokens.ends[scope.high - 1]
        edge = high if scope.forward else low
        stop = (
            (tokens.starts[scope.stop[0]], tokens.ends[scope.stop[1] - 1]) if scope.stop[1] else (edge, edge)
        )
        cues.append(Cue(DIMENSIONS[scope.dim], start, end, low, high, text[start:end], *stop))
    if default is not None and default not in flags:
        flags[default] = True
        where = note.sections[section]
        header = text[where.header_start : where.header_end]
        begin, end = where.header_start, where.header_end
        cues.append(Cue(default, begin, end, where.start, where.end, header, where.end, where.end))
    return Assertion(**flags, cues=tuple(cues))
