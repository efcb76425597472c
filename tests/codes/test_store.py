from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cac.codes.store import (
    Built,
    StaleError,
    Store,
    Strings,
    cache_directory,
    load_or_build,
    open_store,
    pack_strings,
    write_store,
)
from cac.errors import ConfigError, IndexBuildError

ARRAYS = {
    "ids": np.arange(5, dtype=np.int32),
    "weights": np.linspace(0, 1, 6).reshape(2, 3),
    "flags": np.array([True, False]),
    "none": np.zeros((0, 4), dtype=np.uint8),
    "scalar": np.array(7, dtype=np.uint16),
}
META = {"release": "2026-04", "counts": [1, 2], "nested": {"a": None}}


def _build() -> Built:
    return ARRAYS, META


def _never() -> Built:
    raise AssertionError("built again")


def _same(store: Store) -> None:
    assert list(store.arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert store.arrays[name].dtype == array.dtype
        assert store.arrays[name].shape == array.shape
        np.testing.assert_array_equal(store.arrays[name], array)
    assert store.meta == META


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_store(tmp_path / "a.store", ARRAYS, META, key="k")
    _same(open_store(tmp_path / "a.store", "k"))


_plain_arrays = hnp.arrays(
    dtype=st.one_of(
        hnp.boolean_dtypes(),
        hnp.integer_dtypes(endianness="?"),
        hnp.unsigned_integer_dtypes(endianness="?"),
        hnp.floating_dtypes(endianness="?", sizes=(32, 64)),
    ),
    shape=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5),
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    arrays=st.dictionaries(st.text(), _plain_arrays, max_size=4),
    meta=st.dictionaries(st.text(), _json, max_size=3),
    key=st.text(),
)
def test_any_plain_arrays_survive(
    tmp_path: Path, arrays: dict[str, Any], meta: dict[str, Any], key: str
) -> None:
    write_store(tmp_path / "a.store", arrays, meta, key=key)
    store = open_store(tmp_path / "a.store", key)
    assert store.meta == meta
    assert list(store.arrays) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(store.arrays[name], array)
        assert store.arrays[name].dtype == array.dtype.newbyteorder("<")
        assert store.arrays[name].shape == array.shape


def test_arrays_are_read_only_and_aligned(tmp_path: Path) -> None:
    store = load_or_build("a", "k", _build, directory=tmp_path)
    for array in store.arrays.values():
        assert not array.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    base = store.arrays["ids"].ctypes.data
    assert base % 64 == 0
    assert (store.arrays["weights"].ctypes.data - base) % 64 == 0


def test_equal_content_gives_equal_bytes(tmp_path: Path) -> None:
    write_store(tmp_path / "a.store", ARRAYS, META, key="k")
    write_store(tmp_path / "b.store", ARRAYS, META, key="k")
    assert (tmp_path / "a.store").read_bytes() == (tmp_path / "b.store").read_bytes()


@pytest.mark.parametrize(
    "array", [np.array([object()]), np.array(["text"]), np.array([1 + 2j]), np.array([b"x"])]
)
def test_only_numbers_can_be_stored(tmp_path: Path, array: Any) -> None:
    with pytest.raises(TypeError, match="numbers and booleans only"):
        write_store(tmp_path / "a.store", {"a": array}, {})
    assert _names(tmp_path) == []


# --- missing, stale, damaged


def test_built_once_then_opened(tmp_path: Path) -> None:
    lines: list[str] = []
    _same(load_or_build("a", "k", _build, directory=tmp_path / "new" / "folder", progress=lines.append))
    assert len(lines) == 1 and "building a" in lines[0]
    _same(load_or_build("a", "k", _never, directory=tmp_path / "new" / "folder", progress=lines.append))
    assert len(lines) == 1


def test_another_key_rebuilds_and_replaces_the_old_file(tmp_path: Path) -> None:
    load_or_build("a", "old", lambda: ({"n": np.arange(3)}, {}), directory=tmp_path)
    _same(load_or_build("a", "new", _build, directory=tmp_path))
    assert _names(tmp_path) == ["a.store"]
    _same(load_or_build("a", "new", _never, directory=tmp_path))


def test_every_damaged_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.store"
    write_store(path, {"n": np.arange(3, dtype=np.int16)}, {"m": 1}, key="k")
    whole = path.read_bytes()
    for position in range(len(whole)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x20]) + whole[position + 1 :])
        with pytest.raises(StaleError):
            open_store(path, "k")


def test_every_truncation_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.store"
    write_store(path, {"n": np.arange(3, dtype=np.int16)}, {"m": 1}, key="k")
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(StaleError):
            open_store(path, "k")


@pytest.mark.parametrize("content", [b"", b"\x00" * 500, b"not a store\n" * 50])
def test_a_foreign_file_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.store").write_bytes(content)
    _same(load_or_build("a", "k", _build, directory=tmp_path))
    _same(load_or_build("a", "k", _never, directory=tmp_path))


@pytest.mark.parametrize(
    "spec",
    [
        # dtype that would run code or is unknown; a stretch outside the file; a negative size
        ["|O", [1], 0],
        ["nonsense", [1], 0],
        ["<i4", [10**6], 0],
        ["<i4", [1], 10**9],
        ["<i4", [1], -64],
        ["<i4", [-1], 0],
        ["<i4", "x", 0],
        ["<i4"],
    ],
)
def test_a_manifest_that_lies_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: list[Any]
) -> None:
    def lying(arrays: Any, meta: Any, key: str) -> bytes:
        return json.dumps({"key": key, "meta": {}, "arrays": {"n": spec}}).encode()

    with monkeypatch.context() as patch:
        patch.setattr("cac.codes.store._manifest", lying)
        write_store(tmp_path / "a.store", {"n": np.arange(4)}, {}, key="k")
    with pytest.raises(StaleError, match="damaged"):
        open_store(tmp_path / "a.store", "k")


# --- nowhere to write


def test_in_memory_where_the_folder_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    lines: list[str] = []
    store = load_or_build("a", "k", _build, directory=tmp_path / "file" / "cache", progress=lines.append)
    _same(store)
    assert store.path is None
    assert "in memory" in lines[-1]
    assert not any(array.flags.writeable for array in store.arrays.values())


@pytest.mark.parametrize("call", ["os.fsync", "pathlib.Path.replace", "tempfile.mkstemp"])
def test_a_write_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    write_store(tmp_path / "a.store", {"n": np.arange(3)}, {}, key="old")

    def full(*args: Any, **kwargs: Any) -> Any:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(call, full)
        store = load_or_build("a", "new", _build, directory=tmp_path)
    assert store.path is None
    assert _names(tmp_path) == ["a.store"]
    assert open_store(tmp_path / "a.store", "old").arrays["n"].tolist() == [0, 1, 2]


def test_an_error_of_the_builder_passes_through(tmp_path: Path) -> None:
    def broken() -> Built:
        raise IndexBuildError("no")

    with pytest.raises(IndexBuildError, match="no"):
        load_or_build("a", "k", broken, directory=tmp_path)
    assert _names(tmp_path) == []


def test_old_temporary_files_are_cleared_and_young_ones_kept(tmp_path: Path) -> None:
    old, young = tmp_path / ".a.store.1.tmp", tmp_path / ".a.store.2.tmp"
    old.touch()
    young.touch()
    os.utime(old, (time.time() - 7200, time.time() - 7200))
    load_or_build("a", "k", _build, directory=tmp_path)
    assert _names(tmp_path) == [young.name, "a.store"]


@pytest.mark.parametrize("name", ["", "../a", "a/b", ".hidden", "a b"])
def test_names_that_leave_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError):
        load_or_build(name, "k", _never, directory=tmp_path)


def test_cache_folder_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAC_CACHE_DIR", str(tmp_path / "here"))
    store = load_or_build("a", "k", _build)
    assert store.path == tmp_path / "here" / "a.store"
    monkeypatch.setenv("CAC_CACHE_DIR", "")
    assert cache_directory().name == "cac"


# --- several processes


def test_pickle_sends_the_path_not_the_arrays(tmp_path: Path) -> None:
    big = {"n": np.zeros(100_000)}
    store = load_or_build("a", "k", lambda: (big, META), directory=tmp_path)
    sent = pickle.dumps(store)
    assert len(sent) < 1000
    again = pickle.loads(sent)
    assert again.path == store.path and again.meta == META
    np.testing.assert_array_equal(again.arrays["n"], big["n"])


def test_pickle_of_a_store_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = load_or_build("a", "k", _build, directory=tmp_path / "file")
    again = pickle.loads(pickle.dumps(store))
    _same(again)
    assert not any(array.flags.writeable for array in again.arrays.values())


def test_a_pickled_store_whose_file_was_replaced_is_a_clear_error(tmp_path: Path) -> None:
    sent = pickle.dumps(load_or_build("a", "k", _build, directory=tmp_path))
    load_or_build("a", "other", _build, directory=tmp_path)
    with pytest.raises(IndexBuildError, match="cannot be opened again"):
        pickle.loads(sent)


def test_an_open_store_outlives_its_file(tmp_path: Path) -> None:
    store = load_or_build("a", "k", _build, directory=tmp_path)
    load_or_build("a", "other", lambda: ({"n": np.arange(9)}, {}), directory=tmp_path)
    _same(store)


def _filled(directory: str, number: int) -> bool:
    """Build and read one key again and again beside others doing the same."""
    for _ in range(15):
        store = load_or_build(
            "shared",
            f"key {number}",
            lambda: ({"n": np.full(20_000, number)}, {"number": number}),
            directory=Path(directory),
        )
        if store.meta["number"] != number or not (store.arrays["n"] == number).all():
            return False
    return True


def test_builders_at_once_in_processes(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        assert all(pool.map(_filled, [str(tmp_path)] * 4, [1, 2, 1, 2]))
    assert _names(tmp_path) == ["shared.store"]


def test_readers_never_see_half_a_store(tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        assert all(pool.map(_filled, [str(tmp_path)] * 6, [1, 2, 3] * 2))
    assert _names(tmp_path) == ["shared.store"]


# --- strings


@settings(deadline=None)
@given(st.lists(st.text(st.characters())))
def test_strings_survive(strings: list[str]) -> None:
    packed = Strings(*pack_strings(strings))
    assert len(packed) == len(strings)
    assert list(packed) == strings
    assert packed.to_list() == strings
    assert packed[1:3] == strings[1:3]
    if strings:
        assert packed[-1] == strings[-1]


@settings(deadline=None)
@given(st.lists(st.text(st.characters(categories=["Cs", "Lu"])), min_size=1))
def test_lone_surrogates_survive(strings: list[str]) -> None:
    assert Strings(*pack_strings(strings)).to_list() == strings


@pytest.mark.parametrize("index", [2, -3, 99])
def test_index_outside_is_an_error(index: int) -> None:
    with pytest.raises(IndexError):
        Strings(*pack_strings(["a", "b"]))[index]
