"""Who did it, told apart from the abuse: "Perpetrator was the stepfather" (I.C.19.f)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Sequence
from functools import lru_cache

from cac.resources import read_table, required
from cac.types import Mention, Note, Span

__all__ = ["perpetrator_mentions"]

_QUALITY = 0.9
_ABUSE = ("T74", "T76")
_KNOWN = "Y07"
_ELSEWHERE = frozenset(("family_history", "pmh", "social_history", "birth_history"))
_DENIED = re.compile(r"\b(?:not|no|denie[sd]|denying|never|without)\b|n't\b", re.IGNORECASE)
_PAST = re.compile(
    r"\b(?:as\s+a\s+(?:child|teen\w*|minor)|in\s+childhood|(?:years|months)\s+ago|history\s+of|h/o|hx\s+of|in\s+the\s+past)\b",
    re.IGNORECASE,
)
_VIOLENCE = re.compile(
    r"\b(?:struck|hit|punched|kicked|choked|strangled|beaten|assaulted|attacked|abused?|raped|slapped|stabbed|"
    r"molested|bitten|shaken|shoved|pushed|thrown|inflicted|neglect(?:ed)?|assault|maltreatment|violence|shot)\b",
    re.IGNORECASE,
)


def perpetrator_mentions(note: Note, mentions: Sequence[Mention], codes: Container[str]) -> list[Mention]:
    """Mentions of the perpetrator, where the note has abuse that the patient suffers now.

    Parameters
    ----------
    mentions
        The asserted mentions of the note.
    codes
        The codes in force; others are left out.

    Examples
    --------
    >>> from cac.text.reader import read
    >>> note = read("Adult physical abuse, confirmed. Perpetrator is the husband.")
    >>> abuse = Mention((Span(0, 20),), ("T74.11XA",), "exact", 1.0)
    >>> [m.codes for m in perpetrator_mentions(note, [abuse], {"Y07.010"})]
    [('Y07.010',)]
    """
    abuse = [m for m in mentions if any(c.startswith(_ABUSE) for c in m.codes)]
    now = [m for m in abuse if not (m.assertion.negated or m.assertion.historical or m.assertion.family)]
    if not now or any(c.startswith(_KNOWN) for m in mentions if m.assertion.affirmed for c in m.codes):
        return []
    over = {m.sentence for m in abuse} - {m.sentence for m in now}
    pattern, known = _persons()
    starts = [s.start for s in note.sentences]
    out: list[Mention] = []
    for found in pattern.finditer(note.text):
        n = bisect_right(starts, found.start()) - 1
        sentence = note.sentences[max(n, 0)]
        section = note.sections[sentence.section].kind
        said = note.text[sentence.start : found.end()]
        if (
            n < 0
            or n in over
            or section in _ELSEWHERE
            or _DENIED.search(said)
            or _PAST.search(note.text, sentence.start, sentence.end)
        ):
            continue
        who = found["by"] or found["named"] or found["first"]
        if found["by"] and _VIOLENCE.search(note.text, sentence.start, found.start()) is None:
            continue
        code, former = known[" ".join(who.lower().replace("’", "'").split())]
        if former and _FORMER.search(found[0]) is not None:
            code = former
        if code in codes:
            out.append(
                Mention((Span(*found.span()),), (code,), "exact", _QUALITY, sentence=n, section=section)
            )
    return out


_FORMER = re.compile(r"\b(?:ex|former|estranged|previous)\b", re.IGNORECASE)
_WHOSE = (
    r"(?:(?:her|his|their|the|a|an|patient['’]?s|pt['’]?s|child['’]?s|own|current|former|ex|estranged|"
    r"intoxicated|live-in)[\s-]+)*"
)


@lru_cache(maxsize=1)
def _persons() -> tuple[re.Pattern[str], dict[str, tuple[str, str]]]:
    columns = ("words", "code", "former", "note")
    rows = read_table("lexicon/perpetrators.csv", columns, dict.fromkeys(columns[:2], required))
    known = {w: (r["code"], r["former"]) for r in rows for w in r["words"].split("|")}
    shapes = sorted(
        (r"\s+".join(map(re.escape, w.split())).replace("'", "['’]") for w in known),
        key=lambda s: (-len(s), s),
    )
    person = rf"(?:{'|'.join(shapes)})\b(?!['’]s\b)"
    agent = r"(?:alleged\s+|suspected\s+|reported\s+)?(?:perpetrator|abuser|assailant|offender|attacker)"
    named = r"\W*(?:(?:is|was|being|(?:identified|reported|named)\s+as|(?:reported|believed)\s+to\s+be)\W+)*"
    return (
        re.compile(
            rf"\bby\s+{_WHOSE}(?P<by>{person})"
            rf"|\b{agent}{named}{_WHOSE}(?P<named>{person})"
            rf"|\b(?P<first>{person})\s+(?:is|was|(?:identified\s+|named\s+)?as)\s+(?:the\s+|her\s+|his\s+)?{agent}\b",
            re.IGNORECASE,
        ),
        known,
    )
