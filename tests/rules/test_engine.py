"""Invariants of the rules on sets of codes put together at random."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from cac.rules.engine import apply_rules
from cac.rules.gate import gate
from cac.rules.state import State
from tests.rules.synthetic import RULES, TABLE, TABULAR, again, build, plain, run
from tests.rules.test_rule_cases import CASES

# Codes that rules are about, from the cases, and a few that none is about.
POOL = sorted({item.partition("@")[0] for c in CASES for item in c["expected"].split()} | {"M10.9", "L84"})
# Cases put together: what one rule adds is what another one waits for.
SEEDS = [c["given"].split() for c in CASES if c["polarity"] == "positive" and "!" not in c["given"]]

sets_of_codes = st.lists(st.sampled_from(POOL), min_size=1, max_size=12, unique=True) | st.lists(
    st.sampled_from(SEEDS), min_size=1, max_size=5
).map(lambda cases: list({item.partition("@")[0].partition("=")[0]: None for c in cases for item in c}))
relaxed = settings(max_examples=150, deadline=None)


@relaxed
@given(sets_of_codes, st.data())
def test_the_order_of_mentions_and_candidates_does_not_matter(codes: list[str], data: st.DataObject) -> None:
    text = " ".join(codes)
    order = data.draw(st.permutations(range(len(codes))))
    assert run(text).ruled == run(text, order=order).ruled
    note, mentions = build(text)
    gated = gate(note, mentions, setting="outpatient", scope="reportable", table=TABLE, rules=RULES)
    by_code = {c.code: c for c in gated.candidates}
    turned = {
        code: replace(c, mentions=c.mentions[::-1]) for code, c in sorted(by_code.items(), reverse=True)
    }
    assert again(note, by_code) == again(note, turned)


@relaxed
@given(sets_of_codes)
def test_applying_the_rules_again_changes_nothing(codes: list[str]) -> None:
    note, _ = build(" ".join(codes))
    first = run(" ".join(codes)).ruled
    second = again(note, {c.code: plain(c) for c in first.candidates})
    assert [c.code for c in second.candidates] == [c.code for c in first.candidates]


@relaxed
@given(sets_of_codes)
def test_no_two_codes_exclude_each_other(codes: list[str]) -> None:
    left = sorted(run(" ".join(codes)).codes)
    pairs = [(a, b) for a in left for b in left if a < b and TABULAR.exclude_each_other(a, b)]
    assert pairs == []


@relaxed
@given(sets_of_codes)
def test_what_is_gone_is_in_the_ledger_and_something_always_stays(codes: list[str]) -> None:
    ruled = run(" ".join(codes)).ruled
    left = {c.code for c in ruled.candidates}
    logged = {code for line in ruled.not_coded for code in line.codes}
    assert {c for c in codes if c in TABLE.row_of} - left <= logged
    assert not left & logged
    assert all(line.citation and line.reason for line in ruled.not_coded)
    alone = {"needs_companion"}
    assert left or {line.reason for line in ruled.not_coded} <= alone
    assert all(c.mentions for c in ruled.candidates)


@relaxed
@given(sets_of_codes, st.data())
def test_the_better_documented_of_two_excluding_codes_stays(codes: list[str], data: st.DataObject) -> None:
    """Among codes of one standing; whatever the strengths, no pair is left."""
    strengths = {c: data.draw(st.integers(0, 3)) for c in codes}
    note, mentions = build(" ".join(codes))
    gated = gate(note, mentions, setting="outpatient", scope="reportable", table=TABLE, rules=RULES)
    ruled = apply_rules(
        note,
        {c.code: c for c in gated.candidates},
        scope="reportable",
        rules=RULES,
        tabular=TABULAR,
        strength=lambda c: strengths.get(c.code, 1),
    )
    left = sorted(c.code for c in ruled.candidates)
    assert not [(a, b) for a in left for b in left if a < b and TABULAR.exclude_each_other(a, b)]


def test_excludes1_keeps_the_stronger_and_spares_the_third() -> None:
    # M54.2 gives way to the disc; R-codes give way to diagnoses; both by their note
    assert run("R07.9 I21.4").codes == {"I21.4"}
    # switched off, both stay
    excluded = next(c["given"] for c in CASES if c["rule"] == "sup-f10-abuse" and c["polarity"] == "positive")
    off = ("excludes1", "sup-f10-abuse", "more-specific")
    assert run(excluded, disabled=off).codes == set(excluded.split())
    assert len(run(excluded, disabled=("sup-f10-abuse",)).codes) == 1


def test_documented_scope_keeps_the_parts() -> None:
    note, mentions = build("I10 N18.4 J18.9 R05.9 E11.9 E11.65")
    gated = gate(note, mentions, setting="outpatient", scope="documented", table=TABLE, rules=RULES)
    ruled = apply_rules(
        note,
        {c.code: c for c in gated.candidates},
        scope="documented",
        rules=RULES,
        tabular=TABULAR,
        strength=lambda c: 0.0,
    )
    assert [c.code for c in ruled.candidates] == ["E11.65", "I10", "J18.9", "N18.4", "R05.9"]


def test_an_added_code_has_the_words_of_its_parts() -> None:
    ruled = run("I10=hypertension N18.4=CKD+4").ruled
    (added,) = [c for c in ruled.candidates if c.code == "I12.9"]
    assert added.implied
    note, _ = build("I10=hypertension N18.4=CKD+4")
    assert [note.text[m.start : m.end] for m in added.mentions] == ["hypertension", "CKD 4"]
    (finding,) = added.findings
    assert (finding.rule, finding.citation) == ("htn-ckd", "I.C.9.a.2")


def test_an_injury_has_one_phase_of_care() -> None:
    # followed up in one place, named alone in another
    assert run("S93.402D S93.402A").codes == {"S93.402D"}
    assert run("S93.409D S93.402A").codes == {"S93.402D"}
    # another side, another injury, a rule that is off
    assert run("S93.401D S93.402A").codes == {"S93.401D", "S93.402A"}
    assert run("S83.92XD S93.402A").codes == {"S83.92XD", "S93.402A"}
    assert run("S93.402D S93.402A", disabled=("one-phase",)).codes == {"S93.402A", "S93.402D"}


def test_a_family_whose_codes_have_been_dropped_is_no_family() -> None:
    note, _ = build("S52.501A S52.501D M10.9")
    candidates = {
        c.code: plain(c) for c in run("S52.501A S52.501D M10.9", disabled=("one-phase",)).ruled.candidates
    }
    state = State(note, candidates, TABULAR, frozenset(), RULES.matcher)
    assert state.families("first") == [["S52.501A", "S52.501D"]] and state.families("first") == []
    for code in ("S52.501A", "S52.501D"):
        state.drop(code, "superseded", "I.B.18")
        # One code is no family, and none is none: what was grouped before the drop is looked at again.
        assert state.families(f"after {code}") == []
    assert list(state.live) == ["M10.9"]
