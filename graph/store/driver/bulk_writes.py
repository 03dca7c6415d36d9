"""Write many documents in unordered bulks, and find those that the database rejects."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from pymongo import InsertOne, ReplaceOne

from graph.store.driver.encoding import encoded
from graph.store.driver.read_commands import Row

WriteOperation: TypeAlias = InsertOne[Row] | ReplaceOne[Row]

_DUPLICATE_KEY: Final = 11000


class BulkRejected(Exception):
    """A bulk that the server rejected as a whole because of one document."""

    codes: Final = frozenset({2, 15, 22, 10334})
    """MongoDB's BadValue, Overflow, InvalidBSON and BSONObjectTooLarge, which concern one document.
    """

    def __init__(self, details: Mapping[str, Any]) -> None:
        super().__init__()
        self.details = details


class Write(NamedTuple):
    """A document, as BSON, to store under its `_id`; `new` if no such document is known."""

    id: str
    data: bytes
    new: bool


class WriteFailure(NamedTuple):
    """A document that the database rejected."""

    id: str
    reason: str


async def write_all(
    bulk_write: Callable[[Sequence[WriteOperation]], Awaitable[Sequence[Mapping[str, Any]]]],
    writes: Sequence[Write],
) -> list[WriteFailure]:
    """Replace or insert documents. Return those that the database rejected.

    `bulk_write` runs one bulk and returns its errors. If it raises BulkRejected, the bulk is
    bisected to find the document at fault. A document that another process inserted in the
    meantime is replaced.
    """
    failures: list[WriteFailure] = []
    bulks = [list(writes)] if writes else []
    while bulks:
        bulk = bulks.pop()
        try:
            errors = await bulk_write([_operation(write) for write in bulk])
        except BulkRejected as error:
            if len(bulk) == 1:
                failures.append(_failure(bulk[0], error.details))
            else:
                middle = len(bulk) // 2
                bulks += [bulk[middle:], bulk[:middle]]
            continue
        failures += [_failure(bulk[e["index"]], e) for e in errors if not _is_duplicate(e)]
        replaced = [bulk[e["index"]]._replace(new=False) for e in errors if _is_duplicate(e)]
        bulks += [replaced] if replaced else []
    return failures


def _operation(write: Write) -> WriteOperation:
    if write.new:
        return InsertOne(encoded(write.data))
    return ReplaceOne({"_id": write.id}, encoded(write.data), upsert=True)


def _is_duplicate(error: Mapping[str, Any]) -> bool:
    """Whether another process inserted a document with this `_id` at the same time."""
    return bool(error["code"] == _DUPLICATE_KEY and error.get("keyPattern") == {"_id": 1})


def _failure(write: Write, error: Mapping[str, Any]) -> WriteFailure:
    """Return the server's message about a document, shortened: it may quote the whole document."""
    message = str(error.get("errmsg") or "no reason given")
    reason = f"the database rejected it: {message[:200]} (code {error.get('code')})"
    return WriteFailure(write.id, reason)
