"""Reading a note: bad input, empty input, and the invariants of the whole."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.errors import NoteError
from cac.text.reader import MAX_CHARACTERS, read
from cac.types import Note

# Pieces that make headers, items, stops and lost newlines likely.
PIECES = st.lists(
    st.sampled_from(
        [
            "PMH:",
            "Plan:",
            "ASSESSMENT AND PLAN\n",
            "\n",
            "\n\n",
            " ",
            "1. ",
            "2) ",
            "- ",
            "\u2022 ",
            "# ",
            "Dr. ",
            "HTN",
            "diabetes. ",
            ".,",
            ":,",
            ", ",
            "He has pain. ",
            "7.5 mg",
            "EXAM:",
            "HEENT: ok\n",
            "Age: 45\n",
            "FH ",
            "\t",
            "\r\n",
            ";",
            "? ",
            "**",
            "A1c 7.0",
            "No. 3",
            "(",
            ")",
            "\u00a0",
            "Vitals\n",
            "and more of the same prose that goes on and on\n",
            "\ud800",
            "\u0301",
            "b.i.d. ",
            "S: ",
            "O: ",
        ]
    ),
    max_size=40,
).map("".join)


def check(note: Note) -> None:
    text, tokens = note.text, note.tokens
    at = 0
    for section in note.sections:
        assert section.header_start == at
        assert section.header_start <= section.header_end == section.start <= section.end
        at = section.end
    assert at == len(text) or not note.sections
    before, item, edge = 0, 0, 0
    for s in note.sentences:
        section = note.sections[s.section]
        assert section.start <= s.start < s.end <= section.end
        assert s.start >= before
        assert s.first_token < s.last_token
        assert edge <= s.first_token
        # Tokens lie wholly inside their sentence, and no other token does.
        assert s.start <= tokens.starts[s.first_token]
        assert tokens.ends[s.last_token - 1] <= s.end
        assert s.first_token == 0 or tokens.starts[s.first_token - 1] < s.start
        assert s.last_token == len(tokens) or tokens.starts[s.last_token] >= s.end
        assert s.item in (item, item + 1)
        before, item, edge = s.end, s.item, s.last_token
    for one, two in zip(note.sentences, note.sentences[1:], strict=False):
        assert one.section == two.section or one.item != two.item


@given(PIECES)
def test_invariants_on_notes(text: str) -> None:
    check(read(text) if text.strip() else read("x"))


@given(st.text(st.characters(exclude_characters="\x00"), max_size=150))
def test_invariants_on_any_string(text: str) -> None:
    try:
        note = read(text)
    except NoteError:
        return
    check(note)
    assert note.text == text


@pytest.mark.parametrize("text", ["", "   ", "\n\t \u00a0"])
def test_blank_notes(text: str) -> None:
    note = read(text)
    assert (len(note.tokens), note.sections, note.sentences) == (0, (), ())


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (None, "string"),
        (b"PMH: HTN", "bytes"),
        (3.5, "float"),
        ("x" * (MAX_CHARACTERS + 1), "too large"),
        ("PMH\x00HTN", "binary"),
        ("\x01\x02\x03\x04ab\x05", "binary"),
    ],
    ids=["none", "bytes", "number", "large", "nul", "control"],
)
def test_bad_input_is_refused(bad: object, message: str) -> None:
    with pytest.raises(NoteError, match=message):
        read(bad)  # type: ignore[arg-type]


def test_errors_and_repr_hold_no_note_text() -> None:
    secret = "Jane Roe has gout"
    assert "Roe" not in repr(read(secret))
    with pytest.raises(NoteError) as caught:
        read(secret + "\x00")
    assert "Roe" not in str(caught.value)


def test_a_note_survives_pickling() -> None:
    note = read("PMH: HTN.\nPlan:\n1. Gout\n- colchicine")
    assert pickle.loads(pickle.dumps(note)) == note


def test_lone_surrogates_do_not_crash() -> None:
    note = read("PMH: \udc80 HTN \ud83d. Plan: rest")
    assert [s.kind for s in note.sections] == ["pmh", "plan"]


@pytest.mark.parametrize(
    "piece", ["1. Gout: stable, see Dr. Lee; PMH: HTN., \n", "1. x ", " ", "PMH:,", "a." * 9]
)
def test_long_notes_of_one_pattern(piece: str) -> None:
    """Patterns that would take minutes if any rule looked back or ahead without a bound."""
    check(read("x\n" + piece * (400_000 // len(piece))))
