"""The official table of drugs and chemicals: a substance → the code of each kind of event.

It is there only where the user supplied the file. ``cac`` has rows of its own for the drugs it knows;
these are kept apart, so that either can be used without the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cac.codes.indexfiles import COLUMNS, IndexFiles, TableRow
from cac.codes.indexpaths import Paths, alternatives

__all__ = ["DrugCodes", "DrugTable", "drug_codes"]

_NOT_WORDS = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class DrugCodes:
    """The codes of one substance, without the 7th character; "" where the table has none.

    ``accidental`` to ``undetermined`` are poisonings by intent; ``adverse_effect`` is for a drug taken as
    prescribed, ``underdosing`` for less of it than prescribed.
    """

    substance: str
    accidental: str = ""
    self_harm: str = ""
    assault: str = ""
    undetermined: str = ""
    adverse_effect: str = ""
    underdosing: str = ""


class DrugTable:
    """The table by name of substance.

    Examples
    --------
    >>> row = TableRow(-1, "Acid", ("any",), ("T54.2X1",) + ("",) * 5)
    >>> table = DrugTable((row, TableRow(0, "acetic", (), ("T54.2X1",) + ("",) * 5)))
    >>> table.codes("Acetic acid").accidental, table.codes("unobtainium")
    ('T54.2X1', None)
    """

    def __init__(self, rows: tuple[TableRow, ...]) -> None:
        paths = Paths(rows)
        self._by_name: dict[str, DrugCodes] = {}
        for at in range(len(rows)):
            titles = [rows[i].title for i in paths.path(at)]
            found = _followed(rows, paths, at)
            if not any(found):
                continue
            made = DrugCodes(", ".join(titles), *found)
            for name in _names(titles):
                self._by_name.setdefault(_key(name), made)

    def __len__(self) -> int:
        return len(self._by_name)

    def codes(self, name: str) -> DrugCodes | None:
        """The codes of a substance, whatever case, hyphens and word order within a term; None if unknown."""
        return self._by_name.get(_key(name))


def drug_codes(name: str, files: IndexFiles) -> DrugCodes | None:
    """The codes of a substance in the table of drugs among ``files``.

    Returns
    -------
    DrugCodes or None
        None when the table does not have the substance or was not supplied.
    """
    return files.drug_table.codes(name)


def _followed(rows: tuple[TableRow, ...], paths: Paths, at: int) -> tuple[str, ...]:
    """The codes of a row, or those of the row it refers to."""
    seen = {at}
    while not any(rows[at].codes):
        for reference in (*rows[at].see, *rows[at].see_also):
            target = paths.find(reference)
            if target is not None and target not in seen:
                break
        else:
            return ("",) * len(COLUMNS["drug"])
        seen.add(target)
        at = target
    return rows[at].codes


def _names(titles: list[str]) -> Iterator[str]:
    """The ways to say a path: "Acid", "acetic" is "acid acetic" and "acetic acid"."""
    last = alternatives(titles[-1])
    if len(titles) == 1:
        yield from last
        return
    for main in alternatives(titles[0]):
        for end in last:
            middle = [alternatives(t)[0] for t in titles[1:-1]]
            yield " ".join([main, *middle, end])
            yield " ".join([end, *reversed(middle), main])


def _key(name: str) -> str:
    return " ".join(_NOT_WORDS.sub(" ", name.lower()).split())
