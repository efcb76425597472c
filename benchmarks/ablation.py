"""The worth of each part of the score and of each kind of rule, by leaving it out.

    python benchmarks/ablation.py SCOPE GOLD.jsonl[=SETTING] ... [--bootstrap N]

One run of the whole library a part and a gold file (those of ``cac.evaluate``; the setting after "="
holds for notes that do not say their own). A part of the score is left out by giving it no weight, a
kind of rule by switching its rules off. "same threshold" is how the library would do without the part;
"best threshold" allows for the scale it takes along: the threshold that is best on these very notes,
for the full score alike, so both columns flatter and only their difference to the first row counts.
Prints a Markdown table a file. ``--bootstrap`` adds the paired 95% interval of the difference at the
same threshold.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from fit_weights import measured, path_and_setting, read
from fitting import RememberingCoder, collect, in_force

from cac.config import Config
from cac.evaluation import Evaluation, GoldNote, evaluate
from cac.rank.score import Weights, load_weights
from cac.resources import data_text
from cac.rules.tables import load_rules
from cac.types import Scope

NOT_A_PART = ("prior", "threshold")
SWITCHABLE = (
    "combination companion family history integral lifelong past_only refine sequela superseded unconfirmed"
).split()
"""Rule tables whose rows can be switched off one by one."""


def parts(weights: Weights) -> Iterator[tuple[str, Weights]]:
    """Each part of the score with the weights that are left without it."""
    groups: dict[str, list[str]] = {}
    for name in weights:
        if name not in NOT_A_PART:
            groups.setdefault(name.split(":")[0], []).append(name)
    for group, names in groups.items():
        value = 0.0
        if group == "section":
            # Without sections every mention stands in the average place.
            value = float(np.mean([weights[n] for n in names]))
        yield group, {**weights, **dict.fromkeys(names, value)}


def rule_kinds() -> dict[str, frozenset[str]]:
    """Kind of rule → ids of its rules, for the kinds that decide which codes there are."""
    kinds: dict[str, frozenset[str]] = {
        "section defaults": frozenset(rule.id for rule in load_rules().sections.values()),
        "more-specific": frozenset(["more-specific"]),
        "excludes1": frozenset(["excludes1"]),
    }
    for kind in SWITCHABLE:
        text = data_text(f"rules/{kind}.csv")
        kinds[kind] = frozenset(row["id"] for row in csv.DictReader(text.splitlines()))
    return kinds


def at_best(coder: RememberingCoder, gold: Sequence[GoldNote], scope: Scope, weights: Weights) -> float:
    """Exact micro-F1 at the threshold that is best on these notes."""
    return measured(collect(coder, gold, scope, weights), weights)["micro_f1_at_best_threshold"]


def table(gold: Sequence[GoldNote], scope: Scope, n_boot: int) -> list[tuple[str, ...]]:
    """One row a part that is left out, the full library first."""
    weights = load_weights(scope)
    coder = RememberingCoder()

    def run(weighted: Weights, using: RememberingCoder = coder) -> tuple[Evaluation, float]:
        with in_force(weighted, using):
            measured_run = evaluate(gold, scope=scope, n_boot=n_boot)
        return measured_run, at_best(using, gold, scope, weighted)

    full = run(weights)
    rows = [_row("(nothing)", full, full, n_boot)]
    for name, left in parts(weights):
        if left != weights:
            rows.append(_row(name, run(left), full, n_boot))
    for kind, ids in rule_kinds().items():
        without = RememberingCoder(Config(disabled_rules=ids))
        without.found = coder.found
        rows.append(_row(f"rules: {kind}", run(weights, without), full, n_boot))
    return [rows[0], *sorted(rows[1:], key=lambda r: (float(r[2]), r[0]))]


def _row(
    name: str, one: tuple[Evaluation, float], whole: tuple[Evaluation, float], n_boot: int
) -> tuple[str, ...]:
    (run, best), (full, full_best) = one, whole
    f1 = run["exact", "micro_f1"]
    cells = [f"{f1:.4f}", f"{f1 - full['exact', 'micro_f1']:+.4f}"]
    if n_boot:
        step = next(m for m in full.diff(run).metrics if m[:2] == ("exact", "micro_f1"))
        cells.append(f"{step[5]:+.4f} to {step[6]:+.4f}")
    cells += [f"{best - full_best:+.4f}"]
    cells += [f"{run[k] - full[k]:+.4f}" for k in (("category", "micro_f1"), ("ranking", "map"))]
    return (name, *cells)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("scope", choices=("reportable", "documented"))
    parser.add_argument("gold", nargs="+", metavar="GOLD[=SETTING]")
    parser.add_argument("--bootstrap", type=int, default=0, metavar="N")
    arguments = parser.parse_args(argv)
    interval = ["95% interval"] if arguments.bootstrap else []
    heads = ["left out", "exact F1", "difference", *interval, "at best threshold", "category F1", "MAP"]
    for name in arguments.gold:
        rows = table(read(name, arguments.scope), arguments.scope, arguments.bootstrap)
        print(f"### {Path(path_and_setting(name)[0]).stem}, {arguments.scope}\n")
        print("| " + " | ".join(heads) + " |")
        print("|" + "---|" * len(heads))
        for row in rows:
            print("| " + " | ".join(row) + " |")
        print()
        sys.stdout.flush()


if __name__ == "__main__":
    main()
