from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from cac.codes.releases import check_releases, choose_release, known_releases
from cac.errors import ConfigError, TableError


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        # first and last day of each release, in every form a date may have
        ("2025-04-01", "2025-04"),
        (date(2026, 3, 31), "2025-04"),
        (datetime(2026, 3, 31, 23, 59), "2025-04"),
        ("2026-03-31T23:59:59", "2025-04"),
        ("2026-04-01", "2026-04"),
        (datetime(2026, 4, 1), "2026-04"),
        # open ended
        (date(2031, 1, 1), "2026-04"),
        # nothing said: the newest
        (None, "2026-04"),
    ],
)
def test_release_in_force_on_the_day(day: Any, expected: str) -> None:
    assert choose_release(day).name == expected


def test_a_named_release_wins_over_the_date() -> None:
    assert choose_release("2026-05-01", "2025-04").name == "2025-04"


def test_date_before_the_first_release_names_the_first_known_date() -> None:
    with pytest.raises(ConfigError, match="before 2025-04-01"):
        choose_release("2025-03-31")


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "", 20260401, 3.5, ["2026-04-01"]])
def test_what_is_no_date_is_refused(day: Any) -> None:
    with pytest.raises(ConfigError, match="date_of_service must be"):
        choose_release(day)


def test_unknown_release_lists_those_there_are() -> None:
    with pytest.raises(ConfigError, match="2025-04, 2026-04"):
        choose_release(release="1999")


def test_a_bad_date_is_refused_even_beside_a_release() -> None:
    with pytest.raises(ConfigError):
        choose_release("soon", "2026-04")


def test_releases_join_without_gap() -> None:
    first, second = known_releases()
    assert first.valid_to is not None
    assert (second.valid_from - first.valid_to).days == 1
    assert second.valid_to is None


def _row(name: str, start: str, end: str) -> dict[str, str]:
    return {"release": name, "valid_from": start, "valid_to": end, "package_version": "1"}


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        # a gap of a day, an overlap, an open end before another release
        ([_row("a", "2025-01-01", "2025-06-30"), _row("b", "2025-07-02", "")], "day after a ends"),
        ([_row("a", "2025-01-01", "2025-07-01"), _row("b", "2025-07-01", "")], "day after a ends"),
        ([_row("a", "2025-01-01", ""), _row("b", "2025-07-01", "")], "day after a ends"),
        ([_row("a", "soon", "")], "not an ISO date"),
        ([_row("a", "2025-01-01", "2025-06-30"), _row("a", "2025-07-01", "")], "named twice"),
        ([], "0 bad rows"),
    ],
)
def test_malformed_release_rows_are_refused(rows: list[dict[str, str]], problem: str) -> None:
    with pytest.raises(TableError, match=problem):
        check_releases(rows)


def test_a_closed_last_release_ends_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = check_releases([_row("a", "2025-01-01", "2025-06-30")])
    monkeypatch.setattr("cac.codes.releases.known_releases", lambda: closed)
    assert choose_release("2025-06-30").name == "a"
    with pytest.raises(ConfigError, match="after 2025-06-30"):
        choose_release("2025-07-01")
