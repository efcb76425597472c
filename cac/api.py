"""The functions of the package: one default coder behind them, built when first used."""

from __future__ import annotations

import sys
from collections.abc import Hashable
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cac.coder import Coder
from cac.codes.records import CodeRecord
from cac.codes.table import CodeTable
from cac.match.index import TermIndex
from cac.match.search import SearchHit, search_index
from cac.result import CodingResult

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["default_coder", "lookup", "search", "suggest", "suggest_frame"]

DateOfService = date | datetime | str | None


@lru_cache(maxsize=1)
def default_coder() -> Coder:
    """The coder behind ``cac.suggest``; built on first use."""
    return Coder(progress=_progress())


def _progress() -> Any:
    """A line on standard error while an index is built, when somebody is watching."""
    if not sys.stderr.isatty():
        return None
    return lambda message: sys.stderr.write(f"cac: {message}\n")


def suggest(note: str, **options: Any) -> CodingResult:
    """Code one note with the default coder. See ``Coder.suggest`` for the options.

    Examples
    --------
    >>> [s.code for s in suggest("Impression: acute appendicitis.")]
    ['K35.80']
    """
    return default_coder().suggest(note, **options)


def suggest_frame(
    df: pd.DataFrame,
    text: Hashable = "note",
    id: Hashable | None = None,
    *,
    n_process: int = 1,
    progress: bool = False,
    **options: Any,
) -> pd.DataFrame:
    """Code a DataFrame of notes into a long DataFrame, one row a code.

    Parameters
    ----------
    df
        One note a row.
    text, id
        The columns with the note and with its identifier; without ``id``, the index is used.
    n_process
        Worker processes. The result is the same for any number.
    progress
        Show a progress bar when ``tqdm`` is installed.
    options
        Those of ``Coder.suggest``.

    Raises
    ------
    ConfigError
        When a column is missing.
    NoteError
        When a note is not text; the message names its row, never its words.
    """
    from cac.parallel import coded_frame

    return coded_frame(default_coder(), df, text, id, n_process=n_process, progress=progress, options=options)


def lookup(code: str, *, date_of_service: DateOfService = None) -> CodeRecord:
    """One code with its notes. Raises UnknownCodeError.

    Examples
    --------
    >>> lookup("E11.22").title
    'Type 2 diabetes mellitus with diabetic chronic kidney disease'
    """
    return CodeTable.open(None, date_of_service, progress=_progress()).record(code)


def search(query: str, k: int = 10, *, date_of_service: DateOfService = None) -> tuple[SearchHit, ...]:
    """The codes whose titles, inclusion terms or synonyms fit some words best.

    Examples
    --------
    >>> search("kidney stone", k=3)[0].code
    'N20.0'
    """
    table = CodeTable.open(None, date_of_service, progress=_progress())
    return search_index(_index(table), query, k)


@lru_cache(maxsize=4)
def _index(table: CodeTable) -> TermIndex:
    return TermIndex.open(table, progress=_progress())
