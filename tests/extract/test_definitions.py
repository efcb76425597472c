"""Abbreviations a note defines itself are read with scispaCy's algorithm, from the words around a bracket."""

from __future__ import annotations

import pytest

from cac.extract.definitions import definitions_of
from cac.match.index import TermIndex
from cac.text.reader import read

DEFINED = [
    # note, short form, words its long form must hold (None: nothing is defined), why
    ("Seen for polymyalgia rheumatica (PMR) today.", "PMR", "rheumatica", "long form, then short form"),
    ("PMR (polymyalgia rheumatica) is quiet.", "PMR", "rheumatica", "short form, then long form"),
    ("Now with bypass grafting\n(CABG) in 2019.", "CABG", None, "the letters do not match the words"),
    ("Potassium was low (3.1) and magnesium fine.", "3.1", None, "a value is no short form"),
    ("Pain is rated (see below) as mild.", "see", None, "an aside is no short form"),
    ("(PMR)", "PMR", None, "nothing stands before it"),
    (
        "Chronic inflammatory demyelinating polyneuropathy (CIDP) since May.",
        "CIDP",
        "demyelinating",
        "hyphens",
    ),
    ("MS (multiple sclerosis) and, later, MS (mitral stenosis).", "MS", "multiple", "the first one counts"),
]


@pytest.mark.parametrize(("text", "short", "holds", "why"), DEFINED)
def test_what_a_note_defines(index: TermIndex, text: str, short: str, holds: str | None, why: str) -> None:
    found = definitions_of(read(text), index.canon)
    if holds is None:
        assert short not in found, why
    else:
        assert any(w.startswith(holds) for w in found[short]), why


def test_words_of_a_note_are_not_kept() -> None:
    """Each note has a spaCy vocabulary of its own: no string store grows with the words of patients."""
    from cac.extract import definitions

    assert not [name for name in vars(definitions) if "vocab" in name.lower() and not name.startswith("__")]
