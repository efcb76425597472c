"""Named arrays in one memory-mapped file, with the JSON manifest at its head.

Compiled tables and indexes are opened in milliseconds, shared between worker processes by the page
cache, and never unpickled. The manifest lives in the same file as the arrays, so that a single
``os.replace`` publishes both: a reader sees the old store or the new one, never half of each.

File layout::

    magic (8 bytes) | manifest length (8, little-endian) | crc32 of the length and all that follows (4)
    manifest (UTF-8 JSON: key, meta, and name, dtype, shape, offset of every array)
    padding, then the arrays, each aligned to 64 bytes from the start of the file

crc32 is the digest because it reads 40 MB in 17 ms where blake2b takes 58: the enemy is a truncated
or damaged file, not a forger, and nothing in the file is executed.
"""

from __future__ import annotations

import json
import mmap
import os
import re
import struct
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any, Final, overload

import numpy as np
from numpy.typing import NDArray

from cac.errors import ConfigError, IndexBuildError

__all__ = [
    "Array",
    "Built",
    "Store",
    "Strings",
    "cache_directory",
    "load_or_build",
    "open_store",
    "pack_strings",
    "write_store",
]

Array = NDArray[Any]
Built = tuple[Mapping[str, Array], Mapping[str, Any]]
"""What a build function returns: the arrays and the meta data (anything JSON can hold)."""

_MAGIC: Final = b"CACST\x00\x00\x01"
_HEAD: Final = struct.Struct("<8sQI")
_ALIGN: Final = 64
_SUFFIX: Final = ".store"
_ORPHAN_SECONDS: Final = 3600.0


class StaleError(Exception):
    """The file is missing, damaged or made for another key: build it again."""


class Store:
    """Read-only named arrays with their meta data.

    Pickling a store that lives in a file sends only its path and key, so that worker processes map
    the same pages; a store in memory is sent by value.

    Attributes
    ----------
    arrays
        Name to read-only array: views on one memory map, or copies for a store in memory.
    meta
        What the builder said about them.
    path
        The file, or None for a store in memory.
    key
        What the content was built from.
    """

    __slots__ = ("arrays", "key", "meta", "path")

    def __init__(
        self, arrays: Mapping[str, Array], meta: Mapping[str, Any], path: Path | None = None, key: str = ""
    ) -> None:
        self.arrays: Mapping[str, Array] = dict(arrays)
        self.meta: Mapping[str, Any] = dict(meta)
        self.path = path
        self.key = key

    def __repr__(self) -> str:
        where = "in memory" if self.path is None else str(self.path)
        return f"Store({len(self.arrays)} arrays, {where})"

    def __reduce__(self) -> tuple[Callable[..., Store], tuple[Any, ...]]:
        if self.path is None:
            return _in_memory, (dict(self.arrays), dict(self.meta), self.key)
        return _reopen, (str(self.path), self.key)


def write_store(path: Path, arrays: Mapping[str, Array], meta: Mapping[str, Any], *, key: str = "") -> None:
    """Write a store atomically: a temporary file in the same folder, then ``os.replace``.

    Safe when several processes write the same path at once (the last one wins, every reader sees a
    complete file). Arrays must be plain numbers or booleans. Raises OSError where the folder cannot
    be written; nothing is left behind then.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> path = Path(tempfile.mkdtemp()) / "demo.store"
    >>> write_store(path, {"n": np.arange(3)}, {"unit": "row"}, key="v1")
    >>> open_store(path, "v1").arrays["n"].tolist()
    [0, 1, 2]
    """
    plain = {name: _plain(name, array) for name, array in arrays.items()}
    manifest = _manifest(plain, meta, key)
    checksum = _seed(len(manifest))
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_HEAD.pack(_MAGIC, len(manifest), 0))
            for chunk in _chunks(manifest, plain.values()):
                checksum = zlib.crc32(chunk, checksum)
                file.write(chunk)
            file.seek(0)
            file.write(_HEAD.pack(_MAGIC, len(manifest), checksum))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


def open_store(path: Path, key: str) -> Store:
    """Map a store whose content was built from ``key``, after checking every byte of it.

    Raises StaleError (private to this module's callers) when the file is missing, damaged,
    truncated or made from another key; ``load_or_build`` turns that into a rebuild.
    """
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:  # ValueError: an empty file cannot be mapped
        raise StaleError(f"{path.name} cannot be opened") from error
    if len(mapped) < _HEAD.size:
        raise StaleError(f"{path.name} is truncated")
    magic, length, checksum = _HEAD.unpack_from(mapped)
    view = memoryview(mapped)
    if magic != _MAGIC or zlib.crc32(view[_HEAD.size :], _seed(length)) != checksum:
        raise StaleError(f"{path.name} is damaged")
    try:
        manifest = json.loads(bytes(view[_HEAD.size : _HEAD.size + length]))
        if manifest["key"] != key:
            raise StaleError(f"{path.name} was made from something else")
        arrays = {str(name): _view(mapped, *spec) for name, spec in manifest["arrays"].items()}
        return Store(arrays, manifest["meta"], path, key)
    except (KeyError, TypeError, ValueError) as error:
        raise StaleError(f"{path.name} is damaged") from error


def load_or_build(
    name: str,
    key: str,
    build: Callable[[], Built],
    *,
    directory: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> Store:
    """Open the store ``name`` from the cache folder, building it first where necessary.

    It is built when the file is missing, damaged or made from another ``key``, and replaces the old
    file. Where the folder cannot be written the store lives in memory and is built in each process.

    Parameters
    ----------
    name
        File name without suffix: letters, digits, ``-``, ``_`` and ``.``.
    key
        Everything the content depends on: hashes of the sources and a version of the builder.
    build
        Called without arguments, returns the arrays and the meta data.
    directory
        The cache folder; by default the environment variable ``CAC_CACHE_DIR``, else the user's
        cache folder of the platform.
    progress
        Told in one line what is being done, when something is.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> folder = Path(tempfile.mkdtemp())
    >>> store = load_or_build("squares", "v1", lambda: ({"n": np.arange(4) ** 2}, {}), directory=folder)
    >>> store.arrays["n"].tolist(), store.path.name
    ([0, 1, 4, 9], 'squares.store')
    """
    if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*", name) is None:
        raise ConfigError("the name of a store may hold letters, digits, '-', '_' and '.' only")
    say = progress or (lambda line: None)
    folder = cache_directory() if directory is None else Path(directory)
    path = folder / f"{name}{_SUFFIX}"
    try:
        return open_store(path, key)
    except StaleError as error:
        say(f"building {name}: {error}")
    arrays, meta = build()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_orphans(path)
        write_store(path, arrays, meta, key=key)
        return open_store(path, key)
    except (OSError, StaleError):
        # StaleError here: another process replaced the file with one for its own key.
        say(f"{name} is kept in memory: the cache folder cannot be used")
        # Through JSON, so that the meta data is the same whether or not it went through a file.
        return _in_memory(arrays, json.loads(json.dumps(dict(meta))), key)


def cache_directory() -> Path:
    """The folder compiled stores are kept in: ``CAC_CACHE_DIR``, else the user's cache folder."""
    if named := os.environ.get("CAC_CACHE_DIR"):
        return Path(named)
    import platformdirs

    return platformdirs.user_cache_path("cac")


def pack_strings(strings: Iterable[str]) -> tuple[Array, Array]:
    """UTF-8 text of many strings as one byte array, and the offsets that cut it (one more than strings).

    Examples
    --------
    >>> blob, offsets = pack_strings(["ab", "", "ç"])
    >>> offsets.tolist(), list(Strings(blob, offsets))
    ([0, 2, 2, 4], ['ab', '', 'ç'])
    """
    # surrogatepass: a lone surrogate is a legal str and has to survive the trip.
    encoded = [s.encode("utf-8", "surrogatepass") for s in strings]
    offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
    np.cumsum([len(e) for e in encoded], out=offsets[1:])
    if offsets[-1] <= np.iinfo(np.int32).max:
        offsets = offsets.astype(np.int32)
    return np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets


class Strings(Sequence[str]):
    """The strings of ``pack_strings``, decoded one at a time when asked for."""

    __slots__ = ("_blob", "_offsets")

    def __init__(self, blob: Array, offsets: Array) -> None:
        # memoryviews: item access gives plain int and bytes, several times faster than NumPy scalars
        self._blob = blob.data
        self._offsets = offsets.data

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError("string index out of range")
        return str(self._blob[self._offsets[index] : self._offsets[index + 1]], "utf-8", "surrogatepass")

    def to_list(self) -> list[str]:
        """All of them at once."""
        whole, cuts = bytes(self._blob), self._offsets.tolist()
        if whole.isascii():
            text = whole.decode("ascii")
            return [text[a:b] for a, b in pairwise(cuts)]
        return [whole[a:b].decode("utf-8", "surrogatepass") for a, b in pairwise(cuts)]


def _seed(length: int) -> int:
    """The manifest's length decides where the arrays begin, so the checksum covers it too."""
    return zlib.crc32(length.to_bytes(8, "little"))


def _plain(name: str, array: Array) -> Array:
    if array.dtype.kind not in "biuf":
        raise TypeError(f"array {name!r} has dtype {array.dtype}; numbers and booleans only")
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    # ascontiguousarray alone would turn a scalar array into one of one dimension
    return np.ascontiguousarray(little).reshape(array.shape)


def _manifest(arrays: Mapping[str, Array], meta: Mapping[str, Any], key: str) -> bytes:
    """Offsets depend on the manifest's own length, so they count from the first aligned byte after it."""
    offset, specs = 0, {}
    for name, array in arrays.items():
        specs[name] = [array.dtype.str, list(array.shape), offset]
        offset += array.nbytes + -array.nbytes % _ALIGN
    content = {"key": key, "meta": dict(meta), "arrays": specs, "bytes": offset}
    text = json.dumps(content, sort_keys=False, ensure_ascii=True, separators=(",", ":")).encode()
    return text + b" " * (-(_HEAD.size + len(text)) % _ALIGN)


def _chunks(manifest: bytes, arrays: Iterable[Array]) -> Iterator[bytes | memoryview]:
    yield manifest
    for array in arrays:
        if array.nbytes:
            yield array.reshape(-1).data.cast("B")
            yield bytes(-array.nbytes % _ALIGN)


def _view(mapped: mmap.mmap, dtype: str, shape: list[int], offset: int) -> Array:
    kind = np.dtype(dtype)
    if kind.kind not in "biuf" or offset < 0 or any(n < 0 for n in shape):
        raise ValueError("not a plain array")
    length = _HEAD.unpack_from(mapped)[1]
    start = _HEAD.size + int(length) + offset
    count = prod(shape)
    # frombuffer refuses a stretch that reaches past the end of the file, and an empty one
    flat: Array = np.frombuffer(mapped, kind, count, start) if count else np.zeros(0, dtype=kind)
    view = flat.reshape(shape)
    view.flags.writeable = False
    return view


def _in_memory(arrays: Mapping[str, Array], meta: Mapping[str, Any], key: str) -> Store:
    copies = {name: _plain(name, array).copy() for name, array in arrays.items()}
    for copy in copies.values():
        copy.flags.writeable = False
    return Store(copies, meta, None, key)


def _reopen(path: str, key: str) -> Store:
    try:
        return open_store(Path(path), key)
    except StaleError as error:
        raise IndexBuildError(f"the compiled store cannot be opened again: {error}") from None


def _remove_orphans(path: Path) -> None:
    """Clear temporary files that a killed process left; young ones may still be in use."""
    for orphan in path.parent.glob(f".{path.name}.*.tmp"):
        with suppress(OSError):
            if time.time() - orphan.stat().st_mtime > _ORPHAN_SECONDS:
                orphan.unlink()
