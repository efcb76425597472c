"""MEAT: the words that show a diagnosis was monitored, evaluated, assessed or treated (III, IV.J).

A secondary diagnosis is reported when it was looked after, not because a list names it. The elements are
shown with their quotes; they explain a suggestion and weigh nothing. Cues are rows of
``data/lexicon/meat_cues.csv``; drugs that treat the condition come from the drug table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from cac.extract.drugs import DrugMention, treatment_of
from cac.resources import one_of, read_table, required
from cac.text.tokens import tokenize
from cac.types import Candidate, Contribution, Evidence, Note

__all__ = ["ELEMENTS", "Meat", "load_meat_cues"]

ELEMENTS = ("monitor", "evaluate", "assess", "treat")
_ASSESSED = frozenset("assessment assessment_plan impression diagnosis discharge_diagnosis plan".split())
_CITATION = "IV.J"
_MOST = 3
"""How many quotes of one element are shown."""

_MENTIONS, _NEAR = 4, 4
"""How many mentions are looked at, and how many sentences around each."""

CueIndex = Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]


@lru_cache(maxsize=1)
def load_meat_cues() -> CueIndex:
    """First word → (the other words, element), longest first.

    Raises
    ------
    TableError
        Naming every bad row.

    Examples
    --------
    >>> load_meat_cues()["refill"]
    (((), 'treat'),)
    """
    checks = {"cue": required, "element": one_of(*ELEMENTS)}
    index: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for row in read_table("lexicon/meat_cues.csv", ("cue", "element", "note"), checks):
        words = tokenize(row["cue"]).lower
        index.setdefault(words[0], []).append((words[1:], row["element"]))
    return {w: tuple(sorted(rows, key=lambda r: (-len(r[0]), r))) for w, rows in sorted(index.items())}


class Meat:
    """The elements of one note: sentences are read once, whatever the number of diagnoses in them."""

    __slots__ = ("_items", "_note", "_said", "_treating")

    def __init__(self, note: Note, drugs: Iterable[DrugMention]) -> None:
        self._note = note
        self._treating = [d for d in drugs if d.treating]
        self._said: dict[int, list[tuple[str, int, int]]] = {}
        self._items: dict[tuple[int, int], list[int]] | None = None

    def of(self, candidate: Candidate) -> tuple[Contribution, ...]:
        """A contribution of no weight for each element that the note shows for a diagnosis.

        Its evidence (kind "meat") quotes the words: those of the sentence and list item the diagnosis
        stands in, the diagnosis itself where it is assessed, and drugs that treat it.
        """
        # Element → place → section, each place once.
        found: dict[str, dict[tuple[int, int], str]] = {}
        for m in candidate.mentions[:_MENTIONS]:
            spans = m.spans
            for n in self._around(m.sentence):
                for element, start, end in self._cues(n):
                    quotes = found.setdefault(element, {})
                    # Words of the diagnosis itself show nothing more than that it is named.
                    if len(quotes) < _MOST and not any([s.start < end and start < s.end for s in spans]):
                        quotes.setdefault((start, end), m.section)
            if m.section in _ASSESSED and m.assertion.affirmed:
                quotes = found.setdefault("assess", {})
                if len(quotes) < _MOST:
                    quotes.setdefault((m.start, m.end), m.section)
        for d in treatment_of(self._treating, candidate.code):
            quotes = found.setdefault("treat", {})
            if len(quotes) < _MOST:
                quotes.setdefault((d.start, d.end), d.section)
        text = self._note.text
        return tuple(
            [
                Contribution(
                    f"meat:{element}",
                    0.0,
                    tuple(
                        [
                            Evidence(start, end, text[start:end], "meat", section)
                            for (start, end), section in sorted(found[element].items())
                        ]
                    ),
                    _CITATION,
                )
                for element in ELEMENTS
                if found.get(element)
            ]
        )

    def _around(self, sentence: int) -> Sequence[int]:
        """The sentence and the others of its list item."""
        if self._items is None:
            self._items = {}
            for n, s in enumerate(self._note.sentences):
                self._items.setdefault((s.section, s.item), []).append(n)
        s = self._note.sentences[sentence]
        near = self._items[s.section, s.item]
        return near if len(near) <= _NEAR else [n for n in near if abs(n - sentence) <= _NEAR // 2]

    def _cues(self, number: int) -> list[tuple[str, int, int]]:
        said = self._said.get(number)
        if said is None:
            index, tokens, s = load_meat_cues(), self._note.tokens, self._note.sentences[number]
            lower, stop = tokens.lower, s.last_token
            said = []
            passed = s.first_token
            for i in [i for i, w in enumerate(lower[passed:stop], passed) if w in index]:
                if i < passed:
                    continue
                for rest, element in index[lower[i]]:
                    end = i + 1 + len(rest)
                    if not rest or (end <= stop and lower[i + 1 : end] == rest):
                        said.append((element, tokens.starts[i], tokens.ends[end - 1]))
                        passed = end
                        break
            self._said[number] = said
        return said
