"""Which release of ICD-10-CM is in force on a date of service.

The releases that come with the package and the dates they are valid for are rows of
``data/icd10cm/releases.csv``. A code is billable by the release in force when the patient was seen
(discharge, for inpatients), not when the claim is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import pairwise

from cac.errors import ConfigError, TableError
from cac.resources import read_table

__all__ = ["Release", "as_date", "choose_release", "known_releases"]

_COLUMNS = ("release", "valid_from", "valid_to", "package_version")


@dataclass(frozen=True, slots=True)
class Release:
    """One release: its name, the first and last date of service it is used for (None: open ended),
    and the version of the ``simple-icd-10-cm`` package it is compiled from."""

    name: str
    valid_from: date
    valid_to: date | None
    package_version: str


@cache
def known_releases() -> tuple[Release, ...]:
    """The releases in the package, oldest first; their dates join without gap or overlap.

    Examples
    --------
    >>> [release.name for release in known_releases()]
    ['2025-04', '2026-04']
    """
    return check_releases(read_table("icd10cm/releases.csv", _COLUMNS))


def choose_release(
    date_of_service: date | datetime | str | None = None, release: str | None = None
) -> Release:
    """The release to code with: the named one, else the one in force, else the newest.

    Parameters
    ----------
    date_of_service
        A date, a datetime or an ISO string ("2026-03-31", "2026-03-31T10:00"); None means today's
        practice, the newest release.
    release
        A name such as "2026-04"; it wins over the date.

    Raises
    ------
    ConfigError
        Not a date, a date before the oldest release, or an unknown release.

    Examples
    --------
    >>> choose_release("2026-03-31").name, choose_release("2026-04-01").name, choose_release().name
    ('2025-04', '2026-04', '2026-04')
    """
    releases = known_releases()
    day = None if date_of_service is None else as_date(date_of_service)
    if release is not None:
        for known in releases:
            if known.name == release:
                return known
        names = ", ".join(known.name for known in releases)
        raise ConfigError(f"release {_short(release)} is not known; there are {names}")
    if day is None:
        return releases[-1]
    if day < releases[0].valid_from:
        raise ConfigError(
            f"date_of_service {day} is before {releases[0].valid_from}, the first date codes are known for"
        )
    for known in reversed(releases):
        if day >= known.valid_from:
            if known.valid_to is not None and day > known.valid_to:
                break
            return known
    raise ConfigError(
        f"date_of_service {day} is after {releases[-1].valid_to}, the last date codes are known for"
    )


def as_date(value: date | datetime | str) -> date:
    """A date from a date, a datetime or an ISO string. Raises ConfigError for anything else."""
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value.strip()).date()
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
    except ValueError:  # pandas' NaT is a datetime without a date
        pass
    raise ConfigError("date_of_service must be a date, a datetime or an ISO date such as '2026-04-01'")


def check_releases(rows: list[dict[str, str]]) -> tuple[Release, ...]:
    """Releases from table rows, in order of date. Raises TableError naming every bad row."""
    problems: list[str] = []
    found: list[Release] = []
    for row in rows:
        try:
            first = date.fromisoformat(row["valid_from"])
            last = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
            found.append(Release(row["release"], first, last, row["package_version"]))
        except ValueError:
            problems.append(f"releases.csv: {row['release']}: not an ISO date")
    found.sort(key=lambda r: r.valid_from)
    for earlier, later in pairwise(found):
        if earlier.valid_to is None or (later.valid_from - earlier.valid_to).days != 1:
            problems.append(f"releases.csv: {later.name}: does not begin the day after {earlier.name} ends")
    if len({r.name for r in found}) != len(found):
        problems.append("releases.csv: a release is named twice")
    if problems or not found:
        raise TableError(f"releases.csv: {len(problems)} bad rows", problems)
    return tuple(found)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 24 else text[:21] + "..."
