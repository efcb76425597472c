"""Checks that need no note: single codes, codes beside each other, and their order."""

from __future__ import annotations

import re

from cac.checks.result import CheckFinding, kinds, made
from cac.coder import Release
from cac.codes.references import refers_to
from cac.codes.releases import known_releases
from cac.codes.table import CodeTable
from cac.result import CodingResult
from cac.rules.engine import apply_rules
from cac.rules.kinds import RuleTables
from cac.rules.sequence import load_sequence
from cac.text.reader import read
from cac.types import Candidate

__all__ = ["ICD", "companions", "lookup", "order", "together"]

ICD = re.compile(r"[A-Z]\d[0-9A-Z](?:\.?[0-9A-Z]{1,4})?")
_MOST_CHILDREN = 12

# What a rule of the engine that would change the list is called here.
_ENGINE = {
    "combination": "combination",
    "laterality": "combination",
    "companion": "missing_companion",
    "refinement": "less_specific",
    "superseded": "superseded",
    "integral_symptom": "integral_symptom",
}

_BESIDE = {
    "superseded": "says less than {}, or is included in it",
    "integral_symptom": "belongs to {} and is not coded beside it",
}


def lookup(code: str, table: CodeTable) -> CheckFinding | None:
    """What keeps a code from being billed at all."""
    row = table.row_of.get(code)
    if row is None:
        if not ICD.fullmatch(code):
            return made("invalid", code, "is no ICD-10-CM code")
        elsewhere = [
            r.name
            for r in known_releases()
            if r.name != table.release and code in CodeTable.open(r.name).row_of
        ]
        if elsewhere:
            message = f"is not in release {table.release}, but in {', '.join(elsewhere)}"
            return made("not_valid_on_date", code, message)
        return made("invalid", code, f"is not in release {table.release}")
    if table.billable[row]:
        return None
    children = [table.codes[r] for r in table.children(row)]
    if children and all(len(c) == 8 for c in children):
        return made("seventh_character", code, "needs its 7th character", tuple(children[:_MOST_CHILDREN]))
    leaves = [c for c in children if table.billable[table.row_of[c]]] or children
    return made("not_billable", code, "has more specific codes below it", tuple(leaves[:_MOST_CHILDREN]))


def together(
    rules: RuleTables, valid: list[str], result: CodingResult | None, release: Release, off: frozenset[str]
) -> list[CheckFinding]:
    """What the engine would change: combinations, companions, less specific codes, Excludes1."""
    note = read(result.text if result is not None else "-")
    ruled = apply_rules(
        note,
        {code: Candidate(code, ()) for code in valid},
        scope="reportable",
        rules=rules,
        tabular=release.tabular,
        # A person stands behind every code of the list: none is weaker than another.
        strength=lambda c: 0.0,
        disabled=off,
    )
    standing = {c.code for c in ruled.candidates}
    out: list[CheckFinding] = []
    for f in dict.fromkeys(f for c in ruled.candidates for f in c.findings):
        kind = _ENGINE.get(f.kind)
        members = [code for code in valid if code in f.codes]
        new = [code for code in f.codes if code not in valid]
        if kind is None or not members:
            continue
        if f.kind in _BESIDE:
            winner, loser = f.codes
            if loser in valid:
                message = _BESIDE[f.kind].format(winner)
                out.append(made(kind, loser, message, (winner,), cited=f.citation, rule=f.rule))
        elif new:
            dropped = [code for code in members if code not in standing]
            severity = kinds()[kind][0]
            message = f"{f.message}: report {', '.join(new)}"
            about = (dropped or members)[0]
            out.append(CheckFinding(about, kind, severity, message, f.citation, f.codes, f.rule))
        elif kind == "combination":
            # The combination code is there already, and parts of it beside it.
            for code in [c for c in valid if c not in standing and c not in f.codes and _same(c, f.codes)]:
                message = f"is included in {', '.join(f.codes)}"
                out.append(made(kind, code, message, f.codes, cited=f.citation, rule=f.rule))
            for code in [c for c in members if c not in standing]:
                others = tuple(c for c in f.codes if c in standing)
                message = f"is included in {', '.join(others)}"
                out.append(made(kind, code, message, others, cited=f.citation, rule=f.rule))
    for i, a in enumerate(valid):
        for b in valid[i + 1 :]:
            if "excludes1" not in off and release.tabular.exclude_each_other(a, b):
                out.append(made("excludes1", a, f"and {b} are not coded together", (b,), rule="excludes1"))
    return out


def _same(code: str, codes: tuple[str, ...]) -> bool:
    return any(c[:3] == code[:3] for c in codes)


def companions(
    rules: RuleTables, valid: list[str], result: CodingResult | None, release: Release, off: frozenset[str]
) -> list[CheckFinding]:
    """Etiologies that are missing, and what the note documents that an instruction asks for."""
    tabular = release.tabular
    suggested = {s.code: s for s in result} if result is not None else {}
    out: list[CheckFinding] = []
    for rule in rules.companions:
        if rule.add or rule.id in off or any(c in rule.needs for c in valid):
            continue
        for code in [c for c in valid if c in rule.codes]:
            section, message = rule.citation, f"{code}: {rule.message}"
            out.append(CheckFinding(code, "missing_companion", "error", message, section, rule=rule.id))
    for code in valid:
        references = tabular.references(code, "code_first")
        if references and not any(refers_to(references, other) for other in valid if other != code):
            documented = tuple(c for c in suggested if refers_to(references, c))
            if tabular.manifestation(code) or documented:
                message = "is coded after the underlying condition, which is not in the list"
                evidence = suggested[documented[0]].evidence if documented else ()
                out.append(
                    made("missing_companion", code, message, documented, cited="I.A.13", evidence=evidence)
                )
        wanted = tabular.references(code, "use_additional")
        for other, s in suggested.items():
            if other not in valid and refers_to(wanted, other):
                message = f"asks for an additional code, and the note documents {other}"
                out.append(
                    CheckFinding(
                        code,
                        "missing_companion",
                        "warning",
                        f"{code} {message}",
                        "I.A.17",
                        (other,),
                        "",
                        s.evidence,
                    )
                )
    return out


def order(valid: list[str], release: Release, off: frozenset[str]) -> list[CheckFinding]:
    """Codes that may not be first, that have to be, and pairs the wrong way round."""
    roles, tabular = load_sequence(off), release.tabular
    out: list[CheckFinding] = []
    if not valid:
        return out
    first = valid[0]
    if first in roles.never_first or tabular.manifestation(first):
        rule, section = roles.why(first, "never_first")
        out.append(made("order", first, "is never listed first", cited=section, rule=rule))
    for code in valid[1:]:
        if code in roles.first_only and first not in roles.first_only:
            rule, section = roles.why(code, "first_only")
            out.append(made("order", code, "is only ever listed first", cited=section, rule=rule))
    for i, a in enumerate(valid):
        for b in valid[i + 1 :]:
            if tabular.first(a, b) and not tabular.first(b, a):
                out.append(made("order", a, f"stands after {b}, not before it", (b,), cited="I.A.13"))
            elif roles.before(b, a):
                rule, section = roles.why(b, "before")
                out.append(made("order", b, f"stands before {a}", (a,), cited=section, rule=rule))
    return out
