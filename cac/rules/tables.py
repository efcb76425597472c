"""Rules as rows: loaded once, validated, looked up by code prefix.

Every row has an id and the guideline section it rests on; every code it names has to exist in the
newest packaged release (checked by the tests). Rows that rest on a convention of coders rather than
on the words of the guidelines say so, and every rule can be switched off by its id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

from cac.errors import TableError
from cac.resources import Check, one_of, read_table, required
from cac.rules.gone import gone_rules
from cac.rules.kinds import (
    Combination,
    Companion,
    Part,
    PastRule,
    PrefixRule,
    Recode,
    Refinement,
    RuleTables,
    SectionRule,
    Suppression,
    TestedRule,
    best_rule,
)
from cac.rules.prefixes import Matcher, Prefixes

__all__ = [
    "Combination",
    "Companion",
    "PastRule",
    "PrefixRule",
    "Prefixes",
    "Recode",
    "Refinement",
    "RuleTables",
    "SectionRule",
    "Suppression",
    "best_rule",
    "citation",
    "load_rules",
]


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
    recodes = _recodes()
    tables = RuleTables(
        history=_prefix_rules("history"),
        family=_prefix_rules("family"),
        lifelong=_prefix_rules("lifelong", ("id", "codes", "cue", "citation", "note")),
        unconfirmed=_prefix_rules("unconfirmed"),
        ruled_out=_prefix_rules("ruled_out"),
        sections=_sections(),
        combinations=combinations,
        companions=companions,
        refinements=refinements,
        integral=integral,
        superseded=superseded,
        past_only=_past_only(),
        tested=_tested(),
        gone=gone_rules(),
        also={r.id: r.also for r in gone_rules() if r.also},
        recodes=recodes,
        parts=_parts(),
        validity=_validity(),
        unlinked=_unlinked(),
        caused_by=_causal("effect first"),
        causing=_causal("cause first"),
        accompanied=_causal("joined"),
        # In the order of SETS.
        matcher=Matcher(
            [(r.codes, r.when) for r in recodes],
            [r.all_of for r in combinations],
            [(r.codes,) for r in companions],
            [(r.when, r.codes) for r in refinements],
            [(r.by, r.codes) for r in superseded],
            [(r.by, r.codes) for r in integral],
        ),
    )
    ids = tables.ids()
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise TableError("rules: ids used twice", twice)
    unknown = sorted(set(tables.validity) - set(ids))
    if unknown:
        raise TableError("validity.csv: ids of no rule", unknown)
    return tables


_SECTION = re.compile(
    r"(?:I\.[AB]\.\d{1,2}|I\.C\.\d{1,2}|IV\.[A-Q]|II{1,2}\.[A-K])(?:\.[a-z]{1,2}|\.\d{1,2})*"
)


def citation(cell: str) -> str | None:
    """A section of the official guidelines such as "I.C.9.a.1", or several separated by "; "."""
    wrong = [part for part in cell.split("; ") if not _SECTION.fullmatch(part)]
    return f"is {cell!r}, no section of the guidelines" if wrong else None


_LINKS = ("", "presumed", "sentence", "with", "caused")
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
            r["id"],
            Prefixes(r["codes"]),
            # "-": what is over is not coded at all.
            r.get("becomes", "").strip("-"),
            r["citation"],
            r.get("cue") == "header",
        )
        for r in rows
    )
    return tuple(sorted(rules, key=lambda r: r.id))


def _past_only() -> tuple[PastRule, ...]:
    columns = ("id", "codes", "over", "citation", "note")
    rows = read_table("rules/past_only.csv", columns, {**_CITED, "codes": required})
    rules = (
        PastRule(
            r["id"],
            Prefixes(r["codes"]),
            "",
            r["citation"],
            over=_words(r["over"].split("|")) if r["over"] else None,
        )
        for r in rows
    )
    return tuple(sorted(rules, key=lambda r: r.id))


def _tested() -> tuple[TestedRule, ...]:
    columns = ("id", "codes", "words", "citation", "note")
    rows = read_table("rules/tested.csv", columns, {**_CITED, "codes": required, "words": required})
    rules = (
        TestedRule(r["id"], Prefixes(r["codes"]), _words(r["words"].split("|")), r["citation"]) for r in rows
    )
    return tuple(sorted(rules, key=lambda r: r.id))


def _parts() -> tuple[Part, ...]:
    columns = ("id", "whole", "part", "citation", "note")
    rows = read_table("rules/parts.csv", columns, {**_CITED, "whole": required, "part": required})
    rules = (Part(r["id"], Prefixes(r["whole"]), Prefixes(r["part"]), r["citation"]) for r in rows)
    return tuple(sorted(rules, key=lambda r: r.id))


def _recodes() -> tuple[Recode, ...]:
    rows = read_table(
        "rules/recode.csv",
        ("id", "when", "codes", "was", "becomes", "link", "words", "citation", "convention", "message"),
        {
            **_CITED,
            **dict.fromkeys(("when", "codes", "was", "becomes", "message"), required),
            "link": one_of(*_LINKS),
            "convention": _CONVENTION,
        },
    )
    made = (
        Recode(
            id=r["id"],
            when=Prefixes(r["when"]),
            codes=Prefixes(r["codes"]),
            was=r["was"],
            becomes=r["becomes"],
            link=r["link"],
            words=_words(r["words"].split("|")) if r["words"] else None,
            citation=r["citation"],
            convention=r["convention"],
            message=r["message"],
        )
        for r in rows
    )
    return tuple(sorted(made, key=lambda r: r.id))


def _validity() -> dict[str, tuple[date, date]]:
    checks = {"id": required, "first": _day, "last": _day, "citation": citation}
    rows = read_table("rules/validity.csv", ("id", "first", "last", "citation", "note"), checks)
    return {
        r["id"]: (
            date.fromisoformat(r["first"]) if r["first"] else date.min,
            date.fromisoformat(r["last"]) if r["last"] else date.max,
        )
        for r in rows
    }


def _day(cell: str) -> str | None:
    try:
        date.fromisoformat(cell or "2000-01-01")
    except ValueError:
        return f"is {cell!r}, no ISO date"
    return None


def _causal(order: str) -> re.Pattern[str]:
    checks = {
        "words": required,
        "order": one_of("effect first", "cause first", "joined"),
        "citation": citation,
    }
    rows = read_table("rules/causal.csv", ("words", "order", "citation", "note"), checks)
    return _words((r["words"] for r in rows if r["order"] == order), whole=True)


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
            "link": one_of(*_LINKS),
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


def _unlinked() -> re.Pattern[str]:
    rows = read_table(
        "rules/unlinked.csv", ("words", "citation", "note"), {"words": required, "citation": citation}
    )
    return _words(r["words"] for r in rows)


def _words(words: Iterable[str], *, whole: bool = False) -> re.Pattern[str]:
    """One expression for several phrases: any white space between words, a suffix allowed unless whole."""
    shapes = sorted({r"\s+".join(map(re.escape, w.split())) for w in words}, key=lambda s: (-len(s), s))
    return re.compile(rf"\b(?:{'|'.join(shapes)})" + r"(?!\w)" * whole, re.IGNORECASE)
