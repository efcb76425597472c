"""Procedure suggestions measured on notes and lines written and labelled for this purpose.

The floors are what the library has to keep; they go up with it and never down. Labels are kept apart from
the tables of the package: a wrong label is corrected here, with its reason, and never answered with a row
for one text.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import cac

from .labelled import Label, expected, is_visit, labels, notes, offends, rows

# Mean over notes of the labelled codes found among the first k of the ranking, of those that fit.
FLOOR_RECALL_5 = 0.905
FLOOR_RECALL_10 = 0.905
# Share of what is suggested that is labelled; share of the codes named as mistakes that are suggested.
FLOOR_PRECISION = 0.915
CEILING_MISTAKES = 0.0125
# Share of short lines with exactly the expected codes; of the codes found, where label or suggestion has more
# than one unit (a modifier), those where both agree.
FLOOR_LINES = 0.99
FLOOR_UNITS = 0.89
FLOOR_MODIFIERS = 0.94

NOTES = notes()
PERFORMED = rows("performed.csv")

Answers = dict[str, tuple[list[Label], list[Label]]]


def _ask(text: str, setting: str = "outpatient") -> tuple[list[Label], list[Label]]:
    """What is suggested, and the whole ranking: suggestions, then candidates. Visits are left out."""
    result = cac.suggest(text, setting=setting, systems=("CPT",))
    kept, ranked = (
        [
            Label(s.code, s.units, tuple(m.code for m in s.modifiers))
            for s in group
            if s.system == "CPT" and not is_visit(s.code)
        ]
        for group in (result, (*result, *result.candidates))
    )
    return kept, ranked


@pytest.fixture(scope="module")
def answers() -> Answers:
    return {n["id"]: _ask(n["text"], n["setting"]) for n in NOTES}


@pytest.fixture(scope="module")
def lines() -> list[tuple[list[Label], list[Label]]]:
    """Expected and suggested codes of every short line."""
    return [(expected(r["expect"]), _ask(r["text"])[0]) for r in PERFORMED]


def _codes(found: Sequence[Label]) -> set[str]:
    return {c.code for c in found}


@pytest.mark.parametrize(("k", "floor"), [(5, FLOOR_RECALL_5), (10, FLOOR_RECALL_10)])
def test_recall_on_notes(answers: Answers, k: int, floor: float) -> None:
    shares, missed = [], []
    for n in NOTES:
        wanted = _codes(labels(n))
        found = wanted & _codes(answers[n["id"]][1][:k])
        shares.append(len(found) / min(k, len(wanted)))
        missed += [f"{n['id']} {c}" for c in sorted(wanted - found)]
    assert sum(shares) / len(shares) >= floor, missed


def test_precision_on_notes(answers: Answers) -> None:
    right = wrong = 0
    extra = []
    for n in NOTES:
        said, wanted = _codes(answers[n["id"]][0]), _codes(labels(n))
        right += len(said & wanted)
        wrong += len(said - wanted)
        extra += [f"{n['id']} {c}" for c in sorted(said - wanted)]
    assert right / max(1, right + wrong) >= FLOOR_PRECISION, extra


def test_mistakes_on_notes(answers: Answers) -> None:
    traps = [(n["id"], c) for n in NOTES for c in n["not"]]
    caught = [f"{i} {c}" for i, c in traps if c in _codes(answers[i][0])]
    assert len(caught) / len(traps) <= CEILING_MISTAKES, caught


def test_performed_lines(lines: list[tuple[list[Label], list[Label]]]) -> None:
    wrong = [
        f"{r['expect']}: {sorted(_codes(said))}"
        for r, (wanted, said) in zip(PERFORMED, lines, strict=True)
        if _codes(said) != _codes(wanted)
    ]
    assert 1 - len(wrong) / len(PERFORMED) >= FLOOR_LINES, wrong


@pytest.mark.parametrize(("field", "floor"), [("units", FLOOR_UNITS), ("modifiers", FLOOR_MODIFIERS)])
def test_units_and_modifiers(
    answers: Answers, lines: list[tuple[list[Label], list[Label]]], field: str, floor: float
) -> None:
    pairs = [*lines, *((labels(n), answers[n["id"]][0]) for n in NOTES)]
    plain = getattr(Label(""), field)
    same, other = 0, []
    for wanted, said in pairs:
        by_code = {c.code: c for c in said}
        for c in wanted:
            if c.code not in by_code:
                continue
            got, want = getattr(by_code[c.code], field), getattr(c, field)
            if got == want == plain:
                continue  # or one unit and no modifier everywhere would be nearly right
            if got == want or (field == "modifiers" and sorted(got) == sorted(want)):
                same += 1
            else:
                other.append(f"{c.code}: {got} for {want}")
    assert same + len(other) > 0, "no labelled code was suggested at all"
    assert same / (same + len(other)) >= floor, other


@pytest.mark.parametrize("row", rows("adversarial.csv"), ids=lambda r: f"{r['reason']}: {r['text'][:50]}")
def test_nothing_from_what_was_not_done(row: dict[str, str]) -> None:
    said, _ = _ask(row["text"])
    assert [c for c in said if offends(row["forbidden"], c)] == []
