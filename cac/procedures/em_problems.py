"""Problems addressed at a visit, each with its grade.

A problem counts where the clinician assesses or plans for it; a note without such sections is read as
a whole. The grade follows from the nature of the condition (``em_problems.csv``, by code) and from what
the note says of its course beside it (``em_courses.csv``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cac.procedures.em_cues import Hit
from cac.procedures.em_page import Page, affirmed, quote, quote_tokens
from cac.procedures.em_tables import courses, grades, natures
from cac.procedures.em_types import EmProblem
from cac.types import Candidate, Evidence, Mention

__all__ = ["find_problems", "problems_level"]

_ORDER = tuple("elsewhere threat severe worse systemic uncertain acute chronic stable resolved".split())
"""Courses, the one that decides first."""

_OPEN_ROLES = frozenset(("open", "history", "managed", "assessed", "examined", "results"))
_DOUBTED = frozenset(("threat", "systemic", "uncertain"))
"""Courses whose words are also used of what is not there."""


@dataclass(slots=True)
class _Group:
    """Mentions of one problem."""

    codes: set[str] = field(default_factory=set)
    spans: list[tuple[int, int, int]] = field(default_factory=list)
    natures: set[tuple[bool, str]] = field(default_factory=set)
    """Of each code: whether it is a symptom's, and its nature."""

    courses: list[Hit] = field(default_factory=list)


def find_problems(page: Page, diagnoses: Iterable[Candidate]) -> tuple[EmProblem, ...]:
    """The problems addressed, in text order.

    Parameters
    ----------
    page
        The note.
    diagnoses
        Candidates for diagnosis codes with their mentions; other systems and statuses are left out.
    """
    groups = _groups(page, diagnoses)
    _assign(page, groups)
    out = [_graded(page, g) for g in groups]
    if not out:
        out = _by_words(page)
    stated = affirmed(page, page.of("grade"))
    table = grades()
    out += [EmProblem(h.kind, table[h.kind].level, (), (quote_tokens(page, h, "problem"),)) for h in stated]
    return tuple(sorted(out, key=lambda p: (p.evidence[0].start, p.evidence[0].end, p.grade)))


def problems_level(found: Sequence[EmProblem]) -> tuple[int, tuple[EmProblem, ...]]:
    """The level of the problems together, and the problems that it rests on.

    Two or more of a grade can come to more than one: two minor problems are low, two stable chronic
    illnesses moderate.

    Examples
    --------
    >>> chronic = EmProblem("stable_chronic", 2, (), ())
    >>> problems_level([chronic])[0], problems_level([chronic, chronic])[0]
    (2, 3)
    """
    table = grades()
    count = Counter(p.grade for p in found)
    reach = {g: table[g].several if n > 1 else table[g].level for g, n in count.items()}
    level = max(reach.values(), default=0)
    return level, tuple(p for p in found if level and reach[p.grade] == level)


def _groups(page: Page, diagnoses: Iterable[Candidate]) -> list[_Group]:
    """Mentions of conditions by problem: one category, or words that overlap, is one problem."""
    table = natures()
    items: list[tuple[int, int, int, str, str]] = []
    for c in diagnoses:
        if c.system != "ICD-10-CM":
            continue
        nature = table.of(c.code)
        if nature is None or nature == "none" or _names_a_drug(c.code):
            continue
        items += [(m.start, m.end, m.sentence, c.code, nature) for m in c.mentions if _is_addressed(page, m)]
    if page.assessed:
        assessed = [i for i in items if page.roles[i[2]] == "assessed"]
        items = assessed or items
    out: list[_Group] = []
    by_category: dict[str, _Group] = {}
    last: _Group | None = None
    reach = -1
    for start, end, sentence, code, nature in sorted(items):
        group = by_category.get(code[:3])
        if group is None and last is not None and start < reach:
            group = last
        if group is None:
            group = _Group()
            out.append(group)
        by_category[code[:3]] = last = group
        reach = max(reach, end)
        group.codes.add(code)
        group.natures.add((code[0] == "R", nature))
        if (start, end, sentence) not in group.spans:
            group.spans.append((start, end, sentence))
    return out


def _names_a_drug(code: str) -> bool:
    """Whether a code names the drug of an adverse effect or underdosing, not a problem (I.C.19.e.5)."""
    return "T36" <= code[:3] <= "T50" and code[6:7] in ("5", "6")


def _is_addressed(page: Page, m: Mention) -> bool:
    a = m.assertion
    role = page.roles[m.sentence] if m.sentence < len(page.roles) else ""
    denied = a.negated or a.hypothetical or a.family or a.other_person
    return role in _OPEN_ROLES and not denied


def _assign(page: Page, groups: Sequence[_Group]) -> None:
    """Give each phrase of a course to the problem it stands with."""
    sentences = page.note.sentences
    spots = sorted(
        (page.token_at(start), page.token_at(end), sentence, n)
        for n, g in enumerate(groups)
        for start, end, sentence in g.spans
    )
    if not spots:
        return
    firsts = [s[0] for s in spots]
    hits = [h for h in page.of("course") if page.role(h) in _OPEN_ROLES]
    doubted = [h for h in hits if h.kind in _DOUBTED]
    true = set(affirmed(page, doubted)) if doubted else set()
    for h in hits:
        if h.kind in _DOUBTED and h not in true:
            continue
        here = [s for s in spots if s[2] == h.sentence]
        if here:
            # The nearest; of two as near, the one before: "hypertension, stable, diabetes".
            best = min(here, key=lambda s: (max(0, h.first - s[1], s[0] - h.last), s[0] > h.first, s[0]))
        else:
            at = bisect_right(firsts, h.first) - 1
            if at < 0 or sentences[spots[at][2]].item != sentences[h.sentence].item:
                continue
            best = spots[at]
        groups[best[3]].courses.append(h)


def _graded(page: Page, group: _Group) -> EmProblem:
    table, known = courses(), grades()
    said = sorted({h.kind for h in group.courses}, key=_ORDER.index)
    best = ""
    rank = -1
    # Beside the condition itself a symptom of the same words says nothing more (I.B.5).
    symptoms_only = all(symptom for symptom, _ in group.natures)
    for nature in sorted(n for symptom, n in group.natures if symptoms_only or not symptom):
        grade = next(
            (table[(nature, course)] for course in said if (nature, course) in table), table[(nature, "")]
        )
        if known[grade].level > rank:
            best, rank = grade, known[grade].level
    evidence = [quote(page, start, end, "problem", n) for start, end, n in group.spans]
    evidence += [quote_tokens(page, h, "course") for h in group.courses]
    return EmProblem(best, rank, tuple(sorted(group.codes)), _unique(evidence))


def _by_words(page: Page) -> list[EmProblem]:
    """Problems that only have words, for texts in which no condition was recognised."""
    hits = [h for h in page.of("problem") if page.role(h) in _OPEN_ROLES]
    if page.assessed:
        hits = [h for h in hits if page.role(h) == "assessed"] or hits
    groups: list[_Group] = []
    tokens = page.note.tokens
    for h in affirmed(page, hits):
        span = (tokens.starts[h.first], tokens.ends[h.last - 1], h.sentence)
        groups.append(_Group(set(), [span], {(False, h.kind)}))
    _assign(page, groups)
    return [_graded(page, g) for g in groups]


def _unique(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    found: dict[tuple[int, int], Evidence] = {}
    for e in evidence:
        found.setdefault((e.start, e.end), e)
    return tuple(found.values())
