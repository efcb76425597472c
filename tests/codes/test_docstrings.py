"""Every example in the docstrings of this room runs."""

from __future__ import annotations

import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    "name",
    [
        "order",
        "references",
        "releases",
        "source",
        "store",
        "table",
        "indexfiles",
        "indexpaths",
        "drugtable",
    ],
)
def test_examples_run(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"cac.codes.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
