"""Does every code come back from its own words: titles, titles with a misspelling, inclusion terms?

    python benchmarks/coverage.py [--codes 2000] [--terms 0] [--show 20]

Three counts over the newest release, each by the words alone as an assessment line:

- titles: the code is first, and listed at all, for its own title;
- edited titles: the same with one random edit (insertion, deletion, substitution or swap of neighbours)
  in one word of six or more letters;
- inclusion terms: the code, or one below it, is among the first three for each of its inclusion terms
  (``--terms 0`` takes them all).

Prints one JSON object; ``--show`` first prints that many failures of each kind.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import string

from cac.coder import Coder

LONG = re.compile(r"[A-Za-z]{6,}")


def ranked(coder: Coder, words: str) -> list[str]:
    result = coder.suggest(f"Assessment:\n{words}.\n", setting="inpatient", systems=("ICD-10-CM",))
    return [s.code for s in (*result, *result.candidates)]


def edited(title: str, rng: random.Random) -> str | None:
    """The title with one edit in one of its long words, or None when it has none."""
    words = list(LONG.finditer(title))
    if not words:
        return None
    word = rng.choice(words)
    letters = list(word.group())
    # The first letter stays: people rarely get it wrong, and it is what a reader goes by.
    at = rng.randrange(1, len(letters) - 1)
    kind = rng.randrange(4)
    letter = rng.choice(string.ascii_lowercase)
    if kind == 0:
        letters.insert(at, letter)
    elif kind == 1:
        del letters[at]
    elif kind == 2:
        letters[at] = letter
    else:
        letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return title[: word.start()] + "".join(letters) + title[word.end() :]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--codes", type=int, default=2000)
    parser.add_argument("--terms", type=int, default=0)
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args()
    coder = Coder()
    table = coder.release().table
    rng = random.Random(7)
    leaves = [r for r in range(len(table)) if table.billable[r]]
    rng.shuffle(leaves)
    leaves = leaves[: options.codes]
    failures: dict[str, list[str]] = {"title": [], "edited": [], "term": []}
    first = listed = edits = edited_first = 0
    for row in leaves:
        code, title = table.codes[row], table.title(row)
        order = ranked(coder, title)
        first += order[:1] == [code]
        listed += code in order
        if order[:1] != [code]:
            failures["title"].append(f"{code} {title} -> {order[:3]}")
        if (wrong := edited(title, rng)) is not None:
            edits += 1
            order = ranked(coder, wrong)
            edited_first += order[:1] == [code]
            if order[:1] != [code]:
                failures["edited"].append(f"{code} {wrong} -> {order[:3]}")
    terms = [(r, t) for r in range(len(table)) for t in table.notes(r, "inclusion_term")]
    if options.terms:
        terms = rng.sample(terms, options.terms)
    within = 0
    for row, term in terms:
        order = ranked(coder, term)[:3]
        held = any(c.startswith(table.codes[row]) for c in order)
        within += held
        if not held:
            failures["term"].append(f"{table.codes[row]} {term} -> {order}")
    for kind, rows in failures.items():
        for line in rng.sample(rows, min(options.show, len(rows))):
            print(kind, line)
    print(
        json.dumps(
            {
                "codes": len(leaves),
                "first": round(first / len(leaves), 4),
                "listed": round(listed / len(leaves), 4),
                "edited": edits,
                "edited_first": round(edited_first / max(1, edits), 4),
                "inclusion_terms": len(terms),
                "inclusion_in_first_three": round(within / max(1, len(terms)), 4),
            }
        )
    )


if __name__ == "__main__":
    main()
