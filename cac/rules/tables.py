"""Rules as rows: loaded once, validated, looked up by code prefix.

Every row has an id and the guideline section it rests on; every code it names has to exist in the
newest packaged release (checked by the tests). Rows that rest on a convention of coders rather than
on the words of the guidelines say so, and every rule can be switched off by its id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cac.errors import TableError
from cac.resources import Check, one_of, read_table, required
from cac.rules.prefixes import Matcher, Prefixes

__all__ = [
    "Combination",
    "Companion",
    "PrefixRule",
    "Prefixes",
    "Refinement",
    "RuleTables",
    "SectionRule",
    "Suppression",
    "best_rule",
    "citation",
    "load_rules",
]


@dataclass(frozen=True, slots=True)
class PrefixRule:
    """Codes with these prefixes become another code (history, family, unconfirmed).

    Of lifelong conditions, those ``only_listed`` are current where a list names them, but over where
    words such as "history of" or "former" say so.
    """

    id: str
    codes: Prefixes
    becomes: str
    citation: str
    only_listed: bool = False


@dataclass(frozen=True, slots=True)
class SectionRule:
    """A section that carries these codes only; those of ``history`` as what they left behind."""

    id: str
    codes: Prefixes
    history: Prefixes
    always: bool
    citation: str


@dataclass(frozen=True, slots=True)
class Combination:
    """When every condition of ``all_of`` is coded and none of ``none_of``: drop some, add one.

    ``link`` says what ties the conditions: "presumed" (I.A.15: unless the note says they are
    unrelated), "sentence" (only where one sentence names them), or nothing. ``words`` have to stand
    in the words of one of the conditions.
    """

    id: str
    all_of: tuple[Prefixes, ...]
    none_of: Prefixes
    drop: Prefixes
    add: str
    link: str
    words: re.Pattern[str] | None
    citation: str
    convention: str
    message: str


@dataclass(frozen=True, slots=True)
class Companion:
    """Codes that are not reported without one of ``needs``: add the default, or drop without one."""

    id: str
    codes: Prefixes
    needs: Prefixes
    add: str
    citation: str
    message: str


@dataclass(frozen=True, slots=True)
class Refinement:
    """Where a code of ``when`` is reported, titles that say ``says`` give way to ``becomes``."""

    id: str
    when: Prefixes
    codes: Prefixes
    says: str
    becomes: str
    citation: str
    message: str


@dataclass(frozen=True, slots=True)
class Suppression:
    """Where a code of ``by`` is reported, codes of ``codes`` are not."""

    id: str
    by: Prefixes
    codes: Prefixes
    citation: str


@dataclass(frozen=True, slots=True)
class RuleTables:
    """Every rule table, in an order that does not depend on the order of rows."""

    history: tuple[PrefixRule, ...]
    family: tuple[PrefixRule, ...]
    lifelong: tuple[PrefixRule, ...]
    unconfirmed: tuple[PrefixRule, ...]
    sections: Mapping[str, SectionRule]
    combinations: tuple[Combination, ...]
    companions: tuple[Companion, ...]
    refinements: tuple[Refinement, ...]
    integral: tuple[Suppression, ...]
    superseded: tuple[Suppression, ...]
    past_only: tuple[PrefixRule, ...]
    unlinked: re.Pattern[str]
    past_words: re.Pattern[str]
    combination_matcher: Matcher = field(repr=False, compare=False)
    companion_matcher: Matcher = field(repr=False, compare=False)
    refinement_matcher: Matcher = field(repr=False, compare=False)
    integral_matcher: Matcher = field(repr=False, compare=False)
    superseded_matcher: Matcher = field(repr=False, compare=False)
    _best: dict[tuple[str, str, bool], PrefixRule | None] = field(
        default_factory=dict, repr=False, compare=False
    )

    def best(
        self, table: str, code: str, disabled: frozenset[str] = frozenset(), *, listed: bool = True
    ) -> PrefixRule | None:
        """The rule of ``history``, ``family`` ... whose longest prefix covers a code.

        ``listed`` admits the rules that hold only under a list header.
        """
        key = (table, code, listed)
        if disabled or key not in self._best:
            rules: tuple[PrefixRule, ...] = getattr(self, table)
            found = best_rule(
                (r for r in rules if r.id not in disabled and (listed or not r.only_listed)), code
            )
            if disabled:
                return found
            self._best[key] = found
        return self._best[key]

    def ids(self) -> list[str]:
        """The id of every rule of every table."""
        tables: tuple[
            Iterable[PrefixRule | SectionRule | Combination | Companion | Refinement | Suppression], ...
        ]
        tables = (
            self.history,
            self.family,
            self.lifelong,
            self.unconfirmed,
            self.sections.values(),
            self.combinations,
            self.companions,
            self.refinements,
            self.integral,
            self.superseded,
        )
        return [rule.id for table in tables for rule in table]


@lru_cache(maxsize=1)
def load_rules() -> RuleTables:
    """All rule tables.

    Raises
    ------
    TableError
        Naming every bad row and every id that is used twice.

    Examples
    --------
    >>> rules = load_rules()
    >>> next(r.add for r in rules.combinations if r.id == "htn-hf")
    'I11.0'
    """
    combinations = _combinations()
    companions = _companions()
    refinements = _refinements()
    integral = _suppressions("integral", "diagnoses", "symptoms")
    superseded = _suppressions("superseded", "stronger", "weaker")
    tables = RuleTables(
        history=_prefix_rules("history"),
        family=_prefix_rules("family"),
        lifelong=_prefix_rules("lifelong", ("id", "codes", "cue", "citation", "note")),
        unconfirmed=_prefix_rules("unconfirmed"),
        sections=_sections(),
        combinations=combinations,
        companions=companions,
        refinements=refinements,
        integral=integral,
        superseded=superseded,
        past_only=_prefix_rules("past_only", ("id", "codes", "citation", "note")),
        unlinked=_phrases("unlinked"),
        past_words=_phrases("past_words"),
        combination_matcher=Matcher([r.all_of for r in combinations]),
        companion_matcher=Matcher([(r.codes,) for r in companions]),
        refinement_matcher=Matcher([(r.when, r.codes) for r in refinements]),
        integral_matcher=Matcher([(r.by, r.codes) for r in integral]),
        superseded_matcher=Matcher([(r.by, r.codes) for r in superseded]),
    )
    ids = tables.ids()
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise TableError("rules: ids used twice", twice)
    return tables


_SECTION = re.compile(
    r"(?:I\.[AB]\.\d{1,2}|I\.C\.\d{1,2}|IV\.[A-Q]|II{1,2}\.[A-K])(?:\.[a-z]{1,2}|\.\d{1,2})*"
)


def citation(cell: str) -> str | None:
    """A section of the official guidelines such as "I.C.9.a.1", or several separated by "; "."""
    wrong = [part for part in cell.split("; ") if not _SECTION.fullmatch(part)]
    return f"is {cell!r}, no section of the guidelines" if wrong else None


_CITED: dict[str, Check] = {"id": required, "citation": citation}
_CONVENTION: Check = one_of("", "Alphabetic Index", "AHA Coding Clinic", "coding practice")


def _prefix_rules(
    name: str, columns: Sequence[str] = ("id", "codes", "becomes", "citation", "note")
) -> tuple[PrefixRule, ...]:
    checks = {**_CITED, "codes": required}
    if name in ("history", "family"):
        checks["becomes"] = required
    if name == "lifelong":
        checks["cue"] = one_of("any", "header")
    rows = read_table(f"rules/{name}.csv", columns, checks)
    rules = (
        PrefixRule(
            r["id"], Prefixes(r["codes"]), r.get("becomes", ""), r["citation"], r.get("cue") == "header"
        )
        for r in rows
    )
    return tuple(sorted(rules, key=lambda r: r.id))


def _sections() -> dict[str, SectionRule]:
    rows = read_table(
        "rules/sections.csv",
        ("section", "codes", "history", "scope", "citation", "note"),
        {"section": required, "scope": one_of("any", "reportable"), "citation": citation},
    )
    return {
        r["section"]: SectionRule(
            f"section-{r['section']}",
            Prefixes(r["codes"]),
            Prefixes(r["history"]),
            r["scope"] == "any",
            r["citation"],
        )
        for r in sorted(rows, key=lambda r: r["section"])
    }


def _combinations() -> tuple[Combination, ...]:
    rows = read_table(
        "rules/combination.csv",
        ("id", "all_of", "none_of", "drop", "add", "link", "words", "citation", "convention", "message"),
        {
            **_CITED,
            "all_of": required,
            "message": required,
            "link": one_of("", "presumed", "sentence"),
            "convention": _CONVENTION,
        },
    )
    made = [
        Combination(
            id=r["id"],
            all_of=tuple(Prefixes(p) for p in r["all_of"].split(";")),
            none_of=Prefixes(r["none_of"]),
            drop=Prefixes(r["drop"]),
            add=r["add"],
            link=r["link"],
            words=_words(r["words"].split("|")) if r["words"] else None,
            citation=r["citation"],
            convention=r["convention"],
            message=r["message"],
        )
        for r in rows
    ]
    made += _sequelae()
    # The longest condition first: hypertension with heart failure and CKD before either pair; of
    # equal ones, those that ask for certain words before those that take any.
    return tuple(sorted(made, key=lambda c: (-len(c.all_of), c.words is None, c.id)))


def _sequelae() -> list[Combination]:
    """An old event and a deficit it left: the deficit is coded as a sequela (I.B.10, I.C.9.d)."""
    rows = read_table(
        "rules/sequela.csv",
        ("id", "cause", "deficit", "becomes", "replaces", "citation", "convention", "message"),
        {
            **_CITED,
            "cause": required,
            "deficit": required,
            "becomes": required,
            "message": required,
            "convention": _CONVENTION,
        },
    )
    return [
        Combination(
            id=r["id"],
            all_of=(Prefixes(r["cause"]), Prefixes(r["deficit"])),
            none_of=Prefixes(""),
            drop=Prefixes(r["replaces"]),
            add=r["becomes"],
            link="presumed",
            words=None,
            citation=r["citation"],
            convention=r["convention"],
            message=r["message"],
        )
        for r in rows
    ]


def _companions() -> tuple[Companion, ...]:
    rows = read_table(
        "rules/companion.csv",
        ("id", "codes", "needs", "add", "citation", "convention", "message"),
        {**_CITED, "codes": required, "needs": required, "message": required, "convention": _CONVENTION},
    )
    made = (
        Companion(r["id"], Prefixes(r["codes"]), Prefixes(r["needs"]), r["add"], r["citation"], r["message"])
        for r in rows
    )
    return tuple(sorted(made, key=lambda c: c.id))


def _refinements() -> tuple[Refinement, ...]:
    columns = ("id", "when", "codes", "says", "becomes", "citation", "message")
    rows = read_table("rules/refine.csv", columns, {**_CITED, **dict.fromkeys(columns[1:5], required)})
    made = (
        Refinement(
            r["id"],
            Prefixes(r["when"]),
            Prefixes(r["codes"]),
            r["says"],
            r["becomes"],
            r["citation"],
            r["message"],
        )
        for r in rows
    )
    return tuple(sorted(made, key=lambda c: c.id))


def _suppressions(name: str, by: str, codes: str) -> tuple[Suppression, ...]:
    columns = ("id", by, codes) if name == "integral" else ("id", codes, by)
    rows = read_table(
        f"rules/{name}.csv",
        (*columns, "citation", "note"),
        {**_CITED, by: required, codes: required},
    )
    rules = (Suppression(r["id"], Prefixes(r[by]), Prefixes(r[codes]), r["citation"]) for r in rows)
    return tuple(sorted(rules, key=lambda r: r.id))


def _phrases(name: str) -> re.Pattern[str]:
    checks = {"words": required, "citation": citation}
    return _words(r["words"] for r in read_table(f"rules/{name}.csv", ("words", "citation", "note"), checks))


def _words(words: Iterable[str]) -> re.Pattern[str]:
    """One expression for several phrases: whole words, any white space between them."""
    shapes = sorted({r"\s+".join(map(re.escape, w.split())) for w in words}, key=lambda s: (-len(s), s))
    return re.compile(rf"\b(?:{'|'.join(shapes)})", re.IGNORECASE)


def best_rule(rules: Iterable[PrefixRule], code: str) -> PrefixRule | None:
    """The rule with the longest prefix that covers a code."""
    ranked: Sequence[tuple[int, str, PrefixRule]] = sorted(
        ((-n, r.id, r) for r in rules if (n := r.codes.longest(code))), key=lambda t: t[:2]
    )
    return ranked[0][2] if ranked else None
