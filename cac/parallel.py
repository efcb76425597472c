"""Coding many notes, in this process or in several: the same answers in the same order.

Workers are started with "spawn", so that it works alike on every platform and beside threads, and are
handed notes in chunks with a bounded look-ahead, so that an endless stream of notes can be coded.
"""

from __future__ import annotations

import math
import pickle
import signal
from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Mapping, Sized
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, cast

from cac.errors import CacError, ConfigError, MissingDependencyError, NoteError
from cac.output.frames import frame_rows, long_frame

if TYPE_CHECKING:
    import pandas as pd

    from cac.coder import Coder
    from cac.result import CodingResult

__all__ = ["coded", "coded_frame"]

CHUNK = 16
"""Notes handed to a worker at once; results do not depend on it."""

LOOK_AHEAD = 2
"""Chunks per worker that are read ahead of what has been asked for."""

Options = Mapping[str, Any]
Numbered = tuple[int, str]


def coded(
    coder: Coder,
    notes: Iterable[str],
    *,
    n_process: int = 1,
    progress: bool = False,
    options: Options | None = None,
) -> Iterator[CodingResult]:
    """Code many notes, in order, as they are asked for.

    Parameters
    ----------
    coder
        The coder; workers make one of their own from its configuration.
    notes
        Any iterable, also an endless one: with one process nothing is read ahead, with several
        a few chunks are. Closing the iterator that is returned ends the workers.
    n_process
        Worker processes; 1 works in this one. Scripts that ask for more need the usual
        ``if __name__ == "__main__":`` around what they do.
    progress
        Show a progress bar on standard error; needs ``tqdm``.
    options
        Those of ``Coder.suggest``, for every note.

    Raises
    ------
    ConfigError
        When ``n_process`` is less than 1, or ``notes`` is a single string.
    NoteError
        When a note cannot be read, after the results of the notes before it. The message names its
        position, counted from 0, never its words.
    CacError
        When a worker process dies.
    MissingDependencyError
        When a progress bar is asked for and ``tqdm`` is not installed.

    Examples
    --------
    >>> from cac.coder import Coder
    >>> notes = ["Assessment: essential hypertension.", "Assessment: gout."]
    >>> [result[0].code for result in coded(Coder(), notes)]
    ['I10', 'M10.9']
    """
    if isinstance(notes, str | bytes) or not isinstance(notes, Iterable):
        raise ConfigError("notes has to be many notes, not one; use suggest for one")
    _check_processes(n_process)
    total = len(notes) if isinstance(notes, Sized) else None
    return _run(_Task(coder, _plain(options), _whole), enumerate(notes), n_process, _bar(progress, total))


def coded_frame(
    coder: Coder,
    df: pd.DataFrame,
    text: Hashable = "note",
    id: Hashable | None = None,
    *,
    n_process: int = 1,
    progress: bool = False,
    options: Options | None = None,
) -> pd.DataFrame:
    """Code a DataFrame with one note a row into a long DataFrame with one code a row.

    Parameters
    ----------
    coder, n_process, progress, options
        As for ``coded``.
    df, text, id
        The notes, the column they are in, and the column that identifies them (the index when it is
        None). Identifiers may repeat. Rows without a note (None, NaN) give no rows.

    Returns
    -------
    pandas.DataFrame
        ``id`` in the dtype it had in ``df``, then the columns of ``cac.output.frames.FRAME_DTYPES``.

    Raises
    ------
    ConfigError
        When ``df`` is no DataFrame or a column is missing or there twice.
    NoteError
        When a note is not text; the message names its row, counted from 0.
    """
    import pandas as pd

    if not isinstance(df, pd.DataFrame):
        raise ConfigError(f"a DataFrame is needed, not {type(df).__name__}")
    _check_processes(n_process)
    notes = _column(df, text).tolist()
    ids = df.index if id is None else _column(df, id)
    numbered = [(i, note) for i, note in enumerate(notes) if not _missing(note)]
    labels = ids.tolist()
    rows: list[tuple[Any, ...]] = []
    bar = _bar(progress, len(numbered))
    found = _run(_Task(coder, _plain(options), _rows), iter(numbered), n_process, bar)
    for (i, _), of_note in zip(numbered, found, strict=True):
        rows += [(labels[i], *row[1:]) for row in of_note]
    return long_frame(rows, id_dtype=ids.dtype)


def _whole(result: CodingResult) -> CodingResult:
    return result


def _rows(result: CodingResult) -> list[tuple[Any, ...]]:
    return frame_rows(result, None)


@dataclass(frozen=True)
class _Task:
    """What is done with every note, and what is kept of the result. Picklable."""

    coder: Coder
    options: dict[str, Any]
    keep: Callable[[CodingResult], Any]

    def __call__(self, numbered: Numbered) -> Any:
        position, note = numbered
        try:
            return self.keep(self.coder.suggest(note, **self.options))
        except NoteError as error:
            raise NoteError(f"note at position {position}: {error}") from None


def _run(
    task: _Task, numbered: Iterator[Numbered], n_process: int, bar: Callable[[], Any] | None
) -> Iterator[Any]:
    results = map(task, numbered) if n_process == 1 else _run_workers(task, numbered, n_process)
    return _counted(results, bar)


def _counted(results: Iterator[Any], make_bar: Callable[[], Any] | None) -> Iterator[Any]:
    """The results, counted on the progress bar; closing this closes the workers and the bar."""
    bar = make_bar() if make_bar is not None else None
    try:
        for result in results:
            yield result
            if bar is not None:
                bar.update()
    finally:
        if isinstance(results, Generator):
            results.close()
        if bar is not None:
            bar.close()


def _run_workers(task: _Task, numbered: Iterator[Numbered], n_process: int) -> Iterator[Any]:
    source = _Source(numbered)
    try:
        packed = pickle.dumps(task)
    except (pickle.PicklingError, TypeError, AttributeError):
        raise ConfigError("the coder and its options cannot be sent to worker processes") from None
    workers: list[_Worker] = []
    idle: deque[_Worker] = deque()
    busy: dict[Connection, tuple[_Worker, int]] = {}
    ready: dict[int, _Done] = {}
    sent = given = 0
    try:
        while True:
            while sent - given < LOOK_AHEAD * n_process and (idle or len(workers) < n_process):
                if not (chunk := source.chunk()):
                    break
                if not idle:
                    workers.append(_Worker(packed))
                    idle.append(workers[-1])
                # An idle worker waits in recv: sending to it can never block for good.
                worker = idle.popleft()
                worker.connection.send(chunk)
                busy[worker.connection] = (worker, sent)
                sent += 1
            if given == sent:
                break
            for connection in wait(list(busy), 0 if given in ready else None):
                worker, number = busy.pop(cast(Connection, connection))
                ready[number] = worker.connection.recv()
                idle.append(worker)
            if given in ready:
                done = ready.pop(given)
                given += 1
                yield from done.results
                if done.error is not None:
                    raise done.error
    except (EOFError, ConnectionError):
        raise CacError(
            "a worker process died: out of memory, killed, or started from a script without "
            'if __name__ == "__main__":'
        ) from None
    finally:
        for worker in workers:
            worker.connection.close()
            worker.process.terminate()
        for worker in workers:
            worker.process.join()
    source.end(task)


class _Worker:
    """A process that answers chunks one at a time over a pipe of its own.

    Not a ``ProcessPoolExecutor``: that one finishes its running chunks when it is closed, and hangs at
    exit when it is ended in the middle of an answer.
    """

    def __init__(self, packed: bytes) -> None:
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, packed), daemon=True)
        self.process.start()
        # The only other end is now the worker's: when it dies, reading ends.
        theirs.close()


class _Source:
    """Chunks of the notes; what stops the reading is kept until the notes before it are done."""

    def __init__(self, numbered: Iterator[Numbered]) -> None:
        self._numbered = numbered
        self._error: Exception | None = None
        self._odd: Numbered | None = None

    def chunk(self) -> list[Numbered]:
        """The next notes, none at the end."""
        found: list[Numbered] = []
        if self._error is not None or self._odd is not None:
            return found
        try:
            for numbered in islice(self._numbered, CHUNK):
                if not isinstance(numbered[1], str):
                    # It may not even be picklable: refused in this process.
                    self._odd = numbered
                    break
                found.append(numbered)
        except Exception as error:
            self._error = error
        return found

    def end(self, task: _Task) -> None:
        """Raise what stopped the reading before the end of the notes, if something did."""
        if self._error is not None:
            raise self._error
        if self._odd is not None:
            task(self._odd)


@dataclass(frozen=True)
class _Done:
    """The results of a chunk up to the note that failed."""

    results: list[Any]
    error: Exception | None


def _serve(connection: Connection, packed: bytes) -> None:
    """The life of a worker."""
    # Ctrl-C reaches the whole process group; the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    task: _Task | None = None
    with suppress(EOFError, ConnectionError):
        while True:
            chunk: list[Numbered] = connection.recv()
            results: list[Any] = []
            error: Exception | None = None
            try:
                task = task or pickle.loads(packed)
                for numbered in chunk:
                    results.append(task(numbered))
            except Exception as raised:
                error = raised.with_traceback(None)
            connection.send(_Done(results, error))


def _check_processes(n_process: object) -> None:
    if isinstance(n_process, bool) or not isinstance(n_process, int) or n_process < 1:
        raise ConfigError("n_process has to be a whole number, 1 or more")


def _bar(progress: bool, total: int | None) -> Callable[[], Any] | None:
    if not progress:
        return None
    try:
        from tqdm import tqdm
    except ImportError:
        raise MissingDependencyError("a progress bar needs tqdm: pip install 'cac[progress]'") from None
    # Made when the first result is asked for: an iterator nobody uses shows nothing.
    return partial(tqdm, total=total, unit="note")


def _plain(options: Options | None) -> dict[str, Any]:
    """The options as they can be used again for every note, and sent to workers."""
    plain = dict(options or {})
    systems = plain.get("systems")
    if isinstance(systems, Iterable) and not isinstance(systems, str):
        plain["systems"] = tuple(systems)
    return plain


def _column(df: pd.DataFrame, name: Any) -> pd.Series[Any]:
    if list(df.columns).count(name) != 1:
        fault = "there is no column" if name not in df.columns else "there are several columns"
        raise ConfigError(f"{fault} {name!r:.80} in the DataFrame")
    column: pd.Series[Any] = df[name]
    return column


def _missing(note: object) -> bool:
    import pandas as pd

    return note is None or note is pd.NA or note is pd.NaT or (isinstance(note, float) and math.isnan(note))
