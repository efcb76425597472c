"""Descriptors: what they assert, what contradicts them, and finding codes by them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cac.codes.imports import import_cpt, load_codes
from cac.errors import TableError
from cac.match.index import TermIndex
from cac.procedures.descriptors import MIN_COVERAGE, MIN_SCORE, DescriptorIndex, imported_index
from cac.procedures.wording import (
    contradicts,
    load_axes,
    load_forms,
    load_short_words,
    plain_words,
    read_wording,
)

# Made-up descriptors in the manner of procedure nomenclature; the codes are ours.
TEXTS = {
    "90010": "Repair of kite, open; without tail",
    "90011": "Repair of kite, open; with tail",
    "90012": "Repair of kite, open; with tail and string (eg, silk, cotton)",
    "90013": "Repair of kite, percutaneous",
    "90014": "Repair of kite, laparoscopic, including lantern when performed",
    "90020": "Picture of knee; 1 or 2 views",
    "90021": "Picture of knee; complete, 4 or more views",
    "90030": "Computed tomography, cave; without contrast material",
    "90031": "Computed tomography, cave; with contrast material",
    "90032": "Computed tomography, cave; without contrast material, followed by contrast material and more",
    "90040": "Excision of bunion, left or right; simple",
    "90041": "Excision of bunion; complex",
    "90050": "Injection of lantern, with or without wick; unilateral",
    "90051": "Injection of lantern, with or without wick; bilateral",
    "90060": "Endoscopy of cave; diagnostic (separate procedure)",
    "90061": "Endoscopy of cave; with biopsy, single or multiple",
    "90062": "Endoscopy of cave; with removal of bat by snare",
}


@pytest.fixture(scope="module")
def made_up() -> DescriptorIndex:
    return DescriptorIndex({code: [("long", text)] for code, text in TEXTS.items()})


@pytest.mark.parametrize(
    ("text", "words", "optional", "denied", "added"),
    [
        ("Repair of kite", "kite repair", "", "", ""),
        ("Repair of kite; with tail", "kite repair tail", "", "", "tail"),
        ("Repair of kite; without tail", "kite repair", "", "tail", ""),
        ("Repair of kite, with or without tail", "kite repair", "tail", "", ""),
        ("Repair of kites (eg, dragons)", "kite repair", "dragon", "", ""),
        ("Repair of kite (separate procedure)", "kite repair", "", "", ""),
        ("Repair of kite, including tail when performed", "kite repair", "tail", "", ""),
        ("no tail, but a string", "string", "", "tail", ""),
        ("repair w/o tail", "repair", "", "tail", ""),
        ("CT without contrast", "ct", "", "", ""),
    ],
)
def test_a_text_is_taken_apart(text: str, words: str, optional: str, denied: str, added: str) -> None:
    w = read_wording(text)
    assert sorted(w.words) == words.split()
    assert sorted(w.optional) == optional.split()
    assert sorted(w.denied) == denied.split()
    assert sorted(w.added) == added.split()


@pytest.mark.parametrize(
    ("text", "axes"),
    [
        ("open repair", {"approach": ("open",)}),
        ("laparoscopic or robotic repair", {"approach": ("laparoscopic",)}),
        ("repair, open or percutaneous", {"approach": ("open", "percutaneous")}),
        ("ct with contrast", {"contrast": ("with",)}),
        ("ct without iv contrast", {"contrast": ("without",)}),
        ("noncontrast ct", {"contrast": ("without",)}),
        ("non-contrast ct", {"contrast": ("without",)}),
        ("ct without and with contrast", {"contrast": ("both",)}),
        ("ct with and without contrast", {"contrast": ("both",)}),
        ("without contrast material, followed by contrast material", {"contrast": ("both",)}),
        ("new patient visit", {"patient": ("new",)}),
        ("no ultrasound guidance was used", {}),  # denied words assert nothing
        ("bilateral", {"laterality": ("two",), "side": ("both",)}),
    ],
)
def test_axes(text: str, axes: dict[str, tuple[str, ...]]) -> None:
    assert dict(read_wording(text).axes) == axes


@pytest.mark.parametrize(
    ("descriptor", "clause", "out"),
    [
        ("Repair of kite, open", "laparoscopic repair of the kite", True),
        ("Repair of kite, open", "repair of the kite", False),  # silence is no contradiction
        ("Repair of kite, open or percutaneous", "percutaneous repair of kite", False),
        ("Repair of kite; with tail", "repair of kite without tail", True),
        ("Repair of kite; without tail", "repair of kite with tail", True),
        ("Repair of kite; without tail", "repair of kite", False),
        ("Repair, with or without tail", "repair without tail", False),
        ("CT; without contrast", "CT with contrast", True),
        ("CT; with contrast", "noncontrast CT", True),
        ("CT; without contrast, followed by contrast", "CT with contrast", True),
        ("CT; without contrast", "CT", False),
        ("Injection; bilateral", "left injection", True),
        ("Injection; unilateral", "bilateral injection", True),
        ("Injection; unilateral", "left injection", False),
        ("Office visit, new patient", "established patient seen", True),
        ("Partial excision", "total excision", True),
        ("Partial or total excision", "total excision", False),
    ],
)
def test_contradictions(descriptor: str, clause: str, out: bool) -> None:
    assert contradicts(read_wording(descriptor), read_wording(clause)) is out


@pytest.mark.parametrize(
    ("clause", "best"),
    [
        ("The kite was repaired: open repair of the kite with its tail.", "90011"),
        ("open kite repair without a tail", "90010"),
        ("the kite was repaired open, with its tail", "90011"),
        ("the bunion was excised, complex", "90041"),
        ("both lanterns were injected bilaterally", "90051"),
        ("under endoscopic view of the cave a bat was removed with a snare", "90062"),
        ("open repair of kite with tail and string", "90012"),
        ("open repair of kite with tail and silk string", "90012"),
        ("percutaneous repair of the kite", "90013"),
        ("laparoscopic kite repair", "90014"),
        ("picture of the knee, complete, 4 views", "90021"),
        ("picture of knee, 2 views", "90020"),
        ("computed tomography of the cave without contrast", "90030"),
        ("computed tomography of cave with iv contrast material", "90031"),
        ("computed tomography cave without and with contrast material", "90032"),
        ("computed tomography of the cave", "90030"),  # silence is without
        ("complex excision of bunion", "90041"),
        ("excision of right bunion, simple", "90040"),
        ("injection of both lanterns, bilateral", "90051"),
        ("unilateral lantern injection with wick", "90050"),
        ("endoscopy of the cave with biopsy", "90061"),
        ("endoscopy of the cave with removal of a bat by snare", "90062"),
        ("diagnostic endoscopy of the cave", "90060"),
    ],
)
def test_the_best_code(made_up: DescriptorIndex, clause: str, best: str) -> None:
    found = made_up.propose(clause)
    assert found[0].code == best
    assert found[0].documented >= MIN_COVERAGE


@pytest.mark.parametrize(
    ("clause", "never"),
    [
        ("open repair of kite without tail", {"90011", "90012", "90013", "90014"}),
        ("computed tomography cave with contrast material", {"90030", "90032"}),
        ("left lantern injection", {"90051"}),
    ],
)
def test_what_the_clause_contradicts_is_not_proposed(
    made_up: DescriptorIndex, clause: str, never: set[str]
) -> None:
    assert never.isdisjoint(p.code for p in made_up.propose(clause, k=50))


@pytest.mark.parametrize("clause", ["", "   ", "nothing that anybody knows", ".", "with without no"])
def test_nothing_is_proposed_for_nothing(made_up: DescriptorIndex, clause: str) -> None:
    assert made_up.propose(clause) == ()


def test_words_and_text_are_the_same(made_up: DescriptorIndex) -> None:
    text = "open repair of kite , with tail"
    assert made_up.propose(text.split()) == made_up.propose(text)
    assert made_up.propose(text, k=0) == ()
    assert made_up.propose(text, k=1) == made_up.propose(text, k=9)[:1]


def test_a_proposal_says_what_is_missing(made_up: DescriptorIndex) -> None:
    found = {p.code: p for p in made_up.propose("open repair of kite with tail")}
    assert found["90011"].missing == ()
    assert found["90012"].missing == ("string",)
    assert set(found["90012"].covered) == {"kite", "open", "repair", "tail"}
    assert "kite" not in repr(found["90012"])


def test_other_texts_of_a_code_find_it_too() -> None:
    index = DescriptorIndex(
        {
            "90010": [("long", "Restoration of aerial toy"), ("consumer", "Mending a kite")],
            "90020": [("short", "rmvl lantrn w/o tail perq")],
        }
    )
    assert [(p.code, p.kind) for p in index.propose("mending the kite")] == [("90010", "consumer")]
    assert [(p.code, p.kind) for p in index.propose("percutaneous removal of lantrn")] == [("90020", "short")]
    assert index.propose("percutaneous removal of lantrn with tail") == ()
    assert len(index) == 3


def test_the_index_of_an_imported_set(tmp_path: Path) -> None:
    folder = tmp_path
    path = tmp_path / "made_up.csv"
    path.write_text('code,description,synonyms\n90010,"Repair of kite, open; with tail",kite mending\n')
    import_cpt(path, accept_licence=True, data_dir=folder)
    table = load_codes("cpt", folder)
    assert table is not None
    index = DescriptorIndex.of(table)
    assert [p.code for p in index.propose("open repair of kite with tail")] == ["90010"]
    assert [p.kind for p in index.propose("kite mending")] == ["synonym"]


def test_the_imported_index_is_built_once_until_the_set_changes(tmp_path: Path) -> None:
    assert imported_index(tmp_path) is None
    path = tmp_path / "made_up.csv"
    path.write_text("code,description\n90010,Repair of kite\n")
    import_cpt(path, accept_licence=True, data_dir=tmp_path)
    first = imported_index(tmp_path)
    assert first is not None and first is imported_index(tmp_path)
    path.write_text("code,description\n90010,Repair of kite\n90020,Repair of lantern\n")
    import_cpt(path, accept_licence=True, data_dir=tmp_path)
    second = imported_index(tmp_path)
    assert second is not None and len(second) == 2
    (tmp_path / "cpt.imported").write_bytes(b"damaged")
    with pytest.raises(TableError, match="import it again"):
        imported_index(tmp_path)


def test_the_words_of_the_library_may_be_used(index: TermIndex) -> None:
    made = DescriptorIndex({"90010": [("long", "Removal of renal calculus")]}, index.canon.text)
    assert [p.code for p in made.propose("removal of kidney stone")] == ["90010"]


# ------------------------------------------------------------------------- against a plain search

_WORDS = (
    "kite tail string lantern wick cave bat knee repair excision picture open percutaneous left right".split()
)
_TEXT = st.lists(
    st.sampled_from([*_WORDS, "with", "without", "with or without", ";", ",", "(eg, silk)", "bilateral"]),
    min_size=1,
    max_size=9,
).map(" ".join)


def brute_force(texts: dict[str, list[str]], clause: str, k: int) -> list[tuple[str, float]]:
    """Every descriptor, one by one, by the definition."""
    docs = [(code, read_wording(text)) for code in sorted(texts) for text in sorted(texts[code])]
    n = len({code for code, _ in docs})

    def weight(word: str) -> float:
        return math.log(1 + n / len({c for c, w in docs if word in w.words | w.optional}))

    def total(words: frozenset[str]) -> float:
        return math.fsum(weight(w) for w in words)

    said = read_wording(clause)
    known = frozenset(w for w in said.words if any(w in d.words | d.optional for _, d in docs))
    best: dict[str, float] = {}
    for code, d in docs:
        if not d.words or not known or contradicts(d, said):
            continue
        documented = total(d.words & known) / total(d.words)
        explained = total((d.words | d.optional) & known) / total(known)
        if documented >= MIN_COVERAGE - 1e-9:
            score = round(2 * documented * explained / (documented + explained), 9)
            if score >= MIN_SCORE:
                best[code] = max(best.get(code, 0.0), score)
    return sorted(best.items(), key=lambda item: (-item[1], item[0]))[:k]


@given(
    st.dictionaries(
        st.sampled_from([f"9000{i}" for i in range(8)]), st.lists(_TEXT, min_size=1, max_size=2), min_size=1
    ),
    _TEXT,
    st.integers(1, 4),
)
@settings(max_examples=300, deadline=None)
def test_the_index_agrees_with_a_plain_search(texts: dict[str, list[str]], clause: str, k: int) -> None:
    index = DescriptorIndex({code: [("long", t) for t in found] for code, found in texts.items()})
    assert [(p.code, p.score) for p in index.propose(clause, k)] == brute_force(texts, clause, k)


@given(_TEXT)
@settings(deadline=None)
def test_the_order_of_codes_does_not_matter(clause: str) -> None:
    forward = DescriptorIndex({code: [("long", text)] for code, text in TEXTS.items()})
    backward = DescriptorIndex({code: [("long", text)] for code, text in reversed(TEXTS.items())})
    assert forward.propose(clause) == backward.propose(clause)


def test_tables_are_rows() -> None:
    assert {axis for rows in load_axes().values() for _, axis, _ in rows} >= {"approach", "side", "extent"}
    assert load_forms()["injected"] == "injection"
    assert load_short_words()["lap"] == "laparoscopic"
    assert plain_words("The kites") == ("kite",)
