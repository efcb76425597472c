"""What the coding rules cost, beside spaCy's blank English tokenizer.

    python benchmarks/rules_cost.py NOTES.jsonl [N]

Two ways of asking. *Parts*: mentions, assertions and drugs are found beforehand, and each stage runs alone:
the rules (gate, engine and the order of the list) and what explains and completes their answer (harm by
drugs, measures, MEAT, queries). *Added*: whole answers with the rules, and with nothing but affirmed mentions
grouped by code in their place, in turn.

Of every note the quickest of several rounds counts, for the tokenizer as well: what else the machine does
can only add to a time. Prints one JSON object in multiples of the tokenizer.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from unittest import mock

import spacy
from reading import notes

from cac.coder import Coder
from cac.codes.table import CodeTable
from cac.extract.drugs import find_drugs
from cac.extract.harm import harm_mentions
from cac.extract.measures import measure_mentions
from cac.queries import documentation_queries
from cac.rank.meat import Meat
from cac.rank.score import explain, load_weights, note_facts
from cac.rules.engine import Ruled, apply_rules
from cac.rules.gate import Gated, gate
from cac.rules.sequence import in_order
from cac.text.reader import read
from cac.types import Candidate, Mention

ROUNDS = 12
RULES = ("gate", "engine", "order")

Part = Callable[[int], object]


def quickest(parts: dict[str, Part], size: int, before: Callable[[], object] = list) -> dict[str, float]:
    """Microseconds a note of each part: the mean over the notes of their quickest rounds."""
    best = {name: [float("inf")] * size for name in parts}
    clock = time.perf_counter_ns
    for _ in range(ROUNDS):
        for name, part in parts.items():
            before()
            # What was set up is kept out of collections.
            gc.collect()
            gc.freeze()
            least = best[name]
            for i in range(size):
                start = clock()
                part(i)
                least[i] = min(least[i], clock() - start)
    return {name: sum(least) / size / 1000 for name, least in best.items()}


def stages(coder: Coder, texts: list[str]) -> tuple[dict[str, Part], Callable[[], object]]:
    """The stages by name, and what has to be done before each is timed."""
    release, weights = coder.release(), load_weights("reportable")
    known = release.table.row_of
    read_notes = [read(t) for t in texts]
    drugs = [find_drugs(n) for n in read_notes]
    mentions = [coder._mentions(n, release, coder.config, d) for n, d in zip(read_notes, drugs, strict=True)]
    plain = [[m for m in ms if not m.codes[0].startswith(("Z79", "Z68"))] for ms in mentions]
    facts = [note_facts(n, ms, release.index) for n, ms in zip(read_notes, mentions, strict=True)]
    results = [coder.suggest(t, systems=("ICD-10-CM",)) for t in texts]

    def gated(i: int) -> Gated:
        return gate(
            read_notes[i],
            mentions[i],
            setting="outpatient",
            scope="reportable",
            table=release.table,
            rules=coder.rules,
        )

    gates = [gated(i) for i in range(len(texts))]

    def ruled(i: int) -> Ruled:
        note, fact = read_notes[i], facts[i]
        return apply_rules(
            note,
            {c.code: c for c in gates[i].candidates},
            scope="reportable",
            rules=coder.rules,
            tabular=release.tabular,
            strength=lambda c: explain(note, c, fact, weights).log_odds,
        )

    finals = [ruled(i) for i in range(len(texts))]
    codes = [{s.code for s in r} for r in results]

    def scored() -> None:
        """The ranking explains what is left whatever the rules ask; they pay for what they drop."""
        for note, fact, final in zip(read_notes, facts, finals, strict=True):
            fact.explained.clear()
            for c in final.candidates:
                explain(note, c, fact, weights)

    def meat(i: int) -> object:
        found = Meat(read_notes[i], drugs[i])
        return [found.of(c) for c in finals[i].candidates if c.code in codes[i]]

    def queries(i: int) -> object:
        return documentation_queries(
            read_notes[i],
            finals[i].candidates,
            results[i].suggestions,
            release.table,
            gates[i].candidates,
            gates[i].not_coded,
        )

    parts: dict[str, Part] = {
        "gate": gated,
        "engine": ruled,
        "order": lambda i: in_order([s.code for s in results[i]], release.tabular),
        "harm": lambda i: harm_mentions(read_notes[i], drugs[i], plain[i], known),
        "measures": lambda i: measure_mentions(read_notes[i], plain[i], known),
        "meat": meat,
        "queries": queries,
    }
    return parts, scored


def without_rules() -> dict[str, Any]:
    """What stands in the place of the rules where they are left out, by dotted name."""

    def grouped(note: object, mentions: Iterable[Mention], *, table: CodeTable, **_: object) -> Gated:
        by_code: dict[str, list[Mention]] = {}
        for m in mentions:
            if m.assertion.affirmed:
                for code in m.codes:
                    by_code.setdefault(code, []).append(m)
        return Gated(tuple(Candidate(code, tuple(ms)) for code, ms in sorted(by_code.items())), ())

    return {
        "cac.coder.gate": grouped,
        "cac.coder.apply_rules": lambda note, candidates, **_: Ruled(tuple(candidates.values()), ()),
        "cac.rank.ranking.in_order": lambda codes, *_: list(codes),
    }


def main(path: str, count: str = "200") -> None:
    texts = notes(Path(path), int(count))
    coder, nlp = Coder(), spacy.blank("en")
    parts, before = stages(coder, texts)
    found = quickest({"tokenizer": lambda i: nlp(texts[i]), **parts}, len(texts), before)
    base = found.pop("tokenizer")

    def answer(i: int) -> object:
        return coder.suggest(texts[i], systems=("ICD-10-CM",))

    def bare(i: int) -> object:
        patches = [mock.patch(name, stand_in) for name, stand_in in without_rules().items()]
        for patch in patches:
            patch.start()
        start = time.perf_counter_ns()
        answer(i)
        spent[i] = min(spent[i], time.perf_counter_ns() - start)
        for patch in patches:
            patch.stop()
        return None

    spent = [float("inf")] * len(texts)
    whole = quickest({"answer": answer, "bare": bare}, len(texts))["answer"]
    added = whole - sum(spent) / len(texts) / 1000
    out = {
        "notes": len(texts),
        "tokenizer_us_a_note": round(base, 1),
        "times_tokenizer": {name: round(us / base, 3) for name, us in found.items()},
        "rules": round(sum(found[name] for name in RULES) / base, 3),
        "all_parts": round(sum(found.values()) / base, 3),
        "rules_add_to_an_answer": round(added / base, 3),
    }
    print(json.dumps(out, indent=2))


if __name__ == "__main__":
    main(*sys.argv[1:])
