"""Frozen dataclasses with the quicker ``__init__``: the same classes in every other way."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.types import Cue, Span
from cac.types.records import fast_init


@dataclass(frozen=True, slots=True, order=True)
class Plain:
    a: int
    b: str = "none"
    c: tuple[int, ...] = ()


@fast_init
@dataclass(frozen=True, slots=True, order=True)
class Quick:
    a: int
    b: str = "none"
    c: tuple[int, ...] = ()


@given(st.integers(), st.text(), st.lists(st.integers()).map(tuple))
def test_it_holds_what_a_plain_dataclass_holds(a: int, b: str, c: tuple[int, ...]) -> None:
    quick, plain = Quick(a, b, c), Plain(a, b=b, c=c)
    assert (quick.a, quick.b, quick.c) == (plain.a, plain.b, plain.c)
    assert repr(quick) == repr(plain).replace("Plain", "Quick")
    assert hash(quick) == hash(plain)
    assert quick == Quick(c=c, b=b, a=a) and quick != plain
    assert replace(quick, a=a + 1) == Quick(a + 1, b, c) > quick
    assert pickle.loads(pickle.dumps(quick)) == copy.deepcopy(quick) == quick


def test_defaults_and_missing_arguments() -> None:
    assert Quick(1) == Quick(1, "none", ())
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'a'"):
        Quick()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'd'"):
        Quick(1, d=2)  # type: ignore[call-arg]


@pytest.mark.parametrize("record", [Quick(1), Span(0, 4), Cue("negated", 0, 2, 2, 9)])
def test_it_stays_frozen(record: object) -> None:
    name = type(record).__slots__[0]  # type: ignore[attr-defined]
    with pytest.raises(FrozenInstanceError):
        setattr(record, name, 5)
    with pytest.raises(FrozenInstanceError):
        delattr(record, name)
    assert type(record).__name__ in repr(record)


def test_words_of_the_note_stay_out_of_repr() -> None:
    assert "denies" not in repr(Cue("negated", 0, 6, 6, 20, "denies"))


class Base:
    __slots__ = ()


@dataclass(slots=True)
class Open:
    a: int


@dataclass(frozen=True)
class NoSlots:
    a: int


@dataclass(frozen=True, slots=True)
class Derived(Base):
    a: int


@dataclass(frozen=True, slots=True)
class Factory:
    a: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Checked:
    a: int

    def __post_init__(self) -> None:
        assert self.a


@pytest.mark.parametrize("cls", [Base, Open, NoSlots, Derived, Factory, Checked, int])
def test_other_classes_are_refused(cls: type) -> None:
    with pytest.raises(TypeError, match="no plain frozen dataclass with slots"):
        fast_init(cls)
