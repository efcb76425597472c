"""Drugs named in a note, and which of them the patient takes for long.

Long-term current drug therapy is a status code (Z79, I.C.21.c.3): it needs words, or a medication list,
that say the patient is on the drug now and for long. A short course, a drug given in hospital, one that is
stopped, refused, planned or not tolerated gets none. The same mentions are evidence that a condition is
treated. The knowledge is in ``data/lexicon/drugs/*.csv`` and ``drug_cues.csv``; this module applies it.

Known weakness: "start X" is read as a plan even where the drug is clearly meant to be taken for life, and
a drug in a list of medications is taken to be long-term unless its own line says otherwise.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cac.errors import TableError
from cac.extract.drugcues import Found, govern, scan
from cac.resources import read_table, required
from cac.text.tokens import tokenize
from cac.types import Attribute, Cue, Mention, Note, Section, Span
from cac.types.records import fast_init

__all__ = [
    "Drug",
    "DrugMention",
    "check_codes",
    "compile_drugs",
    "find_drugs",
    "load_drugs",
    "long_term_mentions",
    "treatment_of",
]

_COLUMNS = ("name", "generic", "drug_class", "long_term_code", "treats", "note")
_Z79 = re.compile(r"Z79\.\d{1,3}")
_PREFIX = re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?")

_BLOCKING = ("other", "allergy", "negated", "lab", "stopped", "planned", "short")
"""Kinds that speak against long-term use, strongest first."""

_SILENT = frozenset(
    "allergies family_history immunizations instructions education consent orders anesthesia specimens "
    "operative_details technique comparison labs imaging pathology findings administrative differential "
    "followup vitals".split()
)
"""Sections in which a drug does not say what the patient takes."""

_NOT_HOME = re.compile(
    r"discontinu|stop|held|hold|allerg|new\b|prescri|given|administer|emergency|\bed\b|\ber\b|inpatient|hospital"
    r"|past|previous|prior to 20|former|avoid|short|prn|as needed|intra|anesth|procedur",
    re.IGNORECASE,
)
"""Headers of medication lists that are not what the patient takes at home."""

# Drugs that are more often taken for a few days or cycles than for good: the words have to say more.
_STATED_CLASSES = frozenset(
    "opioid heparin corticosteroid_acute alkylating_agent antimetabolite antitumor_antibiotic "
    "mitotic_inhibitor topoisomerase_inhibitor antineoplastic_antibody".split()
)
# What is not enough for some: a frequency may be that of a burst, "takes" may be for today's headache.
_TOO_LITTLE: Mapping[str, frozenset[str]] = {
    "corticosteroid_systemic": frozenset({"schedule", "hourly", "begun"}),
    "nsaid": frozenset({"current", "begun", "hourly", "schedule", "section"}),
}
_NOTHING: frozenset[str] = frozenset()
_TOPICAL = ("Z79.1", "Z79.2", "Z79.5", "Z79.621")
_BY_VEIN = ("Z79.6", "Z79.83", "Z79.81")


@dataclass(frozen=True, slots=True)
class Drug:
    """One name of a drug.

    Attributes
    ----------
    name, generic, drug_class
        The name as written in notes, what it is, and its class.
    long_term_codes
        The Z79 codes its long-term use is reported with; empty where coders report none.
    treats
        Prefixes of the ICD-10-CM codes it is given for.
    """

    name: str
    generic: str
    drug_class: str
    long_term_codes: tuple[str, ...]
    treats: tuple[str, ...]


@fast_init
@dataclass(frozen=True, slots=True)
class DrugMention:
    """A drug in a note and what the note says about its use.

    ``long_term``: taken now and for long. ``short``: given once, for some days, by need or in hospital.
    ``stopped``, ``planned``, ``allergy``, ``negated`` (not taken, declined), ``other`` (somebody else
    takes it), ``lab`` (a level or a property, not a treatment). ``cue`` holds the words that decided;
    a medication list has its header as the cue.
    """

    start: int
    end: int
    drug: Drug = field(repr=False)
    sentence: int
    section: str
    long_term: bool = False
    stopped: bool = False
    planned: bool = False
    allergy: bool = False
    short: bool = False
    negated: bool = False
    other: bool = False
    lab: bool = False
    cue: Cue | None = None

    @property
    def treating(self) -> bool:
        """True when it is evidence of treatment: taken, given, or started now."""
        return not (self.stopped or self.allergy or self.negated or self.other or self.lab)


@lru_cache(maxsize=1)
def load_drugs() -> Mapping[str, Drug]:
    """The packaged drugs by name, in order of name.

    Raises
    ------
    TableError
        Naming every bad row.

    Examples
    --------
    >>> load_drugs()["eliquis"].long_term_codes
    ('Z79.01',)
    """
    rows = read_table("lexicon/drugs", _COLUMNS, {c: required for c in ("name", "generic", "drug_class")})
    return compile_drugs(rows)


def compile_drugs(rows: Iterable[Mapping[str, str]], known: Iterable[str] | None = None) -> dict[str, Drug]:
    """Make drugs of table rows.

    Parameters
    ----------
    rows
        Rows with the columns of ``data/lexicon/drugs/*.csv``.
    known
        The billable codes of a release, to check codes and prefixes against; only their form is
        checked without it.

    Raises
    ------
    TableError
        Naming every duplicate name, unknown code and bad prefix.
    """
    drugs: dict[str, Drug] = {}
    problems: list[str] = []
    taken: dict[tuple[str, ...], str] = {}
    for row in rows:
        name = row["name"]
        key = _key(name)
        codes = tuple(c for c in row["long_term_code"].split("|") if c)
        treats = tuple(c for c in row["treats"].split("|") if c)
        problems += [f"{name!r}: unknown code {c!r}" for c in codes if not _Z79.fullmatch(c)]
        problems += [f"{name!r}: bad prefix {c!r}" for c in treats if not _PREFIX.fullmatch(c)]
        if name != name.lower() or not key:
            problems.append(f"{name!r}: a name is lower case words")
        elif key in taken:
            problems.append(f"{name!r}: duplicate name")
        taken[key] = name
        drugs[name] = Drug(name, row["generic"], row["drug_class"], codes, treats)
    if known is not None:
        problems += check_codes(drugs.values(), known)
    if problems:
        raise TableError(f"drugs: {len(problems)} bad entries", sorted(problems))
    return {name: drugs[name] for name in sorted(drugs)}


def check_codes(drugs: Iterable[Drug], known: Iterable[str]) -> list[str]:
    """What a release does not know: one line for each code or prefix of a drug that it lacks."""
    billable = frozenset(known)
    stems = frozenset(code[:n] for code in billable for n in range(3, len(code) + 1))
    out: list[str] = []
    for d in drugs:
        out += [f"{d.name!r}: unknown code {c!r}" for c in d.long_term_codes if c not in billable]
        out += [f"{d.name!r}: bad prefix {c!r}" for c in d.treats if c not in stems]
    return out


def find_drugs(note: Note) -> list[DrugMention]:
    """Every drug of a note in order, the longest name first, with what is said about its use.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> [(m.drug.generic, m.long_term, m.stopped) for m in find_drugs(read("On Eliquis, aspirin stopped."))]
    [('apixaban', True, False), ('aspirin', False, True)]
    """
    names = _names()
    lower = note.tokens.lower
    spots = [i for i, w in enumerate(lower) if w in names]
    out: list[DrugMention] = []
    if not spots or not note.sentences:
        return out
    firsts = [s.first_token for s in note.sentences]
    number, done = -1, 0
    group: list[tuple[int, int, Drug]] = []
    for i in spots:
        n = bisect_right(firsts, i) - 1
        if i < done or n < 0 or i >= note.sentences[n].last_token:
            continue
        for rest, drug in names[lower[i]]:
            end = i + 1 + len(rest)
            if end <= note.sentences[n].last_token and lower[i + 1 : end] == rest:
                if n != number and group:
                    out += _judged(note, number, group)
                    group = []
                number, done = n, end
                group.append((i, end, drug))
                break
    return out + _judged(note, number, group) if group else out


def long_term_mentions(
    note: Note, drugs: Iterable[DrugMention], table_codes: Container[str]
) -> list[Mention]:
    """Mentions of long-term current drug use, with the words that say so as an attribute.

    Parameters
    ----------
    note
        The note in which ``drugs`` were found.
    drugs
        The answer of :func:`find_drugs`.
    table_codes
        The codes in force; a code that is not among them is left out.

    Returns
    -------
    list of Mention
        One for each drug and code, affirmed: who takes it and when has been judged here.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> note = read("On Eliquis for AF. Start cephalexin.")
    >>> [m.codes for m in long_term_mentions(note, find_drugs(note), {"Z79.01"})]
    [('Z79.01',)]
    """
    out: list[Mention] = []
    for d in drugs:
        if not d.long_term or d.cue is None:
            continue
        cue = Attribute("cue", "long-term", d.cue.start, d.cue.end)
        for code in d.drug.long_term_codes:
            if code in table_codes:
                out.append(
                    Mention(
                        spans=(Span(d.start, d.end),),
                        codes=(code,),
                        method="exact",
                        quality=_QUALITY.get(d.cue.category, 0.85),
                        attributes=(cue,),
                        sentence=d.sentence,
                        section=d.section,
                    )
                )
    return out


def treatment_of(drugs: Iterable[DrugMention], code: str) -> tuple[DrugMention, ...]:
    """The drugs that show ``code`` is being treated.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> drugs = find_drugs(read("Continue metformin and lisinopril."))
    >>> [d.drug.name for d in treatment_of(drugs, "E11.9")]
    ['metformin']
    """
    return tuple([d for d in drugs if code.startswith(d.drug.treats) and d.treating])


_QUALITY = {
    "long_term": 1.0, "attached": 1.0, "prophylaxis": 1.0, "current": 0.95, "begun": 0.9, "section": 0.9,
    "schedule": 0.85, "hourly": 0.85,
}  # fmt: skip


@lru_cache(maxsize=1)
def _names() -> Mapping[str, tuple[tuple[tuple[str, ...], Drug], ...]]:
    """First token → (the other tokens, the drug), longest first."""
    out: dict[str, list[tuple[tuple[str, ...], Drug]]] = {}
    for drug in load_drugs().values():
        tokens = _key(drug.name)
        out.setdefault(tokens[0], []).append((tokens[1:], drug))
    return {w: tuple(sorted(rest, key=lambda r: (-len(r[0]), r[0]))) for w, rest in out.items()}


def _key(name: str) -> tuple[str, ...]:
    # Plain words need no tokeniser, and most names are plain words.
    plain = name.isascii() and name.replace(" ", "").isalnum()
    return tuple(name.split()) if plain else tokenize(name).lower


def _judged(note: Note, number: int, found: Sequence[tuple[int, int, Drug]]) -> list[DrugMention]:
    """The drugs of one sentence, each with the cues that govern it weighed."""
    sentence = note.sentences[number]
    section = note.sections[sentence.section]
    lower = note.tokens.lower
    spans = [(a, b) for a, b, _ in found]
    cues = scan(lower, sentence.first_token, sentence.last_token, spans)
    governed = govern(lower, spans, cues) if cues else [[] for _ in spans]
    listed = section.kind == "medications" and not (
        section.header_end > section.header_start
        and _NOT_HOME.search(note.text, section.header_start, section.header_end)
    )
    return [
        _mention(note, number, section, listed, a, b, drug, said)
        for (a, b, drug), said in zip(found, governed, strict=True)
    ]


def _mention(
    note: Note, number: int, section: Section, listed: bool, a: int, b: int, drug: Drug, said: Sequence[Found]
) -> DrugMention:
    start, end = note.tokens.starts[a], note.tokens.ends[b - 1]
    kind, found = _verdict(drug, {f.kind: f for f in reversed(said)}, section.kind, listed)
    cue: Cue | None = None
    if found is not None:
        first, last = note.tokens.starts[found.first], note.tokens.ends[found.last - 1]
        cue = Cue(found.kind, first, last, min(first, start), max(last, end), note.text[first:last])
    elif kind == "section":
        h, e = section.header_start, section.header_end
        # A list without a header has nothing to show but the drug itself.
        first, last = (h, e) if e > h else (start, end)
        cue = Cue("section", first, last, section.start, section.end, note.text[first:last])
    elif kind == "allergy":
        h, e = section.header_start, section.header_end
        cue = Cue("allergy", h, e, section.start, section.end, note.text[h:e])
    return DrugMention(
        start,
        end,
        drug,
        number,
        section.kind,
        long_term=kind == "section" or kind in _QUALITY,
        stopped=kind == "stopped",
        planned=kind == "planned",
        allergy=kind == "allergy",
        short=kind == "short",
        negated=kind == "negated",
        other=kind == "other",
        lab=kind == "lab",
        cue=cue,
    )


def _verdict(drug: Drug, said: Mapping[str, Found], section: str, listed: bool) -> tuple[str, Found | None]:
    """What the cues come to: a blocking kind, a kind of long-term use, or "" when nothing is said."""
    if section == "allergies":
        return "allergy", None
    for kind in _BLOCKING:
        if kind in said:
            return kind, said[kind]
    codes, stated = drug.long_term_codes, said.get("long_term") or said.get("attached")
    if "prn" in said and not (stated and "Z79.891" in codes):
        return "short", said["prn"]
    if "route" in said and not stated and not any(c.startswith(_BY_VEIN) for c in codes):
        return "short", said["route"]
    if "injection" in said and drug.drug_class.startswith("corticosteroid"):
        return "short", said["injection"]
    if "begun" in said and "since" not in said and not stated:
        return "planned", said["begun"]
    if "topical" in said and any(c.startswith(_TOPICAL) for c in codes):
        return "", None
    if section in _SILENT:
        return "", None
    if "Z79.2" in codes:
        # An antibiotic is long-term only where it prevents or suppresses.
        found = said.get("prophylaxis") or stated
        return (found.kind, found) if found else ("", None)
    if stated:
        return stated.kind, stated
    if drug.drug_class in _STATED_CLASSES:
        return "", None
    too_little = _TOO_LITTLE.get(drug.drug_class, _NOTHING)
    for kind in ("current", "begun", "schedule", "hourly"):
        if kind in said and (kind not in too_little or (listed and kind == "schedule")):
            return kind, said[kind]
    return ("section", None) if listed and "section" not in too_little else ("", None)
