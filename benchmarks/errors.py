"""Why codes are missed and why there are extra ones, counted by cause.

    python benchmarks/errors.py SCOPE GOLD.jsonl[=SETTING] [--sample N] [--seed S] [--list FILE.csv]

GOLD is what ``cac.evaluate`` takes, with texts; the setting after "=" holds for notes that do not say
their own. Every missed label and every extra code gets the first cause that applies, in the order of
MISSES and EXTRAS below; causes are found by what the library recognised on its way, so they say where
a code was lost, not who is right. Prints two Markdown tables. ``--list`` writes a row a code (note id,
code, cause, detail) without words of any note, to look things up.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fit_weights import path_and_setting, read
from fitting import RememberingCoder, in_force

from cac.coder import Considered
from cac.codes.table import CodeTable
from cac.evaluation import Evaluation, GoldNote, evaluate
from cac.evaluation.result import VerdictRow
from cac.rank.score import load_weights
from cac.types import Candidate, Mention, NotCoded, Scope, Span

MISSES = {
    "not in the release": "the label is no code of the release in force",
    "wrong side": "another side was suggested",
    "detail: too little": "a less specific code was suggested",
    "detail: too much": "a more specific code was suggested",
    "detail: sibling": "a code beside it in the hierarchy was suggested",
    "detail: category": "another code of the category was suggested",
    "below the threshold": "a candidate, with too low a score",
    "assertion": "recognised, and read as denied, possible, past, conditional, planned or a relative's",
    "section": "recognised in a section whose codes are not taken",
    "rule": "recognised, and taken away by a rule",
    "close code below the threshold": "another code of the category is a candidate with too low a score",
    "close code for another label": "another code of the category was suggested and went to another label",
    "close code not coded": "another code of the category was recognised and not coded",
    "read as something else": "the labelled words (or all words of the title) were read as another condition",
    "words not recognised": "the labelled words (or all words of the title) are there; nothing was read",
    "some words in the note": "some words of the title are in the note",
    "no word in the note": "no word of the title is in the note: another wording, or a label from elsewhere",
}
"""Causes of a missed label, in the order they are tried."""

EXTRAS = {
    "wrong side": "the label has another side",
    "detail: too little": "the label is more specific",
    "detail: too much": "the label is less specific",
    "detail: sibling": "the label is a code beside it in the hierarchy",
    "detail: category": "the label is another code of the category",
    "made by a rule": "the code follows from a rule, not from words of its own",
    "history": "a personal- or family-history code from a past condition",
    "abbreviation": "a short form whose sense could not be decided",
    "spelling": "the words were read only after a spelling repair",
    "guessed detail": "the code says more than the note",
    "loose match": "the words are not next to each other, or not those of a title or term",
    "uncertain": "coded although uncertain (inpatient)",
    "status or encounter": "a code of chapter 21",
    "external cause": "a code of chapter 20",
    "symptom": "a code of chapter 18 beside the diagnoses",
    "named outside the assessment": "named only outside the assessment, plan and diagnoses",
    "named in the assessment": "named in the assessment, plan or diagnoses; not labelled",
}
"""Causes of an extra code, in the order they are tried."""

_DETAIL = {
    "wrong_side": "wrong side",
    "less_specific": "detail: too little",
    "more_specific": "detail: too much",
    "sibling": "detail: sibling",
    "same_category": "detail: category",
}
_ASSERTIONS = frozenset("negated uncertain historical hypothetical planned family other_person".split())
_ASSESSED = frozenset(
    "assessment assessment_plan impression diagnosis discharge_diagnosis postop_diagnosis plan".split()
)
_NO_CONTENT = frozenset(
    "a an and as at by due for from in is not of on or other specified the to unspecified with without "
    "initial subsequent encounter sequela disease disorder syndrome elsewhere classified".split()
)
_LOOSE = 0.8


@dataclass(frozen=True)
class Error:
    """One missed or extra code. ``detail`` is a code, a rule, a reason or a section."""

    note: str
    code: str
    side: str
    cause: str
    detail: str


def errors_of(gold: Sequence[GoldNote], scope: Scope) -> tuple[Evaluation, list[Error]]:
    """The run of the library on labelled notes, and why it differs from the labels."""
    coder, weights = RememberingCoder(), load_weights(scope)
    with in_force(weights, coder):
        run = evaluate(gold, scope=scope, n_boot=0)
    by_note: dict[str, list[VerdictRow]] = {}
    for row in run.rows:
        by_note.setdefault(row.id, []).append(row)
    errors: list[Error] = []
    for note in run.gold:
        rows = [r for r in by_note.get(note.id, ()) if r.verdict != "exact"]
        if not rows:
            continue
        options = dict(note.options)
        config = coder.config.override(scope=scope, setting=options.get("setting"))
        release = coder.release(options.get("date_of_service"))
        given = {r.predicted for r in by_note[note.id] if r.predicted}
        seen = coder.consider(note.text or "", config, release, weights)
        for r in rows:
            if r.gold:
                errors.append(Error(note.id, r.gold, "missed", *missed(r, note, seen, given, release.table)))
            if r.predicted:
                errors.append(Error(note.id, r.predicted, "extra", *extra(r, seen)))
    return run, errors


def missed(
    row: VerdictRow, note: GoldNote, seen: Considered, suggested: Collection[str], table: CodeTable
) -> tuple[str, str]:
    """The cause of a missed label and its detail; ``suggested`` are the codes of the answer."""
    code, family = row.gold, row.gold[:3]
    if code not in table.row_of:
        return "not in the release", ""
    if row.verdict in _DETAIL:
        return _DETAIL[row.verdict], row.predicted
    candidates = {c.code: c for c in seen.candidates}
    if code in candidates:
        return "below the threshold", _sections(candidates[code].mentions)
    found = _not_coded(line for line in seen.not_coded if code in line.codes)
    if found is not None:
        return found
    near = sorted(c for c in candidates if c[:3] == family)
    if near:
        below = [c for c in near if c not in suggested]
        if below:
            return "close code below the threshold", below[0]
        return "close code for another label", near[0]
    found = _not_coded(line for line in seen.not_coded if any(c[:3] == family for c in line.codes))
    if found is not None:
        return "close code not coded", f"{found[0]}: {found[1]}"
    return _words(code, note, seen, table)


def _not_coded(lines: Iterable[NotCoded]) -> tuple[str, str] | None:
    """Why mentions of a code are in the ledger; of several reasons the most frequent."""
    reasons = Counter(line.reason for line in lines)
    if not reasons:
        return None
    reason = min(reasons, key=lambda r: (-reasons[r], r))
    if reason in _ASSERTIONS:
        return "assertion", reason
    return ("section" if reason in ("section", "procedure") else "rule"), reason


def _words(code: str, note: GoldNote, seen: Considered, table: CodeTable) -> tuple[str, str]:
    """Whether the words are there, and what they were read as."""
    text = (note.text or "").lower()
    words = content_words(table.title(table.row_of[code]))
    spans = [s for label in note.labels if label.code == code for piece in label.evidence for s in piece]
    if not spans:
        # Without labelled places: where the words of the title stand.
        spans = [m for w in words for m in _places(w, text)]
        there = [w for w in words if _places(w, text)]
        if not there:
            return "no word in the note", ""
        if len(there) < len(words):
            return "some words in the note", ""
    read_as = Counter(
        c for m in seen.mentions if any(own.overlaps(s) for own in m.spans for s in spans) for c in m.codes
    )
    if read_as:
        return "read as something else", min(read_as, key=lambda c: (-read_as[c], c))
    return "words not recognised", ""


@lru_cache(maxsize=10_000)
def content_words(title: str) -> tuple[str, ...]:
    """The words of a title that name something, without plural endings.

    >>> content_words("Other specified disorders of kidneys")
    ('kidney',)
    """
    words = (w.removesuffix("s") for w in re.findall(r"[a-z]{3,}", title.lower()))
    plain = {w.removesuffix("s") for w in _NO_CONTENT}
    return tuple(dict.fromkeys(w for w in words if w not in plain))


def _places(word: str, text: str) -> list[Span]:
    return [Span(m.start(), m.end()) for m in re.finditer(rf"\b{re.escape(word)}", text)]


def extra(row: VerdictRow, seen: Considered) -> tuple[str, str]:
    """The cause of an extra code and its detail."""
    if row.verdict in _DETAIL:
        return _DETAIL[row.verdict], row.gold
    candidate = next(c for c in seen.candidates if c.code == row.predicted)
    code, ms = candidate.code, candidate.mentions
    if candidate.implied:
        return "made by a rule", _rule(candidate)
    if any(f.kind == "history" for f in candidate.findings):
        return "history", _sections(ms)
    for cause, holds in (
        ("abbreviation", all(m.doubt for m in ms)),
        ("spelling", all(m.edits for m in ms)),
        ("guessed detail", all(m.guessed for m in ms)),
        ("loose match", all(m.method != "exact" and m.quality < _LOOSE for m in ms)),
        ("uncertain", all(m.assertion.uncertain for m in ms)),
        ("status or encounter", code[0] == "Z"),
        ("external cause", code[0] in "VWXY"),
        ("symptom", code[0] == "R"),
    ):
        if holds:
            return cause, _sections(ms)
    inside = any(m.section in _ASSESSED for m in ms)
    return ("named in the assessment" if inside else "named outside the assessment"), _sections(ms)


def _rule(candidate: Candidate) -> str:
    return next((f.rule for f in candidate.findings), "")


def _sections(mentions: Iterable[Mention]) -> str:
    return " ".join(sorted({m.section for m in mentions}))


def markdown(errors: Sequence[Error], side: str, causes: dict[str, str]) -> str:
    """Counts by cause with the most frequent details; causes that do not occur are left out."""
    mine = [e for e in errors if e.side == side]
    lines = [f"| cause ({side}) | codes | share | most often | what it means |", "|---|---|---|---|---|"]
    counts = Counter(e.cause for e in mine)
    for cause in sorted(counts, key=lambda c: (-counts[c], c)):
        details = Counter(e.detail for e in mine if e.cause == cause and e.detail)
        top = sorted(details, key=lambda d: (-details[d], d))[:4]
        often = ", ".join(f"{d} {details[d]}" for d in top)
        lines.append(
            f"| {cause} | {counts[cause]} | {counts[cause] / len(mine):.3f} | {often} | {causes[cause]} |"
        )
    lines.append(f"| all | {len(mine)} | | | |")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("scope", choices=("reportable", "documented"))
    parser.add_argument("gold", metavar="GOLD[=SETTING]")
    parser.add_argument("--sample", type=int, metavar="N", help="only N notes, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--list", type=Path, metavar="FILE.csv")
    arguments = parser.parse_args(argv)
    gold = list(read(arguments.gold, arguments.scope))
    if arguments.sample and arguments.sample < len(gold):
        gold = random.Random(arguments.seed).sample(gold, arguments.sample)
    run, errors = errors_of(gold, arguments.scope)
    print(
        f"{len(gold)} notes of {Path(path_and_setting(arguments.gold)[0]).stem}, {arguments.scope}: "
        f"{run.counts()['exact']} codes exact, exact micro-F1 {run['exact', 'micro_f1']:.4f}\n"
    )
    print(markdown(errors, "missed", MISSES))
    print()
    print(markdown(errors, "extra", EXTRAS))
    if arguments.list:
        with arguments.list.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(("note", "side", "code", "cause", "detail"))
            writer.writerows((e.note, e.side, e.code, e.cause, e.detail) for e in errors)


if __name__ == "__main__":
    main()
