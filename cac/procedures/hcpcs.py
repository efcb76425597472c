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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from cac.extract.context import assess_spans
from cac.procedures.doses import Dose, find_dose, units_of
from cac.procedures.hcpcs_table import UNITS, CueIndex, HcpcsCode, Term, load_cues, load_hcpcs, load_terms
from cac.types import Assertion, Cue, Evidence, Note, Sentence

__all__ = ["HcpcsService", "evidence_of", "find_hcpcs"]

SILENT: Final = frozenset(
    "family_history allergies pmh psh instructions education consent orders followup comparison differential "
    "social_history obstetric_history birth_history developmental_history problem_list risk_factors "
    "administrative code_status preop_diagnosis admission_diagnosis medications labs ros vitals".split()
)
"""Sections that do not tell what was done today."""

_DONE_SECTIONS: Final = frozenset("procedures operative_details anesthesia hospital_course".split())
_VISIT_SECTIONS: Final = frozenset(
    "chief_complaint reason_for_visit hpi subjective unknown assessment assessment_plan impression diagnosis "
    "screening".split()
)
_GIVEN_HEADER = re.compile(r"administ|given|\bmar\b|procedur|in clinic|in office|today", re.IGNORECASE)
_MEDICARE = re.compile(r"\bmedicare\b(?!\s+advantage\s+declined)", re.IGNORECASE)
_BUNDLED: Final[Mapping[str, tuple[str, ...]]] = {
    "perioperative": ("operative_details", "anesthesia", "procedures"),
    "supply": ("operative_details", "anesthesia"),
}
"""Groups that are part of the operation in the sections that describe one (NCCI Policy Manual, ch. I)."""

_AGAINST: Final = (
    ("undone", "negated"), ("past", "historical"), ("plan", "planned"), ("bundled", "bundled"),
    ("course", "course"), ("oral", "oral"),
)  # fmt: skip
_BY_NEEDLE: Final = ("drug", "contrast", "perioperative")
_DIMENSIONS = ("negated", "family", "other_person", "historical", "planned", "hypothetical", "uncertain")
_HOME_AFTER, _HOME_BEFORE = 8, 5
_CLAUSE = frozenset((";", "but", "however", "then", "."))
_SIDES = {"left": "left", "lt": "left", "l": "left", "right": "right", "rt": "right", "r": "right"}
_MONTHS = frozenset(
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
_TITLES = frozenset("mr mrs ms miss dr doctor nurse".split())
_NUMBERS = frozenset("one two three four five six seven eight nine ten twelve several".split())
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATE = re.compile(r"\d{1,2}/\d{1,2}(?:/\d{2,4})?")


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
        "left", "right" or "".
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
    pays = medicare if medicare is not None else _MEDICARE.search(note.text) is not None
    starts, ends = note.tokens.starts, note.tokens.ends
    spans = [(starts[a], ends[b - 1]) for a, b, _, _ in found]
    assertions = assess_spans(note, spans)
    judged = [_judge(note, found, i, spans, assertion, pays) for i, assertion in enumerate(assertions)]
    return _merged(judged)


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
    low, high = _clause(note, sentence, first, last)
    cues = _scan(note, load_cues(), low, high, code.mode, (first, last))
    header = note.text[section.header_start : section.header_end]
    listed = section.kind in ("medications", "immunizations") and bool(_GIVEN_HEADER.search(header))
    dose, per_ml = find_dose(note.text, *spans[i], sentence.start, sentence.end, others, code)
    here = _Here(section.kind, listed, dose is not None, pays)
    reason, cue = _verdict(code, here, assertion, cues, (first, last))
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
        _as_cue(note, cue, low, high) if isinstance(cue, tuple) else cue,
        performed,
        reason,
        number,
        section.kind,
    )


Found = tuple[str, int, int]
"""A cue: kind, first token, past the last."""


@dataclass(frozen=True, slots=True)
class _Here:
    """Where a name stands: the section, whether it is a list of what was given, whether it has a dose, and
    whether Medicare pays."""

    section: str
    listed: bool
    dose: bool
    pays: bool


def _verdict(
    code: HcpcsCode, here: _Here, assertion: Assertion, cues: Sequence[Found], name: tuple[int, int]
) -> tuple[str, Found | Cue | None]:
    """Why a name is not coded ("" when it is), and the words that decided."""
    by_kind: dict[str, Found] = {}
    for cue in cues:
        if cue[0] != "home" or _near(cue, *name):
            by_kind.setdefault(cue[0], cue)
    for dimension in _DIMENSIONS:
        if dimension == "planned" and "undone" in by_kind:
            # What is declined is no plan.
            return "negated", by_kind["undone"]
        # A list of immunizations is no plan where its header says that they were given.
        if getattr(assertion, dimension) and not (dimension == "hypothetical" and here.listed):
            return dimension, assertion.cue(dimension)
    if here.section in SILENT and not here.listed:
        return "section", None
    if code.group == "local_anesthetic" or here.section in _BUNDLED.get(code.group, ()):
        return "bundled", None
    for kind, reason in _AGAINST:
        if kind in by_kind and (kind != "oral" or code.group in _BY_NEEDLE):
            return reason, by_kind[kind]
    now = by_kind.get("now")
    done = by_kind.get("done") or _weakly(code, here, by_kind)
    home = by_kind.get("home")
    if home is not None and now is None and (done is None or _closer(home, done, name[0])):
        return "home", home
    if done is None and code.mode in ("performed", "visit"):
        done = now
    if done is not None or here.listed or _by_section(code, here.section):
        return _paid(code, here.pays), done
    return "not_given", None


def _weakly(code: HcpcsCode, here: _Here, by_kind: Mapping[str, Found]) -> Found | None:
    """Words that say a drug was given only together: "received" with a dose, a route with a place."""
    if code.mode != "given":
        return None
    weak, route = by_kind.get("weak"), by_kind.get("route")
    if weak is not None and (here.dose or route is not None or "now" in by_kind or not code.unit):
        return weak
    placed = "now" in by_kind or here.listed or here.section in _DONE_SECTIONS
    return route if placed else None


def _by_section(code: HcpcsCode, section: str) -> bool:
    """Whether a section says by itself that what it names was done."""
    if code.mode == "visit" and section in _VISIT_SECTIONS:
        return True
    return section == "procedures" and code.mode != "given"


def _paid(code: HcpcsCode, pays: bool) -> str:
    return "payer" if code.payer == "medicare" and not pays else ""


def _closer(cue: Found, than: Found, first: int) -> bool:
    return abs(cue[1] - first) < abs(than[1] - first)


def _near(cue: Found, first: int, last: int) -> bool:
    """Whether a word about use at home belongs to the name: "takes X", "X 40 mg daily"."""
    _, a, b = cue
    return last <= a < last + _HOME_AFTER or first - _HOME_BEFORE <= b <= first


def _clause(note: Note, sentence: Sentence, first: int, last: int) -> tuple[int, int]:
    """The tokens around a name up to a semicolon or an adversative."""
    lower = note.tokens.lower
    low = max(
        [sentence.first_token, *(t + 1 for t in range(sentence.first_token, first) if lower[t] in _CLAUSE)]
    )
    high = min([sentence.last_token, *(t for t in range(last, sentence.last_token) if lower[t] in _CLAUSE)])
    return low, high


def _scan(note: Note, table: CueIndex, low: int, high: int, mode: str, name: tuple[int, int]) -> list[Found]:
    """The cues of a clause for one mode, longest first at each place; none inside the name itself."""
    lower = note.tokens.lower
    out: list[Found] = []
    i = low
    while i < high:
        if name[0] <= i < name[1]:
            i = name[1]
            continue
        step = 1
        for tokens, kind, modes in table.get(lower[i], ()):
            size = len(tokens)
            if mode not in modes or i + size > high or (step > 1 and size < step):
                continue
            if all(_is(lower[i + k], t) for k, t in enumerate(tokens)):
                out.append((kind, i, i + size))
                step = max(step, size)
        i += step
    return out


def _is(word: str, token: str) -> bool:
    if token == "<month>":
        return word in _MONTHS
    if token == "<num>":
        return word.isdigit() or word in _NUMBERS
    if token == "<year>":
        return _YEAR.fullmatch(word) is not None
    if token == "<date>":
        return _DATE.fullmatch(word) is not None
    return word == token


def _side(note: Note, low: int, high: int) -> str:
    sides = {_SIDES[w] for w in note.tokens.lower[low:high] if w in _SIDES}
    return sides.pop() if len(sides) == 1 else ""


def _as_cue(note: Note, found: Found, low: int, high: int) -> Cue:
    kind, a, b = found
    starts, ends = note.tokens.starts, note.tokens.ends
    return Cue(kind, starts[a], ends[b - 1], starts[low], ends[high - 1], note.text[starts[a] : ends[b - 1]])


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
            out[known] = replace(first, units=first.units + service.units)
        elif first.units is None and service.units is not None:
            out[known] = service
            service = first
        out.append(replace(service, performed=False, reason="duplicate", units=None, dose=None))
    return tuple(sorted(out, key=lambda s: (s.start, s.code)))
