"""Evidence per axis: each part of a suggested code points to its own words, or says why it has none.

Worked out for the suggestions only, from what the pipeline already knows: the words of the mentions,
the attributes that chose the code, the nodes the words name, and the rules that changed the code.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from cac.codes.anatomy import wholes_of
from cac.codes.axes import Axis
from cac.extract.attributes import encounter_cues
from cac.match.index import TermIndex
from cac.match.words import JOIN_WORDS, as_grade, split_words
from cac.rules.gate import quote
from cac.types import AxisEvidence, Candidate, Evidence, Finding, Mention, Note, Span

__all__ = ["axis_evidence"]

_CUE_OF = {"encounter": "phase", "healing": "healing", "fracture": "open"}
"""Axes of the 7th character, and the encounter cue that documents each."""

_CHANGING = frozenset(("combination", "companion", "history", "refinement", "uncertainty"))
"""Kinds of rules that make a code say what no single mention says."""

_MOST_LEAVES = 60
_PLURAL = re.compile(r"\((?:s|es|ies)\)")


@dataclass(slots=True)
class _Said:
    """What the mentions of a candidate say: canonical words with the places they stand at."""

    words: dict[str, list[Evidence]]
    sides: list[Evidence]
    sites: list[tuple[str, Evidence]]
    named: list[tuple[frozenset[int | str], list[Evidence]]]
    whole: tuple[Evidence, ...]

    def names(self, word: int | str) -> bool:
        """Whether a node that the words name says a word, given as a number of the index or as written."""
        return any([word in words for words, _ in self.named])

    def naming(self, wanted: Iterable[int | str]) -> list[Evidence]:
        """The words of the note that name such nodes."""
        return [e for w in wanted for words, own in self.named if w in words for e in own]


def axis_evidence(note: Note, candidate: Candidate, index: TermIndex) -> tuple[AxisEvidence, ...]:
    """One entry for each different axis of the candidate's code, in the order of its title.

    Parameters
    ----------
    note
        The note the candidate was found in.
    candidate
        A code with the mentions behind it.
    index
        The index of the release the code belongs to.
    """
    row = index.table.row_of[candidate.code]
    changed = next((f for f in candidate.findings if f.kind in _CHANGING), None)
    said = _said(note, candidate.mentions, row, index, changed is not None)
    cues: dict[str, Evidence] = {}
    if any(a.name in _CUE_OF for a in index.table.axes(row)):
        cues = _encounter(note, candidate.mentions)
    out: dict[tuple[str, str], AxisEvidence] = {}
    for axis, words in _axis_words(row, index):
        if (axis.name, axis.value) not in out:
            out[axis.name, axis.value] = _judged(axis, words, said, cues, changed, row, index)
    return tuple(out.values())


def _judged(
    axis: Axis,
    words: tuple[str, ...],
    said: _Said,
    cues: dict[str, Evidence],
    changed: Finding | None,
    row: int,
    index: TermIndex,
) -> AxisEvidence:
    if axis.unspecified:
        return AxisEvidence(axis.name, axis.value, "not documented")
    found = _found(axis, words, said, cues, index)
    if found:
        return AxisEvidence(axis.name, axis.value, "documented", found)
    if axis.default:
        return AxisEvidence(axis.name, axis.value, "default", citation=axis.citation)
    if changed is not None:
        return AxisEvidence(axis.name, axis.value, "default", citation=changed.citation)
    if words and _implied(words, said, row, index):
        # Every code below the words says so: nothing was chosen.
        return AxisEvidence(axis.name, axis.value, "default", citation="I.B.2")
    if axis.name == "condition" and said.whole:
        return AxisEvidence(axis.name, axis.value, "documented", said.whole)
    return AxisEvidence(axis.name, axis.value, "not documented")


def _found(
    axis: Axis, words: tuple[str, ...], said: _Said, cues: dict[str, Evidence], index: TermIndex
) -> tuple[Evidence, ...]:
    """The words of the note that say it, or nothing."""
    if axis.name in cues and not (axis.default and axis.name != "fracture"):
        return (cues[axis.name],)
    if axis.name == "side" and said.sides:
        return _distinct(axis, said.sides)
    if axis.name == "other":
        # Detail for which there is no code of its own (I.A.9.a): the words that led here.
        return said.whole if not words and said.named else ()
    own = [e for w in words for e in said.words.get(w, ())]
    if words and all(w in said.words for w in words):
        return _distinct(axis, own)
    if axis.default or not words:
        return ()
    ids = [index.ids.get(w, 0) for w in words]
    if all([w in said.words or said.names(i) for w, i in zip(words, ids, strict=True)]):
        return _distinct(axis, own or said.naming(ids))
    spelled = split_words(axis.value)
    if all(map(said.names, spelled)):
        return _distinct(axis, own or said.naming(spelled))
    if axis.name == "site":
        return _distinct(axis, [e for word, e in said.sites if axis.value in wholes_of(word)])
    return ()


def _distinct(axis: Axis, evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Each place once, in order, said to be evidence of the axis."""
    places = {(e.start, e.end): e for e in evidence}
    return tuple(
        Evidence(start, end, e.text, axis.name, e.section) for (start, end), e in sorted(places.items())
    )


def _said(note: Note, mentions: Iterable[Mention], row: int, index: TermIndex, changed: bool) -> _Said:
    """What the mentions say; those of a code that a rule made (``changed``) mean other codes."""
    words: dict[str, list[Evidence]] = {}
    sides: list[Evidence] = []
    sites: list[tuple[str, Evidence]] = []
    named: list[tuple[frozenset[int | str], list[Evidence]]] = []
    whole: dict[Span, Evidence] = {}
    read: dict[str, list[str]] = {}
    table = index.table
    seen: set[tuple[object, ...]] = set()
    for m in mentions:
        # The same words once more say nothing new.
        wording = (
            *(note.text[s.start : s.end].lower() for s in m.spans),
            *((a.axis, a.value) for a in m.attributes),
            m.nodes,
        )
        if wording in seen:
            continue
        seen.add(wording)
        own = [quote(note, span.start, span.end, "condition", m.section) for span in m.spans]
        for e in own:
            whole.setdefault(Span(e.start, e.end), e)
        for word, lower, e in _words_in(note, m, index, read):
            words.setdefault(word, []).append(e)
            sites.append((lower, e))
        for a in m.attributes:
            e = quote(note, a.start, a.end, a.axis, m.section)
            if a.axis == "side":
                sides.append(e)
            words.setdefault(a.value, []).append(e)
            sites.append((a.value, e))
        for code in m.codes if changed else m.nodes or m.codes:
            node = table.row_of.get(code, -1)
            if node < 0 or not (changed or node == row or table.is_under(row, node)):
                continue
            named.append((_node_words(node, index), own))
    return _Said(words, sides, sites, named, tuple(whole.values()))


def _words_in(
    note: Note, m: Mention, index: TermIndex, read: dict[str, list[str]]
) -> Iterable[tuple[str, str, Evidence]]:
    """Canonical word, word as written and place, for every word of a mention that may mean it."""
    edits = {(e.start, e.end): e.read_as for e in m.edits}
    for span in m.spans:
        before: tuple[int, str] | None = None
        for start, end, lower in _tokens_in(note, span):
            e = quote(note, start, end, "condition", m.section)
            meant = edits.get((start, end))
            if meant is not None:
                atoms = [meant]
            elif lower in read:
                atoms = read[lower]
            else:
                atoms = read[lower] = _meanings(lower, index)
            for atom in atoms:
                yield atom, lower, e
            grade = as_grade(lower)
            if grade is not None:
                joined = before is not None and before[1] in JOIN_WORDS
                at = before[0] if before is not None and joined else start
                graded = quote(note, at, end, "condition", m.section)
                for word in (before[1],) if before is not None and joined else ("stage", "type"):
                    yield f"{word} {grade}", lower, graded
            before = (start, lower)


def _meanings(lower: str, index: TermIndex) -> list[str]:
    """Canonical words of a token; of a short form, of all its senses.

    Which sense is meant was decided before: only its words are those of the code.
    """
    known = index.meanings.get(lower)
    if known is not None:
        return known
    atoms = list(index.canon.text(lower))
    for shape, _, senses in index.canon.abbreviations.get(lower, ()):
        if len(shape) == 1:
            atoms += [w for sense in senses for w in sense.words]
    meant = list(dict.fromkeys(atoms))
    if lower in index.speller.known:
        # Words of the language are kept; whatever else a note may hold is not.
        index.meanings[lower] = meant
    return meant


def _tokens_in(note: Note, span: Span) -> Iterable[tuple[int, int, str]]:
    tokens = note.tokens
    i = bisect_left(tokens.starts, span.start)
    while i < len(tokens) and tokens.ends[i] <= span.end:
        yield tokens.starts[i], tokens.ends[i], tokens.lower[i]
        i += 1


def _encounter(note: Note, mentions: Iterable[Mention]) -> dict[str, Evidence]:
    found: dict[str, Evidence] = {}
    for m in mentions:
        cues = encounter_cues(note, m.sentence)
        for axis, cue in _CUE_OF.items():
            if cue in cues:
                found.setdefault(axis, quote(note, cues[cue].start, cues[cue].end, axis, m.section))
    return found


def _implied(words: tuple[str, ...], said: _Said, row: int, index: TermIndex) -> bool:
    """Whether all codes that the words of the note leave open say it."""
    table = index.table
    known: frozenset[int | str] = frozenset().union(*(named for named, _ in said.named))
    for above in table.ancestors(row):
        if index.needs(above) <= known or not said.named:
            leaves = table.leaves(above)
            if not 1 < len(leaves) <= _MOST_LEAVES:
                return False
            common = frozenset.intersection(*(index.needs(leaf) for leaf in leaves))
            return all(index.ids.get(w, 0) in common for w in words)
    return False


def _node_words(row: int, index: TermIndex) -> frozenset[int | str]:
    """The words of a title, as they are written and as numbers of what it asks for; kept."""
    known = index.node_words.get(row)
    if known is None:
        known = frozenset((*index.needs(row), *split_words(index.table.title(row))))
        index.node_words[row] = known
    return known


def _axis_words(row: int, index: TermIndex) -> tuple[tuple[Axis, tuple[str, ...]], ...]:
    """The axes of a row with their canonical words: facts of the release, kept."""
    known = index.axis_words.get(row)
    if known is None:
        known = tuple(
            (a, tuple(dict.fromkeys(index.canon.text(_PLURAL.sub("", a.value)))))
            for a in index.table.axes(row)
        )
        index.axis_words[row] = known
    return known
