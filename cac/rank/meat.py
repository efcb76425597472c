"""MEAT: the words that show a diagnosis was monitored, evaluated, assessed or treated (III, IV.J).

A secondary diagnosis is reported when it was looked after, not because a list names it. The elements are
shown with their quotes; they explain a suggestion and weigh nothing. Cues are rows of
``data/lexicon/meat_cues.csv``; drugs that treat the condition come from the drug table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import compress

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

_NAMES = {element: f"meat:{element}" for element in ELEMENTS}
_Said = tuple[str, int, int]
"""An element, and where the words for it stand."""

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

    __slots__ = ("_cues", "_drugs", "_note", "_said")

    def __init__(self, note: Note, drugs: Iterable[DrugMention]) -> None:
        self._note, self._drugs, self._cues = note, tuple(drugs), load_meat_cues()
        self._said: dict[int, list[_Said]] = {}

    def of(self, candidate: Candidate) -> tuple[Contribution, ...]:
        """A contribution of no weight for each element that the note shows for a diagnosis.

        Its evidence (kind "meat") quotes the words: those of the sentence and list item the diagnosis
        stands in, the diagnosis itself where it is assessed, and drugs that treat it.
        """
        # Element → place → section, each place once.
        found: dict[str, dict[tuple[int, int], str]] = {}
        for m in candidate.mentions[:_MENTIONS]:
            for number in self._around(m.sentence):
                for element, start, end in self._said_in(number):
                    quotes = found.setdefault(element, {})
                    # Words of the diagnosis itself show nothing more than that it is named.
                    if len(quotes) < _MOST and not any([s.start < end and start < s.end for s in m.spans]):
                        quotes.setdefault((start, end), m.section)
            if m.section in _ASSESSED and m.assertion.affirmed:
                quotes = found.setdefault("assess", {})
                if len(quotes) < _MOST:
                    quotes.setdefault((m.start, m.end), m.section)
        for d in treatment_of(self._drugs, candidate.code):
            quotes = found.setdefault("treat", {})
            if len(quotes) < _MOST:
                quotes.setdefault((d.start, d.end), d.section)
        text = self._note.text
        return tuple(
            [
                Contribution(
                    name,
                    0.0,
                    tuple(
                        [
                            Evidence(start, end, text[start:end], "meat", section)
                            for (start, end), section in sorted(found[element].items())
                        ]
                    ),
                    _CITATION,
                )
                for element, name in _NAMES.items()
                if found.get(element)
            ]
        )

    def _around(self, sentence: int) -> Sequence[int]:
        """The sentence and the others of its list item, of a long one those near by."""
        sentences = self._note.sentences
        s = sentences[sentence]
        item, section = s.item, s.section
        low, high = sentence, sentence + 1
        for before in sentences[max(0, sentence - _NEAR) : sentence][::-1]:
            if before.item != item or before.section != section:
                break
            low -= 1
        for after in sentences[sentence + 1 : sentence + 1 + _NEAR]:
            if after.item != item or after.section != section:
                break
            high += 1
        if high - low > _NEAR:
            low, high = max(low, sentence - _NEAR // 2), min(high, sentence + _NEAR // 2 + 1)
        return range(low, high)

    def _said_in(self, number: int) -> list[_Said]:
        """The cues of one sentence, leftmost and longest first."""
        said = self._said.get(number)
        if said is None:
            said = self._said[number] = []
            index, tokens, s = self._cues, self._note.tokens, self._note.sentences[number]
            lower, passed, stop = tokens.lower, s.first_token, s.last_token
            for i in compress(range(passed, stop), map(index.__contains__, lower[passed:stop])):
                if i < passed:
                    continue
                for rest, element in index[lower[i]]:
                    end = i + 1 + len(rest)
                    if not rest or (end <= stop and lower[i + 1 : end] == rest):
                        said.append((element, tokens.starts[i], tokens.ends[end - 1]))
                        passed = end
                        break
        return said
