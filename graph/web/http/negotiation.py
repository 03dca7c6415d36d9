"""Content negotiation: the weights in the `Accept…` headers of a request (RFC 9110, section 12)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

_ELEMENT: Final = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+', re.DOTALL)
"""An element of a list: a comma within quotes does not end it."""

_PARAMETER: Final = re.compile(r'(?:[^;"]|"(?:[^"\\]|\\.)*"?)+', re.DOTALL)

_QVALUE: Final = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
"""A weight (section 12.4.2)."""

_SPACE: Final = " \t"


class Preference(NamedTuple):
    """An element of an `Accept…` header: names are in lower case, the weight is from 0 to 1.

    A weight that does not follow RFC 9110 becomes 0, so that the element is not acceptable.
    """

    name: str
    parameters: Mapping[str, str]
    weight: float


@lru_cache(maxsize=512)
def preferences(header: bytes) -> tuple[Preference, ...]:
    """Return the elements of an `Accept` or `Accept-Encoding` header, in order."""
    return tuple(_preferences(header.decode("latin-1")))


def accepts(header: bytes, name: str) -> bool:
    """Return whether an `Accept…` header names something, such as a media type, as acceptable."""
    return any(element.name == name and element.weight > 0 for element in preferences(header))


def parameters_of(value: str) -> tuple[str, dict[str, str]]:
    """Split a value such as a media type into name and parameters, in lower case and without
    quotes.

    If a parameter is repeated, the first one counts.
    """
    name, *rest = (part.strip(_SPACE).lower() for part in _PARAMETER.findall(value) or [""])
    parameters: dict[str, str] = {}
    for part in rest:
        key, _, text = part.partition("=")
        parameters.setdefault(key.strip(_SPACE), text.strip(_SPACE).strip('"'))
    return name, parameters


def _preferences(text: str) -> Iterator[Preference]:
    for element in _ELEMENT.findall(text):
        name, parameters = parameters_of(element)
        if name:
            weight = parameters.pop("q", "1")
            value = float(weight) if _QVALUE.fullmatch(weight) else 0.0
            yield Preference(name, parameters, value)
