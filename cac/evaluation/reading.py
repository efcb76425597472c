"""Reading labelled notes and predictions: every bad row is reported, then the source is refused.

Two shapes are understood, in JSON, CSV and DataFrames alike: a row a note, with its codes in one cell
or list, and a row a code, with the note's id repeated. Messages name files, rows and columns, never
words of a note.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from cac.errors import ConfigError, TableError
from cac.evaluation.records import SYSTEM, Answer, GoldNote, Label, PredictedNote
from cac.evaluation.rows import Entry, Problems, clean, entries, fields, note_options
from cac.types import Scope, Span

__all__ = ["COLUMNS", "read_gold", "read_predictions"]

COLUMNS = ("id", "text", "codes")
"""What ``columns`` may rename."""

Row = tuple[str, Mapping[str, Any]]
_SUFFIXES = ".jsonl, .json, .csv or .tsv"


def read_gold(
    source: Any,
    *,
    columns: Mapping[str, str] | None = None,
    scope: Scope = "reportable",
    system: str = SYSTEM,
) -> tuple[GoldNote, ...]:
    """Labelled notes, in the order of the source.

    Parameters
    ----------
    source
        A path (.jsonl, .json, .csv, .tsv), a DataFrame, a mapping of id to codes, or a sequence of
        mappings or dataclasses. A note has an ``id``, its codes (``labels``, ``codes`` or, a row a
        code, ``code``) and may have its ``text``. A label is a code or a mapping with ``code`` and
        ``start``/``end``, ``spans``, ``evidence`` or ``quotes``, and with ``scope`` and ``system``.
    columns
        Names of the columns "id", "text" and "codes" where they are called otherwise.
    scope
        Labels marked "documented" count only in that scope; unmarked ones always do.
    system
        Labels marked with another system are left out.

    Raises
    ------
    TableError
        When a row cannot be used; all such rows are named.
    ConfigError
        When the source is no kind of data that can be read.

    Examples
    --------
    >>> read_gold([{"id": 1, "codes": ["I10", "e1122"]}])[0].codes
    ('E11.22', 'I10')
    """
    name, rows = _rows(source, "gold")
    problems = Problems(name)
    notes: list[GoldNote] = []
    for id_, where, text, options, found in _grouped(rows, columns, problems, system, gold=True):
        labels: dict[str, list[tuple[Span, ...]]] = {}
        for e in found:
            if _counts(e, scope):
                held = labels.setdefault(e.code, [])
                held += [g for g in e.evidence if g not in held]
        notes.append(
            GoldNote(id_, tuple(Label(c, tuple(s)) for c, s in sorted(labels.items())), text, options)
        )
        if text is not None:
            problems.check_reach(where, found, len(text))
    problems.raise_any()
    if not notes:
        raise TableError(f"{name}: no labelled notes")
    return tuple(notes)


def read_predictions(
    source: Any,
    *,
    columns: Mapping[str, str] | None = None,
    scope: Scope = "reportable",
    system: str = SYSTEM,
    ids: Sequence[str] = (),
) -> tuple[PredictedNote, ...]:
    """Predicted codes, best first.

    Parameters
    ----------
    source
        What ``read_gold`` takes, with ``suggestions`` and ``candidates`` (``CodingResult.to_dict``,
        ``cac suggest --format jsonl``), the columns of ``suggest_frame``, or plain codes; also
        ``CodingResult`` objects, by id or in the order of the gold notes.
    columns, scope, system
        As for ``read_gold``: the labels of another coder can be measured like predictions.
    ids
        The ids of the gold notes, for predictions that carry none and come in the same order.

    Raises
    ------
    TableError, ConfigError
        As ``read_gold``.

    Examples
    --------
    >>> [a.code for a in read_predictions({"n1": ["I10", "M10.9"]})[0].answers]
    ['I10', 'M10.9']
    """
    name, rows = _rows(source, "predictions", ids)
    problems = Problems(name)
    notes: list[PredictedNote] = []
    for id_, _, _, _, found in _grouped(rows, columns, problems, system, gold=False):
        answers: dict[str, Answer] = {}
        for e in sorted(found, key=lambda e: (not e.suggested, e.rank)):
            if not _counts(e, scope):
                continue
            spans = tuple(s for group in e.evidence for s in group)
            held = answers.get(e.code)
            if held is None:
                answers[e.code] = Answer(e.code, e.score, e.suggested, spans)
            else:
                more = tuple(s for s in spans if s not in held.evidence)
                answers[e.code] = Answer(e.code, held.score, held.suggested, (*held.evidence, *more))
        notes.append(PredictedNote(id_, tuple(answers.values())))
    problems.raise_any()
    return tuple(notes)


def _counts(entry: Entry, scope: Scope) -> bool:
    """Codes marked "documented" count in that scope only."""
    return entry.scope != "documented" or scope == "documented"


def _rows(source: Any, what: str, ids: Sequence[str] = ()) -> tuple[str, list[Row]]:
    """A name for messages and (where, row) pairs."""
    if isinstance(source, str | Path):
        path = Path(source)
        return path.name, list(_file_rows(path))
    if hasattr(source, "columns") and hasattr(source, "to_dict"):
        records = source.to_dict("records")
        return what, [(f"row {i}", {str(k): v for k, v in r.items()}) for i, r in enumerate(records)]
    if isinstance(source, Mapping):
        return what, [
            (f"note {i}", {**_as_row(value, what), "id": key})
            for i, (key, value) in enumerate(source.items())
        ]
    if not isinstance(source, Iterable) or isinstance(source, bytes):
        raise ConfigError(f"{what}: cannot read {type(source).__name__}; give a path, a DataFrame or a list")
    items = list(source)
    rows = [_as_row(item, what) for item in items]
    if rows and what == "predictions" and not any(_has_id(r) for r in rows):
        if len(rows) != len(ids):
            raise ConfigError(f"{what}: {len(rows)} without ids for {len(ids)} gold notes")
        rows = [{**r, "id": id_} for r, id_ in zip(rows, ids, strict=True)]
    return what, [(f"row {i}", r) for i, r in enumerate(rows)]


def _has_id(row: Mapping[str, Any]) -> bool:
    return any(name in row for name in fields({})["id"])


def _as_row(item: Any, what: str) -> Mapping[str, Any]:
    if isinstance(item, Mapping):
        return item
    if callable(to_dict := getattr(item, "to_dict", None)):
        made = to_dict()
        if isinstance(made, Mapping):
            return made
    if isinstance(item, GoldNote):
        return _gold_row(item)
    if is_dataclass(item) and not isinstance(item, type):
        return asdict(item)
    if isinstance(item, Iterable) and not isinstance(item, str | bytes):
        return {"codes": list(item)}
    raise ConfigError(f"{what}: cannot read a note from {type(item).__name__}")


def _gold_row(note: GoldNote) -> dict[str, Any]:
    labels = [
        {"code": x.code, "evidence": [{"places": [(s.start, s.end) for s in g]} for g in x.evidence]}
        for x in note.labels
    ]
    return {"id": note.id, "text": note.text, "labels": labels, **dict(note.options)}


def _file_rows(path: Path) -> Iterator[Row]:
    suffix = path.suffix.lower()
    if suffix not in (".jsonl", ".json", ".csv", ".tsv"):
        raise ConfigError(f"{path.name}: must be {_SUFFIXES}")
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path.name}: {error.strerror or type(error).__name__}") from None
    except UnicodeDecodeError as error:
        raise TableError(f"{path.name}: is not UTF-8 text (byte {error.start})") from None
    if suffix in (".csv", ".tsv"):
        yield from _csv_rows(content, path.name, "\t" if suffix == ".tsv" else ",")
    elif suffix == ".jsonl":
        yield from _jsonl_rows(content, path.name)
    else:
        yield from _json_rows(content, path.name)


def _json_rows(content: str, name: str) -> Iterator[Row]:
    try:
        data = json.loads(content)
    except ValueError:
        raise TableError(f"{name}: is not JSON") from None
    if isinstance(data, Mapping):
        data = [{**_as_row(v, name), "id": k} for k, v in data.items()]
    if not isinstance(data, list) or not all(isinstance(r, Mapping) for r in data):
        raise TableError(f"{name}: must be a list of objects, or an object of id to codes")
    yield from ((f"item {i}", row) for i, row in enumerate(data))


def _jsonl_rows(content: str, name: str) -> Iterator[Row]:
    problems = Problems(name)
    # str.splitlines would also split at line separators that JSON strings may hold.
    for number, line in enumerate(re.split(r"\r?\n", content), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            problems.add(str(number), "is not JSON")
            continue
        if isinstance(row, Mapping):
            yield str(number), row
        else:
            problems.add(str(number), "is not an object")
    problems.raise_any()


def _csv_rows(content: str, name: str, delimiter: str) -> list[Row]:
    problems = Problems(name)
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    # A note may be longer than what the module takes for a cell; its limit is one for the process.
    limit = csv.field_size_limit(len(content) + 1)
    try:
        header = next(reader, [])
        for cells in reader:
            if cells and len(cells) != len(header):
                problems.add(str(reader.line_num), f"{len(cells)} cells, {len(header)} expected")
            elif cells:
                rows.append((str(reader.line_num), dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        problems.add(str(reader.line_num), str(error))
    finally:
        csv.field_size_limit(limit)
    problems.raise_any()
    return rows


def _grouped(
    rows: Sequence[Row], columns: Mapping[str, str] | None, problems: Problems, system: str, *, gold: bool
) -> Iterator[tuple[str, str, str | None, tuple[tuple[str, Any], ...], list[Entry]]]:
    """Notes in the order they first appear: id, where, text, options, entries."""
    names = fields(columns or {}, gold=gold)
    ids: dict[str, tuple[str, str | None, tuple[tuple[str, Any], ...], list[Entry]]] = {}
    for where, row in rows:
        id_ = clean(next((row[n] for n in names["id"] if n in row), None))
        if id_ is None or id_ == "":
            problems.add(where, f"has no {' or '.join(names['id'])}")
            continue
        key = str(int(id_)) if isinstance(id_, float) and id_.is_integer() else str(id_)
        text = clean(next((row[n] for n in names["text"] if n in row), None)) if gold else None
        if text is not None and not isinstance(text, str):
            problems.add(where, "the text is not text")
            text = None
        held = ids.get(key)
        long = "code" in row and not any(n in row for n in names["codes"])
        if held is not None and not long:
            problems.add(where, "has the id of an earlier note")
            continue
        if held is not None and text and held[1] and text != held[1]:
            problems.add(where, "has another text than an earlier row of the note")
            continue
        known = text or (held[1] if held else None)
        found = entries(row, where, names["codes"], known, problems, system, long=long, gold=gold)
        if held is None:
            ids[key] = (where, text, note_options(row, where, problems) if gold else (), found)
        else:
            ids[key] = (held[0], known, held[2], held[3] + found)
    for key, (where, text, options, found) in ids.items():
        yield key, where, text, options, found
