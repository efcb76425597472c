"""The cells of labelled and predicted rows: codes, places, scores, and what is wrong with them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cac.config import SETTINGS
from cac.errors import TableError
from cac.evaluation.records import normal_code
from cac.types import Span

__all__ = ["Entry", "Problems", "clean", "entries", "fields", "note_options"]

_GOLD_CODES = ("labels", "codes", "icd10cm")
_PREDICTED_CODES = ("suggestions", "codes", "labels")
_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no")
_SPLIT = re.compile(r"[\s;,|]+")
_UNRANKED = math.inf


@dataclass(frozen=True, slots=True)
class Entry:
    """One code of a row as it was given."""

    code: str
    evidence: tuple[tuple[Span, ...], ...] = ()
    scope: str = ""
    score: float | None = None
    suggested: bool = True
    rank: float = _UNRANKED


class Problems:
    """What is wrong with the rows of one source, to be raised together."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[str] = []

    def add(self, where: str, fault: str) -> None:
        self.found.append(f"{self.name}:{where}: {fault}")

    def check_reach(self, where: str, found: Sequence[Entry], length: int) -> None:
        """Places have to lie in the note."""
        for e in found:
            if any(s.end > length for group in e.evidence for s in group):
                self.add(where, f"evidence of {e.code} ends after the note")

    def raise_any(self) -> None:
        if self.found:
            raise TableError(f"{self.name}: {len(self.found)} bad rows", self.found)


def fields(columns: Mapping[str, str], *, gold: bool = True) -> dict[str, tuple[str, ...]]:
    """The names under which the parts of a row are looked for."""
    names = {
        "id": ("id", "note_id", "doc_id"),
        "text": ("text", "note", "text_en"),
        "codes": _GOLD_CODES if gold else _PREDICTED_CODES,
    }
    return {part: (columns[part],) if part in columns else known for part, known in names.items()}


def clean(value: Any) -> Any:
    """None for what a DataFrame or a CSV file has where nothing is."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    # pandas.NA and NaT are not equal to themselves in any useful way; their names are stable.
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    return value.item() if callable(getattr(value, "item", None)) else value


def note_options(row: Mapping[str, Any], where: str, problems: Problems) -> tuple[tuple[str, Any], ...]:
    """The options of ``Coder.suggest`` that a gold row carries."""
    options: list[tuple[str, Any]] = []
    setting = clean(row.get("setting"))
    if setting not in (None, ""):
        if setting not in SETTINGS:
            problems.add(where, f"setting is not one of {', '.join(SETTINGS)}")
        else:
            options.append(("setting", setting))
    age = clean(row.get("age"))
    if age not in (None, ""):
        number = _number(age)
        if number is None or not 0 <= number <= 130:
            problems.add(where, "age is not a number from 0 to 130")
        else:
            options.append(("age", number))
    sex = clean(row.get("sex"))
    if sex not in (None, ""):
        if sex not in ("F", "M"):
            problems.add(where, "sex is not F or M")
        else:
            options.append(("sex", sex))
    day = clean(row.get("date_of_service"))
    if day not in (None, ""):
        options.append(("date_of_service", day))
    return tuple(options)


def entries(
    row: Mapping[str, Any],
    where: str,
    names: Sequence[str],
    text: str | None,
    problems: Problems,
    system: str,
    *,
    long: bool,
    gold: bool,
) -> list[Entry]:
    """The codes of one row; what cannot be read is added to ``problems``."""
    items: list[tuple[Any, bool]]
    if long:
        # A note without any code still needs a row.
        items = [(row, True)] if clean(row["code"]) not in (None, "") else []
    else:
        name = next((n for n in names if n in row), None)
        if name is None:
            problems.add(where, f"has no {', '.join(names)} or code")
            return []
        items = [(item, True) for item in _listed(row[name], where, name, problems)]
        if name == "suggestions":
            items += [(i, False) for i in _listed(row.get("candidates"), where, "candidates", problems)]
    found: list[Entry] = []
    for number, (item, suggested) in enumerate(items, 1):
        entry = _entry(item, f"code {number}", where, text, problems, system, suggested, gold=gold)
        if entry is not None:
            found.append(entry)
    return found


def _listed(cell: Any, where: str, name: str, problems: Problems) -> list[Any]:
    cell = clean(cell) if not isinstance(cell, list | tuple) else cell
    if cell is None or cell == "":
        return []
    if isinstance(cell, str):
        if not cell.lstrip().startswith("["):
            return [c for c in _SPLIT.split(cell) if c]
        try:
            cell = json.loads(cell)
        except ValueError:
            problems.add(where, f"{name} is not a list of codes")
            return []
    if callable(tolist := getattr(cell, "tolist", None)):
        cell = tolist()
    if isinstance(cell, Sequence) and not isinstance(cell, bytes):
        return list(cell)
    problems.add(where, f"{name} is not a list of codes")
    return []


def _entry(
    item: Any,
    label: str,
    where: str,
    text: str | None,
    problems: Problems,
    system: str,
    suggested: bool,
    *,
    gold: bool,
) -> Entry | None:
    if isinstance(item, str):
        item = {"code": item}
    if not isinstance(item, Mapping):
        problems.add(where, f"{label} is neither a code nor an object with a code")
        return None
    if clean(item.get("system")) not in (None, "", system):
        return None
    given = clean(item.get("code"))
    code = normal_code(str(given), system) if isinstance(given, str | int) else None
    if code is None:
        problems.add(where, f"{label} is not a code of {system}")
        return None
    faults: list[str] = []
    evidence = tuple(_evidence(item, text, faults, gold=gold))
    scope = clean(item.get("scope")) or ""
    if scope not in ("", "reportable", "documented"):
        faults.append("scope is neither reportable nor documented")
    score = None if gold else _score(item, faults)
    chosen = suggested if gold else _suggested(item, suggested, faults)
    rank = None if gold or clean(item.get("rank")) in (None, "") else _number(clean(item["rank"]))
    if not gold and rank is None and clean(item.get("rank")) not in (None, ""):
        faults.append("rank is not a number")
    for fault in faults:
        problems.add(where, f"{label}: {fault}")
    if faults:
        return None
    return Entry(code, evidence, str(scope), score, chosen, _UNRANKED if rank is None else rank)


def _score(item: Mapping[str, Any], faults: list[str]) -> float | None:
    given = clean(item.get("score"))
    if given in (None, ""):
        return None
    number = _number(given)
    if number is None or not 0 <= number <= 1:
        faults.append("score is not a number from 0 to 1")
    return number


def _suggested(item: Mapping[str, Any], default: bool, faults: list[str]) -> bool:
    given = clean(item.get("suggested"))
    if given in (None, ""):
        return default
    word = str(given).lower()
    if word not in _TRUE and word not in _FALSE:
        faults.append("suggested is neither true nor false")
    return word in _TRUE


def _evidence(
    item: Mapping[str, Any], text: str | None, faults: list[str], *, gold: bool
) -> Iterator[tuple[Span, ...]]:
    """Places given as offsets (``start``/``end``, ``spans``, ``evidence``) or in words (``quotes``)."""
    start, end = clean(item.get("start")), clean(item.get("end"))
    # suggest_frame has -1 where a code has no evidence.
    if start not in (None, "", -1, "-1") or end not in (None, "", -1, "-1"):
        yield from _place((start, end), "start and end", faults)
    for name in ("spans", "evidence"):
        listed = item.get(name)
        if isinstance(listed, list | tuple):
            for place in listed:
                if isinstance(place, Mapping) and isinstance(place.get("places"), list | tuple):
                    yield tuple(s for p in place["places"] for (s,) in _place(p, name, faults))
                else:
                    yield from _place(place, name, faults)
    if not gold:
        return
    quotes = item.get("quotes", item.get("quote"))
    for quote in [quotes] if isinstance(quotes, str) and quotes else quotes or ():
        if not isinstance(quote, str) or not quote:
            faults.append("a quote is not text")
        elif text is None:
            faults.append("quotes need the text of the note")
        elif places := tuple(
            Span(m.start(), m.end()) for m in re.finditer(re.escape(quote), text, re.IGNORECASE)
        ):
            yield places
        else:
            faults.append("a quote is not in the text")


def _place(place: Any, name: str, faults: list[str]) -> Iterator[tuple[Span]]:
    """A place given as an object with start and end, or as a pair."""
    pair = (place.get("start"), place.get("end")) if isinstance(place, Mapping) else place
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        faults.append(f"{name} has an item without start and end")
        return
    first, last = (_number(clean(n)) for n in pair)
    if first is None or last is None or first != int(first) or last != int(last) or not 0 <= first < last:
        faults.append("start and end are not offsets into the note")
    else:
        yield (Span(int(first), int(last)),)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
