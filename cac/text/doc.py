"""spaCy documents made from our tokens; import this module only where spaCy is wanted.

``Doc.text`` equals the note exactly, so spans of one are spans of the other. White space beyond a
single blank becomes a token of its own, as spaCy needs; `doc_indices` maps our tokens to its.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from spacy.tokens import Doc
from spacy.util import registry
from spacy.vocab import Vocab

from cac.text.tokens import tokenize
from cac.types import Tokens

__all__ = ["ClinicalTokenizer", "create_tokenizer", "doc_indices", "to_doc"]

_SURROGATE = re.compile("[\ud800-\udfff]")


def to_doc(text: str, tokens: Tokens, vocab: Vocab) -> Doc:
    """A spaCy document with our tokens and exactly the note's text.

    Lone surrogates cannot be stored by spaCy (they have no UTF-8 form); each is shown as U+FFFD,
    so offsets still agree.

    Examples
    --------
    >>> note = "s/p  CABG.\\n"
    >>> [t.text for t in to_doc(note, tokenize(note), Vocab())]
    ['s/p', ' ', 'CABG', '.', '\\n']
    """
    words, spaces, _ = _pieces(text, tokens)
    return Doc(vocab, words=words, spaces=spaces)


def doc_indices(text: str, tokens: Tokens) -> tuple[int, ...]:
    """For each of our tokens, its index in the document that `to_doc` makes.

    Examples
    --------
    >>> doc_indices("s/p  CABG", tokenize("s/p  CABG"))
    (0, 2)
    """
    return tuple(_pieces(text, tokens)[2])


class ClinicalTokenizer:
    """A spaCy tokenizer that splits as `cac.text.tokens.tokenize` does.

    It has no settings and no state beyond the vocabulary, so there is nothing to serialise.

    Examples
    --------
    >>> ClinicalTokenizer(Vocab())("r/o PE").text
    'r/o PE'
    """

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        return to_doc(text, tokenize(text), self.vocab)

    def pipe(self, texts: Iterable[str], batch_size: int = 1000) -> Iterable[Doc]:
        """Tokenize a stream of texts, in order."""
        for text in texts:
            yield self(text)

    def to_bytes(self, **kwargs: Any) -> bytes:
        """Nothing to save."""
        return b""

    def from_bytes(self, data: bytes, **kwargs: Any) -> ClinicalTokenizer:
        """Nothing to load."""
        return self

    def to_disk(self, path: str | Path, **kwargs: Any) -> None:
        """Nothing to save."""

    def from_disk(self, path: str | Path, **kwargs: Any) -> ClinicalTokenizer:
        """Nothing to load."""
        return self


@registry.tokenizers("cac.ClinicalTokenizer.v1")  # type: ignore[untyped-decorator]
def create_tokenizer() -> Callable[[Any], ClinicalTokenizer]:
    """The factory for ``nlp.tokenizer`` in a spaCy config."""

    def make(nlp: Any) -> ClinicalTokenizer:
        return ClinicalTokenizer(nlp.vocab)

    return make


def _pieces(text: str, tokens: Tokens) -> tuple[list[str], list[bool], list[int]]:
    words: list[str] = []
    spaces: list[bool] = []
    indices: list[int] = []
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text)
    at = 0
    for start, end in zip(tokens.starts, tokens.ends, strict=True):
        if start > at:
            _gap(text[at:start], words, spaces)
        indices.append(len(words))
        words.append(text[start:end])
        spaces.append(False)
        at = end
    if at < len(text):
        _gap(text[at:], words, spaces)
    return words, spaces, indices


def _gap(gap: str, words: list[str], spaces: list[bool]) -> None:
    if words and gap[0] == " ":
        spaces[-1] = True
        gap = gap[1:]
    if gap:
        words.append(gap)
        spaces.append(False)
