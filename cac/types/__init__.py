"""The plain data that travels down the straight line of the pipeline.

Everything here is frozen, hashable where it can be, comparable and picklable, so that results
travel between processes and two runs can be compared byte for byte. Offsets are always Python
string offsets into the note as the caller gave it, half-open: ``note[start:end]``.

Fields that hold words of the note are left out of ``repr``: notes are confidential and ``repr``
ends up in logs.
"""

from cac.types.answer import (
    Alternative,
    AxisEvidence,
    Candidate,
    Contribution,
    Evidence,
    Explanation,
    Finding,
    Modifier,
    NotCoded,
    Query,
    QueryOption,
    Suggestion,
)
from cac.types.reading import (
    AFFIRMED,
    Assertion,
    Attribute,
    Cue,
    Edit,
    Mention,
    Note,
    Scope,
    Section,
    Sentence,
    Setting,
    Span,
    Tokens,
)

__all__ = [
    "AFFIRMED",
    "Alternative",
    "Assertion",
    "Attribute",
    "AxisEvidence",
    "Candidate",
    "Contribution",
    "Cue",
    "Edit",
    "Evidence",
    "Explanation",
    "Finding",
    "Mention",
    "Modifier",
    "NotCoded",
    "Note",
    "Query",
    "QueryOption",
    "Scope",
    "Section",
    "Sentence",
    "Setting",
    "Span",
    "Suggestion",
    "Tokens",
]
