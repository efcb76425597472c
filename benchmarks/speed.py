"""Time of each stage, as a multiple of what spaCy's blank English tokenizer takes on the same notes.

    python benchmarks/speed.py NOTES.jsonl [N]

NOTES.jsonl holds one JSON object a line with the note in "text". Prints one JSON object.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import spacy

from cac.coder import Coder
from cac.extract.context import assess_spans
from cac.extract.mentions import find_mentions
from cac.match.alignment import ALIGNMENT
from cac.match.index import TermIndex
from cac.match.matchers import Hit, clauses
from cac.match.protocol import MatchText
from cac.match.standard import BAG, SEQUENCE
from cac.text.reader import read
from cac.text.tokens import tokenize

ROUNDS = 5


def timed(work: Callable[[str], object], texts: Sequence[str]) -> float:
    """Median seconds of one pass over the texts."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for t in texts:
            work(t)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main(path: str, count: str = "200") -> None:
    with Path(path).open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines if line.strip()]
    texts = [t for t in texts if len(t) > 500]
    random.Random(11).shuffle(texts)
    texts = texts[: int(count)]

    start = time.perf_counter()
    coder = Coder()
    coder.suggest("Assessment: hypertension.")
    cold = time.perf_counter() - start
    index: TermIndex = coder.release().index
    nlp = spacy.blank("en")
    for t in texts[:20]:
        nlp(t), coder.suggest(t)

    def mentions(text: str) -> object:
        return find_mentions(read(text), index)

    def asserted(text: str) -> object:
        note = read(text)
        return assess_spans(note, [(m.start, m.end) for m in find_mentions(note, index)])

    base = timed(nlp, texts)

    def prepared(text: str) -> tuple[MatchText, list[Hit]]:
        note = read(text)
        stream = index.canon.stream(note)
        view = MatchText(note, stream, clauses(stream, index))
        return view, [*SEQUENCE.hits(view, index, []), *BAG.hits(view, index, [])]

    ready = {t: prepared(t) for t in texts}
    stages: dict[str, Callable[[str], object]] = {
        "tokens": tokenize,
        "reading": read,
        "mentions": mentions,
        "of which alignment": lambda t: ALIGNMENT.hits(ready[t][0], index, ready[t][1]),
        "assertion": asserted,
        "all": coder.suggest,
    }
    out = {
        "notes": len(texts),
        "characters": sum(map(len, texts)),
        "tokenizer_ms_a_note": round(1000 * base / len(texts), 3),
        "first_answer_s": round(cold, 2),
        "times_tokenizer_up_to": {name: round(timed(work, texts) / base, 3) for name, work in stages.items()},
    }
    print(json.dumps(out, indent=2))


if __name__ == "__main__":
    main(*sys.argv[1:])
