"""What short forms mean in a note: by section, by neighbours, by case, and when they stay undecided."""

from __future__ import annotations

import csv
from collections import defaultdict
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.coder import Coder
from cac.match.canon import Stream
from cac.match.index import TermIndex
from cac.match.lexicon import Abbreviation, load_lexicon
from cac.text.reader import read


def _stream(index: TermIndex, note: str) -> Stream:
    return index.canon.stream(read(note))


def _holds(atoms: list[str], words: tuple[str, ...]) -> bool:
    """Whether the words stand in the stream one after the other."""
    return any(tuple(atoms[i : i + len(words)]) == words for i in range(len(atoms) - len(words) + 1))


# (note, what the short form is read as, why)
READ = [
    # one meaning only
    ("Known CAD.", "coronary artery disease", "one sense"),
    ("HTN, well controlled.", "hypertension", "one sense"),
    ("HLD on atorvastatin.", "hyperlipidemia", "one sense"),
    ("T2DM with neuropathy.", "type 2 diabetes mellitus", "letters and figures are one token"),
    ("CKD3b, stable.", "chronic kidney disease stage 3b", "the stage is part of the short form"),
    ("Acute on chronic HFrEF.", "heart failure with reduced ejection fraction", "mixed case as written"),
    ("acute hfref today", "heart failure with reduced ejection fraction", "and all lower case"),
    ("NEW HFPEF AFTER DELIVERY", "heart failure with preserved ejection fraction", "and in capitals"),
    ("Admitted with NSTEMI.", "non st elevation myocardial infarction", "not read as STEMI"),
    ("Anterior STEMI treated with stent.", "st elevation myocardial infarction", "one sense"),
    ("She has COPD and OSA.", "obstructive sleep apnea", "second of two short forms"),
    ("She has COPD and OSA.", "chronic obstructive pulmonary disease", "first of two short forms"),
    ("AKI on CKD.", "acute kidney injury", "one sense"),
    ("ATN from shock.", "acute tubular necrosis", "one sense"),
    ("SBO treated with tube.", "small bowel obstruction", "one sense"),
    ("UGIB from an ulcer.", "upper gastrointestinal bleed", "one sense"),
    ("GERD controlled on omeprazole.", "gastroesophageal reflux disease", "one sense"),
    ("IBS with bloating.", "irritable bowel syndrome", "one sense"),
    ("LBP for years.", "low back pain", "one sense"),
    ("DOE on stairs.", "dyspnea on exertion", "an English word in small letters only"),
    ("SOB at rest.", "shortness of breath", "one sense"),
    ("Right leg DVT.", "deep vein thrombosis", "one sense"),
    ("Prior TIA.", "transient ischemic attack", "one sense"),
    ("BPH with nocturia.", "benign prostatic hyperplasia", "one sense"),
    ("PTSD after combat.", "post traumatic stress disorder", "one sense"),
    ("ADHD on stimulants.", "attention deficit hyperactivity disorder", "one sense"),
    ("CML in remission.", "chronic myeloid leukemia", "one sense"),
    ("CLL, watch and wait.", "chronic lymphocytic leukemia", "one sense"),
    ("BCC of the nose.", "basal cell carcinoma", "one sense"),
    ("SLE with nephritis.", "systemic lupus erythematosus", "one sense"),
    ("RLS treated with gabapentin.", "restless legs syndrome", "one sense"),
    ("AAA found by ultrasound.", "abdominal aortic aneurysm", "one sense"),
    ("Cerebral AVM.", "arteriovenous malformation", "one sense"),
    ("PNA of the left lower lobe.", "pneumonia", "one sense"),
    ("RSV bronchiolitis.", "respiratory syncytial virus", "one sense"),
    ("Arm numbness from TOS.", "thoracic outlet syndrome", "one sense"),
    ("ESRD from diabetes.", "end stage renal disease", "one sense"),
    # sections
    ("Problem List:\nMS for years\n", "multiple sclerosis", "a list of problems"),
    ("Physical Exam:\nMS: altered.\n", "mental status", "an examination"),
    ("Medications:\nMS 15 mg ER\n", "morphine sulfate", "a list of drugs"),
    ("Past Medical History:\nRA for years\n", "rheumatoid arthritis", "a list of problems"),
    ("Vitals:\nSpO2 97 RA\n", "room air", "a line of vital signs"),
    ("Past Medical History:\nMG for years\n", "myasthenia gravis", "a list of problems"),
    ("Assessment:\nPE, new\n", "pulmonary embolism", "a diagnosis"),
    ("Past Surgical History:\nC/S in 2011\n", "cesarean section", "an operation"),
    ("Past Medical History:\nCP with scoliosis\n", "cerebral palsy", "a lifelong condition"),
    ("Chief Complaint:\nCP today\n", "chest pain", "a complaint"),
    ("Social History:\n1 PPD for 20 years\n", "packs per day", "tobacco"),
    ("Family History:\nMother with breast CA\n", "breast cancer", "not calcium"),
    ("Physical Exam:\nNeck: no LAD\n", "lymphadenopathy", "an examined neck"),
    ("Physical Exam:\nAbdomen soft, BS normal\n", "bowel sounds", "an examined abdomen"),
    ("Physical Exam:\nLungs clear, BS equal\n", "breath sounds", "examined lungs"),
    ("Allergies:\nPCN\n", "penicillin", "an allergy"),
    ("Labs:\nPSA 4.5\n", "prostate specific antigen", "a laboratory value"),
    ("Pathology:\nTA of the cecum\n", "tubular adenoma", "a polyp"),
    # neighbours
    ("MS relapse, on ocrelizumab.", "multiple sclerosis", "its drug and its course"),
    ("Echo: severe MS, valve gradient 12.", "mitral stenosis", "an echocardiogram"),
    ("Found with altered MS.", "mental status", "altered"),
    ("MS contin 15 mg.", "morphine sulfate", "the brand name goes on"),
    ("Saddle PE on CTA.", "pulmonary embolism", "saddle"),
    ("PE tubes in both ears.", "pressure equalization", "ears"),
    ("RA on methotrexate.", "rheumatoid arthritis", "its drug"),
    ("Sats 96% on RA.", "room air", "saturation"),
    ("RA pressure raised, RV dilated on echo.", "right atrium", "the right heart"),
    ("PT and OT for strengthening exercises.", "physical therapy", "exercises"),
    ("PT 14 and INR 1.2.", "prothrombin time", "clotting tests"),
    ("MI with raised troponin.", "myocardial infarction", "troponin"),
    ("ICD fired, one shock.", "implantable cardioverter defibrillator", "a shock"),
    ("ICD of the hands, contact rash, dermatitis.", "irritant contact dermatitis", "skin words"),
    ("DM with A1c 9.", "diabetes mellitus", "glucose control"),
    ("DM with heliotrope rash and myositis.", "dermatomyositis", "its skin signs"),
    ("HD on MWF through a fistula.", "hemodialysis", "dialysis days"),
    ("HD with chorea and CAG repeats.", "huntington disease", "chorea"),
    ("HD stable overnight.", "hemodynamically", "stable"),
    ("Stent to the mid LAD.", "left anterior descending", "a coronary stent"),
    ("Cervical LAD, tender nodes.", "lymphadenopathy", "nodes"),
    ("BS running high on insulin.", "blood sugar", "insulin"),
    ("BS hypoactive, abdomen distended.", "bowel sounds", "abdomen"),
    ("CP with exertional dyspnea.", "chest pain", "exertion"),
    ("Spastic CP, in a wheelchair.", "cerebral palsy", "spastic"),
    ("PD on levodopa, worse tremor.", "parkinson disease", "its drug"),
    ("ESRD on PD, dialysate cloudy.", "peritoneal dialysis", "dialysate"),
    ("CF with pseudomonas.", "cystic fibrosis", "its germ"),
    ("OD vision CF, eye red, va reduced.", "counting fingers vision", "visual acuity"),
    ("AF with RVR.", "atrial fibrillation", "fast response"),
    ("Newborn, AF soft and flat.", "anterior fontanelle", "a newborn head"),
    ("Severe AS, valve area 0.8.", "aortic stenosis", "valve"),
    ("AS with sacroiliitis, HLA B27 positive.", "ankylosing spondylitis", "spine"),
    ("Moderate MR, trace TR.", "mitral regurgitation", "graded with another valve"),
    ("MR angiography with contrast.", "magnetic resonance", "imaging"),
    ("PR interval and QRS normal.", "pr interval", "an electrocardiogram"),
    ("ER and PR positive breast carcinoma.", "progesterone receptor", "with the other receptor"),
    ("PR with herald patch.", "pityriasis rosea", "herald patch"),
    ("RT knee swollen.", "right knee", "a side before a joint"),
    ("Chemo and RT to 50 Gy.", "radiation therapy", "dose"),
    ("Vision OD 20/40, OS 20/20.", "right eye", "with the other eye"),
    ("OD of pills in a suicide attempt.", "overdose", "pills"),
    ("Shoulder ROM limited.", "range of motion", "a joint"),
    ("ROM at 5 am, clear fluid, labor began.", "rupture of membranes", "labor"),
    ("PND and orthopnea.", "paroxysmal nocturnal dyspnea", "heart failure"),
    ("PND with throat clearing and nasal congestion.", "postnasal drip", "nose and throat"),
    ("Throbbing HA with photophobia.", "headache", "migraine words"),
    ("Old CVA with hemiparesis.", "cerebrovascular accident", "hemiparesis"),
    ("CVA percussion tender on flank.", "costovertebral angle", "flank"),
    ("Sent to the ED by EMS.", "emergency department", "EMS"),
    ("ED on sildenafil.", "erectile dysfunction", "its drug"),
    ("PVD with claudication.", "peripheral vascular disease", "claudication"),
    ("PVD with floaters and flashes.", "posterior vitreous detachment", "floaters"),
    ("PCP pneumonia in HIV, on bactrim.", "pneumocystis pneumonia", "its host and drug"),
    ("Sees PCP at the clinic.", "primary care provider", "clinic"),
    ("UA with nitrite and blood.", "urinalysis", "dipstick"),
    ("UA, serial troponin, cath planned, angina.", "unstable angina", "coronary words"),
    ("NPH with gait trouble, shunt placed.", "normal pressure hydrocephalus", "gait and shunt"),
    ("NPH 20 units, regular insulin 10 units.", "insulin isophane", "units"),
    ("PID with cervical motion tenderness.", "pelvic inflammatory disease", "cervical"),
    ("PID at L4 L5 with sciatica.", "disc displacement", "lumbar levels"),
    ("SCC of the scalp, Mohs planned.", "squamous cell carcinoma", "skin"),
    ("ALL in remission after chemotherapy.", "acute lymphoblastic leukemia", "leukemia words"),
    ("AML with 40 percent blasts.", "acute myeloid leukemia", "blasts"),
    ("Renal AML with fat on imaging.", "angiomyolipoma", "a kidney tumor with fat"),
    ("MG with ptosis and diplopia.", "myasthenia gravis", "eye muscles"),
    ("GBS with areflexia, IVIG given.", "guillain barre syndrome", "its treatment"),
    ("GBS positive, penicillin in labor.", "group b streptococcus", "labor"),
    ("HCC with cirrhosis.", "hepatocellular carcinoma", "liver"),
    ("ARF, creatinine 5, dialysis started.", "acute renal failure", "kidney words"),
    ("ARF, hypoxic, intubated.", "acute respiratory failure", "lung words"),
    ("AI with cortisol low, on hydrocortisone.", "adrenal insufficiency", "cortisol"),
    ("AD on donepezil for memory.", "alzheimer disease", "its drug"),
    ("AD with itch, topical steroid.", "atopic dermatitis", "skin words"),
    ("CD of the ileum on infliximab.", "crohn disease", "its drug"),
    ("OM of the heel, bone probe positive.", "osteomyelitis", "bone"),
    ("OM of the left ear, amoxicillin.", "otitis media", "ear"),
    ("SI with plan, denies HI.", "suicidal ideation", "psychiatric words"),
    ("SI joint pain.", "sacroiliac joint", "joint"),
    ("SBP with ascites, ceftriaxone.", "spontaneous bacterial peritonitis", "ascites"),
    ("TTP with low platelets and schistocytes.", "thrombotic thrombocytopenic purpura", "blood film"),
    ("Left knee TTP medial joint line.", "tender to palpation", "an examined joint"),
    ("ET with JAK2, on hydroxyurea.", "essential thrombocythemia", "blood words"),
    ("ET of the hands on primidone.", "essential tremor", "its drug"),
    ("MAC in sputum, cavitary, ethambutol.", "mycobacterium avium complex", "its drug"),
    ("Left AMA, signed form.", "against medical advice", "left and signed"),
    ("AMA, weeks 12 of pregnancy, gravida 3.", "advanced maternal age", "pregnancy"),
    (
        "ICP with pruritus, bile acids high in pregnancy.",
        "intrahepatic cholestasis of pregnancy",
        "bile acids",
    ),
    ("Yellow nipple d/c.", "discharge", "nipple and color"),
    ("MCL sprain of the knee.", "medial collateral ligament", "knee"),
    ("MCL lymphoma on ibrutinib.", "mantle cell lymphoma", "its drug"),
    # shorthand of general practice in Britain
    ("TATT for months.", "tired all the time", "British shorthand"),
    ("CCF on furosemide.", "congestive cardiac failure", "British order of the words"),
    (
        "IECOPD, doxycycline started.",
        "infective exacerbation of chronic obstructive pulmonary disease",
        "British",
    ),
    ("EUPD under the mental health team.", "emotionally unstable personality disorder", "British"),
    ("PV bleeding since Monday.", "vaginal bleeding", "British"),
    ("Left NOF fracture.", "neck of femur fracture", "British"),
    ("T2RF on NIV.", "type 2 respiratory failure", "British"),
    ("PUO, cultures sent.", "pyrexia of unknown origin", "British"),
    # slashes
    ("n/v/d since Monday", "nausea vomiting diarrhea", "three letters, three symptoms"),
    ("b/l leg edema", "bilateral leg", "a side"),
    ("N/V after lunch", "nausea and vomiting", "capitals alike"),
    ("H/A for two days.", "headache", "a short form with a slash"),
    ("IC/BPS with pain.", "interstitial cystitis", "the long shape before its part"),
    ("CLL/SLL on ibrutinib.", "chronic lymphocytic leukemia", "the long shape before its part"),
    # plurals and possession
    ("Recurrent UTIs.", "recurrent urinary tract infection", "plural"),
    ("Several TIAs last year.", "transient ischemic attack", "plural"),
    ("Bilateral DVTs.", "deep vein thrombosis", "a plural that changes the word"),
    ("Frequent PVCs.", "premature ventricular contraction", "plural"),
    ("Multiple BCCs removed.", "basal cell carcinoma", "plural"),
    ("Daily HAs with nausea.", "headache", "plural of an English word"),
    ("Old CVAs on CT.", "cerebrovascular accident", "plural"),
    ("Two restrained MVAs.", "motor vehicle accident", "plural"),
    # lines of capitals: three letters and more are read, they are no English words
    ("COPD AND HTN", "hypertension", "capitals all along"),
    ("CAD S/P CABG", "coronary artery disease", "capitals all along"),
    ("recurrent dvts", "deep vein thrombosis", "a plural in small letters"),
    ("ruq pain after meals", "right upper quadrant pain", "a longer shape in small letters"),
    # longer shapes first
    ("No CVA tenderness.", "costovertebral angle tenderness", "three words of one shape"),
    ("CVA TTP on the left.", "costovertebral angle tenderness", "two short forms of one shape"),
    ("LLE DVT.", "left lower extremity deep vein thrombosis", "side and condition"),
    ("RUQ pain.", "right upper quadrant pain", "place and symptom"),
]

# (note, what it must not be read as, why)
NOT_READ = [
    ("It is getting better.", "intertrochanteric", "an English word"),
    ("All medications reviewed.", "acute lymphoblastic leukemia", "an English word"),
    ("ALL medications reviewed.", "acute lymphoblastic leukemia", "an English word, stressed"),
    ("She has no pain.", "headache", "has is not HAs"),
    ("He did as told.", "aortic stenosis", "an English word"),
    ("Work on or after Monday.", "optic neuritis", "an English word"),
    ("The doe ran off.", "dyspnea on exertion", "an English word"),
    ("He hit his head.", "heparin induced thrombocytopenia", "an English word"),
    ("Owns a pet dog.", "positron emission tomography", "an English word"),
    ("Stayed in bed.", "binge eating disorder", "an English word"),
    ("Her age is 60.", "acute gastroenteritis", "an English word"),
    ("PATIENT DID AS TOLD", "aortic stenosis", "in a line of capitals a word stays a word"),
    ("IT IS WHAT IT IS", "intertrochanteric", "in a line of capitals a word stays a word"),
    ("SHE HAS NO PAIN", "headache", "in a line of capitals a word stays a word"),
    ("Lisinopril 10 MG daily.", "myasthenia gravis", "a dose"),
    ("Take 500 MG tablet twice.", "myasthenia gravis", "a dose"),
    ("Ms Jones was seen.", "multiple sclerosis", "a title"),
    ("10 ml of ms solution", "multiple sclerosis", "two small letters are no short form"),
    ("weight in mm and cm", "multiple myeloma", "units"),
    ("ICD-10: I10.", "implantable cardioverter defibrillator", "the classification"),
    ("ICD 10 code given.", "implantable cardioverter defibrillator", "the classification"),
    ("ICD10 codes below.", "implantable cardioverter defibrillator", "the classification"),
    ("ICD-9 was used.", "implantable cardioverter defibrillator", "the classification"),
    ("GAD-7 score 12.", "generalized anxiety disorder", "a questionnaire"),
    ("GAD 7 of 4.", "generalized anxiety disorder", "a questionnaire"),
    ("GAD65 antibodies raised.", "generalized anxiety disorder", "an antibody"),
    ("GAD antibody, islet panel.", "generalized anxiety disorder", "an antibody"),
    ("Vitals:\nRA 98%\n", "rheumatoid arthritis", "room air"),
    ("Physical Exam:\nPE: normal\n", "pulmonary embolism", "the examination itself"),
    ("Labs:\nCa 9.1, Mg 2.0, K 4\n", "cancer", "electrolytes"),
    ("Ca 9.1 and albumin 4.", "cancer", "electrolytes"),
    ("Vitamin D and Ca supplement.", "cancer", "a supplement"),
    ("Stent to LAD.", "lymphadenopathy", "a vessel"),
    ("Bowel prep, last BM yesterday.", "bone marrow", "stool"),
    ("CT of the chest.", "chlamydia trachomatis", "a scan"),
    ("PT for strengthening.", "prothrombin time", "exercises"),
    ("ROM of the knee full.", "rupture of membranes", "a joint"),
    ("MCA infarct.", "motorcycle accident", "a vessel"),
    ("NSTEMI ruled out.", "unstable angina", "another coronary diagnosis"),
    ("SCDs in place for DVT prophylaxis.", "sickle cell disease", "stockings"),
    ("Continue SSI with insulin units.", "surgical site infection", "insulin"),
    ("Urine C/S sent with UA.", "cesarean", "a culture"),
    ("d/c home today", "vaginal", "leaving the hospital"),
    ("Foley d/c, drug d/c.", "discharge", "stopping"),
    ("Cared for by the VA hospital for veteran benefits.", "visual acuity", "an authority"),
    ("AC meals insulin before lispro.", "acromioclavicular", "before meals"),
    ("Left AMA today, signed.", "maternal", "leaving"),
    ("FROM home with cough.", "full range of motion", "an English word, stressed, with nothing beside it"),
]

# (note, the form in doubt, why)
DOUBTED = [
    ("Known MS.", "MS", "four senses, nothing beside them"),
    ("PE today.", "PE", "embolism or examination"),
    ("Reviewed BS.", "BS", "sugar, bowel or breath"),
    ("Seen for AP.", "AP", "pain or a view"),
    ("OM noted.", "OM", "bone or ear"),
    ("MAC given or grown.", "MAC", "a germ or an anesthetic"),
    ("Some MM found.", "MM", "myeloma, melanoma or millimeters"),
    ("TGA in the past.", "TGA", "memory or heart"),
    ("PIH in the past.", "PIH", "pregnancy or skin"),
    ("GA noted.", "GA", "four senses"),
    ("DSD suspected by them.", "DSD", "bladder or sex development"),
    ("CRS suspected by them.", "CRS", "just undecided"),
    ("AA seen.", "AA", "four senses"),
    ("MCC noted.", "MCC", "skin, crash or billing"),
    ("SCH noted.", "SCH", "eye, elbow or thyroid"),
    ("CLD noted.", "CLD", "liver or lung"),
]

# (note, the canonical word that stays, why)
STAYS = [
    ("GA noted.", "ga", "no sense reaches two fifths"),
    ("AA seen.", "aa", "no sense reaches two fifths"),
    ("PPD noted.", "ppd", "tobacco, a test or depression"),
    ("SCH noted.", "sch", "eye, elbow or thyroid"),
    ("ms noted.", "ms", "two small letters are no short form"),
    ("QZX noted.", "qzx", "nobody's short form"),
]


@pytest.mark.parametrize(("note", "meaning", "why"), READ)
def test_a_short_form_is_read_as(index: TermIndex, note: str, meaning: str, why: str) -> None:
    words = index.canon.text(meaning)
    assert words
    assert _holds(_stream(index, note).atoms, words), why


def test_figures_with_a_slash_can_be_a_cause(index: TermIndex) -> None:
    """ "2/2" is "secondary to": it stands between a condition and its cause and is no word of either."""
    stream = _stream(index, "Weakness 2/2 hypokalemia.")
    assert stream.atoms == list(index.canon.text("weakness secondary to hypokalemia"))
    assert stream.atoms == ["weakness", "hypokalemia"]
    assert stream.comma == [0, 2]


# (note, meaning, why): lists, plurals and shapes that differ only by case
LISTED = [
    ("MDD, recurrent.", "major depressive disorder", "a long form that is itself rewritten"),
    ("DM, HTN, AF", "atrial fibrillation", "a list of short forms is no line of capitals"),
    ("Problem List:\nMS\n", "multiple sclerosis", "a list item of one short form is no line of capitals"),
    ("Past Medical History:\nRA\n", "rheumatoid arthritis", "the same"),
    ("PT 14, INR 1.2, PTT 30.", "prothrombin time", "the same"),
    (
        "Severe PsA of the hands.",
        "psoriatic arthritis",
        "the exact shape before the one in any case",
    ),
    ("Old MIs.", "myocardial infarction", "a plural, not MIS"),
]

# A "#" before a bone or joint is a fracture, wherever it stands.
FRACTURE_SIGNS = [
    ("# NOF pinned.", "neck of femur fracture", "at the start of a line"),
    ("#NOF", "neck of femur fracture", "no blank"),
    ("# L wrist", "left wrist fracture", "a side in between"),
    ("# tib/fib, in plaster", "tib fib fracture", "two bones in short"),
    ("Fell, # right clavicle.", "fracture clavicle", "inside a sentence"),
]

# What follows the "#" makes a heading or a problem of it.
NO_FRACTURE_SIGNS = [
    ("# Assessment\nGout.", "a heading"),
    ("# Plan\nRest.", "a heading"),
    ("#1 Hypertension", "a number"),
    ("# HTN\nLisinopril.", "a problem in short"),
    ("# Wrist pain\nSplint.", "a problem at a joint"),
    ("# Hip: continue PT.", "a label"),
]


@pytest.mark.parametrize(("note", "meaning", "why"), FRACTURE_SIGNS)
def test_a_hash_sign_before_a_bone_is_a_fracture(index: TermIndex, note: str, meaning: str, why: str) -> None:
    assert set(index.canon.text(meaning)) <= set(_stream(index, note).atoms), why


@pytest.mark.parametrize(("note", "why"), NO_FRACTURE_SIGNS)
def test_a_hash_sign_is_no_fracture(index: TermIndex, note: str, why: str) -> None:
    assert "fracture" not in _stream(index, note).atoms, why


@pytest.mark.parametrize(("note", "meaning", "why"), LISTED)
def test_short_forms_in_lists_and_plurals(index: TermIndex, note: str, meaning: str, why: str) -> None:
    assert _holds(_stream(index, note).atoms, index.canon.text(meaning)), why


@pytest.mark.parametrize(("note", "meaning", "why"), NOT_READ)
def test_a_short_form_is_not_read_as(index: TermIndex, note: str, meaning: str, why: str) -> None:
    words = index.canon.text(meaning)
    assert words
    assert not _holds(_stream(index, note).atoms, words), why


@pytest.mark.parametrize(("note", "short", "why"), DOUBTED)
def test_doubt_is_recorded(index: TermIndex, note: str, short: str, why: str) -> None:
    stream = _stream(index, note)
    assert short in stream.doubts.values(), why


@pytest.mark.parametrize(("note", "word", "why"), STAYS)
def test_an_undecided_form_stays_as_it_is(index: TermIndex, note: str, word: str, why: str) -> None:
    assert word in _stream(index, note).atoms, why


@pytest.mark.parametrize(
    "note", ["Known CAD.", "MS relapse, on ocrelizumab.", "Problem List:\nMS for years\n"]
)
def test_a_clear_form_leaves_no_doubt(index: TermIndex, note: str) -> None:
    assert not _stream(index, note).doubts


def _codes(coder: Coder, note: str) -> set[str]:
    return {s.code for s in coder.suggest(note).suggestions}


# (note, code that must be there, code that must not, why)
DEFINED = [
    (
        "Assessment: multiple sclerosis (MS). MS is stable.",
        "G35",
        "I05",
        "the note says what it means",
    ),
    (
        "Assessment: mitral stenosis (MS). MS is severe.",
        "I05",
        "G35",
        "the note overrides the likelier sense",
    ),
    (
        "Assessment: cerebral palsy (CP), spastic. CP is unchanged.",
        "G80",
        "R07",
        "the note overrides the likelier sense",
    ),
]


@pytest.mark.parametrize(("note", "code", "absent", "why"), DEFINED)
def test_definitions_of_the_note_come_first(
    coder: Coder, note: str, code: str, absent: str, why: str
) -> None:
    codes = _codes(coder, note)
    assert any(c.startswith(code) for c in codes), why
    assert not any(c.startswith(absent) for c in codes), why


# ------------------------------------------------------------------------------------ the data


@pytest.fixture(scope="module")
def rows() -> tuple[Abbreviation, ...]:
    return load_lexicon().abbreviations


def test_there_are_enough_rows(rows: tuple[Abbreviation, ...]) -> None:
    assert len(rows) >= 1900


def test_the_senses_of_a_form_share_at_most_one(rows: tuple[Abbreviation, ...]) -> None:
    total: dict[str, float] = defaultdict(float)
    for row in rows:
        total[row.short] += row.prior
    assert not [(s, t) for s, t in total.items() if t > 1.0001]


def test_a_sense_stands_once(rows: tuple[Abbreviation, ...]) -> None:
    seen = [(r.short, r.long) for r in rows]
    assert len(seen) == len(set(seen))


def test_sections_are_section_kinds(rows: tuple[Abbreviation, ...]) -> None:
    text = files("cac").joinpath("data/lexicon/section_kinds.csv").read_text(encoding="utf-8")
    kinds = {row["kind"] for row in csv.DictReader(text.splitlines())}
    assert not [(r.short, s) for r in rows for s in r.sections if s not in kinds]


def test_context_words_are_single_lower_case_tokens(rows: tuple[Abbreviation, ...]) -> None:
    bad = [(r.short, c) for r in rows for c in r.context if c != c.lower() or len(read(c).tokens.words) != 1]
    assert not bad


def test_no_sense_speaks_for_itself(rows: tuple[Abbreviation, ...]) -> None:
    # The form stands beside itself always, so that it would count for every note.
    assert not [r.short for r in rows if r.short.lower() in r.context]


@given(st.sampled_from(["CAD", "HTN", "COPD", "ESRD", "GERD"]), st.integers(0, 31))
def test_case_of_a_plain_form_never_matters(index: TermIndex, short: str, mask: int) -> None:
    mixed = "".join(c.lower() if mask >> i & 1 else c for i, c in enumerate(short))
    assert _stream(index, f"Known {mixed} here.").atoms == _stream(index, f"Known {short} here.").atoms
