"""What the coding rules cost: gate and engine alone, beside spaCy's blank English tokenizer.

    python benchmarks/rules_cost.py NOTES.jsonl [N]

Mentions, assertions and drugs are found beforehand; timed are the gate, the engine, the order of the list,
harm by drugs, measures, MEAT and queries, each over the same notes. Prints one JSON object: milliseconds a
note and multiples of the tokenizer.
"""

from __future__ import annotations

import gc
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import spacy

from cac.coder import Coder
from cac.extract.drugs import find_drugs
from cac.extract.harm import harm_mentions
from cac.extract.measures import measure_mentions
from cac.queries import documentation_queries
from cac.rank.meat import Meat
from cac.rank.score import explain, load_weights, note_facts
from cac.rules.engine import apply_rules
from cac.rules.gate import gate
from cac.rules.sequence import in_order
from cac.text.reader import read

ROUNDS = 5


def timed(work: Callable[[], object], before: Callable[[], object] = list) -> float:
    """Median seconds of the processor for one pass: other work on the machine does not count."""
    seconds = []
    for _ in range(ROUNDS):
        before()
        # What was set up is kept out of collections.
        gc.collect()
        gc.freeze()
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds)


def main(path: str, count: str = "200") -> None:
    with Path(path).open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines if line.strip()]
    texts = [t for t in texts if len(t) > 500]
    random.Random(11).shuffle(texts)
    texts = texts[: int(count)]
    coder = Coder()
    release, weights = coder.release(), load_weights("reportable")
    known = release.table.row_of
    nlp = spacy.blank("en")
    base = timed(lambda: [nlp(t) for t in texts])

    read_notes = [read(t) for t in texts]
    drugs = [find_drugs(n) for n in read_notes]
    mentions = [coder._mentions(n, release, coder.config, d) for n, d in zip(read_notes, drugs, strict=True)]
    plain = [[m for m in ms if not m.codes[0].startswith(("Z79", "Z68"))] for ms in mentions]
    facts = [note_facts(n, ms, release.index) for n, ms in zip(read_notes, mentions, strict=True)]
    results = [coder.suggest(t, systems=("ICD-10-CM",)) for t in texts]

    def gated(i: int) -> object:
        return gate(
            read_notes[i],
            mentions[i],
            setting="outpatient",
            scope="reportable",
            table=release.table,
            rules=coder.rules,
        )

    gates = [gated(i) for i in range(len(texts))]

    def ruled(i: int) -> object:
        note, fact = read_notes[i], facts[i]
        return apply_rules(
            note,
            {c.code: c for c in gates[i].candidates},  # type: ignore[attr-defined]
            scope="reportable",
            rules=coder.rules,
            tabular=release.tabular,
            strength=lambda c: explain(note, c, fact, weights).log_odds,
        )

    finals = [ruled(i) for i in range(len(texts))]

    def scored() -> None:
        """The ranking explains what is left whatever the rules ask; they pay for what they drop."""
        for note, fact, final in zip(read_notes, facts, finals, strict=True):
            fact.explained.clear()
            for c in final.candidates:  # type: ignore[attr-defined]
                explain(note, c, fact, weights)

    def meat(i: int) -> object:
        found = Meat(read_notes[i], drugs[i])
        codes = {s.code for s in results[i]}
        return [found.of(c) for c in finals[i].candidates if c.code in codes]  # type: ignore[attr-defined]

    def queries(i: int) -> object:
        return documentation_queries(
            read_notes[i],
            finals[i].candidates,  # type: ignore[attr-defined]
            results[i].suggestions,
            release.table,
            gates[i].candidates,  # type: ignore[attr-defined]
            gates[i].not_coded,  # type: ignore[attr-defined]
        )

    parts: dict[str, Callable[[int], object]] = {
        "gate": gated,
        "engine": ruled,
        "order": lambda i: in_order([s.code for s in results[i]], release.tabular),
        "harm": lambda i: harm_mentions(read_notes[i], drugs[i], plain[i], known),
        "measures": lambda i: measure_mentions(read_notes[i], plain[i], known),
        "meat": meat,
        "queries": queries,
    }
    out: dict[str, object] = {"notes": len(texts), "tokenizer_ms_a_note": round(1000 * base / len(texts), 3)}
    total = 0.0
    for name, work in parts.items():
        run = lambda work=work: [work(i) for i in range(len(texts))]  # type: ignore[misc]  # noqa: E731
        seconds = timed(run, scored)
        total += seconds
        out[name] = {
            "ms_a_note": round(1000 * seconds / len(texts), 4),
            "x_tokenizer": round(seconds / base, 3),
        }
    out["together_x_tokenizer"] = round(total / base, 3)
    print(json.dumps(out, indent=2))


if __name__ == "__main__":
    main(*sys.argv[1:])
