"""The header lexicon: which words open which kind of section.

Exact look-up of a normalised label first; then labels with extra words ("Past Medical History
(reviewed)", "BRIEF HOSPITAL COURSE", "HISTORY OF PRESENT ILLNESS PER SON").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from cac.errors import TableError
from cac.resources import Check, data_text, one_of, read_rows, read_table, required

__all__ = [
    "Headers",
    "SectionKind",
    "headers",
    "normal_label",
    "parse_kinds",
    "section_kinds",
    "validate_headers",
    "without_parentheses",
]

_ASSERTIONS = ("", "uncertain", "historical", "family", "hypothetical", "planned")
_ROLES = ("bare", "tail", "extra", "lead", "condition")


@dataclass(frozen=True, slots=True)
class SectionKind:
    """A kind of section: title for people, default assertion, and how much a mention there weighs."""

    kind: str
    title: str
    assertion: str
    weight: float


@dataclass(frozen=True, slots=True)
class Headers:
    """Compiled header lexicon; see the CSV files of the same names for the words."""

    kinds: Mapping[str, str]
    tails: Mapping[str, str]
    bare: re.Pattern[str]
    extra: re.Pattern[str]
    lead: frozenset[str]
    conditions: frozenset[str]
    subheads: frozenset[str]
    labels: Mapping[str, str]

    def exact(self, label: str) -> str | None:
        """The kind of a label that stands in the lexicon as it is."""
        return self.kinds.get(label) or self.kinds.get(normal_label(label))

    def is_subhead(self, name: str) -> bool:
        """Whether a normalised label names body systems only ("skin and breasts")."""
        if name in self.subheads:
            return True
        words = name.replace("/", " ").split()
        return 1 < len(words) <= 8 and all(w in self.subheads or w in _JOINING for w in words)

    def trimmed(self, name: str) -> str | None:
        """The kind of a normalised label without parentheses, less stock phrases ("... on arrival")."""
        # The stock phrases all follow a blank.
        return self.kinds.get(name) or (
            self.kinds.get(self.extra.sub("", name).strip()) if " " in name else None
        )

    def loose(self, name: str, emphatic: bool) -> str | None:
        """The kind of a normalised label without parentheses that has extra words.

        ``emphatic`` labels (all capitals) may have more of them.
        """
        if (kind := self.trimmed(name)) is not None:
            return kind
        # Of two headings in one, the first counts ("PAST MEDICAL HISTORY / SURGERIES").
        if "/" in name and (kind := self.kinds.get(name.split("/")[0])):
            return kind
        words = name.split()
        if not 2 <= len(words) <= 9 or self.is_subhead(name) or words[-1] in _CONNECTORS:
            return None
        if words[0] in self.lead and (kind := self.kinds.get(" ".join(words[1:]))):
            return kind
        # The head noun stands before a preposition ("MEDICATIONS AT TIME OF STUDY") ...
        for i in range(len(words) - 1, 0, -1):
            if words[i] in _CONNECTORS and (emphatic or i >= 2):
                head = " ".join(words[:i])
                kind = self.kinds.get(head)
                if kind and (i > 1 or kind in _HEAD_KINDS):
                    return kind
        # ... and otherwise last ("PERTINENT LABORATORY FINDINGS").
        for i in range(1, len(words)):
            tail = " ".join(words[i:])
            kind = self.kinds.get(tail) if i < len(words) - 1 else None
            kind = kind or self.tails.get(tail)
            if kind and i <= (4 if emphatic else 2):
                return kind
        return None


_CONNECTORS = frozenset(
    (
        "of",
        "for",
        "on",
        "at",
        "in",
        "by",
        "from",
        "with",
        "to",
        "and",
        "prior",
        "as",
        "including",
        "per",
        "during",
        "after",
        "since",
        "is",
        "are",
        "includes",
    )
)
_HEAD_KINDS = frozenset(
    ("allergies", "complications", "diagnosis", "findings", "immunizations", "indication", "medications")
)
_JOINING = frozenset(
    (
        "and",
        "of",
        "the",
        "right",
        "left",
        "upper",
        "lower",
        "bilateral",
        "both",
        "exam",
        "examination",
        "system",
    )
)
_PARENTHESES = re.compile(r"\([^()]*\)?|\[[^\[\]]*\]?")
_DASHES = re.compile(r"[-\u2010-\u2015_]+")
_SLASH = re.compile(r"\s*/\s*")


def without_parentheses(label: str) -> str:
    """A header label as the lexicon writes it, without what stands in parentheses.

    Examples
    --------
    >>> without_parentheses("Past Medical History (reviewed)")
    'past medical history'
    """
    if "(" in label or "[" in label:
        label = _PARENTHESES.sub(" ", label)
    return normal_label(label)


def normal_label(label: str) -> str:
    """A header label as the lexicon writes it.

    Examples
    --------
    >>> normal_label("Pre-Op  Dx"), normal_label("A&P"), normal_label("H.P.I.")
    ('pre op dx', 'a and p', 'hpi')
    """
    name = label.casefold().replace("\u2019", "'")
    if name.isalpha():
        return name
    if name.replace(" ", "").isalpha():
        return " ".join(name.split())
    name = name.replace("&", " and ").replace(".", "").replace("*", "").replace(",", " ")
    name = _SLASH.sub("/", _DASHES.sub(" ", name))
    return " ".join(name.split()).strip(" :")


@cache
def section_kinds() -> Mapping[str, SectionKind]:
    """Every kind of section by its id.

    Examples
    --------
    >>> section_kinds()["family_history"].assertion
    'family'
    """
    return parse_kinds(data_text("lexicon/section_kinds.csv"))


@cache
def headers() -> Headers:
    """The compiled lexicon, read once.

    Examples
    --------
    >>> headers().exact("PMH"), headers().loose("past medical history per son", False)
    ('pmh', 'pmh')
    """
    kinds = validate_headers(data_text("lexicon/sections.csv"), section_kinds())
    allowed = one_of("", *section_kinds())
    parts = read_table(
        "lexicon/sentence_header_parts.csv",
        ("text", "role", "kind"),
        {"text": required, "role": one_of(*_ROLES), "kind": allowed},
    )
    by_role = {role: sorted(r["text"] for r in parts if r["role"] == role) for role in _ROLES}
    extras = "|".join(re.escape(x) for x in sorted(by_role["extra"], key=lambda x: (-len(x), x)))
    bares = "|".join(re.escape(x) for x in sorted(by_role["bare"], key=lambda x: (-len(x), x)))
    subheads = read_table("lexicon/sentence_subheads.csv", ("label",), {"label": required})
    labels = read_table(
        "lexicon/sentence_labels.csv",
        ("label", "scope"),
        {"label": required, "scope": one_of("item", "note")},
    )
    return Headers(
        kinds=kinds,
        tails={r["text"]: r["kind"] for r in parts if r["role"] == "tail"},
        # Only when written in capitals ("FH Hypothyroidism", "PMHx asthma").
        bare=re.compile(rf"(?=[A-Z]{{2,3}}|O/E)((?i:{bares}))(?=[ \t;]+\S)"),
        extra=re.compile(rf"(?:\s(?:{extras}))+$"),
        lead=frozenset(by_role["lead"]),
        conditions=frozenset(by_role["condition"]),
        subheads=frozenset(r["label"] for r in subheads),
        labels={r["label"]: r["scope"] for r in labels},
    )


def validate_headers(csv_text: str, kinds: Mapping[str, SectionKind]) -> dict[str, str]:
    """Read header rows: unknown kinds, duplicates and denormalised headers are all reported.

    Raises
    ------
    TableError
        With one line per bad row.
    """
    name = "sections.csv"
    problems: list[str] = []
    found: dict[str, str] = {}
    for i, row in enumerate(read_rows(csv_text, ("header", "kind"), name), start=2):
        header, kind = row["header"], row["kind"]
        if not header:
            problems.append(f"{name}:{i}: header is empty")
        elif normal_label(header) != header:
            problems.append(f"{name}:{i}: header {header!r} should be written {normal_label(header)!r}")
        elif header in found:
            problems.append(f"{name}:{i}: header {header!r} is there twice")
        if kind not in kinds:
            problems.append(f"{name}:{i}: kind {kind!r} is not in section_kinds.csv")
        found.setdefault(header, kind)
    if problems:
        raise TableError(f"{name}: {len(problems)} bad rows", problems)
    return found


def parse_kinds(csv_text: str) -> dict[str, SectionKind]:
    name = "section_kinds.csv"
    checks: dict[str, Check] = {
        "kind": _identifier,
        "title": required,
        "assertion": one_of(*_ASSERTIONS),
        "weight": _weight,
    }
    rows = read_rows(csv_text, ("kind", "title", "assertion", "weight", "note"), name, checks)
    kinds: dict[str, SectionKind] = {}
    problems: list[str] = []
    for i, r in enumerate(rows, start=2):
        if r["kind"] in kinds:
            problems.append(f"{name}:{i}: kind {r['kind']!r} is there twice")
        kinds[r["kind"]] = SectionKind(r["kind"], r["title"], r["assertion"], float(r["weight"]))
    if "unknown" not in kinds:
        problems.append(f"{name}: kind 'unknown' is missing")
    if problems:
        raise TableError(f"{name}: {len(problems)} bad rows", problems)
    return kinds


def _identifier(cell: str) -> str | None:
    return None if re.fullmatch(r"[a-z][a-z_]*", cell) else "is not a lower-case identifier"


def _weight(cell: str) -> str | None:
    return None if re.fullmatch(r"0|1|0?\.\d+|1\.0+|0\.0+", cell) else "is not a number from 0 to 1"
