"""Pressure ulcers of several sites or stages in one sentence: each stage goes to its own site (I.C.12.a).

"Pressure ulcers: stage 3 sacrum and unstageable right heel" names both ulcers with one word, and its
stages belong to the sites they stand beside. The words are rows of ``data/lexicon/pressure_words.csv``,
the sites those of ``pressure_sites.csv``. Where every ulcer has the same stage, the matchers read it too.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from cac.extract.skinsites import Site, find_site, phrases
from cac.resources import one_of, read_table, required
from cac.types import Attribute, Mention, Note, Span

__all__ = ["split_pressure_ulcers"]

_QUALITY = 0.95
_PRESSURE, _CHRONIC = "L89", ("L97", "L98.4")
_NO_SITE, _NO_STAGE = "L89.9", "9"


class _Stage(NamedTuple):
    """The last character of a code, and the words that say it."""

    value: str
    start: int
    end: int


@dataclass(slots=True)
class _Ulcer:
    """One site, and what the words around it say."""

    stem: str
    column: int
    begin: int
    end: int
    stage: _Stage | None
    healed: bool


def split_pressure_ulcers(note: Note, mentions: Sequence[Mention], codes: Container[str]) -> list[Mention]:
    """The mentions, those of pressure ulcers of several sites and stages in a sentence read anew.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> note = read("Pressure ulcers: stage 3 sacrum and unstageable right heel.")
    >>> found = Mention((Span(0, 15),), ("L89.153",), "bag", 0.9)
    >>> [m.codes for m in split_pressure_ulcers(note, [found], {"L89.153", "L89.610"})]
    [('L89.153',), ('L89.610',)]
    """
    places = sorted({m.sentence for m in mentions if any(c.startswith(_PRESSURE) for c in m.codes)})
    if not places:
        return list(mentions)
    made: list[Mention] = []
    read: set[int] = set()
    for n in places:
        if n not in read:
            numbers = range(n, _last(note, n) + 1)
            own = _Line(note, numbers, [m for m in mentions if m.sentence in numbers]).mentions(codes)
            if own:
                made += own
                read.update(numbers)
    if not made:
        return list(mentions)
    return [*(m for m in mentions if m.sentence not in read or not _replaced(m, made)), *made]


def _last(note: Note, n: int) -> int:
    """The last sentence of a row of them between semicolons."""
    while n + 1 < len(note.sentences):
        here, then = note.sentences[n], note.sentences[n + 1]
        if (here.section, here.item) != (then.section, then.item):
            break
        if ";" not in note.text[here.end - 1 : then.start]:
            break
        n += 1
    return n


def _replaced(m: Mention, by: Sequence[Mention]) -> bool:
    """Whether the ulcers that were read have a mention in them: "heel ulcers, stage 2" is one of pressure."""
    return any(
        c.startswith(_PRESSURE)
        or (
            c.startswith(_CHRONIC) and any(s.start <= m.end and m.start <= s.end for b in by for s in b.spans)
        )
        for c in m.codes
    )


class _Line:
    """One sentence or several between semicolons, stretch by stretch between commas and joining words."""

    def __init__(self, note: Note, numbers: range, mentions: Sequence[Mention]) -> None:
        self.note, self.numbers, self.text = note, numbers, note.text
        self.start, self.end = note.sentences[numbers[0]].start, note.sentences[numbers[-1]].end
        self.siteless = all(
            c.startswith(_NO_SITE) for m in mentions for c in m.codes if c.startswith(_PRESSURE)
        )
        self.others = [m for m in mentions if not any(c.startswith((_PRESSURE, *_CHRONIC)) for c in m.codes)]
        self.chronic = [m for m in mentions if any(c.startswith(_CHRONIC) for c in m.codes)]
        self.ulcers: list[_Ulcer] = []
        self.stages: list[_Stage] = []
        self.special = False

    def mentions(self, codes: Container[str]) -> list[Mention]:
        """The ulcers; none where the matchers read the sentence as well."""
        name = _words()["ulcer"].search(self.text, self.start, self.end)
        if name is None or next(_stages(self.text, self.start, self.end), None) is None:
            return []
        self._read()
        section = self.note.sections[self.note.sentences[self.numbers[0]].section].kind
        head = Span(*name.span())
        out: list[Mention] = []
        for u, stage in self._told_apart():
            code = u.stem + (stage.value if stage is not None else _NO_STAGE)
            if code in codes:
                at = Span(u.begin, u.end)
                one = at.start <= head.start and head.end <= at.end
                spans = (at,) if one else tuple(sorted((head, at), key=_begin))
                why = (Attribute("stage", stage.value, stage.start, stage.end),) if stage is not None else ()
                out.append(
                    Mention(
                        spans,
                        (code,),
                        "exact",
                        _QUALITY,
                        attributes=why,
                        sentence=self._number(u),
                        section=section,
                    )
                )
        return out

    def _number(self, ulcer: _Ulcer) -> int:
        return next(n for n in reversed(self.numbers) if self.note.sentences[n].start <= ulcer.begin)

    def _read(self) -> None:
        words, text = _words(), self.text
        pending: _Stage | None = None
        side: Site | None = None
        for low, high in _stretches(text, self.start, self.end):
            stages = list(_stages(text, low, high))
            if any(low <= s.start < high for m in self.others for s in m.spans) or (
                # "and a chronic ulcer of the calf": only those of pressure have stages.
                not stages and any(low <= m.start < high for m in self.chronic)
            ):
                continue
            self.stages += stages
            found = find_site("pressure_sites.csv", text, low, high)
            healed = words["healed"].search(text, low, high) is not None
            if found.site is None:
                for said in stages:
                    pending = None if self._given(said, low, found) else said
                side = found if found.column and not stages else None
                if healed and self.ulcers:
                    self.ulcers[-1].healed = True
                continue
            stage: _Stage | None = stages[0] if stages else pending
            if stage is None and words["ulcer"].search(text, low, high) is None:
                stage = self._inherited()
            pending = None
            columns = (1, 2) if found.both else (found.column,)
            if side is not None and side.column != found.column:
                columns = (side.column, *columns)
            for column in dict.fromkeys(columns if found.stems[1] != found.stems[2] else (0,)):
                places = [s for s in (found.site, found.side) if s is not None]
                begin, end = min(s.start for s in places), max(s.end for s in places)
                self.ulcers.append(_Ulcer(found.stems[column], column, begin, end, stage, healed))
            self.special |= found.both or side is not None
            side = None

    def _given(self, stage: _Stage, low: int, found: Site) -> bool:
        """Give a stage without a site to the ulcers before it; False when it belongs to what follows."""
        open_ones = [u for u in self.ulcers if u.stage is None]
        if _words()["every"].search(self.text, low, stage.start) is not None and open_ones:
            for u in open_ones:
                u.stage = stage
            self.special = True
            return True
        same = [u for u in open_ones if u.column == found.column] if found.column else open_ones[-1:]
        if not same or (not found.column and self.ulcers[-1].stage is not None):
            return False
        same[0].stage = stage
        return True

    def _inherited(self) -> _Stage | None:
        """ "Stage 3 sacrum, left heel": the stage that stands before the first is said of both."""
        last = self.ulcers[-1] if self.ulcers else None
        return (
            last.stage
            if last is not None and last.stage is not None and last.stage.start < last.begin
            else None
        )

    def _told_apart(self) -> list[tuple[_Ulcer, _Stage | None]]:
        ulcers, stages, words = self.ulcers, self.stages, _words()
        if len(ulcers) == 1 and len({s.value for s in stages}) == 2:
            if words["worse"].search(self.text, self.start, self.end) is None:
                return []
            stay = words["stay"].search(self.text, self.start, self.end) is not None
            return [(ulcers[0], s) for s in (stages if stay else stages[-1:])]
        if words["one"].search(self.text, self.start, self.end) is not None:
            return []
        if len(ulcers) < 2:
            return [(u, u.stage) for u in ulcers if self.siteless and not u.healed]
        if words["order"].search(self.text, self.start, self.end) is not None and len(stages) == len(ulcers):
            return list(zip(ulcers, stages, strict=True))
        differ = len({u.stage.value if u.stage is not None else _NO_STAGE for u in ulcers}) > 1
        if not differ and not self.special and not any(u.healed for u in ulcers):
            return []
        return [(u, u.stage) for u in ulcers if not u.healed]


def _begin(span: Span) -> int:
    return span.start


def _stretches(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    cuts = [start, *(c for m in _words()["between"].finditer(text, start, end) for c in m.span()), end]
    return zip(cuts[::2], cuts[1::2], strict=True)


def _stages(text: str, start: int, end: int) -> Iterator[_Stage]:
    values = _values()
    for m in _words()["stage"].finditer(text, start, end):
        said = m["number"] or m[0]
        yield _Stage(values[" ".join(said.lower().split())], *m.span())


@lru_cache(maxsize=1)
def _words() -> Mapping[str, re.Pattern[str]]:
    """One expression for each role of words; a stage is words of its own or a grade with a number."""
    rows = _rows()

    def any_of(role: str) -> str:
        return phrases(w for r in rows if r["role"] == role for w in r["words"].split("|"))

    made = {
        role: rf"\b(?:{any_of(role)})\b"
        for role in ("ulcer", "every", "order", "one", "healed", "worse", "stay")
    }
    made["between"] = rf"[,;:&+]|\b(?:{any_of('between')})\b|\s[-–]\s"
    made["stage"] = (
        rf"\b(?:{any_of('stage')})\b|\b(?:{any_of('grade')})\.?\s*(?:#\s*)?(?P<number>{any_of('number')})\b"
    )
    return {role: re.compile(shape, re.IGNORECASE) for role, shape in made.items()}


@lru_cache(maxsize=1)
def _values() -> dict[str, str]:
    return {w.lower(): r["value"] for r in _rows() if r["value"] for w in r["words"].split("|")}


@lru_cache(maxsize=1)
def _rows() -> list[dict[str, str]]:
    roles = "ulcer stage grade number between every order one healed worse stay".split()
    checks = {"role": one_of(*roles), "words": required, "value": one_of("", *"0123469")}
    return read_table("lexicon/pressure_words.csv", ("role", "words", "value", "note"), checks)
