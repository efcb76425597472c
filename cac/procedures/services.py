"""The services a note names, each with its axes, its place and whether it was performed."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from cac.extract.context import assess_spans
from cac.procedures.measures import age_of, counted, minutes, sizes, spinal_levels
from cac.procedures.performed import Verdict, judge, place_of, today_words
from cac.procedures.surroundings import Rest, Said, Unit, said_here, said_wider, span_of
from cac.procedures.tables import Procedure, Service, load_procedures
from cac.procedures.terms import Hit, Terms, load_terms
from cac.types import Note, Span
from cac.types.records import fast_init

__all__ = ["ServiceMention", "find_services", "narrates", "planned_header"]

_BREAKS = frozenset((",", ";", "and", "with", "plus", "&", "followed", "then", ":"))
_VERBS = frozenset("was were is are had has have then patient".split())
_DONE = frozenset("performed underwent accomplished carried done".split())
_ACTIONS = frozenset(
    "insertion removal exchange arthroplasty change creation revision deployed angioplasty thrombectomy "
    "fistulogram".split()
)
_PLANNED_HEADERS = frozenset(("planned", "proposed", "recommended", "scheduled", "anticipated", "requested"))


_OPERATION = re.compile(r"\b(?:operation|surgery|procedure)\b", re.IGNORECASE)
_GIVEN = frozenset(("given", "administered", "received"))


@fast_init
@dataclass(frozen=True, slots=True)
class ServiceMention:
    """One service named at one place.

    ``said`` is axis → value → words, the nearest that say it; ``local`` the same without the rest of
    the note; ``number``, ``minutes`` and ``sizes``
    what the words count and measure.
    """

    service: Service
    code: Procedure | None
    span: Span
    reach: Span
    section: str
    place: str
    sentence: int
    item: int
    verdict: Verdict
    said: Said = field(hash=False)
    local: Said = field(hash=False)
    number: tuple[int, Span] | None = None
    minutes: tuple[int, Span] | None = None
    sizes: tuple[tuple[float, Span], ...] = ()


def find_services(note: Note, age: float | None = None) -> list[ServiceMention]:
    """Every service a note names, in order, performed or not.

    Parameters
    ----------
    note
        A note that has been read.
    age
        Years; taken from the note when it is not given.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> [m.service.name for m in find_services(read("Laparoscopic appendectomy."))]
    ['appendectomy']
    """
    terms = load_terms()
    units = _units(note, terms)
    if not units:
        return []
    rest = Rest(note, terms, units)
    years = age
    found: list[tuple[Unit, Hit, tuple[int, int]]] = []
    for unit in units:
        found += [(unit, hit, segment) for hit, segment in _segments(unit)]
    titled = {hit.trigger.service for unit, hit, _ in found if _place(note, unit) == "title"}
    kinds = {load_procedures().services[name].kind for name in titled}
    spans = [span_of(note, unit.line, hit.first, hit.last) for unit, hit, _ in found]
    assertions = assess_spans(note, [(s.start, s.end) for s in spans])
    out = []
    for (unit, hit, segment), span, assertion in zip(found, spans, assertions, strict=True):
        service = load_procedures().services[hit.trigger.service]
        place = _place(note, unit)
        tokens = (unit.line.first[hit.first], unit.line.last[hit.last])
        verdict = judge(
            note,
            place,
            service.kind,
            assertion,
            unit.first,
            unit.last,
            tokens,
            active=not _ACTIONS.isdisjoint(unit.line.words),
            own=_own(unit, hit),
            others=tuple(unit.line.first[h.first] for h in unit.hits if h is not hit),
        )
        if place == "title" and service.kind == "lab" and not kinds <= {"lab"}:
            # A blood test is no title of an operation; its short name means something else there.
            verdict = Verdict("section")
        if place == "title" and not verdict.reason:
            planned = planned_header(note, unit.section)
            verdict = Verdict("planned", planned) if planned is not None else verdict
        reach = span_of(note, unit.line, *segment)
        local = said_here(note, unit, hit, segment, service)
        said = dict(local)
        if not verdict.reason:
            said = said_wider(local, unit, service, rest, place, alone=len(titled) < 2)
        number, spent, measured = _measures(note, unit, reach, service, said)
        if "age" in service.axes:
            years = years if years is not None else age_of(note)
            if years is not None:
                said["age"] = {f"{years:g}": span}
        out.append(
            ServiceMention(
                service=service,
                code=load_procedures().codes[hit.trigger.code] if hit.trigger.code else None,
                span=span,
                reach=reach,
                section=unit.kind,
                place=place,
                sentence=unit.sentence,
                item=unit.item,
                verdict=verdict,
                said=said,
                local=local,
                number=number,
                minutes=spent,
                sizes=tuple(measured),
            )
        )
    return out


def _own(unit: Unit, hit: Hit) -> frozenset[int]:
    """The tokens of a name, without those that stand among them."""
    line = unit.line
    return frozenset(t for p in hit.places for t in range(line.first[p], line.last[p] + 1))


def _place(note: Note, unit: Unit) -> str:
    """The place of a line; a whole sentence under a procedure header describes, it is no title."""
    place = place_of(unit.kind)
    if place == "report" and _OPERATION.search(note.text, *_header_of(note, unit.section)):
        place = "title"
    if place == "title" and narrates(note.tokens.lower[unit.first : unit.last]):
        return "body"
    return place


def _header_of(note: Note, section: int) -> tuple[int, int]:
    where = note.sections[section]
    return where.header_start, where.header_end


def narrates(words: tuple[str, ...]) -> bool:
    """Whether words under a procedure header tell how it went, and are no title of what was done."""
    return not _VERBS.isdisjoint(words) and _DONE.isdisjoint(words)


def planned_header(note: Note, section: int) -> Span | None:
    """The header of a section that says "planned procedure": it names what was not done yet."""
    where = note.sections[section]
    header = note.text[where.header_start : where.header_end].lower()
    words = set(header.replace(":", " ").split())
    if "to be" in header or (words & _PLANNED_HEADERS and "performed" not in words):
        return Span(where.header_start, where.header_end)
    return None


def _units(note: Note, terms: Terms) -> list[Unit]:
    """The sentences and headers that name a service."""
    lower = note.tokens.lower
    if terms.alarm.isdisjoint(lower):
        return []
    units: list[Unit] = []
    titled, today = False, today_words()
    section = -1
    for number, sentence in enumerate(note.sentences):
        if sentence.section != section:
            # A heading may be all of its section: "CT HEAD WITHOUT CONTRAST", then "Indication:".
            for headed in range(section + 1, sentence.section + 1):
                header = _header(note, headed)
                if header is not None and terms.may_name(lower[header[0] : header[1]]):
                    _add(units, note, terms, number, sentence.item, header, headed)
            section = sentence.section
        place = place_of(note.sections[section].kind)
        if place == "title" and titled and narrates(lower[sentence.first_token : sentence.last_token]):
            place = "body"
        if place == "skip" or (place == "body" and titled):
            # The title said what was done; the description tells how, and is read for axes only. A
            # vaccine given on the way is a service of its own.
            first, last = sentence.first_token, sentence.last_token
            words = lower[first:last]
            if place == "body" and not _GIVEN.isdisjoint(words) and terms.may_name(words):
                _add(units, note, terms, number, sentence.item, (first, last), section, "vaccine")
            continue
        first, last = sentence.first_token, sentence.last_token
        if place == "narrative" and today.isdisjoint(lower[first:last]):
            continue
        if terms.may_name(lower[first:last]):
            _add(units, note, terms, number, sentence.item, (first, last), section)
            if place == "title" and units and units[-1].sentence == number:
                titled = titled or _place(note, units[-1]) == "title"
    return units


def _header(note: Note, section: int) -> tuple[int, int] | None:
    where = note.sections[section]
    if where.header_start >= where.header_end:
        return None
    first = bisect_left(note.tokens.starts, where.header_start)
    last = bisect_left(note.tokens.starts, where.header_end)
    return (first, last) if first < last else None


def _add(
    units: list[Unit],
    note: Note,
    terms: Terms,
    sentence: int,
    item: int,
    tokens: tuple[int, int],
    section: int,
    only: str = "",
) -> None:
    line = terms.line(note.tokens.lower, *tokens)
    hits = terms.services(line)
    if only:
        hits = [h for h in hits if load_procedures().services[h.trigger.service].kind == only]
    if hits:
        kind = note.sections[section].kind
        axes = tuple(terms.axes(line))
        units.append(Unit(sentence, section, kind, item, *tokens, line, tuple(hits), axes))


def _segments(unit: Unit) -> list[tuple[Hit, tuple[int, int]]]:
    """Each service of a line with the stretch of words that is its own (inclusive)."""
    words, hits = unit.line.words, unit.hits
    edges = [0]
    for before, after in pairwise(hits):
        low, high = before.last + 1, max(after.first, before.last + 1)
        cut = next((p for p in range(high - 1, low - 1, -1) if words[p] in _BREAKS), None)
        edges.append(cut + 1 if cut is not None else min(low, len(words) - 1))
    edges.append(len(words))
    out = []
    for n, hit in enumerate(hits):
        low, high = min(edges[n], hit.first), max(edges[n + 1] - 1, hit.last)
        out.append((hit, (low, high)))
    return out


def _measures(
    note: Note, unit: Unit, reach: Span, service: Service, said: Said
) -> tuple[tuple[int, Span] | None, tuple[int, Span] | None, list[tuple[float, Span]]]:
    """Numbers, minutes and sizes near the service; what an axis needs is put among what is said."""
    whole = span_of(note, unit.line, 0, len(unit.line.words) - 1)
    number = spent = None
    measured: list[tuple[float, Span]] = []
    if service.counts:
        number = _levels(note, unit, reach, whole) if "level" in service.counts else None
        number = number or counted(note, reach, service.counts) or counted(note, whole, service.counts)
        if number is None and service.kind in ("surgery", "injection", "test"):
            around = (counted(note, near, service.counts, times=False) for near in _around(note, unit))
            number = next((n for n in around if n), None)
        if number is not None:
            said["number"] = {str(number[0]): number[1]}
    if "time" in service.axes or any(c.unit in ("quarter-hour", "hours") for c in service.codes):
        spent = minutes(note, reach) or minutes(note, whole)
        if spent is None:
            spent = next((t for near in _around(note, unit) if (t := minutes(note, near))), None)
        if spent is not None:
            said["time"] = {str(spent[0]): spent[1]}
    if "size" in service.axes:
        measured = sizes(note, reach) or sizes(note, whole) or _nearby_sizes(note, unit)
        if measured:
            largest = max(measured)
            said["size"] = {f"{largest[0]:g}": largest[1]}
    return number, spent, measured


def _levels(note: Note, unit: Unit, reach: Span, whole: Span) -> tuple[int, Span] | None:
    known = load_procedures().services
    if len({h.trigger.service for h in unit.hits if "level" in known[h.trigger.service].counts}) == 1:
        return spinal_levels(note, whole)
    return spinal_levels(note, reach) or spinal_levels(note, whole)


def _nearby_sizes(note: Note, unit: Unit) -> list[tuple[float, Span]]:
    """A size in the sentences that follow: "Laceration repaired. Length 3 cm."."""
    before = range(unit.sentence - 2, max(-1, unit.sentence - 5), -1)
    for n in (unit.sentence - 1, *range(unit.sentence + 1, unit.sentence + 5), *before):
        if 0 <= n < len(note.sentences):
            s = note.sentences[n]
            found = sizes(note, Span(s.start, s.end))
            if found:
                return found
    return []


def _around(note: Note, unit: Unit) -> Iterator[Span]:
    """The next sentences of the same section, where a count or a time may stand."""
    for s in note.sentences[unit.sentence + 1 : unit.sentence + 5]:
        if s.section == unit.section and s.item == unit.item:
            yield Span(s.start, s.end)
