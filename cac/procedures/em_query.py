"""What would change the level of a visit, and what to ask the clinician."""

from __future__ import annotations

from collections.abc import Sequence

from cac.procedures.em_mdm import mdm_level
from cac.procedures.em_tables import CodeRow, code_rows, rules
from cac.procedures.em_types import EmLevel, LevelChange
from cac.types import Query, QueryOption

__all__ = ["level_changes", "queries"]


def level_changes(level: EmLevel, rows: Sequence[CodeRow]) -> tuple[LevelChange, ...]:
    """What would raise the level by one code or lower it, raising first.

    Parameters
    ----------
    level
        The visit.
    rows
        The codes it could have: its kind, new or established.
    """
    ordered = sorted(rows, key=lambda r: (r.levels, r.minutes or 0, r.code))
    codes = [r.code for r in ordered]
    if level.code not in codes or level.basis == "age":
        return ()
    at = codes.index(level.code)
    above = ordered[at + 1] if at + 1 < len(ordered) else None
    below = ordered[at - 1] if at else None
    out: list[LevelChange] = []
    if above is not None:
        out += _raises(level, above)
    out += _lowers(level, ordered, below)
    return tuple(out)


def _raises(level: EmLevel, above: CodeRow) -> list[LevelChange]:
    out: list[LevelChange] = []
    known = rules()
    if level.elements and above.levels:
        target = min(above.levels)
        short = [e for e in level.elements if e.level < target]
        needed = 2 - (len(level.elements) - len(short))
        together = "" if needed == 1 else "; a second element has to reach this as well"
        for e in short:
            requirement, citation = known[(e.name, target)]
            out.append(LevelChange("raise", above.code, e.name, requirement + together, citation))
    if above.minutes:
        out.append(_by_time("raise", above.code, f"total time of at least {above.minutes} minutes"))
    return out


def _lowers(level: EmLevel, ordered: Sequence[CodeRow], below: CodeRow | None) -> list[LevelChange]:
    here = next(r for r in ordered if r.code == level.code)
    if below is None:
        return []
    if level.basis == "time":
        code = below.code
        if level.elements:
            mdm = mdm_level(*(e.level for e in level.elements))
            by_mdm = next((r for r in ordered if mdm in r.levels), below)
            code = max(by_mdm, below, key=lambda r: r.levels).code
        return [_by_time("lower", code, f"total time below {here.minutes} minutes")]
    out: list[LevelChange] = []
    floor = min(here.levels, default=0)
    carrying = [e for e in level.elements if e.level >= floor]
    if len(carrying) != 2:
        # With three elements at the level none of them alone is needed.
        return []
    for e in carrying:
        others = [o.level for o in level.elements if o is not e]
        mdm = max(1, mdm_level(floor - 1, *others))
        row = next((r for r in ordered if mdm in r.levels), below)
        requirement, citation = rules()[(e.name, floor)]
        out.append(LevelChange("lower", row.code, e.name, f"not documented: {requirement}", citation))
    return out


def _by_time(direction: str, code: str, requirement: str) -> LevelChange:
    return LevelChange(
        "raise" if direction == "raise" else "lower", code, "time", requirement, rules()[("time", 0)][1]
    )


def queries(level: EmLevel, if_new: CodeRow | None, years: float | None) -> tuple[Query, ...]:
    """What the note leaves open, asked without leading; ``if_new`` is the code of a new patient."""
    out: list[Query] = []
    seen = level.visit_evidence[:1]
    if if_new is not None:
        out.append(
            Query(
                "patient status",
                "Please document whether the patient received professional services from you or from a "
                "colleague of the same specialty and group within the last three years.",
                (
                    QueryOption("no: new patient", if_new.code, if_new.wording),
                    QueryOption("yes: established patient", level.code, level.wording),
                ),
                level.code,
                seen,
            )
        )
    if level.basis == "age" and years is None:
        rows = [r for r in code_rows()[level.category] if r.status == _status_of(level)]
        out.append(
            Query(
                "age",
                "Please document the age of the patient at the visit.",
                tuple(QueryOption(_ages(r), r.code, r.wording) for r in rows),
                level.code,
                seen,
            )
        )
    if level.category == "critical_care" and level.basis != "time":
        row = code_rows()["critical_care"][0]
        out.append(
            Query(
                "time",
                "Please document the total time of critical care, without separately billed procedures.",
                (QueryOption("30 to 74 minutes", row.code, row.wording),),
                level.code,
                seen,
            )
        )
    if level.category in ("discharge", "nursing_discharge") and level.basis != "time":
        out.append(
            Query(
                "time",
                "Please document the total time spent on the day of discharge.",
                tuple(
                    QueryOption(
                        "more than 30 minutes" if r.minutes else "30 minutes or less", r.code, r.wording
                    )
                    for r in code_rows()[level.category]
                ),
                level.code,
                seen,
            )
        )
    if level.elements and level.basis == "mdm" and not level.elements[0].level:
        out.append(
            Query(
                "problems",
                "Please document the problems that were addressed at the visit and their state.",
                (),
                level.code,
                seen,
            )
        )
    return tuple(out)


def _status_of(level: EmLevel) -> str:
    return "new" if level.status.value == "new" else "established"


def _ages(row: CodeRow) -> str:
    low = f"{row.age_from:g}"
    return f"{low} years and older" if row.age_below > 130 else f"{low} to under {row.age_below:g} years"
