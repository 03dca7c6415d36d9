"""docker-compose.yml and the Dockerfile, as far as their text goes: no engine is needed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from graph.config import PREFIX, Settings

ROOT: Final = Path(__file__).parent.parent
VARIABLES: Final = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
# A variable of docker-compose.yml itself: the folder to load.
COMPOSE_VARIABLES: Final = {"NEWSGRAPH_DOCUMENTS"}

Service = dict[str, Any]


def compose() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return parsed


def services() -> dict[str, Service]:
    found: dict[str, Service] = compose()["services"]
    return found


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, with continued lines joined: name and the rest."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines)]


def last(name: str) -> str:
    return [rest for instruction, rest in instructions() if instruction == name][-1]


def test_there_are_a_database_a_loader_and_an_api() -> None:
    assert set(services()) == {"mongo", "load", "api"}


def test_images_that_are_not_built_here_are_pinned_to_a_major_version() -> None:
    foreign = [service["image"] for service in services().values() if "build" not in service]
    bases = [rest.split()[0] for name, rest in instructions() if name == "FROM"]
    assert [image for image in foreign + bases if not re.search(r":\d", image)] == []


def test_every_variable_is_a_setting() -> None:
    texts = [(ROOT / name).read_text() for name in ("docker-compose.yml", "Dockerfile")]
    named = {name for text in texts for name in re.findall(r"NEWSGRAPH_[A-Z_]+", text)}
    assert named - VARIABLES == COMPOSE_VARIABLES


def test_the_database_is_healthy_once_its_replica_set_has_a_primary() -> None:
    mongo = services()["mongo"]
    assert mongo["command"][:2] == ["--replSet", "newsgraph"]
    script = mongo["healthcheck"]["test"][-1]
    assert "rs.initiate" in script
    assert "isWritablePrimary" in script


@pytest.mark.parametrize("name", ["load", "api"])
def test_nothing_starts_before_the_database_is_healthy(name: str) -> None:
    assert services()[name]["depends_on"] == {"mongo": {"condition": "service_healthy"}}


@pytest.mark.parametrize("name", ["load", "api"])
def test_the_url_names_the_service_and_its_replica_set(name: str) -> None:
    url = services()[name]["environment"]["NEWSGRAPH_MONGO_URL"]
    assert url == "mongodb://mongo:27017/newsgraph?replicaSet=newsgraph"


def test_the_loader_runs_once_over_a_folder_that_it_cannot_change() -> None:
    load = services()["load"]
    assert load["command"] == ["load", "/documents"]
    assert load["volumes"] == ["${NEWSGRAPH_DOCUMENTS:-./seeds}:/documents:ro"]
    assert load["restart"] == "no"


def test_ports_are_published_on_loopback_alone() -> None:
    published = {name: service.get("ports", []) for name, service in services().items()}
    assert published == {"mongo": [], "load": [], "api": ["127.0.0.1:8000:8000"]}


def test_volumes_are_declared_and_mounted_folders_are_there() -> None:
    mounts = [volume for service in services().values() for volume in service.get("volumes", [])]
    sources = [re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", mount).split(":")[0] for mount in mounts]
    folders = [source for source in sources if source.startswith(".")]
    assert set(sources) - set(folders) == set(compose()["volumes"])
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []


def test_the_api_serves_the_mounted_media() -> None:
    api = services()["api"]
    targets = [volume.split(":")[1] for volume in api["volumes"]]
    assert api["environment"]["NEWSGRAPH_MEDIA_DIR"] in targets


def test_the_image_checks_its_readiness_and_the_loader_does_not() -> None:
    assert "/readyz" in last("HEALTHCHECK")
    assert "healthcheck" not in services()["api"]
    assert services()["load"]["healthcheck"] == {"disable": True}


def test_the_image_serves_as_a_user_without_rights() -> None:
    assert last("USER") not in {"root", "0"}
    assert last("ENTRYPOINT") == '["newsgraph"]'
    assert last("CMD") == '["serve", "--host", "0.0.0.0"]'
    assert last("EXPOSE") == "8000"


def test_what_the_wheel_needs_is_in_the_build_context() -> None:
    kept = set(re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    assert {"pyproject.toml", "README.md", "LICENSE", "graph", "loaders", "seeds"} <= kept
