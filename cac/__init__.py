"""Computer-assisted coding: clinical note in, ranked billable codes out, with evidence and rules.

>>> import cac
>>> for s in cac.suggest("Assessment: type 2 diabetes, chronic kidney disease stage 3a."):
...     print(s.code, s.description)
E11.22 Type 2 diabetes mellitus with diabetic chronic kidney disease
N18.31 Chronic kidney disease, stage 3a
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from cac.api import lookup, search, suggest, suggest_frame
    from cac.checks.api import check
    from cac.checks.result import CheckFinding, CheckResult
    from cac.coder import Coder
    from cac.codes.records import CodeRecord
    from cac.config import Config
    from cac.errors import (
        CacError,
        ConfigError,
        IndexBuildError,
        MissingDependencyError,
        NoteError,
        TableError,
        UnknownCodeError,
    )
    from cac.evaluation import Comparison, Evaluation, evaluate
    from cac.extract.context import assess
    from cac.match.search import SearchHit
    from cac.result import CodingResult
    from cac.types import Assertion, Evidence, Explanation, Suggestion

_HOME = {
    "suggest": "cac.api",
    "suggest_frame": "cac.api",
    "lookup": "cac.api",
    "search": "cac.api",
    "assess": "cac.extract.context",
    "check": "cac.checks.api",
    "CheckFinding": "cac.checks.result",
    "CheckResult": "cac.checks.result",
    "evaluate": "cac.evaluation",
    "Comparison": "cac.evaluation",
    "Evaluation": "cac.evaluation",
    "Coder": "cac.coder",
    "Config": "cac.config",
    "CodingResult": "cac.result",
    "CodeRecord": "cac.codes.records",
    "SearchHit": "cac.match.search",
    "Assertion": "cac.types",
    "Evidence": "cac.types",
    "Explanation": "cac.types",
    "Suggestion": "cac.types",
    "CacError": "cac.errors",
    "ConfigError": "cac.errors",
    "IndexBuildError": "cac.errors",
    "MissingDependencyError": "cac.errors",
    "NoteError": "cac.errors",
    "TableError": "cac.errors",
    "UnknownCodeError": "cac.errors",
}

_ROOMS = ("datasets",)

__all__ = [
    "Assertion",
    "CacError",
    "CheckFinding",
    "CheckResult",
    "CodeRecord",
    "Coder",
    "CodingResult",
    "Comparison",
    "Config",
    "ConfigError",
    "Evaluation",
    "Evidence",
    "Explanation",
    "IndexBuildError",
    "MissingDependencyError",
    "NoteError",
    "SearchHit",
    "Suggestion",
    "TableError",
    "UnknownCodeError",
    "__version__",
    "assess",
    "check",
    "evaluate",
    "lookup",
    "search",
    "suggest",
    "suggest_frame",
]


def __getattr__(name: str) -> Any:
    # Everything is imported when first used: ``import cac`` loads neither spaCy nor pandas.
    if name in _ROOMS:
        return import_module(f"cac.{name}")
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, *_ROOMS])
