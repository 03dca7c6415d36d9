"""Settings: documented, checked, and as documented."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import typer

from graph.cli import app
from graph.config import PREFIX, Settings, load_settings
from graph.errors import SettingsError

DOCUMENT = Path(__file__).parent.parent / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)


def documented() -> dict[str, tuple[str, str]]:
    """The rows of the table: variable → default and description."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in DOCUMENT.read_text().splitlines()
        if line.startswith("| `")
    ]
    return {
        name.strip("`"): (default.strip("`"), description) for name, default, description in rows
    }


def shown(value: object) -> str:
    """A setting's value as one would write it in the environment."""
    if value is None:
        return "not set"
    return ",".join(sorted(value)) if isinstance(value, frozenset) else str(value)


def test_every_setting_is_documented_with_its_default_and_meaning() -> None:
    assert documented() == {
        f"{PREFIX}{name.upper()}": (shown(field.default), field.description)
        for name, field in Settings.model_fields.items()
    }


def test_the_settings_of_a_bare_environment_are_the_documented_defaults() -> None:
    settings = load_settings()
    assert {name: default for name, (default, _) in documented().items()} == {
        f"{PREFIX}{name.upper()}": shown(getattr(settings, name)) for name in Settings.model_fields
    }


def test_the_documented_defaults_can_be_written_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, (default, _) in documented().items():
        if default != "not set":
            monkeypatch.setenv(name, default)
    assert load_settings() == Settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NEWSGRAPH_MONGO_DRIVER", "odbc"),
        ("NEWSGRAPH_MONGO_TIMEOUT", "soon"),
        ("NEWSGRAPH_MONGO_TIMEOUT", "0"),
        ("NEWSGRAPH_PORT", "65536"),
        ("NEWSGRAPH_PORT", "http"),
        ("NEWSGRAPH_WORKERS", "0"),
        ("NEWSGRAPH_LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_is_named_with_its_variable(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value).startswith(f"{variable}={value!r}: ")


def test_all_wrong_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSGRAPH_PORT", "-1")
    monkeypatch.setenv("NEWSGRAPH_WORKERS", "many")
    with pytest.raises(SettingsError, match=r"NEWSGRAPH_PORT='-1': .*; NEWSGRAPH_WORKERS='many': "):
        load_settings()


def test_an_option_wins_over_the_environment_and_none_is_no_option(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NEWSGRAPH_PORT", "9000")
    assert load_settings(port=None).port == 9000
    assert load_settings(port=9001).port == 9001


def test_volatile_fields_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSGRAPH_VOLATILE", "secured, heat,")
    assert load_settings().volatile == {"secured", "heat"}


def test_the_variables_of_the_commands_options_are_documented() -> None:
    commands: Any = typer.main.get_command(app)
    variables = {
        option.envvar
        for command in commands.commands.values()
        for option in command.params
        if option.envvar
    }
    text = DOCUMENT.read_text()
    assert sorted(name for name in variables if f"`{name}`" not in text) == []
    assert f"{PREFIX}PRUNE" in variables
