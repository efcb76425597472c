"""From a service and its documented axes to codes: each axis documented or assumed, none in conflict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from operator import itemgetter

from cac.procedures.tables import NUMERIC_AXES, Cell, Procedure, Service
from cac.types import Span
from cac.types.records import fast_init

__all__ = ["Choice", "Documented", "addons", "addons_of", "choose"]

Documented = Mapping[str, Mapping[str, Span]]
"""Axis → value → the words. Numbers are written as text; denied values have the axis ``no:axis``."""


@fast_init
@dataclass(frozen=True, slots=True)
class Choice:
    """One code and how well the documentation carries it.

    ``matched`` are the documented axis values it rests on, ``open`` the axes nothing decides,
    ``assumed`` those filled by the usual reading, ``rivals`` the codes another answer would give.
    """

    procedure: Procedure
    matched: tuple[tuple[str, str, Span], ...]
    open: tuple[str, ...]
    assumed: tuple[str, ...] = ()
    usual: bool = False
    rivals: tuple[Procedure, ...] = ()


def choose(service: Service, documented: Documented, named: str = "") -> list[Choice]:
    """The best codes of a service: one, or one for each value of the axis that multiplies.

    ``named`` is the code whose own name was used; it wins among equals. A code whose open axes could
    not be decided is given with ``open`` set: a proposal, no suggestion.
    """
    if named and not service.axes:
        code = next(c for c in service.codes if c.code == named)
        return [] if code.parents else [Choice(code, (), ())]
    axis = service.each
    left = dict(documented.get(axis, {})) if axis else {}
    many = len(left) > 1
    out: list[Choice] = []
    taken: set[str] = set()
    while True:
        known = {**documented, axis: left} if axis else documented
        ranked = _ranked(service, known, taken, named)
        if not ranked:
            break
        best = ranked[0]
        if out and (best.open or not any(a == axis for a, _, _ in best.matched)):
            break
        out.append(best)
        taken.add(best.procedure.code)
        covered = {v for a, v, _ in best.matched if a == axis}
        left = {v: s for v, s in left.items() if v not in covered}
        if not many or not left:
            break
    return out


def addons(procedure: Procedure, candidates: tuple[Procedure, ...], documented: Documented) -> list[Choice]:
    """The add-on codes of a chosen code whose every axis is documented."""
    out = []
    for extra in candidates:
        if procedure.code in extra.parents:
            fit = _fit(extra, documented)
            if fit is not None and not fit.open and (fit.matched or not extra.cells):
                out.append(fit)
    return out


def addons_of(extra: Procedure, documented: Documented, lines: Iterable[str]) -> list[Choice]:
    """An add-on code named apart from its parent; without any parent among ``lines`` it is left open."""
    fit = _fit(extra, documented)
    named = fit is not None and any(axis == "technique" for axis, _, _ in fit.matched)
    if fit is None or fit.open or not named:
        return []
    present = not set(extra.parents).isdisjoint(lines)
    return [fit if present else replace(fit, open=("parent",))]


def _ranked(service: Service, documented: Documented, taken: set[str], named: str) -> list[Choice]:
    fits: list[tuple[tuple[int, int, int, int, bool, int, str], Choice]] = []
    for code in service.possible(documented.get("site", ())):
        if not code.parents and code.code not in taken:
            fit = _fit(code, documented)
            if fit is not None:
                undecided = (len(fit.open), 0 if fit.usual or not fit.open else 1)
                axes = len({axis for axis, _, _ in fit.matched}) if len(fit.matched) > 1 else len(fit.matched)
                other = code.code != named
                fits.append(
                    (
                        (
                            *undecided,
                            -code.joint if code.cells else 0,
                            -axes,
                            other,
                            len(fit.assumed),
                            code.code,
                        ),
                        fit,
                    )
                )
    fits.sort(key=itemgetter(0))
    if not fits:
        return []
    best = fits[0][1]
    rivals = tuple(f.procedure for _, f in fits[1:7]) if best.procedure.cells else ()
    return [replace(best, rivals=rivals)]


def _fit(code: Procedure, documented: Documented) -> Choice | None:
    """How a code fits, or None when it says something the note does not."""
    matched: list[tuple[str, str, Span]] = []
    open_axes: list[str] = []
    assumed: list[str] = []
    usual = False
    for axis, cell in code.cells.items():
        said = documented.get(axis, {})
        denied = documented.get("no:" + axis, {})
        values = _held(axis, cell, said)
        if values is None:
            return None
        if values:
            matched += [(axis, v, said[v]) for v in values]
        elif cell.values and cell.values <= denied.keys() and not cell.assumed:
            return None
        elif cell.assumed:
            assumed.append(axis)
        else:
            open_axes.append(axis)
            usual = usual or cell.usual
    return Choice(code, tuple(matched), tuple(open_axes), tuple(assumed), usual)


def _held(axis: str, cell: Cell, said: Mapping[str, Span]) -> list[str] | None:
    """The documented values that a cell accepts; empty when nothing is said; None for a conflict."""
    if not said:
        return []
    if axis in NUMERIC_AXES:
        held = [v for v in said if cell.low <= float(v) <= cell.high]
        return held or None
    if cell.every:
        return sorted(cell.values) if cell.values <= said.keys() else None
    return sorted(cell.values & said.keys()) or None
