"""Tokens: what is one token, and offsets that hold on any string."""

from __future__ import annotations

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.text.tokens import tokenize

WORDS = [
    # text, tokens, why
    ("CKD 3a", "CKD|3a", "a stage is one token"),
    ("CO2 x3 E11", "CO2|x3|E11", "letters and digits stay together"),
    ("E11.22", "E11.22", "a code with its decimals"),
    ("7.5 mg", "7.5|mg", "decimal"),
    ("2.5mg", "2.5mg", "a dose written without a blank"),
    (".5 mg", ".5|mg", "decimal without its zero"),
    ("pain.2 days", "pain|.|2|days", "a stop and a number are not a decimal"),
    ("WBC 12,000.", "WBC|12,000|.", "thousands"),
    ("C5,6", "C5|,|6", "a comma between single digits is a list"),
    ("3/4/2024 at 10:30", "3/4/2024|at|10:30", "date and time"),
    ("2024-03-04", "2024-03-04", "ISO date"),
    ("03-04-2024", "03-04-2024", "dashed date"),
    ("BP 120/80", "BP|120|/|80", "one slash between numbers is no date"),
    ("1:1000", "1:1000", "ratio"),
    ("s/p CABG", "s/p|CABG", "slashed shorthand"),
    ("S/P CABG", "S/P|CABG", "whatever its case"),
    ("N/V/D", "N/V/D", "three parts"),
    ("n/v today", "n/v|today", "the shorter form alone"),
    ("w/fever", "w/|fever", "with"),
    ("w/o fever", "w/o|fever", "without, not with + o"),
    ("h/o/x", "h|/|o|/|x", "shorthand only as a whole word"),
    ("s/pain", "s|/|pain", "a word that merely begins like shorthand"),
    ("and/or", "and|/|or", "ordinary slash"),
    ("Crohn's", "Crohn's", "apostrophe inside a word"),
    ("Crohn\u2019s", "Crohn\u2019s", "typographic apostrophe"),
    ("patients' 'x'", "patients|'|'|x|'", "quotes outside words"),
    ("left-sided", "left|-|sided", "hyphen"),
    ("A&P", "A|&|P", "other punctuation"),
    ("a_b", "a|_|b", "fill-in lines are no words"),
    ("caf\u00e9 na\u00efve", "caf\u00e9|na\u00efve", "letters of other scripts"),
    ("cafe\u0301.", "cafe\u0301|.", "combining mark stays on its letter"),
    ("a\u00a0b\u2003c", "a|b|c", "any white space parts tokens"),
    ("x\ud800y", "x|\ud800|y", "lone surrogate"),
    ("", "", "nothing"),
    (" \n\t ", "", "blank"),
]

LOWER = [
    ("Crohn\u2019s", "crohn's", "typographic apostrophe"),
    ("\ufb01brosis", "fibrosis", "ligature"),
    ("\uff11\uff12", "12", "full-width digits"),
    ("a \u2013 b", "a|-|b", "en dash"),
    ("\u201cPain\u201d", '"|pain|"', "typographic quotes"),
    ("Sjo\u0308gren", "sj\u00f6gren", "decomposed accent"),
    ("STRASSE Stra\u00dfe", "strasse|strasse", "case folding"),
]


@pytest.mark.parametrize(("text", "expected", "why"), WORDS, ids=[w[2] for w in WORDS])
def test_words(text: str, expected: str, why: str) -> None:
    assert list(tokenize(text).words) == (expected.split("|") if expected else []), why


@pytest.mark.parametrize(("text", "expected", "why"), LOWER, ids=[w[2] for w in LOWER])
def test_lower(text: str, expected: str, why: str) -> None:
    tokens = tokenize(text)
    assert list(tokens.lower) == expected.split("|"), why
    assert [text[s:e] for s, e in zip(tokens.starts, tokens.ends, strict=True)] == list(tokens.words)


@given(st.text(st.characters(), max_size=200))
def test_offsets_hold_on_any_string(text: str) -> None:
    tokens = tokenize(text)
    n = len(tokens)
    assert len(tokens.words) == len(tokens.lower) == len(tokens.ends) == n
    at = 0
    for word, start, end in zip(tokens.words, tokens.starts, tokens.ends, strict=True):
        assert text[start:end] == word
        assert start < end
        assert not re.search(r"\s", word)
        # Nothing but white space lies between two tokens.
        assert text[at:start].strip() == "" and at <= start
        at = end
    assert text[at:].strip() == ""


@given(st.text("ab1.,:/-' \u2019\u0301\n", max_size=60))
def test_offsets_hold_on_token_glue(text: str) -> None:
    tokens = tokenize(text)
    assert "".join(tokens.words) == "".join(text.split())


def test_every_character_survives_lower() -> None:
    """No character may fold into a blank: ``lower`` would slip against ``words``."""
    text = " ".join(chr(c) for c in range(0x20, sys.maxunicode + 1, 1) if not chr(c).isspace())
    tokens = tokenize(text)
    assert len(tokens.lower) == len(tokens.words)
    assert tokens.lower[tokens.words.index("Z")] == "z"
