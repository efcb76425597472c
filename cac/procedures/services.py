"""The services a note names, each with its axes, its place and whether it was performed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from cac.extract.context import assess_spans
from cac.procedures.measures import age_of, counted, minutes, sizes, spinal_levels
from cac.procedures.performed import Verdict, judge, place_of, today_words
from cac.procedures.tables import NUMERIC_AXES, Procedure, Service, load_procedures
from cac.procedures.terms import AXES, AxisHit, Hit, Line, Terms, load_terms
from cac.resources import one_of, read_table, required
from cac.types import Note, Span

__all__ = ["ServiceMention", "find_services"]

_DIRECTIONS = frozenset(("anterior", "posterior"))
_BREAKS = frozenset((",", ";", "and", "with", "plus", "&", "followed", "then", ":"))
_VERBS = frozenset("was were is are had has have then patient".split())
_DONE = frozenset("performed underwent accomplished carried done".split())
_ACTIONS = frozenset("insertion removal exchange arthroplasty change creation revision".split())
_PLANNED_HEADERS = frozenset(("planned", "proposed", "recommended", "scheduled", "anticipated", "requested"))


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, or the header of a section, with its folded words and the services in it."""

    sentence: int
    section: int
    kind: str
    item: int
    first: int
    last: int
    line: Line
    hits: tuple[Hit, ...]
    axes: tuple[AxisHit, ...]


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
    said: dict[str, dict[str, Span]] = field(hash=False)
    local: dict[str, dict[str, Span]] = field(hash=False)
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
    rest = _Rest(note, terms, units)
    years = age if age is not None else age_of(note)
    found: list[tuple[Unit, Hit, tuple[int, int]]] = []
    for unit in units:
        found += [(unit, hit, segment) for hit, segment in _segments(unit)]
    spans = [_span(note, unit.line, hit.first, hit.last) for unit, hit, _ in found]
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
        )
        if place == "title" and not verdict.reason:
            verdict = _titled(note, unit, verdict)
        reach = _span(note, unit.line, *segment)
        local = _said(note, unit, hit, segment, service)
        said = _wider(local, unit, service, rest, place)
        number, spent, measured = _measures(note, unit, reach, service, said)
        if years is not None and "age" in service.axes:
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


def _place(note: Note, unit: Unit) -> str:
    """The place of a line; a whole sentence under a procedure header describes, it is no title."""
    place = place_of(unit.kind)
    if place == "title" and _narrates(note.tokens.lower[unit.first : unit.last]):
        return "body"
    return place


def _narrates(words: tuple[str, ...]) -> bool:
    return not _VERBS.isdisjoint(words) and _DONE.isdisjoint(words)


def _titled(note: Note, unit: Unit, verdict: Verdict) -> Verdict:
    """A header that says "planned procedure" names what was not done yet."""
    section = note.sections[unit.section]
    header = note.text[section.header_start : section.header_end].lower()
    words = set(header.replace(":", " ").split())
    if words & _PLANNED_HEADERS and "performed" not in words:
        return Verdict("planned", Span(section.header_start, section.header_end))
    return verdict


def _units(note: Note, terms: Terms) -> list[Unit]:
    """The sentences and headers that name a service."""
    lower, alarm = note.tokens.lower, terms.alarm
    if alarm.isdisjoint(lower):
        return []
    units: list[Unit] = []
    titled, today = False, today_words()
    section = -1
    for number, sentence in enumerate(note.sentences):
        if sentence.section != section:
            section = sentence.section
            header = _header(note, section, number)
            if header is not None and not alarm.isdisjoint(lower[header[0] : header[1]]):
                _add(units, note, terms, number, sentence.item, header)
        place = place_of(note.sections[section].kind)
        if place == "title" and titled and _narrates(lower[sentence.first_token : sentence.last_token]):
            place = "body"
        if place == "skip" or (place == "body" and titled):
            # The title said what was done; the description tells how, and is read for axes only.
            continue
        first, last = sentence.first_token, sentence.last_token
        if place == "narrative" and today.isdisjoint(lower[first:last]):
            continue
        if not alarm.isdisjoint(lower[first:last]):
            _add(units, note, terms, number, sentence.item, (first, last))
            if place == "title" and units and units[-1].sentence == number:
                titled = titled or _place(note, units[-1]) == "title"
    return units


def _header(note: Note, section: int, sentence: int) -> tuple[int, int] | None:
    where = note.sections[section]
    if where.header_start >= where.header_end:
        return None
    last = note.sentences[sentence].first_token
    first = bisect_left(note.tokens.starts, where.header_start)
    return (first, last) if first < last else None


def _add(
    units: list[Unit], note: Note, terms: Terms, sentence: int, item: int, tokens: tuple[int, int]
) -> None:
    line = terms.line(note.tokens.lower, *tokens)
    hits = terms.services(line)
    if hits:
        section = note.sentences[sentence].section
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


@lru_cache(maxsize=1)
def _reach() -> dict[str, str]:
    rows = read_table(
        "procedures/axes.csv",
        ("axis", "reach", "note"),
        {"axis": one_of(*AXES), "reach": one_of("sentence", "item", "note")},
    )
    return {r["axis"]: r["reach"] for r in rows}


class _Rest:
    """Axis values of the rest of the note, folded only when some service asks for them."""

    def __init__(self, note: Note, terms: Terms, units: Sequence[Unit]) -> None:
        self._note, self._terms = note, terms
        self._named = {u.sentence for u in units}
        self._lines: dict[int, list[tuple[str, str, Span, bool]]] = {}

    def of(self, sentence: int) -> list[tuple[str, str, Span, bool]]:
        if sentence not in self._lines:
            s = self._note.sentences[sentence]
            line = self._terms.line(self._note.tokens.lower, s.first_token, s.last_token)
            self._lines[sentence] = [
                (h.axis, h.value, _span(self._note, line, h.first, h.last), h.negated)
                for h in self._terms.axes(line)
            ]
        return self._lines[sentence]

    def item(self, unit: Unit) -> list[tuple[str, str, Span, bool]]:
        """The other sentences of the list item or section that name no service themselves."""
        out = []
        for n in range(max(0, unit.sentence - 3), min(len(self._note.sentences), unit.sentence + 6)):
            s = self._note.sentences[n]
            if n != unit.sentence and s.section == unit.section and n not in self._named:
                out += self.of(n)
        return out

    def note(self, axis: str, service: Service) -> list[tuple[str, Span, bool]]:
        """Everything the parts of the note that describe this encounter say about one axis.

        Where and on which side is not read from the description of an operation: it names the
        neighbours too.
        """
        out: list[tuple[str, Span, bool]] = []
        lower, starters = self._note.tokens.lower, self._terms.starters(service.name, axis)
        for n, s in enumerate(self._note.sentences):
            kind = self._note.sections[s.section].kind
            place = place_of(kind)
            here = place in ("title", "report", "open") or kind in _DIAGNOSES
            if not here and (place != "body" or axis in _NOT_FROM_BODY):
                continue
            if n in self._lines or not starters.isdisjoint(lower[s.first_token : s.last_token]):
                out += [(v, span, denied) for a, v, span, denied in self.of(n) if a == axis]
        return out


_NOT_FROM_BODY = frozenset(("side", "site", "condition"))
_DIAGNOSES = frozenset(("postop_diagnosis", "preop_diagnosis", "diagnosis", "indication"))


def _said(
    note: Note,
    unit: Unit,
    hit: Hit,
    segment: tuple[int, int],
    service: Service,
) -> dict[str, dict[str, Span]]:
    """Axis → value → words of the line: the service's own words first, then the rest of the line."""
    said: dict[str, dict[str, Span]] = {}
    for wide in (False, True):
        near: dict[str, dict[str, Span]] = {}
        for a in unit.axes:
            inside = segment[0] <= a.first and a.last <= segment[1]
            if inside is not wide and _asked(a.axis, a.value, service):
                axis = "no:" + a.axis if a.negated else a.axis
                near.setdefault(axis, {}).setdefault(a.value, _span(note, unit.line, a.first, a.last))
        for axis, values in near.items():
            said.setdefault(axis, values)
        if not wide and hit.trigger.code:
            _implied(note, unit, hit, said)
    return _preferred(said)


def _wider(
    local: dict[str, dict[str, Span]], unit: Unit, service: Service, rest: _Rest, place: str
) -> dict[str, dict[str, Span]]:
    """What the line says, and for axes it is silent on, the list item and the note around it."""
    if place in ("never", "past"):
        return dict(local)
    said = dict(local)
    wanted = {*service.axes, "side", "digit"}
    missing = sorted(a for a in wanted - said.keys() if _reach().get(a, "sentence") != "sentence")
    if missing:
        nearby = rest.item(unit)
        for axis in missing:
            for known, value, span, negated in nearby:
                if known == axis and _asked(known, value, service):
                    name = "no:" + axis if negated else axis
                    said.setdefault(name, {}).setdefault(value, span)
    if place in ("title", "open", "report"):
        for axis in missing:
            if axis == "technique" and service.kind != "endoscopy" and service.each != "technique":
                continue  # what was "removed" or "inserted" on the way is not what was done
            if axis not in said and _reach()[axis] == "note":
                _from_note(said, axis, rest, service)
    return _preferred(said)


@lru_cache(maxsize=1)
def _precedence() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    rows = read_table(
        "procedures/precedence.csv",
        ("axis", "value", "over", "note"),
        {"axis": one_of(*AXES), "value": required, "over": required},
    )
    return tuple((r["axis"], r["value"], tuple(o.strip() for o in r["over"].split(";"))) for r in rows)


def _preferred(said: dict[str, dict[str, Span]]) -> dict[str, dict[str, Span]]:
    """Without the values that a more telling one of the same axis includes."""
    for axis, value, over in _precedence():
        values = said.get(axis)
        if values is not None and value in values and len(values) > 1:
            said[axis] = {v: span for v, span in values.items() if v not in over}
    return said


def _implied(note: Note, unit: Unit, hit: Hit, said: dict[str, dict[str, Span]]) -> None:
    """What the name of one code says by itself: "TKA" is total and of the knee."""
    span = _span(note, unit.line, hit.first, hit.last)
    for axis, cell in load_procedures().codes[hit.trigger.code].cells.items():
        if cell.values and not cell.assumed and not cell.usual:
            if axis not in said:
                said[axis] = {v: span for v in sorted(cell.values)}
            elif cell.every:
                said[axis] = {**{v: span for v in sorted(cell.values)}, **said[axis]}


def _asked(axis: str, value: str, service: Service) -> bool:
    """Whether a value matters to a service: sides and digits always, others if one of its codes asks."""
    if axis in ("side", "digit") or axis in NUMERIC_AXES:
        return True
    return (axis, value) in service.values


def _from_note(said: dict[str, dict[str, Span]], axis: str, rest: _Rest, service: Service) -> None:
    """A value of the rest of the note, when it is the only one (techniques of a scope may be several)."""
    values: dict[str, Span] = {}
    for value, span, negated in rest.note(axis, service):
        if not negated and value not in _DIRECTIONS and _asked(axis, value, service):
            values.setdefault(value, span)
    values = _preferred({axis: values})[axis]
    if len(values) == 1 or (values and axis == service.each == "technique"):
        said[axis] = values


def _measures(
    note: Note, unit: Unit, reach: Span, service: Service, said: dict[str, dict[str, Span]]
) -> tuple[tuple[int, Span] | None, tuple[int, Span] | None, list[tuple[float, Span]]]:
    """Numbers, minutes and sizes near the service; what an axis needs is put among what is said."""
    whole = _span(note, unit.line, 0, len(unit.line.words) - 1)
    number = spent = None
    measured: list[tuple[float, Span]] = []
    if service.counts:
        number = _levels(note, reach, whole) if "level" in service.counts else None
        number = number or counted(note, reach, service.counts) or counted(note, whole, service.counts)
        if number is not None:
            said["number"] = {str(number[0]): number[1]}
    if "time" in service.axes or any(c.unit in ("quarter-hour", "hours") for c in service.codes):
        spent = minutes(note, reach) or minutes(note, whole)
        if spent is not None:
            said["time"] = {str(spent[0]): spent[1]}
    if "size" in service.axes:
        measured = sizes(note, reach) or sizes(note, whole) or _nearby_sizes(note, unit)
        if measured:
            largest = max(measured)
            said["size"] = {f"{largest[0]:g}": largest[1]}
    return number, spent, measured


def _levels(note: Note, reach: Span, whole: Span) -> tuple[int, Span] | None:
    return spinal_levels(note, reach) or spinal_levels(note, whole)


def _nearby_sizes(note: Note, unit: Unit) -> list[tuple[float, Span]]:
    """A size in the sentences that follow: "Laceration repaired. Length 3 cm."."""
    for n in (unit.sentence - 1, *range(unit.sentence + 1, unit.sentence + 5)):
        if 0 <= n < len(note.sentences):
            s = note.sentences[n]
            found = sizes(note, Span(s.start, s.end))
            if found:
                return found
    return []


def _span(note: Note, line: Line, first: int, last: int) -> Span:
    tokens = note.tokens
    return Span(tokens.starts[line.first[first]], tokens.ends[line.last[last]])
