"""Code references inside the text of tabular notes.

"type 1 diabetes mellitus (E10.-)" refers to E10 and all below; "(O10-O11, O13-O16)" to two ranges;
"(T36-T50 with fifth or sixth character 5)" only to some codes of a range. A condition that is not
understood ("with ketoacidosis") leaves the reference out: a reference that claims too much would
make two unrelated codes exclude each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Final, NamedTuple

from cac.codes.order import category_places

__all__ = ["Reference", "parse_references", "refers_to"]


class Reference(NamedTuple):
    """Codes from prefix ``first`` to prefix ``last``, both included with all below.

    ``pattern`` is "" or a regular expression that the code without its dot must match from its
    start: a condition on certain characters ("with fifth or sixth character 5").
    """

    first: str
    last: str
    pattern: str = ""


_CODE: Final = r"[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?(?![0-9A-Za-z])"
_REFERENCE: Final = re.compile(
    # "vitamin B12" is no code
    rf"(?<![0-9A-Za-z.])(?<!vitamin\ )(?P<first>{_CODE})"
    rf"(?:\.?-?\s*(?:-|to\b)\s*(?P<last>{_CODE}))?"
)
_WITH: Final = re.compile(r"[.\-,\s]*with\s+(.*)", re.DOTALL)

_ORDINALS: Final = {"fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7}
_ORDINAL: Final = r"(?P<n>[4-7](?=th)|fourth|fifth|sixth|seventh)(?:th)?"
_CHARACTERS: Final = r"\.?(?P<c>[0-9A-Z](?:-[0-9A-Z])?(?:\s*(?:,|or)\s*[0-9A-Z](?:-[0-9A-Z])?)*)\s*"


def parse_references(text: str) -> tuple[Reference, ...]:
    """The codes a note refers to, in the order written; () when it names none.

    Examples
    --------
    >>> parse_references("hypertensive chronic kidney disease (I12.-, I13.-)")
    (Reference(first='I12', last='I12', pattern=''), Reference(first='I13', last='I13', pattern=''))
    >>> [tuple(r)[:2] for r in parse_references("codes N18.1-N18.6")]
    [('N18.1', 'N18.6')]
    """
    found: list[Reference] = []
    # A condition holds for the references of its own bracket, so brackets are read one by one.
    for part in re.split(r"[()]", text):
        matches = list(_REFERENCE.finditer(part))
        if not matches:
            continue
        condition = _WITH.fullmatch(part[matches[-1].end() :])
        pattern = "" if condition is None else _pattern(condition[1].strip())
        if pattern is not None:
            found += [Reference(m["first"], m["last"] or m["first"], pattern) for m in matches]
    return tuple(found)


def refers_to(references: Iterable[Reference], code: str) -> bool:
    """True when one of the references covers the code (with or without its dot).

    A category is not covered by a reference to one of its subcategories.

    Examples
    --------
    >>> references = parse_references("diabetes (E11.0-E11.8)")
    >>> refers_to(references, "E11.65"), refers_to(references, "E11.9"), refers_to(references, "E11")
    (True, False, False)
    """
    bare = code.replace(".", "")
    place, rest = category_places().get(bare[:3], bare[:3]), bare[3:]
    for reference in references:
        first, last, low, high, matches = _compiled(reference)
        if (
            place + rest[: len(first) - 3] >= low
            and place + rest[: len(last) - 3] <= high
            # T88 is only partly within T80-T88.6
            and (len(bare) >= len(last) or not last.startswith(bare))
            and (matches is None or matches(bare) is not None)
        ):
            return True
    return False


@cache
def _compiled(reference: Reference) -> tuple[str, str, str, str, Callable[[str], object] | None]:
    """Both ends without dots, their places in the tabular list, and the condition."""
    first, last = reference.first.replace(".", ""), reference.last.replace(".", "")
    low, high = (category_places().get(end[:3], end[:3]) + end[3:] for end in (first, last))
    return first, last, low, high, re.compile(reference.pattern).match if reference.pattern else None


def _pattern(condition: str) -> str | None:
    """The regular expression of a condition, or None where it is not understood."""
    for shape, make in _CONDITIONS:
        if (m := re.fullmatch(shape, condition)) is not None:
            return make(m)
    return None


def _intent(m: re.Match[str]) -> str:
    # In T36-T65 the character that says poisoning (1-4), adverse effect (5) or underdosing (6) is
    # the sixth, or the fifth where a placeholder X fills the sixth.
    wanted = _class(m["c"])
    return rf".{{5}}{wanted}|.{{4}}{wanted}(?:X|$)"


def _any_intent(m: re.Match[str]) -> str:
    return r".{5}[1-4]|.{4}[1-4](?:X|$)"


def _nth(m: re.Match[str]) -> str:
    position = _ORDINALS.get(m["n"]) or int(m["n"])
    return rf".{{{position - 1}}}{_class(m['c'])}"


def _open_fracture(m: re.Match[str]) -> str:
    return r".{6}[BC]"


def _final(m: re.Match[str]) -> str:
    # "I69. with final characters -23": the digit before says which disease came first
    return rf".*(?:{'|'.join(_endings(m['c']))})$"


def _subdivision(m: re.Match[str]) -> str:
    return rf".{{3}}(?:{'|'.join(_endings(m['c']))})"


def _pair(m: re.Match[str]) -> str:
    return rf".{{4}}{m['c']}"


_ENDINGS: Final = r"(?P<c>\.\d+-?(?:(?:\s*,\s*|\s+or\s+|\.\s+)?\.\d+-?)*)"
_CONDITIONS: Final[tuple[tuple[str, Callable[[re.Match[str]], str]], ...]] = (
    (rf"(?:fifth or six(?:th)?|final) character {_CHARACTERS}", _intent),
    (r"fifth or sixth character to indicate intent", _any_intent),
    (r"fifth to sixth characters (?P<c>\d\d)", _pair),
    (r"open fracture 7th character", _open_fracture),
    (rf"{_ORDINAL}[ \-]character {_CHARACTERS}", _nth),
    (r"final characters -(?P<c>\d+)", _final),
    (rf"(?:final characters )?{_ENDINGS}", _subdivision),
)


def _class(written: str) -> str:
    return f"[{''.join(re.findall(r'[0-9A-Z](?:-[0-9A-Z])?', written))}]"


def _endings(written: str) -> Iterator[str]:
    for first, last in re.findall(r"(\d+)(?:-\.(\d+))?", written):
        # a range keeps its leading zeros: .08-.10
        yield from (f"{n:0{len(first)}d}" for n in range(int(first), int(last or first) + 1))
