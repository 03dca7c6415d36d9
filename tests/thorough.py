"""The number of generated cases: few by default, many with `make thorough`."""

from __future__ import annotations

from typing import Final

from hypothesis import HealthCheck, settings

THOROUGH: Final = 3_000

# How fast examples can be drawn depends on what else the machine does.
_CHECKS: Final = [HealthCheck.too_slow]

settings.register_profile("quick", max_examples=25, deadline=None, suppress_health_check=_CHECKS)
settings.register_profile(
    "thorough", max_examples=THOROUGH, deadline=None, suppress_health_check=_CHECKS
)
settings.load_profile("quick")


def is_thorough() -> bool:
    """Whether pytest was given `--hypothesis-profile=thorough`."""
    return settings().max_examples >= THOROUGH


def cases(quick: int, thorough: int) -> int:
    """How many cases to try."""
    return thorough if is_thorough() else quick


def examples(quick: int, thorough: int = THOROUGH, **options: object) -> settings:
    """Settings of a property test, for a function-scoped fixture too."""
    chosen: dict[str, object] = {
        "max_examples": cases(quick, thorough),
        "deadline": None,
        "suppress_health_check": list(HealthCheck),
        **options,
    }
    return settings(**chosen)  # type: ignore[arg-type]  # whatever hypothesis takes
