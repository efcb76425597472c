"""Every error the library raises on purpose.

Messages name the argument, the file, the row or the code at fault; they never quote note text,
because exceptions end up in logs and notes are confidential.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "CacError",
    "ConfigError",
    "IndexBuildError",
    "LicenceError",
    "MissingDependencyError",
    "NoteError",
    "TableError",
    "UnknownCodeError",
]


class CacError(Exception):
    """Base class: ``except cac.CacError`` catches everything raised on purpose."""


class NoteError(CacError, ValueError):
    """The note is not something that can be read (wrong type, binary, too large)."""


class ConfigError(CacError, ValueError):
    """A setting, scope, date, age, sex, threshold or configuration key is not valid."""


class UnknownCodeError(CacError, KeyError):
    """The code does not exist in the release that was asked."""

    def __str__(self) -> str:
        # KeyError would show the message in quotes.
        return str(self.args[0]) if self.args else ""


class TableError(CacError, ValueError):
    """A data file is malformed. All bad rows are reported at once, then the file is refused.

    Attributes
    ----------
    problems
        One line per bad row: file, row number, what is wrong.
    """

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        self.problems = tuple(problems)
        shown = "".join(f"\n  {p}" for p in self.problems[:50])
        more = len(self.problems) - 50
        super().__init__(message + shown + (f"\n  ... and {more} more" if more > 0 else ""))


class IndexBuildError(CacError, RuntimeError):
    """The compiled index could neither be opened nor built."""


class LicenceError(CacError, ValueError):
    """A licensed code set was to be imported and its licence was not acknowledged. Nothing was written."""


class MissingDependencyError(CacError, ImportError):
    """An optional part was asked for and the package it needs is not installed."""
