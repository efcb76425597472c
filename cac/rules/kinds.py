"""The kinds of coding rule, as plain data; every instance is a row of ``data/rules``.

A rule has an id, by which it can be switched off, and the section of the guidelines it rests on. Rules
that rest on a convention of coders rather than on the words of the guidelines say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from cac.rules.gone import GoneRule
from cac.rules.prefixes import Matcher, Prefixes

__all__ = [
    "SETS",
    "Combination",
    "Companion",
    "Part",
    "PastRule",
    "PrefixRule",
    "Recode",
    "Refinement",
    "RuleTables",
    "SectionRule",
    "Suppression",
    "TestedRule",
    "best_rule",
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
    unrelated), "sentence" (only where one sentence names them), "with" (and joins them so), "caused"
    (only where the words between them make the second the cause of the first, I.B.16), or nothing.
    ``words`` have to stand in the words of one of the conditions.
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
class Recode:
    """Where a code of ``when`` is reported, codes that begin with ``was`` begin with ``becomes`` instead.

    ``link`` and ``words`` as in ``Combination``; the codes are the effect, ``when`` is the cause.
    """

    id: str
    when: Prefixes
    codes: Prefixes
    was: str
    becomes: str
    link: str
    words: re.Pattern[str] | None
    citation: str
    convention: str
    message: str


@dataclass(frozen=True, slots=True)
class Part:
    """Codes of ``part`` inside a larger mention of ``whole`` are reported beside it."""

    id: str
    whole: Prefixes
    part: Prefixes
    citation: str


@dataclass(frozen=True, slots=True)
class PastRule(PrefixRule):
    """Codes of a state, named by the words of a procedure: only where the sentence says it is ``over``."""

    over: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class TestedRule:
    """Codes for a test or an examination: a result in ``words`` does not deny that it was done."""

    id: str
    codes: Prefixes
    words: re.Pattern[str]
    citation: str


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


SETS = ("recodes", "combinations", "companions", "refinements", "superseded", "integral")
"""The tables whose rules look at a whole set of codes, as the matcher counts them."""


@dataclass(frozen=True, slots=True)
class RuleTables:
    """Every rule table, in an order that does not depend on the order of rows.

    ``matcher`` finds the rules of the second pass whose conditions are met, in the tables of ``SETS``.
    """

    history: tuple[PrefixRule, ...]
    family: tuple[PrefixRule, ...]
    lifelong: tuple[PrefixRule, ...]
    unconfirmed: tuple[PrefixRule, ...]
    ruled_out: tuple[PrefixRule, ...]
    sections: Mapping[str, SectionRule]
    combinations: tuple[Combination, ...]
    companions: tuple[Companion, ...]
    refinements: tuple[Refinement, ...]
    integral: tuple[Suppression, ...]
    superseded: tuple[Suppression, ...]
    past_only: tuple[PastRule, ...]
    tested: tuple[TestedRule, ...]
    gone: tuple[GoneRule, ...]
    also: Mapping[str, str]
    recodes: tuple[Recode, ...]
    parts: tuple[Part, ...]
    validity: Mapping[str, tuple[date, date]]
    unlinked: re.Pattern[str]
    caused_by: re.Pattern[str]
    causing: re.Pattern[str]
    accompanied: re.Pattern[str]
    matcher: Matcher = field(repr=False, compare=False)
    _passes: dict[tuple[str, frozenset[str]], dict[str, bool]] = field(
        default_factory=dict, repr=False, compare=False
    )
    _best: dict[tuple[str, str, bool, frozenset[str]], PrefixRule | None] = field(
        default_factory=dict, repr=False, compare=False
    )

    def best(
        self, table: str, code: str, disabled: frozenset[str] = frozenset(), *, listed: bool = True
    ) -> PrefixRule | None:
        """The rule of ``history``, ``family`` ... whose longest prefix covers a code.

        ``listed`` admits the rules that hold only under a list header.
        """
        key = (table, code, listed, disabled)
        if key not in self._best:
            rules: tuple[PrefixRule, ...] = getattr(self, table)
            on = (r for r in rules if r.id not in disabled and (listed or not r.only_listed))
            self._best[key] = best_rule(on, code)
        return self._best[key]

    def passes(self, code: str, section: str, disabled: frozenset[str] = frozenset()) -> bool:
        """Whether no rule asks any more about an affirmed mention of a code in a section of this kind."""
        kept = self._passes.get((section, disabled))
        if kept is None:
            kept = self._passes[section, disabled] = {}
        known = kept.get(code)
        if known is None:
            allowed = self.sections.get(section)
            known = kept[code] = (
                (allowed is None or allowed.id in disabled or code in allowed.codes)
                and self.best("past_only", code, disabled) is None
                and not any(code in g.codes for g in self.gone)
            )
        return known

    def not_in_force(self, day: date | None) -> frozenset[str]:
        """Ids of the rules that do not hold on a day; today's practice without one."""
        when = date.max if day is None else day
        return frozenset(i for i, (first, last) in self.validity.items() if not first <= when <= last)

    def products(self) -> list[str]:
        """Every code that a rule may lead to by itself."""
        codes = [r.becomes for r in (*self.history, *self.family, *self.unconfirmed, *self.ruled_out)]
        codes += [r.add for r in self.combinations]
        codes += [r.add for r in self.companions]
        codes += self.also.values()
        return sorted({c for c in codes if c})

    def keeps_part(self, code: str, whole: Sequence[str], disabled: frozenset[str] = frozenset()) -> bool:
        """Whether a rule reports a code that is only part of a larger mention beside one of ``whole``."""
        return any(
            code in rule.part and rule.id not in disabled and any(w in rule.whole for w in whole)
            for rule in self.parts
        )

    def done(self, code: str, words: str, disabled: frozenset[str] = frozenset()) -> TestedRule | None:
        """The rule by which a result in these words does not deny that a test was done."""
        return next(
            (r for r in self.tested if code in r.codes and r.id not in disabled and r.words.search(words)),
            None,
        )

    def ids(self) -> list[str]:
        """The id of every rule of every table."""
        tables: tuple[Iterable[_Rule], ...] = (
            self.history,
            self.family,
            self.lifelong,
            self.unconfirmed,
            self.ruled_out,
            self.sections.values(),
            self.combinations,
            self.companions,
            self.refinements,
            self.integral,
            self.superseded,
            self.past_only,
            self.tested,
            self.gone,
            self.recodes,
            self.parts,
        )
        return [rule.id for table in tables for rule in table]


_Rule = (
    PrefixRule
    | SectionRule
    | Combination
    | Companion
    | Refinement
    | Suppression
    | TestedRule
    | Recode
    | Part
    | GoneRule
)


def best_rule(rules: Iterable[PrefixRule], code: str) -> PrefixRule | None:
    """The rule with the longest prefix that covers a code."""
    ranked: Sequence[tuple[int, str, PrefixRule]] = sorted(
        ((-n, r.id, r) for r in rules if (n := r.codes.longest(code))), key=lambda t: t[:2]
    )
    return ranked[0][2] if ranked else None
