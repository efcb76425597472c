"""The first pass: which mentions may be coded, and as what."""

from __future__ import annotations

import pytest

from cac.rules.gate import gate
from cac.types import Scope, Setting
from tests.rules.synthetic import RULES, TABLE, build


@pytest.mark.parametrize(
    ("given", "setting", "scope", "codes", "reasons"),
    [
        ("J18.9", "outpatient", "reportable", ["J18.9"], []),
        # denied, conditional, planned, somebody else's: never a code, in no setting and scope
        ("J18.9!negated", "inpatient", "documented", [], ["negated"]),
        ("J18.9!hypothetical", "inpatient", "documented", [], ["hypothetical"]),
        ("J18.9!planned", "inpatient", "reportable", [], ["planned"]),
        ("J18.9!other_person", "inpatient", "reportable", [], ["other_person"]),
        # uncertain: by setting (II.H, IV.H), but for what has to be confirmed
        ("J18.9!uncertain", "outpatient", "reportable", [], ["uncertain"]),
        ("J18.9!uncertain", "inpatient", "reportable", ["J18.9"], []),
        ("U07.1!uncertain", "inpatient", "reportable", [], ["uncertain"]),
        ("J10.1!uncertain", "inpatient", "reportable", ["J11.1"], []),
        # over: history, or current all the same
        ("C50.911!historical", "outpatient", "reportable", ["Z85.3"], []),
        ("C50.911!historical", "outpatient", "documented", ["C50.911"], []),
        ("I10!historical", "outpatient", "reportable", ["I10"], []),
        ("I10!historical=resolved", "outpatient", "reportable", ["Z86.79"], []),
        ("R07.9!historical", "outpatient", "reportable", [], ["historical"]),
        ("Z95.0!historical", "outpatient", "reportable", ["Z95.0"], []),
        ("Z72.0!historical", "outpatient", "reportable", ["Z87.891"], []),
        # substances: current in a list, over or in remission where words say so
        ("F17.210!listed", "outpatient", "reportable", ["F17.210"], []),
        ("F17.210!historical", "outpatient", "reportable", ["Z87.891"], []),
        ("F10.20!listed", "outpatient", "reportable", ["F10.20"], []),
        ("F10.20!historical", "outpatient", "reportable", ["F10.21"], []),
        ("C50.911!listed", "outpatient", "reportable", ["Z85.3"], []),
        # a relative's
        ("C50.911!family", "outpatient", "reportable", ["Z80.3"], []),
        ("Z80.3!family", "outpatient", "reportable", ["Z80.3"], []),
        ("R07.9!family", "outpatient", "reportable", [], ["family"]),
        # sections
        ("I10#labs", "outpatient", "documented", [], ["section"]),
        ("K80.20#psh", "outpatient", "documented", [], ["section"]),
        ("Z90.49#psh", "outpatient", "reportable", ["Z90.49"], []),
        ("J45.909#allergies", "outpatient", "documented", [], ["section"]),
        ("Z88.0#allergies", "outpatient", "reportable", ["Z88.0"], []),
        ("T78.01XA#allergies", "outpatient", "reportable", ["Z91.010"], []),
        ("T78.01XA", "outpatient", "reportable", ["T78.01XA"], []),
        ("E11.9#medications", "outpatient", "reportable", [], ["section"]),
        ("E11.9#medications", "outpatient", "documented", ["E11.9"], []),
        ("F17.210#social_history", "outpatient", "reportable", ["F17.210"], []),
        # an operation that is described is not yet the state after it (I.C.21.c.3)
        ("Z90.5#operative_details", "inpatient", "documented", [], ["procedure"]),
        ("Z90.5!historical", "inpatient", "reportable", ["Z90.5"], []),
        ("Z90.5#pmh", "outpatient", "reportable", ["Z90.5"], []),
        # the same code twice is one candidate
        ("J18.9 J18.9", "outpatient", "reportable", ["J18.9"], []),
    ],
)
def test_outcomes(given: str, setting: Setting, scope: Scope, codes: list[str], reasons: list[str]) -> None:
    note, mentions = build(given)
    gated = gate(note, mentions, setting=setting, scope=scope, table=TABLE, rules=RULES)
    assert [c.code for c in gated.candidates] == codes
    assert [n.reason for n in gated.not_coded] == reasons
    assert all(n.citation for n in gated.not_coded)


@pytest.mark.parametrize(
    ("given", "rule", "codes"),
    [
        ("I10!historical", "lifelong-heart", ["Z86.79"]),
        ("C50.911!historical", "hist-breast", []),
        ("C50.911!family", "fam-breast-cancer", []),
        ("K80.20#psh", "section-psh", ["K80.20"]),
    ],
)
def test_rules_can_be_switched_off(given: str, rule: str, codes: list[str]) -> None:
    note, mentions = build(given)
    gated = gate(
        note,
        mentions,
        setting="outpatient",
        scope="reportable",
        table=TABLE,
        rules=RULES,
        disabled=frozenset({rule}),
    )
    assert [c.code for c in gated.candidates] == codes


def test_the_ledger_shows_the_words_that_decided() -> None:
    note, mentions = build("J18.9!negated=no+pneumonia")
    (line,) = gate(
        note, mentions, setting="outpatient", scope="reportable", table=TABLE, rules=RULES
    ).not_coded
    assert line.cue is not None
    assert note.text[line.cue.start : line.cue.end] == line.cue.text == "no pneumonia"
