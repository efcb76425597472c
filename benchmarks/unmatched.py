"""The most frequent clinical phrases that reach no code: work for the lexicon.

    python benchmarks/unmatched.py NOTES.jsonl [--notes 2000] [--top 200] [--sections diagnosis]

A phrase is a run of up to four words within a clause that no mention, drug or cue covers: none of them a
stop word or a number, one of them a word of the code table, and one of them not a common English word.
``--sections`` keeps the kinds whose words name conditions (assessment, impression, diagnoses, history);
``all`` takes every section. Prints one line a phrase: notes it stands in, phrase.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from importlib.resources import files
from pathlib import Path

from cac.coder import Coder
from cac.extract.drugs import find_drugs
from cac.extract.mentions import find_mentions
from cac.match.words import BARRIER_WORDS, STOP_WORDS, fold
from cac.resources import read_table
from cac.text.reader import read

DIAGNOSTIC = frozenset(
    "assessment assessment_plan impression diagnosis discharge_diagnosis postop_diagnosis preop_diagnosis "
    "admission_diagnosis pmh problem_list chief_complaint reason_for_visit indication complications".split()
)
LONGEST = 4
COMMON = 4000


def common_english() -> frozenset[str]:
    """The most frequent words of general English, which alone say nothing clinical."""
    text = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig")
    return frozenset(fold(line.split(" ", 1)[0]) for line in text.splitlines()[:COMMON])


def phrases(coder: Coder, text: str, everywhere: bool, english: frozenset[str]) -> set[str]:
    """The uncovered phrases of one note."""
    note = read(text)
    index = coder.release().index
    covered: set[int] = set()
    spans = [(s.start, s.end) for m in find_mentions(note, index) for s in m.spans]
    spans += [(d.start, d.end) for d in find_drugs(note)]
    for start, end in spans:
        covered.update(i for i, at in enumerate(note.tokens.starts) if start <= at < end)
    plain = {r["word"] for r in read_table("lexicon/common_words.csv", ("word",))}
    found: set[str] = set()
    for s in note.sentences:
        if not everywhere and note.sections[s.section].kind not in DIAGNOSTIC:
            continue
        run: list[str] = []
        for i in (*range(s.first_token, s.last_token), -1):
            word = note.tokens.lower[i] if i >= 0 else ""
            if (
                i >= 0
                and i not in covered
                and word.isalpha()
                and word not in STOP_WORDS | BARRIER_WORDS | plain
            ):
                run.append(fold(word))
                continue
            for size in range(1, LONGEST + 1):
                for k in range(len(run) - size + 1):
                    part = run[k : k + size]
                    if any(w in index.ids for w in part) and not english.issuperset(part):
                        found.add(" ".join(part))
            run = []
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notes")
    parser.add_argument("--notes", dest="count", type=int, default=2000)
    parser.add_argument("--top", type=int, default=200)
    parser.add_argument("--sections", choices=("diagnosis", "all"), default="diagnosis")
    options = parser.parse_args()
    with Path(options.notes).open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines if line.strip()]
    random.Random(5).shuffle(texts)
    coder = Coder()
    english = common_english()
    often: Counter[str] = Counter()
    for text in texts[: options.count]:
        often.update(phrases(coder, text, options.sections == "all", english))
    # A part of a longer phrase that is as frequent says nothing of its own.
    shown = 0
    for phrase, n in sorted(often.items(), key=lambda p: (-p[1], p[0])):
        longer = max((often[p] for p in often if phrase != p and f" {phrase} " in f" {p} "), default=0)
        if longer < 0.7 * n:
            print(n, phrase)
            shown += 1
        if shown >= options.top:
            break


if __name__ == "__main__":
    main()
