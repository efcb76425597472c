"""Many notes: order, laziness, errors, and the same bytes for any number of processes."""

from __future__ import annotations

import builtins
import itertools
import multiprocessing
import os
import pickle
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cac.coder import Coder
from cac.config import Config
from cac.errors import CacError, ConfigError, MissingDependencyError, NoteError
from cac.output.frames import FRAME_DTYPES
from cac.parallel import CHUNK, coded, coded_frame
from cac.result import CodingResult

NOTES = [
    "Assessment: essential hypertension.",
    "Assessment: type 2 diabetes, right knee pain.",
    "No complaints today.",
    "Impression: gout. Denies chest pain. Mother had breast cancer.",
    "",
    "Assessment: mild intermittent asthma; possible pneumonia.",
]
SECRET = "Zebedee"


class FakeCoder:
    """Answers at once, so that these tests are about processes and not about coding."""

    def suggest(self, note: str, **options: Any) -> CodingResult:
        if not isinstance(note, str):
            raise NoteError(f"a note must be a string, not {type(note).__name__}")
        if note.startswith("bad"):
            raise NoteError("the note is binary data, not text")
        if note == "die":
            os._exit(3)
        if note.startswith("sleep"):
            time.sleep(60)
        return _result(f"{note}|{sorted(options.items())}")


def _result(text: str) -> CodingResult:
    return CodingResult((), (), (), (), text, (), "outpatient", "reportable", "none", None, 0.5)


@pytest.fixture
def fake() -> Any:
    return FakeCoder()


@pytest.fixture(scope="module")
def real() -> Coder:
    return Coder(Config(tables=Path(__file__).resolve().parent.parent / "data" / "icd10_sample"))


@pytest.fixture(autouse=True)
def no_worker_is_left() -> Iterator[None]:
    before = set(multiprocessing.active_children())
    yield
    assert set(multiprocessing.active_children()) <= before


def _texts(results: Iterator[CodingResult]) -> list[str]:
    return [r.text.split("|")[0] for r in results]


@pytest.mark.parametrize("n_process", [1, 3])
@pytest.mark.parametrize("count", [0, 1, CHUNK, 3 * CHUNK + 1])
def test_order_is_kept(fake: Any, n_process: int, count: int) -> None:
    notes = [f"note {i}" for i in range(count)]
    assert _texts(coded(fake, notes, n_process=n_process)) == notes


def test_results_do_not_depend_on_processes_or_chunks(real: Coder, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = NOTES * 3
    alone = [r.to_json(include_text=True) for r in coded(real, notes)]
    assert any("I10" in r for r in alone)
    assert [r.to_json(include_text=True) for r in coded(real, notes, n_process=2)] == alone
    monkeypatch.setattr("cac.parallel.CHUNK", 2)
    assert [r.to_json(include_text=True) for r in coded(real, notes, n_process=3)] == alone


@pytest.mark.parametrize("n_process", [1, 2])
def test_options_reach_every_note(fake: Any, n_process: int) -> None:
    # an iterator of systems must not be used up by the first note
    options = {"setting": "inpatient", "systems": iter(["ICD-10-CM"])}
    found = [r.text for r in coded(fake, ["a", "b"], n_process=n_process, options=options)]
    said = "[('setting', 'inpatient'), ('systems', ('ICD-10-CM',))]"
    assert found == [f"a|{said}", f"b|{said}"]


def test_one_process_reads_nothing_ahead(fake: Any) -> None:
    read: list[int] = []

    def notes() -> Iterator[str]:
        for i in itertools.count():
            read.append(i)
            yield f"note {i}"

    results = coded(fake, notes())
    assert read == []
    next(results)
    assert read == [0]
    next(results)
    assert read == [0, 1]


def test_workers_read_a_bounded_number_ahead(fake: Any) -> None:
    read: list[int] = []

    def notes() -> Iterator[str]:
        for i in itertools.count():
            read.append(i)
            yield f"note {i}"

    results = coded(fake, notes(), n_process=2)
    assert read == []
    assert _texts(itertools.islice(results, 3)) == ["note 0", "note 1", "note 2"]
    assert CHUNK <= len(read) <= 5 * CHUNK
    results.close()  # type: ignore[attr-defined]


def test_closing_ends_the_workers_at_once(fake: Any) -> None:
    notes = ["quick", *["x"] * (CHUNK - 1), *["sleep"] * (4 * CHUNK)]
    results = coded(fake, notes, n_process=2)
    next(results)
    workers = multiprocessing.active_children()
    assert workers
    began = time.monotonic()
    results.close()  # type: ignore[attr-defined]
    # nobody waited for a worker that sleeps for a minute
    assert time.monotonic() - began < 30
    assert not any(w.is_alive() for w in workers)


@pytest.mark.parametrize("n_process", [1, 2])
@pytest.mark.parametrize("bad", ["bad " + SECRET, None, 3, lambda: SECRET])
@pytest.mark.parametrize("position", [0, CHUNK + 3])
def test_a_bad_note_is_named_by_its_position(fake: Any, n_process: int, bad: Any, position: int) -> None:
    notes: list[Any] = [f"note {i}" for i in range(3 * CHUNK)]
    notes[position] = bad
    results = coded(fake, notes, n_process=n_process)
    done: list[str] = []
    with pytest.raises(NoteError, match=f"note at position {position}: ") as error:
        for result in results:
            done.append(result.text.split("|")[0])
    assert SECRET not in str(error.value)
    assert done == notes[:position]


@pytest.mark.parametrize("n_process", [1, 2])
def test_an_error_of_the_source_comes_after_the_notes_before_it(fake: Any, n_process: int) -> None:
    def notes() -> Iterator[str]:
        yield "first"
        yield "second"
        raise LookupError("the disk is gone")

    results = coded(fake, notes(), n_process=n_process)
    assert [next(results).text.split("|")[0] for _ in range(2)] == ["first", "second"]
    with pytest.raises(LookupError, match="disk"):
        next(results)


@pytest.mark.parametrize("n_process", [1, 2])
def test_a_wrong_option_is_the_same_error_everywhere(real: Coder, n_process: int) -> None:
    with pytest.raises(ConfigError, match="setting"):
        list(coded(real, NOTES, n_process=n_process, options={"setting": "hospice"}))


def test_a_dead_worker_is_a_clear_error(fake: Any) -> None:
    with pytest.raises(CacError, match="a worker process died"):
        list(coded(fake, ["a", "die", SECRET], n_process=2))


def test_what_cannot_be_sent_is_refused(fake: Any) -> None:
    with pytest.raises(ConfigError, match="cannot be sent"):
        list(coded(fake, ["a"], n_process=2, options={"age": lambda: 3}))


@pytest.mark.parametrize("n_process", [0, -1, 1.0, "2", None, True])
def test_processes_that_are_refused(fake: Any, n_process: Any) -> None:
    with pytest.raises(ConfigError, match="n_process"):
        coded(fake, [], n_process=n_process)
    with pytest.raises(ConfigError, match="n_process"):
        coded_frame(fake, pd.DataFrame({"note": []}), n_process=n_process)


@pytest.mark.parametrize("notes", ["one note", b"one", 3, None])
def test_one_note_is_not_many(fake: Any, notes: Any) -> None:
    with pytest.raises(ConfigError, match="many notes"):
        coded(fake, notes)


def test_progress_goes_to_standard_error(fake: Any, capsys: pytest.CaptureFixture[str]) -> None:
    results = coded(fake, ["a", "b"], progress=True)
    assert capsys.readouterr().err == ""
    assert len(list(results)) == 2
    shown = capsys.readouterr()
    assert "2/2" in shown.err
    assert shown.out == ""


def test_progress_needs_tqdm(fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real_import = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("tqdm"):
            raise ImportError(name)
        return real_import(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingDependencyError, match="tqdm"):
        coded(fake, ["a"], progress=True)
    assert len(list(coded(fake, ["a"]))) == 1


FRAME = pd.DataFrame(
    {
        "note_id": [7, 8, 8, 9, 10],
        "note": [NOTES[0], NOTES[1], None, float("nan"), NOTES[3]],
        "site": ["a", "b", "c", "d", "e"],
    }
)


@pytest.mark.parametrize("n_process", [1, 2])
def test_a_frame_of_codes(real: Coder, n_process: int) -> None:
    found = coded_frame(real, FRAME, id="note_id", n_process=n_process)
    assert {k: str(v) for k, v in found.dtypes.items()} == {"id": "int64", **FRAME_DTYPES}
    # None and NaN are no notes; an id may stand in several rows
    assert list(dict.fromkeys(found["id"])) == [7, 8, 10]
    first = found[found["id"] == 7].iloc[0]
    assert (first["code"], first["rank"], bool(first["suggested"])) == ("I10", 1, True)
    alone = [
        (label, s.code)
        for label, note in ((7, NOTES[0]), (8, NOTES[1]), (10, NOTES[3]))
        for s in (*real.suggest(note).suggestions, *real.suggest(note).candidates)
    ]
    assert list(zip(found["id"], found["code"], strict=True)) == alone
    assert list(found.index) == list(range(len(found)))


def test_frames_are_equal_for_any_number_of_processes(real: Coder) -> None:
    frames = [coded_frame(real, FRAME, id="note_id", n_process=n) for n in (1, 2)]
    pd.testing.assert_frame_equal(*frames)
    assert pickle.dumps(frames[0].to_csv()) == pickle.dumps(frames[1].to_csv())


@pytest.mark.parametrize(
    "ids",
    [
        pd.Series([1, 2, 3], dtype="int64"),
        pd.Series(["a", "b", "c"], dtype="object"),
        pd.Series(["a", "b", None], dtype="string"),
        pd.Series(["a", "b", "a"], dtype="category"),
        pd.Series(pd.to_datetime(["2026-04-01", "2026-04-02", "2026-04-03"])),
        pd.Series([1, None, 3], dtype="Int64"),
    ],
)
@pytest.mark.parametrize("empty", [False, True])
def test_ids_keep_their_dtype(real: Coder, ids: pd.Series[Any], empty: bool) -> None:
    df = pd.DataFrame({"text": NOTES[:3], "key": ids})
    found = coded_frame(real, df.iloc[:0] if empty else df, text="text", id="key")
    assert found.dtypes["id"] == df.dtypes["key"]
    assert found.empty == empty
    assert {k: str(v) for k, v in found.dtypes.items() if k != "id"} == dict(FRAME_DTYPES)


def test_without_an_id_the_index_is_used(real: Coder) -> None:
    df = pd.DataFrame({"note": NOTES[:2]}, index=pd.Index(["x", "y"], name="visit"))
    assert list(dict.fromkeys(coded_frame(real, df)["id"])) == ["x", "y"]


def test_the_frame_that_was_given_is_not_changed(real: Coder) -> None:
    before = FRAME.copy(deep=True)
    coded_frame(real, FRAME, id="note_id")
    pd.testing.assert_frame_equal(FRAME, before)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"text": "words"}, "'words'"),
        ({"id": "patient"}, "'patient'"),
        ({"text": 0}, "0"),
    ],
)
def test_a_missing_column_is_named(fake: Any, arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError, match=f"no column {named}"):
        coded_frame(fake, FRAME, **arguments)


def test_a_column_that_is_there_twice_is_refused(fake: Any) -> None:
    df = pd.DataFrame([["a", "b"]], columns=["note", "note"])
    with pytest.raises(ConfigError, match="several columns 'note'"):
        coded_frame(fake, df)


@pytest.mark.parametrize("df", [None, [NOTES], {"note": NOTES}])
def test_something_else_than_a_frame_is_refused(fake: Any, df: Any) -> None:
    with pytest.raises(ConfigError, match="DataFrame"):
        coded_frame(fake, df)


@pytest.mark.parametrize("n_process", [1, 2])
def test_a_bad_row_is_named(fake: Any, n_process: int) -> None:
    # the position is the row of the frame, rows without a note included
    df = pd.DataFrame({"note": ["a", None, "bad " + SECRET]})
    with pytest.raises(NoteError, match="position 2") as error:
        coded_frame(fake, df, n_process=n_process)
    assert SECRET not in str(error.value)


def test_the_coder_codes_many_notes_like_one_at_a_time(real: Coder) -> None:
    notes = ["Assessment: type 2 diabetes.", "Assessment: essential hypertension.", ""]
    one_at_a_time = [real.suggest(n, scope="documented") for n in notes]
    for n_process in (1, 2):
        assert list(real.suggest_many(notes, n_process=n_process, scope="documented")) == one_at_a_time
