"""Settings: what exists is accepted, everything else is refused with its name."""

from __future__ import annotations

import pytest

from cac.config import Config
from cac.errors import ConfigError
from cac.resources import one_of, read_rows, required


@pytest.mark.parametrize(
    "settings",
    [
        {"setting": "inpatient"},
        {"scope": "documented"},
        {"threshold": 0},
        {"threshold": 1.0},
        {"disabled_rules": ["a"]},
        {"data_dir": "somewhere"},
    ],
)
def test_settings_that_exist(settings: dict[str, object]) -> None:
    made = Config.from_mapping(settings)
    assert made == Config().override(**settings)
    assert isinstance(made.disabled_rules, frozenset)


@pytest.mark.parametrize(
    "settings",
    [
        {"setting": "Inpatient"},
        {"scope": ""},
        {"threshold": -0.1},
        {"threshold": True},
        {"threshold": "0.5"},
        {"disabled_rules": "htn-ckd"},
        {"tresholds": 1},
    ],
)
def test_settings_that_do_not(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        Config.from_mapping(settings)


def test_all_bad_rows_of_a_table_are_named() -> None:
    from cac.errors import TableError

    text = "a,b\n1,x\n,y\n2\n3,z\n"
    with pytest.raises(TableError) as caught:
        read_rows(text, ("a", "b"), "t.csv", {"a": required, "b": one_of("x", "y")})
    assert list(caught.value.problems) == [
        "t.csv:3: a is empty",
        "t.csv:4: 1 cells, 2 expected",
        "t.csv:5: b is 'z', not one of x, y",
    ]
    with pytest.raises(TableError, match="the header must be a,b"):
        read_rows("b,a\n", ("a", "b"), "t.csv")
