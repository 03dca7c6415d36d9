"""The server's log: records as text or JSON, with the request id."""

from __future__ import annotations

import json
import logging
import re
import warnings
from datetime import UTC, datetime
from typing import Any, Final

from graph.config import Settings
from graph.web.http.request.request_id import CURRENT

_SECRETS: Final = (
    (re.compile(r"(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]+"), r"\1[token]"),
    (re.compile(r"\bng_[A-Za-z0-9_-]{16,}"), "[token]"),
    (re.compile(r"\b([A-Za-z][A-Za-z0-9+.-]*://[^\s:/@]*:)[^\s@/]+@"), r"\1[password]@"),
    (re.compile(r"[A-Za-z0-9+/]{16,}={0,2};[A-Za-z0-9+/]{8,}={0,2}"), "[ciphertext]"),
)
"""Patterns of secrets, which are removed from every record."""


NEVER_AWAITED: Final = "coroutine .(GraphQLCoreConverter|Executor)[.].* was never awaited"
"""Python's warning about resolvers that graphql-core abandons after an error in another field.

They are left to the garbage collector. The warning is harmless, and operators cannot act on it.
"""


class TextFormatter(logging.Formatter):
    """Formats a record as text: time, level, logger, request id, message.

    Line breaks in a message are escaped; a traceback follows on lines of its own. If not `dated`,
    the handler has to add time and level.
    """

    def __init__(self, *, dated: bool = True) -> None:
        head = "%(asctime)s %(levelname)s " if dated else ""
        super().__init__(f"{head}%(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        return _time_of(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        message = f"{_request_id(record)} {record.message}".lstrip()
        record.message = message.replace("\r", "\\r").replace("\n", "\\n")
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class JsonFormatter(logging.Formatter):
    """Formats a record as a JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": _time_of(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
        }
        request_id = _request_id(record)
        if request_id:
            entry["request_id"] = request_id
        for name in ("operation", "outcome", "trace_id", "events"):
            if value := getattr(record, name, ""):
                entry[name] = value
        if record.exc_info:
            entry["exception"] = without_secrets(self.formatException(record.exc_info))
        if record.stack_info:
            entry["stack"] = without_secrets(self.formatStack(record.stack_info))
        return json.dumps(entry)


def formatter_of(settings: Settings) -> logging.Formatter:
    """Return the configured formatter."""
    if settings.log_format == "json":
        return JsonFormatter()
    return TextFormatter()


def log_to_stderr(settings: Settings) -> None:
    """Write all records to stderr, in the configured format.

    With the text format, existing handlers stay: the command line's own handler writes in colours.
    """
    root = logging.getLogger()
    if settings.log_format == "json" or not root.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(formatter_of(settings))
        root.handlers[:] = [handler]
        for name in ("uvicorn", "uvicorn.error"):
            logging.getLogger(name).handlers.clear()
            logging.getLogger(name).propagate = True
    root.setLevel(settings.log_level.upper())
    logging.getLogger("pymongo").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", NEVER_AWAITED, RuntimeWarning)


def without_secrets(text: str) -> str:
    """Replace tokens, passwords in URLs, and ciphertexts by placeholders."""
    for pattern, placeholder in _SECRETS:
        text = pattern.sub(placeholder, text)
    return text


def _time_of(record: logging.LogRecord) -> str:
    """Return the time of a record in ISO 8601 and UTC."""
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _request_id(record: logging.LogRecord) -> str:
    request_id: bytes = getattr(record, "request_id", None) or CURRENT.get() or b""
    return request_id.decode("ascii")
