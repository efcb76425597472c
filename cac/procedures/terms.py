"""The words of the procedure tables, compiled: which services and axis values a line of a note names.

Words are folded (number, synonyms of ``words.csv``) on both sides. A service is found by a bag of words
that stand near one another in one line; an axis value by its words in a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from cac.procedures.tables import NUMERIC_AXES, TEXT_AXES, load_procedures
from cac.resources import one_of, read_table, required
from cac.text.tokens import tokenize
from cac.types.records import fast_init

__all__ = ["AxisHit", "Hit", "Line", "Terms", "load_terms"]

GAP = 6
"""How many foreign words may stand among the words that name a service."""

_SKIPPED = frozenset("-()./\"'#*")
_COMMAS = frozenset(",;:")
_LINKS = frozenset(
    "and or with without no not nor nothing neither deferred declined refused considered unnecessary tried "
    "of the plus followed by but then to for & right left".split()
)
_DENIES = frozenset(("without", "no", "not", "nor", "nothing", "neither"))
_UNDONE = frozenset(("not", "deferred", "declined", "refused", "considered", "unnecessary", "tried"))
_ENDS = frozenset((",", ";", ":", "but"))
_STOP = frozenset("of the and with for to in a on by an".split())
_JOINED = frozenset(("and", "&"))
_LOOSE = frozenset(("and", "or", "of", "the", "left", "right", "bilateral", ",", "&"))
AXES = (*TEXT_AXES, *NUMERIC_AXES, "side", "digit")


@dataclass(frozen=True, slots=True)
class Trigger:
    """A bag of words that names a service, or one code of it."""

    service: str
    code: str
    words: frozenset[str]


@fast_init
@dataclass(frozen=True, slots=True)
class Hit:
    """A service named in a line: its trigger and the places of its words."""

    trigger: Trigger
    places: tuple[int, ...]

    @property
    def first(self) -> int:
        return self.places[0]

    @property
    def last(self) -> int:
        return self.places[-1]


@dataclass(frozen=True, slots=True)
class AxisHit:
    """An axis value named in a line, at ``first``..``last`` (inclusive)."""

    axis: str
    value: str
    first: int
    last: int
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """The folded words of a stretch of tokens, with the tokens each came from."""

    words: tuple[str, ...]
    first: tuple[int, ...]
    last: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything compiled: raw words that may start something, folding, triggers and axis phrases."""

    fold: dict[str, str]
    phrases: dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]
    triggers: dict[str, tuple[Trigger, ...]]
    axis_words: dict[str, tuple[tuple[tuple[str, ...], str, str], ...]]
    alarm: frozenset[str]
    vocabulary: frozenset[str]
    phrase_words: dict[str, frozenset[str]]

    def may_name(self, tokens: tuple[str, ...]) -> bool:
        """Whether all words of some service are among ``tokens``: a cheap check that never misses one."""
        triggers, leads = self.triggers, self.phrase_words
        there = set(map(self.fold.get, tokens))
        for first in [t for t in tokens if t in leads]:
            there |= leads[first]
        return any([t.words <= there for key in there if key in triggers for t in triggers[key]])

    def line(self, lower: tuple[str, ...], first: int, last: int) -> Line:
        """Fold the tokens ``first``..``last`` (half-open)."""
        words: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        fold, phrases = self.fold, self.phrases
        i = first
        while i < last:
            raw = lower[i]
            if raw in phrases:
                for phrase, becomes in phrases[raw]:
                    length = _follows(lower, i, last, phrase)
                    if length:
                        words += becomes
                        starts += [i] * len(becomes)
                        ends += [i + length - 1] * len(becomes)
                        i += length
                        break
                else:
                    words.append(fold.get(raw, ""))
                    starts.append(i)
                    ends.append(i)
                    i += 1
                continue
            if raw not in _SKIPPED:
                words.append(fold.get(raw, ""))
                starts.append(i)
                ends.append(i)
            i += 1
        return Line(tuple(words), tuple(starts), tuple(ends))

    def starters(self, service: str, axis: str) -> frozenset[str]:
        """The raw words one of which a phrase for this axis of this service must hold."""
        return _starters(service, axis)

    def services(self, line: Line) -> list[Hit]:
        """The services a line names, in order; a larger name wins over its parts."""
        places: dict[str, list[int]] = {}
        for i, word in enumerate(line.words):
            if word:
                places.setdefault(word, []).append(i)
        hits: dict[tuple[Trigger, tuple[int, ...]], Hit] = {}
        for word, at in places.items():
            for trigger in self.triggers.get(word, ()):
                if trigger.words <= places.keys():
                    for place in at:
                        found = _nearest(trigger, word, place, places)
                        if found is not None and not _partly_denied(line.words, found):
                            hits[trigger, found] = Hit(trigger, found)
        return _selected(list(hits.values()), line)

    def axes(self, line: Line) -> list[AxisHit]:
        """The axis values a line names, the longest phrase at each place."""
        out: list[AxisHit] = []
        words = line.words
        size = len(words)
        i = 0
        while i < size:
            step = 1
            taken: tuple[str, ...] = ()
            for phrase, axis, value in self.axis_words.get(words[i], ()):
                if taken and phrase != taken:
                    break
                end = i + len(phrase)
                if taken or (end <= size and words[i:end] == phrase):
                    taken, step = phrase, len(phrase)
                    out.append(AxisHit(axis, value, i, end - 1, _denied(words, i) or _undone(words, end)))
            i += step
        return out


@cache
def _starters(service: str, axis: str) -> frozenset[str]:
    terms, values = load_terms(), load_procedures().services[service].values
    first = {
        word
        for word, phrases in terms.axis_words.items()
        for _, a, value in phrases
        if a == axis and (axis == "side" or axis in NUMERIC_AXES or (axis, value) in values)
    }
    raw = {w for w, c in terms.fold.items() if c in first}
    return frozenset(
        raw | {w for w, found in terms.phrases.items() if any(first.intersection(b) for _, b in found)}
    )


@lru_cache(maxsize=1)
def load_terms() -> Terms:
    """The compiled vocabulary of the packaged tables.

    Examples
    --------
    >>> terms = load_terms()
    >>> line = terms.line(("lap", "chole"), 0, 2)
    >>> [hit.trigger.service for hit in terms.services(line)]
    ['cholecystectomy']
    """
    tables = load_procedures()
    rows = read_table("procedures/words.csv", ("words", "becomes"), {"words": required, "becomes": required})
    fold: dict[str, str] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for r in rows:
        becomes = tuple(r["becomes"].split())
        for text in r["words"].split(";"):
            words = _split(text)
            if len(words) == 1 and len(becomes) == 1:
                fold[words[0]] = becomes[0]
            elif words:
                phrases.setdefault(words[0], []).append((words, becomes))
    named: list[tuple[str, str, str]] = []
    for service in tables.services.values():
        named += [(service.name, "", name) for name in service.names]
        named += [(service.name, c.code, name) for c in service.codes for name in c.synonyms]
    axis_rows = read_table(
        "procedures/axis_terms.csv",
        ("axis", "value", "words"),
        {"axis": one_of(*AXES), "value": required, "words": required},
    )
    becoming = {w for found in phrases.values() for _, b in found for w in b} | set(fold.values())
    vocabulary = _vocabulary(named, axis_rows) | becoming | _LINKS
    bare = Terms(_all_forms(fold, vocabulary), _sorted(phrases), {}, {}, frozenset(), vocabulary, {})
    triggers, alarm = _triggers(bare, named)
    axis_words: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
    for r in axis_rows:
        for text in r["words"].split(";"):
            words = _canon(bare, text)
            if words:
                axis_words.setdefault(words[0], []).append((words, r["axis"], r["value"]))
    _split.cache_clear()
    return Terms(
        bare.fold,
        bare.phrases,
        triggers,
        {w: tuple(sorted(set(p), key=lambda t: (-len(t[0]), t))) for w, p in sorted(axis_words.items())},
        alarm,
        bare.vocabulary,
        {w: frozenset(b for _, becomes in found for b in becomes) for w, found in bare.phrases.items()},
    )


def _vocabulary(named: list[tuple[str, str, str]], axis_rows: list[dict[str, str]]) -> frozenset[str]:
    texts = [name for _, _, name in named] + [r["words"].replace(";", " ") for r in axis_rows]
    return frozenset(w for text in texts for w in _split(text))


def _triggers(
    bare: Terms, named: list[tuple[str, str, str]]
) -> tuple[dict[str, tuple[Trigger, ...]], frozenset[str]]:
    """Triggers under their rarest word, and the raw words that may make one of those."""
    made = sorted(
        {Trigger(s, code, frozenset(_canon(bare, name)) - _STOP) for s, code, name in named},
        key=lambda t: (t.service, t.code, sorted(t.words)),
    )
    count: dict[str, int] = {}
    for t in made:
        for w in t.words:
            count[w] = count.get(w, 0) + 1
    common = {r["word"] for r in read_table("procedures/common_words.csv", ("word",), {"word": required})}
    by_key: dict[str, list[Trigger]] = {}
    for t in made:
        if t.words:
            by_key.setdefault(min(t.words, key=lambda w: (w in common, count[w], w)), []).append(t)
    keys = set(by_key)
    raw = {w for w, c in bare.fold.items() if c in keys}
    raw |= {
        min(words, key=lambda w: (w in common, -len(w), w))
        for found in bare.phrases.values()
        for words, becomes in found
        if keys.intersection(becomes)
    }
    return {w: tuple(ts) for w, ts in sorted(by_key.items())}, frozenset(raw)


def _canon(bare: Terms, text: str) -> tuple[str, ...]:
    raw = _split(text)
    return tuple(w for w in bare.line(raw, 0, len(raw)).words if w)


@lru_cache(maxsize=20_000)
def _split(text: str) -> tuple[str, ...]:
    return tuple(w for w in tokenize(text).lower if w not in _SKIPPED)


def _sorted(
    phrases: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]],
) -> dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]:
    return {w: tuple(sorted(p, key=lambda pb: (-len(pb[0]), pb))) for w, p in sorted(phrases.items())}


def _all_forms(fold: dict[str, str], vocabulary: frozenset[str]) -> dict[str, str]:
    """Every raw word that some table knows, plurals included, to the word it stands for."""
    forms = {c: c for c in _COMMAS}
    for word in sorted({*vocabulary, *fold}):
        single = fold.get(word, word)
        plurals = [word + "s", word + "es"]
        if word.endswith("y"):
            plurals.append(word[:-1] + "ies")
        if word.endswith("is"):
            plurals.append(word[:-2] + "es")
        for plural in plurals:
            if len(word) > 2 and plural not in fold:
                forms.setdefault(plural, single)
    for word in vocabulary:
        forms.setdefault(word, fold.get(word, word))
    forms.update(fold)
    return forms


def _follows(lower: tuple[str, ...], at: int, last: int, phrase: tuple[str, ...]) -> int:
    """How many tokens a phrase takes from ``at``, hyphens and stops not counted; 0 when it is not there."""
    i = at
    for word in phrase:
        while i < last and i > at and lower[i] in _SKIPPED:
            i += 1
        if i >= last or lower[i] != word:
            return 0
        i += 1
    return i - at


def _nearest(trigger: Trigger, key: str, place: int, places: dict[str, list[int]]) -> tuple[int, ...] | None:
    """The closest set of the trigger's words around its key word, None when too far apart."""
    reach = len(trigger.words) + GAP
    found = [place]
    for word in trigger.words:
        if word == key:
            continue
        near = min(places[word], key=lambda p: (abs(p - place), p))
        if abs(near - place) > reach:
            return None
        found.append(near)
    found.sort()
    return tuple(found) if found[-1] - found[0] <= reach else None


def _selected(hits: list[Hit], line: Line) -> list[Hit]:
    """Drop parts of larger names, and names whose words really belong to two others."""
    hits.sort(
        key=lambda h: (
            -len(h.places),
            h.last - h.first,
            h.places,
            not h.trigger.code,
            h.trigger.code,
            h.trigger.service,
        )
    )
    kept: list[Hit] = []
    for hit in hits:
        mine = set(hit.places)
        if not any(_beaten(hit, mine, other, line) for other in kept):
            kept.append(hit)
    kept.sort(key=lambda h: (h.first, h.last, h.trigger.service, h.trigger.code))
    return kept


def _beaten(hit: Hit, mine: set[int], other: Hit, line: Line) -> bool:
    theirs = set(other.places)
    if mine <= theirs:
        return mine != theirs or hit.trigger.service == other.trigger.service
    if not mine & theirs:
        return False
    # "Knee and shoulder injection" shares its last word; without an "and" one of the two is no service.
    between = [line.words[p] for p in range(hit.first, hit.last + 1) if p not in mine and p not in theirs]
    return not _JOINED.intersection(between) or not _LOOSE.issuperset(between)


def _partly_denied(words: tuple[str, ...], places: tuple[int, ...]) -> bool:
    """ "Without cholangiogram": a name is not there when only a part of it is denied."""
    denied = [_denied(words, p) for p in places]
    return any(denied) and not denied[0]


def _undone(words: tuple[str, ...], end: int) -> bool:
    """Whether "was not", "deferred" or the like stands right behind an axis value."""
    for word in words[end : end + 3]:
        if word in _UNDONE:
            return True
        if word in _ENDS or word in ("with", "and", "or"):
            return False
    return False


def _denied(words: tuple[str, ...], at: int) -> bool:
    """Whether "without" or "no" stands right before an axis value."""
    for back in range(at - 1, max(-1, at - 4), -1):
        if words[back] in _DENIES:
            return True
        if words[back] in ("with", ",", ";", "and", "but"):
            return False
    return False
