"""Dates in answers have one form; in arguments they may also be a day, a month or a year."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from graph.schema import schema
from graph.schema.values.scalars import Period, serialize_date
from graph.store.driver.database import Database
from tests.builders import article
from tests.conftest import query_sender
from tests.stored import store

FORM: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z"
MOMENTS: Final = st.datetimes(
    datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_000), timezones=st.just(UTC)
).map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))


def parse(text: str) -> datetime:
    scalar: Any = schema._schema.type_map["DateTime"]
    parsed = scalar.parse_value(text)
    assert isinstance(parsed, datetime)
    return parsed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2025, 3, 14, 9, 30, tzinfo=UTC), "2025-03-14T09:30:00Z"),
        (datetime(2025, 3, 14, 9, 30), "2025-03-14T09:30:00Z"),
        (datetime(2025, 3, 14, 9, 30, 0, 250_000, tzinfo=UTC), "2025-03-14T09:30:00.250Z"),
        (datetime(1, 1, 1, 0, 0, 0, 1_000, tzinfo=UTC), "0001-01-01T00:00:00.001Z"),
    ],
)
def test_a_date_has_milliseconds_or_no_fraction(value: datetime, text: str) -> None:
    assert serialize_date(value) == text


@given(MOMENTS)
def test_the_form_of_a_date_can_be_checked(moment: datetime) -> None:
    assert re.fullmatch(FORM, serialize_date(moment))


@given(MOMENTS)
def test_a_date_that_was_read_can_be_sent(moment: datetime) -> None:
    text = serialize_date(moment)
    for each in (text, text.lower(), text.replace("Z", "+00:00")):
        assert parse(each) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-03-14t09:30:00z", datetime(2025, 3, 14, 9, 30, tzinfo=UTC)),
        ("2025-03-14 09:30", datetime(2025, 3, 14, 9, 30, tzinfo=UTC)),
        (
            "2025-03-14T09:30:00+02:00",
            datetime(2025, 3, 14, 9, 30, tzinfo=timezone(timedelta(hours=2))),
        ),
    ],
)
def test_a_date_may_be_written_in_other_ways(text: str, moment: datetime) -> None:
    assert parse(text) == moment


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2025", (2025, 1, 1), (2026, 1, 1)),
        ("2025-03", (2025, 3, 1), (2025, 4, 1)),
        ("2025-12", (2025, 12, 1), (2026, 1, 1)),
        ("2024-02-29", (2024, 2, 29), (2024, 3, 1)),
    ],
)
def test_a_period_begins_and_ends(
    text: str, start: tuple[int, int, int], end: tuple[int, int, int]
) -> None:
    period = parse(text)
    assert isinstance(period, Period)
    assert type(period.start) is datetime
    assert (period.start, period.end) == (datetime(*start, tzinfo=UTC), datetime(*end, tzinfo=UTC))


@pytest.mark.parametrize("text", ["9999", "9999-12", "9999-12-31"])
def test_the_last_period_ends_with_the_last_moment(text: str) -> None:
    period = parse(text)
    assert isinstance(period, Period)
    assert period.end == datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2025-W10", "20250331", "2025-03-31T10", "2025-03-31T10:00:00,5Z"]
)
def test_other_formats_of_iso_8601_are_errors(text: str) -> None:
    with pytest.raises(GraphQLError, match="is not a date and time"):
        parse(text)


@pytest.mark.parametrize("text", ["", "25", "2025-3", "٢٠٢٥", "x"])
def test_an_invalid_date_is_an_error(text: str) -> None:
    with pytest.raises(GraphQLError, match="is not a date and time in the format"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0000", "year 0 is out of range"),
        ("2025-13", "month must be in 1..12"),
        ("2025-02-30", "day"),
        ("2025-02-30T09:30:00Z", "day"),
        ("2016-12-31T23:59:60Z", "second must be in 0..59"),
        ("0001-01-01T00:00:00+23:00", "out of range"),
    ],
)
def test_a_date_that_does_not_exist_is_an_error_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(GraphQLError, match=f"is not a date and time that exists: .*{reason}"):
        parse(text)


DATES: Final = ("2024-12-31T23:59:59.999Z", "2025-01-01T00:00:00Z", "2025-06-01T12:00:00Z")


@pytest.mark.parametrize(
    ("operator", "text", "expected"),
    [
        ("eq", "2025", [1, 2]),
        ("ne", "2025", [0]),
        ("gt", "2024", [1, 2]),
        ("gt", "2025", []),
        ("gte", "2025", [1, 2]),
        ("lt", "2025", [0]),
        ("lte", "2025", [0, 1, 2]),
        ("lte", "2024", [0]),
        ("eq", "2025-01", [1]),
        ("gt", "2025-01", [2]),
        ("eq", "2025-06-01", [2]),
        ("lte", "2025-06-01", [0, 1, 2]),
        ("eq", "2025-06-01T00:00", []),
        ("eq", "2024-12-31T23:59:59.9990Z", [0]),
        ("eq", "2024-12-31T23:59:59.99900001Z", []),
        ("ne", "2024-12-31T23:59:59.99900001Z", [0, 1, 2]),
        ("gte", "2024-12-31T23:59:59.9991Z", [1, 2]),
        ("lt", "2024-12-31T23:59:59.9991Z", [0]),
        ("lte", "2024-12-31T23:59:59.9989Z", []),
    ],
)
async def test_a_period_in_a_filter_is_the_whole_of_it(
    mock: Database, operator: str, text: str, expected: list[int]
) -> None:
    rows = [
        article(str(number), publishedDateTime=datetime.fromisoformat(date))
        for number, date in enumerate(DATES)
    ]
    await store(mock, *rows)
    operations: list[tuple[str, dict[str, Any]]] = [
        (f'{{ articles(where: {{publishedDateTime: {{{operator}: "{text}"}}}}) {{ ', {}),
        (
            "query ($at: DateTime) { articles(where: {publishedDateTime: {"
            f"{operator}: $at}}}}) {{ ",
            {"at": text},
        ),
    ]
    for query, variables in operations:
        answer = await query_sender(mock)(
            f"{query} nodes {{ slug publishedDateTime }} }} }}", **variables
        )
        found = answer["data"]["articles"]["nodes"]
        assert sorted(int(node["slug"]) for node in found) == expected
        assert all(node["publishedDateTime"] == DATES[int(node["slug"])] for node in found)
