"""The assertion engine: its interface, and what holds for any text."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.errors import NoteError
from cac.extract.context import assess, assess_spans, section_defaults
from cac.extract.cues import DIMENSIONS
from cac.testing import assert_assertions, parse_markup
from cac.text.reader import read
from cac.types import Assertion

# Cues, separators and mentions, so that random texts are rich in what the engine reacts to.
PIECES = (
    "no", "denies", "fever", "cough", "pneumonia", ",", ".", ";", ":", "(", ")", "or", "and", "but",
    "history of", "mother", "has", "is", "ruled out", "possible", "?", "vs", "in 2014",
    "3 years ago", "return if", "\n", "\n\n", "- ", "[ ]", "[x]", "(-)", "(+)", "é", "not",
    "without", "likely", "resolved", "family history of", "Assessment:", "no change in",
    "scheduled for", "exposed to", "10-year history of", "for 10 years", "diagnosed with", "😀",
)  # fmt: skip
cue_texts = st.lists(st.sampled_from(PIECES), min_size=1, max_size=25).map(" ".join)
plain_texts = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=200)
any_text = st.one_of(plain_texts, cue_texts)


@st.composite
def text_and_spans(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    text = draw(any_text)
    starts = draw(st.lists(st.integers(0, len(text) - 1), min_size=1, max_size=6))
    return text, [(start, draw(st.integers(start + 1, len(text)))) for start in starts]


@given(text_and_spans())
def test_any_span_of_any_text_is_assessed_the_same_way_twice(case: tuple[str, list[tuple[int, int]]]) -> None:
    text, spans = case
    note = read(text)
    found = assess_spans(note, spans)
    assert found == assess_spans(note, spans)
    # Neither the order of the spans nor their company matters.
    assert found == [assess_spans(note, [span])[0] for span in spans]


@given(text_and_spans())
def test_cues_are_words_of_their_sentence_or_header(case: tuple[str, list[tuple[int, int]]]) -> None:
    text, spans = case
    note = read(text)
    for (start, _), assertion in zip(spans, assess_spans(note, spans), strict=True):
        flags = {name for name in DIMENSIONS if getattr(assertion, name)}
        assert [cue.category for cue in assertion.cues] == list(
            dict.fromkeys(c.category for c in assertion.cues)
        )
        assert {cue.category for cue in assertion.cues} == flags
        for cue in assertion.cues:
            assert text[cue.start : cue.end] == cue.text
            assert 0 <= cue.scope_start <= cue.scope_end <= len(text)
            homes = [(s.start, s.end) for s in note.sentences] + [
                (s.header_start, s.end) for s in note.sections
            ]
            assert any(low <= cue.start and cue.end <= high for low, high in homes)
            sentence = next((s for s in note.sentences if s.start <= start < s.end), None)
            if sentence is not None and cue.category != section_defaults().get(
                note.sections[sentence.section].kind
            ):
                assert sentence.start <= cue.start and cue.end <= sentence.end


@given(
    st.sampled_from(("fever", "gout", "chest pain", "type 2 diabetes", "COPD")),
    st.sampled_from((".", "", "!")),
)
def test_no_before_a_bare_mention_negates_it(mention: str, stop: str) -> None:
    assert assess(mention + stop, 0, len(mention)).affirmed
    negated = assess(f"No {mention}{stop}", 3, 3 + len(mention))
    assert negated.negated and [cue.text for cue in negated.cues] == ["No"]


@given(cue_texts)
def test_a_cue_in_another_sentence_never_reaches(prefix: str) -> None:
    text = prefix.replace("Assessment:", "") + ".\n\nPatient is here. Gout was seen."
    start = text.rindex("Gout")
    assert not assess(text, start, start + 4).negated


def test_the_deciding_cue_is_the_nearest_and_carries_its_scope() -> None:
    text = "No evidence of fever, chills; mother had gout in 1990."
    fever, gout = (text.index(word) for word in ("chills", "gout"))
    negated, relative = assess_spans(read(text), [(fever, fever + 6), (gout, gout + 4)])
    (cue,) = negated.cues
    assert (cue.category, cue.text) == ("negated", "No evidence of")
    assert text[cue.scope_start : cue.scope_end] == "fever, chills"
    assert [(c.category, c.text) for c in relative.cues] == [
        ("historical", "in 1990"),
        ("family", "mother had"),
    ]
    assert relative.cue("family") == relative.cues[1]


def test_a_section_default_has_the_header_as_its_cue() -> None:
    text = "FAMILY HISTORY:\nGout.\n"
    start = text.index("Gout")
    (cue,) = assess(text, start, start + 4).cues
    assert cue.category == "family"
    assert cue.text.startswith("FAMILY HISTORY")


def test_cues_inside_a_mention_are_part_of_it() -> None:
    text = "Family history of gout and no known allergies."
    assert assess(text, 0, 22) == Assertion()
    start = text.index("no known allergies")
    assert not assess(text, start, len(text) - 1).negated


def test_a_header_that_is_a_mention_is_answered_by_its_body() -> None:
    assert assess("ALLERGIES: none.", 0, 9).negated


@pytest.mark.parametrize(
    ("start", "end"),
    [(-1, 3), (0, 0), (3, 2), (0, 7), (9, 12), (0.0, 3), ("0", 3), (None, 3), (True, 3)],
)
def test_bad_offsets_are_refused(start: int, end: int) -> None:
    with pytest.raises(NoteError):
        assess("Fever.", start, end)


def test_bad_text_is_refused() -> None:
    with pytest.raises(NoteError):
        assess(b"Fever.", 0, 5)  # type: ignore[arg-type]


def test_errors_do_not_quote_the_note() -> None:
    with pytest.raises(NoteError) as caught:
        assess("Zebra.", 0, 99)
    assert "Zebra" not in str(caught.value)


def test_no_spans_no_assertions() -> None:
    assert assess_spans(read("No fever."), []) == []


def test_hash_seed_does_not_matter() -> None:
    code = (
        "from cac.extract.context import assess\n"
        "t='No family history of gout; mother: possible stroke in 1990, (-) fever, PE vs MI?'\n"
        "print([assess(t,i,i+4) for i in range(0,len(t)-4,3)])\n"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


@pytest.mark.parametrize("row", ["fever", "<e>fever", "fever</e>", "<e>a<e>b</e></e>", "<e absent>fever</e>"])
def test_bad_markup_is_refused(row: str) -> None:
    with pytest.raises(ValueError, match=r"<e>|flag"):
        parse_markup(row)


def test_the_helper_reports_what_differs() -> None:
    with pytest.raises(AssertionError, match=r"'fever': expected \[\], got \['negated'\]"):
        assert_assertions("No <e>fever</e>.")
