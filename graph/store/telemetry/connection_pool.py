"""Count the driver's connections.

Connection pool events would make a small read 10 % slower. Instead the connections are counted on
demand, in PyMongo's pools. These are not part of its public API; `tests/test_internals.py` fails
when they move.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from graph.store.driver.calls.motor import delegate_of
from graph.store.driver.database import Database


class Connections(NamedTuple):
    """The connections in all pools of a client, without those that monitor the servers."""

    idle: int
    used: int


def connections_of(database: Database) -> Connections | None:
    """Return the connections of a database's client; None for a mock."""
    client: Any = database.client
    if client is None:
        return None
    blocking = delegate_of(client)
    client = client if blocking is None else blocking
    servers = list(client._topology._servers.values())  # other threads add and remove servers
    pools = [server.pool for server in servers]
    return Connections(
        idle=sum(len(pool.conns) for pool in pools),
        used=sum(pool.active_sockets for pool in pools),
    )
