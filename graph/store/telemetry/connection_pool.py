"""The driver's connections: how many are open, and how many of them are in use.

PyMongo tells a listener of each connection that a command takes and gives back, which makes a small
read a tenth dearer. So they are counted where PyMongo keeps them, when somebody wants to know. That
place is not its public API: `tests/test_internals.py` says when it moves.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from graph.store.driver.database import Database
from graph.store.driver.motor import covered_by


class Connections(NamedTuple):
    """The connections of all pools of a client, to however many servers.

    Those on which the driver watches the servers are not among them.
    """

    idle: int
    used: int


def connections_of(database: Database) -> Connections | None:
    """The connections of a database's client; None where the database is a mock."""
    client: Any = database.client
    if client is None:
        return None
    blocking = covered_by(client)
    client = client if blocking is None else blocking
    servers = list(client._topology._servers.values())  # other threads find and lose servers
    pools = [server.pool for server in servers]
    return Connections(
        idle=sum(len(pool.conns) for pool in pools),
        used=sum(pool.active_sockets for pool in pools),
    )
