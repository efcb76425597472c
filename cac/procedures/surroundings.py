"""What the words around a service say about its axes: the line first, then the list item, then the note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cac.procedures.performed import place_of
from cac.procedures.tables import NUMERIC_AXES, Service, load_procedures
from cac.procedures.terms import AXES, AxisHit, Hit, Line, Terms
from cac.resources import one_of, read_table, required
from cac.types import Note, Span
from cac.types.records import fast_init

__all__ = ["Rest", "Said", "Unit", "said_here", "said_wider", "span_of"]

_NOT = frozenset(("not", "no", "without", "nor"))
_DIRECTIONS = frozenset(("anterior", "posterior"))

Said = dict[str, dict[str, Span]]
"""Axis → value → words; denied values have the axis ``no:axis``."""


@fast_init
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


@lru_cache(maxsize=1)
def _reach() -> dict[str, str]:
    rows = read_table(
        "procedures/axes.csv",
        ("axis", "reach", "note"),
        {"axis": one_of(*AXES), "reach": one_of("sentence", "item", "note")},
    )
    return {r["axis"]: r["reach"] for r in rows}


class Rest:
    """Axis values of the rest of the note, folded only when some service asks for them."""

    def __init__(self, note: Note, terms: Terms, units: Sequence[Unit]) -> None:
        self._note, self._terms = note, terms
        self._named = {u.sentence for u in units}
        self._about: tuple[list[int], list[int]] | None = None
        self._lines: dict[int, list[tuple[str, str, Span, bool]]] = {}

    def of(self, sentence: int) -> list[tuple[str, str, Span, bool]]:
        if sentence not in self._lines:
            s = self._note.sentences[sentence]
            line = self._terms.line(self._note.tokens.lower, s.first_token, s.last_token)
            self._lines[sentence] = [
                (h.axis, h.value, span_of(self._note, line, h.first, h.last), h.negated)
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

    def before(self, unit: Unit) -> list[tuple[str, str, Span, bool]]:
        """The sentence before on the same line ("Left wrist. Injected ..."), unless it names a service."""
        n = unit.sentence - 1
        if n < 0 or n in self._named:
            return []
        one, other = self._note.sentences[n], self._note.sentences[n + 1]
        same = one.section == other.section and "\n" not in self._note.text[one.end : other.start]
        return self.of(n) if same else []

    def note(self, axis: str, service: Service) -> list[tuple[str, Span, bool]]:
        """Everything the parts of the note that describe this encounter say about one axis.

        Where and on which side is not read from the description of an operation: it names the
        neighbours too.
        """
        out: list[tuple[str, Span, bool]] = []
        lower, starters = self._note.tokens.lower, self._terms.starters(service.name, axis)
        if self._about is None:
            self._about = self._describing()
        named, described = self._about
        for n in named if axis in _NOT_FROM_BODY else described:
            s = self._note.sentences[n]
            if n in self._lines or not starters.isdisjoint(lower[s.first_token : s.last_token]):
                out += [(v, span, denied) for a, v, span, denied in self.of(n) if a == axis]
        return out

    def _describing(self) -> tuple[list[int], list[int]]:
        """The sentences that name what was done and why, and these with those that describe it."""
        named, described = [], []
        for n, s in enumerate(self._note.sentences):
            kind = self._note.sections[s.section].kind
            place = place_of(kind)
            if place in ("title", "report", "open") or kind in _DIAGNOSES:
                named.append(n)
                described.append(n)
            elif place == "body" or kind in _RUN_ON:
                described.append(n)
        return named, described


_NOT_FROM_BODY = frozenset(("side", "site", "condition"))
_RUN_ON = frozenset(("anesthesia", "consent"))
_DIAGNOSES = frozenset(("postop_diagnosis", "preop_diagnosis", "diagnosis", "indication"))


def said_here(
    note: Note,
    unit: Unit,
    hit: Hit,
    segment: tuple[int, int],
    service: Service,
) -> Said:
    """Axis → value → words of the line: the service's own words first, then the rest of the line."""
    said: Said = {}
    for wide in (False, True):
        near: Said = {}
        for a in unit.axes:
            inside = segment[0] <= a.first and a.last <= segment[1] and not _apart(unit.line, hit, a)
            if (
                inside is not wide
                and (inside or not _apart(unit.line, hit, a))
                and _asked(a.axis, a.value, service)
            ):
                axis = "no:" + a.axis if a.negated else a.axis
                near.setdefault(axis, {}).setdefault(a.value, span_of(note, unit.line, a.first, a.last))
        for axis, values in near.items():
            said.setdefault(axis, values)
        if not wide and hit.trigger.code:
            _implied(note, unit, hit, said)
    return _preferred(said)


def _apart(line: Line, hit: Hit, axis: AxisHit) -> bool:
    """Whether an axis stands behind a semicolon in a part that tells what was not done."""
    if axis.first <= hit.last or ";" not in line.words[hit.last : axis.first]:
        return False
    start = max(i for i in range(hit.last, axis.first) if line.words[i] == ";")
    end = next((i for i in range(axis.last, len(line.words)) if line.words[i] == ";"), len(line.words))
    return not _NOT.isdisjoint(line.words[start:end])


def said_wider(local: Said, unit: Unit, service: Service, rest: Rest, place: str, *, alone: bool) -> Said:
    """What the line says, and for axes it is silent on, the list item and the note around it.

    ``alone``: no other service has a title, so that the techniques of the description are its own.
    """
    said = dict(local)
    wanted = {*service.axes, "side", "digit"}
    missing = sorted(a for a in wanted - said.keys() if _reach().get(a, "sentence") != "sentence")
    if missing:
        for own in [a for a in missing if a in ("digit", "side")]:
            stated = {v: span for a, v, span, negated in rest.before(unit) if a == own and not negated}
            if len(stated) == 1:
                said[own] = stated
        missing = [a for a in missing if a not in said]
        nearby = rest.item(unit)
        for axis in missing:
            for known, value, span, negated in nearby:
                if known == axis and _asked(known, value, service):
                    name = "no:" + axis if negated else axis
                    said.setdefault(name, {}).setdefault(value, span)
    if place in ("title", "open", "report"):
        for axis in missing:
            if axis == "technique" and not (alone and service.each == "technique"):
                continue  # what was "removed" or "inserted" on the way is not what was done
            if axis in ("component", "extent") and service.kind == "device":
                continue
            if axis not in said and _reach()[axis] == "note":
                _from_note(said, axis, rest, service)
    return _preferred(said)


@lru_cache(maxsize=1)
def _precedence() -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    rows = read_table(
        "procedures/precedence.csv",
        ("axis", "value", "over", "note"),
        {"axis": one_of(*AXES), "value": required, "over": required},
    )
    found: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {}
    for r in sorted(rows, key=lambda r: (r["axis"], r["value"])):
        over = tuple(o.strip() for o in r["over"].split(";"))
        found[r["axis"]] = (*found.get(r["axis"], ()), (r["value"], over))
    return found


def _preferred(said: Said) -> Said:
    """Without the values that a more telling one of the same axis includes."""
    for axis in [a for a, values in said.items() if len(values) > 1]:
        for value, over in _precedence().get(axis, ()):
            values = said[axis]
            if value in values:
                said[axis] = {v: span for v, span in values.items() if v not in over}
    return said


def _implied(note: Note, unit: Unit, hit: Hit, said: Said) -> None:
    """What the name of one code says by itself: "TKA" is total and of the knee."""
    span = span_of(note, unit.line, hit.first, hit.last)
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


def _from_note(said: Said, axis: str, rest: Rest, service: Service) -> None:
    """A value of the rest of the note, when it is the only one (techniques of a scope may be several)."""
    values: dict[str, Span] = {}
    for value, span, negated in rest.note(axis, service):
        if not negated and value not in _DIRECTIONS and _asked(axis, value, service):
            values.setdefault(value, span)
    values = _preferred({axis: values})[axis]
    if len(values) == 1 or (values and axis == service.each == "technique"):
        said[axis] = values


def span_of(note: Note, line: Line, first: int, last: int) -> Span:
    """The stretch of the note that words ``first``..``last`` (inclusive) of a line come from."""
    tokens = note.tokens
    return Span(tokens.starts[line.first[first]], tokens.ends[line.last[last]])
