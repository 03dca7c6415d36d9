"""docker-compose.yml and Dockerfile, as far as the files tell: no Docker engine is needed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from graph.config import PREFIX, Settings

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_mongo_is_a_replica_set_with_a_health_check_and_a_named_volume() -> None:
    mongo = COMPOSE["services"]["mongo"]
    assert mongo["image"] == "mongo:8"
    assert "--replSet" in mongo["command"]
    assert "isWritablePrimary" in mongo["healthcheck"]["test"][-1]
    [volume] = mongo["volumes"]
    assert volume.split(":")[0] in COMPOSE["volumes"]


def test_the_loader_runs_once_between_the_database_and_the_api() -> None:
    services = COMPOSE["services"]
    assert services["load"]["restart"] == "no"
    assert services["load"]["depends_on"] == {"mongo": {"condition": "service_healthy"}}
    assert services["api"]["depends_on"] == {
        "load": {"condition": "service_completed_successfully"}
    }


def test_every_variable_of_ours_is_a_setting() -> None:
    for service in COMPOSE["services"].values():
        for name in service.get("environment", {}):
            assert name.removeprefix(PREFIX).lower() in Settings.model_fields


def test_mounted_folders_are_there_and_the_api_is_for_this_machine_only() -> None:
    services = COMPOSE["services"]
    assert (ROOT / services["api"]["volumes"][0].split(":")[0]).is_dir()
    assert services["load"]["volumes"] == ["${NEWSGRAPH_DOCUMENTS:-./seeds}:/documents:ro"]
    assert services["api"]["ports"] == ["127.0.0.1:8000:8000"]


def test_the_image_runs_as_nobody_in_particular_and_knows_its_health() -> None:
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER newsgraph$", final, re.MULTILINE)
    assert "/readyz" in final
    assert '\nENTRYPOINT ["newsgraph"]\n' in final


def test_what_the_image_is_built_from_is_in_its_context() -> None:
    kept = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    assert all((ROOT / name).exists() for name in kept)
    assert {"graph", "loaders", "seeds", "pyproject.toml", "README.md", "LICENSE"} == kept
