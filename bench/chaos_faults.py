"""The faults of chaos.py, and the order in which a seed chooses them."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Iterator, Sequence
from time import sleep
from typing import Final

from chaos_cluster import Loader, Server
from chaos_crowd import Crowd
from chaos_leftovers import Held, check_shed, held
from chaos_site import Site

from tests.replicas import ReplicaSet

OTHERS: Final = 10
"""The largest number of streams of other clients that may begin meanwhile."""

OTHER_FILES: Final = 40
"""The same of open files, which include connections to the database: half of a crowd's."""

Fault = Callable[[random.Random], None]
"""Causes a fault, and returns when it is undone."""


def faults_of(
    site: Site, database: ReplicaSet | None, servers: Sequence[Server], loader: Loader
) -> dict[str, Fault]:
    """Return the faults by name. Without a replica set they are those of loads."""

    def step_down(_: random.Random) -> None:
        assert database is not None
        database.step_down()
        database.heal()

    def kill_member(chance: random.Random) -> None:
        assert database is not None
        chance.choice(database.members).kill()
        sleep(chance.uniform(1, 8))
        database.heal()

    def stop_member(chance: random.Random) -> None:
        assert database is not None
        process = chance.choice(database.members).process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        sleep(chance.uniform(1, 8))
        process.send_signal(signal.SIGCONT)
        database.heal()

    def kill_server(chance: random.Random) -> None:
        server = chance.choice(servers)
        server.kill()
        server.start()
        server.wait()

    def kill_worker(chance: random.Random) -> None:
        chance.choice([each for each in servers if each.workers > 1]).kill_worker()

    def kill_load(chance: random.Random) -> None:
        loader.kill(chance.uniform(0, 2.5))

    def kill_load_in_election(chance: random.Random) -> None:
        assert database is not None
        loader.kill(chance.uniform(0, 2.5), database.step_down)
        database.heal()

    def two_loads(_: random.Random) -> None:
        loader.load_twice()

    def kill_one_of_two(chance: random.Random) -> None:
        loader.load_twice()
        loader.kill(chance.uniform(0, 2.5))

    def kill_clients(chance: random.Random) -> None:
        server = chance.choice(servers)
        before = held(server)
        crowd = Crowd(server.port)
        sleep(chance.uniform(0, 2))
        crowd.kill()
        if before is not None:
            most = Held(before.streams + OTHERS, before.files + OTHER_FILES)
            check_shed(site, server, most)

    found: dict[str, Fault] = {
        "load killed": kill_load,
        "two loads at once": two_loads,
        "one of two loads killed": kill_one_of_two,
    }
    if database is not None:
        found |= {
            "load killed in an election": kill_load_in_election,
            "step-down": step_down,
            "member killed": kill_member,
            "member stopped": stop_member,
        }
        found |= {"server killed": kill_server, "worker killed": kill_worker}
        found["clients killed"] = kill_clients
    return found


def schedule(faults: Sequence[str], seed: int) -> Iterator[tuple[float, str]]:
    """Yield pauses in seconds and the fault after each: all of them once in every round."""
    chance = random.Random(seed)
    while True:
        for name in chance.sample(faults, len(faults)):
            yield chance.uniform(3, 9), name
