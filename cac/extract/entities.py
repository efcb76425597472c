"""Entities of a spaCy or scispaCy model as a further source of mentions.

The model is the user's: it is loaded by name when the configuration names one. Its entities only add
mentions where the index found none, and only where the words lead to a code by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cac.errors import MissingDependencyError
from cac.match.index import TermIndex
from cac.match.search import search_index
from cac.types import Mention, Note, Span

__all__ = ["Entities"]

_SURE = 0.8
"""Search scores below this are not worth a mention."""

_QUALITY = 0.75


class Entities:
    """A loaded model and the mentions its entities give.

    Parameters
    ----------
    name
        Name or path of an installed spaCy pipeline with a named entity recogniser.

    Raises
    ------
    MissingDependencyError
        When no such pipeline is installed.
    """

    def __init__(self, name: str) -> None:
        import spacy

        try:
            self._nlp = spacy.load(name)
        except (OSError, ImportError) as error:
            raise MissingDependencyError(f"the spaCy pipeline {name!r} is not installed") from error

    def mentions(self, note: Note, found: Sequence[Mention], index: TermIndex) -> list[Mention]:
        """Mentions for the entities that no mention in ``found`` overlaps."""
        from cac.text.doc import to_doc

        doc: Any = to_doc(note.text, note.tokens, self._nlp.vocab)
        for _, component in self._nlp.pipeline:
            doc = component(doc)
        taken = [span for m in found for span in m.spans]
        out: list[Mention] = []
        for entity in doc.ents:
            span = Span(entity.start_char, entity.end_char)
            sentence = next((i for i, s in enumerate(note.sentences) if s.start <= span.start < s.end), None)
            if sentence is None or any(span.overlaps(t) for t in taken):
                continue
            hit = next((h for h in search_index(index, entity.text, 3) if h.billable), None)
            if hit is not None and hit.score >= _SURE:
                section = note.sections[note.sentences[sentence].section].kind
                out.append(
                    Mention((span,), (hit.code,), "entity", _QUALITY, sentence=sentence, section=section)
                )
        return out
