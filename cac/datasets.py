"""Labelled notes that ship with the library: invented visits with the codes an expert would report.

The notes were written for this library, without a look at what it answers to them; no real patient
stands behind any of them. They are what the score is fitted and calibrated on, and an example of the
form in which ``cac.evaluate`` takes anyone's own notes. Licence: CC BY 4.0.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

from cac.codes.table import CodeTable
from cac.errors import TableError
from cac.resources import data_path
from cac.types import Scope, Setting, Span

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LabelledNote", "NoteLabel", "load_visits", "read_visits", "visits_frame"]

RELEASE: Final = "2026-04"
"""The release of ICD-10-CM the labels belong to."""

_ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    "setting": ("outpatient", "inpatient"),
    "difficulty": ("easy", "medium", "hard"),
    "sex": ("F", "M"),
}
_WORDS: Final = ("id", "specialty", "shape", "text", "first", *_ALLOWED)
_NOTE_KEYS: Final = frozenset({*_WORDS, "age", "labels"})
_SCOPES: Final = ("reportable", "documented")
_LABEL_KEYS: Final = frozenset({"code", "scope", "quotes", "why"})

FRAME_DTYPES: Final[Mapping[str, str]] = {
    "id": "object",
    "specialty": "object",
    "setting": "object",
    "shape": "object",
    "difficulty": "object",
    "age": "float64",
    "sex": "object",
    "code": "object",
    "scope": "object",
    "first": "bool",
    "start": "int64",
    "end": "int64",
    "evidence": "object",
    "why": "object",
}
"""Columns of ``visits_frame``."""


@dataclass(frozen=True, slots=True)
class NoteLabel:
    """One code of a labelled note.

    Attributes
    ----------
    code
        A billable ICD-10-CM code.
    scope
        "reportable": it belongs on the claim. "documented": affirmed in the note and worth
        abstracting, but not reported (integral symptom, past history, stable and not addressed).
    spans
        The words that support it.
    why
        The section of the Official Guidelines that decided.
    """

    code: str
    scope: Scope
    spans: tuple[Span, ...]
    why: str


@dataclass(frozen=True, slots=True)
class LabelledNote:
    """A note with the codes an expert gave it.

    Attributes
    ----------
    text
        The note; not in ``repr``.
    first
        The first-listed (outpatient) or principal (inpatient) diagnosis: one of the reportable codes.
    labels
        Every code with its scope, evidence and reason: ``first``, the other reportable codes in the
        order they were given, then those that are only documented.
    """

    id: str
    text: str = field(repr=False)
    setting: Setting
    specialty: str
    shape: str
    difficulty: str
    age: float
    sex: str
    first: str
    labels: tuple[NoteLabel, ...]

    def codes(self, scope: Scope = "reportable") -> tuple[str, ...]:
        """The codes of a scope; "documented" includes the reportable ones, as in ``cac.suggest``."""
        return tuple(label.code for label in self.labels if scope in ("documented", label.scope))


def load_visits() -> tuple[LabelledNote, ...]:
    """The labelled visit notes, by file and row.

    Raises
    ------
    TableError
        Naming every row that is not valid. It never quotes the text of a note.

    Examples
    --------
    >>> notes = load_visits()
    >>> notes[0].id, notes[0].setting, notes[0].first
    ('v001', 'outpatient', 'E11.9')
    """
    return _packaged()


@lru_cache(maxsize=1)
def _packaged() -> tuple[LabelledNote, ...]:
    folder = data_path("datasets/visits")
    parts = sorted(
        (p for p in folder.iterdir() if p.name.startswith("part") and p.name.endswith(".jsonl")),
        key=lambda p: p.name,
    )
    return read_visits({p.name: p.read_text(encoding="utf-8") for p in parts})


def read_visits(files: Mapping[str, str], table: CodeTable | None = None) -> tuple[LabelledNote, ...]:
    """Notes from JSON Lines, one object a note, in the form of the packaged ones.

    Parameters
    ----------
    files
        Name to content. Ids are unique over all of them.
    table
        The codes that may be used; those of the release of the packaged notes by default.

    Raises
    ------
    TableError
        Naming every row that is not valid. It never quotes the text of a note.

    Examples
    --------
    >>> row = '''{"id": "a", "specialty": "urology", "setting": "outpatient", "shape": "terse",
    ...  "difficulty": "easy", "age": 50, "sex": "M", "text": "Imp: gout.", "first": "M10.9",
    ...  "labels": [{"code": "M10.9", "scope": "reportable", "quotes": ["gout"], "why": "IV.G"}]}'''
    >>> (note,) = read_visits({"mine.jsonl": row.replace(chr(10), "")})
    >>> note.labels[0].spans
    (Span(start=5, end=9),)
    """
    table = CodeTable.open(RELEASE) if table is None else table
    notes: list[LabelledNote] = []
    problems: list[str] = []
    seen: dict[str, str] = {}
    for name, text in files.items():
        # Only a line feed ends a row: a note may hold the other characters ``splitlines`` splits at.
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip():
                continue
            where = f"{name}:{number}"
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                problems.append(f"{where}: no JSON: {error.msg} at column {error.colno}")
                continue
            wrong = list(_faults(row, table))
            if not wrong and row["id"] in seen:
                wrong.append(f"the id is taken by {seen[row['id']]}")
            problems += [f"{where}: {fault}" for fault in wrong]
            if not wrong:
                seen[row["id"]] = where
                notes.append(_note(row))
    if problems:
        raise TableError(f"labelled notes: {len(problems)} faults", problems)
    return tuple(notes)


def visits_frame(notes: Sequence[LabelledNote] | None = None) -> pd.DataFrame:
    """One row per evidence span of every label, with the columns of ``FRAME_DTYPES``.

    Parameters
    ----------
    notes
        Those of ``load_visits`` by default.

    Examples
    --------
    >>> frame = visits_frame()
    >>> frame.loc[frame["first"], "code"].iloc[0]
    'E11.9'
    """
    import pandas as pd

    rows = [
        (
            *(note.id, note.specialty, note.setting, note.shape, note.difficulty, note.age, note.sex),
            *(label.code, label.scope, label.code == note.first),
            *(span.start, span.end, note.text[span.start : span.end], label.why),
        )
        for note in (load_visits() if notes is None else notes)
        for label in note.labels
        for span in label.spans
    ]
    return pd.DataFrame(rows, columns=list(FRAME_DTYPES)).astype(dict(FRAME_DTYPES))


def _note(row: Mapping[str, Any]) -> LabelledNote:
    text = row["text"]
    labels = [
        NoteLabel(label["code"], label["scope"], _spans(text, label), label["why"]) for label in row["labels"]
    ]
    labels.sort(key=lambda label: (label.code != row["first"], label.scope != "reportable"))
    words = {key: row[key] for key in _WORDS}
    return LabelledNote(**words, age=float(row["age"]), labels=tuple(labels))


def _spans(text: str, label: Mapping[str, Any]) -> tuple[Span, ...]:
    quotes = label["quotes"]
    at = label.get("at", [None] * len(quotes))
    starts = [cast(int, _find(text, quote, n)) for quote, n in zip(quotes, at, strict=True)]
    # Two quotes may lie at one place when they are given twice: a span is evidence once.
    found = {Span(start, start + len(quote)) for start, quote in zip(starts, quotes, strict=True)}
    return tuple(sorted(found))


def _find(text: str, quote: str, nth: int | None) -> int | None:
    """Where a quote starts: its ``nth`` occurrence from 0, else the first that is no part of a word.

    The "HTN" of "PHTN" does not support a code that the "HTN" of a problem list does.
    """
    places = [i for i in range(len(text)) if text.startswith(quote, i)]
    if nth is None:
        whole = [i for i in places if _whole(text, i, i + len(quote))]
        places, nth = whole or places, 0
    return places[nth] if nth < len(places) else None


def _whole(text: str, start: int, end: int) -> bool:
    before, after = text[max(start - 1, 0) : start], text[end : end + 1]
    return not ((before.isalnum() and text[start].isalnum()) or (after.isalnum() and text[end - 1].isalnum()))


def _faults(row: Any, table: CodeTable) -> Iterator[str]:
    """What is wrong with a row, without a word of its text."""
    if not isinstance(row, dict):
        yield "is not an object"
        return
    if keys := _keys(row, _NOTE_KEYS):
        yield keys
        return
    for key in _WORDS:
        if not isinstance(row[key], str) or not row[key].strip():
            yield f"{key} is not text, or empty"
        elif key in _ALLOWED and row[key] not in _ALLOWED[key]:
            yield f"{key} is not one of {', '.join(_ALLOWED[key])}"
    age = row["age"]
    if isinstance(age, bool) or not isinstance(age, int | float) or not 0 <= age <= 130:
        yield "age is not a number of years"
    labels = row["labels"]
    if not isinstance(labels, list) or not labels:
        yield "labels is not a list, or empty"
        return
    if isinstance(row["text"], str):
        for number, label in enumerate(labels, 1):
            yield from (f"label {number}: {fault}" for fault in _label_faults(label, row["text"], table))
    good = [label for label in labels if isinstance(label, dict)]
    codes = [str(label.get("code")) for label in good]
    if len(set(codes)) < len(codes):
        yield "a code is given twice"
    if row["first"] not in [label.get("code") for label in good if label.get("scope") == "reportable"]:
        yield "first is not among the reportable codes"


def _label_faults(label: Any, text: str, table: CodeTable) -> Iterator[str]:
    if not isinstance(label, dict):
        yield "is not an object"
        return
    if keys := _keys({k: v for k, v in label.items() if k != "at"}, _LABEL_KEYS):
        yield keys
        return
    code = label["code"]
    if not isinstance(code, str) or code not in table.row_of:
        yield "the code is not in the release, or not spelled as there"
    elif not table.billable[table.row_of[code]]:
        yield f"{code} is not billable"
    if label["scope"] not in _SCOPES:
        yield f"scope is not one of {', '.join(_SCOPES)}"
    if not isinstance(label["why"], str) or not label["why"].strip():
        yield "why is not text, or empty"
    quotes = label["quotes"]
    if not isinstance(quotes, list) or not quotes or not all(isinstance(q, str) and q for q in quotes):
        yield "quotes is not a list of texts, or empty"
        return
    at = label.get("at", [None] * len(quotes))
    numbers = "at" not in label or (isinstance(at, list) and all(type(n) is int and n >= 0 for n in at))
    if not numbers or len(at) != len(quotes):
        yield "at is not a list of numbers, one for each quote"
        return
    for number, (quote, nth) in enumerate(zip(quotes, at, strict=True), 1):
        if _find(text, quote, nth) is None:
            yield f"quote {number} is not in the text" + (f" {nth + 1} times" if nth else "")


def _keys(row: Mapping[str, Any], expected: Collection[str]) -> str:
    """Names of missing and unknown keys, or nothing."""
    missing, unknown = sorted(set(expected) - set(row)), len(set(row) - set(expected))
    # An unknown key is counted and not named: a row out of step may have a note for a key.
    said = [f"lacks {', '.join(missing)}"] if missing else []
    said += [f"has {unknown} unknown keys"] if unknown else []
    return " and ".join(said)
