"""What Motor's objects cover: those of PyMongo's blocking client, which it runs in threads.

That is not Motor's public API: `tests/test_internals.py` says when it moves.
"""

from __future__ import annotations

from typing import Any


def covered_by(motor_object: Any) -> Any | None:
    """The blocking client or database; None for an object that is not Motor's."""
    return vars(motor_object).get("delegate")
