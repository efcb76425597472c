"""Words of the whole note against titles and terms: what it says in pieces, and never what it denies."""

from __future__ import annotations

import pytest

from cac.coder import Coder
from cac.config import Config
from cac.match.index import TermIndex
from cac.rank.notewords import NO_WORDS, NoteWords, note_words, terms, title_shares, written
from cac.rank.score import load_weights
from cac.text.reader import read


def words_of(coder: Coder, text: str) -> tuple[NoteWords, TermIndex]:
    release = coder.release()
    config = Config(scope="documented")
    seen = coder.consider(text, config, release, load_weights("documented"))
    return note_words(seen.note, seen.not_coded, release.index), release.index


SHARES = [
    # note, code, share of the words of its title, why
    ("She has pain. The thoracic spine was examined.", "M54.6", 1.0, "all words, in two sentences"),
    ("The thoracic spine was examined.", "M54.6", 2 / 3, "two of three words"),
    ("The spine was examined.", "M54.6", 1 / 3, "one of three words"),
    ("Nothing to report.", "M54.6", 0.0, "no word"),
    ("Denies pain. The thoracic spine was examined.", "M54.6", 2 / 3, "a denied word does not count"),
]


@pytest.mark.parametrize(("text", "code", "share", "why"), SHARES)
def test_share_of_a_title(coder: Coder, text: str, code: str, share: float, why: str) -> None:
    words, index = words_of(coder, text)
    assert title_shares(words, index)[index.table.row_of[code]] == pytest.approx(share), why


def test_only_billable_codes_of_the_first_encounter_have_shares(coder: Coder) -> None:
    words, index = words_of(coder, "Fracture of the nasal bones. It was closed.")
    shares = title_shares(words, index)
    assert shares[index.table.row_of["S02.2XXA"]] > 0
    assert shares[index.table.row_of["S02.2XXD"]] == 0
    assert shares[index.table.row_of["S02.2"]] == 0


TERMS = [
    # note, code, how many sentences apart, why
    ("A mass was felt. It lies in the kidney.", "N28.89", 1, "neighbours"),
    ("A mass was felt. The pulse was normal. The kidney is large.", "N28.89", 2, "one sentence between"),
    ("The kidney is large. A mass was felt. The kidney is tender.", "N28.89", 1, "the nearest counts"),
]


@pytest.mark.parametrize(("text", "code", "apart", "why"), TERMS)
def test_terms_in_pieces(coder: Coder, text: str, code: str, apart: int, why: str) -> None:
    words, index = words_of(coder, text)
    assert terms(words, index)[index.table.row_of[code]].apart == apart, why


def test_a_mention_in_pieces_quotes_its_words(coder: Coder) -> None:
    text = "A mass was felt. It lies in the kidney."
    words, index = words_of(coder, text)
    pieces = terms(words, index)[index.table.row_of["N28.89"]]
    mention = written(read(text), "N28.89", pieces.words, words)
    assert [text[s.start : s.end] for s in mention.spans] == ["mass", "kidney"]
    assert mention.quality < 0.5


def test_no_words_say_nothing(coder: Coder) -> None:
    index = coder.release().index
    assert not title_shares(NO_WORDS, index).any()
    assert terms(NO_WORDS, index) == {}
