"""False specificity: codes that assert a side, stage, type, cause ... which the note does not contain.

    python benchmarks/specificity.py NOTES.jsonl [--key text] [--show 20] [--setting outpatient]

For every suggestion, each axis of its code (side, stage, type, cause, organism, acuity, severity,
encounter, healing, trimester) that is neither a default nor "unspecified" must be supported somewhere
in the note: by its words, their synonyms, an abbreviation of them, a numeral, or an encounter cue. The
whole note is searched, so that only true inventions count:

- invented: nothing in the note says it, and neither a lexicon entry nor a rule does;
- by_lexicon: no such word stands in the note, but words of the note have a lexicon entry or title that
  means it ("heart attack" is an *acute* myocardial infarction): rows to review;
- elsewhere: the words stand in the note, but not with what the code rests on: to review;
- by_rule: a cited rule says it (gestation gives the trimester, I.A.15 gives the link).

``--key`` may name several fields, separated by commas. Prints the offenders by code and axis, never words
of a note unless ``--show`` is given; one JSON object last.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from cac.coder import Coder
from cac.extract.attributes import encounter_cues
from cac.match.index import TermIndex
from cac.match.words import as_grade, split_words
from cac.text.reader import read
from cac.types import AxisEvidence, Note, Suggestion

CHECKED = frozenset(
    "side stage type cause organism acuity severity encounter healing fracture trimester level episode "
    "remission control displacement".split()
)
FILLER = frozenset("type stage grade class degree category of the and or in with to by due disease".split())
CUE_OF = {"encounter": "phase", "healing": "healing", "fracture": "open"}


class Words:
    """Everything a note says, as canonical words."""

    def __init__(self, note: Note, index: TermIndex) -> None:
        self.index = index
        self.known = set(index.canon.stream(note).atoms)
        self.cues: set[str] = set()
        for i in range(len(note.sentences)):
            self.cues |= set(encounter_cues(note, i))
        previous = ""
        for word in note.tokens.lower:
            self.known |= {word, *index.canon.text(word)}
            grade = as_grade(word)
            if grade is not None:
                self.known |= {f"{lead} {grade}" for lead in ("type", "stage", "grade", "class", previous)}
            for shape, _, senses in index.canon.abbreviations.get(word, ()):
                if len(shape) == 1:
                    self.known.update(w for s in senses for w in s.words)
            previous = word

    def support(self, axis: AxisEvidence) -> bool:
        if axis.axis in CUE_OF:
            return CUE_OF[axis.axis] in self.cues
        if axis.axis == "side" and "bilateral" in axis.value:
            return bool(self.known & {"bilateral", "both"}) or {"right", "left"} <= self.known
        if axis.axis == "side" and axis.value in ("right", "left") and "bilateral" in self.known:
            return True
        plain = [w for w in split_words(axis.value) if w not in FILLER]
        atoms = [w for w in self.index.canon.text(axis.value) if w not in FILLER]
        if axis.axis in ("side", "stage", "trimester"):
            return all(w in self.known for w in atoms) or all(w in self.known for w in plain)
        return any(w in self.known for w in (*atoms, *plain))


def judged(s: Suggestion, words: Words) -> list[tuple[str, AxisEvidence]]:
    """The axes of a suggestion that no word of the note supports, each with what else does."""
    found = []
    for a in s.axes:
        if a.axis not in CHECKED:
            continue
        if "unspecified" in a.value:
            continue
        if words.support(a):
            if a.status == "not documented":
                found.append(("elsewhere", a))
            continue
        how = {"documented": "by_lexicon", "default": "by_rule"}.get(a.status, "invented")
        found.append((how, a))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notes")
    parser.add_argument("--key", default="text")
    parser.add_argument("--setting", default="outpatient")
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args()
    with Path(options.notes).open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    texts = [row[key] for row in rows for key in options.key.split(",") if row.get(key)]
    if not texts:
        parser.error(f"no note under {options.key}")
    coder = Coder()
    index = coder.release().index
    count: Counter[str] = Counter()
    suggestions = checked = shown = 0
    for number, text in enumerate(texts):
        words = Words(read(text), index)
        for s in coder.suggest(text, setting=options.setting):
            suggestions += 1
            checked += sum(a.axis in CHECKED and a.status != "default" for a in s.axes)
            for how, a in judged(s, words):
                count[how] += 1
                if how == "by_rule" or (how == "by_lexicon" and shown >= options.show):
                    continue
                shown += how == "by_lexicon"
                said = f" <- {[e.text for e in s.evidence]}" if options.show else ""
                print(f"{how} note {number}: {s.code} {a.axis}={a.value} [{s.description}]{said}")
    print(
        json.dumps(
            {
                "notes": len(texts),
                "suggestions": suggestions,
                "axes_checked": checked,
                "invented": count["invented"],
                "elsewhere": count["elsewhere"],
                "by_lexicon": count["by_lexicon"],
                "by_rule": count["by_rule"],
            }
        )
    )


if __name__ == "__main__":
    main()
