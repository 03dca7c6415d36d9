from __future__ import annotations

import base64
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import BadUserInput
from graph.store.queries.filters import Order
from graph.store.queries.pagination import cursors

SCOPE = b"all"
NEWEST = (Order("publishedDateTime"), Order("_id"))
MOMENTS = st.datetimes(datetime(1000, 1, 1), datetime(3000, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
KEYS = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(max_size=50)
    | MOMENTS
    | st.floats(allow_nan=False, allow_infinity=False)
)


@given(first=KEYS, second=st.text(max_size=50))
def test_a_cursor_gives_its_values_back(first: Any, second: str) -> None:
    cursor = cursors.encode(NEWEST, [first, second], SCOPE)
    assert cursors.decode("after", cursor, NEWEST, SCOPE) == [first, second]


@given(text=st.text(max_size=200))
def test_28_random_text_is_no_cursor(text: str) -> None:
    with pytest.raises(BadUserInput, match="is not a cursor of this API") as caught:
        cursors.decode("after", text, NEWEST, SCOPE)
    assert caught.value.details == {"argument": "after"}


def test_28_a_cursor_that_is_cut_or_altered_is_rejected() -> None:
    cursor = cursors.encode(NEWEST, [datetime(2025, 1, 1, tzinfo=UTC), "a"], SCOPE)
    altered = [cursor[:-1], cursor[1:], cursor[:10] + "A" + cursor[11:], cursor + "x"]
    for text in altered:
        with pytest.raises(BadUserInput):
            cursors.decode("before", text, NEWEST, SCOPE)


def test_28_a_cursor_of_another_order_is_rejected() -> None:
    cursor = cursors.encode((Order("quality"), Order("_id")), [3, "a"], SCOPE)
    with pytest.raises(BadUserInput, match="belongs to another order"):
        cursors.decode("after", cursor, NEWEST, SCOPE)


def test_28_a_cursor_of_another_filter_is_rejected() -> None:
    cursor = cursors.encode(NEWEST, [None, "a"], b"topic: AI")
    with pytest.raises(BadUserInput, match="belongs to another filter"):
        cursors.decode("after", cursor, NEWEST, SCOPE)


@pytest.mark.parametrize("value", ['{"date":253402300800000}', '{"date":1.5}', str(2**63), "[1]"])
def test_28_a_forged_cursor_with_impossible_values_is_rejected(value: str) -> None:
    payload = f'["{cursors.signature(NEWEST, SCOPE)}",{value},"a"]'.encode()
    forged = base64.urlsafe_b64encode(blake2b(payload, digest_size=4).digest() + payload)
    with pytest.raises(BadUserInput, match="is not a cursor of this API"):
        cursors.decode("after", forged.decode().rstrip("="), NEWEST, SCOPE)
