"""Cost of reading a note, as a multiple of what spaCy's blank English tokenizer takes on the same notes.

    python benchmarks/reading.py NOTES.jsonl [N] [--medspacy-python PATH]

NOTES.jsonl holds one JSON object a line with the note in "text". The reading layer is everything before
concepts are looked up, and what is said about them afterwards: tokens, sections and sentences ("read"),
abbreviations and spelling ("stream"), assertion of mentions found beforehand ("assess").

medspaCy is no dependency. With ``--medspacy-python``, the interpreter of an environment that has it runs
this file on the same notes, in rounds of its own, and is compared with the blank tokenizer there: its
tokenizer, PyRuSH, target matcher, context and sectionizer.

Prints one JSON object. "times_blank" is the median of the rounds; each round runs all the parts in turn, so
that a slow moment of the machine falls on all of them, and the multiple is taken within the round. For
"times_blank_quickest" the quickest round of every note counts, of the tokenizer's as well: what else the
machine does can only add to a time.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import spacy

ROUNDS = 9
SEED = 11
# Common problems of clinic notes: fewer than cac finds, so medspaCy has less to assert.
TARGETS = (
    "hypertension",
    "diabetes mellitus",
    "diabetes",
    "chest pain",
    "shortness of breath",
    "fever",
    "nausea",
    "vomiting",
    "pneumonia",
    "asthma",
    "coronary artery disease",
    "atrial fibrillation",
    "headache",
    "abdominal pain",
    "edema",
    "cough",
    "depression",
    "obesity",
    "anemia",
    "fracture",
)

Part = Callable[[int], object]


def main() -> None:
    parser = argparse.ArgumentParser(description="Cost of reading notes, in multiples of a blank tokenizer.")
    parser.add_argument("path", type=Path, help="JSONL of notes, the note in 'text'")
    parser.add_argument("count", type=int, nargs="?", default=150, help="how many notes (default 150)")
    parser.add_argument("--medspacy-python", metavar="PATH", help="interpreter that can import medspacy")
    parser.add_argument("--medspacy-here", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    texts = notes(args.path, args.count)
    if args.medspacy_here:
        print(json.dumps(medspacy_costs(texts)))
        return
    out: dict[str, object] = {
        "notes": len(texts),
        "characters": sum(map(len, texts)),
        "rounds": ROUNDS,
        "cac": cac_costs(texts),
    }
    if args.medspacy_python:
        out["medspacy"] = other_interpreter(args.medspacy_python, args.path, args.count)
    print(json.dumps(out, indent=2))


def notes(path: Path, count: int) -> list[str]:
    """The same sample for everyone who names the same file and number."""
    with path.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines if line.strip()]
    texts = [t for t in texts if len(t) > 500]
    random.Random(SEED).shuffle(texts)
    return texts[:count]


def costs(parts: Mapping[str, Part], size: int) -> dict[str, object]:
    """Milliseconds a note of each part, and multiples of the part "blank"."""
    seconds: dict[str, list[float]] = {name: [] for name in parts}
    quickest = {name: [float("inf")] * size for name in parts}
    clock = time.perf_counter
    # The first pass fills caches and is thrown away. What was set up is kept out of collections.
    for kept in (False, *(True,) * ROUNDS):
        gc.collect()
        gc.freeze()
        for name, part in parts.items():
            spent, least = 0.0, quickest[name]
            for n in range(size):
                start = clock()
                part(n)
                passed = clock() - start
                spent += passed
                least[n] = min(least[n], passed)
            if kept:
                seconds[name].append(spent)
    base = seconds["blank"]
    others = [name for name in parts if name != "blank"]
    return {
        "spacy": spacy.__version__,
        "python": sys.version.split()[0],
        "ms_a_note": {name: round(1000 * statistics.median(s) / size, 3) for name, s in seconds.items()},
        "times_blank": {
            name: round(statistics.median(x / b for x, b in zip(seconds[name], base, strict=True)), 3)
            for name in others
        },
        "times_blank_quickest": {
            name: round(sum(quickest[name]) / sum(quickest["blank"]), 3) for name in others
        },
    }


def cac_costs(texts: list[str]) -> dict[str, object]:
    from cac.codes.table import CodeTable
    from cac.extract.context import assess_spans
    from cac.extract.mentions import find_mentions
    from cac.match.index import TermIndex
    from cac.text.reader import read

    index = TermIndex.open(CodeTable.open())
    stream = index.canon.stream
    read_notes = [read(t) for t in texts]
    spans = [[(m.start, m.end) for m in find_mentions(note, index)] for note in read_notes]
    nlp = spacy.blank("en")

    def assess(n: int) -> object:
        # A note keeps the scopes of its sentences: those of the round before are not reused.
        read_notes[n].scopes.clear()
        return assess_spans(read_notes[n], spans[n])

    def read_assess(n: int) -> object:
        return assess_spans(read(texts[n]), spans[n])

    def read_stream(n: int) -> object:
        return stream(read(texts[n]))

    def layer(n: int) -> object:
        note = read(texts[n])
        stream(note)
        return assess_spans(note, spans[n])

    parts: dict[str, Part] = {
        "blank": lambda n: nlp(texts[n]),
        "read": lambda n: read(texts[n]),
        "stream": lambda n: stream(read_notes[n]),
        "assess": assess,
        "read+assess": read_assess,
        "read+stream": read_stream,
        "read+stream+assess": layer,
    }
    return {"mentions": sum(map(len, spans)), **costs(parts, len(texts))}


def medspacy_costs(texts: list[str]) -> dict[str, object]:
    import medspacy
    from loguru import logger  # a dependency of medspaCy, which logs at debug level in hot code
    from medspacy.target_matcher import TargetRule

    logger.remove()
    blank = spacy.blank("en")

    def pipeline(splitter: str) -> spacy.Language:
        pipes = {"tokenizer", "target_matcher", "context", "sectionizer", splitter} - {""}
        nlp = medspacy.load(medspacy_enable={f"medspacy_{name}" for name in pipes})
        if not splitter:
            # The context component asks for sentences. spaCy's own splitter, at full stops, costs next to
            # nothing.
            nlp.add_pipe("sentencizer", first=True)
        rules = [TargetRule(literal=t, category="PROBLEM") for t in TARGETS]
        nlp.get_pipe("medspacy_target_matcher").add(rules)
        return nlp

    full, plain = pipeline("pyrush"), pipeline("")
    parts: dict[str, Part] = {
        "blank": lambda n: blank(texts[n]),
        "medspacy": lambda n: full(texts[n]),
        "medspacy without PyRuSH": lambda n: plain(texts[n]),
        "tokenizer": lambda n: full.make_doc(texts[n]),
    }
    return {
        "version": getattr(medspacy, "__version__", ""),
        "pipes": full.pipe_names,
        "mentions": sum(len(full(t).ents) for t in texts),
        **costs(parts, len(texts)),
    }


def other_interpreter(python: str, path: Path, count: int) -> object:
    command = [python, str(Path(__file__).resolve()), str(path), str(count), "--medspacy-here"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        return {"failed": lines[-1] if lines else f"exit status {done.returncode}"}
    return json.loads(done.stdout.strip().splitlines()[-1])


if __name__ == "__main__":
    main()
