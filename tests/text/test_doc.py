"""spaCy documents: the same text, the same tokens."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.util import registry
from spacy.vocab import Vocab

from cac.text.doc import ClinicalTokenizer, doc_indices, to_doc
from cac.text.tokens import tokenize

VOCAB = Vocab()


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=120))
def test_doc_text_is_the_note(text: str) -> None:
    tokens = tokenize(text)
    doc = to_doc(text, tokens, VOCAB)
    assert doc.text == text
    indices = doc_indices(text, tokens)
    assert [doc[i].text for i in indices] == list(tokens.words)
    assert [doc[i].idx for i in indices] == list(tokens.starts)


@given(st.text(" \n\t\u00a0a.", max_size=20))
def test_white_space_runs(text: str) -> None:
    doc = to_doc(text, tokenize(text), VOCAB)
    assert doc.text == text
    assert [t.text for t in doc if not t.text.isspace()] == list(tokenize(text).words)


def test_lone_surrogates_keep_their_place() -> None:
    text = "a \ud800 b"
    doc = to_doc(text, tokenize(text), VOCAB)
    assert doc.text == "a \ufffd b"
    assert doc_indices(text, tokenize(text)) == (0, 1, 2)


def test_tokenizer_is_registered_and_serialises_to_nothing(tmp_path: Path) -> None:
    class Pipeline:
        vocab = VOCAB

    tokenizer = registry.tokenizers.get("cac.ClinicalTokenizer.v1")()(Pipeline())
    assert isinstance(tokenizer, ClinicalTokenizer)
    assert [t.text for t in tokenizer("r/o PE")] == ["r/o", "PE"]
    assert tokenizer.to_bytes() == b""
    assert tokenizer.from_bytes(b"") is tokenizer
    tokenizer.to_disk(tmp_path / "tokenizer")
    assert not (tmp_path / "tokenizer").exists()
    assert tokenizer.from_disk(tmp_path / "tokenizer") is tokenizer
    assert [d.text for d in tokenizer.pipe(["a b", "c"])] == ["a b", "c"]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "  a  b\n"])
def test_edges(text: str) -> None:
    assert ClinicalTokenizer(VOCAB)(text).text == text
