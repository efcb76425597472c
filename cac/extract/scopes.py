"""How far each cue of a sentence reaches.

A sentence becomes a list of marks: cues, commas, conjunctions, brackets, colons, spaced dashes. A
scope walks over the marks, not over the words.
"""

from __future__ import annotations

from typing import NamedTuple

from cac.extract.cues import CLAUSE_MARKS, DIMENSIONS, CueRule, CueStart, CueTable, Entry
from cac.types import Tokens

__all__ = ["AFFIRM", "Scope", "sentence_scopes"]

AFFIRM = len(DIMENSIONS)
"""The pseudo-dimension of scopes that only cancel "history of"."""

_NEGATED, _UNCERTAIN, _HISTORICAL, _HYPOTHETICAL, _FAMILY, _PLANNED, _OTHER = (1 << n for n in range(7))
# Conditions and pedigrees run on over semicolons, colons and dashes; other scopes do not.
_ENDED_BY_STOP = _NEGATED | _UNCERTAIN | _HISTORICAL | _PLANNED
_ENDED_BY_BAR = _ENDED_BY_STOP | _FAMILY | _OTHER
_ENDED_BY_AFFIRM = _ENDED_BY_STOP
_ENDED_BY_CUE = _ENDED_BY_STOP | _OTHER

_HIT = -1
_COMMA, _AND, _OR, _OPEN, _CLOSE, _COLON, _SEMICOLON, _DASH, _BAR = range(len(CLAUSE_MARKS))
_CLAUSE_START_AFTER = frozenset((*",;:.()[]-|•*>/#&+?!", "and", "or", "but"))
_CLAUSE_END_BEFORE = frozenset((*",;.()[]|•?!", "and", "or", "but", "however"))


class Scope(NamedTuple):
    """Cue tokens ``first``..``last`` give ``dim`` to what lies in tokens ``low``..``high``.

    ``only_inside``, where not 0: only to a mention that starts before this token (a mention that
    takes in the rest of a pseudo-cue: "no [change in bowel habits]"). ``stop`` are the tokens that
    ended the scope; none where it ran to the edge of the sentence or as far as the cue reaches.
    """

    dim: int
    first: int
    last: int
    low: int
    high: int
    forward: bool
    only_inside: int = 0
    stop: tuple[int, int] = (0, 0)


class _Mark(NamedTuple):
    first: int
    last: int
    kind: int
    rules: tuple[CueRule, ...] = ()
    shorter: tuple[int, tuple[CueRule, ...]] | None = None


def sentence_scopes(table: CueTable, tokens: Tokens, first: int, last: int) -> tuple[Scope, ...]:
    """All scopes in the tokens ``first``..``last`` of one sentence."""
    marks = _marks(table, tokens, first, last)
    if not marks:
        return ()
    signs_lead: bool | None = None
    scopes: list[Scope] = []
    begins = {m.first: m.last for m in marks}
    ends = {m.last: m.first for m in marks}
    for n, mark in enumerate(marks):
        for rule in mark.rules:
            if rule.kind == "cue" or rule.kind == "affirm":
                forward = rule.direction != "post"
                backward = rule.direction == "post" or (rule.direction == "both" and rule.dim != 0)
                if rule.direction == "both" and (rule.dim == 0 or rule.kind == "affirm"):
                    if signs_lead is None:
                        signs_lead = mark.first == first or tokens.lower[mark.first - 1] in ":;,"
                    forward, backward = signs_lead, not signs_lead
                if forward and rule.dim >= 0:
                    high = _forward(marks, n, mark.last, rule, tokens.lower, last)
                    stop = (high, begins[high]) if high in begins else (0, 0)
                    scopes.append(Scope(rule.dim, mark.first, mark.last, mark.last, high, True, 0, stop))
                if backward and (rule.dim >= 0 or rule.reach == "or"):
                    low = _backward(marks, n, rule, tokens.lower, first)
                    if low < mark.first:
                        dim = rule.dim if rule.dim >= 0 else AFFIRM
                        stop = (ends[low], low) if low in ends else (0, 0)
                        scopes.append(Scope(dim, mark.first, mark.last, low, mark.first, False, 0, stop))
        if mark.shorter is not None:
            end, rules = mark.shorter
            for rule in rules:
                if rule.kind == "cue" and rule.direction == "pre":
                    scopes.append(Scope(rule.dim, mark.first, end, end, mark.last, True, mark.last))
    return tuple(scopes)


def _marks(table: CueTable, tokens: Tokens, first: int, last: int) -> list[_Mark]:
    """What a scope takes notice of; nothing where there is no cue that could have one.

    Half of all sentences hold only words that would end a scope.
    """
    lower = tokens.lower
    free, classes, entries = table.free, table.classes, table.entries
    marks: list[_Mark] = []
    passed, opened = first, False
    # Most words are neither cue nor punctuation: they are passed over at once.
    for i, word in [(i, w) for i, w in enumerate(lower[first:last], first) if w in entries or "0" <= w < ":"]:
        if i < passed:
            continue
        start, at_clause, kind = entries.get(word, _NO_ENTRY)
        found = _NOTHING
        if start is not None:
            follow = start.follow
            if i + 1 < last and (
                follow is None or (after := lower[i + 1]) in follow or (start.number and "0" <= after < ":")
            ):
                found = _longest(start, lower, i, last, classes, _NOTHING)
            elif start.closing and _clause_ends(lower, i + 1, last):
                found = i + 1, start.rules + start.closing, None
            elif start.rules:
                found = i + 1, start.rules, None
        if "0" <= word < ":":
            for name in _digit_classes(word):
                if name in free:
                    found = _longest(free[name], lower, i, last, classes, found)
        elif at_clause is not None and (i == first or lower[i - 1] in _CLAUSE_START_AFTER):
            anchored = _longest(at_clause, lower, i, last, classes, _NOTHING)
            if anchored[0] > found[0]:
                found = anchored
        end, rules, shorter = found
        if end:
            if len(rules) > 1:
                if start is None or rules is not start.rules:
                    # Not the order of the rows: that must not matter.
                    rules = tuple(sorted(rules))
                opened = opened or any(rule.kind != "terminator" for rule in rules)
            elif rules[0].kind != "terminator":
                opened = True
            if word == ",":
                # The words after the comma may be a cue of their own: ", now" and "now with".
                end = i + 1
            marks.append(_new(_Mark, (i, end, _HIT, rules, shorter)))
            passed = end
        elif kind == _DASH:
            gap_before, gap_after = _gaps(tokens, i, first, last)
            if gap_before and gap_after:
                marks.append(_new(_Mark, (i, i + 1, kind, (), None)))
            elif gap_before and "+" in lower[max(0, first - 1) : last]:
                # "+SOB, -CP": a minus is a sign only where a plus shows that signs are used.
                marks.append(_new(_Mark, (i, i + 1, _HIT, _MINUS, None)))
                opened = True
        elif kind >= 0:
            marks.append(_new(_Mark, (i, i + 1, kind, (), None)))
    return marks if opened else []


# Marks are made by the dozen in every sentence; this way takes half the time.
_new = tuple.__new__
_NO_ENTRY = Entry(None, None, -1)
_MINUS = (CueRule("cue", 0, _NEGATED, "pre", 6, "none", 0),)


_Found = tuple[int, tuple[CueRule, ...], tuple[int, tuple[CueRule, ...]] | None]
_NOTHING: _Found = (0, (), None)


def _longest(
    start: CueStart,
    lower: tuple[str, ...],
    i: int,
    last: int,
    classes: dict[str, tuple[str, ...]],
    so_far: _Found,
) -> _Found:
    """The longest cue at token ``i``; for a pseudo-cue also the longest real one inside it."""
    j = i + 1
    follows = False
    if j < last:
        after = lower[j]
        follow = start.follow
        follows = follow is None or after in follow or (start.number and "0" <= after < ":")
    if not follows:
        rules = start.rules
        if start.closing and _clause_ends(lower, j, last):
            rules += start.closing
        return (j, rules, None) if rules and j > so_far[0] else so_far
    found = _walk(start, lower, j, last, classes)
    if not found:
        return so_far
    end = max(found)
    if end <= so_far[0]:
        return so_far
    rules = found[end]
    if len(found) > 1 and any(rule.kind == "pseudo" for rule in rules):
        for shorter in sorted(found, reverse=True)[1:]:
            if any(rule.kind == "cue" for rule in found[shorter]):
                return end, rules, (shorter, tuple(sorted(found[shorter])))
    return end, rules, None


def _walk(
    start: CueStart, lower: tuple[str, ...], j: int, last: int, classes: dict[str, tuple[str, ...]]
) -> dict[int, tuple[CueRule, ...]]:
    """Every cue that begins with ``start``: where it ends, and its rules."""
    found: dict[int, tuple[CueRule, ...]] = {}
    todo = [(node, j) for node in start.nodes]
    while todo:
        node, j = todo.pop()
        rules = node.get("", ())
        if "$" in node and _clause_ends(lower, j, last):
            rules += node["$"]
        if rules:
            found[j] = found.get(j, ()) + rules
        if j == last:
            continue
        after = lower[j]
        names = classes.get(after, ())
        if "0" <= after < ":":
            names += _digit_classes(after)
        for token in (after, *names, "<w>"):
            child = node.get(token)
            if child is not None:
                todo.append((child, j + 1))
    return found


def _gaps(tokens: Tokens, i: int, first: int, last: int) -> tuple[bool, bool]:
    return (
        i == first or tokens.starts[i] > tokens.ends[i - 1],
        i + 1 == last or tokens.ends[i] < tokens.starts[i + 1],
    )


def _digit_classes(word: str) -> tuple[str, ...]:
    if len(word) == 4 and word.isdecimal() and word[:2] in ("19", "20"):
        return ("<num>", "<year>")
    return ("<num>",)


def _clause_ends(lower: tuple[str, ...], j: int, last: int) -> bool:
    """Also before the label of the next field: "Fever: no Cough: yes"."""
    return j >= last or lower[j] in _CLAUSE_END_BEFORE or ":" in lower[j : min(j + 4, last)]


def _forward(marks: list[_Mark], n: int, begin: int, rule: CueRule, lower: tuple[str, ...], last: int) -> int:
    bit, reach = rule.bit, rule.reach
    stop = min(last, begin + rule.window) if rule.window else last
    clause = -1
    seen_or = False
    depth = 0
    for k in range(n + 1, len(marks)):
        mark = marks[k]
        i, kind = mark.first, mark.kind
        if i >= stop:
            break
        if kind == _HIT:
            after_comma = lower[i] == ","
            for other in mark.rules:
                if other.kind == "terminator":
                    if not other.ends & bit or other.direction == "post":
                        continue
                    if other.direction != "in":
                        return i if clause < 0 or not _is_verb(mark, bit) else clause
                    if clause >= 0:
                        return clause
                elif other.kind == "affirm":
                    # Right behind the cue it is what the cue is about: "not [currently having]".
                    if other.direction != "post" and bit & _ENDED_BY_AFFIRM and i > begin:
                        return i
                elif other.kind == "cue" and other.direction != "post" and bit & _ENDED_BY_CUE:
                    previous = marks[k - 1]
                    close = previous.last == i and (
                        previous.kind in (_COMMA, _AND, _OPEN, _DASH) or lower[previous.first] == ","
                    )
                    if (
                        (close or after_comma)
                        and k - 1 > n
                        and not (other.dim == rule.dim and reach == "any")
                    ):
                        return i
            if not after_comma:
                continue
            kind = _COMMA
        if kind == _COMMA:
            if i == begin:
                continue
            if reach == "none" or (reach != "any" and not _crosses(marks, k, reach, seen_or, bit)):
                return i
            if lower[i + 1 : i + 2] not in (("or",), ("nor",)):
                clause = i
        elif kind == _AND:
            clause = i
        elif kind == _OR:
            seen_or = True
        elif kind == _OPEN:
            depth += 1
        elif kind == _CLOSE:
            depth -= 1
            if depth < 0:
                return i
        elif kind == _SEMICOLON:
            if bit & _ENDED_BY_STOP:
                return i
        elif kind == _BAR:
            if bit & _ENDED_BY_BAR:
                return i
        elif i != begin and bit & _ENDED_BY_STOP:
            return i
    return stop


def _is_verb(mark: _Mark, bit: int) -> bool:
    return any(rule.direction == "in" and rule.ends & bit for rule in mark.rules)


def _crosses(marks: list[_Mark], k: int, reach: str, seen_or: bool, bit: int) -> bool:
    """Whether a list goes on after the comma ``marks[k]``.

    A determiner's list ends at the comma after its "or" unless another "or" follows ("no fever or
    chills, cough productive", but "no fever or chills, nausea or vomiting").
    """
    if reach == "all" and not seen_or:
        return True
    for mark in marks[k + 1 :]:
        if mark.kind == _OR:
            return True
        if mark.kind in (_SEMICOLON, _COLON, _DASH, _BAR):
            return False
        if mark.kind == _HIT and any(
            (rule.kind == "terminator" and rule.ends & bit)
            or rule.kind == "affirm"
            or (rule.kind == "cue" and rule.dim == 0)
            for rule in mark.rules
        ):
            return False
    return False


def _backward(marks: list[_Mark], n: int, rule: CueRule, lower: tuple[str, ...], first: int) -> int:
    begin = marks[n].first
    bit, reach = rule.bit, rule.reach
    low = max(first, begin - rule.window) if rule.window else first
    is_field = lower[begin] == ":"
    n -= 1
    if n >= 0 and marks[n].last == begin and _transparent(marks[n]):
        n -= 1
    listed = False
    depth = 0
    while n >= 0:
        mark = marks[n]
        end, kind = mark.last, mark.kind
        if end <= low:
            break
        if kind == _HIT:
            for other in mark.rules:
                if other.kind == "pseudo":
                    continue
                if other.kind == "terminator":
                    if other.ends & bit:
                        return end
                elif other.kind == "affirm" and other.reach == "any" and bit & _HISTORICAL:
                    return begin
                else:
                    return end
        elif kind == _COMMA:
            if reach == "any":
                if is_field and any(m.kind == _COLON for m in marks[:n]):
                    return end
            elif reach != "all" or not listed:
                return end
        elif kind in (_AND, _OR):
            if reach == "none":
                return end
            listed = True
        elif kind == _OPEN:
            if depth == 0:
                return end
            depth -= 1
        elif kind == _CLOSE:
            depth += 1
        else:
            return end
        n -= 1
    return low


def _transparent(mark: _Mark) -> bool:
    """What may stand between a mention and the cue behind it: "Pneumonia, resolved", "stroke was in
    2014"."""
    if mark.kind == _HIT:
        return any(rule.direction == "in" for rule in mark.rules)
    return mark.kind in (_COMMA, _COLON, _OPEN, _DASH)
