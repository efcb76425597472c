"""What a "Follow-up" header means: at the head of a note it says why the patient came.

"Follow-up visit: left ankle sprain, healing well" opens a note with the reason for the visit; at its
end, or with a date or a clinic behind it ("Follow-up: in 2 weeks"), it is a plan.
"""

from __future__ import annotations

import re

__all__ = ["VISITS", "is_planned", "visit_kind"]

VISITS = frozenset(
    (
        "follow up",
        "follow-up",
        "followup",
        "f/u",
        "f/up",
        "fu",
        "fup",
        "follow up visit",
        "follow up appointment",
        "return visit",
    )
)
"""Labels, as ``cac.text.headers.normal_label`` leaves them, that may be either."""

_NUMBER = r"(?:\d+|a|an|one|two|three|four|five|six|eight|ten|twelve|several|few)"
_UNIT = r"(?:d|day|days|wk|wks|week|weeks|mo|mos|month|months|yr|year|years|hour|hours|hrs)"
# When, where, with whom: what a plan begins with.
_PLAN = re.compile(
    rf"""(?: (?:about|approx\.?|approximately|~)\s*)?
    (?: {_NUMBER}\s*(?:(?:-|–|to|or)\s*{_NUMBER}\s*)?-?{_UNIT}\b
          (?!\s+(?:after|post|out|of|s/p|status|ago|old|since)\b)
      | (?:in|within|after(?=\s+(?:\d|discharge))|at|on|by|next|until|pending|if|when|once|as|prn|per|with|w/|
          to|or|and|then|every|q|call|
          return|rtc|schedule|scheduled|none|not|please|routine|sooner|tbd|needed|recommended|advised|
          tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday|outpatient|should|will|
          dr|doctor|pcp|primary|clinic|appointment|appt|[a-z]+ology|[a-z]+(?:opedics|iatry|iatrics|ologist)|
          surgery|ortho|neuro|cards|gi|ent|pt|ot|physical\s+therapy|orthopedic\s+clinic|fracture\s+clinic|
          wound\s+clinic|labs?|repeat|recheck|mri|ct|x-?ray|
          (?:the\s+)?patient\s+(?:will|should|is\s+to)
        )\b
      | \d{{1,2}}[/.]\d{{1,2}} | \d{{4}}-\d )""",
    re.IGNORECASE | re.VERBOSE,
)


def visit_kind(body: str) -> str:
    """The kind of a section with one of these labels that opens a note.

    Examples
    --------
    >>> visit_kind(" left ankle sprain, healing well"), visit_kind(" in 2 weeks with Dr. Lee")
    ('reason_for_visit', 'followup')
    """
    said = body.strip(" \t\r\n*-–:_")
    return "followup" if not said or _PLAN.match(said) is not None else "reason_for_visit"


def is_planned(text: str, start: int, end: int, cue_start: int, cue_end: int) -> bool:
    """Whether words for later care ("follow up", "suture removal") say what is still to come.

    Parameters
    ----------
    text
        The note.
    start, end
        The sentence.
    cue_start, cue_end
        The words.

    Examples
    --------
    >>> is_planned("Follow up in 2 weeks", 0, 20, 0, 9), is_planned("Follow up of sprain", 0, 19, 0, 9)
    (True, False)
    """
    after = text[cue_end : min(end, cue_end + 60)].lstrip(" ,:-–")
    after = _SERVICE.sub("", after, count=1)
    before = text[max(start, cue_start - 40) : cue_start]
    if _CAME.search(before) is not None:
        return False
    if _WILL.search(before) is not None:
        return True
    follow = text[cue_start : cue_start + 1] in "Ff"
    return (_PLAN if follow else _LATER).match(after) is not None


_SERVICE = re.compile(r"(?:visits?|appointments?|appt|care|x-?rays?|films?|imaging|evaluation|exam)\s*", re.I)
_CAME = re.compile(
    r"\b(?:here|presents?|presenting|return(?:s|ed|ing)|comes?|came|seen|in|back|today)\s(?:today\s)?(?:for|to|as)\s"
    r"(?:an?\s|his\s|her\s|their\s|the\s)?(?:[\w-]+\s){0,2}$",
    re.IGNORECASE,
)
_WILL = re.compile(
    r"\b(?:will|to|should|needs?|must|can|may|please|recommend(?:ed)?|advised?|instructed|schedule[ds]?|"
    r"arranged?|refer(?:red|ral)?|outpatient|close|plan|planned|for|start|begin|order(?:ed)?|return|continue)\s"
    r"(?:an?\s|the\s|to\s|for\s|with\s|in\s|at\s|close\s|outpatient\s|[a-z]+\s)?$",
    re.IGNORECASE,
)
_LATER = re.compile(
    rf"(?:in|within|after|at)\s+(?:about\s+)?{_NUMBER}\b|(?:next|as\s+needed|prn|on\s+\d)\b", re.IGNORECASE
)
