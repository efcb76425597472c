"""What ``suggest`` gives back: the codes, their evidence, and everything that was not coded.

Iterating goes over the codes the tool stands behind; what ranked below the threshold is in
``candidates``, what was recognised and left out is in ``not_coded``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, overload

from cac.output import fhir, frames, html, jsonout, text
from cac.types import NotCoded, Query, Scope, Section, Setting, Suggestion

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CodingResult"]

_CODES_IN_REPR = 12


@dataclass(frozen=True, slots=True, repr=False)
class CodingResult:
    """The answer for one note.

    Frozen, comparable and picklable. ``len``, iteration, indexing and truth go over
    ``suggestions``. ``repr`` shows counts and codes, never words of the note.

    Attributes
    ----------
    suggestions
        The codes at or above the threshold, ranked, first-listed first.
    candidates
        The codes that ranked below the threshold, in order.
    not_coded
        Every recognised mention that got no code, with the reason.
    queries
        Documentation queries: what the note leaves open and the code each answer would give.
    text
        The note as it was given; every evidence offset refers to it.
    sections
        The sections the note was split into.
    setting, scope
        How the note was coded.
    release
        The code table release that was used.
    date_of_service
        ISO date, or None when the newest release was taken.
    threshold
        The score a code had to reach to be suggested, 0..1.

    Examples
    --------
    >>> result = CodingResult((), (), (), (), "No complaints.", (), "outpatient", "reportable",
    ...                       "2026-04-01", None, 0.5)
    >>> result
    CodingResult(0 suggestions, 0 candidates, 0 not coded, 0 queries)
    >>> len(result), bool(result), list(result)
    (0, False, [])
    """

    suggestions: tuple[Suggestion, ...]
    candidates: tuple[Suggestion, ...]
    not_coded: tuple[NotCoded, ...]
    queries: tuple[Query, ...]
    text: str = field(repr=False)
    sections: tuple[Section, ...]
    setting: Setting
    scope: Scope
    release: str
    date_of_service: str | None
    threshold: float

    def __iter__(self) -> Iterator[Suggestion]:
        return iter(self.suggestions)

    def __len__(self) -> int:
        return len(self.suggestions)

    def __bool__(self) -> bool:
        return bool(self.suggestions)

    @overload
    def __getitem__(self, index: int) -> Suggestion: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Suggestion, ...]: ...
    def __getitem__(self, index: int | slice) -> Suggestion | tuple[Suggestion, ...]:
        return self.suggestions[index]

    def __repr__(self) -> str:
        return (
            f"CodingResult({_counted(self.suggestions, 'suggestion')}, "
            f"{_counted(self.candidates, 'candidate')}, {len(self.not_coded)} not coded, "
            f"{len(self.queries)} {'query' if len(self.queries) == 1 else 'queries'})"
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per suggestion, then per candidate.

        Returns
        -------
        pandas.DataFrame
            The columns and dtypes of ``cac.output.frames.FRAME_DTYPES``, the same when empty.
            ``evidence``, ``start``, ``end`` and ``section`` are those of the first quote; without
            evidence they are ``""``, -1, -1 and ``""``.
        """
        return frames.result_frame(self)

    def to_dict(self, *, include_text: bool = False) -> dict[str, Any]:
        """The result as plain dicts, lists, strings and numbers, keys in a fixed order.

        Parameters
        ----------
        include_text
            Also carry the note itself. Quotes of evidence are always there.
        """
        return jsonout.result_dict(self, include_text=include_text)

    def to_json(self, indent: int | None = None, *, include_text: bool = False) -> str:
        """``to_dict`` as strict JSON in ASCII, the same bytes for the same result."""
        return jsonout.result_json(self, indent=indent, include_text=include_text)

    def to_fhir(self, *, subject: str | None = None, include_text: bool = False) -> dict[str, Any]:
        """The suggestions as a FHIR R4 Bundle (collection) of plain dicts, deterministic to the ids.

        Diagnoses are Conditions with the verification status "provisional", services ChargeItems with units,
        modifiers and reasons; scores and quotes are extensions (see ``cac.output.fhir``).

        Parameters
        ----------
        subject
            Reference to the patient, such as "Patient/123".
        include_text
            Also carry the note, as a DocumentReference.
        """
        return fhir.result_fhir(self, subject=subject, include_text=include_text)

    def summary(self, width: int = 100) -> str:
        """A plain-text table for a terminal, ``width`` columns wide, without colour."""
        return text.result_text(self, width=width)

    def _repr_html_(self) -> str:
        return html.result_html(self)


def _counted(suggestions: tuple[Suggestion, ...], noun: str) -> str:
    count = len(suggestions)
    codes = [s.code for s in suggestions[:_CODES_IN_REPR]]
    if count > _CODES_IN_REPR:
        codes.append("...")
    listed = f" [{', '.join(codes)}]" if codes else ""
    return f"{count} {noun}{'' if count == 1 else 's'}{listed}"
