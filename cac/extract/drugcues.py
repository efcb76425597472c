"""The words around a drug that say how it is used: finding them, and which drug each one governs.

A row of ``data/lexicon/drug_cues.csv`` is

``cue``
    words; ``<num>`` stands for a number, ``<year>`` for a year.
``kind``
    ``long_term``, ``attached`` (the same, right behind the name), ``current``, ``schedule`` and ``hourly``,
    ``begun`` (a start in the past, which ``since`` dates), ``prophylaxis``; ``therapy`` says nothing about
    when; against long-term use ``short``, ``prn``, ``route``, ``injection``, ``topical``,
    ``stopped``, ``planned``, ``allergy``, ``negated``, ``other`` (person), ``lab``; ``break`` ends what
    came before it, ``pseudo`` only hides the shorter cues in it.
``direction``
    ``pre`` governs the drugs that follow, ``post`` those before, ``both`` the closer reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from cac.errors import TableError
from cac.resources import one_of, read_table, required
from cac.text.tokens import tokenize

__all__ = ["Found", "compile_cues", "drug_cues", "govern", "scan"]

Readings = tuple[tuple[str, str], ...]
"""What a cue may mean: kind and direction; at most one reading looks each way."""


class CueStart(NamedTuple):
    """The cues that begin with one word: that word by itself, and the longer ones by their second word
    (all the others after the first, readings), longest first."""

    alone: Readings
    longer: Mapping[str, tuple[tuple[tuple[str, ...], Readings], ...]]


CueIndex = Mapping[str, CueStart]

_BEFORE = {
    "long_term": 4, "current": 8, "schedule": 3, "begun": 6, "since": 8, "prophylaxis": 4, "short": 5,
    "prn": 3, "route": 2, "injection": 2, "topical": 2, "stopped": 7, "planned": 8, "allergy": 8,
    "negated": 7, "other": 12, "lab": 1, "break": 0, "pseudo": 0,
    "attached": 0, "hourly": 3, "therapy": 8,
}  # fmt: skip
"""The most tokens between a cue and the first drug after it."""

_AFTER = {
    "long_term": 14, "current": 8, "schedule": 12, "begun": 12, "since": 14, "prophylaxis": 12, "short": 14,
    "prn": 14, "route": 5, "injection": 1, "topical": 3, "stopped": 12, "planned": 6, "allergy": 3,
    "negated": 5, "other": 3, "lab": 1, "break": 0, "pseudo": 0,
    "attached": 0, "hourly": 12, "therapy": 0,
}  # fmt: skip
"""The most tokens between a drug and a cue behind it."""

_SIDES = {"pre": ("pre",), "post": ("post",), "both": ("pre", "post")}
_LISTED = frozenset({"current", "therapy", "begun", "stopped", "planned", "allergy", "negated", "other"})
"""Kinds that hold for a whole list of drugs."""

_AGAINST = frozenset({"stopped", "planned", "allergy", "negated", "begun"})
_COMMA = frozenset({"stopped", "allergy", "negated", "planned"})
_LOOSE = frozenset({"since", "long_term", "prophylaxis", "schedule", "hourly"})
_LASTING = frozenset({"current", "attached"})
_IN_LIST = 16
_NEARBY = {"on": 5, "no": 2, "without": 2, "denies": 4, "denied": 4, "under": 3, "history": 4, "hx": 4}
_HISTORY = ("history", "hx")
_JOINS = frozenset({"and", "or", "/", "&", "+", "plus", "with"})
_CLAUSE = frozenset({",", ";", "and", "(", ")", ".", ":"})
_PASSIVE = frozenset({"was", "were", "been", "is", "are", "being", "be", "has", "have", "had", "now"})
_FILLERS = frozenset(
    "a an the his her their of on daily nightly weekly low high dose - oral systemic use current ( ) home "
    "stable inhaled suppressive maintenance therapy treatment with immunosuppressive full therapeutic "
    "scheduled in form anticoagulation basal bolus mg for intermittent monthly medication medications "
    "including : include".split()
)
"""Words that may stand between "chronic" and the drug it describes: "chronic pain on X" is about the pain."""

_NUMBERS = frozenset(
    "one two three four five six seven eight nine ten twelve fourteen several many few couple".split()
)


class Found(NamedTuple):
    """A cue in a note: tokens ``first``..``last`` (half-open)."""

    kind: str
    direction: str
    first: int
    last: int


@lru_cache(maxsize=1)
def drug_cues() -> CueIndex:
    """The packaged cues, compiled once.

    Raises
    ------
    TableError
        Naming every bad row.

    Examples
    --------
    >>> "continue" in drug_cues()
    True
    """
    checks = {"cue": required, "kind": one_of(*_BEFORE), "direction": one_of("pre", "post", "both")}
    return compile_cues(read_table("lexicon/drug_cues.csv", ("cue", "kind", "direction", "note"), checks))


def compile_cues(rows: Sequence[Mapping[str, str]]) -> CueIndex:
    """Index cue rows by first token; raise TableError naming every cue that stands there twice."""
    index: dict[str, dict[tuple[str, ...], list[tuple[str, str]]]] = {}
    problems: list[str] = []
    seen: set[tuple[tuple[str, ...], str]] = set()
    for row in rows:
        cue = row["cue"].replace("<num>", "zqnum").replace("<year>", "zqyear")
        tokens = tuple({"zqnum": "<num>", "zqyear": "<year>"}.get(t, t) for t in tokenize(cue).lower)
        sides = {(tokens, side) for side in _SIDES[row["direction"]]}
        if not tokens or tokens[0].startswith("<") or sides & seen:
            problems.append(f"drug_cues.csv: {row['cue']!r} is a duplicate or starts with a placeholder")
            continue
        seen |= sides
        readings = index.setdefault(tokens[0], {}).setdefault(tokens[1:], [])
        readings.append((row["kind"], row["direction"]))
    if problems:
        raise TableError(f"drug cues: {len(problems)} bad rows", problems)
    return {word: _start(by_rest) for word, by_rest in index.items()}


def _start(by_rest: Mapping[tuple[str, ...], Sequence[tuple[str, str]]]) -> CueStart:
    longer: dict[str, list[tuple[tuple[str, ...], Readings]]] = {}
    for rest in sorted((r for r in by_rest if r), key=lambda r: (-len(r), r)):
        longer.setdefault(rest[0], []).append((rest, tuple(sorted(by_rest[rest]))))
    return CueStart(tuple(sorted(by_rest.get((), ()))), {w: tuple(rows) for w, rows in longer.items()})


def scan(lower: Sequence[str], start: int, stop: int, drugs: Sequence[tuple[int, int]]) -> list[Found]:
    """The cues among tokens ``start``..``stop`` outside the drug names, leftmost, longest first."""
    index = drug_cues()
    out: list[Found] = []
    i = start
    for first, last in (*drugs, (stop, stop)):
        while i < first:
            entry = index.get(lower[i])
            if entry is None:
                i += 1
                continue
            end, readings = i + 1, entry.alone
            if entry.longer and end < first:
                for second in _classes(lower[end], entry):
                    for rest, longer in entry.longer[second]:
                        if end + len(rest) <= first and _same(lower, end + 1, rest):
                            end, readings = end + len(rest), longer
                            break
                    if end > i + 1:
                        break
            for kind, direction in readings:
                out.append(Found(kind, direction, i, end))
            i = end
        i = last
    return out


def _classes(word: str, entry: CueStart) -> Sequence[str]:
    """The keys under which the second word of a cue may stand."""
    longer = entry.longer
    out = [word] if word in longer else []
    if "<num>" in longer and _is(word, "<num>"):
        out.append("<num>")
    if "<year>" in longer and _is(word, "<year>"):
        out.append("<year>")
    return out


def _is(word: str, placeholder: str) -> bool:
    if placeholder == "<num>":
        return word.isdecimal() or word in _NUMBERS
    return placeholder == "<year>" and len(word) == 4 and word.isdecimal() and word[:2] in ("19", "20")


def _same(lower: Sequence[str], at: int, rest: Sequence[str]) -> bool:
    """Whether the third and later words of a cue stand at ``at``."""
    return all(t == w or _is(w, t) for t, w in zip(rest[1:], lower[at : at + len(rest) - 1], strict=True))


def govern(
    lower: Sequence[str], drugs: Sequence[tuple[int, int]], cues: Sequence[Found]
) -> list[list[Found]]:
    """For each drug of one sentence the cues that speak about it, the nearest reading of each.

    Parameters
    ----------
    lower
        The folded tokens of the note.
    drugs
        Token ranges of the drugs of the sentence, in order.
    cues
        The answer of :func:`scan`.
    """
    out: list[list[Found]] = [[] for _ in drugs]
    ahead: list[Found] = []
    for cue in cues:
        if cue.kind == "pseudo":
            continue
        before = sum(1 for _, last in drugs if last <= cue.first) - 1
        if cue.kind == "break" or _looks_ahead(lower, drugs, cue, before):
            ahead.append(cue)
        elif before >= 0 and _reaches_back(lower, drugs[before][1], cue, cues):
            # "On A, B stopped": with a verb in front, a comma no longer joins A to what B's verb says.
            comma = cue.kind in _COMMA and not any(c.kind in _LISTED for c in ahead)
            for n in _joined_back(lower, drugs, before, cue.kind, comma):
                out[n].append(cue)
    _forward(lower, drugs, ahead, out)
    for said in out:
        _settle(said)
    return out


def _looks_ahead(lower: Sequence[str], drugs: Sequence[tuple[int, int]], cue: Found, before: int) -> bool:
    if cue.direction != "both":
        return cue.direction == "pre"
    if before < 0:
        return True
    gap = cue.first - drugs[before][1]
    near = before + 1 < len(drugs) and drugs[before + 1][0] - cue.last <= 5
    open_way = near and not any(w in _CLAUSE for w in lower[cue.last : drugs[before + 1][0]])
    if cue.kind in ("schedule", "hourly", "long_term", "prn", "short"):
        # "aspirin 81 mg daily" looks back; "aspirin and daily insulin" ahead.
        return gap > _AFTER[cue.kind] or (open_way and lower[cue.first - 1] in (",", "and", "on", "takes"))
    return (open_way and lower[cue.first - 1] not in _PASSIVE) or gap > _AFTER[cue.kind]


def _reaches_back(lower: Sequence[str], end: int, cue: Found, cues: Sequence[Found]) -> bool:
    if cue.first - end > _AFTER[cue.kind]:
        return False
    if cue.kind in ("lab", "allergy", "topical", "injection") and "," in lower[end : cue.first]:
        return False
    # A verb in between has opened a statement about something else.
    return not any(
        end <= c.first < cue.first
        and (c.kind == "break" or (c.direction == "pre" and c.kind in _LISTED))
        and lower[c.first] != "which"
        for c in cues
    )


def _joined_back(
    lower: Sequence[str], drugs: Sequence[tuple[int, int]], last: int, kind: str, comma: bool
) -> Sequence[int]:
    """The drug before a cue and those joined to it: "aspirin and Plavix were held"."""
    out = [last]
    while out[-1] > 0 and kind not in ("lab", "topical"):
        between = lower[drugs[out[-1] - 1][1] : drugs[out[-1]][0]]
        if not between or not all(w in _JOINS or (comma and w == ",") for w in between):
            break
        out.append(out[-1] - 1)
    return out


def _forward(
    lower: Sequence[str], drugs: Sequence[tuple[int, int]], ahead: Sequence[Found], out: list[list[Found]]
) -> None:
    """Let the cues that look ahead govern what follows, until the next of them takes over."""
    state: list[Found] = []
    brief: list[Found] = []
    anchor, fed, at = -1, False, 0
    for n, (first, last) in enumerate(drugs):
        while at < len(ahead) and ahead[at].first < first:
            cue = ahead[at]
            at += 1
            if cue.kind == "break":
                state, brief, fed = [], [c for c in brief if c.kind == "since"], False
            elif cue.kind in _LISTED:
                # Adjoining cues add up ("stopped taking"); otherwise the later one takes over.
                kept = state if state and cue.first == anchor and not fed else _people(state)
                brief = [c for c in brief if c.kind in _LOOSE or c.last == cue.first]
                state, anchor, fed = [*kept, cue], cue.last, False
            else:
                brief.append(cue)
        if state:
            window = _IN_LIST if fed else max(_window(c, lower) for c in state)
            gap = lower[anchor:first]
            against = any(c.kind in _AGAINST for c in state) and state[0].kind not in ("allergy", "other")
            if fed and tuple(gap) == ("to",) and state[-1].kind == "stopped":
                # "Switched from A to B": A has ended; B is taken, unless the switch is yet to come.
                word = lower[state[-1].first]
                state = [state[-1]._replace(kind="current")] if word.endswith("ed") else []
            if len(gap) > window or (against and any(w in gap for w in ((";",) if fed else (",", "and")))):
                state = []
            else:
                out[n] += state
                anchor, fed = last, True
        kept_brief: list[Found] = []
        for cue in brief:
            between = lower[cue.last : first]
            joined = n > 0 and drugs[n - 1][0] >= cue.last
            if joined:
                ok = all(w in _JOINS for w in lower[drugs[n - 1][1] : first])
            elif cue.kind in ("long_term", "schedule", "hourly", "prophylaxis"):
                ok = len(between) <= _BEFORE[cue.kind] + 2 and all(w in _FILLERS for w in between)
            else:
                ok = len(between) <= _BEFORE[cue.kind] and (cue.kind in _LOOSE or "," not in between)
            if ok:
                out[n].append(cue)
                kept_brief.append(cue)
        brief = kept_brief


def _people(state: Sequence[Found]) -> list[Found]:
    return [c for c in state if c.kind == "other"]


def _window(cue: Found, lower: Sequence[str]) -> int:
    # Words as common as these do not look far.
    alone = cue.last - cue.first == 1 or lower[cue.first] in _HISTORY
    return (_NEARBY.get(lower[cue.first]) if alone else None) or _BEFORE[cue.kind]


def _settle(said: list[Found]) -> None:
    """Where a drug was stopped and then resumed in the same breath, the later word holds."""
    resumed = max((c.first for c in said if c.kind in _LASTING and c.direction == "post"), default=-1)
    said[:] = [c for c in said if c.kind != "stopped" or c.first > resumed]
    said.sort(key=lambda c: (c.first, c.kind))
