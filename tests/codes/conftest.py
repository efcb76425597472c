"""The cache folder of these tests is a temporary one: the user's own is never touched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cac.codes.table import CodeTable


@pytest.fixture(scope="package", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAC_CACHE_DIR", str(folder))
        yield folder


@pytest.fixture(scope="package")
def table(cache_folder: Path) -> CodeTable:
    """The newest full release."""
    return CodeTable.open("2026-04", directory=cache_folder)
