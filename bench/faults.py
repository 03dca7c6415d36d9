"""Faults of a replica set of three."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from contenders import BenchError
from stalling_proxy import StallingProxy

from tests.replicas import Member, ReplicaSet

End = Callable[[], None]
"""Ends a fault."""


@dataclass(frozen=True)
class Fault:
    """A fault that lasts for some seconds. `cause` returns what ends it."""

    name: str
    seconds: float
    cause: Callable[[ReplicaSet], End]


def faults_of(proxies: Mapping[int, StallingProxy], pause: float) -> list[Fault]:
    """Return the faults. `proxies` are those of the members, by port; `pause` is for how many
    seconds a primary is paused.
    """

    def stall(database: ReplicaSet) -> End:
        proxy = proxies[_primary_first(database)[0].port]
        proxy.stall()
        return proxy.go_on

    return [
        Fault("step-down", 5, _step_down),
        Fault("primary killed", 6, lambda database: _kill(database, 1)),
        Fault("primary paused", pause, lambda database: _pause(database, 1)),
        Fault("network to the primary stalls", 10, stall),
        Fault("two members killed", 10, lambda database: _kill(database, 2)),
        Fault("all three paused", 12, lambda database: _pause(database, 3)),
    ]


def _primary_first(database: ReplicaSet) -> list[Member]:
    primary = database.primary()
    if primary is None:
        raise BenchError("the replica set has no primary")
    return [primary, *(member for member in database.members if member is not primary)]


def _step_down(database: ReplicaSet) -> End:
    database.step_down()
    return lambda: None


def _kill(database: ReplicaSet, number: int) -> End:
    for member in _primary_first(database)[:number]:
        member.kill()
    return database.heal


def _pause(database: ReplicaSet, number: int) -> End:
    paused = _primary_first(database)[:number]
    for member in paused:
        member.pause()

    def go_on() -> None:
        for member in paused:
            member.go_on()

    return go_on
