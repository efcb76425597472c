"""Harm by drugs: adverse effect, poisoning, underdosing (I.C.19.e.5), read off the words around a drug.

A drug table never decides by itself (I.C.19.e): the note has to say that a condition is due to the drug,
that too much or the wrong one was taken, or that less was taken than prescribed. The subcategory of each
drug is a row of ``data/lexicon/drug_harm.csv`` (its class, or the drug itself where it differs), the words
are rows of ``data/lexicon/harm_cues.csv``. The sixth character is the manner: 5 adverse effect, 6
underdosing, 1 to 4 poisoning by accident, self-harm, assault, or undetermined; accident unless the note
says otherwise.

Known weakness: cause and drug have to stand in one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cac.errors import TableError
from cac.extract.attributes import encounter_of
from cac.extract.drugs import Drug, DrugMention
from cac.resources import one_of, read_table, required
from cac.text.tokens import tokenize
from cac.types import Assertion, Attribute, Mention, Note, Span

__all__ = ["HarmCues", "harm_mentions", "harm_stem", "load_harm_cues", "load_harm_stems"]

_STEM = re.compile(r"T(3[6-9]|4\d|50)\.[0-9A-Z]{1,2}X?")
_KINDS = ("adverse", "poisoning", "underdosing")
_MANNERS = {"self_harm": "2", "assault": "3", "undetermined": "4"}
_REASONS = (
    ("reason_cost", "Z91.120"),
    ("reason_debility", "Z91.130"),
    ("reason_forgot", "Z91.138"),
    ("reason_chosen", "Z91.128"),
)
_OTHER_REASON = "Z91.148"
_JOINED = re.compile(r"[\s,/&+]*(?:\b(?:and|or|plus|with)\b)?[\s,]*(?:\d[\w.%/]*\s*(?:mg|mcg|g|units?)?\s*)?")
_STOPS = "and|or|but|with|treated|for|by|after|before|while|on|given|started|requiring|when|than"
_FILLER = rf"(?:(?!(?:{_STOPS})\b)[\w%/.'-]+\s+){{0,4}}"
_CLAUSE = re.compile(r"[;:]|\. ")
_QUALITY = 0.9
_DRUG_CODES = ("T36", "T37", "T38", "T39", "T4", "T50")


@dataclass(frozen=True, slots=True)
class HarmCues:
    """Compiled cue rows: words before and behind a drug by kind, words anywhere in its sentence.

    Without one of ``triggers``, every longest word of a cue with the kinds it may speak of, a sentence says
    nothing of harm.
    """

    before: Mapping[str, re.Pattern[str]]
    behind: Mapping[str, re.Pattern[str]]
    anywhere: Mapping[str, re.Pattern[str]]
    triggers: Mapping[str, frozenset[str]]


@lru_cache(maxsize=1)
def load_harm_stems() -> Mapping[tuple[str, str], str]:
    """(level, name) → subcategory of T36-T50 up to the character of the manner.

    Raises
    ------
    TableError
        Naming every bad row and every name that stands there twice.

    Examples
    --------
    >>> load_harm_stems()["class", "penicillin"]
    'T36.0X'
    """
    checks = {"level": one_of("class", "generic"), "name": required, "stem": _stem}
    rows = read_table("lexicon/drug_harm.csv", ("level", "name", "stem", "note"), checks)
    keys = [(r["level"], r["name"]) for r in rows]
    twice = sorted({f"{level} {name}" for level, name in keys if keys.count((level, name)) > 1})
    if twice:
        raise TableError("drug_harm.csv: names used twice", twice)
    return {key: r["stem"] for key, r in zip(keys, rows, strict=True)}


def _stem(cell: str) -> str | None:
    return None if _STEM.fullmatch(cell) else f"is {cell!r}, no subcategory of T36-T50"


def harm_stem(drug: Drug) -> str:
    """The subcategory of a drug, "" when its class is not in the table.

    Examples
    --------
    >>> from cac.extract.drugs import load_drugs
    >>> harm_stem(load_drugs()["tylenol"]), harm_stem(load_drugs()["coumadin"])
    ('T39.1X', 'T45.51')
    """
    stems = load_harm_stems()
    return stems.get(("generic", drug.generic)) or stems.get(("class", drug.drug_class), "")


@lru_cache(maxsize=1)
def load_harm_cues() -> HarmCues:
    """The rows of ``harm_cues.csv``, one expression for each kind and direction.

    Raises
    ------
    TableError
        Naming every bad row.
    """
    anywhere = sorted({*_MANNERS, "accident", *(k for k, _ in _REASONS)})
    checks = {
        "cue": required,
        "kind": one_of(*_KINDS, *anywhere),
        "direction": one_of("pre", "post", "any"),
    }
    rows = read_table("lexicon/harm_cues.csv", ("cue", "kind", "direction", "note"), checks)

    def words(kind: str, direction: str) -> str:
        cues = {r["cue"] for r in rows if r["kind"] == kind and r["direction"] == direction}
        shapes = sorted(cues, key=lambda c: (-len(c), c))
        return "|".join(
            r"\s*".join(re.escape(w) for w in c.split("- ")).replace(r"\ ", r"\s+") for c in shapes
        )

    return HarmCues(
        before={
            k: re.compile(rf"(?<![\w-])(?P<cue>{words(k, 'pre')})\s+{_FILLER}$", re.IGNORECASE)
            for k in _KINDS
        },
        behind={
            k: re.compile(
                rf"(?:\s+(?:mg|tablets?|dose))?\s*[\s-]?(?P<cue>{words(k, 'post')})\b", re.IGNORECASE
            )
            for k in _KINDS
        },
        triggers=_triggers((r["cue"], r["kind"]) for r in rows if r["direction"] in ("pre", "post")),
        anywhere={k: re.compile(rf"\b(?P<cue>{words(k, 'any')})\b", re.IGNORECASE) for k in anywhere},
    )


def _triggers(cues: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for cue, kind in cues:
        # Of "2/2" the stroke: figures stand everywhere.
        word = max((t for t in tokenize(cue).lower if not t.isdigit()), key=len)
        found.setdefault(word, set()).add(kind)
    return {word: frozenset(kinds) for word, kinds in sorted(found.items())}


def harm_mentions(
    note: Note, drugs: Sequence[DrugMention], mentions: Iterable[Mention], table_codes: Container[str]
) -> list[Mention]:
    """Mentions of harm by the drugs of a note.

    Parameters
    ----------
    note
        The note in which ``drugs`` were found.
    drugs
        The answer of :func:`~cac.extract.drugs.find_drugs`.
    mentions
        The asserted mentions of the note: an adverse effect and an underdosing need the condition they
        led to, in the same sentence or list item.
    table_codes
        The codes in force; others are left out.

    Returns
    -------
    list of Mention
        T36-T50 codes with the words that say so as an attribute; reasons of underdosing (Z91.1-).

    Examples
    --------
    >>> from cac.text.reader import read
    >>> from cac.extract.drugs import find_drugs
    >>> note = read("Accidental overdose of acetaminophen.")
    >>> [m.codes for m in harm_mentions(note, find_drugs(note), [], {"T39.1X1A"})]
    [('T39.1X1A',)]
    """
    out: list[Mention] = []
    by_sentence: dict[int, list[Mention]] | None = None
    spoken: dict[int, set[str]] = {}
    triggers = load_harm_cues().triggers
    last: tuple[DrugMention, str, Attribute, Assertion] | None = None
    for d in drugs:
        if d.section in ("allergies", "family_history", "medications") or d.lab or d.other:
            continue
        if d.sentence not in spoken:
            s = note.sentences[d.sentence]
            words = [w for w in note.tokens.lower[s.first_token : s.last_token] if w in triggers]
            spoken[d.sentence] = {kind for w in words for kind in triggers[w]}
        said = _said(note, d, spoken[d.sentence]) if spoken[d.sentence] else None
        if said is None and last is not None and _joined(note, last[0], d):
            said = last[1], last[2]
        if said is None:
            last = None
            continue
        if by_sentence is None:
            by_sentence = {}
            for m in mentions:
                by_sentence.setdefault(m.sentence, []).append(m)
        kind, cue = said
        assertion = _condition(note, d, kind, cue, by_sentence)
        if assertion is None:
            last = None
            continue
        last = d, kind, cue, assertion
        for code, attribute in _codes(note, d, kind, cue):
            if code in table_codes:
                span = (Span(d.start, d.end),)
                out.append(
                    Mention(
                        spans=span,
                        codes=(code,),
                        method="exact",
                        quality=_QUALITY,
                        attributes=(attribute,),
                        sentence=d.sentence,
                        section=d.section,
                        assertion=assertion,
                    )
                )
    return out


def _said(note: Note, d: DrugMention, kinds: Collection[str]) -> tuple[str, Attribute] | None:
    """The kind of harm, of those that may be meant, that the nearest words speak of, with those words."""
    s = note.sentences[d.sentence]
    before, behind = note.text[s.start : d.start], note.text[d.end : s.end]
    edges = [m.end() for m in _CLAUSE.finditer(before)]
    skip = edges[-1] if edges else 0
    cues = load_harm_cues()
    found: list[tuple[int, int, str, Attribute]] = []
    for order, kind in enumerate(("poisoning", "underdosing", "adverse")):
        if kind not in kinds:
            continue
        m = cues.before[kind].search(before, skip)
        if m:
            at = s.start + m.start("cue")
            found.append((d.start - at, order, kind, Attribute("cue", kind, at, s.start + m.end("cue"))))
        m = cues.behind[kind].match(behind)
        if m:
            at = d.end + m.start("cue")
            found.append((at - d.end, order, kind, Attribute("cue", kind, at, d.end + m.end("cue"))))
    if not found:
        return None
    _, _, kind, cue = min(found, key=lambda f: (f[1], f[0]))
    return kind, cue


def _joined(note: Note, earlier: DrugMention, later: DrugMention) -> bool:
    return (
        earlier.sentence == later.sentence
        and _JOINED.fullmatch(note.text[earlier.end : later.start]) is not None
    )


def _condition(
    note: Note, d: DrugMention, kind: str, cue: Attribute, by_sentence: Mapping[int, Sequence[Mention]]
) -> Assertion | None:
    """How the condition behind the harm is asserted; None when there is none, or it is not there."""
    here = [m for m in by_sentence.get(d.sentence, ()) if _is_condition(m)]
    if kind == "poisoning":
        # "No overdose", "risk of overdose": what stands around the words, read off a mention over them.
        over = [m for m in by_sentence.get(d.sentence, ()) if m.start <= cue.start and cue.end <= m.end]
        blocked = any(not m.assertion.affirmed for m in over)
        return None if blocked or _denied(note, d, cue) else Assertion()
    if kind == "underdosing":
        sentence = note.sentences[d.sentence]
        here = [
            m
            for n in range(max(0, d.sentence - 2), min(len(note.sentences), d.sentence + 3))
            if note.sentences[n].item == sentence.item and note.sentences[n].section == sentence.section
            for m in by_sentence.get(n, ())
            if _is_condition(m)
        ]
        affirmed = [m for m in here if m.assertion.affirmed]
        return affirmed[0].assertion if affirmed and not _denied(note, d, cue) else None
    low, high = (cue.end, d.start) if cue.end <= d.start else (d.end, cue.start)
    between = [m for m in here if low <= m.start and m.end <= high and m.start < high]
    if between and cue.end <= d.start:
        # "rash from an infection treated with X" is not due to X; "due to CKD and X" is.
        last = max(m.end for m in between)
        if not _JOINED.fullmatch(note.text[last : d.start]):
            return None
    effects = [m for m in here if m not in between and not (m.start < d.end and d.start < m.end)]
    inside = [m for m in here if m.start < d.end and d.start < m.end]
    # "High INR due to warfarin, no bleeding": what is due to the drug stands before the words that say so.
    ahead = [m for m in effects if m.end <= cue.start] if cue.end <= d.start else []
    effects = ahead or effects or inside
    if not effects:
        return None
    nearest = min(effects, key=lambda m: (min(abs(m.start - d.end), abs(d.start - m.end)), m.start))
    a = nearest.assertion
    return a if a.affirmed or (a.uncertain and not (a.negated or a.family or a.historical)) else None


_NOT = re.compile(r"\b(?:no|not|denies|denied|without|never|risk of|avoid|prevent)\s+(?:\w+\s+){0,2}$", re.I)


def _denied(note: Note, d: DrugMention, cue: Attribute) -> bool:
    """Whether the words of the harm themselves are denied ("denies missing doses of")."""
    start = note.sentences[d.sentence].start
    return _NOT.search(note.text[start : min(cue.start, d.start)]) is not None


def _is_condition(m: Mention) -> bool:
    """What a drug may do: a disease, a symptom; no status, and no harm code itself."""
    if m.method == "vague":
        return False
    return any(c[0] not in "ZVWXY" and not c.startswith(_DRUG_CODES) for c in m.codes)


def _codes(note: Note, d: DrugMention, kind: str, cue: Attribute) -> list[tuple[str, Attribute]]:
    stem = harm_stem(d.drug)
    if not stem:
        return []
    s = note.sentences[d.sentence]
    words = note.text[s.start : s.end]
    anywhere = load_harm_cues().anywhere

    def spoken(name: str) -> Attribute | None:
        m = anywhere[name].search(words)
        return Attribute("cue", name, s.start + m.start(), s.start + m.end()) if m else None

    extra: list[tuple[str, Attribute]] = []
    if kind == "adverse":
        manner = "5"
    elif kind == "underdosing":
        manner = "6"
        reason = next(((code, a) for name, code in _REASONS if (a := spoken(name))), (_OTHER_REASON, cue))
        extra.append(reason)
    else:
        manner = "1"
        if spoken("accident") is None:
            manner = next((digit for name, digit in _MANNERS.items() if spoken(name)), "1")
    phase = {"initial": "A", "subsequent": "D", "sequela": "S"}[encounter_of(note, [d.sentence]).phase]
    return [((stem + manner).ljust(7, "X") + phase, cue), *extra]
