"""What the documentation shows is what happens: README, docstrings, notebooks, the example note."""

from __future__ import annotations

import doctest
import importlib
import io
import pkgutil
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

import cac
from cac.coder import Coder

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(
    m.name for m in pkgutil.walk_packages(cac.__path__, "cac.") if not m.name.endswith("__main__")
)


def test_readme_example_prints_what_it_says() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    match = re.search(r"```python\n(.*?)```\n\n```\n(.*?)```", readme, re.DOTALL)
    assert match is not None
    code, shown = match.groups()
    out = io.StringIO()
    with redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {})
    assert out.getvalue() == shown


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name: str) -> None:
    module = importlib.import_module(name)
    failed, _ = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert failed == 0


def test_package_docstring_example() -> None:
    assert doctest.testmod(cac, optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0


def test_the_example_note_shows_codes_a_ledger_and_a_query(coder: Coder) -> None:
    note = (ROOT / "data" / "examples" / "clinic_note.txt").read_text(encoding="utf-8")
    result = coder.suggest(note)
    codes = [s.code for s in result]
    assert {"E11.22", "N18.32", "I12.9", "M17.11", "E03.9"} <= set(codes)
    # possible, denied, a relative's, over
    assert not {"G47.30", "R07.9", "C18.9", "C50.919"} & set(codes)
    assert {"negated", "uncertain", "hypothetical"} <= {n.reason for n in result.not_coded}
    assert any(q.axis == "side" for q in result.queries)


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.name)
def test_notebook_outputs_are_true(path: Path) -> None:
    import nbformat

    sys.path.insert(0, str(ROOT / "notebooks"))
    make = importlib.import_module("make")
    stored = nbformat.read(path, 4)
    again = make.run(make.build(path.name))
    assert [c.source for c in stored.cells] == [c.source for c in again.cells]
    for old, new in zip(stored.cells, again.cells, strict=True):
        assert old.get("outputs") == new.get("outputs"), old.source
