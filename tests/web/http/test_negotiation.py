"""Weights in `Accept` and `Accept-Encoding`: both are read as RFC 9110 says."""

from __future__ import annotations

import re
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.web.graphql.request import GRAPHQL, JSON, BadRequest, media_type
from graph.web.http.compression import GZIP, coding_of
from graph.web.http.negotiation import accepts, parameters_of, preferences
from tests.thorough import examples

QVALUE: Final = re.compile(r"(0(\.[0-9]{0,3})?|1(\.0{0,3})?)")
"""Section 12.4.2: `( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )`."""

INVALID: Final = ("7", "1.1", "1.0001", "-1", "+1", "nan", "inf", "1e0", ".5", "", "x", "0.1234")
VALID: Final = ("0.001", "0.5", "0.", "1", "1.", "1.000", "0", "0.000")
WEIGHTS: Final = st.sampled_from([*INVALID, *VALID]) | st.text("0123456789.-+ein", max_size=6)


def chosen(accept: str) -> str | None:
    """The media type of the answer; None where it is 406."""
    try:
        return media_type(accept.encode("latin-1"))
    except BadRequest:
        return None


def weight_of(text: str) -> float:
    return float(text) if QVALUE.fullmatch(text) else 0.0


@examples(60)
@given(WEIGHTS)
def test_a_weight_is_the_same_in_every_header(text: str) -> None:
    is_taken = weight_of(text) > 0
    for q in ("q", "Q"):
        assert [each.weight for each in preferences(f"gzip;{q}={text}".encode())] == [
            weight_of(text)
        ]
        assert (coding_of(f"gzip;{q}={text}".encode(), GZIP) == "gzip") is is_taken
        assert (coding_of(f"br \t; {q}={text}".encode()) == "br") is is_taken
        assert (chosen(f"application/json;{q}={text}") == JSON) is is_taken
        assert accepts(f"text/html;{q}={text}".encode(), "text/html") is is_taken


@pytest.mark.parametrize("text", INVALID)
def test_an_invalid_weight_is_never_preferred(text: str) -> None:
    assert chosen(f"{GRAPHQL};q=0.001, {JSON};q={text}") == GRAPHQL
    assert chosen(f"{JSON};q={text}, {GRAPHQL};q=0.001") == GRAPHQL
    assert coding_of(f"br;q={text}, gzip;q=0.001".encode()) == "gzip"


@examples(60)
@given(st.dictionaries(st.sampled_from([JSON, GRAPHQL, "application/*", "*/*"]), WEIGHTS))
def test_the_media_type_with_the_highest_weight_is_sent(weights: dict[str, str]) -> None:
    answer = chosen(", ".join(f"{name};q={weight}" for name, weight in weights.items()))

    def quality(offered: str) -> float:
        for name in (offered, "application/*", "*/*"):
            if name in weights:
                return weight_of(weights[name])
        return 0.0

    if not weights:
        assert answer == JSON
    elif answer is None:
        assert quality(JSON) == quality(GRAPHQL) == 0
    else:
        assert quality(answer) == max(quality(JSON), quality(GRAPHQL)) > 0


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", JSON),
        (",, ,", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{GRAPHQL}, */*", GRAPHQL),
        (f"{JSON};q=0, */*", GRAPHQL),
        (f"{GRAPHQL};q=0, */*", JSON),
        (f"*/*;q=0, {JSON}", JSON),
        (f"{JSON};q=0.1, {JSON};q=0.2, {GRAPHQL};q=0.15", JSON),
        (f"{JSON};charset=UTF-8", JSON),
        (f'{JSON};charset="utf-8";q=0.5, {GRAPHQL};q=0.4', JSON),
        (f"{JSON};charset=utf-16, {GRAPHQL};q=0.1", GRAPHQL),
        (f'{JSON};a=";q=0, b";q=0.5, {GRAPHQL};q=0.4', JSON),
        (f'{GRAPHQL};q=0.4, text/x;a="\\", {JSON}"', GRAPHQL),
        ("text/html, image/*;q=0.5", None),
        (f"{JSON};q=0", None),
        ("*/*;q=0", None),
    ],
)
def test_the_media_type_of_an_answer(accept: str, expected: str | None) -> None:
    assert chosen(accept) == expected


def test_where_no_media_type_is_accepted_the_status_is_406() -> None:
    with pytest.raises(BadRequest, match="allows neither") as caught:
        media_type(b"application/json;q=7")
    assert caught.value.status(JSON) == 406


@examples(60)
@given(st.text(' \t,;="\\qQ.01ax/*\xff', max_size=40))
def test_any_header_can_be_parsed(text: str) -> None:
    header = text.encode("latin-1")
    for name, parameters, weight in preferences(header):
        assert name
        assert "q" not in parameters
        assert 0 <= weight <= 1
    assert chosen(text) in {JSON, GRAPHQL, None}
    coding_of(header)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ("", {})),
        ("Text/HTML", ("text/html", {})),
        ('text/x; a="b;c" ;D = e', ("text/x", {"a": "b;c", "d": "e"})),
        ("text/x;a=1;a=2", ("text/x", {"a": "1"})),
    ],
)
def test_parameters_of_a_header_are_parsed(
    value: str, expected: tuple[str, dict[str, str]]
) -> None:
    assert parameters_of(value) == expected


def test_a_long_header_is_read_in_linear_time() -> None:
    assert preferences(b'"' + b'\\"' * 8_000 + b",") != ()
    assert len(preferences(b"a;q=1," * 2_700)) == 2_700
