"""The arguments by which a field finds one object."""

from __future__ import annotations

from collections.abc import Mapping

from graph.errors import BadUserInput
from graph.schema.inputs.input_types import text


def exactly_one(field: str, arguments: Mapping[str, str | None]) -> tuple[str, str]:
    """Return the name and the value of the only argument of a field that is not null.

    Raises BadUserInput if there is not exactly one.
    """
    present = [(name, value) for name, value in arguments.items() if value is not None]
    if len(present) != 1:
        *names, last = arguments
        message = f"{field}: give exactly one of {', '.join(names)} and {last}"
        raise BadUserInput(field, message)
    ((name, value),) = present
    return name, text(name, value)
