"""What can be plugged in by name: matchers, code systems, kinds of rules.

A name stands for an import path and is imported when it is first used. Other packages add names of their own
through entry points (``cac.matchers``, ``cac.code_systems``, ``cac.rule_kinds``); nobody can replace a name
that is taken.

A third party's ``pyproject.toml``::

    [project.entry-points."cac.matchers"]
    phonetic = "my_package.phonetic:PhoneticMatcher"
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from cac.errors import ConfigError

__all__ = [
    "CODE_SYSTEMS",
    "MATCHERS",
    "RULE_KINDS",
    "STANDARD_MATCHERS",
    "Registry",
    "check_names",
]


class Registry:
    """Names of one group and what they stand for.

    Parameters
    ----------
    group
        The entry point group.
    what
        What a name is called in messages.
    own
        Names of the package itself → "module:attribute".

    Examples
    --------
    >>> registry = Registry("cac.demo", "demo", {"pi": "math:pi"})
    >>> registry.names(), round(registry.get("pi"), 2)
    (('pi',), 3.14)
    """

    def __init__(self, group: str, what: str, own: Mapping[str, str]) -> None:
        self._group, self._what, self._own = group, what, own
        self._targets: dict[str, str] | None = None
        self._loaded: dict[str, Any] = {}
        self._added: dict[str, Any] = {}

    def names(self) -> tuple[str, ...]:
        """Every name there is, sorted."""
        return tuple(sorted({*self._found(), *self._added}))

    def add(self, name: str, value: Any) -> None:
        """Register an object for this process, where an installed entry point would be too much.

        Raises ConfigError when the name is taken or no name at all.
        """
        if not isinstance(name, str) or not name.strip():
            raise ConfigError(f"a {self._what} needs a name")
        if name in self._found() or name in self._added:
            raise ConfigError(f"the {self._what} {name!r:.40} is registered already")
        self._added[name] = value

    def remove(self, name: str) -> None:
        """Take back what ``add`` registered; raises ConfigError when it did not."""
        if name not in self._added:
            raise ConfigError(f"the {self._what} {name!r:.40} was not added here")
        del self._added[name]

    def get(self, name: str) -> Any:
        """What a name stands for, imported on first use.

        Raises
        ------
        ConfigError
            When there is no such name (the message lists those there are), or it cannot be imported.
        """
        if name in self._added:
            return self._added[name]
        if name not in self._loaded:
            target = self._found().get(name)
            if target is None:
                known = ", ".join(self.names()) or "none"
                raise ConfigError(f"there is no {self._what} {name!r:.40}; known are {known}")
            module, _, attribute = target.partition(":")
            try:
                value: Any = import_module(module)
                for part in filter(None, attribute.split(".")):
                    value = getattr(value, part)
            except (ImportError, AttributeError) as error:
                raise ConfigError(f"the {self._what} {name!r:.40} cannot be loaded from {target}") from error
            self._loaded[name] = value
        return self._loaded[name]

    def _found(self) -> dict[str, str]:
        """Own names and entry points; two packages that claim one name are both named."""
        if self._targets is None:
            targets = dict(self._own)
            for point in sorted(entry_points(group=self._group), key=lambda p: (p.name, p.value)):
                taken = targets.get(point.name)
                if taken is not None and taken != point.value:
                    raise ConfigError(
                        f"the {self._what} {point.name!r:.40} is registered twice: {taken}, {point.value}"
                    )
                targets[point.name] = point.value
            self._targets = targets
        return self._targets


MATCHERS = Registry(
    "cac.matchers",
    "matcher",
    {
        "sequence": "cac.match.standard:SEQUENCE",
        "bag": "cac.match.standard:BAG",
        "alignment": "cac.match.alignment:ALIGNMENT",
    },
)
"""Matchers: objects with the methods of ``cac.match.protocol.Matcher``."""

STANDARD_MATCHERS = ("sequence", "bag", "alignment")
"""The matchers used where nobody chose others, in order."""

CODE_SYSTEMS = Registry("cac.code_systems", "code system", {"ICD-10-CM": "cac.codes.table:CodeTable"})
"""Code systems: objects that open a table."""

RULE_KINDS = Registry("cac.rule_kinds", "rule kind", {})
"""Kinds of rules that other packages bring."""


def check_names(names: object) -> tuple[str, ...]:
    """Matcher names of a configuration as a tuple.

    Raises ConfigError when they are no sequence of names, empty or repeated. Whether they exist is asked
    when they are first used, so that a configuration needs no import.
    """
    given = tuple(names) if isinstance(names, Iterable) and not isinstance(names, str) else ()
    if not given or not all(isinstance(n, str) and n for n in given):
        raise ConfigError("matchers is a list of names, not empty")
    if len(set(given)) < len(given):
        raise ConfigError("matchers names one of them twice")
    return given
