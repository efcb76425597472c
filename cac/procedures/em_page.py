"""A note as the visit codes read it: its phrases, what each section means, and quotes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cac.extract.context import assess_spans
from cac.procedures.em_cues import Hit, find_cues
from cac.procedures.em_tables import section_roles
from cac.types import Evidence, Note

__all__ = ["UNTRUE", "Page", "affirmed", "make_page", "quote", "quote_tokens"]

UNTRUE = ("negated", "hypothetical", "family", "other_person")
"""Dimensions under which nothing counts for a visit. A plan does: ordering is part of the work."""


_CONDITION = ("hypothetical",)


@dataclass(frozen=True, slots=True)
class Page:
    """A note with what was found in it.

    ``hits`` by element; ``roles`` the role of each sentence's section; ``assessed`` whether the note has
    an assessment or plan.
    """

    note: Note
    hits: Mapping[str, tuple[Hit, ...]] = field(repr=False)
    roles: tuple[str, ...]
    assessed: bool

    def of(self, element: str) -> tuple[Hit, ...]:
        """The phrases of one element in text order."""
        return self.hits.get(element, ())

    def kind(self, hit: Hit) -> str:
        """The kind of section a phrase stands in; a title without a body has a section of its own."""
        sentence = self.note.sentences[hit.sentence]
        if hit.first < sentence.first_token:
            start = self.note.tokens.starts[hit.first]
            for s in self.note.sections:
                if s.header_start <= start < s.header_end:
                    return s.kind
        return self.note.sections[sentence.section].kind

    def is_title(self, hit: Hit) -> bool:
        """Whether a phrase stands in a header without a body, at the top of the note."""
        sentence = self.note.sentences[hit.sentence]
        inside = hit.first >= sentence.first_token
        return (
            not inside
            and hit.sentence == 0
            and self.note.tokens.starts[hit.first] < (self.note.sections[sentence.section].header_start)
        )

    def role(self, hit: Hit) -> str:
        """The role of the section a phrase stands in."""
        if hit.first >= self.note.sentences[hit.sentence].first_token:
            return self.roles[hit.sentence]
        return section_roles().get(self.kind(hit), "")

    def token_at(self, offset: int) -> int:
        """The first token that does not start before ``offset``."""
        return bisect_left(self.note.tokens.starts, offset)


def make_page(note: Note) -> Page:
    """Read the phrases of a note and the roles of its sections."""
    found: dict[str, list[Hit]] = {}
    for hit in find_cues(note):
        found.setdefault(hit.element, []).append(hit)
    known = section_roles()
    by_section = [known.get(s.kind, "") for s in note.sections]
    roles = tuple(by_section[s.section] for s in note.sentences)
    return Page(note, {k: tuple(v) for k, v in found.items()}, roles, "assessed" in roles)


def affirmed(page: Page, hits: Iterable[Hit], untrue: tuple[str, ...] = UNTRUE) -> list[Hit]:
    """The phrases that the note does not deny, put off or say of somebody else.

    Whether a drug is taken has been judged where it was found; of a drug only a condition counts
    ("antibiotics if worse").
    """
    wanted = list(hits)
    if not wanted:
        return []
    tokens = page.note.tokens
    spans = [(tokens.starts[h.first], tokens.ends[h.last - 1]) for h in wanted]
    found = assess_spans(page.note, spans)
    return [
        h
        for h, a in zip(wanted, found, strict=True)
        if not a.cues
        or not any(getattr(a, dimension) for dimension in (_CONDITION if h.element == "drug" else untrue))
    ]


def quote(page: Page, start: int, end: int, kind: str, sentence: int) -> Evidence:
    """Evidence over a stretch of the note."""
    section = page.note.sections[page.note.sentences[sentence].section].kind
    return Evidence(start, end, page.note.text[start:end], kind, section)


def quote_tokens(page: Page, hit: Hit, kind: str) -> Evidence:
    """The words of a phrase as evidence."""
    start, end = page.note.tokens.starts[hit.first], page.note.tokens.ends[hit.last - 1]
    return Evidence(start, end, page.note.text[start:end], kind, page.kind(hit))
