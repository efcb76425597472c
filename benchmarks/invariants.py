"""What no answer may contain, counted over many notes.

    python benchmarks/invariants.py NOTES.jsonl [HOW_MANY]

Each line of the file is an object with the note under "text" (or "note"). Counted, in both settings:
pairs of suggested codes that an Excludes1 note keeps apart, lists that begin with a manifestation, or with a
code that is never listed first although another could stand there, suggestions that cannot be billed or are
there twice, and quotes that are not the words at their offsets.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path

from cac.coder import Coder
from cac.result import CodingResult
from cac.rules.sequence import load_sequence
from cac.rules.tabular import TabularNotes

SETTINGS = ("outpatient", "inpatient")


def main(path: str, most: int) -> int:
    coder = Coder()
    tabular = coder.release().tabular
    seen: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    with Path(path).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number >= most:
                break
            row = json.loads(line)
            note = row.get("text") or row.get("note") or ""
            if not note.strip():
                continue
            seen["notes"] += 1
            for setting in SETTINGS:
                result = coder.suggest(note, setting=setting)
                seen["suggestions"] += len(result)
                wrong += counted(result, tabular)
    names = (
        "excludes1 pairs", "manifestation first", "never-first first", "not billable", "listed twice",
        "wrong quotes",
    )  # fmt: skip
    print(json.dumps({**seen, **{name: wrong[name] for name in names}}))
    return int(any(wrong.values()))


def counted(result: CodingResult, tabular: TabularNotes) -> Counter[str]:
    """The violations in one answer."""
    roles = load_sequence()
    codes = [s.code for s in result if s.system == "ICD-10-CM"]
    out: Counter[str] = Counter()
    out["excludes1 pairs"] = sum(tabular.exclude_each_other(a, b) for a, b in combinations(codes, 2))
    if codes:
        first = codes[0]
        free = [c for c in codes if c not in roles.never_first and not tabular.manifestation(c)]
        out["manifestation first"] = int(tabular.manifestation(first))
        out["never-first first"] = int(first in roles.never_first and bool(free))
    out["not billable"] = sum(not s.billable for s in result)
    out["listed twice"] = len(codes) - len(set(codes))
    out["wrong quotes"] = sum(
        result.text[e.start : e.end] != e.text
        for s in (*result.suggestions, *result.candidates)
        for e in (*s.evidence, *(q for c in s.explanation for q in c.evidence))
    )
    return +out


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3000))
