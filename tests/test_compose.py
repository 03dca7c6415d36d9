"""docker-compose.yml and the Dockerfile, checked as texts: no container engine is needed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from typer.testing import CliRunner

from graph.cli import app
from graph.config import PREFIX, Settings

ROOT: Final = Path(__file__).parent.parent
VARIABLES: Final = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
# Variables of docker-compose.yml itself: the folder to load, and the one of its pictures.
COMPOSE_VARIABLES: Final = {"NEWSGRAPH_DOCUMENTS", "NEWSGRAPH_MEDIA"}
MALFORMED: Final = "_news/2025-09-02-a-name-without-quotes.md"
DOCUMENTS: Final = {
    "type": "bind",  # the short form takes a path without `./` for the name of a volume
    "source": "${NEWSGRAPH_DOCUMENTS:-./seeds}",
    "target": "/documents",
    "read_only": True,
    "bind": {"create_host_path": False},
}

Service = dict[str, Any]


def compose() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return parsed


def services(*profiles: str) -> dict[str, Service]:
    """The services of a plain `docker compose up`, or those of these profiles alone."""
    found: dict[str, Service] = compose()["services"]
    chosen = list(profiles)
    return {name: each for name, each in found.items() if each.get("profiles", []) == chosen}


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, with continued lines joined: name and the rest."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines)]


def last(name: str) -> str:
    return [rest for instruction, rest in instructions() if instruction == name][-1]


def test_the_services_are_a_database_a_loader_and_an_api() -> None:
    assert set(services()) == {"mongo", "load", "api"}


def test_images_that_are_not_built_here_are_pinned_to_a_major_version() -> None:
    every = compose()["services"].values()
    foreign = [image for service in every if (image := service["image"]) != "newsgraph:local"]
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
    assert services()[name]["depends_on"]["mongo"] == {"condition": "service_healthy"}


def test_the_api_starts_after_the_load_even_if_that_rejected_documents() -> None:
    assert services()["api"]["depends_on"]["load"] == {
        "condition": "service_completed_successfully",
        "required": False,
    }


@pytest.mark.parametrize("profiles", [(), ("cluster",)])
def test_one_service_builds_the_image_and_the_others_use_it(profiles: tuple[str, ...]) -> None:
    built = [each for each in services(*profiles).values() if each["image"] == "newsgraph:local"]
    assert [each["command"][0] for each in built if "build" in each] == ["load"]
    assert {each["pull_policy"] for each in built} == {"never"}


@pytest.mark.parametrize("name", ["load", "api"])
def test_the_url_names_the_service_and_its_replica_set(name: str) -> None:
    url = services()[name]["environment"]["NEWSGRAPH_MONGO_URL"]
    assert url == "mongodb://mongo:27017/newsgraph?replicaSet=newsgraph"


def test_the_loader_runs_once_over_a_folder_that_it_cannot_change() -> None:
    load = services()["load"]
    assert load["command"] == ["load", "/documents", "--exclude", f"/{MALFORMED}"]
    assert load["volumes"] == [DOCUMENTS]
    assert load["restart"] == "no"


@pytest.mark.usefixtures("inline")
def test_the_seeds_are_loaded_without_a_rejected_document() -> None:
    options = services()["load"]["command"][2:]
    result = CliRunner().invoke(app, ["check", str(ROOT / "seeds"), *options])
    assert result.exit_code == 0, result.output
    assert CliRunner().invoke(app, ["check", str(ROOT / "seeds")]).exit_code == 1


def test_ports_are_published_on_loopback_only() -> None:
    published = {name: service.get("ports", []) for name, service in services().items()}
    assert published == {"mongo": [], "load": [], "api": ["127.0.0.1:8000:8000"]}


def test_volumes_are_declared_and_mounted_files_are_there() -> None:
    every = compose()["services"].values()
    mounts = [volume for service in every for volume in service.get("volumes", [])]
    named = [mount if isinstance(mount, str) else mount["source"] for mount in mounts]
    sources = [re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", name).split(":")[0] for name in named]
    bind_mounts = [source for source in sources if source.startswith(".")]
    assert set(sources) - set(bind_mounts) == set(compose()["volumes"])
    assert [source for source in bind_mounts if not (ROOT / source).exists()] == []


@pytest.mark.parametrize(("name", "profiles"), [("api", ()), ("api-1", ("cluster",))])
def test_the_media_are_those_of_the_mounted_documents(name: str, profiles: tuple[str, ...]) -> None:
    api = services(*profiles)[name]
    assert api["volumes"] == [DOCUMENTS]
    assert api["environment"]["NEWSGRAPH_MEDIA_DIR"] == "/documents/${NEWSGRAPH_MEDIA:-images}"
    assert (ROOT / "seeds" / "images").is_dir()


def test_the_image_checks_its_readiness_and_the_loader_does_not() -> None:
    assert "/readyz" in last("HEALTHCHECK")
    assert "healthcheck" not in services()["api"]
    assert services()["load"]["healthcheck"] == {"disable": True}


def test_the_image_serves_as_a_user_without_rights() -> None:
    assert last("USER") not in {"root", "0"}
    assert last("ENTRYPOINT") == '["newsgraph"]'
    assert last("CMD") == '["serve", "--host", "0.0.0.0"]'
    assert last("EXPOSE") == "8000"


def test_build_tools_are_not_in_the_image() -> None:
    stages = [rest.partition(" AS ")[2] for name, rest in instructions() if name == "FROM"]
    assert stages == ["wheel", "environment", ""]
    copied = [rest for name, rest in instructions() if name == "COPY"]
    assert copied == [
        ". .",
        "--from=wheel /wheels /wheels",
        "constraints.txt /",
        "--from=environment /opt/newsgraph /opt/newsgraph",
    ]
    runs = [rest for name, rest in instructions() if name == "RUN"]
    assert "--without-pip" in runs[-2]
    assert runs[-1].startswith("pip uninstall --yes")


def test_what_the_wheel_needs_is_in_the_build_context() -> None:
    included = set(re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    assert {"pyproject.toml", "README.md", "LICENSE", "graph", "loaders", "seeds"} <= included
    hatch = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]
    hooks = [hatch["metadata"], hatch["build"], *hatch["build"]["targets"].values()]
    scripts = {
        each["hooks"]["custom"].get("path", "hatch_build.py") for each in hooks if "hooks" in each
    }
    assert {script.partition("/")[0] for script in scripts} <= included


MEMBERS: Final = ("mongo-1", "mongo-2", "mongo-3")


def test_a_cluster_is_three_databases_two_apis_a_loader_and_a_proxy() -> None:
    assert set(services("cluster")) == {*MEMBERS, "cluster-load", "api-1", "api-2", "proxy"}


def test_a_cluster_needs_nothing_of_what_starts_without_it() -> None:
    cluster = services("cluster")
    needed = {other for service in cluster.values() for other in service.get("depends_on", ())}
    assert needed <= set(cluster)


def test_to_start_the_proxy_is_to_start_the_whole_cluster() -> None:
    cluster = services("cluster")
    started: set[str] = set()
    waiting = ["proxy"]
    while waiting:
        name = waiting.pop()
        started.add(name)
        waiting += cluster[name].get("depends_on", ())
    assert started == set(cluster)


def test_the_members_make_one_replica_set_each_with_its_own_volume() -> None:
    cluster = services("cluster")
    members = [cluster[name] for name in MEMBERS]
    assert all(member["command"][:2] == ["--replSet", "newsgraph"] for member in members)
    assert [member["volumes"] for member in members] == [[f"{name}:/data/db"] for name in MEMBERS]
    script = cluster["mongo-1"]["healthcheck"]["test"][-1]
    assert [name for name in MEMBERS if f'"{name}:27017"' not in script] == []
    assert "rs.initiate" in script
    assert "db.hello().primary" in script


def test_the_set_is_made_once_all_members_are_up_and_used_once_it_is_made() -> None:
    cluster = services("cluster")
    healthy = {"condition": "service_healthy"}
    assert cluster["mongo-1"]["depends_on"] == {"mongo-2": healthy, "mongo-3": healthy}
    assert all("healthcheck" in cluster[name] for name in MEMBERS)
    for name in ("cluster-load", "api-1", "api-2"):
        assert cluster[name]["depends_on"] == {"mongo-1": healthy}


@pytest.mark.parametrize("name", ["cluster-load", "api-1", "api-2"])
def test_the_url_names_every_member(name: str) -> None:
    url = services("cluster")[name]["environment"]["NEWSGRAPH_MONGO_URL"]
    hosts = ",".join(f"{member}:27017" for member in MEMBERS)
    assert url == f"mongodb://{hosts}/newsgraph?replicaSet=newsgraph"


def test_a_database_without_a_password_is_out_of_reach() -> None:
    cluster = services("cluster")
    assert compose()["networks"]["data"] == {"internal": True}
    assert [cluster[name]["networks"] for name in MEMBERS] == [["data"]] * 3
    assert services()["mongo"]["networks"] == ["data"]
    assert cluster["proxy"]["networks"] == ["front"]
    published = {name: each["ports"] for name, each in cluster.items() if "ports" in each}
    assert published == {"proxy": ["127.0.0.1:8080:8080"]}


def test_the_proxy_knows_the_apis_and_waits_for_them() -> None:
    proxy = services("cluster")["proxy"]
    servers = re.findall(r"server (\S+):8000", (ROOT / "deploy" / "nginx.conf").read_text())
    assert servers == ["api-1", "api-2"]
    for name in servers:
        assert proxy["depends_on"][name] == {"condition": "service_healthy", "restart": True}


def test_the_proxy_runs_without_rights_and_writes_where_it_may() -> None:
    proxy = services("cluster")["proxy"]
    assert proxy["user"] not in {"root", "0", "0:0"}
    assert proxy["read_only"] is True
    assert proxy["cap_drop"] == ["ALL"]
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    written = re.findall(r"^\s*(?:pid|\w+_temp_path|proxy_cache_path) (\S+?);?(?: |$)", text, re.M)
    assert len(written) == 7
    assert [path for path in written if not path.startswith("/tmp/")] == []
    assert [mount.split(":")[0] for mount in proxy["tmpfs"]] == ["/tmp"]


def test_the_loader_of_the_cluster_stays_and_cannot_change_its_folder() -> None:
    loader = services("cluster")["cluster-load"]
    assert loader["command"] == ["load", "/documents", "--watch"]
    assert loader["volumes"] == [DOCUMENTS]
