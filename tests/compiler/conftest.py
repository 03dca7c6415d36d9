"""How thoroughly generated operations are tried."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("thorough", max_examples=3_000)
