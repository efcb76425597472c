"""Where a cancer has spread to: "metastatic breast cancer to bone" names the primary and the metastasis.

The name of the primary takes the words of the spread with it, so the site behind "to" is read here
(I.C.2.b). Sites are rows of ``data/lexicon/metastasis_sites.csv``.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from cac.extract.skinsites import find_site
from cac.types import Attribute, Mention, Note, Span

__all__ = ["read_metastases"]

_QUALITY = 0.95
_SPREAD = re.compile(r"metasta(?:tic|sized?|sis)\b", re.IGNORECASE)
_TO = re.compile(r"(?:[^\w,;:.]|\bcancer\b|\bcarcinoma\b)*\bto\s+", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:,|;|&|/|\band\b|\bas well as\b)\s*(?:and\s+)?(?:to\s+)?", re.IGNORECASE)
_PLACE = re.compile(
    r"(?:(?:the|her|his|their|multiple|both|bilateral|right|left|rt|lt|r|l)\s+)*", re.IGNORECASE
)
_REACH = 60
_AHEAD = 12
"""Characters of "metastatic" and a blank: the name of the primary may begin behind it."""

_FROM, _UP_TO = "C00", "C76"


def read_metastases(note: Note, mentions: Sequence[Mention], codes: Container[str]) -> list[Mention]:
    """The mentions, with the metastases that stand behind the name of a primary, asserted like it.

    What made a second primary of the site goes: "metastatic lung cancer to the adrenal gland".

    Examples
    --------
    >>> from cac.text.reader import read
    >>> note = read("Metastatic colon cancer to the liver and left lung.")
    >>> found = Mention((Span(0, 23),), ("C18.9",), "exact", 1.0)
    >>> [m.codes for m in read_metastases(note, [found], {"C78.7", "C78.02"})]
    [('C18.9',), ('C78.7',), ('C78.02',)]
    """
    out: list[Mention] = []
    wrong: list[Mention] = []
    for m in mentions:
        if m.method == "inner" or not _is_primary(m):
            continue
        begin = note.sentences[m.sentence].start
        spread = _SPREAD.search(note.text, max(begin, m.start - _AHEAD), m.end)
        to = _TO.match(note.text, m.end, m.end + _REACH) if spread is not None else None
        if spread is None or to is None:
            continue
        stop = note.sentences[m.sentence].end
        at = to.end()
        while at < stop:
            place = _PLACE.match(note.text, at, stop)
            noun = place.end() if place is not None else at
            found = find_site("metastasis_sites.csv", note.text, at, min(stop, noun + _REACH))
            if found.site is None or found.site.start != noun:
                break
            side = found.side if found.side is not None and found.side.start < noun else None
            stem = found.stems[found.column] if side is not None else found.stems[0]
            if stem in codes:
                why = (Attribute("site", found.stem, found.site.start, found.site.end),)
                spans = (Span(spread.start(), spread.end()), found.site)
                out.append(
                    Mention(
                        spans,
                        (stem,),
                        "exact",
                        _QUALITY,
                        attributes=why,
                        sentence=m.sentence,
                        section=m.section,
                        assertion=m.assertion,
                    )
                )
            where = found.site
            wrong += [
                o
                for o in mentions
                if o is not m and _is_primary(o) and any(s.overlaps(where) for s in o.spans)
            ]
            more = _BETWEEN.match(note.text, found.site.end, stop)
            if more is None:
                break
            at = more.end()
    return [*(m for m in mentions if not any(m is w for w in wrong)), *out]


def _is_primary(m: Mention) -> bool:
    return any(_FROM <= c < _UP_TO for c in m.codes)
