"""What a coder is set to do; unknown keys are refused, not ignored."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from cac.errors import ConfigError
from cac.types import Scope, Setting

__all__ = ["SCOPES", "SETTINGS", "Config"]

SETTINGS: tuple[Setting, ...] = ("outpatient", "inpatient")
SCOPES: tuple[Scope, ...] = ("reportable", "documented")


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of a ``Coder``; every one can be overridden for a single note.

    Parameters
    ----------
    setting
        "outpatient" or "inpatient": the rule for uncertain diagnoses differs.
    scope
        "reportable" (what a claim should carry) or "documented" (every affirmed condition).
    threshold
        Probability, 0..1, from which a code is suggested; None for the scope's own.
    tables
        A folder with ``codes.csv`` and ``notes.csv`` to use instead of the packaged release.
    spacy_model
        Name of an installed spaCy or scispaCy model whose entities are a further source of mentions.
    defined_abbreviations
        Whether abbreviations that the note defines itself are used (scispaCy's detector).
    disabled_rules
        Ids of rules that are switched off.
    external_causes
        Whether external causes (V00-Y99) that are stated are coded; most payers do not ask for them.

    Examples
    --------
    >>> Config(setting="inpatient").setting
    'inpatient'
    """

    setting: Setting = "outpatient"
    scope: Scope = "reportable"
    threshold: float | None = None
    tables: str | Path | None = None
    spacy_model: str | None = None
    defined_abbreviations: bool = True
    disabled_rules: frozenset[str] = frozenset()
    external_causes: bool = True

    def __post_init__(self) -> None:
        if self.setting not in SETTINGS:
            raise ConfigError(f"setting is {self.setting!r:.40}; it is one of {', '.join(SETTINGS)}")
        if self.scope not in SCOPES:
            raise ConfigError(f"scope is {self.scope!r:.40}; it is one of {', '.join(SCOPES)}")
        if self.threshold is not None and not _is_probability(self.threshold):
            raise ConfigError("threshold has to be a number from 0 to 1")
        if isinstance(self.disabled_rules, str):
            raise ConfigError("disabled_rules is a set of rule ids, not one string")
        if not isinstance(self.external_causes, bool):
            raise ConfigError("external_causes is true or false")
        object.__setattr__(self, "disabled_rules", frozenset(self.disabled_rules))

    def override(self, **changes: Any) -> Config:
        """A copy with the settings that are not None replaced.

        Raises ConfigError for an unknown key or value.
        """
        return replace(self, **_known({k: v for k, v in changes.items() if v is not None}))

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Config:
        """A configuration from a parsed TOML or JSON file; raises ConfigError for unknown keys."""
        return cls(**_known(mapping))


def _known(settings: Mapping[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(Config)}
    unknown = sorted(set(settings) - names)
    if unknown:
        raise ConfigError(f"unknown settings: {', '.join(unknown)}; known are {', '.join(sorted(names))}")
    return dict(settings)


def _is_probability(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and 0 <= value <= 1
    )
