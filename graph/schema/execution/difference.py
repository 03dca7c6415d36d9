"""The first difference between two results."""

from __future__ import annotations

from itertools import starmap
from typing import Any, Final

from graph.schema.execution.result import OperationResult

_LONGEST: Final = 80
"""The maximum length of a shown value, in characters."""


def difference(compiled: Any, expected: OperationResult) -> str | None:
    """Return the first difference between compiled data and graphql-core's, or None.

    The order of keys counts.
    """
    if expected.errors:
        return f"graphql-core has an error: {expected.errors[0].message}"
    return _difference(compiled, expected.data, "data")


def _difference(left: Any, right: Any, path: str) -> str | None:
    if isinstance(left, dict) and isinstance(right, dict) and [*left] == [*right]:
        pairs = [(left[key], right[key], f"{path}.{key}") for key in left]
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        pairs = [(*both, f"{path}[{at}]") for at, both in enumerate(zip(left, right, strict=True))]
    elif (compiled := repr(left)) != (expected := repr(right)):
        return f"{path} is {_cut(compiled)}, with graphql-core {_cut(expected)}"
    else:
        return None
    return next(filter(None, starmap(_difference, pairs)), None)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
