"""One code with everything the tabular list says about it, as plain frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cac.codes.axes import Axis, parse_axes

__all__ = ["CodeRecord"]


@dataclass(frozen=True, slots=True, repr=False)
class CodeRecord:
    """A code (or category, block, chapter) and its tabular notes.

    Attributes
    ----------
    code, system, title, release
        "E11.22", "ICD-10-CM", its title, and the release it is described by ("2026-04").
    billable
        True when the code can be reported: nothing subdivides it further.
    kind
        "chapter", "block", "category", "subcategory" or "code".
    parent, chapter, block
        Codes of the node above, the chapter and the block; "" where there is none. A category that
        is a block by itself (B20) is its own block.
    inclusion_terms, includes, excludes1, excludes2, code_first, use_additional, code_also, notes
        Lines of the notes that stand at the code itself, in the order of the tabular list.
    inherited
        Kind of note ("excludes1" ...) to (code, text) pairs from every ancestor, nearest first.
        Only the kinds there are.
    seventh_characters
        Character to meaning, from the nearest node that defines them; empty when none does.
    sided_twin
        Title of a sibling that names a side where this title says "unspecified"; "" without one.
    """

    code: str
    system: str
    title: str
    billable: bool
    kind: str
    parent: str
    chapter: str
    block: str
    inclusion_terms: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    excludes1: tuple[str, ...] = ()
    excludes2: tuple[str, ...] = ()
    code_first: tuple[str, ...] = ()
    use_additional: tuple[str, ...] = ()
    code_also: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    inherited: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict, hash=False)
    seventh_characters: Mapping[str, str] = field(default_factory=dict, hash=False)
    release: str = ""
    sided_twin: str = ""

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The title taken apart: condition, site, side, acuity, stage, encounter ... in its order.

        Worked out when asked for. ``cac.codes.axes.recompose`` makes the title of them again.

        Examples
        --------
        >>> from cac.codes.table import CodeTable
        >>> for axis in CodeTable.open("2026-04").record("S62.662A").axes:
        ...     print(axis.name, "=", axis.value, "(default)" if axis.default else "")
        displacement = nondisplaced
        condition = fracture
        site = distal phalanx
        side = right
        site = middle finger
        encounter = initial encounter (default)
        fracture = closed fracture (default)
        """
        return parse_axes(self.title, self.code, self.sided_twin)

    def __repr__(self) -> str:
        state = "billable" if self.billable else f"{self.kind}, not billable"
        return f"<{self.system} {self.code} {self.title!r} ({state}, release {self.release})>"

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain dicts, lists and strings, ready for JSON."""
        plain: dict[str, Any] = {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            plain[name] = list(value) if isinstance(value, tuple) else value
        plain["inherited"] = {kind: [list(pair) for pair in said] for kind, said in self.inherited.items()}
        plain["seventh_characters"] = dict(self.seventh_characters)
        del plain["sided_twin"]
        plain["axes"] = [
            {"name": a.name, "value": a.value, "text": a.text, "default": a.default, "citation": a.citation}
            for a in self.axes
        ]
        return plain
