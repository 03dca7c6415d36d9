"""Every error that newsgraph raises on purpose.

    NewsgraphError                  INTERNAL_SERVER_ERROR
    ├── UsageError                  (exit code 2)
    │   └── SettingsError
    ├── BadUserInput                BAD_USER_INPUT
    ├── ResyncRequired              RESYNC_REQUIRED
    ├── TooComplex                  OPERATION_TOO_COMPLEX
    ├── Forbidden                   FORBIDDEN
    ├── Unsupported                 UNSUPPORTED
    ├── NotLive                     NOT_LIVE
    ├── StreamRequired              STREAM_REQUIRED
    ├── TooManyStreams              TOO_MANY_STREAMS
    ├── Overloaded                  OVERLOADED
    ├── SearchUnavailable           SEARCH_UNAVAILABLE
    ├── OperationTimeout            TIMEOUT
    └── DatabaseError
        ├── DatabaseUnavailable     DATABASE_UNAVAILABLE (exit code 3)
        └── DatabaseTimeout         TIMEOUT

An error carries data; `graph.web.graphql.error_format` alone decides what of it goes on the wire.
The message of an error of this tree is written for the person who caused it and may be shown to
them. That of a DatabaseError is for the operator; clients see its `public` text.
"""

from __future__ import annotations

from typing import Any, ClassVar


class NewsgraphError(Exception):
    """The root of the tree; `code` is what clients see as `extensions.code`."""

    code: ClassVar[str] = "INTERNAL_SERVER_ERROR"

    @property
    def details(self) -> dict[str, Any]:
        """The extensions of the GraphQL error besides `code`."""
        return {}


class UsageError(NewsgraphError):
    """A command was given something that it cannot work with."""


class SettingsError(UsageError):
    """A setting is wrong; the message names it and, unless that may be a secret, its value."""


class BadUserInput(NewsgraphError):
    """An argument of a GraphQL operation is out of its bounds.

    `bounds` holds the limits by name, such as `{"minimum": 1, "maximum": 100}`.
    """

    code = "BAD_USER_INPUT"

    def __init__(self, argument: str, message: str, **bounds: int | str) -> None:
        super().__init__(message)
        self.argument = argument
        self.bounds = bounds

    @property
    def details(self) -> dict[str, Any]:
        return {"argument": self.argument, **self.bounds}


class ResyncRequired(NewsgraphError):
    """The changes since a token are not known, because the corpus is not the one of the token."""

    code = "RESYNC_REQUIRED"

    def __init__(self, argument: str) -> None:
        super().__init__(
            f"{argument}: it belongs to another corpus or to a later state: the database was loaded"
            " anew or restored. Discard your copy, and read everything from `since: null`"
        )
        self.argument = argument

    @property
    def details(self) -> dict[str, Any]:
        return {"argument": self.argument}


class TooComplex(NewsgraphError):
    """An operation exceeds a limit; `limit` is its name."""

    code = "OPERATION_TOO_COMPLEX"

    def __init__(self, limit: str, value: int, maximum: int) -> None:
        super().__init__(
            f"{limit}: the operation has {value:,}, but the maximum is {maximum:,}: request less, "
            "or send several requests"
        )
        self.limit = limit
        self.value = value
        self.maximum = maximum

    @property
    def details(self) -> dict[str, Any]:
        return {"limit": self.limit, "value": self.value, "maximum": self.maximum}


class Forbidden(NewsgraphError):
    """A field or an argument needs a scope that the caller does not have."""

    code = "FORBIDDEN"

    def __init__(self, what: str, scope: str) -> None:
        super().__init__(f"{what}: needs a bearer token with the scope {scope}")
        self.scope = scope

    @property
    def details(self) -> dict[str, Any]:
        return {"scope": self.scope}


class Unsupported(NewsgraphError):
    """The database behind this server cannot do it; the message says what to use instead."""

    code = "UNSUPPORTED"


class NotLive(NewsgraphError):
    """An operation has no live results; the message says what to do instead."""

    code = "NOT_LIVE"


class StreamRequired(NewsgraphError):
    """A subscription was sent as if it had a single result."""

    code = "STREAM_REQUIRED"

    def __init__(self) -> None:
        super().__init__("a subscription has many results: send it with Accept: text/event-stream")


class TooManyStreams(NewsgraphError):
    """A client has as many open event streams, or operations on a connection, as it may."""

    code = "TOO_MANY_STREAMS"

    def __init__(self, most: int, of: str = "open event streams") -> None:
        super().__init__(f"this client has {most:,} {of}: close one of them first")


class Overloaded(NewsgraphError):
    """A server process runs as many operations, or serves as many event streams, as it may."""

    code = "OVERLOADED"

    def __init__(self, most: int, of: str = "operations") -> None:
        super().__init__(f"the server runs {most:,} {of} already: try again in a moment")


class SearchUnavailable(NewsgraphError):
    """There is no search index to search; the message says why, and names no path."""

    code = "SEARCH_UNAVAILABLE"


class OperationTimeout(NewsgraphError):
    """An operation exceeded its time limit."""

    code = "TIMEOUT"

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"the operation took longer than {seconds:g} s: request less, or send several requests"
        )


class DatabaseError(NewsgraphError):
    """The database failed.

    The message is for the operator: it may name hosts, files, and commands, but no password.
    `public` is what clients see instead.
    """

    public: ClassVar[str] = "the database failed: the log of the server says why"


class DatabaseUnavailable(DatabaseError):
    """No server could be reached."""

    code = "DATABASE_UNAVAILABLE"
    public = "the database cannot be reached: try again in a moment"


class DatabaseTimeout(DatabaseError):
    """The database ended a command at its time limit."""

    code = "TIMEOUT"
    public = "the database ended the command at its time limit: request less, or try again"
