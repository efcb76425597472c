"""Candidates without a lexicon: a case line becomes a note, its mentions, and what the rules make of them.

A case lists codes separated by blanks. Behind a code may stand, in this order::

    N18.4@1              sentence 1; codes without a number stand in sentences of their own
    C50.919!historical   a dimension of the assertion
    F10.10!listed        historical because of the header of the list alone
    R33.9!inner          only part of the larger mention before it
    J44.9#allergies      the kind of section
    G62.9=words+of+it    the words of the mention ("+" for a blank)
    I15.9~due+to         words behind the mention
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cac.codes.table import CodeTable
from cac.rules.engine import Ruled, apply_rules
from cac.rules.gate import gate
from cac.rules.tables import load_rules
from cac.rules.tabular import TabularNotes
from cac.types import Assertion, Candidate, Cue, Mention, Note, Section, Sentence, Setting, Span, Tokens

TABLE = CodeTable.open("2026-04")
TABULAR = TabularNotes(TABLE)
RULES = load_rules()

HEADER = "NOTE:"
_ITEM = re.compile(r"([A-Z][0-9A-Z.]+)(?:@(\d))?(?:!([a-z_]+))?(?:#([a-z_]+))?(?:=([^\s~]+))?(?:~(\S+))?")


@dataclass(frozen=True)
class Outcome:
    """The codes that stand, and everything else the rules said about it."""

    codes: frozenset[str]
    ruled: Ruled
    gated: object


def build(given: str) -> tuple[Note, list[Mention]]:
    """A note that names every code of a case, and the mentions in it."""
    items = [_ITEM.fullmatch(item) for item in given.split()]
    assert all(items), f"not a case: {given}"
    numbered: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        numbered.setdefault(f"@{item[2]}" if item[2] else f"alone {place}", []).append(place)  # type: ignore[index]
    text, sentences, mentions = HEADER, [], []
    for number, places in enumerate(numbered.values()):
        start = len(text)
        for place in places:
            code, _, flag, section, words, behind = items[place].groups()  # type: ignore[union-attr]
            words = (words or code).replace("+", " ")
            inner = flag == "inner"
            if inner and mentions:
                begin, end = mentions[-1].start, mentions[-1].end
            else:
                begin = len(text)
                text += words
                end = begin + len(words)
                text += (f" {behind}" if behind else "").replace("+", " ") + ", "
            flag = None if inner else flag
            cues = (Cue(flag, begin, end, begin, end, words),) if flag else ()
            if flag == "listed":
                flag = "historical"
                cues = (Cue(flag, 0, len(HEADER), len(HEADER), end, HEADER),)
            assertion = Assertion(**{flag: True}, cues=cues) if flag else Assertion()
            mentions.append(
                Mention(
                    (Span(begin, end),),
                    (code,),
                    "inner" if inner else "exact",
                    1.0,
                    sentence=number,
                    section=section or "assessment",
                    assertion=assertion,
                )
            )
        sentences.append(Sentence(start, len(text), 0, number, 0, 0))
    whole = Section("assessment", len(HEADER), len(text), 0, len(HEADER))
    return Note(text, Tokens((), (), (), ()), (whole,), tuple(sentences)), mentions


def run(
    given: str,
    *,
    setting: Setting = "outpatient",
    disabled: Sequence[str] = (),
    order: Sequence[int] | None = None,
) -> Outcome:
    """Gate and rules on one case; ``order`` shuffles the mentions."""
    note, mentions = build(given)
    if order is not None:
        mentions = [mentions[i] for i in order]
    off = frozenset(disabled)
    gated = gate(note, mentions, setting=setting, scope="reportable", table=TABLE, rules=RULES, disabled=off)
    ruled = again(note, {c.code: c for c in gated.candidates}, disabled=off)
    return Outcome(frozenset(c.code for c in ruled.candidates), ruled, gated)


def again(note: Note, candidates: dict[str, Candidate], *, disabled: frozenset[str] = frozenset()) -> Ruled:
    """The rules alone, every candidate as strong as it has mentions."""
    return apply_rules(
        note,
        candidates,
        scope="reportable",
        rules=RULES,
        tabular=TABULAR,
        strength=lambda c: float(len(c.mentions)),
        disabled=disabled,
    )


def plain(candidate: Candidate) -> Candidate:
    """A candidate without what earlier rules said about it."""
    return replace(candidate, findings=())
