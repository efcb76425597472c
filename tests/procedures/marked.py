"""Notes with their diagnoses marked, so that a visit can be judged without the rest of the pipeline.

``[hypertension|I10]`` is the word "hypertension" with the candidate I10; several codes are joined by "+".
"""

from __future__ import annotations

import re
from bisect import bisect_right

from cac.procedures.em import em_level
from cac.procedures.em_types import EmLevel
from cac.text.reader import read
from cac.types import Candidate, Mention, Note, Setting, Span

_MARK = re.compile(r"\[([^|\]]+)\|([A-Z0-9.+]+)\]")


def marked(row: str) -> tuple[Note, tuple[Candidate, ...]]:
    """The note of a marked row and its diagnosis candidates."""
    parts: list[str] = []
    found: list[tuple[int, int, str]] = []
    done = length = 0
    for m in _MARK.finditer(row):
        parts.append(row[done : m.start()])
        length += m.start() - done
        found += [(length, length + len(m[1]), code) for code in m[2].split("+")]
        parts.append(m[1])
        length += len(m[1])
        done = m.end()
    note = read("".join((*parts, row[done:])))
    starts = [s.start for s in note.sentences]
    by_code: dict[str, list[Mention]] = {}
    for start, end, code in found:
        n = max(0, bisect_right(starts, start) - 1)
        section = note.sections[note.sentences[n].section].kind
        mention = Mention((Span(start, end),), (code,), "exact", 1.0, sentence=n, section=section)
        by_code.setdefault(code, []).append(mention)
    return note, tuple(Candidate(code, tuple(ms)) for code, ms in sorted(by_code.items()))


def visit(
    row: str, setting: Setting = "outpatient", *, new_patient: bool | None = None, age: float | None = None
) -> EmLevel | None:
    """The visit of a marked row."""
    note, diagnoses = marked(row)
    return em_level(note, diagnoses, setting=setting, new_patient=new_patient, age=age)


def sure(
    row: str, setting: Setting = "outpatient", *, new_patient: bool | None = None, age: float | None = None
) -> EmLevel:
    """The same, where there has to be one."""
    found = visit(row, setting, new_patient=new_patient, age=age)
    assert found is not None
    return found
