"""The PyMongo objects inside of Motor's.

They are not part of Motor's public API; `tests/test_internals.py` fails when they move.
"""

from __future__ import annotations

from typing import Any


def delegate_of(motor_object: Any) -> Any | None:
    """Return the blocking client or database; None for an object that is not Motor's."""
    return vars(motor_object).get("delegate")
