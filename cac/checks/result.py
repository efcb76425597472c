"""What a check of a list of codes gives back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cac.output import checks as shown
from cac.resources import one_of, read_table, required
from cac.rules.tables import citation
from cac.types import Evidence, Setting

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CheckFinding", "CheckResult", "kinds", "made"]


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One thing to look at in a list of codes.

    Attributes
    ----------
    code
        The code it is about.
    kind
        "invalid", "not_billable", "seventh_character", "not_valid_on_date", "duplicate", "excludes1",
        "combination", "missing_companion", "superseded", "integral_symptom", "order", "patient",
        "unsupported", "less_specific", "not_listed", "not_in_tables", "ncci_pair", "ncci_modifier" or "mue".
    severity
        "error" (not to be billed so), "warning" (a coder should look) or "info".
    message
        What is wrong, in words of the library; never words of the note.
    citation
        The section of the official guidelines; of services the edits of CMS.
    related
        Other codes that it concerns: the other of a pair, what is missing, what would be right.
    rule
        Id of the rule, where one fired.
    evidence
        Words of the note, the cue among them.
    """

    code: str
    kind: str
    severity: str
    message: str
    citation: str
    related: tuple[str, ...] = ()
    rule: str = ""
    evidence: tuple[Evidence, ...] = field(repr=False, default=())


@dataclass(frozen=True, slots=True, repr=False)
class CheckResult:
    """What a check found. Iteration, ``len`` and truth go over ``findings``.

    Attributes
    ----------
    codes
        The list as it was read: upper case, diagnoses with dots.
    findings
        Everything found, in the order of the list, errors first for each code.
    ordered
        The valid diagnoses in the order the guidelines ask for.
    setting, release, date_of_service
        What it was checked against.

    Examples
    --------
    >>> import cac
    >>> result = cac.check(["I10", "I50.9"])
    >>> result
    CheckResult(2 codes, 1 error, 0 warnings)
    >>> [(f.kind, f.related, f.citation) for f in result]
    [('combination', ('I10', 'I11.0', 'I50.9'), 'I.C.9.a.1')]
    """

    codes: tuple[str, ...]
    findings: tuple[CheckFinding, ...]
    ordered: tuple[str, ...]
    setting: Setting
    release: str
    date_of_service: str | None

    @property
    def ok(self) -> bool:
        """True when nothing was found that may not be billed so."""
        return not any(f.severity == "error" for f in self.findings)

    def __iter__(self) -> Iterator[CheckFinding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __bool__(self) -> bool:
        return bool(self.findings)

    def __repr__(self) -> str:
        many = {s: sum(f.severity == s for f in self.findings) for s in ("error", "warning")}
        counts = (("code", len(self.codes)), *many.items())
        told = [f"{n} {noun}" if n == 1 else f"{n} {noun}s" for noun, n in counts]
        return f"CheckResult({', '.join(told)})"

    def to_frame(self) -> pd.DataFrame:
        """One row per finding, the columns and dtypes of ``cac.output.checks.CHECK_DTYPES``."""
        return shown.check_frame(self)

    def to_dict(self) -> dict[str, Any]:
        """The result as plain dicts, lists and strings, keys in a fixed order."""
        return shown.check_dict(self)

    def summary(self) -> str:
        """The findings as plain text, a line each."""
        return shown.check_text(self)

    def _repr_html_(self) -> str:
        return shown.check_html(self)


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, tuple[str, str]]:
    """Kind → (severity, what it rests on): ``check_kinds.csv`` of the rules and of the procedures."""
    rows = read_table(
        "rules/check_kinds.csv",
        ("id", "severity", "citation", "note"),
        {
            "id": required,
            "severity": one_of("error", "warning", "info"),
            "citation": citation,
        },
    )
    # The guidelines are about diagnoses: what is found in services rests on the edits of CMS.
    rows += read_table(
        "procedures/check_kinds.csv",
        ("id", "severity", "citation", "note"),
        {"id": required, "severity": one_of("error", "warning", "info"), "citation": required},
    )
    return {r["id"]: (r["severity"], r["citation"]) for r in rows}


def made(
    kind: str,
    code: str,
    message: str,
    related: tuple[str, ...] = (),
    *,
    cited: str = "",
    rule: str = "",
    evidence: tuple[Evidence, ...] = (),
) -> CheckFinding:
    """A finding with the severity and the citation of its kind, unless another section is ``cited``."""
    severity, section = kinds()[kind]
    return CheckFinding(code, kind, severity, f"{code} {message}", cited or section, related, rule, evidence)
