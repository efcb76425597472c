"""Results as pandas DataFrames with fixed columns and dtypes.

Rows are plain tuples until the last step, so that worker processes can send them back and the
command line can write CSV without pandas, which is imported only where a frame is made.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from cac.result import CodingResult
    from cac.types import Suggestion

__all__ = [
    "FRAME_DTYPES",
    "NOT_CODED_DTYPES",
    "QUERIES_DTYPES",
    "empty_frame",
    "frame_rows",
    "long_frame",
    "not_coded_frame",
    "queries_frame",
    "result_frame",
    "typed_frame",
]

FRAME_DTYPES: Mapping[str, str] = {
    "code": "string",
    "system": "string",
    "description": "string",
    "score": "float64",
    "rank": "int64",
    "suggested": "bool",
    "billable": "bool",
    "evidence": "string",
    "start": "int64",
    "end": "int64",
    "section": "string",
    "rules": "string",
    "citations": "string",
    "modifiers": "string",
    "units": "int64",
    "diagnoses": "string",
}
"""Columns of ``result_frame``: one row per code. ``start`` and ``end`` are -1 without evidence."""

NOT_CODED_DTYPES: Mapping[str, str] = {
    "text": "string",
    "start": "int64",
    "end": "int64",
    "reason": "string",
    "section": "string",
    "codes": "string",
    "cue": "string",
    "cue_start": "int64",
    "cue_end": "int64",
    "citation": "string",
}
"""Columns of ``not_coded_frame``: one row per mention. ``cue_start`` is -1 without cue words."""

QUERIES_DTYPES: Mapping[str, str] = {
    "query": "int64",
    "code": "string",
    "axis": "string",
    "question": "string",
    "answer": "string",
    "answer_code": "string",
    "answer_description": "string",
    "evidence": "string",
    "start": "int64",
    "end": "int64",
}
"""Columns of ``queries_frame``: one row per possible answer; ``query`` numbers the question."""

Row = tuple[Any, ...]
_SEPARATOR = "; "


def result_frame(result: CodingResult) -> pd.DataFrame:
    """One row per suggestion, then per candidate, with the columns of ``FRAME_DTYPES``."""
    return typed_frame([row[1:] for row in frame_rows(result, None)], FRAME_DTYPES)


def not_coded_frame(result: CodingResult) -> pd.DataFrame:
    """The ledger: one row per recognised mention that got no code."""
    rows: list[Row] = []
    for item in result.not_coded:
        cue = item.cue
        rows.append(
            (
                item.text,
                item.start,
                item.end,
                item.reason,
                item.section,
                _joined(item.codes),
                cue.text if cue else "",
                cue.start if cue else -1,
                cue.end if cue else -1,
                item.citation,
            )
        )
    return typed_frame(rows, NOT_CODED_DTYPES)


def queries_frame(result: CodingResult) -> pd.DataFrame:
    """The documentation queries: one row per possible answer, one for a query without options."""
    rows: list[Row] = []
    for number, query in enumerate(result.queries, 1):
        first = query.evidence[0] if query.evidence else None
        where = (first.text, first.start, first.end) if first else ("", -1, -1)
        options = [(o.answer, o.code, o.description) for o in query.options] or [("", "", "")]
        rows += [(number, query.code, query.axis, query.question, *option, *where) for option in options]
    return typed_frame(rows, QUERIES_DTYPES)


def frame_rows(result: CodingResult, note_id: Hashable) -> list[Row]:
    """The rows of ``result_frame`` as plain tuples, each with ``note_id`` in front.

    Picklable, so that workers can send them; ``long_frame`` makes the DataFrame of many notes.
    """
    rows = [_code_row(s, note_id, suggested=True) for s in result.suggestions]
    rows += [_code_row(s, note_id, suggested=False) for s in result.candidates]
    return rows


def long_frame(rows: Iterable[Row], id_dtype: Any = "string") -> pd.DataFrame:
    """The rows of many notes as one frame: column ``id``, then those of ``FRAME_DTYPES``.

    Parameters
    ----------
    rows
        What ``frame_rows`` gave, in the order wanted.
    id_dtype
        The dtype of the ids, so that the frame joins back to the notes it came from.

    Examples
    --------
    >>> long_frame([], id_dtype="int64").dtypes["id"]
    dtype('int64')
    """
    return typed_frame(list(rows), {"id": id_dtype, **FRAME_DTYPES})


def empty_frame(dtypes: Mapping[str, Any] = FRAME_DTYPES) -> pd.DataFrame:
    """A frame without rows that has the same columns and dtypes as one with rows.

    Examples
    --------
    >>> list(empty_frame().columns)[:3]
    ['code', 'system', 'description']
    """
    return typed_frame([], dtypes)


def _code_row(suggestion: Suggestion, note_id: Hashable, *, suggested: bool) -> Row:
    first = suggestion.evidence[0] if suggestion.evidence else None
    return (
        note_id,
        suggestion.code,
        suggestion.system,
        suggestion.description,
        suggestion.score,
        suggestion.rank,
        suggested,
        suggestion.billable,
        first.text if first else "",
        first.start if first else -1,
        first.end if first else -1,
        first.section if first else "",
        _joined(f.rule for f in suggestion.findings),
        _joined(f.citation for f in suggestion.findings),
        _joined(m.code for m in suggestion.modifiers),
        suggestion.units,
        _joined(suggestion.diagnoses),
    )


def _joined(parts: Iterable[str]) -> str:
    return _SEPARATOR.join(dict.fromkeys(p for p in parts if p))


def typed_frame(rows: Sequence[Row], dtypes: Mapping[str, Any]) -> pd.DataFrame:
    """A frame of plain tuples with declared columns and dtypes, also when there are no rows."""
    import pandas as pd

    # Column by column: the dtype is what was declared, whatever the values (or their absence).
    columns = zip(*rows, strict=True) if rows else ((),) * len(dtypes)
    return pd.DataFrame(
        {
            name: pd.Series(list(values), dtype=dtype)
            for (name, dtype), values in zip(dtypes.items(), columns, strict=True)
        }
    )
