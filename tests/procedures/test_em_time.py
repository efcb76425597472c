"""Time: which minutes count, what they are for, and the code on either side of every border."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.procedures.em_page import make_page
from cac.procedures.em_tables import code_rows
from cac.procedures.em_time import best_time, find_times
from cac.procedures.em_types import VisitTime
from cac.text.reader import read

from .marked import sure, visit

COUNTED = [
    # text, minutes, service, why
    ("Total time 35 minutes.", 35, "visit", "a total"),
    ("Total time spent: 42 min.", 42, "visit", "short unit"),
    ("I spent 25 minutes with the patient.", 25, "visit", "spent"),
    ("Time spent 30min.", 30, "visit", "unit behind the number"),
    ("A total of 50 minutes was spent on this encounter.", 50, "visit", "a total of"),
    ("This was a 40-minute visit.", 40, "visit", "hyphen"),
    ("New patient, 45 minutes.", 45, "visit", "bare minutes beside the status"),
    ("Established patient (25 minutes).", 25, "visit", "in brackets"),
    (
        "Greater than 50% of this 40-minute appointment was counseling.",
        40,
        "visit",
        "the percentage is no time",
    ),
    ("Length of the encounter was 80 minutes.", 80, "visit", "length of"),
    ("Over 35 minutes spent face to face.", 36, "visit", "over 35 is at least 36"),
    ("More than 39 minutes spent on the visit.", 40, "visit", "more than 39 is at least 40"),
    (">30 minutes spent with patient.", 31, "visit", "sign"),
    ("Less than 30 minutes of critical care time.", 29, "critical_care", "less than 30 is at most 29"),
    ("At least 30 minutes spent with the patient.", 30, "visit", "at least"),
    ("30-39 minutes were spent on the day of the visit.", 30, "visit", "a range proves its lower end"),
    ("I spent one hour with the patient.", 60, "visit", "an hour in words"),
    ("I spent 1 hour and 15 minutes on this encounter.", 75, "visit", "hours and minutes"),
    ("Thirty-minute face-to-face appointment.", 30, "visit", "number in words"),
    ("Forty-five minutes were spent with the family.", 45, "visit", "two words"),
    ("Critical care time: 80 minutes.", 80, "critical_care", "what it was for"),
    ("I provided 35 minutes of critical care.", 35, "critical_care", "behind the number"),
    ("Discharge day management, 35 minutes.", 35, "discharge", "discharge"),
    ("Spent 40 minutes discharging the patient.", 40, "discharge", "verb"),
    ("Spent 5 minutes on smoking cessation counseling.", 5, "tobacco", "a service of its own"),
    ("Advance care planning, 20 minutes.", 20, "advance_care", "a service of its own"),
]

NOT_COUNTED = [
    ("Symptoms lasted 20 minutes.", "how long a symptom lasted"),
    ("TIA yesterday; the weakness was gone after 25 minutes.", "the same within a sentence"),
    ("Walks 30 minutes daily.", "exercise"),
    ("Tourniquet time 45 minutes.", "operation"),
    ("Total operative time 90 minutes.", "operation, though a total"),
    ("About 30 minutes were spent during the procedure.", "procedure"),
    ("Chest pain for 10 minutes.", "duration"),
    ("Check blood pressure every 15 minutes.", "frequency"),
    ("He called 20 minutes ago.", "a moment"),
    ("Soak the foot for 20 minutes.", "advice"),
    ("Apgars 8 and 9 at 1 and 5 minutes.", "age of a newborn"),
    ("Established patient. Headache for 45 minutes.", "status in another sentence"),
    ("Give over 60 minutes.", "infusion"),
    ("Discharged home 30 minutes after the block.", "a moment, though discharged"),
    ("The stay in hospital lasted 36 hours.", "a stay"),
    ("Fluoroscopy time was 3 minutes.", "imaging"),
]


@pytest.mark.parametrize(("text", "minutes", "service", "why"), COUNTED, ids=[r[3] for r in COUNTED])
def test_time_of_the_visit(text: str, minutes: int, service: str, why: str) -> None:
    found = find_times(make_page(read(text)))
    assert [(t.minutes, t.service) for t in found] == [(minutes, service)]
    assert text[found[0].evidence.start : found[0].evidence.end] == found[0].evidence.text


@pytest.mark.parametrize(("text", "why"), NOT_COUNTED, ids=[r[1] for r in NOT_COUNTED])
def test_other_time(text: str, why: str) -> None:
    assert find_times(make_page(read(text))) == []


def test_the_stated_total_counts_and_not_the_longest_part() -> None:
    note = "I spent 10 minutes on records and 50 minutes face to face. Total time 55 minutes."
    best = best_time(find_times(make_page(read(note))), "visit")
    assert best is not None and best.minutes == 55


_KINDS = {
    # kind of visit: words that name it, setting
    ("office", "new"): ("New patient office visit.", "outpatient"),
    ("office", "established"): ("Established patient office visit.", "outpatient"),
    ("consult", "any"): ("Office consultation.", "outpatient"),
    ("inpatient_consult", "any"): ("Inpatient consultation.", "inpatient"),
    ("hospital_initial", "any"): ("Initial hospital visit.", "inpatient"),
    ("hospital_subsequent", "any"): ("Subsequent hospital visit.", "inpatient"),
    ("same_day", "any"): ("Admitted and discharged on the same day.", "inpatient"),
    ("discharge", "any"): ("Hospital discharge management.", "inpatient"),
    ("nursing_initial", "any"): ("Initial nursing facility visit.", "outpatient"),
    ("nursing", "any"): ("Nursing facility visit.", "outpatient"),
    ("nursing_discharge", "any"): ("Nursing facility discharge.", "outpatient"),
    ("home", "new"): ("Home visit, new patient.", "outpatient"),
    ("home", "established"): ("Home visit, established patient.", "outpatient"),
}

# The published times, written down a second time: code, minutes to meet.
TIMES = {
    "99202": 15, "99203": 30, "99204": 45, "99205": 60,
    "99212": 10, "99213": 20, "99214": 30, "99215": 40,
    "99221": 40, "99222": 55, "99223": 75, "99231": 25, "99232": 35, "99233": 50,
    "99234": 45, "99235": 70, "99236": 85, "99238": 0, "99239": 31,
    "99242": 20, "99243": 30, "99244": 40, "99245": 55,
    "99252": 35, "99253": 45, "99254": 60, "99255": 80,
    "99304": 25, "99305": 35, "99306": 50, "99307": 10, "99308": 20, "99309": 30, "99310": 45,
    "99315": 0, "99316": 31,
    "99341": 15, "99342": 30, "99344": 60, "99345": 75, "99347": 20, "99348": 30, "99349": 40, "99350": 60,
    "99291": 30,
}  # fmt: skip


def test_the_table_has_the_published_times() -> None:
    found = {r.code: r.minutes for rows in code_rows().values() for r in rows if r.minutes is not None}
    assert found == TIMES


BORDERS = [
    (kind, row.code, row.minutes)
    for kind in _KINDS
    for row in code_rows()[kind[0]]
    if row.status in ("any", kind[1]) and row.minutes
]


@pytest.mark.parametrize(("kind", "code", "minutes"), BORDERS, ids=[f"{c} {m}" for _, c, m in BORDERS])
def test_borders_of_time(kind: tuple[str, str], code: str, minutes: int) -> None:
    words, setting = _KINDS[kind]
    at = sure(
        f"{words} Total time {minutes} minutes{' on discharge' if 'discharge' in kind[0] else ''}.", setting
    )
    assert at.code == code
    below = sure(
        f"{words} Total time {minutes - 1} minutes{' on discharge' if 'discharge' in kind[0] else ''}.",
        setting,
    )
    assert below.code != code or below.basis != "time"
    if at.basis == "time":
        assert at.minutes == minutes
        assert [e.kind for e in at.time_evidence] == ["time"]


@pytest.mark.parametrize("kind", list(_KINDS), ids=[" ".join(k) for k in _KINDS])
def test_more_time_never_lowers_the_code(kind: tuple[str, str]) -> None:
    words, setting = _KINDS[kind]
    ranks = []
    order = [r.code for r in sorted(code_rows()[kind[0]], key=lambda r: r.minutes or 0)]
    for minutes in range(1, 130):
        tail = " on discharge" if "discharge" in kind[0] else ""
        found = sure(f"{words} Total time {minutes} minutes{tail}.", setting)
        ranks.append(order.index(found.code))
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(("minutes", "units"), [(74, 0), (75, 1), (104, 1), (105, 2), (134, 2), (135, 3)])
def test_critical_care_beyond_the_first_hour(minutes: int, units: int) -> None:
    found = sure(f"Critical care time {minutes} minutes.", "inpatient")
    assert found.code == "99291"
    assert [(a.code, a.units) for a in found.further] == ([("99292", units)] if units else [])


def test_less_than_thirty_minutes_are_no_critical_care() -> None:
    found = sure("ED note. [Sepsis|A41.9]. Critical care time was 25 minutes. Admit to ICU.")
    assert found.code == "99285"
    assert visit("Critical care time 29 minutes.", "inpatient") is None


@pytest.mark.parametrize(
    ("words", "minutes", "codes"),
    [
        ("New patient office visit.", 74, []),
        ("New patient office visit.", 75, [("99417", 1)]),
        ("New patient office visit.", 90, [("99417", 2), ("G2212", 1)]),
        ("Established patient office visit.", 54, []),
        ("Established patient office visit.", 55, [("99417", 1)]),
        ("Established patient office visit.", 68, [("99417", 1)]),
        ("Established patient office visit.", 69, [("99417", 1), ("G2212", 1)]),
        ("Office consultation.", 70, [("99417", 1)]),
        ("Initial hospital visit.", 89, []),
        ("Initial hospital visit.", 90, [("99418", 1)]),
        ("Subsequent hospital visit.", 80, [("99418", 2)]),
    ],
)
def test_prolonged_visits(words: str, minutes: int, codes: list[tuple[str, int]]) -> None:
    found = sure(f"{words} Total time {minutes} minutes.", "outpatient")
    assert [(a.code, a.units) for a in found.further] == codes
    # Medicare's code replaces the other; they are never billed together.
    assert {a.code: a.instead_of for a in found.further}.get("G2212", "99417") == "99417"


@pytest.mark.parametrize(
    ("minutes", "codes"),
    [
        (15, []),
        (16, ["99497"]),
        (45, ["99497"]),
        (46, ["99497", "99498"]),
    ],
)
def test_advance_care_planning(minutes: int, codes: list[str]) -> None:
    note = (
        f"Established patient. [Hypertension|I10] stable. Spent {minutes} minutes on advance care planning."
    )
    assert [a.code for a in sure(note).further] == codes


@pytest.mark.parametrize(("minutes", "codes"), [(3, []), (4, ["99406"]), (10, ["99406"]), (11, ["99407"])])
def test_counseling_to_stop_smoking(minutes: int, codes: list[str]) -> None:
    note = (
        f"Established patient. [COPD|J44.9] stable. Spent {minutes} minutes on smoking cessation counseling."
    )
    found = sure(note)
    assert [a.code for a in found.further] == codes
    assert found.minutes is None


@given(
    st.lists(st.tuples(st.integers(1, 300), st.booleans()), max_size=6),
    st.integers(1, 300),
)
def test_a_longer_total_is_never_less_time(times: list[tuple[int, bool]], more: int) -> None:
    page = make_page(read("Total time 20 minutes."))
    evidence = find_times(page)[0].evidence
    known = [VisitTime(m, "visit", total, 0, evidence) for m, total in times]
    best = best_time(known, "visit")
    added = best_time([*known, VisitTime(more, "visit", True, 0, evidence)], "visit")
    assert added is not None
    totals = [m for m, total in times if total]
    assert added.minutes == max([more, *totals])
    assert best is None or best.minutes <= max(m for m, _ in times)
    assert not math.isnan(added.minutes)
