"""HCPCS Level II: what was given, performed or dispensed today, with units, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cac.procedures.hcpcs import evidence_of, find_hcpcs
from cac.resources import read_rows
from cac.text.reader import read


def coded(text: str, *, medicare: bool | None = None) -> dict[str, int | None]:
    return {s.code: s.units for s in find_hcpcs(read(text), medicare=medicare) if s.performed}


# text, {code: units}; units None where the note does not say how much
DONE = [
    # --- drugs, with the dose turned into units and rounded up
    ("Ketorolac 60 mg IM given in clinic today.", {"J1885": 4}),
    ("Patient was given Toradol 30 mg IM.", {"J1885": 2}),
    ("Administered 1 g of ceftriaxone IM in the office.", {"J0696": 4}),
    ("Plan: Rocephin 500 mg IM administered today, azithromycin to pharmacy.", {"J0696": 2}),
    ("Procedure: The right knee was injected with 40 mg of Depo-Medrol.", {"J1010": 40}),
    ("Procedure: 1 mL of Kenalog 40 mg/mL and 4 mL of 1% lidocaine injected into the right shoulder.",
     {"J3301": 4}),
    ("Procedure: Kenalog-40 1 mL was injected into the left knee.", {"J3301": 4}),
    ("Procedure: injected 2 cc of Kenalog-10 into the keloid.", {"J3301": 2}),
    ("Procedure: 80 mg of Depo-Medrol injected into each knee.", {"J1010": 160}),
    ("Procedure: Depo-Medrol 40 mg was injected into the left knee. "
     "Depo-Medrol 40 mg was injected into the right knee.", {"J1010": 80}),
    ("Procedure: Celestone Soluspan 6 mg injected.", {"J0702": 1}),
    ("Procedure: 1 mL of Celestone was injected.", {"J0702": 1}),
    ("Vitamin B12 injection 1000 mcg IM given by nurse.", {"J3420": 1}),
    ("Prolia 60 mg was given subcutaneously today, tolerated well.", {"J0897": 60}),
    ("Denosumab 60 mg SQ administered left arm, lot # A1234.", {"J0897": 60}),
    ("Bicillin L-A 2.4 million units IM administered.", {"J0561": 24}),
    ("Penicillin G benzathine 1.2 million units given IM today.", {"J0561": 12}),
    ("Botox 155 units injected in the standard 31 sites.", {"J0585": 155}),
    ("Injectafer 750 mg IV infused over 15 minutes.", {"J1439": 750}),
    ("Venofer 200 mg IV infusion completed without reaction.", {"J1756": 200}),
    ("Reclast 5 mg IV was infused over 30 minutes.", {"J3489": 5}),
    ("Pembrolizumab 200 mg IV administered, cycle 4.", {"J9271": 200}),
    ("Remicade 400 mg infused over two hours.", {"J1745": 40}),
    ("Depo-Provera 150 mg IM given in right deltoid today.", {"J1050": 150}),
    ("Testosterone cypionate 200 mg IM injection given today by nursing.", {"J1071": 200}),
    ("Solu-Medrol 125 mg IV given in the ED.", {"J2919": 25}),
    ("Hospital course: She received ondansetron IV 4 mg and ketorolac 15 mg.", {"J2405": 4, "J1885": 1}),
    ("ED course: IV Lasix 40 mg was given with good diuresis.", {"J1938": 40}),
    ("ED course: Zofran IV 8 mg given. Morphine IV 4 mg given.", {"J2405": 8, "J2270": 1}),
    ("DuoNeb given in clinic with improvement in wheezing.", {"J7620": 1}),
    ("Albuterol nebulizer treatment 2.5 mg given in the office, repeat exam clear.", {"J7613": 3}),
    ("Lovenox 80 mg subcutaneous given prior to discharge.", {"J1650": 8}),
    ("Xolair 300 mg administered subcutaneously today.", {"J2357": 60}),
    ("RhoGAM 300 mcg IM given today at 28 weeks.", {"J2790": 1}),
    ("Lupron Depot 22.5 mg IM given today.", {"J9217": 3}),
    ("Haldol decanoate 100 mg IM administered in left gluteus.", {"J1631": 2}),
    ("Invega Sustenna 156 mg given IM deltoid.", {"J2426": 156}),
    ("Procedure: Synvisc-One 48 mg injected into the left knee under sterile technique.", {"J7325": 48}),
    ("Procedure: Euflexxa injected into the right knee, second of three.", {"J7323": 1}),
    ("Eylea 2 mg was injected intravitreally, left eye.", {"J0178": 2}),
    ("Dexamethasone 10 mg IM given for croup.", {"J1100": 10}),
    ("Decadron 8 mg IM x1 in clinic.", {"J1100": 8}),
    ("Zofran 4 mg IV given.", {"J2405": 4}),
    ("Given Benadryl 50 mg IM and famotidine 20 mg IV.", {"J1200": 1, "J1308": 80}),
    ("ED course: furosemide 40 mg IV.", {"J1938": 40}),
    ("Haldol 5 mg IM and Ativan 2 mg IM were given for agitation.", {"J1630": 1, "J2060": 1}),
    ("Wet mount done: negative.", {"Q0111": 1}),
    ("I gave her Toradol 60 mg IM.", {"J1885": 4}),
    ("B12 1000 mcg IM given in the right deltoid.", {"J3420": 1}),
    ("Botox for migraine: 155 units were injected across 31 sites.", {"J0585": 155}),
    ("Magnesium sulfate 2 g IV given.", {"J3475": 4}),
    ("Vancomycin 1 g IV given today.", {"J3373": 100}),
    ("Medications administered: Ketorolac 30 mg IM.", {"J1885": 2}),
    ("Medications given in clinic: Rocephin 1 gram IM", {"J0696": 4}),
    # given, and the note does not say how much
    ("Toradol IM was given in clinic.", {"J1885": None}),
    ("Dose of 10 mg/kg ceftriaxone was given.", {"J0696": None}),
    # --- devices
    ("Procedure: The Mirena IUD was inserted without difficulty.", {"J7298": 1}),
    ("Procedure: Nexplanon placed in the left arm, palpable.", {"J7307": 1}),
    # --- services
    ("Pap smear collected today.", {"Q0091": 1}),
    ("Pelvic exam: wet mount performed, clue cells.", {"Q0111": 1}),
    ("KOH prep was done in office, hyphae seen.", {"Q0112": 1}),
    ("Laceration closed with Dermabond.", {"G0168": 1}),
    ("Dystrophic nails trimmed today, all ten.", {"G0127": 1}),
    ("Hyperbaric oxygen therapy administered today at 2 ATA.", {"G0277": 1}),
    ("Unattended electrical stimulation was applied to the low back for 15 minutes.", {"G0283": 1}),
    ("2 units packed red blood cells transfused.", {"P9021": 2}),
    # --- visits
    ("Chief complaint: Medicare annual wellness visit", {"G0439": 1}),
    ("Reason for visit: Subsequent annual wellness visit.", {"G0439": 1}),
    ("Here for initial annual wellness visit.", {"G0438": 1}),
    ("Presents for Welcome to Medicare visit.", {"G0402": 1}),
    # --- Medicare's own codes
    ("Insurance: Medicare.\nPlan: Flu shot given today.", {"G0008": 1}),
    ("Medicare patient. Depression screening completed today, PHQ-9 score 3.", {"G0444": 1}),
    ("Medicare beneficiary. Prevnar 20 administered in left deltoid.", {"G0009": 1}),
    # --- things dispensed
    ("Patient was fitted with a CAM boot and given crutches.", {"L4387": 1, "E0114": 1}),
    ("Wrist splint applied and dispensed today.", {"L3908": 1}),
    ("Placed in a knee immobilizer.", {"L1830": 1}),
    ("Arm sling provided.", {"A4565": 1}),
    ("Post-op shoe dispensed.", {"L3260": 1}),
    ("Rolling walker was issued before discharge.", {"E0143": 1}),
    ("Nebulizer machine dispensed with teaching.", {"E0570": 1}),
    ("Spacer dispensed and technique reviewed.", {"A4627": 1}),
    ("Glucometer and lancets dispensed today.", {"E0607": 1, "A4259": 1}),
    ("Ring pessary was fitted and inserted.", {"A4562": 1}),
    ("Unna boot applied to the left leg.", {"A6456": 1}),
    ("Electric breast pump provided to the mother.", {"E0603": 1}),
    ("Short arm fiberglass cast applied.", {"Q4010": 1}),
    ("Sugar tong splint was applied.", {"Q4022": 1}),
    ("Discharged in stable condition with crutches and a knee immobilizer.", {"E0114": 1, "L1830": 1}),
    # --- transport
    ("Patient was transported by ALS ambulance.", {"A0427": 1}),
    ("Airlifted via helicopter to the trauma center.", {"A0431": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DONE, ids=[t[:50] for t, _ in DONE])
def test_what_was_done_is_coded(text: str, expected: dict[str, int | None]) -> None:
    assert coded(text) == expected


# nothing of this was done today
NOT_DONE = [
    # denied, refused, not given
    "Ketorolac was not given.",
    "Patient declined the Toradol injection today.",
    "Refused flu shot today. Medicare.",
    "No Kenalog was injected.",
    "Flu shot deferred today. Medicare patient.",
    "Did not receive ceftriaxone.",
    "Prolia injection held today because of low calcium.",
    "Unable to administer Botox 155 units today.",
    "Depo-Medrol was avoided given her glucose.",
    # planned, ordered, advised, conditional
    "Will give ketorolac 60 mg IM tomorrow.",
    "Plan: Rocephin 1 g IM to be given at the next visit.",
    "Order Prolia 60 mg every 6 months.",
    "Recommend Shingrix and flu shot. Medicare.",
    "Consider Kenalog 40 mg injection if no better.",
    "Discussed Botox injection with the patient.",
    "Prior authorization for Xolair 300 mg is pending.",
    "Due for flu shot. Medicare.",
    "Overdue for Pap smear.",
    "Scheduled for Pap smear next month.",
    "If pain persists, inject Depo-Medrol 40 mg.",
    "Candidate for Synvisc-One injection.",
    "Would benefit from a rolling walker.",
    "Prescription for a rolling walker given.",
    "Ordered a wheelchair.",
    "Rx for wrist splint.",
    "Needs a shower chair.",
    "Recommend knee immobilizer.",
    "Referred for diabetes self-management training.",
    "Offered Nexplanon, she will think about it.",
    "Discussed Mirena IUD insertion.",
    "Return for vitamin B12 injection in one month.",
    "Order: ceftriaxone 1 g IM",
    "Instructions: Give Zofran IV 4 mg for vomiting.",
    "Follow-up: Prolia 60 mg in 6 months.",
    "Plan for Reclast 5 mg IV infusion.",
    "Eligible for lung cancer screening counseling.",
    "Next Lupron Depot 22.5 mg due in March.",
    "Needs home sleep test.",
    "Ordered oxygen concentrator for home.",
    "Awaiting approval for insulin pump.",
    # past, elsewhere
    "Last Prolia injection was given 6 months ago.",
    "Received Toradol 60 mg at urgent care yesterday.",
    "She received ceftriaxone at an outside hospital.",
    "Flu shot given in October. Medicare.",
    "History of Depo-Medrol injection to the knee.",
    "Previous Botox injections helped.",
    "Had Synvisc-One injections in the past.",
    "Last Pap smear was done in 2021.",
    "Most recent Pap smear normal.",
    "s/p Mirena IUD placed in 2020.",
    "Past medical history: Kenalog injection left knee.",
    "Past surgical history: Nexplanon placed.",
    "Narcan 2 mg given by EMS.",
    "They gave him IV morphine in the ambulance.",
    "She received 4 doses of Remicade over the past year.",
    "Received first Remicade infusion in 2019.",
    "Mirena IUD removed without difficulty.",
    "Mirena in place, strings visible.",
    "Walking boot was removed today.",
    "Toradol 30 mg IM was offered but she declined.",
    "Today she will receive Botox 200 units.",
    "Prevnar 20 up to date. Medicare.",
    "Flu vaccine received at Walgreens. Medicare.",
    "Last annual wellness visit was last year.",
    "Had his last dose of Remicade 400 mg last month.",
    "Previously treated with ceftriaxone.",
    "Eylea injection given 4 weeks ago.",
    "Home sleep test was done in 2022.",
    # taken at home
    "Medications: Lovenox 40 mg daily, Xolair 300 mg monthly.",
    "Home medications: testosterone cypionate 200 mg IM every 2 weeks.",
    "Takes Humira and Depo-Provera.",
    "Continue enoxaparin 40 mg daily.",
    "She self-injects Aranesp weekly.",
    "Dexamethasone 4 mg PO daily for 3 days prescribed.",
    "Prescribed promethazine IM.",
    "Refill of Imitrex injection sent.",
    "He is on Stelara every 8 weeks.",
    "Uses a CPAP machine nightly.",
    "Ambulates with a rolling walker.",
    "Uses a cane.",
    "He has a wheelchair at home.",
    "Wears a wrist splint at night.",
    "Walks with crutches.",
    "Continue compression stockings.",
    "Uses oxygen concentrator at home.",
    "Wears an AFO on the left.",
    "Has an insulin pump.",
    "In a sling for comfort.",
    # allergies, family, others, education
    "Allergies: ketorolac, ceftriaxone, morphine.",
    "Allergic to Toradol.",
    "Family history: mother was given Botox.",
    "Her mother received Prolia 60 mg.",
    "Education: glucometer use was reviewed.",
    "Consent: risks of Kenalog injection were explained.",
    "Her brother was transported by ALS ambulance.",
    "Social history: uses a scooter.",
    # named, and nothing says it was done
    "Ketorolac is an option for migraine.",
    "Assessment: osteoporosis on Prolia.",
    "Vitamin B12 injection.",
    "Labs: vancomycin level 14.",
    "Heparin-induced thrombocytopenia is suspected.",
    "Wheelchair.",
    "Walker in the room.",
    "Spacer technique.",
    "Tens of patients like him.",
    "Dilaudid seeking behavior noted.",
    "Fentanyl positive on urine drug screen.",
    "Insulin pump settings reviewed.",
    "Mr. Walker was given a prescription.",
    "Logan Walker was provided with reassurance.",
    "Skin closed with 4-0 Monocryl and Dermabond.",
    "Will be placed in a thumb spica brace.",
    # mostly taken by mouth: a route by needle has to stand beside the name
    "Zofran 4 mg was given.",
    "Benadryl 25 mg PO given for itching.",
    "Lasix 40 mg given; IV ceftazidime to follow.",
    "Given Ativan 1 mg tablet.",
    "EMS gave fentanyl 50 mcg.",
    # by mouth, on the skin
    "Dexamethasone tablets given for home.",
    "Gave clindamycin topical samples today.",
    "Furosemide 40 mg oral given.",
    # Medicare's codes for somebody else's patient
    "Flu shot given today.",
    "Depression screening completed today.",
]


@pytest.mark.parametrize("text", NOT_DONE)
def test_what_was_not_done_is_not_coded(text: str) -> None:
    assert coded(text) == {}


_FILE = Path(__file__).parent / "hcpcs_cases.csv"
CASES = [
    (row["text"], row["codes"].split())
    for row in read_rows(_FILE.read_text(encoding="utf-8"), ("codes", "text"), _FILE.name)
]


@pytest.mark.parametrize(("text", "codes"), CASES, ids=[text[:50] for text, _ in CASES])
def test_written_before_they_were_tried(text: str, codes: list[str]) -> None:
    assert list(coded(text)) == codes


def test_there_are_enough_of_both() -> None:
    assert len(DONE) >= 70
    assert len(set(NOT_DONE)) == len(NOT_DONE) >= 100
    assert sum(not codes for _, codes in CASES) >= 100


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("No Kenalog was injected.", "negated"),
        ("Ketorolac was not given.", "negated"),
        ("Will give ketorolac 60 mg IM tomorrow.", "planned"),
        ("Last Prolia injection was given 6 months ago.", "historical"),
        ("Continue enoxaparin 40 mg daily.", "home"),
        ("Ketorolac is an option for migraine.", "not_given"),
        ("Allergies: ketorolac.", "section"),
        ("Flu shot given today.", "payer"),
        ("Description of procedure: Ancef 2 g IV was given.", "bundled"),
        ("Vancomycin 1 g IV was given preoperatively.", "bundled"),
        ("Received IV vancomycin for 6 weeks.", "course"),
        ("Given clindamycin phosphate by mouth.", "oral"),
        ("Procedure: 5 mL of 1% lidocaine injected.", "bundled"),
    ],
)
def test_what_is_not_coded_says_why(text: str, reason: str) -> None:
    assert [s.reason for s in find_hcpcs(read(text))] == [reason]


@pytest.mark.parametrize(("medicare", "codes"), [(True, {"G0008": 1}), (False, {}), (None, {})])
def test_the_payer_may_be_given(medicare: bool | None, codes: dict[str, int]) -> None:
    assert coded("Flu shot given today.", medicare=medicare) == codes


def test_a_service_told_twice_is_coded_once() -> None:
    text = (
        "Procedure: Depo-Medrol 40 mg was injected into the left knee.\nPlan: Depo-Medrol 40 mg given today."
    )
    services = find_hcpcs(read(text))
    assert [(s.performed, s.reason, s.units) for s in services] == [
        (True, "", 40),
        (False, "duplicate", None),
    ]


def test_the_mention_with_a_dose_wins() -> None:
    text = "HPI: Toradol was given in clinic.\nProcedure: Toradol 60 mg IM was administered."
    assert coded(text) == {"J1885": 4}


def test_evidence_is_the_words_of_the_note() -> None:
    text = "Plan:\n- Rocephin 1 g IM administered in clinic\n"
    note = read(text)
    (service,) = find_hcpcs(note)
    found = evidence_of(note, service)
    assert [(e.kind, e.text) for e in found] == [
        ("procedure", "Rocephin"),
        ("dose", "1 g"),
        ("cue", "administered"),
    ]
    assert all(text[e.start : e.end] == e.text for e in found)


def test_no_words_of_the_note_in_repr() -> None:
    note = read("Ketorolac 60 mg IM given to Wilhelmina today.")
    assert "Wilhelmina" not in repr(find_hcpcs(note)) and "given" not in repr(find_hcpcs(note))


_PIECES = st.sampled_from(
    ["Ketorolac 60 mg IM", "given today", "not", "will be", "Rocephin", "1 g", "Procedure:", "knee", "left",
     ".", ";", ",", "\n", "each knee", "wheelchair dispensed", "Medicare", "flu shot", "x2", "%", "\u2028"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=25).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_any_text_gives_well_formed_services(text: str) -> None:
    note = read(text)
    services = find_hcpcs(note)
    done = [s.code for s in services if s.performed]
    assert len(done) == len(set(done))
    assert services == find_hcpcs(read(text))
    for s in services:
        assert bool(s.reason) != s.performed
        assert s.units is None or (s.performed and s.units >= 1)
        assert all(text[e.start : e.end] == e.text for e in evidence_of(note, s))


@given(st.sampled_from([t for t, _ in DONE]))
@settings(max_examples=30, deadline=None)
def test_a_denial_never_adds_a_code(text: str) -> None:
    denied = f"Instructions: {text.split(': ', 1)[-1]}"
    assert set(coded(denied)) <= set(coded(text))
