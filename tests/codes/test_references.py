from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cac.codes.references import Reference, parse_references, refers_to
from cac.codes.table import CodeTable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # one code, one category, lists
        ("premature menopause (E28.310)", [("E28.310", "E28.310")]),
        ("type 1 diabetes mellitus (E10.-)", [("E10", "E10")]),
        ("hypertensive kidney disease (I12.-, I13.-)", [("I12", "I12"), ("I13", "I13")]),
        ("hypoglycaemia (E16.A1)", [("E16.A1", "E16.A1")]),
        ("weeks of gestation (Z3A.-)", [("Z3A", "Z3A")]),
        # ranges, with double spaces, trailing dashes, spaced dashes, "to"
        ("hypertension in pregnancy (O10-O11,  O13-O16)", [("O10", "O11"), ("O13", "O16")]),
        ("with complications (E11.0-E11.8)", [("E11.0", "E11.8")]),
        ("hypertensive diseases (I10-I15, I1A)", [("I10", "I15"), ("I1A", "I1A")]),
        ("fracture of neck (S12.0--S12.3-)", [("S12.0", "S12.3")]),
        ("drug use (F10.- -F19.-)", [("F10", "F19")]),
        ("head injury (S00 - S09)", [("S00", "S09")]),
        ("worms (B65.0 -B83.9)", [("B65.0", "B83.9")]),
        ("other injuries, S06.1- to S06.6-, code to injury", [("S06.1", "S06.6")]),
        ("heart rhythm (I47-I49.-)", [("I47", "I49")]),
        # without brackets, or with one that is not closed
        ("stages N18.1-N18.6", [("N18.1", "N18.6")]),
        ("explantation of knee (Z89.52-", [("Z89.52", "Z89.52")]),
        ("code from category O08 to identify a complication", [("O08", "O08")]),
        # a placeholder before the dash
        ("adverse effect of penicillins (T36.0X5-)", [("T36.0X5", "T36.0X5")]),
        ("influenza (J09.X1, J10.0-)", [("J09.X1", "J09.X1"), ("J10.0", "J10.0")]),
    ],
)
def test_what_a_note_refers_to(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(r.first, r.last, r.pattern) for r in parse_references(text)] == [(a, b, "") for a, b in expected]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "newborn jaundice",
        "current injury - see Injury, by body region",
        # words that look like codes
        "vitamin B12 deficiency",
        "glucose-6-phosphate dehydrogenase (G6PD) deficiency",
        # a condition on the code that cannot be checked leaves the reference out
        "acidosis - see categories E08-E10 with ketoacidosis",
    ],
)
def test_notes_that_refer_to_no_code(text: str) -> None:
    assert parse_references(text) == ()


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("(E10.-)", ["E10", "E10.9", "E10.3211"], ["E11", "E1", "E09.9"]),
        # a range covers all below its last member, and letters that sort within it
        ("(E11.0-E11.8)", ["E11.00", "E11.65", "E11.8"], ["E11.9", "E11.A", "E11", "E12.3"]),
        # categories with a letter stand where the tabular list has them
        ("(C43-C44)", ["C4A.0", "C43.9", "C44.1021"], ["C45.0", "C7A.00"]),
        ("(C76-C80)", ["C76.0", "C80.1"], ["C7A.00", "C7B.09"]),
        ("(M05-M14)", ["M1A.9XX0"], ["M15.0"]),
        ("(M15-M19)", ["M17.0"], ["M1A.9XX0"]),
        ("(C4A.-)", ["C4A.0"], ["C43.9", "C44.1"]),
        ("(I10-I15, I1A)", ["I1A.0", "I11.9"], ["I16.0"]),
        ("(M00-M25)", ["M1A.9XX0", "M25.511"], ["M26.0"]),
        # the category is only partly within the range
        ("(T80-T88.6)", ["T80", "T88.6XXA", "T88.0"], ["T88", "T88.7"]),
        # the character that tells poisoning from adverse effect, wherever the placeholder stands
        (
            "(T36-T50 with fifth or sixth character 5)",
            ["T36.0X5A", "T36.95XA", "T45.515A", "T38.3X5D"],
            ["T36.0X1A", "T36.91XA", "T45.511A", "T51.0X1A"],
        ),
        ("(T36-T65 with fifth or sixth character 1-4 or 6)", ["T45.514A", "T36.96XA"], ["T45.515A"]),
        ("(T51-T65 with fifth or sixth character to indicate intent)", ["T51.0X1A"], ["T51.0X6A"]),
        ("(T36-T50 with final character 6)", ["T38.3X6A"], ["T38.3X5A"]),
        # the same subdivision of several categories
        ("(E08-E13 with .52)", ["E11.52", "E08.52"], ["E11.51", "E11.9", "I96"]),
        ("(E08-E13 with .51-.52)", ["E11.51", "E11.52"], ["E11.59"]),
        ("(E08-E13 with .62-)", ["E11.621"], ["E11.65"]),
        ("(E08, E11 with final characters .00 or .01)", ["E11.00", "E08.01"], ["E11.10", "E09.00"]),
        ("(F11-F19 with .15. .25, .95)", ["F11.150", "F19.951"], ["F11.120"]),
        ("(I69. with final characters -20)", ["I69.020", "I69.920"], ["I69.021", "I69.92"]),
        ("(F11-F19 with fifth to sixth characters 51)", ["F11.151", "F12.951"], ["F11.150", "F11.250"]),
        ("(F10-F19 with 5th character .6)", ["F10.26", "F13.96"], ["F10.27"]),
        ("(S42.- with 7th character B or C)", ["S42.001B", "S42.021C"], ["S42.001A", "S42.001"]),
        ("(S52.- with open fracture 7th character)", ["S52.501B"], ["S52.501A"]),
        ("C91.0-C95.9 with 5th character 1", ["C91.01"], ["C91.00", "C90.01"]),
    ],
)
def test_covered_codes(text: str, inside: list[str], outside: list[str]) -> None:
    references = parse_references(text)
    assert [code for code in inside if not refers_to(references, code)] == []
    assert [code for code in outside if refers_to(references, code)] == []


_codes = st.from_regex(r"[A-Z][0-9][0-9A](\.[0-9]{1,3})?", fullmatch=True)


@settings(deadline=None)
@given(st.lists(st.tuples(_codes, _codes).map(sorted), min_size=1, max_size=4))
def test_ranges_written_out_are_read_back(pairs: list[list[str]]) -> None:
    text = ", ".join(f"{a}-{b}" if a != b else f"{a}.-" if "." not in a else f"{a}-" for a, b in pairs)
    references = parse_references(f"some disease ({text})")
    assert references == tuple(Reference(a, b) for a, b in pairs)


@settings(deadline=None)
@given(_codes, st.from_regex(r"[0-9A-Z]{1,2}", fullmatch=True))
def test_a_reference_covers_its_code_and_all_below(code: str, more: str) -> None:
    references = parse_references(f"({code}-)")
    below = code + more if "." in code else f"{code}.{more}"
    assert refers_to(references, code)
    assert refers_to(references, below)
    assert refers_to(references, below.replace(".", ""))


@settings(deadline=None)
@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    for reference in parse_references(text):
        assert reference.first in text


def test_share_of_full_release_notes_that_are_understood(table: CodeTable) -> None:
    """Notes without a reference are headings ("meningitis (in):") and pointers to the index."""
    lines = [text for row in range(len(table)) for text in table.notes(row, "excludes1")]
    understood = [text for text in lines if parse_references(text)]
    assert len(lines) == 5407
    assert len(understood) == 5278


def test_almost_every_reference_of_the_full_release_exists(table: CodeTable) -> None:
    wrong = {
        (table.codes[row], code)
        for row in range(len(table))
        for kind in ("excludes1", "excludes2", "code_first", "use_additional", "code_also")
        for text in table.notes(row, kind)
        for reference in parse_references(text)
        for code in reference[:2]
        if code not in table
    }
    # slips of the release itself: no such codes
    assert wrong == {("F02", "G31.90"), ("R10.85", "R10.4")}


@pytest.mark.parametrize("release", ["2026-04", "2025-04"])
def test_the_range_of_a_block_covers_its_categories_and_no_others(release: str) -> None:
    """The blocks of the release check the places of the categories with a letter."""
    table = CodeTable.open(release)
    kinds = [table.kind(row) for row in range(len(table))]
    categories = [row for row, kind in enumerate(kinds) if kind == "category"]
    for block in (row for row, kind in enumerate(kinds) if kind == "block" and table.children(row)):
        reference = parse_references(table.codes[block])
        covered = [row for row in categories if refers_to(reference, table.codes[row])]
        assert covered == table.children(block), table.codes[block]
