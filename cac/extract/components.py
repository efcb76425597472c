"""The reading layer as spaCy components, for a user's own pipeline.

>>> import spacy
>>> nlp = spacy.blank("en")
>>> for name in ("cac_reader", "cac_mentions", "cac_context"):
...     _ = nlp.add_pipe(name)
>>> doc = nlp("No chest pain. Assessment: hypertension.")
>>> [(span.text, span.label_, span._.is_negated) for span in doc.spans["cac"]]
[('chest pain', 'R07.9', True), ('hypertension', 'I10', False)]
"""

from __future__ import annotations

from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span

from cac.codes.table import CodeTable
from cac.extract.context import assess_spans
from cac.extract.mentions import find_mentions
from cac.match.index import TermIndex
from cac.text.reader import read

__all__ = ["make_context", "make_mentions", "make_reader"]

SPANS_KEY = "cac"
_FLAGS = ("negated", "uncertain", "historical", "hypothetical", "family")


def _extend() -> None:
    for name in ("cac_note",):
        if not Doc.has_extension(name):
            Doc.set_extension(name, default=None)
    for name in ("cac_mention", "cac_assertion", "cac_codes", "cac_section"):
        if not Span.has_extension(name):
            Span.set_extension(name, default=None)
    for flag in _FLAGS:
        if not Span.has_extension(f"is_{flag}"):
            Span.set_extension(f"is_{flag}", default=False)


class Reader:
    """Reads the text of a Doc into ``doc._.cac_note``; sets sentence starts if wanted."""

    def __init__(self, set_sentences: bool = True) -> None:
        self.set_sentences = set_sentences
        _extend()

    def __call__(self, doc: Doc) -> Doc:
        note = read(doc.text)
        doc._.cac_note = note
        if self.set_sentences:
            starts = {s.start for s in note.sentences}
            for token in doc:
                token.is_sent_start = token.i == 0 or token.idx in starts
        return doc


class Mentions:
    """Puts every mention into ``doc.spans["cac"]``, labelled with its code."""

    def __init__(self, release: str | None = None, spans_key: str = SPANS_KEY) -> None:
        _extend()
        self.spans_key = spans_key
        self.index = TermIndex.open(CodeTable.open(release))

    def __call__(self, doc: Doc) -> Doc:
        note = _note_of(doc)
        spans = []
        for m in find_mentions(note, self.index):
            if m.method == "inner":
                # Parts of larger mentions are for the coding rules, not for a reader.
                continue
            span = doc.char_span(m.start, m.end, label=m.codes[0], alignment_mode="expand")
            if span is not None:
                span._.cac_mention = m
                span._.cac_codes = m.codes
                span._.cac_section = m.section
                spans.append(span)
        doc.spans[self.spans_key] = spans
        return doc


class Context:
    """Asserts ``doc.spans["cac"]`` and ``doc.ents``: ``span._.is_negated`` and its siblings."""

    def __init__(self, spans_key: str = SPANS_KEY) -> None:
        self.spans_key = spans_key
        _extend()

    def __call__(self, doc: Doc) -> Doc:
        note = _note_of(doc)
        targets = [*doc.ents]
        if self.spans_key in doc.spans:
            targets += doc.spans[self.spans_key]
        for span, assertion in zip(
            targets, assess_spans(note, [(s.start_char, s.end_char) for s in targets]), strict=True
        ):
            span._.cac_assertion = assertion
            for flag in _FLAGS:
                span._.set(f"is_{flag}", getattr(assertion, flag))
        return doc


def _note_of(doc: Doc) -> Any:
    # A component works without the reader before it: the note is then read here.
    note = doc._.cac_note
    if note is None or note.text != doc.text:
        note = doc._.cac_note = read(doc.text)
    return note


@Language.factory("cac_reader", assigns=["doc._.cac_note"], default_config={"set_sentences": True})
def make_reader(nlp: Language, name: str, set_sentences: bool) -> Reader:
    """Factory of ``Reader``."""
    return Reader(set_sentences)


@Language.factory(
    "cac_mentions", assigns=["doc.spans"], default_config={"release": None, "spans_key": SPANS_KEY}
)
def make_mentions(nlp: Language, name: str, release: str | None, spans_key: str) -> Mentions:
    """Factory of ``Mentions``."""
    return Mentions(release, spans_key)


@Language.factory("cac_context", assigns=["span._.is_negated"], default_config={"spans_key": SPANS_KEY})
def make_context(nlp: Language, name: str, spans_key: str) -> Context:
    """Factory of ``Context``."""
    return Context(spans_key)
