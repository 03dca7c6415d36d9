"""Settings: all are documented, and checked as documented."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from pydantic import ValidationError
from pymongo.monitoring import CommandListener, CommandStartedEvent

from graph.app import create_app
from graph.cli import app
from graph.config import PREFIX, Scope, Settings, Token, load_settings
from graph.errors import SettingsError, UsageError

DOCUMENT = Path(__file__).parent.parent / "docs" / "settings.md"
HASH = "0123456789abcdef" * 4


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


def as_environment(value: object) -> str:
    """A setting's value as one would write it in the environment."""
    if value is None or value == ():
        return "not set"
    if isinstance(value, tuple):
        return ",".join(value)
    return ",".join(sorted(value)) if isinstance(value, frozenset) else str(value)


def test_every_setting_is_documented_with_its_default_and_meaning() -> None:
    assert documented() == {
        f"{PREFIX}{name.upper()}": (as_environment(field.default), field.description)
        for name, field in Settings.model_fields.items()
    }


def test_the_settings_of_a_bare_environment_are_the_documented_defaults() -> None:
    settings = load_settings()
    assert {name: default for name, (default, _) in documented().items()} == {
        f"{PREFIX}{name.upper()}": as_environment(getattr(settings, name))
        for name in Settings.model_fields
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
        ("NEWSGRAPH_QUERY_TIMEOUT", "0"),
        ("NEWSGRAPH_QUERY_TIMEOUT", "0.0001"),
        ("NEWSGRAPH_QUERY_TIMEOUT", "301"),
        ("NEWSGRAPH_QUERY_TIMEOUT", "nan"),
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


def test_hosts_are_separated_by_commas_and_of_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSGRAPH_VIDEO_HOSTS", "Player.Vimeo.com, video.gull.example,")
    assert load_settings().video_hosts == {"player.vimeo.com", "video.gull.example"}
    monkeypatch.setenv("NEWSGRAPH_VIDEO_HOSTS", "")
    assert load_settings().video_hosts == set()


@pytest.mark.parametrize(
    "host",
    ["https://a.example", "a.example/embed", "a.example:8080", "*.example", "a example", "."],
)
def test_an_invalid_host_is_named(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSGRAPH_VIDEO_HOSTS", f"www.youtube.com,{host}")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert f": {host}: not the name of a host" in str(caught.value)


def test_whether_an_article_can_be_seen_cannot_be_volatile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NEWSGRAPH_VOLATILE", "secured,published")
    with pytest.raises(SettingsError, match=r"NEWSGRAPH_VOLATILE=.*published: cannot be volatile"):
        load_settings()


def test_tokens_are_separated_by_white_space(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        f"sha256:{HASH}=read:secured",
        f"sha256:{'AB' * 32}=read:unpublished,read:secured",
    ]
    monkeypatch.setenv("NEWSGRAPH_TOKENS", f" {entries[0]}\n\t{entries[1]} ")
    assert load_settings().tokens == (
        Token(HASH, frozenset({Scope.SECURED})),
        Token("ab" * 32, frozenset(Scope)),
    )


def test_a_token_is_written_as_its_entry_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    token = Token(HASH, frozenset(Scope))
    monkeypatch.setenv("NEWSGRAPH_TOKENS", str(token))
    assert load_settings().tokens == (token,)


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("ng_pasted", "is not of the form"),
        ("ng_pasted=read:secured", "is not of the form"),
        ("sha256:ng_pasted=read:secured", "is not of the form"),
        (f"sha256:{HASH}ng_pasted", "is not of the form"),
        (f"sha256:{HASH[1:]}=read:secured", "is not of the form"),
        (f"sha512:{HASH}=read:secured", "is not of the form"),
        (f"sha256:{HASH}=", "has an unknown scope"),
        (f"sha256:{HASH}=read:secured,", "has an unknown scope"),
        (f"sha256:{HASH}=read:all", "has an unknown scope"),
        (f"sha256:{HASH}=ng_pasted", "has an unknown scope"),
        (f"sha256:{'12' * 32}=read:secured", "is for the same token as entry 1"),
    ],
)
def test_a_wrong_token_is_named_by_its_number_and_never_shown(
    entry: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSGRAPH_TOKENS", f"sha256:{'12' * 32}=read:secured {entry}")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    message = str(caught.value)
    assert message.startswith(f"NEWSGRAPH_TOKENS: entry 2 {fault}")
    assert not any(part in message for part in ("ng_pasted", HASH, "12121212"))
    with pytest.raises(ValidationError) as direct:
        Settings()
    assert "ng_pasted" not in str(direct.value)


def test_all_wrong_tokens_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSGRAPH_TOKENS", f"one sha256:{HASH}=read:secured three")
    with pytest.raises(SettingsError, match=r"^NEWSGRAPH_TOKENS: entry 1 is .*; entry 3 is "):
        load_settings()


class Limits(CommandListener):
    """The time limits that reached the server, by the name of the command."""

    def __init__(self) -> None:
        self.of: dict[str, int | None] = {}

    def started(self, event: CommandStartedEvent) -> None:
        self.of[event.command_name] = event.command.get("maxTimeMS")

    def succeeded(self, event: object) -> None:
        pass

    def failed(self, event: object) -> None:
        pass


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_the_query_timeout_reaches_the_database(
    mongod: str | UsageError, driver: str
) -> None:
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    settings = Settings.model_validate(
        {
            "mongo_url": mongod.replace("/?", "/limits?"),
            "mongo_driver": driver,
            "query_timeout": 1.5,
        }
    )
    limits = Limits()
    served = create_app(settings, listeners=[limits])
    async with served.router.lifespan_context(served):
        transport = httpx.ASGITransport(app=served)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            query = "{ articles { nodes { slug } } }"
            await client.post("/graphql", json={"query": query})
    assert limits.of["find"] == 1500


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
