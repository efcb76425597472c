"""How well are titles taken apart? Over every row of every packaged release.

    python benchmarks/axes.py [--show 40]

- in_order: the axes and the words between them are the title again, no value is empty, and every word
  between them is a connecting word of the data (``kind`` connective or clause), so that nothing that
  means something hides between the axes;
- as_bag: the words of the *values* (what a caller reads), connecting words dropped, are the words of the
  title, each as often;
- residue: of the words left in "condition", the share that lie in a whole value of a closed axis (site,
  side, acuity, severity, type, stage, organism ...) of some other title; ``residue_words`` counts every
  word that stands in any such value ("fracture" does, in "open fracture"), and is an upper bound;
- with_axis: titles from which at least one axis besides the condition was taken.

Prints one JSON object; ``--show`` first prints the most frequent left-over words and failures.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter

from cac.codes.axes import Axis, connecting_words, recompose
from cac.codes.releases import known_releases
from cac.codes.table import CodeTable

OPEN = frozenset(
    "condition cause with without aside agent place activity setting other unspecified range fracture "
    "encounter healing".split()
)
WORD = re.compile(r"[^\W_]+(?:['’./+-][^\W_]+)*")


def words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def in_order(title: str, axes: tuple[Axis, ...], connecting: frozenset[str]) -> bool:
    between = [w for a in axes for w in words(f"{a.before} {a.after}")]
    return recompose(axes) == title and all(a.value for a in axes) and connecting.issuperset(between)


def as_bag(title: str, axes: tuple[Axis, ...], connecting: frozenset[str]) -> bool:
    told = Counter(w for a in axes for w in words(a.value) if w not in connecting)
    return told == Counter(w for w in words(title) if w not in connecting)


def values_in(condition: list[str], phrases: set[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The values that stand in a condition, from the left, longest first, none over another."""
    found, i = [], 0
    while i < len(condition):
        size = next((n for n in range(6, 0, -1) if tuple(condition[i : i + n]) in phrases), 0)
        if size:
            found.append(tuple(condition[i : i + size]))
        i += size or 1
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args()
    connecting = connecting_words()
    titles = ordered = bags = taken = 0
    left: Counter[str] = Counter()
    conditions: Counter[str] = Counter()
    phrases: set[tuple[str, ...]] = set()
    values: dict[str, set[str]] = {}
    failures: list[str] = []
    names: Counter[str] = Counter()
    for release in known_releases():
        table = CodeTable.open(release.name)
        for row in range(len(table)):
            title, axes = table.title(row), table.axes(row)
            whole, bag = in_order(title, axes, connecting), as_bag(title, axes, connecting)
            titles += 1
            ordered += whole
            bags += bag
            taken += any(a.name != "condition" for a in axes)
            names.update({a.name for a in axes})
            if not (whole and bag):
                failures.append(f"{table.codes[row]} {title} -> {[a.value for a in axes]}")
            for a in axes:
                if a.name == "condition":
                    left.update(w for w in words(a.value) if w not in connecting)
                    conditions[a.value] += 1
                elif a.name not in OPEN:
                    phrases.add(tuple(words(a.value)))
                    for w in words(a.value):
                        values.setdefault(w, set()).add(a.name)
    whole_values: Counter[str] = Counter()
    for text, n in conditions.items():
        for value in values_in(words(text), phrases):
            whole_values[" ".join(value)] += n * len(value)
    for line in failures[: options.show]:
        print("failed", line)
    for value, n in sorted(whole_values.items(), key=lambda p: (-p[1], p[0]))[: options.show]:
        print("left", n, value)
    print(
        json.dumps(
            {
                "titles": titles,
                "in_order": round(ordered / titles, 5),
                "as_bag": round(bags / titles, 5),
                "with_axis": round(taken / titles, 4),
                "condition_words": sum(left.values()),
                "residue": round(sum(whole_values.values()) / max(1, sum(left.values())), 4),
                "residue_words": round(
                    sum(n for w, n in left.items() if w in values) / max(1, sum(left.values())), 4
                ),
                "titles_with": dict(sorted(names.items())),
            }
        )
    )


if __name__ == "__main__":
    main()
