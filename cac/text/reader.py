"""Reading a note: check the input, then tokens, sections and sentences."""

from __future__ import annotations

import re

from cac.errors import NoteError
from cac.text.lines import note_lines
from cac.text.sections import find_sections
from cac.text.sentences import split_sentences
from cac.text.tokens import tokenize
from cac.types import Note, Tokens

__all__ = ["MAX_CHARACTERS", "read"]

MAX_CHARACTERS = 5_000_000
"""Longer texts are refused: a note is a few pages, not an archive."""

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufffd]")
_PLAIN = bytes(n for n in range(128) if not _CONTROL.match(chr(n)))


def read(text: str) -> Note:
    """Read a clinical note.

    Parameters
    ----------
    text
        The note. Lone surrogates are tolerated; offsets always refer to this string.

    Returns
    -------
    Note
        Without tokens when the text is empty or blank.

    Raises
    ------
    NoteError
        If ``text`` is no string, is longer than ``MAX_CHARACTERS``, or is binary data.

    Examples
    --------
    >>> note = read("PMH: HTN. Plan: continue lisinopril.")
    >>> [s.kind for s in note.sections], len(note.sentences)
    (['pmh', 'plan'], 2)
    """
    if not isinstance(text, str):
        raise NoteError(f"a note must be a string, not {type(text).__name__}")
    if len(text) > MAX_CHARACTERS:
        raise NoteError(f"the note is too large: {len(text)} characters, at most {MAX_CHARACTERS}")
    if "\x00" in text or _controls(text) * 10 > len(text) * 3:
        raise NoteError("the note is binary data, not text")
    if not text or text.isspace():
        return Note(text, Tokens((), (), (), ()), (), ())
    tokens = tokenize(text)
    lines = note_lines(text)
    sections = find_sections(text, tokens, lines)
    return Note(text, tokens, sections, split_sentences(text, tokens, sections, lines))


def _controls(text: str) -> int:
    """How many characters no text has."""
    if text.isascii():
        return len(text.encode("ascii").translate(None, _PLAIN))
    return len(_CONTROL.findall(text))
