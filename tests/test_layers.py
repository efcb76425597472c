"""The shape of the house: imports point downward, modules stay small, importing is cheap."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import cac

PACKAGE = Path(cac.__file__).parent
ORDER = (
    "errors types config resources text codes match extract procedures rules rank queries output result "
    "coder parallel api checks datasets evaluation testing commands cli"
).split()
MODULES = sorted(PACKAGE.rglob("*.py"))


def _room(module: Path) -> str:
    parts = module.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def _imports(tree: ast.AST) -> Iterator[str]:
    """Modules of the package imported for real: a TYPE_CHECKING block is not an edge."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "cac":
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.split(".")[0] == "cac")
        yield from _imports(node)


# Starting a worker needs the coder, and the coder offers the workers: the one edge that is deferred.
DEFERRED = {("coder", "parallel")}


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(PACKAGE)))
def test_imports_point_downward(module: Path) -> None:
    room = _room(module)
    if room in ("__init__", "__main__"):
        return
    assert room in ORDER, f"{room} has no place in the order of rooms"
    for name in _imports(ast.parse(module.read_text(encoding="utf-8"))):
        parts = name.split(".")
        target = parts[1] if len(parts) > 1 else "__init__"
        if target == "__init__" and room in ("commands", "cli", "api"):
            continue
        assert target in ORDER, f"{module.name} imports {name}"
        assert ORDER.index(target) <= ORDER.index(room) or (room, target) in DEFERRED, (
            f"{room} imports {name}"
        )


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(PACKAGE)))
def test_no_module_over_400_lines(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 400


def test_import_loads_neither_spacy_nor_pandas() -> None:
    code = "import cac, sys; print(sorted(m for m in ('spacy', 'pandas', 'numpy') if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_suggest_needs_neither_spacy_nor_pandas() -> None:
    code = (
        "import cac, sys; cac.suggest('Assessment: gout.'); "
        "print(sorted(m for m in ('spacy', 'pandas') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_resolves_and_is_documented() -> None:
    for name in cac.__all__:
        value = getattr(cac, name)
        assert name == "__version__" or value.__doc__, name


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        cac.nonsense  # noqa: B018
