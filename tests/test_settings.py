from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from graph.config import Settings, load_settings
from graph.errors import SettingsError

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"


def shown(default: Any) -> str:
    return ",".join(sorted(default)) if isinstance(default, frozenset) else str(default)


def test_every_setting_is_documented_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(NEWSGRAPH_\w+)` \| `(.*?)` \|", PAGE.read_text(), re.MULTILINE))
    fields = Settings.model_fields.items()
    assert rows == {f"NEWSGRAPH_{name.upper()}": shown(field.default) for name, field in fields}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NEWSGRAPH_PORT", "99999"),
        ("NEWSGRAPH_MONGO_DRIVER", "telnet"),
        ("NEWSGRAPH_WORKERS", "many"),
        ("NEWSGRAPH_MONGO_TIMEOUT", "0"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=f"{variable}='{value}': "):
        load_settings()


def test_volatile_fields_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSGRAPH_VOLATILE", "secured, heat,")
    assert load_settings().volatile == {"secured", "heat"}
