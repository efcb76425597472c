"""What is read from the words around a mention: stages, fetuses, perpetrators, ulcers of the veins."""

from __future__ import annotations

import csv
import io

import pytest

import cac
from cac.resources import data_text


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        # pressure ulcers: each stage to its own site (I.C.12.a)
        ("Assessment: Pressure injuries - sacrum stage 4, left heel DTI.", "L89.154 L89.626"),
        ("Assessment: pressure ulcers: right buttock stage 2, left buttock stage 3.", "L89.312 L89.323"),
        ("Assessment: Stage III sacral decubitus, stage II left ischial decubitus.", "L89.153 L89.322"),
        (
            "Assessment: Pressure ulcers: left heel unstageable, right heel stage 2, sacrum closed.",
            "L89.612 L89.620",
        ),
        ("Assessment: Decubitus of the coccyx (stage 3), both heels (stage 1).", "L89.153 L89.611 L89.621"),
        (
            "Assessment: pressure injuries of left and right buttocks, stage 2 and stage 4 respectively.",
            "L89.314 L89.322",
        ),
        ("Assessment: Bedsores of sacrum and left hip, each stage 3.", "L89.153 L89.223"),
        (
            "Assessment: Pressure ulcers: coccyx, stage 2; left hip, unstageable; right heel DTI.",
            "L89.152 L89.220 L89.616",
        ),
        ("Assessment: Stage 2 decubitus of sacrum and a decubitus of the left heel.", "L89.152 L89.629"),
        ("Assessment: Stage 4 sacral decubitus, heel ulcers bilateral stage 2.", "L89.154 L89.612 L89.622"),
        # an ulcer that got worse: both stages in one stay, else the one it has now (I.C.12.a.6)
        (
            "Assessment: Right heel pressure ulcer stage 2 on admission, advanced to stage 4.",
            "L89.612 L89.614",
        ),
        ("Assessment: Left heel pressure sore has progressed from stage 2 to stage 3.", "L89.623"),
        # a stage of something else, an ulcer of another kind
        (
            "Assessment: Stage 2 sacral pressure ulcer, stage 4 CKD, right heel pressure ulcer stage 3.",
            "L89.152 L89.613",
        ),
        (
            "Assessment: Stage 3 pressure ulcer of sacrum and chronic ulcer of the left calf.",
            "L89.153 L97.229",
        ),
        # one stage for both, or one ulcer: as before
        ("Assessment: Stage 3 pressure ulcers of sacrum and right heel.", "L89.153 L89.613"),
        ("Assessment: Stage 2 pressure ulcer of sacrum.", "L89.152"),
        ("No stage 3 pressure ulcer of the sacrum and no stage 2 of the heel.", ""),
        # the number of the fetus (I.C.15.a.6)
        ("Assessment: 30 weeks twin pregnancy, transverse lie of second twin", "O32.2XX2"),
        ("Assessment: Decreased fetal movement, twin A, 33 weeks", "O36.8131"),
        ("Assessment: breech presentation of both twins, 35 weeks", "O32.1XX1 O32.1XX2"),
        ("Assessment: breech presentation, 35 weeks", "O32.1XX0"),
        # who did it (I.C.19.f)
        ("Assessment: Adult physical abuse. The ex-husband is the perpetrator.", "Y07.011"),
        ("Assessment: Adult physical abuse. Her wife is the perpetrator.", "Y07.020"),
        ("Assessment: Child neglect, confirmed. Abuser identified as the grandmother.", "Y07.46"),
        ("Assessment: Adult physical abuse. Not struck by husband.", ""),
        ("Assessment: Adult physical abuse. Seen by husband's doctor.", ""),
        ("Assessment: Adult physical abuse. Brought in by husband.", ""),
        ("Assessment: Ankle sprain. Struck by husband's golf cart.", ""),
        # the ulcer of a venous ulcer (L97)
        ("Assessment: Venous ulcer of the left shin with necrosis of muscle", "L97.823"),
        ("Assessment: Venous stasis ulcer", "L97.909"),
        ("Assessment: Venous insufficiency, no history of ulcer", ""),
        # the number of the pregnancy
        ("Prenatal visit, gravida 2, 20 weeks.", "Z34.82"),
        ("Prenatal visit, primigravida, 20 weeks.", "Z34.02"),
        ("Prenatal visit, 20 weeks.", "Z34.92"),
    ],
)
def test_told_apart(text: str, codes: str) -> None:
    families = ("L89", "L97", "O32", "O36", "Y07", "Z34")
    got = [s.code for s in cac.suggest(text, systems=("ICD-10-CM",)) if s.code.startswith(families)]
    assert sorted(got) == codes.split()


@pytest.mark.parametrize(
    ("name", "columns", "ends"),
    [
        ("pressure_sites", ("none", "right", "left"), "012346"),
        ("ulcer_sites", ("none", "right", "left"), "1234569"),
        ("perpetrators", ("code", "former"), ("",)),
        ("metastasis_sites", ("none", "right", "left"), ("",)),
        ("birth_weights", ("code",), ("",)),
    ],
)
def test_every_row_leads_to_codes_that_exist(
    name: str, columns: tuple[str, ...], ends: tuple[str, ...]
) -> None:
    rows = csv.DictReader(io.StringIO(data_text(f"lexicon/{name}.csv"), newline=""))
    stems = [row[column] for row in rows for column in columns if row[column]]
    assert stems
    assert all(cac.lookup(stem + end).billable for stem in stems for end in ends)
