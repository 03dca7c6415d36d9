"""Dates: the accepted forms, their time zones, and the rejected ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loaders.frontmatter.split import UnquotedScalar
from loaders.records.values import dates as module
from loaders.records.values import months
from loaders.records.values.dates import date_time


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2024-02-29T08:30:15Z", (2024, 2, 29, 8, 30, 15)),
        ("2024-02-29t08:30:15z", (2024, 2, 29, 8, 30, 15)),
        ("2024-02-29 08:30:15 Z", (2024, 2, 29, 8, 30, 15)),
        ("2024-02-29T08:30", (2024, 2, 29, 8, 30)),
        ("2024-02-29T08:30:15", (2024, 2, 29, 8, 30, 15)),
        ("2024-02-29", (2024, 2, 29)),
        ("2024-2-9 8:05:06", (2024, 2, 9, 8, 5, 6)),
        ("2024-02-29T08:30:15.1239999Z", (2024, 2, 29, 8, 30, 15, 123_000)),
        ("2024-02-29T08:30:15.5Z", (2024, 2, 29, 8, 30, 15, 500_000)),
        ("2024-02-29T01:30:00+02:00", (2024, 2, 28, 23, 30)),
        ("2024-02-29T08:30:00+05:30", (2024, 2, 29, 3, 0)),
        ("2024-02-29T23:30:00-0530", (2024, 3, 1, 5, 0)),
        ("2024-02-29 23:30:00 -5", (2024, 3, 1, 4, 30)),
        ("20240503", (2024, 5, 3)),
        ("20240503 08:30", (2024, 5, 3, 8, 30)),
        ("3. Mai 2024", (2024, 5, 3)),
        ("3.Mai 2024", (2024, 5, 3)),
        ("Freitag, 3. Mai 2024 08:30", (2024, 5, 3, 8, 30)),
        ("1. M\u00e4rz 2024", (2024, 3, 1)),
        ("1. Ma\u0308rz 2024", (2024, 3, 1)),
        ("1er août 2024", (2024, 8, 1)),
        ("vendredi 3 FÉVRIER 2023", (2023, 2, 3)),
        ("3 déc. 2024", (2024, 12, 3)),
        ("3 de mayo de 2024", (2024, 5, 3)),
        ("3 maja 2024", (2024, 5, 3)),
        ("3 мая 2024", (2024, 5, 3)),
        ("3 مايو 2024", (2024, 5, 3)),
        ("2024年5月3日", (2024, 5, 3)),
        ("2024년 5월 3일 08:30", (2024, 5, 3, 8, 30)),
        ("martes, 4 de septiembre del 2024", (2024, 9, 4)),
        ("1º de março de 2024", (2024, 3, 1)),
        ("3 maggio 2024", (2024, 5, 3)),
        ("venerdì 3 maggio 2024", (2024, 5, 3)),
        ("zaterdag 4 mei 2024", (2024, 5, 4)),
    ],
)
def test_41_dates_are_converted_to_utc(text: str, parts: Any) -> None:
    assert (
        date_time(text) == date_time(UnquotedScalar(text)) == datetime(*parts).replace(tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("2024-13-45", "'2024-13-45' is not a date: month must be in 1..12"),
        ("2023-02-29", "'2023-02-29' is not a date: day is out of range for month"),
        ("2024-01-01T25:61Z", "'2024-01-01T25:61Z' is not a date: hour must be in 0..23"),
        ("25:61:00", "expected a date such as 2024-01-31T08:30:00Z, found '25:61:00'"),
        ("0000-01-01", "'0000-01-01' is not a date: year 0 is out of range"),
        (
            "2024-01-01T00:00:00+99:99",
            "'2024-01-01T00:00:00+99:99' is not a date: "
            "the offset from UTC must be less than 24 hours",
        ),
        (
            "0001-01-01T00:00:00+05:00",
            "'0001-01-01T00:00:00+05:00' is not a date: out of range in UTC",
        ),
        ("20241345", "'20241345' is not a date: month must be in 1..12"),
        ("03052024", "expected a date such as 2024-01-31T08:30:00Z, found '03052024'"),
        ("1714694400", "expected a date such as 2024-01-31T08:30:00Z, found '1714694400'"),
        (
            "3. Maimonat 2024",
            "expected a date such as 2024-01-31T08:30:00Z, found '3. Maimonat 2024'",
        ),
        ("soon", "expected a date such as 2024-01-31T08:30:00Z, found 'soon'"),
        ("", "expected a date such as 2024-01-31T08:30:00Z, found ''"),
        ([], "expected a date such as 2024-01-31T08:30:00Z, found a list"),
    ],
)
def test_40_an_invalid_date_is_rejected_with_its_reason(value: object, reason: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the reason is compared whole
        date_time(value)
    assert str(caught.value) == reason


@given(st.datetimes(timezones=st.timezones()))
def test_every_date_is_read_back_to_the_millisecond(value: datetime) -> None:
    try:
        expected = value.astimezone(UTC)
        read = date_time(value.isoformat())
    except (OverflowError, ValueError):
        return
    assert abs((read - expected).total_seconds()) < 0.001


def read_or_reason(read: Callable[[object], object], value: object) -> object:
    try:
        return read(value)
    except ValueError as error:
        return str(error)


@given(
    st.from_regex(
        r"[0-9]{3,4}-[0-9W]{2}-[0-9]{1,2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}[Z+]", fullmatch=True
    )
)
@example("2024-01-31T08:30:00Z")
@example("2024-02-30T08:30:00Z")
@example("0000-01-01T00:00:00Z")
@example("2024-W01-1T00:00:00Z")
def test_the_fast_path_reads_dates_as_the_slow_one_does(text: str) -> None:
    short = read_or_reason(date_time, UnquotedScalar(text))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_is_common_format", lambda _: False)
        assert read_or_reason(date_time, UnquotedScalar(text)) == short


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2020-01-01 10:00:00 UTC", (2020, 1, 1, 10)),
        ("2020-01-01 10:00:00 GMT", (2020, 1, 1, 10)),
        ("2020-01-01 10:00:00 -0800", (2020, 1, 1, 18)),
        ("2020-01-01 10:00:00 -0800 PST", (2020, 1, 1, 18)),
        ("2020-01-01 10:00:00 +0100 CET", (2020, 1, 1, 9)),
        ("2020-01-01 10:00:00 +0000 UTC", (2020, 1, 1, 10)),
        ("2020-01-01 10:00 EST", (2020, 1, 1, 15)),
        ("2020-01-01 10:00 PDT", (2020, 1, 1, 17)),
        ("2020/01/01", (2020, 1, 1)),
        ("2020/1/2 10:30", (2020, 1, 2, 10, 30)),
        ("2020-01-01T10:00Z", (2020, 1, 1, 10)),
        ("2020-01-01T10", (2020, 1, 1, 10)),
        ("2020-01-01T10Z", (2020, 1, 1, 10)),
        ("01 Jan 2020", (2020, 1, 1)),
        ("1-Jan-2020", (2020, 1, 1)),
        ("Wed, 01 Jan 2020 10:00:00 +0000", (2020, 1, 1, 10)),
        ("Wed, 01 Jan 2020 10:00:00 -0500 (EST)", (2020, 1, 1, 15)),
        ("Wed Jan 01 2020 10:00:00 GMT+0200 (Central European Summer Time)", (2020, 1, 1, 8)),
        ("January 2, 2020", (2020, 1, 2)),
        ("january 2nd, 2020", (2020, 1, 2)),
        ("2 January 2020 15:04", (2020, 1, 2, 15, 4)),
        ("Thursday, 2 January 2020", (2020, 1, 2)),
        ("Jan 2, 2020 3:04 PM", (2020, 1, 2, 15, 4)),
        ("Jan. 2, 2020, 12:04 a.m.", (2020, 1, 2, 0, 4)),
        ("Sept 2, 2020 12 PM", (2020, 9, 2, 12)),
    ],
)
def test_dates_are_read_as_people_write_them(text: str, parts: Any) -> None:
    assert (
        date_time(text) == date_time(UnquotedScalar(text)) == datetime(*parts).replace(tzinfo=UTC)
    )


AUCKLAND = ZoneInfo("Pacific/Auckland")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2020-01-01", "2019-12-31T11:00:00"),
        ("2020-07-01 10:00", "2020-06-30T22:00:00"),
        ("January 2, 2020", "2020-01-01T11:00:00"),
        ("2020-01-01T10:00:00Z", "2020-01-01T10:00:00"),
        ("2020-01-01 10:00 UTC", "2020-01-01T10:00:00"),
        ("2020-01-01 10:00 +0100", "2020-01-01T09:00:00"),
        ("2020-09-27 02:30", "2020-09-26T14:30:00"),  # skipped: read by +12:00, as before it
        ("2020-04-05 02:30", "2020-04-04T13:30:00"),  # there twice: the first
    ],
)
def test_a_zone_is_that_of_dates_without_an_offset(text: str, utc: str) -> None:
    assert date_time(text, AUCKLAND) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "01/02/2020",
            "'01/02/2020' does not say which number is the month: write 2020-01-02 or 2020-02-01",
        ),
        ("31.12.2020", "'31.12.2020' does not say which number is the month: write 2020-12-31"),
        (
            "2-2-2020 10:00",
            "'2-2-2020 10:00' does not say which number is the month: write 2020-02-02",
        ),
        (
            "77/77/2020",
            "'77/77/2020' does not say which number is the month: write a date such as 2024-01-31",
        ),
        (
            "2020-01-01 10:00 CET",
            "'2020-01-01 10:00 CET' is not a date: the time zone 'CET' is ambiguous: write an "
            "offset such as +01:00",
        ),
        (
            "Jan 2, 2020 13:00 PM",
            "'Jan 2, 2020 13:00 PM' is not a date: with AM or PM, the hour must be between 1 and "
            "12",
        ),
        ("30 February 2020", "'30 February 2020' is not a date: day is out of range for month"),
        *(
            (text, f"expected a date such as 2024-01-31T08:30:00Z, found '{text}'")
            for text in (
                "1577872800",
                "01012020",
                "2020",
                "2020-01/01",
                "2020-01-01 10",
                "2020-01-01 UTC",
                "2020-01-01T",
                "Jan 2020",
                "1/2/20",
                "Foo 2, 2020",
                "Decimal 2, 2020",
                "2020-01-01 10:00 -0800 PST PDT",
                "yesterday",
            )
        ),
    ],
)
def test_a_date_that_can_be_read_in_two_ways_or_none_is_rejected(text: str, reason: str) -> None:
    assert read_or_reason(date_time, text) == reason


WRITTEN = [
    "%Y-%m-%d %H:%M:%S %z",
    "%Y/%m/%d %H:%M:%S%z",
    "%a, %d %b %Y %H:%M:%S %z",
    "%A, %d %B %Y %H:%M:%S %z",
    "%B %d, %Y %I:%M:%S %p %z",
    "%a %b %d %Y %H:%M:%S GMT%z (Some Time)",
    "%Y-%m-%d %H:%M:%S %z XYZ",
]


@given(
    st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30)),  # in no zone yet
    st.integers(-23 * 60, 23 * 60),
    st.sampled_from(WRITTEN),
)
def test_all_forms_of_a_date_are_read_as_the_same_date(
    local: datetime, minutes: int, form: str
) -> None:
    written = local.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    assert date_time(written.strftime(form)) == written


@given(st.text("0123456789-/:. TZAPMJan,+()", max_size=30))
def test_any_text_is_a_date_in_utc_or_a_reason(text: str) -> None:
    read = read_or_reason(date_time, text)
    assert isinstance(read, str) or (isinstance(read, datetime) and read.tzinfo is UTC)


def test_names_of_months_are_unambiguous() -> None:
    names = [name for names in months._NAMES for name in names.split()]
    assert len(names) == len(set(names)) == len(months.MONTHS)
