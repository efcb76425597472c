"""Drugs: which are named, which are taken for long, and what says so. Each row carries its reason.

``[warfarin|long]`` marks a drug and what the note says about it: ``long`` (current long-term use) or one
of the flags of ``DrugMention``; ``none`` when nothing is said either way.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.codes.table import CodeTable
from cac.errors import NoteError, TableError
from cac.extract.drugcues import compile_cues, drug_cues
from cac.extract.drugs import (
    DrugMention,
    check_codes,
    compile_drugs,
    find_drugs,
    load_drugs,
    long_term_mentions,
    treatment_of,
)
from cac.text.reader import read

_MARK = re.compile(r"\[([^|\]]+)\|(\w+)\]")
_FLAGS = ("stopped", "planned", "allergy", "short", "negated", "other", "lab")

CURRENT = [
    ("She is on [warfarin|long] for atrial fibrillation.", "on"),
    ("He takes [metformin|long] and [glipizide|long].", "a list joined by and"),
    ("Taking [Eliquis|long] without bleeding.", "brand name; without looks ahead"),
    ("Continue [amiodarone|long].", "continue"),
    ("AF: continue [apixaban|long] 5 mg bid.", "problem line"),
    ("Continues [methotrexate|long] weekly for RA.", "continues"),
    ("Maintained on [tacrolimus|long] and [mycophenolate|long].", "maintained on"),
    ("Diabetes managed with [metformin|long].", "managed with"),
    ("Diabetes is controlled with [insulin glargine|long].", "controlled with, the longest name wins"),
    ("Seizures stable on [Keppra|long].", "stable on"),
    ("Refill [digoxin|long].", "refill"),
    ("Long-term use of [aspirin|long].", "the code's own words"),
    ("Long term (current) use of [insulin|long].", "the title with its bracket"),
    ("Chronic [prednisone|long] for polymyalgia rheumatica.", "chronic describes the drug"),
    ("Chronic low-dose [prednisone|long].", "words between chronic and the drug"),
    ("On chronic [anticoagulation|long].", "a class word"),
    ("[Aspirin|long] 81 mg daily.", "a frequency"),
    ("[Lantus|long] 20 units nightly.", "nightly"),
    ("CAD: [clopidogrel|long] 75 mg p.o. q.d.", "a frequency in dotted letters"),
    ("He uses [Advair|long] twice daily.", "uses"),
    ("Daily [aspirin|long] and [clopidogrel|long].", "the frequency comes first"),
    ("On [aspirin|long] 81 mg, [metoprolol|long] 25 mg, and [lisinopril|long] 10 mg.", "a list with doses"),
    ("On [aspirin|long]; [clopidogrel|long]; [atorvastatin|long].", "a list with semicolons"),
    ("[Insulin|long]-dependent diabetes.", "insulin-dependent"),
    ("[Insulin|long]-requiring: uses [Humalog|long].", "insulin-requiring"),
    ("Followed in the [Coumadin|long] clinic.", "a clinic for the drug"),
    ("Home [insulin|long] resumed.", "home"),
    ("Resume home [warfarin|long].", "resume"),
    ("Increase [lamotrigine|long] to 200 mg.", "a change of dose is current use"),
    ("Switched to [rivaroxaban|long] last year.", "switched to"),
    ("Was started on [apixaban|long] in 2019.", "a start in the past, dated by a year"),
    ("In 2019 he was started on [apixaban|long].", "the year comes first"),
    ("Started [lithium|long] three years ago.", "a start in the past, dated by ago"),
    ("She has been on [tamoxifen|long] for 3 years.", "for some years"),
    ("On day 3 she remains on [warfarin|long].", "on day is not on"),
    ("No bleeding on [warfarin|long].", "no denies the bleeding"),
    ("Denies chest pain on [digoxin|long].", "denies the pain"),
    ("No angina on [aspirin|long].", "no denies the angina"),
    ("Denies missing doses of her [Eliquis|long].", "the doses are taken"),
    ("Tolerating [anastrozole|long] well.", "tolerating"),
    ("Injects [Ozempic|long] weekly.", "injects"),
    ("[Humira|long] every 2 weeks.", "every some weeks"),
    ("[Humira|long] q2 weeks.", "q2 weeks"),
    ("Receives no new drugs; takes [azathioprine|long].", "takes behind a denial"),
    ("Stopped smoking, takes [aspirin|long].", "stopping smoking"),
    ("Discharged on [warfarin|long].", "discharged on"),
    ("Anticoagulated with [Xarelto|long].", "anticoagulated with"),
    ("[Eliquis|long] was continued.", "was continued"),
    ("[Warfarin|long] was held and then resumed.", "the later word holds"),
    ("[Warfarin|stopped] was switched to [apixaban|long].", "the old one stops, the new one is taken"),
    ("Switched from [warfarin|stopped] to [apixaban|long].", "from ends the old one"),
    ("Switch from [warfarin|stopped] to [apixaban|none].", "the switch is yet to come"),
    ("Stopped [aspirin|stopped], on [warfarin|long].", "the second verb takes over"),
    ("Allergic to [penicillin|allergy], takes [warfarin|long].", "the second verb takes over"),
    ("Not on [insulin|negated] but takes [metformin|long].", "but"),
    ("Mother has diabetes; patient takes [metformin|long].", "the patient again"),
    ("Takes [OCPs|long] for contraception.", "short form of a class"),
    ("On [hormone replacement therapy|long].", "a treatment, not a drug"),
    ("Uses [Flovent|long] daily.", "inhaled steroid"),
    ("Prior to admission on [warfarin|long].", "what is taken at home"),
    ("[Dabigatran|long] for life.", "for life"),
    ("On [alendronate|long] weekly.", "a bisphosphonate"),
    ("On [hydroxychloroquine|long] for lupus.", "others"),
    ("Treated with [levetiracetam|long].", "treated with"),
    ("We will continue him on [metformin|long].", "a person between continue and on"),
    ("She will continue to take [metformin|long] as before.", "to take is not a plan here"),
    ("History of [insulin|long]-dependent diabetes.", "the history is that of the diabetes"),
    ("History of atrial fibrillation on [warfarin|long].", "the history is that of the disease"),
    ("[Keppra|long] dose was increased.", "a change of dose behind the drug"),
    ("Under treatment with [valproate|long].", "under treatment with"),
    ("On [Eliquis|long], [aspirin|stopped] stopped.", "stopped is said of the nearer one"),
    ("Completed radiation, now on [anastrozole|long].", "what was completed is the radiation"),
    ("He required dialysis and remains on [tacrolimus|long].", "what was required is the dialysis"),
    ("Prior stroke on [aspirin|long].", "what is past is the stroke"),
    ("Patient on [phenytoin|long].", "the subject right before on"),
]

STATED = [
    ("Chronic [oxycodone|long] for back pain.", "opioid, stated chronic"),
    ("On [oxycodone|none].", "opioid, not stated chronic"),
    ("[Oxycodone|long] as needed, long-term use.", "opioid by need, stated long-term"),
    ("[Oxycodone|short] 5 mg q6h prn.", "opioid by need"),
    ("Takes [Norco|long] for chronic pain.", "for chronic pain"),
    ("Chronic pain, on [Norco|none].", "chronic is the pain"),
    ("Continue [MS Contin|long] 30 mg q12h.", "long-acting opioid"),
    ("On [fentanyl patch|long].", "long-acting opioid"),
    ("Chronic [opioid therapy|long].", "class word"),
    ("Taking [ibuprofen|none] for headache.", "an NSAID is taken for days unless more is said"),
    ("[Meloxicam|none] 15 mg daily.", "an NSAID every day may be for this week"),
    ("Chronic [NSAID|long] use.", "chronic NSAID"),
    ("[Ibuprofen|short] 600 mg as needed.", "by need"),
    ("[Prednisone|none] 40 mg daily.", "a dose of prednisone may be a burst"),
    ("On [prednisone|long] 5 mg daily.", "on"),
    ("[Enoxaparin|none] 40 mg daily.", "heparin is for days unless more is said"),
    ("Long-term [enoxaparin|long].", "stated"),
    ("Takes [nitrofurantoin|long] for UTI prophylaxis.", "antibiotic for prophylaxis"),
    ("On suppressive [doxycycline|long].", "antibiotic for suppression"),
    ("On [doxycycline|none] for pneumonia.", "antibiotic for an infection"),
    ("[Bactrim|long] daily for PJP prophylaxis.", "prophylaxis"),
    ("Chronic [nitrofurantoin|long].", "chronic antibiotic"),
    ("Continue [prednisolone|none] eye drops.", "not systemic"),
    ("Uses [diclofenac|none] topically daily.", "not systemic"),
    ("[Infliximab|long] infusion every 8 weeks.", "infusions are how it is taken"),
]

LISTS = [
    ("MEDICATIONS:\n1. [Coumadin|long] 5 mg.\n2. [Insulin|long] 20 units.\n", "a list of medications"),
    ("CURRENT MEDICATIONS: [Lipitor|long], [Plavix|long], [Januvia|long].", "in one line"),
    ("MEDICATIONS:\n[Tylenol|short] p.r.n.\n[Plavix|long] daily.\n", "by need within a list"),
    ("MEDICATIONS:\n[Prednisone|short] taper.\n[Humira|long].\n", "a taper within a list"),
    ("MEDICATIONS:\n[Prednisone|long] 5 mg.\n", "systemic steroid in the list"),
    ("MEDICATIONS:\n[Ibuprofen|none] 600 mg.\n[Naproxen|long] twice daily.\n", "NSAIDs want a frequency"),
    ("MEDICATIONS:\n[Percocet|none].\n[Plavix|long].\n", "an opioid of the list need not be chronic"),
    ("DISCHARGE MEDICATIONS: [Eliquis|long] 5 mg.", "discharge medications"),
    ("MEDICATIONS: [Aspirin|stopped] (stopped), [Plavix|long].", "stopped within a list"),
    ("ALLERGIES: [Penicillin|allergy], [sulfadiazine|allergy].", "the section of allergies"),
    ("FAMILY HISTORY: Sister on [warfarin|other].", "a relative"),
    ("MEDICATIONS: Was on [warfarin|stopped].", "past within the list"),
]

AGAINST = [
    ("I have prescribed the patient [apixaban|planned] twice daily.", "prescribed now"),
    ("I am going to start him on [metformin|planned] twice a day.", "a person between start and on"),
    ("Is not consistent with taking [metformin|negated].", "not taken regularly"),
    ("Treatment with [prednisone|none] led to remission.", "nothing says that it goes on"),
    ("On [paclitaxel|none].", "chemotherapy comes in cycles"),
    ("[Docetaxel|planned] every 21 days is initiated.", "a start behind the frequency"),
    ("Non-[insulin|negated]-dependent diabetes.", "non-insulin-dependent"),
    ("Start [cephalexin|planned] 500 mg qid.", "started today"),
    ("Start [metformin|planned] 500 mg daily.", "started today, even with a frequency"),
    ("5-day course of [azithromycin|short].", "a course"),
    ("[Prednisone|short] burst.", "a burst"),
    ("[Prednisone|short] 40 mg daily x 5 days.", "some days"),
    ("[Prednisone|short] 40 mg daily for five days.", "some days in words"),
    ("On a [prednisone|short] taper.", "a taper"),
    ("[Dexamethasone|short] while in hospital.", "in hospital"),
    ("Received [insulin|short] during admission.", "during admission"),
    ("On [insulin|short] sliding scale.", "sliding scale"),
    ("[Insulin|short] drip in the ICU.", "drip"),
    ("Given IV [heparin|short].", "given"),
    ("Was given [aspirin|short] 325 mg by EMS.", "was given"),
    ("[Aspirin|short] was given in the ED.", "was given, behind the drug"),
    ("IV [amiodarone|short].", "by vein"),
    ("[Lorazepam|short] PRN.", "by need"),
    ("Takes [Tylenol|short] as needed.", "by need"),
    ("Temporary [insulin therapy|short].", "temporary"),
    ("Stopped [warfarin|stopped].", "stopped"),
    ("[Warfarin|stopped] was discontinued.", "discontinued"),
    ("[Warfarin|stopped] on hold.", "on hold"),
    ("He takes [Coumadin|stopped] for atrial fibrillation, which was held.", "a relative clause"),
    ("Completed 5 years of [tamoxifen|stopped].", "completed years"),
    ("[Metformin|stopped]: discontinued in March.", "after a colon"),
    ("Hold [metformin|stopped] before contrast.", "hold"),
    ("[Aspirin|stopped] and [Plavix|stopped] were held.", "both were held"),
    ("[Aspirin|stopped], [Plavix|stopped] held.", "a list held"),
    ("Was on [warfarin|stopped] until 2019.", "past"),
    ("Took [tamoxifen|stopped] until 2015.", "past year"),
    ("Previously on [methotrexate|stopped].", "previously on"),
    ("No longer on [insulin|stopped].", "no longer on"),
    ("Off [anticoagulation|stopped].", "off"),
    ("Used to take [lithium|stopped].", "used to"),
    ("History of long-term [prednisone|stopped] use.", "history of use"),
    ("Failed [metformin|stopped].", "failed"),
    ("Ran out of [Keppra|stopped].", "ran out of"),
    ("Allergic to [aspirin|allergy].", "allergic to"),
    ("[Aspirin|allergy] allergy.", "allergy behind the drug"),
    ("[Codeine|allergy] - hives.", "the reaction"),
    ("Intolerant of [metformin|allergy].", "intolerant of"),
    ("Did not tolerate [metformin|allergy].", "not tolerated"),
    ("Anaphylaxis to [penicillin|allergy].", "anaphylaxis"),
    ("Declines [insulin|negated].", "declined"),
    ("[Warfarin|negated] was declined.", "declined behind the drug"),
    ("Refuses [warfarin|negated].", "refused"),
    ("Denies [aspirin|negated] use.", "denied"),
    ("Denies taking [aspirin|negated] or [ibuprofen|negated].", "a denied list"),
    ("Not on [anticoagulation|negated].", "not on"),
    ("Is not taking her [metformin|negated].", "not taking"),
    ("Never took [warfarin|negated].", "never"),
    ("Avoid [NSAIDs|negated].", "avoid"),
    ("No [insulin|negated].", "no"),
    ("Non-compliant with [Keppra|negated].", "not taken as prescribed"),
    ("[Warfarin|negated] is contraindicated.", "contraindicated"),
    ("Consider [insulin|planned].", "considered"),
    ("Would benefit from [aspirin|planned] daily.", "would benefit"),
    ("Discussed starting [Eliquis|planned].", "discussed"),
    ("Recommend [aspirin|planned] 81 mg daily.", "recommended"),
    ("If INR rises, stop [warfarin|stopped].", "conditional"),
    ("May need [insulin|planned].", "may need"),
    ("Candidate for [Humira|planned].", "candidate"),
    ("Will start [methotrexate|planned] weekly.", "will start"),
    ("Risks and benefits of [warfarin|planned] reviewed.", "risks and benefits"),
    ("[Apixaban|planned] to be started next week.", "to be started"),
    ("Started on [heparin|planned].", "a start that nothing dates"),
    ("Switch to [apixaban|planned].", "not yet switched"),
    ("Mother takes [insulin|other].", "somebody else"),
    ("Her husband is on [warfarin|other].", "somebody else"),
    ("[Insulin|lab] resistance.", "not a treatment"),
    ("[Lithium|lab] level 0.8.", "a level"),
    ("[Aspirin|planned] was discussed.", "discussed"),
    ("Overdose of [amitriptyline|short].", "an overdose"),
    ("[Enoxaparin|short] for DVT prophylaxis.", "prophylaxis in hospital"),
    ("[Vitamin K|short] given for reversal of [warfarin|stopped].", "reversal"),
]


def _state(m: DrugMention) -> str:
    states = [f for f in ("long_term", *_FLAGS) if getattr(m, f)]
    assert len(states) <= 1, states
    return states[0].removesuffix("_term") if states else "none"


@pytest.mark.parametrize(("row", "why"), [*CURRENT, *STATED, *LISTS, *AGAINST])
def test_use(row: str, why: str) -> None:
    expected: list[tuple[str, str]] = [(m[1], m[2]) for m in _MARK.finditer(row)]
    text = _MARK.sub(r"\1", row)
    got = [(text[m.start : m.end], _state(m)) for m in find_drugs(read(text))]
    assert got == expected, why


CODES = [
    ("On warfarin.", ["Z79.01"]),
    ("On enoxaparin long-term.", ["Z79.01"]),
    ("On clopidogrel and aspirin.", ["Z79.02", "Z79.82"]),
    ("On Aggrenox.", ["Z79.02", "Z79.82"]),  # both parts
    ("Takes Lantus nightly.", ["Z79.4"]),
    ("Takes Xultophy daily.", ["Z79.4", "Z79.85"]),  # insulin and GLP-1
    ("Takes Januvia and Ozempic.", ["Z79.84", "Z79.85"]),
    ("Takes Rybelsus.", ["Z79.84"]),  # semaglutide by mouth
    ("Takes Wegovy weekly.", []),  # for weight, not for diabetes
    ("Uses Symbicort.", ["Z79.51"]),
    ("Uses Flonase daily.", []),  # a nasal steroid is not an inhaled one
    ("On prednisone.", ["Z79.52"]),
    ("Chronic opioid therapy.", ["Z79.891"]),
    ("On letrozole.", ["Z79.811"]),
    ("On tamoxifen.", ["Z79.810"]),
    ("On Lupron every 3 months.", ["Z79.818"]),
    ("On methotrexate weekly.", ["Z79.631"]),
    ("On Humira.", ["Z79.620"]),
    ("On tacrolimus.", ["Z79.621"]),
    ("On Xeljanz.", ["Z79.622"]),
    ("On sirolimus.", ["Z79.623"]),
    ("On azathioprine.", ["Z79.624"]),
    ("On hydroxyurea.", ["Z79.64"]),
    ("On Otezla.", ["Z79.61"]),
    ("On immunosuppressants.", ["Z79.60"]),
    ("Long-term NSAID use.", ["Z79.1"]),
    ("On birth control pills.", ["Z79.3"]),
    ("On Premarin.", ["Z79.890"]),
    ("On Fosamax.", ["Z79.83"]),
    ("On amiodarone, digoxin and lithium.", ["Z79.899"] * 3),
    ("On lisinopril, atorvastatin, omeprazole and levothyroxine.", []),  # coders report none of these
    ("Stop warfarin.", []),
]


@pytest.mark.parametrize(("text", "codes"), CODES)
def test_long_term_mentions(text: str, codes: list[str], full_table: CodeTable) -> None:
    note = read(text)
    mentions = long_term_mentions(note, find_drugs(note), full_table.row_of)
    assert [m.codes[0] for m in mentions] == codes
    for m in mentions:
        assert (m.method, m.assertion.affirmed, len(m.codes)) == ("exact", True, 1)
        assert [a.axis for a in m.attributes] == ["cue"]


def test_a_code_the_release_lacks_is_left_out() -> None:
    note = read("On warfarin and aspirin.")
    assert [m.codes for m in long_term_mentions(note, find_drugs(note), {"Z79.82"})] == [("Z79.82",)]


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("She is on warfarin.", "She is on"),
        ("MEDICATIONS:\nWarfarin\n", "MEDICATIONS:"),  # a list has its header as the cue
        ("Was on warfarin until 2019.", "Was on"),
        ("Aspirin 81 mg daily.", "daily"),
        ("Chronic oxycodone.", "Chronic"),
    ],
)
def test_the_cue_is_quoted(text: str, cue: str) -> None:
    (found,) = find_drugs(read(text))
    assert found.cue is not None
    assert text[found.cue.start : found.cue.end] == found.cue.text == cue


def test_repr_keeps_the_words_of_the_note() -> None:
    assert "arfarin" not in repr(find_drugs(read("She is on warfarin.")))


@pytest.mark.parametrize(
    ("text", "code", "names"),
    [
        ("Continue metformin and lisinopril.", "E11.9", ["metformin"]),
        ("Continue metformin and lisinopril.", "I10", ["lisinopril"]),
        ("Continue metformin and lisinopril.", "E78.5", []),
        ("Start lisinopril.", "I10", ["lisinopril"]),  # started today is treatment
        ("Keflex for 5 days.", "L03.115", ["keflex"]),  # so is a short course
        ("Stop lisinopril.", "I10", []),
        ("Allergic to lisinopril.", "I10", []),
        ("Mother takes lisinopril.", "I10", []),
        ("Vitamin D level.", "E55.9", []),
        ("On tamoxifen.", "C50.911", ["tamoxifen"]),
        ("Levothyroxine 50 mcg.", "E89.0", ["levothyroxine"]),
        ("Chemotherapy and propofol.", "Z00.00", []),
    ],
)
def test_treatment_of(text: str, code: str, names: list[str]) -> None:
    assert [d.drug.name for d in treatment_of(find_drugs(read(text)), code)] == names


def test_the_packaged_drugs_agree_with_the_release(full_table: CodeTable) -> None:
    drugs = load_drugs()
    assert len(drugs) >= 1000
    assert len({d.drug_class for d in drugs.values()}) >= 60
    billable = [c for c, ok in zip(full_table.codes, full_table.billable, strict=True) if ok]
    assert check_codes(drugs.values(), billable) == []


def test_every_packaged_name_is_found() -> None:
    for name in load_drugs():
        assert [m.drug.name for m in find_drugs(read(f"Xx {name} xx"))] == [name]


_ROW = {"name": "x", "generic": "x", "drug_class": "x", "long_term_code": "", "treats": "", "note": ""}


def test_every_bad_row_is_reported() -> None:
    rows = [
        _ROW,
        _ROW,
        {**_ROW, "name": "y", "long_term_code": "Z99"},
        {**_ROW, "name": "v", "long_term_code": "Z79.777"},
        {**_ROW, "name": "z", "treats": "I10|11"},
        {**_ROW, "name": "w", "treats": "E99"},
        {**_ROW, "name": "Upper"},
    ]
    with pytest.raises(TableError) as caught:
        compile_drugs(rows, ["I10", "Z79.01"])
    assert {p.split(": ", 1)[0] for p in caught.value.problems} == {
        "'x'", "'y'", "'v'", "'z'", "'w'", "'Upper'",
    }  # fmt: skip
    assert any("duplicate name" in p for p in caught.value.problems)
    assert any("unknown code 'Z79.777'" in p for p in caught.value.problems)
    assert any("bad prefix '11'" in p for p in caught.value.problems)
    assert any("bad prefix 'E99'" in p for p in caught.value.problems)


def test_row_order_does_not_matter() -> None:
    rows = [{**_ROW, "name": n} for n in ("b", "a", "c")]
    assert list(compile_drugs(rows).items()) == list(compile_drugs(rows[::-1]).items())


@pytest.mark.parametrize(
    "rows",
    [
        [("on", "current", "pre"), ("On", "stopped", "pre")],  # the same words on the same side
        [("held", "stopped", "both"), ("held", "short", "post")],
        [("<num> days", "short", "post")],  # a placeholder has no first word to be found by
    ],
)
def test_bad_cues_are_refused(rows: list[tuple[str, str, str]]) -> None:
    with pytest.raises(TableError):
        compile_cues([dict(zip(("cue", "kind", "direction"), r, strict=True)) for r in rows])


def test_words_may_have_one_reading_on_each_side() -> None:
    rows = [("given", "short", "pre"), ("given", "planned", "post")]
    index = compile_cues([dict(zip(("cue", "kind", "direction"), r, strict=True)) for r in rows])
    assert index["given"].alone == (("planned", "post"), ("short", "pre"))


_WORDS = sorted({w.split()[0] for w in load_drugs()})[::7] + sorted(drug_cues())[::3]


@given(
    st.lists(
        st.one_of(
            st.sampled_from(_WORDS),
            st.sampled_from(["\n", ".", ";", ",", "and", "MEDICATIONS:\n", "2019", "\u00e9", "-", "\ufb01"]),
            st.text(max_size=5),
        ),
        max_size=40,
    )
)
def test_offsets_always_quote_the_note(words: list[str]) -> None:
    text = " ".join(words).replace("\x00", " ")
    try:
        note = read(text)
    except NoteError:  # mostly control characters: refused as binary
        return
    drugs = find_drugs(note)
    assert [d.start for d in drugs] == sorted({d.start for d in drugs})
    for d in drugs:
        sentence = note.sentences[d.sentence]
        assert sentence.start <= d.start < d.end <= sentence.end
        assert d.section == note.sections[sentence.section].kind
        _state(d)
        if d.cue is not None:
            assert text[d.cue.start : d.cue.end] == d.cue.text
        assert not d.long_term or d.cue is not None
    codes = {c for drug in load_drugs().values() for c in drug.long_term_codes}
    for m in long_term_mentions(note, drugs, codes):
        assert any((d.start, d.end) == (m.start, m.end) and d.long_term for d in drugs)


_AGAINST_ALL = ("Stopped", "Denies taking", "Allergic to", "Start", "Previously on", "Mother takes")


@given(st.sampled_from(sorted(load_drugs())), st.sampled_from(_AGAINST_ALL))
def test_words_against_it_never_give_long_term_use(name: str, words: str) -> None:
    assert not any(d.long_term for d in find_drugs(read(f"{words} {name}.")))
