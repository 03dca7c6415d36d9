"""Open the database that a URL names."""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import ConfigurationError, InvalidURI
from pymongo.uri_parser import parse_uri

from graph.config import Settings
from graph.errors import DatabaseUnavailable, SettingsError
from graph.store.driver.calls.driver_calls import DriverCalls
from graph.store.driver.calls.heartbeats import INTERVAL_SECONDS, Heartbeats
from graph.store.driver.database import Database, Listener
from graph.store.driver.encoding import DOCUMENTS
from graph.store.driver.mock import MockDatabase
from graph.store.embedded.server import embedded

DEFAULT_DATABASE = "newsgraph"
EMBEDDED = "embedded:"
MOCK = "mongomock://"

_SRV = "mongodb+srv://"
_RESERVED_NAMES = frozenset({"admin", "config", "local"})

WRITE_SECONDS = 20
"""How long a write waits for a majority of the replica set."""

_CONNECT_SECONDS = 5.0
"""The maximum time to connect to a server, however long operations wait for one."""

_END_SECONDS = 1.0
"""How long the client stays open for calls that nobody waits for any more."""


@asynccontextmanager
async def open_database(
    settings: Settings, *, listeners: Sequence[Listener] = (), patience: float | None = None
) -> AsyncIterator[Database]:
    """Open the database at `settings.mongo_url`, and close it when the context exits.

    A connection on which a command takes longer than `patience` seconds is closed. An unreachable
    server is not an error here; the first operation reports it. Raises SettingsError for an invalid
    URL, and what `started` raises.
    """
    async with started(settings) as reachable:
        url = reachable.mongo_url
        if url.startswith(MOCK):
            yield _mock(url)
        else:
            name = database_name(url)
            async with _connected(url, name, reachable, listeners, patience) as database:
                yield database


@asynccontextmanager
async def started(settings: Settings) -> AsyncIterator[Settings]:
    """Yield the settings with the URL of a running server: for `embedded:`, of a mongod that runs
    until the context exits.

    Raises SettingsError for an invalid URL. For `embedded:`, raises UsageError if there is no
    mongod or no data folder, and DatabaseUnavailable if it does not start.
    """
    name = database_name(settings.mongo_url)
    if not settings.mongo_url.startswith(EMBEDDED):
        yield settings
        return
    async with embedded(settings.data_dir) as server:
        url = server.replace("/?", f"/{name}?")
        yield settings.model_copy(update={"mongo_url": url})


@asynccontextmanager
async def _connected(
    url: str,
    name: str,
    settings: Settings,
    listeners: Sequence[Listener],
    patience: float | None,
) -> AsyncIterator[Database]:
    heartbeats = Heartbeats()
    options: dict[str, Any] = {
        "appname": "newsgraph",
        "w": "majority",
        "wTimeoutMS": WRITE_SECONDS * 1000,
        "serverSelectionTimeoutMS": int(settings.mongo_timeout * 1000),
        # Also how long the driver's monitors wait for a heartbeat before they drop connections.
        "connectTimeoutMS": int(min(settings.mongo_timeout, _CONNECT_SECONDS) * 1000),
        "heartbeatFrequencyMS": int(INTERVAL_SECONDS * 1000),
        "event_listeners": [*listeners, heartbeats],
    }
    if patience is not None:
        options["socketTimeoutMS"] = int(patience * 1000)
    client = _client_class(settings.mongo_driver)(url, **options)
    is_monitored = not client.options.load_balanced
    calls = DriverCalls(heartbeats, settings.mongo_timeout if is_monitored else None)
    try:
        handle = client.get_database(name, codec_options=DOCUMENTS)
        yield Database(handle, address=redacted(url), calls=calls)
    finally:
        await calls.end(_END_SECONDS)
        closed = client.close()
        if inspect.isawaitable(closed):  # PyMongo's close is a coroutine, Motor's is not
            await closed


def _client_class(driver: str) -> Any:
    if driver == "pymongo":
        return AsyncMongoClient
    from motor.motor_asyncio import AsyncIOMotorClient  # 16 ms, which only this driver needs

    return AsyncIOMotorClient


def _mock(url: str) -> Database:
    try:
        from mongomock_motor import AsyncMongoMockClient
    except ImportError:
        raise SettingsError(
            f"NEWSGRAPH_MONGO_URL={url}: install mongomock-motor to use it"
        ) from None
    return MockDatabase(AsyncMongoMockClient(tz_aware=True)[database_name(url)])


def database_name(url: str) -> str:
    """Return the name of the database in a URL; `newsgraph` by default.

    Raises SettingsError for an invalid URL, and DatabaseUnavailable if the servers of a
    mongodb+srv:// URL cannot be looked up.
    """
    for scheme in (EMBEDDED, MOCK):
        if url.startswith(scheme):
            return _require_unreserved(_name_after_scheme(url, scheme), url)
    return _require_unreserved(_name_in_url(url) or DEFAULT_DATABASE, url)


def _require_unreserved(name: str, url: str) -> str:
    """Return the name unless MongoDB reserves it."""
    if name in _RESERVED_NAMES:
        raise SettingsError(
            f"NEWSGRAPH_MONGO_URL={redacted(url)}: {name} is a database of MongoDB itself: choose "
            "another name"
        )
    return name


def _name_in_url(url: str) -> str | None:
    try:
        name: str | None = _parsed(url)["database"]
    except (InvalidURI, ConfigurationError, ValueError) as error:
        reason = str(error).split(",")[0] if "@" not in str(error) else "not a MongoDB URL"
        raise SettingsError(f"NEWSGRAPH_MONGO_URL={redacted(url)}: {reason}") from None
    return name


def _parsed(url: str) -> dict[str, Any]:
    """Parse a URL. Raises DatabaseUnavailable if its host cannot be looked up."""
    try:
        return parse_uri(url, validate=True, connect_timeout=2)
    except ConfigurationError as error:
        if isinstance(error, InvalidURI) or not url.startswith(_SRV):
            raise
        parse_uri(url.replace(_SRV, "mongodb://", 1), validate=True)  # raises if it is invalid
        raise DatabaseUnavailable(
            f"MongoDB at {redacted(url)} cannot be reached: {error}"
        ) from None


def _name_after_scheme(url: str, scheme: str) -> str:
    name = url.removeprefix(scheme).strip("/") or DEFAULT_DATABASE
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,63}", name):
        raise SettingsError(
            f"NEWSGRAPH_MONGO_URL={url}: the name of the database may have up to 63 letters, "
            "digits, - and _"
        )
    return name


def redacted(url: str) -> str:
    """Return the URL without user name, password and options, to show it.

    Everything before an @ is removed, even if the URL is malformed.
    """
    scheme, separator, remainder = url.partition("://")
    if not separator:
        scheme, remainder = "", url
    return f"{scheme}{separator}{remainder.rpartition('@')[2]}".split("?")[0]
