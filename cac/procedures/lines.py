"""Claim lines: the codes of the performed services, with units, one line for each code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from cac.procedures.choose import Choice, Documented, addons, addons_of, choose
from cac.procedures.services import ServiceMention
from cac.procedures.tables import Procedure, load_procedures
from cac.types import Finding, Span
from cac.types.records import fast_init

__all__ = ["Line", "Support", "lines_of"]


@dataclass(frozen=True, slots=True)
class Support:
    """One mention behind a line and how the code fits it."""

    mention: ServiceMention
    choice: Choice
    sides: dict[str, Span] = field(default_factory=dict, hash=False)


@fast_init
@dataclass(frozen=True, slots=True)
class Line:
    """One code with everything that supports it."""

    procedure: Procedure
    supports: tuple[Support, ...]
    units: int = 1
    findings: tuple[Finding, ...] = ()
    apart: bool = False
    implied: bool = False

    @property
    def code(self) -> str:
        return self.procedure.code

    @property
    def decided(self) -> bool:
        """True when some mention leaves no axis open."""
        return any(not s.choice.open for s in self.supports)

    @property
    def sides(self) -> dict[str, Span]:
        found: dict[str, Span] = {}
        for s in self.supports:
            for side, span in s.sides.items():
                found.setdefault(side, span)
        return found


def lines_of(mentions: Iterable[ServiceMention]) -> list[Line]:
    """Lines of the performed mentions, in the order of the note; add-ons follow their parents."""
    performed = [m for m in mentions if not m.verdict.reason]
    extras = _extras()
    made: dict[str, Line] = {}
    for mention, said in _measured(performed):
        named = mention.code.code if mention.code else ""
        # Words of another part of the note may contradict: then only the line itself counts.
        for choice in choose(mention.service, said, named) or choose(mention.service, mention.local, named):
            _put(made, choice, mention, said)
            if not choice.open:
                for extra in addons(choice.procedure, extras.get(choice.procedure.code, ()), said):
                    _put(made, extra, mention, said)
    for mention in performed:
        for code in mention.service.codes:
            if code.parents and code.code not in made:
                for fit in addons_of(code, mention.said, made):
                    _put(made, fit, mention, mention.said)
    return list(made.values())


@lru_cache(maxsize=1)
def _extras() -> dict[str, tuple[Procedure, ...]]:
    found: dict[str, tuple[Procedure, ...]] = {}
    for code in load_procedures().codes.values():
        for parent in code.parents:
            found[parent] = (*found.get(parent, ()), code)
    return found


def _put(made: dict[str, Line], choice: Choice, mention: ServiceMention, said: Documented) -> None:
    code = choice.procedure
    units = _units(code, mention, said)
    support = Support(mention, choice, _sides(choice, mention))
    known = made.get(code.code)
    if known is None:
        made[code.code] = Line(code, (support,), units)
        return
    same = any(s.mention.sentence == mention.sentence for s in known.supports)
    repeated = mention.service.measure == "each" and mention.sizes and not same and mention.place == "title"
    made[code.code] = replace(
        known,
        supports=(*known.supports, support),
        units=known.units + units if repeated else max(known.units, units),
    )


def _sides(choice: Choice, mention: ServiceMention) -> dict[str, Span]:
    """The sides of a line; where several sites share one name, the side that stands nearest to its own."""
    sides = mention.said.get("side", {})
    places = [span for axis, _, span in choice.matched if axis == "site"]
    if mention.service.each != "site" or len(sides) < 2 or not places:
        return sides
    near = min(sides, key=lambda side: (min(abs(p.start - sides[side].start) for p in places), side))
    return {near: sides[near]}


def _units(code: Procedure, mention: ServiceMention, said: Documented) -> int:
    number = mention.number[0] if mention.number else 0
    if code.unit == "each":
        low = int(code.cells["number"].low) if "number" in code.cells else 1
        return max(1, number - low + 1)
    if code.unit == "count":
        return max(1, number)
    if code.unit == "hours" and mention.minutes:
        # A further hour counts once more than half of it has passed.
        return max(1, (mention.minutes[0] - 31) // 60)
    return 1


def _measured(mentions: list[ServiceMention]) -> list[tuple[ServiceMention, Documented]]:
    """Mentions with their axes; lengths that are reported together are added up first."""
    sums: dict[tuple[str, ...], dict[Span, float]] = {}
    keys: dict[int, tuple[str, ...]] = {}
    for n, m in enumerate(mentions):
        if m.service.measure == "sum" and m.sizes:
            best = choose(m.service, m.said)
            if best:
                cells = best[0].procedure.cells
                keys[n] = (
                    m.service.name,
                    *sorted(f"{a}={','.join(sorted(c.values))}" for a, c in cells.items() if a != "size"),
                )
                sums.setdefault(keys[n], {}).update({span: value for value, span in m.sizes})
    out: list[tuple[ServiceMention, Documented]] = []
    for n, m in enumerate(mentions):
        said: dict[str, dict[str, Span]] = m.said
        if n in keys:
            spans = sums[keys[n]]
            said = {**said, "size": {f"{round(sum(spans.values()), 3):g}": min(spans)}}
        out.append((m, said))
    return out
