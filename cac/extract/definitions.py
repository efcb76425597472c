"""Abbreviations that the note defines itself, by scispaCy's detector (Schwartz & Hearst 2003).

scispaCy is imported only for notes that hold something like a definition, "(CABG)".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cac.match.canon import Canon
from cac.types import Note

__all__ = ["Definitions"]

_LOOKS_DEFINED = re.compile(r"\((?=[^()]{0,9}[A-Z])[A-Za-z][A-Za-z0-9-]{1,9}\)")


class Definitions:
    """Finds "long form (SF)" in notes; the detector is loaded when the first one turns up."""

    def __init__(self) -> None:
        self._detector: Any = None
        self._vocab: Any = None

    def of(self, note: Note, canon: Canon) -> Mapping[str, tuple[str, ...]]:
        """Short form as written → canonical words of its long form."""
        if _LOOKS_DEFINED.search(note.text) is None:
            return {}
        from cac.text.doc import to_doc

        detector = self._load()
        doc = detector(to_doc(note.text, note.tokens, self._vocab))
        found: dict[str, tuple[str, ...]] = {}
        for short in doc._.abbreviations:
            words = canon.text(short._.long_form.text)
            if words:
                found.setdefault(short.text, words)
        return found

    def _load(self) -> Any:
        if self._detector is None:
            import spacy
            from scispacy.abbreviation import AbbreviationDetector

            nlp = spacy.blank("en")
            self._vocab = nlp.vocab
            self._detector = AbbreviationDetector(nlp)
            # Its matcher of found short forms starts empty, and spaCy warns about empty matchers.
            self._detector.global_matcher.add("never", [[{"ORTH": "\x00"}]])
        return self._detector
