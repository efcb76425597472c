"""Where the sections of a note begin and what kind each one is.

Two passes: first every place that looks like a header (a known label before a colon or alone on
its line; capitals before a lost newline; "PMH asthma" at a line start), then a walk through them
in order, because the section one stands in decides whether "Medications:" opens a new section or
is one line of a plan, and whether "Lungs:" is more than a line of the examination.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from cac.text.headers import Headers, headers, normal_label, without_parentheses
from cac.text.lines import Lines, note_lines
from cac.text.visits import VISITS, visit_kind
from cac.types import Section, Tokens

__all__ = ["find_sections"]

_LONGEST = 76
_PROBLEMS = frozenset(
    "assessment assessment_plan plan impression diagnosis "
    "discharge_diagnosis admission_diagnosis problem_list differential".split()
)
_BODY = frozenset(("exam", "ros", "objective", "vitals"))
# Kinds that, as a sub-item of a problem list, an examination or a history, stay where they are.
_SOFT = frozenset(
    (
        "medications",
        "labs",
        "imaging",
        "education",
        "followup",
        "instructions",
        "nutrition",
        "orders",
        "procedures",
        "screening",
        "immunizations",
        "disposition",
        "exam",
        "findings",
        "consent",
        "functional_status",
        "vitals",
        "pathology",
        "allergies",
        "risk_factors",
        "differential",
        "interval_history",
        "subjective",
        "objective",
        "technique",
        "comparison",
        "code_status",
        "complications",
        "indication",
        "diagnosis",
        "anesthesia",
        "specimens",
        "operative_details",
        "unknown",
    )
)
_IN_ROS = frozenset(
    ("allergies", "nutrition", "exam", "social_history", "functional_status", "immunizations")
)
_REPEATED = _SOFT | {"plan", "assessment"}
# Sections in which an unknown label may open a new section rather than being a form field.
_OPEN = frozenset(
    "unknown chief_complaint reason_for_visit hpi interval_history subjective pmh psh hospital_course "
    "complications indication anesthesia consent disposition instructions followup".split()
)
# Sections in which a line that is a label and a condition ("PE", "SLE") is the condition.
_LISTING = _PROBLEMS | {"pmh", "psh", "hospital_course", "complications", "chief_complaint"}
_TOLD = frozenset(("procedure", "operation", "procedure note", "description of surgery", "surgery"))
_OVER = re.compile(r"(?:s/p|status[ -]post|h/o|history of|hx of|prior|previous|past)\b", re.IGNORECASE)
_PAGE = 300
_NEVER_INLINE = frozenset(("administrative", "technique", "comparison", "unknown", "orders", "code_status"))

_CAPS_BEFORE_COMMA = re.compile(r"[A-Z][A-Z0-9 /&()'\-]{2,60}(?=,(?!\s))")
# The words since the last stop, wide gap or opening of the line.
_AFTER_STOP = re.compile(r"(?:[.;?!|)\]]\s+|\s{2,}|\t|\s[-–]\s)\**([A-Za-z][^.;?!|\t]{0,60})$")
_CAPS_TAIL = re.compile(r"(?:(?<=[\s,;.])|^)[A-Z][A-Z/&]+(?: (?:[A-Z/&]{2,}|&))*$")
_TITLE_WORD = re.compile(r"[A-Z]|(?:of|and|the|for|in|on|at|to|with|by|or|a|per|from)$|[^A-Za-z]")


class _Head(NamedTuple):
    start: int
    label_end: int
    end: int
    kind: str
    name: str
    caps: bool
    mark: str
    exact: bool
    alone: bool
    line_end: int
    inline: bool


def find_sections(text: str, tokens: Tokens, lines: Lines | None = None) -> tuple[Section, ...]:
    """Cut a note into sections that cover it without gaps or overlaps.

    Parameters
    ----------
    text
        The note.
    tokens
        Its tokens (headers never cut one).
    lines
        Its lines (`cac.text.lines.note_lines`), where they are known already.

    Returns
    -------
    tuple of Section
        In order. Header and body of each lie side by side, and each begins where the one before
        ends; "unknown" before the first header. Empty for an empty note.

    Examples
    --------
    >>> note = "PMH: HTN, DM. Meds: metformin."
    >>> [(s.kind, note[s.start:s.end]) for s in find_sections(note, None)]
    [('pmh', ' HTN, DM. '), ('medications', ' metformin.')]
    """
    if not text:
        return ()
    chosen = _choose(text, _candidates(text, note_lines(text) if lines is None else lines, headers()))
    sections: list[Section] = []
    if not chosen or chosen[0][1] > 0:
        stop = chosen[0][1] if chosen else len(text)
        sections.append(Section("unknown", 0, stop, 0, 0))
    for i, (kind, start, end) in enumerate(chosen):
        stop = chosen[i + 1][1] if i + 1 < len(chosen) else len(text)
        if kind == "+told":
            kind = _narrated(text, end, stop)
        elif kind == "+visit":
            kind = visit_kind(text[end : end + _PAGE])
        sections.append(Section(kind, end, stop, start, end))
    return tuple(sections)


def _candidates(text: str, lines: Lines, lexicon: Headers) -> list[_Head]:
    """Everything that looks like a header, and body-system labels (kind "+subhead")."""
    found: list[_Head] = []
    find = text.find
    for start, end, mark, at, _ in lines:
        if end - start < 2 or at >= end:
            continue
        if mark == "letter":
            mark, at = "", start + len(text[start:end]) - len(text[start:end].lstrip())
        colon = find(":", at, end)
        head = _at_line_start(text, at, end, colon, mark, lexicon)
        if head is not None:
            found.append(head if at == start else head._replace(start=_line_head(text, start, at)))
            if head.label_end == colon:
                colon = find(":", colon + 1, end)
        lower = found[-1].end if found and found[-1].end > start else at
        while colon != -1:
            inline = _inline(text, max(lower, colon - _LONGEST), colon, end, lexicon)
            if inline is not None and inline.start >= lower:
                found.append(inline)
            lower = colon + 1
            colon = find(":", lower, end)
    return found


def _line_head(text: str, start: int, at: int) -> int:
    """The header begins at its marker, not at the indentation."""
    return start + (at - start) - len(text[start:at].lstrip(" \t\u00a0>,"))


def _at_line_start(text: str, at: int, end: int, colon: int, mark: str, lexicon: Headers) -> _Head | None:
    first = text[at]
    if not first.isalpha():
        return None
    second = text[at + 1] if at + 1 < end else ""
    emphatic = first.isupper() and (second.isupper() or second == "/")
    if emphatic and (m := _CAPS_BEFORE_COMMA.match(text, at, end)) is not None:
        label = m[0].strip()
        kind = lexicon.exact(label) or lexicon.loose(without_parentheses(label), True)
        if kind is not None and len(label) > 2:
            return _Head(at, m.end(), m.end(), kind, normal_label(label), True, mark, True, False, end, False)
    if 0 < colon - at <= _LONGEST:
        head = _labelled(text, text[at:colon], at, colon, end, mark, lexicon)
        if head is not None:
            return head
    elif colon == -1 and end - at <= _LONGEST and (first.isupper() or first == "o"):
        head = _alone(text, at, end, mark, lexicon)
        if head is not None:
            return head
    dash = text.find(" -", at, min(end, at + 24))
    if dash != -1 and first.isupper():
        label = text[at:dash]
        kind = lexicon.exact(label)
        if kind is not None and (label.isupper() or (kind not in _SOFT and len(label) > 2)):
            name = normal_label(label)
            return _Head(at, dash, dash + 2, kind, name, label.isupper(), mark, True, False, end, False)
    if emphatic and (m := lexicon.bare.match(text, at, end)) is not None:
        kind = lexicon.exact(m[1])
        if kind is not None:
            return _Head(
                at, m.end(1), m.end(1), kind, normal_label(m[1]), True, mark, True, False, end, False
            )
    return None


def _alone(text: str, at: int, end: int, mark: str, lexicon: Headers) -> _Head | None:
    """A header that has its line to itself and no colon."""
    label = text[at:end].rstrip(" \t*_-–—=#")
    if len(label) < 2 or label[-1] in ".,;?!" or label.count(" ") > 7:
        return None
    caps = label.isupper()
    kind = lexicon.exact(label)
    exact = kind is not None
    name = normal_label(label)
    if kind is None and (caps or "(" in label) and _is_title(label):
        kind = lexicon.loose(without_parentheses(label), caps)
    if kind is None and lexicon.is_subhead(name):
        kind = "+subhead"
    if kind is None:
        return None
    return _Head(at, end, end, kind, name, caps, mark, exact, True, end, False)


def _labelled(
    text: str, label: str, at: int, colon: int, end: int, mark: str, lexicon: Headers
) -> _Head | None:
    stop = colon + 1
    while stop < end and text[stop] in "*_":
        stop += 1
    alone = not text[stop:end].strip(" \t*,-")
    caps = label.isupper()
    name = normal_label(label)
    kind = lexicon.kinds.get(name)
    if kind is not None and len(name) == 1 and not caps:
        kind = None
    exact = kind is not None
    if kind is None:
        bare = without_parentheses(label) if "(" in label or "[" in label else name
        if label[0].isupper():
            kind = lexicon.trimmed(bare)
        if kind is None and ". " not in label and (caps or "(" in label or _is_title(label)):
            if lexicon.is_subhead(name):
                return _Head(at, colon, stop, "+subhead", name, caps, mark, True, alone, end, False)
            kind = lexicon.loose(bare, caps)
            if kind is None and mark in ("", "hash") and name not in lexicon.labels:
                # A form field has its value beside it; a heading has a text under or after it.
                long = end - stop > 70
                if (caps and len(name) >= 5 and (alone or long)) or (not caps and " " in name and alone):
                    kind = "+new"
        if kind is None:
            return None
    return _Head(at, colon, stop, kind, name, caps, mark, exact, alone, end, False)


def _inline(text: str, lo: int, colon: int, end: int, lexicon: Headers) -> _Head | None:
    """A known header inside a line: after a stop, or in capitals."""
    before = text[lo:colon]
    last = before[-1:]
    if not (last.isalpha() or last in ") *"):
        return None
    m = _AFTER_STOP.search(before)
    if m is not None:
        label = m[1].strip(" \t*_")
        kind = lexicon.exact(label) if label and (label[0].isupper() or len(label) > 3) else None
        if kind is None and len(label) > 3 and label.isupper() and lexicon.is_subhead(normal_label(label)):
            kind = "+subhead"
        if kind is not None and kind not in _NEVER_INLINE:
            start, caps = lo + m.start(1), label.isupper()
            return _Head(start, colon, colon + 1, kind, normal_label(label), caps, "", True, False, end, True)
    if not before.rstrip(" *")[-1:].isupper():
        return None
    m = _CAPS_TAIL.search(before.rstrip())
    if m is not None:
        words = m[0].split(" ")
        for i in range(len(words)):
            label = " ".join(words[i:])
            kind = lexicon.exact(label) if len(label) > 1 else None
            if kind is not None and kind not in _NEVER_INLINE:
                start = lo + m.end() - len(label)
                return _Head(
                    start, colon, colon + 1, kind, normal_label(label), True, "", True, False, end, True
                )
    return None


def _is_title(label: str) -> bool:
    return all(_TITLE_WORD.match(w) for w in label.split())


def _choose(text: str, found: list[_Head]) -> list[tuple[str, int, int]]:
    """Walk the candidates in order; what a label means depends on the section it stands in."""
    repeats = Counter(h.name for h in found if not h.inline)
    chosen: list[tuple[str, int, int]] = []
    parent: _Head | None = None
    resume: tuple[str, int, _Head | None] | None = None
    for i, head in enumerate(found):
        if resume is not None and head.start >= resume[1]:
            if text[resume[1] : head.start].strip():
                chosen.append((resume[0], resume[1], resume[1]))
            parent = resume[2]
            resume = None
        now = parent.kind if parent is not None else "unknown"
        if head.kind == "+subhead":
            if now == "vitals" and head.mark == "":
                chosen.append(("exam", head.start, head.start))
                parent = head._replace(kind="exam", caps=parent.caps if parent else head.caps)
            continue
        if head.kind == "+new":
            if now not in _OPEN:
                continue
            head = head._replace(kind="unknown")
        elif _is_statement(text, head, now, found[i + 1 : i + 2]) or not _opens(head, parent, now, repeats):
            continue
        kind = head.kind
        if kind == "procedures" and head.name in _TOLD:
            kind = "+told"
        elif kind == "followup" and head.name in VISITS and _is_first(text, head, chosen):
            kind = "+visit"
        chosen.append((kind, head.start, head.end))
        if head.kind == "administrative" and not head.alone:
            # "Age: 45" is one field; what follows belongs to the section it interrupted.
            if head.line_end < len(text):
                resume = (now, head.line_end, parent)
        else:
            resume = None
        parent = head
    if resume is not None and text[resume[1] :].strip():
        chosen.append((resume[0], resume[1], resume[1]))
    return chosen


def _is_statement(text: str, head: _Head, now: str, following: list[_Head]) -> bool:
    """Whether a line without a colon is a condition of the section it stands in, and no header."""
    if not head.alone or head.label_end != head.end or head.name not in headers().conditions:
        return False
    # "PE" with "Lungs:" under it is the examination all the same.
    if following and following[0].kind == "+subhead":
        return False
    return now in _LISTING or not text[head.end :].strip()


def _is_first(text: str, head: _Head, chosen: list[tuple[str, int, int]]) -> bool:
    """Whether a header opens the note, but for names and dates."""
    return all([c[0] == "administrative" for c in chosen]) and (
        bool(chosen) or not text[: head.start].strip()
    )


def _narrated(text: str, start: int, stop: int) -> str:
    """Whether "PROCEDURE:" names the procedure in a line or a list, tells it in a page, or looks back."""
    body = text[start:stop].lstrip(" \t\r\n,-")
    if _OVER.match(body) is not None:
        return "psh"
    return "procedures" if len(body) < _PAGE or body[:1].isdigit() else "operative_details"


def _opens(head: _Head, parent: _Head | None, now: str, repeats: Counter[str]) -> bool:
    """Whether a known label opens a section in the section it stands in."""
    if parent is None or head.kind == "administrative":
        return head.kind != "administrative" or head.mark == ""
    listed = head.mark in ("bullet", "num") and parent.mark != head.mark
    # One style of capitals for headings, another for the labels beneath them.
    below = not head.caps and parent.caps and len(parent.name) > 3
    if below and (head.kind == now or (head.inline and head.kind in _SOFT)):
        return False
    if now in _PROBLEMS:
        if listed or (not head.exact and not head.caps):
            return False
        if below:
            return (
                head.kind == "plan"
                and now in ("assessment", "impression", "diagnosis")
                and (repeats[head.name] == 1 and not head.inline)
            )
        return not (head.kind in _REPEATED and not head.caps and repeats[head.name] > 1)
    if now == "hospital_course" and head.kind == "nutrition":
        # The course of a newborn goes by systems, and feeding is one.
        return False
    if now in _BODY:
        if listed:
            return False
        if below and (head.kind in _IN_ROS or head.kind == "vitals"):
            return False
        return not (now == "ros" and head.kind in _IN_ROS and not head.caps and not head.exact)
    if listed:
        if head.mark == "num" and head.alone and not head.caps:
            return False
        return head.kind not in _SOFT
    return True
