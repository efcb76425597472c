"""Fixtures shared by all rooms. The index is built once into the test cache, never the user's own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
os.environ["CAC_CACHE_DIR"] = str(ROOT / ".pytest_cache" / "cac")
# Never what the user of this machine has imported.
os.environ["CAC_DATA_DIR"] = str(ROOT / ".pytest_cache" / "no-imports")

from cac.api import default_coder  # noqa: E402  (the cache folder has to be set first)
from cac.coder import Coder  # noqa: E402
from cac.codes.table import CodeTable  # noqa: E402
from cac.match.index import TermIndex  # noqa: E402

# A busy machine is no failure: time is measured in benchmarks/, never in tests.
settings.register_profile("cac", deadline=None)
settings.load_profile("cac")


@pytest.fixture(scope="session")
def coder() -> Coder:
    """The default coder over the full release."""
    return default_coder()


@pytest.fixture(scope="session")
def full_table() -> CodeTable:
    return CodeTable.open("2026-04")


@pytest.fixture(scope="session")
def index(full_table: CodeTable) -> TermIndex:
    return TermIndex.open(full_table)
