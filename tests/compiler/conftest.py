"""How thoroughly generated operations are tried."""

from __future__ import annotations

from typing import Final

from hypothesis import settings

THOROUGH: Final = 3_000

settings.register_profile("thorough", max_examples=THOROUGH)
