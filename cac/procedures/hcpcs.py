"""HCPCS Level II codes of a note: drugs given, services held, things dispensed, on the day of the note.

A name alone is never enough. It has to stand in a section that tells what was done, be affirmed, and have
words beside it that say it was given, performed or dispensed; words that say it is taken at home, was done
before, or is still to come speak against it. Everything recognised and not coded is returned with the
reason. Names are rows of ``hcpcs_sample/terms.csv``, cues of ``procedures/hcpcs_cues.csv``.

Known weakness: a drug "given" to take home is read as given; two injections of one drug in one place on one
day are counted once unless the note says "x2".
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from cac.extract.context import assess_spans
from cac.procedures.doses import Dose, find_dose, units_of
from cac.procedures.hcpcs_table import UNITS, Term, load_hcpcs, load_terms
from cac.procedures.hcpcs_verdict import Here, as_cue, beside, clause, scan, verdict
from cac.types import Assertion, Cue, Evidence, Note

__all__ = ["HcpcsService", "evidence_of", "find_hcpcs", "names_medicare"]

_GIVEN_HEADER = re.compile(r"administ|given|\bmar\b|procedur|in clinic|in office|today", re.IGNORECASE)
_MEDICARE = re.compile(r"\bmedicare\b", re.IGNORECASE)
_SIDES = {"left": "left", "lt": "left", "l": "left", "right": "right", "rt": "right", "r": "right"}
_TITLES = frozenset("mr mrs ms miss dr doctor nurse".split())


@dataclass(frozen=True, slots=True)
class HcpcsService:
    """A name of a code in the note, and what became of it.

    Attributes
    ----------
    code, description
        The code and our wording of it.
    start, end
        The name.
    units
        Units of the code; None when the dose that decides is not documented.
    dose
        The dose that was counted.
    side
        "left", "right", "both" (each counted) or "".
    cue
        The words that say it was done, or that speak against it.
    performed
        True when it is to be coded.
    reason
        Why not: "negated", "historical", "planned", "home", "not_given" (no words say it was done),
        "section", "course" (over days), "bundled" (part of a procedure), "payer" (only Medicare takes
        the code, and nothing says Medicare), "duplicate" ...;
        "" when performed.
    sentence, section
        Index of the sentence; kind of the section.
    """

    code: str
    description: str
    start: int
    end: int
    units: int | None
    dose: Dose | None = field(repr=False)
    side: str
    cue: Cue | None = field(repr=False)
    performed: bool
    reason: str
    sentence: int
    section: str


def find_hcpcs(note: Note, *, medicare: bool | None = None) -> tuple[HcpcsService, ...]:
    """Every HCPCS service named in a note, in order, performed or not.

    Parameters
    ----------
    note
        A note that has been read.
    medicare
        Whether Medicare pays: codes that only Medicare takes (G0008 for a flu shot) need it. None looks for
        the word in the note.

    Returns
    -------
    tuple of HcpcsService
        Each performed code once, its units added up over sides; the others with their reason.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> note = read("Plan: Ketorolac 60 mg IM given in clinic today. Rocephin was not given.")
    >>> [(s.code, s.units, s.reason) for s in find_hcpcs(note)]
    [('J1885', 4, ''), ('J0696', None, 'negated')]
    """
    found = _names(note)
    if not found:
        return ()
    pays = medicare if medicare is not None else names_medicare(note)
    starts, ends = note.tokens.starts, note.tokens.ends
    spans = [(starts[a], ends[b - 1]) for a, b, _, _ in found]
    assertions = assess_spans(note, spans)
    judged = [_judge(note, found, i, spans, assertion, pays) for i, assertion in enumerate(assertions)]
    return _merged(judged)


def names_medicare(note: Note) -> bool:
    """Whether a note names Medicare, which takes other codes than other payers for some services."""
    return _MEDICARE.search(note.text) is not None


def evidence_of(note: Note, service: HcpcsService) -> tuple[Evidence, ...]:
    """The words behind a service: its name, its dose, and the cue.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> note = read("Ketorolac 60 mg IM given today.")
    >>> [(e.kind, e.text) for e in evidence_of(note, find_hcpcs(note)[0])]
    [('procedure', 'Ketorolac'), ('dose', '60 mg'), ('cue', 'given')]
    """
    spans = [("procedure", service.start, service.end)]
    if service.dose is not None:
        spans.append(("dose", service.dose.start, service.dose.end))
    if service.cue is not None and service.cue.end > service.cue.start:
        spans.append(("cue", service.cue.start, service.cue.end))
    return tuple(Evidence(a, b, note.text[a:b], kind, service.section) for kind, a, b in spans)


def _names(note: Note) -> list[tuple[int, int, Term, int]]:
    """Names of codes: first token, past the last, the term, the sentence; the longest name at a place."""
    terms, lower = load_terms(), note.tokens.lower
    firsts = [s.first_token for s in note.sentences]
    out: list[tuple[int, int, Term, int]] = []
    done = 0
    for i, word in enumerate(lower):
        if word not in terms or i < done:
            continue
        number = bisect_right(firsts, i) - 1
        if number < 0 or i >= note.sentences[number].last_token:
            continue
        last = note.sentences[number].last_token
        for term in terms[word]:
            end = i + len(term.tokens)
            if end > last or lower[i:end] != term.tokens:
                continue
            # "Kenalog-40 mg": the figure is a dose, not part of the name.
            if term.tokens[-1].isdigit() and end < last and lower[end] in UNITS:
                continue
            if load_hcpcs()[term.code].mode != "dispensed" or not _is_person(note, i, end):
                out.append((i, end, term, number))
            done = end
            break
    return out


def _is_person(note: Note, first: int, end: int) -> bool:
    """Whether a single word is a surname: "Mr. Walker", "Logan Walker"."""
    words, lower = note.tokens.words, note.tokens.lower
    if end - first > 1 or not words[first].istitle() or first == 0:
        return False
    before = first - 2 if lower[first - 1] == "." and first > 1 else first - 1
    return lower[before] in _TITLES or (
        before == first - 1 and words[before].istitle() and len(words[before]) > 1
    )


def _judge(
    note: Note,
    found: Sequence[tuple[int, int, Term, int]],
    i: int,
    spans: Sequence[tuple[int, int]],
    assertion: Assertion,
    pays: bool,
) -> HcpcsService:
    first, last, term, number = found[i]
    code = load_hcpcs()[term.code]
    sentence = note.sentences[number]
    section = note.sections[sentence.section]
    others = [spans[j] for j, f in enumerate(found) if f[3] == number and j != i]
    low, high = clause(note, sentence, first, last)
    cues = scan(note, low, high, code.mode, (first, last))
    header = note.text[section.header_start : section.header_end]
    listed = section.kind in ("medications", "immunizations") and bool(_GIVEN_HEADER.search(header))
    dose, per_ml = find_dose(note.text, *spans[i], sentence.start, sentence.end, others, code)
    names = [(a, b) for a, b, _, n in found if n == number]
    by_needle = not term.needle or any(c[0] == "needle" and beside(c, (first, last), names) for c in cues)
    here = Here(section.kind, listed, dose is not None, pays, by_needle)
    reason, cue = verdict(code, here, assertion, cues, (first, last))
    if term.per_ml and code.unit:
        per_ml = per_ml or term.per_ml * UNITS[code.unit][1]
    units = units_of(code, dose, per_ml)
    if units is not None and any(kind == "twice" for kind, _, _ in cues):
        units *= 2
    performed = not reason
    return HcpcsService(
        code.code,
        code.description,
        *spans[i],
        units if performed else None,
        dose if performed else None,
        _side(note, low, high),
        as_cue(note, cue, low, high) if isinstance(cue, tuple) else cue,
        performed,
        reason,
        number,
        section.kind,
    )


def _side(note: Note, low: int, high: int) -> str:
    sides = {_SIDES[w] for w in note.tokens.lower[low:high] if w in _SIDES}
    return sides.pop() if len(sides) == 1 else ""


def _merged(services: Iterable[HcpcsService]) -> tuple[HcpcsService, ...]:
    """Each performed code once: sides add up, the same dose told again does not."""
    out: list[HcpcsService] = []
    at: dict[str, int] = {}
    counted: dict[str, set[str]] = {}
    for service in services:
        if not service.performed:
            out.append(service)
            continue
        known = at.get(service.code)
        if known is None:
            at[service.code] = len(out)
            counted[service.code] = {service.side}
            out.append(service)
            continue
        first = out[known]
        other = service.side and first.side and service.side not in counted[service.code]
        if other and first.units is not None and service.units is not None:
            counted[service.code].add(service.side)
            out[known] = replace(first, units=first.units + service.units, side="both")
        elif first.units is None and service.units is not None:
            out[known] = service
            service = first
        out.append(replace(service, performed=False, reason="duplicate", units=None, dose=None))
    return tuple(sorted(out, key=lambda s: (s.start, s.code)))
