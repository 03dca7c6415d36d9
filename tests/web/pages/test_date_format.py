"""Dates in the time zone and the format of a site."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from graph.config import Settings
from graph.store.driver.database import Database
from graph.web.pages.content.date_format import DateFormat
from tests.builders import article
from tests.stored import store
from tests.web.pages.test_first_view import page_of

MOMENT = datetime(2025, 3, 1, 23, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("MMMM d, y", "March 1, 2025"),
        ("EEEE, d MMM yy", "Saturday, 1 Mar 25"),
        ("EEE dd.MM.yyyy", "Sat 01.03.2025"),
        ("d. M. y 'o''clock' H:mm", "1. 3. 2025 oclock 23:05"),
        ("hh:mm a", "11:05 PM"),
    ],
)
def test_a_pattern_says_how_a_date_is_written(pattern: str, text: str) -> None:
    assert DateFormat("UTC", pattern, None).write(MOMENT) == text


@pytest.mark.parametrize(
    ("zone", "text"), [("Europe/Athens", "2 March, 01:05"), ("America/Lima", "1 March, 18:05")]
)
def test_a_time_zone_decides_the_day_and_the_time(zone: str, text: str) -> None:
    assert DateFormat(zone, "d MMMM", "HH:mm").write(MOMENT) == text


@pytest.mark.parametrize("moment", [datetime.min, datetime.max])
def test_a_date_at_the_end_of_time_is_written(moment: datetime) -> None:
    for zone in ("Europe/Athens", "America/Lima"):
        assert DateFormat(zone, "y", None).write(moment.replace(tzinfo=UTC)) in {"1", "9999"}


async def test_pages_have_the_dates_and_the_language_of_the_site(mock: Database) -> None:
    await store(mock, article("a", publishedDateTime=MOMENT))
    page = await page_of(
        mock,
        "/",
        public_language="pt-PT",
        public_time_zone="Europe/Athens",
        public_date_format="d MMM y",
        public_time_format="HH:mm",
    )
    assert ">2 Mar 2025, 01:05</time>" in page
    assert (
        '<html lang="pt-PT" data-time-zone="Europe/Athens" data-date-format="d MMM y" '
        'data-time-format="HH:mm">' in page
    )


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("public_time_zone", "Mars/Base", "not a time zone of the IANA database"),
        ("public_time_zone", "../etc", "not a time zone of the IANA database"),
        ("public_date_format", "DD.MM.YYYY", "not a date format such as"),
        ("public_date_format", "d 'of", "not a date format such as"),
        ("public_date_format", "MMMMM", "not a date format such as"),
        ("public_time_format", " ", "is empty"),
    ],
)
def test_a_wrong_zone_or_format_is_rejected(setting: str, value: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Settings.model_validate({setting: value})
