"""Two servers behind the proxy over a replica set of three: failures of members are short."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess
from time import monotonic
from typing import Final

import httpx
import pytest
from starlette.applications import Starlette

from graph.app import create_app
from graph.config import Settings
from graph.errors import UsageError
from graph.store.driver.calls.retry import retried
from graph.store.driver.client import open_database
from tests.builders import article, store
from tests.forks import Fork, bare_environment, forked, run
from tests.memory import data_folder
from tests.processes import HTTP, free_port, listens, until
from tests.proxies import proxying
from tests.replicas import PAUSE, ReplicaSet, replica_set
from tests.streams import EventStream, started

ROOT: Final = Path(__file__).parent.parent
QUERY: Final = "{ corpus { articleCount } articles(first: 3) { nodes { slug } } }"
SECONDS: Final = 20.0
"""How long a failover may take, on a busy machine."""

GRACE: Final = 2.0
"""How much longer than NEWSGRAPH_MONGO_TIMEOUT a request may take."""

Fault = Callable[[ReplicaSet], AbstractContextManager[None]]


@dataclass
class Cluster:
    """The whole of it. Nothing is cached by the servers: each answer was read from the database."""

    database: ReplicaSet
    url: str
    proxy: str
    ports: list[int]
    folder: Path

    def start_api(self, stack: ExitStack, port: int) -> Fork:
        settings = bare_environment(NEWSGRAPH_MONGO_URL=self.url, NEWSGRAPH_CACHE="off")
        log = self.folder / f"api-{port}.log"
        command = forked("serve", "--port", str(port), log=log, environment=settings)
        process = stack.enter_context(command)
        until(lambda: listens(port), SECONDS, "an API up")
        return process

    def load(self, folder: Path) -> CompletedProcess[str]:
        patience = {"NEWSGRAPH_MONGO_TIMEOUT": "30"}  # an election takes its time
        return run("load", folder, "--mongo-url", self.url, **patience)

    def ask(self, url: str = "") -> httpx.Response:
        return HTTP.post(f"{url or self.proxy}/graphql", json={"query": QUERY})

    def answers(self) -> bool:
        answer = self.ask()
        return answer.status_code == 200 and "errors" not in answer.json()


@pytest.fixture(scope="module")
def running_cluster(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Cluster, ExitStack]]:
    folder = tmp_path_factory.mktemp("cluster")
    with ExitStack() as stack:
        ports = [free_port(), free_port()]
        proxy = stack.enter_context(proxying(folder, ports))
        try:
            database = stack.enter_context(replica_set(stack.enter_context(data_folder())))
        except UsageError as error:
            pytest.skip(str(error))
        cluster = Cluster(database, database.url("cluster"), proxy, ports, folder)
        loaded = cluster.load(ROOT / "seeds")
        assert loaded.returncode == 1, loaded.stdout + loaded.stderr  # one seed is to be rejected
        for port in ports:
            cluster.start_api(stack, port)
        yield cluster, stack


@pytest.fixture
def cluster(running_cluster: tuple[Cluster, ExitStack]) -> Cluster:
    """The whole cluster: members that an earlier test ended are running again."""
    running, stack = running_cluster
    running.database.heal()
    for port in running.ports:
        if not listens(port):
            running.start_api(stack, port)
    until(running.answers, SECONDS, "answers from the whole cluster")
    return running


def test_the_proxy_passes_on_what_the_servers_answer(cluster: Cluster) -> None:
    direct = [cluster.ask(f"http://127.0.0.1:{port}") for port in cluster.ports]
    through = cluster.ask()
    assert {answer.text for answer in (*direct, through)} == {direct[0].text}
    assert through.json()["data"]["corpus"]["articleCount"] > 0
    assert through.headers["Content-Type"] == direct[0].headers["Content-Type"]


def test_a_get_and_an_error_pass_the_proxy_unchanged(cluster: Cluster) -> None:
    with httpx.Client(base_url=cluster.proxy, trust_env=False, verify=False) as client:
        accepted = {"Accept": "application/graphql-response+json"}
        good = client.get("/graphql", params={"query": QUERY})
        wrong = client.get("/graphql", params={"query": "{ nothing }"}, headers=accepted)
        refused = client.request("PUT", "/graphql")
    assert good.json()["data"]["articles"]["nodes"]
    assert (wrong.status_code, wrong.headers["Content-Type"].split(";")[0]) == (
        422,
        accepted["Accept"],
    )
    assert (refused.status_code, refused.headers["Allow"]) == (
        405,
        "GET, HEAD, OPTIONS, POST, QUERY",
    )


def test_the_request_id_of_the_client_is_sent_back_once(cluster: Cluster) -> None:
    headers = {"X-Request-ID": "from-the-client"}
    answer = HTTP.get(f"{cluster.proxy}/readyz", headers=headers)
    assert answer.status_code == 200
    assert answer.headers.get_list("X-Request-ID") == ["from-the-client"]


def test_metrics_are_not_public(cluster: Cluster) -> None:
    assert HTTP.get(f"{cluster.proxy}/metrics").status_code == 404


def test_no_request_is_lost_when_one_server_is_killed(
    cluster: Cluster, running_cluster: tuple[Cluster, ExitStack]
) -> None:
    port = free_port()
    doomed_folder = cluster.folder / "doomed"
    doomed_folder.mkdir()
    with ExitStack() as stack:
        doomed = cluster.start_api(stack, port)
        proxy = stack.enter_context(proxying(doomed_folder, [cluster.ports[0], port]))
        before = [cluster.ask(proxy) for _ in range(10)]
        doomed.kill()
        doomed.wait()
        after = [cluster.ask(proxy) for _ in range(30)]
    assert [answer.status_code for answer in before + after] == [200] * 40
    assert not any("errors" in answer.json() for answer in before + after)


def test_answers_resume_soon_after_the_primary_steps_down(cluster: Cluster) -> None:
    before = cluster.database.primary()
    cluster.database.step_down()
    until(cluster.answers, SECONDS, "answers after the step-down", PAUSE)
    until(
        lambda: cluster.database.primary() not in (None, before), SECONDS, "another primary", PAUSE
    )
    assert cluster.answers()


def test_answers_resume_soon_after_the_primary_is_killed(cluster: Cluster) -> None:
    primary = cluster.database.primary()
    assert primary is not None
    primary.kill()
    until(cluster.answers, SECONDS, "answers without the old primary", PAUSE)
    assert cluster.ask().json()["data"]["articles"]["nodes"]


def test_a_load_continues_with_two_of_three_members(cluster: Cluster, tmp_path: Path) -> None:
    primary = cluster.database.primary()
    assert primary is not None
    primary.kill()
    (tmp_path / "_news").mkdir()
    (tmp_path / "_news" / "with-two-of-three.md").write_text(
        "---\ntitle: Two of three\npublishedDateTime: 2031-01-01T00:00:00Z\n"
        "webUrl: https://gull.example/two\ntype: article\n"
        "provider: {name: The Gull, domain: gull.example}\n---\n"
    )
    loaded = cluster.load(tmp_path)
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    newest = cluster.ask().json()["data"]["articles"]["nodes"][0]
    assert newest["slug"] == "_news/with-two-of-three"


@contextmanager
def stepped_down(database: ReplicaSet) -> Iterator[None]:
    database.step_down()
    yield


@contextmanager
def paused(database: ReplicaSet) -> Iterator[None]:
    primary = database.primary()
    assert primary is not None
    primary.pause()
    try:
        yield
    finally:
        primary.go_on()


@pytest.mark.parametrize(
    ("driver", "fault", "year"),
    [("motor", stepped_down, 2032), ("pymongo", paused, 2033)],
    ids=["motor-step-down", "pymongo-pause"],
)
async def test_requests_end_in_time_and_streams_continue_after_a_failover(
    cluster: Cluster, driver: str, fault: Fault, year: int
) -> None:
    settings = Settings.model_validate({"mongo_url": cluster.url, "mongo_driver": driver})
    new = article(f"after-{driver}", publishedDateTime=datetime(year, 1, 1, tzinfo=UTC))
    app = create_app(settings)
    async with started(app), open_database(settings) as writer:
        live = EventStream.get(app, "{ articles(first: 1) { nodes { slug } } }")
        await live.next()
        changes = EventStream.get(app, "subscription { articleChanged { slug } }")
        await changes.until(b"retry:")
        with fault(cluster.database):
            times = await asyncio.gather(*(seconds_of_a_request(app, n) for n in range(10)))
            assert max(times) < settings.mongo_timeout + GRACE
            await retried(writer.ping)
            await retried(partial(store, writer, new))
            newest = await live.next()
            assert newest.data["data"]["articles"]["nodes"] == [{"slug": new["_id"]}]
            change = await changes.next()
            assert change.data["data"]["articleChanged"]["slug"] == new["_id"]
        await live.close()
        await changes.close()


async def seconds_of_a_request(app: Starlette, number: int) -> float:
    """The duration of a request that no cache answers, and that succeeded or got a clear error."""
    query = f"{{ a{number}: articles(first: {number + 1}) {{ nodes {{ title }} }} }}"
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        began = monotonic()
        answer = (await client.post("/graphql", json={"query": query})).json()
    codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
    assert codes <= {"DATABASE_UNAVAILABLE"}
    return monotonic() - began
