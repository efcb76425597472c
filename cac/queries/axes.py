"""Queries about an axis that the note leaves open.

Which axis is missing is read off the codes:
it is the one on which the possible codes differ from the one suggested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from cac.codes.axes import Axis
from cac.codes.axis_rows import AXES
from cac.codes.table import CodeTable
from cac.resources import one_of, read_table, required
from cac.rules.gate import quote
from cac.types import Candidate, Note, Query, QueryOption, Suggestion

__all__ = ["axis_queries", "open_axis"]

_CLARIFY = "Please clarify which condition or circumstance is meant by"
_SIDES = ("right", "left", "bilateral")
_MOST = 8
_SILENT = frozenset("condition other unspecified aside convention range".split())
"""Parts of a title that answer no question about an axis."""


def axis_queries(
    note: Note, candidates: Iterable[Candidate], suggested: Iterable[Suggestion], table: CodeTable
) -> tuple[Query, ...]:
    """One query for each suggested code that an undocumented axis keeps unspecific, in rank order."""
    by_code = {c.code: c for c in candidates}
    out: list[Query] = []
    for s in suggested:
        c = by_code[s.code]
        if not c.mentions or c.implied:
            # What a rule added is asked about where its parts are.
            continue
        m = c.mentions[0]
        left_open = [m.open_axis != "" for m in c.mentions]
        if all(left_open):
            axis, options = m.open_axis, m.options
        elif not any(left_open):
            axis, options = "detail", _closer(s.code, table)
        else:
            continue
        if options:
            words = note.text[m.start : m.end]
            if axis.startswith("ambiguous"):
                named = asks = axis
                question = _CLARIFY
            else:
                named = axis if axis in ("side", "site") else open_axis(s.code, options, table)
                asks, question = _questions()[named]
            out.append(
                Query(
                    axis=asks,
                    question=f'{question} "{words}".',
                    options=tuple(_option(named, s.code, o, table) for o in options[:_MOST]),
                    code=s.code,
                    evidence=(quote(note, m.start, m.end, "condition", m.section),),
                )
            )
    return tuple(out)


def open_axis(code: str, options: Sequence[str], table: CodeTable) -> str:
    """The axis that most of the options decide and the code does not; "detail" where none stands out.

    Examples
    --------
    >>> from cac.codes.table import CodeTable
    >>> open_axis("N18.9", ["N18.1", "N18.2", "N18.4"], CodeTable.open("2026-04"))
    'stage'
    """
    return _open_axis(code, tuple(options), table)


@lru_cache(maxsize=8192)
def _open_axis(code: str, options: tuple[str, ...], table: CodeTable) -> str:
    often: Counter[str] = Counter()
    for option in options:
        often.update({a.name for a in _further(code, option, table)})
    best = min(often, key=lambda name: (-often[name], AXES.index(name)), default="")
    return best if best in _questions() and 2 * often[best] >= len(options) else "detail"


def _further(code: str, option: str, table: CodeTable) -> list[Axis]:
    """What an option asserts that the code does not: no default, no residual."""
    known = {(a.name, a.value) for a in table.axes(table.row_of[code])}
    return [
        a
        for a in table.axes(table.row_of[option])
        if a.name not in _SILENT and not a.default and not a.unspecified and (a.name, a.value) not in known
    ]


@lru_cache(maxsize=8192)
def _closer(code: str, table: CodeTable) -> tuple[str, ...]:
    """For an unspecified code, the siblings that say the same and one axis more, all on one axis."""
    row = table.row_of[code]
    above = int(table.parent[row])
    if above < 0 or len(code) == 8 or not any(a.unspecified for a in table.axes(row)):
        return ()
    same = _conditions(table.axes(row))
    found: dict[str, list[str]] = {}
    for sibling in table.children(above):
        if sibling == row or not table.billable[sibling] or _conditions(table.axes(sibling)) != same:
            continue
        further = _further(code, table.codes[sibling], table)
        if len({a.name for a in further}) == 1:
            found.setdefault(further[0].name, []).append(table.codes[sibling])
    return tuple(next(iter(found.values()))) if len(found) == 1 else ()


def _conditions(axes: Iterable[Axis]) -> tuple[str, ...]:
    return tuple(a.value for a in axes if a.name == "condition")


@lru_cache(maxsize=32768)
def _option(axis: str, code: str, option: str, table: CodeTable) -> QueryOption:
    title = table.title(table.row_of[option])
    return QueryOption(_answer(axis, code, option, title, table), option, title)


def _answer(axis: str, code: str, option: str, title: str, table: CodeTable) -> str:
    """The value on the axis in question; the title where that alone says too little."""
    if axis == "side":
        return next((side for side in _SIDES if side in title.lower()), title)
    further = _further(code, option, table)
    if {a.name for a in further} != {axis}:
        return title
    lead = {"with": "with ", "cause": "due to ", "organism": "due to "}.get(axis, "")
    return lead + ", ".join(a.value for a in further)


@lru_cache(maxsize=1)
def _questions() -> Mapping[str, tuple[str, str]]:
    """Axis → the name it is asked under, and the question."""
    rows = read_table(
        "lexicon/axis_questions.csv",
        ("axis", "question", "asks"),
        {"axis": one_of("detail", *AXES), "question": required, "asks": one_of("detail", *AXES)},
    )
    return {r["axis"]: (r["asks"], r["question"]) for r in rows}
