"""Names for what can be plugged in: lazy, unique, listed."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from cac import registry as registry_module
from cac.coder import Coder
from cac.codes.table import CodeTable
from cac.config import Config
from cac.errors import ConfigError
from cac.match.protocol import Matcher, matchers_named
from cac.match.standard import BAG, SEQUENCE
from cac.registry import CODE_SYSTEMS, MATCHERS, RULE_KINDS, STANDARD_MATCHERS, Registry


def test_what_the_package_brings() -> None:
    assert set(MATCHERS.names()) >= set(STANDARD_MATCHERS)
    assert all(isinstance(MATCHERS.get(n), Matcher) and MATCHERS.get(n).name == n for n in STANDARD_MATCHERS)
    assert CODE_SYSTEMS.get("ICD-10-CM") is CodeTable
    assert RULE_KINDS.names() == ()


def test_nothing_is_imported_before_it_is_used() -> None:
    code = "import sys, cac.registry as r; r.MATCHERS.names(); print('cac.match.alignment' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(ConfigError, match="no matcher 'phonetic'; known are alignment, bag, sequence"):
        MATCHERS.get("phonetic")


def test_a_name_is_taken_once() -> None:
    registry = Registry("cac.nothing", "thing", {"pi": "math:pi"})
    registry.add("mine", 3)
    for taken in ("pi", "mine"):
        with pytest.raises(ConfigError, match="registered already"):
            registry.add(taken, 4)
    assert registry.names() == ("mine", "pi")
    assert registry.get("mine") == 3
    registry.remove("mine")
    with pytest.raises(ConfigError):
        registry.remove("mine")
    with pytest.raises(ConfigError, match="needs a name"):
        registry.add(" ", 1)


@pytest.mark.parametrize("target", ["no_such_module_at_all:x", "math:no_such_thing"])
def test_what_cannot_be_loaded_is_named(target: str) -> None:
    with pytest.raises(ConfigError, match="cannot be loaded from"):
        Registry("cac.nothing", "thing", {"broken": target}).get("broken")


def test_entry_points_add_names_and_never_replace_one(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [EntryPoint("tau", "math:tau", "cac.things")]
    monkeypatch.setattr(registry_module, "entry_points", lambda group: points)
    registry = Registry("cac.things", "thing", {"pi": "math:pi"})
    assert registry.names() == ("pi", "tau")
    assert round(registry.get("tau"), 3) == 6.283
    points.append(EntryPoint("pi", "math:e", "cac.things"))
    with pytest.raises(ConfigError, match="registered twice: math:pi, math:e"):
        Registry("cac.things", "thing", {"pi": "math:pi"}).names()


def test_matchers_are_chosen_and_ordered_by_the_configuration() -> None:
    assert matchers_named(("bag", "sequence")) == (BAG, SEQUENCE)
    assert tuple(m.name for m in matchers_named(None)) == STANDARD_MATCHERS
    only = Coder(Config(matchers=("sequence",)))
    assert [s.code for s in only.suggest("Assessment: gout.")] == ["M10.9"]


@pytest.mark.parametrize("matchers", ["bag", (), ("bag", "bag"), (1,), ("",), 3])
def test_a_choice_that_is_none(matchers: object) -> None:
    with pytest.raises(ConfigError):
        Config.from_mapping({"matchers": matchers})


def test_a_name_that_stands_for_something_else_is_refused() -> None:
    MATCHERS.add("not-a-matcher", object())
    try:
        with pytest.raises(ConfigError, match="is no matcher"):
            Coder(Config(matchers=("not-a-matcher",))).suggest("Assessment: gout.")
    finally:
        MATCHERS.remove("not-a-matcher")


def test_a_matcher_of_somebody_else_is_used() -> None:
    class Nothing:
        name = "nothing"

        def hits(self, text: object, index: object, found: object) -> list[object]:
            return []

    MATCHERS.add("nothing", Nothing())
    try:
        assert not len(Coder(Config(matchers=("nothing",))).suggest("Assessment: gout."))
    finally:
        MATCHERS.remove("nothing")
