"""Whether a service that a note names was done: where it stands, what is said of it, the words beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cac.procedures.hcpcs_table import HcpcsCode, load_cues
from cac.types import Assertion, Cue, Note, Sentence

__all__ = ["SILENT", "Found", "Here", "as_cue", "beside", "clause", "scan", "verdict"]

SILENT: Final = frozenset(
    "family_history allergies pmh psh instructions education consent orders followup comparison differential "
    "social_history obstetric_history birth_history developmental_history problem_list risk_factors "
    "administrative code_status preop_diagnosis admission_diagnosis medications labs ros vitals".split()
)
"""Sections that do not tell what was done today."""

_DONE_SECTIONS: Final = frozenset("procedures operative_details anesthesia hospital_course".split())
_VISIT_SECTIONS: Final = frozenset(
    "chief_complaint reason_for_visit hpi subjective unknown assessment assessment_plan impression diagnosis "
    "screening".split()
)
_BUNDLED: Final[Mapping[str, tuple[str, ...]]] = {
    "perioperative": ("operative_details", "anesthesia", "procedures"),
    "supply": ("operative_details", "anesthesia"),
}
"""Groups that are part of the operation in the sections that describe one (NCCI Policy Manual, ch. I)."""

_AGAINST: Final = (
    ("undone", "negated"), ("past", "historical"), ("plan", "planned"), ("bundled", "bundled"),
    ("course", "course"), ("oral", "oral"),
)  # fmt: skip
_BY_NEEDLE: Final = ("drug", "contrast", "perioperative")
_DIMENSIONS = ("negated", "family", "other_person", "historical", "planned", "hypothetical", "uncertain")
_HOME_AFTER, _HOME_BEFORE, _ROUTE_AFTER = 8, 5, 7
_RESULTS = frozenset(("negative", "neg", "nonreactive", "non-reactive"))
_CLAUSE = frozenset((";", "but", "however", "then", "."))
_MONTHS = frozenset(
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
_NUMBERS = frozenset("one two three four five six seven eight nine ten twelve several".split())
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATE = re.compile(r"\d{1,2}/\d{1,2}(?:/\d{2,4})?")

Found = tuple[str, int, int]
"""A cue: kind, first token, past the last."""


@dataclass(frozen=True, slots=True)
class Here:
    """Where a name stands: the section, whether it is a list of what was given, whether it has a dose,
    whether Medicare pays, and whether a drug that is mostly taken by mouth was given by needle."""

    section: str
    listed: bool
    dose: bool
    pays: bool
    by_needle: bool


def verdict(
    code: HcpcsCode, here: Here, assertion: Assertion, cues: Sequence[Found], name: tuple[int, int]
) -> tuple[str, Found | Cue | None]:
    """Why a name is not coded ("" when it is), and the words that decided."""
    by_kind: dict[str, Found] = {}
    for cue in cues:
        if cue[0] != "home" or _near(cue, *name):
            by_kind.setdefault(cue[0], cue)
    for dimension in _DIMENSIONS:
        if dimension == "negated" and code.mode == "performed" and _is_result(assertion.cue("negated")):
            continue
        if dimension == "planned" and "undone" in by_kind:
            # What is declined is no plan.
            return "negated", by_kind["undone"]
        # A list of immunizations is no plan where its header says that they were given.
        if getattr(assertion, dimension) and not (dimension == "hypothetical" and here.listed):
            return dimension, assertion.cue(dimension)
    if here.section in SILENT and not here.listed:
        return "section", None
    if not here.by_needle:
        return "not_given", None
    if code.group == "local_anesthetic" or here.section in _BUNDLED.get(code.group, ()):
        return "bundled", None
    for kind, reason in _AGAINST:
        if kind in by_kind and (kind != "oral" or code.group in _BY_NEEDLE):
            return reason, by_kind[kind]
    now = by_kind.get("now")
    done = by_kind.get("done") or _weakly(code, here, by_kind)
    home = by_kind.get("home")
    if home is not None and now is None and (done is None or _closer(home, done, name[0])):
        return "home", home
    if done is None and code.mode in ("performed", "visit"):
        done = now
    if done is not None or here.listed or _by_section(code, here.section):
        return _paid(code, here.pays), done
    return "not_given", None


def _weakly(code: HcpcsCode, here: Here, by_kind: Mapping[str, Found]) -> Found | None:
    """Words that say a drug was given only together: "received" with a dose, a route with a place."""
    if code.mode != "given":
        return None
    weak, route = by_kind.get("weak"), by_kind.get("needle") or by_kind.get("route")
    if weak is not None and (here.dose or route is not None or "now" in by_kind or not code.unit):
        return weak
    placed = "now" in by_kind or here.listed or here.section in _DONE_SECTIONS
    return route if placed else None


def _by_section(code: HcpcsCode, section: str) -> bool:
    """Whether a section says by itself that what it names was done."""
    if code.mode == "visit" and section in _VISIT_SECTIONS:
        return True
    return section == "procedures" and code.mode != "given"


def _is_result(cue: Cue | None) -> bool:
    """Whether a denial is the result of a test: "Wet mount: negative" was done."""
    return cue is not None and not _RESULTS.isdisjoint(cue.text.lower().split())


def _paid(code: HcpcsCode, pays: bool) -> str:
    return "payer" if code.payer == "medicare" and not pays else ""


def beside(cue: Found, name: tuple[int, int], names: Sequence[tuple[int, int]]) -> bool:
    """Whether a route belongs to a name: "IV Zofran", "Zofran 4 mg IV", with no other name between."""
    first, last = name
    before = max([b for _, b in names if b <= first], default=0)
    after = min([a for a, _ in names if a >= last], default=last + 2 * _ROUTE_AFTER)
    if max(before, first - 2) < cue[2] <= first:
        return True
    # What runs into the next name is that one's.
    return last <= cue[1] < min(after, last + _ROUTE_AFTER) and cue[2] < after


def _closer(cue: Found, than: Found, first: int) -> bool:
    return abs(cue[1] - first) < abs(than[1] - first)


def _near(cue: Found, first: int, last: int) -> bool:
    """Whether a word about use at home belongs to the name: "takes X", "X 40 mg daily"."""
    _, a, b = cue
    return last <= a < last + _HOME_AFTER or first - _HOME_BEFORE <= b <= first


def clause(note: Note, sentence: Sentence, first: int, last: int) -> tuple[int, int]:
    """The tokens around a name up to a semicolon or an adversative."""
    lower = note.tokens.lower
    low = max(
        [sentence.first_token, *(t + 1 for t in range(sentence.first_token, first) if lower[t] in _CLAUSE)]
    )
    high = min([sentence.last_token, *(t for t in range(last, sentence.last_token) if lower[t] in _CLAUSE)])
    return low, high


def scan(note: Note, low: int, high: int, mode: str, name: tuple[int, int]) -> list[Found]:
    """The cues of a clause for one mode, longest first at each place; none inside the name itself."""
    lower, table = note.tokens.lower, load_cues()
    out: list[Found] = []
    i = low
    while i < high:
        if name[0] <= i < name[1]:
            i = name[1]
            continue
        step = 1
        for tokens, kind, modes in table.get(lower[i], ()):
            size = len(tokens)
            if mode not in modes or i + size > high or (step > 1 and size < step):
                continue
            if all(_is(lower[i + k], t) for k, t in enumerate(tokens)):
                out.append((kind, i, i + size))
                step = max(step, size)
        i += step
    return out


def _is(word: str, token: str) -> bool:
    if token == "<month>":
        return word in _MONTHS
    if token == "<num>":
        return word.isdigit() or word in _NUMBERS
    if token == "<year>":
        return _YEAR.fullmatch(word) is not None
    if token == "<date>":
        return _DATE.fullmatch(word) is not None
    return word == token


def as_cue(note: Note, found: Found, low: int, high: int) -> Cue:
    kind, a, b = found
    starts, ends = note.tokens.starts, note.tokens.ends
    return Cue(kind, starts[a], ends[b - 1], starts[low], ends[high - 1], note.text[starts[a] : ends[b - 1]])
